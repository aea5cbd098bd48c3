"""Name the rights of a person over their data (GDPR 15 to 21; GDPR is the European law on personal data), and
the possible answers to a request."""

from enum import StrEnum


class Droit(StrEnum):
    """A right of a person over their data (GDPR)."""

    ACCES = "acces"
    RECTIFICATION = "rectification"
    EFFACEMENT = "effacement"
    LIMITATION = "limitation"
    PORTABILITE = "portabilite"
    OPPOSITION = "opposition"

    @property
    def libelle(self) -> str:
        """Return the French word for the right, with its accents."""
        return {Droit.ACCES: "accès", Droit.PORTABILITE: "portabilité"}.get(self, self.value)


class Issue(StrEnum):
    """The answer to a person who has exercised a right over their data. `LEVEE` ends a restriction that was
    granted earlier."""

    ACCORDEE = "accordee"
    REFUSEE = "refusee"
    LEVEE = "levee"


LIMITING = (Droit.LIMITATION, Droit.OPPOSITION)
"""The rights that restrict the use of the data as soon as a person exercises them, even before the answer."""
