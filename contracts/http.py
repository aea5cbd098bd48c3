"""Registry entry of a partner to which the hub delivers by HTTP."""

from typing import Literal

from pydantic import field_validator

from contracts.entry import Delai, EnVol, Lot, RefusDansReponse, Secret, Table, Url, is_readable

CLE = "{cle}"
"""Placeholder for the idempotency key of a delivery, in the URL `question`."""


class SortieHttp(Table):
    """Settings for deliveries by HTTP POST. Each delivery is signed as the specification Standard Webhooks
    says."""

    type: Literal["http"] = "http"
    url: Url
    secret: Secret
    question: Url | None = None
    """URL that tells, by a GET, whether a delivery arrived. `{cle}` in it stands for the idempotency key."""
    en_clair: bool = False
    """Whether the hub may send unencrypted data to another machine."""
    refus: RefusDansReponse | None = None
    """Sign of a refusal, for a partner that answers 2xx even then."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 256
    lot: Lot | None = None

    @property
    def leaves_in_clear(self) -> bool:
        """Return whether deliveries leave this machine unencrypted."""
        return is_readable(self.url) or is_readable(self.question)

    @field_validator("question")
    @classmethod
    def _asks_for_a_key(cls, question: str | None) -> str | None:
        if question is not None and CLE not in question:
            raise ValueError(f"« question » doit contenir {CLE}, à la place de la clé de la livraison")
        return question
