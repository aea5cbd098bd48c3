"""Reads the rights of each account on Kafka from their table, and makes the arguments of `kafka-acls.sh` that grant
them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

RIGHTS = Path(__file__).with_name("droits.toml")
RESOURCES = {"topics": "topic", "groupes": "group"}


class Right(NamedTuple):
    """The operations that an account may do on all topics, or on all consumer groups, whose names begin with
    `beginning`."""

    account: str
    resource: str
    beginning: str
    operations: tuple[str, ...]

    def command(self) -> list[str]:
        """Return the arguments of `kafka-acls.sh` that grant this right."""
        operations = [word for operation in self.operations for word in ("--operation", operation)]
        what = [f"--{self.resource}", self.beginning, "--resource-pattern-type", "prefixed"]
        return ["--add", "--allow-principal", f"User:{self.account}", *operations, *what]


def rights(prefix: str) -> Iterator[Right]:
    """Yield every right of an installation. `prefix` is that of its topics and groups."""
    for said in tomllib.loads(RIGHTS.read_text(encoding="utf-8"))["droit"]:
        (kind,) = said.keys() & RESOURCES.keys()
        beginning = said[kind].format(prefixe=prefix)
        yield Right(said["compte"], RESOURCES[kind], beginning, tuple(said["operations"]))
