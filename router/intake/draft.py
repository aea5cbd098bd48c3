"""Hold the drafts of messages. A draft is a decoded message, with its state and its rejections, ready to be
stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from adapters.evenements import called_by_sender
from adapters.nir import NIR_REFUSED
from adapters.registry import TABULAIRES
from connectors.problem import rejet_kept
from contracts.base import Contrat
from contracts.errors import InvalidNative
from contracts.frozen import replace
from contracts.partner import Partner
from contracts.ports import Native, Rejet
from router.intake.rows import Cited, DraftRow, Origin
from router.privacy.hmac_keys import HmacKeys
from router.privacy.seen import Seen
from router.store import idempotency, quarantine
from router.triage import BUG

LISTED_REJECTIONS = 1000
"""Largest number of rejections that an answer lists. Further rejections are only counted. Second and later
rejections of a row are left out first."""
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
    "servi à un autre contenu : renvoyez celui-ci sous une clé neuve. Rien n'a été pris en compte.",
)
ALL_OR_NOTHING = Rejet(
    "tout_ou_rien",
    "Votre entrée demande « tout ou rien » : aucune ligne n'a été retenue. Corrigez les lignes citées et renvoyez.",
)


class Replayed(NamedTuple):
    """Idempotency key of a refused message that an operator replays, in the form of an HMAC."""

    hmac: bytes
    of_body: bool
    """True if `hmac` was made of the body, because the message had no idempotency key."""


class Draft(NamedTuple):
    """Decoded message with its state, ready to be stored."""

    origin: Origin
    native: Native
    dialect: str
    hmacs: HmacKeys
    """HMAC keys with which the draft's fingerprints were made."""
    claim: idempotency.Claim
    """Claim on the idempotency key of the message, or on a key made of the body if the message came without one. Only
    an HMAC of the key is stored: the key may contain a person's name."""
    keyless: bool
    """True if neither the sender nor the transport gave an idempotency key. False for a replayed message."""
    etat: str
    acceptes: int
    contrats: Sequence[tuple[int, Contrat]]
    """Contracts of the accepted rows, each with its row number. Empty if the message is refused, or if its rows are
    decoded later."""
    rejets: Sequence[Rejet]
    seen: Seen
    """Hash of the bytes, and its nonce, for the signed receipt."""
    avertissements: Sequence[Rejet] = ()
    cles: Mapping[int, str] = MappingProxyType({})
    """Event ids that the sender gave, by row number, by which repeated events are recognised. Empty if an event id
    already serves as the message's idempotency key."""
    noms: Mapping[int, str] = MappingProxyType({})
    """Event ids that the sender gave, by row number, to cite in rejections."""
    lus: Collection[UUID] = ()
    """Households, referrals and candidacies that the rows name, refused rows included."""
    picked_up: bool = False
    """True if the hub fetched the message itself. Nobody then reads an answer, so that a refusal has to be stored.
    """
    others: Sequence[idempotency.Claim] = ()
    """Claims on the same idempotency key, made with older HMAC keys. By them, the hub recognises a message that it
    stored before the HMAC key was replaced."""

    @property
    def message(self) -> UUID:
        """Return the hub's id of the message."""
        return self.origin.message

    @property
    def partner(self) -> Partner:
        """Return the sender."""
        return self.origin.partner

    @property
    def writer(self) -> bytes:
        """Return the mark of the HMAC key with which this draft was made. The mark is the short name of the key.
        If the key is replaced before the draft is stored, the message must be drafted again."""
        return self.hmacs.writer.mark

    @property
    def key(self) -> idempotency.Key:
        """Return the message's idempotency key in the form in which it is stored: the sender's id, and an
        HMAC."""
        return self.claim.key

    @property
    def rows(self) -> list[DraftRow]:
        return [DraftRow(self.origin, n, contrat, self.cles.get(n)) for n, contrat in self.contrats]

    @property
    def cited(self) -> Cited:
        """Return two values: the message's `Origin`; and the ids of the households, referrals and candidacies that
        its rows name."""
        return self.origin, self.lus

    @property
    def bytes_are_stored(self) -> bool:
        """Tell whether the message's bytes are stored, to be read again. They are if the message is refused or
        still to be decoded. They are never stored if it contains a social security number (NIR)."""
        return self.etat in ("refuse", "en_cours") and not holds_nir(self.rejets)

    @property
    def gives_rows_back(self) -> bool:
        """Tell whether the rejected rows are stored as a file that the sender can correct. They are if the message
        is a table, was accepted in part, and contains no social security number."""
        return self.etat == "partiel" and self.dialect in TABULAIRES and not holds_nir(self.rejets)

    def refused(self, rejets: Sequence[Rejet]) -> "Draft":
        """Return the draft as a message that is refused as a whole, with the rejections `rejets`."""
        return self._replace(etat="refuse", acceptes=0, contrats=[], rejets=rejets, avertissements=())

    def with_warning(self, why: Rejet, rows: Collection[int]) -> "Draft":
        """Return the draft with the warning `why` added for each row in `rows`. The draft keeps at most
        `LISTED_REJECTIONS` warnings."""
        if not rows:
            return self
        warnings = _in_order((*self.avertissements, *self.named(of_rows(rows, why))))
        return self._replace(avertissements=warnings[:LISTED_REJECTIONS])

    def named(self, rejets: Sequence[Rejet]) -> list[Rejet]:
        """Return the rejections, each with a `reference`. The reference is the sender's own id of the row's event
        or, without such an id, the sender's own id of the row's subject. It is None if there is neither."""
        about = {number: called_by_sender(contrat.sujet) for number, contrat in self.contrats}
        called = {**about, **self.noms}
        return [replace(rejet, reference=called.get(rejet.ligne or 0)) for rejet in rejets]

    def without(self, rejets: Sequence[Rejet]) -> "Draft":
        """Return the draft with the rejections `rejets` added, and without the rejected rows. The draft is
        refused as a whole if no row is left, or if the sender wants all or nothing."""
        rows = {rejet.ligne for rejet in rejets}
        contrats = [(number, contrat) for number, contrat in self.contrats if number not in rows]
        rejected = _in_order((*self.rejets, *self.named(rejets)))
        if contrats and self.partner.tout_ou_rien:
            return self.refused([*rejected, ALL_OR_NOTHING])
        if not contrats:
            return self.refused(
                [OUR_BUG] if {rejet.code for rejet in rejected} == {OUR_BUG.code} else rejected
            )
        left = [each for each in self.avertissements if each.ligne not in rows]
        return self._replace(
            etat="partiel", acceptes=len(contrats), contrats=contrats, rejets=rejected, avertissements=left
        )


def _in_order(rejets: Iterable[Rejet]) -> list[Rejet]:
    return sorted(rejets, key=lambda rejet: rejet.ligne or 0)


def of_rows(rows: Collection[int], why: Rejet) -> list[Rejet]:
    """Return a copy of the rejection `why` for each row in `rows`."""
    return [replace(why, ligne=number) for number in rows]


def rejection_rows(rejets: Sequence[Rejet]) -> list[dict[str, object]]:
    """Return the rejections as JSON objects for the inbox row, at most `LISTED_REJECTIONS` of them."""
    return [rejet_kept(rejet) for rejet in listed(rejets)]


def listed(rejets: Sequence[Rejet]) -> Sequence[Rejet]:
    """Shorten a list to at most `LISTED_REJECTIONS` rejections, without changing their order. Second and later
    rejections of a row are dropped before the first rejection of any row."""
    first = {rejet.ligne: n for n, rejet in reversed(list(enumerate(rejets)))}
    ranked = sorted(range(len(rejets)), key=lambda n: first[rejets[n].ligne] != n)
    return [rejets[n] for n in sorted(ranked[:LISTED_REJECTIONS])]


def rejections_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Rejet, ...]:
    """Return the rejections that an inbox row stores as JSON objects."""
    return tuple(Rejet(row["code"], row["message"], row["ligne"], row["champ"]) for row in rows)


def rejected_rows(rejets: Sequence[Rejet]) -> int:
    """Return how many different rows `rejets` name. All rejections of the whole message, which name no row, count
    together as one row."""
    return len({rejet.ligne for rejet in rejets})


def holds_nir(rejets: Sequence[Rejet]) -> bool:
    """Tell whether the message was rejected for a social security number (NIR). The bytes of such a message
    must not be stored."""
    return any(rejet.code == NIR_REFUSED.code for rejet in rejets)


def refused_message(
    message: UUID, partner: str, dialect: str, rejections: Sequence[Mapping[str, Any]]
) -> quarantine.RefusedMessage:
    """Return the quarantine row for a message that was refused as a whole."""
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
