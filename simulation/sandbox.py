"""Sandboxes beside the demo: partners that a person plays by hand, each with a SIAO that the hub plays."""

import hashlib
import secrets
import shlex
from base64 import b64encode
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent
from typing import Any
from zlib import crc32

from rich.markup import escape

from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from router.domain.sandbox import PREFIX
from simulation import places, sftp_server
from simulation.cast import SIAO, TERRITOIRE
from simulation.hub_process import module
from simulation.identity import answers
from simulation.people import phone
from simulation.sandbox_sheets import SHEETS
from simulation.stage import Stage

HELP = """\
  [bold]Votre bac à sable[/] : des partenaires que personne ne joue, et un SIAO simulé. À vous de répondre.
  Le guide, avec un exemple de chaque message : {url}/docs/guide-partenaire.md

  [bold]Un centre[/] ({structure}, JSON), qui relève une boîte. Sa page : {url}/docs/guide-partenaire/hebergement.md

{centre}
  [bold]Les autres[/], chacun dans son format, ont leurs commandes dans un fichier :
{sheets}

  Le SIAO de la démonstration, lui, a la clé {siao_key}
  Les commandes du hub :
    set -a; . {env}; set +a; .venv/bin/siao-hub status
"""
CENTRE = "centre"
"""Id of the partner whose commands are printed; those of the others go to files."""
NUMBERS = 10_000
"""Number of fictional telephone numbers from which those of named partners are drawn."""
Lines = tuple[str, ...]
"""Lines of a registry entry, in TOML."""
BOX: Lines = ('type = "boite"',)


@dataclass(frozen=True, slots=True)
class Player:
    """A partner that a person plays by hand. In a sandbox, its `id` lacks the common prefix."""

    id: str
    structure: str
    famille: str
    dialecte: str
    profil: str | None = None
    entree: Lines = ()
    sortie: Lines = BOX
    commune: str = ""
    """Commune of the partner's structure; empty without places."""
    aussi: tuple[str, ...] = ()
    """Dialects besides `dialecte`."""
    nom: str = ""
    """Name of a partner outside of the sandboxes; else empty."""
    territoire: str = TERRITOIRE
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))


def open_sandbox(stage: Stage, stack: ExitStack) -> str:
    """Add the sandboxes' partners to a running hub, and return the instructions for playing them, in French.

    Their SFTP server runs until `stack` closes. Raises PartUnavailable.
    """
    hook_port, files_port = stack.enter_context(reserved_ports(2))
    folder = _file_server(stage, stack, files_port)
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    webhook = _by_webhook(stage.folder / "secret-bac-a-sable", secret, hook_port)
    seed = next(iter(stage.configs.values())).seed
    players = players_of(seed, webhook, _by_files(folder, files_port))
    enter(stage, *players)
    known: dict[str, Any] = {"url": stage.hub_url, "folder": folder / sftp_server.ROOT}
    sheets = {
        player.id: _sheet(player, **known, hook_port=hook_port, hook_secret=secret) for player in players
    }
    paths = (_written(stage.folder, name, text) for name, text in sheets.items() if name != CENTRE)
    return HELP.format(
        env=_settings(stage),
        url=stage.hub_url,
        siao_key=stage.configs[SIAO.id].api_key,
        structure=players[0].structure,
        centre=escape(indent(sheets[CENTRE], "    ")),
        sheets="\n".join(f"    {path}" for path in paths),
    )


def _sheet(player: Player, url: str, **known: Any) -> str:
    """Return the commands with which a person plays a partner, below the address of its page in the guide."""
    page, commands = SHEETS[player.id]
    head = f"# {player.famille}, {player.dialecte}. Sa page : {url}/docs/guide-partenaire/{page}.md\n"
    return (head if player.id != CENTRE else "") + commands.format(player=player, url=url, **known)


def _written(folder: Path, name: str, text: str) -> Path:
    file = folder / "bac-a-sable" / f"{name}.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def players_of(seed: int, webhook: Lines, by_files: tuple[Lines, Lines]) -> Sequence[Player]:
    """Return all partners of the sandboxes, the one with printed commands first, with structures that the
    demo does not use."""
    homes = reversed(places.structures(TERRITOIRE, seed))
    shelter = ("hebergement", "hebergement_json")
    centre, hooked = next(homes), next(homes)
    return (
        Player(CENTRE, centre.finess, *shelter, commune=centre.commune),
        Player("webhook", hooked.finess, *shelter, sortie=webhook, commune=hooked.commune),
        Player("bailleur", next(homes).siret, "bailleur", "bailleur_xml"),
        Player("fichiers", next(homes).siret, "bailleur", "bailleur_tableau", "bailleur_gestion", *by_files),
        Player(
            "ville", next(homes).siret, "collectivite", "collectivite_tableau", "collectivite_reservations"
        ),
        Player("contingent", next(homes).siret, "contingent", "contingent_json"),
        Player("siao-01", next(homes).siret, "siao", "si_siao_json"),
        Player("etat", next(homes).siret, "etat", "etat_json"),
        Player("115", next(homes).finess, "veille_sociale", "veille_sociale_json"),
        Player("ccas", next(homes).siret, "prescripteur", "prescripteur_json"),
        Player("spip", next(homes).siret, "spip", "spip_xml"),
    )


def _by_webhook(file: Path, secret: str, port: int) -> Lines:
    """Return the registry's lines for delivery by HTTP. Writes the signatures' secret to `file`."""
    file.write_text(secret, encoding="utf-8")
    file.chmod(0o600)
    return 'type = "http"', f'url = "http://127.0.0.1:{port}/"', f'secret = "file:{file}"'


def _file_server(stage: Stage, stack: ExitStack, port: int) -> Path:
    folder = stage.folder / "bac-a-sable-fichiers"
    sftp_server.prepare(folder)
    server = Child(stage.folder, stage.folder / "bac-a-sable-fichiers.log")
    server.spawn([*module("simulation.sandbox_folder", stage.environment), str(folder), str(port)])
    stack.callback(server.stop)
    server.wait_until(lambda: answers(port))
    return folder


def _by_files(folder: Path, port: int) -> tuple[Lines, Lines]:
    """Return the registry's lines for a partner that exchanges files, in both directions."""
    server = (
        'type = "sftp"',
        'hote = "127.0.0.1"',
        f"port = {port}",
        f'utilisateur = "{sftp_server.USER}"',
        f'cle_privee = "file:{folder / sftp_server.CLIENT_KEY}"',
        f'cle_hote = "{sftp_server.host_key(folder)}"',
    )
    drop, deliveries = (f'dossier = "/{name}"' for name in (sftp_server.DROP, sftp_server.DELIVERIES))
    every_second = ("intervalle_s = 1.0", "stable_s = 0.0")
    return (*server, drop, 'dialecte = "bailleur_tableau"', *every_second), (*server, deliveries)


def enter(stage: Stage, *players: Player) -> None:
    """Add partners to the registry's file, and apply it. Raises PartUnavailable."""
    with stage.registry.open("a", encoding="utf-8") as registry:
        registry.write("\n".join(line for player in players for line in (*entry_of(player), "")))
    apply = ("partners", "apply", str(stage.registry), "--oui")
    Child(stage.folder, stage.folder / "bac-a-sable.log").run(
        [*module("ops.commands", stage.environment), *apply]
    )


def entry_of(player: Player) -> Lines:
    """Return the lines of a partner's registry entry."""
    dialectes = ", ".join(f'"{each}"' for each in (player.dialecte, *player.aussi))
    number = phone(crc32(player.id.encode()) % NUMBERS)
    named = (f'id = "{player.id}"', f'nom = "{player.nom}"', f'telephone = "{number}"')
    sandboxed = (f'id = "{PREFIX}{player.id}"', f'nom = "Bac à sable, {player.id}"', "bac_a_sable = true")
    return (
        "",
        "[[partenaire]]",
        *(named if player.nom else sandboxed),
        f'famille = "{player.famille}"',
        f'territoire = "{player.territoire}"',
        *((f'structures = ["{player.structure}"]',) if player.structure else ()),
        f"dialectes = [{dialectes}]",
        f'dialecte_sortant = "{player.dialecte}"',
        *((f'profil = "{player.profil}"',) if player.profil else ()),
        f'cles_api = ["sha256:{hashlib.sha256(player.key.encode()).hexdigest()}"]',
        'livraison = "deduplique"',
        *(("[partenaire.entree]", *player.entree) if player.entree else ()),
        "[partenaire.sortie]",
        *player.sortie,
    )


def _settings(stage: Stage) -> str:
    """Write the environment variables with which `siao-hub` reaches this hub; return the file's path."""
    file = stage.folder / "siao-hub.env"
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in stage.environment.items())
    file.write_text("".join(lines), encoding="utf-8")
    return str(file)
