"""Ids of a message are found however deep they lie, and a partner's own one is never overlooked."""

from collections.abc import Mapping
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from hypothesis import given

from contracts.base import PEOPLE, Contrat, Modele, Nature, Reference, people_in
from contracts.ids import holds_reference, ids_in, ids_of, ids_within, with_ids
from contracts.privacy import Classe
from contracts.sealed import clear_half
from contracts.v1 import CONTRATS
from tests.unit.contracts.contrats_fictifs import tous


class Passage(Modele):
    """A made-up part of a message that names subjects."""

    place: Annotated[UUID | None, Classe.C0] = None
    menages: Annotated[tuple[UUID, ...], Classe.C1] = ()


class Parcours(Contrat):
    """A made-up message with ids in a model, in a list, and in a list of models."""

    DOMAINE = "orientation"
    NOM = "parcours.retrace"
    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    SUJET: ClassVar[str] = "orientation"

    orientation: Annotated[UUID, Classe.C0]
    dernier: Passage
    passages: tuple[Passage, ...] = ()
    apparentees: Annotated[tuple[UUID, ...], Classe.C0] = ()


class Annuaire(Modele):
    """A made-up model whose ids the types do not show."""

    par_nom: Annotated[Mapping[str, object], Classe.C0]


def theirs(value: str) -> Reference:
    return Reference(Nature.PLACE, value)


def parcours() -> tuple[Parcours, list[UUID]]:
    """A message, and all its ids."""
    ids = [uuid4(), theirs("A-1"), uuid4(), theirs("A-2"), theirs("A-3"), uuid4()]
    event = Parcours(
        orientation=ids[0],
        dernier=Passage(place=ids[1], menages=(ids[2],)),
        passages=(Passage(), Passage(place=ids[3])),
        apparentees=(ids[4], ids[5]),
    )
    return event, ids


def test_every_id_is_found_however_nested_or_listed() -> None:
    event, ids = parcours()
    assert list(ids_of(event)) == ids


def test_the_same_ids_are_found_in_what_travels_in_clear() -> None:
    event, ids = parcours()
    assert list(ids_in(Parcours, clear_half(event))) == [str(ident) for ident in ids]


def test_every_partners_id_is_swapped_and_ours_stay() -> None:
    event, ids = parcours()
    known: dict[UUID, UUID] = {ident: uuid4() for ident in ids if isinstance(ident, Reference)}
    mine = with_ids(event, lambda ident: known.get(ident, ident))
    assert list(ids_of(mine)) == [known.get(ident, ident) for ident in ids]
    assert holds_reference(event)
    assert not holds_reference(mine)


def test_a_message_without_partners_ids_is_left_as_it_is() -> None:
    event = Parcours(orientation=uuid4(), dernier=Passage())
    assert with_ids(event, lambda ident: ident) is event


def test_an_id_that_no_type_shows_is_still_a_partners_own() -> None:
    hidden = Annuaire(par_nom={"a": [uuid4(), {"b": theirs("A-1")}]})
    assert list(ids_of(hidden)) == []
    assert holds_reference(hidden)


@given(tous())
def test_the_subject_and_who_holds_the_key_are_among_the_ids_of_any_message(event: Contrat) -> None:
    ids = set(ids_of(event))
    assert {event.sujet, event.titulaire} <= ids
    assert set(ids_in(type(event), clear_half(event))) == set(map(str, ids))


NO_PEOPLE = ("place", "places", "groupe", "objet", "evenement", "convention", "derogation", "acte")
"""Fields that name places and acts, and what an alert or a receipt of the hub's own is about."""
OF_NOBODY = ("observation", "liste", "pseudonyme", "code_demande", "code_orientation")
"""Ids of a record of the social observation, and of a request for a list: they lead to nobody."""


def test_every_kind_of_subject_is_known_to_be_about_people_or_about_nobody() -> None:
    unknown = {contrat.SUJET for contrat in CONTRATS.values()} - {*PEOPLE, *NO_PEOPLE, *OF_NOBODY}
    assert not unknown, "à mettre dans PEOPLE (contracts/base.py), ou ici dans OF_NOBODY"


@given(event=tous())
def test_every_id_of_any_message_but_those_of_places_is_known_to_stand_for_people(event: Contrat) -> None:
    others = {ident for name in (*NO_PEOPLE, *OF_NOBODY) for ident in ids_within(getattr(event, name, None))}
    assert set(event.personnes_citees) == set(ids_of(event)) - others


def test_whom_a_row_is_about_is_read_though_it_never_became_a_message() -> None:
    menage, referral = Reference(Nature.MENAGE, "47110"), uuid4()
    assert people_in({"menage": {"id": menage, "adultes": "?"}, "orientation": referral}) == (
        menage,
        referral,
    )
    assert people_in({"menage": {"adultes": 1}, "place": uuid4()}) == ()
