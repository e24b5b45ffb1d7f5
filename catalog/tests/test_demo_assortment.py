import io
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from catalog.demo.assortment import demo_categories, demo_products
from catalog.demo.drawing.things import DRAWINGS
from catalog.demo.palette import COLOURS
from catalog.demo.pictures import alt_text, colour_shown, draw, draw_all, draw_hero, picture_count

SAFE_TAGS = {"p", "ul", "li"}


class TagReader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        assert attrs == []
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def variants_of(products):
    return [variant for product in products for variant in product.variants]


def is_ean13(barcode):
    digits = [int(digit) for digit in barcode]
    return len(digits) == 13 and (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


@pytest.fixture(scope="module")
def products():
    return demo_products()


@pytest.fixture(scope="module")
def variants(products):
    return variants_of(products)


class TestDemoCategories:
    def test_there_are_twelve_with_two_to_four_children(self):
        categories = demo_categories()

        assert len(categories) == 12
        assert all(2 <= len(category.children) <= 4 for category in categories)

    def test_slugs_are_unique_across_both_levels(self):
        slugs = [slug for category in demo_categories() for slug in (category.slug, *dict(category.children))]

        assert len(set(slugs)) == len(slugs)

    def test_each_says_what_it_is_in_one_sentence(self):
        assert all(re.fullmatch(r"[^.]+\.", category.description) for category in demo_categories())


class TestDemoProducts:
    def test_there_are_at_least_two_hundred(self, products):
        assert len(products) >= 200

    def test_every_subcategory_has_some_and_none_is_unknown(self, products):
        known = {slug for category in demo_categories() for slug, _ in category.children}

        assert {product.category_slug for product in products} == known

    def test_slugs_names_skus_and_barcodes_are_unique(self, products, variants):
        for values in (
            [product.slug for product in products],
            [product.name for product in products],
            [variant.sku for variant in variants],
            [variant.barcode for variant in variants],
        ):
            assert len(set(values)) == len(values)

    def test_slugs_and_skus_suit_an_address_and_a_label(self, products, variants):
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", product.slug) for product in products)
        assert all(re.fullmatch(r"[A-Z0-9-]{3,40}", variant.sku) for variant in variants)

    def test_barcodes_are_valid_and_meant_for_use_inside_a_shop(self, variants):
        assert all(is_ean13(variant.barcode) for variant in variants)
        assert all(variant.barcode.startswith("2") for variant in variants)

    def test_prices_are_positive_cents_and_the_former_one_is_higher(self, variants):
        assert all(variant.price > 0 and variant.price.as_tuple().exponent == -2 for variant in variants)
        assert all(variant.compare_at_price > variant.price for variant in variants if variant.compare_at_price)

    def test_variants_of_a_product_differ_in_the_same_options(self, products):
        for product in products:
            chosen = [variant.options for variant in product.variants]

            assert len(set(chosen)) == len(chosen)
            assert len({tuple(name for name, _ in options) for options in chosen}) == 1
            assert len(chosen) <= 6

    def test_the_shop_has_choice_sales_and_shortages(self, products, variants):
        def share(count):
            return count / len(products)

        assert 0.2 <= share(sum(len(product.variants) > 1 for product in products)) <= 0.35
        assert 0.15 <= share(sum(product.variants[0].compare_at_price is not None for product in products)) <= 0.25
        assert 0.05 <= share(sum(all(v.on_hand == 0 for v in product.variants) for product in products)) <= 0.1
        assert (
            0.08 <= share(sum(all(v.on_hand in (1, 2, 3, 4) for v in product.variants) for product in products)) <= 0.14
        )
        assert any(variant.on_hand is None for variant in variants)

    def test_a_single_variant_can_be_sold_out_beside_others_in_stock(self, products):
        assert any({0} < {variant.on_hand for variant in product.variants} for product in products)

    def test_texts_are_each_their_own_and_short_enough(self, products):
        assert all(20 <= len(product.summary) <= 120 for product in products)
        assert len({product.summary for product in products}) == len(products)
        assert len({product.description for product in products}) == len(products)

    def test_descriptions_hold_only_plain_closed_tags(self, products):
        for product in products:
            reader = TagReader()
            reader.feed(product.description)

            assert reader.open == []
            assert reader.seen == SAFE_TAGS

    def test_every_product_can_be_drawn_in_known_colours(self, products):
        assert {product.picture_kind for product in products} <= DRAWINGS.keys()
        assert {name for product in products for name in (*product.colours, *product.other_colours)} <= COLOURS.keys()

    def test_are_the_same_each_time(self, products):
        assert demo_products() == products

    def test_a_larger_shop_begins_with_the_base_and_repeats_nothing(self, products):
        larger = demo_products(4)

        assert larger[: len(products)] == products
        assert len(larger) == 4 * len(products)
        assert len({product.slug for product in larger}) == len(larger)
        assert len({variant.sku for variant in variants_of(larger)}) == len(variants_of(larger))
        assert len({variant.barcode for variant in variants_of(larger)}) == len(variants_of(larger))

    def test_a_scale_below_one_is_refused(self):
        with pytest.raises(ValueError, match="1 or more"):
            demo_products(0)


class TestPictures:
    def test_there_are_at_least_two_for_each_product(self, products):
        assert all(picture_count(product) >= 2 for product in products)

    def test_come_in_two_sizes_of_webp(self, products):
        large, small = (Image.open(io.BytesIO(file)) for file in draw(products[0], 0))

        assert (large.format, large.size) == ("WEBP", (960, 1200))
        assert (small.format, small.size) == ("WEBP", (480, 600))

    def test_are_the_same_bytes_each_time(self, products):
        assert draw(products[60], 1) == draw(products[60], 1)

    def test_of_one_product_differ(self, products):
        assert draw(products[5], 0) != draw(products[5], 1)

    def test_beyond_the_last_are_refused(self, products):
        with pytest.raises(IndexError, match=products[0].slug):
            draw(products[0], picture_count(products[0]))

    def test_each_other_colour_is_shown_alone_once(self, products):
        mug = next(product for product in products if product.other_colours)
        shown = [colour_shown(mug, index) for index in range(picture_count(mug))]

        assert shown == [mug.colours[0], None, *mug.other_colours]

    def test_alt_texts_say_what_is_seen_and_differ_within_a_product(self, products):
        for product in products:
            texts = [alt_text(product, index) for index in range(picture_count(product))]

            assert len(set(texts)) == len(texts)
            assert all(product.name in text and len(text) <= 160 for text in texts)


class TestDrawAll:
    def test_yields_every_picture_in_order(self, products):
        drawn = list(draw_all(products[:2], workers=1))

        assert [(slug, index) for slug, index, _, _ in drawn] == [
            (product.slug, index) for product in products[:2] for index in range(picture_count(product))
        ]

    def test_several_processes_give_the_same_bytes(self, products):
        assert list(draw_all(products[3:5], workers=2)) == list(draw_all(products[3:5], workers=1))


class TestDrawHero:
    @pytest.mark.parametrize(("portrait", "size"), [(False, (1600, 900)), (True, (800, 1000))])
    def test_has_the_size_its_place_needs(self, portrait, size):
        image = Image.open(io.BytesIO(draw_hero(portrait=portrait)))

        assert image.size == size
