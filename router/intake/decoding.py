"""Decode messages: from bytes to contracts and rejections, within a limit of CPU time.

A small body is decoded on the event loop. Any other body is decoded in a process that can be killed (module
`decoders`). Nothing in this module waits or starts a process.
"""

import signal
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID

from adapters.apparence import looks_like
from adapters.evenements import called_by_sender
from adapters.nir import NIR_REFUSED, has_nir, raw_nir
from adapters.registry import ADAPTERS, TABULAIRES
from adapters.rejets import MAX_REJETS
from adapters.tabulaire import a_corriger
from adapters.tabulaire.archive import MAGIC
from adapters.tabulaire.deduits import DEDUITE
from adapters.tabulaire.designees import Ecrite
from adapters.tabulaire.designees import designated as designated_in
from contracts.base import Contrat
from contracts.errors import InvalidNative
from contracts.frozen import replace
from contracts.partner import Partner
from contracts.ports import Decoded, Ligne, Native, Rejet
from router.domain.births import BORN_AHEAD, NO_ADULT, is_ahead, is_minor
from router.domain.calendar import day_in
from router.domain.messages import facts_of
from router.domain.sandbox import message_territoire
from router.intake.draft import LISTED_REJECTIONS, OUR_BUG
from router.triage import cause_of

INLINE_BYTES = 16 * 1024
INLINE_ROWS = 32
"""Largest number of rows of a message that is decoded on the event loop. This takes a few milliseconds."""

OPENING_SECONDS = 3.0
SECONDS_PER_MIB = 0.25
SECONDS_PER_PACKED_MIB = 1.0
"""CPU seconds allowed for each MiB of a compressed workbook (XLSX, ODS)."""
SECONDS_PER_ROW = 0.0003
"""CPU seconds allowed for each row. The slowest dialect takes a tenth of this time."""
SHORTEST_ROW_BYTES = 64
"""Bytes that a row of an uncompressed message is assumed to have at least."""

TRIED_SECONDS = 6.0
"""Longest duration of a dry run, in seconds, so that the sender gets an answer within ten seconds."""
ROWS_BETWEEN_LOOKS_AT_THE_CLOCK = 1000

TOO_COSTLY = Rejet(
    "message_trop_couteux",
    "Le hub a interrompu la lecture de ce message : elle demande bien plus de calcul ou de mémoire qu'un message de "
    "cette taille n'en demande. Vérifiez comment il est produit (attributs, imbrication, cellules répétées à "
    "l'infini), ou découpez-le.",
)

NIR_IN_NAME = Rejet(
    NIR_REFUSED.code,
    "message refusé en entier : retirez du nom du fichier le numéro de sécurité sociale, et renvoyez-le",
)

P = ParamSpec("P")
T = TypeVar("T")


class Incoming(NamedTuple):
    """Message to decode, with its sender and its dialect."""

    native: Native
    partner: Partner
    dialect: str

    def seconds(self, rows: int) -> float:
        """Return the CPU seconds allowed to decode this message, if `rows` rows of it are decoded."""
        body = self.native.body
        per_mib = SECONDS_PER_PACKED_MIB if body.startswith(MAGIC) else SECONDS_PER_MIB
        return OPENING_SECONDS + per_mib * len(body) / 2**20 + SECONDS_PER_ROW * rows

    @property
    def rows_at_most(self) -> int:
        """Return how many rows the body has at most, if each row has `SHORTEST_ROW_BYTES` bytes or more. A
        compressed workbook may have more rows."""
        return len(self.native.body) // SHORTEST_ROW_BYTES


@dataclass(slots=True)
class DecodedMessage:
    """Result of decoding a message. Once it has 1000 rejections (`LISTED_REJECTIONS`), a further row adds
    only its first rejection or, after row 1000 of a dry run, none. A dry run only counts the accepted
    rows, and does not keep their contracts."""

    dry_run: bool = False
    rows: int = 0
    accepted: int = 0
    contrats: list[tuple[int, Contrat]] = field(default_factory=list)
    cles: dict[int, str] = field(default_factory=dict)
    """Event ids that the sender gave to the accepted rows, by row number."""
    rejets: list[Rejet] = field(default_factory=list)
    avertissements: list[Rejet] = field(default_factory=list)
    lus: set[UUID] = field(default_factory=set)
    """Households, referrals and candidacies that the rows name, refused rows included."""
    needs_key: bool = False
    """True if an accepted row creates a subject and has no event id. If the message has no idempotency key either,
    it could create the subject twice."""
    cle: str | None = None
    """Sender's own id of the whole message, if any."""
    arret: Rejet | None = None
    """Warning that a dry run stopped before the last row."""
    bug: str | None = None
    """Place in the code (file, line, function) of the bug that stopped the decoding."""

    @property
    def may_stop(self) -> bool:
        """Tell whether to check the time limit of a dry run now. It is checked after each thousandth row."""
        return self.dry_run and self.rows > 0 and self.rows % ROWS_BETWEEN_LOOKS_AT_THE_CLOCK == 0

    def add(self, ligne: Ligne) -> None:
        """Count a decoded row, and add its contract, rejections and warnings to this result."""
        self.rows += 1
        at_least = 0 if self.dry_run and self.rows > LISTED_REJECTIONS else 1
        listed = max(LISTED_REJECTIONS - len(self.rejets), at_least)
        self.rejets += ligne.rejets[:listed]
        self.avertissements += ligne.avertissements[: max(LISTED_REJECTIONS - len(self.avertissements), 0)]
        if not self.dry_run:
            self.lus.update(ligne.personnes_citees)
        if ligne.contrat is not None:
            self.accepted += 1
            self.needs_key |= ligne.cle is None and facts_of(ligne.contrat).needs_key
            if not self.dry_run:
                self.contrats.append((ligne.numero, ligne.contrat))
                if ligne.cle is not None:
                    self.cles[ligne.numero] = ligne.cle


class Chunk(NamedTuple):
    """Next rows of a large message. At the end of the message, there are fewer rows than were asked for. `broken`
    says why the message cannot be read further; None if it can. `bug` is the place in the code of the bug that
    stopped the decoding, if any."""

    rows: list[Ligne]
    broken: Rejet | None = None
    bug: str | None = None


def read_small(message: Incoming) -> DecodedMessage | None:
    """Decode a message if that is cheap; else return None. A workbook is never cheap to decode. A message of a
    partner with a long column profile is not cheap either."""
    body, page = message.native.body, message.partner.profil_externe or ""
    if max(len(body), len(page)) > INLINE_BYTES or body.startswith(MAGIC):
        return None
    result = read(message, INLINE_ROWS)
    return None if result.rows > INLINE_ROWS else result


def read(message: Incoming, most_rows: int | None, dry_run: bool = False) -> DecodedMessage:
    """Decode a message. If the message has more rows than `most_rows`, the result has no accepted rows: the rows
    are decoded later, in chunks. If `most_rows` is None, there is no limit. A dry run that takes longer than
    `TRIED_SECONDS` returns what it has read so far. An unreadable message is rejected as a whole. A message is
    also rejected as a whole if its file name has a social security number (NIR), because the name is stored too.
    """
    if has_nir(message.native.filename or ""):
        return DecodedMessage(dry_run, rejets=[NIR_IN_NAME])
    result = DecodedMessage(dry_run)
    end = time.monotonic() + TRIED_SECONDS
    try:
        decoded = opened(message)
        result.cle = decoded.cle
        result.avertissements += decoded.avertissements
        for ligne in islice(decoded.lignes, None if most_rows is None else most_rows + 1):
            if result.may_stop and time.monotonic() > end:
                result.arret = _stopped(result.rows)
                break
            result.add(ligne)
    except MemoryError:
        raise
    except Exception as exc:  # noqa: BLE001  becomes a rejection, so that other messages go on
        rejet, bug = _blame(exc, message)
        forbidden = [NIR_REFUSED] if raw_nir(message.native.body) else []
        return DecodedMessage(dry_run, rejets=[rejet, *forbidden], bug=bug)
    if most_rows is not None and result.rows > most_rows:
        result.contrats.clear()  # the message will be read again, in chunks
        result.avertissements = list(decoded.avertissements)
        result.rejets = [rejet for rejet in result.rejets if rejet.code == NIR_REFUSED.code]
    return result


def _stopped(rows: int) -> Rejet:
    return Rejet(
        "essai_interrompu",
        f"L'essai a regardé les {rows} premières lignes, puis s'est arrêté au bout de {TRIED_SECONDS:.0f} secondes : "
        "des suivantes, il ne dit rien. Essayez-les dans un fichier plus court, ou envoyez celui-ci : un envoi est lu "
        "en entier.",
    )


class _Open(NamedTuple):
    """Large message whose first `done` rows this process has decoded. `rows` yields the rows that follow, so that
    no row is decoded twice."""

    ident: UUID
    done: int
    rows: Iterator[Ligne]


_open: _Open | None = None


def read_on(ident: UUID, done: int, most_rows: int) -> Chunk | None:
    """Return the rows of the large message `ident` that follow its first `done` rows, at most `most_rows`
    of them. Return None if this process does not have the message open, or has not decoded exactly `done`
    rows of the message. The caller then opens the message with `read_from`."""
    if _open is None or (_open.ident, _open.done) != (ident, done):
        return None
    return _next(_open, most_rows)


def read_from(ident: UUID, done: int, most_rows: int, message: Incoming) -> Chunk:
    """Open the large message `ident`, skip its first `done` rows, and return the next rows, at most `most_rows` of
    them. The skipped rows are decoded again."""
    return _next(_Open(ident, done, _rows_after(done, message)), most_rows)


def _rows_after(done: int, message: Incoming) -> Iterator[Ligne]:
    yield from islice(opened(message).lignes, done, None)


def _next(message: _Open, most_rows: int) -> Chunk:
    global _open
    _open = None
    try:
        rows = list(islice(message.rows, most_rows))
    except MemoryError:
        raise
    except Exception as exc:  # noqa: BLE001  becomes a rejection, so that other messages go on
        return Chunk([], *_blame(exc, None))
    if len(rows) == most_rows:
        _open = message._replace(done=message.done + most_rows)
    return Chunk(rows)


def to_mend(message: Incoming, rejets: Sequence[Rejet], *, as_workbook: bool) -> Native | None:
    """Return a file of a table's rejected rows, with the reasons, for the sender to correct. `message` is the
    table, and `rejets` has its rejections. With `as_workbook`, the file is a workbook if the sender's column
    profile reads workbooks. Return None if `rejets` name no row, or if the table is unreadable or has a social
    security number (NIR)."""
    table = TABULAIRES[message.dialect]
    try:
        return a_corriger.to_mend(message.native, table, message.partner, rejets, as_workbook=as_workbook)
    except InvalidNative:
        return None


def to_mend_again(message: Incoming, rejets: Sequence[Rejet]) -> Native | None:
    """Add notes on the wrong cells to a file of a table's rejected rows (`message`), which `to_mend` made
    before. The partner then corrects the file. Return:

    - for a workbook: the file unchanged, because it has such notes already
    - for a CSV: a workbook with notes or, if the partner's column profile reads no XLSX, a CSV without notes
    - for a file that is unreadable or has no row: None

    `rejets` has the table's rejections, which become the notes.
    """
    try:
        return a_corriger.to_mend_again(message.native, TABULAIRES[message.dialect], message.partner, rejets)
    except InvalidNative:
        return None


def designated(message: Incoming, lignes: Collection[int] | None = None) -> list[Ecrite]:
    """Return rows of a table as its sender wrote them. `lignes` has the numbers of the rows to return; if it is
    None, return all rows. If the table is a file of rejected rows that `to_mend` made, each row has two numbers:
    its number in this file, and its number in the sender's first file. `lignes` may have either. Return an empty
    list if the table is unreadable."""
    try:
        rows = designated_in(message.native, TABULAIRES[message.dialect], message.partner)
    except InvalidNative:
        return []
    return [each for each in rows if lignes is None or each.ligne in lignes or each.origine in lignes]


def within(cpu_seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in this process, and return its result. If the call takes more than `cpu_seconds` of CPU
    time, a signal (SIGPROF) kills the process."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def opened(message: Incoming) -> Decoded:
    """Return the message with its rows. A row is decoded only when the caller reads it. If the day on which
    the hub received the message is known, these rows are rejected:

    - rows with a birth after that day
    - rows with a household in which nobody was an adult on that day. This is checked only if the hub deduced
      the composition of the household from the numbers of adults and children
    """
    native, partner, dialect = message
    decoded = ADAPTERS[dialect].decode(native, partner)
    if native.recu_le is None:
        return decoded
    today = day_in(message_territoire(partner), native.recu_le)
    return replace(decoded, lignes=(_born(ligne, today) for ligne in decoded.lignes))


def _born(ligne: Ligne, today: date) -> Ligne:
    wrong = [(each.champ, BORN_AHEAD) for each in ligne.naissances if is_ahead(each.le, today)]
    if any(each.code == DEDUITE for each in ligne.avertissements):
        eldest = min(ligne.naissances, key=itemgetter(0), default=None)
        wrong += [(eldest.champ, NO_ADULT)] if eldest and is_minor(eldest.le, today) else []
    if not wrong:
        return ligne
    known = called_by_sender(ligne.contrat.sujet) if ligne.contrat else None
    called = ligne.rejets[0].reference if ligne.rejets else known
    told = (Rejet("date_invraisemblable", why, ligne.numero, champ, called) for champ, why in wrong)
    return ligne.rejected(*islice(chain(ligne.rejets, told), MAX_REJETS))


def _blame(exc: Exception, message: Incoming | None) -> tuple[Rejet, str | None]:
    if isinstance(exc, InvalidNative):
        hint = _misdirected(message) if message else None
        return Rejet(exc.code, hint or str(exc)), None
    return OUR_BUG, cause_of(exc)[1]


def _misdirected(message: Incoming) -> str | None:
    seen, read = looks_like(message.native.body), _formats(message.dialect)
    if seen is None or seen.formats & read:
        return None
    looks = f"Ce contenu ressemble à {seen.nom}, et le dialecte « {message.dialect} » lit : {', '.join(sorted(read))}"
    others = [other for other in message.partner.dialectes if seen.formats & _formats(other)]
    if not others:
        return f"{looks}. Envoyez ce format, ou demandez à l'équipe du hub un dialecte qui lit le vôtre."
    return f"{looks}. Ajoutez l'en-tête « SIAO-Dialecte: {others[0]} »."


def _formats(dialect: str) -> frozenset[str]:
    return frozenset(ADAPTERS[dialect].DECLARATION.formats_lus)
