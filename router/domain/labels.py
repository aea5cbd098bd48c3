"""Determine who labels a household ready for housing. A label opens the prefect's reserved housing to the
household. Pure.

Partners whose registry entry says so give labels. If no entry does, every partner with the household on its
list may.
"""

from typing import NamedTuple

from router.domain.partners import Registry


class Labels(NamedTuple):
    """Partners that give a household its label, that designate it, and that must label it before a
    commission."""

    labellisent: tuple[str, ...] | None = None
    """Partners that give a label. None if no registry entry names any; then every partner with the household
    on its list may give a label."""
    designent: tuple[str, ...] = ()
    """Partners of `labellisent` that also designate the household themselves."""
    avant_commission: tuple[str, ...] = ()
    """Those partners of `labellisent` that must label a household (say that it may have their reserved housing)
    before a landlord's commission meets."""


def labels_of(siao: str, readers: tuple[str, ...], registry: Registry) -> Labels:
    """Return who labels a household of this SIAO. `readers` are the partners with the household on their
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
