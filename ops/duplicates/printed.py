"""Output of the commands `siao-hub doublons`, which list likely duplicates and record decisions."""

from uuid import UUID

from ops.duplicates.comparing import undecided
from ops.duplicates.deciding import Decision, decide
from ops.duplicates.words import in_words
from ops.terminal.printing import opened, print_cut, report
from router.privacy.keyring import Keyring
from router.settings import Settings

NOT_OPEN = "[red]✗[/] aucune ressemblance de ces deux ménages n'attend cette décision"


async def show(settings: Settings, siao: str | None, most: int, as_json: bool) -> int:
    """Print the pairs that wait for a decision of the SIAO `siao` (None: of any SIAO). At most
    `most` pairs are printed, oldest first. Return exit code 0."""
    siaos = None if siao is None else [siao]
    async with opened(settings) as database, database.statement() as connection:
        rows = await undecided(connection, Keyring.of(settings), siaos, most + 1)
    facts = [
        {
            "menage": row.menage,
            "autre": row.autre,
            "siaos": row.siaos,
            "indices": row.indices,
            "le": row.created_at,
        }
        for row in rows[:most]
    ]
    lines = [
        f"{row.menage}  {row.autre}  ({', '.join(row.siaos)}) : {', '.join(in_words(row.indices))}"
        for row in rows[:most]
    ]
    done = report(
        as_json,
        {"ressemblances": facts, "suite": len(rows) > most},
        *(lines or ["Aucune ressemblance n'attend de décision."]),
    )
    if not as_json:
        print_cut(rows, most, "plus anciennes")
    return done


async def settle(
    settings: Settings, one: UUID, other: UUID, same: bool, actor: str, why: str, as_json: bool
) -> int:
    """Record that two households are one (`same`) or two, and print the result. Return exit code 1 for an
    unknown pair, or if this decision is already recorded, else 0."""
    async with opened(settings) as database:
        done = await decide(database, Decision((one, other), same, actor, why))
    what = (
        "un seul ménage : leurs identifiants sont liés"
        if same
        else "deux ménages : la question ne revient plus"
    )
    return report(as_json, {"decide": done}, f"[green]✓[/] {what}" if done else NOT_OPEN, done=done)
