"""JSON of the State's services: signatures of acts, designated households, cases for an advisory body,
answers about aide sociale."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from simulation import actes, aide, examens, people, story
from simulation.cast import CENTRE_JSON, ETAT
from simulation.config import Config
from simulation.familles.demandeurs import household
from simulation.familles.langue import Introduction, Langue, Reply, as_json
from simulation.journal import Record
from simulation.people import Person

DESIGNATION = Introduction(story.DESIGNATED, story.DAHO_SLOT)


def read_event(body: bytes) -> Record:
    """Return the State's journal line for a delivery. Raises ValueError for an unknown type."""
    said = json.loads(body)
    match said["type"]:
        case actes.AGREEMENT | actes.DEROGATION as event:
            return actes.heard(event, said, ETAT)
        case actes.SEEN:
            return actes.seen(said)
        case aide.ASKED:
            (person,) = said["menage"]["personnes"]
            place = people.brought_number(date.fromisoformat(person["dateNaissance"]))
            asked = {"event": aide.ASKED, "aid": said["aideSociale"], "place": str(place)}
            return {"ref": aide.ref(place, aide.ASKED), **asked}
        case examens.OPINION:
            return examens.heard_by_the_state(said["examen"])
        case story.REFERRED | story.SHELTERED as event:
            return _of_whom_it_designated(event, int(said["daho"].removeprefix("D-")))
    raise ValueError("type inattendu")


def _of_whom_it_designated(event: str, place: int) -> Record:
    loop = story.loop(story.dossier(place, story.DAHO_SLOT))
    closes = {"closes": loop, "outcome": "accueil dit"} if event == story.SHELTERED else {}
    return {"ref": f"{loop}:{event}", "event": event, **closes}


def designation(ident: str, person: Person, today: date) -> dict[str, Any]:
    """Return the message that designates a household under DAHO, by a decision of today."""
    return {
        "idEvenement": f"{ident}-designe",
        "type": story.DESIGNATED,
        "daho": ident,
        "decisionLe": today.isoformat(),
        "menage": household(f"DAHO-{ident}", person),
    }


def begins(config: Config) -> Iterator[Reply]:
    """Yield the State's first messages: its signatures of agreements with the collector, and the cases for
    its advisory body."""
    for collector in config.landlords:
        for terms in actes.agreements(collector.siret, config.structures[0]):
            yield _signed(actes.AGREEMENT, terms)
        for number in examens.CASES:
            yield Reply([examens.entered(number)], on_the_agenda(number, config.today))


def on_the_agenda(number: int, today: date) -> dict[str, Any]:
    """Return the message that puts a household on the agenda of the body for complex cases."""
    ident = f"{examens.OWN}{number}"
    (person,) = people.brought(number).people
    return {
        "idEvenement": f"{ident}-inscrit",
        "type": examens.ENTERED,
        "examen": ident,
        "instance": "PDALHPD",
        "seanceLe": examens.meeting(today),
        "menage": household(ident, person),
    }


def replies(effect: Record, today: date) -> Iterator[Reply]:
    """Yield the State's replies: its signature of a derogation after the shelter's, or its answers about aide
    sociale."""
    if effect["event"] == actes.DEROGATION and effect["signer"] == CENTRE_JSON.id:
        yield _signed(actes.DEROGATION, effect["terms"])
    if effect["event"] == aide.ASKED:
        place = int(effect["place"])
        said = aide.answers(place, effect["aid"], today.isoformat())
        for seq, answer in enumerate(said, 1):
            yield Reply(aide.answer_rows(place, effect["aid"], answer["type"], seq), answer)


def _signed(event: str, terms: Record) -> Reply:
    return Reply(actes.rows(event, terms, ETAT), actes.signature(event, terms, ETAT))


ETAT_JSON = Langue(
    "application/json",
    read_event,
    as_json,
    demand=designation,
    brings=DESIGNATION,
    name="envoi-%06d.json",
    begins=begins,
    replies=replies,
)
