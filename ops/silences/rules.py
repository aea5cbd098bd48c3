"""Alerts to the SIAO when a silence begins or ends. Pure."""

from datetime import datetime
from uuid import NAMESPACE_OID, UUID

from contracts import uuids
from contracts.base import Nature
from contracts.envelope import HUB
from contracts.partner import Partner
from contracts.v1.alerte import AlerteSilence
from router.domain.partners import Registry


def begins(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, stale: int = 0
) -> list[AlerteSilence]:
    """Return the alert that a partner has fallen silent, in a list; the list is empty if no SIAO works where
    the partner works. `last` is the partner's last message, or None. `since` is the moment by which a message
    should have come. `stale` is the number of its vacant places that the partner has not confirmed for too
    long."""
    return _alerts(partner, registry, last, depuis=since, places_perimees=stale)


def ends(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, resumed_at: datetime
) -> list[AlerteSilence]:
    """Return the alert that a partner's silence since `since` is over, in a list; the list is empty if no SIAO
    works where the partner works. `last` is the partner's last message, or None. `resumed_at`: when the silence
    ended."""
    return _alerts(partner, registry, last, depuis=since, fin_le=resumed_at)


def _alerts(
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
    """Return the id of the subject of all alerts about a partner: one subject, so that they stay in order."""
    return uuids.named(NAMESPACE_OID, f"{HUB} {partner.id}")
