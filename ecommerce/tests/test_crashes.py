"""A short run of the crash proof (`make accept STEPS=crashes` is the whole one)."""

from pathlib import Path

import pytest

from ecommerce.acceptance.buyer import Buyer
from ecommerce.acceptance.crashes import Deaths
from ecommerce.acceptance.stage import stage

pytestmark = [
    pytest.mark.race,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads processes from Linux's /proc"),
]


@pytest.fixture(scope="module")
def shop():
    with stage("sqlite", "stops_wsgi") as made:
        yield made


class TestDeathAtCheckout:
    def test_a_killed_web_process_costs_nothing(self, shop):
        dying = Deaths(shop, "web")

        for number, stop in enumerate(("after reserve", "after gateway call", "before commit", "after response")):
            dying.die_at(stop, number)

        tally = dying.end()
        assert (tally.runs, tally.refused) == (4, 3)
        assert tally.is_clean(), tally

    def test_a_killed_worker_is_not_noticed(self, shop):
        dying = Deaths(shop, "worker")

        dying.die_at("before mail enqueued", 1)

        tally = dying.end()
        assert (tally.runs, tally.refused) == (1, 0)
        assert tally.repeated >= 1  # sent, and not noted before it died
        assert tally.is_clean(), tally

    def test_a_lost_order_is_seen(self, shop):
        dying = Deaths(shop, "web")
        buyer = Buyer(shop.shop.base, "never-came@example.org", "tok_visa")
        buyer.seen = {"token-of-no-order": True}

        dying.check([buyer])

        assert dying.tally.lost == {"token-of-no-order"}
        assert dying.tally.torn == {"never-came@example.org: []"}
        assert not dying.tally.is_clean()
