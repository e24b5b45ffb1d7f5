import errno
import io
import json
import logging
import sqlite3

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.http import HttpResponse
from django.test import override_settings
from django.urls import Resolver404, path, resolve

from ecommerce.client import client_address
from ecommerce.logs import JsonFormatter
from ecommerce.urls import handler400, handler403, handler404, handler429, handler500  # noqa: F401  (this file is a URLconf too)
from ecommerce.urls import urlpatterns as shop_urls
from pricing.errors import ShopError


class ShelfEmpty(ShopError):
    code = "shelf_empty"
    status = 409
    fix = "Fill it."
    retry_after = 7


def fail(error):
    def view(request, **kwargs):
        raise error

    return view


def locked():
    error = OperationalError("database is locked")
    error.__cause__ = sqlite3.OperationalError("database is locked")
    error.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def full(cause, **marks):
    error = OperationalError("disk full")
    error.__cause__ = cause
    for name, value in marks.items():
        setattr(cause, name, value)
    return error


def misspelt():
    error = OperationalError("no such column: colour")
    error.__cause__ = sqlite3.OperationalError("no such column: colour")
    error.__cause__.sqlite_errorcode = sqlite3.SQLITE_ERROR
    return error


FORM = '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nJané\r\n--x--\r\n'

urlpatterns = [
    path("cart/probe/", lambda request: HttpResponse("changed")),
    path("form/", lambda request: HttpResponse(request.POST["name"])),
    path("address/", lambda request: HttpResponse(client_address(request) + " " + request.META["REMOTE_ADDR"])),
    path("token/<str:token>/", lambda request, token: HttpResponse("order")),
    path("domain/", fail(ShelfEmpty("The shelf is empty."))),
    path("api/domain", fail(ShelfEmpty("The shelf is empty."))),
    path("broken/<str:token>/", fail(RuntimeError("jane.doe@example.org could not be told"))),
    path("api/broken", fail(RuntimeError("broken"))),
    path("away/", fail(OperationalError("connection refused"))),
    path("locked/", fail(locked())),
    path("misspelt/", fail(misspelt())),
    path("api/away", fail(OperationalError("connection refused"))),
    path("full/sqlite/", fail(full(sqlite3.OperationalError(), sqlite_errorcode=sqlite3.SQLITE_FULL))),
    path("full/sqlite-log/", fail(full(sqlite3.OperationalError(), sqlite_errorcode=sqlite3.SQLITE_IOERR_WRITE))),
    path("full/postgresql/", fail(full(psycopg.errors.DiskFull()))),
    path("full/files/", fail(OSError(errno.ENOSPC, "No space left on device"))),
    path("lost/", fail(OSError(errno.ENOENT, "No such file or directory"))),
    *shop_urls,
]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def lines():
    """The lines that were logged, as they are written."""
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def lenient_client(client):
    client.raise_request_exception = False
    return client


class TestRequestLog:
    def test_each_request_has_an_id_of_its_own(self, client):
        first, second = client.get("/address/"), client.get("/address/")

        assert len(first["X-Request-ID"]) == 32
        assert first["X-Request-ID"] != second["X-Request-ID"]

    def test_one_line_names_route_status_and_time_but_no_person(self, client, lines):
        answer = client.get("/token/s3cret-t0ken/?email=jane@example.org", REMOTE_ADDR="203.0.113.9")

        (line,) = lines()
        assert line["request_id"] == answer["X-Request-ID"]
        assert (line["method"], line["route"], line["status"]) == ("GET", "token/<str:token>/", 200)
        assert line["ms"] >= 0
        for personal in ("s3cret-t0ken", "jane", "203.0.113.9"):
            assert personal not in json.dumps(line)

    def test_a_failure_is_logged_with_traceback_and_id_but_no_person(self, lenient_client, lines):
        answer = lenient_client.get("/broken/s3cret-t0ken/?email=jane@example.org")

        failure = next(line for line in lines() if "traceback" in line)
        assert failure["request_id"] == answer["X-Request-ID"]
        assert "RuntimeError" in failure["traceback"]
        for personal in ("s3cret-t0ken", "jane"):
            assert personal not in json.dumps(failure)

    @pytest.mark.parametrize(
        ("said", "logger"),
        [
            ({"HTTP_HOST": "12 Mill Lane, Jane Doe"}, "django.security.DisallowedHost"),
            ({"content_type": "multipart/form-data; boundary=Jané"}, "django.request"),
        ],
    )
    def test_what_a_client_did_wrong_is_logged_without_its_words(self, lenient_client, lines, said, logger):
        answer = lenient_client.generic("POST", "/form/", FORM, **said)

        assert answer.status_code == 400
        assert [line["logger"] for line in lines()] == [logger, "shop.access"]
        assert "Jan" not in json.dumps(lines())


class TestClientAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "198.51.100.1", "203.0.113.9"),  # nobody is believed
            (1, "198.51.100.1", "198.51.100.1"),
            (1, "10.9.9.9, 198.51.100.1", "198.51.100.1"),  # the left one the client made up
            (2, "10.9.9.9, 198.51.100.1, 192.0.2.2", "198.51.100.1"),
            (2, "198.51.100.1", "203.0.113.9"),  # fewer hops than proxies: not through them
            (1, "", "203.0.113.9"),
        ],
    )
    def test_only_what_trusted_proxies_saw_counts(self, client, settings, proxies, forwarded, address):
        settings.TRUSTED_PROXIES = proxies
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}

        answer = client.get("/address/", REMOTE_ADDR="203.0.113.9", headers=headers)

        assert answer.content.decode() == f"{address} {address}"


@pytest.mark.django_db
@pytest.mark.both_databases
class TestReadableRequests:
    """PostgreSQL keeps no NUL, and Django decodes with whatever codec a client names."""

    @pytest.mark.parametrize(
        "address",
        [
            "/orders/%00/",
            "/confirmation/%00/",
            "/confirmation/a%00b",
            "/payments/test/%00/",
            "/media/%00",
            "/static/%00",
            "/?q=%00",
            "/admin/orders/order/?status=%00",
            "/admin/orders/order/?%00=1",
        ],
    )
    def test_nul_in_an_address_is_refused(self, lenient_client, address):
        answer = lenient_client.get(address)

        assert answer.status_code == 400
        assert "cannot be read" in answer.content.decode()
        assert "holds a NUL" in answer.content.decode()
        assert answer["X-Request-ID"] in answer.content.decode()

    @pytest.mark.parametrize("address", ["/orders/{}/", "/confirmation/{}", "/payments/test/{}/"])
    def test_nor_is_it_ever_looked_up_as_a_token(self, address):
        with pytest.raises(Resolver404):
            resolve(address.format("a\0b"))

    @pytest.mark.parametrize("cookie", [r'sessionid="aaaaaaaaaa\000bbbb"', r'other="\000"'])
    def test_nul_in_a_cookie_is_refused(self, lenient_client, cookie):
        assert lenient_client.get("/cart/", HTTP_COOKIE=cookie).status_code == 400

    def test_a_program_gets_json(self, lenient_client):
        answer = lenient_client.get("/api/v1/webhooks/%00")

        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
        assert "holds a NUL" in answer.json()["detail"]

    def test_a_page_passes_over_bytes_that_are_no_text(self, client):
        assert client.get("/?q=%ff").status_code == 200

    @pytest.mark.parametrize("charset", ["rot13", "hex", "undefined", "utf-16", "utf-7"])
    @pytest.mark.parametrize("address", ["/cart/add/1/", "/place_order", "/checkout/"])
    def test_a_body_in_another_encoding_is_refused(self, lenient_client, address, charset):
        kind = f"multipart/form-data; boundary=x; charset={charset}"

        answer = lenient_client.generic("POST", address, FORM, content_type=kind)

        assert answer.status_code == 400

    def test_an_encoding_cannot_hide_a_nul(self, lenient_client):
        assert lenient_client.get("/?q=+AAA-", CONTENT_TYPE="text/plain; charset=utf-7").status_code == 400

    @pytest.mark.parametrize("charset", ["utf-8", "UTF8", "no-such-encoding"])
    def test_utf_8_is_read_and_is_what_an_unknown_name_is_taken_for(self, client, charset):
        kind = f"multipart/form-data; boundary=x; charset={charset}"

        answer = client.generic("POST", "/form/", FORM, content_type=kind)

        assert answer.content.decode() == "Jané"

    def test_a_malformed_body_gets_the_same_page(self, lenient_client):
        answer = lenient_client.generic("POST", "/form/", FORM, content_type="multipart/form-data; boundary=")

        assert answer.status_code == 400
        assert "cannot be read" in answer.content.decode()


class TestOwnOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {},  # no browser
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "http://testserver"},
            {"Sec-Fetch-Site": "same-site", "Origin": "https://trusted.example.org"},
        ],
    )
    def test_the_shop_and_programs_may_change_the_cart(self, client, settings, headers):
        settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example.org"]

        assert client.post("/cart/probe/", headers=headers).status_code == 200

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "https://testserver"},  # another scheme is another origin
            {"Origin": "http://testserver:8080"},
            {"Origin": "http://testserver.evil.example"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
            {"Origin": ""},
        ],
    )
    def test_another_site_may_not(self, client, headers):
        answer = client.post("/cart/probe/", headers=headers)

        assert answer.status_code == 403
        assert "came from another website" in answer.content.decode()

    def test_links_from_other_sites_still_open_the_cart(self, client):
        assert client.get("/cart/probe/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.django_db
class TestDomainErrors:
    def test_a_page_says_what_happened_and_what_to_do(self, client):
        answer = client.get("/domain/")

        assert (answer.status_code, answer["Retry-After"]) == (409, "7")
        assert "The shelf is empty." in answer.content.decode()
        assert "Fill it." in answer.content.decode()

    def test_a_program_gets_the_code(self, client):
        answer = client.get("/api/domain")

        assert (answer.status_code, answer["Retry-After"]) == (409, "7")
        assert answer.json() == {"code": "shelf_empty", "detail": "The shelf is empty. Fill it.", "fields": {}}


class TestServerError:
    """No test here may touch the database: neither may the answers."""

    def test_the_page_is_a_file_with_the_request_id(self, lenient_client):
        answer = lenient_client.get("/broken/x/")

        assert answer.status_code == 500
        assert answer["X-Request-ID"] in answer.content.decode()
        assert "jane" not in answer.content.decode()

    def test_a_program_gets_json(self, lenient_client):
        answer = lenient_client.get("/api/broken")

        assert (answer.status_code, answer.json()["code"]) == (500, "server_error")

    @pytest.mark.parametrize("address", ["/away/", "/locked/"])
    def test_a_database_that_is_away_or_locked_is_503(self, lenient_client, address):
        answer = lenient_client.get(address)

        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert answer["X-Request-ID"] in answer.content.decode()

    def test_a_program_is_told_so_too(self, lenient_client):
        answer = lenient_client.get("/api/away")

        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert answer.json() == {
            "code": "unavailable",
            "detail": "The shop cannot reach its database just now.",
            "fields": {},
        }

    @pytest.mark.parametrize("what", ["sqlite", "sqlite-log", "postgresql", "files"])
    def test_a_full_disk_is_503_and_says_so(self, lenient_client, what):
        answer = lenient_client.get(f"/full/{what}/")

        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "no room left" in answer.content.decode()
        assert "Your cart is kept" in answer.content.decode()

    @pytest.mark.parametrize("address", ["/misspelt/", "/lost/"])
    def test_what_will_not_pass_is_a_fault_of_ours(self, lenient_client, address):
        assert lenient_client.get(address).status_code == 500


@pytest.mark.django_db
class TestNotFound:
    def test_the_page_offers_a_search_for_the_words_of_the_address(self, client):
        answer = client.get("/nothing/oak-tea-tray-12/")

        assert answer.status_code == 404
        assert "oak tea tray" in answer.content.decode()

    def test_a_program_gets_json(self, client):
        answer = client.get("/api/v1/nothing")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestHeaders:
    def test_pages_carry_the_security_headers(self, client):
        answer = client.get("/address/")

        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "object-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "camera=()" in answer["Permissions-Policy"]
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"

    def test_https_is_kept_once_used(self, client):
        with override_settings(SECURE_HSTS_SECONDS=60, SECURE_SSL_REDIRECT=True):
            plain, secure = client.get("/address/"), client.get("/address/", secure=True)

        assert (plain.status_code, plain["Location"]) == (301, "https://testserver/address/")
        assert secure["Strict-Transport-Security"].startswith("max-age=60")


class TestMedia:
    def test_an_upload_is_served_inert_and_kept(self, client, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        (tmp_path / "tray.svg").write_text("<svg onload='alert(1)'/>")

        answer = client.get("/media/tray.svg")

        assert b"".join(answer.streaming_content).startswith(b"<svg")
        assert answer["Content-Security-Policy"] == "default-src 'none'"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer["Cache-Control"]

    def test_nothing_outside_the_folder_is_served(self, client, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path / "media"
        (tmp_path / "media").mkdir()
        (tmp_path / "secret-key").write_text("hush")

        assert client.get("/media/..%2Fsecret-key").status_code == 400


@pytest.mark.django_db
class TestLogInLimits:
    """The site's log-in and the admin's are one, with one limit by address."""

    @pytest.fixture(autouse=True)
    def shared_cache(self, settings, tmp_path):
        settings.CACHES = {"default": {"BACKEND": "ecommerce.file_cache.FileCache", "LOCATION": tmp_path / "cache"}}

    def tries(self, client, address, door="/accounts/login/"):
        credentials = {"login": "someone@example.org", "password": "not the password"}
        return [
            client.post(
                door,
                credentials,
                REMOTE_ADDR=address,
                headers={"X-Forwarded-For": f"198.51.100.{number}"},
            )
            for number in range(12)
        ]

    def test_many_wrong_passwords_are_stopped_whatever_the_client_claims_to_be(self, client):
        answers = self.tries(client, "203.0.113.9")

        assert answers[0].status_code == 200
        assert answers[-1].status_code == 429 or "Too many" in answers[-1].content.decode()

    def test_even_the_right_password_waits_then(self, client):
        get_user_model().objects.create_user("someone@example.org", "a long enough password")
        self.tries(client, "203.0.113.9")

        client.post("/accounts/login/", {"login": "someone@example.org", "password": "a long enough password"})

        assert "_auth_user_id" not in client.session

    def test_the_admin_has_no_log_in_of_its_own(self, client):
        answer = client.get("/admin/login/?next=/admin/")

        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")

    def test_nobody_logs_in_at_the_admins_door(self, client):
        get_user_model().objects.create_superuser("someone@example.org", "a long enough password")
        credentials = {"login": "someone@example.org", "username": "someone@example.org"}

        answer = client.post("/admin/login/", credentials | {"password": "a long enough password"})

        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")
        assert "_auth_user_id" not in client.session

    def test_forged_addresses_at_the_admins_door_try_no_password(self, client):
        answers = self.tries(client, "203.0.113.9", door="/admin/login/")

        assert {answer.status_code for answer in answers} == {302}
        assert self.tries(client, "203.0.113.9")[0].status_code == 200


@pytest.mark.django_db
class TestAdmin:
    def test_tasks_with_their_arguments_are_not_shown(self, admin_client):
        """Those of mail hold links that set a new password."""
        assert admin_client.get("/admin/django_tasks_database/dbtaskresult/").status_code == 404
