"""What is hurled at the hub goes to every route and to every dialect."""

from pathlib import Path
from typing import Any

from starlette.routing import Route

from adapters.registry import ADAPTERS, declaration
from connectors.http_in import PATH
from ops.sandbox.http import sandbox_routes
from router.intake.api import api_of
from router.intake.list_routes import list_routes
from simulation.sftp_server import prepare
from tests.hostile.partners import Sftp, hostile_partners
from tests.hostile.requests import ROUTES, Request, corpus

NOBODY: Any = None


def test_every_route_of_the_door_is_tried() -> None:
    api = api_of(
        NOBODY,
        NOBODY,
        NOBODY,
        (sandbox_routes(NOBODY, NOBODY), list_routes(NOBODY, NOBODY, NOBODY)),
        NOBODY,
        NOBODY,
        {},
    )
    shown, hidden = (
        set(api.openapi()["paths"]),
        {route.path for route in api.routes if isinstance(route, Route)},
    )
    assert {PATH} | shown | hidden == set(ROUTES)


def test_every_dialect_that_is_read_has_a_partner_and_bodies(tmp_path: Path) -> None:
    prepare(tmp_path)
    read = {dialect for dialect in ADAPTERS if declaration(dialect).lit}
    assert {partner.dialectes[0] for partner in hostile_partners(1, Sftp(2, 3, tmp_path))} == read
    assert all(corpus(dialect) != (b"",) for dialect in read)


def test_a_request_is_written_as_it_says() -> None:
    plain = Request(b"POST", b"/x", ((b"a", b"b"),), b"corps")
    assert plain.wire().endswith(b"content-length: 5\r\na: b\r\n\r\ncorps")
    assert (
        Request(b"POST", b"/x", (), b"corps", chunked=True)
        .wire()
        .endswith(b"\r\n\r\n5\r\ncorps\r\n0\r\n\r\n")
    )
