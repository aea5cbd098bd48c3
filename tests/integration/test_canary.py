"""A value of its own in every field of every message that a family says: it turns up where the matrix says, and
nowhere else: not in a table, a topic, a log, a metric, an answer, a trace, nor in what another family is sent.

What the bytes and the file names of each dialect hold, `tests/unit/router/privacy/test_canary.py` walks.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from structlog.testing import capture_logs

from adapters.registry import ADAPTERS, EVENTS_IN_JSON
from contracts.partner import Famille, Partner, SortieBoite
from router.domain.audience import ADDRESSEES
from router.domain.partners import Registry
from router.intake.bodies import CLOUDEVENTS
from router.privacy.view import Stade, rights
from simulation.places import structures
from tests.integration.canaris import Canary, Told, messages, of_personal
from tests.integration.registry import entry
from tests.integration.waiting import until
from tests.integration.world import World
from tests.unit.router.privacy.champs import may_read

SIAO = "si_siao_json"
IN_ONE_ARRAY = (*EVENTS_IN_JSON, CLOUDEVENTS)
"""Dialects of which one message may hold every event that there is."""
REFERRAL, CANDIDACY = "orientation.proposee", "candidature.presentee"


def everybody() -> list[Partner]:
    """A partner of each family, with a mailbox, that speaks all of its dialects in JSON."""
    numbers = iter(structures("01", 1))
    return [_one(famille, next(numbers)) for famille in Famille]


def _one(famille: Famille, own: Any) -> Partner:
    spoken = tuple(nom for nom in IN_ONE_ARRAY if famille in ADAPTERS[nom].DECLARATION.familles)
    return entry(
        f"une-{famille.replace('_', '-')}",
        famille,
        spoken[-1],
        dialectes=spoken,
        structures=(own.finess, own.siret),
        sortie=SortieBoite(),
    )


def sent_by_the_siao(partners: Sequence[Partner], told: Sequence[Told]) -> Iterator[Mapping[str, Any]]:
    """What it says, and a referral or a candidacy to each family that gets them."""
    yield from (one.body for one in told)
    by_type = {one.body["type"]: one.body for one in told}
    natures = {nature.value: familles for nature, familles in ADDRESSEES.items()}
    for number, partner in enumerate(partners, 5000):
        for event, what, field in ((REFERRAL, "orientation", 0), (CANDIDACY, "candidature", 1)):
            if partner.famille in natures[what]:
                name = "structure" if what == "orientation" else "bailleur"
                subject = {**by_type[event][what], "id": number, name: partner.structures[field]}
                household = {**by_type[event]["ficheGroupe"], "id": number}
                body = {**by_type[event], "idMessage": f"{what}-{number}", what: subject}
                yield {**body, "ficheGroupe": household}


async def test_a_canary_turns_up_where_the_matrix_says_and_nowhere_else(world: World) -> None:
    partners = everybody()
    await world.apply(Registry.of(partners))
    personal: list[Canary] = []
    answers: list[str] = []
    with capture_logs() as logged:
        for partner in partners:
            for dialect in partner.dialectes:
                told = messages(partner, dialect)
                personal += of_personal(told)
                said = [one.body for one in told]
                if dialect == SIAO:
                    said = list(sent_by_the_siao(partners, told))
                status, answer = await world.send(partner.id, said, f"tout-{dialect}", SIAO_Dialecte=dialect)
                assert status in (202, 422), answer
                answers.append(json.dumps(answer))
                cut_off = json.dumps(said).encode()[:-1]
                status_of_half, why = await world.send(
                    partner.id, cut_off, f"moitie-{dialect}", SIAO_Dialecte=dialect
                )
                assert status_of_half == 400, why
                answers.append(json.dumps(why))
                if status == 202:
                    answers.append(json.dumps(await world.get(partner.id, f"/v1/messages/{answer['id']}")))
        await until(lambda: is_done(world), "tout est appliqué et livré, sauf derrière la quarantaine")
        answers.append(await world.measured())
    boxes = {partner: await emptied(world, partner) for partner in partners}

    kept = {
        "tables": (await world.everything()).decode("utf-8", "replace"),
        "topics": str([(r.key, r.value, r.headers) for r in await world.bus.records()]),
        "logs": str(logged),
        "answers, metrics": "\n".join(answers),
    }
    for where, text in kept.items():
        assert [(c.contrat.NOM, c.path) for c in personal if c.is_in(text)] == [], where
    arrived = {
        (partner.famille, canary.contrat.NOM, canary.path): canary
        for partner, box in boxes.items()
        for canary in personal
        if canary.is_in(box)
    }
    assert [read for read, canary in arrived.items() if not allowed(read[0], canary)] == []
    hear_of_households = {Famille.SIAO, *(f for familles in ADDRESSEES.values() for f in familles)}
    assert {famille for famille, _, _ in arrived} >= hear_of_households - NEVER_TOLD_WHO


NEVER_TOLD_WHO = {Famille.COLLECTIVITE}
"""Such a body reads who a household is where it registers demands, and this one does not."""


def allowed(famille: Famille, canary: Canary) -> bool:
    """Whether the matrix lets a family read it at some stage."""
    return any(may_read(rights(famille, stade), canary.classe, canary.path) for stade in Stade)


async def is_done(world: World) -> bool:
    """Whether nothing moves any more. A referral to nobody's structure is in quarantine, its withdrawal behind it."""
    etats = {delivery.etat for delivery in await world.deliveries()}
    return await world.backlog() == await world.parked() and not etats & {"en_attente", "en_vol"}


async def emptied(world: World, partner: Partner) -> str:
    """All that waits in a mailbox: names and contents."""
    _, box = await world.get(partner.id, "/v1/boite?limite=500")
    contents = [await world.get(partner.id, f"/v1/boite/{item['cle']}") for item in box["envois"]]
    return json.dumps([box, contents], ensure_ascii=False)
