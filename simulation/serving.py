"""The option `--serve` of `siao-hub demo`: the hub keeps running for a person to try by hand."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rich.console import Console

from console.rights import PROFIL, Profil
from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from simulation import town
from simulation.cast import CENTRE_CSV, CENTRE_JSON
from simulation.hub_process import module
from simulation.identity import People, answers, identity_provider
from simulation.mail_sink import MailSink
from simulation.sandbox import open_sandbox
from simulation.stage import Stage

PEOPLE: People = {
    Profil.SUPERVISION: {PROFIL: Profil.SUPERVISION},
    Profil.OPERATEUR: {PROFIL: Profil.OPERATEUR},
    Profil.DPO: {PROFIL: Profil.DPO},
    **town.ACCOUNTS,
}
"""Accounts of the OpenID provider: one for each profile of the hub's team, and each partner's desk."""

MAILED = "camille.roux@ccas.exemple.fr"
"""Address of a person who logs in to the console by a mailed link."""

HELP = """\
  [bold]Le hub et ses partenaires tournent encore.[/] Ctrl-C arrête tout.

  Console            {console}
                     (« Entrer avec le compte de votre organisation », puis un de ces comptes, sans mot de passe ;
                     pour l'équipe du hub : {team})
  Le bureau de chacun, au même endroit, dans un territoire que personne ne joue :
{desks}
                     ({mailed}, du CCAS, y entre par courriel : « Recevoir un lien »)
  Courriels          {mails}/*.txt
                     (le premier code demande une application de codes, ou, avec la clé de la page :
                     .venv/bin/python -c 'import pyotp; print(pyotp.TOTP("CLÉ".replace(" ", "")).now())')
  Porte d'entrée     {url}/v1/messages
  Documentation      {url}/docs
  Registre           {registry}
  Journaux           {folder}/*/journal.jsonl

  Publier une place, en JSON, au nom de {centre} :
    curl -i {url}/v1/messages -H 'Authorization: Bearer {json_key}' \\
      -H 'Content-Type: application/json' -H 'Idempotency-Key: essai-1' \\
      -d '{{"idEvenement": "essai-1", "type": "place.vacante", "place": "ESC-ESSAI", "dispositif": "URGENCE",
           "structure": "{finess}", "commune": "{commune}"}}'

  La même avec une faute (le hub dit laquelle), sans aucun effet (« essai=true ») :
    curl -i '{url}/v1/messages?essai=true' -H 'Authorization: Bearer {json_key}' \\
      -H 'Content-Type: application/json' \\
      -d '{{"type": "place.vacante", "place": "ESC-ESSAI", "dispositif": "URGENCE",
           "structure": "{finess}", "commune": "59000"}}'

  Ce qu'est devenu un message (ID : celui de la réponse) :
    curl {url}/v1/messages/ID -H 'Authorization: Bearer {json_key}'

  Déposer un fichier CSV : copiez-le dans
    {drop}
  Son rapport paraît dans « rapports/ », le fichier lui-même dans « archives/ ».
"""


def serve_until_interrupted(console: Console, stage: Stage) -> None:
    """Print the instructions for trying the hub by hand, and wait for Ctrl-C."""
    with console.status("Le bureau de chacun reçoit de quoi faire…"):
        town.open_town(stage)
    with console_beside(stage) as address, ExitStack() as stack:
        console.print(_help(stage, address), soft_wrap=True)
        console.print(open_sandbox(stage, stack), soft_wrap=True, markup=True)
        with suppress(KeyboardInterrupt):
            signal.pause()


@contextmanager
def console_beside(stage: Stage) -> Iterator[str]:
    """Run the hub's console and its search for duplicates, with an OpenID provider and a mail server, until the
    block ends; give the console's URL."""
    with ExitStack() as stack:
        port, other, smtp = stack.enter_context(reserved_ports(3))
        mails = mails_of(stage)
        mails.mkdir()
        stack.enter_context(MailSink(smtp, mails).running())
        issuer = stack.enter_context(identity_provider(stage.folder, other, PEOPLE))
        secret = stage.folder / "secret-oidc"
        secret.write_text("demo", encoding="utf-8")
        environment = {
            **stage.environment,
            "SIAO_HUB_CONSOLE__PORT": str(port),
            "SIAO_HUB_CONSOLE__URL": f"http://127.0.0.1:{port}",
            "SIAO_HUB_CONSOLE__ISSUER": issuer,
            "SIAO_HUB_CONSOLE__CLIENT_SECRET_FILE": str(secret),
            "SIAO_HUB_CONSOLE__ACCOUNTS": "true",
            "SIAO_HUB_ALARMS__SMTP_HOST": "127.0.0.1",
            "SIAO_HUB_ALARMS__SMTP_PORT": str(smtp),
        }
        invited = Child(stage.folder, stage.folder / "comptes.log")
        invitation = ("comptes", "inviter", town.CCAS, MAILED, "--nom", "Camille Roux")
        invited.run([*module("ops.commands", environment), *invitation])
        child = Child(stage.folder, stage.folder / "console.log")
        child.spawn([*module("ops.commands", environment), "run", "--role", "console", "--role", "doublons"])
        stack.callback(child.stop)
        child.wait_until(lambda: answers(port))
        yield f"http://127.0.0.1:{port}"


def mails_of(stage: Stage) -> Path:
    """Return the folder of the hub's mails."""
    return stage.folder / "courriels"


def _help(stage: Stage, console: str) -> str:
    centre = stage.configs[CENTRE_JSON.id]
    return HELP.format(
        team=", ".join(sub for sub in PEOPLE if sub not in town.ACCOUNTS),
        desks="\n".join(f"    {sub:<17}{said}" for sub, said in town.WAITING.items()),
        centre=centre.id,
        console=console,
        mailed=MAILED,
        mails=mails_of(stage),
        url=stage.hub_url,
        registry=stage.registry,
        folder=stage.folder,
        json_key=centre.api_key,
        finess=centre.structures[0],
        commune=centre.places[0].structure.commune,
        drop=stage.configs[CENTRE_CSV.id].folder / "sftp" / "depot",
    )
