"""Part of a registry entry: how the hub delivers to the partner by HTTP."""

from typing import Literal

from pydantic import field_validator

from contracts.entry import Delai, EnVol, Lot, RefusDansReponse, Secret, Table, Url, is_readable

CLE = "{cle}"
"""Placeholder in the URL `SortieHttp.question`. It stands for the idempotency key of the delivery that is
asked about."""


class SortieHttp(Table):
    """Settings for deliveries by HTTP POST. Each delivery is signed by the rules of Standard Webhooks, a
    specification for signed HTTP messages."""

    type: Literal["http"] = "http"
    url: Url
    secret: Secret
    question: Url | None = None
    """URL from which the hub learns, by a GET, whether a delivery has arrived. `{cle}` in the URL stands for
    the delivery's idempotency key."""
    en_clair: bool = False
    """Whether the hub may send unencrypted data to another machine."""
    refus: RefusDansReponse | None = None
    """Rule for recognising a refusal, if the partner answers 2xx even when it refuses."""
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
