"""Settings of the processes. `ops/terminal/environment.py` reads them from variables `SIAO_HUB_…`."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class Tls(BaseModel):
    """TLS settings of a connection. Without `ca_file`, the certification authorities of the system are
    trusted."""

    model_config = ConfigDict(frozen=True)

    ca_file: Path | None = None
    cert_file: Path | None = None
    """Certificate of the hub, for a server that requires one. Its private key is in `key_file`."""
    key_file: Path | None = None

    @property
    def is_set(self) -> bool:
        """Tell whether a certification authority or a certificate is given."""
        return self.ca_file is not None or self.cert_file is not None


class DatabaseSettings(BaseModel):
    """Settings of PostgreSQL."""

    url: str = "postgresql+asyncpg://siao:siao@localhost:5432/siao"
    migration_url: str | None = None
    """Address of the database with the account that owns the tables, for `siao-hub migrate`. None if it is
    that of `url`."""
    schema_name: str = Field(default="siao_hub", pattern=r"^[a-z][a-z0-9_]{0,40}$")
    keys_replica_url: str | None = None
    """Address of the key replica, from which keys and partners' ids are copied after a restore. None if there
    is none."""
    pool_size: int = 12
    tls: Tls = Tls()
    en_clair: bool = False
    """True to permit an unencrypted connection to another machine."""

    @property
    def of_the_key_replica(self) -> "DatabaseSettings | None":
        """Return these settings with the address of the key replica. Return None if there is no replica."""
        url = self.keys_replica_url
        return None if url is None else self.model_copy(update={"url": url})

    @property
    def of_the_owner(self) -> "DatabaseSettings":
        """Return these settings with the account that owns the tables."""
        return self.model_copy(update={"url": self.migration_url or self.url})

    @property
    def keys_schema(self) -> str:
        """Return the name of the schema with the keys and the partners' ids. Ordinary dumps leave it out."""
        return f"{self.schema_name}_cles"


class KafkaSettings(BaseModel):
    """Settings of Kafka, and of the hub's topics."""

    bootstrap: str = "localhost:9092"
    prefix: str = Field(default="siao", pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")
    replication: int = 1
    min_insync_replicas: int = 1
    tls: Tls = Tls()
    username: str | None = None
    """Account of the hub at Kafka (SCRAM-SHA-512). None if the hub's certificate identifies it."""
    password: SecretStr | None = None
    """Password of the account. If None, it is read from `password_file`."""
    password_file: Path | None = None
    en_clair: bool = False
    """True to permit an unencrypted connection to another machine."""


class HttpSettings(BaseModel):
    """Settings of an HTTP server: the gateway for partners, and in part the console."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate_file: Path | None = None
    """File of the server's certificate with its chain (PEM); without it, there is no TLS. A renewed file is
    used within seconds."""
    key_file: Path | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses of the proxies whose header `X-Forwarded-For` is trusted."""
    max_body_bytes: int = 20 * 1024 * 1024
    max_head_bytes: int = Field(default=32 * 1024, ge=1024)
    """Largest size, in bytes, of the request line and the headers together."""
    max_headers: int = Field(default=100, ge=20)
    head_s: float = Field(default=10.0, gt=0)
    """Seconds allowed for the TLS handshake, and then for the request line with the headers."""
    idle_s: int = Field(default=75, ge=1)
    """Seconds that a connection may be idle between two requests. A proxy in front needs a shorter limit."""
    max_connections: int = Field(default=2000, ge=1)
    max_connections_of_one_address: int = Field(default=500, ge=1)


class ConsoleSettings(HttpSettings):
    """Settings of the web console. It runs only if `url` is set, and a way to log in: `issuer` or
    `accounts`."""

    port: int = 8090
    max_body_bytes: int = 2 * 1024 * 1024
    url: str | None = None
    """Address of the console in a browser. It begins with `https://`, except on this machine."""
    issuer: str | None = None
    """Address of the OpenID Connect identity provider: the part before
    `/.well-known/openid-configuration`."""
    client_id: str = "siao-hub"
    client_secret_file: Path | None = None
    session_h: float = Field(default=10.0, gt=0, le=24)
    """Hours after which a person has to log in again, however active."""
    idle_min: float = Field(default=30.0, gt=0, le=1440)
    """Minutes without activity after which a person is logged out."""
    accounts: bool = False
    """True to let people of partners log in without an identity provider, by a link in a mail and a code from
    their telephone."""
    acr: str | None = None
    """Level of login (`acr`) that is required to read messages in clear. None for the provider's usual
    level."""
    contact: str | None = None
    """How to reach the team of the hub, in French: an address, a telephone number. Every page shows it."""

    @property
    def is_set(self) -> bool:
        """Tell whether the console is configured."""
        return self.url is not None and (self.issuer is not None or self.accounts)


class HealthSettings(BaseModel):
    """Settings of the HTTP port at which each process answers /healthz, /readyz and /metrics."""

    host: str = "127.0.0.1"
    port: int = 9101
    """Port of a process with the role gateway. Other roles have the next ones: sources 9102, relay 9103,
    worker 9104, dispatcher 9105, scheduler 9106, console 9107.

    A process with several roles uses the port of its first role. With 0, no port is opened.
    """


class IntakeSettings(BaseModel):
    """Settings of the intake, which accepts messages from partners."""

    sync_rows: int = 1000
    """Largest number of rows of a message that is decoded before it is answered. A longer message is answered
    first, and then decoded in chunks."""
    body_repetition_s: float = 600.0
    """Seconds within which the same body counts as a repetition, if its sender gave no idempotency key."""
    key_retention_days: int = 30
    max_group: int = 256
    """Largest number of messages that share one commit."""
    max_backlog: int = 2_000_000
    """Largest number of pending events. If there are more, senders are asked to come back later (503)."""


class RelaySettings(BaseModel):
    """Settings of the relay, which publishes pending events on Kafka."""

    shards: int = Field(default=1, ge=1, le=256)
    """Number of relays, of which each publishes a part of the subjects. It may be changed at any time."""
    window: int = 1000
    """Largest number of events that are published and not yet applied, once for small messages and once for
    bulk (messages of more than 100 rows). Further events wait in PostgreSQL."""
    overdue_s: float = 30.0
    """Seconds after which a published event that is still pending is published again."""


class WorkerSettings(BaseModel):
    """Settings of the workers, which read events from Kafka and apply them."""

    batch: int = 500


class DispatcherSettings(BaseModel):
    """Settings of the dispatcher, which delivers to partners."""

    lane_batch: int = 20
    """Largest number of deliveries that one claim of a lane returns. A lane is the deliveries to one partner
    about one subject."""
    max_in_flight: int = 512
    """Largest number of lanes in flight (deliveries to one partner about one subject). Above it, each partner
    may still have a few."""
    backoff_first_s: float = 2.0
    backoff_max_s: float = 60.0
    """Longest time, in seconds, that a lane (deliveries to one partner about one subject) waits after a
    failure."""


class TraceSettings(BaseModel):
    """Settings of OpenTelemetry traces: one for each message, from its request to its last delivery."""

    endpoint: str | None = None
    """Address of an OTLP/HTTP receiver, without `/v1/traces`. It begins with `https://`, except on this
    machine. If None, no traces are sent."""
    ratio: float = Field(default=1.0, ge=0.0, le=1.0)
    """Part of the messages that are traced, from 0 to 1. Use the same value in all processes."""


class AlarmSettings(BaseModel):
    """Settings of the hub's alarms, which are sent by e-mail or webhook, and always logged."""

    email_to: tuple[str, ...] = ()
    """E-mail addresses of the people to alert. In a variable, they are a JSON list:
    ["astreinte@exemple.fr"]."""
    email_from: str = "siao-hub@localhost"
    smtp_host: str = "localhost"
    smtp_port: int = 25
    """Port of the mail server. On port 465, TLS starts at once.

    On any other port, STARTTLS is used, unless the server is on this machine or `smtp_en_clair` is true.
    """
    smtp_username: str | None = None
    smtp_password_file: Path | None = None
    smtp_en_clair: bool = False
    """True to permit an unencrypted connection to a mail server on another machine."""
    webhook_url: str | None = None
    """Address to which each notice of an alarm is sent, by POST as JSON. It begins with `https://`, except on
    this machine."""
    webhook_secret_file: Path | None = None
    """File with the secret (`whsec_…`) that signs the notices sent to `webhook_url` (Standard Webhooks)."""
    heartbeat_url: str | None = None
    """Address to which a POST is sent every thirty seconds while the hub works. A service there raises an
    alarm when no POST comes any more.

    It begins with `https://`, except on this machine.
    """
    rules_file: Path | None = None
    """File of alarm rules. Each one replaces the rule with the same code in `ops/alarms/alarmes.toml`."""


class TimeStampSettings(BaseModel):
    """Settings of the outside authority that puts time stamps (RFC 3161) on heads (signed hashes of the
    audit's chain)."""

    url: str | None = None
    """Address of the authority, which receives only a hash. If None, there are no time stamps."""
    ca_file: Path | None = None
    """File of the certificates that verify the authority's stamps (PEM, root and intermediates)."""
    every_s: float = Field(default=300.0, gt=0)
    """Seconds between two requests for a time stamp."""


class MailboxSettings(BaseModel):
    """Settings of the mailboxes, from which partners fetch their deliveries."""

    served_days: int = Field(default=7, ge=0, le=30)
    """Days during which a partner may read an acknowledged delivery again."""


class Settings(BaseModel):
    """All settings of a process."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    master_key: SecretStr | None = None
    """Master key, which encrypts data keys, as 64 hexadecimal characters; several keys are separated by
    blanks. If None, it is read from `master_key_file`."""
    master_key_file: Path = Path("master.key")
    hmac_key: SecretStr | None = None
    """Key for fingerprints and proofs, as 64 hexadecimal characters. If None, it is read from
    `hmac_key_file`."""
    hmac_key_file: Path = Path("empreintes.key")
    audit_key: SecretStr | None = None
    """Private key that signs the heads (newest hashes of the audit's chain), as 64 hexadecimal characters. If
    None, it is read from `audit_key_file`."""
    audit_key_file: Path = Path("audit.key")
    audit_heads_file: Path = Path("audit-tetes.jsonl")
    """File, outside the database, of the signed heads (hashes of the audit's chain). `siao-hub audit verify`
    reads it."""
    audit_stamps_file: Path = Path("audit-horodatages.jsonl")
    """File of those signed heads (hashes of the audit's chain) that an outside authority has stamped with the
    time."""
    audit_public_key_file: Path | None = None
    """File of the public key that belongs to `audit_key`, in hexadecimal; one a line if the key was changed.
    A verifier must not get it from the machine that signs."""
    receipt_key: SecretStr | None = None
    """Private key that signs receipts, as 64 hexadecimal characters. If None, it is read from
    `receipt_key_file`."""
    receipt_key_file: Path = Path("recus.key")
    receipt_public_key_file: Path | None = None
    """File of the public key that belongs to `receipt_key`, in hexadecimal; one a line if the key was
    changed."""
    time_stamps: TimeStampSettings = TimeStampSettings()
    log_level: LogLevel = "info"
    """Lowest level of the lines that are logged."""
    operator: str | None = None
    """Name of the operator who gives commands, for the audit. If None, it is the user of the system."""
    erasures_file: Path = Path("effacements.jsonl")
    """File, outside the database, of the journal of erasures. After a restore, they are repeated from it."""
    backups_folder: Path | None = None
    """Folder with the backups that `deploy/sauvegarder.sh` makes. `status` and the alarms report the age of
    the newest one."""
    profiles_folder: Path | None = None
    """Folder with further column profiles, which may be named in registry entries. A column profile says
    which column of a partner's table has which meaning."""
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
    """Longest time, in hours, for which a referral reserves a place.

    It must be longer than the longest deadline of a referral. A partner that answers in time then finds the
    place still reserved.
    """
    lease_s: float = 10.0
    """Duration of a lease, in seconds: for a partner's source, a relay, the scheduler…"""
