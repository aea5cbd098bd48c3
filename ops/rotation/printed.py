"""Output of the commands `siao-hub cle`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.table import Table

from contracts.plurals import counted, many
from ops.rotation import fingerprints
from ops.rotation import turning as rotation
from ops.status.quantities import local
from ops.terminal.printing import console, in_json, opened, report
from router.privacy.audit_keys import public_file, receipt_key, signing_key, write_public
from router.privacy.hmac_keys import named
from router.privacy.key_files import create_key
from router.settings import Settings


def create(settings: Settings, as_json: bool = False) -> None:
    """Create the key files that are missing, secret and public ones, and print their paths."""
    wanted = _wanted(settings)
    for file in wanted:
        create_key(file)
    files = [str(file) for file in wanted]
    lines = [
        f"[green]✓[/] {file} : vous seul pouvez la lire ; gardez-en une copie ailleurs" for file in files
    ]
    for public in _public(settings):
        files.append(str(public))
        lines.append(f"[green]✓[/] {public} : clé publique, à porter à qui vérifiera")
    report(
        as_json,
        {"ecrites": files},
        *(lines or ["les clés y sont déjà : rien n'est changé"]),
        done=bool(files),
    )


def _public(settings: Settings) -> Iterator[Path]:
    pairs = (
        (settings.audit_key, settings.audit_key_file, signing_key),
        (settings.receipt_key, settings.receipt_key_file, receipt_key),
    )
    for given, file, key in pairs:
        if given is None and not (public := public_file(file)).exists():
            write_public(public, key(settings))
            yield public


def _wanted(settings: Settings) -> list[Path]:
    keys = (
        (settings.master_key, settings.master_key_file),
        (settings.hmac_key, settings.hmac_key_file),
        (settings.audit_key, settings.audit_key_file),
        (settings.receipt_key, settings.receipt_key_file),
    )
    return [file for given, file in keys if given is None and not file.exists()]


async def state(settings: Settings, as_json: bool) -> None:
    """Print each master key with the number of data keys that it encrypts, and each HMAC key with the number
    of stored fingerprints that it made."""
    async with opened(settings) as database:
        masters = await rotation.state(settings, database)
        hmacs = await fingerprints.state(settings, database)
    if as_json:
        in_json(
            {
                "cles": [{**master._asdict(), "id": master.id.hex()} for master in masters],
                "empreintes": [{**key._asdict(), "mark": named(key.mark)} for key in hmacs],
            }
        )
        return
    table = Table("Clé maîtresse", "Dans le fichier", "Sert", "Clés de données")
    for master in masters:
        table.add_row(master.id.hex(), _oui(master.in_file), _oui(master.wraps), str(master.data_keys))
    console.print(table)
    console.print(_recognised(hmacs))


def _recognised(hmacs: Sequence[fingerprints.HmacState]) -> Table:
    table = Table("Empreintes", "Fichier", "Écrit", "Noms", "Idempotence", "Refusés", "Jusqu'au")
    for key in hmacs:
        numbers = map(counted, (key.names, key.claims, key.refused))
        until = "—" if key.until is None else f"{local(key.until):%d/%m/%Y}"
        table.add_row(named(key.mark), _oui(key.in_file), _oui(key.writes), *numbers, until)
    return table


async def prepare(settings: Settings, actor: str, as_json: bool) -> None:
    """Add a new master key to the key file, and print what to do next."""
    async with opened(settings) as database:
        ident = await rotation.prepare(settings, database, actor)
    report(
        as_json,
        {"cle": ident.hex()},
        f"[green]✓[/] clé {ident.hex()} ajoutée à {settings.master_key_file} ; rien n'en dépend encore",
        "  Copiez ce fichier sur chaque machine du hub et dans vos copies de sûreté, puis « siao-hub cle tourner ».",
    )


async def rotate(settings: Settings, actor: str, as_json: bool) -> None:
    """Encrypt all data keys under the new master key. Print how many data keys were encrypted, and how many
    could not be read."""
    async with opened(settings) as database:
        done = await rotation.rotate(settings, database, actor)
    wrapped = many(done.wrapped, "clé de données scellée", "clés de données scellées")
    lines = [f"[green]✓[/] {wrapped} sous la clé nouvelle"]
    if done.damaged:
        unreadable = many(done.damaged, "illisible")
        lines.append(f"[yellow]![/] {unreadable} : abîmée avant, une telle clé n'ouvre plus rien")
    lines.append("  L'ancienne ne sert plus : « siao-hub cle retirer », puis copier de nouveau le fichier.")
    report(as_json, {"scellees": done.wrapped, "illisibles": done.damaged}, *lines)


async def retire(settings: Settings, actor: str, as_json: bool) -> None:
    """Remove all master keys but the current one from the key file, and print the ids of the removed keys.
    Raises Permanent, and removes none, as long as an intact data key is still encrypted by one of them."""
    async with opened(settings) as database:
        retired = await rotation.retire(settings, database, actor)
    gone = [ident.hex() for ident in retired]
    lines = [f"[green]✓[/] clé {ident} ôtée de {settings.master_key_file}" for ident in gone]
    report(
        as_json,
        {"otees": gone},
        *(lines or ["le fichier n'a que la clé qui sert : rien n'est changé"]),
        done=bool(gone),
    )


async def prepare_hmac(settings: Settings, actor: str, as_json: bool) -> None:
    """Add a new HMAC key to the key file, and print what to do next."""
    async with opened(settings) as database:
        mark = await fingerprints.prepare(settings, database, actor)
    report(
        as_json,
        {"cle": named(mark)},
        f"[green]✓[/] clé {named(mark)} ajoutée à {settings.hmac_key_file} ; rien n'en dépend encore",
        "  Copiez ce fichier sur chaque machine du hub et dans vos copies de sûreté, puis « siao-hub cle tourner "
        "--empreintes ».",
    )


async def turn_hmac(settings: Settings, actor: str, as_json: bool) -> None:
    """Make the HMAC key that `prepare_hmac` added to the key file the current one. With it, make new
    fingerprints of partners' ids, numéros uniques, accounts and households. Print how many were made, and how
    many ids could not be read; these keep their old fingerprint."""
    async with opened(settings) as database:
        done = await fingerprints.turn(settings, database, actor)
    names = many(done.names, "identifiant de partenaire", "identifiants de partenaires")
    households = many(done.households, "ménage comparé", "ménages comparés")
    lines = [f"[green]✓[/] à la clé nouvelle : {names}, {many(done.accounts, 'compte')}, {households}"]
    if done.unreadable:
        unreadable = many(done.unreadable, "identifiant illisible", "identifiants illisibles")
        lines.append(
            f"[yellow]![/] {unreadable} : leur clé de données est abîmée, rien ne les retrouvera plus"
        )
    lines.append("  L'ancienne reconnaît encore : « siao-hub cle etat » dit jusqu'à quand.")
    report(as_json, {**done._asdict()}, *lines)


async def retire_hmac(settings: Settings, actor: str, as_json: bool) -> None:
    """Remove all HMAC keys but the current one from the key file, and print the marks (short names) of the
    removed keys."""
    async with opened(settings) as database:
        retired = await fingerprints.retire(settings, database, actor)
    gone = [named(mark) for mark in retired]
    lines = [f"[green]✓[/] clé {name} ôtée de {settings.hmac_key_file}" for name in gone]
    report(
        as_json,
        {"otees": gone},
        *(lines or ["le fichier n'a que la clé qui écrit : rien n'est changé"]),
        done=bool(gone),
    )


def _oui(said: bool) -> str:
    return "oui" if said else "non"
