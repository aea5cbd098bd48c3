"""The partners of a measure: territories, each with one SIAO that receives and one shelter that sends."""

from dataclasses import dataclass

from stdnum import luhn

from contracts.reference.territoires import departements

FIRST_FINESS = 1_000_002
CODES = tuple(departements())
"""The départements, in the order of their codes."""


@dataclass(frozen=True, slots=True)
class Territory:
    """The partners of one département. Their ids, keys and establishments follow from its number."""

    number: int

    @property
    def code(self) -> str:
        """Return the code of the département."""
        return CODES[self.number - 1]

    @property
    def siao(self) -> str:
        """Return the id of the partner that gets deliveries."""
        return f"siao-{self.code.lower()}"

    @property
    def shelter(self) -> str:
        """Return the id of the partner that sends."""
        return f"centre-{self.code.lower()}"

    @property
    def key(self) -> str:
        """Return the shelter's API key."""
        return f"cle-du-banc-de-mesure-{self.code}"

    @property
    def siao_key(self) -> str:
        """Return the SIAO's API key."""
        return f"cle-du-siao-du-banc-{self.code}"

    @property
    def finess(self) -> str:
        """Return the shelter's only establishment."""
        start = f"{FIRST_FINESS + self.number - 1:08d}"
        return start + luhn.calc_check_digit(start)


FRANCE = tuple(Territory(number) for number in range(1, len(CODES) + 1))
AIN = Territory(1)
"""The only territory of a measure that needs no more."""
