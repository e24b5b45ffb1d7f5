import os

import pytest
from playwright.sync_api import sync_playwright

from conftest import CHROMIUM


@pytest.fixture(scope="session")
def chromium():
    # The sync API runs an event loop, in which Django refuses to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
