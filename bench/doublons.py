"""Measures how well the hub recognises two records of one household: precision and recall, by kind of clerical
error.

    python -m bench.doublons            # writes bench/results/

A seed generates 20,000 households, with the names of people who call a 115. One in eight is a second record of an
earlier household, written by another desk with an error. Twins, namesakes, and fathers whose sons have their names
are among the others.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import NamedTuple

from faker import Faker
from rich.console import Console
from rich.table import Table

from bench.paper import number
from contracts.v1.pret_logement import IndiceDoublon
from ops.duplicates.blocking import blocks
from ops.duplicates.matching import Fiche, Personne, Verdict, proposals
from ops.duplicates.sql import LARGEST_BLOCK

SEED, HOUSEHOLDS, OF_EACH_KIND = 20261129, 20_000, 200
HARD = 300
"""Number of twins, and number of namesakes, among the households with one record."""
WANTED_PRECISION, WANTED_RECALL = 0.98, 0.95
LOCALES = (("fr_FR", 45), ("fr_DZ", 25), ("yo_NG", 8), ("en_KE", 6), ("ro_RO", 6), ("pt_PT", 6), ("tr_TR", 4))
"""Faker locales of the names, with their weights."""
RESULTS = Path(__file__).parent / "results"
EPOCH, DAYS = date(1946, 1, 1), 61 * 365


@dataclass(frozen=True, slots=True)
class Someone:
    """A member of a generated household."""

    nom: str
    prenom: str
    naissance: date
    femme: bool


Household = tuple[Someone, ...]


class People:
    """Generator of people. Equal seeds give equal people."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self._names = {locale: _names_of(locale) for locale, _ in LOCALES}

    def household(self) -> Household:
        """Return a new household: one adult alone in about half of the cases; else with a partner, with one to four
        children, or both."""
        first = self.adult()
        members = [first]
        if self.chance.random() < 0.25:
            members.append(replace(self.adult(), nom=first.nom, femme=not first.femme))
        if self.chance.random() < 0.35:
            members += [self.child(first.nom) for _ in range(self.chance.randint(1, 4))]
        return tuple(members)

    def adult(self) -> Someone:
        """Return a new adult."""
        locale = self.chance.choices([name for name, _ in LOCALES], [share for _, share in LOCALES])[0]
        women, men, last = self._names[locale]
        femme = self.chance.random() < 0.4
        day = EPOCH + timedelta(days=self.chance.randrange(DAYS))
        return Someone(self.common(last), self.common(women if femme else men), day, femme)

    def child(self, nom: str) -> Someone:
        """Return a new child of a family with this last name."""
        day = date(2009, 1, 1) + timedelta(days=self.chance.randrange(16 * 365))
        return replace(self.adult(), nom=nom, naissance=day)

    def common(self, names: Sequence[str]) -> str:
        """Return one of these names; the earlier in the list, the likelier."""
        return self.chance.choices(names, [1 / (rank + 12) for rank in range(len(names))])[0]

    def last_name(self) -> str:
        """Return a random last name."""
        return self.adult().nom


def _names_of(locale: str) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    provider = next(p for p in Faker(locale).factories[0].get_providers() if hasattr(p, "last_names"))
    both = list(getattr(provider, "first_names", ()))
    women = list(getattr(provider, "first_names_female", ())) or both
    men = list(getattr(provider, "first_names_male", ())) or both
    return [*map(str, women)], [*map(str, men)], [*map(str, provider.last_names)]


Slip = Callable[[Household, People], Household | None]
"""Function that returns a household as another desk writes it down with one kind of error; None if the household
allows no such error."""


def _first(household: Household, **changes: object) -> Household:
    return (replace(household[0], **changes), *household[1:])  # type: ignore[arg-type]


PLAIN = str.maketrans("éèêëàâäîïôöùûüçÉÈÊÀÂÎÔÛÇşğıȘșțăâÁáíóú", "eeeeaaaiioouuucEEEAAIOUCsgiSstaaAaiou")


def accents(household: Household, people: People) -> Household | None:
    """Return the household with its first member's names in capitals and without accents."""
    who = household[0]
    return _first(household, nom=who.nom.translate(PLAIN).upper(), prenom=who.prenom.translate(PLAIN).upper())


def compound(household: Household, people: People) -> Household | None:
    """Return the household with a second first name for its first member, which the other desk did not write."""
    second = people.adult().prenom
    return _first(household, prenom=f"{household[0].prenom}-{second}")


def compound_name(household: Household, people: People) -> Household | None:
    """Return the household with a second last name for its first member, which the other desk did not write."""
    return _first(household, nom=f"{household[0].nom} {people.last_name()}")


def married(household: Household, people: People) -> Household | None:
    """Return the household with its first member's married name, half of the time beside the birth name; None if
    that member is a man."""
    if not household[0].femme:
        return None
    other = people.last_name()
    both = people.chance.random() < 0.5
    return _first(household, nom=f"{other} née {household[0].nom}" if both else other)


def swapped_date(household: Household, people: People) -> Household | None:
    """Return the household with day and month of its first member's birth swapped; None if that gives no other
    date."""
    day = household[0].naissance
    if day.day > 12 or day.day == day.month:
        return None
    return _first(household, naissance=day.replace(month=day.day, day=day.month))


def digit(household: Household, people: People) -> Household | None:
    """Return the household with one wrong digit in its first member's date of birth; None if that gives no other
    date."""
    written, chance = f"{household[0].naissance:%d%m%Y}", people.chance
    at = chance.randrange(len(written))
    missed = f"{written[:at]}{chance.randrange(10)}{written[at + 1 :]}"
    try:
        day = date(int(missed[4:]), int(missed[2:4]), int(missed[:2]))
    except ValueError:
        return None
    return _first(household, naissance=day) if missed != written and day.year > EPOCH.year else None


def no_day(household: Household, people: People) -> Household | None:
    """Return the household with its first member's day of birth replaced by the 1st, as desks do when only the
    month is known; None if it is the 1st."""
    day = household[0].naissance
    return None if day.day == 1 else _first(household, naissance=day.replace(day=1))


def letter(household: Household, people: People) -> Household | None:
    """Return the household with a letter missing, doubled, changed or swapped in its first member's last or first
    name."""
    who, chance = household[0], people.chance
    if chance.random() < 0.5:
        return _first(household, nom=_mistyped(who.nom, chance))
    return _first(household, prenom=_mistyped(who.prenom, chance))


def _mistyped(name: str, chance: Random) -> str:
    at = chance.randrange(1, len(name)) if len(name) > 1 else 0
    kind = chance.randrange(4)
    if kind == 0 and len(name) > 4:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at : at + 1] * 2 + name[at + 1 :]
    if kind == 2 and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + chance.choice("aeinrst") + name[at + 1 :]


HEARD = (
    ("ou", "u"), ("ch", "sh"), ("dj", "j"), ("kh", "h"), ("k", "c"), ("i", "y"), ("ph", "f"), ("mm", "m"),
    ("m", "mm"), ("e", "i"), ("a", "e"), ("ss", "s"), ("s", "ss"), ("c", "k"), ("oua", "wa"), ("ai", "ei"),
)  # fmt: skip


def transliterated(household: Household, people: People) -> Household | None:
    """Return the household with its first member's names spelt by ear; None if they stay the same."""
    who, chance = household[0], people.chance
    heard = tuple(_heard(name, chance) for name in (who.nom, who.prenom))
    return None if heard == (who.nom, who.prenom) else _first(household, nom=heard[0], prenom=heard[1])


def _heard(name: str, chance: Random) -> str:
    able = [(a, b) for a, b in HEARD if a in name.lower()[1:]]
    if not able:
        return name
    a, b = chance.choice(able)
    return name[0] + name[1:].lower().replace(a, b, 1)


def crossed(household: Household, people: People) -> Household | None:
    """Return the household with its first member's first and last names exchanged."""
    return _first(household, nom=household[0].prenom, prenom=household[0].nom)


def particle(household: Household, people: People) -> Household | None:
    """Return the household with a particle before its first member's last name, which the other desk did not write."""
    return _first(
        household, nom=f"{people.chance.choice(('El', 'Ben', 'de', 'Le', 'Al', 'Da'))} {household[0].nom}"
    )


def grown(household: Household, people: People) -> Household | None:
    """Return the household with one child more."""
    return (*household, people.child(household[0].nom))


def two_slips(household: Household, people: People) -> Household | None:
    """Return the household with two common errors; None if it does not allow them."""
    once = people.chance.choice((letter, accents, particle))(household, people)
    return once and people.chance.choice((digit, transliterated, compound))(once, people)


SLIPS: Mapping[str, Slip] = {
    "accents et majuscules": accents, "second prénom": compound, "nom composé": compound_name,
    "nom d'épouse": married, "jour et mois inversés": swapped_date, "chiffre de la date": digit,
    "jour inconnu": no_day, "lettre": letter, "translittération": transliterated,
    "nom et prénom inversés": crossed, "particule": particle, "un enfant de plus": grown, "deux fautes": two_slips,
}  # fmt: skip


class Town(NamedTuple):
    """Records of households, as all desks have written them, and which pairs of records are one household."""

    fiches: Sequence[Fiche]
    kinds: Mapping[tuple[int, int], str]
    """Kind of error, by pair of records of one household. Records are named by their position."""


def town(households: int = HOUSEHOLDS, of_each_kind: int = OF_EACH_KIND, seed: int = SEED) -> Town:
    """Return generated records, with `of_each_kind` pairs for each kind of error. Equal arguments give equal
    records."""
    people = People(Random(seed))  # noqa: S311  a seeded run, not a secret
    known = [people.household() for _ in range(households - of_each_kind * len(SLIPS) - 2 * HARD)]
    kinds: dict[tuple[int, int], str] = {}
    again: list[Household] = []
    for kind, slip in SLIPS.items():
        for _ in range(of_each_kind):
            number, written = _written(known, slip, people)
            kinds[number, len(known) + len(again)] = kind
            again.append(written)
    others = [*_twins(known, people), *_namesakes(known, people)]
    return Town([_fiche(each) for each in (*known, *again, *others)], kinds)


def _written(known: Sequence[Household], slip: Slip, people: People) -> tuple[int, Household]:
    while True:
        number = people.chance.randrange(len(known))
        written = slip(known[number], people)
        if written is not None:
            return number, written


def _twins(known: Sequence[Household], people: People) -> Iterator[Household]:
    for household in people.chance.sample(known, HARD):
        yield (replace(people.adult(), nom=household[0].nom, naissance=household[0].naissance),)


def _namesakes(known: Sequence[Household], people: People) -> Iterator[Household]:
    for household in people.chance.sample(known, HARD):
        yield (replace(household[0], naissance=people.adult().naissance),)


def _fiche(household: Household) -> Fiche:
    return Fiche(tuple(Personne.of(p.nom, p.prenom, p.naissance, p.femme) for p in household))


def proposed(fiches: Sequence[Fiche]) -> dict[tuple[int, int], Verdict]:
    """Return the pairs of records that the hub proposes as duplicates when it gets them one after the other.
    Records are named by their position."""
    by_block: defaultdict[str, list[int]] = defaultdict(list)
    found: dict[tuple[int, int], Verdict] = {}
    for here, fiche in enumerate(fiches):
        shared = [by_block[block] for block in blocks(fiche)]
        known = {other for block in shared if len(block) < LARGEST_BLOCK for other in block}
        judged = proposals(fiche, {other: fiches[other] for other in known})
        found |= {(other, here): verdict for other, verdict in judged.items()}
        for block in shared:
            block.append(here)
    return found


class Figures(NamedTuple):
    """Quality of the hub's proposals of duplicates; shares from 0 to 1."""

    recall: Mapping[str, float]
    """Share of the true pairs that were proposed, by kind of error."""
    precision: Mapping[str, float]
    """Share of the proposals that are true, by the weakest evidence that the hub saw."""
    whole: tuple[float, float]
    """Precision and recall over all kinds."""
    seconds: float

    def is_enough(self) -> bool:
        """Return whether recall for each kind of error, and precision for each kind of evidence, reach the wanted
        shares."""
        found, right = min(self.recall.values()), min(self.precision.values())
        return found >= WANTED_RECALL and right >= WANTED_PRECISION


SLIPS_SEEN = (
    IndiceDoublon.NOM_ET_PRENOM_INVERSES, IndiceDoublon.NOM_DIFFERENT, IndiceDoublon.DATE_INVERSEE,
    IndiceDoublon.DATE_PROCHE, IndiceDoublon.NOM_PROCHE, IndiceDoublon.PRENOM_PROCHE,
)  # fmt: skip


def figures(there: Town) -> Figures:
    """Return the quality of the hub's proposals for these records."""
    began = time.perf_counter()
    found = proposed(there.fiches)
    took = time.perf_counter() - began
    made, hit = (
        Counter(there.kinds.values()),
        Counter(kind for pair, kind in there.kinds.items() if pair in found),
    )
    said: Counter[str] = Counter()
    right: Counter[str] = Counter()
    same = _same(there)
    for pair, verdict in found.items():
        seen = next((str(each) for each in SLIPS_SEEN if each in verdict.indices), "tout s'accorde")
        said[seen] += 1
        right[seen] += pair in same
    whole = (right.total() / said.total(), hit.total() / made.total())
    return Figures(
        {kind: hit[kind] / made[kind] for kind in made},
        {seen: right[seen] / said[seen] for seen in said},
        whole,
        took,
    )


def _same(there: Town) -> set[tuple[int, int]]:
    """Return all pairs of records that are one household, including two later records of the same one."""
    by_first: defaultdict[int, list[int]] = defaultdict(list)
    for first, again in there.kinds:
        by_first[first].append(again)
    return {pair for first, others in by_first.items() for pair in combinations((first, *others), 2)}


def main() -> int:
    """Run the benchmark, print and write the figures. Return 1 if precision or recall is too low, else 0."""
    argparse.ArgumentParser(
        prog="bench.doublons",
        description=f"Précision et rappel des doublons, sur {number(HOUSEHOLDS)} ménages.",
        epilog="Le résultat est écrit dans bench/results/.",
    ).parse_args()
    got, console = figures(town()), Console()
    table = Table("Faute", "Rappel")
    for kind, share in sorted(got.recall.items()):
        table.add_row(kind, f"{share:.3f}")
    console.print(table)
    table = Table("Ce qui s'accorde mal", "Précision")
    for seen, share in sorted(got.precision.items()):
        table.add_row(seen, f"{share:.3f}")
    console.print(table)
    console.print(f"précision {got.whole[0]:.4f}, rappel {got.whole[1]:.4f}, {got.seconds:.1f} s")
    content: dict[str, object] = {
        "graine": SEED,
        "menages": HOUSEHOLDS,
        "precision": got.whole[0],
        "rappel": got.whole[1],
    }
    content |= {
        "rappel_par_faute": got.recall,
        "precision_par_indice": got.precision,
        "secondes": got.seconds,
    }
    path = RESULTS / f"{date.today()}-doublons.json"  # noqa: DTZ011 - the day of this machine
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return 0 if got.is_enough() else 1


if __name__ == "__main__":
    sys.exit(main())
