"""Whose address it is, as far as one sender may be told from another."""

from connectors.addresses import UNKNOWN, sender_of
from tests.rows import each_row


@each_row(
    ("host", "sender"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", UNKNOWN),
        ("Mme DUPONT", UNKNOWN),
        ("192.0.2.7, 198.51.100.1", UNKNOWN),
    ],
)
def test_an_address_is_one_sender_and_what_is_none_is_never_quoted(host: str, sender: str):
    assert sender_of(host) == sender
