"""An act is shown in words: its purpose, the names of the bodies that sign, and the capacities of those that grant."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from rich.console import Console

from contracts.partner import Famille, Volet
from contracts.perimetre import Perimetre
from contracts.v1.convention import Objet, Signataire
from ops.acts.acts import OBJETS, QUALITES, Names, Shown, Signature
from ops.acts.printed import table_of
from ops.acts.sql import Signed
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Convention, Etat
from tests.unit.router.domain.monde import ident, partner

COLLECTEUR, PREFET, INCONNU = "35600000000088", "35600000000083", "26010004500012"
CIL, DDETS = "Action Logement de l'Ain", "DDETS de l'Ain"
REGISTRY = Registry.of(
    [
        partner("cil", Famille.CIL, structures=(COLLECTEUR,)).model_copy(update={"nom": CIL}),
        partner("ddets", Famille.ETAT, structures=(PREFET,)).model_copy(update={"nom": DDETS}),
    ]
)
AT = datetime(2026, 3, 2, 18, tzinfo=UTC)


def test_an_agreement_shows_words_and_names_and_no_code_nor_siret() -> None:
    names = Names(REGISTRY)
    act = Convention(
        id=ident("acte"),
        etat=Etat.PROPOSEE,
        emetteur="cil",
        territoire="01",
        objet=Objet.CIL_LISTE,
        partenaire=COLLECTEUR,
        au=date(2026, 12, 31),
    )
    signed = Signed(AT, ident("signature"), None, has_receipt=True)
    signatures = [
        Signature(COLLECTEUR, names.of(COLLECTEUR), "cil", signed),
        Signature(PREFET, names.of(PREFET), None, None),
    ]
    said = StringIO()
    shown = Shown(act, signatures, names.of(COLLECTEUR))
    Console(file=said, width=120).print(table_of([shown], REGISTRY))
    text = said.getvalue()
    assert f"ménages présentés au collecteur par liste, avec {CIL}" in text
    assert f"signée par {CIL} le 02/03/2026" in text
    assert f"attend {DDETS}" in text
    assert not {code for code in (Objet.CIL_LISTE, COLLECTEUR, PREFET) if code in text}


def test_a_body_that_the_visitor_may_not_know_or_nobody_knows_keeps_its_siret() -> None:
    assert Names(REGISTRY, lambda _: False).of(PREFET) == f"SIRET {PREFET}"
    assert Names(REGISTRY).of(INCONNU) == f"SIRET {INCONNU}"


def test_of_the_siao_of_a_territory_only_the_one_that_signs_derogations_has_them_on_its_list() -> None:
    urgence, insertion = (partner(volet, Famille.SIAO, volet=volet) for volet in Volet)
    antenne = partner(
        "antenne", Famille.SIAO, antenne_de=urgence.id, perimetre=Perimetre(communes=("01053",))
    )
    names = Names(Registry.of([urgence, insertion, antenne, partner("ddets", Famille.ETAT)]))
    assert names.capacities([urgence.id]) == ["SIAO 01"]
    assert names.capacities([insertion.id, antenne.id, "ddets"]) == ["ETAT 01"]


def test_what_a_merged_siao_had_to_sign_is_on_its_successors_list_under_the_successors_name() -> None:
    old = partner("siao-a", Famille.SIAO, structures=(PREFET, INCONNU), structures_protegees=(INCONNU,))
    names = Names(Registry.of([old, partner("siao-b", Famille.SIAO)], {old.id: "siao-b"}))
    assert (names.of(PREFET), names.bodies(["siao-b"])) == ("siao-b", [PREFET])


@pytest.mark.parametrize(("words", "codes"), [(OBJETS, Objet), (QUALITES, Signataire)])
def test_every_purpose_and_role_has_its_words(words: dict[str, str], codes: type[Objet | Signataire]) -> None:
    assert set(words) == set(codes)
