"""What the hub has put on a partner's server goes after its days, and nothing else does."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from connectors.sftp.purge import Folder, folders_of, purge
from contracts.partner import Famille, Partner
from contracts.sftp import EntreeSftp, SortieSftp
from ops.retention.purging import purge_partner

from .reports import REPORT, archives

NOW = datetime.now(UTC)
OURS = "orientation_7b0e8f1c-5d7c-4a57-9f3e-0c2f6f0a1101.json"


def partner(dropper, **changes: int) -> Partner:
    """A partner that drops files here and finds its deliveries here."""
    entry = dropper.server.entry()
    return Partner(
        id="centre",
        nom="Centre",
        famille=Famille.HEBERGEMENT,
        territoire="01",
        dialectes=("hebergement_csv",),
        dialecte_sortant="hebergement_csv",
        entree=EntreeSftp(
            **entry, dossier="depot", dialecte="hebergement_csv", purge_jours=changes.get("entree", 7)
        ),
        sortie=SortieSftp(**entry, dossier="envois", purge_jours=changes.get("sortie", 0)),
    )


def put(dropper, path: str, days: int) -> None:
    """A file that is so old."""
    file = dropper.server.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(file, (at, at))


def names(dropper, folder: str) -> list[str]:
    return sorted(path.name for path in (dropper.server.root / folder).iterdir())


async def test_archives_and_reports_go_after_a_week_and_what_was_not_taken_in_stays(dropper):
    for folder in ("depot", "depot/archives", "depot/rapports"):
        put(dropper, f"{folder}/vieux.csv", 8)
        put(dropper, f"{folder}/neuf.csv", 6)
    assert await purge_partner(partner(dropper), NOW) == 2
    assert names(dropper, "depot/archives") == names(dropper, "depot/rapports") == ["neuf.csv"]
    assert dropper.remaining() == ["neuf.csv", "vieux.csv"]


async def test_deliveries_go_only_where_the_entry_says_so_and_only_those_that_the_hub_wrote(dropper):
    put(dropper, f"envois/{OURS}", 8)
    put(dropper, "envois/notes-du-centre.txt", 8)
    assert await purge_partner(partner(dropper), NOW) == 0
    assert await purge_partner(partner(dropper, sortie=7), NOW) == 1
    assert names(dropper, "envois") == ["notes-du-centre.txt"]


async def test_where_the_partner_does_it_itself_the_hub_removes_nothing(dropper):
    put(dropper, "depot/archives/vieux.csv", 400)
    assert {folder.days for folder in folders_of(partner(dropper, entree=0))} == {0}
    assert await purge_partner(partner(dropper, entree=0), NOW) == 0
    assert names(dropper, "depot/archives") == ["vieux.csv"]


async def test_the_days_of_an_archived_file_begin_when_it_is_archived(dropper):
    put(dropper, "depot/places.csv", 100)
    [native] = await dropper.offered()
    await dropper.source.done(native, REPORT)
    assert await purge_partner(partner(dropper), NOW) == 0
    assert archives(dropper) == {"places.csv": b"x"}


async def test_a_folder_that_is_not_there_and_a_server_that_is_not_are_no_end_of_it(dropper):
    assert await purge_partner(partner(dropper, sortie=7), NOW) == 0
    await dropper.go_away()
    with capture_logs() as logged:
        assert await purge_partner(partner(dropper), NOW) == 0
    assert {line["event"] for line in logged} == {"sftp.purge_waits"}
    assert {line["partner"] for line in logged} == {"centre"}


@pytest.mark.parametrize("shared", [False, True])
async def test_links_and_folders_stay(dropper, shared):
    put(dropper, f"envois/sous/{OURS}", 8)
    os.utime(dropper.server.root / "envois/sous", (0, 0))
    (dropper.server.root / "envois" / f"lien-{OURS}").symlink_to(dropper.folder)
    folder = Folder(SortieSftp(**dropper.server.entry(), dossier="envois"), "envois", 7, shared)
    assert await purge(folder, NOW) == 0
