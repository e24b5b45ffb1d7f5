"""The values of a long JSON list one by one, in bounded memory."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import ijson
from django.utils.translation import gettext as _
from ijson.common import ObjectBuilder

from catalog.importing.source import UnreadableFile

LONGEST_VALUE = 2 * 1024 * 1024
DEEPEST = 100
# Python makes a whole number of no more digits (sys.int_info), and ijson goes on with nothing in its place.
MOST_DIGITS = 4_300
TOO_MANY_DIGITS = re.compile(rf"(?<![0-9])[0-9]{{{MOST_DIGITS + 1}}}")
DIGITS = "0123456789"
STEPS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}


def listed(pieces: Iterable[str], *, key: str = "") -> Iterator[Any]:
    """The values of ``[…]``, or of the list that an object has under `key`.

    Numbers keep their digits. Raises UnreadableFile where the text is no JSON
    from there on, and for a value of more than about LONGEST_VALUE characters
    or DEEPEST levels: `ijson.items` holds a path for each level, so that 100 kB
    of brackets would take it gigabytes.
    """
    text = _Text(pieces)
    within = 2 if key else 1
    depth = 0
    name = ""
    value: ObjectBuilder | None = None
    try:
        for event, said in ijson.basic_parse(text):
            step = STEPS.get(event, 0)
            if value is None and depth == within and step >= 0 and event != "map_key" and name == key:
                value = ObjectBuilder()
            depth += step
            if depth > DEEPEST:
                raise text.broken(_("it is nested too deeply"))
            if value is not None:
                value.event(event, said)
                if depth == within:
                    yield value.value
                    value = None
                    text.values += 1
                    text.waiting = 0
            elif key and event != "start_array":
                name = said if event == "map_key" and depth == 1 else ""
    except ijson.JSONError as error:
        raise text.broken(str(error).splitlines()[0]) from error
    except ArithmeticError as error:  # an exponent that no Decimal has
        raise text.broken(_("it has a number that is too large")) from error


class _Text:
    """Text as a file of bytes: no more of it than one value may have, and none from a long number on."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._open_digits = ""  # with which what was given ends
        self._has_long_number = False
        self.values = 0
        self.waiting = 0

    def read(self, size: int) -> bytes:
        if size == 0:  # ijson asks so whether this is text
            return b""
        if self.waiting > LONGEST_VALUE:
            raise self.broken(_("a value is longer than %(limit)d characters") % {"limit": LONGEST_VALUE})
        piece = "" if self._has_long_number else self._without_long_number(next(self._pieces, ""))
        if self._has_long_number and not piece:
            raise self.broken(_("it has a number that is too large"))
        self.waiting += len(piece)
        return piece.encode(errors="surrogateescape")

    def _without_long_number(self, piece: str) -> str:
        """The piece, or what of it stands before a number of too many digits, which may have begun earlier."""
        text = self._open_digits + piece
        if found := TOO_MANY_DIGITS.search(text):
            self._has_long_number = True
            return piece[: max(found.start() - len(self._open_digits), 0)]
        self._open_digits = text[len(text.rstrip(DIGITS)) :]
        return piece

    def broken(self, reason: str) -> UnreadableFile:
        sentence = _("From record %(number)d on the file is no readable JSON: %(reason)s.")
        return UnreadableFile(sentence % {"number": self.values + 1, "reason": reason})
