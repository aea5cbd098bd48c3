"""Check the channel of a candidacy, which is the way in which a SIAO presents a household to a landlord. Some
channels need an agreement in force (`canaux.toml`, and duties C7, C8 and C9 in docs/obligations.md)."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from contracts.envelope import Event
from contracts.partner import Famille, Partner
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.attribution import CandidaturePresentee, CandidatureSurListe
from contracts.v1.convention import Objet
from router.domain.calendar import day_in
from router.domain.rulebooks.acte import Convention
from router.domain.rules.effects import World

Presentee = CandidaturePresentee | CandidatureSurListe
BY_LIST = "CIL_LISTE"
"""Name of the channel for a candidacy on a collector's list, in `canaux.toml`. A collector (CIL) is the
employers' housing fund."""
OF_THE_BODY = (Famille.CIL, Famille.COLLECTIVITE)
"""Types of recipients that must be a party to the agreement themselves. Landlords need not be: a collective
agreement (accord collectif) also binds landlords that it does not name."""


class Sans(StrEnum):
    """What happens to a candidacy if its channel needs an agreement, and no agreement covers the
    candidacy."""

    REFUSER = "REFUSER"
    SIGNALER = "SIGNALER"
    ACCEPTER = "ACCEPTER"


class Canal(BaseModel):
    """A channel, which is a way in which a SIAO may present a household to a landlord. `canaux.toml` defines
    all channels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    objets: frozenset[Objet] = frozenset()
    sans_convention: Sans


class Titre(NamedTuple):
    """Result of the check whether an agreement covers a candidacy. `manque` is the reason why no agreement
    covers it; None if an agreement does, or if the channel needs no agreement. `part` says whether the
    candidacy is sent: some channels allow this without an agreement."""

    manque: MotifAnomalie | None
    part: bool


@cache
def channels() -> Mapping[str, Canal]:
    """Return the channels that `canaux.toml` defines, by name."""
    text = files("router.domain").joinpath("canaux.toml").read_text(encoding="utf-8")
    return {name: Canal(**row) for name, row in tomllib.loads(text).items()}


def title_of(event: Event, contrat: Presentee, recipient: Partner, world: World) -> Titre:
    """Return why no agreement covers a candidacy to the partner `recipient`, and whether the candidacy is sent.
    The reason is None if an agreement covers the candidacy, or if the candidacy's channel needs no agreement.
    Otherwise, the channel decides whether the candidacy is sent all the same."""
    canal = channels()[BY_LIST if isinstance(contrat, CandidatureSurListe) else contrat.canal]
    if canal.sans_convention is Sans.ACCEPTER:
        return Titre(None, part=True)
    lacks = _lacks(event, contrat, canal, recipient, world)
    return Titre(lacks, part=lacks is None or canal.sans_convention is Sans.SIGNALER)


def _lacks(
    event: Event, contrat: Presentee, canal: Canal, recipient: Partner, world: World
) -> MotifAnomalie | None:
    if contrat.convention is None:
        return MotifAnomalie.SANS_CONVENTION
    act = world.subjects.get(contrat.acte) if contrat.acte else None
    if not isinstance(act, Convention):
        return MotifAnomalie.ACTE_INCONNU
    if lacks := act.lacks_on(day_in(event.attributes.territoire, event.attributes.time)):
        return lacks
    with_another = recipient.famille in OF_THE_BODY and act.partenaire not in recipient.structures
    listed_elsewhere = isinstance(contrat, CandidatureSurListe) and recipient.famille is not Famille.CIL
    wrong = act.objet not in canal.objets or with_another or listed_elsewhere
    return MotifAnomalie.HORS_ACTE if wrong else None
