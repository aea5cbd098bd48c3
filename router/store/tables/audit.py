"""Describe the tables of the audit and its chain."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from router.store.tables.columns import at, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    at(),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Index("audit_time", "at", postgresql_using="brin"),
    Index("audit_people", "id", postgresql_where=text("action NOT LIKE 'message.%'")),
    Index("audit_about", "object", postgresql_where=text("action NOT LIKE 'message.%'")),
    Index("audit_taken", "at", postgresql_where=text("action IN ('tache.prendre', 'tache.rendre')")),
    Index(
        "audit_settings",
        "id",
        postgresql_where=text(
            "action IN ('base.migrer', 'base.reprendre', 'cle.preparer', 'cle.retirer', 'cle.tourner', "
            "'compte.facteur', 'compte.inviter', 'compte.retirer', 'import.commencer', 'lecture.reprendre', "
            "'partenaire.changer', 'partenaires.appliquer', 'protection.nommer', 'protection.retirer', "
            "'territoires.fusionner')"
        ),
    ),
    Index("audit_actor", "actor", "id", postgresql_where=text("action NOT LIKE 'message.%'")),
)

audit_queue = Table(
    "audit_queue", metadata, Column("audit_id", BigInteger, primary_key=True, autoincrement=False)
)

audit_link = Table(
    "audit_link",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", LargeBinary, nullable=False),
    Column("ids", ARRAY(BigInteger), nullable=False),
    Column("digests", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    at(),
    Index("audit_link_time", "at"),
)

audit_head = Table(
    "audit_head",  # copies for receipts; the authoritative heads are in a file outside
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("line", Text, nullable=False),
)
