"""`make demo` as a newcomer meets it, and what it says when the shop goes away midway."""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ecommerce.acceptance.races import Finding
from ecommerce.acceptance.throwaway import ROOT, shop

STEP = re.compile(r"^ *(\d+)/(\d+) ", re.MULTILINE)
MIDWAY = 8
LOG_INS = """
from random import Random
from ecommerce.demo.people import load_people
result = len(load_people(Random(1)))
"""


def demo() -> Iterator[Finding]:
    yield in_a_clean_clone()
    yield with_the_shop_gone()


def in_a_clean_clone() -> Finding:
    """`make demo` in a clone of what is committed, with the packages that are installed already."""
    home = Path(tempfile.mkdtemp(prefix="shop-demo-"))
    try:
        clone = home / "shop"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        (clone / ".venv").symlink_to(Path(sys.prefix))
        began = time.monotonic()
        installed = ("--assume-old=requirements.txt", "--assume-old=requirements-dev.txt")
        done = subprocess.run(["make", *installed, "demo"], cwd=clone, capture_output=True, text=True, timeout=600)
        seconds = time.monotonic() - began
    finally:
        shutil.rmtree(home, ignore_errors=True)
    begun = STEP.findall(done.stdout)
    steps = int(begun[-1][1]) if begun else 0
    return Finding(
        "make demo in a clean clone",
        f"{len(begun)} of {steps} steps in {seconds:.0f} s, exit {done.returncode} {done.stderr[-500:]}".strip(),
        done.returncode == 0 and len(begun) == steps > 0,
    )


def with_the_shop_gone() -> Finding:
    """demo.py is held within a step until the shop has ended."""
    with shop("sqlite", DEMO_PASSWORD="quiet shelf demonstration", WORKERS="1") as made:
        made.run(LOG_INS)
        with made.serving():
            command = [sys.executable, "demo.py", "--url", made.base]
            process = subprocess.Popen(
                command, cwd=ROOT, env=made.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for line in process.stdout:
                if (begun := STEP.match(line)) and int(begun[1]) == MIDWAY:
                    process.send_signal(signal.SIGSTOP)
                    break
        process.send_signal(signal.SIGCONT)
        try:
            _shown, said = process.communicate(timeout=120)
        finally:
            process.kill()
    return Finding(
        f"demo.py, the shop stopped in step {MIDWAY}",
        f"exit {process.returncode}, said: {' '.join(said.split())}",
        process.returncode == 1 and bool(said) and "Traceback" not in said,
    )
