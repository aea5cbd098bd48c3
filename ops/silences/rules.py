"""What the SIAO is told of a partner that has missed its rhythm, or speaks again. Pure."""

from datetime import datetime
from uuid import NAMESPACE_OID, UUID

from contracts import uuids
from contracts.base import Nature
from contracts.partner import Partner
from contracts.v1.alerte import AlerteSilence
from router.domain.partners import Registry
from router.domain.parts import HUB


def begins(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, stale: int = 0
) -> list[AlerteSilence]:
    """It should have said something by then; `last` is its last message, `stale` the number of its vacant places whose
    word is out of date. Nothing where no SIAO is to be reached, or the partner is that SIAO."""
    return _told(partner, registry, last, depuis=since, places_perimees=stale)


def ends(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, heard: datetime
) -> list[AlerteSilence]:
    """It spoke again, with its message `last`; nothing where its silence was told to nobody."""
    return _told(partner, registry, last, depuis=since, fin_le=heard)


def _told(
    partner: Partner, registry: Registry, last: UUID | None, **said: datetime | int
) -> list[AlerteSilence]:
    if not registry.siaos_around(partner):
        return []
    ident = id_of(partner)
    fixed = {
        "objet": ident,
        "nature": Nature.PARTENAIRE,
        "evenement": last or ident,
        "partenaire": partner.id,
    }
    return [AlerteSilence.model_validate({**fixed, "type_evenement": AlerteSilence.TYPE, **said})]


def id_of(partner: Partner) -> UUID:
    """By which alerts about a partner are ordered among themselves."""
    return uuids.named(NAMESPACE_OID, f"{HUB} {partner.id}")
