"""Both clients, used in one way: what is tested of one holds for the other."""

import asyncio
import inspect
from uuid import uuid4

import pytest

from ecommerce_sdk import AsyncEcommerceSDK, EcommerceSDK

BASE = "http://shop.test"


class Awaited:
    """An asynchronous client whose answers are waited for."""

    def __init__(self, sdk, runner):
        self.sdk = sdk
        self.runner = runner

    def __repr__(self):
        return repr(self.sdk)

    def __getattr__(self, name):
        found = getattr(self.sdk, name)
        if inspect.iscoroutinefunction(found):
            return lambda *arguments, **named: self.runner.run(found(*arguments, **named))
        if inspect.isasyncgenfunction(found):
            return lambda *arguments, **named: self.runner.run(collected(found(*arguments, **named)))
        if name == "as_user":
            return lambda *arguments: Awaited(found(*arguments), self.runner)
        return found


async def collected(found):
    return [each async for each in found]


@pytest.fixture
def fresh():
    """A user_id that no other test has."""
    return uuid4().hex


@pytest.fixture(params=["waits", "awaits"])
def client(request):
    """Makes clients of either kind: `client(base_url, …)`."""
    if request.param == "waits":
        yield lambda base_url=BASE, *arguments, **named: EcommerceSDK(
            base_url, *arguments, **{"first_pause": 0.0, **named}
        )
        return
    with asyncio.Runner() as runner:
        yield lambda base_url=BASE, *arguments, **named: Awaited(
            AsyncEcommerceSDK(base_url, *arguments, **{"first_pause": 0.0, **named}), runner
        )
