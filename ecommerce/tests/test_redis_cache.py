import logging

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches

from ecommerce.acceptance.races import PRODUCTS
from ecommerce.acceptance.servers import redis
from ecommerce.acceptance.throwaway import shop
from ecommerce.acceptance.visitor import Visitor
from ecommerce.redis_cache import Outage, RedisCache

pytestmark = pytest.mark.programs("redis-server")

SHOPPER = """
from accounts.models import User
user = User.objects.create_user("shopper@example.org", "a long enough password")
result = user.pk
"""


@pytest.fixture
def server():
    with redis() as running:
        yield running


@pytest.fixture
def make_cache(server):
    """Caches as different processes make them; their connections are closed afterwards."""
    made = []

    def make():
        made.append(RedisCache(server.url, {"KEY_PREFIX": "shop"}))
        return made[-1]

    yield make
    for pool in [pool for cache in made for pool in cache._cache._pools.values()]:
        pool.disconnect()


@pytest.fixture
def cache(make_cache):
    return make_cache()


def let_back_off_pass(cache):
    cache.outage.retry_at = 0.0


@pytest.mark.race
class TestRedisCache:
    def test_what_is_kept_is_found_by_others(self, make_cache, cache):
        cache.set_many({"tree": [1, 2], "count": 1})
        cache.incr("count")

        other = make_cache()
        assert other.get_many(["tree", "count", "none"]) == {"tree": [1, 2], "count": 2}
        assert not other.add("tree", "another")

    @pytest.mark.parametrize("trouble", ["stop", "kill", "pause"])
    def test_each_operation_goes_on_without_redis(self, server, cache, trouble):
        getattr(server, trouble)()

        assert cache.get("tree", "none") == "none"
        assert [cache.add("lock", True), cache.add("lock", True)] == [True, False]
        cache.set_many({"tree": [1, 2], "count": 1})
        assert cache.incr("count") == 2
        assert cache.touch("tree")
        assert cache.get_many(["tree", "count"]) == {"tree": [1, 2], "count": 2}
        assert cache.delete("tree")
        assert not cache.has_key("tree")
        cache.delete_many(["count"])
        cache.clear()
        assert cache.get_or_set("lock", "made", 60) == "made"
        assert cache.is_away

    def test_a_redis_that_refuses_to_write_is_done_without(self, server, cache):
        cache._cache.get_client(write=True).config_set("maxmemory", "1")

        cache.set("tree", "kept")

        assert cache.get("tree") == "kept"

    def test_one_that_hangs_is_left_alone_for_a_while(self, server, cache):
        server.pause()
        cache.get("tree")
        server.resume()

        cache.set("tree", "in memory")

        assert cache.get("tree") == "in memory"

    def test_it_is_used_again_when_it_is_back(self, server, cache):
        cache.set("tree", "in Redis")
        server.pause()
        cache.get("tree")
        cache.set("tree", "in memory")
        server.resume()

        let_back_off_pass(cache)

        assert cache.get("tree") == "in Redis"
        assert not cache.is_away

    def test_memory_of_an_earlier_outage_is_out_of_date(self, server, cache):
        server.stop()
        cache.set("tree", "old")
        server.start()
        let_back_off_pass(cache)
        cache.get("tree")

        server.stop()

        assert cache.get("tree") is None

    def test_a_restart_between_two_requests_is_no_outage(self, server, cache):
        cache.set("tree", "kept")
        server.stop()
        server.start()

        assert cache.get("tree") is None
        assert not cache.is_away

    def test_an_outage_is_logged_once_and_its_end_once(self, server, cache, caplog):
        caplog.set_level(logging.INFO, "shop.cache")

        server.stop()
        for _ in range(3):
            let_back_off_pass(cache) if cache.is_away else None
            cache.get("tree")
        server.start()
        let_back_off_pass(cache)
        cache.get("tree")
        cache.get("tree")

        assert [(record.levelname, record.message.partition(",")[0]) for record in caplog.records] == [
            ("WARNING", "Redis is away"),
            ("INFO", "Redis is back"),
        ]


class TestOutage:
    def test_one_caller_at_a_time_tries_again(self):
        outage = Outage()
        outage.retry_at = 0.0

        assert [outage.lasts(), outage.lasts()] == [False, True]

    def test_caches_of_all_threads_share_it(self):
        assert Outage.of("redis://one") is Outage.of("redis://one")
        assert Outage.of("redis://one") is not Outage.of("redis://two")


@pytest.mark.race
@pytest.mark.django_db
class TestLogIn:
    """Rate limits go on: each process counts for itself."""

    @pytest.fixture(autouse=True)
    def redis_that_refuses(self, settings, server):
        server.stop()
        settings.CACHES = {"default": {"BACKEND": "ecommerce.redis_cache.RedisCache", "LOCATION": server.url}}

    def log_in(self, client, password):
        credentials = {"login": "shopper@example.org", "password": password}
        return client.post("/accounts/login/", credentials)

    def test_the_right_password_opens(self, client):
        get_user_model().objects.create_user("shopper@example.org", "a long enough password")

        self.log_in(client, "a long enough password")

        assert "_auth_user_id" in client.session
        assert caches["default"].is_away

    def test_wrong_ones_are_still_limited(self, client):
        answers = [self.log_in(client, "wrong") for _ in range(8)]

        assert [b"Too many" in answer.content for answer in answers] == [False] * 5 + [True] * 3


@pytest.mark.race
class TestServedShop:
    def test_it_browses_and_sells_whatever_befalls_redis(self):
        with redis() as server, shop("sqlite", CACHE_URL=server.url, RATE_LIMITS="on") as made:
            products = made.run(PRODUCTS.format(count=1, units=50))
            made.run(SHOPPER)
            with made.serving():
                for trouble, end in (("pause", "resume"), ("kill", "start")):
                    visitor = Visitor(made.base)
                    visitor.add(products[0][0])
                    getattr(server, trouble)()

                    assert visitor.get("/search/").status == 200
                    assert visitor.get("/readyz").status == 503
                    form = visitor.get("/accounts/login/").hidden_fields()
                    page = visitor.post(
                        "/accounts/login/", **form, login="shopper@example.org", password="a long enough password"
                    )
                    assert page.url == f"{made.base}/"
                    page = visitor.post("/place_order/", **visitor.checkout_form())
                    assert page.order_token()
                    getattr(server, end)()
            assert "Traceback" not in made.log.read_text()
            assert made.audit() == []
