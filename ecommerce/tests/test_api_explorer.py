"""The explorer works from our own files, under the shop's own policy."""

import json

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium, live_server):
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.troubles = []
    page.on("console", lambda message: page.troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("request", lambda request: note_foreign(page, request, live_server.url))
    yield page
    context.close()


def note_foreign(page, request, own):
    if not request.url.startswith((own, "data:", "blob:")):
        page.troubles.append(request.url)


class TestExplorer:
    def test_lists_the_operations_without_trouble(self, page):
        page.goto("/api/v1/docs")

        expect(page.get_by_text("Add a product")).to_be_visible()
        assert page.troubles == []

    def test_tries_an_operation(self, page):
        page.goto("/api/v1/docs")
        page.get_by_role("button", name="GET /api/v1/ Health").click()
        page.get_by_role("button", name="Execute").click()

        expect(page.locator(".live-responses-table")).to_contain_text("The shop is open.")
        assert page.troubles == []

    @pytest.mark.parametrize(
        ("operation", "body"),
        [
            ("Change a product", {"price": 19.5}),
            ("Book units in or out", {"delta": 12, "reason": "delivery 4711"}),
            ("Send money back", {"amount": 1, "reason": "scratched"}),
        ],
    )
    def test_fills_in_a_body_that_does_no_harm(self, page, operation, body):
        page.goto("/api/v1/docs")
        page.get_by_role("button", name=operation).click()

        assert json.loads(page.locator("textarea.body-param__text").input_value()) == body

    def test_leaves_the_key_empty(self, page):
        page.goto("/api/v1/docs")
        page.get_by_role("button", name="Order the cart").click()

        expect(page.get_by_placeholder("Idempotency-Key")).to_have_value("")

    def test_fits_a_small_screen(self, page):
        page.set_viewport_size({"width": 320, "height": 700})
        page.goto("/api/v1/docs")
        expect(page.get_by_text("Add a product")).to_be_visible()

        assert page.evaluate("document.documentElement.scrollWidth") <= 320
