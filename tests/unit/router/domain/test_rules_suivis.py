"""What follows when the SIAO asks an operator to accompany a household, ready for housing or presented already."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.attribution import CandidatureAccompagnement, CandidaturePresentee, CandidatureRetiree
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.pret_logement import PretLogementDeclare
from contracts.v1.suivi import SuiviDemande, SuiviRepondu, SuiviRetire, SuiviSansContact
from router.domain.books import message_at
from router.domain.deadlines import running_of
from tests.unit.router.domain.monde import (
    BAILLEUR,
    DEMAIN,
    JOUR,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
)

SUIVI, CANDIDATURE, AVDL, AUTRE_AVDL = ident("suivi"), ident("candidature"), "010000040", "010000057"
YES, NO = SuiviRepondu(suivi=SUIVI, accepte=True, debut_le=JOUR), SuiviRepondu(suivi=SUIVI, accepte=False)


@pytest.fixture
def monde() -> Monde:
    operators = (
        partner(name, Famille.ACCOMPAGNEMENT, structures=(named,), dialecte_sortant="accompagnement_tableau")
        for name, named in (("avdl", AVDL), ("autre-avdl", AUTRE_AVDL))
    )
    return Monde().avec(*operators)


def asked(**more: Any) -> SuiviDemande:
    return SuiviDemande(**{"suivi": SUIVI, "menage": menage(), "operateur": AVDL, **more})


def presented() -> CandidaturePresentee:
    return CandidaturePresentee(
        candidature=CANDIDATURE,
        menage=menage(numero_unique="1110318016982G1104"),
        bailleur=SIRET,
        canal="DIRECT",
    )


def ready() -> PretLogementDeclare:
    return PretLogementDeclare(menage=menage(), departement="01", evaluee_le=JOUR)


def news(derived: tuple[Contrat, ...]) -> list[CandidatureAccompagnement]:
    return [each for each in derived if isinstance(each, CandidatureAccompagnement)]


def test_the_operator_that_is_named_receives_the_household_and_its_answer_goes_to_the_siao(
    monde: Monde,
) -> None:
    assert monde.dit(SIAO, asked()).recipients == ("avdl",)
    assert monde.dit("avdl", YES).recipients == (SIAO,)
    assert monde.etat(SUIVI) == "ORGANISE"


def test_an_operator_that_nobody_can_deliver_to_is_told_to_the_siao(monde: Monde) -> None:
    with pytest.raises(Unroutable, match="opérateur"):
        monde.dit(SIAO, asked(operateur=SIRET))


def test_nobody_but_the_operator_that_is_asked_answers(monde: Monde) -> None:
    monde.dit(SIAO, asked())
    assert monde.dit(BAILLEUR, YES).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


def test_a_household_that_cannot_be_reached_is_not_refused_and_its_answer_is_still_awaited(
    monde: Monde,
) -> None:
    monde.dit(SIAO, asked())
    said = monde.dit("avdl", SuiviSansContact(suivi=SUIVI, tente_le=JOUR))
    assert (said.recipients, said.outcome, monde.etat(SUIVI)) == ((SIAO,), None, "SOLLICITE")
    assert monde.dit("avdl", YES).outcome is None


def test_the_landlord_of_a_candidacy_that_the_siao_names_knows_that_it_is_arranged(monde: Monde) -> None:
    monde.dit(SIAO, presented())
    monde.dit(SIAO, asked(candidature=CANDIDATURE))
    (said,) = news(monde.dit("avdl", YES).derived)
    assert (said.candidature, said.accepte, said.debut_le) == (CANDIDATURE, True, JOUR)
    assert monde.hub_dit(said).recipients == (BAILLEUR,)


def test_the_landlord_of_a_household_of_the_list_knows_it_whichever_came_first(monde: Monde) -> None:
    monde.dit(SIAO, ready())
    monde.dit(SIAO, asked())
    assert news(monde.dit("avdl", YES).derived) == []
    (said,) = news(monde.dit(SIAO, presented()).derived)
    assert (said.candidature, said.debut_le) == (CANDIDATURE, JOUR)
    (given_up,) = news(monde.dit("avdl", NO).derived)
    assert (given_up.candidature, given_up.accepte) == (CANDIDATURE, False)


def test_a_landlord_hears_that_nobody_accompanies_once_the_last_operator_gives_up(monde: Monde) -> None:
    other = ident("autre suivi")
    monde.dit(SIAO, ready())
    monde.dit(SIAO, presented())
    monde.dit(SIAO, asked())
    monde.dit(SIAO, asked(suivi=other, operateur=AUTRE_AVDL))
    monde.dit("autre-avdl", SuiviRepondu(suivi=other, accepte=True, debut_le=DEMAIN))
    monde.dit("avdl", YES)
    gives_up = monde.dit("avdl", NO)
    assert (gives_up.recipients, news(gives_up.derived)) == ((SIAO,), [])
    (again,) = news(monde.dit(SIAO, presented().model_copy(update={"candidature": ident("autre")})).derived)
    assert again.debut_le == DEMAIN
    last = news(monde.dit("autre-avdl", SuiviRepondu(suivi=other, accepte=False)).derived)
    assert {(each.candidature, each.accepte) for each in last} == {
        (CANDIDATURE, False),
        (ident("autre"), False),
    }


def test_an_accompaniment_whose_first_day_is_not_said_starts_on_the_day_of_the_territory(
    monde: Monde,
) -> None:
    monde.now = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    monde.dit(SIAO, presented())
    monde.dit(SIAO, asked(candidature=CANDIDATURE))
    (said,) = news(monde.dit("avdl", SuiviRepondu(suivi=SUIVI, accepte=True)).derived)
    assert said.debut_le == DEMAIN


def test_a_refusal_is_told_to_the_siao_alone(monde: Monde) -> None:
    monde.dit(SIAO, presented())
    monde.dit(SIAO, asked(candidature=CANDIDATURE))
    said = monde.dit("avdl", NO)
    assert (said.recipients, said.derived) == ((SIAO,), ())


def test_the_landlord_of_a_withdrawn_candidacy_hears_nothing(monde: Monde) -> None:
    monde.dit(SIAO, presented())
    monde.dit(SIAO, asked(candidature=CANDIDATURE))
    monde.dit(SIAO, CandidatureRetiree(candidature=CANDIDATURE))
    assert news(monde.dit("avdl", YES).derived) == []


def test_an_operator_that_stays_silent_is_reminded_then_the_siao_may_ask_another(monde: Monde) -> None:
    monde.dit(SIAO, asked())
    monde.hub_dit(LivraisonRemise(objet=SUIVI, partenaire="avdl", remise_le=monde.now))
    deadline = running_of(monde.subjects[SUIVI], monde.registry)[Echeance.ACCOMPAGNEMENT]
    assert deadline.due_at.date() == date(2026, 3, 16)
    for etape, state in ((Etape.ECHUE, "SOLLICITE"), (Etape.DEPASSEE, "SANS_REPONSE")):
        said = monde.hub_dit(message_at(monde.subjects[SUIVI], deadline, etape))
        assert [each.etape for each in said.derived if isinstance(each, AlerteEcheance)] == [etape]
        assert monde.etat(SUIVI) == state
    monde.now += timedelta(days=40)
    assert monde.dit("avdl", YES).outcome is None, "une réponse tardive vaut encore"


WITHDRAWN = SuiviRetire(suivi=SUIVI)


def test_the_siao_withdraws_what_it_asked_and_the_operator_is_no_longer_awaited(monde: Monde) -> None:
    monde.dit(SIAO, asked())
    for stranger in ("avdl", BAILLEUR):
        assert monde.dit(stranger, WITHDRAWN).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    said = monde.dit(SIAO, WITHDRAWN)
    assert (said.recipients, said.derived, monde.etat(SUIVI)) == (("avdl",), (), "RETIRE")
    assert running_of(monde.subjects[SUIVI], monde.registry) == {}
    assert monde.dit("avdl", YES).outcome == ("anomalie", MotifAnomalie.TRANSITION_ILLEGALE)
    assert monde.dit(SIAO, WITHDRAWN).outcome == ("sans_effet", "deja_connu")


def test_an_accompaniment_that_was_refused_is_withdrawn_too_so_that_the_operator_cannot_come_back(
    monde: Monde,
) -> None:
    monde.dit(SIAO, presented())
    monde.dit(SIAO, asked(candidature=CANDIDATURE))
    monde.dit("avdl", NO)
    said = monde.dit(SIAO, WITHDRAWN)
    assert (said.recipients, said.derived, monde.etat(SUIVI)) == (("avdl",), (), "RETIRE")
    assert monde.dit("avdl", YES).outcome == ("anomalie", MotifAnomalie.TRANSITION_ILLEGALE)


def test_a_landlord_hears_that_an_accompaniment_in_force_is_withdrawn_and_the_list_forgets_it(
    monde: Monde,
) -> None:
    monde.dit(SIAO, ready())
    monde.dit(SIAO, presented())
    monde.dit(SIAO, asked())
    monde.dit("avdl", YES)
    said = monde.dit(SIAO, WITHDRAWN)
    (ended,) = news(said.derived)
    assert (said.recipients, ended.candidature, ended.accepte) == (("avdl",), CANDIDATURE, False)
    assert monde.hub_dit(ended).recipients == (BAILLEUR,)
    later = CandidaturePresentee(**{**presented().model_dump(), "candidature": ident("plus tard")})
    assert news(monde.dit(SIAO, later).derived) == [], "le bailleur suivant n'en apprend rien"
