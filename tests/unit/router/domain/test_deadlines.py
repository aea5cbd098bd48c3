"""Deadlines: what runs, from when until when, and what is reached of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.base import Nature
from contracts.partner import Delais, SortieBoite
from contracts.reference.codes import Dispositif
from contracts.reference.fuseaux import zone
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from ops.doubts.declared import FRAICHEURS
from router.domain import deadlines
from router.domain.books import AWAITED, TYPES
from router.domain.deadlines import SHARES, TERMES, Attendu, Deadline, running, running_of
from router.domain.partners import Registry
from router.domain.rulebooks import candidature, orientation, place
from router.domain.subjects import Candidature, Envoi, Orientation, Place, Subject
from router.settings import Settings
from tests.unit.router.domain.monde import BAILLEUR, CENTRE, REGISTRE, SIAO, ident

O, C = orientation.Etat, candidature.Etat  # noqa: E741  as in the table of messages
REFERRAL = Orientation(
    id=ident("orientation"),
    etat=O.PROPOSEE,
    version=1,
    emetteur=SIAO,
    destinataire=CENTRE,
    menage=ident("ménage"),
    dispositif=Dispositif.INSERTION,
)
CANDIDACY = Candidature(
    id=ident("candidature"),
    etat=C.PRESENTEE,
    version=1,
    emetteur=SIAO,
    destinataire=BAILLEUR,
    menage=ident("ménage"),
)
HELD = Place(id=ident("place"), etat=place.Etat.RESERVEE, version=2, gestionnaire=CENTRE)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2033, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  in UTC
territoires = st.sampled_from(("38", "67", "974", "973", "975"))


def at(territoire: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone(territoire))


def local(territoire: str, moment: datetime) -> str:
    return moment.astimezone(zone(territoire)).strftime("%Y-%m-%d %H:%M")


def referral(etat: orientation.Etat, start: datetime, **more: Any) -> Orientation:
    """A referral that was received, and came into its state, at a moment."""
    return replace(REFERRAL, etat=etat, etat_depuis=start, **{"remise_le": start, **more})


def candidacy(etat: candidature.Etat, start: datetime, **more: Any) -> Candidature:
    return replace(CANDIDACY, etat=etat, etat_depuis=start, **{"remise_le": start, **more})


def of(subject: Subject, echeance: Echeance, territoire: str = "38") -> Deadline:
    return running(subject, territoire)[echeance]


def awaited(start: datetime) -> list[Envoi]:
    """A referral and a candidacy in every state in which somebody is waited for."""
    referrals: list[Envoi] = [referral(etat, start) for etat in orientation.ATTENDUES]
    return [*referrals, *(candidacy(etat, start) for etat in candidature.ATTENDUES)]


@pytest.mark.parametrize("received", [True, False])
def test_whoever_is_waited_for_has_a_deadline_so_that_no_referral_ends_in_silence(received: bool) -> None:
    start = at("38", "2026-11-25 10:00")
    for subject in awaited(start):
        early = subject.etat in (O.PROPOSEE, C.PRESENTEE)
        known = subject if received or not early else replace(subject, remise_le=None)
        assert running(known, "38"), f"{known.etat}, reçue : {received}"


def test_a_referral_that_nobody_has_received_is_ours_to_deliver_and_no_silence_of_theirs() -> None:
    sent = referral(O.PROPOSEE, at("38", "2026-11-25 10:00"), remise_le=None)
    ours = running(sent, "38")
    assert ours.keys() == {Echeance.REMISE}
    assert ours[Echeance.REMISE].awaited is Attendu.HUB
    assert local("38", ours[Echeance.REMISE].due_at) == "2026-11-25 10:15"


def test_what_lies_in_a_mailbox_is_late_once_its_owner_has_not_kept_its_word() -> None:
    sent = referral(O.PROPOSEE, at("01", "2026-11-25 10:00"), remise_le=None)
    assert isinstance(REGISTRE.partners[CENTRE].sortie, SortieBoite)
    assert local("01", running_of(sent, REGISTRE)[Echeance.REMISE].due_at) == "2026-11-25 14:00"


def test_a_receipt_starts_what_the_partner_owes_and_ends_what_we_do() -> None:
    received = referral(O.PROPOSEE, at("38", "2026-11-25 10:00"), remise_le=at("38", "2026-11-25 18:00"))
    theirs = running(received, "38")
    assert {each: local("38", deadline.due_at) for each, deadline in theirs.items()} == {
        Echeance.ACCUSE: "2026-11-26 18:00",
        Echeance.DECISION: "2026-12-04 18:00",
    }


@pytest.mark.parametrize(
    ("subject", "echeance", "stages"),
    [
        (
            referral(O.ACCUSEE, at("38", "2026-11-23 08:00")),
            Echeance.DECISION,
            ["2026-11-26 20:00", "2026-11-30 22:24", "2026-12-02 08:00", "2026-12-07 08:00"],
        ),
        (
            referral(O.ACCUSEE, at("38", "2026-11-23 22:45"), dispositif=Dispositif.URGENCE),
            Echeance.DECISION,
            ["2026-11-23 23:00", "2026-11-23 23:09", "2026-11-23 23:15"],
        ),
        (
            candidacy(C.ATTRIBUEE, at("38", "2026-11-23 08:00"), reponse_le=date(2026, 12, 3)),
            Echeance.REPONSE_DU_MENAGE,
            ["2026-11-28 15:59", "2026-12-01 20:47", "2026-12-03 23:59", "2026-12-10 23:59"],
        ),
        (
            referral(O.ACCEPTEE, at("38", "2026-11-23 10:00"), presentation_le=date(2026, 11, 24)),
            Echeance.PRESENTATION,
            ["2026-11-24 03:00", "2026-11-24 13:12", "2026-11-24 20:00", "2026-11-26 20:00"],
        ),
        (
            referral(O.ADMISE, at("38", "2026-11-23 21:00"), presentation_le=date(2026, 11, 23)),
            Echeance.PRESENTATION,
            ["2026-11-24 08:30", "2026-11-24 15:24", "2026-11-24 20:00", "2026-11-26 20:00"],
        ),
    ],
    ids=["decision", "tonight", "offer", "arrival", "arrival-of-an-hour-ago"],
)
def test_a_deadline_has_its_stages_where_the_calendar_puts_them(
    subject: Subject, echeance: Echeance, stages: list[str]
) -> None:
    assert [local("38", stage.at) for stage in of(subject, echeance).stages] == stages


@pytest.mark.parametrize(
    ("territoire", "start", "due"),
    [
        ("38", "2026-04-02 10:00", "2026-04-14 10:00"),  # Easter Monday
        ("67", "2026-04-02 10:00", "2026-04-15 10:00"),  # Good Friday too
        ("974", "2027-12-16 10:00", "2027-12-28 10:00"),  # the abolition of slavery, on the 20th
        ("38", "2026-10-23 10:00", "2026-11-03 10:00"),  # an hour more on the 25th
        ("38", "2026-03-27 10:00", "2026-04-08 10:00"),  # an hour less on the 29th, and Easter
    ],
    ids=["isère", "strasbourg", "réunion", "october", "march"],
)
def test_seven_working_days_bridge_the_holidays_of_their_territory_and_a_clock_change(
    territoire: str, start: str, due: str
) -> None:
    decision = of(referral(O.ACCUSEE, at(territoire, start)), Echeance.DECISION, territoire)
    assert local(territoire, decision.due_at) == due


def test_what_a_partners_entry_says_stands_in_the_place_of_what_the_table_says() -> None:
    hurried = REGISTRE.partners[CENTRE].model_copy(update={"delais": Delais(decision="2 heures")})
    registry = Registry.of([*REGISTRE.partners.values(), hurried])
    waits = referral(O.ACCUSEE, at("01", "2026-11-23 10:00"))
    assert local("01", running_of(waits, registry)[Echeance.DECISION].due_at) == "2026-11-23 12:00"
    assert local("01", running_of(waits, REGISTRE)[Echeance.DECISION].due_at) == "2026-12-02 10:00"


def test_an_agreement_speaks_only_of_deadlines_that_the_table_has_and_no_law_sets() -> None:
    partners = (Attendu.DESTINATAIRE, Attendu.OPERATEUR, Attendu.REPRENEUR, Attendu.LECTEURS)
    theirs = {terme.convention for terme in TERMES if terme.attendu in partners and terme.duree}
    fresh = {each.convention for each in FRAICHEURS.values()}
    by_law = {""}
    assert theirs - by_law | fresh == set(Delais.model_fields), "`convention` nomme un champ de Delais"
    assert not theirs & fresh
    others = {terme.convention for terme in TERMES if terme.attendu not in partners}
    assert others == {"", "remise"}
    with pytest.raises(ValidationError, match="durée illisible"):
        Delais(decision="bientôt")


def test_a_promised_place_is_not_taken_back_by_the_clock() -> None:
    start = at("38", "2026-11-23 10:00")
    for etat in orientation.PROMISES:
        assert not {d.suite for d in running(referral(etat, start), "38").values()} & {
            SuiteEcheance.SANS_REPONSE
        }
    held = replace(HELD, etat_depuis=start, expire_le=start + timedelta(days=5))
    assert of(held, Echeance.RESERVATION).due_at == held.expire_le
    assert running(replace(held, expire_le=None), "38") == {}


def test_a_centres_silence_is_never_an_acceptance() -> None:
    silent = {terme.suite for terme in TERMES if terme.attendu is Attendu.DESTINATAIRE}
    unanswered = {SuiteEcheance.SANS_REPONSE, SuiteEcheance.SANS_ACCOMPAGNEMENT}
    assert silent == {None, *unanswered, SuiteEcheance.SANS_AVIS}


def test_every_word_of_the_table_is_one_of_its_subject() -> None:
    kinds = {kind.NATURE: kind for kind in TYPES}
    for terme in TERMES:
        kind = kinds[terme.nature]
        names = {terme.depuis, terme.jusqu_a, terme.le} - {None}
        assert names <= set(dir(kind)), terme
        assert kind.MACHINE, terme
        assert terme.etats <= set(kind.MACHINE.table.values()), terme
    waited = {etat for terme in TERMES for etat in terme.etats if terme.nature is not Nature.PLACE}
    assert {*map(str, orientation.ATTENDUES), *map(str, candidature.ATTENDUES)} <= waited
    assert waited & set(map(str, AWAITED))


@given(start=moments, territoire=territoires, note=st.integers(0, 9))
def test_a_deadline_depends_on_its_start_alone_and_its_stages_come_one_after_the_other(
    start: datetime, territoire: str, note: int
) -> None:
    for subject in awaited(start):
        found = running(subject, territoire)
        noted = replace(subject, version=subject.version + note, versions_seen={CENTRE: note})
        assert running(noted, territoire) == found, "un reçu ou une note ne change rien"
        for deadline in found.values():
            moments = [stage.at for stage in deadline.stages]
            assert start < moments[0], "aucune étape avant le début"
            assert moments == sorted(moments)
            assert deadline.due_at in moments


@given(start=moments, done=st.integers(0, 4), hours=st.integers(0, 1000))
def test_each_stage_is_reached_once_in_order_and_none_early(start: datetime, done: int, hours: int) -> None:
    now = start + timedelta(hours=hours)
    for subject in awaited(start):
        for deadline in running(subject, "38").values():
            reached = deadline.reached(done, now)
            due = [n for n, stage in enumerate(deadline.stages) if n >= done and stage.at <= now]
            assert (reached is None) == (not due)
            assert reached is None or reached in due
            left_out = deadline.stages[done:reached] if reached is not None else ()
            assert all(stage.etape in SHARES for stage in left_out), "seul un rappel est laissé de côté"


def test_after_a_long_outage_nobody_is_reminded_of_what_is_over() -> None:
    decision = of(referral(O.ACCUSEE, at("38", "2026-11-23 08:00")), Echeance.DECISION)
    later = decision.stages[-1].at
    order, done = [], 0
    while (number := decision.reached(done, later)) is not None:
        order.append(decision.stages[number].etape)
        done = number + 1
    assert order == [Etape.ECHUE, Etape.DEPASSEE]


def test_what_an_event_changes_of_deadlines_is_the_difference_between_before_and_after() -> None:
    start, later = at("38", "2026-11-23 08:00"), at("38", "2026-11-24 08:00")
    proposed = running(referral(O.PROPOSEE, start), "38")
    accepted = running(referral(O.ACCEPTEE, later, remise_le=start), "38")
    started = {Echeance.PRESENTATION: accepted[Echeance.PRESENTATION]}
    stopped = {Echeance.ACCUSE: None, Echeance.DECISION: None}
    assert deadlines.moved(proposed, accepted) == {**stopped, **started}
    assert deadlines.moved(accepted, accepted) == {}


@given(moments, territoires)
def test_a_place_is_held_for_longer_than_its_centre_may_take_to_answer(
    start: datetime, territoire: str
) -> None:
    decision = running(referral(O.PROPOSEE, start), territoire)[Echeance.DECISION]
    a_day_to_be_delivered = timedelta(days=1)
    assert start + timedelta(hours=Settings().reservation_h) > decision.stages[-1].at + a_day_to_be_delivered
