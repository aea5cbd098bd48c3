"""JSON as the hub accepts it: UTF-8, no duplicate key, no NaN, no bottomless nesting (RFC 8259)."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.errors import InvalidNative
from contracts.ports import Rejet

WHOLE_BYTES = 128 * 1024
"""A longer message is read element by element: a tree takes up to thirty times its bytes."""
MAX_ELEMENTS = 1_000_000
_READ_BYTES = 256 * 1024
_LONGEST_WORD = 12
"""`\\ud83d\\ude00`: what may be cut at the end of what was read."""
_SPACES = re.compile(r"[ \t\n\r]*")
EMPTY = "message vide : envoyez au moins un événement"
EXPECTED = "ni événement, ni liste d'événements : envoyez un objet JSON, ou une liste d'objets"
_TOO_LONG = "un événement de plus de 128 Kio, ou un guillemet jamais fermé : raccourcissez-le"


@dataclass(frozen=True, slots=True)
class CleEnDouble:
    """Stands where an object had the same key twice: only the row that holds it is rejected."""

    cle: str

    def rejet(self, ligne: int, path: str = "", known: Container[str] = ()) -> Rejet:
        """The rejection of the row; the key is named where the dialect knows it, for any other may be a person."""
        champ = path + self.cle if self.cle in known else path.rstrip(".") or None
        return Rejet(
            "cle_en_double", "ce champ figure deux fois dans un même objet : n'en gardez qu'un", ligne, champ
        )


def parse_json(body: bytes) -> Any:
    """The JSON value. Raises InvalidNative, with line and column where there is one."""
    try:
        return _DECODER.decode(_text(body))
    except json.JSONDecodeError as exc:
        raise _malformed(exc.lineno, exc.colno) from None
    except (RecursionError, ValueError) as exc:
        raise _unreadable(exc) from None


def elements(body: bytes) -> Iterator[Any]:
    """The elements of a long array, one at a time, in constant memory. Raises InvalidNative where it comes to what is
    wrong."""
    window = _Window(body)
    if (first := window.take()) != "[":
        raise InvalidNative(f"{_TOO_LONG}, ou envoyez une liste d'événements" if first == "{" else EXPECTED)
    if window.next() == "]":
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
    if window.next():
        raise window.malformed()


class _Window:
    """A stretch of a long message as text, and where reading stands in it."""

    def __init__(self, body: bytes) -> None:
        if body.isspace():
            raise InvalidNative(EMPTY)
        self._body = body.removeprefix(codecs.BOM_UTF8)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._read = self._at = 0
        self._text = ""
        self._line, self._column = 1, 1

    def next(self) -> str:
        """The character that comes next, after spaces; none at the end."""
        while True:
            self._fill()
            self._at += len(_SPACES.match(self._text, self._at)[0])  # type: ignore[index]  # always matches
            if self._at < len(self._text) or self._read >= len(self._body):
                return self._text[self._at : self._at + 1]

    def take(self) -> str:
        """The character that comes next; it is behind us then."""
        taken = self.next()
        self._at += len(taken)
        return taken

    def element(self) -> Any:
        """The value that comes next."""
        self.next()
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
        """What is wrong here, or further on in the stretch."""
        return _malformed(*self._place(self._at - 1 if at is None else at))

    def _too_long(self) -> InvalidNative:
        return InvalidNative(f"JSON (ligne {self._place(self._at)[0]}) : {_TOO_LONG}")

    def _place(self, at: int) -> tuple[int, int]:
        """Line and column of a place in the stretch."""
        lines = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) if lines else self._column + at
        return self._line + lines, column

    def _fill(self) -> None:
        """See to it that the longest element fits into what is ahead."""
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
    return CleEnDouble(most)


def _constant(name: str) -> Any:
    raise InvalidNative(f"JSON : {name} n'est pas un nombre ; omettez le champ ou écrivez null")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
