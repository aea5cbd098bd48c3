"""Ask PostgreSQL whether there is work, with one cheap question for each kind of work.

With each heartbeat, a process asks about the kinds of work that it does. So it finds work whose notification
was lost, and work that has become due.
"""

from collections.abc import Mapping

from router.domain.beats import SILENT_BEAT
from router.store.database import AUDIT, BACKLOG, BULK, DEADLINES, JOBS, LANES, OUTBOX, REGISTRY, WATCH

_PENDING = "EXISTS (SELECT FROM outbox WHERE shard >= 0)"
_SILENT = f"interval '{SILENT_BEAT.total_seconds()} seconds'"
# The ORDER BY makes PostgreSQL use the right index.
_DEFERRED = (
    "(SELECT true FROM inbox WHERE etat = 'en_cours' OR held ORDER BY received_at LIMIT 1) IS NOT NULL"
)

QUESTIONS: Mapping[str, str] = {
    OUTBOX: _PENDING,
    LANES: "EXISTS (SELECT FROM lane WHERE pending > 0 AND due_at <= now())",
    BULK: _DEFERRED,
    JOBS: """EXISTS (SELECT FROM replay_job WHERE etat IN ('en_attente', 'en_cours'))
          OR EXISTS (SELECT FROM quarantine WHERE etat = 'rejouee' AND replayed_as IS NOT NULL)
          OR EXISTS (SELECT FROM quarantine WHERE etat = 'appliquee')""",
    AUDIT: "EXISTS (SELECT FROM audit_queue)",
    REGISTRY: """(SELECT concat(count(*), ' ', max(applied_at)) FROM partner)
          || (SELECT concat(' ', count(*)) FROM succession) || (SELECT concat(' ', count(*)) FROM limitation)""",
    DEADLINES: "EXISTS (SELECT FROM deadline WHERE next_at < now())",
    BACKLOG: f"{_PENDING} OR {_DEFERRED}",
    WATCH: f"{_PENDING} OR EXISTS (SELECT FROM heartbeat WHERE beat_at < now() - {_SILENT})",
}
"""SQL expression for each kind of work, true if there may be work of this kind. For the registry, it is a
text that changes with the registry, the mergers of SIAO and the limitations."""
