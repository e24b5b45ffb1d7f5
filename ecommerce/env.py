"""Settings from the environment: typed, and refused in one line when they make no sense.

An empty variable counts as unset. A wrong value raises `WrongSetting`, which
ends the process with status 1 and one line on standard error; the value itself
is never printed where it may hold a password.
"""

import contextlib
import os
import re
import secrets
import tempfile
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ

TRUE = {"1", "on", "true", "yes", "y"}
FALSE = {"0", "off", "false", "no", "n"}
DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}
CACHE_SCHEMES = {"redis", "rediss", "filecache"}
EMAIL_SCHEMES = {"smtp", "smtps", "smtp+tls", "smtp+ssl", "filemail", "consolemail"}
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]", "::1"}
BUCKET_PATTERN = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # the names that S3 gives
PREFIX_PATTERN = re.compile(r"[A-Za-z0-9._/-]*")
REGION_PATTERN = re.compile(r"[a-z0-9-]{2,40}")
PLACE_PATTERN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?")
HOST_PATTERN = re.compile(r"\*|\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)


class WrongSetting(SystemExit):
    """A setting that cannot be used: its name, what is wrong with it, and the fix.

    A SystemExit, so that every way to start the shop (manage.py, WSGI server,
    tests) stops with this one line in place of a traceback.
    """

    def __init__(self, name: str, fault: str, fix: str) -> None:
        super().__init__(f"{name}: {fault}. {fix}.")


def env_str(name: str, default: str = "") -> str:
    """Return the variable without surrounding blanks, or `default` when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, default: bool) -> bool:
    value = env_str(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise WrongSetting(name, f"“{value}” is neither on nor off", "Set it to on or off")


def env_int(name: str, default: int, minimum: int, maximum: int) -> int:
    """Return a whole number between `minimum` and `maximum`, both included."""
    value = env_str(name)
    if not value:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
        raise WrongSetting(
            name,
            f"“{value}” is no whole number from {minimum} to {maximum}",
            f"Set it to such a number, for example {default}",
        )
    return int(value)


def env_choice(name: str, default: str, choices: Collection[str]) -> str:
    value = env_str(name, default)
    if value not in choices:
        raise WrongSetting(name, f"“{value}” is not known", f"Set it to one of: {', '.join(sorted(choices))}")
    return value


def env_code(name: str, default: str, known: Collection[str], kind: str, example: str) -> str:
    """Return an upper-case code that is in `known`; `kind` and `example` explain it when it is not."""
    value = env_str(name, default).upper()
    if value not in known:
        raise WrongSetting(name, f"“{value}” is no {kind}", f"Set it to one, for example {example}")
    return value


def env_list(name: str, default: Collection[str] = ()) -> list[str]:
    """Return the comma-separated parts, without blanks and empty ones."""
    parts = [part.strip() for part in env_str(name).split(",")]
    return [part for part in parts if part] or list(default)


def env_hosts(name: str, default: Collection[str]) -> list[str]:
    """Return host names as Django's ALLOWED_HOSTS takes them: no scheme, no port, no path."""
    hosts = env_list(name, default)
    for host in hosts:
        if not HOST_PATTERN.fullmatch(host):
            raise WrongSetting(
                name, f"“{host}” is no host name", "List names only, for example shop.example.org,www.example.org"
            )
    return hosts


def env_origins(name: str) -> list[str]:
    """Return origins: scheme and host (and port), nothing behind them."""
    origins = env_list(name)
    for origin in origins:
        parts = urlsplit(origin)
        is_whole = origin == f"{parts.scheme}://{parts.netloc}" and parts.hostname and "*" not in origin
        if parts.scheme not in {"http", "https"} or not is_whole:
            raise WrongSetting(
                name, f"“{origin}” is no origin", "Write scheme and host only, for example https://shop.example.org"
            )
    return origins


def _env_url(name: str, default: str, schemes: Collection[str], parse: Any, example: str) -> dict[str, Any]:
    url = env_str(name, default)
    fix = f"Set it to an address like {example}"
    scheme = url.partition("://")[0].lower()
    if "://" not in url or scheme not in schemes:
        raise WrongSetting(name, f"its scheme is none of {', '.join(sorted(schemes))}", fix)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            parsed: dict[str, Any] = parse(url)
    except (ValueError, UserWarning, environ.ImproperlyConfigured):
        raise WrongSetting(name, "it is no address that can be read", fix) from None
    return parsed


def env_database(name: str, default: str) -> dict[str, Any]:
    """Return Django's settings for a `sqlite:///path` or `postgres://user:password@host/name` address."""
    example = "sqlite:////srv/shop/shop.sqlite3 or postgres://user:password@host:5432/shop"
    database = _env_url(name, default, DATABASE_SCHEMES, environ.Env.db_url_config, example)
    if database["NAME"] in {"", ":memory:"}:
        raise WrongSetting(name, "it names no database", f"Set it to an address like {example}")
    return database


def env_cache(name: str, default: str) -> dict[str, Any]:
    """Return Django's settings for a `redis://host:port/number` or `filecache:///directory` address."""
    cache = _env_url(name, default, CACHE_SCHEMES, environ.Env.cache_url_config, "redis://127.0.0.1:6379/0")
    if not cache["LOCATION"] or cache["LOCATION"].endswith("://"):
        raise WrongSetting(name, "it names no place", "Set it to an address like redis://127.0.0.1:6379/0")
    return cache


def env_email(name: str, default: str) -> dict[str, Any]:
    """Return Django's EMAIL_… settings; `?from=` of the address becomes DEFAULT_FROM_EMAIL."""
    example = "smtp+tls://user:password@mail.example.org:587?from=shop@example.org"
    email = _env_url(name, default, EMAIL_SCHEMES, environ.Env.email_url_config, example)
    options = email.pop("OPTIONS", {})
    if sender := options.pop("FROM", ""):
        email["DEFAULT_FROM_EMAIL"] = sender
    if options:
        raise WrongSetting(name, f"“{', '.join(sorted(options)).lower()}” is not known", f"Write it like {example}")
    if email["EMAIL_BACKEND"].endswith("smtp.EmailBackend") and not email["EMAIL_HOST"]:
        raise WrongSetting(name, "it names no mail server", f"Set it to an address like {example}")
    if email["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
        email["EMAIL_FILE_PATH"] = unquote(urlsplit(env_str(name, default)).path)
    return {key: value for key, value in email.items() if value not in {None, ""}}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in S3: `prefix` ends with a slash or is empty, `public` is the address at which the bucket is read."""

    name: str
    prefix: str
    region: str
    endpoint: str
    public: str

    @property
    def origin(self) -> str:
        parts = urlsplit(self.public)
        return f"{parts.scheme}://{parts.netloc}"


def env_bucket(name: str) -> Bucket | None:
    """Return the place that an `s3://bucket/prefix?region=…` address names, None where it is unset."""
    url = env_str(name)
    if not url:
        return None
    example = "s3://bucket/prefix?region=eu-central-1&public=https://cdn.example.org"
    fix = f"Set it to an address like {example}, or unset it to keep files in VAR_DIR"
    parts = urlsplit(url)
    if parts.scheme != "s3" or not BUCKET_PATTERN.fullmatch(parts.netloc):
        raise WrongSetting(name, "it names no bucket", fix)
    prefix = parts.path.strip("/")
    if not PREFIX_PATTERN.fullmatch(prefix) or ".." in prefix:
        raise WrongSetting(name, "its prefix holds more than letters, digits and . _ - /", fix)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(set(options) - {"region", "endpoint", "public"}):
        raise WrongSetting(name, f"“{', '.join(unknown)}” is not known", fix)
    region, endpoint = options.get("region", ""), options.get("endpoint", "").rstrip("/")
    if not REGION_PATTERN.fullmatch(region):
        raise WrongSetting(name, "it names no region", fix)
    place = f"{endpoint}/{parts.netloc}" if endpoint else f"https://{parts.netloc}.s3.{region}.amazonaws.com"
    public = options.get("public", place).rstrip("/")
    for address in filter(None, (endpoint, public)):
        if not PLACE_PATTERN.fullmatch(address):
            raise WrongSetting(name, "its endpoint or public address is none", fix)
    return Bucket(parts.netloc, prefix and f"{prefix}/", region, endpoint, public)


def env_secret(name: str, kept_in: Path, shortest: int = 1) -> str:
    """Return the variable, or a secret generated once and kept in a file that only its owner reads.

    Raises WrongSetting for one of fewer than `shortest` characters.
    Several processes that start at once agree on one secret: the file appears
    whole or not at all, and whoever comes second reads it.
    """
    value = env_str(name)
    if value:
        if len(value) < shortest:
            raise WrongSetting(
                name,
                "it is too short to be safe",
                f"Set it to {shortest} random characters or more, or unset it to have one made",
            )
        return value
    if not kept_in.exists():
        _keep(secrets.token_urlsafe(48), kept_in)
    return kept_in.read_text(encoding="ascii").strip()


def _keep(secret: str, path: Path) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)


def env_directory(name: str, default: Path) -> Path:
    """Return a directory that exists afterwards and can be written to."""
    directory = Path(env_str(name, str(default))).expanduser().absolute()
    try:
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(name, f"{directory} cannot be made ({error.strerror})", "Name a directory you own") from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise WrongSetting(name, f"{directory} cannot be written to", "Name a directory you own")
    return directory
