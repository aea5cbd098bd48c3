"""What the social observation is told: a record for each step of a pathway, which leads to nobody."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from contracts.base import Contrat
from contracts.envelope import HUB
from contracts.partner import Famille
from contracts.reference.codes import Dispositif, TrancheAge
from contracts.v1.attribution import BailSigne, Canal, CandidaturePresentee, DecisionCommission
from contracts.v1.demande import DemandeRecue
from contracts.v1.menage import Menage, Personne
from contracts.v1.observation import Etape, ObservationEnregistrement
from contracts.v1.occupation import OccupationReleve
from contracts.v1.orientation import OrientationAcceptee, OrientationAccusee, OrientationRefusee
from contracts.v1.suite import EntreeConstatee, SejourProlonge, SortieDeclaree
from router.domain.rules.effects import Effects
from router.store.hub_events import entry_of
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    FINESS,
    JOUR,
    MAINTENANT,
    SIAO,
    SIRET,
    Monde,
    admission,
    attributes,
    ident,
    menage,
    partner,
    proposition,
    vacance,
)

BASE, LE_115, PLACE = "bdos-01", "le-115", ident("place")
DEMANDE, ORIENTATION = ident("demande"), ident("orientation")
ADULT = Personne(nom="Martin", tranche_age=TrancheAge.DE_25_A_34)
CHILD = Personne(nom="Martin", tranche_age=TrancheAge.DE_3_A_10)
FAMILLE = Menage(id=ident("famille"), composition="40", adultes=1, enfants=1, personnes=(CHILD, ADULT))


def monde(**more: Any) -> Monde:
    there = [partner(BASE, Famille.BDOS, **more), partner(LE_115, Famille.VEILLE_SOCIALE)]
    return Monde().avec(*there)


def records(effects: Effects) -> Sequence[ObservationEnregistrement]:
    return [each for each in effects.derived if isinstance(each, ObservationEnregistrement)]


def only(effects: Effects) -> ObservationEnregistrement:
    (record,) = records(effects)
    return record


def demand(household: Menage = FAMILLE) -> DemandeRecue:
    return DemandeRecue(demande=DEMANDE, menage=household, dispositif=Dispositif.URGENCE)


def referral() -> Contrat:
    return proposition(ORIENTATION, demande=DEMANDE)


def test_a_demand_is_a_step_with_the_household_in_bands_and_nothing_that_names_it() -> None:
    record = only(monde().dit(LE_115, demand()))
    assert (record.etape, record.le, record.departement) == (Etape.DEMANDE, JOUR, "01")
    assert (record.composition, record.tranche_age) == ("40", TrancheAge.DE_25_A_34)
    assert record.dispositif is Dispositif.URGENCE
    assert {str(DEMANDE), str(FAMILLE.id)}.isdisjoint(record.model_dump(mode="json").values())


def test_a_stay_opened_without_the_siao_is_one_entry_and_its_exit_bears_the_same_code() -> None:
    here, stay = monde(), ident("séjour")
    here.dit(CENTRE, vacance(PLACE))
    came = only(here.dit(CENTRE, admission(PLACE, orientation=stay)))
    left = only(here.dit(CENTRE, SortieDeclaree(orientation=stay, sortie_le=JOUR)))
    assert (came.etape, came.admission_directe, left.etape) == (Etape.ENTREE, True, Etape.SORTIE)
    assert (came.pseudonyme, came.code_orientation) == (left.pseudonyme, left.code_orientation)


def test_who_knows_the_event_of_a_step_cannot_make_the_ids_of_its_record() -> None:
    one, other = (
        only(monde().dit(LE_115, demand(household)))
        for household in (FAMILLE, Menage(id=ident("autre"), composition="40", adultes=1, enfants=1))
    )
    assert one.observation != other.observation
    causes = [attributes(number, LE_115, demand(), "01", MAINTENANT) for number in (1, 2)]
    assert len({entry_of(cause, one).attributes.id for cause in causes}) == 1
    assert len({entry_of(causes[0], record).attributes.id for record in (one, other)}) == 2


def test_the_steps_of_a_pathway_bear_the_same_codes_whatever_the_siao_calls_the_household() -> None:
    here = monde()
    first = only(here.dit(LE_115, demand()))
    later = [
        only(here.dit(source, said))
        for source, said in (
            (SIAO, referral()),
            (CENTRE, OrientationAcceptee(orientation=ORIENTATION)),
            (CENTRE, EntreeConstatee(orientation=ORIENTATION, entree_le=date(2026, 3, 1))),
            (CENTRE, SortieDeclaree(orientation=ORIENTATION, sortie_le=JOUR)),
        )
    ]
    assert [r.etape for r in later] == [Etape.ORIENTATION, Etape.ACCEPTATION, Etape.ENTREE, Etape.SORTIE]
    assert {(r.pseudonyme, r.code_demande) for r in later} == {(first.pseudonyme, first.code_demande)}
    assert len({r.code_orientation for r in later}) == 1
    assert [r.le for r in later] == [JOUR, JOUR, date(2026, 3, 1), JOUR]
    assert {r.dispositif for r in later} == {Dispositif.INSERTION}
    assert len({r.observation for r in later}) == len(later)


@pytest.mark.parametrize(
    ("auteur", "motif", "etape"),
    [
        ("STRUCTURE", "COMPOSITION_INADAPTEE", Etape.REFUS_STRUCTURE),
        ("PERSONNE", "LOCALISATION", Etape.REFUS_PERSONNE),
    ],
)
def test_a_refusal_is_a_step_that_says_who_refused(auteur: str, motif: str, etape: Etape) -> None:
    here = monde()
    here.dit(SIAO, proposition(ORIENTATION))
    record = only(here.dit(CENTRE, OrientationRefusee(orientation=ORIENTATION, auteur=auteur, motif=motif)))
    assert (record.etape, record.code_demande) == (etape, None)


def test_what_moves_nothing_on_is_no_step() -> None:
    here = monde()
    here.dit(SIAO, proposition(ORIENTATION))
    entree = EntreeConstatee(orientation=ORIENTATION, entree_le=JOUR)
    assert records(here.dit(CENTRE, OrientationAccusee(orientation=ORIENTATION))) == []
    assert records(here.dit(CENTRE, entree)) != []
    assert records(here.dit(CENTRE, entree)) == []
    assert records(here.dit(CENTRE, SejourProlonge(orientation=ORIENTATION, jusqu_au=date(2026, 9, 1)))) == []
    assert records(here.dit(CENTRE, OrientationAcceptee(orientation=ORIENTATION))) == []


def test_a_lease_is_a_step_of_rehousing() -> None:
    here, candidacy = monde(), ident("candidature")
    here.dit(
        SIAO,
        CandidaturePresentee(
            candidature=candidacy, menage=menage(), bailleur=SIRET, canal=Canal.ACCORD_COLLECTIF
        ),
    )
    here.dit(BAILLEUR, DecisionCommission(candidature=candidacy, resultat="ATTRIBUTION", commission_le=JOUR))
    record = only(here.dit(BAILLEUR, BailSigne(candidature=candidacy, signature_le=date(2026, 2, 27))))
    assert (record.etape, record.le) == (Etape.RELOGEMENT, date(2026, 2, 27))
    assert record.dispositif is Dispositif.LOGEMENT


def test_an_admission_without_the_siao_is_an_arrival_that_says_so() -> None:
    here = monde()
    here.dit(CENTRE, vacance(PLACE))
    record = only(here.dit(CENTRE, admission(PLACE)))
    assert (record.etape, record.admission_directe, record.le) == (Etape.ENTREE, True, JOUR)
    assert record.dispositif is Dispositif.INSERTION


def test_an_admission_without_the_siao_that_is_said_again_or_corrected_is_one_arrival() -> None:
    here = monde()
    here.dit(CENTRE, vacance(PLACE))
    came = admission(PLACE)
    assert len(records(here.dit(CENTRE, came))) == 1
    assert records(here.dit(CENTRE, came)) == []
    assert records(here.dit(CENTRE, came.model_copy(update={"menage": FAMILLE}))) == []
    another = came.model_copy(update={"admission_le": date(2026, 3, 3)})
    assert len(records(here.dit(CENTRE, another))) == 1


def test_a_record_goes_to_the_observation_of_its_territory_and_nothing_is_noted_of_it() -> None:
    here = monde()
    record = only(here.dit(LE_115, demand()))
    told = here.dit(HUB, record)
    assert (told.recipients, told.subjects, told.outcome) == ((BASE,), (), None)


def test_nobody_but_the_hub_makes_records() -> None:
    here = monde()
    record = only(here.dit(LE_115, demand()))
    told = here.dit(CENTRE, record)
    assert told.recipients == ()
    assert told.outcome is not None


@pytest.mark.parametrize("more", [{"territoire": "02"}, {"sortie": None}], ids=["elsewhere", "no way out"])
def test_where_no_observation_listens_no_record_is_made(more: dict[str, Any]) -> None:
    assert records(monde(**more).dit(LE_115, demand())) == []


def test_the_daily_figures_of_a_group_reach_the_observation_too() -> None:
    figures = OccupationReleve(
        groupe=uuid4(),
        structure=FINESS,
        dispositif=Dispositif.URGENCE,
        capacite=5,
        occupees=3,
        vacantes=1,
        indisponibles=1,
        releve_le=JOUR,
    )
    assert monde().dit(CENTRE, figures).recipients == (SIAO, BASE)


def test_a_step_is_counted_in_the_departement_of_its_place_and_told_to_the_observation_there() -> None:
    """Not in that of its sender's first territory."""
    chu = partner(CENTRE, Famille.HEBERGEMENT, structures=(FINESS,), autres_territoires=("69",))
    siao, base = (
        partner("siao-69", Famille.SIAO, territoire="69"),
        partner("base-69", Famille.BDOS, territoire="69"),
    )
    here = Monde().avec(chu, siao, base)
    place = ident("place à Lyon")
    here.dit(CENTRE, vacance(place).model_copy(update={"commune": "69123"}), "69")
    here.dit("siao-69", proposition(ORIENTATION, place), "69")
    record = only(here.dit(CENTRE, OrientationAcceptee(orientation=ORIENTATION)))
    assert record.departement == "69"
    assert here.hub_dit(record).recipients == ("base-69",)
