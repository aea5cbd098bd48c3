"""A client that a usual generator makes of `/openapi.json` and of nothing else, against a real hub."""

import asyncio
import importlib
import json
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from typing import Any

import pytest

from tests.integration import lasting
from tests.integration.messages import to_structure
from tests.integration.registry import key_of
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

SETTINGS = Path(__file__).with_name("client_openapi.yml")
PACKAGE = "client_du_hub"
OPERATIONS = (
    "messages.envoyer_message",
    "messages.suivre_message",
    "boite.lister_boite",
    "boite.lire_envoi",
    "boite.accuser_envoi",
)


async def generated(world: World, folder: Path) -> None:
    """Writes the client's package; a warning of the generator is a fault of the document."""
    async with world.http.get(f"{world.base}/openapi.json") as response:
        (folder / "openapi.json").write_bytes(await response.read())
    generator = Path(sys.executable).with_name("openapi-python-client")
    where = ("--path", folder / "openapi.json", "--output-path", folder / PACKAGE, "--config", SETTINGS)
    command = (generator, "generate", "--meta", "none", "--fail-on-warning", *where)
    making = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT)
    told, _ = await making.communicate()
    assert making.returncode == 0, told.decode()


def called(module: str) -> Any:
    return importlib.import_module(f"{PACKAGE}.{module}")


async def test_a_generated_client_sends_a_place_answers_a_referral_and_learns_what_became_of_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await generated(world, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    models, messages, boite = called("models"), called("api.messages"), called("api.boite")
    for operation in OPERATIONS:
        called(f"api.{operation}")

    async with called("client").AuthenticatedClient(world.base, token=key_of("centre-boite")) as client:

        async def sent(event: Any) -> Any:
            answer = await messages.envoyer_message.asyncio(client=client, body=event)
            assert isinstance(answer, models.Reponse), answer
            return answer

        place = models.HebergementJsonLuPlaceVacante(
            type_="place.vacante",
            id_evenement="ev-1",
            place="BO-1",
            structure="010000032",
            commune="01053",
            dispositif=models.HebergementJsonLuPlaceVacanteDispositif.INSERTION,
        )
        assert (await sent(place)).etat == "accepte"
        wrong = models.HebergementJsonLuPlaceVacante.from_dict({**place.to_dict(), "commune": "99999"})
        wrong.id_evenement = "ev-2"
        refused = await messages.envoyer_message.asyncio(client=client, body=wrong)
        assert isinstance(refused, models.Probleme)
        assert [(rejet.champ, rejet.reference) for rejet in refused.rejets] == [("commune", "ev-2")]

        await world.accepted("siao-01", to_structure("010000032", 4711))

        async def listed() -> Any:
            return (await boite.lister_boite.asyncio(client=client)).envois

        (envoi,) = await until(listed, "l'orientation est dans la boîte")
        taken = await boite.lire_envoi.asyncio_detailed(client=client, cle=envoi.cle)
        asked = models.HebergementJsonEcritOrientationProposee.from_dict(json.loads(taken.content))
        await boite.accuser_envoi.asyncio(client=client, cle=envoi.cle)
        owed = await called("api.orientations.lister_orientations").asyncio(client=client)
        assert [str(each.id) for each in owed.orientations] == [str(asked.orientation)]

        answer = models.HebergementJsonLuOrientationAcceptee(
            type_="orientation.acceptee", id_evenement="ev-3", orientation=asked.orientation
        )
        ident = (await sent(answer)).id

        async def fate() -> Any:
            told = await messages.suivre_message.asyncio(client=client, id=ident)
            return told if told.effet == "complet" else None

        told = await until(fate, "la réponse a eu son effet")
        assert [event.type_ for event in told.evenements] == ["fr.siao.orientation.orientation.acceptee.v1"]
        ours = str(asked.orientation)
        followed = await called("api.orientations.suivre_orientation").asyncio(client=client, id=ours)
        unsaid = [told, *told.evenements, followed, *followed.histoire]
        assert not any(each.additional_properties for each in unsaid), "tout ce qui est répondu est décrit"
