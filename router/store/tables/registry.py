"""Describe the tables of the registry, of mergers of SIAO, and of API keys."""

from sqlalchemy import Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from router.store.tables.columns import at, metadata, said

partner = Table(
    "partner",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entry", JSONB, nullable=False),
    at("applied_at"),
)

succession = Table(
    "succession",
    metadata,
    Column("siao", Text, primary_key=True),
    Column("successeur", Text, nullable=False),
    at(),  # moment of the merger
    at("repris_at", nullable=True),  # moment at which no row named the merged SIAO any more
)

key_use = Table(
    "key_use",
    metadata,
    Column("key", Text, primary_key=True),  # hash of an API key, as in the registry
    said("used_at"),
)

retired_key = Table(
    "retired_key",
    metadata,
    Column("key", Text, primary_key=True),  # hash of an API key, as in the registry
    Column("partner", Text, nullable=False),  # whose it was
    said("retired_at"),
    at("refused_since", nullable=True),  # first refusal after an hour without one
    at("refused_at", nullable=True),  # last refusal
    Index("retired_key_partner", "partner", "refused_at"),
)
