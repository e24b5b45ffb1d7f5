"""What `make test` runs: the whole suite on a SQLite file, then the marked tests on PostgreSQL.

A service that is missing is named in one line and its tests are skipped;
with ``REQUIRE_ALL=1``, as in CI, that is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from conftest import CHROMIUM, REDIS_URL, installed

POSTGRESQL_URLS = ["postgres://root@127.0.0.1:5432/shop", "postgres://postgres@127.0.0.1:5432/shop"]
# What tests start themselves, and the Debian package that each comes with.
PROGRAMS = {"initdb": "postgresql", "nginx": "nginx", "openssl": "openssl", "redis-server": "redis-server"}
POLICY = Path("/usr/sbin/policy-rc.d")
SQLITE = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def main() -> int:
    """Run it all and return the exit code: 0 if every test passed and nothing was skipped that may not be."""
    os.environ.setdefault("HYPOTHESIS_PROFILE", "ci")
    SQLITE["HYPOTHESIS_PROFILE"] = os.environ["HYPOTHESIS_PROFILE"]
    postgresql = usable_postgresql()
    skipped = []
    if not has_chromium():
        skipped.append(f"browser tests: no Chromium at {CHROMIUM} (set CHROMIUM, or run as root to have it installed)")
    if not redis_answers():
        skipped.append(f"Redis tests: no answer at {REDIS_URL} (set TEST_REDIS_URL)")
    if absent := absent_programs():
        packages = sorted({PROGRAMS[name] for name in absent})
        skipped.append(f"tests of failing services: no {', '.join(absent)} (install {', '.join(packages)})")
    if postgresql is None:
        skipped.append("tests on PostgreSQL: no server that lets us make databases (set TEST_DATABASE_URL)")
    for line in skipped:
        print(f"Skipped, {line}", flush=True)
    if skipped and os.environ.get("REQUIRE_ALL") == "1":
        print("REQUIRE_ALL=1: nothing may be skipped.", flush=True)
        return 1
    return 0 if all_pass(postgresql) else 1


def all_pass(postgresql: str | None) -> bool:
    runs = [
        ("SQLite", ["manage.py", "test", "-n", "2", "-m", "not browser and not race"], SQLITE),
        ("SQLite, browser and races", ["manage.py", "test", "-m", "browser or race"], SQLITE),
    ]
    if postgresql is not None:
        environment = SQLITE | {"DATABASE_URL": postgresql}
        runs.append(("PostgreSQL", ["-m", "pytest", "-m", "both_databases"], environment))
    passed = True
    for name, arguments, environment in runs:
        began = time.monotonic()
        print(f"== {name}: python {' '.join(arguments)}", flush=True)
        passed &= subprocess.run([sys.executable, *arguments], env=environment).returncode == 0
        print(f"== {name}: {time.monotonic() - began:.0f} s", flush=True)
    return passed


def usable_postgresql() -> str | None:
    """Return the address of a server on which this user may make databases."""
    given = os.environ.get("TEST_DATABASE_URL")
    for url in [given] if given else POSTGRESQL_URLS:
        server = url.rpartition("/")[0] + "/postgres"
        try:
            with psycopg.connect(server, connect_timeout=3) as connection:
                found = connection.execute(
                    "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
        except psycopg.OperationalError:
            continue
        if found and found[0]:
            return url
    return None


def redis_answers() -> bool:
    try:
        return bool(redis.Redis.from_url(REDIS_URL, socket_connect_timeout=1).ping())
    except redis.RedisError:
        return False


def has_chromium() -> bool:
    """Look for Chromium and install it when it is missing, where that is possible."""
    if not os.path.exists(CHROMIUM):
        install("chromium")
    return os.path.exists(CHROMIUM)


def absent_programs() -> list[str]:
    """Names of `PROGRAMS` that are still missing after an attempt to install them."""
    for name, package in PROGRAMS.items():
        if not installed(name):
            install(package)
    return [name for name in PROGRAMS if not installed(name)]


def install(package: str) -> None:
    """Install a package as root on a Debian system, and do nothing elsewhere."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    with nothing_started():
        for command in ("update", f"install --yes --no-install-recommends {package}"):
            subprocess.run(["apt-get", *command.split()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def nothing_started() -> Iterator[None]:
    """Keep packages from starting the services that they bring, which might take ports of this machine."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")  # invoke-rc.d: not allowed
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


if __name__ == "__main__":
    sys.exit(main())
