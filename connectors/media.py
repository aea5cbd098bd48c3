"""Find the media type of a file, or the file suffix of a media type, by a table that is the same on all
machines."""

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
    """Return the media type for a file name; `application/octet-stream` for an unknown suffix."""
    return MEDIA_TYPES.get(PurePosixPath(filename).suffix.lower(), OCTETS)


def suffix_of(media_type: str) -> str:
    """Return the file name suffix for a media type, whatever its parameters; `.bin` for an unknown media
    type."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence.endswith("+json"):
        return ".json"
    if essence.endswith("+xml"):
        return ".xml"
    return _SUFFIXES.get(essence, ".bin")
