"""Determine which partners may give a label to a household ready for housing. A label is the right to reserved
housing. Pure.

A registry entry says which partners may give a label. If no entry names such a partner, every partner that has
the household on its list of households ready for housing may give one.
"""

from typing import NamedTuple

from router.domain.partners import Registry


class Labels(NamedTuple):
    """Ids of partners in three groups. `labellisent` may give a household a label. Some of these, `designent`,
    also designate it to a landlord. `avant_commission` must give their label before a landlord's commission
    meets.

    A label is the right to the dwellings that are reserved for the partner.
    """

    labellisent: tuple[str, ...] | None = None
    """Partners that may give the household a label (access to reserved housing). None if no registry entry
    names such a partner: then every partner that has the household on its list of households ready for
    housing may give a label."""
    designent: tuple[str, ...] = ()
    """Partners among `labellisent` that also designate the household to a landlord themselves, besides giving
    it a label (access to reserved housing)."""
    avant_commission: tuple[str, ...] = ()
    """Those partners in `labellisent` whose label (access to reserved housing) the household needs before a
    landlord's allocation commission meets."""


def labels_of(siao: str, readers: tuple[str, ...], registry: Registry) -> Labels:
    """Return which partners may give their label (access to reserved housing) to a household of this SIAO.
    `readers` are the partners that have the household on their list of households ready for housing."""
    there = [p for p in map(registry.get, (siao, *readers)) if p is not None and p.labellisation is not None]
    if not there:
        return Labels()
    said = [(partner.id, partner.labellisation) for partner in there]
    return Labels(
        tuple(ident for ident, _ in said),
        tuple(ident for ident, how in said if how and not how.flux_delegue),
        tuple(ident for ident, how in said if how and how.avant_commission),
    )
