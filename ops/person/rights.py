"""Rights of a person over their data (GDPR 15 to 21), and answers to requests."""

from enum import StrEnum


class Droit(StrEnum):
    """Right of a person over their data (GDPR)."""

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
    """Answer to a person who has exercised a right over their data. `LEVEE` ends a limitation, granted earlier,
    of the use of their data."""

    ACCORDEE = "accordee"
    REFUSEE = "refusee"
    LEVEE = "levee"


LIMITING = (Droit.LIMITATION, Droit.OPPOSITION)
"""Rights that restrict the use of the data from the request on."""
