"""Compare locations with partners' territories and perimeters. Pure.

A territory is a named area in which a partner works. A perimeter is a set of communes within its territories:
the partner then works only there. If the commune of a location is unknown, the territory alone decides.
"""

from typing import NamedTuple

from contracts.partner import Partner, Volet
from contracts.reference.codes import Dispositif
from contracts.reference.territoires import communes, departement_of


class Lieu(NamedTuple):
    """Location of a referral, a place…: a territory, and perhaps a département and communes."""

    territoire: str
    departement: str | None = None
    """Département in which a household ready for housing is to be housed. Partners are then found by this
    département, not by the territory. None for anything else."""
    communes: tuple[str, ...] = ()
    """Communes of the location. A partner with a perimeter works at the location if its perimeter contains one
    of these. Empty if the communes are unknown or secret."""


def territoire_at(partner: Partner, commune: str | None) -> str:
    """Return the partner's territory that contains a commune. Return the partner's first territory if none
    contains the commune, or if the commune is unknown."""
    if commune is None or not partner.autres_territoires:
        return partner.territoire
    there = communes().get(commune)
    return next((t for t in partner.territoires if departement_of(t) == there), partner.territoire)


def works_at(partner: Partner, territoires: tuple[str, ...], lieu: Lieu) -> bool:
    """Tell whether a partner works at a location. The location must lie in one of `territoires` (the partner's
    territories), and in the partner's perimeter (the communes in which it works)."""
    return any(_holds(territoire, lieu) for territoire in territoires) and is_inside(partner, lieu)


def _holds(territoire: str, lieu: Lieu) -> bool:
    if lieu.departement is None:
        return territoire == lieu.territoire
    named = territoire == lieu.territoire and departement_of(territoire) in (None, lieu.departement)
    return named or territoire == lieu.departement


def is_inside(partner: Partner, lieu: Lieu) -> bool:
    """Tell whether a location in a partner's territories is also in the partner's perimeter: the part of these
    territories in which it works. Return True if the partner has no perimeter, or if the location is unknown."""
    perimetre = partner.perimetre
    if perimetre is None:
        return True
    if lieu.communes:
        return any(perimetre.contient(commune) for commune in lieu.communes)
    return lieu.departement is None or perimetre.touche(lieu.departement)


def volet_of(dispositif: Dispositif | None) -> Volet:
    """Return the volet (part of a SIAO: urgence or insertion) that handles a kind of offer. If the kind of
    offer is unknown, return urgence."""
    urgent = dispositif in (None, Dispositif.URGENCE)
    return Volet.URGENCE if urgent else Volet.INSERTION
