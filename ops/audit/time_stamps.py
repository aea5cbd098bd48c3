"""Get time stamps for heads of the audit's chain from an outside authority, by the standard RFC 3161, and
verify them without network. A head is the chain's last hash, signed. No other work waits for a stamp."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog
from aiohttp import ClientError, ClientTimeout
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from connectors.http_client import new_session
from contracts.errors import BusUnavailable, Misconfigured, PartnerUnavailable
from contracts.topics import STAMPS
from ops.audit.heads import newest
from ops.outside.lines import append, lines_of, publish, published
from router.domain.audit_heads import Dated, Head, Stamped
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.settings import Settings

logger = structlog.get_logger()
ANSWER_SECONDS = 10.0
ANSWER_BYTES = 32 * 1024


class Stamper:
    """Work that gets a time stamp for the newest head every few minutes. Only one process at a time does this
    work."""

    def __init__(self, settings: Settings, lease: Lease) -> None:
        self._settings = settings
        self._lease = lease
        self._last: Head | None = None

    async def run(self) -> None:
        """Ask the time-stamp authority to stamp the audit's newest head, at the interval in the settings, until
        cancelled. Do nothing if the settings name no time-stamp authority."""
        if self._settings.time_stamps.url is None:
            await asyncio.Event().wait()
        await self._lease.work(WakeUp(), self._settings.time_stamps.every_s, self._work)

    async def _work(self) -> None:
        try:
            head = await newest(self._settings)
            if head is not None and head != self._last:
                await _keep(self._settings, await stamped(self._settings, head))
                self._last = head
        except (Misconfigured, PartnerUnavailable) as exc:
            logger.warning("audit.unstamped", reason=str(exc))


async def stamped(settings: Settings, head: Head) -> Stamped:
    """Ask the time-stamp authority to stamp `head`, and return the head with its time stamp. Raises
    PartnerUnavailable if no valid stamp comes within `ANSWER_SECONDS`, Misconfigured if the authority's
    certificates are unreadable."""
    certificates = await asyncio.to_thread(authority, settings.time_stamps.ca_file)
    asked = Stamped(head, b"")
    builder = TimestampRequestBuilder().data(asked.stamped_bytes).hash_algorithm(HashAlgorithm.SHA256)
    answer = await _asked(str(settings.time_stamps.url), builder.build().as_bytes())
    stamp = Stamped(head, answer)
    if await asyncio.to_thread(dated, stamp, certificates) is None:
        raise PartnerUnavailable("l'autorité d'horodatage a donné autre chose qu'un horodatage de cette tête")
    return stamp


def dated(stamp: Stamped, certificates: Sequence[Certificate]) -> Dated | None:
    """Verify a time stamp with the `certificates` of the time-stamp authority. If the stamp is valid, return
    its head with the time that it proves; otherwise return None."""
    try:
        response = decode_timestamp_response(stamp.response)
        verifier = VerifierBuilder(roots=list(certificates)).build()
        verifier.verify_message(response, stamp.stamped_bytes)
        return Dated(stamp.head, response.tst_info.gen_time)
    except (ValueError, VerificationError):
        return None


def authority(file: Path | None) -> Sequence[Certificate]:
    """Read the certificates of the trusted time-stamp authority. Raises Misconfigured if `file` is None,
    missing or unreadable."""
    if file is None:
        raise Misconfigured(
            "horodatage : le certificat de l'autorité n'est pas épinglé (SIAO_HUB_TIME_STAMPS__CA_FILE)"
        )
    try:
        return load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as exc:
        raise Misconfigured(f"horodatage : le certificat de l'autorité ne se lit pas ({file})") from exc


async def stamps_of(settings: Settings) -> list[Stamped]:
    """Return all time-stamped heads, each once, from the file of time stamps and, if Kafka answers, from the
    topic of time stamps. Raises Misconfigured for an unreadable file."""
    file = settings.audit_stamps_file
    try:
        kept = [Stamped.from_json(line) for line in lines_of(file)]
    except ValueError as exc:
        raise Misconfigured(f"horodatages de l'audit illisibles : {file}") from exc
    with suppress(BusUnavailable):
        for _, line in await published(settings.kafka, STAMPS):
            with suppress(ValueError):  # another program wrote the record
                kept.append(Stamped.from_json(line))
    return list(dict.fromkeys(kept))


async def _keep(settings: Settings, stamp: Stamped) -> None:
    line = stamp.to_json().encode()
    await asyncio.to_thread(append, settings.audit_stamps_file, line)
    try:
        await publish(settings.kafka, STAMPS, [(None, line)])
    except BusUnavailable as exc:
        logger.warning("audit.stamp_unpublished", reason=str(exc))


async def _asked(url: str, request: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        async with new_session() as session:
            timeout = ClientTimeout(total=ANSWER_SECONDS)
            async with session.post(
                url, data=request, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                answer = await response.content.read(ANSWER_BYTES + 1)
                while len(answer) <= ANSWER_BYTES and (more := await response.content.read(ANSWER_BYTES)):
                    answer += more
    except (ClientError, OSError, TimeoutError, ValueError) as exc:
        raise PartnerUnavailable(f"l'autorité d'horodatage ne répond pas ({type(exc).__name__})") from exc
    if response.status != 200 or len(answer) > ANSWER_BYTES:
        raise PartnerUnavailable(f"l'autorité d'horodatage répond autre chose (statut {response.status})")
    return answer
