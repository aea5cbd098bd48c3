"""The desk of whoever is on duty: `siao-hub` as a program, in a terminal of eighty columns."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic_core import to_json

from ops.terminal.environment import BETWEEN, PREFIX
from router.settings import Settings

ROOT = Path(__file__).parents[2]
COLUMNS = 80


@dataclass(frozen=True)
class Output:
    """What a command printed."""

    status: int
    text: str
    errors: str

    @property
    def content(self) -> Any:
        """Of a command that was asked for JSON."""
        return json.loads(self.text)

    @property
    def widest(self) -> int:
        return max(len(line.rstrip()) for line in self.text.splitlines())

    def __contains__(self, words: str) -> bool:
        """Whether these words were printed, wherever lines were broken."""
        return " ".join(words.split()) in " ".join(self.text.split())


async def siao_hub(settings: Settings, *arguments: str, stdin: str = "") -> Output:
    """Run one command, as the user of these settings."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ops.commands",
        *arguments,
        cwd=ROOT,
        env={**os.environ, **environment_of(settings), "COLUMNS": str(COLUMNS), "TERM": "dumb"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await running.communicate(stdin.encode())
    assert running.returncode is not None
    return Output(running.returncode, out.decode(), err.decode())


def environment_of(settings: Settings) -> dict[str, str]:
    """Settings as a machine's environment says them, whose person on duty is `astreinte`."""
    return {"SIAO_HUB_OPERATOR": "astreinte", **dict(_said(settings, PREFIX))}


def _said(section: BaseModel, start: str) -> Iterator[tuple[str, str]]:
    for name in section.model_fields_set:
        variable, value = start + name.upper(), getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _said(value, variable + BETWEEN)
        elif isinstance(value, SecretStr):
            yield variable, value.get_secret_value()
        elif value is not None:
            yield variable, to_json(value).decode() if isinstance(value, tuple) else str(value)
