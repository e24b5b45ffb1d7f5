"""Staff for tests of the admin."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client


def staff_client(*groups: str) -> Client:
    """A browser logged in as staff of the groups named; without one, as a superuser. `client.user` is who."""
    users = get_user_model().objects
    number = users.count()
    user = users.create_user(f"staff{number}@shop.test", is_staff=True, is_superuser=not groups)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def messages_of(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]
