"""Made-up households that nobody could take for real, with telephone numbers reserved for fiction.

They appear in messages alone: no journal, key, file name or log holds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

NOMS = ("Fictif", "Exemple", "Modèle", "Imaginaire", "Témoin", "Factice", "Inventé", "Maquette", "D'Essai")
PRENOMS = {
    "F": ("Alizée", "Bérénice", "Clémence", "Daphné", "Églantine", "Fantine"),
    "M": ("Amédée", "Barnabé", "Cyprien", "Désiré", "Évariste", "Firmin"),
}
FICTION_PHONES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
"""Beginnings of the telephone numbers that the regulator (Arcep) reserves for fiction; 10,000 each."""

FIRST_BIRTHDAY = date(1930, 1, 1)
"""Date of birth of household number 0 that a partner brings. Each following one is born a day later."""
BROUGHT_AT_MOST = 26_000
"""Limit on the households that partners bring: the last one is still of age."""

ADULTS: dict[str, str] = {"10": "M", "20": "F", "30": "FM", "40": "F", "50": "M", "100": "FM"}
WITH_CHILDREN = frozenset({"40", "50", "100"})


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a household."""

    nom: str
    prenom: str
    sexe: str
    naissance: date


@dataclass(frozen=True, slots=True)
class Household:
    """A household, with its composition as a SI-SIAO code."""

    composition: str
    people: tuple[Person, ...]
    adults: int

    @property
    def children(self) -> int:
        """Number of minors."""
        return len(self.people) - self.adults


def household(seed: int, dossier: int, compositions: Sequence[str], today: date) -> Household:
    """Return the household of a dossier, with one of these compositions if possible. Deterministic."""
    chance = Random(f"{seed}/{dossier}/menage")
    composition = chance.choice(sorted(set(compositions) & ADULTS.keys()) or list(ADULTS))
    nom = chance.choice(NOMS)
    adults = [_person(chance, nom, sexe, today, (19, 64)) for sexe in ADULTS[composition]]
    count = chance.randint(1, 3) if composition in WITH_CHILDREN else 0
    children = [_person(chance, nom, chance.choice("FM"), today, (1, 16)) for _ in range(count)]
    return Household(composition, (*adults, *children), len(adults))


def brought(number: int) -> Household:
    """Return a household that a partner brings: one man, whose date of birth encodes its number."""
    birthday = FIRST_BIRTHDAY + timedelta(days=number % BROUGHT_AT_MOST)
    return Household("10", (Person("Témoin", "Firmin", "M", birthday),), 1)


def brought_number(birthday: date) -> int:
    """Return the number that a man's date of birth encodes."""
    return (birthday - FIRST_BIRTHDAY).days


def phone(index: int) -> str:
    """Return the fictional telephone number of an index below 60,000."""
    return f"{FICTION_PHONES[index // 10_000]} {index % 10_000 // 100:02d} {index % 100:02d}"


def phone_index(number: str) -> int:
    """Return the index of a fictional telephone number. Raises ValueError for any other."""
    compact = number.replace(" ", "")
    return FICTION_PHONES.index(f"{compact[:2]} {compact[2:4]} {compact[4:6]}") * 10_000 + int(compact[6:])


def numero_unique(index: int, today: date) -> str:
    """Return a made-up numéro unique that encodes an index below 1,000,000."""
    return f"059{today:%m%y}{index % 1_000_000:06d}G0001"


def numero_unique_index(number: str) -> int:
    """Return the index that a made-up numéro unique encodes."""
    return int(number[7:13])


def _person(chance: Random, nom: str, sexe: str, today: date, ages: tuple[int, int]) -> Person:
    days = chance.randint(ages[0] * 366, ages[1] * 365)
    return Person(nom, chance.choice(PRENOMS[sexe]), sexe, today - timedelta(days=days))
