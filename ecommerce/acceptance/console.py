"""A Python prompt in a shop that stays open, for a proof that asks often."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ecommerce.acceptance.throwaway import ROOT, Shop

# Each question begins with a new connection: the database may have been killed since the last one.
LOOP = """
import json, sys
from django.db import connection
for line in sys.stdin:
    connection.close()
    names = {}
    exec(json.loads(line), names)
    print(json.dumps(names.get("result")), flush=True)
"""


class Console:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def run(self, code: str) -> object:
        """Run Python in the shop; what it leaves in `result` comes back, through JSON. Raises RuntimeError."""
        print(json.dumps(code), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the shop's console has ended: its log says why")
        return json.loads(answer)


@contextmanager
def console(shop: Shop) -> Iterator[Console]:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--verbosity", "0", "--command", LOOP]
    with (
        shop.log.open("a") as log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=shop.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        yield Console(process)
