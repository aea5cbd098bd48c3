"""Make and read the card of a household: what the hub compares to find duplicates, encrypted under the
household's own key."""

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
    """Fields of a card, as the messages about a household give them."""

    fiche: Fiche
    protege: bool
    """Whether violence was reported. If so, the household is compared only at the request of its referent."""

    def with_news(self, menage: Menage) -> "Said":
        """Return these fields, with the values of a newer message about the household. A field that the
        message leaves out keeps its value."""
        news = fiche_of(menage)
        fiche = Fiche(
            news.personnes or self.fiche.personnes,
            news.numero_unique or self.fiche.numero_unique,
            news.telephone or self.fiche.telephone,
        )
        protege = menage.protege
        return Said(fiche, self.protege if protege is None else protege)

    def sealed(self, cipher: Cipher, menage: UUID) -> bytes:
        """Return these fields as an encrypted card. It can be decrypted only with the same household id."""
        people = [[p.noms, p.prenoms, p.naissance, p.femme] for p in self.fiche.personnes]
        content = [people, self.fiche.numero_unique, self.fiche.telephone, self.protege]
        return seal(cipher, to_json(content), menage.bytes)

    @classmethod
    def unsealed(cls, cipher: Cipher, menage: UUID, sealed: bytes) -> "Said":
        """Return the fields in a card. Raises InvalidContract for an unreadable card."""
        people, number, telephone, protege = from_json(unseal(cipher, sealed, menage.bytes))
        return cls(Fiche(tuple(map(_person, people)), number, telephone), protege)


NOTHING = Said(Fiche(), protege=False)


def fiche_of(menage: Menage) -> Fiche:
    """Return the fields of a household by which duplicates are found."""
    people = tuple(
        Personne.of(p.nom, p.prenom, p.date_naissance, None if p.sexe is None else p.sexe is Sexe.F)
        for p in menage.personnes
    )
    telephone = "".join(filter(str.isdigit, menage.telephone or "")) or None
    return Fiche(people, menage.numero_unique, telephone)


def padding() -> frozenset[str]:
    """Return random blocking keys for a protected household, so that the stored keys do not show which
    households are protected."""
    return frozenset(os.urandom(16).hex() for _ in range(PADDING_BLOCKS))


def _person(written: list[Any]) -> Personne:
    noms, prenoms, naissance, femme = written
    return Personne(tuple(noms), tuple(prenoms), date.fromisoformat(naissance) if naissance else None, femme)
