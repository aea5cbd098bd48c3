"""SOAP: the names of its envelope, and a partner's service to which the hub delivers."""

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
"""The namespace of each version."""


class MustUnderstand(InvalidNative):
    """An envelope has a header that whoever reads it must understand, and the hub does not (SOAP 1.1, 4.2.3)."""

    code = "entete_soap"


class VersionMismatch(InvalidNative):
    """An envelope of another version than the hub reads (SOAP 1.1, 4.4)."""

    code = "version_inconnue"


def _action(text: str) -> str:
    if not text.isascii() or not text.isprintable() or '"' in text:
        raise ValueError("action invalide, attendu une URI en ASCII, sans guillemets")
    return text


class SortieSoap(Table):
    """Deliveries as the body of a SOAP envelope. The same delivery sent twice has the same `Idempotency-Key`."""

    type: Literal["soap"] = "soap"
    url: Url
    version: Version = "1.1"
    action: Annotated[str, AfterValidator(_action)] = ""
    """What its WSDL says in `soapAction`."""
    utilisateur: str | None = None
    mot_de_passe: Secret | None = None
    certificat: Annotated[str, Field(pattern=r"^/.+")] | None = None
    """A file with the hub's own certificate, its chain and its private key (PEM), for mutual TLS."""
    autorite: str | None = None
    """A file with the certificates that vouch for the service (PEM); without one, those of the system."""
    en_clair: bool = False
    """Not encrypted although it goes to another machine: something else protects the line."""
    refus: RefusDansReponse | None = None
    """For a service that says no in an answer without a fault, as the SNE does with its anomalies."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 16

    @property
    def leaves_in_clear(self) -> bool:
        """Whether what goes out can be read on its way to another machine."""
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
