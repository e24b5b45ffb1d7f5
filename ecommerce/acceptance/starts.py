"""A newcomer's first minutes: clone, `make start`, look, stop, start again, kill what runs."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
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
        seconds, process = timed_start(clone, environment, port)
        cards = len(re.findall(r'data-product="\d+"', page(port)))
        pictures = len(re.findall(r"<img[^>]+/media/", page(port)))
        back = [f"{name} back in {revive(process.pid, pattern, port):.1f} s" for name, pattern in KILLED]
        stop(process)
        again, process = timed_start(clone, environment, port)
        kept = len(re.findall(r'data-product="\d+"', page(port)))
        stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    name = "cold" if cold else "warm"
    return Finding(
        f"make start in a clean clone, {name} package cache",
        f"/ after {seconds:.1f} s with {cards} products and {pictures} pictures; {'; '.join(back)}; "
        f"again in {again:.1f} s with {kept} products",
        seconds <= limit and cards >= 20 and pictures >= 20 and kept == cards,
    )


KILLED = (("web", "granian"), ("web worker", "granian worker"), ("task worker", "db_worker"))


def timed_start(clone: Path, environment: dict[str, str], port: int) -> tuple[float, subprocess.Popen[bytes]]:
    began = time.monotonic()
    log = (clone.parent / "start.log").open("a")
    process = subprocess.Popen(
        ["make", "start"], cwd=clone, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    wait_for(f"http://127.0.0.1:{port}/", process, seconds=400)
    return time.monotonic() - began, process


def page(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        return answer.read().decode()


def stop(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGINT)
    process.wait(20)


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
    """Kill one process of the shop by SIGKILL; returns the seconds until another has taken its place."""
    name = what.split()[0]
    running = [child for child, command in descendants(pid) if name in command]
    victim = running[-1] if what.endswith("worker") and name == "granian" else running[0]
    os.kill(victim, signal.SIGKILL)
    began = time.monotonic()
    while time.monotonic() - began < 30:
        alive = [child for child, command in descendants(pid) if name in command and child != victim]
        if len(alive) >= len(running) and victim not in alive:
            page(port)
            return time.monotonic() - began
        time.sleep(0.1)
    return float("inf")
