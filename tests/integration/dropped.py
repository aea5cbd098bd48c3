"""Folders in which shelters drop files, and a hub that fetches them."""

import json
from typing import Any

from connectors.byte_budget import SMALL_BYTES
from contracts.sftp import EntreeSftp
from router.domain.roles import Role
from tests.conformance.droppers import SftpDropper
from tests.conformance.sftp_server import FaultySftpServer
from tests.integration.messages import vacancy
from tests.integration.world import World

BIG_BYTES = 2 * SMALL_BYTES


def entree(dropper: SftpDropper) -> EntreeSftp:
    """Return the registry entry of the shelter's folder."""
    looks = {"dialecte": "hebergement_json", "stable_s": 0.0, "intervalle_s": 0.1}
    return EntreeSftp(**dropper.server.entry(), dossier="depot", **looks)


async def picked_up(world: World, dropper: SftpDropper) -> None:
    """Make the hub fetch files from the shelter's folder."""
    await world.start(Role.SOURCES)
    await world.apply(world.registry(centre={"entree": entree(dropper)}))


def file_of(place: str, **more: Any) -> bytes:
    return json.dumps(vacancy(place, **more)).encode()


async def has_events(world: World, count: int) -> bool:
    return await world.count("event") == count


async def drop_big_files(dropper: SftpDropper, structure: str, count: int) -> None:
    for n in range(count):
        body = json.dumps([vacancy(f"{structure}-{n}", structure=structure)]).encode()
        await dropper.drop(f"{n}.json", body.ljust(BIG_BYTES))


async def both_picked_up(world: World, dropper: SftpDropper, neighbour: SftpDropper, **centre: Any) -> None:
    """Make the hub fetch files from both shelters' folders. `centre`: further fields of the first shelter's entry."""
    await world.start(Role.SOURCES)
    folders = {"centre": {"entree": entree(dropper), **centre}, "centre_boite": {"entree": entree(neighbour)}}
    await world.apply(world.registry(**folders))


def has_tried_to_move(server: FaultySftpServer, count: int) -> bool:
    return server.calls.count("rename") >= count
