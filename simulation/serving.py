"""`--serve`: the hub stays up after the demo, with everything needed to try it by hand."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rich.console import Console

from console.rights import PERIMETRE, PROFIL, Profil
from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from simulation.cast import (
    BAILLEUR_HTTP,
    CCAS,
    CENTRE_CSV,
    CENTRE_JSON,
    COLLECTIVITE,
    LE_115,
    RESIDENCE,
    SPADA,
    TERRITOIRE,
)
from simulation.hub_process import module
from simulation.identity import People, answers, identity_provider
from simulation.mail_sink import MailSink
from simulation.sandbox import open_sandbox
from simulation.stage import Stage

DESKS = (CCAS, LE_115, RESIDENCE, BAILLEUR_HTTP, COLLECTIVITE, SPADA)
"""Partners whose people have an account at their desk, beside the shelter and the SIAO."""
PEOPLE: People = {
    Profil.SUPERVISION: {PROFIL: Profil.SUPERVISION},
    Profil.OPERATEUR: {PROFIL: Profil.OPERATEUR},
    Profil.REFERENT: {PROFIL: Profil.REFERENT, PERIMETRE: [TERRITOIRE]},
    Profil.DPO: {PROFIL: Profil.DPO},
    Profil.PARTENAIRE: {PROFIL: Profil.PARTENAIRE, PERIMETRE: CENTRE_JSON.id},
    **{part.id: {PROFIL: Profil.PARTENAIRE, PERIMETRE: part.id} for part in DESKS},
}
"""People that the identity provider knows: one for each profile, named after it, and one for the desk of a partner of
each kind."""

MAILED = "camille.roux@ccas.exemple.fr"
"""Address of somebody who enters by mail."""

HELP = """\
  [bold]Le hub et ses partenaires tournent encore.[/] Ctrl-C arrête tout.

  Console            {console}
                     (comptes, sans mot de passe : {accounts} ;
                     « {partner} » est celui de {centre}, le centre de cet exemple ;
                     « {siao} » est au bureau du SIAO, les derniers à celui de leur partenaire)
                     ({mailed} y entre par courriel, sans fournisseur : « Recevoir un lien »)
  Courriels          {mails}/*.txt
                     (le premier code demande une application de codes, ou, avec la clé de la page :
                     .venv/bin/python -c 'import pyotp; print(pyotp.TOTP("CLÉ").now())')
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
    """Print the instructions to try the hub by hand, and wait for Ctrl-C."""
    with console_beside(stage) as address, ExitStack() as stack:
        console.print(_help(stage, address), soft_wrap=True)
        console.print(open_sandbox(stage, stack), soft_wrap=True, markup=True)
        with suppress(KeyboardInterrupt):
            signal.pause()


@contextmanager
def console_beside(stage: Stage) -> Iterator[str]:
    """Start the console of this stage's hub, its identity provider and its mail server; give its address."""
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
        invitation = ("comptes", "inviter", CCAS.id, MAILED, "--nom", "Camille Roux")
        invited.run([*module("ops.commands", environment), *invitation])
        child = Child(stage.folder, stage.folder / "console.log")
        child.spawn([*module("ops.commands", environment), "run", "--role", "console"])
        stack.callback(child.stop)
        child.wait_until(lambda: answers(port))
        yield f"http://127.0.0.1:{port}"


def mails_of(stage: Stage) -> Path:
    """Return the folder of the mails that the hub has sent."""
    return stage.folder / "courriels"


def _help(stage: Stage, console: str) -> str:
    centre = stage.configs[CENTRE_JSON.id]
    return HELP.format(
        partner=Profil.PARTENAIRE,
        siao=Profil.REFERENT,
        centre=centre.id,
        console=console,
        accounts=", ".join(PEOPLE),
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
