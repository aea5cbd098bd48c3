"""SOAP: the versions of its envelope, errors in reading an envelope, and the part of a registry entry that
says how the hub delivers to the partner's SOAP service."""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from contracts.entry import Delai, EnVol, RefusDansReponse, Secret, Table, Url, is_readable
from contracts.errors import InvalidNative

Version = Literal["1.1", "1.2"]
ENVELOPES: Mapping[Version, str] = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
"""Namespace of the SOAP envelope, by version."""


class MustUnderstand(InvalidNative):
    """Raised for a mandatory header of an envelope that the hub does not understand (SOAP 1.1, 4.2.3)."""

    code = "entete_soap"


class VersionMismatch(InvalidNative):
    """Raised for an envelope in a version of SOAP that the hub does not read. SOAP 1.1 (section 4.4) gives this
    error its name."""

    code = "version_inconnue"


def _action(text: str) -> str:
    if not text.isascii() or not text.isprintable() or '"' in text:
        raise ValueError("action invalide, attendu une URI en ASCII, sans guillemets")
    return text


class SortieSoap(Table):
    """Settings for deliveries in a SOAP envelope. A delivery that is sent a second time has the same
    `Idempotency-Key` as before."""

    type: Literal["soap"] = "soap"
    url: Url
    version: Version = "1.1"
    action: Annotated[str, AfterValidator(_action)] = ""
    """SOAP action of the operation, as in the service's own description (`soapAction` in its WSDL)."""
    utilisateur: str | None = None
    mot_de_passe: Secret | None = None
    certificat: Annotated[str, Field(pattern=r"^/.+")] | None = None
    """PEM file with the hub's certificate, its chain and its private key, for mutual TLS."""
    autorite: str | None = None
    """PEM file with the certificate authorities to trust; None for the operating system's."""
    en_clair: bool = False
    """Whether the hub may send unencrypted data to another machine."""
    refus: RefusDansReponse | None = None
    """Rule for recognising a refusal in a response without a SOAP fault. The SNE (the national register of
    demands for social housing), for example, lists « anomalies » in such a response."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 16

    @property
    def leaves_in_clear(self) -> bool:
        """Return whether deliveries leave this machine unencrypted."""
        return is_readable(self.url)

    @model_validator(mode="after")
    def _is_coherent(self) -> "SortieSoap":
        if (self.utilisateur is None) != (self.mot_de_passe is None):
            raise ValueError("« utilisateur » et « mot_de_passe » vont ensemble")
        if ":" in (self.utilisateur or ""):
            raise ValueError("« utilisateur » ne peut contenir « : » (HTTP Basic)")
        if urlsplit(self.url).scheme != "https" and (self.certificat or self.autorite):
            raise ValueError("« certificat » et « autorite » exigent une URL en https://")
        return self
