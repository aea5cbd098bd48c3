"""Decode messages, from bytes to contracts and rejections, within limits of CPU time.

A small body is read on the event loop, any other in a process that can be killed (`decoders`). The functions
here never wait and start no process.
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
"""Largest number of rows of a body that is read on the event loop, in a few milliseconds (see
`INLINE_BYTES`)."""

OPENING_SECONDS = 3.0
SECONDS_PER_MIB = 0.25
SECONDS_PER_PACKED_MIB = 1.0
"""CPU seconds allowed for each MiB of a packed workbook."""
SECONDS_PER_ROW = 0.0003
"""CPU seconds allowed for each row: ten times the need of the slowest dialect."""
SHORTEST_ROW_BYTES = 64
"""Length of the shortest possible row in bytes, which limits the rows of a body."""

TRIED_SECONDS = 6.0
"""Wall-clock seconds after which a dry run stops, so that its sender has an answer within ten seconds."""
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
        """Return the largest number of rows that the body may hold."""
        return len(self.native.body) // SHORTEST_ROW_BYTES


@dataclass(slots=True)
class DecodedMessage:
    """Result of decoding a message. Above `LISTED_REJECTIONS` rejections, only the first rejection of each
    row is kept. A dry run keeps no contracts, and above as many rows no further rejections."""

    dry_run: bool = False
    rows: int = 0
    accepted: int = 0
    contrats: list[tuple[int, Contrat]] = field(default_factory=list)
    cles: dict[int, str] = field(default_factory=dict)
    """Sender's own event ids of accepted rows, by row number."""
    rejets: list[Rejet] = field(default_factory=list)
    avertissements: list[Rejet] = field(default_factory=list)
    lus: set[UUID] = field(default_factory=set)
    """Ids of the households, referrals and candidacies in the rows, refused rows included."""
    needs_key: bool = False
    """Whether an accepted row sends a household without an id. If such a row were accepted twice, the hub
    would have two households."""
    cle: str | None = None
    """Sender's id of the whole message, if its dialect has one."""
    arret: Rejet | None = None
    """Warning that the dry run stopped early; None if it read all rows."""
    bug: str | None = None
    """Place of a failure in our own code (file, line, function), if any."""

    @property
    def may_stop(self) -> bool:
        """Tell whether a dry run should check its time limit now."""
        return self.dry_run and self.rows > 0 and self.rows % ROWS_BETWEEN_LOOKS_AT_THE_CLOCK == 0

    def add(self, ligne: Ligne) -> None:
        """Count a row, and keep its contract and rejections."""
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
    """Next rows of a large message. The last chunk has fewer than asked for. `broken` says why the message
    cannot be read further, if so."""

    rows: list[Ligne]
    broken: Rejet | None = None
    bug: str | None = None


def read_small(message: Incoming) -> DecodedMessage | None:
    """Read a message if that is cheap, else return None. A workbook is never cheap, nor is a long column
    profile (a list of a table's columns and their meanings)."""
    body, page = message.native.body, message.partner.profil_externe or ""
    if max(len(body), len(page)) > INLINE_BYTES or body.startswith(MAGIC):
        return None
    reading = read(message, INLINE_ROWS)
    return None if reading.rows > INLINE_ROWS else reading


def read(message: Incoming, most_rows: int | None, dry_run: bool = False) -> DecodedMessage:
    """Read a message. If it has more than `most_rows` rows, only its beginning is read, because it is read
    again in chunks. A dry run stops after `TRIED_SECONDS`."""
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
    """Return at most `most_rows` rows of a large message, after its first `done` rows. Return None if this
    process has not read the first rows."""
    if _open is None or (_open.ident, _open.done) != (ident, done):
        return None
    return _next(_open, most_rows)


def read_from(ident: UUID, done: int, most_rows: int, message: Incoming) -> Chunk:
    """Return at most `most_rows` rows of a large message, after its first `done` rows. Any process can do
    this: it decodes the first rows again and skips them."""
    return _next(_Open(ident, done, _rows_after(done, message)), most_rows)


def _rows_after(done: int, message: Incoming) -> Iterator[Ligne]:
    yield from islice(_decoded(message).lignes, done, None)


def _next(message: _Open, most_rows: int) -> Chunk:
    """Read the next rows of a large message, and drop it from memory after the last."""
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
    """Return the rejected rows as a file to correct; None if they cannot be separated."""
    try:
        return a_corriger.to_mend(message.native, TABULAIRES[message.dialect], message.partner, rejets)
    except InvalidNative:
        return None


def within(cpu_seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in this process, and return its result. If it takes more than `cpu_seconds`, the
    process dies (SIGPROF)."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _decoded(message: Incoming) -> Decoded:
    return ADAPTERS[message.dialect].decode(message.native, message.partner)


def _blame(exc: Exception, message: Incoming | None) -> tuple[Rejet, str | None]:
    """Return the rejection of a message that cannot be read to its end, and the place of a failure in our
    code, if any. Pass `message` only if nothing could be read, to add advice about its dialect."""
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
    """Return a rejection if an unreadable body holds a social security number (NIR); else an empty list."""
    return [NIR_REFUSED] if has_nir(body.decode("latin-1")) else []
