"""A file tried against a profile: what is recognised, what would be read, and no word of anybody."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.registry import ADAPTERS
from contracts.base import Nature
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Ligne, Native
from router.intake.decoding import Incoming
from router.intake.profiling import PREVIEWED_AMONG, drafted, tried

TABLE = Path("tests/golden/hebergement_csv/gestion_places.csv")
CENTRE = Partner(
    id="centre", nom="Centre", famille=Famille.HEBERGEMENT, territoire="01", dialectes=("hebergement_csv",),
    profil="hebergement_gestion",
)  # fmt: skip


def message(body: bytes, partner: Partner = CENTRE, dialect: str = "hebergement_csv") -> Incoming:
    return Incoming(Native(body, "text/csv", "places.csv"), partner, dialect)


def test_the_draft_for_a_file_reads_that_file_whoever_owns_the_places_in_it():
    proposed = drafted(TABLE.read_bytes())
    assert proposed.toml is not None
    entry = CENTRE.model_copy(update={"profil": None, "profil_externe": proposed.toml})
    essai = tried(message(TABLE.read_bytes(), entry))
    (constat,) = essai.constats
    assert not constat.absentes
    assert [each.ligne for each in essai.apercus] == [2, 3, 4, 5, 6]
    assert {each.nature for each in essai.apercus} == {Nature.PLACE}


def test_what_is_personal_in_a_row_is_named_and_not_shown():
    body = Path("tests/golden/si_siao_json/orientation_proposee.json").read_bytes()
    speaker = CENTRE.model_copy(update={"dialectes": ("si_siao_json",), "profil": None})
    first, *_ = tried(message(body, speaker, "si_siao_json")).apercus
    assert {"menage.personnes", "menage.telephone"} <= set(first.tait)
    assert "menage.telephone" not in first.dit
    assert "nom" not in str(first.dit["menage.personnes"])


def test_the_people_of_a_file_s_sender_see_whom_it_names():
    body = Path("tests/golden/si_siao_json/orientation_proposee.json").read_bytes()
    speaker = CENTRE.model_copy(update={"dialectes": ("si_siao_json",), "profil": None})
    incoming = message(body, speaker, "si_siao_json")
    first, *_ = tried(incoming, own=True).apercus
    assert first.menage is not None
    assert any(each.nom for each in first.menage.personnes)
    assert tried(incoming).apercus[0].menage is None, "l'équipe du hub n'en lit rien"


def test_a_row_that_cannot_be_sent_is_not_shown_as_understood():
    essai = tried(message(TABLE.read_bytes()), own=True, refused={3, 5})
    assert [each.ligne for each in essai.apercus] == [2, 4, 6, 7, 8]


def test_what_is_no_table_has_no_draft_and_says_why():
    proposed = drafted(b"")
    assert proposed.toml is None
    assert proposed.why_not
    assert tried(message(b"")).apercus == ()


def test_rows_to_show_are_looked_for_near_the_top_alone(monkeypatch: pytest.MonkeyPatch):
    taken = 0

    def rows(*_: object) -> Decoded:
        def endless() -> Iterator[Ligne]:
            nonlocal taken
            for taken in range(1, 10**9):
                yield Ligne(taken)

        return Decoded(endless())

    monkeypatch.setitem(cast(Any, ADAPTERS), "hebergement_json", SimpleNamespace(decode=rows))
    assert tried(message(b"[]", dialect="hebergement_json")).apercus == []
    assert taken == PREVIEWED_AMONG
