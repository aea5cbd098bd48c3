"""Determine who labels a household ready for housing. A label says that the household qualifies for the
prefect's reserved housing. It is given by the partners whose entry says that they give labels. If no entry says
so, every partner with the household on its list may give it. Pure."""

from typing import NamedTuple

from router.domain.partners import Registry


class Labels(NamedTuple):
    """Partners that give a household its label, and which of them also designate it or must label it before a
    commission."""

    labellisent: tuple[str, ...] | None = None
    """All partners that give a label, the household's SIAO included if it does. None if no entry says who
    does: then every reader may."""
    designent: tuple[str, ...] = ()
    """Partners of `labellisent` that also designate the household once it is labelled, because they have not
    delegated that to its SIAO."""
    avant_commission: tuple[str, ...] = ()
    """Partners of `labellisent` whose label is due before a landlord's commission; in an emergency it
    follows."""


def labels_of(siao: str, readers: tuple[str, ...], registry: Registry) -> Labels:
    """Return who labels a household of this SIAO, among the SIAO and the partners that have the household on
    their list (`readers`)."""
    there = [p for p in map(registry.get, (siao, *readers)) if p is not None and p.labellisation is not None]
    if not there:
        return Labels()
    said = [(partner.id, partner.labellisation) for partner in there]
    return Labels(
        tuple(ident for ident, _ in said),
        tuple(ident for ident, how in said if how and not how.flux_delegue),
        tuple(ident for ident, how in said if how and how.avant_commission),
    )
