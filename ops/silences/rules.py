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
    """Return the alert that tells the SIAO that a partner falls silent. The list is empty if no SIAO works
    where the partner works.

    `last` is the id of the partner's last message; None if it has sent none. `since` is the moment by which a
    message was expected. `stale` is the number of the partner's vacant places that it has not confirmed for too
    long.
    """
    return _alerts(partner, registry, last, depuis=since, places_perimees=stale)


def ends(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, resumed_at: datetime
) -> list[AlerteSilence]:
    """Return the alert that tells the SIAO that a partner's silence, which began at `since`, is over. `last` is
    the message that ended it, at `resumed_at`. The list is empty if no SIAO works where the partner works."""
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
    """Return the id of the subject of a partner's alerts. All alerts about one partner have one subject, so
    that they stay in order."""
    return uuids.named(NAMESPACE_OID, f"{HUB} {partner.id}")
