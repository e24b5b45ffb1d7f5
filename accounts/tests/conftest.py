import pytest
from django.core.cache import cache
from django.test import Client


@pytest.fixture(autouse=True)
def no_earlier_tries():
    """Let no test meet the rate limits that another has used up."""
    cache.clear()


@pytest.fixture(autouse=True)
def tasks_at_once(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def client_class():
    """To make visitors who do not share cookies."""
    return Client
