"""The messages that a partner sent and the failed deliveries to it, as the partner may read them."""

from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from adapters.registry import TABULAIRES
from adapters.tabulaire.a_corriger import SUFFIXE
from adapters.tabulaire.designees import Ecrite
from contracts.base import Contrat, Nature, Reference
from contracts.errors import InvalidContract
from contracts.mots import etat_of, told_of
from contracts.partner import Partner
from contracts.plurals import many
from contracts.ports import Native, View
from contracts.reference.graphie import is_named
from contracts.sealed import from_bytes
from contracts.v1 import CONTRATS
from contracts.v1.demande import DemandeDecrite, DemandeRecue
from contracts.v1.menage import Menage
from ops.desk.households import fits
from ops.desk.numbers import own_number
from ops.desk.words import dates_and_motive, names_of
from ops.finding import sql as finding
from ops.finding.files import name_in
from ops.receipts.issuing import opened
from ops.tasks import deciding as tasks
from ops.tasks import sql as task_store
from ops.tracing import fate as fates
from ops.tracing import sql as tracing
from ops.tracing.lookup import named
from ops.tracing.sql import CORRECTS
from router.intake.answers import to_mend_at
from router.intake.decoders import Decoders
from router.intake.decoding import Incoming
from router.intake.draft import rejections_of
from router.intake.inbox_rows import native_of
from router.intake.own_routes import Recherche
from router.privacy.crosswalk import HUB_HOLDER, Crosswalk, Mentions, Pair, our_id
from router.privacy.keyring import Keyring
from router.store import inbox
from router.store.audit import record
from router.store.database import Connection, Database, Row

ABOUT_HOUSEHOLDS = frozenset(kind.TYPE for kind in CONTRATS.values() if kind.NATURE is Nature.MENAGE)
SETTLED = "bureau.regler"
"""Name of the audit action which says that a person has dealt with a message's refused rows. The rows are
then no task any more."""
SHOWN_AT_ONCE = "bureau.refuser"
"""Name of the audit action which says that a form of the desk has shown at once why its message was
refused."""
IN_A_FORM = "Saisi dans un formulaire du bureau"
"""French description of a message that was typed into a form of the desk."""
COMPARED = 5
"""The maximum number of refused messages that are compared with a new message. Each of them is decoded
again."""
Households = Callable[[Partner, Sequence[UUID]], Awaitable[Mapping[UUID, Menage]]]
ASKED_FOR = "demandée par son destinataire"


class Envoye(NamedTuple):
    """French description of a message, by which its sender's people recognise it. It says what the message
    is, why it was refused, and in which state its subject is."""

    quoi: str
    """The name of the message's file, or of the file that it corrects. If there is no file, the type and the
    subject of one of its events; if that is the only event, its dates and motive too. If there is no event
    either, words such as « Envoi sans nom de fichier »."""
    cause: str
    """The reason of the first rejection; empty if there is none."""
    sujet: UUID | None
    """Subject of one of the message's events; None if it has no event."""
    etat: str = ""
    """Present state of the subject, if the message has one accepted row; otherwise empty."""
    nature: Nature | None = None


class Own:
    """A service that shows a partner its own messages and deliveries. Its methods raise BusUnavailable if the
    database does not answer. For an unknown message, `fate` also raises it as long as the database is not
    whole."""

    def __init__(
        self, database: Database, keyring: Keyring, crosswalk: Crosswalk, decoders: Decoders
    ) -> None:
        self._database = database
        self._decoders = decoders
        self._keyring = keyring
        self._crosswalk = crosswalk

    async def fate(
        self, partner: Partner, message: UUID, effet: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return what became of a message that the partner sent. Subjects have the ids under which the
        partner knows them. `effet` is a value of `Effet`, such as `applique`: only events with this effect
        are listed. If it is None, all are. Return None if the partner did not send this message."""
        moment = "repeatable_read"  # so that no event is pending beside its own delivery
        async with self._database.statement() as connection, connection.transaction(isolation=moment):
            row = await inbox.fate(connection, message, partner.id)
            fate = await fates.of_message(connection, message, partner, row, effet)
            if fate is None:
                await self._database.must_be_whole()
                return None
        async with self._database.statement() as connection:
            called = await self._called(connection, partner, fate["evenements"])
            titled = any("titres" in warning for warning in fate["avertissements"] or ())
            ciphers = await self._keyring.get(connection, [message, HUB_HOLDER]) if titled else {}
        events = [{**event, **called[event["sujet"]]} for event in fate["evenements"]]
        by_row = {event["ligne"]: event["reference"] for event in events}
        warnings = fate["avertissements"] and [
            {**_titled(warning, message, ciphers), "reference": by_row.get(warning["ligne"])}
            for warning in fate["avertissements"]
        ]
        address = to_mend_at(message) if row is not None and _gives_rows_back(row) else None
        return {**fate, "avertissements": warnings, "a_corriger": address, "evenements": events}

    async def _called(
        self, connection: Connection, partner: Partner, events: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Mapping[str, str]]:
        pairs = {(partner.id, UUID(event["sujet"])) for event in events}
        menages = {(partner.id, UUID(e["sujet"])) for e in events if e["type"] in ABOUT_HOUSEHOLDS}
        names = await self._crosswalk.names(connection, Mentions(pairs, menages))
        theirs, ours = names.theirs, names.menages
        view = View(
            partner, {pair[1]: theirs[pair] for pair in theirs}, {pair[1]: ours[pair] for pair in ours}
        )
        return {
            str(subject): {"sujet": view.hub_id_of(subject), "reference": view.id_of(subject)}
            for _, subject in pairs
        }

    async def to_mend(self, partner: Partner, message: UUID, *, as_workbook: bool = False) -> Native | None:
        """Return the rejected rows of a partner's message, with the reasons, as a file that the partner can
        correct. With `as_workbook`, the file is a workbook if the column profile reads workbooks. Return
        None:

        * if the message is unknown, or is no table;
        * if it has no rejected rows, or they cannot be read;
        * if the message as a whole has to be corrected.
        """
        found = await self._to_mend(partner, message, as_workbook=as_workbook)
        return found and found.native

    async def _to_mend(
        self, partner: Partner, message: UUID, *, as_workbook: bool = False
    ) -> Incoming | None:
        row, kept = await self._kept(partner, message)
        if row is None or kept is None:
            return kept
        rejets = rejections_of(row.rejections)
        if row.etat != "partiel":
            native = await self._decoders.to_mend(kept, rejets, as_workbook=as_workbook)
            return None if native is None else kept._replace(native=native)
        book = await self._decoders.to_mend_again(kept, rejets) if as_workbook else None
        return kept._replace(native=book or kept.native)

    async def _kept(self, partner: Partner, message: UUID) -> tuple[Row | None, Incoming | None]:
        async with self._database.transaction() as connection:
            row = await inbox.fate(connection, message, partner.id)
            if row is None or not _gives_rows_back(row):
                return None, None
            kept = await inbox.kept(connection, message)
            cipher = (await self._keyring.get(connection, [message])).get(message)
        with suppress(InvalidContract):
            if cipher is not None:
                return row, Incoming(native_of(kept, cipher), partner, row.dialect)
        return row, None

    async def written(self, partner: Partner, message: UUID) -> Mapping[int, Ecrite]:
        """Return the rejected rows of a table as the partner wrote them, by row number. The result is empty
        if the rows cannot be read. Show the rows to their sender only, because they may have personal
        values."""
        row, kept = await self._kept(partner, message)
        if row is None or kept is None:
            return {}
        lignes = {rejet["ligne"] for rejet in row.rejections}
        rows = await self._decoders.designated(kept, lignes)
        return {each.origine if row.etat == "partiel" else each.ligne: each for each in rows}

    async def messages(self, partner: str, wanted: Recherche, since: datetime) -> Sequence[Mapping[str, Any]]:
        """Return one page of the partner's messages, the newest first. The page has messages that came after
        `since` and match `wanted`."""
        async with self._database.transaction() as connection:
            ids = None
            if wanted.reference is not None:
                ids = await self._known_by(connection, partner, wanted.reference)
            page = finding.Page(since, wanted.etat, ids, wanted.apres, wanted.limite)
            rows = await finding.page(connection, partner, page)
        return [
            {
                "id": str(row.id),
                "etat": row.etat,
                "recu_le": row.received_at.isoformat(),
                "dialecte": row.dialect,
                "acceptes": row.accepted,
                "rejetes": row.rejected,
            }
            for row in rows
        ]

    async def described(self, partner: Partner, messages: Sequence[UUID]) -> Mapping[str, Envoye]:
        """Return, by message id, the French description by which people of the partner recognise each
        message, such as a file name. Show the descriptions to this partner only, because file names may have
        personal values."""
        async with self._database.transaction() as connection:
            rows = await tracing.sent(connection, partner.id, messages)
            corrected = [UUID(row.corrects) for row in rows if row.corrects]
            nameless = [row.id for row in rows if row.type is None and row.filename is None]
            in_a_form = await tracing.settled(connection, nameless, [SHOWN_AT_ONCE]) if nameless else {}
            before = await tracing.sent(connection, partner.id, corrected) if corrected else ()
            files = [row for row in (*rows, *before) if row.filename]
            ciphers = await self._keyring.get(connection, {row.id for row in files})
            numbers = await self._crosswalk.back(
                connection, [(partner.id, r.subject) for r in rows if r.subject]
            )
        called = {str(row.id): name_in(row.id, row.filename, ciphers).replace(SUFFIXE, "") for row in files}
        return {
            str(row.id): Envoye(
                called.get(str(row.id))
                or _corrections_of(called.get(row.corrects or "", ""))
                or (IN_A_FORM if str(row.id) in in_a_form else "")
                or _first_of(row, _number_in(numbers, partner, row.subject)),
                row.cause or "",
                row.subject,
                etat_of(Nature(row.nature), row.etat)
                if row.accepted == 1 and row.nature and row.etat
                else "",
                Nature(row.nature) if row.nature else None,
            )
            for row in rows
        }

    async def settle(self, partner: Partner, message: UUID, actor: str, by: UUID | None = None) -> None:
        """Record in the audit that the person `actor` has dealt with the refused rows of `message`. `by` is
        the message that corrects these rows; None if no message does."""
        async with self._database.transaction() as connection:
            detail = {"partenaire": partner.id}
            if by is not None:
                await record(connection, actor, CORRECTS, str(by), detail | {"corrige": str(message)})
                detail |= {"corrige_par": str(by)}
            await record(connection, actor, SETTLED, str(message), detail)

    async def settle_corrected(
        self,
        partner: Partner,
        refused: Sequence[Mapping[str, Any]],
        by: UUID,
        actor: str,
        households: Households,
    ) -> None:
        """Record which of the messages in `refused` are dealt with: those of which the partner has since sent
        all refused rows again, corrected. Only the first `COMPARED` messages are looked at. A demand that came
        back under another id is recognised by its household. `by` is the partner's newest message, which the
        audit records as the correction. `actor` is the person whom the audit names. `households` is a function
        that takes the ids of subjects, and returns each subject's household as the partner knows it."""
        if not refused:
            return
        async with self._database.transaction() as connection:
            steps = await tracing.of_message(connection, by)
        opened = [
            step.subject for step in steps if (step.source, step.type) == (partner.id, DemandeRecue.TYPE)
        ]
        new = [*(await households(partner, opened)).values()]
        for message in refused[:COMPARED]:
            if await self._is_corrected(partner, message, households, new):
                await self.settle(partner, UUID(message["id"]), actor, by)

    async def _is_corrected(
        self, partner: Partner, message: Mapping[str, Any], households: Households, new: Sequence[Menage]
    ) -> bool:
        """Return whether the partner has since sent each refused row of `message` again, corrected. Return
        False if the rows cannot be read, or if one of them names no subject. A row counts as sent again in
        two cases:

        * The partner has since sent a message of the row's type about the row's subject. For a row about a
          demand, any type that describes a demand will do. If the row names a person, this person must be in
          the subject's household.
        * The row brings a demand, and the person whom it names is in a household of `new`. The id of the
          demand may then differ.

        `new` has the households of the demands that the partner's newest message brings. `households` is a
        function that takes the ids of subjects, and returns each subject's household as the partner knows it.
        """
        ident = UUID(message["id"])
        found = await self._to_mend(partner, ident)
        if found is None:
            return False
        rows = await self._decoders.designated(found)
        named = [(*row.sur, row.menage) for row in rows if row.sur is not None]
        each_row_names_one = len(named) == len(rows) >= message["rejetes"]
        if not each_row_names_one:
            return False
        theirs = {(partner.id, sujet) for _, sujet, _ in named if isinstance(sujet, Reference)}
        async with self._database.transaction() as connection:
            ours = await self._crosswalk.found(connection, theirs)
            known = {
                sujet: our_id(sujet, partner.id, ours)
                for _, sujet, _ in named
                if not isinstance(sujet, Reference) or (partner.id, sujet) in ours
            }
            said = {
                (_kind(kind), subject)
                for kind, subject in await tracing.said_since(connection, ident, [*known.values()])
            }
        people = await households(partner, [*known.values()])
        return all(
            ((_kind(kind), known.get(sujet)) in said and _has(people.get(known[sujet]), name))
            or (kind == DemandeRecue.TYPE and name != "" and any(_has(each, name) for each in new))
            for kind, sujet, name in named
        )

    async def settled(self, messages: Sequence[UUID]) -> Mapping[str, str | None]:
        """Return those of `messages` whose refused rows nobody has to deal with any more, each with the id of
        the message that corrects it (None if no message does). Nobody has to deal with the rows in two cases: a
        person has recorded that they are dealt with, perhaps by sending a correction; or the message came from
        a form, which showed at once why it was refused."""
        async with self._database.transaction() as connection:
            return await tracing.settled(connection, messages, [SETTLED, SHOWN_AT_ONCE])

    async def _known_by(self, connection: Connection, partner: str, reference: str) -> list[UUID]:
        keys = self._keyring.hmacs.fingerprints(partner, reference)
        found = await tracing.messages_under(connection, [(partner, key) for key in keys])
        subjects = await named(connection, self._crosswalk, [partner], reference)
        return found + await tracing.messages_about(connection, partner, subjects) if subjects else found

    async def troubled(self, partner: str, most: int) -> Sequence[Mapping[str, Any]]:
        """Return at most `most` deliveries about which a person has to decide, because the partner refused
        them or because their outcome is unknown. The oldest comes first."""
        async with self._database.transaction() as connection:
            rows = await task_store.oldest(connection, [partner], {}, most)
        return [
            {
                "id": str(row.id),
                "type": row.type,
                "etat": row.etat,
                "erreur": row.error,
                "essais": row.attempts,
                "depuis": row.created_at.isoformat(),
            }
            for row in rows
        ]

    async def ask_again(self, partner: str, delivery: UUID) -> bool:
        """Send a delivery again, under its idempotency key, because its recipient asks for it. The delivery
        must be one to this partner, and refused or of unknown outcome. For any other delivery, return False
        and send nothing."""
        return await tasks.send_again(self._database, delivery, partner, ASKED_FOR, of=partner)


def _kind(of: str) -> str:
    return DemandeRecue.TYPE if issubclass(CONTRATS.get(of, Contrat), DemandeDecrite) else of


def _has(menage: Menage | None, name: str) -> bool:
    return not name or (menage is not None and is_named(names_of(menage), name, fits))


def _corrections_of(file: str) -> str:
    return f"Corrections de {file}" if file else ""


def _number_in(numbers: Mapping[Pair, str], partner: Partner, subject: UUID | None) -> str:
    return own_number(partner, numbers.get((partner.id, subject), "") if subject else "")


def _first_of(row: tracing.Sent, name: str) -> str:
    if row.type is None or row.payload is None:
        return "Envoi sans nom de fichier"
    more = f", et {many(row.accepted - 1, 'autre ligne')}" if row.accepted > 1 else ""
    if row.accepted == 1:
        more = "".join(f", {each}" for each in dates_and_motive(row.type, from_bytes(row.payload)[0]))
    said = told_of(row.type, name)
    return f"{said[:1].upper()}{said[1:]}{more}"


def _titled(warning: Mapping[str, Any], message: UUID, ciphers: Mapping[UUID, Any]) -> Mapping[str, Any]:
    kept = {name: value for name, value in warning.items() if name != "titres"}
    sealed = warning.get("titres")
    titres = opened(b64decode(sealed), message.bytes, ciphers) if sealed else None
    return kept if titres is None else kept | {"champ": titres.decode()}


def _gives_rows_back(row: Row) -> bool:
    rows = any(rejet["ligne"] is not None for rejet in row.rejections)
    return row.dialect in TABULAIRES and rows and bool(row.has_bytes) and row.etat in ("partiel", "refuse")
