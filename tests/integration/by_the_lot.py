"""A shelter that gets tables of many lines, by HTTP or as files, and referrals to it."""

from pathlib import Path
from typing import Any

from contracts.entry import Lot
from contracts.partner import ClasseLivraison
from contracts.sftp import SortieSftp
from tests.conformance.droppers import SftpDropper
from tests.integration.messages import referral
from tests.integration.registry import http
from tests.integration.world import World

HOUR = 3600
IMPATIENT_SECONDS = 2.0


async def takes_lots(
    world: World, lines: int, livraison: ClasseLivraison = ClasseLivraison.DEDUPLIQUE, **more: Any
) -> None:
    """Make the shelter get tables of so many lines, or of those that have waited for an hour. `more`: further
    fields of its HTTP entry."""
    lot = Lot(lignes=lines, attente_s=HOUR)
    way_out = http(world.shelter.port, world.secret, lot=lot, **{"delai_s": 30, **more})
    await _changed(world, livraison, way_out)


async def takes_lots_if_asked(world: World, lines: int, livraison: ClasseLivraison) -> None:
    """Make the shelter get tables of so many lines, with a short time-out, and answer whether it has
    received a key."""
    question = f"http://127.0.0.1:{world.shelter.port}/recus/{{cle}}"
    await takes_lots(world, lines, livraison, delai_s=IMPATIENT_SECONDS, question=question)


async def takes_files(world: World, dropper: SftpDropper, lines: int, livraison: ClasseLivraison) -> None:
    """Make the shelter get files of so many lines in its folder."""
    lot = Lot(lignes=lines, attente_s=HOUR)
    await _changed(world, livraison, SortieSftp(**dropper.server.entry(), dossier="depot", lot=lot))


async def _changed(world: World, livraison: ClasseLivraison, way_out: Any) -> None:
    changed = {"livraison": livraison, "dialecte_sortant": "hebergement_csv", "sortie": way_out}
    await world.apply(world.registry(centre=changed))


async def referred(world: World, *numbers: int) -> list[str]:
    """Refer one household to a new place for each number, and return the hub's ids of the places."""
    places = [await world.known_place(f"A-{number}") for number in numbers]
    for number, place in zip(numbers, places, strict=True):
        assert (await world.send("siao-01", referral(place, number)))[0] == 202
    return places


def lines_of(table: str) -> list[str]:
    return table.splitlines()[1:]


def tables(dropper: SftpDropper) -> dict[str, str]:
    """Return the complete files in the shelter's folder: content by name."""
    return {path.name: path.read_text("utf-8-sig") for path in _files(dropper.folder)}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


async def are_owed(world: World, number: int) -> bool:
    """Return whether the shelter has exactly so many deliveries, in any state."""
    return len(await world.etats("centre")) == number


async def last_waits(world: World) -> bool:
    """Return whether the shelter's last delivery is the only pending one."""
    *others, last = await world.etats("centre")
    return last == "en_attente" and not {"en_attente", "en_vol"} & set(others)
