"""Rights of people in the console, and the partners whose traffic they may see. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.envelope import HUB
from contracts.partner import Famille, Partner
from router.domain.partners import Registry
from router.domain.subjects import Subject


class Droit(StrEnum):
    """Right that a page requires."""

    VEILLER = "veiller"
    """See the state of the hub and its partners."""
    SUIVRE = "suivre"
    """Find and follow messages, referrals, places and deliveries."""
    DECIDER = "decider"
    """Replay, correct and close quarantined entries; decide on deliveries."""
    DEMASQUER = "demasquer"
    """Read one message unmasked, for a reason."""
    AUDITER = "auditer"
    """Read the audited actions, and check that none is missing."""
    PARLER = "parler"
    """Use the desk: read the messages to one's own partner, and send messages in its name."""


class Profil(StrEnum):
    """Kind of person who uses the console."""

    SUPERVISION = "supervision"
    OPERATEUR = "operateur"
    REFERENT = "referent"
    """Member of a SIAO, who sees the partners of its territories only."""
    DPO = "dpo"
    PARTENAIRE = "partenaire"
    """Member of a partner, who sees its traffic only."""


MAY: Mapping[Profil, frozenset[Droit]] = {
    Profil.SUPERVISION: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.AUDITER}),
    Profil.OPERATEUR: frozenset(Droit) - {Droit.PARLER},
    Profil.REFERENT: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.PARLER}),
    Profil.DPO: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.DEMASQUER, Droit.AUDITER}),
    Profil.PARTENAIRE: frozenset({Droit.SUIVRE, Droit.PARLER}),
}
LIMITED = frozenset({Profil.REFERENT, Profil.PARTENAIRE})
"""Profiles that see only some partners."""
PROFIL, PERIMETRE = "siao_profil", "siao_perimetre"
"""Claims of the identity provider: a person's profile, and the territories or the partner to which it is
limited."""


@dataclass(frozen=True, slots=True)
class Portee:
    """Scope of a person: the partners whom the person may see."""

    partners: frozenset[str] | None = None
    """Ids of the partners; None for all partners."""

    @property
    def whole(self) -> bool:
        """Return whether the person may see everything."""
        return self.partners is None

    def sees(self, partner: str | None) -> bool:
        """Return whether the person may see a partner's traffic. For None, return whether the person may see
        everything."""
        return self.partners is None or partner in self.partners

    def named(self, partner: str | None) -> str | None:
        """Return `partner` if the person may see it, or if it is the hub itself. Otherwise return None."""
        return partner if partner == HUB or self.sees(partner) else None

    def opens(self, subject: Subject) -> bool:
        """Return whether the person may open the page of a subject: the person sees everything, or the
        person's partner is a party to the subject."""
        return self.partners is None or not self.partners.isdisjoint(subject.players)

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the partners, among `names`, whom the person may see."""
        return tuple(name for name in names if self.sees(name))


def desk_alone(may: Callable[[Droit], bool]) -> bool:
    """Return whether these rights give only the desk."""
    return may(Droit.PARLER) and not may(Droit.VEILLER)


@dataclass(frozen=True, slots=True)
class Personne:
    """Person who is logged in."""

    id: str
    """Id of the person at the identity provider."""
    nom: str
    profil: Profil
    perimetre: tuple[str, ...] = ()
    """Territories of a référent, or the partner of a member; empty for other profiles."""

    @property
    def actor(self) -> str:
        """Return the name under which the audit records the person."""
        return f"console:{self.id}"

    def may(self, droit: Droit) -> bool:
        """Return whether the person has a right."""
        return droit in MAY[self.profil]

    @property
    def has_the_desk_alone(self) -> bool:
        """Return whether the person has only the desk."""
        return desk_alone(self.may)

    def speaks_for(self, registry: Registry) -> Partner | None:
        """Return the partner in whose name the person works: their own partner, or the SIAO of their
        territories. Return None if there is neither."""
        match self.profil:
            case Profil.PARTENAIRE:
                return registry.get(self.perimetre[0])
            case Profil.REFERENT:
                known = sorted(registry.partners.values(), key=lambda partner: partner.id)
                siaos = (p for p in known if p.famille is Famille.SIAO and not p.bac_a_sable)
                return next((p for p in siaos if set(p.territoires) <= set(self.perimetre)), None)
        return None

    def portee(self, registry: Registry) -> Portee:
        """Return the partners whom the person may see."""
        match self.profil:
            case Profil.REFERENT:
                known = registry.partners.values()
                return Portee(frozenset(p.id for p in known if set(p.territoires) <= set(self.perimetre)))
            case Profil.PARTENAIRE:
                return Portee(frozenset(self.perimetre[:1]))
        return Portee()


def person_of(claims: Mapping[str, Any]) -> Personne | None:
    """Return the person described by the claims of an identity provider. Return None if the profile is
    unknown, or if a limited profile has no territory or partner."""
    try:
        profil = Profil(claims.get(PROFIL) or "")
    except ValueError:
        return None
    perimetre = _listed(claims.get(PERIMETRE)) if profil in LIMITED else ()
    if profil in LIMITED and not perimetre:
        return None
    ident = str(claims["sub"])
    return Personne(
        ident, str(claims.get("name") or claims.get("preferred_username") or ident), profil, perimetre
    )


def member_of(ident: str, person: str, nom: str, registry: Registry) -> Personne | None:
    """Return a member of a partner as a person of the console; a référent if the partner is a SIAO with a
    desk. Return None if the registry lacks the partner."""
    partner = registry.get(ident)
    if partner is None:
        return None
    referent = Personne(person, nom, Profil.REFERENT, tuple(partner.territoires))
    if partner.famille is Famille.SIAO and referent.speaks_for(registry) == partner:
        return referent
    return Personne(person, nom, Profil.PARTENAIRE, (partner.id,))


def _listed(claim: object) -> tuple[str, ...]:
    """Return the values of a claim, which is a text with spaces or a list."""
    if isinstance(claim, str):
        return tuple(claim.split())
    return tuple(map(str, claim)) if isinstance(claim, Sequence) else ()
