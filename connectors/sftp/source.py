"""Fetch the files that a partner leaves in an SFTP folder: offer each file to the hub once it is complete,
then write a report about it and archive it."""

import posixpath
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from hashlib import sha256
from itertools import count
from time import monotonic
from uuid import UUID

import structlog
from asyncssh import SFTPClient, SFTPError

from connectors.byte_budget import FILE_MAX_BYTES, ByteBudget
from connectors.media import media_type_of
from connectors.sftp.files import GONE, NAME_IN_USE, PIECE_BYTES, begins_with, in_folder, read
from connectors.sftp.link import LOST, SftpLink, Step
from connectors.sftp.listing import Look, look_at, oldest
from connectors.sftp.report import FOR_PEOPLE, SUFFIX, publish, report_bytes, report_text, too_large_bytes
from contracts.errors import HubError, Misconfigured, PartnerUnavailable
from contracts.plurals import many
from contracts.ports import IntakeReport, Native
from contracts.sftp import STEP_SECONDS, EntreeSftp

PIECE_SECONDS = 20.0
"""Longest time for reading one MiB of a file."""
NAME_MAX_BYTES = 210
"""Length of the longest file name to which the hub adds a suffix or a message's id. With the addition, the
name is still shorter than the 255 bytes up to which servers accept it."""
NAME_END_BYTES = 20
"""Number of bytes kept at the end of a name that is too long, so that its suffixes stay."""
FAILURES_TO_STOP = 8
"""Number of unreadable files at which a look at the folder ends. A file that fails for the first time ends
the look at once; this number counts the files that have failed before."""
TOO_SLOW = (
    f"Un fichier déposé n'arrive pas ou trop lentement (moins de {PIECE_BYTES / PIECE_SECONDS / 1024:.0f} Kio par"
    " seconde) : il est repris, après les autres ; vérifiez la ligne ou le serveur SFTP du partenaire"
)

_log = structlog.get_logger(__name__)


class SftpSource:
    """Source of the files in one partner's folder. It offers a file once the file has not changed for
    `stable_s` seconds. After a restart, this wait begins anew for every file."""

    def __init__(
        self,
        entree: EntreeSftp,
        *,
        clock: Callable[[], float] = monotonic,
        file_max_bytes: int = FILE_MAX_BYTES,
        budget: ByteBudget | None = None,
    ) -> None:
        """Prepare the source. `clock`: monotonic, in seconds. Each file takes its bytes from `budget`; whoever
        receives the file gives them back. Raises Misconfigured if reports or archives would lie in the folder
        that is read."""
        self._folder = posixpath.normpath(entree.dossier)
        self._archives = posixpath.normpath(posixpath.join(entree.dossier, entree.archives))
        self._reports = posixpath.normpath(posixpath.join(entree.dossier, entree.rapports))
        if self._folder in (self._archives, self._reports):
            raise Misconfigured("« archives » et « rapports » doivent être d'autres dossiers que « dossier »")
        self._stable_s = entree.stable_s
        self._link = SftpLink(entree)
        self._clock = clock
        self._file_max_bytes = file_max_bytes
        self._budget = budget or ByteBudget(sys.maxsize)
        self._seen: dict[str, tuple[Look, float]] = {}
        self._reported: dict[str, Look] = {}
        self._named: dict[str, str] = {}
        self._failed: set[str] = set()
        """Names of files that could not be read when they were last tried."""
        self._lost_at: set[str] = set()
        """Names of files during whose last reading the connection broke."""

    async def fetch(self) -> AsyncIterator[Native]:
        """Yield the files that have not changed for some seconds (`stable_s` in the registry entry), oldest
        first. When a file's reading fails for the first time, the call ends, because later files may depend on
        this file. In the next calls, this file is read after the others.

        Raises PartnerUnavailable if the server or the reading of a file fails; Misconfigured if the hub may not
        read the folder or a file.
        """
        unreadable, failures = 0, list[HubError]()
        files = await self._complete()
        names = {name for name, _ in files}
        self._failed &= names
        self._lost_at &= names
        for name, look in sorted(files, key=lambda file: file[0] in self._failed):
            try:
                native = await self._native(name, look)
            except Misconfigured:
                unreadable += 1
            except _Failed as exc:
                failures.append(exc.why)
                if name not in self._failed or len(failures) == FAILURES_TO_STOP:
                    self._failed.add(name)
                    break
            else:
                self._failed.discard(name)
                if native is not None:
                    yield native
        if failures:
            raise failures[0]
        if unreadable:
            raise Misconfigured(f"{many(unreadable, 'fichier déposé illisible')} pour le compte du hub")

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Write the report about the partner's file into the folder for reports, as JSON. Also write it as a
        text for people, if it has rejections or warnings, or if an earlier report left a text. If rows must
        be corrected, write a file with these rows. Then archive the partner's file. If the partner has put
        another file under the same name meanwhile, that one stays. Idempotent."""
        assert native.filename is not None
        name = self._named.get(native.filename, native.filename)
        async with self._step() as step:
            if report.a_corriger is not None:
                await self._publish(step, report.a_corriger.filename or name, "", report.a_corriger.body)
            if report.rejets or report.avertissements or await self._has_text(step.client, name):
                await self._publish(step, name, FOR_PEOPLE, report_text(native.filename, report))
            await self._publish(step, name, SUFFIX, report_bytes(native.filename, report))
            with suppress(*GONE):
                if await self._still_lies_there(step, name, native):
                    await self._archive(step, name, native, report.message_id)
                    self._seen.pop(name, None)

    async def close(self) -> None:
        """Close the SSH connection. Idempotent."""
        await self._link.close()

    async def _complete(self) -> list[tuple[str, Look]]:
        async with self._step() as step:
            looks = await oldest(step.client, self._folder)
        now = self._clock()
        self._seen = {name: self._first_seen(name, look, now) for name, look in looks.items()}
        self._reported = {name: look for name, look in self._reported.items() if name in looks}
        self._named = {shown: name for shown, name in self._named.items() if name in looks}
        return [(name, look) for name, (look, at) in self._seen.items() if now - at >= self._stable_s]

    def _first_seen(self, name: str, look: Look, now: float) -> tuple[Look, float]:
        before = self._seen.get(name)
        return before if before is not None and before[0] == look else (look, now)

    async def _native(self, name: str, look: Look) -> Native | None:
        if look.size > self._file_max_bytes:
            async with self._step() as step:
                await self._report_too_large(step, name, look)
            return None
        await self._budget.wait_for(look.size)
        body = None
        try:
            body = await self._body(name, look)
        finally:
            if body is None:
                self._budget.release(look.size)
        if body is None:
            return None
        filename = _readable(name)
        if filename != name:
            self._named[filename] = name
        return Native(body, media_type_of(filename), filename, drop=look.drop(name, body))

    async def _body(self, name: str, look: Look) -> bytes | None:
        try:
            body = await self._read(name, look)
        except _Lost:
            if name in self._lost_at:
                raise
            self._lost_at.add(name)
            body = await self._read(name, look)
        self._lost_at.discard(name)
        return body

    async def _read(self, name: str, look: Look) -> bytes | None:
        path = posixpath.join(self._folder, name)
        reached = False
        try:
            async with self._link.steady(PIECE_SECONDS, PIECE_SECONDS) as step:
                reached = True
                try:
                    body = await read(step.client, path, look.size, step.advanced)
                    after = look_at(await step.client.stat(path))
                except GONE:
                    return None
        except PartnerUnavailable as exc:
            if not reached:
                raise
            if isinstance(exc.__cause__, TimeoutError):
                raise _Failed(PartnerUnavailable(TOO_SLOW)) from exc
            raise (_Lost if isinstance(exc.__cause__, LOST) else _Failed)(exc) from exc
        return body if len(body) == look.size and after == look else None

    async def _report_too_large(self, step: Step, name: str, look: Look) -> None:
        if self._reported.get(name) != look:
            _log.warning("source.file_too_large", bytes=look.size, max_bytes=self._file_max_bytes)
            await self._publish(step, name, SUFFIX, too_large_bytes(_readable(name), self._file_max_bytes))
            self._reported[name] = look

    async def _publish(self, step: Step, name: str, suffix: str, content: bytes) -> None:
        path = posixpath.join(self._reports, _short(name) + suffix)
        await in_folder(
            step.client, self._reports, lambda: publish(step.client, path, content, step.advanced)
        )

    async def _has_text(self, client: SFTPClient, name: str) -> bool:
        return await client.exists(posixpath.join(self._reports, _short(name) + FOR_PEOPLE))

    async def _still_lies_there(self, step: Step, name: str, native: Native) -> bool:
        path = posixpath.join(self._folder, name)
        look = look_at(await step.client.stat(path))
        return look.is_of(name, native) and await begins_with(step.client, path, native.body, step.advanced)

    async def _archive(self, step: Step, name: str, native: Native, message_id: UUID) -> None:
        client, path = step.client, posixpath.join(self._folder, name)
        archived = await _move(client, path, self._archives, _free_names(name, message_id))
        if await _is_another(step, archived, name, native):
            await _move(client, archived, self._folder, _free_names(name, message_id))
        else:
            with suppress(SFTPError):  # its days in the archives begin now; a server may refuse to set a date
                await client.utime(archived)

    def _step(self) -> AbstractAsyncContextManager[Step]:
        return self._link.steady(STEP_SECONDS, PIECE_SECONDS)


class _Failed(Exception):
    """Raised if one file cannot be read, although other files may be readable. `why`: the error to report."""

    def __init__(self, why: HubError) -> None:
        super().__init__(str(why))
        self.why = why


class _Lost(_Failed):
    """Raised if the connection breaks while a file is read."""


async def _is_another(step: Step, path: str, name: str, native: Native) -> bool:
    try:
        look = look_at(await step.client.stat(path))
        return not look.is_of(name, native) and not (
            look.size == len(native.body) and await begins_with(step.client, path, native.body, step.advanced)
        )
    except SFTPError:
        return False


async def _move(client: SFTPClient, path: str, folder: str, names: Iterator[str]) -> str:
    while True:
        target = posixpath.join(folder, next(names))
        try:
            await in_folder(client, folder, partial(client.rename, path, target))
        except NAME_IN_USE:
            if not await client.lexists(target):
                raise
        else:
            return target


def _free_names(name: str, message_id: UUID) -> Iterator[str]:
    stem, suffix = posixpath.splitext(_short(name))
    yield name
    yield f"{stem}-{message_id}{suffix}"
    for number in count(2):
        yield f"{stem}-{message_id}-{number}{suffix}"


def _short(name: str) -> str:
    """Return a name of at most `NAME_MAX_BYTES`, under which a partner's file is archived or reported on. A
    longer name keeps its beginning and its end, with a hash between them, so that different names stay
    different."""
    raw = name.encode("utf-8", "surrogateescape")
    if len(raw) <= NAME_MAX_BYTES:
        return name
    end = b"-" + sha256(raw).hexdigest()[:8].encode() + raw[-NAME_END_BYTES:]
    return (raw[: NAME_MAX_BYTES - len(end)] + end).decode("utf-8", "ignore")


def _readable(name: str) -> str:
    raw = name.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
