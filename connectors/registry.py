"""Make the sink and the source of a partner, by the `type` of transport in its registry entry. SFTP is
imported only when it is needed, for a faster start."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from aiohttp import ClientSession

from connectors.byte_budget import ByteBudget
from connectors.http_out import HttpSink
from connectors.kafka import KafkaSink, KafkaSource
from connectors.mailbox import MailboxSink, MailboxStore
from connectors.reading import AnswerReading
from connectors.rest import RestSink, RestSource
from connectors.soap import SneSource, SoapSink
from contracts.http import SortieHttp
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.partner import Partner, SortieBoite
from contracts.ports import AnswerReaders, Candidacies, Sink, Source
from contracts.rest import EntreeRest, SortieRest
from contracts.sftp import EntreeSftp, SortieSftp
from contracts.sne import EntreeSne
from contracts.soap import SortieSoap


class SinkFactory(Protocol):
    """Function that makes the sink of a partner. The sink opens its connection later."""

    def __call__(
        self, partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
    ) -> Sink: ...


async def _none_known(_: Collection[str]) -> Mapping[str, Sequence[UUID]]:
    return {}


class Lent(NamedTuple):
    """Things that the hub lends to a partner's source, such as `reading`, a reader of HTTP responses."""

    reading: AnswerReading
    budget: ByteBudget | None = None
    """Memory budget for the files that a source fetches."""
    tables: str = ""
    """Id of the hub's database, for which a committed Kafka offset is valid."""
    candidacies: Candidacies = _none_known
    """Function that finds candidacies by numéro unique, for the source that reads the SNE."""


SourceFactory = Callable[[Partner, Lent], Source]
"""Function that makes the source of a partner. The source opens its connection later."""


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


def _sftp_source(partner: Partner, lent: Lent) -> Source:
    from connectors.sftp import SftpSource

    assert isinstance(partner.entree, EntreeSftp)
    return SftpSource(partner.entree, budget=lent.budget)


def _rest_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
) -> Sink:
    assert isinstance(partner.sortie, SortieRest)
    return RestSink(partner.sortie)


def _rest_source(partner: Partner, lent: Lent) -> Source:
    assert isinstance(partner.entree, EntreeRest)
    return RestSource(partner.entree, lent.budget, lent.reading)


def _kafka_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, reading: AnswerReading
) -> Sink:
    assert isinstance(partner.sortie, SortieKafka)
    return KafkaSink(partner.sortie)


def _kafka_source(partner: Partner, lent: Lent) -> Source:
    assert isinstance(partner.entree, EntreeKafka)
    return KafkaSource(partner.entree, lent.budget, lent.tables)


def _sne_source(partner: Partner, lent: Lent) -> Source:
    assert isinstance(partner.entree, EntreeSne)
    return SneSource(partner.entree, lent.candidacies, lent.budget, lent.reading)


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
SOURCES: Mapping[str, SourceFactory] = {
    "sftp": _sftp_source,
    "rest": _rest_source,
    "kafka": _kafka_source,
    "sne": _sne_source,
}


def open_sink(
    partner: Partner, *, session: ClientSession, mailbox: MailboxStore, readers: AnswerReaders
) -> Sink:
    """Return the sink of a partner. `readers`: the processes that read long HTTP responses."""
    assert partner.sortie is not None
    reading = AnswerReading(partner.id, readers)
    return SINKS[partner.sortie.type](partner, session=session, mailbox=mailbox, reading=reading)


def open_source(partner: Partner, lent: Lent | None = None) -> Source:
    """Return the source that fetches a partner's messages. `lent`: objects of this process that the source may
    share with others, such as a byte budget; None if it shares nothing. Raises Misconfigured if the folders or
    the URL in the partner's registry entry cannot be used."""
    assert partner.entree is not None
    return SOURCES[partner.entree.type](partner, lent or Lent(AnswerReading(partner.id)))
