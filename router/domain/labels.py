"""Determine who labels a household ready for housing. A label says that the household qualifies for the
prefect's reserved housing. Partners whose entry says so give labels; if no entry does, every partner with the
household on its list may. Pure."""

from typing import NamedTuple

from router.domain.partners import Registry


class Labels(NamedTuple):
    """Partners that give a household its label. Some of them also designate the household, or must label it
    before a commission."""

    labellisent: tuple[str, ...] | None = None
    """All partners that give a label, perhaps with the household's SIAO. None if no entry names any: then
    every partner with the household on its list may."""
    designent: tuple[str, ...] = ()
    """Partners of `labellisent` that also designate the labelled household, because they have not delegated
    the designation to the household's SIAO."""
    avant_commission: tuple[str, ...] = ()
    """Partners of `labellisent` whose label is due before a landlord's commission, except in an emergency."""


def labels_of(siao: str, readers: tuple[str, ...], registry: Registry) -> Labels:
    """Return who labels a household of this SIAO: chosen among the SIAO and `readers`, the partners with the
    household on their list."""
    there = [p for p in map(registry.get, (siao, *readers)) if p is not None and p.labellisation is not None]
    if not there:
        return Labels()
    said = [(partner.id, partner.labellisation) for partner in there]
    return Labels(
        tuple(ident for ident, _ in said),
        tuple(ident for ident, how in said if how and not how.flux_delegue),
        tuple(ident for ident, how in said if how and how.avant_commission),
    )
