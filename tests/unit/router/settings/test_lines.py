"""Nothing leaves this machine in clear unless the settings say so in so many words."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.errors import Misconfigured
from router.settings import DatabaseSettings, KafkaSettings, Tls
from router.settings.lines import is_this_machine, kafka_options, postgres_dsns, postgres_ssl
from tests.rows import each_row

ELSEWHERE = "postgresql+asyncpg://siao@base.exemple.fr/siao"


@each_row("host", [None, "", "localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "/run/postgresql"])
def test_loopback_and_a_socket_file_are_this_machine(host: str | None):
    assert is_this_machine(host)


@each_row(
    "host", ["base.exemple.fr", "10.0.0.7", "192.0.2.1", "localhost.exemple.fr", "127.0.0.1.exemple.fr"]
)
def test_any_other_host_is_not(host: str):
    assert not is_this_machine(host)


def test_kafka_on_this_machine_needs_nothing():
    assert set(kafka_options(KafkaSettings())) == {"bootstrap_servers"}


def test_kafka_elsewhere_is_not_spoken_to_in_clear():
    kafka = KafkaSettings(bootstrap="localhost:9092,kafka.exemple.fr:9092")
    with pytest.raises(Misconfigured, match="Kafka est sur une autre machine"):
        kafka_options(kafka)
    assert kafka_options(kafka.model_copy(update={"en_clair": True}))["bootstrap_servers"] == kafka.bootstrap


def test_an_account_is_told_over_tls_alone():
    kafka = KafkaSettings(
        bootstrap="kafka.exemple.fr:9092", username="siao-hub", password=SecretStr("secret")
    )
    options = kafka_options(kafka)
    assert (options["security_protocol"], options["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert options["ssl_context"].check_hostname


def test_a_password_comes_from_a_file_too_and_its_absence_is_told(tmp_path: Path):
    kafka = KafkaSettings(username="siao-hub", password_file=tmp_path / "absent")
    with pytest.raises(Misconfigured, match="mot de passe illisible"):
        kafka_options(kafka)
    (tmp_path / "absent").write_bytes(b"\xe9")
    with pytest.raises(Misconfigured, match="mot de passe illisible"):
        kafka_options(kafka)
    (tmp_path / "absent").write_text("secret\n")
    assert kafka_options(kafka)["sasl_plain_password"] == "secret"
    with pytest.raises(Misconfigured, match="pas de mot de passe"):
        kafka_options(KafkaSettings(username="siao-hub"))


def test_postgresql_elsewhere_must_prove_who_it_is():
    context = postgres_ssl(DatabaseSettings(url=ELSEWHERE))
    assert context is not None
    assert context.check_hostname
    assert postgres_ssl(DatabaseSettings(url=ELSEWHERE, en_clair=True)) is None
    assert postgres_ssl(DatabaseSettings()) is None


def test_a_line_that_may_be_clear_is_encrypted_all_the_same_where_an_authority_is_given(tmp_path):
    named = DatabaseSettings(url=ELSEWHERE, en_clair=True, tls=Tls(ca_file=tmp_path / "absente"))
    with pytest.raises(Misconfigured, match="TLS"):
        postgres_ssl(named)


def test_a_host_that_stands_in_the_query_counts_too():
    assert postgres_ssl(DatabaseSettings(url="postgresql+asyncpg:///siao?host=/run/postgresql")) is None
    assert postgres_ssl(DatabaseSettings(url="postgresql+asyncpg:///siao?host=base.exemple.fr")) is not None


@each_row(
    ("address", "servers"),
    [
        ("hub:a%2Cb@base-1:5432,base-2/siao", ["hub:a%2Cb@base-1:5432/siao", "hub:a%2Cb@base-2/siao"]),
        ("base-1/siao", ["base-1/siao"]),
        ("/siao?host=/run/postgresql", ["/siao?host=/run/postgresql"]),
    ],
)
def test_each_server_of_an_address_has_one_of_its_own(address: str, servers: list[str]):
    database = DatabaseSettings(url=f"postgresql+asyncpg://{address}")
    assert postgres_dsns(database) == [f"postgresql://{each}" for each in servers]


@each_row(
    ("files", "named"),
    [
        ({"ca_file": "/absent.pem"}, "TLS__CA_FILE (/absent.pem)"),
        (
            {"cert_file": "/absent.pem", "key_file": "/absente.pem"},
            "TLS__CERT_FILE (/absent.pem) ou TLS__KEY_FILE (/absente.pem)",
        ),
        ({"cert_file": "/absent.pem"}, "TLS__CERT_FILE (/absent.pem)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_setting_and_what_to_do(
    files: dict[str, str], named: str
):
    tls = Tls(**{name: Path(file) for name, file in files.items()})
    for connect in (
        lambda: kafka_options(KafkaSettings(tls=tls)),
        lambda: postgres_ssl(DatabaseSettings(tls=tls)),
    ):
        with pytest.raises(Misconfigured) as refused:
            connect()
        assert f"{named} illisible" in str(refused.value)
        assert "un fichier PEM que le compte du hub peut lire" in str(refused.value)
