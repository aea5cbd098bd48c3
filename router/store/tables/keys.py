"""Describe the tables of data keys, master keys, HMAC keys and partners' ids. They have a schema of their
own. They must never go back to an earlier moment, because the newest keys would be lost."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, Uuid

from router.store.tables.columns import at, keys_metadata

holder_key = Table(
    "holder_key",
    keys_metadata,
    Column("holder", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    at("created_at"),
    Column("master", LargeBinary, nullable=False),  # id of the master key that encrypts the data key
)

wrapping_key = Table(
    "wrapping_key",
    keys_metadata,
    Column("id", LargeBinary, primary_key=True),  # id of a master key; the newest one encrypts new data keys
    at(),
)

hmac_key = Table(
    "hmac_key",
    keys_metadata,
    Column(
        "mark", LargeBinary, primary_key=True
    ),  # mark of an HMAC key; the newest one makes new fingerprints
    at(),
)

key_link = Table(
    "key_link",
    keys_metadata,
    Column("titulaire", Uuid, primary_key=True),
    Column("holder", Uuid, primary_key=True),
)

heard = Table(
    "heard",
    keys_metadata,
    Column("holder", Uuid, primary_key=True),  # a household, referral or candidacy
    at(),  # day of its last mention in an accepted message, else of the first in a refused one
    Index("heard_at", "at"),
)

crosswalk = Table(
    "crosswalk",
    keys_metadata,
    Column("partner", Text, primary_key=True),
    Column("nature", Text, primary_key=True),
    Column("value_hmac", LargeBinary, primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("value_sealed", LargeBinary, nullable=False),
    Index("crosswalk_id", "id", "partner"),
)
