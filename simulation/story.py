"""What happens to each household: decided by the seed and the number of its dossier alone. Pure.

Every place that becomes vacant gets a referral; when that one ends without an arrival, the place is free
again and gets the next one. Beside it, some households are presented to a landlord, and some are referred to a
structure that will choose the place itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

MAX_REFERRALS = 3
"""Referrals to one place at most."""
DEMAND_SLOT, BROUGHT_SLOT, ACCOMPANIED_SLOT = 4, 5, 6
CANDIDACY_SLOT, STRUCTURE_SLOT = 8, 9
ARRIVED = "entree.constatee"
LOOP = "dossier-"
"""How the name of a loop begins."""

SILENT_SHARE = 0.1
"""Of the referrals to a partner that forgets some."""
PAUSE_SECONDS = (0.1, 0.6)
"""How long a partner takes for each step of its answer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One answer: the event by its short name, and its codes."""

    event: str
    codes: Mapping[str, str] = field(default_factory=dict)


def dossier(place: int, slot: int) -> int:
    """Number of a dossier: slots 1 to 3 are referrals to the place, 4 a demand, 5 the referral of
    whom it brings, 6 an accompaniment, 8 a candidacy, 9 a referral to a structure."""
    return place * 10 + slot


def place_of(number: int) -> tuple[int, int]:
    """The place and slot behind a dossier's number."""
    return divmod(number, 10)


def place_number(code: str) -> int:
    """The number in a place's code."""
    return int(code.rpartition("-")[2])


def loop(number: int) -> str:
    """Name of the loop that a dossier opens; nothing personal."""
    return f"{LOOP}{number}"


def number_of(name: str) -> int:
    """The dossier of a loop."""
    return int(name.removeprefix(LOOP))


def presents_to_landlord(place: int) -> bool:
    """Whether the vacancy of this place also brings a candidacy."""
    return place % 3 == 0


def refers_to_structure(place: int) -> bool:
    """Whether it also brings a referral to a structure."""
    return place % 4 == 0


def is_brought(place: int) -> bool:
    """Whether somebody else brings the SIAO a household when this place becomes vacant."""
    return place % 3 == 1


def is_brought_elsewhere(place: int) -> bool:
    """Whether one is brought then to the SIAO of another territory."""
    return place % 6 == 2


def is_accompanied(place: int) -> bool:
    """Whether the SIAO asks an operator to accompany the household that arrives at this place."""
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
"""Ways a referral goes, with their weight. The last one waits until the SIAO takes it back."""

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
"""The prefect's services designate and decide; the lease is said by the landlord, and none comes in this story."""


def keeps_silent(seed: int, number: int) -> bool:
    """Whether a partner that forgets some of its dossiers forgets this one; 0 is none."""
    return number > 0 and Random(f"{seed}/{number}/silence").random() < SILENT_SHARE


def answers(seed: int, number: int, famille: str = "") -> tuple[Step, ...]:
    """Every step of the answer to a dossier, by a partner of a family."""
    ways = CANDIDACIES if place_of(number)[1] == CANDIDACY_SLOT else REFERRALS
    ways = ON_CONTINGENT if famille == "contingent" else ways
    chance = Random(f"{seed}/{number}")
    return chance.choices([steps for _, steps in ways], [weight for weight, _ in ways])[0]


def pauses_s(seed: int, number: int) -> Iterator[float]:
    """How long the partner takes before each step."""
    chance = Random(f"{seed}/{number}/pauses")
    while True:
        yield chance.uniform(*PAUSE_SECONDS)


def loops(seed: int, place: int) -> list[int]:
    """Every dossier that the vacancy of a place will open."""
    opened = [dossier(place, CANDIDACY_SLOT)] if presents_to_landlord(place) else []
    opened += [dossier(place, STRUCTURE_SLOT)] if refers_to_structure(place) else []
    opened += [dossier(place, slot) for slot in (DEMAND_SLOT, BROUGHT_SLOT) if is_brought(place)]
    opened += [dossier(place, DEMAND_SLOT)] if is_brought_elsewhere(place) else []
    for slot in range(1, MAX_REFERRALS + 1):
        opened.append(dossier(place, slot))
        if answers(seed, opened[-1])[-1].event == ARRIVED:
            opened += [dossier(place, ACCOMPANIED_SLOT)] if is_accompanied(place) else []
            break
    return opened
