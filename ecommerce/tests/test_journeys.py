"""Whole journeys in a real browser: by role and label, with JavaScript and without."""

import re
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from catalog import stock
from catalog.models import Category, Product, Variant
from catalog.prices import set_price
from orders.audit import audit
from orders.models import Order
from pricing.defaults import install_defaults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "quiet shelf journey"
EMAIL = "vera@example.org"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(chromium, live_server, request):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=request.param)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def mug(live_server):
    install_defaults()
    category = Category.objects.add_root({"name": "Kitchen", "slug": "kitchen"})
    product = Product.objects.create(name="Blue mug", slug="blue-mug", status="active", category=category)
    variant = Variant(product=product, sku="MUG-BLUE")
    set_price(variant, Decimal("12.50"))
    variant.save()
    stock.start_tracking(variant)
    stock.receive({variant.pk: 3}, at=timezone.now())
    return variant


def fill_checkout(page):
    page.get_by_label("Full name").first.fill("Vera Visitor")
    page.get_by_label("Address", exact=True).first.fill("Invalidenstraße 1")
    page.get_by_label("Postcode").first.fill("10115")
    page.get_by_label("City").first.fill("Berlin")


def find_and_add(page):
    page.goto("/")
    page.get_by_role("searchbox").fill("mug")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="Blue mug", exact=True).click()
    page.get_by_role("button", name="Add to cart").first.click()
    page.get_by_role("link", name="Checkout").click()


class TestGuest:
    def test_finds_buys_and_sees_the_order(self, page, mug):
        find_and_add(page)
        page.get_by_label("E-mail").fill(EMAIL)
        fill_checkout(page)
        page.get_by_role("button", name="Order and pay €17.40").click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        order = Order.objects.get()
        assert (order.status, order.total, order.user) == ("paid", Decimal("17.40"), None)
        assert order.number in page.content()
        assert audit() == []

    def test_tries_another_card_after_a_refusal(self, page, mug):
        find_and_add(page)
        page.get_by_label("E-mail").fill(EMAIL)
        fill_checkout(page)
        page.get_by_label("Test card that is declined").check()
        page.get_by_role("button", name=re.compile("Order and pay")).click()
        expect(page.get_by_text("Your bank declined the payment.").first).to_be_visible()
        page.get_by_label("Test card that pays").check()
        page.get_by_role("button", name=re.compile("Pay ")).click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        assert Order.objects.get().status == "paid"

    def test_confirms_on_the_gateway_page(self, page, mug):
        find_and_add(page)
        page.get_by_label("E-mail").fill(EMAIL)
        fill_checkout(page)
        page.get_by_label("Test card that asks you to confirm").check()
        page.get_by_role("button", name=re.compile("Order and pay")).click()
        page.get_by_role("button", name=re.compile("Confirm")).click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        assert Order.objects.get().status == "paid"

    def test_keeps_what_was_typed_when_something_is_missing(self, page, mug):
        find_and_add(page)
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("City").first.fill("Berlin")
        page.get_by_role("button", name=re.compile("Order and pay")).click()

        expect(page.get_by_text("There is a problem")).to_be_visible()
        expect(page.get_by_label("E-mail")).to_have_value(EMAIL)
        expect(page).to_have_title(re.compile("^Error: "))
        assert not Order.objects.exists()


class TestRegisteredShopper:
    def test_keeps_the_cart_at_log_in_and_finds_the_order_in_the_history(self, page, mug):
        User.objects.create_user(EMAIL, PASSWORD, full_name="Vera Visitor")
        find_and_add(page)
        page.get_by_role("link", name="Sign in").first.click()
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name=re.compile("Sign in|Log in")).click()
        fill_checkout(page)
        page.get_by_role("button", name=re.compile("Order and pay")).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        page.goto("/orders/")

        order = Order.objects.get()
        expect(page.get_by_text(order.number)).to_be_visible()
        assert order.user.email == EMAIL


class TestStaff:
    def test_receives_stock(self, page, mug):
        User.objects.create_superuser("staff@example.org", PASSWORD)
        page.goto(f"/admin/catalog/stockrecord/{mug.stock.pk}/change/")
        page.get_by_label("E-mail").fill("staff@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name=re.compile("Sign in|Log in")).last.click()
        receipt = page.get_by_role("form", name="Receive")
        receipt.get_by_label("Units").fill("7")
        receipt.get_by_label("Reason").fill("delivery of today")
        receipt.get_by_role("button", name="Receive").click()
        expect(page.get_by_text("delivery of today")).to_be_visible()

        mug.stock.refresh_from_db()
        assert mug.stock.on_hand == 10
        assert mug.movements.latest("pk").by.email == "staff@example.org"


class TestNarrowScreen:
    def test_long_words_of_imported_products_widen_no_page(self, page, mug):
        word = "urn:isbn:" + "9780201616224" * 6
        category = Category.objects.add_root({"name": word, "slug": "long"})
        Product.objects.filter(pk=mug.product_id).update(name=word, description=f"<p>{word}</p>", category=category)
        page.set_viewport_size({"width": 320, "height": 800})

        for address in (mug.product.get_absolute_url(), category.get_absolute_url(), "/search/?q=urn"):
            page.goto(address)
            expect(page.get_by_text(word).first).to_be_attached()
            assert page.evaluate("document.documentElement.scrollWidth") == 320
