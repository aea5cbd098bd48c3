"""Decide what a person may do in the console, and which partners the person may see."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.envelope import HUB
from contracts.partner import Famille, Partner
from router.domain.partners import Registry
from router.domain.subjects import Subject


class Droit(StrEnum):
    """Right that a person needs for a page, for example to see the state of the hub."""

    VEILLER = "veiller"
    """Right to see the state of the hub and of its partners."""
    SUIVRE = "suivre"
    """Right to search and follow messages, referrals, places and deliveries."""
    DECIDER = "decider"
    """Right to replay, correct and close what is in quarantine, and to decide about deliveries."""
    DEMASQUER = "demasquer"
    """Right to read one message in clear, for a reason that the audit records."""
    AUDITER = "auditer"
    """Right to read the audit, and to prove that nothing is missing."""
    PARLER = "parler"
    """Right to work at the desk, for one's own partner."""


class Profil(StrEnum):
    """Profile of a person, which decides the person's rights."""

    SUPERVISION = "supervision"
    OPERATEUR = "operateur"
    REFERENT = "referent"
    """Member of a SIAO, who sees only the partners in its territories."""
    DPO = "dpo"
    PARTENAIRE = "partenaire"
    """Member of another partner, who sees only its traffic."""


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
"""Names of two claims, which are statements of the identity provider about a person: the person's profile,
and the territories or partner to which the person is limited."""


@dataclass(frozen=True, slots=True)
class Portee:
    """Scope of a person: the partners whose traffic the person may see."""

    partners: frozenset[str] | None = None
    """Partners that the person may see; None for all."""

    @property
    def whole(self) -> bool:
        """Return whether the person may see all partners."""
        return self.partners is None

    def sees(self, partner: str | None) -> bool:
        """Return whether the person may see the traffic of a partner. For None, return whether the person may
        see all traffic."""
        return self.partners is None or partner in self.partners

    def named(self, partner: str | None) -> str | None:
        """Return the id `partner` if the person may see this partner, else None. The hub's own id is returned
        to everybody."""
        return partner if partner == HUB or self.sees(partner) else None

    def opens(self, subject: Subject) -> bool:
        """Return whether the person may open a subject's page: this takes the right to see at least one of its
        parties."""
        return self.partners is None or not self.partners.isdisjoint(subject.players)

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the partners among `names` that the person may see."""
        return tuple(name for name in names if self.sees(name))


def desk_alone(may: Callable[[Droit], bool]) -> bool:
    """Return whether a person sees only the desk in the menu: the person may use the desk, but not see the
    hub's state. `may`: function that tells whether the person has a right."""
    return may(Droit.PARLER) and not may(Droit.VEILLER)


@dataclass(frozen=True, slots=True)
class Personne:
    """Person who is logged in to the console."""

    id: str
    """Id at the identity provider, or id of the account."""
    nom: str
    profil: Profil
    perimetre: tuple[str, ...] = ()
    """Territories of a SIAO's member (`REFERENT`), or the partner of another partner's member. Empty for
    profiles that see all partners."""

    @property
    def actor(self) -> str:
        """Return the person's name in the audit."""
        return f"console:{self.id}"

    def may(self, droit: Droit) -> bool:
        """Return whether the person has a right."""
        return droit in MAY[self.profil]

    @property
    def has_the_desk_alone(self) -> bool:
        """Return whether the desk is all that the person sees in the menu."""
        return desk_alone(self.may)

    def speaks_for(self, registry: Registry) -> Partner | None:
        """Return the partner for whom the person works:
        * with the profile `PARTENAIRE`, their own partner;
        * with `REFERENT`, the SIAO of their territories: not a merged one, and an antenna only if there is no
          other;
        * with any other profile, or if the registry lacks that partner, None.
        """
        match self.profil:
            case Profil.PARTENAIRE:
                return registry.get(self.perimetre[0])
            case Profil.REFERENT:
                there = (p for ident, p in registry.partners.items() if ident not in registry.successors)
                known = sorted(there, key=lambda partner: (partner.antenne_de is not None, partner.id))
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
    """Return the person that `claims`, the identity provider's statements, describe; None if they give no known
    profile. For a profile that sees only some partners, return None too if they name no territory or
    partner."""
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
    """Return the person with the account `person` and the name `nom`, who works for the partner `ident`. If
    this partner is the SIAO of its territories, the person gets the rights of a SIAO's member; otherwise, the
    rights that the members of all other partners have. Return None if the registry lacks the partner."""
    partner = registry.get(ident)
    if partner is None:
        return None
    referent = Personne(person, nom, Profil.REFERENT, tuple(partner.territoires))
    if partner.famille is Famille.SIAO and referent.speaks_for(registry) == partner:
        return referent
    return Personne(person, nom, Profil.PARTENAIRE, (partner.id,))


def _listed(claim: object) -> tuple[str, ...]:
    if isinstance(claim, str):
        return tuple(claim.split())
    return tuple(map(str, claim)) if isinstance(claim, Sequence) else ()
