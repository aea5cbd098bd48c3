"""Part of a registry entry: how the hub asks the SNE (the national register of demands for social housing)
which demands were removed. It asks with the partner's certificate."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from contracts.entry import Delai, Table, Url


class EntreeSne(Table):
    """Settings for asking the SNE which demands were removed from the register."""

    type: Literal["sne"] = "sne"
    url: Url
    certificat: Annotated[str, Field(pattern=r"^/.+")]
    """PEM file with the partner's certificate, its chain and its private key. The SNE knows the certificate by
    the file's name."""
    autorite: str | None = None
    """PEM file with the certificate authorities to trust; None for the operating system's."""
    dialecte: str
    jours: Annotated[int, Field(ge=1, le=300)] = 90
    """Number of past days about which the hub asks each time. It misses any removal that is older when it
    asks. The number stays below a year, because after a year the hub would process the same removal again."""
    delai_s: Delai = 60.0
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 86_400.0

    @field_validator("url")
    @classmethod
    def _is_encrypted(cls, url: str) -> str:
        if urlsplit(url).scheme != "https":
            raise ValueError("le SNE ne parle qu'en https:// : il demande le certificat du partenaire")
        return url
