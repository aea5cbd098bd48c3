"""Output of the commands `siao-hub profile`."""

import sys
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters.tabulaire.dialecte import Tabulaire
from adapters.tabulaire.ebauche import draft
from adapters.tabulaire.essai import Constat, examine
from adapters.tabulaire.profil import Profil
from adapters.tabulaire.profils import parse, profil, profils
from connectors.media import media_type_of
from contracts.errors import HubError, Misconfigured
from contracts.partner import Famille, Partner
from contracts.ports import Native

PREVIEWED_ROWS = 5


def check(file: Path, profile: str, folder: Path | None) -> int:
    """Print which columns of a file a column profile recognises, and its first rows as messages. `profile` is
    the path of a `.toml` file, else the name of a profile in `folder`, else the name of one delivered with
    the hub. Return exit code 0, or 1 if:
    * the file has no table that fits the profile, or lacks a mandatory column;
    * the header stands too low;
    * the whole file, or one of the printed rows, is rejected.
    """
    page, body = named(profile, folder), file.read_bytes()
    constats = list(examine(body, page))
    for constat in constats:
        _show(constat)
    if not constats:
        Console(stderr=True).print("aucune feuille de ce fichier ne ressemble à une table du profil")
        return 1
    refused = _preview(Native(body, media_type_of(file.name), file.name), page)
    return 1 if refused or any(constat.absentes or constat.trop_bas for constat in constats) else 0


def propose(file: Path) -> int:
    """Print, in TOML, a proposed column profile for a partner's file that no profile describes yet. Return
    exit code 0."""
    sys.stdout.write(draft(file.read_bytes(), profils()))
    return 0


def named(name: str, folder: Path | None) -> Profil:
    """Return the column profile `name`: the `.toml` file with this path, else the profile of this name in
    `folder`, else the one delivered with the hub. Raises Misconfigured if it is missing or unreadable."""
    for file in (Path(name), *([folder / f"{name}.toml"] if folder else [])):
        if file.suffix == ".toml" and file.is_file():
            try:
                return parse(file.read_text(encoding="utf-8"), file.name)
            except (OSError, UnicodeDecodeError) as exc:
                raise Misconfigured(f"profil illisible : {file.name} ({exc})") from exc
    return profil(name)


def _show(constat: Constat) -> None:
    console = Console()
    where = f"feuille « {constat.feuille} », " if constat.feuille else ""
    console.print(f"[bold]{constat.table}[/]  {where}en-tête à la ligne {constat.ligne_entete}")
    if constat.trop_bas:
        console.print(f"[red]✗[/] trop bas : écrivez « lignes_avant_entete = {constat.avant} »")
    table = Table("Colonne", "Champ", "Sinon")
    for colonne in constat.colonnes:
        guess = f"voulait dire « {colonne.devinee} » ?" if colonne.devinee else ""
        table.add_row(colonne.nom, colonne.champ or "[dim]ignorée[/]", guess)
    console.print(table)
    for absente in constat.absentes:
        console.print(f"[red]✗[/] colonne obligatoire absente : « {absente} »")


def _preview(native: Native, page: Profil) -> int:
    console, refused = Console(), 0
    reader = Tabulaire(page.dialecte, {"essai": page})
    try:
        for ligne in islice(reader.decode(native, _anybody(page)).lignes, PREVIEWED_ROWS):
            if ligne.contrat is not None:
                console.print(f"[bold]{ligne.contrat.NOM}[/]  ligne {ligne.numero}")
                console.print_json(ligne.contrat.model_dump_json(exclude_none=True))
                continue
            refused += 1
            for rejet in ligne.rejets:
                console.print(f"[red]✗[/] ligne {rejet.ligne}, {rejet.champ or '—'} : {rejet.message}")
    except HubError as exc:
        console.print(f"[red]✗[/] {exc}")
        return 1
    return refused


def _anybody(page: Profil) -> Partner:
    return Partner(id="essai", nom="Essai", famille=Famille.SIAO, territoire="00", dialectes=(page.dialecte,))
