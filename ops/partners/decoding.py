"""Output of `siao-hub decode` and `siao-hub dialects`, which work without a database."""

import sys
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters.registry import ADAPTERS, declaration, dialects_as_data
from connectors.media import media_type_of
from contracts.errors import InvalidNative, Misconfigured
from contracts.partner import Partner
from contracts.plurals import many
from contracts.ports import Native, Rejet
from ops.partners.registry_file import load
from router.intake.decoding import Incoming, opened


def decode_file(
    file: Path, dialect: str, registry: Path | None, ident: str | None, profile: str | None
) -> int:
    """Decode a file and print its messages as JSON lines; rejections go to standard error. Nothing is stored.
    The file is decoded as sent by the partner `ident` of the registry file `registry`. If either is None, the
    sender is made up, with the column profile `profile`. Return exit code 1 if there is a rejection, else
    0."""
    if dialect not in ADAPTERS:
        raise Misconfigured(f"dialecte inconnu : choisir parmi {', '.join(sorted(ADAPTERS))}")
    partner = _partner(dialect, registry, ident, profile)
    native = Native(file.read_bytes(), media_type_of(file.name), file.name, recu_le=datetime.now(UTC))
    rejets: list[Rejet] = []
    accepted = 0
    try:
        for ligne in opened(Incoming(native, partner, dialect)).lignes:
            rejets += ligne.rejets
            if ligne.contrat is not None:
                accepted += 1
                sys.stdout.write(ligne.contrat.model_dump_json(exclude_none=True) + "\n")
    except InvalidNative as exc:
        rejets = list(chain(rejets, [Rejet(exc.code, str(exc))]))
    _show(accepted, rejets)
    return 1 if rejets else 0


def list_dialects(as_json: bool) -> int:
    """Print every dialect with the types of partners that use it, its file formats and its messages. Return
    exit code 0."""
    known = dialects_as_data()
    console = Console()
    if as_json:
        console.print_json(data=known)
        return 0
    for said in known:
        console.print(f"[bold]{said['dialecte']}[/]  [dim]{said['statut']}[/]  {_listed(said['familles'])}")
        reads = "plusieurs messages à la fois" if said["lit_plusieurs"] else "un message à la fois"
        console.print(f"  lit ({_listed(said['formats_lus'])}, {reads}) : {_listed(said['lit'])}")
        console.print(f"  écrit ({_listed(said['formats_ecrits'])}) : {_listed(said['ecrit'])}\n")
    return 0


def _listed(words: object) -> str:
    return ", ".join(words) if isinstance(words, list) and words else "—"


def _partner(dialect: str, registry: Path | None, ident: str | None, profile: str | None) -> Partner:
    if registry is not None and ident is not None:
        partner = load(registry).get(ident)
        if partner is None:
            raise Misconfigured(f"aucun partenaire « {ident} » dans {registry.name}")
        return partner
    first, *_ = declaration(dialect, profile).familles
    anybody = Partner(
        id="essai", nom="Essai", famille=first, territoire="00", dialectes=(dialect,), profil=profile
    )
    return anybody.model_copy(update={"structures": _Every()})


class _Every(tuple[str, ...]):
    """The structures of a made-up partner: any structure counts as one of them, so that decoding refuses
    none."""

    def __contains__(self, structure: object) -> bool:
        return True


def _show(accepted: int, rejets: list[Rejet]) -> None:
    console = Console(stderr=True)
    if rejets:
        table = Table("Ligne", "Champ", "Cause", "Que faire", title="Rejets", title_justify="left")
        for rejet in rejets:
            table.add_row(str(rejet.ligne or "—"), rejet.champ or "—", rejet.code, rejet.message)
        console.print(table)
    console.print(f"{many(accepted, 'message lu')}, {many(len(rejets), 'rejet')}")
