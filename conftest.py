"""What every test shares: profiles, services that may be missing, and settings that keep a run to itself."""

import os
import shutil
import socket
import tempfile
from glob import glob
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from ecommerce.storage import in_folders

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")

hypothesis_settings.register_profile("dev", max_examples=50, deadline=None)
hypothesis_settings.register_profile(
    "ci", max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "accept", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

_scratch = pytest.StashKey[tuple[Path, override_settings]]()


def pytest_configure(config):
    """Point files and databases at places of this run's own, so that two runs never meet."""
    scratch = Path(tempfile.mkdtemp(prefix="shop-tests-"))
    overrides = override_settings(
        MEDIA_ROOT=scratch / "media",
        PRIVATE_ROOT=scratch / "private",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={
            **in_folders(),
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        WHITENOISE_AUTOREFRESH=True,
        WHITENOISE_USE_FINDERS=True,
    )
    overrides.enable()
    config.stash[_scratch] = scratch, overrides
    if not config.getoption("reuse_db"):
        database = settings.DATABASES["default"]
        is_sqlite = database["ENGINE"].endswith("sqlite3")
        name = str(scratch / "test.sqlite3") if is_sqlite else f"test_{database['NAME']}_{os.getpid()}"
        database.setdefault("TEST", {})["NAME"] = name


def pytest_unconfigure(config):
    if (kept := config.stash.get(_scratch, None)) is not None:
        scratch, overrides = kept
        overrides.disable()
        shutil.rmtree(scratch, ignore_errors=True)


def answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=1).close()
    except OSError:
        return False
    return True


def installed(program: str) -> bool:
    """Whether a program is there; those of servers are not on everybody's path."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", *glob("/usr/lib/postgresql/*/bin")]
    return shutil.which(program, path=os.pathsep.join(places)) is not None


def absent_programs(item):
    """Names of the marker `programs` that are not installed."""
    wanted = [name for marker in item.iter_markers("programs") for name in marker.args]
    return [name for name in wanted if not installed(name)]


def pytest_runtest_setup(item):
    missing = None
    if item.get_closest_marker("browser") and not Path(CHROMIUM).exists():
        missing = f"no Chromium at {CHROMIUM} (CHROMIUM names another)"
    elif item.get_closest_marker("redis") and not answers(REDIS_URL):
        missing = f"no Redis at {REDIS_URL} (TEST_REDIS_URL names another)"
    elif absent := absent_programs(item):
        missing = f"not installed: {', '.join(absent)}"
    if missing and os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(missing, pytrace=False)
    elif missing:
        pytest.skip(missing)


@pytest.fixture
def on_postgresql():
    """Whether this run is the one on PostgreSQL."""
    return connection.vendor == "postgresql"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Start every run with an empty shop, as it is after each test that empties the tables."""
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def empty_cache():
    """Let no test meet the menu of another, nor the tries that it has used up."""
    from ecommerce.limits import tally  # needs settings, without which `make test` reads names of this file

    cache.clear()
    tally.forget()
