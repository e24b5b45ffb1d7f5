import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def empty_cache():
    """The menu of one test is not that of the next."""
    cache.clear()
