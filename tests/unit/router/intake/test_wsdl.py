"""The WSDL that the hub serves."""

from lxml import etree

from router.intake.wsdl import wsdl_at

ADDRESS = "{http://schemas.xmlsoap.org/wsdl/soap/}address"


def test_it_names_the_address_at_which_it_is_asked_for_whatever_a_stranger_says_that_it_is() -> None:
    for host in ("hub.exemple.fr", '"><!DOCTYPE a><a b="', "[", ""):
        (address,) = etree.fromstring(wsdl_at("https", host, "/v1/soap").encode()).iter(ADDRESS)
        assert address.get("location") == f"https://{host}/v1/soap"
