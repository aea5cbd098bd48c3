"""The promises that a connector may make. One that does not make a promise must give the reason, so that no test is
skipped silently."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import ClassVar, Protocol

import pytest


class Promise(StrEnum):
    EXACT_BYTES = "delivers exact bytes"
    ONE_EFFECT = "the same key twice is one effect"
    UNREACHABLE = "unreachable is PartnerUnavailable"
    REFUSED = "a refusal is Refused"
    THROTTLED = "throttling is Throttled, with seconds"
    CREDENTIALS = "bad credentials are Misconfigured"
    ANSWER_LOST = "a lost answer is OutcomeUnknown"
    CLOSE = "close is idempotent"
    RECOVERS = "recovers without a new object"
    ASKED = "says whether it has received a key"
    ASKED_IN_VAIN = "a question without an answer is an error"

    OFFERED_AGAIN = "offers again until done"
    INCOMPLETE = "does not offer while incomplete"
    DONE = "done writes a report and removes"
    DONE_TWICE = "done is idempotent"
    TWINS = "two files with the same content are two natives"
    NEW_CONTENT = "new content under the same name is offered"


SOURCE_PROMISES = frozenset(
    {
        Promise.EXACT_BYTES,
        Promise.OFFERED_AGAIN,
        Promise.INCOMPLETE,
        Promise.DONE,
        Promise.DONE_TWICE,
        Promise.TWINS,
        Promise.NEW_CONTENT,
        Promise.UNREACHABLE,
        Promise.CREDENTIALS,
        Promise.RECOVERS,
        Promise.CLOSE,
    }
)
SINK_PROMISES = frozenset(
    {
        Promise.EXACT_BYTES,
        Promise.ONE_EFFECT,
        Promise.UNREACHABLE,
        Promise.REFUSED,
        Promise.THROTTLED,
        Promise.CREDENTIALS,
        Promise.ANSWER_LOST,
        Promise.ASKED,
        Promise.ASKED_IN_VAIN,
        Promise.RECOVERS,
        Promise.CLOSE,
    }
)


class Connector(Protocol):
    NAME: ClassVar[str]
    WAIVED: ClassVar[dict[Promise, str]]


def claiming(
    promises: Collection[Promise], fixture: str, connectors: Sequence[type[Connector]]
) -> pytest.MarkDecorator:
    """Return a marker that runs a test for each connector that makes all these promises."""
    claim = [connector for connector in connectors if not set(promises) & set(connector.WAIVED)]
    assert claim, f"nobody promises: {promises}"
    return pytest.mark.parametrize(fixture, claim, ids=[connector.NAME for connector in claim], indirect=True)
