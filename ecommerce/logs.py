"""Logs as one JSON object a line, joined by the request id, without personal data.

Never logged: addresses of clients, e-mail addresses, order tokens, query
strings. Paths can hold a token, so a line names the route instead.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

EMAIL_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)*")
# PostgreSQL quotes the row that broke a constraint.
ROW_IN_ERROR = re.compile(r"^DETAIL: .*$", re.MULTILINE)
FIELDS = ("method", "route", "status", "ms")


def route_of(request: Any) -> str:
    """Return the pattern that a request matched, such as ``orders/<slug:token>/``; empty if none did."""
    match = getattr(request, "resolver_match", None)
    return match.route if match else ""


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.message_of(record),
        }
        if current := request_id.get():
            line["request_id"] = current
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        # What a client did wrong needs no traceback, which would quote its words.
        if record.exc_info and getattr(record, "status_code", 500) >= 500:
            line["traceback"] = without_personal_data(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)

    @staticmethod
    def message_of(record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        if request is not None:  # Django's own message would quote the path
            return f"{getattr(record, 'status_code', 'error')} {route_of(request)}".rstrip()
        return without_personal_data(record.getMessage())


def without_personal_data(text: str) -> str:
    return EMAIL_ADDRESS.sub("[e-mail]", ROW_IN_ERROR.sub("DETAIL: [row]", text))
