"""Write messages for a medical-social structure as FHIR R4 transactions. A transaction is a list of
resources, which the recipient's server stores all together or not at all. Each resource has an id given by
the hub, so a transaction that is sent again changes nothing.

A referral becomes two resources: a ServiceRequest (what is asked) and a Task (the answer that is expected).
Its withdrawal becomes the same Task with the status `cancelled`. The outcome of a demand, or a request for an
evaluation, becomes a Task about the demand. An alert becomes a Task of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from adapters.alertes import explication, told_motif
from adapters.ars.menage import household
from adapters.ars.ressources import (
    Ressource,
    concept,
    establishment,
    identifier,
    iso,
    labelled,
    present,
    task,
)
from adapters.evenements import by_short_name, carried, single
from contracts.base import Nature
from contracts.envelope import Event
from contracts.ports import Native, View
from contracts.v1 import alerte, demande, orientation
from contracts.v1.demande import Suite

FULFILL = {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]}
REMIND = concept("tache", "rappel")
INFORM = concept("tache", "information")
SDOH = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
HOMELESS = {"coding": [{"system": SDOH, "code": "homelessness"}]}
STATUTS = {Suite.POURVUE: "completed", Suite.ANNULEE: "cancelled"}
"""Status of the Task for each outcome that ends a demand."""


def encode(events: Sequence[Event], view: View) -> Native:
    """Write one event as a FHIR transaction. Raises Unroutable for an event that the dialect does not write.
    Raises ValueError if `events` has no event, or several."""
    event = single(events)
    name = carried(event, EVENEMENTS)
    authored = event.attributes.time.isoformat(timespec="seconds")
    bundle = {
        "resourceType": "Bundle",
        "identifier": identifier("evenement", str(event.attributes.id)),
        "type": "transaction",
        "entry": [_put(resource) for resource in RESSOURCES[name](event.contrat, authored, view)],
    }
    return Native(to_json(bundle), "application/json", f"{name.split('.')[0]}_{event.attributes.id}.json")


def _put(resource: Ressource) -> Ressource:
    where = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": where}}


def _proposed(event: orientation.OrientationProposee, authored: str, view: View) -> list[Ressource]:
    ident, menage = view.hub_id_of(event.orientation), event.menage
    request = present(
        resourceType="ServiceRequest",
        id=ident,
        contained=household(menage, view),
        status="active",
        intent="order",
        category=[HOMELESS],
        code=concept("dispositif", event.dispositif),
        subject={"reference": "#menage"},
        occurrenceDateTime=iso(event.presentation_le),
        authoredOn=authored,
        requester={"display": "SIAO"},
        performer=[{"identifier": establishment(event.structure)}] if event.structure else [],
        locationReference=[{"identifier": identifier("place", view.id_of(each))} for each in event.places],
        reasonCode=labelled("situationDemandes", menage.situation),
        orderDetail=labelled("mesureAccompagnement", menage.accompagnement),
    )
    return [request, _referral(ident, "requested", authored)]


def _withdrawn(event: orientation.OrientationAnnulee, authored: str, view: View) -> list[Ressource]:
    return [_referral(view.hub_id_of(event.orientation), "cancelled", authored)]


def _referral(ident: str, status: str, authored: str) -> Ressource:
    return task(ident, status, authored, code=FULFILL, focus={"reference": f"ServiceRequest/{ident}"})


def _outcome(event: demande.DemandeSuite, authored: str, view: View) -> list[Ressource]:
    status = STATUTS.get(event.suite, "in-progress")
    return [_demand(event, status, authored, view, businessStatus=concept("suite", event.suite))]


def _no_place(event: demande.DemandeNonPourvue, authored: str, view: View) -> list[Ressource]:
    return [
        _demand(
            event,
            "in-progress",
            authored,
            view,
            statusReason=concept("motifNonPourvue", event.motif),
            businessStatus=concept("suite", "NON_POURVUE"),
            executionPeriod={"start": iso(event.nuit_du)},
        )
    ]


def _evaluation(event: demande.EvaluationDemandee, authored: str, view: View) -> list[Ressource]:
    asked: dict[str, object] = {"businessStatus": concept("suite", "EVALUATION_DEMANDEE")}
    if event.methode:
        asked["reasonCode"] = concept("methode", event.methode)
    if event.rappel:
        asked["priority"] = "urgent"
    until = {"period": {"end": iso(event.avant_le)}}
    return [_demand(event, "requested", authored, view, **asked, restriction=until)]


def _demand(
    event: demande.EvenementDemande, status: str, authored: str, view: View, **elements: object
) -> Ressource:
    focus = {"identifier": identifier("demande", view.id_of(event.demande))}
    return task(view.hub_id_of(event.demande), status, authored, focus=focus, **elements)


def _reminder(event: alerte.AlerteEcheance, authored: str, view: View) -> list[Ressource]:
    return _alert(
        event,
        authored,
        view,
        code=REMIND,
        priority="urgent",
        businessStatus=concept("etape", event.etape),
        reasonCode=concept("echeance", event.echeance),
        restriction={"period": {"end": event.due_le.isoformat(timespec="seconds")}},
    )


def _notice(event: alerte.AlerteAnomalie, authored: str, view: View) -> list[Ressource]:
    return _alert(
        event, authored, view, code=INFORM, reasonCode=concept("motif", told_motif(event.motif, view))
    )


def _alert(event: alerte.EvenementAlerte, authored: str, view: View, **elements: object) -> list[Ressource]:
    """Write an alert as a new Task, which leaves the referral's own Task unchanged. `authored`: the alert's
    date and time, as FHIR writes them; `view`: the recipient, with the ids under which it knows subjects;
    `elements`: further elements of the Task."""
    referral = {"reference": f"ServiceRequest/{view.hub_id_of(event.objet)}"}
    about = {"identifier": identifier(event.nature, view.id_of(event.objet))}
    focus = referral if event.nature is Nature.ORIENTATION else about
    note = [{"text": explication(event, view.partner.famille)}]
    return [task(str(event.evenement), "requested", authored, focus=focus, **elements, note=note)]


RESSOURCES: Mapping[str, Callable[[Any, str, View], list[Ressource]]] = {
    orientation.OrientationProposee.NOM: _proposed,
    orientation.OrientationAnnulee.NOM: _withdrawn,
    demande.DemandeSuite.NOM: _outcome,
    demande.DemandeNonPourvue.NOM: _no_place,
    demande.EvaluationDemandee.NOM: _evaluation,
    alerte.AlerteAnomalie.NOM: _notice,
    alerte.AlerteEcheance.NOM: _reminder,
}
EVENEMENTS = by_short_name(
    orientation.OrientationProposee,
    orientation.OrientationAnnulee,
    demande.DemandeSuite,
    demande.DemandeNonPourvue,
    demande.EvaluationDemandee,
    alerte.AlerteAnomalie,
    alerte.AlerteEcheance,
)
