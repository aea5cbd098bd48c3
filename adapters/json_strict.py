"""Read JSON strictly: UTF-8, no duplicate key, no NaN, limited nesting (RFC 8259)."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from contracts.errors import InvalidNative
from contracts.ports import Rejet

WHOLE_BYTES = 128 * 1024
"""Size, in bytes, of the largest message that is parsed at once. A larger one is parsed element by
element."""
MAX_ELEMENTS = 1_000_000
_READ_BYTES = 256 * 1024
_LONGEST_WORD = 12
"""Length of the longest JSON escape sequence. An error that is nearer than this to the end of the window may
come from a sequence that the window cuts."""
_SPACES = re.compile(r"[ \t\n\r]*")
EMPTY = "message vide : envoyez au moins un événement"
EXPECTED = "ni événement, ni liste d'événements : envoyez un objet JSON, ou une liste d'objets"
_TOO_LONG = "un événement de plus de 128 Kio, ou un guillemet jamais fermé : raccourcissez-le"


@dataclass(frozen=True, slots=True)
class CleEnDouble:
    """Value that replaces a JSON object in which a key occurs twice. It lets the hub reject only the row with
    this object, not the whole message."""

    cle: str
    contenu: list[Any] = field(repr=False, compare=False)
    """Keys of the object, then its values, to search for a NIR."""

    def rejet(self, ligne: int, path: str = "", known: Container[str] = ()) -> Rejet:
        """Return the rejection of the row `ligne`, in which a JSON object has the same key twice. `path`: the
        object's path in the row, with a final dot; "" if the row itself is the object. The rejection names the
        key if the key is in `known`, else only the object."""
        champ = path + self.cle if self.cle in known else path.rstrip(".") or None
        return Rejet(
            "cle_en_double", "ce champ figure deux fois dans un même objet : n'en gardez qu'un", ligne, champ
        )


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON text. Raises InvalidNative for a text that is no strict JSON; the error
    gives line and column if they are known."""
    try:
        return _DECODER.decode(_text(body))
    except json.JSONDecodeError as exc:
        raise _malformed(exc.lineno, exc.colno) from None
    except (RecursionError, ValueError) as exc:
        raise _unreadable(exc) from None


def elements(body: bytes) -> Iterator[Any]:
    """Yield the elements of a long JSON array, in constant memory. Raises InvalidNative for malformed JSON,
    JSON that is no array, an element beyond 128 KiB, or too many elements."""
    window = _Window(body)
    if (first := window.take()) != "[":
        raise InvalidNative(f"{_TOO_LONG}, ou envoyez une liste d'événements" if first == "{" else EXPECTED)
    if window.peek() == "]":
        window.take()
    else:
        for number in range(MAX_ELEMENTS + 1):
            if number == MAX_ELEMENTS:
                raise InvalidNative(f"plus de {MAX_ELEMENTS} événements : découpez le message")
            yield window.element()
            if (mark := window.take()) == "]":
                break
            if mark != ",":
                raise window.malformed()
    if window.peek():
        raise window.malformed()


class _Window:
    """Part of a long JSON message: the text that is in memory now, and the reading position in it."""

    def __init__(self, body: bytes) -> None:
        if body.isspace():
            raise InvalidNative(EMPTY)
        self._body = body.removeprefix(codecs.BOM_UTF8)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._read = self._at = 0
        self._text = ""
        self._line, self._column = 1, 1

    def peek(self) -> str:
        """Skip white space, and return the next character without consuming it. Return "" at the end of the
        message."""
        while True:
            self._fill()
            self._at += len(_SPACES.match(self._text, self._at)[0])  # type: ignore[index]  # always matches
            if self._at < len(self._text) or self._read >= len(self._body):
                return self._text[self._at : self._at + 1]

    def take(self) -> str:
        """Skip white space, then consume and return the next character. Return "" at the end of the
        message."""
        taken = self.peek()
        self._at += len(taken)
        return taken

    def element(self) -> Any:
        """Consume and return the next JSON value. Raises InvalidNative if the value is malformed or too
        long."""
        self.peek()
        self._fill()
        try:
            value, end = _DECODER.raw_decode(self._text, self._at)
        except json.JSONDecodeError as exc:
            cut = len(self._text) - exc.pos < _LONGEST_WORD or exc.msg.startswith("Unterminated")
            if cut and self._read < len(self._body):
                raise self._too_long() from None
            raise self.malformed(exc.pos) from None
        except (RecursionError, ValueError) as exc:
            raise _unreadable(exc) from None
        if end - self._at > WHOLE_BYTES:
            raise self._too_long()
        self._at = end
        return value

    def malformed(self, at: int | None = None) -> InvalidNative:
        """Return the error for malformed JSON at the index `at` of the window. If `at` is None, the error is
        at the last consumed character."""
        return _malformed(*self._place(self._at - 1 if at is None else at))

    def _too_long(self) -> InvalidNative:
        return InvalidNative(f"JSON (ligne {self._place(self._at)[0]}) : {_TOO_LONG}")

    def _place(self, at: int) -> tuple[int, int]:
        lines = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) if lines else self._column + at
        return self._line + lines, column

    def _fill(self) -> None:
        if len(self._text) - self._at > WHOLE_BYTES or self._read >= len(self._body):
            return
        self._line, self._column = self._place(self._at)
        chunk = self._body[self._read : self._read + _READ_BYTES]
        self._read += len(chunk)
        try:
            text = self._decoder.decode(chunk, self._read >= len(self._body))
        except UnicodeDecodeError as exc:
            ahead = self._text.count("\n", self._at) + exc.object.count(b"\n", 0, exc.start)
            raise _not_utf8(self._line + ahead) from None
        self._text, self._at = self._text[self._at :] + text, 0


def _malformed(line: int, column: int) -> InvalidNative:
    place = f"ligne {line}, colonne {column}"
    return InvalidNative(f"JSON mal formé ({place}) : vérifiez virgules, guillemets et accolades")


def _not_utf8(line: int) -> InvalidNative:
    return InvalidNative(f"JSON illisible (ligne {line}) : écrivez-le en UTF-8")


def _unreadable(exc: Exception) -> InvalidNative:
    if isinstance(exc, RecursionError):
        return InvalidNative("JSON imbriqué trop profondément : ne dépassez pas 100 niveaux")
    return InvalidNative("JSON : un nombre a trop de chiffres, raccourcissez-le")


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _not_utf8(body.count(b"\n", 0, exc.start) + 1) from None
    if not text or text.isspace():
        raise InvalidNative(EMPTY)
    return text


def _object(pairs: list[tuple[str, Any]]) -> Any:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    (most, _), *_ = Counter(key for key, _ in pairs).most_common(1)
    return CleEnDouble(most, [each for side in zip(*pairs, strict=True) for each in side])


def _constant(name: str) -> Any:
    raise InvalidNative(f"JSON : {name} n'est pas un nombre ; omettez le champ ou écrivez null")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
