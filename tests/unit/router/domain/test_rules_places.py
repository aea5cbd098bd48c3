"""What follows from an event about a place."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.envelope import HUB
from contracts.frozen import replace
from contracts.reference.codes import Dispositif
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import (
    EvenementPlace,
    GroupePlacesModifie,
    PlaceDeclaree,
    PlaceDisponible,
    PlaceFermee,
    PlaceIndisponible,
    PlaceLiberee,
    PlaceOccupee,
    PlaceReservee,
    PlaceVacancePrevisible,
    RaisonOccupation,
)
from contracts.v1.suite import EntreeConstatee, MotifAdmission
from router.domain.books import message_at
from router.domain.deadlines import running_of
from router.domain.rules.effects import Effects
from router.domain.subjects import GroupePlaces
from tests.unit.router.domain.monde import (
    AUTRE,
    CENTRE,
    FINESS,
    JOUR,
    MAINTENANT,
    RESERVATION,
    SIAO,
    Monde,
    admission,
    ident,
    previsible,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import acceptee

PLACE, ORIENTATION, GROUPE = ident("place"), ident("orientation"), ident("groupe")


@pytest.fixture
def monde() -> Monde:
    """A shelter has told of a vacant place."""
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    return monde


@pytest.fixture
def reserve(monde: Monde) -> Monde:
    """The place is held for a referral."""
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    return monde


def is_anomaly(effects: Effects, motif: MotifAnomalie) -> bool:
    (alert,) = effects.derived
    assert isinstance(alert, AlerteAnomalie)
    assert alert.motif is motif
    assert effects.outcome == ("anomalie", motif)
    return effects.subjects == () and effects.recipients == ()


def test_a_vacancy_goes_to_the_siao_of_the_territory() -> None:
    monde = Monde()
    effects = monde.dit(CENTRE, vacance(PLACE))
    assert effects.recipients == (SIAO,)
    assert monde.etat(PLACE) == "DISPONIBLE"


def test_a_place_belongs_to_who_first_spoke_of_it(monde: Monde) -> None:
    assert monde.place(PLACE).gestionnaire == CENTRE
    assert is_anomaly(monde.dit(AUTRE, PlaceOccupee(place=PLACE)), MotifAnomalie.EMETTEUR_INATTENDU)
    assert monde.etat(PLACE) == "DISPONIBLE"


def test_a_vacancy_told_again_is_news_for_the_siao(monde: Monde) -> None:
    """Stale after 24 hours: to repeat it is to refresh it."""
    assert monde.dit(CENTRE, vacance(PLACE)).recipients == (SIAO,)


OTHERWISE: dict[str, Any] = {
    "structure": FINESS,
    "dispositif": Dispositif.URGENCE,
    "commune": "01053",
    "chrs": True,
}


@pytest.mark.parametrize(
    "then",
    [
        None,
        proposition(ORIENTATION, PLACE),
        PlaceOccupee(place=PLACE),
        PlaceIndisponible(place=PLACE, motif="TRAVAUX"),
        admission(PLACE),
        previsible(PLACE),
    ],
    ids=["free", "reserved", "occupied", "out of use", "admitted", "to be left"],
)
def test_a_place_described_otherwise_is_told_to_the_siao_and_stays_as_it_is_whatever_its_state(
    monde: Monde, then: Contrat | None
) -> None:
    if isinstance(then, PlaceVacancePrevisible):
        monde.dit(CENTRE, admission(PLACE))
    if then is not None:
        monde.dit(SIAO if isinstance(then, OrientationProposee) else CENTRE, then)
    before = monde.place(PLACE)
    assert monde.dit(CENTRE, PlaceDeclaree(place=PLACE, **OTHERWISE)).recipients == (SIAO,)
    assert monde.place(PLACE) == replace(before, **OTHERWISE), (
        "ce que le hub va en dire à cette version vaut toujours"
    )


def test_a_place_described_again_in_the_same_words_is_not_declared_free_anew(monde: Monde) -> None:
    again = PlaceDeclaree(place=PLACE, structure=FINESS, commune="01451", dispositif=Dispositif.INSERTION)
    effects = monde.dit(CENTRE, again)
    assert (effects.recipients, effects.subjects) == ((SIAO,), ())


def test_a_closed_place_is_not_described_anew_and_that_is_said(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceFermee(place=PLACE))
    effects = monde.dit(CENTRE, PlaceDeclaree(place=PLACE, **OTHERWISE))
    assert is_anomaly(effects, MotifAnomalie.TRANSITION_ILLEGALE)


@pytest.mark.parametrize("refreshment", [vacance(PLACE), previsible(PLACE)], ids=["vacant", "foreseeable"])
def test_a_vacancy_while_the_place_is_reserved_has_no_effect(reserve: Monde, refreshment: Contrat) -> None:
    before = reserve.subjects[PLACE]
    effects = reserve.dit(CENTRE, refreshment)
    assert effects == Effects(outcome=("sans_effet", "place_reservee"))
    assert reserve.subjects[PLACE] == before


def test_a_foreseen_vacancy_can_be_reserved_for_its_date() -> None:
    monde = Monde()
    monde.dit(CENTRE, previsible(PLACE))
    assert monde.dit(SIAO, proposition(ORIENTATION, PLACE)).recipients == (CENTRE,)
    assert monde.etat(PLACE) == "RESERVEE"


def test_what_the_state_of_a_place_does_not_allow_is_an_anomaly_with_its_state(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceFermee(place=PLACE))
    effects = monde.dit(CENTRE, vacance(PLACE))
    assert is_anomaly(effects, MotifAnomalie.TRANSITION_ILLEGALE)
    (alert,) = effects.derived
    assert isinstance(alert, AlerteAnomalie)
    assert (alert.objet, alert.type_evenement, alert.etat) == (PLACE, vacance(PLACE).TYPE, "FERMEE")


def test_a_lower_version_of_the_manager_is_older_whatever_it_says(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceOccupee(place=PLACE, version=7))
    effects = monde.dit(CENTRE, vacance(PLACE, version=6))
    assert effects == Effects(outcome=("sans_effet", "plus_ancien"))
    assert monde.etat(PLACE) == "OCCUPEE"


@pytest.mark.parametrize("version", [7, 8, None])
def test_the_same_version_a_higher_one_or_none_is_not_older(monde: Monde, version: int | None) -> None:
    monde.dit(CENTRE, PlaceOccupee(place=PLACE, version=7))
    assert monde.dit(CENTRE, vacance(PLACE, version=version)).recipients == (SIAO,)
    assert monde.etat(PLACE) == "DISPONIBLE"


def test_a_message_without_a_version_does_not_forget_the_last_one(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceOccupee(place=PLACE, version=7))
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(CENTRE, PlaceOccupee(place=PLACE, version=3))
    assert monde.etat(PLACE) == "DISPONIBLE"


def test_a_reservation_runs_out_after_its_time(reserve: Monde) -> None:
    assert reserve.place(PLACE).expire_le == MAINTENANT + RESERVATION


def test_an_expired_reservation_frees_the_place_and_the_siao_is_told(reserve: Monde) -> None:
    version = reserve.subjects[PLACE].version
    effects = reserve.hub_dit(PlaceLiberee(place=PLACE, version=version))
    assert effects.recipients == (SIAO,)
    assert reserve.etat(PLACE) == "DISPONIBLE"
    assert reserve.place(PLACE).orientation is None


@pytest.mark.parametrize("event", [PlaceLiberee, PlaceDisponible])
@pytest.mark.parametrize("lag", [-1, 1])
def test_an_event_of_the_hub_for_another_version_has_no_effect(
    reserve: Monde, event: type[EvenementPlace], lag: int
) -> None:
    before = reserve.subjects[PLACE]
    effects = reserve.hub_dit(event(place=PLACE, version=before.version + lag))
    assert effects == Effects(outcome=("sans_effet", "plus_ancien"))
    assert reserve.subjects[PLACE] == before


def test_an_event_of_the_hub_is_no_version_of_the_managers(monde: Monde) -> None:
    monde.hub_dit(PlaceDisponible(place=PLACE, version=monde.subjects[PLACE].version))
    assert monde.subjects[PLACE].versions_seen == {}


def test_a_place_occupied_before_the_arrival_is_told_stays_with_its_referral(reserve: Monde) -> None:
    reserve.dit(CENTRE, PlaceOccupee(place=PLACE))
    assert reserve.etat(PLACE) == "OCCUPEE"
    assert reserve.place(PLACE).orientation == ORIENTATION


def suspected(effects: Effects) -> list[MotifAnomalie]:
    """Motives of the alerts, whose place is occupied all the same."""
    assert effects.outcome is None
    return [alert.motif for alert in effects.derived if isinstance(alert, AlerteAnomalie)]


def test_a_free_place_that_is_occupied_is_a_suspected_direct_admission_asked_of_its_centre_once(
    monde: Monde,
) -> None:
    effects = monde.dit(CENTRE, PlaceOccupee(place=PLACE))
    assert suspected(effects) == [MotifAnomalie.OCCUPEE_SANS_ORIENTATION]
    assert monde.hub_dit(effects.derived[0]).recipients == (CENTRE,)
    assert monde.etat(PLACE) == "OCCUPEE"
    assert monde.dit(CENTRE, PlaceOccupee(place=PLACE)).derived == ()
    monde.dit(CENTRE, vacance(PLACE))
    assert suspected(monde.dit(CENTRE, PlaceOccupee(place=PLACE))) == [MotifAnomalie.OCCUPEE_SANS_ORIENTATION]


def test_a_place_occupied_while_its_referral_waits_for_an_answer_is_a_suspected_direct_admission(
    reserve: Monde,
) -> None:
    effects = reserve.dit(CENTRE, PlaceOccupee(place=PLACE))
    assert suspected(effects) == [MotifAnomalie.OCCUPEE_SANS_ORIENTATION]


def test_a_place_occupied_under_an_accepted_referral_is_not_suspected(reserve: Monde) -> None:
    reserve.dit(CENTRE, acceptee(ORIENTATION))
    assert suspected(reserve.dit(CENTRE, PlaceOccupee(place=PLACE))) == []


def test_a_place_occupied_by_a_referral_that_its_manager_names_is_not_suspected(reserve: Monde) -> None:
    assert suspected(reserve.dit(CENTRE, PlaceOccupee(place=PLACE, orientation=ORIENTATION))) == []


@pytest.mark.parametrize(
    "said",
    [
        PlaceOccupee(place=PLACE, raison=RaisonOccupation.NAISSANCE),
        PlaceOccupee(place=PLACE, orientation=ORIENTATION),
        admission(PLACE, motif_admission=MotifAdmission.URGENCE),
        vacance(PLACE),
    ],
)
def test_a_suspected_place_is_explained_in_each_way_before_the_siao_is_told(
    monde: Monde, said: Contrat
) -> None:
    monde.dit(SIAO, proposition(ORIENTATION))
    monde.dit(CENTRE, PlaceOccupee(place=PLACE))
    assert Echeance.EXPLICATION in running_of(monde.place(PLACE), monde.registry)
    assert monde.dit(CENTRE, said).outcome is None
    assert running_of(monde.place(PLACE), monde.registry) == {}


def test_an_arrival_explains_a_suspected_place(reserve: Monde) -> None:
    reserve.dit(CENTRE, PlaceOccupee(place=PLACE))
    reserve.dit(CENTRE, EntreeConstatee(orientation=ORIENTATION, entree_le=JOUR))
    assert (reserve.place(PLACE).a_expliquer_depuis, reserve.place(PLACE).orientation) == (None, ORIENTATION)


@pytest.fixture
def reserve_et_suspecte(monde: Monde) -> Monde:
    """A place whose household nobody has explained, and which is kept for the next one."""
    monde.dit(CENTRE, PlaceOccupee(place=PLACE))
    monde.dit(CENTRE, previsible(PLACE))
    monde.dit(SIAO, proposition(ORIENTATION, place=PLACE))
    assert monde.place(PLACE).etat == "RESERVEE"
    return monde


@pytest.mark.parametrize(
    "said",
    [
        EntreeConstatee(orientation=ORIENTATION, entree_le=JOUR),
        PlaceOccupee(place=PLACE, orientation=ORIENTATION),
    ],
)
def test_a_place_is_occupied_by_the_household_it_is_kept_for_though_the_one_before_was_never_explained(
    reserve_et_suspecte: Monde, said: Contrat
) -> None:
    assert reserve_et_suspecte.dit(CENTRE, said).outcome is None
    held = reserve_et_suspecte.place(PLACE)
    assert (held.etat, held.orientation, held.expire_le) == ("OCCUPEE", ORIENTATION, None)


def test_an_explanation_of_the_present_household_leaves_the_place_to_the_next(
    reserve_et_suspecte: Monde,
) -> None:
    for _ in range(2):
        reserve_et_suspecte.dit(CENTRE, PlaceOccupee(place=PLACE, raison=RaisonOccupation.NAISSANCE))
    held = reserve_et_suspecte.place(PLACE)
    assert (held.etat, held.orientation, held.a_expliquer_depuis) == ("RESERVEE", ORIENTATION, None)


def test_without_an_explanation_the_siao_is_told_after_a_working_day(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceOccupee(place=PLACE))
    running = running_of(monde.place(PLACE), monde.registry)[Echeance.EXPLICATION]
    assert running.due_at - monde.now == timedelta(days=1)
    (alert,) = monde.hub_dit(message_at(monde.place(PLACE), running, Etape.ECHUE)).derived
    assert set(monde.hub_dit(alert).recipients) == {SIAO, CENTRE}
    assert running_of(monde.place(PLACE), monde.registry) == {}


def test_nothing_is_suspected_of_a_place_that_the_hub_did_not_know_to_be_free() -> None:
    monde = Monde()
    assert suspected(monde.dit(CENTRE, PlaceOccupee(place=PLACE))) == []
    monde.dit(CENTRE, previsible(PLACE))
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    assert suspected(monde.dit(CENTRE, PlaceOccupee(place=PLACE))) == [], "son occupant reste"


def test_a_manager_may_say_by_which_referral_its_place_is_occupied(reserve: Monde) -> None:
    reserve.dit(SIAO, proposition(ident("une autre")))
    reserve.dit(CENTRE, PlaceOccupee(place=PLACE, orientation=ident("une autre")))
    assert reserve.place(PLACE).orientation == ident("une autre")


@pytest.mark.parametrize("event", [vacance(PLACE), PlaceFermee(place=PLACE), PlaceLiberee(place=PLACE)])
def test_a_place_that_is_empty_belongs_to_no_referral_any_more(reserve: Monde, event: Contrat) -> None:
    reserve.dit(CENTRE, PlaceOccupee(place=PLACE))
    reserve.dit(CENTRE, event)
    assert reserve.place(PLACE).orientation is None


def test_a_place_out_of_use_is_not_available_and_the_siao_knows(monde: Monde) -> None:
    assert monde.dit(CENTRE, PlaceIndisponible(place=PLACE, motif="TRAVAUX")).recipients == (SIAO,)
    assert monde.etat(PLACE) == "INDISPONIBLE"


def groupe(vacantes: int = 1, **more: Any) -> GroupePlacesModifie:
    """Figures of a group of three places."""
    return GroupePlacesModifie(
        groupe=GROUPE,
        structure=FINESS,
        dispositif=Dispositif.INSERTION,
        capacite=3,
        occupees=3 - vacantes,
        vacantes=vacantes,
        indisponibles=0,
        **more,
    )


def test_what_is_only_told_goes_to_the_siao_and_moves_nothing(monde: Monde) -> None:
    event = PlaceReservee(place=PLACE, orientation=ORIENTATION, expire_le=MAINTENANT)
    assert monde.dit(CENTRE, event) == Effects(recipients=(SIAO,))


def test_the_figures_of_a_group_go_to_the_siao_and_move_nothing(monde: Monde) -> None:
    before = monde.subjects[PLACE]
    for vacantes in (1, 2):
        effects = monde.dit(CENTRE, groupe(vacantes))
        assert (effects.recipients, effects.derived, effects.outcome) == ((SIAO,), (), None)
    assert monde.subjects == {PLACE: before, GROUPE: GroupePlaces(id=GROUPE, version=1, gestionnaire=CENTRE)}


def test_a_group_belongs_to_who_first_told_of_it(monde: Monde) -> None:
    monde.dit(CENTRE, groupe())
    assert is_anomaly(monde.dit(AUTRE, groupe()), MotifAnomalie.EMETTEUR_INATTENDU)


def test_figures_of_a_lower_version_are_older(monde: Monde) -> None:
    monde.dit(CENTRE, groupe(version=7))
    assert monde.dit(CENTRE, groupe(2, version=6)) == Effects(outcome=("sans_effet", "plus_ancien"))
    assert monde.dit(CENTRE, groupe(2)).recipients == (SIAO,)
    assert monde.dit(CENTRE, groupe(2, version=6)).outcome == ("sans_effet", "plus_ancien")


def test_every_change_is_one_version_more(monde: Monde) -> None:
    before = monde.subjects[PLACE].version
    monde.dit(CENTRE, PlaceOccupee(place=PLACE))
    assert monde.subjects[PLACE].version == before + 1


def test_the_hub_is_no_partner_that_may_be_imitated() -> None:
    assert HUB not in Monde().registry.partners
