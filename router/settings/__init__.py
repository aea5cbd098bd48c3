"""Settings of each process; `ops/terminal/environment.py` reads them from `SIAO_HUB_…`."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class Tls(BaseModel):
    """Encryption of a line. Without `ca_file` the authorities of the system count."""

    model_config = ConfigDict(frozen=True)

    ca_file: Path | None = None
    cert_file: Path | None = None
    """Our own certificate, with its `key_file`, where the other side asks for one."""
    key_file: Path | None = None

    @property
    def is_set(self) -> bool:
        """Tell whether any of it is set."""
        return self.ca_file is not None or self.cert_file is not None


class DatabaseSettings(BaseModel):
    """PostgreSQL, which remembers."""

    url: str = "postgresql+asyncpg://siao:siao@localhost:5432/siao"
    migration_url: str | None = None
    """Address with the role that owns the tables, for `siao-hub migrate`; None: `url`."""
    schema_name: str = Field(default="siao_hub", pattern=r"^[a-z][a-z0-9_]{0,40}$")
    keys_replica_url: str | None = None
    """Address of the key replica, from which keys and partners' ids come back when the tables went back; None: from
    nowhere."""
    pool_size: int = 12
    tls: Tls = Tls()
    en_clair: bool = False
    """Permission for a line in clear to another machine: something else protects it."""

    @property
    def of_the_key_replica(self) -> "DatabaseSettings | None":
        """Return these settings for the key replica; None where there is none."""
        url = self.keys_replica_url
        return None if url is None else self.model_copy(update={"url": url})

    @property
    def of_the_owner(self) -> "DatabaseSettings":
        """Return these settings with the role that may change the tables."""
        return self.model_copy(update={"url": self.migration_url or self.url})

    @property
    def keys_schema(self) -> str:
        """Return the name of the schema of keys and partners' ids, which ordinary dumps leave out."""
        return f"{self.schema_name}_cles"


class KafkaSettings(BaseModel):
    """Kafka, which carries."""

    bootstrap: str = "localhost:9092"
    prefix: str = Field(default="siao", pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")
    replication: int = 1
    min_insync_replicas: int = 1
    tls: Tls = Tls()
    username: str | None = None
    """The hub's account (SCRAM-SHA-512); without one, its certificate identifies it."""
    password: SecretStr | None = None
    """Password of the account; None: read from `password_file`."""
    password_file: Path | None = None
    en_clair: bool = False
    """Permission for a line in clear to another machine: something else protects it."""


class HttpSettings(BaseModel):
    """The front door."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate_file: Path | None = None
    """The door's own certificate with its chain (PEM): then it speaks only TLS. A renewed certificate is used
    within seconds."""
    key_file: Path | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses of proxies before the hub. Only their `X-Forwarded-For` is believed."""
    max_body_bytes: int = 20 * 1024 * 1024
    max_head_bytes: int = Field(default=32 * 1024, ge=1024)
    """Size of request line and headers together, at most."""
    max_headers: int = Field(default=100, ge=20)
    head_s: float = Field(default=10.0, gt=0)
    """Seconds for a TLS handshake, and then for a whole head."""
    idle_s: int = Field(default=75, ge=1)
    """Seconds that a connection may wait for its next request. Keep it longer than a proxy's own time, mostly
    60."""
    max_connections: int = Field(default=2000, ge=1)
    max_connections_of_one_address: int = Field(default=500, ge=1)


class ConsoleSettings(HttpSettings):
    """Web console. Without `url` there is none, nor without a way to log in: `issuer`, `accounts`, or both."""

    port: int = 8090
    max_body_bytes: int = 2 * 1024 * 1024
    url: str | None = None
    """Address in a browser, as the identity provider knows it; `https://`, unless it is this machine."""
    issuer: str | None = None
    """Identity provider (OpenID Connect): the address before `/.well-known/openid-configuration`."""
    client_id: str = "siao-hub"
    client_secret_file: Path | None = None
    session_h: float = Field(default=10.0, gt=0, le=24)
    """Hours for which somebody stays logged in at most; the provider is asked about them again meanwhile."""
    idle_min: float = Field(default=30.0, gt=0, le=1440)
    """Minutes for which somebody inactive stays logged in. An open page that refreshes itself counts as
    inactive."""
    accounts: bool = False
    """Permission for people of partners to log in by a link in a mail, sent by the mail server of the alarms, and a
    code of their telephone."""
    acr: str | None = None
    """Level of login (`acr`) that the provider must have checked before somebody reads messages in clear;
    None: its usual one."""

    @property
    def is_set(self) -> bool:
        """Tell whether there is a console."""
        return self.url is not None and (self.issuer is not None or self.accounts)


class HealthSettings(BaseModel):
    """Address at which each process answers /healthz, /readyz and /metrics."""

    host: str = "127.0.0.1"
    port: int = 9101
    """Port of the gateway. The other roles have the next ones: sources 9102, relay 9103, worker 9104,
    dispatcher 9105, scheduler 9106, console 9107. A process with several roles uses that of the first. 0:
    none."""


class IntakeSettings(BaseModel):
    """Acceptance of messages."""

    sync_rows: int = 1000
    """Number of rows above which a message is answered on its sealed bytes. It is decoded afterwards, in
    chunks of this size."""
    body_repetition_s: float = 600.0
    """Seconds within which an identical body without a key is a repetition; later it is a refreshment."""
    key_retention_days: int = 30
    max_group: int = 256
    """Number of requests that share one commit at most."""
    max_backlog: int = 2_000_000
    """Number of events waiting to be applied beyond which senders are asked to come back later (503)."""


class RelaySettings(BaseModel):
    """Relay from the outbox to Kafka."""

    shards: int = Field(default=1, ge=1, le=256)
    """Number of relays side by side, each for its share of the subjects. It may change at any time."""
    window: int = 1000
    """Number of small messages' events that are published and not yet applied at most, and as many of bulk.

    Beyond, PostgreSQL keeps the backlog. A small message has at most two windows ahead of it: about half a
    second of the workers' time.
    """
    overdue_s: float = 30.0
    """Seconds after which an event that is published and not applied is published again, under the same id.
    """


class WorkerSettings(BaseModel):
    """Workers, from Kafka to the state of subjects."""

    batch: int = 500


class DispatcherSettings(BaseModel):
    """Deliveries to partners."""

    lane_batch: int = 20
    """Number of deliveries of one lane that one lease covers at most."""
    max_in_flight: int = 512
    """Number of lanes in flight at most, beside the first ones of each partner."""
    backoff_first_s: float = 2.0
    backoff_max_s: float = 60.0
    """Longest wait of one lane, in seconds. An outage of the partner itself is the breaker's matter."""


class TraceSettings(BaseModel):
    """OpenTelemetry: one trace a message, from its request to its last delivery."""

    endpoint: str | None = None
    """Address of an OTLP/HTTP receiver, without `/v1/traces`; `https://`, unless it is this machine. None: no
    traces."""
    ratio: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the messages that are traced; every process picks the same ones."""


class AlarmSettings(BaseModel):
    """Addressees of the hub's own alarms, beside its log: by e-mail, by webhook, or nobody."""

    email_to: tuple[str, ...] = ()
    """Addresses as a JSON list: ["astreinte@exemple.fr"]."""
    email_from: str = "siao-hub@localhost"
    smtp_host: str = "localhost"
    smtp_port: int = 25
    """465 speaks TLS from the first byte; any other uses STARTTLS, unless it is this machine or
    `smtp_en_clair`."""
    smtp_username: str | None = None
    smtp_password_file: Path | None = None
    smtp_en_clair: bool = False
    """Permission for a line in clear to another machine: something else protects it."""
    webhook_url: str | None = None
    """Address that gets one POST a notice, in JSON; `https://`, unless it is this machine."""
    webhook_secret_file: Path | None = None
    """File of the `whsec_…` secret that signs the notices (Standard Webhooks)."""
    heartbeat_url: str | None = None
    """Gets a POST about every thirty seconds while the hub is well and everybody is told; `https://`, unless it is this
    machine. The service behind it raises the alarm once none comes."""
    rules_file: Path | None = None
    """File whose alarm rules replace, code by code, those of `ops/alarms/alarmes.toml`."""


class TimeStampSettings(BaseModel):
    """Outside authority that dates the heads of the audit (RFC 3161)."""

    url: str | None = None
    """Address of the authority. It learns a hash and nothing else. None: no time stamps."""
    ca_file: Path | None = None
    """Pinned certificates of the authority (PEM), root and intermediates, against which a stamp is verified.
    """
    every_s: float = Field(default=300.0, gt=0)
    """Seconds between two requests, if there is a new head."""


class MailboxSettings(BaseModel):
    """Mailboxes from which partners collect."""

    served_days: int = Field(default=7, ge=0, le=30)
    """Days for which a partner may read again what it has acknowledged. No name is served for longer."""


class Settings(BaseModel):
    """All settings of one process."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    master_key: SecretStr | None = None
    """Key that wraps data keys: 32 bytes in hex, several separated by blanks; None: read from
    `master_key_file`."""
    master_key_file: Path = Path("master.key")
    hmac_key: SecretStr | None = None
    """Key of fingerprints and proofs: 32 bytes in hex; None: read from `hmac_key_file`."""
    hmac_key_file: Path = Path("empreintes.key")
    audit_key: SecretStr | None = None
    """Key that signs the heads of the audit: 32 bytes in hex; None: read from `audit_key_file`."""
    audit_key_file: Path = Path("audit.key")
    audit_heads_file: Path = Path("audit-tetes.jsonl")
    """File of the signed heads of the audit, outside the database: `siao-hub audit verify` checks against it.
    """
    audit_stamps_file: Path = Path("audit-horodatages.jsonl")
    """File of heads with the time stamps of an outside authority."""
    audit_public_key_file: Path | None = None
    """File of the pinned public half of `audit_key`, a line of hex, several after a change of the key. A
    verifier must get it by another way than from the machine that signs."""
    receipt_key: SecretStr | None = None
    """Key that signs receipts: 32 bytes in hex; None: read from `receipt_key_file`."""
    receipt_key_file: Path = Path("recus.key")
    receipt_public_key_file: Path | None = None
    """File of the public half of `receipt_key`, for verifiers: a line of hex, several after a change of the
    key."""
    time_stamps: TimeStampSettings = TimeStampSettings()
    log_level: LogLevel = "info"
    """Lowest level that the log writes; `error` is for what somebody must look at."""
    operator: str | None = None
    """Person who gives commands, for the audit; None: the user of the operating system."""
    erasures_file: Path = Path("effacements.jsonl")
    """Journal of erasures, outside the database: applied again after a restore."""
    backups_folder: Path | None = None
    """Folder to which `deploy/sauvegarder.sh` writes, seen from here: `status` and the alarms say how old the
    newest backup is."""
    profiles_folder: Path | None = None
    """Folder of column profiles that are not in the package: `partners apply` reads those that entries name.
    """
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
    """Hours for which a referral holds a place at most.

    An answer, or the end of the referral's deadline, gives the place back before. So this is longer than the
    longest such deadline: a partner that answers in time must find the place held.
    """
    lease_s: float = 10.0
    """Seconds of a lease of sources, of a relay shard or of the scheduler."""
