"""A shop of its own for a proof: own database, own files, own port, all gone afterwards."""

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen
from uuid import uuid4

import psycopg

ROOT = Path(__file__).resolve().parents[2]
POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")


class Shop:
    """A running throw-away shop; `base` is its address."""

    def __init__(self, var: Path, database_url: str, **settings: str) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "VAR_DIR": str(var),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "RATE_LIMITS": "off",
            **settings,
        }
        self.log = var / "shop.log"

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=check,
            capture_output=True,
            text=True,
        )

    def run(self, code: str) -> object:
        """Run Python in the shop; what it leaves in `result` comes back, through JSON."""
        script = f"{code}\nimport json\nprint(json.dumps(result))"
        done = self.manage("shell", "--no-imports", "--verbosity", "0", "--command", script)
        return json.loads(done.stdout.splitlines()[-1])

    def audit(self) -> list[dict[str, str]]:
        return json.loads(self.manage("shop_audit", "--json", check=False).stdout)

    @contextmanager
    def serving(self, *command: str, process_group: int | None = None) -> Iterator[None]:
        """Serve until the block ends, by `manage.py serve` or by another command.

        In a `process_group` of its own (0) it does not hear Ctrl-C.
        """
        with self.log.open("a") as log:
            process = subprocess.Popen(
                command or (sys.executable, "manage.py", "serve"),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                process_group=process_group,
            )
        try:
            wait_for(f"{self.base}/healthz", process)
            yield
        finally:
            process.terminate()
            process.wait(20)


def wait_for(url: str, process: subprocess.Popen | None = None, *, seconds: float = 60) -> None:
    """Wait until `url` answers. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        with suppress(URLError, OSError), urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def shop(vendor: str, **settings: str) -> Iterator[Shop]:
    """A migrated, empty shop on ``sqlite`` or ``postgresql``, or on the empty database at an address."""
    var = Path(tempfile.mkdtemp(prefix="shop-accept-"))
    try:
        with database(vendor, var) as url:
            made = Shop(var, url, **settings)
            shutil.copytree(prepared() / "static", var / "static")
            if url.startswith("sqlite:///"):
                shutil.copy(prepared() / "shop.sqlite3", url.removeprefix("sqlite:///"))
            else:
                made.manage("migrate", "--verbosity", "0")
            yield made
    finally:
        shutil.rmtree(var, ignore_errors=True)


@cache
def prepared() -> Path:
    """A folder with an empty migrated SQLite file and the collected static files, made once a process, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="shop-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Shop(folder, f"sqlite:///{folder / 'shop.sqlite3'}")
    made.manage("migrate", "--verbosity", "0")
    made.manage("collectstatic", "--noinput", "--verbosity", "0")
    return folder


@contextmanager
def database(vendor: str, var: Path) -> Iterator[str]:
    """The address of a new database, dropped afterwards; an address stands for itself."""
    if "://" in vendor:
        yield vendor
        return
    if vendor == "sqlite":
        yield f"sqlite:///{var / 'shop.sqlite3'}"
        return
    name = f"accept_{uuid4().hex[:12]}"
    with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(POSTGRESQL)._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
