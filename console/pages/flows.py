"""Serve the page «Flux», with a live picture of the hub, and each partner's traffic with its delays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from console.charts import Bar, bars, thickness, thread
from console.live import Seen
from console.pages.night import within
from console.rendering import page, render
from console.rights import Portee
from console.stream import updates
from console.visit import Veilleur, closed
from ops.status.piles import stop_of
from ops.status.quantities import brief
from ops.status.roles import Running, running
from ops.status.verdict import verdict
from ops.traffic.flows import DELAYS_SECONDS, FEW, Day, Sens, Traffic
from router.domain.correspondents import Correspondent
from router.domain.roles import Role
from router.domain.vitals import Etape, Vitals

router = closed()
STEPS = (
    ("Porte", Role.GATEWAY, Etape.DIFFERE),
    ("Journal", Role.RELAY, Etape.A_APPLIQUER),
    ("Règles", Role.WORKER, Etape.MIS_DE_COTE),
    ("Livraison", Role.DISPATCHER, Etape.A_LIVRER),
    ("Boîtes", None, Etape.EN_BOITE),
)
"""Steps of a message through the hub. Each has a French title, the role that does it, and the stage whose
number of messages the picture shows with it."""
DRAWN = 14
"""Maximum number of partners on each side of the picture. The busiest are drawn first. A partner without
traffic is drawn only if it cannot be reached or read."""
DELAYS = (*(f"moins de {brief(limit)}" for limit in DELAYS_SECONDS), "davantage")


class Thread(NamedTuple):
    """Curve between one partner and the hub in the drawing on the page «Flux»."""

    partner: Correspondent
    number: int
    path: str
    width: float


class Picture(NamedTuple):
    """Content of the drawing on the page «Flux» at one moment: the partners from which messages come, the hub's
    processes, and the partners to which messages go."""

    facts: Vitals
    at: datetime
    says: Sequence[Thread]
    """Lines from senders. The sender with most messages in the last five minutes is first."""
    hears: Sequence[Thread]
    """Lines to recipients. The recipient with most undelivered messages is first."""
    silent: int
    """Number of senders that are not drawn because they sent nothing in the last five minutes."""
    settled: int
    """Number of recipients that are not drawn because they can be reached and read, and nothing waits for
    them."""
    others: int
    """Number of partners that are not drawn for lack of room, on the side of the picture where more are left
    out."""
    alive: Mapping[Role, int]
    """Number of living processes, by role."""
    beside: Sequence[Running]
    """Running roles that do no step of a message through the hub."""
    stops: Mapping[Etape, str]
    """French words that say since when nothing leaves a stage, by stage; empty for a stage that moves."""


class WithTraffic(NamedTuple):
    """Partner with its traffic: one row for each message type that it sent or was sent."""

    partner: Correspondent
    traffic: Sequence[Traffic]


@router.get("/flux")
async def flows(request: Request, visite: Veilleur) -> Response:
    """Show the page «Flux»: the drawing of the hub's traffic, and each partner's messages and delays of the
    last day."""
    looks, portee = visite.parts.looks, visite.portee
    seen = await looks.newest()
    traffic = _within(await looks.day(), portee)
    picture = drawn(seen, portee)
    return page(
        request,
        visite,
        "flux.html",
        image=picture,
        etapes=STEPS,
        releve=traffic,
        avec_trafic=with_traffic(picture.facts.partners, traffic.rows),
        delais=delays_of(traffic.rows),
        au_plus=FEW,
    )


@router.get("/flux/direct")
async def live(visite: Veilleur) -> Response:
    """Send the open page «Flux» its new drawing whenever the drawing has changed."""

    looks, portee = visite.parts.looks, visite.portee

    async def rendered(seen: Seen) -> str:
        def tell() -> str:
            return render("flux_image.html", image=drawn(seen, portee), etapes=STEPS)

        return looks.rendered_once(("flux", seen.at, portee), tell)

    return StreamingResponse(updates(visite, rendered), media_type="text/event-stream")


def drawn(seen: Seen, portee: Portee) -> Picture:
    """Return the drawing of the page «Flux» from the state `seen`, with only the partners that the visitor
    may see (`portee`)."""
    facts = within(seen.facts, portee)
    roles, said = running(seen.facts, seen.at), verdict(facts, seen.at)
    saying = [p for p in facts.partners if p.messages_5_min]
    hearing = [p for p in facts.partners if owed(p) or not p.is_reached or not p.is_read(seen.at)]
    says = sorted(saying, key=lambda p: (-p.messages_5_min, p.id))[:DRAWN]
    hears = sorted(hearing, key=lambda p: (-owed(p), p.id))[:DRAWN]
    silent, settled = len(facts.partners) - len(saying), len(facts.partners) - len(hearing)
    left, right = len(says) + bool(silent), len(hears) + bool(settled)  # lines beside the ribbons
    return Picture(
        facts,
        seen.at,
        says=[_thread(p, p.messages_5_min, n, left, outwards=False) for n, p in enumerate(says)],
        hears=[_thread(p, owed(p), n, right, outwards=True) for n, p in enumerate(hears)],
        silent=silent,
        settled=settled,
        others=max(0, len(saying) - DRAWN, len(hearing) - DRAWN),
        alive={each.role: each.number for each in roles},
        beside=[each for each in roles if each.role not in {role for _, role, _ in STEPS}],
        stops={etape: stop_of(facts.pile(etape), said, seen.at) for etape in Etape},
    )


def owed(partner: Correspondent) -> int:
    """Return how many messages a partner has not yet received: those still to be sent, and those in its
    mailbox."""
    return partner.waiting.number + partner.in_box.number


def _thread(partner: Correspondent, number: int, place: int, of: int, *, outwards: bool) -> Thread:
    return Thread(partner, number, thread(place, of, outwards=outwards), thickness(number))


def with_traffic(partners: Iterable[Correspondent], rows: Iterable[Traffic]) -> list[WithTraffic]:
    """Return each partner with those of `rows` that are about it. A partner without messages comes with an
    empty sequence. `rows` must be sorted by partner."""
    by_partner = {name: list(each) for name, each in groupby(rows, key=lambda row: row.partner)}
    return [WithTraffic(p, by_partner.get(p.id, ())) for p in partners]


def delays_of(rows: Iterable[Traffic]) -> list[Bar]:
    """Return a histogram of how long messages to partners took to arrive."""
    delays = [row.delays for row in rows if row.sens is Sens.ENTEND]
    return bars(DELAYS, [sum(column) for column in zip(*delays, strict=True)]) if delays else []


def _within(day: Day, portee: Portee) -> Day:
    return day._replace(rows=tuple(each for each in day.rows if portee.sees(each.partner)))
