import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cart.change import Shopper, add
from cart.models import Cart
from catalog.tests.factories import VariantFactory
from catalog.tests.staff import staff_client

pytestmark = pytest.mark.django_db


def filled_cart(number=0):
    add(Shopper(key=f"session {number}"), variant=VariantFactory(sku=f"MUG-{number}"), quantity=2, at=timezone.now())
    return Cart.objects.get(key=f"session {number}")


class TestCartAdmin:
    def test_lists_in_the_same_few_statements(self):
        owner = staff_client()
        counts = []
        for wanted in (2, 20):
            while (number := Cart.objects.count()) < wanted:
                filled_cart(number)
            with CaptureQueriesContext(connection) as statements:
                assert owner.get(reverse("admin:cart_cart_changelist")).status_code == 200
            counts.append(len(statements))

        assert counts[0] == counts[1] <= 10

    def test_shows_a_cart_and_lets_nobody_write_it(self):
        cart = filled_cart()
        owner = staff_client()
        page = reverse("admin:cart_cart_change", args=[cart.pk])

        assert owner.get(page).status_code == 200
        assert owner.post(page, {"status": "merged"}).status_code == 403
        assert owner.post(reverse("admin:cart_cart_delete", args=[cart.pk]), {"post": "yes"}).status_code == 403
