"""Media types and file suffixes: one table, the same on every machine (the operating system's is not)."""

from pathlib import PurePosixPath

OCTETS = "application/octet-stream"

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".txt": "text/plain",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
}

_SUFFIXES = {media_type: suffix for suffix, media_type in MEDIA_TYPES.items()} | {"text/xml": ".xml"}


def media_type_of(filename: str) -> str:
    """The media type that a file's suffix announces; octets where it announces none."""
    return MEDIA_TYPES.get(PurePosixPath(filename).suffix.lower(), OCTETS)


def suffix_of(media_type: str) -> str:
    """The suffix for a media type, parameters apart; `.bin` where the table has none."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence.endswith("+json"):
        return ".json"
    if essence.endswith("+xml"):
        return ".xml"
    return _SUFFIXES.get(essence, ".bin")
