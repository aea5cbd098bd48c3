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
    """Rule of a text field. `verifie`: function that returns the normal form of a value, and raises ValueError,
    in French, for a wrong value; pydantic then reports an error of the type `code`.

    `motif`, `valeurs`: pattern or codes that the JSON Schema shows; `ancien`: value that is read in place of a
    stored value that is no longer valid (None: such a value is an error).
    """

    code: LiteralString
    verifie: Callable[[str], str]
    motif: str | None = None
    valeurs: tuple[str, ...] = ()
    ancien: str | None = None

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
