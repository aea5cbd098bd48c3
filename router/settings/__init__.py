"""What each process is told: `ops/terminal/environment.py` reads it from `SIAO_HUB_…`."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class Tls(BaseModel):
    """An encrypted line. Without `ca_file` the authorities of the system count."""

    model_config = ConfigDict(frozen=True)

    ca_file: Path | None = None
    cert_file: Path | None = None
    """Our own certificate, where the other side asks for one, with its `key_file`."""
    key_file: Path | None = None

    @property
    def is_set(self) -> bool:
        """Whether anything is said of it."""
        return self.ca_file is not None or self.cert_file is not None


class DatabaseSettings(BaseModel):
    """PostgreSQL: it remembers."""

    url: str = "postgresql+asyncpg://siao:siao@localhost:5432/siao"
    migration_url: str | None = None
    """Of the role that owns the tables, for `siao-hub migrate`; else `url`."""
    schema_name: str = Field(default="siao_hub", pattern=r"^[a-z][a-z0-9_]{0,40}$")
    pool_size: int = 12
    tls: Tls = Tls()
    en_clair: bool = False
    """Not encrypted although it is another machine: something else protects the line."""

    @property
    def of_the_owner(self) -> "DatabaseSettings":
        """The same database, as who may change its tables."""
        return self.model_copy(update={"url": self.migration_url or self.url})

    @property
    def keys_schema(self) -> str:
        """Schema of the keys and of partners' ids, left out of ordinary dumps."""
        return f"{self.schema_name}_cles"


class KafkaSettings(BaseModel):
    """Kafka: it carries."""

    bootstrap: str = "localhost:9092"
    prefix: str = Field(default="siao", pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")
    replication: int = 1
    min_insync_replicas: int = 1
    tls: Tls = Tls()
    username: str | None = None
    """The hub's account (SCRAM-SHA-512); without one, its certificate says who it is."""
    password: SecretStr | None = None
    """Else read from `password_file`."""
    password_file: Path | None = None
    en_clair: bool = False
    """Not encrypted although it is another machine: something else protects the line."""


class HttpSettings(BaseModel):
    """The front door."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate_file: Path | None = None
    """The door's own certificate with its chain (PEM): it speaks TLS and nothing else. A renewed one is taken up within
    seconds."""
    key_file: Path | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses of proxies before the hub: of them alone, `X-Forwarded-For` is believed."""
    max_body_bytes: int = 20 * 1024 * 1024
    max_head_bytes: int = Field(default=32 * 1024, ge=1024)
    """Request line and headers together."""
    max_headers: int = Field(default=100, ge=20)
    head_s: float = Field(default=10.0, gt=0)
    """For a TLS handshake, and then for a head to come whole."""
    idle_s: int = Field(default=75, ge=1)
    """How long a connection may wait for its next request; longer than a proxy keeps its own, which is mostly 60."""
    max_connections: int = Field(default=2000, ge=1)
    max_connections_of_one_address: int = Field(default=500, ge=1)


class ConsoleSettings(HttpSettings):
    """Where people look at the hub, in a browser. Without `url` and `issuer` there is no console."""

    port: int = 8090
    max_body_bytes: int = 2 * 1024 * 1024
    url: str | None = None
    """Its address in a browser, as the identity provider knows it; `https://`, unless it is this machine."""
    issuer: str | None = None
    """The identity provider (OpenID Connect): the address before `/.well-known/openid-configuration`."""
    client_id: str = "siao-hub"
    client_secret_file: Path | None = None
    session_h: float = Field(default=10.0, gt=0, le=24)
    """How long somebody stays logged in at most; the provider is asked about them again meanwhile."""
    idle_min: float = Field(default=30.0, gt=0, le=1440)
    """How long somebody stays logged in who does nothing; an open page that shows itself anew is nothing done."""
    acr: str | None = None
    """How strongly the provider must have checked who reads what was sent in clear (`acr`); None: as it does."""

    @property
    def is_set(self) -> bool:
        """Whether there is a console."""
        return self.url is not None and self.issuer is not None


class HealthSettings(BaseModel):
    """Where each process answers /healthz, /readyz and /metrics."""

    host: str = "127.0.0.1"
    port: int = 9101
    """Of the gateway; the roles after it have the next ones: sources 9102, relay 9103, worker 9104, dispatcher 9105,
    scheduler 9106, console 9107. A process with several roles has that of the first. 0: none."""


class IntakeSettings(BaseModel):
    """Acceptance of messages."""

    sync_rows: int = 1000
    """A message with more rows is answered on its sealed bytes and decoded afterwards, by chunks of as many."""
    body_repetition_s: float = 600.0
    """An identical body without a key is a repetition within this time; later it is a refreshment."""
    key_retention_days: int = 30
    max_group: int = 256
    """Requests that share one commit at most."""
    max_backlog: int = 2_000_000
    """Events that wait to be applied at most; beyond, senders are asked to come back later (503)."""


class RelaySettings(BaseModel):
    """Outbox to Kafka."""

    shards: int = Field(default=1, ge=1, le=256)
    """Relays at work side by side, each for its share of the subjects. It may change at any time."""
    window: int = 1000
    """Events of small messages, and as many of bulk, that are published and not yet applied at most: beyond, PostgreSQL
    keeps the backlog. Two windows are what a small message may find ahead of it: about what the workers apply in half
    a second."""
    overdue_s: float = 30.0
    """An event not applied this long after it was published is published again under the same id."""


class WorkerSettings(BaseModel):
    """Kafka to state."""

    batch: int = 500


class DispatcherSettings(BaseModel):
    """Deliveries to partners."""

    lane_batch: int = 20
    """Deliveries of one lane that one lease covers at most."""
    max_in_flight: int = 512
    """Lanes in flight at most, beside the first ones of each partner."""
    backoff_first_s: float = 2.0
    backoff_max_s: float = 60.0
    """Longest wait of one lane: an outage of the partner itself is the breaker's matter."""


class TraceSettings(BaseModel):
    """OpenTelemetry: one trace a message, from its request to its last delivery."""

    endpoint: str | None = None
    """Of an OTLP/HTTP receiver, without `/v1/traces`; `https://`, unless it is this machine. None: no traces."""
    ratio: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the messages that are traced, the same in every process."""


class AlarmSettings(BaseModel):
    """Whom the hub itself tells of what is wrong, beside its log: by e-mail, by webhook, or nobody."""

    email_to: tuple[str, ...] = ()
    """As a JSON list: ["astreinte@exemple.fr"]."""
    email_from: str = "siao-hub@localhost"
    smtp_host: str = "localhost"
    smtp_port: int = 25
    """465: TLS from the first byte; else STARTTLS, unless it is this machine or `smtp_en_clair`."""
    smtp_username: str | None = None
    smtp_password_file: Path | None = None
    smtp_en_clair: bool = False
    """Not encrypted although it is another machine: something else protects the line."""
    webhook_url: str | None = None
    """Gets one POST a notice, in JSON; `https://`, unless it is this machine."""
    webhook_secret_file: Path | None = None
    """A `whsec_…` secret that signs them (Standard Webhooks)."""
    rules_file: Path | None = None
    """Replaces, code by code, what `ops/alarms/alarmes.toml` says."""


class TimeStampSettings(BaseModel):
    """The authority outside that dates the heads of the audit (RFC 3161)."""

    url: str | None = None
    """Where it is asked; it learns a hash and nothing else. None: nobody is asked."""
    ca_file: Path | None = None
    """The pinned certificates of the authority (PEM), root and intermediates: what a stamp is verified against."""


class MailboxSettings(BaseModel):
    """What partners collect."""

    served_days: int = Field(default=7, ge=0, le=30)
    """For so long a partner may read again what it has acknowledged; a name is served no longer than that."""


class Settings(BaseModel):
    """All settings of one process."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    master_key: SecretStr | None = None
    """Wraps data keys: 32 bytes in hex, several separated by blanks; else read from `master_key_file`."""
    master_key_file: Path = Path("master.key")
    hmac_key: SecretStr | None = None
    """Of fingerprints and of proofs: 32 bytes in hex; else read from `hmac_key_file`."""
    hmac_key_file: Path = Path("empreintes.key")
    audit_key: SecretStr | None = None
    """Signs the heads of the audit: 32 bytes in hex; else read from `audit_key_file`."""
    audit_key_file: Path = Path("audit.key")
    audit_heads_file: Path = Path("audit-tetes.jsonl")
    """Signed heads of the audit, outside the database: what `siao-hub audit verify` holds it against."""
    audit_stamps_file: Path = Path("audit-horodatages.jsonl")
    """Heads with the time stamps that an authority outside gave them."""
    audit_public_key_file: Path | None = None
    """The pinned key: the public half of `audit_key`, a line of hex, brought to whoever verifies by another way than
    the machine that signs. Several lines after a change of the key."""
    receipt_key: SecretStr | None = None
    """Signs receipts: 32 bytes in hex; else read from `receipt_key_file`."""
    receipt_key_file: Path = Path("recus.key")
    receipt_public_key_file: Path | None = None
    """Its public half, where receipts are verified: a line of hex, several after a change of the key."""
    time_stamps: TimeStampSettings = TimeStampSettings()
    log_level: LogLevel = "info"
    """The least that the log says; `error` is what somebody must look at."""
    operator: str | None = None
    """Who gives commands, for the audit; else the user of the operating system."""
    erasures_file: Path = Path("effacements.jsonl")
    """Journal of erasures, outside the database: applied again after a restore."""
    backups_folder: Path | None = None
    """Where `deploy/sauvegarder.sh` writes, seen from here: `status` and the alarms say how old the newest one is."""
    profiles_folder: Path | None = None
    """Column profiles of partners that are not of the package: `partners apply` reads those that entries name."""
    database: DatabaseSettings = DatabaseSettings()
    kafka: KafkaSettings = KafkaSettings()
    http: HttpSettings = HttpSettings()
    console: ConsoleSettings = ConsoleSettings()
    health: HealthSettings = HealthSettings()
    intake: IntakeSettings = IntakeSettings()
    relay: RelaySettings = RelaySettings()
    worker: WorkerSettings = WorkerSettings()
    dispatcher: DispatcherSettings = DispatcherSettings()
    alarms: AlarmSettings = AlarmSettings()
    traces: TraceSettings = TraceSettings()
    mailbox: MailboxSettings = MailboxSettings()
    reservation_h: float = 504.0
    """How long a referral holds a place at most. An answer gives it back before, and so does the end of its deadline:
    this is longer than the longest of those, for who answers in time must find the place held."""
    lease_s: float = 10.0
    """Leases of sources, relay shards and scheduler."""
