"""Keys, configurations and partner registry of a demo or fault run, before its programs start."""

import hashlib
import json
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from contracts.partner import ClasseLivraison
from router.privacy.key_files import create_key
from simulation import collecteur, places, rest_server, sftp_server
from simulation.cast import (
    AVDL,
    BRINGERS,
    BY_ID,
    CCAS_ARTOIS,
    CENTRE_BOITE,
    CENTRE_CSV,
    CENTRE_JSON,
    CIL,
    DDETS_62,
    ETAT,
    ETAT_62,
    LANDLORDS,
    LIST,
    LIVRAISONS,
    MERGING,
    OBSERVATION,
    RECEIVERS,
    SIAO,
    SIAO_COMMUN,
    SIAO_LISTE,
    SIAO_REST,
    TERRITOIRE,
    Part,
    Porte,
    bringer_of,
    state_of,
)
from simulation.config import Bringing, Config, Landlord, Receiver, save
from simulation.hub_process import own_environment
from simulation.listed import HOUSEHOLDS_AT_MOST
from simulation.webhook_server import FALSE_SUCCESS, FALSE_SUCCESS_FIELD, PATH, QUESTION

WITH_A_SERVER = tuple(part for part in BY_ID.values() if part.has_server)
PORTS = 1 + len(WITH_A_SERVER)
"""Number of ports of a run: one for the hub, one for each partner with a server."""
CANALS = {"contingent": "CONTINGENT"}
"""Channel by which households are presented, by the partner's family. Absent ones have no agreement:
DIRECT."""
HMAC_KEY = "empreintes.key"
"""Name of the HMAC key's file in a run's folder."""
TAKES_OVER = {
    "autres_territoires": [SIAO_REST.territoire],
    "succede_a": [siao.id for siao in MERGING],
}
"""Registry fields of the SIAO into which the two others are merged."""
NO_CLUSTER = "127.0.0.1:9092"
"""Kafka address in the registry of a run without Kafka; nothing listens there."""
LOT_SECONDS = 2.0
"""Longest time that the first line of a lot waits for others."""
SHORTEST_SECONDS = 15.0
PLACES_PER_SECOND, HOUSEHOLDS_PER_SECOND = 12.0, 0.5


@dataclass(frozen=True, slots=True)
class Stage:
    """The files and settings of one run."""

    folder: Path
    hub_url: str
    environment: Mapping[str, str]
    """Environment variables of the hub."""
    registry: Path
    configs: Mapping[str, Config]
    start: Path
    """File that tells the partners to begin, once it exists."""

    def config_file(self, ident: str) -> Path:
        """Return the path of a partner's configuration file."""
        return self.folder / f"{ident}.json"

    def of_class(self, livraison: ClasseLivraison) -> frozenset[str]:
        """Return the ids of the partners with a delivery class."""
        return frozenset(ident for ident, config in self.configs.items() if config.livraison is livraison)


def set_up(
    folder: Path,
    ports: Sequence[int],
    parts: Mapping[str, str],
    count: int,
    seed: int,
    today: date,
    *,
    spread_s: float | None = None,
    stable_s: float = 0.0,
    livraisons: Mapping[str, ClasseLivraison] = LIVRAISONS,
    delais: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    observed: bool = True,
    merging: bool = False,
    listing: bool = False,
) -> Stage:
    """Write the keys, configurations and registry of a run below `folder`.

    `parts`: variables for Kafka and PostgreSQL. `count`: number of places, vacant within `spread_s`.
    `stable_s`: time without change after which the hub takes in a file. `delais`: short deadlines, besides
    the collector's.

    Who takes part: the social observation if `observed`, the merged SIAO if `merging`, a list of households
    with its readers if `listing`.
    """
    spread_s = max(SHORTEST_SECONDS, count / PLACES_PER_SECOND) if spread_s is None else spread_s
    stage = Stage(
        folder=folder,
        hub_url=f"http://127.0.0.1:{ports[0]}",
        environment=_environment(folder, ports[0], parts),
        registry=folder / "partenaires.toml",
        configs=_configs(
            folder,
            ports,
            count,
            seed,
            today,
            spread_s,
            livraisons,
            {**collecteur.DELAIS, **delais},
            parts.get("SIAO_HUB_KAFKA__BOOTSTRAP", ""),
            observed,
            merging,
            listing,
        ),
        start=folder / "depart",
    )
    _write(stage, stable_s)
    return stage


def _write(stage: Stage, stable_s: float) -> None:
    create_key(stage.folder / "master.key")
    create_key(stage.folder / HMAC_KEY)
    for config in stage.configs.values():
        config.folder.mkdir()
        if BY_ID[config.id].porte is Porte.SFTP:
            sftp_server.prepare(config.folder)
        secret = config.folder / "secret"
        secret.write_text(config.secret)
        secret.chmod(0o600)
        save(config, stage.config_file(config.id))
    stage.registry.write_text(
        "\n".join(_entry(config, stable_s) for config in stage.configs.values()), encoding="utf-8"
    )


def _environment(folder: Path, port: int, parts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the hub's environment variables for a run. Leases are so short that a killed hub resumes within
    seconds."""
    return {
        **parts,
        **own_environment(f"demo_{secrets.token_hex(4)}", folder, port),
        "SIAO_HUB_MASTER_KEY_FILE": str(folder / "master.key"),
        "SIAO_HUB_HMAC_KEY_FILE": str(folder / HMAC_KEY),
        "SIAO_HUB_AUDIT_KEY": secrets.token_hex(32),
        "SIAO_HUB_LEASE_S": "5",
    }


def _configs(
    folder: Path,
    ports: Sequence[int],
    count: int,
    seed: int,
    today: date,
    spread_s: float,
    livraisons: Mapping[str, ClasseLivraison],
    delais: Mapping[str, Mapping[str, str]],
    bootstrap: str,
    observed: bool,
    merging: bool,
    listing: bool,
) -> Mapping[str, Config]:
    found = iter(places.structures(TERRITOIRE, seed))
    csv_ones, json_ones = (list(islice(found, places.STRUCTURES_OF_A_CENTRE)) for _ in range(2))
    own = dict(zip((CENTRE_BOITE, *LANDLORDS, *RECEIVERS, AVDL, ETAT), found, strict=False))
    every_place = places.places(count, (("TIL", csv_ones), ("ESC", json_ones)), seed, spread_s)
    port = dict(zip((part.id for part in WITH_A_SERVER), ports[1:], strict=True))

    def config(part: Part, structures: Sequence[str] = (), prefix: str = "-", foreign: str = "") -> Config:
        return Config(
            id=part.id,
            folder=folder / part.id,
            start=folder / "depart",
            hub=f"http://127.0.0.1:{ports[0]}",
            api_key=secrets.token_urlsafe(32),
            seed=seed,
            today=today,
            port=port.get(part.id, 0),
            secret="whsec_" + b64encode(secrets.token_bytes(32)).decode(),
            places=tuple(place for place in every_place if place.code.startswith(prefix)),
            structures=tuple(structures),
            foreign=foreign,
            livraison=livraisons[part.id],
            delais=delais.get(part.id, {}),
        )

    csv_finess, json_finess = [s.finess for s in csv_ones], [s.finess for s in json_ones]
    configs = (
        _who_directs(config(SIAO), own),
        config(CENTRE_CSV, csv_finess, "TIL", foreign=json_finess[0]),
        config(CENTRE_JSON, json_finess, "ESC", foreign=csv_finess[0]),
        *(config(part, [own[part].finess]) for part in (CENTRE_BOITE, *RECEIVERS)),
        *(config(part, [own[part].siret]) for part in LANDLORDS),
        replace(config(AVDL, [own[AVDL].siret]), bootstrap=bootstrap),
        *(replace(config(part), brings=_brought_by(part, every_place)) for part in (*BRINGERS, CCAS_ARTOIS)),
        replace(
            config(ETAT, [own[ETAT].siret]),
            brings=_brought_by(ETAT, every_place),
            landlords=(Landlord(CIL.id, own[CIL].siret),),
        ),
        replace(config(ETAT_62), brings=_brought_by(ETAT_62, every_place)),
        *((config(OBSERVATION),) if observed else ()),
        config(SIAO_REST),
        config(DDETS_62),
        *((_who_directs(config(SIAO_COMMUN), own),) if merging else ()),
        *((_with_list(config(part), spread_s) for part in LIST) if listing else ()),
    )
    return {one.id: one for one in configs}


def _who_directs(siao: Config, own: Mapping[Part, places.Structure]) -> Config:
    """Return the SIAO's configuration, with the partners to which it refers and presents households."""
    return replace(
        siao,
        landlords=tuple(
            Landlord(part.id, own[part].siret, CANALS.get(part.famille, "DIRECT")) for part in LANDLORDS
        ),
        receivers=tuple(Receiver(part.id, own[part].finess) for part in RECEIVERS),
        operator=own[AVDL].siret,
        pull_structure=own[CENTRE_BOITE].finess,
    )


def _with_list(config: Config, spread_s: float) -> Config:
    """Return the configuration; that of the SIAO with a list, with the moments of its households."""
    if config.id != SIAO_LISTE.id:
        return config
    households = min(HOUSEHOLDS_AT_MOST, int(spread_s * HOUSEHOLDS_PER_SECOND))
    return replace(config, brings=tuple(Bringing(n, spread_s * n / households) for n in range(households)))


def _brought_by(part: Part, every_place: Sequence[places.Place]) -> tuple[Bringing, ...]:
    its_own = (place for place in every_place if part in (bringer_of(place.number), state_of(place.number)))
    return tuple(Bringing(place.number, place.at_s) for place in its_own)


def _entry(config: Config, stable_s: float) -> str:
    part = BY_ID[config.id]
    key = hashlib.sha256(config.api_key.encode()).hexdigest()
    fields: dict[str, object] = {
        "id": config.id,
        "nom": part.nom,
        "famille": part.famille,
        "telephone": _telephone(part),
        "territoire": part.territoire,
        **(TAKES_OVER if part is SIAO_COMMUN else {}),
        "structures": config.structures,
        "dialectes": [] if part is OBSERVATION else [part.dialecte, *part.aussi],
        "dialecte_sortant": part.dialecte,
        "cles_api": [f"sha256:{key}"],
        "livraison": config.livraison.value,
        **({"profil": part.profil} if part.profil else {}),
        **({"perimetre": {"communes": part.communes}} if part.communes else {}),
        **({"guichet_enregistreur": True} if part.famille == "collectivite" else {}),
    }
    sections = ["[[partenaire]]", *_toml(fields)]
    if part.porte in (Porte.SFTP, Porte.KAFKA, Porte.REST) and part is not OBSERVATION:
        sections += ["[partenaire.entree]", *_toml(_entree(part, config, stable_s))]
    if config.delais:
        sections += ["[partenaire.delais]", *_toml(config.delais)]
    return "\n".join([*sections, "[partenaire.sortie]", *_toml(_sortie(part, config)), ""])


def _telephone(part: Part) -> str:
    place = list(BY_ID).index(part.id)
    return f"03 53 01 00 {place:02}"


def _entree(part: Part, config: Config, stable_s: float) -> dict[str, object]:
    common = {"dialecte": part.dialecte, "intervalle_s": 0.1}
    if part.porte is Porte.KAFKA:
        return {"type": "kafka", **_kafka_fields(config), "topic": config.said, **common}
    if part.porte is Porte.REST:
        return {
            **_rest_fields(config),
            "liste": rest_server.LISTED,
            "documents": rest_server.DOCUMENTS,
            **common,
        }
    return {**_sftp_fields(config), "dossier": "/depot", **common, "stable_s": stable_s}


def _sortie(part: Part, config: Config) -> dict[str, object]:
    match part.porte:
        case Porte.HTTP:
            return _http_fields(config)
        case Porte.SFTP:
            lot = {"lot": {"lignes": part.lignes, "attente_s": LOT_SECONDS}} if part.lignes else {}
            return {"type": "sftp", **_sftp_fields(config), "dossier": "/envois", "delai_s": 5, **lot}
        case Porte.SOAP:
            return {"type": "soap", "url": f"http://127.0.0.1:{config.port}{PATH}", "delai_s": 5}
        case Porte.KAFKA:
            return {"type": "kafka", **_kafka_fields(config), "topic": config.heard, "delai_s": 5}
        case Porte.REST:
            return {**_rest_fields(config), "delai_s": 5}
    return {"type": "boite", "delai_s": 5}


def _kafka_fields(config: Config) -> dict[str, object]:
    return {"serveurs": config.bootstrap or NO_CLUSTER, "tls": False}


def _rest_fields(config: Config) -> dict[str, object]:
    return {
        "type": "rest",
        "url": f"http://127.0.0.1:{config.port}{rest_server.API}",
        "utilisateur": rest_server.USER,
        "mot_de_passe": f"file:{config.folder / 'secret'}",
    }


def _http_fields(config: Config) -> dict[str, object]:
    server, secret = f"http://127.0.0.1:{config.port}", f"file:{config.folder / 'secret'}"
    fields = {"type": "http", "url": server + PATH, "secret": secret, "delai_s": 5}
    fields |= {"refus.champ": FALSE_SUCCESS_FIELD, "refus.valeurs": [FALSE_SUCCESS]}
    if config.livraison is ClasseLivraison.INTERROGEABLE:
        fields["question"] = server + QUESTION
    return fields


def _sftp_fields(config: Config) -> dict[str, object]:
    return {
        "hote": "127.0.0.1",
        "port": config.port,
        "utilisateur": sftp_server.USER,
        "cle_privee": f"file:{config.folder / sftp_server.CLIENT_KEY}",
        "cle_hote": sftp_server.host_key(config.folder),
    }


def _toml(fields: Mapping[str, object]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in fields.items()]


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_toml(value))} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)
