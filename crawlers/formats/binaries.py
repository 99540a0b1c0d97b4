"""What is no table though it may look like one to a reader of text: told by its first bytes, refused with its name."""

from __future__ import annotations

_STARTS = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"%PDF-": "a PDF document",
    b"%!PS": "a PostScript document",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Office document of the old kind",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"PK\x05\x06": "an empty zip archive",
    b"!<arch>\n": "an ar archive",
    b"\xfd7zXZ\0": "packed with xz, which neither Glue nor Spark unpacks",
    b"\x1f\x9d": "packed with compress, which neither Glue nor Spark unpacks",
    b"\x7fELF": "a program",
    b"\xca\xfe\xba\xbe": "a Java class",
    b"SQLite format 3\0": "an SQLite database",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"ARROW1\0\0": "an Arrow file, which neither Hive nor Spark reads as a table",
    b"\x80\x04\x95": "a Python pickle",
    b"Obj\x02": "an Avro file of an unknown version",
    b"PARE": "Parquet with an encrypted footer",
}
_BY_FIRST = {start[:1]: [each for each in _STARTS.items() if each[0][:1] == start[:1]] for start in _STARTS}
_TAR_AT = 257


def refusal(data: bytes) -> str | None:
    """Why a file that begins with `data` is no table; None if that is not known from its first bytes."""
    for start, what in _BY_FIRST.get(data[:1], ()):
        if data.startswith(start):
            return f"it is {what}"
    if data[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return "it is a tar archive"
    if data.startswith(b"RIFF") and data[8:12] in (b"WEBP", b"AVI ", b"WAVE"):
        return "it is an image, a film or a sound"
    return "it is an image, a film or a sound" if data[4:8] == b"ftyp" or data.startswith((b"ID3", b"OggS")) else None
