"""Measures a change of the list of ready households from end to end: from its intended sending by the SIAO to its
arrival at the last reader, through every role of the hub, over HTTP on both sides."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

from bench.ground import Ground, listens_on, until
from bench.records import count_arrivals, read_arrivals
from bench.sending import check, delivery_of, ready, send_said
from bench.territories import AIN
from contracts.partner import ClasseLivraison, Famille, Partner
from simulation import people
from simulation.siao_messages import listed

CHANGES, WARM_UP = 200, 20
RATE = 4.0
"""Changes per second, each for every reader. A real SIAO makes far fewer."""
WITHIN_SECONDS = 120.0
SEED = 1


def reader(name: str, port: int) -> Partner:
    """Return a partner that reads the whole list and listens on this port."""
    return Partner(
        id=name,
        nom=name,
        famille=Famille.CONTINGENT,
        territoire=AIN.code,
        dialectes=("contingent_json",),
        dialecte_sortant="contingent_json",
        livraison=ClasseLivraison.DEDUPLIQUE,
        sortie=listens_on(port),
    )


async def waits(ground: Ground, readers: Sequence[str]) -> list[float]:
    """Return the seconds that each of `CHANGES` new households takes to reach its last reader, in ascending order.
    Raises BenchFailed unless each reader gets each household exactly once."""
    arrivals = ground.folder / f"arrivees-{ground.prefix}"
    with ground.stub(arrivals), ground.hub() as hub:
        await ready(ground)
        await ground.at_rest(hub)
        expected: list[str] = []
        for first, last, rate in ((0, WARM_UP, None), (WARM_UP, WARM_UP + CHANGES, RATE)):
            said = ground.folder / f"menages-{first}"
            said.write_bytes(b"".join(_declared(number) for number in range(first, last)))
            sent = await send_said(ground, said, WITHIN_SECONDS, rate)
            owed = [[delivery_of(request.message, siao=name) for name in readers] for request in sent]
            expected += (each for deliveries in owed for each in deliveries)

            await until(
                partial(_are_here, arrivals, len(expected)), "tous les lecteurs ont tout", WITHIN_SECONDS
            )
    got = read_arrivals(arrivals)
    check(expected, got)
    moments = {each.delivery: each.moment for each in got}
    return sorted(
        max(moments[each] for each in deliveries) - request.moment
        for request, deliveries in zip(sent, owed, strict=True)
    )


async def _are_here(arrivals: Path, number: int) -> bool:
    return count_arrivals(arrivals) >= number


def _declared(number: int) -> bytes:
    """Return a line of the sender's file: API key and message by which the SIAO declares a household ready."""
    today = date(2026, 3, 1)
    household = people.household(SEED, number, (), today)
    housing = {"departement": AIN.code, "dateEvaluation": f"{today:%d/%m/%Y}"}
    body = listed(f"m-{number}", "menage.pret-logement.declare", number + 1, household, today, **housing)
    return b"%b %b\n" % (AIN.siao_key.encode(), body)
