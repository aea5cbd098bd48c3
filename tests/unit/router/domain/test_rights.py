"""What each family of partners sees of a household: the matrix, and nothing beside it."""

import tomllib
from importlib.resources import files
from typing import Any
from uuid import UUID

import pytest

from contracts.base import classe_of
from contracts.partner import Famille
from contracts.privacy import Classe
from contracts.reference.codes import Dispositif, Sexe
from contracts.sealed import Arbre, clear_classes, put_together, take_apart
from contracts.v1 import CONTRATS
from contracts.v1.alerte import EvenementAlerte
from contracts.v1.attribution import Canal, CandidaturePresentee
from contracts.v1.demande import DemandePlaceTrouvee
from contracts.v1.menage import Menage, Personne
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import PlaceVacante
from router.domain import rights as view
from router.domain.audience import receivable_by, sayable_by
from router.domain.rights import ALL, Droits, Stade, rights
from tests.rows import each_row
from tests.unit.router.privacy.lecture import seen

MENAGE = Menage(
    id=UUID(int=1),
    composition="40",
    adultes=1,
    enfants=1,
    personnes=(
        Personne(nom="Fictif", prenom="Camille", date_naissance="1990-05-03", sexe=Sexe.F),
        Personne(nom="Fictif", prenom="Sacha", date_naissance="2020-01-07"),
    ),
    telephone="06 11 22 33 44",
    numero_unique="1110318016982G1104",
    situation="25",
    motif="218",
    droit_sejour="10",
    ressources_mensuelles_euros=640,
    accompagnement="1",
    victime_de_violences=True,
)
REFERRAL = OrientationProposee(
    orientation=UUID(int=2), menage=MENAGE, place=UUID(int=3), dispositif=Dispositif.INSERTION
)
CANDIDACY = CandidaturePresentee(
    candidature=UUID(int=4), menage=MENAGE, bailleur="26010004500012", canal=Canal.CONTINGENT
)
NOMS = {"personnes.nom", "personnes.prenom"}
IDENTITE = {*NOMS, "personnes.date_naissance", "telephone", "numero_unique"}
SOCIAL = {"situation", "motif", "droit_sejour", "ressources_mensuelles_euros", "accompagnement"}
VIOLENCES = {"victime_de_violences"}
VOIT: dict[tuple[Famille, Stade], set[str]] = {
    (Famille.SIAO, Stade.AVANT): IDENTITE | SOCIAL | VIOLENCES,
    (Famille.SIAO, Stade.SOLLICITE): set(),
    (Famille.SIAO, Stade.ECARTE): IDENTITE | SOCIAL | VIOLENCES,
    (Famille.HEBERGEMENT, Stade.AVANT): {*NOMS, "personnes.date_naissance", "accompagnement", "situation"},
    (Famille.HEBERGEMENT, Stade.ADMIS): IDENTITE | SOCIAL | VIOLENCES,
    (Famille.LOGEMENT_ACCOMPAGNE, Stade.AVANT): {*NOMS, "accompagnement", "ressources_mensuelles_euros"},
    (Famille.BAILLEUR, Stade.AVANT): IDENTITE | {"ressources_mensuelles_euros", "accompagnement"},
    (Famille.VEILLE_SOCIALE, Stade.AVANT): IDENTITE | {"situation"} | VIOLENCES,
    (Famille.CONTINGENT, Stade.AVANT): IDENTITE
    | {"ressources_mensuelles_euros", "situation", "accompagnement"},
    (Famille.ETAT, Stade.AVANT): IDENTITE | {"ressources_mensuelles_euros", "situation"},
    (Famille.ARS, Stade.AVANT): IDENTITE | {"situation", "accompagnement"},
    (Famille.PRESCRIPTEUR, Stade.AVANT): IDENTITE,
    (Famille.SPIP, Stade.AVANT): IDENTITE,
    (Famille.ASILE, Stade.AVANT): set(),
    (Famille.CIL, Stade.AVANT): IDENTITE | {"ressources_mensuelles_euros"},
    (Famille.COLLECTIVITE, Stade.AVANT): set(),
    (Famille.ACCOMPAGNEMENT, Stade.AVANT): {*NOMS, "accompagnement"},
    (Famille.BDOS, Stade.AVANT): set(),
}
LARGES = {"situation": "44", "motif": "221", "droit_sejour": "50"}
"""What stands for detention, leaving detention and asylum where C4 is not read."""
PATHS = {
    "structure",
    "dalo",
    "mesure",
    "syplo",
    "accompagnement",
    *(f"menage.{name}" for name in Menage.model_fields),
    *(f"menage.personnes.{name}" for name in Personne.model_fields),
}


def shown(famille: Famille, stade: Stade = Stade.AVANT, event: Any = REFERRAL) -> dict[str, Any]:
    """What a family sees of the household of an event, apart from its clear half."""
    droits = rights(famille, stade)
    clair, secrets = take_apart(event)
    trees: list[Arbre] = [
        droits.reduce(classe, secrets[classe]) for classe in sorted(secrets) if droits.may_open(classe)
    ]
    reader: Any = put_together(type(event), clair, trees)
    return seen(reader.menage)


@each_row(("famille", "stade"), VOIT)
@each_row("event", [REFERRAL, CANDIDACY], ids=lambda event: event.NOM)
def test_a_family_sees_exactly_what_its_row_allows(famille: Famille, stade: Stade, event: Any) -> None:
    assert shown(famille, stade, event).keys() == VOIT[famille, stade]


@pytest.mark.parametrize("stade", list(Stade))
def test_a_family_without_a_row_may_open_nothing(stade: Stade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "_matrix", dict)  # in the matrix itself each has its row
    famille = Famille.HEBERGEMENT
    droits = rights(famille, stade)
    assert not any(droits.may_open(classe) for classe in Classe)
    assert not any(droits.may_receive(contrat) for contrat in CONTRATS.values())
    assert shown(famille, stade) == {}


NOT_THE_OFFER = {Famille.PRESCRIPTEUR, Famille.ASILE, Famille.CIL}


@each_row("famille", sorted({famille for famille, _ in VOIT} - NOT_THE_OFFER))
def test_a_family_that_reads_offer_and_need_may_receive_every_message(famille: Famille) -> None:
    unreadable = [contrat.NOM for contrat in CONTRATS.values() if not rights(famille).may_receive(contrat)]
    assert unreadable == [], "une famille qui ne lit pas l'offre se range dans NOT_THE_OFFER"


@each_row("famille", sorted(NOT_THE_OFFER))
def test_a_family_without_the_offer_may_receive_what_is_meant_for_it_and_nothing_of_a_place(
    famille: Famille,
) -> None:
    assert all(rights(famille).may_receive(contrat) for contrat in receivable_by(famille))
    assert not rights(famille).may_receive(PlaceVacante)
    assert not rights(famille).may_receive(OrientationProposee)


def test_a_probation_service_is_sent_nothing_of_the_offer_but_where_its_own_people_go() -> None:
    offer = [contrat for contrat in receivable_by(Famille.SPIP) if Classe.C0 in clear_classes(contrat)]
    assert offer == [DemandePlaceTrouvee]


def test_a_reader_of_the_offer_alone_receives_nothing_that_speaks_of_a_need() -> None:
    droits = Droits({Classe.C0: ALL})
    assert droits.may_receive(PlaceVacante)
    assert not droits.may_receive(OrientationProposee)


def test_a_shelter_reads_which_of_its_own_structures_a_referral_is_for_and_nobody_else_does() -> None:
    event = REFERRAL.model_copy(update={"structure": "010000024", "gestionnaire": "centre", "protegee": True})
    clair, secrets = take_apart(event)
    assert "010000024" not in str(clair)
    trees = {
        famille: rights(famille).reduce(Classe.C4, secrets[Classe.C4]).get("structure") for famille in Famille
    }
    assert {famille for famille, structure in trees.items() if structure} == {
        Famille.SIAO,
        Famille.HEBERGEMENT,
    }


def test_every_family_of_the_matrix_is_looked_at_here() -> None:
    matrix = tomllib.loads(files("router.domain").joinpath("matrix.toml").read_text())
    rows = {(Famille(name), Stade.AVANT) for name in matrix}
    later = {(Famille(name), stade) for name, row in matrix.items() for stade in Stade if stade in row}
    assert rows | later == VOIT.keys(), "ce que voit chaque famille, dans VOIT"


@each_row("famille", sorted({famille for famille, _ in VOIT} - {Famille.SIAO}))
@each_row("event", [REFERRAL, CANDIDACY], ids=lambda event: event.NOM)
def test_of_a_household_that_was_refused_or_withdrawn_a_family_sees_nothing_sealed(
    famille: Famille, event: Any
) -> None:
    assert shown(famille, Stade.ECARTE, event) == {}
    meant = receivable_by(famille) if famille in NOT_THE_OFFER else CONTRATS.values()
    assert all(rights(famille, Stade.ECARTE).may_receive(contrat) for contrat in meant)


def test_a_local_authority_reads_who_is_presented_to_it_only_where_it_registers_demands() -> None:
    secrets = sorted(take_apart(CANDIDACY)[1])
    for registrar, read in ((True, [Classe.C2, Classe.C3]), (False, [])):
        droits = rights(Famille.COLLECTIVITE, registrar=registrar)
        assert [classe for classe in secrets if droits.may_open(classe)] == read


@pytest.mark.parametrize("famille", [Famille.CONTINGENT, Famille.ETAT])
@pytest.mark.parametrize("stade", list(Stade))
def test_no_service_of_the_state_reads_nationality_or_residence(famille: Famille, stade: Stade) -> None:
    for event in (REFERRAL, CANDIDACY):
        assert not {"droit_sejour", "motif"} & shown(famille, stade, event).keys()


@each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.NOM)
def test_nothing_that_the_state_says_or_is_told_goes_to_a_service_for_foreigners(contrat: Any) -> None:
    if sayable_by(Famille.ETAT, contrat) or contrat in receivable_by(Famille.ETAT):
        assert contrat not in receivable_by(Famille.ASILE)


@each_row("stade", list(Stade))
def test_in_no_message_at_all_does_the_state_read_nationality_residence_or_why_somebody_asks(
    stade: Stade,
) -> None:
    for classe in (Classe.C3, Classe.C4):
        allowed = rights(Famille.ETAT, stade).paths.get(classe, frozenset())
        assert allowed is not ALL
        assert not {"menage", "menage.droit_sejour", "menage.motif"} & allowed


@each_row("contrat", [each for each in CONTRATS.values() if issubclass(each, EvenementAlerte)], ids=str)
def test_nobody_is_named_in_an_alert(contrat: type[EvenementAlerte]) -> None:
    assert {classe_of(contrat, name) for name in contrat.model_fields} <= {Classe.C0, Classe.C1, None}
    assert not {"menage", "personnes"} & contrat.model_fields.keys()


def test_a_landlord_gets_the_numero_unique_and_nothing_of_c4() -> None:
    assert shown(Famille.BAILLEUR)["numero_unique"] == "1110318016982G1104"
    assert not rights(Famille.BAILLEUR).may_open(Classe.C4)


def test_a_shelter_learns_the_telephone_and_the_violence_only_once_the_household_is_admitted() -> None:
    assert not {"telephone", "victime_de_violences"} & shown(Famille.HEBERGEMENT).keys()
    admitted = shown(Famille.HEBERGEMENT, Stade.ADMIS)
    assert admitted["telephone"] == "06 11 22 33 44"
    assert admitted["victime_de_violences"] is True


@each_row(("famille", "stade"), [pair for pair in VOIT if pair[0] is not Famille.SIAO], ids=str)
def test_detention_and_asylum_show_as_the_wider_value_to_all_but_the_siao(
    famille: Famille, stade: Stade
) -> None:
    household = shown(famille, stade)
    for name in LARGES.keys() & household.keys():
        assert household[name] == LARGES[name]


def test_the_siao_sees_detention_and_asylum_themselves() -> None:
    household = shown(Famille.SIAO)
    assert {name: household[name] for name in LARGES} == {
        "situation": "25",
        "motif": "218",
        "droit_sejour": "10",
    }


def test_admission_changes_nothing_for_a_family_without_a_row_of_its_own_for_it() -> None:
    assert rights(Famille.BAILLEUR, Stade.ADMIS) == rights(Famille.BAILLEUR)


def test_every_path_of_the_matrix_is_a_field_of_the_class_it_stands_under() -> None:
    for famille, stade in VOIT:
        for classe, paths in rights(famille, stade).paths.items():
            named = {path for path in paths if path != "*"}
            assert named <= PATHS, f"{famille} {classe}"
            assert all(_classe_of(path) is classe for path in named), f"{famille} {classe}"


def _classe_of(path: str) -> Classe | None:
    of_a_message = {
        "structure": Classe.C4,
        "dalo": Classe.C4,
        **dict.fromkeys(("mesure", "syplo", "accompagnement"), Classe.C3),
    }
    if path in of_a_message:  # the structure is that of a protected one
        return of_a_message[path]
    model = Personne if path.startswith("menage.personnes.") else Menage
    return classe_of(model, path.rpartition(".")[2])


def test_rights_of_nothing_reduce_every_tree_to_no_value() -> None:
    assert Droits({}).reduce(Classe.C2, {"menage": {"telephone": "06 11 22 33 44"}}) == {"menage": {}}


def test_a_right_to_one_class_opens_no_other() -> None:
    droits = Droits({Classe.C2: frozenset({"menage"})})
    assert [classe for classe in Classe if droits.may_open(classe)] == [Classe.C2]
    assert droits.reduce(Classe.C3, {"menage": {"situation": "44"}}) == {"menage": {}}
