"""Both clients, used in one way: what is tested of one holds for the other."""

import asyncio
import inspect
import threading
from contextlib import contextmanager
from uuid import uuid4

import pytest

from ecommerce_sdk import AsyncEcommerceSDK, EcommerceSDK

BASE = "http://shop.test"


class Awaited:
    """An asynchronous client whose answers are waited for."""

    def __init__(self, sdk, run):
        self.sdk = sdk
        self.run = run

    def __repr__(self):
        return repr(self.sdk)

    def __getattr__(self, name):
        found = getattr(self.sdk, name)
        if inspect.iscoroutinefunction(found):
            return lambda *arguments, **named: self.run(found(*arguments, **named))
        if inspect.isasyncgenfunction(found):
            return lambda *arguments, **named: self.run(collected(found(*arguments, **named)))
        if name == "as_user":
            return lambda *arguments: Awaited(found(*arguments), self.run)
        return found


async def collected(found):
    return [each async for each in found]


@contextmanager
def event_loop():
    """Runs coroutines in a thread of its own: in this one a loop of another tool may be running."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


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
    with event_loop() as run:
        yield lambda base_url=BASE, *arguments, **named: Awaited(
            AsyncEcommerceSDK(base_url, *arguments, **{"first_pause": 0.0, **named}), run
        )
