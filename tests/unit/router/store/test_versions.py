"""The versions of the database follow each other in one line: two of one number would stop every hub that starts."""

import re
from pathlib import Path

import router.store.migrations

VERSIONS = sorted(Path(router.store.migrations.__path__[0], "versions").glob("[0-9]*.py"))
SAID = re.compile(r'^(?:down_)?revision = (?:"(\d+)"|None)$', re.M)


def test_each_version_has_a_number_of_its_own_and_names_the_one_before_it() -> None:
    before = ""
    for version in VERSIONS:
        number = version.name.partition("_")[0]
        assert SAID.findall(version.read_text("utf-8")) == [number, before], version.name
        before = number
