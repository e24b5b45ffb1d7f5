"""Django's handlers, with requests that can be refused where Django's own would fail to be made."""

from typing import Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class AnyContentType:
    """A request whose content type may be past reading; `readable_requests` answers such a one with 400.

    RFC 2231 lets a parameter name its encoding (``x*=nope'en'a``). One that
    Python does not know is a ValueError before any middleware has a say.
    """

    content_type: str | None
    content_params: dict[str, str] | None
    is_unreadable = False

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except ValueError:
            self.content_type, self.content_params, self.is_unreadable = "", {}, True


class WebRequest(AnyContentType, WSGIRequest):
    pass


class AsyncWebRequest(AnyContentType, ASGIRequest):
    pass


class WebHandler(WSGIHandler):
    request_class = WebRequest


class AsyncWebHandler(ASGIHandler):
    request_class = AsyncWebRequest
