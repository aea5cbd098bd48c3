"""A sandbox beside the demo: two shelters that nobody plays, one with a mailbox and one with a webhook, and a referral
that the SIAO may send to the first."""

import hashlib
import secrets
import shlex
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from simulation import people, places, siao_messages
from simulation.cast import SIAO, TERRITOIRE
from simulation.hub_process import module
from simulation.stage import Stage

DOSSIER = 900_001
"""Number of the referral; those of the demo are lower."""
DAYS_AHEAD = timedelta(days=2)

HELP = """\
  [bold]Votre bac à sable[/] : deux centres que personne ne joue. À vous de répondre.

  Les commandes du hub :
    set -a; . {env}; set +a; .venv/bin/siao-hub status

  Le SIAO oriente un ménage vers le premier :
    curl -i {url}/v1/messages -H 'Authorization: Bearer {siao_key}' --data-binary @{referral}

  Le premier a une boîte ; il la relève :
    curl {url}/v1/boite -H 'Authorization: Bearer {box_key}'

  … lit l'envoi (CLE : celle de la liste), l'accuse, et répond (UUID : « orientation » de l'envoi) :
    curl {url}/v1/boite/CLE -H 'Authorization: Bearer {box_key}'
    curl -X POST {url}/v1/boite/CLE/accuse -H 'Authorization: Bearer {box_key}'
    curl {url}/v1/messages -H 'Authorization: Bearer {box_key}' -H 'Content-Type: application/json' \\
      -d '{{"idEvenement": "reponse-1", "type": "orientation.acceptee", "orientation": "UUID"}}'

  … et voit ce qu'il en est :
    curl '{url}/v1/messages?reference=reponse-1' -H 'Authorization: Bearer {box_key}'

  Le second (clé {hook_key}, structure {hook_finess}) est livré à http://127.0.0.1:{hook_port}/,
  où rien n'écoute encore ; ses envois sont signés par {hook_secret}
"""


@dataclass(frozen=True, slots=True)
class Shelter:
    """A shelter that nobody plays."""

    id: str
    nom: str
    finess: str
    key: str


def open_sandbox(stage: Stage, stack: ExitStack) -> str:
    """Add the two shelters to the registry of a running hub; returns how to play them. The webhook's port is nobody
    else's until the stack is closed. Raises PartUnavailable."""
    seed = next(iter(stage.configs.values())).seed
    *_, first, second = places.structures(TERRITOIRE, seed)
    box = Shelter("bac-a-sable-boite", "Bac à sable (boîte)", first.finess, secrets.token_urlsafe(32))
    hook = Shelter("bac-a-sable-webhook", "Bac à sable (webhook)", second.finess, secrets.token_urlsafe(32))
    (port,) = stack.enter_context(reserved_ports(1))
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    (stage.folder / "secret-bac-a-sable").write_text(secret, encoding="utf-8")
    webhook = (
        'type = "http"',
        f'url = "http://127.0.0.1:{port}/"',
        f'secret = "file:{stage.folder / "secret-bac-a-sable"}"',
    )
    with stage.registry.open("a", encoding="utf-8") as registry:
        registry.write("\n".join((*_entry(box), 'type = "boite"', "", *_entry(hook), *webhook, "")))
    apply = ("partners", "apply", str(stage.registry), "--oui")
    Child(stage.folder, stage.folder / "bac-a-sable.log").run(
        [*module("router.cli", stage.environment), *apply]
    )
    return HELP.format(
        env=_settings(stage),
        url=stage.hub_url,
        siao_key=stage.configs[SIAO.id].api_key,
        referral=_referral(stage, box.finess),
        box_key=box.key,
        hook_key=hook.key,
        hook_finess=hook.finess,
        hook_port=port,
        hook_secret=secret,
    )


def _entry(shelter: Shelter) -> tuple[str, ...]:
    """Its entry in the registry, up to its way out."""
    return (
        "",
        "[[partenaire]]",
        f'id = "{shelter.id}"',
        f'nom = "{shelter.nom}"',
        'famille = "hebergement"',
        f'territoire = "{TERRITOIRE}"',
        f'structures = ["{shelter.finess}"]',
        'dialectes = ["hebergement_json"]',
        'dialecte_sortant = "hebergement_json"',
        f'cles_api = ["sha256:{hashlib.sha256(shelter.key.encode()).hexdigest()}"]',
        'livraison = "deduplique"',
        "[partenaire.sortie]",
    )


def _settings(stage: Stage) -> str:
    """A file of the settings that `siao-hub` needs to speak of this hub."""
    file = stage.folder / "siao-hub.env"
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in stage.environment.items())
    file.write_text("".join(lines), encoding="utf-8")
    return str(file)


def _referral(stage: Stage, finess: str) -> str:
    """A file of the referral of an invented household to a structure."""
    config = stage.configs[SIAO.id]
    household = people.household(config.seed, DOSSIER, (), config.today)
    day = config.today + DAYS_AHEAD
    file = stage.folder / "orientation.json"
    file.write_bytes(siao_messages.referral(DOSSIER, household, "URGENCE", day, None, finess))
    return str(file)
