"""The commands of `siao-hub profile`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.terminal.caller import settings

app = typer.Typer(help="Les profils de colonnes des tableaux.", no_args_is_help=True)


@app.command("check")
def profile_check(
    file: Annotated[Path, typer.Argument(help="Le fichier d'un partenaire.", exists=True, dir_okay=False)],
    profile: Annotated[
        str, typer.Option(help="Un profil livré, du dossier des réglages, ou un fichier .toml.")
    ],
) -> None:
    """Montrer ce qu'un profil reconnaît dans un fichier, ce qu'il ignore, et les premières lignes lues."""
    from ops.partners import profiles

    sys.exit(profiles.check(file, profile, settings().profiles_folder))


@app.command("draft")
def profile_draft(
    file: Annotated[Path, typer.Argument(help="Un tableau inconnu.", exists=True, dir_okay=False)],
) -> None:
    """Proposer un profil pour un tableau inconnu, d'après ses en-têtes et ses valeurs."""
    from ops.partners import profiles

    sys.exit(profiles.propose(file))
