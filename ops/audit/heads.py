"""Store and read the heads of the audit's chain. A head is the chain's last hash, signed at intervals. Heads
are kept outside the database, in a file and on a Kafka topic, so that a rewritten chain shows."""

import structlog

from contracts.errors import BusUnavailable
from contracts.topics import HEADS
from ops.audit.kept import last_head
from ops.outside.lines import append, publish, published
from router.domain.audit_heads import Head
from router.privacy.audit_keys import signing_key
from router.settings import KafkaSettings, Settings

logger = structlog.get_logger()
LOOKED_AT = 10
"""Number of records at the end of the Kafka topic of heads, among which the newest head is searched."""


async def published_heads(kafka: KafkaSettings, most: int | None = None) -> list[Head]:
    """Return the heads on the Kafka topic of heads, oldest first. With `most`, read only its `most` newest
    records. Records that are no head are ignored. Raises BusUnavailable if Kafka does not answer."""
    heads = []
    for _, line in await published(kafka, HEADS, most):
        try:
            heads.append(Head.from_json(line))
        except ValueError:
            logger.warning("audit.foreign_head")
    return heads


async def newest(settings: Settings) -> Head | None:
    """Return the newest head in the file of heads or, if Kafka answers, on the topic of heads. A head on the
    topic counts only if this hub has signed it. Return None if neither place has a head. Raises Misconfigured
    if the file or the signing key cannot be read."""
    last = last_head(settings.audit_heads_file)
    try:
        on_topic = await published_heads(settings.kafka, LOOKED_AT)
    except BusUnavailable:
        on_topic = []
    keys = [signing_key(settings).public_key()]
    ours = [head for head in on_topic if head.is_signed_by(keys)]
    return max([last, *ours] if last else ours, key=lambda head: head.at, default=None)


async def keep(settings: Settings, head: Head) -> None:
    """Store a signed head in the file of heads and, if Kafka answers, on the Kafka topic of heads. Raises
    Misconfigured if the file cannot be written."""
    line = head.to_json().encode()
    append(settings.audit_heads_file, line)
    try:
        await publish(settings.kafka, HEADS, [(None, line)])
    except BusUnavailable as exc:
        logger.warning("audit.head_unpublished", reason=str(exc))
