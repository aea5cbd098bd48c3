"""JSON as the hub accepts it: UTF-8, no duplicate key, no NaN, no bottomless nesting (RFC 8259)."""

import json
from typing import Any

from contracts.errors import InvalidNative


class CleEnDouble:
    """Stands where an object had the same key twice: only the row that holds it is rejected."""


def parse_json(body: bytes) -> Any:
    """The JSON value. Raises InvalidNative, with line and column where there is one."""
    try:
        return _DECODER.decode(_text(body))
    except json.JSONDecodeError as exc:
        place = f"ligne {exc.lineno}, colonne {exc.colno}"
        raise InvalidNative(
            f"JSON mal formé ({place}) : vérifiez virgules, guillemets et accolades"
        ) from None
    except RecursionError:
        raise InvalidNative("JSON imbriqué trop profondément : 100 niveaux suffisent largement") from None
    except ValueError:
        raise InvalidNative("JSON : un nombre a trop de chiffres") from None


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        ligne = body.count(b"\n", 0, exc.start) + 1
        raise InvalidNative(f"JSON illisible (ligne {ligne}) : un message JSON s'écrit en UTF-8") from None
    if not text or text.isspace():
        raise InvalidNative("message vide")
    return text


def _object(pairs: list[tuple[str, Any]]) -> Any:
    result = dict(pairs)
    return result if len(result) == len(pairs) else CleEnDouble()


def _constant(name: str) -> Any:
    raise InvalidNative(f"JSON : {name} n'est pas un nombre ; omettez le champ ou écrivez null")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
