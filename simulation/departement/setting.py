"""Partners of the simulated département, their places, and the rates of their acts. All figures are our own
choice [choix]."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from contracts.partner import Famille, Partner, SortieBoite
from contracts.reference.codes import Dispositif
from contracts.rythme import Fermeture, Jour, Rythme
from router.domain.calendar import moment
from router.domain.partners import Registry
from simulation.accelerated.company import named
from simulation.places import Structure, structures

TERRITOIRE = "59"
SIAO, NIGHT_CALLS, OPERATOR, STATE = "siao", "115", "operateur", "etat"
NEIGHBOUR, NEXT_TERRITORY = "siao-voisin", "62"
WORKING_WEEK = Rythme(jours=tuple(Jour)[:5], avant=(time(10),))
"""Rhythm of a shelter that sends its occupancy every working morning."""
NOTHING_EXPECTED = Rythme(jours=(), avant=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Rates of acts, and probabilities. A referral that nothing goes wrong with ends in an arrival."""

    centres: int = 40
    places: tuple[int, int] = (6, 24)
    """Smallest and largest number."""
    emergency: float = 0.4
    """Share of emergency shelters. Half of the others are for stabilisation, half for insertion."""
    vacant: float = 0.15
    """Share of the places at the beginning."""
    landlords: int = 4
    bringers: int = 6
    demands: float = 6.0
    """Demands a working day, besides the calls of each night."""
    calls: float = 9.0
    candidacies: float = 1.5
    """Candidacies a working day."""
    nights: tuple[int, int] = (3, 45)
    stay: tuple[int, int] = (40, 240)
    """Shortest and longest stay, in days, that is not for emergency."""
    refused_by_centre: float = 0.10
    refused_by_household: float = 0.08
    absent: float = 0.07
    never_answered: float = 0.06
    answered_too_late: float = 0.02
    put_on_a_list: float = 0.05
    absence_untold: float = 0.2
    """Share of the absences that the shelter does not report."""
    taken_back: float = 0.02
    """Share of the referrals that the SIAO withdraws."""
    blunders: float = 0.01
    """Share of the referrals to a place that is not free, by mistake."""
    to_a_structure: float = 0.03
    """Share of the referrals that name a structure instead of a place."""
    families: float = 0.06
    """Share of the demands that need two places."""
    accompanied: float = 0.15
    transferred: float = 0.02
    """Share of the evaluated demands that the SIAO offers to its neighbour."""
    direct: float = 0.03
    """Probability, each day, that a shelter admits a household without the SIAO."""
    untitled_at_first: float = 0.3
    """Share of these admissions of which the shelter first only reports an occupied place."""
    unexplained: float = 0.3
    """Share of these places that the shelter never explains."""
    incomplete: float = 0.2
    """Share of the requests for aide sociale that lack a document."""
    never_completed: float = 0.2
    deemed: float = 0.3
    """Share of the complete requests that the State never answers."""
    aid_refused: float = 0.15
    prolonged: float = 0.6


USUAL = Rates()


@dataclass(frozen=True, slots=True)
class Centre:
    """Shelter: its structure and its places."""

    name: str
    structure: Structure
    dispositif: Dispositif
    places: tuple[UUID, ...]

    @property
    def chrs(self) -> bool:
        """Whether the places have CHRS status; here those for insertion do."""
        return self.dispositif is Dispositif.INSERTION


@dataclass(frozen=True, slots=True)
class Away:
    """Period in which a partner sends nothing."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Setting:
    """Simulated département before its first day."""

    registry: Registry
    rates: Rates
    centres: tuple[Centre, ...]
    landlords: Mapping[str, Structure]
    operator: Structure
    bringers: tuple[str, ...]
    away: Mapping[str, Away]
    """One shelter is silent for weeks without a reason, another has announced its closure."""
    unreachable: Mapping[str, Away]
    """One shelter's server is down."""


def set_up(rates: Rates, seed: int, first: date, days: int) -> Setting:
    """Return a département for a simulation of `days` days. Deterministic.

    One shelter falls silent for weeks after a third of the days; another closes, as announced, after two
    thirds.
    """
    chance, found = Random(seed), structures(TERRITOIRE, seed)
    centres = tuple(_centres(rates, found, chance))
    others = iter(found[len(centres) :])
    landlords = {f"bailleur-{n + 1}": next(others) for n in range(rates.landlords)}
    operator = next(others)
    bringers = tuple(f"prescripteur-{n + 1}" for n in range(rates.bringers))
    closes = first + timedelta(days=2 * days // 3)
    closed = {centres[-2].name: (Fermeture(du=closes, au=closes + timedelta(days=9)),)}
    entries = [
        _partner(SIAO, Famille.SIAO),
        _partner(NEIGHBOUR, Famille.SIAO).model_copy(
            update={"territoire": NEXT_TERRITORY, "dialecte_sortant": "si_siao_json"}
        ),
        _partner(NIGHT_CALLS, Famille.VEILLE_SOCIALE),
        _partner(OPERATOR, Famille.ACCOMPAGNEMENT, operator.siret),
        _partner(STATE, Famille.ETAT),
        *(_partner(name, Famille.PRESCRIPTEUR) for name in bringers),
        *(_partner(name, Famille.BAILLEUR, each.siret) for name, each in landlords.items()),
        *(_publishing(centre, closed.get(centre.name, ())) for centre in centres),
    ]
    silent_from = midnight(first + timedelta(days=days // 3))
    return Setting(
        registry=Registry.of(entries),
        rates=rates,
        centres=centres,
        landlords=landlords,
        operator=operator,
        bringers=bringers,
        away={
            centres[-1].name: Away(silent_from, silent_from + timedelta(days=min(24, days // 3))),
            **{name: Away(midnight(f.du), midnight(f.au + DAY)) for name, (f,) in closed.items()},
        },
        unreachable={centres[0].name: Away(silent_from, silent_from + timedelta(days=3))},
    )


DAY = timedelta(days=1)


def midnight(day: date) -> datetime:
    """Return the first moment of a day in the territory."""
    return moment(TERRITOIRE, datetime.combine(day, time()))


def _centres(rates: Rates, found: Sequence[Structure], chance: Random) -> Iterator[Centre]:
    others = (Dispositif.STABILISATION, Dispositif.INSERTION)
    emergency = round(rates.emergency * rates.centres)
    for number in range(rates.centres):
        name = f"centre-{number + 1:02}"
        kind = Dispositif.URGENCE if number < emergency else others[number % 2]
        places = tuple(named(f"{name} {place}") for place in range(chance.randint(*rates.places)))
        yield Centre(name, found[number], kind, places)


def _partner(name: str, famille: Famille, *structures: str) -> Partner:
    return Partner(
        id=name,
        nom=name,
        famille=famille,
        structures=structures,
        territoire=TERRITOIRE,
        dialectes=("cloudevents_json",),
        dialecte_sortant="cloudevents_json",
        sortie=SortieBoite(releve_h=1),
        rythme=NOTHING_EXPECTED,
    )


def _publishing(centre: Centre, closures: tuple[Fermeture, ...]) -> Partner:
    entry = _partner(centre.name, Famille.HEBERGEMENT, centre.structure.finess)
    return entry.model_copy(update={"rythme": WORKING_WEEK, "fermetures": closures})
