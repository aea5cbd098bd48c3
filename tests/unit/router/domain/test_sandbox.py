"""A sandbox is a world of its own: nothing said in one is about anything outside, nor the other way round."""

from pathlib import Path

import pytest

from contracts.errors import Misconfigured, Unroutable
from contracts.partner import Famille
from contracts.reference.codes import Dispositif
from contracts.reference.fuseaux import zone
from contracts.v1.alerte import AlerteAnomalie
from contracts.v1.demande import DemandeRecue, DemandeTransferee
from contracts.v1.orientation import OrientationAcceptee
from contracts.v1.transfert import DemandeTransfertAccepte
from ops.partners.registry_file import load
from ops.sandbox.steps import (
    OF_OURS,
    OF_THEIRS,
    POSSIBLE,
    WAY,
    Pas,
    PasTransfert,
    next_step,
    steps_of_transfer,
)
from ops.territories.desks import check_desks
from router.domain.partners import Registry
from router.domain.rulebooks.demande import MACHINE, OUVERTES, Etat, Evenement
from router.domain.rules.effects import Effects
from router.domain.sandbox import NEIGHBOUR, bringer_behind, message_territoire, siao_behind
from router.domain.subjects import Demande
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    AUTRE_FINESS,
    CENTRE,
    FINESS,
    REGISTRE,
    SIAO,
    Monde,
    ident,
    menage,
    partner,
    proposition,
    vacance,
)

BAC, SON_SIAO = "bac-a-sable-centre", "bac-a-sable-centre-siao"
AUTRE_BAC = partner("bac-a-sable-autre", Famille.HEBERGEMENT, structures=(AUTRE_FINESS,), bac_a_sable=True)
MIEN = partner(BAC, Famille.HEBERGEMENT, structures=(FINESS,), bac_a_sable=True)
ICI = message_territoire(MIEN)
PLACE, ORIENTATION = ident("place"), ident("orientation")


def monde() -> Monde:
    """The usual partners, and two sandboxes."""
    return Monde(Registry.of([*REGISTRE.partners.values(), MIEN, AUTRE_BAC]))


def motifs(effects: Effects) -> list[str]:
    return [alert.motif for alert in effects.derived if isinstance(alert, AlerteAnomalie)]


def test_what_is_said_in_a_sandbox_reaches_its_own_siao_and_comes_back_from_it() -> None:
    bac = monde()
    assert bac.dit(BAC, vacance(PLACE), ICI).recipients == (SON_SIAO,)
    assert bac.dit(SON_SIAO, proposition(ORIENTATION, PLACE), ICI).recipients == (BAC,)
    assert bac.dit(BAC, OrientationAcceptee(orientation=ORIENTATION), ICI).recipients == (SON_SIAO,)
    assert bac.etat(ORIENTATION) == "ACCEPTEE"


def test_a_sandbox_may_have_the_structures_of_a_real_partner_and_receives_nothing_of_it() -> None:
    bac = monde()
    assert bac.dit(SIAO, proposition(ident("vraie"), structure=FINESS)).recipients == (CENTRE,)
    assert bac.dit(SON_SIAO, proposition(ORIENTATION, structure=FINESS), ICI).recipients == (BAC,)
    with pytest.raises(Unroutable):
        bac.dit(SON_SIAO, proposition(ident("ailleurs"), structure=AUTRE_FINESS), ICI)


@each_row(
    ("owner", "where", "stranger", "from_where"),
    [
        (BAC, ICI, SIAO, "01"),
        (CENTRE, "01", SON_SIAO, ICI),
        (AUTRE_BAC.id, message_territoire(AUTRE_BAC), SON_SIAO, ICI),
    ],
)
def test_a_place_is_nobodys_outside_of_its_world(
    owner: str, where: str, stranger: str, from_where: str
) -> None:
    bac = monde()
    bac.dit(owner, vacance(PLACE), where)
    effects = bac.dit(stranger, proposition(ORIENTATION, PLACE), from_where)
    assert (effects.recipients, motifs(effects)) == ((), ["EMETTEUR_INATTENDU"])
    assert bac.place(PLACE).orientation is None


def test_a_sandbox_whose_partner_has_left_the_registry_has_nobody_in_it() -> None:
    assert REGISTRE.around(ICI).partners == {}
    with pytest.raises(Unroutable):
        Monde(REGISTRE).dit(BAC, vacance(PLACE), ICI)


def test_a_sandbox_keeps_the_clock_of_its_territory() -> None:
    overseas = partner("bac-a-sable-974", Famille.HEBERGEMENT, territoire="974", bac_a_sable=True)
    assert str(zone(message_territoire(overseas))) == "Indian/Reunion"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('id = "bac-a-sable-x"\nfamille = "hebergement"', "va avec un id"),
        ('id = "centre"\nfamille = "hebergement"\nbac_a_sable = true', "sous un autre id"),
        ('id = "bac-a-sable-x"\nfamille = "siao"\nbac_a_sable = true\nsuccede_a = ["siao-01"]', "successeur"),
        ('id = "bac-a-sable-x-siao"\nfamille = "hebergement"\nbac_a_sable = true', "que le hub joue"),
    ],
)
def test_an_entry_and_its_id_say_the_same_of_a_sandbox(tmp_path: Path, entry: str, told: str) -> None:
    path = tmp_path / "partners.toml"
    path.write_text(f'[[partenaire]]\nnom = "X"\nterritoire = "01"\n{entry}\n', encoding="utf-8")
    with pytest.raises(Misconfigured, match=told):
        load(path)


MOVES = {
    Pas.EVALUATION_DEMANDEE: Evenement.INFORMER,
    Pas.EVALUEE: Evenement.EVALUER,
    Pas.NON_POURVUE: Evenement.NE_PAS_POURVOIR,
    Pas.ORIENTEE: Evenement.ORIENTER,
    Pas.EN_ATTENTE: Evenement.RENDRE,
    Pas.POURVUE: Evenement.POURVOIR,
    Pas.ANNULEE: Evenement.ANNULER,
}


def test_what_is_played_with_a_demand_is_legal_by_its_rule_book_and_its_bringer_hears_what_was_announced() -> (
    None
):
    for pas, etats in POSSIBLE.items():
        assert {(etat, MOVES[pas]) for etat in etats} <= MACHINE.table.keys()
        reached = {MACHINE.table[etat, MOVES[pas]] for etat in etats}
        assert pas is Pas.EVALUATION_DEMANDEE or reached == {pas.value}
    assert all(next_step(etat) in WAY for etat in OUVERTES)
    assert {next_step(etat) for etat in set(Etat) - set(OUVERTES)} == {None}


def test_a_siao_in_a_sandbox_and_the_one_next_to_it_hand_a_demand_over_and_no_real_siao_hears_it() -> None:
    mine = partner("bac-a-sable-siao-01", Famille.SIAO, bac_a_sable=True)
    registry = Registry.of(
        [*REGISTRE.partners.values(), mine, partner("siao-99", Famille.SIAO, territoire="99")]
    )
    check_desks(registry)
    other, demande = siao_behind(mine), ident("demande")
    bac, here, there = Monde(registry), message_territoire(mine), message_territoire(other)

    def steps() -> tuple[PasTransfert, ...]:
        known = bac.subjects[demande]
        assert isinstance(known, Demande)
        return steps_of_transfer(known, other.id)

    said = DemandeRecue(demande=demande, menage=menage(), dispositif=Dispositif.URGENCE)
    assert bac.dit(bringer_behind(mine).id, said, here).recipients == (mine.id,)
    assert steps() == ()
    proposal = DemandeTransferee(demande=demande, territoire=NEIGHBOUR)
    assert bac.dit(mine.id, proposal, here).recipients == (other.id,)
    assert steps() == OF_OURS
    assert bac.dit(other.id, DemandeTransfertAccepte(demande=demande), there).recipients == (mine.id,)
    assert steps() == (PasTransfert.TRANSFEREE,)
    back = DemandeTransferee(demande=demande, territoire="01")
    assert bac.dit(other.id, back, there).recipients == (mine.id,)
    assert steps() == OF_THEIRS
