"""Who covers what, what nobody covers, and what another registry would send elsewhere."""

from collections import Counter
from datetime import date
from uuid import uuid4

from contracts.base import Nature
from contracts.partner import Famille, Volet
from contracts.perimetre import DISPARU, Perimetre
from contracts.reference.codes import Dispositif
from contracts.reference.regle import RELU
from ops.territories.rules import Move, coverage, moves
from router.domain.partners import Registry
from router.domain.rulebooks import aide_sociale, demande, orientation, place, pret_logement
from router.domain.rulebooks.aide_sociale import AideSociale
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.sandbox import PREFIX
from router.domain.subjects import Demande, Orientation, Place, Subject
from tests.unit.router.domain.monde import CENTRE, partner

BOURG, BELLEY = "01053", "01034"
SIAO = partner("siao-01", Famille.SIAO)
SHELTER = partner(CENTRE, Famille.HEBERGEMENT)
LE_115 = partner("le-115", Famille.VEILLE_SOCIALE)
URGENCE = SIAO.model_copy(update={"volet": Volet.URGENCE})
INSERTION = partner("siao-i", Famille.SIAO, volet="insertion")
OLD = Registry.of([SIAO, SHELTER, LE_115])


def vacant(dispositif: Dispositif, commune: str | None = BOURG, manager: str = CENTRE) -> Place:
    return Place(
        id=uuid4(), etat=place.Etat.DISPONIBLE, gestionnaire=manager, dispositif=dispositif, commune=commune
    )


def brought(dispositif: Dispositif) -> Demande:
    return Demande(
        id=uuid4(),
        etat=demande.Etat.RECUE,
        emetteur="le-115",
        destinataire="siao-01",
        menage=uuid4(),
        dispositif=dispositif,
    )


def test_a_territory_with_its_siao_lacks_nothing_and_one_without_a_volet_says_so() -> None:
    (whole,) = coverage(OLD)
    assert (whole.territoire, whole.nom, whole.gaps, whole.overlaps) == ("01", "Ain", [], [])
    (half,) = coverage(Registry.of([URGENCE, SHELTER]))
    assert half.gaps == ["aucun SIAO pour le volet insertion"]
    assert [siao.id for siao in half.siaos[Volet.URGENCE]] == ["siao-01"]


def test_communes_that_no_perimeter_holds_are_counted_and_some_are_named() -> None:
    drawn = SIAO.model_copy(update={"perimetre": Perimetre(arrondissements=("012", "013", "014"))})
    (seen,) = coverage(Registry.of([drawn]))
    assert len(seen.gaps) == 2
    assert seen.gaps[0].startswith("103 communes sans SIAO pour le volet urgence : 01002, 01004")


def test_an_antenna_fills_no_gap_for_what_says_no_commune_has_nobody() -> None:
    everywhere = Perimetre(departements=("01",))
    antenna = partner("antenne", Famille.SIAO, antenne_de="siao-01", volet="insertion", perimetre=everywhere)
    (seen,) = coverage(Registry.of([URGENCE, antenna]))
    assert seen.gaps == ["aucun SIAO pour le volet insertion"]


def test_readers_that_share_communes_are_told_and_those_that_share_none_are_not() -> None:
    near = partner("maraude", Famille.VEILLE_SOCIALE, perimetre=Perimetre(arrondissements=("011",)))
    far = partner("abri", Famille.VEILLE_SOCIALE, perimetre=Perimetre(arrondissements=("012",)))
    (seen,) = coverage(Registry.of([SIAO, LE_115, near, far]))
    assert seen.overlaps == [("le-115", "maraude"), ("le-115", "abri")]


def test_a_perimeter_that_names_what_the_map_has_no_more_is_told() -> None:
    gone = Perimetre.model_validate({"epci": ["123456789"], "communes": [BOURG]}, context=RELU)
    assert gone.epci == (DISPARU,)
    (seen,) = coverage(Registry.of([SIAO, LE_115.model_copy(update={"perimetre": gone})]))
    assert seen.gaps == ["le-115 : un arrondissement ou un EPCI de son périmètre n'est plus sur la carte"]


def test_places_and_new_demands_that_would_have_another_desk_are_counted_by_it() -> None:
    here: list[Subject] = [brought(Dispositif.INSERTION), brought(Dispositif.URGENCE)]
    here += [vacant(Dispositif.INSERTION), vacant(Dispositif.INSERTION), vacant(Dispositif.URGENCE)]
    new = Registry.of([URGENCE, INSERTION, SHELTER, LE_115])
    assert moves(here, OLD, new) == Counter(
        {Move(Nature.PLACE, "siao-01", "siao-i"): 2, Move(Nature.DEMANDE, "siao-01", "siao-i"): 1}
    )
    assert not moves(here, OLD, OLD)


def test_what_would_have_nobody_is_told_and_a_sandbox_is_not_counted() -> None:
    waiting = Orientation(
        id=uuid4(),
        etat=orientation.Etat.PROPOSEE,
        emetteur="siao-01",
        destinataire=CENTRE,
        menage=uuid4(),
        dispositif=Dispositif.INSERTION,
    )
    sandbox = partner(f"{PREFIX}x", Famille.HEBERGEMENT)
    played = vacant(Dispositif.URGENCE, manager=sandbox.id)
    old = Registry.of([*OLD.partners.values(), sandbox])
    mute = SHELTER.model_copy(update={"sortie": None})
    asked = AideSociale(
        id=uuid4(),
        etat=aide_sociale.Etat.A_L_ETUDE,
        emetteur=CENTRE,
        destinataire="ddets",
        menage=uuid4(),
        orientation=waiting.id,
        jusqu_au=date(2026, 9, 1),
        prolongation_avant_le=date(2026, 8, 1),
    )
    state = partner("ddets", Famille.ETAT)
    old = Registry.of([*old.partners.values(), state])
    found = moves(
        [vacant(Dispositif.INSERTION), waiting, asked, played], old, Registry.of([URGENCE, LE_115, mute])
    )
    assert found == Counter(
        {
            Move(Nature.PLACE, "siao-01", None): 1,
            Move(Nature.ORIENTATION, CENTRE, None): 1,
            Move(Nature.AIDE_SOCIALE, "ddets", None): 1,
        }
    )


def test_readers_that_would_lose_or_gain_a_household_are_counted_each() -> None:
    listed = MenagePret(
        id=uuid4(),
        etat=pret_logement.Etat.DECLARE,
        emetteur="siao-01",
        menage=uuid4(),
        departement="01",
        communes=(BELLEY,),
    )
    ddets = partner("ddets", Famille.CONTINGENT)
    moved = ddets.model_copy(update={"perimetre": Perimetre(arrondissements=("012",))})
    delegate = partner("delegue", Famille.CONTINGENT, perimetre=Perimetre(arrondissements=("011",)))
    metropole = partner("metropole", Famille.CONTINGENT, perimetre=Perimetre(communes=(BELLEY, BOURG)))
    old, new = Registry.of([SIAO, ddets, metropole]), Registry.of([SIAO, moved, metropole, delegate])
    found = moves([listed], old, new)
    assert found == Counter({Move(Nature.MENAGE, "ddets", None): 1, Move(Nature.MENAGE, None, "delegue"): 1})
