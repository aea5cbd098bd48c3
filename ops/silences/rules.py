"""Alerts to the SIAO about a partner that falls silent, or that sends messages again. Pure."""

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
    """Return the alert that a partner has begun to be silent, as a list of one. The list is empty if no SIAO
    works where the partner does, because nobody can then be alerted.

    `last` is the partner's last message. `since` is the moment by which a message was expected. `stale` is
    the number of the partner's outdated vacancies.
    """
    return _alerts(partner, registry, last, depuis=since, places_perimees=stale)


def ends(
    partner: Partner, registry: Registry, last: UUID | None, since: datetime, resumed_at: datetime
) -> list[AlerteSilence]:
    """Return the alert that a partner's silence is over. The silence lasted from `since` to `resumed_at`, and
    the message `last` ended it. Return an empty list if no SIAO works where the partner does."""
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
    """Return the id of the subject of all alerts about a partner. Alerts with one subject are delivered in
    order."""
    return uuids.named(NAMESPACE_OID, f"{HUB} {partner.id}")
