"""Determine what a SIAO takes over when it becomes responsible for a household. Also replace merged SIAO by
their successors in stored subjects."""

from collections.abc import Sequence
from typing import Any, TypeVar

from contracts.base import Contrat, Nature
from contracts.frozen import replace
from contracts.partner import Partner
from contracts.v1.demande import DemandeTransferee
from router.domain.messages import FACTS
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.routing import BETWEEN_SIAO, reads
from router.domain.rulebooks import daho, demande, examen, orientation, signalement
from router.domain.rulebooks.acte import Acte
from router.domain.rulebooks.daho import Daho
from router.domain.rulebooks.examen import Examen
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rulebooks.signalement import Signalement
from router.domain.rules.transfers import TRANSFER_RULES
from router.domain.subjects import TRANSFERT_PROPOSE, Demande, Subject

S = TypeVar("S", bound=Subject)

ONE = ("emetteur", "destinataire", "repreneur", "siao")
"""Fields with the id of one partner, which may be a SIAO."""
SEVERAL = ("cedants", "lecteurs", "quittes", "labellisent", "designent", "avant_commission")
"""Fields with the ids of several partners, some of which may be SIAO."""
FOLLOWED = frozenset(
    {
        *((Nature.DEMANDE, etat) for etat in demande.OUVERTES),
        *((rule.nature, etat) for rule in TRANSFER_RULES for etat in rule.etats),
        (Nature.ORIENTATION, orientation.Etat.ENTREE),
        *((Nature.DAHO, etat) for etat in daho.EN_COURS),
        (Nature.EXAMEN, examen.Etat.A_EXAMINER),
        (Nature.SIGNALEMENT, signalement.Etat.SIGNALE),
    }
)
"""Pairs of a type of subject and a state. In such a state, a SIAO is responsible for the household, or has to
answer. If this SIAO is merged, its successor receives the past messages about the subject."""
HISTORY: tuple[type[Contrat], ...] = tuple(
    kind
    for kind, facts in FACTS.items()
    if kind.NATURE in {nature for nature, _ in FOLLOWED}
    and facts.said_by != (Party.HUB,)
    and kind not in BETWEEN_SIAO
)
"""Types of past messages that a SIAO receives when it becomes responsible for a household. These are the
types of messages about subjects as in `FOLLOWED`. Messages about a transfer, and messages that only the hub
sends, are left out."""


def taken_over_by(before: Subject, now: Subject) -> tuple[str, ...]:
    """Return the ids of the SIAO that take a subject over in a merger. `before` and `now` are the subject
    before and after the merger. A SIAO takes it over if it is newly responsible for the household, or if it
    now has to answer a proposed transfer. Return an empty tuple if no SIAO does."""
    pairs = ((_follower(before), _follower(now)), (_asked(before), _asked(now)))
    return tuple(new for old, new in pairs if new is not None and new != old)


def _follower(subject: Subject) -> str | None:
    if (subject.NATURE, subject.etat) not in FOLLOWED:
        return None
    asked = isinstance(subject, Demande | Daho | Examen | Signalement)
    return subject.player(Party.DESTINATAIRE if asked else Party.EMETTEUR)


def _asked(subject: Subject) -> str | None:
    return subject.repreneur if isinstance(subject, Demande) and subject.transfert_le else None


def history_for(partner: Partner, subject: Subject | None = None) -> Sequence[type[Contrat]]:
    """Return the types of past messages that a partner receives when it becomes responsible for a household.
    If `subject` is a demand that the partner is only asked to take over, the partner receives the proposal
    alone."""
    asked = subject is not None and subject.etat_for(partner.id) == TRANSFERT_PROPOSE
    return [kind for kind in ((DemandeTransferee,) if asked else HISTORY) if reads(partner, kind)]


def as_now(subject: S, registry: Registry) -> S:
    """Return the subject with each merged SIAO replaced by its successor. Only `versions_seen` keeps the ids
    of merged SIAO: the versions that a merged SIAO has sent are counted separately from those of its
    successor. If the two SIAO of a proposed transfer are now one, the transfer ends."""
    if not registry.successors:
        return subject
    names: dict[str, Any] = {
        name: getattr(subject, name) for name in (*ONE, *SEVERAL) if hasattr(subject, name)
    }
    renamed = {name: _present(value, registry) for name, value in names.items()}
    if isinstance(subject, Acte):
        names["signatures"] = subject.signatures
        renamed["signatures"] = {q: registry.present(who) for q, who in subject.signatures.items()}
    if isinstance(subject, MenagePret):
        own_last = sorted(subject.inscriptions.items(), key=lambda said: registry.present(said[0]) == said[0])
        names["inscriptions"] = subject.inscriptions
        renamed["inscriptions"] = {registry.present(who): answer for who, answer in own_last}
    changed = {name: value for name, value in renamed.items() if value != names[name]}
    if isinstance(subject, Demande) and renamed["repreneur"] == renamed["destinataire"]:
        changed |= {name: None for name in ("transfert_le", "transfert_remis_le") if getattr(subject, name)}
    return replace(subject, **changed) if changed else subject


def _present(value: Any, registry: Registry) -> Any:
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(map(registry.present, value)))
    return registry.present(value) if value else value
