"""Commands `siao-hub decode` and `siao-hub dialects`, which use no database."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.terminal.options import AsJson

app = typer.Typer()


@app.command()
def dialects(json: AsJson = False) -> None:
    """Lister les dialectes : leurs familles, ce que chacun lit et écrit, et si son format est celui d'un vrai
    logiciel, en tout ou en partie, ou supposé par le hub."""
    from ops.partners import decoding

    sys.exit(decoding.list_dialects(json))


@app.command()
def decode(
    file: Annotated[Path, typer.Argument(help="Le fichier d'un partenaire.", exists=True, dir_okay=False)],
    dialect: Annotated[str, typer.Option(help="Le dialecte du fichier.")],
    registre: Annotated[
        Path | None, typer.Option(help="Registre TOML : lire comme le partenaire nommé par --partner.")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="Partenaire de ce registre.")] = None,
    profile: Annotated[str | None, typer.Option(help="Profil de colonnes.")] = None,
) -> None:
    """Lire un fichier sans rien enregistrer : contrats en lignes JSON, rejets par ligne, champ et cause."""
    from ops.partners import decoding

    sys.exit(decoding.decode_file(file, dialect, registre, partner, profile))
