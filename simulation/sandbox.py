"""Sandboxes beside the demo: partners that nobody plays, each with the SIAO that the hub plays behind it."""

import hashlib
import secrets
import shlex
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import dataclass, field

from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from simulation import places
from simulation.cast import SIAO, TERRITOIRE
from simulation.hub_process import module
from simulation.stage import Stage

HELP = """\
  [bold]Votre bac à sable[/] : des partenaires que personne ne joue, et un SIAO simulé. À vous de répondre.

  Un centre ({finess}, JSON), qui relève une boîte :
    CLE={box_key}
    curl -X POST {url}/v1/bac-a-sable/orientation -H "Authorization: Bearer $CLE"
    curl {url}/v1/boite -H "Authorization: Bearer $CLE"

  … lit l'envoi (ENVOI : « cle » dans la liste), l'accuse, et répond (UUID : « orientation » dans l'envoi) :
    curl {url}/v1/boite/ENVOI -H "Authorization: Bearer $CLE"
    curl -X POST {url}/v1/boite/ENVOI/accuse -H "Authorization: Bearer $CLE"
    curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
      -d '{{"idEvenement": "reponse-1", "type": "orientation.acceptee", "orientation": "UUID"}}'

  … et voit ce qu'il en est :
    curl {url}/v1/orientations/UUID -H "Authorization: Bearer $CLE"

  Un autre ({hook_finess}), livré à http://127.0.0.1:{hook_port}/ où rien n'écoute encore, signé par {hook_secret} :
    CLE={hook_key}
  Un bailleur (XML), une collectivité (tableau), qui relèvent une boîte ; guide : {url}/docs/guide-partenaire.md
    CLE={landlord_key}
    CLE={council_key}

  Le SIAO de la démonstration, lui, a la clé {siao_key}
  Les commandes du hub :
    set -a; . {env}; set +a; .venv/bin/siao-hub status
"""


@dataclass(frozen=True, slots=True)
class Player:
    """A partner that nobody plays."""

    id: str
    nom: str
    famille: str
    structure: str
    dialecte: str
    profil: str | None = None
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))


def open_sandbox(stage: Stage, stack: ExitStack) -> str:
    """Add these partners to the registry of a running hub; returns how to play them. The webhook's port is nobody
    else's until the stack is closed. Raises PartUnavailable."""
    first, second, third, fourth = places.structures(TERRITOIRE, next(iter(stage.configs.values())).seed)[-4:]
    box = Player("bac-a-sable-centre", "Centre (boîte)", "hebergement", first.finess, "hebergement_json")
    hook = Player("bac-a-sable-webhook", "Centre (webhook)", "hebergement", second.finess, "hebergement_json")
    landlord = Player("bac-a-sable-bailleur", "Bailleur", "bailleur", third.siret, "bailleur_xml")
    profil = "collectivite_reservations"
    council = Player(
        "bac-a-sable-ville", "Collectivité", "collectivite", fourth.siret, "collectivite_tableau", profil
    )
    (port,) = stack.enter_context(reserved_ports(1))
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    (stage.folder / "secret-bac-a-sable").write_text(secret, encoding="utf-8")
    webhook = (
        'type = "http"',
        f'url = "http://127.0.0.1:{port}/"',
        f'secret = "file:{stage.folder / "secret-bac-a-sable"}"',
    )
    boxes = [line for player in (box, landlord, council) for line in (*_entry(player), 'type = "boite"')]
    with stage.registry.open("a", encoding="utf-8") as registry:
        registry.write("\n".join((*boxes, *_entry(hook), *webhook, "")))
    apply = ("partners", "apply", str(stage.registry), "--oui")
    Child(stage.folder, stage.folder / "bac-a-sable.log").run(
        [*module("router.cli", stage.environment), *apply]
    )
    return HELP.format(
        env=_settings(stage),
        url=stage.hub_url,
        siao_key=stage.configs[SIAO.id].api_key,
        box_key=box.key,
        finess=box.structure,
        hook_key=hook.key,
        hook_finess=hook.structure,
        hook_port=port,
        hook_secret=secret,
        landlord_key=landlord.key,
        council_key=council.key,
    )


def _entry(player: Player) -> tuple[str, ...]:
    """Its entry in the registry, up to its way out."""
    return (
        "",
        "[[partenaire]]",
        f'id = "{player.id}"',
        f'nom = "Bac à sable : {player.nom}"',
        "bac_a_sable = true",
        f'famille = "{player.famille}"',
        f'territoire = "{TERRITOIRE}"',
        f'structures = ["{player.structure}"]',
        f'dialectes = ["{player.dialecte}"]',
        f'dialecte_sortant = "{player.dialecte}"',
        *((f'profil = "{player.profil}"',) if player.profil else ()),
        f'cles_api = ["sha256:{hashlib.sha256(player.key.encode()).hexdigest()}"]',
        'livraison = "deduplique"',
        "[partenaire.sortie]",
    )


def _settings(stage: Stage) -> str:
    """A file of the settings that `siao-hub` needs to speak of this hub."""
    file = stage.folder / "siao-hub.env"
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in stage.environment.items())
    file.write_text("".join(lines), encoding="utf-8")
    return str(file)
