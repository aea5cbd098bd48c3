"""The commands of the handbook's pages, run word for word with the placeholders filled in."""

import asyncio
import os
import re
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run

from deploy.local.postgres import client_tools
from ops.status.findings import Code
from ops.status.verdict import verdict
from router.domain.vitals import Answer
from tests.integration.desk import ROOT, siao_hub
from tests.integration.seen import seen, vitals
from tests.integration.world import World

PAGES = ROOT / "docs" / "astreinte"
WHY = "essai du manuel"
Names = Mapping[str, str]
"""Values of a page's placeholders: `P`, `ID`, `LIVRAISON`…"""


async def is_over(world: World, code: Code) -> bool:
    """Return whether all facts are known and none of them is a finding of this code."""
    facts = await vitals(world)
    found = verdict(facts, datetime.now(UTC)).findings
    return facts.base is Answer.OK and not facts.unknown and code not in {each.code for each in found}


async def is_found(world: World, code: Code) -> bool:
    return code in {each.code for each in await seen(world)}


async def look(world: World, page: str, names: Names, says: Mapping[str, str], typed: str = "") -> None:
    """Run every command of «Regarder» with `typed` as its input. Fails if one fails, prints nothing, or lacks the
    required words."""
    commands = re.findall(r"^\$ siao-hub (.*?)(?:\s+#.*)?$", _text(page), re.MULTILINE)
    assert commands, f"{page} ne dit rien à regarder"
    for command in commands:
        answer = await siao_hub(world.settings, *worded(command, names), stdin=typed)
        assert answer.status <= 2, (command, answer.errors)
        assert answer.text.strip(), command
        for words in (words for begins, words in says.items() if command.startswith(begins)):
            assert words in answer, (command, answer.text)
    assert not [begins for begins in says if not any(each.startswith(begins) for each in commands)]


def inline(page: str) -> list[str]:
    """Return the commands within the sentences of a page."""
    return [" ".join(each.split()) for each in re.findall(r"`siao-hub ([^`]+)`", _text(page))]


def _text(page: str) -> str:
    return (PAGES / f"{page}.md").read_text("utf-8")


def worded(command: str, names: Names) -> list[str]:
    """Return the words of a command with its placeholders replaced, even within a word. An open reason gets the
    test's own; `…` after an option is named by the option, as in `-p …`."""
    words: list[str] = []
    for word in shlex.split(command.replace('"…"', shlex.quote(WHY))):
        name = f"{words[-1]} …" if word == "…" and f"{words[-1]} …" in names else word
        within = re.sub(r"\b[A-Z]{2,}\b", lambda found: names.get(found[0], found[0]), word)
        words += shlex.split(names[name]) if name in names else [within]
    return words


async def machine(
    page: str, begins: str, names: Names, journal: Path | None = None, more: Names | None = None
) -> str:
    """Run a command of a page that is not the hub's own, and return its output. `journal` replaces the system's
    journal; `more`: further environment variables."""
    (command,) = {each for each in _commands(page) if each.startswith(begins)}
    command = re.sub(r"^journalctl -u 'siao-hub\*'( -o cat)?", f"cat {journal}", command)
    pieces = [shlex.join(worded(each, names)) for each in command.split(" | ")]
    path = f"{client_tools()}:{os.environ['PATH']}"
    done = await asyncio.to_thread(
        run,
        ["/bin/sh", "-c", " | ".join(pieces)],
        env={**os.environ, "PATH": path, **(more or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, (command, done.stderr)
    return done.stdout


def _commands(page: str) -> list[str]:
    """Return all commands of a page, on lines of their own or within its sentences."""
    return re.findall(r"^\$ (.*?)(?:\s+#.*)?$", _text(page), re.MULTILINE) + re.findall(
        r"`([^`\n]+)`", _text(page)
    )
