"""Programs that speak the API as somebody."""

import json
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.api_keys import make_key
from accounts.models import User
from accounts.tests.factories import UserFactory

API = "/api/v1"


class Program(Client):
    """A client that never raises what the shop fails at, and sends JSON."""

    def __init__(self, authorization: str = "", **defaults: Any) -> None:
        headers = {"Authorization": authorization} if authorization else {}
        super().__init__(raise_request_exception=False, headers=headers, **defaults)

    def send(self, method: str, path: str, body: Any = None, **headers: str):
        """Send `body` as JSON, or nothing; `headers` with ``_`` for ``-``."""
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.generic(method, f"{API}{path}", headers=named, **content)


def staff_user(*groups: str, **columns: Any) -> User:
    """An account of the groups named."""
    user = UserFactory(**columns)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def with_token(user: User, *, at: datetime | None = None) -> Program:
    token, _ends = tokens.issue(user, at=at or timezone.now())
    return Program(f"Bearer {token}")


def with_key(user: User, *scopes: str) -> Program:
    _made, key = make_key(user, name="test", scopes=scopes, at=timezone.now())
    return Program(f"Bearer {key}")


def with_session(user: User) -> Program:
    """A browser that is logged in on the website."""
    browser = Program()
    browser.force_login(user)
    return browser


def code_of(response) -> str:
    """The refusal's code; empty for an answer that is none."""
    return response.json()["code"] if response.status_code >= 400 else ""
