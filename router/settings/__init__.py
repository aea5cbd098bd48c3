"""Settings of each process; `ops/terminal/environment.py` reads them from `SIAO_HUB_…`."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class Tls(BaseModel):
    """Encryption of a connection. Without `ca_file`, the system's certification authorities are trusted."""

    model_config = ConfigDict(frozen=True)

    ca_file: Path | None = None
    cert_file: Path | None = None
    """Our own certificate, for a server that asks for one. Its key is in `key_file`."""
    key_file: Path | None = None

    @property
    def is_set(self) -> bool:
        """Tell whether any of these settings is given."""
        return self.ca_file is not None or self.cert_file is not None


class DatabaseSettings(BaseModel):
    """Settings of the connection to PostgreSQL."""

    url: str = "postgresql+asyncpg://siao:siao@localhost:5432/siao"
    migration_url: str | None = None
    """Address with the role that owns the tables, for `siao-hub migrate`; None for `url`."""
    schema_name: str = Field(default="siao_hub", pattern=r"^[a-z][a-z0-9_]{0,40}$")
    keys_replica_url: str | None = None
    """Address of the key replica, from which keys and partners' ids are copied after a restore; None if there
    is no replica."""
    pool_size: int = 12
    tls: Tls = Tls()
    en_clair: bool = False
    """Permission for an unencrypted connection to another machine."""

    @property
    def of_the_key_replica(self) -> "DatabaseSettings | None":
        """Return these settings for the key replica; None if there is no replica."""
        url = self.keys_replica_url
        return None if url is None else self.model_copy(update={"url": url})

    @property
    def of_the_owner(self) -> "DatabaseSettings":
        """Return these settings with the role that owns the tables."""
        return self.model_copy(update={"url": self.migration_url or self.url})

    @property
    def keys_schema(self) -> str:
        """Return the name of the schema of keys and partners' ids, which ordinary dumps leave out."""
        return f"{self.schema_name}_cles"


class KafkaSettings(BaseModel):
    """Settings of the connection to Kafka, and of the hub's topics on it."""

    bootstrap: str = "localhost:9092"
    prefix: str = Field(default="siao", pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")
    replication: int = 1
    min_insync_replicas: int = 1
    tls: Tls = Tls()
    username: str | None = None
    """Hub's account (SCRAM-SHA-512); None if its certificate identifies it."""
    password: SecretStr | None = None
    """Password of the hub's account; None reads it from `password_file`."""
    password_file: Path | None = None
    en_clair: bool = False
    """Permission for an unencrypted connection to another machine."""


class HttpSettings(BaseModel):
    """Settings of the HTTP gateway for partners."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate_file: Path | None = None
    """Certificate of the gateway with its chain (PEM), for TLS only. A renewed file is used within seconds."""
    key_file: Path | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses of the proxies whose header `X-Forwarded-For` is believed."""
    max_body_bytes: int = 20 * 1024 * 1024
    max_head_bytes: int = Field(default=32 * 1024, ge=1024)
    """Largest size in bytes of request line and headers together."""
    max_headers: int = Field(default=100, ge=20)
    head_s: float = Field(default=10.0, gt=0)
    """Seconds allowed for a TLS handshake, and then for a request line with its headers."""
    idle_s: int = Field(default=75, ge=1)
    """Seconds that a connection may wait for its next request. A proxy's own limit must be shorter."""
    max_connections: int = Field(default=2000, ge=1)
    max_connections_of_one_address: int = Field(default=500, ge=1)


class ConsoleSettings(HttpSettings):
    """Settings of the web console, which needs `url` and a way to log in: `issuer` or `accounts`."""

    port: int = 8090
    max_body_bytes: int = 2 * 1024 * 1024
    url: str | None = None
    """Address of the console in a browser, `https://` unless it is this machine."""
    issuer: str | None = None
    """Identity provider (OpenID Connect): the address before `/.well-known/openid-configuration`."""
    client_id: str = "siao-hub"
    client_secret_file: Path | None = None
    session_h: float = Field(default=10.0, gt=0, le=24)
    """Hours after which a person has to log in again."""
    idle_min: float = Field(default=30.0, gt=0, le=1440)
    """Minutes without activity after which a person is logged out."""
    accounts: bool = False
    """Permission for people of partners to log in without an identity provider, by a link in a mail and a
    code from their telephone."""
    acr: str | None = None
    """Level of login (`acr`) required to read messages in clear; None for the provider's usual level."""

    @property
    def is_set(self) -> bool:
        """Tell whether there is a console."""
        return self.url is not None and (self.issuer is not None or self.accounts)


class HealthSettings(BaseModel):
    """Address at which each process answers /healthz, /readyz and /metrics."""

    host: str = "127.0.0.1"
    port: int = 9101
    """Port of the gateway. The other roles have the next ports: sources 9102, relay 9103, worker 9104,
    dispatcher 9105, scheduler 9106, console 9107. A process with several roles uses the port of its first
    role. 0 opens no port."""


class IntakeSettings(BaseModel):
    """Settings of the acceptance of messages from partners."""

    sync_rows: int = 1000
    """Largest number of rows that are decoded before the answer. A longer message is answered first, then
    decoded in chunks of this size."""
    body_repetition_s: float = 600.0
    """Seconds within which an identical body without a key counts as a repetition."""
    key_retention_days: int = 30
    max_group: int = 256
    """Largest number of requests that share one commit."""
    max_backlog: int = 2_000_000
    """Largest number of pending events. Above it, senders are asked to come back later (503)."""


class RelaySettings(BaseModel):
    """Settings of the relay, which publishes events from the outbox to Kafka."""

    shards: int = Field(default=1, ge=1, le=256)
    """Number of relays, each for its part of the subjects. The number may be changed at any time."""
    window: int = 1000
    """Largest number of events that are published and not yet applied, for small messages and again for bulk.
    Further events wait in PostgreSQL."""
    overdue_s: float = 30.0
    """Seconds after which a published event that is not applied is published again."""


class WorkerSettings(BaseModel):
    """Settings of the workers, which read events from Kafka and apply them to the states of subjects."""

    batch: int = 500


class DispatcherSettings(BaseModel):
    """Settings of the deliveries to partners."""

    lane_batch: int = 20
    """Largest number of deliveries of one lane (one partner, one subject) in one lease."""
    max_in_flight: int = 512
    """Largest number of deliveries in flight. Beyond it, each partner may still have a few."""
    backoff_first_s: float = 2.0
    backoff_max_s: float = 60.0
    """Longest wait of a lane (one partner's deliveries about one subject) after a failure, in seconds."""


class TraceSettings(BaseModel):
    """Settings of OpenTelemetry: one trace for each message, from its request to its last delivery."""

    endpoint: str | None = None
    """Address of an OTLP/HTTP receiver, without `/v1/traces`; `https://`, unless it is this machine. None sends no
    traces."""
    ratio: float = Field(default=1.0, ge=0.0, le=1.0)
    """Part of the messages that are traced (0 to 1), equal in all processes."""


class AlarmSettings(BaseModel):
    """Settings of the hub's own alarms: by e-mail, by webhook, or only logged."""

    email_to: tuple[str, ...] = ()
    """E-mail addresses as a JSON list: ["astreinte@exemple.fr"]."""
    email_from: str = "siao-hub@localhost"
    smtp_host: str = "localhost"
    smtp_port: int = 25
    """Port of the mail server. On 465 TLS begins at once; on any other port STARTTLS is used, unless the
    server is on this machine or `smtp_en_clair` is set."""
    smtp_username: str | None = None
    smtp_password_file: Path | None = None
    smtp_en_clair: bool = False
    """Permission for an unencrypted connection to another machine."""
    webhook_url: str | None = None
    """Address that receives one POST in JSON for each alarm notice; `https://`, unless it is this machine."""
    webhook_secret_file: Path | None = None
    """File of the `whsec_…` secret that signs the notices (Standard Webhooks)."""
    heartbeat_url: str | None = None
    """Address that receives a POST every thirty seconds while the hub is well. The service there raises an
    alarm when they stop. `https://`, unless it is this machine."""
    rules_file: Path | None = None
    """File of alarm rules. Each replaces the rule of the same code in `ops/alarms/alarmes.toml`."""


class TimeStampSettings(BaseModel):
    """Settings of the outside authority that stamps the heads of the audit with a time (RFC 3161)."""

    url: str | None = None
    """Address of the authority, which learns only a hash. None asks for no time stamps."""
    ca_file: Path | None = None
    """Certificates by which the authority's stamps are verified (PEM, root and intermediates)."""
    every_s: float = Field(default=300.0, gt=0)
    """Seconds between two requests for a stamp."""


class MailboxSettings(BaseModel):
    """Settings of the mailboxes from which partners fetch their deliveries."""

    served_days: int = Field(default=7, ge=0, le=30)
    """Days for which a partner may read an acknowledged delivery again."""


class Settings(BaseModel):
    """All settings of one process."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    master_key: SecretStr | None = None
    """Master key, which encrypts data keys: 32 bytes in hex, several separated by blanks; None reads it from
    `master_key_file`."""
    master_key_file: Path = Path("master.key")
    hmac_key: SecretStr | None = None
    """Key of fingerprints and proofs: 32 bytes in hex; None reads it from `hmac_key_file`."""
    hmac_key_file: Path = Path("empreintes.key")
    audit_key: SecretStr | None = None
    """Key that signs the heads of the audit: 32 bytes in hex; None reads it from `audit_key_file`."""
    audit_key_file: Path = Path("audit.key")
    audit_heads_file: Path = Path("audit-tetes.jsonl")
    """File of the signed heads of the audit, outside the database, for `siao-hub audit verify`."""
    audit_stamps_file: Path = Path("audit-horodatages.jsonl")
    """File of the signed heads of the audit with time stamps of an outside authority."""
    audit_public_key_file: Path | None = None
    """File of the public key for `audit_key`: one line of hex, several after a change. A verifier must get it
    from elsewhere than the machine that signs."""
    receipt_key: SecretStr | None = None
    """Key that signs receipts: 32 bytes in hex; None reads it from `receipt_key_file`."""
    receipt_key_file: Path = Path("recus.key")
    receipt_public_key_file: Path | None = None
    """File of the public key for `receipt_key`: one line of hex, several after a change."""
    time_stamps: TimeStampSettings = TimeStampSettings()
    log_level: LogLevel = "info"
    """Lowest level that is logged; a person must look at an `error`."""
    operator: str | None = None
    """Name of the person who gives commands, for the audit; None for the system's user."""
    erasures_file: Path = Path("effacements.jsonl")
    """File of the journal of erasures, outside the database. After a restore, they are applied again from it."""
    backups_folder: Path | None = None
    """Folder of backups by `deploy/sauvegarder.sh`, as this process sees it. `status` and the alarms tell the
    age of the newest."""
    profiles_folder: Path | None = None
    """Folder of further column profiles (meanings of the columns of partners' tables), for registry entries
    that name them."""
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
    """Longest time for which a referral holds a place, in hours.

    It must exceed the longest deadline of a referral, so that a partner that answers in time finds the place
    held.
    """
    lease_s: float = 10.0
    """Seconds of a lease: for a partner's source, for a relay shard or for the scheduler."""
