import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection

SHOWN = [
    "DEBUG",
    "SECRET_KEY",
    "HTTPS",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_SECURE",
    "SHOP_URL",
    "PASSWORD_HASHERS",
]
PROGRAM = (
    "import json; from django.conf import settings; print(json.dumps({name: getattr(settings, name) for name in %r}))"
)


@pytest.fixture
def start(tmp_path):
    """Start Python in a clean environment with the given settings."""

    def run(*arguments, **environment):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=kept | {"VAR_DIR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "ecommerce.settings"} | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def settings_with(start):
    def read(**environment):
        result = start("-c", PROGRAM % SHOWN, **environment)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return read


class TestDefaults:
    def test_they_are_safe(self, settings_with):
        found = settings_with()

        assert found["DEBUG"] is False
        assert len(found["SECRET_KEY"]) >= 50
        assert found["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")
        assert (found["SESSION_COOKIE_HTTPONLY"], found["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")

    def test_processes_that_start_together_share_the_secret_key(self, settings_with):
        with ThreadPoolExecutor(3) as pool:
            keys = {found["SECRET_KEY"] for found in pool.map(lambda _: settings_with(), range(3))}

        assert len(keys) == 1

    def test_this_machine_alone_needs_no_https(self, settings_with):
        found = settings_with(PORT="8123")

        assert (found["HTTPS"], found["SECURE_SSL_REDIRECT"], found["SHOP_URL"]) == (
            False,
            False,
            "http://127.0.0.1:8123",
        )

    def test_a_public_name_switches_https_on(self, settings_with):
        found = settings_with(ALLOWED_HOSTS="shop.example.org")

        assert found["SECURE_SSL_REDIRECT"]
        assert found["SESSION_COOKIE_SECURE"]
        assert found["CSRF_COOKIE_SECURE"]
        assert found["SECURE_HSTS_SECONDS"] == 31_536_000
        assert found["SHOP_URL"] == "https://shop.example.org"


class TestWrongSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DEBUG", "perhaps"),
            ("PORT", "http"),
            ("WORKERS", "0"),
            ("SHOP_CURRENCY", "EURO"),
            ("SHOP_COUNTRY", "Germany"),
            ("PAYMENT_GATEWAY", "cash"),
            ("DATABASE_URL", "mysql://root:hunter2@127.0.0.1/shop"),
            ("CACHE_URL", "memory"),
            ("EMAIL_URL", "mail.example.org"),
            ("TRUSTED_PROXIES", "-1"),
            ("SECRET_KEY", "hunter2"),
        ],
    )
    def test_the_start_stops_with_one_line(self, start, name, value):
        result = start("manage.py", "check", **{name: value})

        assert result.returncode == 1
        assert result.stdout == ""
        assert result.stderr.startswith(f"{name}: ")
        assert result.stderr.count("\n") == 1
        assert "hunter2" not in result.stderr

    def test_a_web_server_stops_alike(self, start):
        result = start("-c", "import ecommerce.wsgi", PORT="none")

        assert result.returncode == 1
        assert result.stderr.startswith("PORT: ")
        assert "Traceback" not in result.stderr


class TestLogs:
    def test_tasks_are_told_of_only_where_they_fail(self, start):
        """The task worker sets the level of their logger itself."""
        program = (
            "import django, logging; django.setup(); tasks = logging.getLogger('django_tasks');"
            "tasks.setLevel(logging.INFO); tasks.info('went well'); tasks.error('failed')"
        )

        lines = [json.loads(line) for line in start("-c", program).stderr.splitlines()]

        assert [line["message"] for line in lines] == ["failed"]


@pytest.mark.django_db
@pytest.mark.both_databases
class TestDatabase:
    def test_a_connection_that_nobody_uses_is_closed_in_time(self, on_postgresql):
        """Web threads come and go, and each leaves its connection behind."""
        with connection.cursor() as cursor:
            if on_postgresql:
                cursor.execute("SHOW idle_session_timeout")
                assert cursor.fetchone() == ("10min",)
            else:  # SQLite has no connections to run out of, and knows no such setting
                assert "options" not in connection.settings_dict["OPTIONS"]


class TestDeployCheck:
    @pytest.mark.parametrize("environment", [{}, {"ALLOWED_HOSTS": "shop.example.org", "TRUSTED_PROXIES": "1"}])
    def test_it_is_clean(self, start, environment):
        result = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)

        assert result.returncode == 0, result.stderr
        assert "no issues" in result.stdout
