"""An OpenID provider for the demo and the tests, which asks for no password: oidc-provider-mock."""

import json
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from deploy.local.process import Child

People = Mapping[str, Mapping[str, Any]]
"""Claims of the provider's accounts, by subject."""


@contextmanager
def identity_provider(folder: Path, port: int, people: People) -> Iterator[str]:
    """Run an OpenID provider with these accounts until the block ends; give its URL. Raises
    PartUnavailable."""
    known = [f"--user-claims={json.dumps({'sub': sub, 'name': sub, **said})}" for sub, said in people.items()]
    child = Child(folder, folder / "identite.log")
    child.spawn([sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", f"--port={port}", *known])
    try:
        child.wait_until(lambda: answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()


def answers(port: int) -> bool:
    """Return whether something accepts connections on this port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
