"""The hardened XML parser."""

import pytest

from adapters.xml import parse_xml, schema
from contracts.errors import InvalidNative
from contracts.xml import MAX_ATTRIBUTES
from tests.rows import each_row

BOMB = b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 1000 + b'">]><a>' + b"&x;" * 1000 + b"</a>"


@each_row(
    "body",
    [
        BOMB,
        b"<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'http://exemple.invalid/a.dtd'><a/>",
        "<!DOCTYPE a><a/>".encode("utf-16"),
        b"<!-- --><!DOCTYPE a><a/>",
    ],
)
def test_a_doctype_is_refused_before_it_is_read(body):
    with pytest.raises(InvalidNative, match="DOCTYPE"):
        parse_xml(body)


@each_row(
    "body",
    [
        "<!DOCTYPE a><a/>".encode("utf-16-le"),
        "<!DOCTYPE a><a/>".encode("utf-32"),
        "<?xml version='1.0'?><!DOCTYPE a><a/>".encode("cp037"),
        b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a+AD4-<a/>",
    ],
)
def test_no_encoding_hides_a_doctype(body):
    with pytest.raises(InvalidNative):
        parse_xml(body)


def test_the_line_of_a_fault_is_told():
    with pytest.raises(InvalidNative, match="ligne 3"):
        parse_xml(b"<a>\n<b>\n</c>\n</a>")


def test_a_fault_is_told_without_the_text_around_it():
    with pytest.raises(InvalidNative) as refused:
        parse_xml(b"<a><secret></autre></a>")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_comments_and_processing_instructions_are_gone():
    assert len(parse_xml(b"<a><!-- x --><?y z?><b/></a>")) == 1


@each_row(
    "hidden",
    [
        '<a xmlns:z="urn:NIR"/>',
        "<a><b xmlns='urn:NIR'/></a>",
        '<a><b xmlns:nNIR="urn:z"/></a>',
        "<a><nNIR/></a>",
        '<a><b nNIR=""/></a>',
        "<a><!-- NIR --></a>",
        "<a/><?suivi NIR?>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_social_security_number_is_refused_in_whatever_of_a_document_is_no_value(hidden, encoding):
    with pytest.raises(InvalidNative, match="sécurité sociale"):
        parse_xml(hidden.replace("NIR", "185057800608491").encode(encoding))


def test_only_schemas_of_the_package_are_read():
    assert schema("bailleur") is schema("bailleur")
    with pytest.raises(FileNotFoundError):
        schema("inconnu")


def test_a_tag_with_more_attributes_than_any_format_has_is_refused_with_its_line():
    names = [f"a{n}" for n in range(MAX_ATTRIBUTES + 1)]
    crowded = "\n".join(f"{name} = '>'" for name in names)
    with pytest.raises(InvalidNative, match=r"64 attributs sur une balise \(ligne 2\)"):
        parse_xml(f"<b>\n<a {crowded}/></b>".encode())
    fitting = " ".join(f'{name}="="' for name in names[1:])
    assert len(parse_xml(f"<a {fitting}/>".encode()).attrib) == MAX_ATTRIBUTES


def test_equals_signs_in_a_text_are_no_attributes():
    assert parse_xml(b"<a>" + b" x = 'y' " * 200 + b"</a>").tag == "a"


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="UTF-16"?>'])
def test_a_document_in_utf_16_is_read_with_blanks_before_it_and_without_its_declaration(declaration):
    assert parse_xml(f" \n{declaration}\n<a>é</a>".encode("utf-16")).text == "é"
