"""All transports, by the `type` in a partner's entry. SFTP is imported only if a partner uses it, because the
import takes a tenth of the start."""

from collections.abc import Mapping
from typing import Protocol

from aiohttp import ClientSession

from connectors.byte_budget import ByteBudget
from connectors.http_out import HttpSink
from connectors.kafka import KafkaSink, KafkaSource
from connectors.mailbox import MailboxSink, MailboxStore
from connectors.reading import AnswerReading
from connectors.rest import RestSink, RestSource
from connectors.soap import SoapSink
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.partner import EntreeSftp, Partner, SortieBoite, SortieHttp, SortieSftp
from contracts.ports import AnswerReaders, Sink, Source
from contracts.rest import EntreeRest, SortieRest
from contracts.soap import SortieSoap


class SinkFactory(Protocol):
    """Function that makes a partner's sink from the shared parts of the process. It opens no connection yet."""

    def __call__(
        self, partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
    ) -> Sink: ...


class SourceFactory(Protocol):
    """Function that makes a partner's source. It opens no connection yet."""

    def __call__(
        self, partner: Partner, budget: ByteBudget | None, reading: AnswerReading, tables: str
    ) -> Source: ...


def _http_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
) -> Sink:
    assert isinstance(partner.sortie, SortieHttp)
    return HttpSink(partner.sortie, session, reading)


def _sftp_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
) -> Sink:
    from connectors.sftp import SftpSink

    assert isinstance(partner.sortie, SortieSftp)
    return SftpSink(partner.sortie)


def _mailbox_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
) -> Sink:
    assert isinstance(partner.sortie, SortieBoite)
    return MailboxSink(mailbox, partner.id)


def _sftp_source(partner: Partner, budget: ByteBudget | None, reading: AnswerReading, tables: str) -> Source:
    from connectors.sftp import SftpSource

    assert isinstance(partner.entree, EntreeSftp)
    return SftpSource(partner.entree, budget=budget)


def _rest_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
) -> Sink:
    assert isinstance(partner.sortie, SortieRest)
    return RestSink(partner.sortie)


def _rest_source(partner: Partner, budget: ByteBudget | None, reading: AnswerReading, tables: str) -> Source:
    assert isinstance(partner.entree, EntreeRest)
    return RestSource(partner.entree, budget, reading)


def _kafka_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
) -> Sink:
    assert isinstance(partner.sortie, SortieKafka)
    return KafkaSink(partner.sortie)


def _kafka_source(partner: Partner, budget: ByteBudget | None, reading: AnswerReading, tables: str) -> Source:
    assert isinstance(partner.entree, EntreeKafka)
    return KafkaSource(partner.entree, budget, tables)


def _soap_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
) -> Sink:
    assert isinstance(partner.sortie, SortieSoap)
    return SoapSink(partner.sortie, session, reading)


SINKS: Mapping[str, SinkFactory] = {
    "http": _http_sink,
    "sftp": _sftp_sink,
    "boite": _mailbox_sink,
    "rest": _rest_sink,
    "kafka": _kafka_sink,
    "soap": _soap_sink,
}
SOURCES: Mapping[str, SourceFactory] = {"sftp": _sftp_source, "rest": _rest_source, "kafka": _kafka_source}


def open_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, readers: AnswerReaders
) -> Sink:
    """Return the sink of a partner that has a `sortie`. `readers` are the processes that read its long
    answers."""
    assert partner.sortie is not None
    reading = AnswerReading(partner.id, readers)
    return SINKS[partner.sortie.type](partner, session=session, mailbox=mailbox, reading=reading)


def open_source(
    partner: Partner,
    budget: ByteBudget | None = None,
    readers: AnswerReaders | None = None,
    tables: str = "",
) -> Source:
    """Return the source of a partner that has an `entree`.

    The source takes the bytes of each file from `budget` before it offers the file; `readers` parse long
    answers of the partner's system. `tables` identifies the database that records which files are settled.
    Raises Misconfigured if its folders cannot be used.
    """
    assert partner.entree is not None
    return SOURCES[partner.entree.type](partner, budget, AnswerReading(partner.id, readers), tables)
