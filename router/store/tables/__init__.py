"""Describe all tables of the hub. A test fails if this description and the migrations differ.

`inbox` and `event` store what has happened, and `outbox` stores which events are not yet applied. `subject` has
the state of each place, referral, candidacy…; `delivery` and `lane` have what is to be delivered.

Some tables must never go back to an earlier moment, and are in a schema of their own. They contain the keys
(`holder_key`, `key_link`, `wrapping_key`, `hmac_key`), the partners' ids (`crosswalk`), and the last day on
which a message named each household, referral… (`heard`).
"""

from router.store.tables import (
    audit,
    deliveries,
    households,
    keys,
    messages,
    people,
    registry,
    subjects,
    undecided,
    watching,
)
from router.store.tables.columns import keys_metadata, metadata

__all__ = [
    "audit",
    "deliveries",
    "households",
    "keys",
    "messages",
    "people",
    "registry",
    "subjects",
    "undecided",
    "watching",
    "keys_metadata",
    "metadata",
]
