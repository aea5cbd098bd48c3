"""A hub at work removes what it has put on partners' servers, once its days are over."""

import os

from router.domain.roles import Role
from router.store import registry as registry_store
from tests.conformance.droppers import SftpDropper
from tests.integration.dropped import entree
from tests.integration.waiting import until
from tests.integration.world import World


async def test_the_role_that_picks_up_files_removes_old_archives(
    prepared: World, dropper: SftpDropper
) -> None:
    archives = dropper.folder / "archives"
    archives.mkdir()
    for name, mtime in (("vieux.json", 1.0), ("neuf.json", None)):
        (archives / name).write_bytes(b"{}")
        os.utime(archives / name, None if mtime is None else (mtime, mtime))
    registry = prepared.registry(centre={"entree": entree(dropper)})
    await registry_store.apply(prepared.database, registry, "test")
    await prepared.start(Role.SOURCES)
    await until(lambda: [path.name for path in archives.iterdir()] == ["neuf.json"], "l'ancien est retiré")
