"""Which buttons a manager finds first at a referral."""

from contextlib import nullcontext
from datetime import date

import pytest

from contracts.partner import Famille
from contracts.v1.convention import DerogationAccordee
from contracts.v1.orientation import OrientationProposee
from contracts.v1.suite import EntreeConstatee
from ops.desk.acts import Bouton, Debut, possible
from ops.desk.filling import NOT_SEEN_YET, filled
from ops.desk.forms import PAST, Fautes
from ops.desk.questions import NAME_GOES
from ops.desk.words import title_of
from router.domain.partners import Registry
from router.domain.rulebooks.orientation import Etat
from router.domain.subjects import Orientation
from tests.rows import each_row
from tests.unit.router.domain.monde import CENTRE, SIAO, ident, partner

MANAGER = partner(CENTRE, Famille.HEBERGEMENT)
REGISTRY = Registry.of([partner(SIAO, Famille.SIAO), MANAGER])


@pytest.mark.parametrize(
    ("etat", "first"),
    [
        (Etat.ACCUSEE, ["Accepter", "Refuser", "Le ménage est arrivé"]),
        (
            Etat.ACCEPTEE,
            [
                "Le ménage est arrivé",
                "Dire le ménage absent ou injoignable",
                "Prononcer l'admission avant l'arrivée",
            ],
        ),
        (Etat.ADMISE, ["Le ménage est arrivé", "Dire le ménage absent ou injoignable"]),
    ],
)
def test_the_act_that_is_due_next_is_the_first_button(etat: Etat, first: list[str]) -> None:
    referral = Orientation(id=ident("o"), menage=ident("m"), emetteur=SIAO, destinataire=CENTRE, etat=etat)
    offered = possible(referral, CENTRE, REGISTRY)
    assert [acte.faire for acte in offered if acte.principal] == first
    assert [acte.principal for acte in offered] == sorted((acte.principal for acte in offered), reverse=True)


def said_of(etat: Etat, faire: str) -> Bouton:
    """The button with this text at a referral."""
    referral = Orientation(id=ident("o"), menage=ident("m"), emetteur=SIAO, destinataire=CENTRE, etat=etat)
    return next(acte for acte in possible(referral, CENTRE, REGISTRY) if acte.faire == faire)


def test_an_entry_is_of_today_or_of_a_day_before() -> None:
    entry, today = said_of(Etat.ACCEPTEE, "Le ménage est arrivé"), (date(2026, 11, 30),) * 2
    for day in ("2026-11-30", "2026-11-01"):
        assert filled(entry, ident("o"), {"entree_le": day}, MANAGER, today).entree_le.isoformat() == day  # type: ignore[attr-defined]  # the button makes an EntreeConstatee
    with pytest.raises(Fautes, match=NOT_SEEN_YET):
        filled(entry, ident("o"), {"entree_le": "2026-12-01"}, MANAGER, today)


@each_row(("day", "past"), [("2026-11-29", True), ("2026-11-30", False), ("2026-12-03", False)])
def test_a_household_is_not_expected_on_a_day_that_is_past(day: str, past: bool) -> None:
    accepts, today = said_of(Etat.ACCUSEE, "Accepter"), (date(2026, 11, 30),) * 2
    with pytest.raises(Fautes, match=PAST) if past else nullcontext():
        filled(accepts, ident("o"), {"accueil_le": day}, MANAGER, today)


def test_a_refused_form_opens_again_with_what_was_typed_and_another_begins_with_today() -> None:
    entry, accepts = (said_of(Etat.ACCUSEE, faire) for faire in ("Le ménage est arrivé", "Accepter"))
    debut = Debut(date(2026, 11, 30), {"acte": entry.nom, "entree_le": "2026-12-01"})
    assert (debut.reopens(entry), debut.of(entry)["entree_le"]) == (True, "2026-12-01")
    assert (debut.reopens(accepts), debut.of(accepts)["entree_le"]) == (False, "2026-11-30")


def test_who_refuses_is_told_before_that_the_name_goes() -> None:
    assert said_of(Etat.ACCUSEE, "Refuser").question == NAME_GOES
    assert not said_of(Etat.ACCUSEE, "Accepter").question


def test_a_message_is_titled_by_its_subject_and_what_became_of_it_or_by_its_news_alone() -> None:
    assert title_of(OrientationProposee.TYPE) == "Orientation proposée"
    assert title_of(EntreeConstatee.TYPE) == "Entrée constatée"
    assert title_of(DerogationAccordee.TYPE) == "Dérogation", "d'autres ont encore à la signer"


def test_the_button_of_a_cancellation_names_what_it_cancels_and_says_what_follows() -> None:
    referral = Orientation(
        id=ident("o"), menage=ident("m"), emetteur=SIAO, destinataire=CENTRE, etat=Etat.PROPOSEE
    )
    (cancels,) = [each for each in possible(referral, SIAO, REGISTRY) if each.definitif]
    assert (cancels.faire, "redeviennent libres" in cancels.question) == ("Annuler l'orientation", True)
