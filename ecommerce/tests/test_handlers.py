import io
import json

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest

from ecommerce.handlers import AsyncWebRequest, WebHandler, WholeBody

UNKNOWN = ["text/plain; x*=nope'en'a", "multipart/form-data; boundary*=u\0'en'a"]


def environ_with(rf, kind):
    return rf.generic("POST", "/api/nothing").environ | {"CONTENT_TYPE": kind}


class TestWebHandler:
    """Django's test client makes requests of its own class."""

    @pytest.fixture
    def answer_to(self, rf):
        handler = WebHandler()
        return lambda kind: handler.get_response(handler.request_class(environ_with(rf, kind)))

    @pytest.mark.parametrize("kind", UNKNOWN)
    def test_a_content_type_in_an_unknown_encoding_is_refused(self, rf, answer_to, kind):
        with pytest.raises(ValueError):
            WSGIRequest(environ_with(rf, kind))  # Django's own cannot even be made

        answer = answer_to(kind)

        assert answer.status_code == 400
        assert json.loads(answer.content)["code"] == "malformed"

    def test_a_known_encoding_is_read(self, answer_to):
        assert answer_to("text/plain; x*=utf-8'en'a").status_code == 404


class TestWholeBody:
    """A client that dies while sending has asked for nothing."""

    @pytest.fixture
    def answer_to(self, rf):
        def answer(address: str, kind: str, body: bytes, announced: int):
            environ = rf.generic("POST", address, body, kind).environ
            environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(announced)}
            handler = WebHandler()
            handler.load_middleware()
            return handler.get_response(handler.request_class(environ))

        return answer

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("address", "kind", "body"),
        [
            ("/api/v1/checkout", "application/json", b"{}"),
            ("/api/v1/checkout", "application/json", b""),
            ("/api/v1/products/1/images", "multipart/form-data; boundary=b", b"--b\r\n"),
            ("/cart/update/1/", "application/x-www-form-urlencoded", b"quantity=1"),
            ("/place_order/", "application/x-www-form-urlencoded", b"email=a"),
        ],
    )
    def test_one_cut_short_is_refused_before_anything_is_done(self, answer_to, address, kind, body):
        whole = answer_to(address, kind, body, len(body))
        cut = answer_to(address, kind, body, len(body) + 10)

        assert whole.status_code != 400 or b"announced" not in whole.content
        assert cut.status_code == (401 if "images" in address else 400)

    def test_one_that_comes_in_small_pieces_is_read_whole(self):
        class Drops(io.BytesIO):
            def read(self, size=-1):
                return super().read(min(size, 3))

        assert WholeBody(Drops(b"all of it"), 9).read() == b"all of it"


class TestAsyncWebRequest:
    @pytest.mark.parametrize("kind", UNKNOWN[:1])
    def test_it_is_made_whatever_the_content_type_says(self, async_rf, kind):
        scope = async_rf._base_scope(path="/", headers=[(b"content-type", kind.encode())])

        with pytest.raises(ValueError):
            ASGIRequest(scope, io.BytesIO())
        assert AsyncWebRequest(scope, io.BytesIO()).is_unreadable
