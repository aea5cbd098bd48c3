"""Decode messages, from bytes to contracts and rejections, within limits of CPU time.

A small body is read on the event loop, because the dialects' own limits make it cheap. Any other body is read
by a process that can be killed (`decoders`). The functions here never wait and start no process.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID

from adapters.apparence import looks_like
from adapters.nir import NIR_REFUSED, has_nir
from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire import a_corriger
from adapters.tabulaire.archive import MAGIC
from contracts.base import Contrat
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Decoded, Ligne, Native, Rejet
from router.domain.messages import facts_of
from router.intake.draft import LISTED_REJECTIONS, OUR_BUG
from router.triage import cause_of

INLINE_BYTES = 16 * 1024
INLINE_ROWS = 32
"""Largest number of rows of a body that is read on the event loop (see also `INLINE_BYTES`). Such a body
takes a few milliseconds at most."""

OPENING_SECONDS = 3.0
SECONDS_PER_MIB = 0.25
SECONDS_PER_PACKED_MIB = 1.0
"""CPU seconds allowed for each MiB of a workbook, which unpacks to some tens of MiB."""
SECONDS_PER_ROW = 0.0003
"""CPU seconds allowed for each row: ten times the need of the slowest dialect for its longest rows."""
SHORTEST_ROW_BYTES = 64
"""Length of the shortest possible row in bytes. From this length follows how many rows a body may hold, and
so the time of a dry run."""

TRIED_SECONDS = 6.0
"""Wall-clock seconds after which a dry run stops, because its sender must have an answer within ten
seconds."""
ROWS_BETWEEN_LOOKS_AT_THE_CLOCK = 1000

TOO_COSTLY = Rejet(
    "message_trop_couteux",
    "Le hub a interrompu la lecture de ce message : elle demande bien plus de calcul ou de mémoire qu'un message de "
    "cette taille n'en demande. Vérifiez comment il est produit (attributs, imbrication, cellules répétées à "
    "l'infini), ou découpez-le.",
)

P = ParamSpec("P")
T = TypeVar("T")


class Incoming(NamedTuple):
    """Message to decode, with its sender and its dialect."""

    native: Native
    partner: Partner
    dialect: str

    def seconds(self, rows: int) -> float:
        """Return the CPU seconds that reading so many rows of the message may take."""
        body = self.native.body
        per_mib = SECONDS_PER_PACKED_MIB if body.startswith(MAGIC) else SECONDS_PER_MIB
        return OPENING_SECONDS + per_mib * len(body) / 2**20 + SECONDS_PER_ROW * rows

    @property
    def rows_at_most(self) -> int:
        """Return the largest number of rows that a body of this length may hold."""
        return len(self.native.body) // SHORTEST_ROW_BYTES


@dataclass(slots=True)
class DecodedMessage:
    """Result of decoding a message. After `LISTED_REJECTIONS` rejections, only the first rejection of each
    row is kept. A dry run keeps no further rejections and no contracts at all, so that any file is judged in
    constant memory."""

    dry_run: bool = False
    rows: int = 0
    accepted: int = 0
    contrats: list[tuple[int, Contrat]] = field(default_factory=list)
    cles: dict[int, str] = field(default_factory=dict)
    """Sender's own event ids of accepted rows, by row number. A row without such an id is missing."""
    rejets: list[Rejet] = field(default_factory=list)
    avertissements: list[Rejet] = field(default_factory=list)
    lus: set[UUID] = field(default_factory=set)
    """Ids of the households, referrals and candidacies that the rows name, refused rows included."""
    needs_key: bool = False
    """Whether an accepted row sends a household without an id of its own: accepted twice, it would count as
    two households."""
    cle: str | None = None
    """Id of the whole message in its dialect (business event id), if the dialect has one."""
    arret: Rejet | None = None
    """Warning that the dry run stopped early, with the number of rows read; None if the dry run read all
    rows."""
    bug: str | None = None
    """Place of a failure in our own code (file, line, function); None if our code did not fail."""

    @property
    def may_stop(self) -> bool:
        """Tell whether a dry run should check its time limit before the next row."""
        return self.dry_run and self.rows > 0 and self.rows % ROWS_BETWEEN_LOOKS_AT_THE_CLOCK == 0

    def add(self, ligne: Ligne) -> None:
        """Count a row, and store its contract and its rejections in the result."""
        self.rows += 1
        listed = max(LISTED_REJECTIONS - len(self.rejets), 0 if self.dry_run else 1)
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
    """Next rows of a large message. A chunk with fewer rows than asked for is the last one. `broken` says why
    the message cannot be read further; None if it was read to its end."""

    rows: list[Ligne]
    broken: Rejet | None = None
    bug: str | None = None


def read_small(message: Incoming) -> DecodedMessage | None:
    """Read a message if reading is cheap, else return None. A workbook is never cheap, because a small one
    may unpack to many megabytes. Nor is a message read by a long column profile (the list of a spreadsheet's
    columns and their meanings)."""
    body, page = message.native.body, message.partner.profil_externe or ""
    if max(len(body), len(page)) > INLINE_BYTES or body.startswith(MAGIC):
        return None
    reading = read(message, INLINE_ROWS)
    return None if reading.rows > INLINE_ROWS else reading


def read(message: Incoming, most_rows: int | None, dry_run: bool = False) -> DecodedMessage:
    """Read a message. If it has more than `most_rows` rows, reading stops there and the contracts are
    dropped, because the message is then read again by chunks. A dry run stops after `TRIED_SECONDS`, and says
    so."""
    reading = DecodedMessage(dry_run)
    end = time.monotonic() + TRIED_SECONDS
    try:
        decoded = _decoded(message)
        reading.cle = decoded.cle
        reading.avertissements += decoded.avertissements
        for ligne in islice(decoded.lignes, None if most_rows is None else most_rows + 1):
            if reading.may_stop and time.monotonic() > end:
                reading.arret = _stopped(reading.rows)
                break
            reading.add(ligne)
    except MemoryError:
        raise
    except Exception as exc:  # noqa: BLE001  answered as unreadable or as our bug; the other messages go on
        rejet, bug = _blame(exc, message)
        return DecodedMessage(dry_run, rejets=[rejet, *_forbidden_inside(message.native.body)], bug=bug)
    if most_rows is not None and reading.rows > most_rows:
        reading.contrats.clear()  # the message is read again, by chunks
        reading.avertissements = list(decoded.avertissements)
        reading.rejets = [rejet for rejet in reading.rejets if rejet.code == NIR_REFUSED.code]
    return reading


def _stopped(rows: int) -> Rejet:
    return Rejet(
        "essai_interrompu",
        f"L'essai a regardé les {rows} premières lignes, puis s'est arrêté au bout de {TRIED_SECONDS:.0f} secondes : "
        "des suivantes, il ne dit rien. Essayez-les dans un fichier plus court, ou envoyez celui-ci : un envoi est lu "
        "en entier.",
    )


class _Open(NamedTuple):
    """Large message of which this process has read the first `done` rows."""

    ident: UUID
    done: int
    rows: Iterator[Ligne]


_open: _Open | None = None


def read_on(ident: UUID, done: int, most_rows: int) -> Chunk | None:
    """Return the rows of a large message that follow the first `done`, at most `most_rows`. Return None if
    this process has not read the message up to there."""
    if _open is None or (_open.ident, _open.done) != (ident, done):
        return None
    return _next(_open, most_rows)


def read_from(ident: UUID, done: int, most_rows: int, message: Incoming) -> Chunk:
    """Return the rows of a large message that follow the first `done`, at most `most_rows`. Any process may
    call this function: it decodes the first rows again and skips them."""
    return _next(_Open(ident, done, _rows_after(done, message)), most_rows)


def _rows_after(done: int, message: Incoming) -> Iterator[Ligne]:
    yield from islice(_decoded(message).lignes, done, None)


def _next(message: _Open, most_rows: int) -> Chunk:
    """Read the next rows of a large message. After the last row or an error, drop the message from memory."""
    global _open
    _open = None
    try:
        rows = list(islice(message.rows, most_rows))
    except MemoryError:
        raise
    except Exception as exc:  # noqa: BLE001  answered as unreadable or as our bug; the other messages go on
        return Chunk([], *_blame(exc, None))
    if len(rows) == most_rows:
        _open = message._replace(done=message.done + most_rows)
    return Chunk(rows)


def to_mend(message: Incoming, rejets: Sequence[Rejet]) -> Native | None:
    """Return the rejected rows of a file as a file for its sender to correct; None if they cannot be
    separated."""
    try:
        return a_corriger.to_mend(message.native, TABULAIRES[message.dialect], message.partner, rejets)
    except InvalidNative:
        return None


def within(cpu_seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in this process, and return its result. If it takes more CPU time than `cpu_seconds`,
    the whole process dies (SIGPROF)."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _decoded(message: Incoming) -> Decoded:
    return ADAPTERS[message.dialect].decode(message.native, message.partner)


def _blame(exc: Exception, message: Incoming | None) -> tuple[Rejet, str | None]:
    """Return the rejection of a message that cannot be read to its end, and the place in our code that
    failed, or None. Pass `message` only if nothing of it could be read: then the rejection adds advice about
    its dialect."""
    if isinstance(exc, InvalidNative):
        hint = _misdirected(message) if message else None
        return Rejet(exc.code, hint or str(exc)), None
    return OUR_BUG, cause_of(exc)[1]


def _misdirected(message: Incoming) -> str | None:
    """Return French advice if the body is in no format of its dialect; else None."""
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


def _forbidden_inside(body: bytes) -> list[Rejet]:
    """Return a rejection if a body that no adapter can read holds a social security number (NIR); else an
    empty list."""
    return [NIR_REFUSED] if has_nir(body.decode("latin-1")) else []
