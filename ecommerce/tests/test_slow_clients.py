import http.client
from pathlib import Path

import pytest

from ecommerce.acceptance.nginx import NAME, SHIPPED, Door, nginx
from ecommerce.acceptance.slow import BODY, HEADERS, silent_clients
from ecommerce.acceptance.throwaway import shop

pytestmark = [pytest.mark.race, pytest.mark.programs("nginx", "openssl")]


@pytest.fixture(scope="module")
def served():
    with shop("sqlite", ALLOWED_HOSTS=NAME, TRUSTED_PROXIES="1", WORKERS="2") as made, made.serving():
        yield made


@pytest.fixture(scope="module")
def door(served):
    with nginx(served) as opened:
        yield opened


def statuses(door, path="/healthz"):
    """Of 20 requests that wait less long than nginx waits for a slow client."""
    return {door.get(path, timeout=10)[0] for _ in range(20)}


class TestSlowClients:
    def test_sixty_slow_headers_stop_nobody_even_without_nginx(self, served):
        direct = Door(served.port)

        with silent_clients(direct, HEADERS, 60):
            assert statuses(direct) == {200}

    @pytest.mark.parametrize("said", [HEADERS, BODY], ids=["headers", "bodies"])
    def test_behind_nginx_sixty_of_either_kind_stop_nobody(self, door, said):
        with silent_clients(door, said, 60):
            assert statuses(door) == {200}
            assert statuses(door, "/search/") == {200}

    def test_without_nginx_slow_bodies_do(self, served):
        """So the docs say that the shop must not face strangers by itself."""
        direct = Door(served.port)

        with silent_clients(direct, BODY, 60), pytest.raises((OSError, http.client.HTTPException)):
            for _ in range(20):
                direct.get("/healthz", timeout=1)


class TestShippedConfiguration:
    def test_plain_http_is_sent_to_https(self):
        assert "return 301 https://shop.example.org$request_uri;" in SHIPPED.read_text()

    def test_pages_come_from_the_shop(self, door):
        status, headers, body = door.get("/")

        assert status == 200
        assert headers["strict-transport-security"]
        assert b"<main" in body

    def test_static_files_are_kept_for_long_only_under_a_hashed_name(self, served, door):
        (hashed,) = Path(served.environment["VAR_DIR"], "static/css").glob("shop.????????????.css")

        named, plain = door.get(f"/static/css/{hashed.name}"), door.get("/static/css/shop.css")

        assert (named[0], named[1]["content-type"]) == (200, "text/css")
        assert "immutable" in named[1]["cache-control"]
        assert "immutable" not in plain[1]["cache-control"]

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("tray.avif", "image/avif"),
            ("tray.webp", "image/webp"),
            ("tray.jpg", "image/jpeg"),
            ("page.html", "application/octet-stream"),
            ("drawing.svg", "application/octet-stream"),
        ],
    )
    def test_of_uploads_only_pictures_are_opened(self, served, door, name, kind):
        media = Path(served.environment["VAR_DIR"], "media")
        media.mkdir(exist_ok=True)
        (media / name).write_bytes(b"<script>")

        status, headers, _ = door.get(f"/media/{name}")

        assert (status, headers["content-type"], headers["x-content-type-options"]) == (200, kind, "nosniff")
        assert headers["content-security-policy"] == "default-src 'none'"
