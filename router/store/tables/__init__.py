"""Describe all tables of the hub. A test fails if they differ from the migrations.

`inbox` and `event` have what has happened, `outbox` what is not yet applied. `subject` has the state of each
subject. `delivery` and `lane` have what is to be delivered.

Tables that must never go back to an earlier moment have a schema of their own. They have the keys
(`holder_key`, `key_link`, `wrapping_key`, `hmac_key`), the partners' ids (`crosswalk`), and when a message
last named each household, referral… (`heard`).
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
