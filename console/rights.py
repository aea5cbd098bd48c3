"""Rights in the console, and the partners to which they extend. Pure: the identity provider's claims, and a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.partner import Famille, Partner
from router.domain.partners import Registry
from router.domain.parts import HUB
from router.domain.subjects import Subject


class Droit(StrEnum):
    """Rights that a route may require."""

    VEILLER = "veiller"
    """See the state of the hub and its partners."""
    SUIVRE = "suivre"
    """Find and follow messages, referrals, places and deliveries."""
    DECIDER = "decider"
    """Replay, correct, close, send again, and try deliveries at once."""
    DEMASQUER = "demasquer"
    """Read the bytes of a message in clear, one at a time, for a reason."""
    AUDITER = "auditer"
    """Read the acts of people, and check that none is missing."""
    PARLER = "parler"
    """Read the messages sent to one's own partner, and send messages in its name: the desk."""


class Profil(StrEnum):
    """Kinds of people who use the console."""

    SUPERVISION = "supervision"
    OPERATEUR = "operateur"
    REFERENT = "referent"
    """Member of a SIAO, who sees its territories and no others. Of a partner that also works elsewhere, this
    person sees only the traffic with their SIAO."""
    DPO = "dpo"
    PARTENAIRE = "partenaire"
    """Member of one partner, who sees its traffic and nothing of others."""


MAY: Mapping[Profil, frozenset[Droit]] = {
    Profil.SUPERVISION: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.AUDITER}),
    Profil.OPERATEUR: frozenset(Droit) - {Droit.PARLER},
    Profil.REFERENT: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.PARLER}),
    Profil.DPO: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.DEMASQUER, Droit.AUDITER}),
    Profil.PARTENAIRE: frozenset({Droit.SUIVRE, Droit.PARLER}),
}
LIMITED = frozenset({Profil.REFERENT, Profil.PARTENAIRE})
"""Profiles limited to some partners, in what they see and in what they do."""
PROFIL, PERIMETRE = "siao_profil", "siao_perimetre"
"""Claims of the identity provider: a person's profile, and the territories or the partner to which it is limited."""


@dataclass(frozen=True, slots=True)
class Portee:
    """Scope of a person: the partners whose traffic the person may see."""

    partners: frozenset[str] | None = None
    """Partners that the person may see; None if the person may see everything, including what belongs to no
    partner."""

    @property
    def whole(self) -> bool:
        """Return whether the person sees all traffic."""
        return self.partners is None

    def sees(self, partner: str | None) -> bool:
        """Return whether this partner's traffic may be shown."""
        return self.partners is None or partner in self.partners

    def named(self, partner: str | None) -> str | None:
        """Return the partner if the person may know it, or if it is the hub itself; else None."""
        return partner if partner == HUB or self.sees(partner) else None

    def opens(self, subject: Subject) -> bool:
        """Return whether the page of a subject may be shown: to a person who sees all, or whose partner plays a part
        in it now.

        A partner that only sent or received a message about it plays no part.
        """
        return self.partners is None or not self.partners.isdisjoint(subject.players)

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the partners, among `names`, whose traffic may be shown."""
        return tuple(name for name in names if self.sees(name))


def desk_alone(may: Callable[[Droit], bool]) -> bool:
    """Return whether these rights only open the desk: the person sends messages in a partner's name, and does
    not watch over the hub."""
    return may(Droit.PARLER) and not may(Droit.VEILLER)


@dataclass(frozen=True, slots=True)
class Personne:
    """A logged-in person."""

    id: str
    """Id of the person at the identity provider, which the audit records."""
    nom: str
    profil: Profil
    perimetre: tuple[str, ...] = ()
    """Territories of a référent, or the one partner of a partner's people; empty for others."""

    @property
    def actor(self) -> str:
        """Return the name under which the audit records the person."""
        return f"console:{self.id}"

    def may(self, droit: Droit) -> bool:
        """Return whether the person has a right."""
        return droit in MAY[self.profil]

    @property
    def has_the_desk_alone(self) -> bool:
        """Return whether the desk is the only part of the console that the person may see."""
        return desk_alone(self.may)

    def speaks_for(self, registry: Registry) -> Partner | None:
        """Return the partner in whose name the person sends messages at the desk: their own partner, or the
        SIAO of their territories. None if the registry has no such partner."""
        match self.profil:
            case Profil.PARTENAIRE:
                return registry.get(self.perimetre[0])
            case Profil.REFERENT:
                known = sorted(registry.partners.values(), key=lambda partner: partner.id)
                siaos = (p for p in known if p.famille is Famille.SIAO and not p.bac_a_sable)
                return next((p for p in siaos if set(p.territoires) <= set(self.perimetre)), None)
        return None

    def portee(self, registry: Registry) -> Portee:
        """Return the partners whose traffic the person may see, by the present registry."""
        match self.profil:
            case Profil.REFERENT:
                known = registry.partners.values()
                return Portee(frozenset(p.id for p in known if set(p.territoires) <= set(self.perimetre)))
            case Profil.PARTENAIRE:
                return Portee(frozenset(self.perimetre[:1]))
        return Portee()


def person_of(claims: Mapping[str, Any]) -> Personne | None:
    """Return the person for whom an identity provider vouches by these claims.

    Return None if they have no profile here, or if their profile needs limits (territories or a partner) and
    the claims give none.
    """
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
    """Return a member of a partner as a person of the console, by the present registry: a référent if their partner
    is a SIAO with a desk, else one of the partner's people. None if the registry has no such partner."""
    partner = registry.get(ident)
    if partner is None:
        return None
    referent = Personne(person, nom, Profil.REFERENT, tuple(partner.territoires))
    if partner.famille is Famille.SIAO and referent.speaks_for(registry) == partner:
        return referent
    return Personne(person, nom, Profil.PARTENAIRE, (partner.id,))


def _listed(claim: object) -> tuple[str, ...]:
    """Return the values of a claim, which is one value or a list."""
    if isinstance(claim, str):
        return tuple(claim.split())
    return tuple(map(str, claim)) if isinstance(claim, Sequence) else ()
