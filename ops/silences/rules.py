"""Alerts to the SIAO about a partner that misses its rhythm (expected times of messages) or sends again.
Pure."""

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
    """Return the alert that a partner's silence begins; empty if no SIAO can be reached, or if the partner is
    that SIAO.

    `last` is the partner's last message, `stale` the number of its outdated vacancies.
    """
    return _alerts(partner, registry, last, depuis=since, places_perimees=stale)


def ends(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, resumed_at: datetime
) -> list[AlerteSilence]:
    """Return the alert that a partner's silence ended with the message `last`; empty if no SIAO can be
    reached."""
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
    """Return the subject id of all alerts about a partner. With one subject, the alerts keep their order."""
    return uuids.named(NAMESPACE_OID, f"{HUB} {partner.id}")
