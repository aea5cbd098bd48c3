"""Rights of people in the console, and the partners whose traffic each person may see. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.envelope import HUB
from contracts.partner import Famille, Partner
from router.domain.partners import Registry
from router.domain.subjects import Subject


class Droit(StrEnum):
    """Right that a page demands of its visitors."""

    VEILLER = "veiller"
    """Right to see the state of the hub and of its partners."""
    SUIVRE = "suivre"
    """Right to search and follow messages, referrals, places and deliveries."""
    DECIDER = "decider"
    """Right to replay, correct and close quarantine entries, and to decide about deliveries."""
    DEMASQUER = "demasquer"
    """Right to read one message in clear, for a reason that the audit records."""
    AUDITER = "auditer"
    """Right to read the audited actions, and to check that none is missing."""
    PARLER = "parler"
    """Right to work at the desk (`console/bureau`): to read the messages to one's own partner, and to send
    messages in the partner's name."""


class Profil(StrEnum):
    """Profile of a person in the console, on which their rights depend."""

    SUPERVISION = "supervision"
    OPERATEUR = "operateur"
    REFERENT = "referent"
    """Profile of a member of a SIAO. This person sees only the partners in the SIAO's territories."""
    DPO = "dpo"
    PARTENAIRE = "partenaire"
    """Profile of a member of a partner that is no SIAO. This person sees only the partner's own traffic."""


MAY: Mapping[Profil, frozenset[Droit]] = {
    Profil.SUPERVISION: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.AUDITER}),
    Profil.OPERATEUR: frozenset(Droit) - {Droit.PARLER},
    Profil.REFERENT: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.PARLER}),
    Profil.DPO: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.DEMASQUER, Droit.AUDITER}),
    Profil.PARTENAIRE: frozenset({Droit.SUIVRE, Droit.PARLER}),
}
LIMITED = frozenset({Profil.REFERENT, Profil.PARTENAIRE})
"""Profiles of people who may see only some partners."""
PROFIL, PERIMETRE = "siao_profil", "siao_perimetre"
"""Names of two claims of the identity provider: the profile of a person, and the territories or the partner
to which the person is limited."""


@dataclass(frozen=True, slots=True)
class Portee:
    """Scope of a person: the partners that the person may see."""

    partners: frozenset[str] | None = None
    """Ids of the partners that the person may see; None if the person may see all partners."""

    @property
    def whole(self) -> bool:
        """Return whether the person may see all partners."""
        return self.partners is None

    def sees(self, partner: str | None) -> bool:
        """Return whether the person may see the traffic of a partner. For None, return whether the person may
        see all partners."""
        return self.partners is None or partner in self.partners

    def named(self, partner: str | None) -> str | None:
        """Hide a partner that the person may not see: return None in place of its id. Return the id `partner`
        unchanged if the person may see the partner, or if it is the hub itself."""
        return partner if partner == HUB or self.sees(partner) else None

    def opens(self, subject: Subject) -> bool:
        """Return whether the person may open the page of a subject (such as a place or referral). The person
        must be allowed to see all partners, or one of the partners with a role in the subject (sender,
        recipient, manager…)."""
        return self.partners is None or not self.partners.isdisjoint(subject.players)

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the partners `names` that the person may see."""
        return tuple(name for name in names if self.sees(name))


def desk_alone(may: Callable[[Droit], bool]) -> bool:
    """Return whether a person may open the pages of the desk (`console/bureau`), and no other pages. `may`
    tells whether the person has a right."""
    return may(Droit.PARLER) and not may(Droit.VEILLER)


@dataclass(frozen=True, slots=True)
class Personne:
    """Person who is logged in to the console."""

    id: str
    """Id of the person at the identity provider, or of the person's account."""
    nom: str
    profil: Profil
    perimetre: tuple[str, ...] = ()
    """Territories of a référent, or the id of the partner to which the person belongs; empty for profiles that
    see all partners."""

    @property
    def actor(self) -> str:
        """Return the name under which the audit records the person."""
        return f"console:{self.id}"

    def may(self, droit: Droit) -> bool:
        """Return whether the person has a right."""
        return droit in MAY[self.profil]

    @property
    def has_the_desk_alone(self) -> bool:
        """Return whether the person may use only the pages for people of partners (the desk,
        `console/bureau`)."""
        return desk_alone(self.may)

    def speaks_for(self, registry: Registry) -> Partner | None:
        """Return the partner in whose name the person works: the person's own partner or, for a référent, the
        SIAO of the référent's territories. Return None if there is none."""
        match self.profil:
            case Profil.PARTENAIRE:
                return registry.get(self.perimetre[0])
            case Profil.REFERENT:
                known = sorted(registry.partners.values(), key=lambda partner: partner.id)
                siaos = (p for p in known if p.famille is Famille.SIAO and not p.bac_a_sable)
                return next((p for p in siaos if set(p.territoires) <= set(self.perimetre)), None)
        return None

    def portee(self, registry: Registry) -> Portee:
        """Return the partners that the person may see."""
        match self.profil:
            case Profil.REFERENT:
                known = registry.partners.values()
                return Portee(frozenset(p.id for p in known if set(p.territoires) <= set(self.perimetre)))
            case Profil.PARTENAIRE:
                return Portee(frozenset(self.perimetre[:1]))
        return Portee()


def person_of(claims: Mapping[str, Any]) -> Personne | None:
    """Return the person whom the claims of an identity provider describe. Return None if the profile is missing
    or unknown. Return None too if the profile sees only some partners (`LIMITED`), and the claims name neither
    territories nor a partner."""
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
    """Return the person who has an account at the partner `ident`: a référent if the partner is the SIAO of
    its territories, else a member of the partner. Return None if the partner is not in the registry."""
    partner = registry.get(ident)
    if partner is None:
        return None
    referent = Personne(person, nom, Profil.REFERENT, tuple(partner.territoires))
    if partner.famille is Famille.SIAO and referent.speaks_for(registry) == partner:
        return referent
    return Personne(person, nom, Profil.PARTENAIRE, (partner.id,))


def _listed(claim: object) -> tuple[str, ...]:
    """Return the values of a claim, which may be a list, or a text with spaces between the values."""
    if isinstance(claim, str):
        return tuple(claim.split())
    return tuple(map(str, claim)) if isinstance(claim, Sequence) else ()
