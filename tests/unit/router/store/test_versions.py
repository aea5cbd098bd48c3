"""The versions of the database follow each other in one line: two of one number would stop every hub that starts."""

import re
from pathlib import Path

import router.store.migrations
from contracts.v1 import CONTRATS

FOLDER = Path(router.store.migrations.__path__[0], "versions")
VERSIONS = sorted(FOLDER.glob("[0-9]*.py"))
SAID = re.compile(r'^(?:down_)?revision = (?:"(\d+)"|None)$', re.M)
TYPE = re.compile(r"fr\.siao\.[a-z0-9.-]+\.v[0-9]+")


def test_each_version_has_a_number_of_its_own_and_names_the_one_before_it() -> None:
    before = ""
    for version in VERSIONS:
        number = version.name.partition("_")[0]
        assert SAID.findall(version.read_text("utf-8")) == [number, before], version.name
        before = number


def test_each_type_of_message_that_a_version_looks_for_exists() -> None:
    named = {each for version in FOLDER.glob("[0-9]*.*") for each in TYPE.findall(version.read_text("utf-8"))}
    assert named, "le test voit ce que les versions cherchent"
    assert named - CONTRATS.keys() == set()
