"""Which deadlines a partner owes: the data of the deadlines say who has to act, and nothing else does."""

from dataclasses import fields

from contracts.base import Nature
from contracts.v1.echeance import Echeance
from ops.status.vitals import NOT_OWED
from router.domain.books import BOOKS
from router.domain.deadlines import TERMES, Attendu
from router.domain.parts import Party
from router.domain.rulebooks.place import Etat
from router.domain.subjects import Place


def test_all_deadlines_but_the_deliveries_of_the_hub_are_owed_by_somebody() -> None:
    assert NOT_OWED == (Echeance.REMISE,)
    assert {each.attendu for each in TERMES if each.echeance is Echeance.REMISE} == {Attendu.HUB}


def test_a_reservation_awaits_the_manager_of_the_place_and_waits_for_no_recipient() -> None:
    (held,) = (each for each in TERMES if each.echeance is Echeance.RESERVATION)
    assert (held.nature, held.attendu) == (Nature.PLACE, Attendu.GESTIONNAIRE)
    assert BOOKS[Nature.PLACE].expected[Etat.RESERVEE][0] is Party.GESTIONNAIRE
    assert "destinataire" not in {each.name for each in fields(Place)}, "compté avec l'orientation, pas ici"
