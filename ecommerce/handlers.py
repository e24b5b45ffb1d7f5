"""Django's handlers, with requests that can be refused where Django's own would fail to be made."""

from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import LimitedStream, WSGIHandler, WSGIRequest


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


class BodyCutShort(BadRequest):
    """Fewer bytes came than the request announced: what did come may say something else than what was meant."""

    def __init__(self) -> None:
        super().__init__("the body ended before its announced length")


class WholeBody(LimitedStream):
    """A body that is read in full or not at all: a client that dies while sending has asked for nothing."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Raises BodyCutShort where the client sent less than it announced."""
        left = self.limit - self._pos  # type: ignore[attr-defined]
        wanted = left if size is None or size < 0 else min(size, left)
        data: bytes = super().read(wanted)
        while len(data) < wanted:
            more = super().read(wanted - len(data))
            if not more:
                raise BodyCutShort
            data += more
        return data


class WebRequest(AnyContentType, WSGIRequest):
    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        stream = WholeBody(environ["wsgi.input"], self._stream.limit)  # type: ignore[attr-defined]
        self._stream = stream  # type: ignore[assignment]


class AsyncWebRequest(AnyContentType, ASGIRequest):
    pass


class WebHandler(WSGIHandler):
    request_class = WebRequest


class AsyncWebHandler(ASGIHandler):
    request_class = AsyncWebRequest
