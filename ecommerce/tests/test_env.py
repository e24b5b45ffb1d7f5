import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecommerce import env
from ecommerce.env import WrongSetting


class TestTypedSettings:
    @pytest.mark.parametrize(("text", "value"), [("on", True), ("YES", True), ("0", False), ("off", False), ("", True)])
    def test_a_switch_is_on_or_off_and_empty_is_the_default(self, monkeypatch, text, value):
        monkeypatch.setenv("RATE_LIMITS", text)

        assert env.env_bool("RATE_LIMITS", True) is value

    @pytest.mark.parametrize("text", ["maybe", "2", "enabled"])
    def test_a_switch_is_nothing_else(self, monkeypatch, text):
        monkeypatch.setenv("DEBUG", text)

        with pytest.raises(WrongSetting, match="DEBUG: .*neither on nor off.*Set it to on or off"):
            env.env_bool("DEBUG", False)

    @pytest.mark.parametrize("text", ["0", "65536", "-1", "80.0", "٨٠", "1e3", "eighty"])
    def test_a_number_stays_in_its_range(self, monkeypatch, text):
        monkeypatch.setenv("PORT", text)

        with pytest.raises(WrongSetting, match="PORT: .* from 1 to 65535"):
            env.env_int("PORT", 8000, minimum=1, maximum=65535)

    @pytest.mark.parametrize("text", ["1", "65535"])
    def test_the_ends_of_the_range_belong_to_it(self, monkeypatch, text):
        monkeypatch.setenv("PORT", text)

        assert env.env_int("PORT", 8000, minimum=1, maximum=65535) == int(text)

    @pytest.mark.parametrize("text", ["https://shop.example.org", "shop.example.org:443", "a b", "shop/"])
    def test_a_host_is_a_name_only(self, monkeypatch, text):
        monkeypatch.setenv("ALLOWED_HOSTS", text)

        with pytest.raises(WrongSetting, match="ALLOWED_HOSTS"):
            env.env_hosts("ALLOWED_HOSTS", [])

    def test_hosts_may_be_several(self, monkeypatch):
        monkeypatch.setenv("ALLOWED_HOSTS", "shop.example.org, .example.net,[::1],")

        assert env.env_hosts("ALLOWED_HOSTS", []) == ["shop.example.org", ".example.net", "[::1]"]

    @pytest.mark.parametrize(
        "text", ["shop.example.org", "https://a.org/", "https://*.a.org", "ftp://a.org", "https://"]
    )
    def test_an_origin_has_a_scheme_and_nothing_behind_the_host(self, monkeypatch, text):
        monkeypatch.setenv("CSRF_TRUSTED_ORIGINS", text)

        with pytest.raises(WrongSetting, match="CSRF_TRUSTED_ORIGINS"):
            env.env_origins("CSRF_TRUSTED_ORIGINS")


class TestAddresses:
    def test_postgresql_is_read_in_full(self, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgres://shop:p%40ss@db.example.org:5433/books")

        database = env.env_database("DATABASE_URL", "")

        assert database["ENGINE"] == "django.db.backends.postgresql"
        assert [database[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
            "shop",
            "p@ss",
            "db.example.org",
            5433,
            "books",
        ]

    @pytest.mark.parametrize(
        "text", ["mysql://h/shop", "shop.sqlite3", "sqlite://", "postgres://shop:hunter2@h:port/shop", "postgres://h/"]
    )
    def test_a_wrong_database_is_refused_without_telling_its_password(self, monkeypatch, text):
        monkeypatch.setenv("DATABASE_URL", text)

        with pytest.raises(WrongSetting, match="DATABASE_URL") as refusal:
            env.env_database("DATABASE_URL", "")

        assert "hunter2" not in str(refusal.value)

    @pytest.mark.parametrize("text", ["locmem://", "redis://", "memcached://127.0.0.1:11211"])
    def test_a_cache_that_processes_cannot_share_is_refused(self, monkeypatch, text):
        monkeypatch.setenv("CACHE_URL", text)

        with pytest.raises(WrongSetting, match="CACHE_URL"):
            env.env_cache("CACHE_URL", "")

    def test_mail_takes_its_sender_from_the_address(self, monkeypatch):
        monkeypatch.setenv("EMAIL_URL", "smtp+tls://me:secret@mail.example.org:587?from=shop@example.org")

        email = env.env_email("EMAIL_URL", "")

        assert email["DEFAULT_FROM_EMAIL"] == "shop@example.org"
        assert (email["EMAIL_HOST"], email["EMAIL_PORT"], email["EMAIL_USE_TLS"]) == ("mail.example.org", 587, True)

    @pytest.mark.parametrize("text", ["smtp://", "pop3://mail.example.org", "smtp://mail.example.org?form=x@y.z"])
    def test_wrong_mail_is_refused(self, monkeypatch, text):
        monkeypatch.setenv("EMAIL_URL", text)

        with pytest.raises(WrongSetting, match="EMAIL_URL"):
            env.env_email("EMAIL_URL", "")


class TestSecret:
    def test_one_is_made_once_and_kept_for_its_owner_only(self, monkeypatch, tmp_path):
        monkeypatch.delenv("SECRET_KEY", raising=False)
        kept = tmp_path / "secret-key"

        first = env.env_secret("SECRET_KEY", kept)

        assert env.env_secret("SECRET_KEY", kept) == first
        assert len(first) >= 50
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    def test_starts_at_the_same_time_agree(self, monkeypatch, tmp_path):
        monkeypatch.delenv("SECRET_KEY", raising=False)
        kept = tmp_path / "secret-key"

        with ThreadPoolExecutor(8) as pool:
            secrets = set(pool.map(lambda _: env.env_secret("SECRET_KEY", kept), range(40)))

        assert len(secrets) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]

    def test_a_short_one_is_refused_and_not_shown(self, monkeypatch, tmp_path):
        monkeypatch.setenv("SECRET_KEY", "x" * 49)

        with pytest.raises(WrongSetting, match="SECRET_KEY: it is too short") as refusal:
            env.env_secret("SECRET_KEY", tmp_path / "secret-key", shortest=50)

        assert "xxx" not in str(refusal.value)


class TestDirectory:
    def test_one_that_cannot_be_made_is_refused(self, monkeypatch, tmp_path):
        (tmp_path / "file").touch()
        monkeypatch.setenv("VAR_DIR", str(tmp_path / "file" / "var"))

        with pytest.raises(WrongSetting, match="VAR_DIR: .*cannot be made"):
            env.env_directory("VAR_DIR", tmp_path)
