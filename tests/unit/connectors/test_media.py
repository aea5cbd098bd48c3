from connectors.media import MEDIA_TYPES, OCTETS, media_type_of, suffix_of
from tests.rows import each_row


@each_row("suffix", MEDIA_TYPES)
def test_suffix_and_media_type_lead_to_each_other(suffix):
    assert suffix_of(media_type_of(f"fichier{suffix}")) == suffix


def test_case_and_parameters_do_not_matter():
    assert media_type_of("PLACES.CSV") == "text/csv"
    assert suffix_of("Text/CSV; charset=windows-1252") == ".csv"


def test_structured_types_are_known_by_their_syntax():
    assert suffix_of("application/fhir+json") == ".json"
    assert suffix_of("application/soap+xml; charset=utf-8") == ".xml"


def test_what_is_unknown_is_octets():
    assert media_type_of("places.doc") == media_type_of("places") == OCTETS
    assert suffix_of("application/x-inconnu") == ".bin"
