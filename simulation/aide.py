"""Requests for aide sociale, one for each household that arrives at a shelter, and the State's answers. Pure.

State and SIAO recognise a request by a date of birth, which encodes its number.
"""

from typing import Any

from simulation import story
from simulation.cast import AIDES, CENTRE_BOITE, ETAT, SIAO, Part, flow
from simulation.journal import Record, Row

ASKED, RECEIVED, ANSWERED = (f"aide-sociale.{name}" for name in ("demandee", "recue", "repondue"))
OWN = "AS-"
"""Prefix of the shelter's ids of requests; the place's number follows."""


def is_granted(place: int) -> bool:
    """Return whether the State grants the request of this place's household."""
    return place % 5 != 0


def ref(place: int, event: str, to: str = "") -> str:
    """Return the journal's name for an event about a request. `to`: the SIAO's id for its copy."""
    return ":".join(filter(None, (story.loop(story.dossier(place, story.STRUCTURE_SLOT)), to, event)))


def told(aid: str, event: str) -> str:
    """Return the journal's name for the SIAO's copy of an answer. `aid`: the hub's id of the request."""
    return f"{aid}:{SIAO.id}:{event}"


def loop(place: int) -> str:
    """Return the loop that a request opens and the State's answer closes."""
    return story.loop(story.dossier(place, story.AID_SLOT))


def request_rows(place: int, first_row: int) -> list[Row]:
    """Return the journal rows of a request and of the SIAO's copy."""
    subject = f"{OWN}{place}"
    return [
        Row(ref(place, ASKED), _flow(CENTRE_BOITE, ETAT), subject, 1, row=first_row, opens=loop(place)),
        Row(ref(place, ASKED, SIAO.id), _flow(CENTRE_BOITE, SIAO), subject, 1, row=first_row),
    ]


def answer_rows(place: int, aid: str, event: str, seq: int) -> list[Row]:
    """Return the journal rows of an answer and of the SIAO's copy."""
    return [
        Row(ref(place, event), _flow(ETAT, CENTRE_BOITE), aid, seq),
        Row(told(aid, event), _flow(ETAT, SIAO), aid, seq),
    ]


def heard_by_the_shelter(own: str, event: str, outcome: str) -> Record:
    """Return the shelter's journal line for the State's answer. Only a decision closes the loop."""
    place = int(own.removeprefix(OWN))
    closes = {"closes": loop(place), "outcome": outcome} if event == ANSWERED else {}
    return {"ref": ref(place, event), "event": event, **closes}


def answers(place: int, aid: str, today: str) -> list[dict[str, Any]]:
    """Return the State's answers to a complete request: acknowledgement of receipt, then decision."""
    about = {"aideSociale": aid}
    refused = {} if is_granted(place) else {"motif": "CONDITIONS_NON_REMPLIES"}
    return [
        {"idEvenement": f"{aid}-recue", "type": RECEIVED, **about, "recueLe": today},
        {
            "idEvenement": f"{aid}-repondue",
            "type": ANSWERED,
            **about,
            "accordee": is_granted(place),
            **refused,
            "repondueLe": today,
        },
    ]


def _flow(sender: Part, recipient: Part) -> str:
    return flow(sender, recipient, AIDES)
