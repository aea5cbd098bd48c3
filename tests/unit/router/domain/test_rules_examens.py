"""A body in which the SIAO sits examines a household: agenda in, opinion out (duty C7)."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.attribution import Canal, CandidaturePresentee
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.examen import ExamenAvis, ExamenInscrit, Instance
from contracts.v1.pret_logement import PretLogementDeclare
from router.domain.books import message_at
from router.domain.deadlines import running_of
from router.domain.partners import Registry
from router.domain.subjects import Envoi
from tests.unit.router.domain.monde import (
    AUTRE,
    BAILLEUR,
    JOUR,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
)
from tests.unit.router.domain.test_rules_actes import ETAT, monde, motif

__all__ = ["monde"]  # the fixture
EXAMEN, CANDIDATURE = ident("examen"), ident("candidature")
CONTINGENT = "ddets-contingent"
SEANCE = JOUR + timedelta(days=10)


def entered() -> ExamenInscrit:
    household = menage("of the body")
    return ExamenInscrit(examen=EXAMEN, menage=household, instance=Instance.PDALHPD, seance_le=SEANCE)


def opinion(**more: Any) -> ExamenAvis:
    return ExamenAvis(**{"examen": EXAMEN, "favorable": True, "avis_le": JOUR, **more})


@pytest.fixture
def agenda(monde: Monde) -> Monde:
    """The State has put a household on an agenda; landlord and list readers hear of opinions."""
    readers = (
        partner(CONTINGENT, Famille.CONTINGENT, dialecte_sortant="contingent_json"),
        partner(BAILLEUR, Famille.BAILLEUR, structures=(SIRET,), dialecte_sortant="bailleur_xml"),
    )
    monde.avec(*readers)
    monde.dit(ETAT, entered())
    return monde


def test_the_siao_gets_the_agenda_and_nobody_else(monde: Monde) -> None:
    assert monde.dit(ETAT, entered()).recipients == (SIAO,)
    assert monde.etat(EXAMEN) == "A_EXAMINER"


def test_without_a_siao_an_agenda_waits_for_the_registry(monde: Monde) -> None:
    monde.registry = Registry({n: p for n, p in monde.registry.partners.items() if n != SIAO})
    with pytest.raises(Unroutable, match="aucun SIAO"):
        monde.dit(ETAT, entered())


DECLARED = PretLogementDeclare(menage=menage(), departement="01", evaluee_le=JOUR)
PRESENTED = CandidaturePresentee(
    candidature=CANDIDATURE, menage=menage(), bailleur=SIRET, canal=Canal.ACCORD_COLLECTIF
)
OF_THE_SIAO = {"menage": menage().id, "candidature": CANDIDATURE}


@pytest.mark.parametrize(
    ("before", "more", "told"),
    [
        ((), {}, {ETAT}),
        ((), OF_THE_SIAO, {ETAT}),
        ((PRESENTED,), OF_THE_SIAO, {ETAT, BAILLEUR}),
        ((DECLARED,), OF_THE_SIAO, {ETAT, CONTINGENT}),
        ((DECLARED, PRESENTED), OF_THE_SIAO, {ETAT, BAILLEUR, CONTINGENT}),
        ((DECLARED, PRESENTED), {}, {ETAT}),
    ],
    ids=["unnamed", "unknown", "presented", "listed", "both", "both, unnamed"],
)
def test_the_opinion_goes_to_the_body_the_landlord_and_the_readers_of_the_list(
    agenda: Monde, before: tuple[Contrat, ...], more: dict[str, Any], told: set[str]
) -> None:
    for said in before:
        agenda.dit(SIAO, said)
    assert set(agenda.dit(SIAO, opinion(**more)).recipients) == told
    assert agenda.etat(EXAMEN) == "AVIS_RENDU"


@pytest.mark.parametrize("more", [{"favorable": False}, {"avis_le": JOUR + timedelta(days=1)}])
def test_an_opinion_corrected_reaches_all_who_have_the_first_and_said_again_nobody(
    agenda: Monde, more: dict[str, Any]
) -> None:
    for said in (DECLARED, PRESENTED):
        agenda.dit(SIAO, said)
    first = agenda.dit(SIAO, opinion(**OF_THE_SIAO)).recipients
    assert agenda.dit(SIAO, opinion(**OF_THE_SIAO, **more)).recipients == first
    assert agenda.dit(SIAO, opinion(**OF_THE_SIAO, **more)).outcome == ("sans_effet", "deja_connu")
    given = agenda.subjects[EXAMEN]
    assert isinstance(given, Envoi)
    (facts,) = given.dit.values()
    assert facts["favorable"] == ("oui" if more.get("favorable", True) else "non")


def test_the_candidacy_that_an_opinion_forgot_may_be_said_the_same_day(agenda: Monde) -> None:
    agenda.dit(SIAO, PRESENTED)
    agenda.dit(SIAO, opinion())
    assert set(agenda.dit(SIAO, opinion(**OF_THE_SIAO)).recipients) == {ETAT, BAILLEUR}


@pytest.mark.parametrize(
    ("first", "uncertain"),
    [
        ((), {"candidature": CANDIDATURE}),
        ((), {"menage": ident("another household"), "candidature": CANDIDATURE}),
        ((opinion(**OF_THE_SIAO),), {"menage": menage().id, "favorable": False}),
        ((opinion(**OF_THE_SIAO),), {"candidature": CANDIDATURE, "favorable": False}),
    ],
    ids=["no household", "another household", "no candidacy any more", "no household any more"],
)
def test_an_opinion_that_leaves_open_whose_it_is_goes_to_nobody_and_the_siao_is_told(
    agenda: Monde, first: tuple[Contrat, ...], uncertain: dict[str, Any]
) -> None:
    for said in (DECLARED, PRESENTED, *first):
        agenda.dit(SIAO, said)
    before = dict(agenda.subjects)
    effects = agenda.dit(SIAO, opinion(**uncertain))
    assert (motif(effects), effects.recipients) == (MotifAnomalie.MENAGE_INCERTAIN, ())
    assert agenda.subjects == before


def test_a_reader_that_has_joined_since_and_was_never_sent_the_household_hears_no_opinion_of_it(
    agenda: Monde,
) -> None:
    agenda.dit(SIAO, DECLARED)
    joined = partner("ddets-nouvelle", Famille.CONTINGENT, dialecte_sortant="contingent_json")
    agenda.avec(joined)
    assert set(agenda.dit(SIAO, opinion(**OF_THE_SIAO)).recipients) == {ETAT, CONTINGENT}


def test_nobody_but_the_siao_gives_its_opinion(agenda: Monde) -> None:
    for who in (BAILLEUR, AUTRE, ETAT):
        assert motif(agenda.dit(who, opinion())) is MotifAnomalie.EMETTEUR_INATTENDU
    assert agenda.etat(EXAMEN) == "A_EXAMINER"


def test_the_siao_is_reminded_before_the_meeting_and_may_still_speak_after_it(agenda: Monde) -> None:
    known = agenda.subjects[EXAMEN]
    deadline = running_of(known, agenda.registry)[Echeance.AVIS_INSTANCE]
    assert (deadline.due_at + timedelta(hours=1)).date() == SEANCE
    (reminder,) = agenda.hub_dit(message_at(known, deadline, Etape.BIENTOT)).derived
    assert isinstance(reminder, AlerteEcheance)
    assert reminder.emetteur == SIAO
    (late,) = agenda.hub_dit(message_at(known, deadline, Etape.ECHUE)).derived
    assert isinstance(late, AlerteEcheance)
    assert (agenda.etat(EXAMEN), late.suite) == ("SANS_AVIS", SuiteEcheance.SANS_AVIS)
    assert agenda.dit(SIAO, opinion()).recipients == (ETAT,)
    assert agenda.etat(EXAMEN) == "AVIS_RENDU"
