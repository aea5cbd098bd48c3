"""Determine whether a partner may send a message about a subject."""

from contracts.base import Contrat, Nature
from contracts.envelope import HUB
from contracts.partner import Famille, Partner, may_offer
from router.domain.location import departements_of, siao_of
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.domain.parts import Part, Party
from router.domain.rulebooks.acte import Convention, Derogation
from router.domain.subjects import Subject


def may_say(
    contrat: Contrat | type[Contrat], source: str, subject: Subject | None, registry: Registry
) -> bool:
    """Tell whether the partner `source` may send a message, or any message of a type, about a subject.
    `FACTS` lists for each message type the parties and the types of partners that may send it."""
    return any(_plays(source, part, contrat.NATURE, subject, registry) for part in facts_of(contrat).said_by)


def _plays(
    source: str, part: Part, nature: Nature | None, subject: Subject | None, registry: Registry
) -> bool:
    match part:
        case Famille():
            partner = registry.get(source)
            return partner is not None and partner.famille is part and _works_with(partner, subject, registry)
        case Party.HUB:
            return source == HUB
        case Party.PREMIER:
            partner = registry.get(source)
            return subject is None and (partner is None or may_offer(nature, partner.famille))
        case Party.SIAO:
            siao = siao_of(subject, registry) if subject else None
            return siao is not None and source in (siao.id, registry.present(siao.antenne_de or ""))
    return subject is not None and subject.played_by(source, part)


def _works_with(partner: Partner, subject: Subject | None, registry: Registry) -> bool:
    """Tell whether a partner works in a département of one of the subject's parties. Return True if there is
    no subject, or if no party of the subject is known."""
    others = parties(subject, registry) if subject else []
    return not others or any(departements_of(partner) & departements_of(other) for other in others)


def parties(subject: Subject, registry: Registry) -> list[Partner]:
    """Return the partners that are a party of a subject (`Subject.players`). For an agreement, add all
    partners that are expected to sign it; for a derogation, the manager of its structure. Partners missing
    from the registry are left out; a partner may appear twice."""
    match subject:
        case Convention():
            structures = subject.attendus
        case Derogation():
            structures = (subject.structure or "",)
        case _:
            structures = ()
    expected = map(registry.manager_of, structures)
    return [partner for partner in (*map(registry.get, subject.players), *expected) if partner is not None]
