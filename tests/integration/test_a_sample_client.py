"""The sample client that partners copy, against a real hub: what it has queued arrives once, whatever is cut."""

import asyncio
import importlib.util
import json
from pathlib import Path
from typing import Any

from tests.integration import lasting
from tests.integration.messages import to_structure, vacancy
from tests.integration.registry import key_of
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

SOURCE = Path(__file__).parents[2] / "docs" / "exemples" / "client.py"


def sample() -> Any:
    spec = importlib.util.spec_from_file_location("exemple_client", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_a_partner_with_the_sample_client_sends_hears_answers_and_knows_what_became_of_it(
    world: World, tmp_path: Path
) -> None:
    client = sample()
    nowhere = client.Client("http://127.0.0.1:1", key_of("centre-boite"), tmp_path / "file")
    nowhere.poster({**vacancy("BO-1", structure="010000032"), "idEvenement": "ev-1"})
    nowhere.poster({**vacancy("BO-2", structure="010000032", commune="99999"), "idEvenement": "ev-2"})
    try:
        await asyncio.to_thread(nowhere.envoyer)
        raise AssertionError("personne ne répond")
    except client.PlusTard:
        pass

    centre = client.Client(world.base, key_of("centre-boite"), tmp_path / "file")
    assert await asyncio.to_thread(centre.envoyer) == 1
    (refused,) = (tmp_path / "file" / "refuses").glob("*.reponse.json")
    assert [rejet["reference"] for rejet in json.loads(refused.read_bytes())["rejets"]] == ["ev-2"]
    await world.accepted("siao-01", to_structure("010000032", 4711))
    taken: list[bytes] = []

    async def collected() -> bool:
        return bool(await asyncio.to_thread(centre.relever, taken.append))

    await until(collected, "l'orientation est dans la boîte")
    ours = json.loads(taken[0])["orientation"]
    centre.poster({"idEvenement": "ev-3", "type": "orientation.acceptee", "orientation": ours})
    assert await asyncio.to_thread(centre.envoyer) == 1

    async def applied() -> bool:
        (fate,) = await asyncio.to_thread(centre.sort, "ev-3")
        return bool(fate["effet"] == "complet")

    await until(applied, "la réponse a eu son effet")
