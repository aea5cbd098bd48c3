"""A file that a partner dropped is its own only copy until it is in the database."""

import json

from contracts.sftp import EntreeSftp
from router.domain.roles import Role
from tests.conformance.droppers import SftpDropper
from tests.integration.messages import vacancy
from tests.integration.triggers import FullDisk
from tests.integration.waiting import until
from tests.integration.world import World


async def test_a_file_that_cannot_be_written_stays_where_it_is_unreported_and_is_taken_in_later(
    prepared: World, dropper: SftpDropper
) -> None:
    disk = FullDisk(prepared, "INSERT", "inbox")
    await disk.fills()
    await dropper.drop("places.json", json.dumps(vacancy("A-1")).encode())
    looks = {"dialecte": "hebergement_json", "stable_s": 0.0, "intervalle_s": 0.1}
    entree = EntreeSftp(**dropper.server.entry(), dossier="depot", **looks)
    await prepared.start(Role.SOURCES)
    await prepared.apply(prepared.registry(centre={"entree": entree}))

    async def tried_again() -> bool:
        return await disk.refusals() > 1

    await until(tried_again, "on tente, et on tente encore")
    assert dropper.remaining() == ["places.json"]
    assert not [*dropper.folder.rglob("*.rapport.json")]

    await disk.is_mended()
    await until(lambda: dropper.remaining() == [], "le fichier est rangé")
    assert await prepared.count("event") == 1
    assert dropper.report("places.json")["etat"] == "accepte"
