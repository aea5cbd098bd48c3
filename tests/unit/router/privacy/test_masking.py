"""What is shown of bytes to whoever mends them: their shape, and nothing that they say."""

import re

import pytest

from router.privacy.masking import masked
from tests.golden import cas
from tests.rows import each_row

SECRETS = ("Fictif", "Camille", "0100", "1980")


@each_row(
    "body",
    [
        b'{"nom": "Fictif", "prenoms": ["Camille"], "tel": 100, "ne": {"en": "1980"}}',
        b'{"nom": "Fictif", "prenoms": ["Camille',
        b'{"menage": {"Camille_Fictif-0100": {"1980": 1}, "Fictif": [{"Camille": null}]}}',
        b"<menage><Camille.Fictif-0100 ne1980='1'/><x:Fictif xmlns:Camille='u'/></menage>",
        b"<menage Camille Fictif",
        b"<?Camille Fictif?><nom/>",
        b"<nom a='>'Fictif>Camille</nom>",
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
    assert masked(b"<nom code='M'>Fictif</nom>") == "<nom code='x'>xxxxxx</nom>"
    assert masked(b'{"Ana": 1, "Zoe": "deux"}') == masked(b'{"Leo": 1, "Max": "deux"}')
    assert masked(b'{"Ana": 1, "Zoe": true}').count("xxx") == 2
    assert masked(b"a;bc\r\nd;") == "x;xx\r\nx;"


@pytest.mark.parametrize("begun", [b"<!--", b"<![CDATA["])
def test_what_nobody_closes_is_crossed_out_to_the_end(begun: bytes) -> None:
    assert "nom" not in masked(b"<menage/>" + begun + b"<nom>" + begun + b"<nom/>")


OF_A_REGISTER = {"si_siao_json", "si_siao_fiches", "sne_xml"}
"""Dialects that leave alone most of what a national register writes."""
PASSED_OVER = {"logiciel", "total", "valueDate", "versionId"}
"""Fields of the golden messages that stand where a dialect leaves alone what it does not know."""


def is_taken(case: cas.Cas) -> bool:
    lignes = cas.expected(case).get("lignes", ())
    return (
        case.dialecte not in OF_A_REGISTER
        and bool(lignes)
        and not any(ligne.get("rejets") for ligne in lignes)
    )


@each_row("case", [case for case in cas.a_decoder() if is_taken(case)])
def test_every_name_that_a_dialect_reads_stays(case: cas.Cas) -> None:
    body, pattern = case.entree.read_bytes(), {".json": rb'"(\w+)"\s*:', ".xml": rb"</(\w+)>"}
    shown = masked(body)
    names = {name.decode() for name in re.findall(pattern.get(case.entree.suffix, rb"$^"), body)}
    assert {name for name in names if name not in shown} <= PASSED_OVER
