"""Places at which a process of the shop waits, so that a proof can kill something exactly there.

The shop knows nothing of them: only processes that a proof starts
(`stops_wsgi`, `stops_worker`) wrap its functions.
"""

import os
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path

FOLDER = "STOPS"  # the environment variable that names the folder to a process
POLL_SECONDS = 0.005


class Stops:
    """A folder through which a proof and a process agree: ``armed`` becomes ``reached``, then comes ``released``."""

    def __init__(self, folder: Path) -> None:
        self.armed, self.reached, self.released = (folder / name for name in ("armed", "reached", "released"))

    @classmethod
    def of_process(cls) -> "Stops":
        return cls(Path(os.environ[FOLDER]))

    def arm(self, stop: str) -> None:
        """Have the first one that comes to `stop` wait there; whoever waited before goes on."""
        for mark in (self.armed, self.reached, self.released):
            mark.unlink(missing_ok=True)
        written = self.armed.with_suffix(".new")
        written.write_text(stop)
        written.rename(self.armed)

    def release(self) -> None:
        self.armed.unlink(missing_ok=True)
        self.released.touch()

    def wait_until_reached(self, *, while_true: Callable[[], bool]) -> bool:
        """Whether someone waits at the stop; asked until it is so or `while_true` says no more."""
        while not self.reached.exists():
            if not while_true():
                return self.reached.exists()
            time.sleep(POLL_SECONDS)
        return True

    def at(self, stop: str) -> None:
        """Wait here if `stop` is armed, until released or killed."""
        try:
            if self.armed.read_text() != stop:
                return
            self.armed.rename(self.reached)
        except FileNotFoundError:  # nothing is armed, or another thread was quicker
            return
        while not self.released.exists():
            time.sleep(POLL_SECONDS)

    def around(self, owner: object, name: str, *, first: str = "", then: str = "") -> None:
        """Put stops before and after the function `name` of `owner`."""
        whole = getattr(owner, name)

        @wraps(whole)
        def stopping(*args, **kwargs):
            self.at(first)
            result = whole(*args, **kwargs)
            self.at(then)
            return result

        setattr(owner, name, stopping)
