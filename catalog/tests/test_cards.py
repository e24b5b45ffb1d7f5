from decimal import Decimal

import pytest

from catalog import stock
from catalog.cards import with_cards
from catalog.tests.factories import ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


def card_of(product):
    with_cards([product])
    return product.card


class TestCard:
    def test_a_single_variant_can_be_added_at_once(self):
        variant = VariantFactory(price=Decimal("12.50"))

        card = card_of(variant.product)

        assert (card.variant, card.price, card.currency, card.price_varies) == (variant, Decimal("12.50"), "EUR", False)

    def test_several_prices_start_from_the_lowest(self):
        product = ProductFactory()
        for price in (30, 20, 25):
            VariantFactory(product=product, title=str(price), price=Decimal(price))

        card = card_of(product)

        assert (card.price, card.price_varies, card.variant) == (Decimal(20), True, None)

    def test_several_variants_of_one_price_do_not_vary(self):
        product = ProductFactory()
        VariantFactory(product=product, title="S")
        VariantFactory(product=product, title="M")

        assert not card_of(product).price_varies

    def test_what_is_not_sold_does_not_count(self):
        variant = VariantFactory(price=Decimal(20))
        VariantFactory(product=variant.product, title="cheap", price=Decimal(5), is_active=False)
        VariantFactory(product=variant.product, title="dollars", price=Decimal(5), currency="USD")
        VariantFactory(product=variant.product, title="unpriced", price=None)

        card = card_of(variant.product)

        assert (card.price, card.variant) == (Decimal(20), variant)

    def test_the_price_before_is_told_only_of_a_reduction(self):
        reduced = VariantFactory(price=Decimal(20), compare_at_price=Decimal(30))
        not_reduced = VariantFactory(price=Decimal(20), compare_at_price=Decimal(20))

        assert card_of(reduced.product).compare_at_price == Decimal(30)
        assert card_of(not_reduced.product).compare_at_price is None

    @pytest.mark.parametrize(
        "on_hand, word, count",
        [(None, "in_stock", None), (6, "in_stock", None), (5, "low", 5), (1, "low", 1), (0, "sold_out", None)],
    )
    def test_the_stock_word_is_true(self, on_hand, word, count):
        card = card_of(VariantFactory(on_hand=on_hand).product)

        assert (card.stock_word, card.low_count) == (word, count)

    def test_units_held_for_orders_are_not_in_stock(self):
        variant = VariantFactory(on_hand=2)
        stock.reserve({variant.pk: 2}, reference="order A", at=variant.product.created_at)

        assert card_of(variant.product).stock_word == "sold_out"

    @pytest.mark.parametrize("units, word", [((0, 0), "sold_out"), ((0, 2), "low"), ((2, 40), "in_stock")])
    def test_several_variants_share_a_word_without_a_count(self, units, word):
        product = ProductFactory()
        for title, on_hand in zip("SM", units, strict=True):
            VariantFactory(product=product, title=title, on_hand=on_hand)

        card = card_of(product)

        assert (card.stock_word, card.low_count) == (word, None)

    def test_its_picture_is_the_first(self):
        product = VariantFactory().product
        ProductImageFactory(product=product, position=2)
        first = ProductImageFactory(product=product, position=1)

        assert card_of(product).image == first

    def test_all_cards_of_all_shelves_take_two_statements(self, django_assert_num_queries):
        shelves = [[VariantFactory().product for _ in range(3)] for _ in range(2)]

        with django_assert_num_queries(2):
            with_cards(*shelves)

        assert all(product.card.price for shelf in shelves for product in shelf)
