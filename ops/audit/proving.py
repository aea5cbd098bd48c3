"""Verify that the audit is complete and unchanged. Its chain of hashes is compared with heads (signed hashes
of the chain) and time stamps that are kept outside the database."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.errors import BusUnavailable
from contracts.plurals import many
from ops.audit.heads import published_heads
from ops.audit.kept import read_heads
from ops.audit.time_stamps import authority, dated, stamps_of
from ops.status.quantities import day_and_hour
from router.domain.audit_chain import KEPT, Fault, Finding, Proof, Restoration
from router.domain.audit_heads import Dated, Gap, Head, Stamped, in_order, unstamped
from router.privacy.audit_keys import pinned_keys, public_key, signing_key
from router.settings import Settings
from router.store import audit
from router.store.database import Database


class Evidence(NamedTuple):
    """Heads and time stamps that are kept outside the database. A verification compares the audit with them."""

    keys: Sequence[Ed25519PublicKey]
    pinned: bool
    """Whether the caller or the settings gave the public keys. Otherwise they come from the machine that
    signs, which could forge the proof."""
    in_file: Sequence[Head]
    on_topic: Sequence[Head] | None
    """Heads on the Kafka topic; None if Kafka did not answer."""
    stamps: Sequence[Dated] | None
    """Valid time stamps of the trusted authority, for heads signed with one of `keys`. None if no authority
    is configured."""
    forged: Sequence[Stamped] = ()
    """Stored time stamps that the trusted authority did not make."""

    def heads(self) -> list[Head]:
        """Return every known head, in the order of signing: those in the file of heads, on the Kafka topic of
        heads, and in the time stamps of the trusted authority."""
        stamped = [stamp.head for stamp in self.stamps or ()]
        return in_order(self.in_file, self.on_topic or (), stamped)


class Verdict(NamedTuple):
    """Result of a verification of the audit: its faults, its gaps, and the evidence used. A gap is a period
    without a signed head or time stamp. A person has to judge the gaps."""

    proof: Proof
    evidence: Evidence
    gaps: Sequence[Gap]
    last_head: Head | None
    waiting: int
    waiting_since: datetime | None
    announced: int = 0
    """Number of restorations of the database that the caller knows of. If the audit shows more, this is one
    of the `doubts`."""

    @property
    def is_whole(self) -> bool:
        """Return whether the audit is proved complete and unchanged: no fault was found, and `doubts` is
        empty."""
        return not self.proof.findings and not self.doubts

    @property
    def doubts(self) -> list[str]:
        """Return in French what, apart from faults, keeps the audit from being fully proved. For example,
        Kafka did not answer, or the file of heads is empty."""
        return list(_doubts(self))

    @property
    def notes(self) -> list[str]:
        """Return in French what people should know even if the audit is whole: restorations of the database;
        periods without a signed head or time stamp; heads that are missing in the file of heads or on the
        Kafka topic of heads; no time-stamp authority in the settings."""
        return [*map(_restored, self.proof.restorations), *map(_gap, self.gaps), *_copies(self.evidence)]


async def gathered(settings: Settings, heads_file: Path | None = None, key: str | None = None) -> Evidence:
    """Gather the heads and time stamps of the audit, from files and Kafka, and the public keys that check them.
    `heads_file` and `key` (64 hexadecimal characters) replace the file of heads and the public keys of the
    settings. If neither gives a key, the public half of this hub's signing key is used. Raises Misconfigured for
    an unreadable file or key."""
    given = settings.audit_public_key_file
    if key is not None:
        keys, pinned = [public_key(key)], True
    elif given is not None:
        keys, pinned = list(pinned_keys(given)), True
    else:
        keys, pinned = [signing_key(settings).public_key()], False
    try:
        on_topic = await published_heads(settings.kafka)
    except BusUnavailable:
        on_topic = None
    in_file = read_heads(heads_file or settings.audit_heads_file)
    if settings.time_stamps.ca_file is None:
        return Evidence(keys, pinned, in_file, on_topic, None)
    certificates = authority(settings.time_stamps.ca_file)
    stamps = {stamp: dated(stamp, certificates) for stamp in await stamps_of(settings)}
    ours = [at for at in stamps.values() if at is not None and at.head.is_signed_by(keys)]
    forged = [stamp for stamp, at in stamps.items() if at is None]
    return Evidence(keys, pinned, in_file, on_topic, ours, forged)


async def verify(database: Database, evidence: Evidence, now: datetime, announced: int = 0) -> Verdict:
    """Compare the whole audit, as it stands at one moment, with its own chain and with `evidence`: the signed
    heads and time stamps that are kept outside the database. `announced` is the number of restorations of the
    database that the operator knows of. If the audit shows more, it counts as not fully proved. Raises
    BusUnavailable if the database does not answer."""
    heads = evidence.heads()
    proof = Proof.begun(heads, evidence.keys)
    async with database.transaction() as connection:
        await audit.at_one_moment(connection)
        async for link, rows in audit.links(connection):
            proof.follow(link, rows)
        proof.ended(now)
        proof.findings += [Finding(Fault.ROW_UNBOUND, ident) for ident in await audit.unbound(connection)]
        waiting, since = await audit.waiting(connection)
    proof.findings += [Finding(Fault.STAMP_FORGED, stamp.head.rank) for stamp in evidence.forged]
    recent = [head for head in heads if now - head.at < KEPT]
    late = [] if evidence.stamps is None else unstamped(recent, evidence.stamps, now)
    last = heads[-1] if heads else None
    return Verdict(proof, evidence, [*proof.gaps, *late], last, waiting, since, announced)


def _doubts(verdict: Verdict) -> Iterator[str]:
    evidence, restorations = verdict.evidence, len(verdict.proof.restorations)
    if not evidence.pinned:
        yield (
            "la clé publique n'est pas épinglée : celle de la machine qui signe en tient lieu "
            "(--cle, ou SIAO_HUB_AUDIT_PUBLIC_KEY_FILE)"
        )
    if evidence.on_topic is None:
        yield "le topic des têtes n'a pas été lu : Kafka ne répond pas"
    elif not evidence.on_topic:
        yield "le topic des têtes est vide"
    if not evidence.in_file:
        yield "le fichier des têtes est absent d'ici, ou vide"
    if restorations > verdict.announced:
        announced = many(verdict.announced, "annoncée")
        yield f"{many(restorations, 'reprise')}, {announced} (--reprises) : chacune est-elle la vôtre ?"


def _restored(restoration: Restoration) -> str:
    lost = restoration.lost - restoration.rank
    return (
        f"reprise signée le {day_and_hour(restoration.at)} : la chaîne repart du maillon {restoration.rank}, "
        f"{many(lost, 'maillon signé avant ne compte plus', 'maillons signés avant ne comptent plus')}"
    )


def _gap(gap: Gap) -> str:
    until = "et encore" if gap.until is None else f"au {day_and_hour(gap.until)}"
    return f"lacune, {gap.lack} : du {day_and_hour(gap.since)} {until}"


def _copies(evidence: Evidence) -> Iterator[str]:
    in_file, on_topic = set(evidence.in_file), set(evidence.on_topic or ())
    if missing := len(on_topic - in_file):
        yield many(missing, "tête du topic manque au fichier", "têtes du topic manquent au fichier")
    if evidence.on_topic is not None and (missing := len(in_file - on_topic)):
        yield many(missing, "tête du fichier manque au topic", "têtes du fichier manquent au topic")
    if evidence.stamps is None:
        yield (
            "aucune autorité d'horodatage n'est épinglée (SIAO_HUB_TIME_STAMPS__CA_FILE) : "
            "rien d'extérieur ne date ces têtes"
        )
