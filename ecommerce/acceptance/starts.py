"""A newcomer's first minutes: clone, `make start`, look, stop, start again, kill what runs."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from ecommerce.acceptance.races import Finding
from ecommerce.acceptance.throwaway import ROOT, free_port, wait_for


def first_start(*, cold: bool, limit: float) -> Finding:
    """`make start` in a clean clone; `cold` with an empty package cache. `limit` in seconds."""
    home = Path(tempfile.mkdtemp(prefix="shop-start-"))
    clone, port = home / "shop", free_port()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("VAR_DIR", "VIRTUAL_ENV")}
    environment |= {"PORT": str(port)}
    if cold:
        environment |= {"PIP_CACHE_DIR": str(home / "pip"), "XDG_CACHE_HOME": str(home / "cache")}
    try:
        with started(clone, environment, port) as (seconds, process):
            cards, pictures = cards_and_pictures(port)
            back = {name: revive(process.pid, pattern, port) for name, pattern in KILLED}
        with started(clone, environment, port) as (again, _):
            kept, _ = cards_and_pictures(port)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    name = "cold" if cold else "warm"
    revivals = ", ".join(f"killed {victim} back in {pause:.1f} s" for victim, pause in back.items())
    return Finding(
        f"make start in a clean clone, {name} package cache",
        f"/ after {seconds:.1f} s with {cards} products, {pictures} pictures; again {again:.1f} s, {kept}; {revivals}",
        seconds <= limit and min(cards, pictures) >= 20 and kept == cards and max(back.values()) <= 5,
    )


KILLED = (("web", "granian"), ("web worker", "granian worker"), ("task worker", "db_worker"))


@contextmanager
def started(clone: Path, environment: dict[str, str], port: int) -> Iterator[tuple[float, subprocess.Popen[bytes]]]:
    """Run `make start` until the block ends; gives the seconds until ``/`` answered."""
    began = time.monotonic()
    with (clone.parent / "start.log").open("a") as log:
        process = subprocess.Popen(
            ["make", "start"], cwd=clone, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/", process, seconds=400)
        yield time.monotonic() - began, process
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(20)


def cards_and_pictures(port: int) -> tuple[int, int]:
    """How many products and pictures the home page shows."""
    with urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        page = answer.read().decode()
    return len(re.findall(r'data-product="\d+"', page)), len(re.findall(r"<img[^>]+/media/products/", page))


def descendants(pid: int) -> list[tuple[int, str]]:
    """Processes started by `pid`, with their command lines (Linux's /proc)."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                command = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            parents[int(entry.name)] = (int(stat.rpartition(")")[2].split()[1]), command)
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        for child, (its_parent, command) in parents.items():
            if its_parent == parent:
                found.append((child, command))
                waiting.append(child)
    return sorted(found)


def revive(pid: int, what: str, port: int) -> float:
    """Kill one process of the shop by SIGKILL; returns the seconds until another does its work."""
    name = what.split()[0]
    running = [child for child, command in descendants(pid) if name in command]
    victim = running[-1] if what.endswith("worker") and name == "granian" else running[0]
    os.kill(victim, signal.SIGKILL)
    began = time.monotonic()
    while time.monotonic() - began < 30:
        alive = [child for child, command in descendants(pid) if name in command]
        if len(alive) >= len(running) and victim not in alive and answers(port):
            return time.monotonic() - began
        time.sleep(0.1)
    return float("inf")


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except OSError:
        return False
