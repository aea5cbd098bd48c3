"""Serve the page «Orientations», which shows what partners ask of each other about households, by state."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from fastapi import Request, Response

from console.exporting import Columns, csv_of
from console.pages.asking import Suite
from console.pages.paging import Voir
from console.rendering import now, page
from console.rights import Portee
from console.visit import Suiveur, Visite, closed
from contracts.base import Nature
from contracts.mots import ETATS as ETATS_DE
from contracts.mots import etat_of
from ops.lists import sql as listing
from ops.lists.sql import Order
from ops.status.wording import box_of
from ops.tracing import sql as tracing
from ops.tracing.whose_turn import NextAct, Situation, lying, on_their_way, whose_turn
from router.domain.books import BOOKS
from router.domain.deadlines import NOTHING, Deadline, Running, running_of
from router.domain.partners import Registry
from router.domain.rulebooks import demande
from router.domain.subjects import Subject
from router.domain.vitals import COUNTED
from router.store import subjects
from router.store.database import Row

router = closed()
LISTED = 50
DEMANDS = (Nature.DEMANDE,)
SENT = tuple(nature for nature, book in BOOKS.items() if book.machine.awaited and nature not in DEMANDS)
"""Kinds of subject that wait for an answer. Demands, which are many, are shown apart."""
NATURES = (*SENT, *DEMANDS)
CHOICES = {
    Nature.ORIENTATION: "orientations",
    Nature.CANDIDATURE: "candidatures",
    Nature.DEMANDE: "demandes",
    Nature.DAHO: "ménages désignés par le préfet (DAHO)",
    Nature.AIDE_SOCIALE: "demandes d'aide sociale",
    Nature.SUIVI: "accompagnements",
    Nature.EXAMEN: "examens en instance",
}
ETATS = tuple(dict.fromkeys(etat for nature in NATURES for etat in ETATS_DE[nature]))
MOTS = {
    str(etat): ", ou ".join(
        dict.fromkeys(etat_of(nature, etat) for nature in NATURES if etat in ETATS_DE[nature])
    )
    for etat in ETATS
}


def open_of(natures: Sequence[Nature]) -> Sequence[str]:
    """Return the states in which subjects of these kinds wait for an answer. If demands are the only kind,
    return all states of a demand but the closed ones."""
    if natures == DEMANDS:
        return demande.OUVERTES
    return tuple(dict.fromkeys(str(etat) for nature in natures for etat in BOOKS[nature].machine.awaited))


@router.get("/orientations")
async def referrals(
    request: Request,
    visite: Suiveur,
    suite: Suite,
    vue: Voir,
    nature: str = "",
    etat: str = "",
    chez: str = "",
    ordre: Order = Order.OLDEST,
) -> Response:
    """Show what partners ask of each other about households, in the order `ordre`. `suite`: last row of the
    previous page, after which this page begins. `nature`, `etat` and `chez` (recipient) narrow the list;
    without them, show all unanswered requests except demands. `vue`: one page, the whole list, or a file."""
    recipients = visite.portee.of([chez]) if chez else visite.real_partners()
    natures = wanted(nature, etat)
    etats = (etat,) if etat in MOTS else open_of(natures)
    async with visite.parts.database.transaction() as connection:
        rows = await listing.sent(connection, natures, etats, recipients, suite, vue.most(LISTED), ordre)
        demands = 0
        if natures != DEMANDS and not vue.csv:
            demands = await listing.count(connection, Nature.DEMANDE, demande.OUVERTES, recipients, COUNTED)
        known = await subjects.read(connection, [row.id for row in rows])
        in_box = await tracing.in_box(connection, on_their_way(known.values()))
    listed = await _listed(visite, rows, known, in_box)
    if vue.csv:
        return await csv_of("orientations", columns(visite.portee, visite.parts.registry()), listed)
    lignes, part = vue.part(listed, LISTED, debut=suite is None)
    return page(
        request,
        visite,
        "orientations.html",
        lignes=lignes,
        natures=CHOICES,
        nature=natures[0] if len(natures) == 1 else "",
        etats=MOTS,
        etat=etat,
        demandes=demands,
        chez=chez,
        ordre=ordre,
        partenaires=visite.names(),
        part=part,
        au_plus=COUNTED,
    )


class Listed(NamedTuple):
    """Referral, or another request about a household, as the page lists it."""

    row: Row
    due: Sequence[Deadline]
    """Running deadlines. The one that ends first comes first."""
    turn: NextAct | None
    box: str = ""
    """When the recipient last emptied its mailbox, in French; empty if the message is not in the mailbox."""

    def owes(self, portee: Portee) -> str | None:
        """Return the id of whoever has to act next, a partner or the hub; None if nobody has to act, or if the
        visitor must not see the partner."""
        return portee.named(self.turn.who) if self.turn else None


async def _listed(
    visite: Visite, rows: Sequence[Row], known: Mapping[UUID, Subject], in_box: Collection[UUID]
) -> list[Listed]:
    registry, at = visite.parts.registry(), now()
    polled = {p.id: p.last_poll for p in (await visite.parts.looks.newest()).facts.partners}
    runs = {ident: running_of(each, registry) for ident, each in known.items()}
    turns = {
        ident: lying(whose_turn(Situation(each, running=runs[ident]), at), each, in_box)
        for ident, each in known.items()
    }
    return [
        Listed(
            row,
            in_turn(runs.get(row.id, NOTHING)),
            turns.get(row.id),
            box_of(polled.get(row.donnees["destinataire"]), at) if row.id in in_box else "",
        )
        for row in rows
    ]


def columns(portee: Portee, registry: Registry) -> Columns[Listed]:
    """Return the columns of the CSV file of the page «Orientations», by title. A cell is empty if it is about
    a partner that the visitor must not see. `portee`: the partners that the visitor may see."""

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
    """Return the running deadlines of one subject (`runs`), sorted by their end, earliest first."""
    return sorted(runs.values(), key=lambda deadline: deadline.due_at)


def wanted(nature: str, etat: str) -> Sequence[Nature]:
    """Return the kinds of subject to list: the chosen kind (`nature`), if one is chosen. Otherwise, demands if
    only demands can be in the state `etat`, else all kinds but demands."""
    if nature in CHOICES:
        return (Nature(nature),)
    return DEMANDS if etat in MOTS and not any(etat in ETATS_DE[each] for each in SENT) else SENT
