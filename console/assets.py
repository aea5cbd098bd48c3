"""Serve the static files of the pages. They are compressed once, and browsers cache them."""

import gzip
import mimetypes
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from fastapi import HTTPException, Request, Response

FOLDER = Path(__file__).parent / "static"
PATH = "/statique/"
VERSIONED = b"v="
"""Beginning of the URL query that gives a file's version."""


class Asset(NamedTuple):
    """Static file with its compressed form and its version."""

    body: bytes
    compressed: bytes
    media_type: str
    version: str


@cache
def assets() -> Mapping[str, Asset]:
    """Return all static files of the console, by file name."""
    return {file.name: _asset(file) for file in FOLDER.iterdir() if file.is_file()}


def addressed(name: str) -> str:
    """Return the relative address of a static file, with the file's version in the query. A browser may thus
    cache the file until the version changes."""
    return f"{name}?v={assets()[name].version}"


async def asset(request: Request, name: str) -> Response:
    """Send a static file. Raises 404 for an unknown name."""
    found = assets().get(name)
    if found is None:
        raise HTTPException(404)
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(found.compressed, media_type=found.media_type, headers=headers)
    return Response(found.body, media_type=found.media_type, headers=headers)


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Asset(body, gzip.compress(body, mtime=0), media_type, sha256(body).hexdigest()[:12])
