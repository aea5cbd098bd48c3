"""The partners of a benchmark: territories, each with a SIAO that receives and a shelter that sends."""

from dataclasses import dataclass

from stdnum import luhn

from contracts.reference.territoires import departements

FIRST_FINESS = 1_000_002
CODES = tuple(departements())
"""Codes of the départements, in order."""


@dataclass(frozen=True, slots=True)
class Territory:
    """The partners of one département. Its number determines their ids, keys and establishments."""

    number: int

    @property
    def code(self) -> str:
        """The code of the département."""
        return CODES[self.number - 1]

    @property
    def siao(self) -> str:
        """The id of the SIAO."""
        return f"siao-{self.code.lower()}"

    @property
    def shelter(self) -> str:
        """The id of the shelter."""
        return f"centre-{self.code.lower()}"

    @property
    def key(self) -> str:
        """The shelter's API key."""
        return f"cle-du-banc-de-mesure-{self.code}"

    @property
    def siao_key(self) -> str:
        """The SIAO's API key."""
        return f"cle-du-siao-du-banc-{self.code}"

    @property
    def finess(self) -> str:
        """The FINESS number of the shelter's only establishment."""
        start = f"{FIRST_FINESS + self.number - 1:08d}"
        return start + luhn.calc_check_digit(start)


FRANCE = tuple(Territory(number) for number in range(1, len(CODES) + 1))
AIN = Territory(1)
"""The territory of benchmarks that need only one."""
