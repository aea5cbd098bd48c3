"""Annotation that makes a string field obey a rule of the domain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import CoreSchema, ValidationInfo, with_info_after_validator_function

RELU = object()
"""Validation context for stored values: those no longer valid become `Regle.ancien`."""


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
    """Value read in place of a stored value that is no longer valid; None: such a value is an error."""

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
