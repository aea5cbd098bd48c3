"""What is shown of bytes to whoever mends them: their shape, and nothing that they say."""

import pytest

from router.privacy.masking import masked

SECRETS = ("Fictif", "Camille", "0100", "1980")


@pytest.mark.parametrize(
    "body",
    [
        b'{"nom": "Fictif", "prenoms": ["Camille"], "tel": 100, "ne": {"en": "1980"}}',
        b'{"nom": "Fictif", "prenoms": ["Camille',
        b"<menage ne='1980' tel=\"0100\"><nom>Fictif</nom><!-- Camille --></menage>",
        b"<menage><![CDATA[Fictif > Camille]]></menage>",
        b"<nom>Fictif",
        b"nom;prenom;tel\r\nFictif;Camille;0100\r\n",
        "Fictif;Camille".encode("utf-16"),
        b"\xff\xfe\x00Fictif",
    ],
)
def test_no_value_is_left(body: bytes) -> None:
    assert not any(secret in masked(body) for secret in SECRETS)


def test_the_words_of_the_dialect_and_the_shape_stay() -> None:
    assert '"nom"' in masked(b'{"nom": "Fictif", "vide": null}')
    assert "null" in masked(b'{"nom": "Fictif", "vide": null}')
    assert masked(b"<nom genre='M'>Fictif</nom>") == "<nom genre='x'>xxxxxx</nom>"
    assert masked(b"a;bc\r\nd;") == "x;xx\r\nx;"
