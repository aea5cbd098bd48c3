"""The command line: every command, by the file that it stands in. Help imports none of what commands do."""

import sys

import typer

from contracts.errors import HubError
from router.cli.added import Commands
from router.cli.commands import (
    asking,
    audit,
    cle,
    deliveries,
    menage,
    orphelins,
    partners,
    profile,
    quarantine,
    reading,
    running,
)

app = typer.Typer(
    cls=Commands,
    help="Le hub SIAO : chaque place vacante connue, chaque orientation répondue.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for commands in (running, asking, reading):
    app.add_typer(commands.app)
app.add_typer(partners.app, name="partners")
app.add_typer(profile.app, name="profile")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(orphelins.app, name="orphelins")
app.add_typer(menage.app, name="menage")
app.add_typer(audit.app, name="audit")
app.add_typer(cle.app, name="cle")


def main() -> None:
    """Entry point; a decided error is one French sentence, not a stack."""
    try:
        app()
    except HubError as exc:
        typer.echo(f"{typer.style('✗', fg='red')} {exc}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
