import subprocess
import sys
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from connectors.http_client import new_session
from connectors.http_out import HttpSink
from connectors.kafka import KafkaSink, KafkaSource
from connectors.mailbox import MailboxSink
from connectors.registry import SINKS, SOURCES, open_sink, open_source
from connectors.rest import RestSink, RestSource
from connectors.sftp import SftpSink, SftpSource
from connectors.soap import SneSource, SoapSink
from contracts.http import SortieHttp
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.partner import Entree, Famille, Partner, Sortie, SortieBoite
from contracts.rest import EntreeRest, SortieRest
from contracts.sftp import EntreeSftp, SortieSftp
from contracts.sne import EntreeSne
from contracts.soap import SortieSoap

SERVER = {
    "hote": "sftp.exemple",
    "utilisateur": "hub",
    "cle_privee": "env:CLE",
    "cle_hote": "ssh-ed25519 AAAA",
}
SERVICE = {"url": "https://si-siao.exemple/api", "utilisateur": "hub", "mot_de_passe": "env:SECRET"}
TOPIC = {"serveurs": "kafka.exemple:9093", "topic": "siao.envois"}
FICHES = {"liste": "/modifiees", "documents": [{"nom": "fiche", "chemin": "/fiches/{fiche}"}]}
ENTREES = {
    "sftp": (EntreeSftp(**SERVER, dossier="depot", dialecte="csv"), SftpSource),
    "rest": (EntreeRest.model_validate({**SERVICE, **FICHES, "dialecte": "csv"}), RestSource),
    "kafka": (EntreeKafka(**TOPIC, dialecte="csv"), KafkaSource),
    "sne": (
        EntreeSne(url="https://sne.exemple/demandes", certificat="/hub.pem", dialecte="csv"),
        SneSource,
    ),
}
SORTIES = {
    "http": (SortieHttp(url="https://partenaire.exemple/", secret="env:SECRET"), HttpSink),
    "sftp": (SortieSftp(**SERVER, dossier="depot"), SftpSink),
    "boite": (SortieBoite(), MailboxSink),
    "rest": (SortieRest(**SERVICE), RestSink),
    "kafka": (SortieKafka(**TOPIC), KafkaSink),
    "soap": (SortieSoap(url="https://bailleur.exemple/soap"), SoapSink),
}


NOBODY: Any = None
"""Building a sink calls no store."""


def a_partner(**entry) -> Partner:
    return Partner(
        id="cil-91",
        nom="CIL",
        famille=Famille.CIL,
        territoire="91",
        dialectes=("csv",),
        dialecte_sortant="csv",
        **entry,
    )


@pytest.mark.parametrize(("sortie", "kind"), SORTIES.values(), ids=SORTIES.keys())
async def test_every_kind_of_sortie_has_its_sink(sortie, kind):
    async with new_session() as session:
        sink = open_sink(a_partner(sortie=sortie), session=session, mailbox=NOBODY, readers=NOBODY)
        assert isinstance(sink, kind)
        await sink.close()


@pytest.mark.parametrize(("entree", "kind"), ENTREES.values(), ids=ENTREES.keys())
async def test_every_kind_of_entree_has_its_source(entree, kind):
    source = open_source(a_partner(entree=entree))
    assert isinstance(source, kind)
    await source.close()


def test_no_kind_of_sortie_or_entree_is_without_a_connector():
    assert set(SINKS) == set(SORTIES) == {one.model_fields["type"].default for one in tables(Sortie)}
    assert set(SOURCES) == set(ENTREES) == {one.model_fields["type"].default for one in tables(Entree)}


def tables(union: Any) -> Iterator[Any]:
    """The models of an annotated union, some of them annotated themselves."""
    for part in get_args(union):
        if hasattr(part, "model_fields"):
            yield part
        else:
            yield from tables(part)


def test_an_entree_without_a_type_is_a_folder():
    assert isinstance(a_partner(entree={**SERVER, "dossier": "depot", "dialecte": "csv"}).entree, EntreeSftp)


def test_connectors_know_neither_adapters_nor_the_router():
    script = (
        "import sys, connectors.registry, connectors.http_in, connectors.mailbox_http, connectors.memory\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('adapters', 'router')]"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
