"""A program that knows DESIGN §6 and no SDK: docs/how-to/buy_and_sell.py."""

import subprocess
import sys

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from catalog.models import Product, StockRecord
from ecommerce.acceptance.throwaway import ROOT
from ecommerce.groups import make_groups
from orders.audit import audit
from orders.models import Order
from pricing.defaults import install_defaults

pytestmark = pytest.mark.race

SCRIPT = ROOT / "docs/how-to/buy_and_sell.py"
EMAIL, PASSWORD = "selma@example.org", "quiet shelf script"


@pytest.fixture
def seller(transactional_db):
    install_defaults()
    make_groups("default")
    user = User.objects.create_user(EMAIL, PASSWORD)
    user.groups.set(Group.objects.filter(name__in=["Catalogue", "Stock"]))
    return user


class TestScriptWithRequests:
    def test_sells_and_buys(self, live_server, seller):
        done = subprocess.run(
            [sys.executable, "-W", "error", str(SCRIPT), live_server.url, EMAIL, PASSWORD],
            capture_output=True,
            text=True,
        )

        assert (done.returncode, done.stderr) == (0, "")
        order = Order.objects.get()
        assert done.stdout.endswith(f"Order {order.number}: {order.total:.2f} EUR\n")
        assert order.payment_state == "paid"
        assert sorted(StockRecord.objects.values_list("on_hand", "reserved")) == [(9, 0), (9, 2), (9, 2)]
        assert set(Product.objects.values_list("status", flat=True)) == {"archived"}
        assert list(audit()) == []

    def test_knows_nothing_but_requests_in_thirty_lines(self):
        lines = SCRIPT.read_text().splitlines()

        assert len(lines) <= 30
        assert [line for line in lines if "import" in line.split()] == [
            "import sys",
            "from decimal import Decimal",
            "from requests import Session",
        ]
