"""Turn of a subject: the next expected act, by whom, since when, until when. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.base import Nature
from contracts.explications import etat_of
from ops.tracing.history import Step
from router.domain.deadlines import NOTHING, Attendu, Running, running_of
from router.domain.partners import Registry
from router.domain.parts import HUB, Party
from router.domain.routing import siao_of
from router.domain.subjects import Candidature, Envoi, Orientation, Subject

DECIDES = "accepter ou refuser"
EXPECTED: Mapping[Nature, Mapping[str, tuple[Party, str]]] = {
    Nature.ORIENTATION: {
        "PROPOSEE": (Party.DESTINATAIRE, f"dire qu'elle est lue, puis {DECIDES}"),
        "ACCUSEE": (Party.DESTINATAIRE, DECIDES),
        "EN_ATTENTE": (Party.DESTINATAIRE, DECIDES),
        "PREADMISSION": (Party.DESTINATAIRE, f"dire le résultat de la préadmission : {DECIDES}"),
        "ACCEPTEE": (Party.DESTINATAIRE, "prononcer l'admission, constater l'entrée, ou dire l'absence"),
        "ADMISE": (Party.DESTINATAIRE, "constater l'entrée, ou dire l'absence"),
        "ENTREE": (Party.DESTINATAIRE, "déclarer la sortie, le jour venu"),
    },
    Nature.CANDIDATURE: {
        "PRESENTEE": (Party.DESTINATAIRE, "dire qu'elle est lue, puis inscrire en commission"),
        "ACCUSEE": (Party.DESTINATAIRE, "inscrire en commission"),
        "INSCRITE": (Party.DESTINATAIRE, "dire la décision de la commission"),
        "SOUS_CONDITION": (Party.DESTINATAIRE, "dire la condition levée, ou la non-attribution"),
        "ATTRIBUEE_PAR_RANG": (
            Party.DESTINATAIRE,
            "dire l'attribution quand le rang est appelé, sinon la non-attribution",
        ),
        "ATTRIBUEE": (Party.DESTINATAIRE, "dire la réponse du ménage"),
        "PROPOSEE_AU_MENAGE": (Party.DESTINATAIRE, "dire la signature du bail, ou le refus du ménage"),
    },
    Nature.DEMANDE: {
        "RECUE": (Party.DESTINATAIRE, "évaluer la demande"),
        "COMPLETE": (Party.DESTINATAIRE, "évaluer la demande"),
        "EVALUEE": (Party.DESTINATAIRE, "orienter le ménage"),
        "EN_ATTENTE": (Party.DESTINATAIRE, "orienter le ménage"),
        "NON_POURVUE": (Party.DESTINATAIRE, "orienter le ménage"),
        "ORIENTEE": (Party.DESTINATAIRE, "suivre l'orientation en cours"),
    },
    Nature.MENAGE: {
        "DECLARE": (Party.EMETTEUR, "présenter le ménage à un bailleur"),
        "ACTUALISE": (Party.EMETTEUR, "présenter le ménage à un bailleur"),
        "PRESENTE": (Party.EMETTEUR, "suivre la candidature en cours"),
    },
    Nature.PLACE: {
        "DECLAREE": (Party.GESTIONNAIRE, "dire quand elle est vacante"),
        "DISPONIBLE": (Party.SIAO, "y orienter un ménage"),
        "RESERVEE": (Party.GESTIONNAIRE, "répondre à l'orientation qui la réserve"),
        "OCCUPEE": (Party.GESTIONNAIRE, "dire quand elle se libère"),
        "A_LIBERER": (Party.SIAO, "y orienter un ménage"),
        "INDISPONIBLE": (Party.GESTIONNAIRE, "dire quand elle est de nouveau disponible"),
    },
}
"""Expected act in each state of a subject, and the party that owes it."""
ALERTS = "fr.siao.alerte."
DELIVERS = "le remettre à son destinataire"
COLLECTS = "le relever dans votre boîte"
ACCOMPANIES = "répondre à la demande d'accompagnement"
OURS, THEIRS = frozenset({Attendu.HUB}), frozenset({Attendu.DESTINATAIRE, Attendu.MENAGE})
"""Parties that the deadlines of the hub's turn await, and of a recipient's turn, the household's answer included."""


class Situation(NamedTuple):
    """A subject with the events about it, oldest first, and its deadlines."""

    subject: Subject
    steps: Sequence[Step] = ()
    running: Running = NOTHING
    siao: str | None = None
    """SIAO of the place's manager, for a subject that does not name one."""


class Turn(NamedTuple):
    """Next expected act about a subject."""

    etat: str
    """State, in French."""
    who: str | None
    """Partner or hub that owes the act; None if no act is expected, or the hub does not know by whom."""
    expected: str | None
    since: datetime | None
    until: datetime | None
    late: bool


def situation_of(subject: Subject, steps: Sequence[Step], registry: Registry) -> Situation:
    """Return the situation of a subject. Leaves out the alerts among the events."""
    told = [step for step in steps if not step.type.startswith(ALERTS)]
    siao = siao_of(subject, registry)
    return Situation(subject, told, running_of(subject, registry), siao.id if siao else None)


def whose_turn(situation: Situation, now: datetime) -> Turn:
    """Return the turn of a subject at a moment."""
    subject = situation.subject
    etat = etat_of(subject.NATURE, subject.etat)
    who, expected = _expected(situation)
    if expected is None:
        return Turn(etat, None, None, None, None, late=False)
    until = _until(situation.running, OURS if who == HUB else THEIRS)
    return Turn(etat, who, expected, _since(situation), until, late=until is not None and until < now)


def turn_of_operator(referral: Orientation, operator: str, running: Running, now: datetime) -> Turn:
    """Return the turn of a partner that is asked to accompany a household."""
    etat, since = etat_of(referral.NATURE, referral.etat), referral.accompagnement_depuis
    until = _until(running, frozenset({Attendu.OPERATEUR}))
    return Turn(etat, operator, ACCOMPANIES, since, until, late=until is not None and until < now)


def _expected(situation: Situation) -> tuple[str | None, str | None]:
    subject = situation.subject
    row = EXPECTED.get(subject.NATURE, {}).get(subject.etat or "")
    if row is None:
        return None, None
    party, expected = row
    if is_on_its_way(subject):
        return HUB, DELIVERS
    return subject.player(party) or (situation.siao if party is Party.SIAO else None), expected


def is_on_its_way(subject: Subject) -> bool:
    """Return whether the hub has still to deliver a referral or candidacy. Its recipient owes nothing before."""
    if not isinstance(subject, Orientation | Candidature) or subject.remise_le is not None:
        return False
    return subject.etat in subject.MACHINE.early and subject.etat in ("PROPOSEE", "PRESENTEE")


def _since(situation: Situation) -> datetime | None:
    """Return the moment of the last event that changed the subject, or of its proven receipt if that is later."""
    subject = situation.subject
    received = subject.remise_le if isinstance(subject, Envoi) else None
    moments = [step.at for step in situation.steps if step.counts]
    return max((m for m in (*moments, subject.etat_depuis, received) if m is not None), default=None)


def _until(running: Running, awaited: frozenset[Attendu]) -> datetime | None:
    """Return the earliest end of the deadlines that await one of these."""
    return min((d.due_at for d in running.values() if d.awaited in awaited), default=None)
