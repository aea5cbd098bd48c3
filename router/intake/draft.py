"""A message before its commit: what was read of it, and what its sender is told of what is not accepted."""

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from adapters.evenements import called_by_sender
from adapters.nir import NIR_REFUSED
from adapters.registry import TABULAIRES
from connectors.problem import rejet_kept
from contracts.base import Contrat
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Native, Rejet
from router.store import quarantine
from router.triage import BUG

NONCE_BYTES = 16
LISTED_REJECTIONS = 1000
"""Rejections listed one by one in an answer; beyond, they are counted."""
ILLISIBLE = InvalidNative.code

OUR_BUG = Rejet(
    "erreur_interne",
    "Le hub n'a pas su traiter ce message en entier : la faute est de son côté, et son équipe le voit. Renvoyez-le le "
    "lendemain.",
)
NOT_SEALED = Rejet(
    OUR_BUG.code,
    "Le hub n'a pas pu garder cette ligne : la faute est de son côté, et son équipe le voit. Renvoyez-la le lendemain.",
)
KEY_NEEDED = Rejet(
    "cle_absente",
    "Une demande, une orientation, une candidature ou un ménage prêt au logement doit porter une clé : ajoutez "
    "l'en-tête « Idempotency-Key » ou l'identifiant de message du dialecte, pour qu'une répétition soit reconnue.",
)
KEY_TAKEN = Rejet(
    quarantine.KEY_TAKEN,
    "Cette clé (« Idempotency-Key », sinon l'identifiant du message ou de l'événement dans votre dialecte) a déjà "
    "servi à un autre contenu : renvoyez celui-ci sous une clé neuve. Rien n'en a été pris.",
)
ALL_OR_NOTHING = Rejet(
    "tout_ou_rien",
    "Votre entrée demande « tout ou rien » : aucune ligne n'a été retenue. Corrigez les lignes citées et renvoyez.",
)


class Origin(NamedTuple):
    """Where an event comes from: a message, its sender, and when it was taken in."""

    message: UUID
    partner: Partner
    received_at: datetime
    traceparent: str | None = None


class Identity(NamedTuple):
    """What makes a message the same as another one."""

    key: bytes
    """HMAC of the sender's key, or of the body where there is none: a sender's key may well name somebody."""
    lifetime: timedelta
    """How long the key counts."""
    body_hmac: bytes
    content_hmac: bytes | None = None
    """HMAC of what its one event says, where it has no other row and that event's id is the message's key."""
    by_its_event: bool = False
    """The key is its sender's own id of its event."""
    keyless: bool = False
    """Known by its bytes alone."""
    again: bool = False
    """A replay of a refused message. Whoever replays it settles the old quarantine entry, so accepting it here must
    not."""


class Seen(NamedTuple):
    """The exact bytes of a message, as its receipt says them: nobody can guess a small body without the nonce."""

    nonce: bytes
    digest: bytes
    """SHA-256 of the nonce and the bytes behind it."""

    @classmethod
    def of(cls, body: bytes) -> "Seen":
        """Under a fresh nonce."""
        nonce = os.urandom(NONCE_BYTES)
        hashed = hashlib.sha256(nonce)
        hashed.update(body)
        return cls(nonce, hashed.digest())


class Draft(NamedTuple):
    """A decoded message that waits for its commit."""

    origin: Origin
    native: Native
    dialect: str
    identity: Identity
    etat: str
    acceptes: int
    contrats: Sequence[tuple[int, Contrat]]
    """Those of the accepted rows; of a dry run none, for they are only counted."""
    rejets: Sequence[Rejet]
    avertissements: Sequence[Rejet] = ()
    cles: Mapping[int, str] = MappingProxyType({})
    """Senders' own ids of events that are not the message's own key, by row number."""
    noms: Mapping[int, str] = MappingProxyType({})
    """Senders' own ids of all its events, by row number."""
    lus: Collection[UUID] = ()
    """Households, referrals and candidacies that stand in its rows, the refused ones included."""
    picked_up: bool = False
    """Its sender waits for no answer: what it is not told, nobody is, unless the hub keeps it."""
    seen: Seen | None = None
    """What its receipt says of its bytes."""

    @property
    def message(self) -> UUID:
        """Our id of it."""
        return self.origin.message

    @property
    def partner(self) -> Partner:
        """Its sender."""
        return self.origin.partner

    @property
    def pair(self) -> tuple[str, bytes]:
        """What only one message that is taken in may claim."""
        return self.partner.id, self.identity.key

    @property
    def rows(self) -> "list[Row]":
        """The rows that are accepted."""
        return [(self.origin, number, contrat, self.cles.get(number)) for number, contrat in self.contrats]

    @property
    def cited(self) -> "Cited":
        """Itself, with whom its rows name."""
        return self.origin, self.lus

    @property
    def is_read_again(self) -> bool:
        """Whether its bytes are kept: it is refused and waits for a decision, or decoded later. What is accepted rests
        in its events, and what its dialect ignores nowhere. A NIR is never stored, not even sealed."""
        return self.etat in ("refuse", "en_cours") and not holds_nir(self.rejets)

    @property
    def gives_rows_back(self) -> bool:
        """Whether its refused rows are kept as a file, once it is kept itself: of a table, for its sender to mend."""
        return self.etat == "partiel" and self.dialect in TABULAIRES and not holds_nir(self.rejets)

    def refused(self, rejets: Sequence[Rejet]) -> "Draft":
        """The same message, and nothing of it is accepted."""
        return self._replace(etat="refuse", acceptes=0, contrats=[], rejets=rejets, avertissements=())

    def warned(self, why: Rejet, rows: Collection[int]) -> "Draft":
        """The same message, its sender warned of these rows, up to a number."""
        if not rows:
            return self
        told = _in_order((*self.avertissements, *self.named(of_rows(rows, why))))
        return self._replace(avertissements=told[:LISTED_REJECTIONS])

    def named(self, told: Sequence[Rejet]) -> list[Rejet]:
        """What is told of its accepted rows, under what its sender calls each: the event, else what it is about."""
        about = {number: called_by_sender(contrat.sujet) for number, contrat in self.contrats}
        called = {**about, **self.noms}
        return [replace(rejet, reference=called.get(rejet.ligne or 0)) for rejet in told]

    def without(self, rejets: Sequence[Rejet]) -> "Draft":
        """The same message without the rows of these rejections; refused where nothing may be left of it."""
        rows = {rejet.ligne for rejet in rejets}
        contrats = [(number, contrat) for number, contrat in self.contrats if number not in rows]
        told = _in_order((*self.rejets, *self.named(rejets)))
        if contrats and self.partner.tout_ou_rien:
            return self.refused([*told, ALL_OR_NOTHING])
        if not contrats:
            return self.refused([OUR_BUG] if {rejet.code for rejet in told} == {OUR_BUG.code} else told)
        left = [each for each in self.avertissements if each.ligne not in rows]
        return self._replace(
            etat="partiel", acceptes=len(contrats), contrats=contrats, rejets=told, avertissements=left
        )


Row = tuple[Origin, int, Contrat, str | None]
"""A contract with its message, its row number in it, and its sender's own id of the event."""
Cited = tuple[Origin, Collection[UUID]]
"""A message with the households, referrals and candidacies that stand in its rows."""


def _in_order(told: Iterable[Rejet]) -> list[Rejet]:
    """As the sender finds the rows in its message; what is said of the whole comes first."""
    return sorted(told, key=lambda rejet: rejet.ligne or 0)


def of_rows(rows: Collection[int], why: Rejet) -> list[Rejet]:
    """Rows that are rejected for the same reason."""
    return [replace(why, ligne=number) for number in rows]


def rejection_rows(rejets: Sequence[Rejet]) -> list[dict[str, object]]:
    """Rejections as the inbox keeps them: as the sender reads them, up to a number."""
    return [rejet_kept(rejet) for rejet in rejets[:LISTED_REJECTIONS]]


def rejections_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Rejet, ...]:
    """Rejections again, from what the inbox keeps of them."""
    return tuple(Rejet(row["code"], row["message"], row["ligne"], row["champ"]) for row in rows)


def rejected_rows(rejets: Sequence[Rejet]) -> int:
    """How many rows the rejections speak of."""
    return len({rejet.ligne for rejet in rejets})


def holds_nir(rejets: Sequence[Rejet]) -> bool:
    """Whether the bytes may not be kept: a NIR is never stored, not even sealed."""
    return any(rejet.code == NIR_REFUSED.code for rejet in rejets)


def refused_message(
    message: UUID, partner: str, dialect: str, rejections: Sequence[Mapping[str, Any]]
) -> quarantine.RefusedMessage:
    """The quarantine row of a message of which nothing was accepted."""
    codes = sorted({f"{rejet['code']}:{rejet['champ'] or ''}" for rejet in rejections})
    return quarantine.RefusedMessage(
        message=message,
        partner=partner,
        cause=_cause([str(rejet["code"]) for rejet in rejections]),
        fingerprint=f"{dialect} {' '.join(codes[:8])}",
        detail={"rejets": rejections, "dialecte": dialect},
    )


def _cause(codes: Sequence[str]) -> str:
    if OUR_BUG.code in codes:
        return BUG
    return codes[0] if codes else "vide"
