"""Keeps the shop's processes running: what dies is started again, and all of it ends together."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

log = logging.getLogger("shop.supervisor")

POLL_SECONDS = 0.2
STOP_SECONDS = 4.0
SETTLED_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 30.0
FIRST_RUN_SECONDS = 60.0
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass
class Service:
    """A command that always runs or, with `every` (seconds), is run again and again."""

    name: str
    command: Sequence[str]
    every: float | None = None
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    due_at: float = field(default=0.0, init=False)
    quick_ends: int = field(default=0, init=False)

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=end_with_parent)
        self.started_at = now

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the process and everything that it started; silent if nothing is left."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def note_end(self, now: float) -> None:
        """Clear away what the ended process left behind and set when it runs next.

        A service that dies soon after each start waits longer each time, so
        that a fault which does not pass costs little.
        """
        self.signal_group(signal.SIGKILL)  # orphaned workers would keep the port
        self.process = None
        if self.every is not None:
            self.due_at = max(now, self.started_at + self.every)
            return
        lived = now - self.started_at
        self.quick_ends = self.quick_ends + 1 if lived < SETTLED_SECONDS else 0
        self.due_at = now + min(0.125 * 2**self.quick_ends, LONGEST_PAUSE_SECONDS)


class Supervisor:
    """Runs services until SIGINT, SIGTERM or SIGHUP.

    `is_ready` is asked until it first says yes, then `announce` is called once.
    """

    def __init__(self, services: Sequence[Service], is_ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        self.services = services
        self.is_ready = is_ready
        self.announce = announce
        self.stopping = False

    def run(self) -> None:
        """Block until told to stop; when this returns, no process of the services is left."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)
        began = time.monotonic()
        for service in self.services:
            service.due_at = began if service.every is None else began + min(service.every, FIRST_RUN_SECONDS)
        announced = False
        try:
            while not self.stopping:
                self.tend(time.monotonic())
                if not announced and self.is_ready():
                    announced = True
                    self.announce()
                time.sleep(POLL_SECONDS)
        finally:
            self.stop()

    def ask_to_stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def tend(self, now: float) -> None:
        """Start what is due and note what has ended."""
        for service in self.services:
            if service.process is None:
                if now >= service.due_at:
                    service.start(now)
            elif (status := service.process.poll()) is not None:
                service.note_end(now)
                if service.every is None or status != 0:
                    pause = round(service.due_at - now, 1)
                    log.error("%s ended with status %s, next start in %s s", service.name, status, pause)

    def stop(self) -> None:
        """End every service within 5 seconds: asked first, then killed."""
        running = [service.process for service in self.services if service.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for process in running) and time.monotonic() < deadline:
            time.sleep(0.05)
        for service in self.services:
            service.signal_group(signal.SIGKILL)
        for process in running:
            process.wait()


def end_with_parent() -> None:
    """Have the kernel end this process when the supervisor dies, even by SIGKILL (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
