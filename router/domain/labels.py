"""Say who labels a household ready for housing: the partners there whose entry says so, else every reader. Pure."""

from typing import NamedTuple

from router.domain.partners import Registry


class Labels(NamedTuple):
    """Partners that label a household."""

    labellisent: tuple[str, ...] | None = None
    """All of them, its SIAO included where it labels; None: every reader, as no entry there says who does."""
    designent: tuple[str, ...] = ()
    """Those of them that designate it as well, once it is labelled: no flow is delegated to its SIAO."""
    avant_commission: tuple[str, ...] = ()
    """Those of them whose label is due before a commission; in an emergency it follows."""


def labels_of(siao: str, readers: tuple[str, ...], registry: Registry) -> Labels:
    """Return who labels a household of a SIAO that these readers have on their list."""
    there = [p for p in map(registry.get, (siao, *readers)) if p is not None and p.labellisation is not None]
    if not there:
        return Labels()
    said = [(partner.id, partner.labellisation) for partner in there]
    return Labels(
        tuple(ident for ident, _ in said),
        tuple(ident for ident, how in said if how and not how.flux_delegue),
        tuple(ident for ident, how in said if how and how.avant_commission),
    )
