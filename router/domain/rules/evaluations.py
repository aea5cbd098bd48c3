"""Rules for an evaluation that the SIAO asks a partner to make (duty C5 of `docs/obligations.md`)."""

from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.frozen import replace
from contracts.v1.demande import DemandeEvaluee, EvaluationDemandee, EvaluationRealisee
from router.domain import routing
from router.domain.partners import Registry
from router.domain.subjects import Demande

NOT_ITSELF = (
    "votre SIAO a enregistré cette demande : nommez le service qui évalue, par son SIRET ou son FINESS"
)
NO_SUCH_SERVICE = "aucun partenaire qui lise une demande d'évaluation n'a le SIRET ou FINESS du service nommé"
NO_ASSESSOR = (
    "qui a apporté cette demande ne reçoit pas de demande d'évaluation : nommez le service qui évalue, par son"
    " SIRET ou son FINESS"
)


def evaluation_noted(event: Event, demand: Demande, registry: Registry) -> Demande:
    """Return the demand as it is after an event. If the event asks a partner to evaluate the household, its
    evaluation is awaited from then on, besides those of partners asked before. If the event is an evaluation,
    its sender is awaited no more; if it is the SIAO's own, nobody is. Any other event changes nothing.
    Raises Unroutable if the SIAO asks itself, or a partner that cannot receive the message."""
    match event.contrat:
        case EvaluationDemandee(avant_le=until):
            asked = asked_by(event.source, event.contrat, demand, registry)
            before = filter(None, (*demand.evaluateurs, demand.evaluateur))
            return replace(
                demand,
                evaluateur=asked,
                evaluateurs=tuple(dict.fromkeys((*before, asked))),
                evaluateurs_attendus=tuple(dict.fromkeys((*demand.evaluating, asked))),
                evaluation_depuis=event.attributes.time,
                evaluation_avant_le=until,
            )
        case EvaluationRealisee():
            awaited = tuple(each for each in demand.evaluating if each != event.source)
            since = None if event.source == demand.evaluateur else demand.evaluation_depuis
            return replace(demand, evaluateurs_attendus=awaited, evaluation_depuis=since)
        case DemandeEvaluee():
            return replace(demand, evaluateurs_attendus=(), evaluation_depuis=None)
    return demand


def asked_by(siao: str, contrat: EvaluationDemandee, demand: Demande, registry: Registry) -> str:
    """Return the id of the partner that is to evaluate: the service that the message names, else the partner
    that brought the household. Raises Unroutable if this partner cannot receive the message, or is the SIAO
    `siao` itself."""
    named = contrat.service is not None
    asked = registry.manager_of(contrat.service) if contrat.service else registry.get(demand.emetteur)
    if asked is not None and asked.id == siao:
        raise Unroutable(NOT_ITSELF)
    if asked is None or not routing.reads(asked, EvaluationDemandee):
        raise Unroutable(NO_SUCH_SERVICE if named else NO_ASSESSOR)
    return asked.id


def asked_again(demand: Demande) -> EvaluationDemandee:
    """Return the message by which the hub reminds the partner that is to evaluate the household."""
    assert demand.evaluation_avant_le is not None, "an evaluation is asked until a day"
    return EvaluationDemandee(demande=demand.id, avant_le=demand.evaluation_avant_le, rappel=True)
