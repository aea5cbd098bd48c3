"""Find the present or former owner of an API key, to explain why the hub answered 401."""

import hashlib

from ops.status.quantities import day_and_hour
from ops.terminal.printing import asked, opened, report
from router.domain.partners import short_key
from router.settings import Settings
from router.store import audit
from router.store import registry as registry_store

PREFIX = "sha256:"


async def whose(settings: Settings, *, as_json: bool) -> int:
    """Read an API key from the terminal without showing it, and print whose key it is, or was. Return exit
    code 0 if the key is valid now, else 1."""
    key = asked("Clé d'API", "donnez-la par l'entrée (docker exec -i)", hide_input=True, err=True)
    digest = PREFIX + hashlib.sha256(key.strip().encode()).hexdigest()
    async with opened(settings) as database, database.transaction() as connection:
        registry = await registry_store.read(connection)
        holder = next((p for p in registry.partners.values() if digest in p.cles_api), None)
        if holder is not None:
            line = f"[green]✓[/] clé de « {holder.id} » : elle ouvre la porte"
            return report(as_json, {"partenaire": holder.id, "valable": True}, line)
        past = await audit.taken_back(connection, short_key(digest))
    if past is not None:
        line = (
            f"[red]✗[/] clé de « {past.object} » jusqu'au {day_and_hour(past.at)} : retirée par "
            f"{past.actor} ; à donner : celle d'aujourd'hui"
        )
        facts = {"partenaire": past.object, "valable": False, "retiree_le": past.at, "par": past.actor}
        return report(as_json, facts, line, done=False)
    line = "[red]✗[/] cette clé n'est celle de personne : recopiée de travers, ou d'un partenaire ôté du registre ?"
    return report(as_json, {"partenaire": None, "valable": False}, line, done=False)
