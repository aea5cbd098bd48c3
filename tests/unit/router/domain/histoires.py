"""Random histories of two places, their referrals and a landlord's candidacies. Equal seeds give equal histories.

`SIAO_HISTOIRES` sets the seeds, as first:end; without it there are 120.
"""

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import HUB
from contracts.reference.codes import Dispositif, MotifRefus, ResultatCommission
from contracts.v1 import attribution as a
from contracts.v1 import orientation as o
from contracts.v1 import place as p
from contracts.v1 import suite
from contracts.v1.livraison import LivraisonRemise
from router.domain.books import message_at
from router.domain.deadlines import running_of
from router.domain.rules.effects import Effects
from router.domain.subjects import Subject
from tests.unit.router.domain.monde import (
    AUTRE,
    BAILLEUR,
    CENTRE,
    FINESS,
    JOUR,
    SIAO,
    SIRET,
    Monde,
    admission,
    ident,
    menage,
    proposition,
)
from tests.unit.router.domain.reponses import absence, acceptee, admise, entree, refusee, sortie

GRAINES = range(*map(int, os.environ.get("SIAO_HISTOIRES", "0:120").split(":")))
EVENEMENTS = 45
PLACES = (ident("place 1"), ident("place 2"))
ORIENTATIONS = tuple(ident(f"orientation {n}") for n in range(5))
CANDIDATURES = tuple(ident(f"candidature {n}") for n in range(2))


@dataclass(frozen=True, repr=False)
class Pas:
    """One event of a history: its sender, and the subjects before and after."""

    graine: int
    numero: int
    source: str
    contrat: Contrat
    avant: Mapping[UUID, Subject]
    effets: Effects
    apres: Mapping[UUID, Subject]

    def __repr__(self) -> str:
        return f"graine {self.graine}, événement {self.numero} : {self.source} dit {self.contrat.TYPE}"


def tous_les_pas() -> Iterator[Pas]:
    """Yield every event of every history."""
    for graine in GRAINES:
        yield from histoire(graine)


@cache
def histoire(graine: int) -> tuple[Pas, ...]:
    """Return the history of a seed. Cached."""
    return tuple(_pas(graine))


def _pas(graine: int) -> Iterator[Pas]:
    chance, monde = random.Random(graine), Monde()
    derived: list[Contrat] = []
    for numero in range(EVENEMENTS):
        source, contrat = _next(chance, monde, derived)
        avant = dict(monde.subjects)
        effets = monde.dit(source, contrat)
        derived += effets.derived
        yield Pas(graine, numero, source, contrat, avant, effets, dict(monde.subjects))


def _next(chance: random.Random, monde: Monde, derived: list[Contrat]) -> tuple[str, Contrat]:
    """Return the next sender and its message. The hub's own events come late, and in any order between subjects."""
    if derived and chance.random() < 0.3:
        return HUB, derived.pop(chance.randrange(len(derived)))
    return chance.choices(
        (_about_a_place, _about_a_referral, _about_a_candidacy, _passing_time), weights=(4, 10, 3, 1)
    )[0](chance, monde)


def _passing_time(chance: random.Random, monde: Monde) -> tuple[str, Contrat]:
    """Let days pass, and return the hub's message that a deadline has ended; sometimes it comes too late."""
    monde.now += timedelta(days=chance.randint(1, 4))
    due = [
        message_at(subject, deadline, stage.etape)
        for subject in monde.subjects.values()
        for deadline in running_of(subject, monde.registry).values()
        for stage in deadline.stages
        if stage.at < monde.now
    ]
    return (HUB, chance.choice(due)) if due else _about_a_place(chance, monde)


def _about_a_place(chance: random.Random, monde: Monde) -> tuple[str, Contrat]:
    place = chance.choice(PLACES)
    described = {"place": place, "structure": FINESS, "dispositif": Dispositif.INSERTION}
    makers = (
        lambda: p.PlaceVacante(**described, version=_version(chance)),
        lambda: p.PlaceVacante(**described),
        lambda: p.PlaceVacante(**described),
        lambda: p.PlaceVacancePrevisible(**described, libre_le=JOUR),
        lambda: p.PlaceOccupee(place=place, version=_version(chance)),
        lambda: p.PlaceLiberee(place=place),
        lambda: p.PlaceDisponible(place=place),
        lambda: p.PlaceIndisponible(place=place, motif="TRAVAUX"),
        lambda: p.PlaceDeclaree(**described),
        lambda: p.PlaceFermee(place=place),
        lambda: admission(place),
        lambda: admission(place, derogation="DER-2026-4", version=_version(chance)),
    )
    weights = (2, 6, 6, 3, 2, 1, 1, 1, 1, 0.2, 0.3, 0.3)
    source = _mostly(chance, CENTRE) if place in monde.subjects else CENTRE
    return source, chance.choices(makers, weights)[0]()


def _about_a_referral(chance: random.Random, monde: Monde) -> tuple[str, Contrat]:
    orientation = chance.choice(ORIENTATIONS)
    if orientation not in monde.subjects or chance.random() < 0.05:
        where = chance.choice((*((each,) for each in PLACES), PLACES, PLACES[::-1], ()))
        kind = chance.choice((Dispositif.URGENCE, Dispositif.INSERTION))
        return SIAO, proposition(orientation, *where, dispositif=kind)
    if chance.random() < 0.06:
        return _mostly(chance, SIAO), o.OrientationAnnulee(orientation=orientation)
    if chance.random() < 0.06:
        return HUB, LivraisonRemise(objet=orientation, partenaire=CENTRE, remise_le=monde.now)
    return _mostly(chance, CENTRE), _answer(chance, monde, orientation)


def _answer(chance: random.Random, monde: Monde, orientation: UUID) -> Contrat:
    makers = (
        lambda: o.OrientationAccusee(orientation=orientation),
        lambda: o.OrientationMiseEnAttente(orientation=orientation, version=_version(chance)),
        lambda: o.OrientationPreadmissionPlanifiee(
            orientation=orientation, entretien_le="2026-03-04T09:00:00Z"
        ),
        lambda: acceptee(orientation, version=_version(chance)),
        lambda: admise(orientation),
        lambda: entree(orientation),
        lambda: absence(orientation),
        lambda: sortie(orientation),
        lambda: sortie(orientation, sortie_le=monde.now.date() + timedelta(days=2)),
        lambda: suite.SejourProlonge(orientation=orientation, jusqu_au=JOUR),
        lambda: suite.AccompagnementRepondu(orientation=orientation, accepte=True),
        lambda: refusee(orientation, chance.choice(list(MotifRefus))),
    )
    weights = (4, 1, 1, 4, 2, 4, 1, 2, 1, 1, 1, 3)
    return chance.choices(makers, weights)[0]()


def _about_a_candidacy(chance: random.Random, monde: Monde) -> tuple[str, Contrat]:
    candidature = chance.choice(CANDIDATURES)
    if candidature not in monde.subjects:
        household = menage(f"m-{candidature}")
        return SIAO, a.CandidaturePresentee(
            candidature=candidature, menage=household, bailleur=SIRET, canal=a.Canal.DIRECT
        )
    if chance.random() < 0.06:
        return _mostly(chance, SIAO), a.CandidatureRetiree(candidature=candidature)
    resultat = chance.choice(list(ResultatCommission))
    rang = 2 if resultat is ResultatCommission.ATTRIBUTION_RANG else None
    makers = (
        lambda: a.CandidatureAccusee(candidature=candidature),
        lambda: a.CandidatureInscrite(candidature=candidature, commission_le=JOUR),
        lambda: a.DecisionCommission(
            candidature=candidature, resultat=resultat, commission_le=JOUR, rang=rang
        ),
        lambda: a.ConditionLevee(candidature=candidature),
        lambda: a.PropositionAcceptee(candidature=candidature),
        lambda: a.PropositionRefusee(candidature=candidature, silence=chance.random() < 0.5),
        lambda: a.BailSigne(candidature=candidature, signature_le=JOUR),
        lambda: a.InstanceAvis(candidature=candidature, favorable=True, avis_le=JOUR),
    )
    return _mostly(chance, BAILLEUR), chance.choices(makers, (2, 2, 3, 2, 2, 2, 2, 1))[0]()


def _mostly(chance: random.Random, partner: str) -> str:
    """Return this partner, or sometimes one that has nothing to do with the subject."""
    return partner if chance.random() < 0.97 else AUTRE


def _version(chance: random.Random) -> int | None:
    return chance.choice((None, None, chance.randint(1, 9)))
