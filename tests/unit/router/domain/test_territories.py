"""Territories are data: which desk receives a place or a demand, and who hears it, by volet, antenna and perimeter."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest

from contracts.base import Nature
from contracts.envelope import HUB
from contracts.errors import Unroutable
from contracts.partner import Famille, Partner, Volet
from contracts.perimetre import Perimetre
from contracts.reference.codes import Dispositif
from contracts.v1.alerte import AlerteSilence
from contracts.v1.demande import DemandeRecue, SignalementRecu
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import OrientationAccusee
from contracts.v1.place import PlaceDisponible, PlaceOccupee, PlaceReservee, PlaceVacante
from contracts.v1.pret_logement import (
    EvenementListe,
    ListeRepondue,
    PretLogementActualise,
    PretLogementDeclare,
    PretLogementDecrit,
    PretLogementRetire,
)
from router.domain import authority, location
from router.domain.audience import receivable_by
from router.domain.deadlines import territoire_of
from router.domain.partners import Registry
from router.domain.sandbox import message_territoire
from router.domain.subjects import Demande, Orientation
from router.domain.territories import Lieu
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    CENTRE,
    FINESS,
    JOUR,
    MAINTENANT,
    Monde,
    ident,
    menage,
    partner,
    proposition,
)
from tests.unit.router.domain.reponses import acceptee, entree
from tests.unit.router.domain.test_rules_echeances import elapses

BOURG, BELLEY, LYON, VILLEFRANCHE = "01053", "01034", "69123", "69264"
METROPOLE = "200046977"
PLACE, DEMANDE = ident("place"), ident("demande")
URGENCE, INSERTION = Dispositif.URGENCE, Dispositif.INSERTION


def siao(name: str, **more: Any) -> Partner:
    return partner(name, Famille.SIAO, **more)


def inside(**named: Any) -> Perimetre:
    return Perimetre.model_validate(named)


def monde(*partners: Partner) -> Monde:
    shelter = partner(CENTRE, Famille.HEBERGEMENT, structures=(FINESS,), autres_territoires=("69",))
    return Monde(Registry.of([shelter, *partners]))


def vacante(dispositif: Dispositif, commune: str | None = BOURG, **more: Any) -> PlaceVacante:
    return PlaceVacante(place=PLACE, structure=FINESS, commune=commune, dispositif=dispositif, **more)


def demande(dispositif: Dispositif, commune: str | None = None) -> DemandeRecue:
    return DemandeRecue(demande=DEMANDE, menage=menage(), dispositif=dispositif, commune=commune)


DRAWN: Mapping[str, tuple[Perimetre, tuple[str, ...]]] = {
    "departement": (inside(departements=["69"]), (LYON, VILLEFRANCHE)),
    "arrondissement": (inside(arrondissements=["691"]), (LYON,)),
    "epci": (inside(epci=[METROPOLE]), (LYON,)),
    "communes": (inside(communes=[VILLEFRANCHE]), (VILLEFRANCHE,)),
    "two départements": (inside(departements=["69"], communes=[BELLEY]), (LYON, VILLEFRANCHE, BELLEY)),
}


@each_row(
    ("how", "commune", "volet", "dispositif"),
    [*product(DRAWN, (BOURG, BELLEY, LYON, VILLEFRANCHE), (None, *Volet), Dispositif)],
)
def test_a_desk_receives_what_its_perimeter_and_its_volet_hold_and_nothing_else(
    how: str, commune: str, volet: Volet | None, dispositif: Dispositif
) -> None:
    perimetre, held = DRAWN[how]
    desk = siao("siao-x", volet=volet, autres_territoires=("69",), perimetre=perimetre)
    territoire = commune[:2]
    found = Registry.of([desk]).siao_of(Lieu(territoire, communes=(commune,)), dispositif)
    urgent = dispositif is URGENCE
    its_volet = volet is None or (volet is Volet.URGENCE) is urgent
    assert (found is not None) is (commune in held and its_volet)


def test_a_place_of_urgence_and_one_of_insertion_reach_two_siao() -> None:
    here = monde(siao("siao-u", volet="urgence"), siao("siao-i", volet="insertion"))
    assert here.dit(CENTRE, vacante(URGENCE)).recipients == ("siao-u",)
    other = PlaceVacante(place=ident("autre"), structure=FINESS, commune=BOURG, dispositif=INSERTION)
    assert here.dit(CENTRE, other).recipients == ("siao-i",)
    assert here.dit(CENTRE, PlaceOccupee(place=other.place)).recipients == ("siao-i",)
    assert here.dit(CENTRE, PlaceOccupee(place=PLACE)).recipients == ("siao-u",)


def test_a_place_that_changes_its_kind_is_told_to_the_siao_that_loses_it_too() -> None:
    here = monde(siao("siao-u", volet="urgence"), siao("siao-i", volet="insertion"))
    here.dit(CENTRE, vacante(URGENCE))
    assert here.dit(CENTRE, vacante(INSERTION)).recipients == ("siao-i", "siao-u")
    assert here.dit(CENTRE, vacante(INSERTION)).recipients == ("siao-i",)


def test_a_demand_goes_to_the_siao_of_what_it_asks_for_and_an_alarm_in_the_street_to_the_emergency_desk() -> (
    None
):
    le_115 = partner("le-115", Famille.VEILLE_SOCIALE)
    here = monde(siao("siao-i", volet="insertion"), siao("siao-u", volet="urgence"), le_115)
    assert here.dit("le-115", demande(INSERTION)).recipients == ("siao-i",)
    seen = SignalementRecu(signalement=ident("rue"), vu_le=MAINTENANT, commune=BOURG)
    assert here.dit("le-115", seen).recipients == ("siao-u",)


def test_a_volet_that_no_siao_has_is_said_without_the_commune_of_the_household() -> None:
    here = monde(siao("siao-u", volet="urgence"), partner("le-115", Famille.VEILLE_SOCIALE))
    with pytest.raises(Unroutable) as refused:
        here.dit("le-115", demande(INSERTION, BELLEY))
    assert str(refused.value) == "aucun SIAO au registre pour le territoire 01, volet insertion"


ANTENNE = siao("antenne-belley", antenne_de="siao-01", perimetre=inside(arrondissements=["011"]))
UNREACHABLE = ANTENNE.model_copy(update={"sortie": None})


@each_row(("commune", "desk"), [(BELLEY, "antenne-belley"), (BOURG, "siao-01"), (None, "siao-01")])
def test_an_antenna_receives_alone_what_lies_in_its_perimeter_and_its_siao_the_rest(
    commune: str | None, desk: str
) -> None:
    """A place in secret says no commune: it is the SIAO's."""
    here = monde(siao("siao-01"), ANTENNE, partner("le-115", Famille.VEILLE_SOCIALE))
    assert here.dit(CENTRE, vacante(INSERTION, commune)).recipients == (desk,)
    assert here.dit("le-115", demande(INSERTION, commune)).recipients == (desk,)


def test_an_antenna_does_what_its_siao_does() -> None:
    here = monde(siao("siao-01", volet="insertion"), ANTENNE, siao("siao-u", volet="urgence"))
    assert here.dit(CENTRE, vacante(URGENCE, BELLEY)).recipients == ("siao-u",)
    assert here.dit(CENTRE, vacante(INSERTION, BELLEY)).recipients == ("antenne-belley", "siao-u")


def test_an_antenna_that_cannot_be_reached_leaves_everything_to_its_siao() -> None:
    here = monde(siao("siao-01"), UNREACHABLE)
    assert here.dit(CENTRE, vacante(INSERTION, BELLEY)).recipients == ("siao-01",)


def test_the_siao_of_an_antenna_that_cannot_be_reached_learns_each_answer_to_its_antennas_referrals() -> None:
    here, une = monde(siao("siao-01"), UNREACHABLE), ident("une")
    here.dit(CENTRE, vacante(INSERTION, BELLEY))
    assert here.dit(ANTENNE.id, proposition(une, PLACE)).recipients == (CENTRE,)
    for answer in (OrientationAccusee(orientation=une), acceptee(une), entree(une)):
        assert here.dit(CENTRE, answer).recipients == ("siao-01",)


def test_the_siao_of_an_antenna_that_cannot_be_reached_learns_that_no_answer_comes() -> None:
    here, une = monde(siao("siao-01"), UNREACHABLE), ident("une")
    here.dit(ANTENNE.id, proposition(une))
    here.hub_dit(LivraisonRemise(objet=une, partenaire=CENTRE, remise_le=here.now))
    (told,) = elapses(here, une, Echeance.DECISION, Etape.DEPASSEE).derived
    assert here.etat(une) == "SANS_REPONSE"
    assert here.hub_dit(told).recipients == ("siao-01", CENTRE)


def test_a_manager_over_two_departements_says_each_place_to_the_siao_where_it_lies() -> None:
    here = monde(siao("siao-01"), siao("siao-69", territoire="69"))
    shelter = here.registry.partners[CENTRE]
    for commune, desk, territoire in (
        (BOURG, "siao-01", "01"),
        (LYON, "siao-69", "69"),
        (None, "siao-01", "01"),
        ("38185", "siao-01", "01"),
    ):
        said = vacante(URGENCE, commune).model_copy(update={"place": ident(f"place {commune}")})
        assert message_territoire(shelter, commune) == territoire
        assert here.dit(CENTRE, said, territoire).recipients == (desk,)
        assert here.dit(CENTRE, PlaceOccupee(place=said.place), "01").recipients == (desk,)


def test_days_are_counted_where_the_place_is_and_an_alert_goes_to_the_siao_of_the_referral() -> None:
    hopital = partner("chu", Famille.ARS, structures=(FINESS,), autres_territoires=("974",))
    reunion = siao("siao-974", territoire="974")
    here = Monde(Registry.of([hopital, siao("siao-01"), reunion]))
    here.dit("chu", vacante(INSERTION, "97411"), "974")
    une = ident("une")
    here.dit("siao-974", proposition(une, PLACE), "974")
    referral = here.subjects[une]
    assert isinstance(referral, Orientation)
    assert territoire_of(referral, here.registry) == "974"
    (told,) = here.dit("siao-01", proposition(ident("deux"), PLACE), "01").derived
    assert here.dit(HUB, told, "01").recipients == ("siao-01",)
    (told,) = here.dit("chu", proposition(une, PLACE), "01").derived
    assert here.dit(HUB, told, "01").recipients[0] == "siao-974"


def test_the_silence_of_a_partner_of_two_territories_is_told_to_every_siao_of_both() -> None:
    here = monde(
        siao("siao-u", volet="urgence"),
        siao("siao-i", volet="insertion"),
        ANTENNE.model_copy(update={"antenne_de": "siao-i"}),
        siao("siao-69", territoire="69"),
        siao("siao-38", territoire="38"),
    )
    silence = AlerteSilence(
        objet=ident("centre"),
        nature=Nature.PARTENAIRE,
        evenement=ident("dernier"),
        type_evenement=AlerteSilence.TYPE,
        partenaire=CENTRE,
        depuis=MAINTENANT,
    )
    assert here.dit(HUB, silence).recipients == ("siao-u", "siao-i", "siao-69")


@each_row(("commune", "told"), [(BELLEY, True), (BOURG, False), (None, True)])
def test_a_115_hears_tonights_places_of_its_perimeter(commune: str | None, told: bool) -> None:
    """A place in secret, whose commune nobody may know, is told to the 115 of its territory as before."""
    le_115 = partner("le-115", Famille.VEILLE_SOCIALE, perimetre=inside(arrondissements=["011"]))
    here = monde(siao("siao-01"), le_115)
    assert here.dit(CENTRE, vacante(URGENCE, commune)).recipients == ("siao-01", "le-115")[: 1 + told]
    assert here.dit(HUB, PlaceDisponible(place=PLACE)).outcome is not None
    assert here.dit(CENTRE, PlaceOccupee(place=PLACE)).recipients == ("siao-01", "le-115")[: 1 + told]


def test_the_siao_of_an_antenna_may_reserve_what_is_its_antennas_and_a_stranger_may_not() -> None:
    here = monde(siao("siao-01"), ANTENNE, siao("siao-69", territoire="69"))
    here.dit(CENTRE, vacante(INSERTION, BELLEY))
    may = [
        name
        for name in here.registry.partners
        if authority.may_say(PlaceReservee, name, here.subjects[PLACE], here.registry)
    ]
    assert may == [CENTRE, "siao-01", "antenne-belley"]


def test_a_protected_place_does_not_say_its_territory_by_the_envelope() -> None:
    """Envelopes travel in clear: where a refuge is must not follow from them."""
    refuge = vacante(URGENCE, LYON, protegee=True)
    violences = vacante(URGENCE, LYON, type_place="60")
    assert [location.open_commune(each) for each in (refuge, violences, vacante(URGENCE, LYON))] == [
        None,
        None,
        LYON,
    ]


def test_a_demand_remembers_why_it_is_where_it_is_and_stays_there() -> None:
    here = monde(siao("siao-01"), ANTENNE, partner("le-115", Famille.VEILLE_SOCIALE))
    here.dit("le-115", demande(INSERTION, BELLEY))
    held = here.subjects[DEMANDE]
    assert isinstance(held, Demande)
    assert (held.destinataire, held.dispositif, held.commune) == ("antenne-belley", INSERTION, BELLEY)


MENAGE = ident("prêt")
DRAWN_READERS = (
    partner("ddets-69", Famille.CONTINGENT, territoire="69"),
    partner("metropole", Famille.CONTINGENT, territoire="69", perimetre=inside(epci=[METROPOLE])),
    partner("beaujolais", Famille.CONTINGENT, territoire="69", perimetre=inside(arrondissements=["692"])),
    partner("ddets-01-69", Famille.CONTINGENT, autres_territoires=("69",)),
    partner("ddets-38", Famille.CONTINGENT, territoire="38"),
    partner("ddets-01", Famille.CONTINGENT),
    partner(
        "ain-seul", Famille.CONTINGENT, autres_territoires=("69",), perimetre=inside(departements=["01"])
    ),
)


def pret(
    departement: str, *wanted: str, kind: type[PretLogementDecrit] = PretLogementDeclare
) -> PretLogementDecrit:
    return kind(menage=menage("prêt"), departement=departement, communes=wanted, evaluee_le=JOUR)


@each_row(
    ("departement", "wanted", "readers"),
    [
        ("69", (), {"ddets-69", "metropole", "beaujolais", "ddets-01-69"}),
        ("69", (LYON,), {"ddets-69", "metropole", "ddets-01-69"}),
        ("69", (VILLEFRANCHE,), {"ddets-69", "beaujolais", "ddets-01-69"}),
        ("69", (LYON, VILLEFRANCHE), {"ddets-69", "metropole", "beaujolais", "ddets-01-69"}),
        ("01", (), {"ddets-01", "ddets-01-69", "ain-seul"}),
        ("2A", (), set()),
    ],
)
def test_a_ready_household_reaches_each_reader_whose_perimeter_holds_it_and_no_other(
    departement: str, wanted: tuple[str, ...], readers: set[str]
) -> None:
    """Whichever SIAO declares it: the household's département decides, not the territory of the SIAO."""
    for territoire in ("01", "69", "38"):
        desk = siao("siao-x", territoire=territoire)
        here = monde(desk, *DRAWN_READERS)
        assert set(here.dit("siao-x", pret(departement, *wanted), territoire).recipients) == readers


def test_a_regional_service_without_an_entry_of_a_reader_hears_of_no_household_of_the_list() -> None:
    """It gets figures; a reader of several départements is one whose entry names each."""
    everywhere = {"territoire": "69", "autres_territoires": ("01", "38")}
    figures = [f for f in Famille if f not in (Famille.SIAO, Famille.CONTINGENT)]
    regional = [partner(f"region-{f}".replace("_", "-"), f, **everywhere) for f in figures]
    here = monde(siao("siao-01"), *regional, *DRAWN_READERS)
    for kind in (PretLogementDeclare, PretLogementActualise):
        assert set(here.dit("siao-01", pret("01", kind=kind)).recipients) <= {p.id for p in DRAWN_READERS}
    answer = ListeRepondue(menage=MENAGE, reponse="LABELLISEE", repondue_le=JOUR)
    assert here.dit("ddets-01", answer).recipients == ("siao-01",)
    gone = PretLogementRetire(menage=MENAGE, motif="RELOGE")
    assert set(here.dit("siao-01", gone).recipients) <= {p.id for p in DRAWN_READERS}
    for famille in figures:
        on_the_list = {kind for kind in receivable_by(famille) if issubclass(kind, EvenementListe)}
        assert on_the_list == set(), famille


def test_a_household_that_moves_leaves_one_list_and_enters_another_and_the_first_never_learns_where() -> None:
    here = monde(siao("siao-01"), *DRAWN_READERS)
    here.dit("siao-01", pret("69", VILLEFRANCHE))
    moved = here.dit("siao-01", pret("38", kind=PretLogementActualise))
    assert moved.recipients == ("ddets-38",)
    (gone,) = moved.derived
    assert gone == PretLogementRetire(menage=MENAGE, motif="DEPART_DU_TERRITOIRE")
    assert set(here.hub_dit(gone).recipients) == {"ddets-69", "beaujolais", "ddets-01-69"}
    assert here.etat(MENAGE) == "ACTUALISE"
    withdrawn = here.dit("siao-01", PretLogementRetire(menage=MENAGE, motif="RENONCIATION"))
    assert withdrawn.recipients == ("ddets-38",)


def test_a_household_that_comes_back_before_the_hub_has_spoken_stays_on_the_list() -> None:
    here = monde(siao("siao-01"), *DRAWN_READERS)
    here.dit("siao-01", pret("69", LYON))
    (gone,) = here.dit("siao-01", pret("38", kind=PretLogementActualise)).derived
    here.dit("siao-01", pret("69", LYON, kind=PretLogementActualise))
    assert here.hub_dit(gone).recipients == ("ddets-38",)


def test_who_holds_a_household_hears_its_end_also_when_the_registry_has_moved_its_perimeter_since() -> None:
    here = monde(siao("siao-01"), *DRAWN_READERS)
    here.dit("siao-01", pret("69", LYON))
    kept = {**here.registry.partners}
    del kept["ddets-69"]
    elsewhere = kept["metropole"].model_copy(update={"perimetre": inside(arrondissements=["692"])})
    here.registry = Registry({**kept, "metropole": elsewhere})
    ended = here.dit("siao-01", PretLogementRetire(menage=MENAGE, motif="RELOGE")).recipients
    assert set(ended) == {"metropole", "ddets-01-69"}
