import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, connections, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from catalog import stock
from catalog.freshness import keepable, version
from catalog.models import Product, Variant
from catalog.prices import set_price
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

CHANGE_ELSEWHERE = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=20) as connection:
    connection.execute("UPDATE catalog_product SET name = 'Cup'")
connection.close()
"""


def elsewhere(call):
    """Run `call` in another thread, which has a connection of its own."""

    def run():
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result(timeout=60)


@pytest.fixture
def mug():
    return VariantFactory(on_hand=3)


CHANGES = {
    "a price": lambda: set_price(Variant.objects.get(), Decimal("12.50")),
    "a count": lambda: stock.adjust(Variant.objects.get().pk, delta=2, at=timezone.now(), note="found"),
    "a reservation": lambda: stock.reserve({Variant.objects.get().pk: 1}, reference="order A", at=timezone.now()),
    "a product that goes": lambda: Product.objects.all().archive(),
    "a new product": lambda: ProductFactory(),
}


class TestVersion:
    def test_is_the_same_as_long_as_nothing_is_committed(self, mug):
        """On PostgreSQL the commits of the server's other databases count as well, so one quiet moment is enough."""

        def is_the_same() -> bool:
            before = version()
            list(Product.objects.all())
            elsewhere(lambda: list(Variant.objects.all()))
            return version() == before is not None

        assert any(is_the_same() for _try in range(100))

    @pytest.mark.parametrize("by", [elsewhere, lambda call: call()], ids=["another connection", "this connection"])
    def test_is_another_after_each_change(self, mug, by):
        for name, change in CHANGES.items():
            before = version()

            by(change)

            assert version() != before, name

    def test_is_another_after_a_change_by_another_process(self, mug, on_postgresql):
        before = version()

        if on_postgresql:
            elsewhere(CHANGES["a price"])  # each connection is a process of the server's
        else:
            name = str(settings.DATABASES["default"]["TEST"]["NAME"])
            subprocess.run([sys.executable, "-c", CHANGE_ELSEWHERE, name], check=True, timeout=60)

        assert version() != before

    def test_is_never_again_what_it_was(self, mug):
        seen = [version()]
        for number in range(10):
            (elsewhere if number % 2 else lambda call: call())(CHANGES["a new product"])
            seen.append(version())

        assert len(set(seen)) == 11

    def test_two_connections_notice_each_others_changes(self, mug):
        """What one has noticed must not hide it from the other."""
        own = version()
        with ThreadPoolExecutor(1) as thread:
            theirs = thread.submit(version).result(timeout=60)
            CHANGES["a price"]()
            theirs_after = thread.submit(version).result(timeout=60)
            own_after = version()
            thread.submit(CHANGES["a count"]).result(timeout=60)
            own_last, theirs_last = version(), thread.submit(version).result(timeout=60)
            thread.submit(connections.close_all).result(timeout=60)

        assert theirs_after not in {own, theirs}
        assert own_after not in {own, theirs}
        assert not {own_last, theirs_last} & {own, theirs, own_after, theirs_after}

    def test_a_new_connection_begins_anew(self, mug, on_postgresql):
        before = version()
        connection.close()
        elsewhere(CHANGES["a price"])

        assert version() != before

    def test_cannot_be_told_within_a_transaction(self, mug):
        with transaction.atomic():
            assert version() is None

    def test_what_was_undone_leaves_nothing_behind(self, mug):
        with pytest.raises(IntegrityError), transaction.atomic():
            Product.objects.create(name="Cup", slug="cup")
            Product.objects.create(name="Cup", slug="cup")

        assert version() is not None


class TestKeepable:
    def answered(self, status: int = 200, **headers: str) -> HttpResponse:
        return keepable(lambda request: HttpResponse("x", status=status))(RequestFactory().get("/", headers=headers))

    def test_an_answer_says_of_which_version_it_is_made(self):
        response = self.answered()

        assert response.made_of
        assert response["Cache-Control"] == "no-cache"

    def test_it_is_that_of_before(self):
        def view(request):
            VariantFactory()
            return HttpResponse("x")

        response = keepable(view)(RequestFactory().get("/"))

        assert response.made_of != version()

    def test_with_a_token_it_is_for_who_sent_it(self):
        response = self.answered(Authorization="Bearer x")

        assert not hasattr(response, "made_of")
        assert response["Cache-Control"] == "private, no-cache"

    @pytest.mark.parametrize("status", [401, 404, 410, 422])
    def test_a_refusal_is_not_kept(self, status):
        assert not hasattr(self.answered(status), "made_of")
