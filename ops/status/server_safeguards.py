"""Judge the safeguards whose state PostgreSQL reports: replicas, the age of the master key, rights on tables,
and the newest head of the audit. A head is the last hash of the audit's chain, signed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from ops.status.quantities import local
from router.domain.audit_heads import HEAD_SECONDS, Head
from router.domain.vitals import TURNS_WITHIN, Safeguard
from router.store.audit import Unsigned

SIGNED_WITHIN = timedelta(seconds=2 * HEAD_SECONDS)
"""The longest time that an audit row may wait for a signed head that covers it."""
KEY_REPLICA = "siao_cles"
"""The name under which the key replica is connected to the database. The key replica is a second database,
which has copies of the keys."""
_WAITED_FOR = ("sync", "quorum", "?")
ASYNCHRONOUS = "asynchrone : un 202 peut se perdre"
_STATES = {
    "sync": "synchrone",
    "quorum": "synchrone",
    "?": "à droits insuffisants pour le dire (pg_read_all_stats)",
}
NOBODY_THERE = (
    "elles attendent « {wanted} », qui n'est pas là : l'y remettre, ou ne plus l'attendre "
    "(ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();)"
)


def of_replicas(wanted: str, replicas: Sequence[Any]) -> Iterator[Safeguard]:
    """Yield one safeguard for the key replica, and one for all standby servers together. `replicas` has the
    connected replicas of both kinds. `wanted` names the replicas for which PostgreSQL waits at each commit;
    it is empty if PostgreSQL waits for none. If PostgreSQL waits, but no such replica is connected, yield one
    more safeguard, which is broken."""
    keys = [each for each in replicas if each.logical]
    if keys or KEY_REPLICA in wanted:
        there = _named(keys)
        yield Safeguard("réplique des clés", there or f"« {KEY_REPLICA} » est absente", holds=bool(keys))
    else:
        yield Safeguard("réplique des clés", "aucune (non configurée)", holds=None)
    if standbys := [each for each in replicas if not each.logical]:
        yield Safeguard("secours de PostgreSQL", _named(standbys), holds=True)
    else:
        yield Safeguard("secours de PostgreSQL", "aucun (non configuré)", holds=None)
    if wanted and not any(each.state in _WAITED_FOR for each in replicas):
        yield Safeguard("écritures de PostgreSQL", NOBODY_THERE.format(wanted=wanted), holds=False)


def _named(replicas: Sequence[Any]) -> str:
    return ", ".join(f"« {each.name} » {_STATES.get(each.state, ASYNCHRONOUS)}" for each in replicas)


def of_master_key(turned_at: datetime, now: datetime) -> Safeguard:
    """Return the safeguard that holds if the master key was changed within `TURNS_WITHIN`."""
    due = turned_at + TURNS_WITHIN
    said = f"la même depuis le {local(turned_at):%d/%m/%Y}, à changer avant le {local(due):%d/%m/%Y}"
    return Safeguard("clé maîtresse", said, holds=now <= due)


def of_head(head: Head, unsigned: Unsigned | None, now: datetime) -> Safeguard:
    """Return the safeguard of the audit's signatures. `head` is the newest signed head. `unsigned` describes
    the audit rows after it; None if they are unknown. The safeguard is broken in two cases:

    * the audit no longer continues what `head` signs;
    * an audit row has waited for its signature for longer than `SIGNED_WITHIN`.

    If `unsigned` is None and `head` is older than `SIGNED_WITHIN`, it is unknown whether the safeguard holds.
    In all other cases, it holds.
    """
    holds: bool | None = True
    but = ""
    if unsigned is None:
        if now - head.at > SIGNED_WITHIN:
            holds, but = None, "s'il reste à signer, PostgreSQL ne l'a pas dit"
    elif not unsigned.continues:
        holds, but = False, "l'audit n'est plus celui qu'elle signe : « siao-hub audit verify » dit où"
    elif unsigned.since is None:
        but = "rien à signer depuis"
    elif now - unsigned.since > SIGNED_WITHIN:
        holds = False
        but = f"personne ne signe ce qui s'ajoute depuis le {local(unsigned.since):%d/%m %H:%M}"
    said = f"la dernière du {local(head.at):%d/%m %H:%M}"
    return Safeguard("têtes de l'audit", f"{said} ; {but}" if but else said, holds)


def of_rights(not_granted: Sequence[str]) -> Iterator[Safeguard]:
    """Yield a broken safeguard if there are tables that only their owner may use (`not_granted`). After each
    migration, a person has to grant rights on the new tables."""
    if not_granted:
        said = f"personne ne les a sur {', '.join(not_granted)} : « python -m deploy.postgres » après chaque migration"
        yield Safeguard("droits sur PostgreSQL", said, holds=False)
