"""Who hears of a place without a part in it: the 115 of the territory, of tonight's places alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.envelope import HUB
from contracts.partner import Famille
from contracts.reference.codes import Dispositif, MotifRefus
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.demande import SignalementRecu, SignalementTraite
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.orientation import OrientationAnnulee
from contracts.v1.place import (
    PlaceDeclaree,
    PlaceDisponible,
    PlaceIndisponible,
    PlaceLiberee,
    PlaceOccupee,
    PlaceRetenue,
    PlaceVacante,
)
from contracts.v1.suite import MotifAdmission
from router.domain.books import message_at
from router.domain.deadlines import running_of
from router.domain.tonight import holds_until
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    CENTRE,
    FINESS,
    JOUR,
    SIAO,
    Monde,
    admission,
    ident,
    partner,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import entree, refusee
from tests.unit.router.domain.test_rules_abroad import ceded

PLACE, LE_115, ETAT = ident("place"), "le-115", "ddets"


def monde(**more: Any) -> Monde:
    there = partner(LE_115, Famille.VEILLE_SOCIALE, **more)
    return Monde().avec(there)


def tonight(**more: Any) -> PlaceVacante:
    return vacance(PLACE, **more).model_copy(update={"dispositif": Dispositif.URGENCE})


def test_an_emergency_place_that_is_free_is_told_to_the_siao_and_to_the_115_of_its_territory() -> None:
    assert monde().dit(CENTRE, tonight()).recipients == (SIAO, LE_115)


@pytest.mark.parametrize(
    "end", [PlaceOccupee(place=PLACE), PlaceIndisponible(place=PLACE, motif="TRAVAUX")], ids=lambda e: e.NOM
)
def test_the_115_hears_that_it_is_not_free_any_more(end: Contrat) -> None:
    here = monde()
    here.dit(CENTRE, tonight())
    assert here.dit(CENTRE, end).recipients == (SIAO, LE_115)


def test_a_place_that_waits_for_the_siaos_decision_is_told_to_the_siao_alone() -> None:
    here = monde()
    assert here.dit(CENTRE, vacance(PLACE)).recipients == (SIAO,)
    assert here.dit(CENTRE, PlaceDisponible(place=PLACE)).recipients == (SIAO,)
    assert here.dit(CENTRE, PlaceOccupee(place=PLACE)).recipients == (SIAO,)


def described(kind: Dispositif) -> PlaceDeclaree:
    return PlaceDeclaree(place=PLACE, structure=FINESS, commune="01451", dispositif=kind)


def test_a_free_place_that_became_one_of_tonight_is_told_to_the_115_at_its_next_vacancy() -> None:
    here = monde()
    here.dit(CENTRE, vacance(PLACE))
    effects = here.dit(CENTRE, described(Dispositif.URGENCE))
    assert (effects.recipients, effects.derived) == ((SIAO,), ())
    assert here.dit(CENTRE, tonight()).recipients == (SIAO, LE_115)


def test_and_one_that_no_longer_is_is_not_taken_from_it() -> None:
    here = monde()
    here.dit(CENTRE, tonight())
    effects = here.dit(CENTRE, described(Dispositif.INSERTION))
    assert (effects.recipients, effects.derived) == ((SIAO,), ())
    assert here.dit(SIAO, proposition(ident("une"), PLACE)).derived == ()


OTHER_MOTIVES = (MotifRefus.ANIMAL, MotifRefus.DOSSIER_INCOMPLET)


@each_row("motif", MotifRefus)
def test_the_state_hears_a_refusal_for_want_of_means_and_its_correction_and_no_other(
    motif: MotifRefus,
) -> None:
    here = monde()
    state = partner(ETAT, Famille.ETAT, dialecte_sortant="etat_json")
    here.avec(state)
    here.dit(SIAO, proposition(ident("une")))
    told = (SIAO, ETAT) if motif is MotifRefus.RESSOURCES_INSUFFISANTES else (SIAO,)
    assert here.dit(CENTRE, refusee(ident("une"), motif)).recipients == told
    if motif is MotifRefus.RESSOURCES_INSUFFISANTES:
        corrected = [here.dit(CENTRE, refusee(ident("une"), each)).recipients for each in OTHER_MOTIVES]
        assert corrected == [(SIAO, ETAT), (SIAO,)], "elle apprend que ce n'en était pas un, et rien de plus"


def test_a_place_that_another_territory_gives_back_is_told_to_the_115_where_it_stands() -> None:
    here = monde()
    ailleurs = partner("siao-02", Famille.SIAO, territoire="02")
    la_bas = partner("115-02", Famille.VEILLE_SOCIALE, territoire="02")
    here.avec(ailleurs, la_bas)
    here.dit(CENTRE, tonight())
    here.dit("siao-02", proposition(ident("une"), PLACE, demande=ceded(here, "siao-02")), territoire="02")
    derived = here.dit("siao-02", OrientationAnnulee(orientation=ident("une")), territoire="02").derived
    (free,) = (each for each in derived if isinstance(each, PlaceDisponible))
    assert here.dit(HUB, free, territoire="02").recipients == (SIAO, LE_115)


@pytest.mark.parametrize("more", [{"territoire": "02"}, {"sortie": None}], ids=["elsewhere", "no way out"])
def test_a_115_elsewhere_or_without_a_way_out_hears_nothing(more: dict[str, Any]) -> None:
    assert monde(**more).dit(CENTRE, tonight()).recipients == (SIAO,)


def test_a_household_that_is_directed_to_a_place_of_tonight_takes_it_from_the_115_at_once() -> None:
    here = monde()
    here.dit(CENTRE, tonight())
    urgent = proposition(ident("une"), PLACE, dispositif=Dispositif.URGENCE)
    (taken,) = here.dit(SIAO, urgent).derived
    assert taken == PlaceRetenue(place=PLACE, version=here.place(PLACE).version)
    assert here.hub_dit(taken).recipients == (LE_115,)
    (free,) = here.dit(SIAO, OrientationAnnulee(orientation=ident("une"))).derived
    assert here.hub_dit(free).recipients == (SIAO, LE_115), "et la lui rend"


def test_a_household_admitted_to_a_place_of_tonight_without_the_siao_takes_it_from_the_115_at_once() -> None:
    here = monde()
    here.dit(CENTRE, tonight())
    urgent = admission(PLACE, motif_admission=MotifAdmission.URGENCE)
    (taken,) = here.dit(CENTRE, urgent).derived
    assert here.hub_dit(taken).recipients == (LE_115,)
    assert here.dit(CENTRE, urgent).derived == (), "une fois"


def test_a_household_that_comes_after_its_reservation_ran_out_takes_the_place_from_the_115_at_once() -> None:
    here, une = monde(), ident("une")
    here.dit(CENTRE, tonight())
    here.dit(SIAO, proposition(une, PLACE, dispositif=Dispositif.URGENCE))
    over = PlaceLiberee(place=PLACE, version=here.place(PLACE).version)
    assert here.hub_dit(over).recipients == (SIAO, LE_115)
    (taken,) = here.dit(CENTRE, entree(une)).derived
    assert here.hub_dit(taken).recipients == (LE_115,)


def test_a_reservation_is_no_news_where_nobody_fills_tonights_places() -> None:
    for here, said in ((Monde(), tonight()), (monde(), vacance(PLACE)), (monde(territoire="02"), tonight())):
        here.dit(CENTRE, said)
        assert here.dit(SIAO, proposition(ident("une"), PLACE)).derived == ()


def test_whoever_saw_somebody_in_the_street_hears_what_became_of_it_and_nobody_else_says_it() -> None:
    here, report = monde(), ident("signalement")
    seen = SignalementRecu(signalement=report, vu_le=here.now, commune="01053")
    assert here.dit(LE_115, seen).recipients == (SIAO,)
    outcome = SignalementTraite(signalement=report, suite="MISE_A_L_ABRI", traite_le=JOUR)
    assert here.dit(SIAO, outcome).recipients == (LE_115,)
    elsewhere = partner("siao-02", Famille.SIAO, territoire="02")
    here.avec(elsewhere)
    for source in ("siao-02", CENTRE):
        assert here.dit(source, outcome).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    unknown = outcome.model_copy(update={"signalement": ident("autre")})
    assert here.dit(SIAO, unknown).outcome == ("anomalie", MotifAnomalie.SUJET_INCONNU)


def test_a_report_that_nobody_follows_is_told_to_its_siao_until_it_says_what_became_of_it() -> None:
    here, report = monde(), ident("signalement")
    seen = SignalementRecu(signalement=report, vu_le=here.now, commune="01053")
    outcome = SignalementTraite(signalement=report, suite="NON_TROUVEE", traite_le=JOUR)
    for _ in ("vue", "revue après une première suite"):
        here.dit(LE_115, seen)
        deadline = running_of(here.subjects[report], here.registry)[Echeance.SIGNALEMENT]
        assert deadline.due_at == here.now + timedelta(hours=24)
        assert [stage.etape for stage in deadline.stages] == list(Etape)
        for etape in Etape:
            (alert,) = here.hub_dit(message_at(here.subjects[report], deadline, etape)).derived
            assert here.hub_dit(alert).recipients == (SIAO,), etape
        here.now += timedelta(hours=30)
        here.dit(SIAO, outcome)
        assert running_of(here.subjects[report], here.registry) == {}


def test_a_vacancy_of_a_friday_evening_holds_for_a_day_and_not_until_monday() -> None:
    friday = datetime(2026, 3, 6, 20, 30, tzinfo=UTC)
    assert holds_until(Famille.VEILLE_SOCIALE, friday, "01") == friday + timedelta(hours=24)
    assert holds_until(Famille.SIAO, friday, "01") is None
