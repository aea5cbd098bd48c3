"""Repair texts of partners in a wrong encoding: UTF-8 that was read as CP1252, CP1252 in place of UTF-8, lost
characters."""

from adapters.rejets import Illisible

LOST = "\ufffd"
MOJIBAKE = ("Ã", "Â", "â€")
"""Characters that appear in a text if it was UTF-8 and a program read it as CP1252."""

_SPACES = str.maketrans({"\xa0": " ", "\u202f": " ", "\t": " ", "\r": " ", "\n": " ", "\u2028": " "})
_NO_DECOMPOSITION = str.maketrans("łŁđĐøØıħĦŧŦ", "lLdDoOihHtT")


def decode_line(raw: bytes) -> str:
    """Decode one line as UTF-8 or, if it is not UTF-8, as CP1252. A byte that is invalid in both becomes
    U+FFFD."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def to_correct(body: bytes, encoding: str | None) -> str | None:
    """Return a body as text, for a person to correct. Return None if the body cannot be decoded, or is no
    text. If `encoding` is None, each line is decoded as UTF-8 or, if it is not UTF-8, as CP1252."""
    try:
        text = (
            body.decode(encoding) if encoding else "".join(map(decode_line, body.splitlines(keepends=True)))
        )
    except UnicodeError:
        return None
    lost = text.count(LOST) > body.count(LOST.encode())  # characters that the sender had lost do not count
    return None if lost or "\0" in text else text


def repair(text: str) -> str:
    """Return a text with its accents repaired, if it was UTF-8 and a program read it as CP1252
    ("RÃ©sidence"). Return any other text unchanged."""
    if not any(mark in text for mark in MOJIBAKE):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def clean(text: str) -> str:
    """Return a text in one line, trimmed, with repaired accents. Raises Illisible for a control character.
    Raises it too for U+FFFD, which shows that the sender's software has lost a character."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = repair(text)
    if not text.isprintable():
        text = text.translate(_SPACES)
    text = text.strip()
    if LOST in text:
        raise Illisible(
            "caracteres_perdus", "des caractères ont été perdus : vérifiez l'encodage à l'export et renvoyez"
        )
    if not text.isprintable():
        raise Illisible("caracteres_illisibles", "caractères de contrôle interdits : retirez-les")
    return text


def encodable(text: str, encoding: str) -> str:
    """Return a text without the characters that `encoding` lacks. Each such character becomes the same letter
    with fewer accents, or with none. If `encoding` lacks this letter too, it becomes "?"."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_plain(character, encoding) for character in text)
    return text


def _plain(character: str, encoding: str) -> str:
    for candidate in (character, *_decomposed(character)):
        if candidate and candidate.encode(encoding, "ignore"):
            return candidate
    return "?"


def _decomposed(character: str) -> tuple[str, ...]:
    """Return a letter, then the letter with its accents removed one by one: "ễ", "ê", "e"."""
    from unicodedata import normalize

    marks = normalize("NFD", character.translate(_NO_DECOMPOSITION))
    return tuple(normalize("NFC", marks[:length]) for length in range(len(marks), 0, -1))
