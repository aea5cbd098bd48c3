"""The pages of the handbook are run: a fault on real parts, then word by word what its page says, until all is well.

`make manuel`, outside of `make test`. A command of a page that fails, or says nothing of the fault, fails the run.
"""

import re
import shlex
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from ops.status.findings import Code
from router.delivery.refusals import REFUSALS_TO_HOLD
from router.domain.roles import AT_WORK
from tests.conformance.droppers import SftpDropper
from tests.integration.desk import ROOT, siao_hub
from tests.integration.dropped import entree
from tests.integration.messages import to_structure, vacancy
from tests.integration.orphaned import an_exit_that_cites_its_place
from tests.integration.owed import an_uncertain_referral, shelter_may_be_asked
from tests.integration.quarantined import NOUVEAU_FINESS, refused
from tests.integration.registry import FINESS
from tests.integration.seen import seen
from tests.integration.waiting import until
from tests.integration.world import World

PAGES = ROOT / "docs" / "astreinte"
SIAO, CENTRE = "siao-01", "centre"
WHY = "essai du manuel"
Names = Mapping[str, str]
"""What stands for the placeholders of a page: `P`, `ID`, `LIVRAISON`…"""


class Case(NamedTuple):
    """A page, the fault that leads to it, and what its commands have to say."""

    page: str
    code: Code
    breaks: Callable[[World], Awaitable[Names]]
    says: Mapping[str, str]
    """Words that a command of «Regarder» prints, by how it begins."""
    repair: str = ""
    """How the command of «Faire» begins that ends it; without one, `mends` does."""
    mends: Callable[[World], None] = lambda world: None
    """What somebody else does, before the command of the hub or instead of it."""


def answers(status: int) -> Callable[[World], None]:
    """The SIAO's server answers so from now on."""

    def answer(world: World) -> None:
        world.siao.status = status

    return answer


async def siao_answers(world: World, status: int, messages: int) -> Names:
    """So many vacancies go to a SIAO that answers so."""
    world.siao.status = status
    for number in range(messages):
        await world.accepted(CENTRE, vacancy(f"M-{number}"))
    return {"P": SIAO}


async def away(world: World) -> Names:
    return await siao_answers(world, 503, 20)


async def denied(world: World) -> Names:
    return await siao_answers(world, 401, 2)


async def refuses_a_type(world: World) -> Names:
    return await siao_answers(world, 422, REFUSALS_TO_HOLD + 1)


async def refuses_all(world: World) -> Names:
    for number in range(REFUSALS_TO_HOLD):
        await world.accepted(SIAO, to_structure(FINESS, number))
    await until(lambda: len(world.shelter.messages) == REFUSALS_TO_HOLD, "le centre reçoit les orientations")
    names = await refuses_a_type(world)
    for message in world.shelter.messages:
        await world.accepted(
            CENTRE,
            {
                "type": "orientation.acceptee",
                "orientation": message["orientation"],
                "accueilLe": "2026-12-01",
            },
        )
    return names


async def refuses_one(world: World) -> Names:
    await siao_answers(world, 422, 1)

    async def is_refused() -> list[str]:
        return [str(each.id) for each in await world.deliveries(SIAO) if each.etat == "refusee"]

    (delivery,) = await until(is_refused, "le SIAO refuse")
    return {"LIVRAISON": delivery}


async def uncertain(world: World) -> Names:
    await shelter_may_be_asked(world)
    return {"LIVRAISON": str(await an_uncertain_referral(world, 4711, "A-101"))}


async def nobody_s(world: World) -> Names:
    await world.accepted(SIAO, to_structure(NOUVEAU_FINESS, 1))
    (entry,) = await until(world.quarantined, "elle est en quarantaine")
    return {"ID": str(entry.id), "…": str(entry.id)}


async def typed_wrong(world: World) -> Names:
    await refused(world, 20)
    entries = await world.quarantined()
    return {"P": CENTRE, "ID": str(entries[0].id), "…": f"--cause {entries[0].cause}"}


CASES = (
    Case("partenaire-absent", Code.INJOIGNABLE, away, {"deliveries list": f"→ {SIAO}"}, mends=answers(204)),
    Case("acces-refuse", Code.ACCES_REFUSE, denied, {"partners show": SIAO}, "deliveries try", answers(204)),
    Case("partenaire-refuse", Code.REFUSE, refuses_all, {"deliveries list": SIAO}, "deliveries try", answers(204)),
    Case("type-refuse", Code.TYPE_REFUSE, refuses_a_type, {"deliveries list": SIAO}, "deliveries try", answers(204)),
    Case("refusees", Code.REFUSEES, refuses_one, {"trace": "HTTP 422"}, "deliveries resend", answers(204)),
    Case("incertaines", Code.INCERTAINES, uncertain, {"deliveries list": CENTRE}, "deliveries arrived"),
    Case("quarantaine", Code.QUARANTAINE, nobody_s, {"quarantine list": "Unroutable"}, "quarantine close"),
    Case("envois-refuses", Code.ENVOIS_REFUSES, typed_wrong, {"find": "quarantaine"}, "quarantine close"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.page for case in CASES])
async def test_the_page_of_a_fault_says_what_to_look_at_and_what_ends_it(world: World, case: Case) -> None:
    names = await case.breaks(world)

    async def is_found() -> bool:
        return case.code in {each.code for each in await seen(world)}

    await until(is_found, f"« {case.code} » est constaté")
    await _look(world, case.page, names, case.says)
    case.mends(world)
    if case.repair:
        answer = await siao_hub(world.settings, *_worded(_repair(case), names))
        assert answer.status == 0, answer.text + answer.errors
    await until(lambda: _is_over(world, case.code), f"« {case.code} » a cessé")


async def test_the_page_of_a_folder_that_cannot_be_read_says_why_and_all_is_read_once_it_is_back(
    world: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.apply(world.registry(centre={"entree": entree(dropper)}))
    closed = dropper.folder.rename(dropper.folder.with_name("ferme"))

    async def is_found() -> bool:
        return Code.ILLISIBLE in {each.code for each in await seen(world)}

    await until(is_found, "le dossier illisible est constaté")
    await _look(
        world, "lecture-impossible", {"P": CENTRE}, {"status": "lecture illisible", "partners show": "depot"}
    )
    closed.rename(dropper.folder)
    await until(lambda: _is_over(world, Code.ILLISIBLE), "le dossier est lu de nouveau")


async def test_the_page_of_orphan_answers_attaches_one_to_what_it_was_about(world: World) -> None:
    ours, message = await an_exit_that_cites_its_place(world, *AT_WORK)
    (answer,) = [each.id for each in await world.events(CENTRE) if str(each.correlation) == message["id"]]
    names = {"REPONSE": str(answer), "ENVOI": str(ours)}
    await _look(world, "orphelines", names, {"orphelins list": str(answer)[:8]})
    command = next(each for each in _inline("orphelines") if each.startswith("orphelins rattacher"))
    done = await siao_hub(world.settings, *_worded(command, names))
    assert done.status == 0, done.text + done.errors
    await until(lambda: _is_over(world, Code.ORPHELINES), "la réponse est rattachée")


async def _is_over(world: World, code: Code) -> bool:
    return code not in {each.code for each in await seen(world)}


async def _look(world: World, page: str, names: Names, says: Mapping[str, str]) -> None:
    """Run every command of «Regarder». One that ends badly, says nothing, or not what it must, is a fault."""
    commands = re.findall(r"^\$ siao-hub (.*?)(?:\s+#.*)?$", _text(page), re.MULTILINE)
    assert commands, f"{page} ne dit rien à regarder"
    for command in commands:
        answer = await siao_hub(world.settings, *_worded(command, names))
        assert answer.status <= 2, (command, answer.errors)
        assert answer.text.strip(), command
        for words in (words for begins, words in says.items() if command.startswith(begins)):
            assert words in answer, (command, answer.text)
    assert not [begins for begins in says if not any(each.startswith(begins) for each in commands)]


def _repair(case: Case) -> str:
    return next(each for each in _inline(case.page) if each.startswith(case.repair))


def _inline(page: str) -> list[str]:
    """The commands within the sentences of a page."""
    return [" ".join(each.split()) for each in re.findall(r"`siao-hub ([^`]+)`", _text(page))]


def _text(page: str) -> str:
    return Path(PAGES / f"{page}.md").read_text("utf-8")


def _worded(command: str, names: Names) -> list[str]:
    """The words of a command, with what its placeholders stand for; a reason that is left open is ours."""
    words = []
    for word in shlex.split(command.replace('"…"', shlex.quote(WHY))):
        words += shlex.split(names[word]) if word in names else [word]
    return words
