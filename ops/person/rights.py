"""Rights of a person over their data (GDPR 15 to 21), and the answers to their requests."""

from enum import StrEnum


class Droit(StrEnum):
    """Right of a person over the data that the hub holds about this person."""

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
    """Answer to a person's request. A granted limitation (restriction of processing, GDPR 18) lasts until the
    answer `LEVEE`."""

    ACCORDEE = "accordee"
    REFUSEE = "refusee"
    LEVEE = "levee"


LIMITING = (Droit.LIMITATION, Droit.OPPOSITION)
"""Rights whose exercise limits the use of the data from the moment of the request."""
