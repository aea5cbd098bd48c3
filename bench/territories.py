"""Who takes part: territories, each with one SIAO that receives and one shelter that sends."""

from dataclasses import dataclass

from stdnum import luhn

FIRST_FINESS = 1_000_002


@dataclass(frozen=True, slots=True)
class Territory:
    """The partners of one département; their ids, keys and establishments follow from its number."""

    number: int

    @property
    def code(self) -> str:
        """The département."""
        return f"{self.number:02d}"

    @property
    def siao(self) -> str:
        """The partner that is delivered to."""
        return f"siao-{self.code}"

    @property
    def shelter(self) -> str:
        """The partner that sends."""
        return f"centre-{self.code}"

    @property
    def key(self) -> str:
        """The shelter's API key."""
        return f"cle-du-banc-de-mesure-{self.code}"

    @property
    def finess(self) -> str:
        """The shelter's only establishment."""
        start = f"{FIRST_FINESS + self.number - 1:08d}"
        return start + luhn.calc_check_digit(start)


AIN = Territory(1)
"""The only one where a measure needs no more."""
