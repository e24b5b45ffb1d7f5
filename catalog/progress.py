"""How far a long command is: a bar with rate and time left on a terminal, now and then a line elsewhere."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from django.utils.translation import gettext as _

BAR_WIDTH = 24
SECONDS_BETWEEN_BARS = 0.1
SECONDS_BETWEEN_LINES = 5


class Progress:
    """Shows counts of `noun` ("products") while the ``with`` block runs.

    `update` is told the count so far, and the fraction done (0 to 1) where no
    `total` was given; without either there is no time left to show. It may name
    another noun, whose rate and time left then begin anew. Written to standard
    error, so that a command's own answer stays alone on its output.
    """

    def __init__(
        self,
        noun: str,
        *,
        total: int | None = None,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._noun = noun
        self._total = total
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._clock = clock
        self._started = self._shown_at = clock()
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()

    def update(self, count: int, fraction: float | None = None, noun: str | None = None) -> None:
        """Show that `count` are done, unless something was shown a moment ago."""
        now = self._clock()
        if noun and noun != self._noun:
            self._noun = noun
            self._started = self._shown_at = now
            return
        if now - self._shown_at < (SECONDS_BETWEEN_BARS if self._is_terminal else SECONDS_BETWEEN_LINES):
            return
        self._shown_at = now
        if fraction is None and self._total:
            fraction = min(count / self._total, 1)
        told = self._told(count, fraction, now - self._started)
        if self._is_terminal:
            line = f"{_bar(fraction)} {told}" if fraction is not None else told
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(told + "\n")
        self._stream.flush()

    def _told(self, count: int, fraction: float | None, seconds: float) -> str:
        parts = [f"{count:,} {self._noun}", _("%(rate)s/s") % {"rate": f"{count / max(seconds, 0.001):,.0f}"}]
        if fraction is not None:
            parts.insert(0, f"{fraction:.0%}")
        if fraction:
            parts.append(_("%(time)s left") % {"time": _minutes(seconds * (1 - fraction) / fraction)})
        return " · ".join(parts)


def _bar(fraction: float) -> str:
    filled = round(fraction * BAR_WIDTH)
    return f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}]"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
