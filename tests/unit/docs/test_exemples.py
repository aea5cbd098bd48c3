"""The samples that partners copy do what they say, in every language that this machine speaks."""

import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json
from standardwebhooks import Webhook

from adapters.registry import ADAPTERS
from connectors.admission import Admissions
from contracts.ports import Native
from ops.sandbox.http import sandbox_routes
from router.intake.api import api_of
from router.intake.list_routes import list_routes
from tests.golden.cas import partenaire

NOBODY: Any = None
DOOR = Admissions(lambda key: None)
EXEMPLES = Path(__file__).parents[3] / "docs" / "exemples"
SECRET = "whsec_c2VjcmV0IGRlcyBleGVtcGxlcyBkdSBodWI="
BODY = '{"type":"orientation.proposee","nom":"Élodie"}'
COMMANDS = {
    "python": [sys.executable, "signature.py"],
    "java": ["java", "-XX:TieredStopAtLevel=1", "Signature.java"],
    "php": ["php", "signature.php"],
}
SPOKEN = [pytest.param(command, id=name) for name, command in COMMANDS.items() if shutil.which(command[0])]


def compiled(command: list[str], folder: Path) -> list[str]:
    """The command of a sample, once Java has compiled it: with the source alone, it would do so at each call."""
    if command[0] != "java":
        return command
    *java, source = command
    subprocess.run(["javac", "-J-XX:TieredStopAtLevel=1", "-d", folder, source], cwd=EXEMPLES, check=True)
    return [*java, "-cp", str(folder), Path(source).stem]


def judged(command: list[str], body: str, at: float, *, secret: str = SECRET) -> bool:
    """Whether a sample takes a body for the hub's, signed at a time by the library that the hub signs with."""
    signature = Webhook(SECRET).sign("msg-1", datetime.fromtimestamp(at, UTC), BODY)
    sent = [*command, secret, "msg-1", str(int(at)), f"v1,AAAA {signature}"]
    return subprocess.run(sent, cwd=EXEMPLES, input=body.encode(), capture_output=True).returncode == 0


@pytest.mark.parametrize("command", SPOKEN)
def test_a_sample_takes_what_the_hub_signed_and_nothing_else(command: list[str], tmp_path: Path) -> None:
    now, command = time.time(), compiled(command, tmp_path)
    assert judged(command, BODY, now)
    assert not judged(command, BODY + " ", now), "un octet de plus"
    assert not judged(command, BODY, now - 3600), "une vieille signature"


def test_every_request_of_the_collection_is_one_that_the_hub_serves() -> None:
    routes = (sandbox_routes(NOBODY, DOOR), list_routes(NOBODY, NOBODY, DOOR))
    paths = api_of(NOBODY, NOBODY, NOBODY, routes, NOBODY, DOOR, {}).openapi()["paths"]
    requests = re.findall(
        r"^(GET|POST) \{\{hub\}\}([^\s?]+)", (EXEMPLES / "hub.http").read_text("utf-8"), re.M
    )
    shown = {(method.lower(), re.sub(r"[0-9a-f-]{36}", "{}", path)) for method, path in requests}
    served = {
        (method, re.sub(r"\{\w+\}", "{}", path)) for path, methods in paths.items() for method in methods
    }
    assert shown <= served
    assert len(shown) == len(served), "chaque opération a sa requête"


def test_the_bodies_of_the_collection_are_accepted() -> None:
    for body in re.findall(r"^\{\".*\}$", (EXEMPLES / "hub.http").read_text("utf-8"), re.M):
        assert from_json(body)
        (ligne,) = (
            ADAPTERS["hebergement_json"]
            .decode(Native(body.encode(), "application/json"), partenaire("hebergement_json", {}))
            .lignes
        )
        assert ligne.rejets == ()
