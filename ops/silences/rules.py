"""Alerts to the SIAO about a partner that misses its rhythm (the times by which messages are expected) or sends
again. Pure."""

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
    """Return the alert that a partner's silence begins.

    `last` is its last message, `stale` the number of its vacant places whose declaration is outdated. Empty if no
    SIAO can be reached, or if the partner is that SIAO.
    """
    return _alerts(partner, registry, last, depuis=since, places_perimees=stale)


def ends(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, resumed_at: datetime
) -> list[AlerteSilence]:
    """Return the alert that a partner's silence ended with the message `last`. Return an empty list if no SIAO can be
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
    """Return the subject id that all alerts about a partner share. The shared id keeps the alerts in order."""
    return uuids.named(NAMESPACE_OID, f"{HUB} {partner.id}")
