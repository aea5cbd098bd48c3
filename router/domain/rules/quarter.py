"""Check that a collector (CIL: the employers' housing fund) gives a quarter of its attributions to households
that the State designates. An attribution is a dwelling given to a household. Every three months, the
collector's share is reported (duty C8 in `docs/obligations.md`)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, PositiveInt

from contracts.envelope import Event
from contracts.frozen import replace
from contracts.reference.regle import RELU
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.convention import OF_A_COLLECTOR, ConventionBilan, ConventionQuart
from contracts.v1.numero_acte import as_read_in
from router.domain.rulebooks.acte import Acte, Convention, Etat
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, without_effect


class Quart(BaseModel):
    """The rule of the quarter (`quart.toml`): a collector (CIL) must give a quarter of its attributions to
    households that the State designates. `part` is the divisor: 4 for a quarter. `compte` says which
    attributions count towards the quarter: those under the collector's agreement (`sous_accord`), those to
    households with the right to housing (`dalo`), or both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: PositiveInt
    compte: tuple[Literal["dalo", "sous_accord"], ...]


@cache
def definition() -> Quart:
    """Return the rule of the quarter, as the file `quart.toml` defines it: how large a part of its attributions
    a collector owes to households that the State designates, and which attributions count."""
    text = files("router.domain").joinpath("quart.toml").read_text(encoding="utf-8")
    return Quart(**tomllib.loads(text))


def clocked(act: Acte, event: Event) -> Acte:
    """Return the act with a start for the three months within which a collector has to send its first report.
    They start at the moment of `event` if `act` is a collector's agreement in force, and if they have not
    started before. In any other case, return `act` unchanged."""
    if not isinstance(act, Convention) or act.objet not in OF_A_COLLECTOR or act.etat is not Etat.EN_VIGUEUR:
        return act
    return replace(act, bilan_depuis=act.bilan_depuis or event.attributes.time)


def stated(event: Event, known: Acte | None) -> Effects:
    """Apply a report of a collector (CIL) on the dwellings that it has attributed. By its agreement, a
    quarter of them must go to households that the State designates. All signatories are told how many
    dwellings had to go to such households, and how many did."""
    contrat = event.contrat
    assert isinstance(contrat, ConventionBilan)
    if not isinstance(known, Convention) or known.bilan_depuis is None:
        return anomaly(event, MotifAnomalie.ACTE_NON_SIGNE, known)
    figures = contrat.model_dump(include={"du", "au", "attributions", "dalo", "sous_accord"})
    counted = sum(figures[name] for name in definition().compte)
    due = ceil(contrat.attributions / definition().part)
    counts = {**figures, "attendues": due, "comptees": counted}
    return Effects(derived=(_quarter(known, event.attributes.territoire, counts),))


def quarter_over(known: Acte) -> ConventionQuart:
    """Return the hub's message that the collector of the agreement `known` has sent no report on its
    attributions for three months."""
    assert isinstance(known, Convention)
    return _quarter(known, known.territoire, {})


def _quarter(known: Convention, territoire: str, figures: Mapping[str, Any]) -> ConventionQuart:
    assert known.bilan_depuis is not None
    numero = known.numero and as_read_in(known.numero, known.territoire, territoire)
    values = {"convention": known.id, "numero": numero, "depuis": known.bilan_depuis, **figures}
    return ConventionQuart.model_validate(values, context=RELU)


def begun_anew(event: Event, known: Acte | None) -> Acte | Effects:
    """Return the agreement of a collector (CIL) with a new period of three months, within which the collector
    has to send its next report. The period starts at the time of `event`, the hub's message that a report has
    come, or that none has come for three months. `known` is the agreement as stored; None if it is not
    stored.

    Return effects that change nothing if the hub does not know the agreement. Do the same if `event` says
    that no report has come, but a report has come since the hub wrote `event`.
    """
    contrat = event.contrat
    assert isinstance(contrat, ConventionQuart)
    silent = contrat.attributions is None
    if not isinstance(known, Convention) or (silent and known.bilan_depuis != contrat.depuis):
        return without_effect("ne_court_plus")
    return replace(known.moved(Etat(str(known.etat))), bilan_depuis=event.attributes.time)
