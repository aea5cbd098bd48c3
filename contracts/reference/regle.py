"""Annotations for fields of contracts: a text field must obey a rule of the domain; a number must not exceed
a largest value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import CoreSchema, ValidationInfo, with_info_after_validator_function

RELU = object()
"""Validation context for reading stored values. Values that are no longer valid are read as `Regle.ancien`
and `Plafond` say."""


@dataclass(frozen=True, slots=True)
class Regle:
    """Rule of a text field. A wrong value gives a pydantic error of the type `code`."""

    code: LiteralString
    verifie: Callable[[str], str]
    """Function that returns the normal form of a value, or raises ValueError, in French, for a wrong one."""
    motif: str | None = None
    """Pattern that the JSON Schema shows."""
    valeurs: tuple[str, ...] = ()
    """Codes that the JSON Schema shows."""
    ancien: str | None = None
    """Value that is read in place of a stored value that is no longer valid. If it is None, such a stored
    value is an error."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return with_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        shown = handler(schema)
        if self.motif is not None:
            shown["pattern"] = self.motif
        if self.valeurs:
            shown["enum"] = list(self.valeurs)
        return shown

    def _check(self, text: str, info: ValidationInfo) -> str:
        try:
            return self.verifie(text)
        except ValueError as exc:
            if self.ancien is not None and info.context is RELU:
                return self.ancien
            raise PydanticCustomError(self.code, "{message}", {"message": str(exc)}) from exc


@dataclass(frozen=True, slots=True)
class Plafond:
    """Largest value that a sender may give in a field for a number. A stored value may be larger, and can
    still be read."""

    le: int
    coupe: bool = False
    """Whether a larger stored value is cut down to the largest; if not, it is read as it is."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return with_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "maximum": self.le}

    def _check(self, number: int, info: ValidationInfo) -> int:
        if number > self.le and info.context is not RELU:
            raise PydanticKnownError("less_than_equal", {"le": self.le})
        return min(number, self.le) if self.coupe else number
