"""Dialect of medical-social structures in FHIR R4, a standard of health software (format assumed by the hub).

Decodes Tasks. A Task is FHIR's record of work that one party asks of another: the hub sends one with each
referral, and the structure answers by updating it. Encodes referrals, the outcome of demands, requests for an
evaluation, and alerts.

Refuses a Task with an element that could hold medical data (`note`, `description`, `reasonCode`, `input`,
`contained`, extensions).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from adapters import valeurs
from adapters.ars.fhir_sortie import EVENEMENTS, encode
from adapters.declaration import Declaration
from adapters.evenements import build
from adapters.json_strict import WHOLE_BYTES, parse_json
from adapters.messages import holds_nir
from adapters.nir import refused_whole
from adapters.objets import Champ, Objet, RowReader, native_name
from adapters.rejets import unknown_type
from adapters.valeurs import Lire
from contracts.base import people_in
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Ligne, Native, Rejet
from contracts.reference.codes import AuteurRefus
from contracts.reference.fuseaux import zone
from contracts.v1 import orientation, suite

__all__ = ["DECLARATION", "decode", "encode"]

PLANNED = "5.1.1"
"""Code of a planned pre-admission interview, in the element `businessStatus` of a Task. It comes from FHIR's
guide for referrals between services (Bidirectional Services eReferral, BSeR)."""
LEFT_ALONE = frozenset(
    (
        *(
            "resourceType",
            "id",
            "meta",
            "implicitRules",
            "language",
            "text",
            "identifier",
            "basedOn",
            "groupIdentifier",
        ),
        *(
            "partOf",
            "status",
            "businessStatus",
            "intent",
            "priority",
            "code",
            "for",
            "encounter",
            "authoredOn",
        ),
        *("lastModified", "requester", "performerType", "owner", "location", "output"),
    )
)
"""Elements of a Task that the hub ignores. The hub refuses a Task with any other element that it does not
read."""


def _cited(value: Any) -> UUID:
    return valeurs.our_id(str(value).replace("urn:uuid:", "").rpartition("/")[2])


def day_near(territoires: Iterable[str]) -> Lire:
    """Return a function that reads the day of a FHIR date, or of a FHIR dateTime (a day with an hour and a
    UTC offset). If `territoires` share one time zone, the day of a dateTime is the day in that zone;
    otherwise, it is the day that the dateTime itself states. A date may also be written jj/mm/aaaa. The
    function raises Illisible for any other value, such as a FHIR date without a day (`2025-03`)."""
    zones = {zone(territoire) for territoire in territoires}

    def read(value: Any) -> date:
        if "T" not in str(value):
            return valeurs.day(value)
        moment = valeurs.moment(value)
        return (moment.astimezone(*zones) if len(zones) == 1 else moment).date()

    return read


def _table(day: Lire, start: str = "", end: str = "") -> Objet:
    dates = {name: cible for name, cible in (("start", start), ("end", end)) if cible}
    coding = Objet({"code": Champ("motif", valeurs.code, "motif du refus")}, ferme=False)
    return Objet(
        {
            "focus": Objet({"reference": Champ("orientation", _cited, "ServiceRequest/UUID")}, ferme=False),
            "statusReason": Objet({"coding": coding}, ignores=frozenset({"text"})),
            "executionPeriod": Objet({n: Champ(c, day, "date") for n, c in dates.items()}, ferme=False),
        },
        ignores=LEFT_ALONE,
    )


class Reponse(NamedTuple):
    """Rule for reading FHIR Tasks of one status. `contrat`: the contract that such a Task becomes. `table`: a
    function that makes the Task's field table, given a function that reads days (`day_near`). `constantes`:
    values of the contract that follow from the status alone."""

    contrat: type[orientation.EvenementOrientation]
    table: Callable[[Lire], Objet] = _table
    constantes: Mapping[str, Any] = {}


REPONSES: Mapping[str, Reponse] = {
    "received": Reponse(orientation.OrientationAccusee),
    "on-hold": Reponse(orientation.OrientationMiseEnAttente),
    f"accepted {PLANNED}": Reponse(
        orientation.OrientationPreadmissionPlanifiee, lambda _: _table(valeurs.moment, start="entretien_le")
    ),
    "accepted": Reponse(orientation.OrientationAcceptee, partial(_table, start="accueil_le")),
    "in-progress": Reponse(suite.AdmissionPrononcee, partial(_table, start="admission_le")),
    "completed": Reponse(suite.EntreeConstatee, partial(_table, end="entree_le")),
    "failed": Reponse(suite.PresentationAbsence, partial(_table, end="constatee_le")),
    "rejected": Reponse(orientation.OrientationRefusee, constantes={"auteur": AuteurRefus.STRUCTURE}),
    "cancelled": Reponse(orientation.OrientationRefusee, constantes={"auteur": AuteurRefus.PERSONNE}),
}
TABLES = tuple(reponse.table(valeurs.day) for reponse in REPONSES.values())
"""Field tables for reading Tasks, one for each status."""
STATUTS = tuple(dict.fromkeys(said.partition(" ")[0] for said in REPONSES))
CODING = Objet({"coding": Objet({"code": Champ("code", valeurs.code, "")}, ferme=False)}, ferme=False)
BUSINESS = Objet({"businessStatus": CODING}, ferme=False)

DECLARATION = Declaration(
    nom="ars_fhir",
    familles=(Famille.ARS,),
    lit=tuple(dict.fromkeys(reponse.contrat for reponse in REPONSES.values())),
    ecrit=tuple(EVENEMENTS.values()),
    formats_lus=("json",),
    formats_ecrits=("json",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Read a Task of FHIR, or a Bundle (list) of at least one Task. Raises InvalidNative for anything else,
    and for a message beyond 128 KiB."""
    if len(native.body) > WHOLE_BYTES:
        raise InvalidNative("plus de 128 Kio : envoyez chaque Task à part")
    tree = parse_json(native.body)
    tasks = _tasks(tree)
    guilty = [numero for numero, task in enumerate(tasks, 1) if holds_nir(task)]
    if guilty or holds_nir(tree):
        return refused_whole(guilty)
    return Decoded(_lignes(tasks, partner))


def _tasks(tree: Any) -> list[Mapping[str, Any]]:
    items = [tree]
    if (
        isinstance(tree, dict)
        and tree.get("resourceType") == "Bundle"
        and isinstance(tree.get("entry"), list)
    ):
        items = [entry.get("resource") if isinstance(entry, dict) else None for entry in tree["entry"]]
    if not items or not all(isinstance(item, dict) and item.get("resourceType") == "Task" for item in items):
        raise InvalidNative("ni Task, ni Bundle de Task : envoyez l'une ou l'autre de ces ressources")
    return items


def _lignes(tasks: list[Mapping[str, Any]], partner: Partner) -> Iterator[Ligne]:
    day = day_near(partner.territoires)
    for numero, task in enumerate(tasks, 1):
        reponse = REPONSES.get(_status(task))
        if reponse is None:
            yield _unknown(task, numero)
            continue
        reading, table = RowReader(numero, []), reponse.table(day)
        values = {**reading.read(task, table), **reponse.constantes}
        name_of = partial(native_name, table)
        yield build(reponse.contrat, values, partner, numero, name_of, reading.rejets, reading.repairs)


def _status(task: Mapping[str, Any]) -> str:
    business = RowReader(0, []).read(task, BUSINESS)
    return f"{task.get('status')} {PLANNED}" if business == {"code": PLANNED} else str(task.get("status"))


def _unknown(task: Mapping[str, Any], numero: int) -> Ligne:
    message = unknown_type(STATUTS, task.get("status"), "statut inattendu de la part d'une structure")
    cited = people_in(RowReader(0, []).read(task, TABLES[0]))
    return Ligne(numero, rejets=(Rejet("type_inconnu", message, numero, "status"),), lus=cited)
