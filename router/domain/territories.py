"""Compare locations with partners' territories and perimeters.

A perimeter limits a partner to some communes of its territories. If the commune of a location is unknown,
only its territory and its département count.
"""

from typing import NamedTuple

from contracts.partner import Partner, Volet
from contracts.reference.codes import Dispositif
from contracts.reference.territoires import communes, departement_of


class Lieu(NamedTuple):
    """A location: where a subject is, or where a household is to be housed."""

    territoire: str
    departement: str | None = None
    """Département whose partners are concerned: for example, the one in which a household ready for housing
    is to be housed. If it is given, partners with this département as their territory are found too. None if
    only the territory counts."""
    communes: tuple[str, ...] = ()
    """Communes of the location. A perimeter contains the location if it contains one of them. Empty if the
    commune is unknown or secret."""


def territoire_at(partner: Partner, commune: str | None) -> str:
    """Return the territory of a partner that contains a commune. Return the partner's first territory if none
    of its territories contains the commune, or if `commune` is None."""
    if commune is None or not partner.autres_territoires:
        return partner.territoire
    there = communes().get(commune)
    return next((t for t in partner.territoires if departement_of(t) == there), partner.territoire)


def works_at(partner: Partner, territoires: tuple[str, ...], lieu: Lieu) -> bool:
    """Tell whether a location is in one of the partner's territories, and in the partner's perimeter.
    `territoires` are the names of the partner's territories. If the partner is in a sandbox, each of these
    names contains the sandbox's id."""
    return any(_holds(territoire, lieu) for territoire in territoires) and is_inside(partner, lieu)


def _holds(territoire: str, lieu: Lieu) -> bool:
    if lieu.departement is None:
        return territoire == lieu.territoire
    named = territoire == lieu.territoire and departement_of(territoire) in (None, lieu.departement)
    return named or territoire == lieu.departement


def is_inside(partner: Partner, lieu: Lieu) -> bool:
    """Tell whether a location in a partner's territories is also in the partner's perimeter. If only the
    département of the location is known, return True if a part of this département is in the perimeter.
    Return True if the partner has no perimeter, or if nobody knows where in the territory the location is."""
    perimetre = partner.perimetre
    if perimetre is None:
        return True
    if lieu.communes:
        return any(perimetre.contient(commune) for commune in lieu.communes)
    return lieu.departement is None or perimetre.touche(lieu.departement)


def volet_of(dispositif: Dispositif | None) -> Volet:
    """Return the volet (urgence or insertion: a part of a SIAO) that handles a kind of offer. If the kind of
    offer is unknown (None), return the volet urgence."""
    urgent = dispositif in (None, Dispositif.URGENCE)
    return Volet.URGENCE if urgent else Volet.INSERTION
