"""The command `siao-hub`, run as a program in a terminal of eighty columns."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from pydantic import BaseModel, SecretStr
from pydantic_core import to_json

from ops.commands import main
from ops.terminal.environment import BETWEEN, PREFIX
from router.settings import Settings

ROOT = Path(__file__).parents[2]
COLUMNS = 80
_TERMINAL = {"COLUMNS": str(COLUMNS), "TERM": "dumb"}
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "ops.running.process"])


@dataclass(frozen=True)
class Output:
    """Exit status and output of a command."""

    status: int
    text: str
    errors: str

    @property
    def content(self) -> Any:
        """The output as parsed JSON."""
        return json.loads(self.text)

    @property
    def rows(self) -> Any:
        """Of a list that was asked for as JSON."""
        return self.content["lignes"]

    @property
    def widest(self) -> int:
        return max(len(line.rstrip()) for line in self.text.splitlines())

    def __contains__(self, words: str) -> bool:
        """Return whether these words were printed, wherever lines were broken."""
        return " ".join(words.split()) in " ".join(self.text.split())


async def siao_hub(settings: Settings, *arguments: str, stdin: str = "") -> Output:
    """Run one command of `siao-hub` with these settings in a process of its own, and return its output.

    The process is a fork of one that has imported all commands, because importing them takes most of a command's
    time.
    """
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("stdin", "stdout", "stderr")]
        files[0].write_text(stdin)
        process = FORKS.Process(
            target=_run, args=(arguments, {**os.environ, **environment_of(settings)}, files)
        )
        with patch.dict(os.environ, _TERMINAL):  # the process that is forked is started with the first one
            process.start()
        await asyncio.to_thread(process.join)
        status = process.exitcode
        process.close()
        assert status is not None
        return Output(status, files[1].read_text(), files[2].read_text())


def _run(arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[Path]) -> None:
    for number, file in enumerate(files):
        os.dup2(os.open(file, os.O_RDWR | os.O_CREAT), number)
    sys.stdin = os.fdopen(0)
    sys.argv = ["siao-hub", *arguments]
    os.environ.clear()
    os.environ.update(environment)
    main()


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the settings as environment variables. The person on duty is `astreinte`."""
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
