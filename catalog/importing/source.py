"""A file as text: unpacked, in the right characters, in bounded memory."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.utils.translation import gettext as _

from catalog.errors import UnreadableFile
from catalog.importing.encoding import UTF_8, WINDOWS, marked_encoding, plain_encoding
from catalog.importing.unpacking import MOST_UNPACKED, PIECE, unpacked

__all__ = ["Source", "UnreadableFile"]

BEGINNING = 64 * 1024
LONGEST_LINE = 16 * 1024 * 1024
DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)


class Source:
    """A text file, maybe zipped or gzipped, in UTF-8, UTF-16 or Windows-1252.

    `beginning` is its first text, `notes` sentences about the file that people
    should know. Bytes that are no characters are kept as marks that
    `values.text` refuses row by row. Unless it `looks_far`, the encoding is
    found from the beginning alone, which is quick and will do for that.
    """

    def __init__(self, path: Path, *, looks_far: bool = True, most_unpacked: int = MOST_UNPACKED) -> None:
        self.path = path
        self.name = path.name
        self.notes: list[str] = []
        with self._reported():
            self._raw = self._binary = path.open("rb")
            self._size = path.stat().st_size
        try:
            with self._reported():
                self._binary = unpacked(self._raw, name=self.name, most=most_unpacked)
                beginning = self._binary.read(BEGINNING)
                self._encoding = self._find_encoding(beginning, looks_far=looks_far)
                self._binary.seek(0)
        except UnreadableFile:
            self.close()
            raise
        self.beginning = beginning.decode(self._encoding, errors="ignore").lstrip()
        if not self.beginning:
            self.close()
            raise UnreadableFile(_("%(file)s is empty.") % {"file": self.name})

    def _find_encoding(self, beginning: bytes, *, looks_far: bool) -> str:
        if encoding := marked_encoding(beginning):
            return encoding
        if beginning.lstrip().startswith(b"<"):
            return UTF_8  # an XML document names its encoding itself
        encoding = plain_encoding(self._all_bytes(beginning) if looks_far else [beginning])
        if encoding == WINDOWS:
            self.notes.append(_("The file is not in UTF-8; it was read as Windows-1252."))
        return encoding

    def _all_bytes(self, beginning: bytes) -> Iterator[bytes]:
        """What can be read; damage further on is told when its place is reached."""
        yield beginning
        try:
            yield from iter(partial(self._binary.read, PIECE), b"")
        except DAMAGE:
            return

    def lines(self) -> Iterator[str]:
        """The lines with their ends as they are. Raises UnreadableFile where the packed file is damaged."""
        with self._reported(), self._text() as text:
            for line in iter(partial(text.readline, LONGEST_LINE), ""):
                if len(line) == LONGEST_LINE:
                    sentence = _("%(file)s has a line of more than %(limit)d characters.")
                    raise UnreadableFile(sentence % {"file": self.name, "limit": LONGEST_LINE})
                yield line

    def text(self) -> Iterator[str]:
        """The text in pieces, whatever its lines. Raises UnreadableFile as `lines` does."""
        with self._reported(), self._text() as text:
            yield from iter(partial(text.read, PIECE), "")

    def unpacked_bytes(self) -> Iterator[bytes]:
        """The unpacked bytes in pieces. Raises UnreadableFile as `lines` does."""
        with self._reported():
            yield from iter(partial(self._binary.read, PIECE), b"")

    def _text(self) -> io.TextIOWrapper:
        # Only UTF-8 and Windows-1252 have marks for single bytes.
        errors = "replace" if self._encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        return io.TextIOWrapper(self._binary, encoding=self._encoding, errors=errors, newline="")

    def fraction_read(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return min(self._raw.tell() / self._size, 1) if self._size and not self._raw.closed else 1

    def close(self) -> None:
        self._binary.close()
        self._raw.close()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except DAMAGE as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UnreadableFile(
                _("%(file)s cannot be read: %(reason)s.") % {"file": self.path.name, "reason": reason}
            ) from error
