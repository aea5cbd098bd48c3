"""Who may do what in the console, and on whose traffic. Pure: what an identity provider says, and a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from router.domain.partners import Registry
from router.domain.parts import HUB
from router.domain.subjects import Subject


class Droit(StrEnum):
    """What a route takes."""

    VEILLER = "veiller"
    """See how the hub and its partners do."""
    SUIVRE = "suivre"
    """Find and follow messages, referrals, places, deliveries."""
    DECIDER = "decider"
    """Replay, correct, close, send again, try now."""
    DEMASQUER = "demasquer"
    """Read what was sent in clear, one message at a time, for a reason."""
    AUDITER = "auditer"
    """Read who did what, and prove that nothing is missing."""


class Profil(StrEnum):
    """What somebody is to the hub."""

    SUPERVISION = "supervision"
    OPERATEUR = "operateur"
    REFERENT = "referent"
    """Of a SIAO: its territories, and nothing of others."""
    DPO = "dpo"
    PARTENAIRE = "partenaire"
    """Of one partner: its own traffic, and nothing of others."""


MAY: Mapping[Profil, frozenset[Droit]] = {
    Profil.SUPERVISION: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.AUDITER}),
    Profil.OPERATEUR: frozenset(Droit),
    Profil.REFERENT: frozenset({Droit.VEILLER, Droit.SUIVRE}),
    Profil.DPO: frozenset({Droit.VEILLER, Droit.SUIVRE, Droit.DEMASQUER, Droit.AUDITER}),
    Profil.PARTENAIRE: frozenset({Droit.SUIVRE}),
}
LIMITED = frozenset({Profil.REFERENT, Profil.PARTENAIRE})
"""Profiles that see what is theirs alone: what they do, too, is tried against whose it is."""
PROFIL, PERIMETRE = "siao_profil", "siao_perimetre"
"""Claims of the identity provider: what somebody is, and the territories or the partner that this is limited to."""


@dataclass(frozen=True, slots=True)
class Portee:
    """Whose traffic somebody may see: that of some partners, or all."""

    partners: frozenset[str] | None = None
    """None: of all, and of nobody."""

    @property
    def whole(self) -> bool:
        """Whether nothing is kept from them."""
        return self.partners is None

    def sees(self, partner: str | None) -> bool:
        """Whether what is this partner's may be shown."""
        return self.partners is None or partner in self.partners

    def named(self, partner: str | None) -> str | None:
        """A partner's name, where it may be read; that of the hub may be by all."""
        return partner if partner == HUB or self.sees(partner) else None

    def opens(self, subject: Subject) -> bool:
        """Whether the page of a subject may be shown: to who sees all, and to who plays a part in it as it stands. To
        have spoken of it, or to have been told of it, is no part."""
        return self.partners is None or not self.partners.isdisjoint(subject.players)

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of these partners whose traffic may be shown."""
        return tuple(name for name in names if self.sees(name))


@dataclass(frozen=True, slots=True)
class Personne:
    """Somebody who is logged in."""

    id: str
    """As the identity provider knows them; what the audit says."""
    nom: str
    profil: Profil
    perimetre: tuple[str, ...] = ()
    """Territories of a référent, the one partner of a partner's own people; empty for the others."""

    @property
    def actor(self) -> str:
        """Who they are in the audit."""
        return f"console:{self.id}"

    def may(self, droit: Droit) -> bool:
        """Whether a right is theirs."""
        return droit in MAY[self.profil]

    def portee(self, registry: Registry) -> Portee:
        """Whose traffic they may see, by the registry as it is now."""
        match self.profil:
            case Profil.REFERENT:
                known = registry.partners.values()
                return Portee(frozenset(p.id for p in known if p.territoire in self.perimetre))
            case Profil.PARTENAIRE:
                return Portee(frozenset(self.perimetre[:1]))
        return Portee()


def person_of(claims: Mapping[str, Any]) -> Personne | None:
    """Whom an identity provider vouches for; None for somebody without a profile here, or whose profile needs limits
    that are not there."""
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


def _listed(claim: object) -> tuple[str, ...]:
    """A claim that is one value or a list of them."""
    if isinstance(claim, str):
        return tuple(claim.split())
    return tuple(map(str, claim)) if isinstance(claim, Sequence) else ()
