"""Where something is, and who works there. Pure.

A territory says where a partner works, by name; a perimeter says which part of it, by communes. Where no commune is
known, the name decides alone.
"""

from typing import NamedTuple

from contracts.partner import Partner, Volet
from contracts.reference.codes import Dispositif
from contracts.reference.territoires import communes, departement_of


class Lieu(NamedTuple):
    """Where something is: a territory, and what is known beyond its name."""

    territoire: str
    departement: str | None = None
    """Given where the département decides, and not the territory in which it was said: a household on the list."""
    communes: tuple[str, ...] = ()
    """Any of these; none where they are unknown, or secret."""


def territoire_at(partner: Partner, commune: str | None) -> str:
    """Return the territory of a partner that a commune lies in; its first where none is known to hold it."""
    if commune is None or not partner.autres_territoires:
        return partner.territoire
    there = communes().get(commune)
    return next((t for t in partner.territoires if departement_of(t) == there), partner.territoire)


def works_at(partner: Partner, territoires: tuple[str, ...], lieu: Lieu) -> bool:
    """Return whether a partner that is heard in these territories works where something is."""
    return any(_holds(territoire, lieu) for territoire in territoires) and is_inside(partner, lieu)


def _holds(territoire: str, lieu: Lieu) -> bool:
    if lieu.departement is None:
        return territoire == lieu.territoire
    named = territoire == lieu.territoire and departement_of(territoire) in (None, lieu.departement)
    return named or territoire == lieu.departement


def is_inside(partner: Partner, lieu: Lieu) -> bool:
    """Return whether something in a partner's territories is in its perimeter too, as far as can be told."""
    perimetre = partner.perimetre
    if perimetre is None:
        return True
    if lieu.communes:
        return any(perimetre.contient(commune) for commune in lieu.communes)
    return lieu.departement is None or perimetre.touche(lieu.departement)


def volet_of(dispositif: Dispositif | None) -> Volet:
    """Return which desk of a SIAO an offer is for. Unknown counts as emergency: that cannot wait."""
    urgent = dispositif in (None, Dispositif.URGENCE)
    return Volet.URGENCE if urgent else Volet.INSERTION
