"""Who is hostile: one partner for each dialect, in a territory of their own, with whatever a good entry has; one with
a folder, and some with topics."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from adapters.registry import ADAPTERS, declaration
from contracts.entry import RefusDansReponse
from contracts.kafka import EntreeKafka
from contracts.partner import ClasseLivraison, EntreeSftp, Famille, Partner, SortieBoite, SortieHttp
from contracts.rest import DocumentRest, EntreeRest
from contracts.soap import SortieSoap
from simulation.sftp_server import CLIENT_KEY, USER, host_key
from tests.golden.cas import partenaire

TERRITORY, ELSEWHERE = "02", "05"
"""A territory has one SIAO: a dialect of the SIAO that only reads is spoken in another."""
DIALECTS = tuple(dialect for dialect in ADAPTERS if declaration(dialect).lit)


LISTED = "si_siao_fiches"
"""The dialect whose messages the hub fetches from an API."""
SECRET = "env:SIAO_SECRET_BENCH"
REFUSAL = RefusDansReponse(champ="a")


def key_of(dialect: str) -> str:
    """The API key of the partner that speaks a dialect."""
    return f"cle-hostile-{dialect}"


def hostile_partners(port: int) -> list[Partner]:
    """They may send and fetch; what comes of it is answered by whatever listens on the port, or waits in mailboxes. The
    SIAO of their territory is one of them."""
    partners = [_hostile(dialect, port) for dialect in DIALECTS]
    assert any(partner.famille is Famille.SIAO for partner in partners)
    return partners


def of_a_folder(port: int, folder: Path) -> Partner:
    """The partner whose SFTP server has its keys in the folder."""
    entry = EntreeSftp(
        hote="127.0.0.1",
        port=port,
        utilisateur=USER,
        cle_privee=f"file:{folder / CLIENT_KEY}",
        cle_hote=host_key(folder),
        dossier="depot",
        dialecte="hebergement_csv",
        intervalle_s=1,
        stable_s=0,
    )
    return _only_read("hostile-dossier", entry)


def of_topics(bootstrap: str, topics: Sequence[str]) -> list[Partner]:
    """A partner for each topic: one that holds a bomb is read no further."""
    return [
        _only_read(f"hostile-topic-{number}", EntreeKafka(**_read_from(bootstrap, topic)))
        for number, topic in enumerate(topics)
    ]


def _read_from(bootstrap: str, topic: str) -> dict[str, object]:
    return {"serveurs": bootstrap, "topic": topic, "tls": False, "dialecte": "cloudevents_json"}


def _only_read(ident: str, entry: EntreeSftp | EntreeKafka) -> Partner:
    said = {"id": ident, "territoire": TERRITORY, "entree": entry, "structures_protegees": ()}
    return partenaire(entry.dialecte, {**said, "livraison": ClasseLivraison.AUCUNE})


def _hostile(dialect: str, port: int) -> Partner:
    """A partner that speaks the dialect; one whose dialect only reads has no way out."""
    writes = bool(declaration(dialect).ecrit)
    said = {
        "id": f"hostile-{dialect.replace('_', '-')}",
        "territoire": TERRITORY if writes else ELSEWHERE,
        "cles_api": (f"sha256:{hashlib.sha256(key_of(dialect).encode()).hexdigest()}",),
        "dialecte_sortant": dialect if writes else None,
        "sortie": _way_out(dialect, f"http://127.0.0.1:{port}") if writes else None,
        "livraison": ClasseLivraison.AUCUNE,
        "entree": _way_in(f"http://127.0.0.1:{port}") if dialect == LISTED else None,
        "structures_protegees": (),
    }
    return partenaire(dialect, said)


def _way_out(dialect: str, url: str) -> SortieSoap | SortieHttp | SortieBoite:
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
