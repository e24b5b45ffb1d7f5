"""Programs of staff, as the API meets them."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

API = "/api/v1"
PASSWORD = "seven green bicycles"


class Program(Client):
    """A client that sends JSON."""

    user: Any = None

    def send(self, method: str, path: str, body: Any = None, **more: Any):
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self, method)(f"{API}{path}", **content, **more)

    def read(self, path: str, **query: Any):
        return self.get(f"{API}{path}", query_params=query)


def staff_program(*groups: str) -> Program:
    """A program with the token of staff of the groups named; without one, of a superuser. `user` is who."""
    users = get_user_model().objects
    email = f"staff{users.count()}@shop.test"
    user = users.create_user(email, PASSWORD, is_superuser=not groups)
    user.groups.set(Group.objects.filter(name__in=groups))
    answer = Program().send("post", "/login", {"email": email, "password": PASSWORD})
    program = Program(headers={"Authorization": f"Bearer {answer.json()['token']}"})
    program.user = user
    return program


def refusal(answer) -> tuple[int, str]:
    """Status and code of an answer that refuses with a sentence."""
    told = answer.json()
    assert set(told) == {"code", "detail", "fields"}
    assert told["detail"]
    return answer.status_code, told["code"]
