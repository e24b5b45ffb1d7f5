"""A file as text: unpacked, without its byte order mark, in bounded memory."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from pricing.errors import ShopError

GZIP = b"\x1f\x8b"
# Zip archives (which spreadsheets are) and the byte order marks of UTF-16.
NO_PLAIN_TEXT = (b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff")
BEGINNING = 64 * 1024


class UnreadableFile(ShopError):
    """The file cannot be read, or in no format that the shop knows."""

    code = "unreadable_file"
    status = 422


class Source:
    """A text file, maybe gzipped. Bytes that are no UTF-8 are kept as marks that `values.text` refuses row by row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        with self._reported():
            self._raw = path.open("rb")
            self._size = path.stat().st_size
        packed = self._raw.peek(2).startswith(GZIP)
        self._binary = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
        try:
            self.beginning = self._read_beginning()
        except UnreadableFile:
            self.close()
            raise

    def _read_beginning(self) -> str:
        with self._reported():
            beginning = self._binary.read(BEGINNING)
            self._binary.seek(0)
        if beginning.startswith(NO_PLAIN_TEXT):
            sentence = _("%(file)s is not text in UTF-8; save it as CSV, JSON or JSON lines.")
            raise UnreadableFile(sentence % {"file": self.name})
        text = beginning.decode("utf-8-sig", errors="ignore").lstrip()
        if not text:
            raise UnreadableFile(_("%(file)s is empty.") % {"file": self.name})
        return text

    def lines(self) -> Iterator[str]:
        """The lines with their ends as they are. Raises UnreadableFile where the packed file is damaged."""
        with (
            self._reported(),
            io.TextIOWrapper(self._binary, encoding="utf-8-sig", errors="surrogateescape", newline="") as text,
        ):
            yield from text

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
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UnreadableFile(
                _("%(file)s cannot be read: %(reason)s.") % {"file": self.path.name, "reason": reason}
            ) from error
