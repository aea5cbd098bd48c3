"""Rewrite the tables of arrondissements and intercommunalités from an unpacked npm package.

`python -m contracts.reference FOLDER`: the folder holds `arrondissements.json`, `communes.json`, `epci.json` and
`ept.json`.
"""

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

Row = tuple[str, str, str]


def main(folder: Path) -> None:
    """Write two CSV tables with the communes of each division: of each arrondissement, and of each EPCI
    (intercommunalité). The data comes from JSON files in `folder`."""
    _write("decoupage_arrondissements.csv", _arrondissements(folder))
    _write("decoupage_intercommunalites.csv", _intercommunalites(folder))


def _arrondissements(folder: Path) -> Iterator[Row]:
    members: defaultdict[str, list[str]] = defaultdict(list)
    for commune in _json(folder, "communes"):
        if commune["type"] == "commune-actuelle" and "arrondissement" in commune:
            members[commune["arrondissement"]].append(commune["code"])
    for each in _json(folder, "arrondissements"):
        yield each["code"], each["nom"], " ".join(sorted(members[each["code"]]))


def _intercommunalites(folder: Path) -> Iterator[Row]:
    for each in (*_json(folder, "epci"), *_json(folder, "ept")):
        yield each["code"], each["nom"], " ".join(sorted(member["code"] for member in each["membres"]))


def _json(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return found


def _write(name: str, rows: Iterable[Row]) -> None:
    with Path(str(files("contracts.reference") / "data" / name)).open("w", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(("code", "nom", "communes"))
        writer.writerows(sorted(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
