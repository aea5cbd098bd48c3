"""Card of a household: what is compared of it, sealed under its own key. Pure but for randomness."""

import os
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from contracts.reference.codes import Sexe
from contracts.v1.menage import Menage
from ops.duplicates.matching import Fiche, Personne
from router.privacy.sealing import Cipher, seal, unseal

PADDING_BLOCKS = 6


class Said(NamedTuple):
    """Household as its messages describe it."""

    fiche: Fiche
    protege: bool
    """True once violence was told: it is compared with nobody."""

    def with_news(self, menage: Menage) -> "Said":
        """Return the household with what a newer message says. What the message leaves out stays."""
        news = fiche_of(menage)
        fiche = Fiche(
            news.personnes or self.fiche.personnes,
            news.numero_unique or self.fiche.numero_unique,
            news.telephone or self.fiche.telephone,
        )
        told = menage.victime_de_violences
        return Said(fiche, self.protege if told is None else told)

    def sealed(self, cipher: Cipher, menage: UUID) -> bytes:
        """Seal the card."""
        people = [[p.noms, p.prenoms, p.naissance, p.femme] for p in self.fiche.personnes]
        content = [people, self.fiche.numero_unique, self.fiche.telephone, self.protege]
        return seal(cipher, to_json(content), menage.bytes)

    @classmethod
    def unsealed(cls, cipher: Cipher, menage: UUID, sealed: bytes) -> "Said":
        """Read a card. Raises InvalidContract."""
        people, number, telephone, protege = from_json(unseal(cipher, sealed, menage.bytes))
        return cls(Fiche(tuple(map(_person, people)), number, telephone), protege)


NOTHING = Said(Fiche(), protege=False)


def fiche_of(menage: Menage) -> Fiche:
    """Return the fields to compare of a household that a message describes."""
    people = tuple(
        Personne.of(p.nom, p.prenom, p.date_naissance, None if p.sexe is None else p.sexe is Sexe.F)
        for p in menage.personnes
    )
    telephone = "".join(filter(str.isdigit, menage.telephone or "")) or None
    return Fiche(people, menage.numero_unique, telephone)


def padding() -> frozenset[str]:
    """Return blocks that nobody shares: a protected household must not stand out by having none."""
    return frozenset(os.urandom(16).hex() for _ in range(PADDING_BLOCKS))


def _person(written: list[Any]) -> Personne:
    noms, prenoms, naissance, femme = written
    return Personne(tuple(noms), tuple(prenoms), date.fromisoformat(naissance) if naissance else None, femme)
