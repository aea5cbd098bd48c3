"""Render deliveries: decrypt the fields that the partner may see, and write them in its dialect.

The same delivery always gives the same bytes, so the bytes need not be stored.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from adapters.registry import ADAPTERS
from contracts import uuids
from contracts.base import PEOPLE, Contrat, households_in, links_of
from contracts.envelope import Attributes, Event, derived_id
from contracts.errors import InvalidContract, Unroutable
from contracts.frozen import replace
from contracts.ids import ids_in
from contracts.partner import Famille, Partner
from contracts.ports import ListeEntiere, Native, View
from contracts.reference.codes import Dispositif
from contracts.sealed import Arbre, Part, from_bytes, put_together
from contracts.v1 import CONTRATS
from contracts.v1.convention import EvenementConvention
from contracts.v1.demande import EvaluationDemandee
from contracts.v1.numero_acte import as_read_in
from router.domain.books import SET_ASIDE
from router.domain.rights import Droits, Stade, rights
from router.domain.rulebooks.orientation import ADMISES
from router.domain.subjects import TRANSFERT_PROPOSE
from router.domain.tonight import holds_until
from router.privacy.crosswalk import HUB_HOLDER, Crosswalk, Mentions, Names
from router.privacy.keyring import Keyring
from router.privacy.masking import masked
from router.privacy.sealing import seal, unseal, unseal_part
from router.store import limitations, log
from router.store.database import Connection, Row

REPLY_BYTES = 4 * 1024
"""Largest number of bytes of a partner's response that is stored."""


class Forgotten(Exception):
    """Raised when an event cannot be decrypted because its household's data key is destroyed."""


class OfANewerVersion(Exception):
    """Raised for a message type that only a newer version of the hub knows. A process of that version
    delivers the message."""


def rendered(events: Sequence[Event], view: View) -> Native:
    """Write one event, or the events of a lot, in the recipient's dialect, and return the bytes. `view`
    describes the recipient. Raises the adapter's errors."""
    return ADAPTERS[view.partner.dialecte_sortant or ""].encode(events, view)


def rendered_list(events: Sequence[Event], view: View, delivery: UUID) -> Native:
    """Return the bytes of one part of a whole list, to be sent in the delivery with the id `delivery`. `events`
    has one event for each household of the part that is not forgotten. If there is none, most dialects write an
    empty part. A dialect that writes one household in each delivery cannot: Forgotten is then raised. Raises
    the adapter's errors."""
    if ADAPTERS[view.partner.dialecte_sortant or ""].DECLARATION.ecrit_au_plus > 1:
        return rendered(events, view)
    if not events:
        raise Forgotten
    (event,) = events  # use the delivery's id: the reader may already have the event's id
    again = replace(event, attributes=event.attributes._replace(id=delivery))
    return rendered([again], replace(view, liste=None))


class Sealed(NamedTuple):
    """Delivery as read from PostgreSQL: its encrypted event, and what the partner may read of it."""

    partner: Partner
    attributes: Attributes
    clair: Arbre
    parts: tuple[Part, ...]
    droits: Droits
    mentions: Mentions
    noted: Mapping[str, Any]
    """Fields that the hub adds for this partner alone, such as the household's number in its list."""
    household: UUID | None
    """Household whose data key encrypts the partner's stored response, if known."""

    @classmethod
    def of(cls, row: Any, partner: Partner, droits: Droits | None = None) -> "Sealed":
        """Make the delivery from a row of `lanes.claim`. `droits` says which message types and fields the
        partner may read; by default, those that a partner of its type (`famille`) may read. Raises
        InvalidContract for an invalid payload, OfANewerVersion for an unknown message type, and Unroutable if
        the partner may not receive the message type."""
        clair, parts = from_bytes(row.payload)
        droits = droits or rights(partner.famille, _stade(row.subject_etat), partner.guichet_enregistreur)
        if row.type not in CONTRATS:
            raise OfANewerVersion(row.type)
        if not droits.may_receive(CONTRATS[row.type]):
            raise Unroutable(
                f"la famille « {partner.famille} » ne peut recevoir ce message (matrice des droits)"
            )
        readable = tuple(part for part in parts if droits.may_open(part.classe))
        evaluates = row.type == EvaluationDemandee.TYPE and partner.famille is not Famille.SIAO
        mentions = Mentions(
            {(partner.id, uuids.read(ident)) for ident in ids_in(CONTRATS[row.type], clair)},
            {(partner.id, uuids.read(ident)) for ident in households_in(CONTRATS[row.type], clair)},
            {(partner.id, row.subject)} if evaluates else frozenset(),
        )
        household = answer_holder(row.type, row.subject, parts, row.menage)
        return cls(
            partner,
            event_attributes(row),
            clair,
            readable,
            droits,
            mentions,
            _noted(row, partner, clair),
            household,
        )

    @property
    def holder(self) -> UUID:
        """Return the holder whose data key encrypts what the partner's server responds to the delivery: the
        household, or the hub itself (`HUB_HOLDER`) if the household is not known."""
        return self.household or HUB_HOLDER

    @property
    def about(self) -> Set[UUID]:
        """Return the ids of the delivery's subject and of the holders whose data keys encrypt the event or the
        partner's response."""
        return {self.holder, self.attributes.subject, *(part.titulaire for part in self.parts)}

    def opened(self, ciphers: Mapping[UUID, Any], names: Names, delivery: UUID | None = None) -> Event:
        """Return the event with the fields that the partner may see. `delivery` is the id of the delivery. If
        the event is delivered to the partner once more, this id replaces the event's own id: the partner may
        already have the event's own id, and a file named after it. Left out are:

        * fields that cite another subject about people (a demand, a referral…), if `names` lacks the partner's
          own id of that subject. A partner that may see the hub's ids of such subjects (`Droits.links`) gets
          these fields all the same. A field that cites a household stays;
        * all encrypted fields, if a person concerned has restricted the use of her data (`names.limited`). A
          message about emergency shelter keeps them.

        Raises Forgotten if the household was forgotten, and InvalidContract if the payload is invalid or cannot
        be decrypted.
        """
        kind = CONTRATS[self.attributes.type]
        clair = self.clair
        if hidden := self._hidden(kind, names):
            clair = {name: value for name, value in clair.items() if name not in hidden}
        trees = () if self.is_limited(names.limited) else self._open(ciphers)
        attributes = self.attributes
        if delivery not in (None, derived_id(attributes.id, "livraison", self.partner.id)):
            attributes = attributes._replace(id=delivery)
        return Event(attributes, put_together(kind, {**clair, **self.noted}, trees))

    def keep_reply(self, ciphers: Mapping[UUID, Any], delivery: UUID, reply: Native | None) -> bytes | None:
        """Return the partner's response to the delivery, in the form to be stored: cut to 4 KiB
        (`REPLY_BYTES`), and encrypted under the key of the delivery's holder (`self.holder`). If the hub knows
        no household that the delivery concerns, the response is masked before: letters and digits of its values,
        and of field names that no dialect has, are replaced by x. Return None if there is no response, if
        `ciphers` lacks the holder, or if the holder's key is damaged."""
        if reply is None or self.holder not in ciphers:
            return None
        if self.household is None:
            reply = Native(masked(reply.body[:REPLY_BYTES]).encode(), "text/plain")
        with suppress(InvalidContract):
            return seal_reply(ciphers[self.holder], delivery, reply)
        return None

    def seal_nonce(self, ciphers: Mapping[UUID, Any], delivery: UUID, nonce: bytes) -> bytes | None:
        """Return the encrypted nonce of the delivery's receipt, or None if no key can encrypt it. Once the
        household is forgotten, nobody can decrypt the nonce."""
        if self.holder in ciphers:
            with suppress(InvalidContract):
                return seal(ciphers[self.holder], nonce, associated_nonce(delivery))
        return None

    def _hidden(self, kind: type[Contrat], names: Names) -> Collection[str]:
        """Return the fields to hide: those that cite another subject by the hub's id, if `names` lacks the
        partner's own id of that subject. Two partners that see the same id could combine their data."""
        if self.droits.links:
            return ()
        cited = (name for name in links_of(kind) if name in self.clair)
        return [name for name in cited if (self.partner.id, uuids.read(self.clair[name])) not in names.theirs]

    def is_limited(self, limited: Collection[UUID]) -> bool:
        """Return True if the partner may see only the unencrypted fields of this delivery, because a person
        concerned has asked to restrict the use of her data. `limited` has the ids of the households and
        subjects that such requests restrict. Emergency shelter is never restricted (GDPR 18(2), vital
        interest)."""
        if not limited or self.about.isdisjoint(limited):
            return False
        return self.clair.get("dispositif") != Dispositif.URGENCE

    def _open(self, ciphers: Mapping[UUID, Any]) -> list[Arbre]:
        trees = []
        for part in self.parts:
            if part.titulaire not in ciphers:
                raise Forgotten
            tree = unseal_part(ciphers[part.titulaire], self.attributes.id, part)
            trees.append(self.droits.reduce(part.classe, tree))
        return trees


def view_of(
    partner: Partner,
    deliveries: Sequence[Sealed],
    names: Names,
    lot: UUID | None = None,
    liste: ListeEntiere | None = None,
) -> View:
    """Return what the dialect needs to write deliveries in one file (see `View`). `names` has the ids that
    partners use instead of the hub's ids. If the deliveries are a lot, `lot` is its id. If there is one
    delivery, and it is a part of a whole list of households, `liste` tells which part it is."""
    cited = _mentions(deliveries)
    ids = {pair[1]: names.theirs[pair] for pair in cited.subjects if pair in names.theirs}
    return View(partner, ids, {pair[1]: names.menages[pair] for pair in cited.menages}, lot, liste)


def _mentions(deliveries: Sequence[Sealed]) -> Mentions:
    return Mentions(
        {pair for item in deliveries for pair in item.mentions.subjects},
        {pair for item in deliveries for pair in item.mentions.menages},
        {pair for item in deliveries for pair in item.mentions.demandes},
    )


def _noted(row: Any, partner: Partner, clair: Arbre) -> Mapping[str, Any]:
    kind = CONTRATS[row.type]
    noted: dict[str, Any] = {} if row.numero is None else {"numero": row.numero, "fiche": row.fiche}
    # number, file and label are C1: whoever may receive the event may read them
    if row.label is not None and "label" in kind.model_fields:
        noted["label"] = row.label
    until = holds_until(partner.famille, row.time, row.territoire)
    if until is not None and "valable_jusqu_a" in kind.model_fields:
        noted["valable_jusqu_a"] = until.isoformat()
    if "lecteur" in kind.model_fields:
        noted["lecteur"] = row.source
    if issubclass(kind, EvenementConvention) and clair.get("numero") and not partner.bac_a_sable:
        noted["numero"] = as_read_in(str(clair["numero"]), row.territoire, partner.territoire)
    return noted


def answer_holder(kind: str, subject: UUID, parts: Sequence[Part], menage: UUID | None) -> UUID | None:
    """Return the holder whose data key encrypts the partner's response to the delivery of an event. If the
    event's encrypted fields are about people, this is the holder of these fields. Otherwise it is the household
    `menage`, or None if the household is unknown. `parts` has the encrypted fields. The event's message type
    `kind` and its `subject` tell whether these fields are about people."""
    contrat = CONTRATS.get(kind)
    nobodys = contrat is None or contrat.NATURE not in PEOPLE
    if parts and not (nobodys and parts[0].titulaire == subject):
        return parts[0].titulaire
    return menage


def associated_nonce(delivery: UUID) -> bytes:
    """Return the bytes that bind a receipt's nonce to its delivery. They are associated data of AES-GCM, the
    encryption: the nonce cannot be decrypted without the same bytes."""
    return delivery.bytes + b"recu"


def _stade(etat: str | None) -> Stade:
    if etat in ADMISES:
        return Stade.ADMIS
    if etat == TRANSFERT_PROPOSE:
        return Stade.SOLLICITE
    return Stade.ECARTE if etat in SET_ASIDE else Stade.AVANT


def seal_reply(cipher: Any, delivery: UUID, reply: Native) -> bytes:
    """Cut a partner's response to `REPLY_BYTES` (4 KiB), and encrypt it with its media type. `delivery` is the
    id of the delivery: it is needed again to decrypt the result. Raises InvalidContract if the cipher's key is
    damaged."""
    head = f"{reply.media_type[:200]}\n".encode("utf-8", "replace")
    return seal(cipher, head + reply.body[:REPLY_BYTES], delivery.bytes)


def unseal_reply(cipher: Any, delivery: UUID, sealed: bytes) -> Native:
    """Decrypt a partner's stored response. Raises InvalidContract if the response cannot be decrypted."""
    media_type, _, body = unseal(cipher, sealed, delivery.bytes).partition(b"\n")
    return Native(body, media_type.decode())


def event_attributes(row: Any) -> Attributes:
    """Return the envelope of the delivered event, from the row of its delivery. The envelope has the event's id,
    type, sender, subject, time…"""
    return log.attributes_of(row.event_id, row)


class KeysAndIds:
    """Loader of data keys and of partners' own ids. The code that writes a delivery in its partner's dialect
    needs the keys to decrypt the content, and writes the partner's own ids in place of the hub's ids."""

    def __init__(
        self,
        keyring: Keyring,
        crosswalk: Crosswalk,
        limited: Callable[[], Collection[UUID]] = frozenset,
    ) -> None:
        self._keyring = keyring
        self._crosswalk = crosswalk
        self._limited = limited

    def remember(self, rows: Iterable[Row], claimed_at: float) -> None:
        """Cache the households' data keys that come with claimed deliveries, so that `load` need not read these
        keys from the database. `rows` has the claimed deliveries. `claimed_at` is the monotonic time just before
        the claim, in seconds. A key is not cached if its household may have been forgotten since."""
        with_keys = {row.holder: row for row in rows if row.holder is not None}
        missing = self._keyring.missing(with_keys)
        self._keyring.remember((with_keys[holder] for holder in missing), claimed_at)

    def emptied_since(self, moment: float) -> bool:
        """Tell whether a household was forgotten since `moment` (monotonic, in seconds), as far as this process
        knows. If one was, what `load` returned before may contain the household's data key."""
        return self._keyring.emptied_since(moment)

    async def load(
        self, connection: Connection, sealed: Sequence[Sealed]
    ) -> tuple[Mapping[UUID, Any], Names]:
        """Return what is needed to render deliveries: the ciphers, by holder, and the partners' own ids. New
        pseudonyms of households are stored: commit the transaction before you send a delivery."""
        holders = {part.titulaire for item in sealed for part in item.parts}
        holders |= {item.holder for item in sealed}
        names = await self._crosswalk.names(connection, _mentions(sealed), holders)
        ciphers = await self._keyring.get(connection, holders) if holders else {}
        return ciphers, names._replace(limited=await self._limited_now(connection, sealed))

    async def _limited_now(self, connection: Connection, sealed: Sequence[Sealed]) -> Collection[UUID]:
        about = self._limited() and {ident for item in sealed for ident in item.about}
        return await limitations.among(connection, about) if about else ()
