"""Settings of the processes. `ops/terminal/environment.py` reads them from variables `SIAO_HUB_…`."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class Tls(BaseModel):
    """TLS settings of a connection. Without `ca_file`, the certificate authorities of the system are trusted."""

    model_config = ConfigDict(frozen=True)

    ca_file: Path | None = None
    cert_file: Path | None = None
    """File of the hub's certificate, for a server that requires a certificate from its clients. The
    certificate's private key is in `key_file`."""
    key_file: Path | None = None

    @property
    def is_set(self) -> bool:
        """Tell whether a certificate authority or a certificate is given."""
        return self.ca_file is not None or self.cert_file is not None


class DatabaseSettings(BaseModel):
    """Settings of PostgreSQL."""

    url: str = "postgresql+asyncpg://siao:siao@localhost:5432/siao"
    migration_url: str | None = None
    """Address of the database with the account that owns the tables, for `siao-hub migrate`. If None, the
    account in `url` owns them."""
    schema_name: str = Field(default="siao_hub", pattern=r"^[a-z][a-z0-9_]{0,40}$")
    keys_replica_url: str | None = None
    """Address of the key replica, from which data keys and partners' ids are copied after a restore. None if
    there is no key replica."""
    pool_size: int = 12
    tls: Tls = Tls()
    en_clair: bool = False
    """True to permit an unencrypted connection to PostgreSQL on another machine."""

    @property
    def of_the_key_replica(self) -> "DatabaseSettings | None":
        """Return these settings with the address of the key replica in place of the database's. Return None
        if there is no key replica."""
        url = self.keys_replica_url
        return None if url is None else self.model_copy(update={"url": url})

    @property
    def of_the_owner(self) -> "DatabaseSettings":
        """Return these settings with the database account that owns the tables, for migrations. If no such
        account is set, the usual account stays."""
        return self.model_copy(update={"url": self.migration_url or self.url})

    @property
    def keys_schema(self) -> str:
        """Return the name of the schema that contains the keys and the partners' ids. Ordinary dumps leave
        this schema out."""
        return f"{self.schema_name}_cles"


class KafkaSettings(BaseModel):
    """Settings of Kafka, and of the hub's topics."""

    bootstrap: str = "localhost:9092"
    prefix: str = Field(default="siao", pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")
    replication: int = 1
    min_insync_replicas: int = 1
    tls: Tls = Tls()
    username: str | None = None
    """Account of the hub at Kafka (SCRAM-SHA-512). None if the hub's certificate identifies the hub, or if
    Kafka asks for no identification."""
    password: SecretStr | None = None
    """Password of the account `username`. If None, it is read from `password_file`."""
    password_file: Path | None = None
    en_clair: bool = False
    """True to permit an unencrypted connection to Kafka on another machine."""


class HttpSettings(BaseModel):
    """Settings of an HTTP server. The gateway for partners uses all of them; the console uses a part of
    them."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate_file: Path | None = None
    """File of the server's certificate with its chain (PEM). Without it, connections are not encrypted (no
    TLS). A renewed file is used within seconds."""
    key_file: Path | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses of the proxies whose header `X-Forwarded-For` the hub trusts."""
    max_body_bytes: int = 20 * 1024 * 1024
    max_head_bytes: int = Field(default=32 * 1024, ge=1024)
    """Largest size, in bytes, of the request line and the headers together."""
    max_headers: int = Field(default=100, ge=20)
    head_s: float = Field(default=10.0, gt=0)
    """Seconds allowed for the TLS handshake, and as many again for the request line with the headers."""
    idle_s: int = Field(default=75, ge=1)
    """Seconds for which a connection may stay idle between two requests. A proxy in front of the hub must
    close idle connections sooner."""
    max_connections: int = Field(default=2000, ge=1)
    max_connections_of_one_address: int = Field(default=500, ge=1)


class ConsoleSettings(HttpSettings):
    """Settings of the web console. The console runs only if `url` is set and people can log in: `issuer` is
    set or `accounts` is true."""

    port: int = 8090
    max_body_bytes: int = 2 * 1024 * 1024
    url: str | None = None
    """Address of the console in a browser. It begins with `https://`, unless the console is on this machine.
    """
    issuer: str | None = None
    """Address of the OpenID Connect identity provider: the part before
    `/.well-known/openid-configuration`."""
    client_id: str = "siao-hub"
    client_secret_file: Path | None = None
    session_h: float = Field(default=10.0, gt=0, le=24)
    """Hours after which a person has to log in again, even if the person was active all the time."""
    idle_min: float = Field(default=30.0, gt=0, le=1440)
    """Minutes without activity after which a person is logged out."""
    accounts: bool = False
    """True to let people of partners log in without an identity provider, by a link in a mail and a code from
    their telephone."""
    acr: str | None = None
    """Level of login (`acr`) that is required to read messages in clear. None for the identity provider's
    usual level."""
    contact: str | None = None
    """How to reach the team of the hub, in French: an address, a telephone number. Every page of the console
    shows this text."""

    @property
    def is_set(self) -> bool:
        """Tell whether the console is configured."""
        return self.url is not None and (self.issuer is not None or self.accounts)


class HealthSettings(BaseModel):
    """Settings of the HTTP port at which each process answers /healthz, /readyz and /metrics."""

    host: str = "127.0.0.1"
    port: int = 9101
    """Port of a process with the role gateway. Processes of the other roles use the ports that follow it, by
    default: sources 9102, relay 9103, worker 9104, dispatcher 9105, scheduler 9106, console 9107.

    A process with several roles uses the port of its first role. With 0, no port is opened.
    """


class IntakeSettings(BaseModel):
    """Settings of the intake, which accepts messages from partners."""

    sync_rows: int = 1000
    """Largest number of rows of a message that is decoded before its sender gets the answer. A message with
    more rows is answered first, and then decoded in chunks."""
    body_repetition_s: float = 600.0
    """Seconds within which a message with the same body counts as a repetition, if its sender gave no
    idempotency key."""
    key_retention_days: int = 30
    max_group: int = 256
    """Largest number of messages that share one commit."""
    max_backlog: int = 2_000_000
    """Largest number of pending events of all partners together. If there are more, senders are asked to
    come back later (503)."""


class RelaySettings(BaseModel):
    """Settings of the relay, which publishes pending events on Kafka."""

    shards: int = Field(default=1, ge=1, le=256)
    """Number of relays. Each relay publishes the events of a share of the subjects (referrals, places…). The
    number may be changed at any time."""
    window: int = 1000
    """Largest number of events that are published and not yet applied. This limit holds separately for small
    messages and for bulk (messages of more than 100 rows). Further events wait in PostgreSQL."""
    overdue_s: float = 30.0
    """Seconds after which a published event that is still pending is published again."""


class WorkerSettings(BaseModel):
    """Settings of the workers, which read events from Kafka and apply them."""

    batch: int = 500


class DispatcherSettings(BaseModel):
    """Settings of the dispatcher, which delivers to partners."""

    lane_batch: int = 20
    """Largest number of deliveries of a lane that one claim returns. A lane is the deliveries to one partner
    about one subject, such as a referral."""
    max_in_flight: int = 512
    """Largest number of lanes in flight, of all partners together. A lane is the deliveries to one partner
    about one subject, such as a referral. Above this number, each partner may still have two lanes in flight."""
    backoff_first_s: float = 2.0
    backoff_max_s: float = 60.0
    """Longest time, in seconds, that a lane waits after a failure. A lane is the deliveries to one partner
    about one subject, such as a referral."""


class TraceSettings(BaseModel):
    """Settings of OpenTelemetry traces. There is one trace for each message, from its request to its last
    delivery."""

    endpoint: str | None = None
    """Address of an OTLP/HTTP receiver, without `/v1/traces`. It begins with `https://`, unless the receiver
    is on this machine. If None, no traces are sent."""
    ratio: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the messages that are traced, from 0 (no message) to 1 (all messages). Use the same share in
    all processes."""


class AlarmSettings(BaseModel):
    """Settings of the hub's alarms. Alarms are sent by e-mail or webhook, and always logged."""

    email_to: tuple[str, ...] = ()
    """E-mail addresses of the people to alert. An environment variable gives them as a JSON list:
    ["astreinte@exemple.fr"]."""
    email_from: str = "siao-hub@localhost"
    smtp_host: str = "localhost"
    smtp_port: int = 25
    """Port of the mail server. On port 465, TLS starts at once.

    On any other port, STARTTLS is used. The two exceptions are a server on this machine, and `smtp_en_clair`.
    """
    smtp_username: str | None = None
    smtp_password_file: Path | None = None
    smtp_en_clair: bool = False
    """True to permit an unencrypted connection to a mail server on another machine."""
    webhook_url: str | None = None
    """Address to which each notice of an alarm is sent, by POST as JSON. The address begins with `https://`,
    unless it is on this machine."""
    webhook_secret_file: Path | None = None
    """File with the secret (`whsec_…`) that signs the notices sent to `webhook_url` (Standard Webhooks)."""
    heartbeat_url: str | None = None
    """Address to which the hub sends a POST every thirty seconds while it works. A service at this address
    raises an alarm when the POSTs stop. The address begins with `https://`, unless it is on this machine."""
    rules_file: Path | None = None
    """File of alarm rules. Each rule in this file replaces the rule with the same code in
    `ops/alarms/alarmes.toml`."""


class TimeStampSettings(BaseModel):
    """Settings of the outside authority that puts time stamps (RFC 3161) on the signed heads of the audit's
    hash chain."""

    url: str | None = None
    """Address of the time-stamping authority. The authority receives only a hash. If None, there are no time
    stamps."""
    ca_file: Path | None = None
    """File of the certificates (PEM, root and intermediates) that verify the time stamps of the authority."""
    every_s: float = Field(default=300.0, gt=0)
    """Seconds between two requests for a time stamp."""


class MailboxSettings(BaseModel):
    """Settings of the mailboxes, from which partners fetch their deliveries."""

    served_days: int = Field(default=7, ge=0, le=30)
    """Days after an acknowledgement during which the partner may read the delivery again."""


class Settings(BaseModel):
    """All settings of a process."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    master_key: SecretStr | None = None
    """Master keys, which encrypt data keys. Each key has 64 hexadecimal characters; several keys are
    separated by blanks. If None, the keys are read from `master_key_file`."""
    master_key_file: Path = Path("master.key")
    hmac_key: SecretStr | None = None
    """HMAC keys, for fingerprints and for the proofs of origin of events. Each key has 64 hexadecimal
    characters, and may be followed by its short name (mark). If None, the keys are read from `hmac_key_file`."""
    hmac_key_file: Path = Path("empreintes.key")
    audit_key: SecretStr | None = None
    """Private key that signs the heads of the audit's hash chain, as 64 hexadecimal characters. If None, it
    is read from `audit_key_file`."""
    audit_key_file: Path = Path("audit.key")
    audit_heads_file: Path = Path("audit-tetes.jsonl")
    """File, outside the database, of the signed heads of the audit's hash chain. `siao-hub audit verify`
    reads this file."""
    audit_stamps_file: Path = Path("audit-horodatages.jsonl")
    """File of the time-stamped heads of the audit's hash chain. An outside authority has stamped them with the
    time."""
    audit_public_key_file: Path | None = None
    """File of the public key that belongs to `audit_key`, in hexadecimal. If the key was changed, the file
    has several public keys, one on each line. A verifier must not get this file from the machine that
    signs."""
    receipt_key: SecretStr | None = None
    """Private key that signs receipts, as 64 hexadecimal characters. If None, it is read from
    `receipt_key_file`."""
    receipt_key_file: Path = Path("recus.key")
    receipt_public_key_file: Path | None = None
    """File of the public key that belongs to `receipt_key`, in hexadecimal. If the key was changed, the file
    has several public keys, one on each line."""
    time_stamps: TimeStampSettings = TimeStampSettings()
    log_level: LogLevel = "info"
    """Lowest level of the lines that are written to the log."""
    operator: str | None = None
    """Name of the operator who gives commands, for the audit. If None, the name is that of the system's
    user."""
    erasures_file: Path = Path("effacements.jsonl")
    """File, outside the database, of the journal of erasures. After a restore of the database, all erasures
    in this journal are repeated."""
    backups_folder: Path | None = None
    """Folder with the backups that `deploy/sauvegarder.sh` makes. `status` and the alarms report the age of
    the newest backup."""
    profiles_folder: Path | None = None
    """Folder with further column profiles, which registry entries may name. A column profile says what each
    column of a partner's table means."""
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

    It must be longer than the longest deadline of a referral, so that a partner that answers in time
    finds the place still reserved.
    """
    lease_s: float = 10.0
    """Duration, in seconds, of each lease: for a partner's source, a relay, the scheduler…"""
