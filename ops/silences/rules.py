"""Make the alerts that tell the SIAO when a silence begins or ends."""

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
    """Return a list with the alert that a partner has fallen silent. The list is empty if no SIAO works where
    the partner works. `last` is the id of the partner's last message; None if there is none. `since` is the
    moment by which a message should have come. `stale` is how many of the partner's vacant places have gone
    unconfirmed for too long."""
    return _alerts(partner, registry, last, depuis=since, places_perimees=stale)


def ends(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, resumed_at: datetime
) -> list[AlerteSilence]:
    """Return a list with the alert that a partner's silence is over. The list is empty if no SIAO works where
    the partner works. `last` is the id of the partner's last message; None if there is none. The silence
    lasted from `since` to `resumed_at`."""
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
    """Return the id of the subject of all alerts about a partner. They have one subject, so that they stay in
    order."""
    return uuids.named(NAMESPACE_OID, f"{HUB} {partner.id}")
