"""What happens to each simulated household, by the seed and the number of its dossier alone. Pure.

Every vacant place gets a referral, and after one that ends without an arrival, the next. Some households are
also presented to a landlord, or referred to a structure that chooses the place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random

MAX_REFERRALS = 3
"""Limit on the referrals to one place."""
AID_SLOT, DEMAND_SLOT, BROUGHT_SLOT, ACCOMPANIED_SLOT, DAHO_SLOT = 0, 4, 5, 6, 7
CANDIDACY_SLOT, STRUCTURE_SLOT = 8, 9
ARRIVED, ACCOMPANIED = "entree.constatee", "accompagnement.repondu"
DESIGNATED, REFERRED, SHELTERED = "daho.designe", "daho.oriente", "daho.accueilli"
LOOP = "dossier-"
"""Prefix of the names of loops, before the number of a dossier."""

SILENT_SHARE = 0.1
"""Share of referrals that a partner with short deadlines leaves unanswered."""
PAUSE_SECONDS = (0.1, 0.6)
"""Shortest and longest pause before each step of an answer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an answer, with its coded fields."""

    event: str
    codes: Mapping[str, str] = field(default_factory=dict)


def dossier(place: int, slot: int) -> int:
    """Return the number of a dossier from a place's number and a slot.

    Slots: 1 to 3 referrals to the place, 4 a demand, 5 the referral of its household, 6 a request for
    support, 7 a designated household, 8 a candidacy, 9 a referral to a structure, 0 the aide sociale there.
    """
    return place * 10 + slot


def place_of(number: int) -> tuple[int, int]:
    """Return the place's number and the slot in a dossier's number."""
    return divmod(number, 10)


def place_number(code: str) -> int:
    """Return the number of a place from its code."""
    return int(code.rpartition("-")[2])


def loop(number: int) -> str:
    """Return the name of a dossier's loop."""
    return f"{LOOP}{number}"


def number_of(name: str) -> int:
    """Return the dossier's number from its loop's name."""
    return int(name.removeprefix(LOOP))


def closed_by(event: str, name: str) -> str:
    """Return the name of the loop that an answer closes: the given one or, for an operator's answer, that of
    the request for support."""
    return loop(dossier(place_of(number_of(name))[0], ACCOMPANIED_SLOT)) if event == ACCOMPANIED else name


def presents_to_landlord(place: int) -> bool:
    """Return whether the vacancy of this place also causes a candidacy."""
    return place % 3 == 0


def refers_to_structure(place: int) -> bool:
    """Return whether the vacancy of this place also causes a referral to a structure."""
    return place % 4 == 0


def is_brought(place: int) -> bool:
    """Return whether a partner brings a household when this place becomes vacant."""
    return place % 3 == 1


def is_brought_elsewhere(place: int) -> bool:
    """Return whether a partner of the second territory brings its SIAO a household when this place becomes
    vacant."""
    return place % 6 == 2


def is_designated(place: int) -> bool:
    """Return whether the State designates a household when this place becomes vacant."""
    return place % 5 == 3


def is_designated_elsewhere(place: int) -> bool:
    """Return whether the State designates a household in the second territory when this place becomes
    vacant."""
    return is_designated(place) and place % 2 == 0


def asks_for_aid(seed: int, place: int) -> bool:
    """Return whether the household referred to a structure for this place arrives, and gets aide sociale."""
    arrives = answers(seed, dossier(place, STRUCTURE_SLOT))[-1].event == ARRIVED
    return refers_to_structure(place) and arrives


class Gift(Enum):
    """What becomes of a demand that the SIAO offers to that of the second territory."""

    ACCEPTED = auto()
    REFUSED = auto()
    WITHDRAWN = auto()


def gift(place: int) -> Gift | None:
    """Return what becomes of this place's demand in the second territory; None if it is not offered there."""
    turn, left = divmod(place // 3, 4)
    if not is_brought(place) or left != 1:
        return None
    return (Gift.ACCEPTED, Gift.REFUSED, Gift.WITHDRAWN, Gift.ACCEPTED)[turn % 4]


def is_accompanied(place: int) -> bool:
    """Return whether the SIAO asks an operator to support the household that arrives at this place."""
    return place % 4 == 2


_ACCUSEE = Step("orientation.accusee")
_ACCEPTEE = Step("orientation.acceptee")
_WELCOME = (_ACCUSEE, _ACCEPTEE, Step("admission.prononcee"), Step("entree.constatee"))
REFERRALS: tuple[tuple[int, tuple[Step, ...]], ...] = (
    (64, _WELCOME),
    (
        10,
        (_ACCUSEE, Step("orientation.refusee", {"auteur": "STRUCTURE", "motif": "COMPOSITION_INADAPTEE"})),
    ),
    (8, (Step("orientation.refusee", {"auteur": "PERSONNE", "motif": "LOCALISATION"}),)),
    (10, (_ACCUSEE, _ACCEPTEE, Step("presentation.absence"))),
    (8, (_ACCUSEE, Step("orientation.mise-en-attente"))),
)
"""Possible answers to a referral, step by step, with their weights. After the last one the SIAO withdraws
it."""

_LUE = Step("candidature.accusee")
_INSCRITE = Step("candidature.inscrite")
_ACCORD = Step("proposition.acceptee")
CANDIDACIES: tuple[tuple[int, tuple[Step, ...]], ...] = (
    (
        50,
        (_LUE, _INSCRITE, Step("decision.commission", {"resultat": "ATT"}), _ACCORD, Step("bail.signe")),
    ),
    (15, (_LUE, _INSCRITE, Step("decision.commission", {"resultat": "NAT"}))),
    (10, (_LUE, Step("decision.commission", {"resultat": "IRR"}))),
    (
        15,
        (
            _LUE,
            _INSCRITE,
            Step("decision.commission", {"resultat": "RNG", "rang": "2"}),
            Step("proposition.refusee", {"reponse": "REF"}),
        ),
    ),
    (
        10,
        (
            _LUE,
            _INSCRITE,
            Step("decision.commission", {"resultat": "CSP"}),
            Step("proposition.refusee", {"reponse": "SIL"}),
        ),
    ),
)
ON_CONTINGENT: tuple[tuple[int, tuple[Step, ...]], ...] = (
    (
        70,
        (
            _LUE,
            Step("eligibilite.reconnue"),
            Step("designation.contingent"),
            Step("decision.commission", {"resultat": "NAT"}),
        ),
    ),
    (30, (_LUE, Step("decision.commission", {"resultat": "IRR"}))),
)
"""Possible answers to a candidacy on the prefect's reserved housing, with their weights. None ends in a
lease."""


def keeps_silent(seed: int, number: int) -> bool:
    """Return whether a partner with short deadlines leaves this dossier unanswered. False for 0, which is no
    dossier."""
    return number > 0 and Random(f"{seed}/{number}/silence").random() < SILENT_SHARE


def answers(seed: int, number: int, famille: str = "") -> tuple[Step, ...]:
    """Return the steps of a family's answer to a dossier. Deterministic."""
    ways = CANDIDACIES if place_of(number)[1] == CANDIDACY_SLOT else REFERRALS
    ways = ON_CONTINGENT if famille == "contingent" else ways
    chance = Random(f"{seed}/{number}")
    return chance.choices([steps for _, steps in ways], [weight for weight, _ in ways])[0]


def pauses_s(seed: int, number: int) -> Iterator[float]:
    """Yield the pause before each step of an answer, without end."""
    chance = Random(f"{seed}/{number}/pauses")
    while True:
        yield chance.uniform(*PAUSE_SECONDS)


def loops(seed: int, place: int) -> list[int]:
    """Return the numbers of all dossiers that the vacancy of this place opens."""
    opened = [dossier(place, CANDIDACY_SLOT)] if presents_to_landlord(place) else []
    opened += [dossier(place, STRUCTURE_SLOT)] if refers_to_structure(place) else []
    opened += [dossier(place, DEMAND_SLOT)] if is_brought(place) or is_brought_elsewhere(place) else []
    opened += [dossier(place, BROUGHT_SLOT)] if is_brought(place) and gift(place) is not Gift.ACCEPTED else []
    opened += [dossier(place, DAHO_SLOT)] if is_designated(place) else []
    opened += [dossier(place, AID_SLOT)] if asks_for_aid(seed, place) else []
    for slot in range(1, MAX_REFERRALS + 1):
        opened.append(dossier(place, slot))
        if answers(seed, opened[-1])[-1].event == ARRIVED:
            opened += [dossier(place, ACCOMPANIED_SLOT)] if is_accompanied(place) else []
            break
    return opened
