"""Drafts of messages: decoded rows and rejections, as they are before the commit."""

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
"""Largest number of rejections that an answer lists; all others are only counted. If there are more, the
second and later rejections of a row are left out first."""
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
    """Idempotency key of a refused message that an operator replays. It is the key that the hub stored when
    it refused the message."""

    hmac: bytes
    of_body: bool
    """True if `hmac` was made of the message's body, because the message came without an idempotency key."""


class Draft(NamedTuple):
    """Decoded message, ready to be stored. `etat` says whether the message is accepted or refused."""

    origin: Origin
    native: Native
    dialect: str
    hmacs: HmacKeys
    """HMAC keys that were in use when this draft was made. The fingerprints in the draft were made with
    them."""
    claim: idempotency.Claim
    """Claim on the idempotency key that the sender gave, or on a key made of the body if the sender gave none.
    The key itself is not stored, because it may contain a person's name."""
    keyless: bool
    """True if neither the sender nor the transport gave an idempotency key. The key is then made of the
    body."""
    etat: str
    acceptes: int
    contrats: Sequence[tuple[int, Contrat]]
    """Decoded content (contract) of each accepted row, with the row number. Empty if the message is refused, or
    too large to be decoded at once."""
    rejets: Sequence[Rejet]
    seen: Seen
    """Fingerprint of the message's bytes, for the signed receipt."""
    avertissements: Sequence[Rejet] = ()
    cles: Mapping[int, str] = MappingProxyType({})
    """Sender's own id of each event that has such an id, by row number. By these ids, the hub recognises
    repeated events. Empty if the sender's id already serves as the message's idempotency key."""
    noms: Mapping[int, str] = MappingProxyType({})
    """Sender's own id of each event that has such an id, by row number. A rejection of the row cites this
    id."""
    lus: Collection[UUID] = ()
    """Ids of the households, referrals and candidacies that the message's rows name. Refused rows are
    included."""
    picked_up: bool = False
    """True if the hub fetched the message itself. Nobody then reads an HTTP answer, so a refusal has to be
    stored."""
    others: Sequence[idempotency.Claim] = ()
    """Claims of the same message on its idempotency key, computed with older HMAC keys. By these, the hub
    recognises the repetition of a message that it received before the HMAC key was changed."""

    @property
    def message(self) -> UUID:
        """Return the hub's id of the message."""
        return self.origin.message

    @property
    def partner(self) -> Partner:
        """Return the sender of the message."""
        return self.origin.partner

    @property
    def writer(self) -> bytes:
        """Return the mark (short name) of the HMAC key with which the fingerprints of this draft were made.
        If the key has been replaced by the time of storing, the draft must be made again."""
        return self.hmacs.writer.mark

    @property
    def key(self) -> idempotency.Key:
        """Return the message's idempotency key, together with the sender's id."""
        return self.claim.key

    @property
    def rows(self) -> list[DraftRow]:
        return [DraftRow(self.origin, n, contrat, self.cles.get(n)) for n, contrat in self.contrats]

    @property
    def cited(self) -> Cited:
        """Return the origin of the message (its id, sender and time), and the ids of the households,
        referrals and candidacies that its rows name."""
        return self.origin, self.lus

    @property
    def is_read_again(self) -> bool:
        """Tell whether the bytes of the message have to be stored, to be read again: the message is refused, or
        still to be decoded. Bytes with a social security number (NIR) are never stored."""
        return self.etat in ("refuse", "en_cours") and not holds_nir(self.rejets)

    @property
    def gives_rows_back(self) -> bool:
        """Tell whether the rejected rows are stored as a file that the sender can correct. This is so for a
        table with both accepted and rejected rows, but not if a row has a social security number (NIR)."""
        return self.etat == "partiel" and self.dialect in TABULAIRES and not holds_nir(self.rejets)

    def refused(self, rejets: Sequence[Rejet]) -> "Draft":
        """Return the draft as a refused message, with these rejections."""
        return self._replace(etat="refuse", acceptes=0, contrats=[], rejets=rejets, avertissements=())

    def with_warning(self, why: Rejet, rows: Collection[int]) -> "Draft":
        """Return the draft with a copy of the warning `why` for each row number in `rows`. At most
        `LISTED_REJECTIONS` warnings are kept."""
        if not rows:
            return self
        warnings = _in_order((*self.avertissements, *self.named(of_rows(rows, why))))
        return self._replace(avertissements=warnings[:LISTED_REJECTIONS])

    def named(self, rejets: Sequence[Rejet]) -> list[Rejet]:
        """Return the rejections, each with `reference`: the sender's own id of the event in the rejected row.
        If the row has no such id, `reference` is the sender's id of the row's subject (such as a referral)."""
        about = {number: called_by_sender(contrat.sujet) for number, contrat in self.contrats}
        called = {**about, **self.noms}
        return [replace(rejet, reference=called.get(rejet.ligne or 0)) for rejet in rejets]

    def without(self, rejets: Sequence[Rejet]) -> "Draft":
        """Return the draft of a message without the rows that `rejets` reject. The whole message is refused
        if no row is left. It is also refused if its sender's messages are accepted as a whole or not at all.
        """
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
    """Return one copy of the rejection `why` for each of these row numbers."""
    return [replace(why, ligne=number) for number in rows]


def rejection_rows(rejets: Sequence[Rejet]) -> list[dict[str, object]]:
    """Return at most `LISTED_REJECTIONS` rejections, as the JSON objects that the inbox stores."""
    return [rejet_kept(rejet) for rejet in listed(rejets)]


def listed(rejets: Sequence[Rejet]) -> Sequence[Rejet]:
    """Shorten a list of rejections to `LISTED_REJECTIONS`, without changing the order. If there are more, all
    but the first rejection of each row are dropped first."""
    first = {rejet.ligne: n for n, rejet in reversed(list(enumerate(rejets)))}
    ranked = sorted(range(len(rejets)), key=lambda n: first[rejets[n].ligne] != n)
    return [rejets[n] for n in sorted(ranked[:LISTED_REJECTIONS])]


def rejections_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Rejet, ...]:
    """Return the rejections that these JSON objects of the inbox describe."""
    return tuple(Rejet(row["code"], row["message"], row["ligne"], row["champ"]) for row in rows)


def rejected_rows(rejets: Sequence[Rejet]) -> int:
    """Return the number of different rows that these rejections concern."""
    return len({rejet.ligne for rejet in rejets})


def holds_nir(rejets: Sequence[Rejet]) -> bool:
    """Tell whether one of the rejections says that the message contains a social security number (NIR). The
    bytes of such a message may not be stored."""
    return any(rejet.code == NIR_REFUSED.code for rejet in rejets)


def refused_message(
    message: UUID, partner: str, dialect: str, rejections: Sequence[Mapping[str, Any]]
) -> quarantine.RefusedMessage:
    """Return the quarantine row for a message that was refused entirely."""
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
