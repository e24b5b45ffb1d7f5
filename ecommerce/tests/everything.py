"""What `make test` runs: the whole suite on a SQLite file, then the marked tests on PostgreSQL.

A service that is missing is named in one line and its tests are skipped;
with ``REQUIRE_ALL=1``, as in CI, that is a failure.
"""

import os
import shutil
import subprocess
import sys
import time

import psycopg
import redis

from conftest import CHROMIUM, REDIS_URL

POSTGRESQL_URLS = ["postgres://root@127.0.0.1:5432/shop", "postgres://postgres@127.0.0.1:5432/shop"]
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
    """Look for Chromium and, as root on a Debian system, install it when it is missing."""
    if not os.path.exists(CHROMIUM) and shutil.which("apt-get") and os.geteuid() == 0:
        for command in ("update", "install --yes --no-install-recommends chromium"):
            subprocess.run(["apt-get", *command.split()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return os.path.exists(CHROMIUM)


if __name__ == "__main__":
    sys.exit(main())
