"""The social observation gets a household's whole pathway as six files and a marker in its folder, and no name."""

from pathlib import Path
from typing import Any

from contracts.entry import Lot
from contracts.partner import Famille, Partner
from contracts.sftp import SortieSftp
from tests.conformance.sftp_server import FaultySftpServer
from tests.integration.messages import NOM, referral
from tests.integration.registry import entry
from tests.integration.test_families import demand, joined, mailbox
from tests.integration.waiting import until
from tests.integration.world import World

DAY_SECONDS = 86_400


def observation(server: FaultySftpServer, lines: int) -> Partner:
    way_out = SortieSftp(
        **server.entry(), dossier="depot", delai_s=10, lot=Lot(lignes=lines, attente_s=DAY_SECONDS)
    )
    return entry("observation", Famille.BDOS, "bdos_fichiers", dialectes=("bdos_json",), sortie=way_out)


def lines_of(folder: Path, code: str) -> list[dict[str, Any]]:
    (file,) = folder.glob(f"VPAXT{code}*")
    header, *lines = file.read_bytes().decode("iso-8859-1").removesuffix("\r").split("\r")
    return [dict(zip(header.split("~"), line.split("~"), strict=True)) for line in lines]


async def test_a_pathway_arrives_as_one_set_though_the_server_broke_in_the_middle_of_it(
    world: World, tmp_path: Path
) -> None:
    server = FaultySftpServer(tmp_path)
    folder = server.root / "depot"
    folder.mkdir()
    server.after["rename"] = lambda: _cut_once(server, renames=3)
    await server.start()
    try:
        await joined(
            world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"), observation(server, lines=4)
        )
        place = await world.known_place()
        assert (await world.send("ccas", demand()))[0] == 202
        (brought,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
        asked = referral(place)
        asked["orientation"]["demande"] = brought["demande"]["identifiantExterne"]
        assert (await world.send("siao-01", asked))[0] == 202
        await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
        ours = world.shelter.messages[0]["orientation"]
        for said in (
            {"type": "entree.constatee", "orientation": ours, "entreeLe": "2026-11-01"},
            {"type": "sortie.declaree", "orientation": ours, "sortieLe": "2026-11-20"},
        ):
            assert (await world.send("centre", said))[0] == 202

        await until(lambda: list(folder.glob("CPAXT*")), "le jeu arrive, sa marque la dernière")
        await world.settled()
        assert await world.etats("observation") == ["livree"] * 4
        assert len(list(folder.iterdir())) == 7
        (demande,), (orientation,) = lines_of(folder, "DME"), lines_of(folder, "ORI")
        entree, sortie = lines_of(folder, "PRC")
        assert {row["CODE_DEMANDEUR"] for row in (demande, orientation, entree, sortie)} == {
            demande["CODE_DEMANDEUR"]
        }
        assert orientation["CODE_DEMANDE"] == entree["CODE_DEMANDE"] == demande["CODE_DEMANDE"]
        assert (entree["DATE_ENTREE"], sortie["DATE_SORTIE"]) == (
            "2026-11-01 00:00:00",
            "2026-11-20 00:00:00",
        )
        written = b"".join(file.read_bytes() for file in folder.iterdir())
        assert [word for word in (NOM, ours, place, "M-1", "D-118") if word.encode() in written] == []
    finally:
        await server.stop()


def _cut_once(server: FaultySftpServer, renames: int) -> None:
    if server.calls.count("rename") == renames:
        server.lose_after, server.after = "rename", {}
