"""What the demo says that waits at a desk is what it sends there."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from adapters.registry import ADAPTERS
from contracts.ports import Native
from simulation import places, town
from tests.golden.cas import partenaire

IN_WORDS = dict(
    enumerate(("une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"), 1)
)


def test_what_is_said_to_wait_is_what_the_generators_send() -> None:
    today = date(2026, 11, 29)
    home, _, flats = places.structures(town.TERRITOIRE, 1)[:3]
    said = [each["type"] for each in town._said_by_the_siao(home.finess, flats.siret, today)]
    demands = list(town._demands(today))
    native = Native(town.SHEET.encode(), "text/csv")
    lines = list(
        ADAPTERS["prescripteur_tableau"].decode(native, partenaire("prescripteur_tableau", {})).lignes
    )
    wrong = IN_WORDS[sum(bool(line.rejets) for line in lines)]
    largest = IN_WORDS[max(len(each["menage"]["personnes"]) for each in demands)]
    free = IN_WORDS[len(list(town._places(home)))]
    referred, presented = (
        IN_WORDS[said.count(kind)] for kind in ("orientation.proposee", "candidature.presentee")
    )
    brought, to_refer = IN_WORDS[len(demands)], IN_WORDS[len(demands) + 1]  # the State designates one more
    waits = {
        "centre": f"{referred} ménages à accueillir ou non, des places à déclarer",
        "ccas": f"{wrong} lignes d'un tableau à corriger, {brought} demandes à suivre",
        "siao": f"{to_refer} ménages à orienter, dont une famille de {largest} et deux qui se ressemblent ; "
        f"{free} places libres, une dérogation à signer",
        "115": "les places de ce soir",
        "bailleur": f"{presented} candidature à inscrire ou non",
        "etat": "une dérogation à signer, un ménage désigné au SIAO",
    }
    assert waits == town.WAITING
    alike = [each for each in demands if who(each) == who(town._designation(today))]
    assert len(alike) == 1, "the State designates a household that somebody brought"


def who(said: Mapping[str, Any]) -> object:
    return said["menage"]["personnes"]
