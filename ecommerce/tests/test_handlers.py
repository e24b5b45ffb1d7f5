import io
import json

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest

from ecommerce.handlers import AsyncWebRequest, WebHandler

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
        assert json.loads(answer.content)["code"] == "bad_request"

    def test_a_known_encoding_is_read(self, answer_to):
        assert answer_to("text/plain; x*=utf-8'en'a").status_code == 404


class TestAsyncWebRequest:
    @pytest.mark.parametrize("kind", UNKNOWN[:1])
    def test_it_is_made_whatever_the_content_type_says(self, async_rf, kind):
        scope = async_rf._base_scope(path="/", headers=[(b"content-type", kind.encode())])

        with pytest.raises(ValueError):
            ASGIRequest(scope, io.BytesIO())
        assert AsyncWebRequest(scope, io.BytesIO()).is_unreadable
