"""demo.py as a newcomer runs it, against a shop of its own."""

import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from decimal import Decimal

import pytest

import demo
from ecommerce.acceptance.demonstration import CATALOGUE_AND_LOG_INS
from ecommerce.acceptance.throwaway import ROOT, free_port, shop
from ecommerce_sdk import Cart, CartLine

PASSWORD = "quiet shelf demonstration"
LEFT = """
from catalog.models import Product
from orders.models import Order
of_demo = Product.objects.filter(name__contains="(demo ")
result = {
    "on sale": of_demo.filter(status="active").count(),
    "archived": of_demo.filter(status="archived").count(),
    "orders": [[order.status, f"{order.subtotal:.2f}"] for order in Order.objects.all()],
}
"""


@pytest.fixture
def made():
    with shop("sqlite", DEMO_PASSWORD=PASSWORD, WORKERS="1") as made:
        made.run(CATALOGUE_AND_LOG_INS)
        yield made


@pytest.fixture
def demonstrate(made):
    """Run demo.py against the shop; `options` may say otherwise."""

    def run(*options):
        command = [sys.executable, "demo.py", "--url", made.base, *options]
        return subprocess.run(command, cwd=ROOT, env=made.environment, capture_output=True, text=True, timeout=120)

    return run


@contextmanager
def held_at(made, step):
    """A run of demo.py that stands still within `step` until it is sent SIGCONT."""
    command = [sys.executable, "demo.py", "--url", made.base]
    with subprocess.Popen(
        command, cwd=ROOT, env=made.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            while step not in (line := process.stdout.readline()):
                assert line, process.stderr.read()
            process.send_signal(signal.SIGSTOP)
            yield process
        finally:
            process.kill()


class TestTotals:
    @pytest.mark.parametrize(
        ("sum_", "total", "wrong"),
        [("25.01", "25.00", "25.01"), ("25.00", "24.99", "24.99")],
        ids=["the line's sum", "the cart's total"],
    )
    def test_a_cent_too_much_or_too_little_is_an_error(self, sum_, total, wrong):
        account = demo.Account("seller", "", "", "token")
        shown = demo.Demo("http://127.0.0.1:8000", account, account, demo.Lines())
        shown.wanted = {7: (Decimal("12.50"), 2)}
        line = CartLine(7, 70, "MUG", "Mug", 2, Decimal("12.50"), Decimal(sum_), "")

        with pytest.raises(demo.Wrong, match=wrong):
            shown.check_cart(Cart((line,), Decimal(total), Decimal(total), "EUR"))


@pytest.mark.race
class TestDemo:
    def test_takes_all_steps_and_leaves_nothing_on_sale(self, made, demonstrate):
        with made.serving():
            done = demonstrate()

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith("Everything is as it should be.\n")
        assert made.run(LEFT) == {"on sale": 0, "archived": 4, "orders": [["shipped", "51.60"]]}
        assert made.audit() == []

    def test_a_shop_that_stops_midway_ends_it_with_a_way_out(self, made):
        with ExitStack() as stack:
            with made.serving():
                process = stack.enter_context(held_at(made, "The buyer fills a cart"))
            process.send_signal(signal.SIGCONT)
            _output, said = process.communicate(timeout=60)

        assert process.returncode == 1
        assert "“The buyer" in said
        assert "make start" in said
        assert "Traceback" not in said

    def test_ctrl_c_takes_everything_off_sale(self, made):
        with made.serving(), held_at(made, "The buyer looks at the cart") as process:
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGCONT)
            process.communicate(timeout=60)

        assert process.returncode == 130
        assert made.run(LEFT)["on sale"] == 0

    @pytest.mark.parametrize(
        ("options", "way_out"),
        [
            (["--seller-password", "wrong"], "Give the right password"),
            (["--url", f"http://127.0.0.1:{free_port()}"], "make start"),
            (["--url", "nonsense"], "--url"),
        ],
        ids=["wrong password", "no shop there", "no address"],
    )
    def test_says_what_failed_and_how_to_mend_it(self, made, demonstrate, options, way_out):
        with made.serving():
            done = demonstrate(*options)

        assert done.returncode == 1
        assert way_out in done.stderr
        assert "Traceback" not in done.stderr
