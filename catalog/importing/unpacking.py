"""Packed files: read as they are unpacked, and never further than a limit."""

import gzip
import io
import zipfile
from pathlib import PurePosixPath
from typing import cast

from django.utils.translation import gettext as _

from catalog.errors import UnreadableFile

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"  # the compound files of Excel before 2007
# About ten times an export of a million rows; what unpacks to more was made to fill a disk or a day.
MOST_UNPACKED = 4 * 1024**3
PIECE = 256 * 1024
TABLES = {".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".xml"}
Packed = gzip.GzipFile | zipfile.ZipExtFile
ENCRYPTED = 0x1  # bit 0 of a member's general purpose flags, APPNOTE.TXT 4.4.4
# What zipfile unpacks piece by piece; in Python 3.11 one read of the others (bzip2, LZMA) may fill all memory.
IN_PIECES = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def unpacked(raw: io.BufferedReader, *, name: str, most: int) -> io.BufferedReader:
    """The bytes of a file: of a gzip file what is in it, of a zip archive its one table.

    Reading raises UnreadableFile beyond `most` bytes that were packed. Raises
    it at once for spreadsheets and for archives without one plain table.
    """
    beginning = raw.peek(4)[:4]
    if beginning.startswith(GZIP):
        packed: Packed = gzip.GzipFile(fileobj=raw)
    elif beginning in ZIP:
        packed = _only_table(raw, name=name)
    elif beginning == OLD_SPREADSHEET:
        raise _is_spreadsheet(name)
    else:
        return raw
    return io.BufferedReader(_Limited(packed, name=name, most=most), PIECE)


def _only_table(raw: io.BufferedReader, *, name: str) -> zipfile.ZipExtFile:
    archive = zipfile.ZipFile(raw)
    paths = {member.filename: PurePosixPath(member.filename) for member in archive.infolist() if not member.is_dir()}
    if "[Content_Types].xml" in paths or {"mimetype", "content.xml"} <= set(paths):
        raise _is_spreadsheet(name)
    files = [file for file, path in paths.items() if path.parts[0] != "__MACOSX" and not path.name.startswith(".")]
    tables = [file for file in files if paths[file].suffix.lower() in TABLES] or files
    if not tables:
        raise UnreadableFile(_("%(file)s is an archive without a file in it.") % {"file": name})
    if len(tables) > 1:
        sentence = _("%(file)s holds %(count)d files (%(names)s); import them one by one.")
        names = ", ".join(tables[:3]) + (" …" if len(tables) > 3 else "")
        raise UnreadableFile(sentence % {"file": name, "count": len(tables), "names": names})
    table = archive.getinfo(tables[0])
    if table.flag_bits & ENCRYPTED:
        raise UnreadableFile(_("%(file)s is locked with a password; unlock it first.") % {"file": name})
    if table.compress_type not in IN_PIECES:
        sentence = _("%(file)s is packed in a way that is not read; zip it the ordinary way (deflate).")
        raise UnreadableFile(sentence % {"file": name})
    return cast(zipfile.ZipExtFile, archive.open(table))


def _is_spreadsheet(name: str) -> UnreadableFile:
    return UnreadableFile(_("%(file)s is a spreadsheet or another document; save it as CSV.") % {"file": name})


class _Limited(io.RawIOBase):
    """Bytes as they are unpacked; raises UnreadableFile where they are more than `most`."""

    def __init__(self, packed: Packed, *, name: str, most: int) -> None:
        self._packed = packed
        self._name = name
        self._most = most
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = self._packed.seek(offset, whence)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer) -> int:
        piece = self._packed.read1(len(buffer))  # one read, so that what precedes damage comes out
        self._position += len(piece)
        if self._position > self._most:
            sentence = _("%(file)s unpacks to more than %(limit)d MB; divide it.")
            raise UnreadableFile(sentence % {"file": self._name, "limit": self._most // 1_000_000})
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._packed.close()
        super().close()
