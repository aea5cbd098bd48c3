"""Registry entry of a partner for the SNE, the national register of demands for social housing. The partner's
certificate entitles the hub to ask which demands have left the register."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from contracts.entry import Delai, Table, Url


class EntreeSne(Table):
    """Settings of the SNE's service `DemandeLogementImplService`. By `getDemandesRadieesDepuisLe`, the hub asks it for
    the demands that have left the register."""

    type: Literal["sne"] = "sne"
    url: Url
    certificat: Annotated[str, Field(pattern=r"^/.+")]
    """File with the partner's certificate, its chain and its private key (PEM). The name of the file is the name under
    which the register knows the certificate."""
    autorite: str | None = None
    """File with the certificates that vouch for the register (PEM); None for the certificates of the system."""
    dialecte: str
    jours: Annotated[int, Field(ge=1, le=300)] = 90
    """Number of past days for whose removals each look asks. A candidacy that is presented later than that after its
    removal is not told of it, and a hub that stands still for longer misses some removals.
    The number is smaller than the year for which the hub recognises a removal that it has already read."""
    delai_s: Delai = 60.0
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 86_400.0

    @field_validator("url")
    @classmethod
    def _is_encrypted(cls, url: str) -> str:
        if urlsplit(url).scheme != "https":
            raise ValueError("le SNE ne parle qu'en https:// : il demande le certificat du partenaire")
        return url
