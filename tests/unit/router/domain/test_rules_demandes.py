"""A demand, from who brings it to the place: it outlives its referrals, and who brought it is told where it stands."""

from collections.abc import Sequence
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.explications import explained
from contracts.partner import Famille
from contracts.reference.codes import Dispositif, MotifRefus
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.demande import (
    DemandeActualisee,
    DemandeAnnulee,
    DemandeCompletee,
    DemandeEvaluee,
    DemandeNonPourvue,
    DemandePlaceTrouvee,
    DemandeRecue,
    DemandeSuite,
    DemandeTransferee,
    EvaluationDemandee,
    EvaluationRealisee,
    SignalementRecu,
    Suite,
)
from contracts.v1.orientation import OrientationAnnulee, OrientationProposee
from router.domain.location import another_siao
from router.domain.partners import Registry
from router.domain.rulebooks.demande import Etat
from router.domain.rules.effects import Effects
from router.domain.subjects import OTHER_IDS, Demande
from tests.unit.router.domain.monde import (
    CENTRE,
    DEMAIN,
    FINESS,
    JOUR,
    MAINTENANT,
    REGISTRE,
    SIAO,
    TERRITOIRE,
    Monde,
    ident,
    menage,
    partner,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import absence, acceptee, admise, entree, refusee

SECRET = "010000016"
REFUGE: dict[str, Any] = {"structures": (SECRET,), "structures_protegees": (SECRET,)}
CCAS, MARAUDE = "ccas", "maraude"
DEMANDE, UNE, AUTRE_ORIENTATION, PLACE = ident("demande"), ident("une"), ident("autre"), ident("place")


@pytest.fixture
def monde() -> Monde:
    """A world with a CCAS, a street team, and a demand that the CCAS has brought."""
    more = [partner(CCAS, Famille.PRESCRIPTEUR), partner(MARAUDE, Famille.VEILLE_SOCIALE)]
    there = Monde().avec(*more)
    there.dit(CCAS, recue())
    return there


def recue(**more: Any) -> DemandeRecue:
    values = {"demande": DEMANDE, "menage": menage(), "dispositif": Dispositif.INSERTION, **more}
    return DemandeRecue(**values)


def referral(orientation: Any = UNE, **more: Any) -> OrientationProposee:
    return proposition(orientation, demande=DEMANDE, **more)


def demand(monde: Monde) -> Demande:
    found = monde.subjects[DEMANDE]
    assert isinstance(found, Demande)
    return found


def suites(effects: Effects) -> list[Suite]:
    return [news.suite for news in effects.derived if isinstance(news, DemandeSuite)]


def evaluee() -> DemandeEvaluee:
    return DemandeEvaluee(demande=DEMANDE, evaluee_le=JOUR, preconisation=Dispositif.INSERTION)


def places(effects: Effects) -> list[DemandePlaceTrouvee]:
    return [news for news in effects.derived if isinstance(news, DemandePlaceTrouvee)]


@pytest.mark.parametrize(("secret", "told"), [((), [FINESS]), ((FINESS,), [])])
def test_a_probation_service_learns_where_its_household_is_directed_and_nothing_of_a_place_that_is_secret(
    secret: tuple[str, ...], told: list[str]
) -> None:
    shelter = REGISTRE.partners[CENTRE].model_copy(update={"structures_protegees": secret})
    more = [partner("spip", Famille.SPIP), shelter]
    there = Monde().avec(*more)
    there.dit("spip", recue())
    there.dit(SIAO, evaluee())
    effects = there.dit(SIAO, referral(presentation_le=JOUR))
    assert [place.structure for place in places(effects)] == told
    assert suites(effects) == [Suite.ORIENTEE]
    assert places(there.dit(CENTRE, acceptee(UNE))) == []


@pytest.mark.parametrize("since", [{"structures_protegees": (FINESS,)}, {"structures": ()}])
def test_a_place_whose_structure_became_secret_since_is_told_to_nobody_who_brings_a_household(
    since: dict[str, Any],
) -> None:
    there = Monde().avec(partner("spip", Famille.SPIP))
    there.dit(CENTRE, vacance(PLACE))
    there.dit("spip", recue())
    there.dit(SIAO, evaluee())
    changed = there.registry.partners[CENTRE].model_copy(update=since)
    there.avec(changed)
    effects = there.dit(SIAO, referral(place=PLACE))
    assert (suites(effects), places(effects)) == ([Suite.ORIENTEE], [])


def test_a_household_directed_elsewhere_to_a_secret_place_is_said_to_be_directed_anew() -> None:
    more = [partner("spip", Famille.SPIP), partner("refuge", Famille.HEBERGEMENT, **REFUGE)]
    there = Monde().avec(*more)
    there.dit("spip", recue())
    assert len(places(there.dit(SIAO, referral()))) == 1
    effects = there.dit(SIAO, referral(AUTRE_ORIENTATION, structure=SECRET))
    assert (suites(effects), places(effects)) == ([Suite.ORIENTEE], [])


def test_who_else_brings_a_household_does_not_learn_where_it_is_directed(monde: Monde) -> None:
    monde.dit(SIAO, evaluee())
    effects = monde.dit(SIAO, referral())
    assert (suites(effects), places(effects)) == ([Suite.ORIENTEE], [])


def test_a_demand_reaches_the_siao_of_its_territory(monde: Monde) -> None:
    effects = monde.dit(MARAUDE, recue(demande=ident("autre demande")))
    assert effects.recipients == (SIAO,)
    assert demand(monde).emetteur == CCAS


def test_a_demand_remembers_the_other_ids_of_its_household_but_no_thousand(monde: Monde) -> None:
    others = [menage(f"autre {n}") for n in range(OTHER_IDS + 5)]
    for each in (menage(), *others):
        monde.dit(CCAS, DemandeActualisee(demande=DEMANDE, menage=each, dispositif=Dispositif.INSERTION))
    assert demand(monde).autres_menages == tuple(each.id for each in others[:OTHER_IDS])


def test_a_territory_without_a_siao_is_said(monde: Monde) -> None:
    with pytest.raises(Unroutable, match="aucun SIAO au registre pour le territoire 99"):
        monde.dit(CCAS, recue(demande=ident("ailleurs")), territoire="99")


def test_a_shelter_brings_no_demand(monde: Monde) -> None:
    effects = monde.dit(CENTRE, recue(demande=ident("du centre")))
    assert effects.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


def test_nobody_speaks_of_a_demand_that_another_has_brought(monde: Monde) -> None:
    effects = monde.dit(MARAUDE, DemandeAnnulee(demande=DEMANDE, motif="ERREUR"))
    assert effects.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert demand(monde).etat is Etat.RECUE


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ((evaluee(),), Etat.EVALUEE),
        ((evaluee(), referral()), Etat.ORIENTEE),
        ((referral(), OrientationAnnulee(orientation=UNE)), Etat.EN_ATTENTE),
        ((DemandeNonPourvue(demande=DEMANDE, nuit_du=JOUR, motif="AUCUNE_PLACE"),), Etat.EN_ATTENTE),
    ],
    ids=["évaluée", "orientée", "en attente", "non pourvue"],
)
def test_what_was_missing_in_a_demand_reaches_its_siao_at_any_time_while_it_is_open(
    monde: Monde, said: Sequence[Contrat], then: Etat
) -> None:
    for each in said:
        monde.dit(SIAO, each)
    complete = DemandeCompletee(demande=DEMANDE, menage=menage(), dispositif=Dispositif.INSERTION)
    assert monde.dit(CCAS, complete).recipients == (SIAO,)
    assert demand(monde).etat is then


def test_an_evaluation_is_asked_of_who_brought_the_household_and_its_answer_reaches_the_siao(
    monde: Monde,
) -> None:
    asked = EvaluationDemandee(demande=DEMANDE, avant_le=JOUR)
    done = EvaluationRealisee(demande=DEMANDE, methode="VISITE", realisee_le=JOUR)
    assert monde.dit(SIAO, asked).recipients == (CCAS,)
    assert monde.dit(CCAS, done).recipients == (SIAO,)


def test_who_brought_a_demand_is_told_of_each_step_in_its_own_words(monde: Monde) -> None:
    monde.dit(CENTRE, vacance(PLACE))
    told = [
        suites(monde.dit(source, contrat))
        for source, contrat in (
            (SIAO, evaluee()),
            (SIAO, referral(place=PLACE)),
            (CENTRE, acceptee(UNE)),
            (CENTRE, admise(UNE)),
            (CENTRE, entree(UNE)),
        )
    ]
    assert told == [[Suite.EVALUEE], [Suite.ORIENTEE], [], [], [Suite.POURVUE]]
    assert demand(monde).etat is Etat.POURVUE


@pytest.mark.parametrize(
    ("ended", "by"),
    [
        (entree(UNE), CENTRE),
        (DemandeAnnulee(demande=DEMANDE, motif="ERREUR"), SIAO),
        (DemandeNonPourvue(demande=DEMANDE, nuit_du=JOUR, motif="AUCUNE_PLACE"), SIAO),
    ],
    ids=["pourvue", "annulee", "non pourvue"],
)
def test_an_evaluation_said_again_of_a_demand_that_has_ended_changes_nothing(
    monde: Monde, ended: Contrat, by: str
) -> None:
    monde.dit(SIAO, evaluee())
    if by == CENTRE:
        monde.dit(SIAO, referral())
    monde.dit(by, ended)
    before = demand(monde)
    later = evaluee().model_copy(update={"evaluee_le": DEMAIN})
    assert monde.dit(SIAO, later).outcome == ("sans_effet", "deja_connu")
    assert demand(monde) == before


def test_a_new_recommendation_after_a_night_without_a_place_is_waited_for(monde: Monde) -> None:
    monde.dit(SIAO, evaluee())
    monde.dit(SIAO, DemandeNonPourvue(demande=DEMANDE, nuit_du=JOUR, motif="AUCUNE_PLACE"))
    assert monde.dit(SIAO, evaluee().model_copy(update={"preconisation": Dispositif.URGENCE})).outcome is None
    assert demand(monde).etat is Etat.EN_ATTENTE


def test_the_news_of_a_demand_goes_to_who_brought_it_even_when_it_has_moved_on(monde: Monde) -> None:
    (first,) = monde.dit(SIAO, evaluee()).derived
    monde.dit(SIAO, referral())
    assert monde.hub_dit(first).recipients == (CCAS,)


def test_a_demand_of_who_has_no_way_out_moves_all_the_same(monde: Monde) -> None:
    (news,) = monde.dit(SIAO, evaluee()).derived
    mute = partner(CCAS, Famille.PRESCRIPTEUR, sortie=None)
    monde.avec(mute)
    assert monde.hub_dit(news) == Effects()
    monde.dit(SIAO, DemandeNonPourvue(demande=DEMANDE, nuit_du=JOUR, motif="AUCUNE_PLACE"))
    assert demand(monde).etat is Etat.NON_POURVUE
    asked = monde.dit(SIAO, EvaluationDemandee(demande=DEMANDE, avant_le=JOUR))
    assert asked.outcome == ("anomalie", MotifAnomalie.SERVICE_INCONNU)


def test_a_siao_that_receives_a_demand_itself_is_told_nothing_of_what_it_does_with_it() -> None:
    there = Monde()
    assert there.dit(SIAO, recue()).recipients == ()
    assert (demand(there).emetteur, demand(there).destinataire) == (SIAO, SIAO)
    (news,) = there.dit(SIAO, referral()).derived
    assert there.hub_dit(news) == Effects()
    there.dit(SIAO, OrientationAnnulee(orientation=UNE))
    unhoused = there.dit(SIAO, DemandeNonPourvue(demande=DEMANDE, nuit_du=JOUR, motif="AUCUNE_PLACE"))
    assert unhoused.recipients == ()
    assert demand(there).etat is Etat.NON_POURVUE


def test_a_siao_that_opens_a_demand_for_another_learns_what_becomes_of_it() -> None:
    of_both = (
        partner(SIAO, Famille.SIAO, volet="insertion"),
        partner("autre", Famille.SIAO, volet="urgence"),
    )
    there = Monde().avec(*of_both)
    there.dit("autre", recue())
    assert (demand(there).emetteur, demand(there).destinataire) == ("autre", SIAO)
    (news,) = there.dit(SIAO, referral()).derived
    assert there.hub_dit(news).recipients == ("autre",)
    there.dit(SIAO, OrientationAnnulee(orientation=UNE))
    unhoused = there.dit(SIAO, DemandeNonPourvue(demande=DEMANDE, nuit_du=JOUR, motif="AUCUNE_PLACE"))
    assert unhoused.recipients == ("autre",)


def test_a_siao_of_one_volet_is_not_who_receives_the_demands_of_the_other() -> None:
    here, there = (
        partner(name, Famille.SIAO, volet=volet)
        for name, volet in ((SIAO, "urgence"), ("autre", "insertion"))
    )
    two = Registry.of([here, there])
    kinds = {
        kind: another_siao(recue().model_copy(update={"dispositif": kind}), here, two) for kind in Dispositif
    }
    assert kinds[Dispositif.URGENCE] is None
    assert kinds[Dispositif.INSERTION] == there
    assert another_siao(recue(), here, REGISTRE) is None


def test_nobody_but_the_hub_tells_what_became_of_a_demand(monde: Monde) -> None:
    effects = monde.dit(SIAO, DemandeSuite(demande=DEMANDE, suite=Suite.POURVUE))
    assert effects.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (CENTRE, refusee(UNE, MotifRefus.ANIMAL)),
        (CENTRE, refusee(UNE, MotifRefus.LOCALISATION)),
        (CENTRE, absence(UNE)),
        (SIAO, OrientationAnnulee(orientation=UNE)),
    ],
    ids=["structure", "person", "no-show", "taken back"],
)
def test_no_refusal_no_show_or_withdrawal_of_a_referral_ends_its_demand(
    monde: Monde, source: str, answer: Contrat
) -> None:
    monde.dit(SIAO, referral())
    effects = monde.dit(source, answer)
    assert demand(monde).etat is Etat.EN_ATTENTE
    assert suites(effects) == [Suite.EN_ATTENTE]


def test_the_refusal_of_an_earlier_referral_leaves_the_demand_with_its_last_one(monde: Monde) -> None:
    monde.dit(SIAO, referral())
    monde.dit(SIAO, referral(AUTRE_ORIENTATION))
    monde.dit(CENTRE, refusee(UNE, MotifRefus.ANIMAL))
    assert demand(monde).etat is Etat.ORIENTEE


def test_a_household_that_arrives_ends_its_demand_whichever_referral_it_came_by(monde: Monde) -> None:
    monde.dit(SIAO, referral())
    monde.dit(SIAO, referral(AUTRE_ORIENTATION))
    assert suites(monde.dit(CENTRE, entree(UNE))) == [Suite.POURVUE]


def test_a_night_without_a_place_is_told_and_the_demand_is_open_again_tomorrow(monde: Monde) -> None:
    told = monde.dit(SIAO, DemandeNonPourvue(demande=DEMANDE, nuit_du=JOUR, motif="AUCUNE_PLACE"))
    assert (told.recipients, told.derived) == ((CCAS,), ())
    monde.dit(CCAS, DemandeActualisee(demande=DEMANDE, menage=menage(), dispositif=Dispositif.URGENCE))
    assert demand(monde).etat is Etat.EN_ATTENTE


def test_who_brought_a_demand_learns_that_the_siao_has_closed_it(monde: Monde) -> None:
    assert suites(monde.dit(SIAO, DemandeAnnulee(demande=DEMANDE, motif="SANS_NOUVELLES"))) == [Suite.ANNULEE]


@pytest.mark.parametrize("territoire", ["69", TERRITOIRE], ids=["no SIAO there", "its own"])
def test_a_transfer_that_names_no_other_siao_is_refused_and_the_demand_stays(
    monde: Monde, territoire: str
) -> None:
    before = monde.subjects[DEMANDE]
    event = DemandeTransferee(demande=DEMANDE, territoire=territoire)
    effects = monde.dit(SIAO, event)
    assert effects.outcome == ("anomalie", MotifAnomalie.TERRITOIRE_SANS_SIAO)
    assert monde.subjects[DEMANDE] == before
    said = explained(event.TYPE, MotifAnomalie.TERRITOIRE_SANS_SIAO, before.etat, Famille.SIAO)
    assert said.startswith(
        "Aucun autre SIAO n'est relié au hub pour ce territoire : la demande reste chez vous."
    )


def test_a_stranger_to_a_demand_does_not_learn_that_it_exists_by_transferring_it(monde: Monde) -> None:
    monde.avec(partner("siao-69", Famille.SIAO, territoire="69"))
    effects = monde.dit("siao-69", DemandeTransferee(demande=DEMANDE, territoire="38"), territoire="69")
    assert effects.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


def test_who_takes_its_own_demand_back_is_not_told_so(monde: Monde) -> None:
    effects = monde.dit(CCAS, DemandeAnnulee(demande=DEMANDE, motif="AUTRE_SOLUTION"))
    assert (effects.recipients, effects.derived) == ((SIAO,), ())


def test_the_siao_is_not_told_what_it_says_itself(monde: Monde) -> None:
    news = DemandeActualisee(demande=DEMANDE, menage=menage(), dispositif=Dispositif.URGENCE)
    assert monde.dit(SIAO, news).recipients == ()


@pytest.mark.parametrize("known", [True, False], ids=["closed", "unknown"])
def test_a_household_is_referred_even_where_its_demand_is_closed_or_unknown_and_the_siao_is_told(
    monde: Monde, known: bool
) -> None:
    if known:
        monde.dit(CCAS, DemandeAnnulee(demande=DEMANDE, motif="ERREUR"))
    effects = monde.dit(SIAO, proposition(UNE, demande=DEMANDE if known else ident("inconnue")))
    assert effects.recipients == (CENTRE,)
    (alert,) = effects.derived
    assert isinstance(alert, AlerteAnomalie)
    assert alert.motif is (MotifAnomalie.DEMANDE_CLOSE if known else MotifAnomalie.DEMANDE_INCONNUE)


def test_a_demand_that_closes_while_a_referral_is_under_way_is_no_anomaly(monde: Monde) -> None:
    monde.dit(SIAO, referral())
    monde.dit(CCAS, DemandeAnnulee(demande=DEMANDE, motif="AUTRE_SOLUTION"))
    assert monde.dit(CENTRE, refusee(UNE, MotifRefus.AUTRE_SOLUTION)).derived == ()


def test_another_siaos_referral_does_not_move_a_demand(monde: Monde) -> None:
    there = partner("siao-02", Famille.SIAO, territoire="02")
    monde.avec(there)
    (alert,) = monde.dit("siao-02", referral(), territoire="02").derived
    assert isinstance(alert, AlerteAnomalie)
    assert demand(monde).etat is Etat.RECUE


def test_a_report_from_the_street_reaches_the_siao(monde: Monde) -> None:
    seen = SignalementRecu(signalement=ident("signalement"), vu_le=MAINTENANT, commune="01451")
    assert monde.dit(MARAUDE, seen).recipients == (SIAO,)
    assert monde.dit(CENTRE, seen).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


def test_a_referral_that_names_no_demand_moves_none(monde: Monde) -> None:
    monde.dit(SIAO, proposition(UNE))
    assert demand(monde).etat is Etat.RECUE
