"""The one settings file: everything that differs between deployments comes from the environment.

`docs/reference/settings.md` lists the variables.
"""

from pathlib import Path

from babel import Locale
from babel.numbers import list_currencies
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from ecommerce.env import (
    LOOPBACK_NAMES,
    env_bool,
    env_bucket,
    env_cache,
    env_choice,
    env_code,
    env_database,
    env_directory,
    env_email,
    env_hosts,
    env_int,
    env_origins,
    env_secret,
    env_str,
)
from ecommerce.storage import in_bucket, in_folders

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env_directory("VAR_DIR", BASE_DIR / "var")

DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_secret("SECRET_KEY", VAR_DIR / "secret-key", shortest=50)
ALLOWED_HOSTS = env_hosts("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_origins("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = env_origins("CORS_ALLOWED_ORIGINS")
is_local = LOOPBACK_NAMES.issuperset(ALLOWED_HOSTS)
HTTPS = env_bool("HTTPS", not DEBUG and not is_local)
TRUSTED_PROXIES = env_int("TRUSTED_PROXIES", 0, minimum=0, maximum=10)
RATE_LIMITS = env_bool("RATE_LIMITS", True)

HOST = env_str("HOST", "127.0.0.1")
PORT = env_int("PORT", 8000, minimum=1, maximum=65535)
WORKERS = env_int("WORKERS", 2, minimum=1, maximum=64)

# ISO 4217 and ISO 3166-1; CLDR also lists groupings and codes reserved for tests.
CURRENCIES = list_currencies()
COUNTRIES = {code for code in map(str, Locale("en").territories) if len(code) == 2}
COUNTRIES -= {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}

SHOP_NAME = env_str("SHOP_NAME", "Quiet Shelf")
SHOP_CURRENCY = env_code("SHOP_CURRENCY", "EUR", CURRENCIES, "ISO 4217 currency", "EUR")
SHOP_COUNTRY = env_code("SHOP_COUNTRY", "DE", COUNTRIES, "ISO 3166 country", "DE")
PRICES_INCLUDE_TAX = env_bool("PRICES_INCLUDE_TAX", True)
PAYMENT_GATEWAY = env_choice("PAYMENT_GATEWAY", "test", {"test"})
TEST_GATEWAY_SECRET = env_secret("TEST_GATEWAY_SECRET", VAR_DIR / "test-gateway-secret")
DEMO_PASSWORD = env_str("DEMO_PASSWORD")

SHOP_HOST = next((host.lstrip(".") for host in ALLOWED_HOSTS if host != "*"), "localhost")
_served_at = f"http://{'127.0.0.1' if HOST in {'0.0.0.0', '::'} else HOST}:{PORT}"
# Where links in mail lead, which no request is there to tell.
SHOP_URL = CSRF_TRUSTED_ORIGINS[0] if CSRF_TRUSTED_ORIGINS else f"https://{SHOP_HOST}" if HTTPS else _served_at

INSTALLED_APPS = [
    "ecommerce",
    "orders",
    "cart",
    "catalog",
    "pricing",
    "payments",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "corsheaders",
    "crispy_forms",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "treebeard",
]

MIDDLEWARE = [
    "ecommerce.middleware.request_log",
    "ecommerce.middleware.client_address",
    "ecommerce.kept.kept_answers",
    "ecommerce.health.probes",
    "django.middleware.security.SecurityMiddleware",
    "ecommerce.middleware.permissions_policy",
    "csp.middleware.CSPMiddleware",
    "ecommerce.middleware.announced_bodies",
    "ecommerce.middleware.readable_requests",
    "ecommerce.middleware.heads_as_gets",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "ecommerce.middleware.bounded_bodies",
    "ecommerce.identity.bearer_beats_cookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ecommerce.identity.identified",
    "ecommerce.limits.program_limits",
    "ecommerce.identity.known_tokens",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ecommerce.middleware.own_origin",
    "ecommerce.middleware.DomainErrors",
]

ROOT_URLCONF = "ecommerce.urls"
WSGI_APPLICATION = "ecommerce.wsgi.application"
TEST_RUNNER = "ecommerce.runner.PytestRunner"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ecommerce.context_processors.shop",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "shop"

# Database, cache, tasks

DATABASES = {"default": env_database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'shop.sqlite3'}")}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = 600
if _database["ENGINE"].endswith("sqlite3"):
    # BEGIN IMMEDIATE waits for the write lock where a later upgrade would fail at once.
    _defaults = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
    }
    _database["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}  # a file, as threads and processes share it
else:
    _timeouts = {
        "lock_timeout": "10s",
        "statement_timeout": "60s",
        "idle_in_transaction_session_timeout": "60s",
        "idle_session_timeout": "600s",  # a web server's thread that ends leaves its connection open
    }
    _database["ENGINE"] = "ecommerce.postgresql"
    _defaults = {"options": " ".join(f"-c {name}={value}" for name, value in _timeouts.items())}
    _database["CONN_HEALTH_CHECKS"] = True
_database["OPTIONS"] = _defaults | _database.get("OPTIONS", {})

CACHES = {"default": env_cache("CACHE_URL", f"filecache://{VAR_DIR / 'cache'}")}
_cache = CACHES["default"]
_cache["KEY_PREFIX"] = "shop"
if _cache["BACKEND"].endswith("FileBasedCache"):
    _cache["BACKEND"] = "ecommerce.file_cache.FileCache"
    _cache["OPTIONS"] = {"MAX_ENTRIES": 10_000}
else:
    _cache["BACKEND"] = "ecommerce.redis_cache.RedisCache"

# A worker each: what may take minutes (pictures, imports) never holds up mail.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "slow"]}}

# Accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "signup": "accounts.forms.SignupForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before the e-mail addresses of an account change
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
if not RATE_LIMITS:
    ACCOUNT_RATE_LIMITS = False

# Sessions, cookies, headers

SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "ecommerce.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # User.email is unique whatever its case, by a constraint that the check does not read
    "security.W005",  # whether every subdomain speaks HTTPS, only the owner of the domain knows
    "security.W021",
]
if is_local and not HTTPS:  # reached from this machine only, where nobody listens in
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
# Which pages of other origins may use the API: with a token, never with the shop's cookies.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Retry-After",
    "X-Request-ID",
    "X-Total-Count",
]
# A product with many variants is one admin form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Files

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# What an uploaded picture may have: its file in MB of 1024 × 1024 bytes, its area in millions of pixels.
PICTURE_MAX_MB = env_int("PICTURE_MAX_MB", 15, minimum=1, maximum=100)
PICTURE_MAX_MEGAPIXELS = env_int("PICTURE_MAX_MEGAPIXELS", 25, minimum=1, maximum=100)
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
PRIVATE_ROOT = VAR_DIR / "private"
MEDIA_STORAGE = env_bucket("MEDIA_STORAGE")
if MEDIA_STORAGE:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(MEDIA_STORAGE.origin)
STORAGES = {
    # "default": pictures of pages. "private", never served: their originals, uploaded catalogues.
    **(in_bucket(MEDIA_STORAGE) if MEDIA_STORAGE else in_folders()),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

# Mail

DEFAULT_FROM_EMAIL = f"shop@{SHOP_HOST if SHOP_HOST not in LOOPBACK_NAMES else 'localhost'}"
EMAIL_TIMEOUT = 10
globals().update(env_email("EMAIL_URL", f"filemail://{VAR_DIR / 'mail'}"))
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Language and time

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("British English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Logs: one JSON object a line, on standard error.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "ecommerce.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
        "warnings": {"class": "logging.StreamHandler", "formatter": "json", "level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # `runserver` and Django both log the full path, which may hold an order's token.
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # Two lines a task otherwise; `db_worker` sets the logger's level itself.
        "django_tasks": {"handlers": ["warnings"], "propagate": False},
    },
}
