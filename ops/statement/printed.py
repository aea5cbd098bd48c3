"""Print the monthly statements of structures, for the command `siao-hub releve`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from contracts.plurals import many
from ops.statement import asking
from ops.statement.statement import Fact, Figure, Statement, Titre, month_of
from ops.status.quantities import day_and_hour, decimal, local
from ops.terminal.printing import console, in_json, opened
from router.settings import Settings
from router.store import registry as registry_store

SECRET = "adresse protégée, ou structure non dite"  # noqa: S105  # a label, no secret


async def show(
    settings: Settings, structure: str | None, partner: str | None, month: str | None, as_json: bool
) -> int:
    """Print the statements of `month` (« 2026-11 »; None: the present month). With `partner`, print those of
    this partner only. With `structure`, print only that of this structure, with the events that prove it.
    Return exit code 1 if there is nothing to print, else 0."""
    now = datetime.now(UTC)
    asked = month or month_of(now)
    async with opened(settings) as database, database.transaction() as connection:
        registry = await registry_store.read(connection)
        of = None if partner is None else (partner,)
        every = await asking.of_the_month(connection, registry, asked, now, of, structure=structure)
    found = [each for each in every if structure in (None, each.structure)]
    if as_json:
        in_json([as_data(each, asked, now) for each in found])
    elif found:
        console.print(f"Relevé de {asked}, établi le {day_and_hour(now)}")
        console.print(table_of(found, with_events=structure is not None))
    else:
        console.print("aucune structure, ou rien n'en est connu ce mois-là")
    return 0 if found else 1


def table_of(found: list[Statement], *, with_events: bool) -> Table:
    """Return a table with a row for each statement. With `with_events`, the row also lists the events that
    prove the figures."""
    table = Table.grid(Column(overflow="fold"), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for each in found:
        lines = [Text(line) for line in lines_of(each)]
        lines += [Text(line, style="dim") for line in (map(event_line, each.facts) if with_events else ())]
        table.add_row(Text(f"{each.structure or SECRET}\n{each.partner}"), Text("\n").join(lines))
    return table


def lines_of(each: Statement) -> Iterator[str]:
    """Yield a statement's figures as French lines."""
    yield f"{many(each.places, 'place déclarée', 'places déclarées')}"
    yield f"{Figure.PAR_LE_SIAO} : {each.number(Figure.PAR_LE_SIAO)}"
    titles = ", ".join(f"{t} : {each.titled(t)}" for t in Titre if each.titled(t))
    yield f"{Figure.SANS_LE_SIAO} : {each.number(Figure.SANS_LE_SIAO)}{f' ({titles})' if titles else ''}"
    answers = each.answers
    share = f" ({decimal(100 * answers.share)} %)" if answers.share is not None else ""
    yield f"réponses à temps : {answers.in_time} sur {answers.in_time + answers.late}{share}"


def event_line(fact: Fact) -> str:
    """Return a French line about a fact of a statement: when it was, the figure in which it counts, the event
    that proves it, and whether the hub has a signed receipt for the event's message."""
    known = f"événement {fact.event}, message {fact.message}" if fact.event else "aucun événement au journal"
    proof = ", avec reçu" if fact.has_receipt else ", sans reçu"
    titre = f", {fact.titre}" if fact.titre else ""
    return f"  {local(fact.time):%d/%m %H:%M} {fact.figure}{titre} : {known}{proof}"


def as_data(each: Statement, month: str, now: datetime) -> dict[str, Any]:
    """Return a statement as a dictionary for JSON, with French keys."""
    answers = each.answers
    return {
        "mois": month,
        "etabli_le": now.isoformat(),
        "partenaire": each.partner,
        "structure": each.structure,
        "places_declarees": each.places,
        "admissions_par_le_siao": each.number(Figure.PAR_LE_SIAO),
        "admissions_sans_le_siao": each.number(Figure.SANS_LE_SIAO),
        "titres": {titre.name: each.titled(titre) for titre in Titre},
        "reponses_a_temps": answers.in_time,
        "reponses_en_retard": answers.late,
        "evenements": [
            {
                "figure": fact.figure,
                "titre": fact.titre,
                "sujet": fact.subject,
                "evenement": fact.event,
                "message": fact.message,
                "le": fact.time.isoformat(),
                "recu": fact.has_receipt,
            }
            for fact in each.facts
        ],
    }
