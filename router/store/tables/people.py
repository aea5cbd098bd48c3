"""Describe the tables of the console's sessions and accounts, of GDPR requests, and of protection referents."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from router.store.tables.columns import at, metadata, said

console_session = Table(
    "console_session",
    metadata,
    Column("secret", LargeBinary, primary_key=True),  # SHA-256 of the browser's secret
    Column("attend", JSONB),  # values that the identity provider must return during a login
    Column("personne", JSONB),  # the person who is logged in; NULL if nobody is
    said("expires_at"),  # end of an unused session
    Column("proof", LargeBinary),  # refresh token, encrypted with the browser's secret
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ends_at", DateTime(timezone=True)),  # end of the session, even if it is used
    Column("proved_at", DateTime(timezone=True)),  # last time that the provider checked the person's identity
    Column("vouched_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

account = Table(
    "account",
    metadata,
    Column("id", Uuid, primary_key=True),  # holder of the key that encrypts `sealed` and `factor`
    Column("partner", Text, nullable=False),  # partner whose desk the account opens
    Column("address", LargeBinary, nullable=False, unique=True),  # HMAC
    Column("sealed", LargeBinary, nullable=False),  # address and name
    Column("factor", LargeBinary),  # secret of the second factor; NULL until it is set up
    Column("last_step", BigInteger),  # time step of the last correct code, which is not accepted again
    Column(
        "failures", Integer, nullable=False, server_default=text("0")
    ),  # wrong codes since the last correct one
    at("created_at"),
    at("entered_at", nullable=True),
    at("told_at", nullable=True),  # moment of the last reminder
    Column(
        "urgent", ARRAY(Text), nullable=False, server_default=text("'{}'")
    ),  # urgent tasks that a reminder has mentioned
)

login_link = Table(
    "login_link",
    metadata,
    Column("hash", LargeBinary, primary_key=True),  # SHA-256 of the secret in the mail
    Column("account", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    at("created_at"),
    said("expires_at"),
    Column("used_at", DateTime(timezone=True)),
    Index("login_link_account", "account", "created_at"),
)

person_request = Table(
    "person_request",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("menage", Uuid, nullable=False),
    Column("droit", Text, nullable=False),  # Droit in ops.person.rights
    Column("etat", Text, nullable=False),  # ouverte | accordee | refusee | levee
    said("received_at"),
    said("due_at"),
    at("decided_at", nullable=True),
    Index("person_request_open", "due_at", postgresql_where=text("etat = 'ouverte'")),
)

limitation = Table(
    "limitation",
    metadata,
    Column("ident", Uuid, primary_key=True),  # a household, or one of its subjects
    Column("request", Uuid, primary_key=True),
    at("since"),
)

protection_referent = Table(
    "protection_referent",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("personne", Text, nullable=False),  # name of the person, as in the audit
    Column("menage", Uuid),  # NULL for all protected households of `siao`
    Column("siao", Text),
    at("named_at"),
    said("ends_at"),
)
