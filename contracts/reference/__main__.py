"""Rewrite the tables of arrondissements and intercommunalités, or of postcodes, from an unpacked npm package.

Run `python -m contracts.reference FOLDER`. If FOLDER has `codes-postaux.json`, the table of postcodes is
written. Else FOLDER must have `arrondissements.json`, `communes.json`, `epci.json` and `ept.json`, and the
other two tables are written.
"""

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from contracts.reference.territoires import communes

Row = tuple[str, ...]
DIVISION = ("code", "nom", "communes")


def main(folder: Path) -> None:
    """Write tables of the reference data, as CSV files in the package `contracts.reference`, from the
    official JSON files in `folder`. If `folder` has `codes-postaux.json`, write the table of postcodes. Else
    write the tables of arrondissements and intercommunalités."""
    if (folder / "codes-postaux.json").exists():
        _write("codes_postaux.csv", ("departement", "codes"), _postcodes(folder))
        return
    _write("decoupage_arrondissements.csv", DIVISION, _arrondissements(folder))
    _write("decoupage_intercommunalites.csv", DIVISION, _intercommunalites(folder))


def _postcodes(folder: Path) -> Iterator[Row]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for each in _json(folder, "codes-postaux"):
        number = each["codePostal"]
        if number in communes() and each["codeCommune"] != number:
            found[communes()[number]].add(number)
    for departement, codes in found.items():
        yield departement, " ".join(sorted(codes))


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


def _write(name: str, header: Row, rows: Iterable[Row]) -> None:
    with Path(str(files("contracts.reference") / "data" / name)).open("w", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
