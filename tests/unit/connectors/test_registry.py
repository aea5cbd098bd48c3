import subprocess
import sys
from typing import Any

import pytest

from connectors.http_client import new_session
from connectors.http_out import HttpSink
from connectors.mailbox import MailboxSink
from connectors.registry import SINKS, SOURCES, open_sink, open_source
from connectors.sftp import SftpSink, SftpSource
from contracts.partner import EntreeSftp, Famille, Partner, SortieBoite, SortieHttp, SortieSftp

SERVER = {
    "hote": "sftp.exemple",
    "utilisateur": "hub",
    "cle_privee": "env:CLE",
    "cle_hote": "ssh-ed25519 AAAA",
}
SORTIES = {
    "http": (SortieHttp(url="https://partenaire.exemple/", secret="env:SECRET"), HttpSink),
    "sftp": (SortieSftp(**SERVER, dossier="depot"), SftpSink),
    "boite": (SortieBoite(), MailboxSink),
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
        sink = open_sink(a_partner(sortie=sortie), session=session, mailbox=NOBODY)
        assert isinstance(sink, kind)
        await sink.close()


def test_no_kind_of_sortie_or_entree_is_without_a_connector():
    assert set(SINKS) == set(SORTIES)
    assert set(SOURCES) == {"sftp"}


def test_an_sftp_entree_has_its_source():
    entree = EntreeSftp(**SERVER, dossier="depot", dialecte="csv")
    assert isinstance(open_source(a_partner(entree=entree)), SftpSource)


def test_connectors_know_neither_adapters_nor_the_router():
    script = (
        "import sys, connectors.registry, connectors.http_in, connectors.mailbox_http, connectors.memory\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('adapters', 'router')]"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
