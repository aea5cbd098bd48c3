"""The hostile partners: one for each dialect in a territory of their own, with everything that an ordinary entry
has; one with folders; some with topics."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from adapters.registry import ADAPTERS, declaration
from contracts.entry import RefusDansReponse
from contracts.http import SortieHttp
from contracts.kafka import EntreeKafka
from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite
from contracts.rest import DocumentRest, EntreeRest
from contracts.sftp import EntreeSftp, SortieSftp
from contracts.soap import SortieSoap
from simulation.sftp_server import CLIENT_KEY, USER, host_key
from tests.golden.cas import partenaire

TERRITORY, ELSEWHERE = "02", "05"
"""Territories of the hostile partners. A territory has one SIAO, so a SIAO dialect that is only read has a partner
in the second one."""
DIALECTS = tuple(dialect for dialect in ADAPTERS if declaration(dialect).lit)


LISTED = "si_siao_fiches"
"""The dialect whose messages the hub fetches from an API."""
SECRET = "env:SIAO_SECRET_BENCH"
REFUSAL = RefusDansReponse(champ="a")
NOWHERE = ("etat_tableau", "collectivite_tableau")
"""Dialects whose deliveries go to a server that is no SFTP server."""
DROPPED = ("siao_tableau", "bailleur_tableau", "accompagnement_tableau", *NOWHERE)
"""Dialects whose deliveries go to folders on an SFTP server."""


class Sftp(NamedTuple):
    """Ports of the SFTP servers, and the folder with their keys."""

    port: int
    rubbish: int
    folder: Path


def key_of(dialect: str) -> str:
    """Return the API key of the partner with this dialect."""
    return f"cle-hostile-{dialect}"


def hostile_partners(port: int, sftp: Sftp) -> list[Partner]:
    """Return hostile partners that send and fetch by HTTP. Deliveries to them go to the HTTP port, into a folder,
    or stay in mailboxes. One is the SIAO of their territory."""
    partners = [_hostile(dialect, port, sftp) for dialect in DIALECTS]
    assert any(partner.famille is Famille.SIAO for partner in partners)
    return partners


def of_folders(sftp: Sftp) -> list[Partner]:
    """Return two partners whose files the hub fetches: one server lies about its files, the other is no SFTP
    server."""
    said = {"dossier": "depot", "dialecte": "hebergement_csv", "intervalle_s": 1, "stable_s": 0}
    ports = {"hostile-dossier": sftp.port, "hostile-faux-dossier": sftp.rubbish}
    return [
        _only_read(ident, EntreeSftp(**_reached(port, sftp.folder), **said)) for ident, port in ports.items()
    ]


def _reached(port: int, folder: Path) -> dict[str, Any]:
    return {
        "hote": "127.0.0.1",
        "port": port,
        "utilisateur": USER,
        "cle_privee": f"file:{folder / CLIENT_KEY}",
        "cle_hote": host_key(folder),
    }


def of_topics(bootstrap: str, topics: Sequence[str]) -> list[Partner]:
    """Return one partner for each topic. If its topic holds a bomb, the hub stops reading it."""
    return [
        _only_read(f"hostile-topic-{number}", EntreeKafka(**_read_from(bootstrap, topic)))
        for number, topic in enumerate(topics)
    ]


def _read_from(bootstrap: str, topic: str) -> dict[str, object]:
    return {"serveurs": bootstrap, "topic": topic, "tls": False, "dialecte": "cloudevents_json"}


def _only_read(ident: str, entry: EntreeSftp | EntreeKafka) -> Partner:
    said = {"id": ident, "territoire": TERRITORY, "entree": entry, "structures_protegees": ()}
    return partenaire(entry.dialecte, {**said, "livraison": ClasseLivraison.AUCUNE})


def _hostile(dialect: str, port: int, sftp: Sftp) -> Partner:
    """Return a partner with this dialect. If the dialect is only read, the partner gets no deliveries."""
    writes = bool(declaration(dialect).ecrit)
    said = {
        "id": f"hostile-{dialect.replace('_', '-')}",
        "territoire": TERRITORY if writes else ELSEWHERE,
        "cles_api": (f"sha256:{hashlib.sha256(key_of(dialect).encode()).hexdigest()}",),
        "dialecte_sortant": dialect if writes else None,
        "sortie": _way_out(dialect, f"http://127.0.0.1:{port}", sftp) if writes else None,
        "livraison": ClasseLivraison.AUCUNE,
        "entree": _way_in(f"http://127.0.0.1:{port}") if dialect == LISTED else None,
        "structures_protegees": (),
    }
    return partenaire(dialect, said)


def _way_out(dialect: str, url: str, sftp: Sftp) -> SortieSoap | SortieHttp | SortieSftp | SortieBoite:
    if dialect in DROPPED:
        port = sftp.rubbish if dialect in NOWHERE else sftp.port
        return SortieSftp(**_reached(port, sftp.folder), dossier="envois", delai_s=5)
    if dialect.endswith("_xml"):
        return SortieSoap(url=url, refus=REFUSAL)
    return SortieHttp(url=url, secret=SECRET, refus=REFUSAL) if dialect.endswith("_json") else SortieBoite()


def _way_in(url: str) -> EntreeRest:
    documents = (DocumentRest(nom="fiche", chemin="/fiches/{fiche}"),)
    account = {"utilisateur": "hub", "mot_de_passe": SECRET}
    return EntreeRest(
        url=url,
        dialecte=LISTED,
        liste="/fiches?depuis={depuis}",
        documents=documents,
        intervalle_s=1,
        **account,
    )
