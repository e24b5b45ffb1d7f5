"""The examples of the SDK's README and of the how-to, run as they stand against a running shop."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from accounts import tokens
from catalog.tests.factories import ProductFactory, VariantFactory
from ecommerce.tests.programs import staff_user
from orders.models import Order
from pricing.defaults import install_defaults

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
SHOP = "http://127.0.0.1:8000"
PAGES = ("sdk/README.md", "docs/how-to/sell-by-program.md")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


EXAMPLES = [pytest.param(text, id=f"{page} {n}") for page in PAGES for n, text in enumerate(blocks(page, "python"), 1)]


@pytest.fixture
def run(live_server):
    """Run an example with a seller's token, in a thread: it may want to have its own event loop."""
    install_defaults()
    VariantFactory(product__name="Quarry dipped mug", price=Decimal("21.00"))
    shirt = ProductFactory(name="The newest, so listed first")
    for size in "ML":
        VariantFactory(product=shirt, title=size)
    token, _ends = tokens.issue(staff_user("Catalogue", "Stock"), at=timezone.now())

    def run(text):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(exec, text.replace(SHOP, live_server.url), {"TOKEN": token}).result()

    return run


class TestExamples:
    @pytest.mark.parametrize("text", EXAMPLES)
    def test_run_as_they_stand(self, run, text):
        assert SHOP in text

        run(text)

    def test_order_something_within_ten_lines_of_installing(self, run, capsys):
        install, first = blocks(PAGES[0], "sh")[0], blocks(PAGES[0], "python")[0]
        lines = [line for line in (install + first).splitlines() if line.strip()]

        run(first)

        order = Order.objects.get()
        assert len(lines) <= 10
        assert capsys.readouterr().out == f"{order.number} paid 46.90 EUR\n"
