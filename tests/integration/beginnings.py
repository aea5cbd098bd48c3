"""Check of the first command that a finding recommends: run word for word, it must show the cause."""

import shlex
from collections.abc import Mapping

from ops.status.findings import Code
from tests.integration.desk import Output, siao_hub
from tests.integration.seen import seen
from tests.integration.world import World

SHOWS: Mapping[Code, str] = {
    Code.SANS_REPONSE: "1 en attente",
    Code.EN_RETARD: "→ siao-01",
    Code.INJOIGNABLE: "→ siao-01",
    Code.ACCES_REFUSE: "siao-01",
    Code.REFUSE: "→ siao-01",
    Code.TYPE_REFUSE: "→ siao-01",
    Code.REFUSEES: "refusée par le partenaire",
    Code.INCERTAINES: "d'issue incertaine",
    Code.BOITE: "dans sa boîte",
    Code.ILLISIBLE: "depot",
    Code.CLE_RETIREE: "clé retirée",
    Code.ORPHELINES: "centre",
    Code.SILENCE: "message accepté, centre",
    Code.QUARANTAINE: "sans destinataire au registre",
    Code.ENVOIS_REFUSES: "quarantaine ouverte, centre",
    Code.LIGNES_REFUSEES: "quarantaine ouverte, centre",
    Code.ECART: "écart que rien n'explique",
    Code.RELEVE: "périmé",
    Code.VACANCES: "2 places vacantes dont rien n'est redit",
    Code.FALSIFIE: "n'a pas écrit",
    Code.DROITS: "accès",
}
"""Text that this command must print, by code of the finding, for a hub with one fault of that kind."""


async def begins(world: World, code: Code, *more: str, about: str = "") -> Output:
    """Run the command that the finding of this code recommends first, and return its output. `more`: further
    arguments; `about`: the partner of the finding, if several have one."""
    found = [each for each in await seen(world) if each.code is code]
    (start,) = {each.start for each in found if about in ("", each.about)}
    name, *words = shlex.split(start)
    assert name == "siao-hub", start
    return await siao_hub(world.settings, *words, *more)


async def shows(world: World, code: Code) -> None:
    """Fail unless the recommended command prints the cause of the finding. Does nothing for findings that recommend
    a page instead of a command."""
    if code in SHOWS:
        answer = await begins(world, code)
        assert SHOWS[code] in answer, (code, answer.text, answer.errors)
