"""`python -m tests.golden`: write the expected files of the golden cases, and the generated examples and tables of
the documentation.

Read the difference before you commit it: an expected file is a promise to a partner.
"""

import json
import sys
from pathlib import Path

from tests.golden import cas, documentation, exploitation


def main() -> int:
    """Write every generated file whose content differs, and print its name."""
    for case in cas.a_decoder():
        result = cas.decode(case, cas.expected(case).get("partenaire", {}))
        _write(case.attendu, (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
    for case in cas.a_encoder():
        _write(case.attendu, cas.whole(cas.encode(case)))
    for page in documentation.pages():
        _write(page, documentation.regenerated(page).encode())
    _write(exploitation.CONDITIONS, exploitation.conditions().encode())
    return 0


def _write(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
        sys.stdout.write(f"{path.relative_to(cas.ICI.parents[1])}\n")


if __name__ == "__main__":
    sys.exit(main())
