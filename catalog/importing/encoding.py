"""How the characters of a file are written, found from its bytes."""

import codecs
import re
from collections.abc import Iterable

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Two to four bytes that UTF-8 writes one character with: RFC 3629, section 4.
MULTI_BYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
LONGEST_CHARACTER = 4
UTF_8 = "utf-8"
WINDOWS = "cp1252"


def marked_encoding(beginning: bytes) -> str:
    """The encoding that the first bytes tell: by a byte order mark, or UTF-16 by its zeros; else nothing."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if beginning.startswith(mark):
            return encoding
    even, odd = beginning[0::2], beginning[1::2]
    # Latin letters have a zero as their other byte, and text in UTF-8 has none.
    if _mostly_zeros(odd) and not _mostly_zeros(even):
        return "utf-16-le"
    if _mostly_zeros(even) and not _mostly_zeros(odd):
        return "utf-16-be"
    return ""


def plain_encoding(pieces: Iterable[bytes]) -> str:
    """UTF-8, or Windows-1252 for bytes of which none make up a character in UTF-8 although some are no ASCII.

    Reads on until a character in UTF-8 decides it.
    """
    is_ascii = True
    end = b""
    for piece in pieces:
        piece = end + piece
        if not piece.isascii():
            is_ascii = False
            if MULTI_BYTE.search(piece):
                return UTF_8
        end = piece[1 - LONGEST_CHARACTER :]
    return UTF_8 if is_ascii else WINDOWS


def _mostly_zeros(some: bytes) -> bool:
    return some.count(0) * 2 > len(some)
