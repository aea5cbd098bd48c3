"""What a JSON dialect reads and writes back is what it read: no field is lost, and none changes its meaning."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adapters.encodage import repair
from adapters.messages import Dialecte
from adapters.nir import has_nir
from adapters.objets import write
from adapters.registry import ADAPTERS
from adapters.sejours import OPENING
from contracts.base import Contrat, Reference, filled_in
from contracts.ids import ids_of
from contracts.partner import Partner
from contracts.ports import Native, View
from contracts.sealed import missing
from contracts.v1.menage import Menage, MenageSurListe, Personne
from contracts.v1.place import FEMMES_VICTIMES_DE_VIOLENCES
from tests.golden.cas import partenaire
from tests.rows import each_row
from tests.unit.contracts.contrats_fictifs import IDENTIFIANTS, contrats

DIALECTES: dict[str, Dialecte] = {
    nom: module.DIALECTE for nom, module in ADAPTERS.items() if hasattr(module, "DIALECTE")
}
SPOKEN = [(nom, contrat) for nom, dialecte in DIALECTES.items() for contrat in dialecte.entrants.values()]
GIVEN = {
    "orientation": UUID(int=61),
    "structure": IDENTIFIANTS["etablissement"][0],
    "commune": IDENTIFIANTS["code_commune"][0],
}
quelques = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])


NUMBER = 4711
TWO_IDS = frozenset({"si_siao_json"})
"""Where an object goes out with the sender's number and with our id, of which one is read: those are not compared."""


def own_stay(event: Contrat) -> dict[UUID, str]:
    """The number of a stay that its sender opens: it is never an id of the hub."""
    opened = event.orientation if isinstance(event, OPENING) else None
    return {opened: "S-118"} if opened else {}


class _Numbered(dict[UUID, str]):
    """The ids of a sender that numbers everything."""

    def get(self, ours: UUID, default: Any = None) -> str:
        return str(NUMBER)


@each_row(("nom", "contrat"), SPOKEN, ids=lambda value: getattr(value, "NOM", value))
@quelques
@given(data=st.data())
def test_what_is_read_is_written_back_as_it_was(
    nom: str, contrat: type[Contrat], data: st.DataObject
) -> None:
    table = DIALECTES[nom].tables[contrat.NOM]
    event = whole(data.draw(contrats(contrat)))
    partner = speaker(nom, event)
    numbered = View(partner, _Numbered() if nom in TWO_IDS else own_stay(event))
    message = plain(json_of(write(event, table, numbered)))
    assume(not has_nir(json.dumps(message)))  # fifteen digits of a telephone may be one
    (ligne,) = ADAPTERS[nom].decode(native({"type": contrat.NOM, **message}), partner).lignes
    assert ligne.contrat is not None, ligne.rejets
    again = json_of(write(ligne.contrat, table, View(partner, dict(theirs(ligne.contrat)))))
    compared = without_ids if nom in TWO_IDS else json_of
    assert compared(again) == compared(message)


def whole(event: Contrat) -> Contrat:
    """The same event as its sender says it: with what it may not leave out, without what the hub fills in."""
    given: dict[str, Any] = {path: GIVEN[path] for path in missing(event) if path in GIVEN}
    fields = type(event).model_fields
    given |= {name: field.default for name, field in fields.items() if filled_in(type(event), name)}
    menage = getattr(event, "menage", None)
    if isinstance(menage, MenageSurListe):
        nur = {"numero_unique": IDENTIFIANTS["numero_unique"][0]}
        given["menage"] = menage.model_copy(update=nur)
    if isinstance(menage, Menage):
        people = menage.personnes or (Personne(nom="Zoé"),) * (menage.adultes + menage.enfants)
        of_theirs = {"personnes": people, "numero_unique": IDENTIFIANTS["numero_unique"][0]}
        given["menage"] = menage.model_copy(update=of_theirs)
    return event.model_copy(update=given)


def speaker(nom: str, event: Contrat) -> Partner:
    """Who may say an event: its structures are protected where it says so of a place by its kind."""
    structures, kind = IDENTIFIANTS["etablissement"], getattr(event, "type_place", None)
    secret = structures if kind == FEMMES_VICTIMES_DE_VIOLENCES else ()
    return partenaire(nom, {"structures": structures, "structures_protegees": secret})


def native(message: Any) -> Native:
    return Native(json.dumps(message).encode(), "application/json")


def theirs(contrat: Contrat) -> Iterator[tuple[UUID, str]]:
    """The sender's own ids in what was read."""
    for ident in ids_of(contrat):
        if isinstance(ident, Reference):
            yield ident, ident.valeur


def without_ids(tree: Any) -> Any:
    if isinstance(tree, dict):
        kept = {n: v for n, v in tree.items() if n != "identifiantExterne" and v != NUMBER}
        return {name: without_ids(value) for name, value in kept.items()}
    return [without_ids(value) for value in tree] if isinstance(tree, list) else tree


def json_of(value: Any) -> Any:
    return json.loads(json.dumps(value))


def plain(tree: Any) -> Any:
    """The same message, with a name where its text is not one that anybody would write."""
    if isinstance(tree, dict):
        return {name: plain(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    usual = not isinstance(tree, str) or (tree.isprintable() and tree == repair(tree.strip()) != "")
    return tree if usual else "Zoé"
