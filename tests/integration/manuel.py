"""Trial of the operator's handbook: cause each fault on real parts, then follow its page word for word until all is
well.

`make manuel`, outside of `make test`. A command of a page that fails, or does not show the fault, fails the trial.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.kafka.bounds import BATCH_MAX_BYTES
from contracts.kafka import EntreeKafka
from deploy.local.postgres import client_tools
from ops.status.findings import Code
from router.domain.roles import AT_WORK
from tests.conformance.droppers import SftpDropper
from tests.conformance.kafka_partner import Topic
from tests.integration.beginnings import shows
from tests.integration.desk import siao_hub
from tests.integration.dropped import entree
from tests.integration.orphaned import an_exit_that_cites_its_place
from tests.integration.pages import Names, inline, is_found, is_over, look, worded
from tests.integration.test_backups import backed_up
from tests.integration.test_partner_topics import arrived, place
from tests.integration.troubles import (
    CENTRE,
    SIAO,
    answers,
    asked_weeks_ago,
    away,
    collects,
    corrects,
    counts_anew,
    denied,
    forged,
    gap,
    late,
    left_in_its_box,
    nobody_s,
    piled_up,
    refuses_a_type,
    refuses_all,
    refuses_one,
    replies,
    silent,
    speaks,
    told_weeks_ago,
    typed_wrong,
    unanswered,
    uncertain,
)
from tests.integration.waiting import until
from tests.integration.world import World


class Case(NamedTuple):
    """A page of the handbook, the fault that leads to it, and the required output of its commands."""

    page: str
    code: Code
    breaks: Callable[[World], Awaitable[Names]]
    says: Mapping[str, str]
    """Required words in the output of the commands of «Regarder», by beginning of the command."""
    repair: str = ""
    """Beginning of the command of «Faire» that repairs the fault; empty if `mends` does it alone."""
    mends: Callable[[World], Awaitable[object]] | None = None
    """What somebody other than the operator does, before that command or in its place; None if nothing."""


CASES = (
    Case("partenaire-absent", Code.INJOIGNABLE, away, {"deliveries list": f"→ {SIAO}"}, mends=answers(204)),
    Case("arriere", Code.INJOIGNABLE, piled_up, {"status": "à livrer 20"}, mends=answers(204)),
    Case("objectifs", Code.EN_RETARD, late, {"status": "en retard", "deliveries list": SIAO}, mends=answers(204)),
    Case("acces-refuse", Code.ACCES_REFUSE, denied, {"partners show": SIAO}, "deliveries try", answers(204)),
    Case("partenaire-refuse", Code.REFUSE, refuses_all, {"deliveries list": SIAO}, "deliveries try", answers(204)),
    Case("type-refuse", Code.TYPE_REFUSE, refuses_a_type, {"deliveries list": SIAO}, "deliveries try", answers(204)),
    Case("refusees", Code.REFUSEES, refuses_one, {"trace": "HTTP 422"}, "deliveries resend", answers(204)),
    Case("incertaines", Code.INCERTAINES, uncertain, {"deliveries list": CENTRE}, "deliveries arrived"),
    Case("quarantaine", Code.QUARANTAINE, nobody_s, {"quarantine list": "Unroutable"}, "quarantine close"),
    Case("envois-refuses", Code.ENVOIS_REFUSES, typed_wrong, {"find": "quarantaine"}, "quarantine close"),
    Case("retard", Code.EN_RETARD, late, {"deliveries list": f"→ {SIAO}", "status": "en retard"}, "deliveries close"),
    Case("silence", Code.SILENCE, silent, {"status": f"{CENTRE} n'a rien dit"}, mends=speaks),
    Case("sans-reponse", Code.SANS_REPONSE, unanswered, {"status": CENTRE, "trace": "au tour de"}, mends=replies),
    Case("boite", Code.BOITE, left_in_its_box, {"status": "ne relève pas sa boîte"}, mends=collects),
    Case("occupation", Code.ECART, gap, {"occupation": "écart que rien n'explique : +1"}, mends=corrects),
    Case("perime", Code.RELEVE, told_weeks_ago, {"occupation": "périmé"}, mends=counts_anew),
    Case("bus-falsifie", Code.FALSIFIE, forged, {"quarantine list": "n'a pas écrit"}, "quarantine close"),
    Case("droits-en-retard", Code.DROITS, asked_weeks_ago, {"personne demandes": "accès"}, "personne repondre"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.page for case in CASES])
async def test_the_page_of_a_fault_says_what_to_look_at_and_what_ends_it(world: World, case: Case) -> None:
    names = await case.breaks(world)

    await until(lambda: is_found(world, case.code), f"« {case.code} » est constaté")
    await shows(world, case.code)
    await look(world, case.page, names, case.says)
    if case.mends:
        await case.mends(world)
    if case.repair:
        answer = await siao_hub(world.settings, *worded(_repair(case), names))
        assert answer.status == 0, answer.text + answer.errors
    await until(lambda: is_over(world, case.code), f"« {case.code} » a cessé")


async def test_the_page_of_a_folder_that_cannot_be_read_says_why_and_all_is_read_once_it_is_back(
    world: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.apply(world.registry(centre={"entree": entree(dropper)}))
    closed = dropper.folder.rename(dropper.folder.with_name("ferme"))

    await until(lambda: is_found(world, Code.ILLISIBLE), "le dossier illisible est constaté")
    await shows(world, Code.ILLISIBLE)
    await look(
        world, "lecture-impossible", {"P": CENTRE}, {"status": "lecture illisible", "partners show": "depot"}
    )
    closed.rename(dropper.folder)
    await until(lambda: is_over(world, Code.ILLISIBLE), "le dossier est lu de nouveau")


async def test_the_page_of_a_topic_that_is_read_no_more_says_from_where_to_read_on(
    world: World, prefix: str
) -> None:
    topic = Topic(world.settings.kafka.bootstrap, f"{prefix}lots")
    await topic.create()
    entree = EntreeKafka(**topic.entry, dialecte="cloudevents_json", intervalle_s=0.1)
    await world.apply(world.registry(centre={"dialectes": ("cloudevents_json",), "entree": entree}))
    await topic.write(place(0))
    await topic.write_batch("zstd", bytes(BATCH_MAX_BYTES + 1))
    await topic.write(place(1))
    names = {"P": CENTRE, "N": "2"}

    await until(lambda: is_found(world, Code.LECTURE), "la lecture est en pause")
    says = {"status": "premier offset lisible est 2", "find": f"message accepté, {CENTRE}"}
    await look(world, "lecture-en-pause", names, says)
    command = next(each for each in inline("lecture-en-pause") if each.startswith("partners reprendre"))
    done = await siao_hub(world.settings, *worded(command, names))
    assert done.status == 0, done.text + done.errors
    await until(lambda: is_over(world, Code.LECTURE), "la lecture a repris")
    await until(partial(arrived, world, 2), "ce qui suit le lot est lu")
    await topic.delete()


async def test_the_page_of_a_safeguard_says_which_one_does_not_hold_and_a_backup_mends_it(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "sauvegardes"
    folder.mkdir()
    world.settings = world.settings.model_copy(update={"backups_folder": folder})

    async def is_broken() -> bool:
        """Return whether `status` reports the backup as missing. This machine lacks other safeguards too, which are
        none of the hub's."""
        answer = await siao_hub(world.settings, "status", "--json")
        found = {(each["code"], each["objet"]) for each in answer.content["verdict"]["constats"]}
        return (Code.FILET, "sauvegarde") in found

    assert await is_broken()
    await look(world, "filet", {}, {"status": "sauvegarde : aucune dans"})
    done = await asyncio.to_thread(backed_up, world, folder, client_tools())
    assert done.returncode == 0, done.stderr
    assert not await is_broken()


async def test_the_page_of_orphan_answers_attaches_one_to_what_it_was_about(world: World) -> None:
    ours, message = await an_exit_that_cites_its_place(world, *AT_WORK)
    (answer,) = [each.id for each in await world.events(CENTRE) if str(each.correlation) == message["id"]]
    names = {"REPONSE": str(answer), "ENVOI": str(ours)}
    await shows(world, Code.ORPHELINES)
    await look(world, "orphelines", names, {"orphelins list": str(answer)[:8]})
    command = next(each for each in inline("orphelines") if each.startswith("orphelins rattacher"))
    done = await siao_hub(world.settings, *worded(command, names))
    assert done.status == 0, done.text + done.errors
    await until(lambda: is_over(world, Code.ORPHELINES), "la réponse est rattachée")


def _repair(case: Case) -> str:
    return next(each for each in inline(case.page) if each.startswith(case.repair))
