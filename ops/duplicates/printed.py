"""`siao-hub doublons`: the pairs that wait for a decision, and the decision."""

from uuid import UUID

from contracts.v1.pret_logement import IndiceDoublon
from ops.duplicates import sql as store
from ops.duplicates.watch import decide
from ops.terminal.printing import opened, report
from router.settings import Settings

LISTED = 100
I = IndiceDoublon  # noqa: E741  a column of the table below
INDICES = {
    I.NUMERO_UNIQUE: "même numéro unique",
    I.TELEPHONE: "même téléphone",
    I.DATE_IDENTIQUE: "même date de naissance",
    I.DATE_INVERSEE: "jour et mois inversés",
    I.DATE_PROCHE: "dates de naissance à une faute près",
    I.PRENOM_IDENTIQUE: "même prénom",
    I.PRENOM_PROCHE: "prénoms proches",
    I.NOM_IDENTIQUE: "même nom",
    I.NOM_PROCHE: "noms proches",
    I.NOM_DIFFERENT: "noms différents (naissance, mariage ?)",
    I.NOM_ET_PRENOM_INVERSES: "nom et prénom inversés",
    I.COMPOSITION: "autant de personnes",
    I.AUTRE_MEMBRE: "un autre membre se ressemble aussi",
}
"""Words for the evidence. They never say a value."""
NOT_OPEN = "[red]✗[/] aucune ressemblance de ces deux ménages n'attend cette décision"


async def show(settings: Settings, siao: str | None, as_json: bool) -> int:
    """Print the pairs that wait for a decision, oldest first."""
    async with opened(settings) as database, database.statement() as connection:
        rows = await store.undecided(connection, None if siao is None else [siao], LISTED)
    facts = [
        {
            "menage": row.menage,
            "autre": row.autre,
            "siaos": row.siaos,
            "indices": row.indices,
            "le": row.created_at,
        }
        for row in rows
    ]
    lines = [
        f"{row.menage}  {row.autre}  ({', '.join(row.siaos)}) : {', '.join(INDICES[I(each)] for each in row.indices)}"
        for row in rows
    ]
    return report(
        as_json, {"ressemblances": facts}, *(lines or ["Aucune ressemblance n'attend de décision."])
    )


async def settle(
    settings: Settings, one: UUID, other: UUID, same: bool, actor: str, why: str, as_json: bool
) -> int:
    """Note a decision, and print it."""
    async with opened(settings) as database:
        done = await decide(database, one, other, same, actor, why)
    what = (
        "un seul ménage : leurs identifiants sont liés"
        if same
        else "deux ménages : la question ne revient plus"
    )
    return report(as_json, {"decide": done}, f"[green]✓[/] {what}" if done else NOT_OPEN, done=done)
