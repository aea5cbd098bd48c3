"""Registry entry of a partner for the SNE, the national register of demands for social housing."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from contracts.entry import Delai, Table, Url


class EntreeSne(Table):
    """Settings of the SNE's service, by which the hub learns which demands have left the register."""

    type: Literal["sne"] = "sne"
    url: Url
    certificat: Annotated[str, Field(pattern=r"^/.+")]
    """File with the partner's certificate, its chain and its private key (PEM). Its name is the certificate's
    name at the register."""
    autorite: str | None = None
    """PEM file with the certificates of the authorities to trust for the register; None for those of the
    system."""
    dialecte: str
    jours: Annotated[int, Field(ge=1, le=300)] = 90
    """Number of past days about which the hub asks the SNE each time. Earlier removals are missed. The hub
    recognises a removal for one year, so that the number must be smaller."""
    delai_s: Delai = 60.0
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 86_400.0

    @field_validator("url")
    @classmethod
    def _is_encrypted(cls, url: str) -> str:
        if urlsplit(url).scheme != "https":
            raise ValueError("le SNE ne parle qu'en https:// : il demande le certificat du partenaire")
        return url
