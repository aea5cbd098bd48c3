"""Assembly of the command line. A module that only one command needs is imported when that command runs, so
that help is shown fast."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from contracts.errors import HubError
from ops.accounts import command as comptes
from ops.acts import command as acts
from ops.audit import command as audit
from ops.commands import asking
from ops.commands.added import Commands
from ops.duplicates import command as doublons
from ops.forgetting import command as menage
from ops.importing import command as importing
from ops.orphans import command as orphelins
from ops.partners import command as partners
from ops.partners import profile_command as profile
from ops.partners import reading_command as reading
from ops.person import command as personne
from ops.protection import command as protection
from ops.receipts import command as recu
from ops.replay import command as quarantine
from ops.rotation import command as cle
from ops.running import command as running
from ops.tasks import command as deliveries
from ops.territories import command as territories
from router.process.interpreter import leave_no_image

app = typer.Typer(
    cls=Commands,
    help="Le hub SIAO : chaque place vacante connue, chaque orientation répondue.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for commands in (running, asking, reading, importing):
    app.add_typer(commands.app)
app.add_typer(partners.app, name="partners")
app.add_typer(profile.app, name="profile")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(orphelins.app, name="orphelins")
app.add_typer(menage.app, name="menage")
app.add_typer(doublons.app, name="doublons")
app.add_typer(comptes.app, name="comptes")
app.add_typer(personne.app, name="personne")
app.add_typer(protection.app, name="protection")
app.add_typer(audit.app, name="audit")
app.add_typer(territories.app, name="territoires")
app.add_typer(acts.app, name="actes")
app.add_typer(recu.app, name="recu")
app.add_typer(cle.app, name="cle")


def _say_the_version(asked: bool) -> None:
    if asked:
        typer.echo(f"siao-hub {version('siao-hub')}")
        raise typer.Exit


@app.callback()
def _every_command(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_the_version, is_eager=True, help="Dire la version installée, et finir."
        ),
    ] = False,
) -> None:
    """Take the options of `siao-hub` itself, which stand before the name of a command, such as `--version`."""


def main() -> None:
    """Run the command line. If a command raises a HubError, print the error's French sentence, and exit with
    status 1."""
    leave_no_image()
    try:
        app()
    except HubError as exc:
        typer.echo(f"{typer.style('✗', fg='red')} {exc}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
