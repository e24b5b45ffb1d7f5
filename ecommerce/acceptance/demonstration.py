"""`python -m ecommerce.acceptance.demonstration`: demo.py against a shop made for it, which is gone afterwards."""

import signal
import subprocess
import sys

from ecommerce.acceptance.throwaway import ROOT, shop

# The demo shop without its pictures and old orders, which take a minute and which no step looks at.
CATALOGUE_AND_LOG_INS = """
from random import Random
from django.utils import timezone
from catalog.demo.assortment import demo_products
from ecommerce.demo.catalogue import load_products
from ecommerce.demo.people import load_people
result = [sum(load_products(demo_products(), at=timezone.now())), len(load_people(Random(1)))]
"""


def main() -> int:
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    print("Making a throw-away shop with the demo's catalogue", flush=True)
    try:
        with shop("sqlite", DEBUG="off", RATE_LIMITS="on") as made:
            made.run(CATALOGUE_AND_LOG_INS)
            with made.serving(process_group=0):
                return demonstrated(made.base, made.environment)
    except KeyboardInterrupt:
        return 130


def demonstrated(base: str, environment: dict[str, str]) -> int:
    """The exit code of demo.py, which hears Ctrl-C itself and cleans up."""
    with subprocess.Popen([sys.executable, "demo.py", "--url", base], cwd=ROOT, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


if __name__ == "__main__":
    sys.exit(main())
