"""What follows from a candidacy for housing and from its answers."""

from datetime import date

import pytest

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.reference.codes import ResultatCommission
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.attribution import (
    BailSigne,
    Canal,
    CandidatureAccusee,
    CandidatureInscrite,
    CandidaturePresentee,
    CandidatureRetiree,
    DecisionCommission,
    PropositionAcceptee,
    PropositionRefusee,
    RadiationAnnulee,
    RadiationSne,
)
from contracts.v1.orientation import OrientationAccusee
from contracts.v1.pret_logement import PretLogementDeclare
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rules.effects import Effects
from router.domain.subjects import Candidature
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    DEMAIN,
    JOUR,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    proposition,
)

CANDIDATURE = ident("candidature")


def presentee(bailleur: str = SIRET) -> CandidaturePresentee:
    return CandidaturePresentee(
        candidature=CANDIDATURE, menage=menage(), bailleur=bailleur, canal=Canal.CONTINGENT
    )


def decision(
    resultat: ResultatCommission = ResultatCommission.ATTRIBUTION, rang: int | None = None
) -> Contrat:
    return DecisionCommission(candidature=CANDIDATURE, resultat=resultat, commission_le=JOUR, rang=rang)


@pytest.fixture
def monde() -> Monde:
    """A household is presented to a landlord."""
    monde = Monde()
    monde.dit(SIAO, presentee())
    return monde


def test_a_candidacy_goes_to_the_landlord_of_the_siret() -> None:
    monde = Monde()
    assert monde.dit(SIAO, presentee()).recipients == (BAILLEUR,)
    assert monde.etat(CANDIDATURE) == "PRESENTEE"
    candidacy = monde.subjects[CANDIDATURE]
    assert isinstance(candidacy, Candidature)
    assert candidacy.menage == menage().id


def test_a_candidacy_sent_twice_is_one_candidacy(monde: Monde) -> None:
    assert monde.dit(SIAO, presentee()) == Effects(outcome=("sans_effet", "deja_connu"))


def test_a_candidacy_to_a_landlord_of_nobody_is_unroutable_in_french() -> None:
    with pytest.raises(Unroutable, match="aucun partenaire du registre n'a le SIRET"):
        Monde().dit(SIAO, presentee("35600000000048"))


def test_every_step_to_the_lease_reaches_the_siao(monde: Monde) -> None:
    steps: tuple[tuple[Contrat, str], ...] = (
        (CandidatureAccusee(candidature=CANDIDATURE), "ACCUSEE"),
        (decision(ResultatCommission.ATTRIBUTION_RANG, 2), "ATTRIBUEE_PAR_RANG"),
        (PropositionAcceptee(candidature=CANDIDATURE), "PROPOSEE_AU_MENAGE"),
        (BailSigne(candidature=CANDIDATURE, signature_le=JOUR), "BAIL_SIGNE"),
    )
    for event, etat in steps:
        assert monde.dit(BAILLEUR, event).recipients == (SIAO,)
        assert monde.etat(CANDIDATURE) == etat


def test_a_rank_that_moves_up_is_news(monde: Monde) -> None:
    monde.dit(BAILLEUR, decision(ResultatCommission.ATTRIBUTION_RANG, 3))
    assert monde.dit(BAILLEUR, decision(ResultatCommission.ATTRIBUTION_RANG, 2)).recipients == (SIAO,)
    assert monde.dit(BAILLEUR, decision(ResultatCommission.ATTRIBUTION)).recipients == (SIAO,)
    assert monde.etat(CANDIDATURE) == "ATTRIBUEE"


def test_a_rank_lapses_when_another_signs_and_an_attribution_does_not(monde: Monde) -> None:
    monde.dit(BAILLEUR, decision(ResultatCommission.ATTRIBUTION_RANG, 2))
    lapsed = decision(ResultatCommission.NON_ATTRIBUTION)
    attributed = Monde(subjects=dict(monde.subjects))
    assert monde.dit(BAILLEUR, lapsed).recipients == (SIAO,)
    assert monde.etat(CANDIDATURE) == "NON_ATTRIBUEE"
    attributed.dit(BAILLEUR, decision(ResultatCommission.ATTRIBUTION))
    assert attributed.dit(BAILLEUR, lapsed).outcome == ("anomalie", MotifAnomalie.TRANSITION_ILLEGALE)


def test_the_silence_of_a_household_counts_as_its_refusal(monde: Monde) -> None:
    monde.dit(BAILLEUR, decision())
    monde.dit(BAILLEUR, PropositionRefusee(candidature=CANDIDATURE, silence=True))
    assert monde.etat(CANDIDATURE) == "REFUSEE_PAR_LE_MENAGE"


def test_a_withdrawal_goes_to_the_landlord(monde: Monde) -> None:
    assert monde.dit(SIAO, CandidatureRetiree(candidature=CANDIDATURE)).recipients == (BAILLEUR,)


@pytest.mark.parametrize("speaker", [SIAO, CENTRE])
def test_only_the_landlord_answers(monde: Monde, speaker: str) -> None:
    effects = monde.dit(speaker, decision())
    assert effects.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert monde.etat(CANDIDATURE) == "PRESENTEE"


def test_a_lease_without_an_attribution_is_an_anomaly(monde: Monde) -> None:
    effects = monde.dit(BAILLEUR, BailSigne(candidature=CANDIDATURE, signature_le=JOUR))
    assert effects.outcome == ("anomalie", MotifAnomalie.TRANSITION_ILLEGALE)


def test_a_decision_after_a_withdrawal_is_an_anomaly(monde: Monde) -> None:
    monde.dit(SIAO, CandidatureRetiree(candidature=CANDIDATURE))
    assert monde.dit(BAILLEUR, decision()).outcome == ("anomalie", MotifAnomalie.TRANSITION_ILLEGALE)
    assert monde.etat(CANDIDATURE) == "RETIREE"


def test_an_older_answer_of_the_landlord_changes_nothing(monde: Monde) -> None:
    monde.dit(BAILLEUR, CandidatureAccusee(candidature=CANDIDATURE, version=2))
    older = CandidatureRetiree(candidature=CANDIDATURE, version=None)
    assert monde.dit(BAILLEUR, decision().model_copy(update={"version": 1})).outcome == (
        "sans_effet",
        "plus_ancien",
    )
    assert monde.dit(SIAO, older).recipients == (BAILLEUR,)


def test_news_of_a_finished_candidacy_still_reach_the_siao(monde: Monde) -> None:
    monde.dit(BAILLEUR, decision(ResultatCommission.IRRECEVABILITE))
    news = RadiationSne(candidature=CANDIDATURE, motif="NON_RENOUVELLEMENT", radiation_le=JOUR)
    assert monde.dit(BAILLEUR, news).recipients == (SIAO,)
    assert monde.etat(CANDIDATURE) == "IRRECEVABLE"


def test_a_candidacy_goes_on_after_a_radiation_that_the_register_takes_back(monde: Monde) -> None:
    monde.dit(BAILLEUR, CandidatureInscrite(candidature=CANDIDATURE, commission_le=JOUR))
    gone = RadiationSne(candidature=CANDIDATURE, motif="NON_RENOUVELLEMENT", radiation_le=JOUR)
    assert monde.dit(BAILLEUR, gone).recipients == (SIAO,)
    back = RadiationAnnulee(candidature=CANDIDATURE, annulee_le=JOUR)
    assert monde.dit(BAILLEUR, back).recipients == (SIAO,)
    assert monde.etat(CANDIDATURE) == "INSCRITE"
    decided = DecisionCommission(candidature=CANDIDATURE, resultat="ATTRIBUTION", commission_le=JOUR)
    assert monde.dit(BAILLEUR, decided).outcome is None
    assert monde.etat(CANDIDATURE) == "ATTRIBUEE"


def test_an_answer_to_a_referral_under_the_id_of_a_candidacy_is_an_anomaly(monde: Monde) -> None:
    effects = monde.dit(BAILLEUR, OrientationAccusee(orientation=CANDIDATURE))
    assert effects.outcome == ("anomalie", MotifAnomalie.SUJET_INCONNU)


def test_a_referral_and_a_candidacy_of_one_household_do_not_hinder_each_other(monde: Monde) -> None:
    assert monde.dit(SIAO, proposition(ident("orientation"))).recipients == (CENTRE,)


LOGEMENT, AILLEURS = "RPLS0001", "RPLS0002"


def ranked(number: int, dwelling: str | None, named: str | None = None) -> tuple[Contrat, Contrat]:
    """A household is presented for a dwelling, or the commission names one, and gets a rank for it."""
    own = ident(f"candidature {number}")
    other = presentee().model_copy(
        update={"candidature": own, "menage": menage(f"m{number}"), "logement": dwelling}
    )
    rank = DecisionCommission(
        candidature=own,
        resultat=ResultatCommission.ATTRIBUTION_RANG,
        commission_le=JOUR,
        rang=number,
        logement=named,
    )
    return other, rank


@each_row(
    ("called", "dwelling", "named", "lapses"),
    [
        (True, LOGEMENT, None, True),
        (False, LOGEMENT, None, True),
        (True, None, LOGEMENT, True),
        (True, LOGEMENT, AILLEURS, False),
        (True, None, None, False),
    ],
)
def test_a_rank_lapses_when_another_household_signs_for_that_dwelling(
    called: bool, dwelling: str | None, named: str | None, lapses: bool
) -> None:
    monde, behind = Monde(), ident("candidature 2")
    for (presented, rank), who in zip(
        zip(ranked(1, LOGEMENT), ranked(2, dwelling, named), strict=True), (SIAO, BAILLEUR), strict=True
    ):
        monde.dit(who, presented)
        monde.dit(who, rank)
    first = ident("candidature 1")
    if called:
        monde.dit(BAILLEUR, decision().model_copy(update={"candidature": first}))
    effects = monde.dit(BAILLEUR, BailSigne(candidature=first, signature_le=JOUR))
    told = [each.objet for each in effects.derived if isinstance(each, AlerteAnomalie)]
    assert (monde.etat(first), told) == ("BAIL_SIGNE", [behind] if lapses else [])
    assert monde.etat(behind) == ("NON_ATTRIBUEE" if lapses else "ATTRIBUEE_PAR_RANG")
    for alert in effects.derived:
        assert set(monde.hub_dit(alert).recipients) == {SIAO, BAILLEUR}


@pytest.mark.parametrize("lease_first", [False, True])
@pytest.mark.parametrize(("decided", "lapses"), [(JOUR, True), (DEMAIN, False)])
def test_a_rank_lapses_by_a_lease_signed_since_whichever_comes_first(
    lease_first: bool, decided: date, lapses: bool
) -> None:
    monde, (first, behind) = Monde(), (ident("candidature 1"), ident("candidature 2"))
    (presented, own), (other, rank) = ranked(1, LOGEMENT), ranked(2, LOGEMENT)
    for who, said in ((SIAO, presented), (BAILLEUR, own), (SIAO, other)):
        monde.dit(who, said)
    lease = BailSigne(candidature=first, signature_le=JOUR)
    rank = rank.model_copy(update={"commission_le": decided})
    for said in (lease, rank) if lease_first else (rank, lease):
        effects = monde.dit(BAILLEUR, said)
    told = [each.objet for each in effects.derived if isinstance(each, AlerteAnomalie)]
    assert (effects.recipients, told) == ((SIAO,), [behind] if lapses else [])
    assert monde.etat(behind) == ("NON_ATTRIBUEE" if lapses else "ATTRIBUEE_PAR_RANG")
    later = monde.dit(BAILLEUR, lease.model_copy(update={"signature_le": DEMAIN}))
    assert (monde.etat(first), later.derived) == ("BAIL_SIGNE", ()), "une correction ne rend rien caduc"


def test_a_household_that_signs_for_its_dwelling_leaves_the_list_although_it_had_another_rank_for_it() -> (
    None
):
    monde, (first, second) = Monde(), (ident("candidature 1"), ident("candidature 2"))
    monde.dit(SIAO, PretLogementDeclare(menage=menage(), departement="01", evaluee_le=JOUR))
    for number in (1, 2):
        presented, rank = ranked(number, LOGEMENT)
        monde.dit(SIAO, presented.model_copy(update={"menage": menage()}))
        monde.dit(BAILLEUR, rank)
    monde.dit(BAILLEUR, BailSigne(candidature=first, signature_le=JOUR))
    household = monde.subjects[menage().id]
    assert isinstance(household, MenagePret)
    assert (monde.etat(second), household.etat, household.candidatures) == ("NON_ATTRIBUEE", "RELOGE", ())
