"""Output of `siao-hub territoires fusionner`, which merges SIAO into one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.errors import Misconfigured
from contracts.mots import NOMS, etat_of
from ops.acts import sql
from ops.terminal.printing import agreed, console, opened, report
from ops.territories import merging
from router.domain.rulebooks.acte import Convention
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Database


@dataclass(frozen=True)
class Asked:
    """The options of `siao-hub territoires fusionner`."""

    siaos: Sequence[str]
    vers: str
    why: str
    actor: str


async def merge(settings: Settings, asked: Asked, *, trial: bool, yes: bool, as_json: bool) -> int:
    """Merge the SIAO `asked.siaos` into the SIAO `asked.vers`, and print what there is to take over. Without
    `yes`, the person at the terminal has to agree first; if output is JSON (`as_json`), nobody is asked, and
    nothing merges. With `trial`, never merge. Return exit code 0 after a trial or a merger, even if the SIAO
    had merged before, else 1. Raises Misconfigured if the merger is impossible."""
    async with opened(settings) as database:
        await _check(database, asked)
        before = await _left(database, asked.siaos)
        if not as_json:
            for line in _lines(before):
                console.print(line)
        done = not trial and (yes or (not as_json and agreed(f"Tout donner à {asked.vers} ?")))
        begun = done and await merging.merge(database, asked.siaos, asked.vers, asked.actor, asked.why)
        after = await _left(database, asked.siaos)
    facts = {"fusionnes": asked.siaos, "en": asked.vers, "commencee": begun, "reste": _as_data(after)}
    said = {
        (True, True): f"[green]✓[/] tout est à {asked.vers} ; le hub range ce qui porte encore l'ancien nom",
        (True, False): "c'était fait ; ce qui porte encore l'ancien nom est compté ci-dessus",
    }.get((done, begun), "rien n'a changé")
    report(as_json, facts, said)
    return 0 if done or trial else 1


async def _check(database: Database, asked: Asked) -> None:
    async with database.transaction() as connection:
        registry = await registry_store.read(connection)
        acts = await sql.acts(connection)
    conventions = [act for act in acts if isinstance(act, Convention)]
    found = list(merging.obstacles(asked.siaos, asked.vers, registry, conventions, datetime.now(UTC)))
    if found:
        raise Misconfigured("fusion impossible : " + " ; ".join(found))


async def _left(database: Database, siaos: Sequence[str]) -> merging.Left:
    async with database.transaction() as connection:
        return await merging.left(connection, siaos)


def _lines(left: merging.Left) -> list[str]:
    ranked = sorted(left.subjects.items(), key=lambda each: (each[0][0], each[0][1]))
    lines = [f"{number:>8} {NOMS[nature]} {etat_of(nature, etat)}" for (nature, etat), number in ranked]
    return [*lines, f"{left.deliveries:>8} livraisons qui ne sont pas arrivées"]


def _as_data(left: merging.Left) -> dict[str, object]:
    subjects = [
        {"nature": n, "etat": e, "nombre": number} for (n, e), number in sorted(left.subjects.items())
    ]
    return {"sujets": subjects, "livraisons": left.deliveries}
