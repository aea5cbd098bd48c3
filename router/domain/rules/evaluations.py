"""Rules for an evaluation that the SIAO asks a partner to make (duty C5 of `docs/obligations.md`)."""

from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.demande import DemandeEvaluee, EvaluationDemandee, EvaluationRealisee
from router.domain import routing
from router.domain.partners import Registry
from router.domain.subjects import Demande


def evaluation_noted(event: Event, demand: Demande, registry: Registry) -> Demande:
    """Return the demand as it is after an event. There are three cases:

    * The event asks a partner to evaluate the household: from now on, the demand awaits the evaluation of
      this partner, and still those of partners asked before. The day that the SIAO sets counts for all.
    * The event is the evaluation of a partner: the demand no longer awaits this evaluation. The deadline runs
      on for the others.
    * The event is the SIAO's own evaluation: the demand awaits no evaluation any more.

    Any other event changes nothing.
    """
    match event.contrat:
        case EvaluationDemandee(avant_le=until):
            asked = asked_by(event.source, event.contrat, demand, registry)
            assert asked is not None, "such a request is refused before"
            before = filter(None, (*demand.evaluateurs, demand.evaluateur))
            others = (each for each in demand.evaluating if each != asked)
            return replace(
                demand,
                evaluateur=asked,
                evaluateurs=tuple(dict.fromkeys((*before, asked))),
                evaluateurs_attendus=(*others, asked),
                evaluation_depuis=event.attributes.time,
                evaluation_avant_le=until,
            )
        case EvaluationRealisee():
            awaited = tuple(each for each in demand.evaluating if each != event.source)
            return replace(
                demand,
                evaluateur=awaited[-1] if awaited else demand.evaluateur,
                evaluateurs_attendus=awaited,
                evaluation_depuis=demand.evaluation_depuis if awaited else None,
            )
        case DemandeEvaluee():
            return replace(demand, evaluateurs_attendus=(), evaluation_depuis=None)
    return demand


def asked_by(siao: str, contrat: EvaluationDemandee, demand: Demande, registry: Registry) -> str | None:
    """Return the id of the partner that is asked to evaluate a household: the service that the message names.
    If the message names none, it is the partner that brought the household. Return None if this partner
    cannot receive the message, or if it is the SIAO `siao` itself."""
    asked = registry.manager_of(contrat.service) if contrat.service else registry.get(demand.emetteur)
    if asked is None or asked.id == siao or not routing.reads(asked, EvaluationDemandee):
        return None
    return asked.id


def asked_again(demand: Demande) -> EvaluationDemandee:
    """Return the message by which the hub reminds the partners still awaited to evaluate the household."""
    assert demand.evaluation_avant_le is not None, "an evaluation is asked until a day"
    return EvaluationDemandee(demande=demand.id, avant_le=demand.evaluation_avant_le, rappel=True)
