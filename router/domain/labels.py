"""Determine which partners may give a label to a household ready for housing.

A label says that the household may have reserved dwellings. Registry entries say which partners may give
labels. If no entry says so for a household, each of its readers may give it a label.
"""

from typing import NamedTuple

from router.domain.partners import Registry


class Labels(NamedTuple):
    """The partners that may give a household a label, by id."""

    labellisent: tuple[str, ...] | None = None
    """Partners that may give a label. None if no registry entry names such a partner: every reader may then
    give a label."""
    designent: tuple[str, ...] = ()
    """Partners in `labellisent` that also designate the household to a landlord themselves, and do not leave
    this to the SIAO."""
    avant_commission: tuple[str, ...] = ()
    """Partners in `labellisent` whose label is needed before a landlord's allocation commission meets."""


def labels_of(siao: str, readers: tuple[str, ...], registry: Registry) -> Labels:
    """Return which partners may label a household of the SIAO `siao`. `readers` are the partners that have
    the household on their list."""
    there = [p for p in map(registry.get, (siao, *readers)) if p is not None and p.labellisation is not None]
    if not there:
        return Labels()
    said = [(partner.id, partner.labellisation) for partner in there]
    return Labels(
        tuple(ident for ident, _ in said),
        tuple(ident for ident, how in said if how and not how.flux_delegue),
        tuple(ident for ident, how in said if how and how.avant_commission),
    )
