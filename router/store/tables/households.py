"""Describe the tables of households: their cards, their possible duplicates, and their numéros uniques. A
card is what the hub compares of a household to find duplicates."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from router.store.tables.columns import at, metadata

household_card = Table(
    "household_card",
    metadata,
    Column("menage", Uuid, primary_key=True),
    Column("siao", Text, nullable=False),  # SIAO that is responsible for the household
    Column("sealed", LargeBinary, nullable=False),  # compared fields, encrypted with the household's key
    Column("seen", BigInteger, nullable=False),  # sequence number of the event that it was made from
    Index("household_card_seen", "seen"),
)

household_block = Table(
    "household_block",
    metadata,
    Column("block", LargeBinary, primary_key=True),  # HMAC
    Column("menage", Uuid, primary_key=True),
    Index("household_block_menage", "menage"),
)

housing_number = Table(
    "housing_number",
    metadata,
    Column("number", LargeBinary, primary_key=True),  # HMAC of a numéro unique, with its dwelling
    Column("subject", Uuid, primary_key=True),  # candidacy, or household of the list
    Column("menage", Uuid, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # number, encrypted with the key of its household
    Column("fused", Boolean, nullable=False, server_default="false"),  # `note` does not delete it
    Column("message", Uuid),  # all-or-nothing message that gives the number, until it is accepted
    Index("housing_number_subject", "subject"),
    Index("housing_number_menage", "menage"),
    Index("housing_number_undecided", "message", postgresql_where=text("message IS NOT NULL")),
)

duplicate = Table(
    "duplicate",
    metadata,
    Column("menage", Uuid, primary_key=True),
    Column("autre", Uuid, primary_key=True),
    Column("etat", Text, nullable=False),  # propose | confirme | ecarte
    Column("indices", ARRAY(Text), nullable=False),  # classes of the evidence, never a value
    Column("siaos", ARRAY(Text), nullable=False),  # SIAO that may decide, two at most
    at("created_at"),
    Column("decided_by", Text),
    at("decided_at", nullable=True),
    Column(
        "separes", Boolean, nullable=False, server_default=text("false")
    ),  # two adults who separated: only a reunion makes them duplicates again
    Index("duplicate_autre", "autre"),
    Index("duplicate_undecided", "created_at", postgresql_where=text("etat = 'propose'")),
    *(
        index
        for number, name in ((1, "first"), (2, "second"))
        for index in (
            Index(
                f"duplicate_undecided_{name}",
                text(f"(siaos[{number}])"),
                "created_at",
                "menage",
                "autre",
                postgresql_where=text("etat = 'propose'"),
            ),
            Index(
                f"duplicate_decided_{name}",
                text(f"(siaos[{number}])"),
                "decided_at",
                postgresql_where=text("etat <> 'propose'"),
            ),
        )
    ),
)
