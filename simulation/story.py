"""The fate of each household, decided by the seed and the number of its dossier alone. Pure.

Every place that becomes vacant gets a referral; when that ends without an arrival, the place is free again and
gets the next one. Besides, some households are presented to a landlord, and some are referred to a structure that
will choose the place itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random

MAX_REFERRALS = 3
"""Largest number of referrals to one place."""
AID_SLOT, DEMAND_SLOT, BROUGHT_SLOT, ACCOMPANIED_SLOT, DAHO_SLOT = 0, 4, 5, 6, 7
CANDIDACY_SLOT, STRUCTURE_SLOT = 8, 9
ARRIVED, ACCOMPANIED = "entree.constatee", "accompagnement.repondu"
DESIGNATED, REFERRED, SHELTERED = "daho.designe", "daho.oriente", "daho.accueilli"
LOOP = "dossier-"
"""Prefix of the name of a loop."""

SILENT_SHARE = 0.1
"""Share of referrals left unanswered, at a partner that forgets some."""
PAUSE_SECONDS = (0.1, 0.6)
"""Range of the pause before each step of an answer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One answer: the event by its short name, and its codes."""

    event: str
    codes: Mapping[str, str] = field(default_factory=dict)


def dossier(place: int, slot: int) -> int:
    """Return the number of a dossier.

    Slots 1 to 3 are referrals to the place, 4 a demand, 5 the referral of its household, 6 a request for support,
    7 a household designated under the right to shelter, 8 a candidacy, 9 a referral to a structure, 0 the request for
    aide sociale of the household that arrives there.
    """
    return place * 10 + slot


def place_of(number: int) -> tuple[int, int]:
    """Return the place and slot of a dossier's number."""
    return divmod(number, 10)


def place_number(code: str) -> int:
    """Return the number in a place's code."""
    return int(code.rpartition("-")[2])


def loop(number: int) -> str:
    """Return the name of the loop that a dossier opens, without personal data."""
    return f"{LOOP}{number}"


def number_of(name: str) -> int:
    """Return the number of the dossier that a loop is named after."""
    return int(name.removeprefix(LOOP))


def closed_by(event: str, name: str) -> str:
    """Return the name of the loop that an answer closes. An operator's answer closes the loop of the request
    for support, any other that of its referral or candidacy."""
    return loop(dossier(place_of(number_of(name))[0], ACCOMPANIED_SLOT)) if event == ACCOMPANIED else name


def presents_to_landlord(place: int) -> bool:
    """Return whether the vacancy of this place also causes a candidacy."""
    return place % 3 == 0


def refers_to_structure(place: int) -> bool:
    """Return whether the vacancy of this place also causes a referral to a structure."""
    return place % 4 == 0


def is_brought(place: int) -> bool:
    """Return whether a partner brings the SIAO a household when this place becomes vacant."""
    return place % 3 == 1


def is_brought_elsewhere(place: int) -> bool:
    """Return whether a partner of the other territory brings a household to that territory's SIAO when this
    place becomes vacant."""
    return place % 6 == 2


def is_designated(place: int) -> bool:
    """Return whether the State designates a household when this place becomes vacant."""
    return place % 5 == 3


def is_designated_elsewhere(place: int) -> bool:
    """Return whether the household that the State designates when this place becomes vacant is designated by
    the State of the other territory."""
    return is_designated(place) and place % 2 == 0


def asks_for_aid(seed: int, place: int) -> bool:
    """Return whether the structure to which a household is referred asks for aide sociale once it has arrived."""
    arrives = answers(seed, dossier(place, STRUCTURE_SLOT))[-1].event == ARRIVED
    return refers_to_structure(place) and arrives


class Gift(Enum):
    """Fates of a demand that the SIAO proposes to the one of the next territory."""

    ACCEPTED = auto()
    REFUSED = auto()
    WITHDRAWN = auto()


def gift(place: int) -> Gift | None:
    """Return the answer that the SIAO of the next territory gives to the demand brought for this place.
    Return None if the demand is not proposed to it."""
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
"""Courses of a referral, with their weight. The last one waits until the SIAO withdraws it."""

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
"""Courses of a candidacy on the contingent. The prefect's services designate and decide; no lease occurs in this
story."""


def keeps_silent(seed: int, number: int) -> bool:
    """Return whether a partner that forgets some dossiers forgets this one. Returns False for 0, which is no
    dossier."""
    return number > 0 and Random(f"{seed}/{number}/silence").random() < SILENT_SHARE


def answers(seed: int, number: int, famille: str = "") -> tuple[Step, ...]:
    """Return every step by which a partner of a family answers a dossier."""
    ways = CANDIDACIES if place_of(number)[1] == CANDIDACY_SLOT else REFERRALS
    ways = ON_CONTINGENT if famille == "contingent" else ways
    chance = Random(f"{seed}/{number}")
    return chance.choices([steps for _, steps in ways], [weight for weight, _ in ways])[0]


def pauses_s(seed: int, number: int) -> Iterator[float]:
    """Yield the partner's pause before each step."""
    chance = Random(f"{seed}/{number}/pauses")
    while True:
        yield chance.uniform(*PAUSE_SECONDS)


def loops(seed: int, place: int) -> list[int]:
    """Return the numbers of all dossiers that the vacancy of a place will open, each a loop."""
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
