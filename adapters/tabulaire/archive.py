"""Check the zip archive of a workbook before it is unpacked.

No entry is unpacked beyond the size that the archive's directory states for it. An entry that is not XML
(pictures, macros, nested archives) is not unpacked at all.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from contracts.errors import InvalidNative

MAGIC = b"PK\x03\x04"
MIB = 1024 * 1024
MAX_ENTRIES = 500
MAX_TOTAL_BYTES = 160 * MIB
FREE_BYTES = MIB // 4
"""Unpacked bytes allowed for any workbook."""
MAX_RATIO = 60
"""Further unpacked bytes allowed for each byte of the file. Real workbooks have 5 to 50."""

_CENTRAL = b"PK\x01\x02"
_ENCRYPTED = 0x1
_XML = (".xml", ".rels")
_BROKEN = (BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, LookupError, RuntimeError)
"""Errors that zipfile raises for bytes that are no zip file, or a broken one."""
_UNREADABLE = "classeur illisible : ouvrez-le dans votre tableur, enregistrez-le de nouveau et renvoyez-le"


def xml_parts(body: bytes) -> Mapping[str, bytes]:
    """Return the XML parts of a workbook, by name. Raises InvalidNative for an archive that is broken or too
    large."""
    if body.count(_CENTRAL) > MAX_ENTRIES:
        raise InvalidNative(f"classeur de plus de {MAX_ENTRIES} éléments : ne gardez que les feuilles utiles")
    try:
        with ZipFile(BytesIO(body)) as archive:
            entries = archive.infolist()
            _judge(entries, len(body))
            return {e.filename: _inflated(archive, e) for e in entries if e.filename.lower().endswith(_XML)}
    except _BROKEN:
        raise unreadable() from None


def stored(parts: Mapping[str, bytes]) -> bytes:
    """Return an uncompressed zip file with only these parts, so that the library that reads the workbook sees
    no part that was not checked."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), content)
    return buffer.getvalue()


def unreadable() -> InvalidNative:
    """Return the error for a workbook that cannot be read."""
    return InvalidNative(_UNREADABLE)


def protected() -> InvalidNative:
    """Return the error for a workbook with a password."""
    return InvalidNative(
        "classeur protégé par un mot de passe : ôtez-le (dans Excel : Fichier, Informations, Protéger le classeur), "
        "enregistrez et renvoyez le classeur"
    )


def _judge(entries: Sequence[ZipInfo], file_bytes: int) -> None:
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        raise unreadable()
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise protected()
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise unreadable()
    if sum(entry.file_size for entry in entries) > min(MAX_TOTAL_BYTES, FREE_BYTES + MAX_RATIO * file_bytes):
        raise InvalidNative(
            "classeur trop grand une fois décompressé : découpez-le, ou enregistrez-le au format CSV"
        )


def _inflated(archive: ZipFile, entry: ZipInfo) -> bytes:
    content = archive.read(entry)
    if len(content) != entry.file_size:
        raise unreadable()
    return content
