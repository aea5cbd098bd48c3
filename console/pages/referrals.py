"""Page «Orientations»: referrals, candidacies and demands, by state."""

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import Request, Response

from console.exporting import Columns, csv_of
from console.pages.asking import Suite
from console.pages.paging import Voir
from console.rendering import now, page
from console.rights import Portee
from console.visit import Suiveur, closed
from contracts.base import Nature
from contracts.mots import ETATS as ETATS_DE
from contracts.mots import etat_of
from ops.lists import sql as listing
from ops.lists.sql import Order
from ops.tracing.whose_turn import NextAct, Situation, whose_turn
from router.domain.books import AWAITED
from router.domain.deadlines import NOTHING, Deadline, Running, running_of
from router.domain.partners import Registry
from router.domain.rulebooks import candidature, demande, orientation
from router.store import subjects
from router.store.database import Row

router = closed()
LISTED = 50
NATURES = (Nature.ORIENTATION, Nature.CANDIDATURE, Nature.DEMANDE)
ETATS = (*orientation.Etat, *candidature.Etat, *demande.Etat)
MOTS = {
    str(etat): ", ou ".join(
        dict.fromkeys(etat_of(nature, etat) for nature in NATURES if etat in ETATS_DE[nature])
    )
    for etat in ETATS
}
"""French words for each state of a referral, candidacy or demand, by code."""
OPEN = tuple(dict.fromkeys(str(etat) for etat in ETATS if etat in AWAITED))
"""States of a referral, candidacy or demand in which an answer is awaited."""


@router.get("/orientations")
async def referrals(
    request: Request,
    visite: Suiveur,
    suite: Suite,
    vue: Voir,
    etat: str = "",
    chez: str = "",
    ordre: Order = Order.OLDEST,
) -> Response:
    """Show a page of referrals, candidacies and demands in one state; by default, of all that wait for an
    answer."""
    recipients = visite.portee.of([chez]) if chez else visite.real_partners()
    async with visite.parts.database.transaction() as connection:
        rows = await listing.sent(
            connection, NATURES, _wanted(etat), recipients, suite, vue.most(LISTED), ordre
        )
        known = await subjects.read(connection, [row.id for row in rows])
    registry = visite.parts.registry()
    runs = {ident: running_of(each, registry) for ident, each in known.items()}
    turns = {ident: whose_turn(Situation(each, running=runs[ident]), now()) for ident, each in known.items()}
    listed = [Listed(row, in_turn(runs.get(row.id, NOTHING)), turns.get(row.id)) for row in rows]
    if vue.csv:
        return await csv_of("orientations", columns(visite.portee, registry), listed)
    lignes, part = vue.part(listed, LISTED, debut=suite is None)
    return page(
        request,
        visite,
        "orientations.html",
        lignes=lignes,
        etats=MOTS,
        etat=etat,
        chez=chez,
        ordre=ordre,
        partenaires=visite.names(),
        part=part,
    )


class Listed(NamedTuple):
    """Row of the list of referrals, candidacies and demands."""

    row: Row
    due: Sequence[Deadline]
    """Running deadlines of the referral, candidacy or demand, the one that ends first first."""
    turn: NextAct | None

    def owes(self, portee: Portee) -> str | None:
        """Return the partner that has to act next, if the visitor may see it, or the hub. Return None if
        nobody has to act, or if the visitor may not see the partner."""
        return portee.named(self.turn.who) if self.turn else None


def columns(portee: Portee, registry: Registry) -> Columns[Listed]:
    """Return the columns of the exported file. Pure."""

    def telephone(line: Listed) -> str | None:
        entry = registry.get(line.owes(portee) or "")
        return entry.telephone if entry else None

    return {
        "id": lambda line: line.row.id,
        "nature": lambda line: line.row.nature,
        "etat": lambda line: line.row.etat,
        "de": lambda line: portee.named(line.row.donnees["emetteur"]),
        "chez": lambda line: line.row.donnees["destinataire"],
        "remise_le": lambda line: line.row.donnees.get("remise_le"),
        "echeance": lambda line: str(line.due[0].echeance) if line.due else None,
        "echeance_le": lambda line: line.due[0].due_at if line.due else None,
        "au_tour_de": lambda line: line.owes(portee),
        "telephone": telephone,
        "depuis": lambda line: line.row.changed_at,
    }


def in_turn(runs: Running) -> Sequence[Deadline]:
    """Return the running deadlines, the one that ends first first. Pure."""
    return sorted(runs.values(), key=lambda deadline: deadline.due_at)


def _wanted(etat: str) -> Sequence[str]:
    return (etat,) if etat in {str(each) for each in ETATS} else OPEN
