"""Determine which partners may give a household ready for housing a label. Pure.

A registry entry says so. If no entry does, every reader of the household may.
"""

from typing import NamedTuple

from router.domain.partners import Registry


class Labels(NamedTuple):
    """Ids of the partners that may, or must, label a household."""

    labellisent: tuple[str, ...] | None = None
    """None if no registry entry names such a partner: every reader may then give a label."""
    designent: tuple[str, ...] = ()
    """Those among them that also designate the household to a landlord themselves."""
    avant_commission: tuple[str, ...] = ()
    """Those among them whose label is needed before a landlord's allocation commission meets."""


def labels_of(siao: str, readers: tuple[str, ...], registry: Registry) -> Labels:
    """Return which partners may label a household of this SIAO. `readers` are those that have it on their
    list."""
    there = [p for p in map(registry.get, (siao, *readers)) if p is not None and p.labellisation is not None]
    if not there:
        return Labels()
    said = [(partner.id, partner.labellisation) for partner in there]
    return Labels(
        tuple(ident for ident, _ in said),
        tuple(ident for ident, how in said if how and not how.flux_delegue),
        tuple(ident for ident, how in said if how and how.avant_commission),
    )
