"""Define the settings of the processes. `ops/terminal/environment.py` reads them from variables `SIAO_HUB_…`."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class Tls(BaseModel):
    """Settings of the encryption of a connection (TLS). Without `ca_file`, the certification authorities of the
    system are trusted."""

    model_config = ConfigDict(frozen=True)

    ca_file: Path | None = None
    cert_file: Path | None = None
    """The hub's certificate, for a server that requires one. Its private key is in `key_file`."""
    key_file: Path | None = None

    @property
    def is_set(self) -> bool:
        """Return whether a certification authority, or a certificate of the hub, is given."""
        return self.ca_file is not None or self.cert_file is not None


class DatabaseSettings(BaseModel):
    """Settings of PostgreSQL."""

    url: str = "postgresql+asyncpg://siao:siao@localhost:5432/siao"
    migration_url: str | None = None
    """Address with the account that owns the tables, for `siao-hub migrate`. If it is None, `url` is used."""
    schema_name: str = Field(default="siao_hub", pattern=r"^[a-z][a-z0-9_]{0,40}$")
    keys_replica_url: str | None = None
    """Address of the key replica, from which data keys and partners' ids are copied after a restore. None if
    there is no replica."""
    pool_size: int = 12
    tls: Tls = Tls()
    en_clair: bool = False
    """If True, and `tls` is empty, even a connection to another machine is not encrypted."""

    @property
    def of_the_key_replica(self) -> "DatabaseSettings | None":
        """Return these settings with the address of the key replica, or None if there is no key replica."""
        url = self.keys_replica_url
        return None if url is None else self.model_copy(update={"url": url})

    @property
    def of_the_owner(self) -> "DatabaseSettings":
        """Return the settings with which the owner of the tables connects. Their address is `migration_url`, or
        `url` if `migration_url` is None."""
        return self.model_copy(update={"url": self.migration_url or self.url})

    @property
    def keys_schema(self) -> str:
        """Return the name of the database schema that has the keys and the partners' own ids. Ordinary backups
        leave this schema out."""
        return f"{self.schema_name}_cles"


class KafkaSettings(BaseModel):
    """Settings of Kafka, and of the hub's topics."""

    bootstrap: str = "localhost:9092"
    prefix: str = Field(default="siao", pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")
    replication: int = 1
    min_insync_replicas: int = 1
    tls: Tls = Tls()
    username: str | None = None
    """Account at Kafka (SCRAM-SHA-512). None if the hub logs in by a certificate, or if Kafka asks for no login.
    """
    password: SecretStr | None = None
    """Password of the account `username`. If it is None, it is read from `password_file`."""
    password_file: Path | None = None
    en_clair: bool = False
    """True permits an unencrypted connection to another machine."""


class HttpSettings(BaseModel):
    """Settings of an HTTP server. All of them apply to the gateway, some also to the console."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate_file: Path | None = None
    """Certificate with its chain (PEM). Without it, connections are not encrypted. A renewed file is used within
    seconds."""
    key_file: Path | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Proxies whose header `X-Forwarded-For` is trusted."""
    max_body_bytes: int = 20 * 1024 * 1024
    max_head_bytes: int = Field(default=32 * 1024, ge=1024)
    """Largest size of the request line and the headers together."""
    max_headers: int = Field(default=100, ge=20)
    head_s: float = Field(default=10.0, gt=0)
    """Longest time in seconds for the TLS handshake. The head of a request may take the same time again."""
    idle_s: int = Field(default=75, ge=1)
    """Seconds for which a connection may stay idle. A proxy in front of the hub must close its connections sooner.
    """
    max_connections: int = Field(default=2000, ge=1)
    max_connections_of_one_address: int = Field(default=500, ge=1)


class ConsoleSettings(HttpSettings):
    """Settings of the web console. It runs only if `url` is set and people can log in: through an identity
    provider (`issuer`), or by a mailed link (`accounts`)."""

    port: int = 8090
    max_body_bytes: int = 2 * 1024 * 1024
    url: str | None = None
    """Address of the console in a browser. It begins with `https://`, unless it is on this machine."""
    issuer: str | None = None
    """Address of the identity provider (OpenID Connect): the part before `/.well-known/openid-configuration`."""
    client_id: str = "siao-hub"
    client_secret_file: Path | None = None
    session_h: float = Field(default=10.0, gt=0, le=24)
    """Hours after which even an active person has to log in again."""
    idle_min: float = Field(default=30.0, gt=0, le=1440)
    """Minutes without activity after which a person is logged out."""
    accounts: bool = False
    """True lets people of partners log in without an identity provider, by a mailed link and a code."""
    acr: str | None = None
    """Level of login that the identity provider must confirm before a person reads messages in clear. None for the
    provider's usual level."""
    contact: str | None = None
    """Way to reach the hub's team, in French, for every page of the console."""

    @property
    def is_set(self) -> bool:
        """Return whether the settings are enough for the console to run."""
        return self.url is not None and (self.issuer is not None or self.accounts)


class HealthSettings(BaseModel):
    """Settings of the port at which each process answers /healthz, /readyz and /metrics."""

    host: str = "127.0.0.1"
    port: int = 9101
    """Port of the gateway. The other roles use the ports that follow: sources 9102, relay 9103, worker 9104,
    dispatcher 9105, scheduler 9106, console 9107.

    A process with several roles uses the port of its first role. 0 opens no port.
    """


class IntakeSettings(BaseModel):
    """Settings of the intake, which decodes, checks and stores partners' messages."""

    sync_rows: int = 1000
    """Most rows that are decoded before the sender gets the answer. If a message has more rows, the answer comes
    first, and the rest is decoded afterwards."""
    body_repetition_s: float = 600.0
    """Seconds for which a message without an idempotency key counts as a repetition of an earlier one with the same
    body."""
    key_retention_days: int = 30
    max_group: int = 256
    """Most messages that share one commit."""
    max_backlog: int = 2_000_000
    """Largest number of pending events of all partners together. Beyond it, senders are asked to come back later
    (HTTP status 503)."""


class RelaySettings(BaseModel):
    """Settings of the relays, which publish pending events on Kafka."""

    shards: int = Field(default=1, ge=1, le=256)
    """Number of relays. It may be changed at any time."""
    window: int = 1000
    """Most events of small messages that each relay may have on Kafka, published and not yet applied. It may
    have as many events of bulk there. All further events wait in PostgreSQL."""
    overdue_s: float = 30.0
    """Seconds after which a published event that is still pending is published again."""


class WorkerSettings(BaseModel):
    """Settings of the workers, which apply events."""

    batch: int = 500


class DispatcherSettings(BaseModel):
    """Settings of the dispatcher, which makes the deliveries."""

    lane_batch: int = 20
    """Most deliveries that the dispatcher takes from a lane at once. A lane has the deliveries to one partner
    about one subject, in order."""
    max_in_flight: int = 512
    """Most lanes whose deliveries one dispatcher may have under way at once, to all partners together. Beyond
    this number, each partner may still have two."""
    backoff_first_s: float = 2.0
    backoff_max_s: float = 60.0
    """Longest wait of a lane after a failure."""


class TraceSettings(BaseModel):
    """Settings of OpenTelemetry traces. Each message has one trace, from its request to its last delivery."""

    endpoint: str | None = None
    """Address of the server that receives the traces (OTLP/HTTP), without `/v1/traces`. It begins with `https://`,
    unless it is on this machine. If it is None, no traces are sent."""
    ratio: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the messages that are traced, from 0 to 1, the same in all processes."""


class AlarmSettings(BaseModel):
    """Settings of alarms. Each alarm is logged. It is also sent by e-mail or webhook if the settings name an
    address for this."""

    email_to: tuple[str, ...] = ()
    """E-mail addresses that get the alarms. An environment variable gives a JSON list: ["astreinte@exemple.fr"].
    """
    email_from: str = "siao-hub@localhost"
    smtp_host: str = "localhost"
    smtp_port: int = 25
    """Port of the mail server. On port 465 the connection is always encrypted, from the start (TLS). On any other
    port it is encrypted by the command STARTTLS, unless the server is on this machine or `smtp_en_clair` is True.
    """
    smtp_username: str | None = None
    smtp_password_file: Path | None = None
    smtp_en_clair: bool = False
    """If True, the connection to the mail server is not encrypted, even to another machine; on port 465 it is."""
    webhook_url: str | None = None
    """Address to which each notice is posted as JSON. It begins with `https://`, unless it is on this machine."""
    webhook_secret_file: Path | None = None
    """Secret (`whsec_…`) that signs the notices to `webhook_url` (Standard Webhooks)."""
    heartbeat_url: str | None = None
    """Address of an outside service that watches the hub. While the hub works, the hub sends a POST to this
    address every thirty seconds or more often. The service raises an alarm when no POST comes. The address
    begins with `https://`, unless it is on this machine."""
    rules_file: Path | None = None
    """File of alarm rules. A rule replaces the rule with the same code in `ops/alarms/alarmes.toml`."""


class TimeStampSettings(BaseModel):
    """Settings of the outside authority that gives time stamps (RFC 3161) to the heads of the audit. A head
    is the last signed hash of the audit's chain."""

    url: str | None = None
    """Address of the authority. The authority receives only a hash. If the address is None, there are no time
    stamps."""
    ca_file: Path | None = None
    """Certificates (PEM, root and intermediates) that verify the stamps."""
    every_s: float = Field(default=300.0, gt=0)
    """Seconds between two requests for a time stamp."""


class MailboxSettings(BaseModel):
    """Settings of the mailboxes, from which partners fetch their deliveries."""

    served_days: int = Field(default=7, ge=0, le=30)
    """Number of days for which a delivery may be read again after its receipt was confirmed."""


class Settings(BaseModel):
    """All settings of a process."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    master_key: SecretStr | None = None
    """Master keys, which encrypt all data keys: 64 hexadecimal characters each, separated by blanks. If it is
    None, they are read from `master_key_file`."""
    master_key_file: Path = Path("master.key")
    hmac_key: SecretStr | None = None
    """HMAC keys, which make fingerprints and proofs, separated by blanks. Each has 64 hexadecimal characters, and 8
    more if it has a mark (a short name). If it is None, the keys are read from `hmac_key_file`."""
    hmac_key_file: Path = Path("empreintes.key")
    audit_key: SecretStr | None = None
    """Private key that signs the heads of the audit: 64 hexadecimal characters. If it is None, the key is read from
    `audit_key_file`."""
    audit_key_file: Path = Path("audit.key")
    audit_heads_file: Path = Path("audit-tetes.jsonl")
    """File of the audit's heads, outside the database. A head is the last signed hash of the audit's chain. The
    command `siao-hub audit verify` checks the audit against the heads."""
    audit_stamps_file: Path = Path("audit-horodatages.jsonl")
    """File of the audit's heads that have a time stamp, with their time stamps."""
    audit_public_key_file: Path | None = None
    """File with the public keys of `audit_key` and of earlier audit keys, one on each line, in hexadecimal. Whoever
    verifies the audit must not get this file from the machine that signs."""
    receipt_key: SecretStr | None = None
    """Private key that signs receipts for accepted or delivered messages: 64 hexadecimal characters. If it is None,
    the key is read from `receipt_key_file`."""
    receipt_key_file: Path = Path("recus.key")
    receipt_public_key_file: Path | None = None
    """File with the public keys of `receipt_key` and of earlier receipt keys, one on each line, in hexadecimal."""
    time_stamps: TimeStampSettings = TimeStampSettings()
    log_level: LogLevel = "info"
    operator: str | None = None
    """Name by which the audit calls the person who gives commands. If it is None, the audit names the system's
    user."""
    erasures_file: Path = Path("effacements.jsonl")
    """Journal of erasures, outside the database. After a restore of the database, these erasures are
    repeated."""
    backups_folder: Path | None = None
    """Folder with the backups of `deploy/sauvegarder.sh`. `siao-hub status` and the alarms report the age of the
    newest backup."""
    profiles_folder: Path | None = None
    """Folder of further column profiles. Registry entries may name these profiles."""
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
    """Hours for which a referral reserves its places. A message of the structure about the referral prolongs the
    reservation if it would end before the structure has to decide."""
    lease_s: float = 10.0
    """Duration of each lease in seconds, except for leases of lanes, which depend on the partner. A lease
    gives a job to one process alone, and is renewed while this process lives."""
