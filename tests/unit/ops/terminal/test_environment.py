"""Settings as the environment says them."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from contracts.errors import Misconfigured
from ops.terminal.environment import settings_of
from router.settings import Settings
from tests.rows import each_row


def test_what_the_environment_does_not_say_has_its_default():
    assert settings_of({"SIAO_HUB_CENTRE_SECRET": "x", "PATH": "/bin"}) == Settings()


def test_a_section_and_its_name_are_joined_at_every_depth():
    said = settings_of(
        {
            "SIAO_HUB_LEASE_S": "3",
            "SIAO_HUB_KAFKA__BOOTSTRAP": "k:9093",
            "SIAO_HUB_KAFKA__TLS__CA_FILE": "/etc/ca.pem",
        }
    )
    assert (said.lease_s, said.kafka.bootstrap, said.kafka.tls.ca_file) == (3, "k:9093", Path("/etc/ca.pem"))
    assert said.kafka.prefix == Settings().kafka.prefix


def test_several_values_are_a_json_list():
    said = settings_of(
        {
            "SIAO_HUB_HTTP__PROXIES": '["10.0.0.0/8"]',
            "SIAO_HUB_ALARMS__EMAIL_TO": '["a@exemple.fr", "b@exemple.fr"]',
        }
    )
    assert said.http.proxies == (IPv4Network("10.0.0.0/8"),)
    assert said.alarms.email_to == ("a@exemple.fr", "b@exemple.fr")


@each_row(
    ("variable", "value", "wants"),
    [
        ("SIAO_HUB_LEASE_S", "dix-s3cret", "nombre attendu"),
        ("SIAO_HUB_KAFKA__EN_CLAIR", "s3cret", "« true » ou « false » attendu"),
        ("SIAO_HUB_HTTP__MAX_HEADERS", "3", "20 au moins"),
        ("SIAO_HUB_LOG_LEVEL", "s3cret", "valeur inconnue, attendu 'debug', 'info', 'warning' ou 'error'"),
        ("SIAO_HUB_ALARMS__EMAIL_TO", "s3cret@exemple.fr", "liste JSON attendue"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_variable_and_not_told(variable: str, value: str, wants: str):
    with pytest.raises(Misconfigured) as refused:
        settings_of({variable: value})
    assert str(refused.value).startswith(f"réglage {variable} : {wants}")
    assert "s3cret" not in str(refused.value)
