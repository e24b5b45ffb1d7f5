import threading
import time

import psycopg
import pytest
from django.db import ConnectionHandler, OperationalError

from ecommerce.acceptance.races import PRODUCTS
from ecommerce.acceptance.servers import postgresql
from ecommerce.acceptance.throwaway import shop
from ecommerce.acceptance.visitor import Visitor
from ecommerce.postgresql import watched
from ecommerce.postgresql.watched import Server, ServerSilent, WatchedConnection

pytestmark = [pytest.mark.race, pytest.mark.programs("initdb", "postgres")]


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def database():
    with postgresql() as running:
        yield running


@pytest.fixture(autouse=True)
def running_again(database):
    yield
    database.resume()
    Server.known.clear()


@pytest.fixture
def connection(database):
    made = WatchedConnection.connect(database.url, autocommit=True)
    yield made
    made.close()


class TestWatchedConnection:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        monkeypatch.setattr(watched, "SILENCE_SECONDS", 0.2)

    def test_a_slow_statement_may_go_on(self, connection):
        assert connection.execute("SELECT pg_sleep(1), 42").fetchone()[1] == 42

    def test_one_that_waits_for_a_lock_may_too(self, database, connection):
        with psycopg.connect(database.url) as other:
            other.execute("SELECT pg_advisory_xact_lock(1)")
            threading.Timer(1, other.commit).start()

            connection.execute("SELECT pg_advisory_lock(1)")

    def test_a_server_that_lets_nobody_in_is_not_frozen(self, database, connection):
        connection.execute("CREATE ROLE single LOGIN CONNECTION LIMIT 1")
        with WatchedConnection.connect(database.url, user="single", autocommit=True) as only:
            assert only.execute("SELECT pg_sleep(1), 42").fetchone()[1] == 42

    def test_a_large_statement_is_sent_whole(self, connection):
        assert connection.execute("SELECT length(%s)", ["x" * 20_000_000]).fetchone()[0] == 20_000_000

    @pytest.mark.parametrize("length", [1, 20_000_000])
    def test_a_statement_under_way_is_given_up_when_the_server_freezes(self, database, connection, length):
        database.pause()

        with pytest.raises(ServerSilent):
            connection.execute("SELECT length(%s)", ["x" * length])

        assert connection.closed

    def test_nobody_else_waits_for_it_then(self, database, connection):
        database.pause()
        with pytest.raises(ServerSilent):
            WatchedConnection.connect(database.url)
        database.resume()

        with pytest.raises(ServerSilent, match="a moment ago"):
            WatchedConnection.connect(database.url)

    def test_but_soon_again(self, database):
        Server.at(None, None).silent_until = 0.0

        WatchedConnection.connect(database.url).close()

    def test_one_that_is_not_there_is_refused_at_once(self, database):
        database.stop()
        try:
            with pytest.raises(psycopg.OperationalError, match="refused"):
                WatchedConnection.connect(database.url)
        finally:
            database.start()


@pytest.mark.django_db
class TestDatabaseWrapper:
    @pytest.fixture
    def django_connection(self, database):
        place = {"ENGINE": "ecommerce.postgresql", "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": None}
        parts = psycopg.conninfo.conninfo_to_dict(database.url)
        place |= {"HOST": parts["host"], "PORT": parts["port"], "USER": parts["user"], "NAME": parts["dbname"]}
        made = ConnectionHandler({"default": place})["default"]
        made.ensure_connection()
        yield made
        made.close()

    def test_a_connection_that_answers_is_kept(self, django_connection):
        kept = django_connection.connection

        django_connection.close_if_unusable_or_obsolete()
        django_connection.close_if_health_check_failed()

        assert django_connection.connection is kept

    def test_one_that_was_cut_off_is_replaced(self, database, django_connection):
        database.stop()
        database.start()
        django_connection.close_if_unusable_or_obsolete()

        with django_connection.cursor() as cursor:
            cursor.execute("SELECT 42")

            assert cursor.fetchone() == (42,)

    def test_a_frozen_one_is_told_as_an_operational_error(self, database, django_connection):
        django_connection.close_if_unusable_or_obsolete()
        database.pause()

        with pytest.raises(OperationalError), django_connection.cursor():
            pass

    def test_a_limit_for_the_check_is_none_for_statements(self, django_connection):
        assert django_connection.is_usable()

        with django_connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(1.2), 42")

            assert cursor.fetchone()[1] == 42


SENT = """
from orders.models import OrderMail
result = OrderMail.objects.exclude(sent_at=None).count()
"""


@pytest.fixture(scope="module")
def made():
    with postgresql() as server, shop(server.url, WORKERS="2") as made:
        made.server = server
        made.products = made.run(PRODUCTS.format(count=2, units=50))
        with made.serving():
            yield made


class TestServedShop:
    """What is said while PostgreSQL is away, and that all goes on by itself afterwards."""

    @pytest.fixture
    def visitor(self, made):
        """With a cart: 3 of one product and 2 of another; a web worker may still hold back from the test before."""
        visitor = Visitor(made.base)
        for (product, variant), quantity in zip(made.products, (3, 2), strict=True):
            visitor.keep_adding(product, variant, quantity)
        return visitor

    @pytest.mark.parametrize(("trouble", "end"), [("stop", "start"), ("pause", "resume"), ("kill", "start")])
    def test_the_shop_says_so_and_keeps_the_cart(self, made, visitor, trouble, end):
        before = wait_until(lambda: visitor.get("/cart/").quantities())

        getattr(made.server, trouble)()
        page = visitor.get("/cart/")
        getattr(made.server, end)()

        assert sorted(before.values()) == [2, 3]
        assert (page.status, page.retry_after) == (503, "5")
        assert "Your cart is kept" in page.text
        wait_until(lambda: visitor.get("/cart/").quantities() == before)
        wait_until(lambda: visitor.post("/place_order/", **visitor.checkout_form()).order_token())

    def test_the_task_worker_waits_and_goes_on(self, made, visitor):
        sent = made.run(SENT)
        made.server.stop()
        wait_until(lambda: "no tasks are done until" in made.log.read_text())
        made.server.start()

        wait_until(lambda: visitor.post("/place_order/", **visitor.checkout_form()).order_token())

        wait_until(lambda: made.run(SENT) > sent)
        assert "task worker ended" not in made.log.read_text()
