"""A file that somebody corrects by hand keeps every character, or is not offered as text."""

from adapters.encodage import to_correct
from adapters.registry import TABULAIRES
from contracts.base import Nature, Reference
from contracts.partner import Famille
from contracts.ports import Native
from contracts.v1.place import PlaceVacante
from tests.integration.registry import FINESS, entry
from tests.rows import each_row

TEXT = "Réf. orientation;Suite donnée\nÉté;à l’étude\n"


@each_row(
    ("encoding", "declared"),
    [("utf-8", None), ("cp1252", None), ("utf-8", "utf-8"), ("utf-16", "utf-16"), ("mac_roman", "mac_roman")],
)
def test_a_text_is_offered_as_its_reader_reads_it(encoding: str, declared: str | None) -> None:
    assert to_correct(TEXT.encode(encoding), declared) == TEXT


def test_each_line_of_a_file_joined_from_two_sources_is_read_in_its_own_encoding() -> None:
    first, second = "Réf.\n", "donnée\n"
    assert to_correct(first.encode() + second.encode("cp1252"), None) == first + second


def test_a_character_that_the_sender_had_lost_is_shown_for_somebody_to_put_it_right() -> None:
    assert to_correct("R\ufffdf.\n".encode(), None) == "R\ufffdf.\n"


@each_row(
    ("body", "encoding"),
    [("é\x81\n".encode("latin-1"), None), (b"PK\x03\x04\0\0", None), ("é".encode("cp1252"), "utf-8")],
)
def test_a_body_that_would_lose_a_byte_or_is_no_text_is_not_offered(
    body: bytes, encoding: str | None
) -> None:
    assert to_correct(body, encoding) is None


def test_a_corrected_table_is_read_with_its_accents_right() -> None:
    partner = entry("centre", Famille.HEBERGEMENT, "hebergement_csv", structures=(FINESS,))
    dialect = TABULAIRES["hebergement_csv"]
    sent = "reference_place;etat;structure;commune;dispositif\nÉté-1;libre;010000024;01053;URGENCE\n"
    offered = dialect.texte(sent.encode("cp1252"), partner)
    assert offered == sent
    mended = dialect.octets(offered.replace("libre", "vacante"), partner)
    (line,) = dialect.decode(Native(mended, "text/csv"), partner).lignes
    assert isinstance(line.contrat, PlaceVacante), line.rejets
    assert line.contrat.place == Reference(Nature.PLACE, "Été-1")
