"""What the SIAO does about each event, with a door that only remembers."""

from datetime import date
from pathlib import Path

import pytest

from simulation import siao as program
from simulation import story
from simulation.config import Config, Landlord, Receiver
from simulation.siao_memory import Memory

TODAY = date(2026, 3, 2)
LANDLORDS = (Landlord("habitat-boreal", "1" * 14), Landlord("toits-aubepine", "2" * 14))


class Door:
    """Remembers what it was given."""

    def __init__(self):
        self.sent = []
        self.effects = []
        self.sent_before_each_look = []

    async def send(self, sending):
        self.sent += [row.ref for row in sending.rows]

    async def effect(self, key):
        self.sent_before_each_look.append((key, *self.sent))
        return self.effects.pop(0) if self.effects else "complet"


@pytest.fixture
def door():
    return Door()


@pytest.fixture
def siao(door, monkeypatch):
    monkeypatch.setattr(program, "TAKE_BACK_SECONDS", 0.0)
    monkeypatch.setattr(program, "LOOK_SECONDS", 0.0)
    config = Config(
        "siao-59",
        Path(),
        Path(),
        "",
        "",
        1,
        TODAY,
        landlords=LANDLORDS,
        pull_structure="590000000",
        receivers=(Receiver("residence-lys", "590000001"),),
    )
    return program.Siao(config, door, Memory())


def vacant(number):
    place = {
        "place": f"uuid-{number}",
        "code": f"TIL-{number:05d}",
        "dispositif": "URGENCE",
        "compositions": [],
    }
    return {"event": "place.vacante", **place}


async def test_a_vacancy_brings_a_referral_to_its_place(siao, door):
    await siao.react(vacant(1))
    assert door.sent == ["dossier-11:orientation.proposee"]


async def test_some_vacancies_bring_a_candidacy_and_a_referral_to_a_structure_too(siao, door):
    await siao.react(vacant(12))
    assert sorted(door.sent) == [
        "dossier-121:orientation.proposee",
        "dossier-128:candidature.presentee",
        "dossier-129:orientation.proposee",
    ]


async def test_a_place_that_is_free_again_is_offered_to_the_next_household_three_in_all(siao, door):
    await siao.react(vacant(1))
    for _ in range(5):
        await siao.react({"event": "place.disponible", "place": "uuid-1"})
    assert door.sent == [
        f"dossier-1{slot}:orientation.proposee" for slot in range(1, story.MAX_REFERRALS + 1)
    ]


async def test_a_household_that_is_kept_waiting_is_taken_back(siao, door):
    await siao.react(vacant(1))
    await siao.react({"event": "orientation.mise-en-attente", "subject": "O", "dossier": 11})
    assert door.sent[-1] == "dossier-11:orientation.annulee"


async def test_a_household_that_a_shelter_has_forgotten_is_taken_back_once_its_answer_is_overdue(siao, door):
    forgotten = next(n for n in range(1, 1000) if story.keeps_silent(1, story.dossier(n, 1)))
    answered = next(n for n in range(1, 1000) if not story.keeps_silent(1, story.dossier(n, 1)))
    for number in (forgotten, answered):
        await siao.react(vacant(number))
        await siao.react(
            {"event": "alerte.echeance", "overdue": True, "subject": "O", "dossier": story.dossier(number, 1)}
        )
    await siao.react({"event": "alerte.echeance"})
    taken_back = [ref for ref in door.sent if ref.endswith(":orientation.annulee")]
    assert taken_back == [f"dossier-{story.dossier(forgotten, 1)}:orientation.annulee"]


async def test_steps_on_the_way_and_places_without_a_code_ask_for_nothing(siao, door):
    await siao.react({"event": "orientation.accusee", "dossier": 11})
    await siao.react({"event": "place.vacante", "place": "uuid-9"})
    await siao.react({"event": "place.disponible", "place": "uuid-9"})
    assert door.sent == []


async def test_landlords_take_turns(siao, door, monkeypatch):
    flows: list[str] = []
    monkeypatch.setattr(door, "send", lambda sending: _keep(flows, sending))
    for number in (3, 6):
        await siao.react(vacant(number))
    assert {flow for flow in flows if flow.endswith("candidatures")} == {
        "siao-59>habitat-boreal:candidatures",
        "siao-59>toits-aubepine:candidatures",
    }


async def _keep(flows, sending):
    flows += [row.flow for row in sending.rows]


@pytest.mark.parametrize(
    ("gift", "said", "answer"),
    [
        (None, ["orientation.proposee"], None),
        (story.Gift.ACCEPTED, ["demande.transferee"], "demande.transfert-accepte"),
        (story.Gift.REFUSED, ["demande.transferee", "orientation.proposee"], "demande.transfert-refuse"),
        (
            story.Gift.WITHDRAWN,
            ["demande.transferee", "demande.transfert-retire", "orientation.proposee"],
            None,
        ),
    ],
)
async def test_a_household_is_directed_unless_another_siao_takes_its_demand(siao, door, gift, said, answer):
    place = next(n for n in range(1, 100) if story.is_brought(n) and story.gift(n) is gift)
    demand = {"subject": "D", "dossier": story.dossier(place, story.DEMAND_SLOT)}
    await siao.react({"event": "demande.recue", **demand})
    if answer:
        await siao.react({"event": answer, "subject": "D"})
    assert [ref.rpartition(":")[2] for ref in door.sent] == said


async def test_a_household_is_referred_only_once_the_withdrawal_of_its_transfer_has_had_its_effect(
    siao, door
):
    place = next(n for n in range(1, 100) if story.is_brought(n) and story.gift(n) is story.Gift.WITHDRAWN)
    door.effects = ["en_attente", "en_attente", "complet"]
    await siao.react(
        {"event": "demande.recue", "subject": "D", "dossier": story.dossier(place, story.DEMAND_SLOT)}
    )
    proposed, withdrawn = "D:demande.transferee", "D:demande.transfert-retire"
    assert door.sent_before_each_look == [(withdrawn, proposed, withdrawn)] * 3
