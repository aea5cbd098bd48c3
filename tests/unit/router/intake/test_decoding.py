"""Reading a message: what is read at once, what is read by chunks, and what is told of it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from adapters.registry import ADAPTERS
from adapters.tabulaire.archive import MAGIC
from contracts.errors import InvalidNative
from contracts.frozen import replace
from contracts.ports import Decoded, Ligne, Native, Rejet
from router.intake import decoding
from router.intake.decoding import (
    INLINE_BYTES,
    INLINE_ROWS,
    DecodedMessage,
    Incoming,
    read,
    read_from,
    read_on,
    read_small,
)
from router.intake.draft import ILLISIBLE, LISTED_REJECTIONS, OUR_BUG, Replayed, listed
from router.intake.drafting import Drafting
from router.privacy.hmac_keys import HmacKeys
from router.privacy.keyring import Keyring
from router.settings import IntakeSettings
from tests.golden.cas import ICI, partenaire
from tests.integration.messages import referral
from tests.rows import each_row
from tests.unit.adapters.partenaires import ABRI, SIAO, STRUCTURE

VACANCY = {"type": "place.vacante", "structure": STRUCTURE, "commune": "01004", "dispositif": "URGENCE"}
IDENT = UUID(int=1)


def message(rows: int, dialect: str = "hebergement_json", **more: object) -> Incoming:
    body = json.dumps([{**VACANCY, "place": f"A-{n}", **more} for n in range(rows)]).encode()
    return Incoming(Native(body, "application/json"), ABRI, dialect)


class Invented:
    """A dialect whose rows are made as they are read."""

    def __init__(self, rows: Iterator[Ligne]) -> None:
        self.rows = rows
        self.taken = 0

    def decode(self, *_: object) -> Decoded:
        return Decoded(self._counted())

    def _counted(self) -> Iterator[Ligne]:
        for row in self.rows:
            self.taken += 1
            yield row


def spoken(monkeypatch: pytest.MonkeyPatch, rows: Iterator[Ligne]) -> Invented:
    dialect = Invented(rows)
    declared = ADAPTERS["hebergement_json"].DECLARATION
    told = SimpleNamespace(decode=dialect.decode, DECLARATION=declared)
    monkeypatch.setitem(cast(Any, ADAPTERS), "hebergement_json", told)
    return dialect


@each_row("separator", [" ", "\u00a0", "\u202f", r"\u00a0", r"\u202F", "&#160;", "&#x202f;", "&nbsp;"])
def test_a_nir_is_seen_in_what_cannot_be_read_however_its_parts_are_separated(separator):
    nir = "2 69 05 49 588 157 80".replace(" ", separator)
    body = f'{{"nom": "Zoé", "commentaire": "{nir}" mal formé'.encode()
    told = read(Incoming(Native(body, "application/json"), ABRI, "hebergement_json"), None)
    assert [rejet.code for rejet in told.rejets] == ["illisible", "nir_interdit"]


NIR = "1 85 05 78 006 084 91"
DOCUMENTS = {
    "bailleur_xml": '{}<suites xmlns="urn:siao-hub:bailleur:1" versionInterface="01.00">{}<inconnu/></suites>{}',
    "spip_xml": '{}<evenements xmlns="urn:siao-hub:spip:1" versionInterface="01.00">{}<evenement/></evenements>{}',
    "sne_xml": "{}<interfaceNuu>{}</interfaceNuu>{}",
}
"""Documents that their dialects refuse, with places for a comment."""


@pytest.mark.parametrize("dialect", DOCUMENTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("aside", [f"<!-- dossier {NIR} -->", f"<?suivi {NIR}?>"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_nir_in_a_comment_or_an_instruction_refuses_a_message_whole(
    dialect: str, encoding: str, aside: str, place: int
) -> None:
    body = DOCUMENTS[dialect].format(*(aside if n == place else "" for n in range(3)))
    told = read(Incoming(Native(body.encode(encoding), "text/xml"), partenaire(dialect, {}), dialect), None)
    assert [(rejet.code, rejet.ligne) for rejet in told.rejets] == [
        ("illisible", None),
        ("nir_interdit", None),
    ]


def test_a_nir_in_the_name_of_a_file_refuses_the_message_whole_for_the_name_is_kept_with_it() -> None:
    sent = message(2)
    named = sent._replace(native=replace(sent.native, filename=f"{NIR.replace(' ', '')}.json"))
    told = read(named, None)
    assert [(rejet.code, rejet.ligne) for rejet in told.rejets] == [("nir_interdit", None)]
    assert "nom du fichier" in told.rejets[0].message
    assert (told.contrats, read(sent, None).rejets) == ([], [])


def test_a_small_message_is_read_at_once():
    reading = read_small(message(INLINE_ROWS))
    assert reading is not None
    assert (reading.rows, reading.accepted, len(reading.contrats)) == (INLINE_ROWS, INLINE_ROWS, INLINE_ROWS)


def test_a_message_of_many_rows_or_many_bytes_is_not_read_at_once():
    assert read_small(message(INLINE_ROWS + 1)) is None
    assert read_small(message(1, commentaire="x" * INLINE_BYTES)) is None


def test_a_workbook_is_not_read_at_once_however_small():
    assert read_small(message(1)._replace(native=Native(MAGIC, "application/zip"))) is None


def test_of_a_message_with_too_many_rows_no_more_is_read_than_tells_so(monkeypatch: pytest.MonkeyPatch):
    endless = spoken(monkeypatch, (Ligne(n) for n in range(10**9)))
    assert read(message(1), 10).rows == 11
    assert endless.taken == 11


def test_a_large_message_brings_no_rows_for_it_is_read_again():
    reading = read(message(12, capacite=-1), 10)
    assert (reading.contrats, reading.rejets) == ([], [])


def test_a_trial_keeps_no_contract_and_no_more_rejections_than_are_told(monkeypatch: pytest.MonkeyPatch):
    (good,) = read(message(1), None).contrats
    wrong = (Rejet("x", "x", 1), Rejet("y", "y", 1))
    rows = 5 * LISTED_REJECTIONS
    spoken(monkeypatch, (Ligne(n, good[1]) if n % 2 else Ligne(n, rejets=wrong) for n in range(rows)))
    reading = read(message(1), None, dry_run=True)
    assert (reading.rows, reading.accepted, reading.contrats) == (rows, rows // 2, [])
    assert len(reading.rejets) == LISTED_REJECTIONS


def test_a_trial_that_takes_too_long_stops_and_says_how_many_rows_it_looked_at(
    monkeypatch: pytest.MonkeyPatch,
):
    endless = spoken(monkeypatch, (Ligne(n) for n in range(10**9)))
    monkeypatch.setattr(decoding, "TRIED_SECONDS", -1.0)
    reading = read(message(1), None, dry_run=True)
    assert reading.arret is not None
    assert "regardé les 1000 premières lignes" in reading.arret.message
    assert (reading.rows, endless.taken) == (1000, 1001)


def test_what_is_taken_in_is_never_cut_short(monkeypatch: pytest.MonkeyPatch):
    spoken(monkeypatch, (Ligne(n) for n in range(5000)))
    monkeypatch.setattr(decoding, "TRIED_SECONDS", -1.0)
    reading = read(message(1), None)
    assert (reading.rows, reading.arret) == (5000, None)


@pytest.mark.parametrize("accepted", [0, 7])
async def test_whoever_tries_a_file_is_told_first_how_far_it_was_looked_at(accepted: int):
    stopped, wrong = Rejet("essai_interrompu", "arrêté"), Rejet("x", "x", 1)
    reading = DecodedMessage(dry_run=True, rows=9, accepted=accepted, rejets=[wrong], arret=stopped)
    keyring = cast(Keyring, SimpleNamespace(hmacs=HmacKeys.of([b"h" * 32])))
    replayed = Replayed(b"cle", False)
    drafting = Drafting(keyring, IntakeSettings())
    draft = await drafting.draft(message(1), reading, None, replayed, None, picked_up=False)
    told = (draft.rejets, draft.avertissements) if accepted else (draft.avertissements, draft.rejets)
    assert tuple(map(tuple, told)) == (((wrong,), (stopped,)) if accepted else ((), (stopped, wrong)))


def test_what_a_long_profile_describes_is_not_read_at_once():
    assert read_small(message(1)) is not None
    partner = ABRI.model_copy(update={"profil_externe": "#" * (INLINE_BYTES + 1)})
    assert read_small(message(1)._replace(partner=partner)) is None


def test_beyond_the_rejections_that_are_told_a_row_keeps_its_first(monkeypatch: pytest.MonkeyPatch):
    wrong = tuple(Rejet("x", "x", 1, str(n)) for n in range(50))
    spoken(monkeypatch, (Ligne(n, rejets=wrong) for n in range(1000)))
    reading = read(message(1), 1000)
    assert LISTED_REJECTIONS <= len(reading.rejets) <= LISTED_REJECTIONS + 1000


def test_a_message_with_a_referral_needs_a_key_unless_each_referral_has_an_id():
    def needs_key(*rows: dict[str, object]) -> bool:
        native = Native(json.dumps(rows).encode(), "application/json")
        return read(Incoming(native, SIAO, "si_siao_json"), None).needs_key

    known = referral("8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e")
    nameless = {name: value for name, value in known.items() if name != "idMessage"}
    assert not needs_key(known)
    assert needs_key(nameless)
    assert needs_key(nameless, known)
    assert not read(message(1), None).needs_key


@each_row(
    ("dialect", "file"),
    [
        *(("siao_tableau", name) for name in ("orientations", "candidatures", "liste_du_cil")),
        ("etat_tableau", "daho"),
    ],
)
def test_a_table_needs_no_key_where_each_row_that_opens_something_has_its_number(dialect: str, file: str):
    body = (ICI / dialect / f"{file}.csv").read_bytes()
    reading = read(Incoming(Native(body, "text/csv"), partenaire(dialect, {}), dialect), None)
    assert reading.cles
    assert not reading.needs_key


def test_what_cannot_be_read_is_told_and_our_own_fault_is_ours(monkeypatch: pytest.MonkeyPatch):
    unreadable = read(message(1)._replace(native=Native(b"{", "application/json")), None)
    assert [rejet.code for rejet in unreadable.rejets] == [ILLISIBLE]
    assert unreadable.bug is None
    monkeypatch.setitem(cast(Any, ADAPTERS), "hebergement_json", SimpleNamespace())
    broken = read(message(1), None)
    assert broken.rejets == [OUR_BUG]
    assert broken.bug is not None


def test_chunks_follow_each_other_and_the_last_one_is_short():
    whole = message(5)
    first = read_from(IDENT, 0, 2, whole)
    assert [ligne.numero for ligne in first.rows] == [1, 2]
    second, third = read_on(IDENT, 2, 2), read_on(IDENT, 4, 2)
    assert second is not None
    assert third is not None
    assert [ligne.numero for ligne in (*second.rows, *third.rows)] == [3, 4, 5]
    assert read_on(IDENT, 5, 2) is None, "fini"


def test_only_the_message_that_is_open_goes_on_and_only_where_it_stands():
    read_from(IDENT, 0, 2, message(5))
    assert read_on(UUID(int=2), 2, 2) is None
    assert read_on(IDENT, 1, 2) is None


def test_another_process_passes_over_the_rows_that_are_done():
    assert [ligne.numero for ligne in read_from(IDENT, 3, 9, message(5)).rows] == [4, 5]


def test_a_message_that_breaks_off_says_why_once(monkeypatch: pytest.MonkeyPatch):
    def rows() -> Iterator[Ligne]:
        yield from (Ligne(1), Ligne(2))
        raise InvalidNative("coupé")

    spoken(monkeypatch, rows())
    assert read_from(IDENT, 0, 2, message(1)).broken is None
    broken = read_on(IDENT, 2, 2)
    assert broken is not None
    assert broken.broken == Rejet(ILLISIBLE, "coupé")
    assert read_on(IDENT, 2, 2) is None


def test_a_body_of_another_format_says_which_header_sends_it_to_its_dialect() -> None:
    partner = ABRI.model_copy(update={"dialectes": ("hebergement_json", "hebergement_csv")})
    body = b"id_place;etat\nA-1;LIBRE\n"
    (rejet,) = read(Incoming(Native(body, "text/csv"), partner, "hebergement_json"), None).rejets
    assert "du CSV" in rejet.message
    assert "« SIAO-Dialecte: hebergement_csv »" in rejet.message


def test_a_body_of_a_format_that_the_partner_does_not_speak_says_which_one_to_send() -> None:
    partner = ABRI.model_copy(update={"dialectes": ("hebergement_json",)})
    (rejet,) = read(Incoming(Native(b"<a/>", ""), partner, "hebergement_json"), None).rejets
    assert "du XML" in rejet.message
    assert "lit : json" in rejet.message
    assert "équipe du hub" in rejet.message


@pytest.mark.parametrize("dry_run", [False, True])
def test_every_rejected_row_is_named_though_some_have_many_rejections(dry_run: bool):
    reading = DecodedMessage(dry_run)
    rows = LISTED_REJECTIONS // 2
    for number in range(1, rows + 1):
        reading.add(Ligne(number, rejets=tuple(Rejet(f"faute-{n}", "", number) for n in range(3))))
    named = listed(reading.rejets)
    assert len(named) == LISTED_REJECTIONS
    assert {rejet.ligne for rejet in named} == set(range(1, rows + 1))
    assert [rejet.ligne for rejet in named] == sorted(rejet.ligne or 0 for rejet in named)


def test_more_warnings_of_a_whole_file_than_are_listed_leave_no_room_for_those_of_a_row():
    warning = Rejet("valeur_reparee", "réparée", 1)
    reading = DecodedMessage(avertissements=[warning] * (LISTED_REJECTIONS + 1))
    reading.add(Ligne(2, avertissements=(warning, warning)))
    assert len(reading.avertissements) == LISTED_REJECTIONS + 1


@each_row(
    ("birth", "composition", "accepted"),
    [("01/03/2008", "", True), ("02/03/2008", "", False), ("02/03/2008", "Homme seul", True)],
)
def test_the_sex_of_a_minor_says_nothing_of_the_adult_from_whom_a_composition_would_follow(
    birth: str, composition: str, accepted: bool
) -> None:
    header = "N° de demande;Composition;Adultes;Enfants;Sexe;Date de naissance;Dispositif"
    body = f"{header}\n12;{composition};1;0;M;{birth};Urgence\n".encode()
    native = Native(body, "text/csv", "suivi.csv", recu_le=datetime(2026, 3, 1, 12, tzinfo=UTC))
    sender = partenaire("prescripteur_tableau", {})
    result = read(Incoming(native, sender, "prescripteur_tableau"), None)
    assert result.accepted == accepted
    assert [each.champ for each in result.rejets] == ([] if accepted else ["Date de naissance"])
