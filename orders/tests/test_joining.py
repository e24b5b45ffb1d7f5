import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.utils import timezone

from accounts.tests.factories import UserFactory
from cart.models import Cart
from orders.joining import join_guest_orders
from orders.models import IdempotencyKey, Order, OrderEvent

pytestmark = pytest.mark.django_db

NOW = timezone.now()
NOTHING = dict.fromkeys(("subtotal", "shipping", "shipping_tax_rate", "shipping_tax", "tax", "net", "total"), 0)


@pytest.fixture
def place():
    """To make orders with nothing in them."""

    def order(email, user=None):
        key = f"key{Cart.objects.count()}"
        return Order.objects.create(
            cart=Cart.objects.create(key=key, created_at=NOW),
            claim=IdempotencyKey.objects.create(key=key),
            email=email,
            user=user,
            currency="EUR",
            prices_include_tax=True,
            hold_until=NOW,
            **NOTHING,
        )

    return order


def confirm(client, user):
    address = EmailAddress.objects.get(user=user)
    return client.post(f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/")


class TestJoinGuestOrders:
    def test_puts_the_orders_of_an_address_into_its_account(self, place):
        user = UserFactory(email="sam@example.com")
        orders = [place("sam@example.com"), place("Sam@Example.com")]

        assert join_guest_orders(user, user.email, at=NOW) == orders
        assert list(user.orders.order_by("pk")) == orders

    def test_is_told_in_the_timeline(self, place):
        user = UserFactory(email="sam@example.com")
        order = place("sam@example.com")

        join_guest_orders(user, user.email, at=NOW)

        event = order.events.get()
        assert (event.kind, event.by, event.at) == (OrderEvent.Kind.JOINED, user, NOW)

    def test_finds_nothing_the_second_time(self, place):
        user = UserFactory(email="sam@example.com")
        place("sam@example.com")
        join_guest_orders(user, user.email, at=NOW)

        assert join_guest_orders(user, user.email, at=NOW) == []
        assert OrderEvent.objects.count() == 1

    @pytest.mark.both_databases
    @pytest.mark.parametrize(
        "email", ["mike2@example.com", "xmike@example.com", "mıke@example.com", "m_ke@example.com"]
    )
    def test_leaves_orders_of_other_addresses(self, place, email):
        user = UserFactory(email="mike@example.com")
        place(email)

        assert join_guest_orders(user, user.email, at=NOW) == []

    def test_leaves_orders_of_other_accounts(self, place):
        stranger = UserFactory()
        order = place("sam@example.com", user=stranger)

        join_guest_orders(UserFactory(email="sam@example.com"), "sam@example.com", at=NOW)

        order.refresh_from_db()
        assert order.user == stranger


class TestWhenAnAddressIsConfirmed:
    def test_its_guest_orders_join(self, client, place):
        user = UserFactory(email="sam@example.com")
        order = place("sam@example.com")

        confirm(client, user)

        order.refresh_from_db()
        assert order.user == user

    def test_and_not_at_log_in_before(self, client, place):
        user = UserFactory(email="sam@example.com")
        order = place("sam@example.com")

        client.login(email=user.email, password="seven green bicycles")
        client.get("/accounts/profile/")

        order.refresh_from_db()
        assert order.user is None

    def test_and_not_at_sign_up(self, client, place):
        order = place("sam@example.com")

        client.post("/accounts/signup/", {"email": "sam@example.com", "password1": "seven green bicycles"})

        order.refresh_from_db()
        assert order.user is None

    def test_by_an_account_that_may_not_have_it_nothing_joins(self, client, place):
        UserFactory(email="sam@example.com")
        claimant = UserFactory(email="other@example.com")
        EmailAddress.objects.filter(user=claimant).update(email="sam@example.com")
        order = place("sam@example.com")

        confirm(client, claimant)

        order.refresh_from_db()
        assert order.user is None
