import gzip
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest
from django.utils import timezone

from catalog.importing.apply import import_products
from catalog.importing.merchant_xml import DEEPEST, LONGEST_ITEM
from catalog.importing.source import UnreadableFile
from catalog.models import Product, Variant
from catalog.tests.reading import reading

MUG = {
    "id": "MUG",
    "title": "Mug",
    "description": "A mug.",
    "link": "https://shop.test/mug",
    "image_link": "https://pictures.test/mug.jpg",
    "availability": "in_stock",
    "price": "15.00 EUR",
    "brand": "Kiln & Co",
    "gtin": "4006381333931",
    "product_type": "Home > Kitchen",
    "condition": "new",
}
TEE = MUG | {"title": "Tee", "item_group_id": "TEE", "size": "M"}
TEES = [TEE | {"id": "TEE-R", "color": "Red"}, MUG, TEE | {"id": "TEE-B", "color": "Blue"}]


def tsv(*offers: dict[str, str]) -> str:
    columns = list(dict.fromkeys(column for said in offers for column in said))
    rows = [columns, *([said.get(column, "") for column in columns] for said in offers)]
    return "".join("\t".join(row) + "\n" for row in rows)


def elements(said: dict[str, str]) -> str:
    return "".join(f"<g:{name}>{escape(value)}</g:{name}>" for name, value in said.items())


def rss(*offers: dict[str, str], before: str = "") -> str:
    items = "".join(f"\n<item>{elements(said)}</item>" for said in offers)
    return (
        f'<?xml version="1.0"?>{before}<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>'
        f"<title>Shop</title><link>https://shop.test</link>{items}</channel></rss>"
    )


def atom(*offers: dict[str, str]) -> str:
    entries = "".join(f"<entry><id>tag:1</id>{elements(said)}</entry>" for said in offers)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">{entries}</feed>'


@pytest.fixture
def read(tmp_path):
    return lambda content, **options: reading(tmp_path, content, **options)


class TestMerchantFeed:
    @pytest.mark.parametrize("write", [tsv, rss, atom])
    def test_an_offer_is_a_product(self, read, write):
        found = read(write(MUG))

        [mug] = found.products
        [variant] = mug.variants
        assert found.format == "Merchant feed"
        assert (mug.name, mug.description, mug.brand, mug.ids) == ("Mug", "A mug.", "Kiln & Co", {"id": "MUG"})
        assert mug.category == ("Home", "Kitchen")
        assert (variant.sku, variant.price, variant.barcode) == ("MUG", 15, "4006381333931")
        assert (variant.stock, variant.picture) == (None, "https://pictures.test/mug.jpg")
        assert (mug.attributes, found.unused) == ({}, set())

    @pytest.mark.parametrize("write", [tsv, rss])
    def test_offers_of_a_group_are_variants_wherever_they_stand(self, read, write):
        tee, mug = read(write(*TEES)).products

        assert (tee.name, tee.ids, mug.name) == ("Tee", {"id": "TEE"}, "Mug")
        assert [(variant.sku, variant.options) for variant in tee.variants] == [
            ("TEE-R", (("Colour", "Red"),)),
            ("TEE-B", (("Colour", "Blue"),)),
        ]

    def test_what_all_offers_of_a_group_say_alike_is_an_attribute(self, read):
        tee, _mug = read(tsv(*TEES)).products

        assert tee.attributes == {"Size": ("M",)}

    def test_variants_that_nothing_else_tells_apart_go_by_their_titles(self, read):
        offers = [TEE | {"id": "1", "title": "Disk 1 TB"}, TEE | {"id": "2", "title": "Disk 2 TB"}]

        [disk] = read(tsv(*offers)).products

        assert [variant.options for variant in disk.variants] == [
            (("Title", "Disk 1 TB"),),
            (("Title", "Disk 2 TB"),),
        ]

    @pytest.mark.parametrize(
        ("price", "sale_price", "dates", "kept"),
        [
            ("15.00 EUR", "", "", (15, None)),
            ("15.00 EUR", "12.00 EUR", "", (12, 15)),
            ("EUR 15.00", "12", "", (12, 15)),
            ("15.00 EUR", "15.00 EUR", "", (15, None)),
            ("15.00 EUR", "12.00 EUR", "2020-01-01T00:00+0100/2120-01-01T00:00+0100", (15, None)),
        ],
    )
    def test_a_sale_price_without_dates_is_compared_with_the_price(self, read, price, sale_price, dates, kept):
        said = {"price": price, "sale_price": sale_price, "sale_price_effective_date": dates}

        [mug] = read(tsv(MUG | said)).products

        assert (mug.variants[0].price, mug.variants[0].compare_at_price) == kept

    @pytest.mark.parametrize(
        ("availability", "quantity", "stock"),
        [
            ("in_stock", "", None),
            ("in stock", "", None),
            ("preorder", "", None),
            ("out_of_stock", "", 0),
            ("in_stock", "4", 4),
            ("", "", None),
        ],
    )
    def test_stock_is_tracked_where_there_is_a_count_or_none(self, read, availability, quantity, stock):
        [mug] = read(tsv(MUG | {"availability": availability, "quantity": quantity})).products

        assert mug.variants[0].stock == stock

    def test_offers_in_another_currency_are_skipped_and_named(self, read):
        found = read(tsv(MUG, MUG | {"id": "MUG-US", "price": "15.00 USD"}))

        assert [product.ids for product in found.products] == [{"id": "MUG"}]
        assert [(skipped.place.line, skipped.reason) for skipped in found.skipped] == [
            (3, "The price is in USD; prices are taken in EUR.")
        ]

    @pytest.mark.parametrize("write", [tsv, rss])
    def test_a_feed_in_another_currency_is_refused_unless_it_is_chosen(self, read, write):
        feed = write(MUG | {"price": "15.00 USD"})

        with pytest.raises(UnreadableFile, match="--currency USD"):
            read(feed)

        assert read(feed, currency="USD").products[0].variants[0].price == 15

    def test_pictures_come_once_in_order(self, read):
        further = "https://pictures.test/2,5.jpg,https://pictures.test/3.jpg, https://pictures.test/mug.jpg"

        [mug] = read(tsv(MUG | {"additional_image_link": further})).products

        assert [picture.address for picture in mug.pictures] == [
            "https://pictures.test/mug.jpg",
            "https://pictures.test/2,5.jpg",
            "https://pictures.test/3.jpg",
        ]

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("price", "15,00 EUR"),
            ("price", "free"),
            ("sale_price", "9.00 USD"),
            ("availability", "perhaps"),
        ],
    )
    def test_a_wrong_value_makes_its_product_wrong(self, read, column, value):
        found = read(tsv(MUG | {"sale_price": "9.00 EUR", column: value}, MUG | {"id": "BOWL"}))

        assert [(fault.place.line, fault.column, fault.value) for fault in found.faults] == [(2, column, value)]
        assert len(found.products) == 1

    def test_offers_without_an_id_are_wrong_one_by_one(self, read):
        found = read(tsv(MUG | {"id": ""}, MUG | {"id": ""}, MUG))

        assert (found.wrong, len(found.products)) == (2, 1)

    def test_googles_category_is_taken_by_name_where_the_merchant_has_none(self, read):
        named = MUG | {"product_type": "", "google_product_category": "Home & Garden > Kitchen"}
        numbered = MUG | {"id": "2", "product_type": "", "google_product_category": "638"}

        assert [product.category for product in read(tsv(named, numbered)).products] == [
            ("Home & Garden", "Kitchen"),
            (),
        ]


class TestMerchantXml:
    def test_only_an_items_own_elements_count(self, read):
        shipping = "<g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping>"

        [mug] = read(rss(MUG).replace("<item>", f"<item>{shipping}")).products

        assert mug.variants[0].price == 15

    def test_elements_of_rss_stand_in_for_googles(self, read):
        feed = rss({"id": "MUG", "price": "5 EUR"}).replace("<item>", "<item><title>Mug</title>")
        both = rss(MUG).replace("<item>", "<item><title>Another</title>")

        assert [read(content).products[0].name for content in (feed, both)] == ["Mug", "Mug"]

    def test_character_data_and_repeated_elements(self, read):
        html = "<g:description><![CDATA[<p>Red & <b>blue</b></p><script>x</script>]]></g:description>"
        more = "".join(
            f"<g:additional_image_link>https://pictures.test/{n}.jpg</g:additional_image_link>" for n in "12"
        )
        feed = rss(MUG | {"description": ""}).replace("<g:description></g:description>", html + more)

        [mug] = read(feed).products

        assert mug.description == "<p>Red &amp; <b>blue</b></p>"
        assert [picture.address[-5:] for picture in mug.pictures] == ["g.jpg", "1.jpg", "2.jpg"]

    def test_faults_name_the_line_of_their_item(self, read):
        found = read(rss(MUG, MUG | {"id": "2", "price": "x"}))

        assert [(fault.place.line, fault.column) for fault in found.faults] == [(3, "price")]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
    def test_a_document_says_its_encoding(self, read, encoding):
        feed = rss(MUG | {"title": "Größe"}).replace('"1.0"?', f'"1.0" encoding="{encoding}"?', 1)

        assert read(feed.encode(encoding)).products[0].name == "Größe"

    def test_a_gzipped_document_is_unpacked(self, read):
        assert read(gzip.compress(rss(MUG).encode())).products[0].name == "Mug"

    @pytest.mark.parametrize(
        "doctype",
        [
            '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
            '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/feed.dtd">',
            '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/hostname">]>',
        ],
    )
    def test_a_document_type_is_refused(self, read, doctype):
        with pytest.raises(UnreadableFile, match="document type"):
            read(rss(MUG, before=doctype))

    def test_what_no_feed_has_is_refused_before_it_fills_memory(self, read):
        with pytest.raises(UnreadableFile, match="nested"):
            read(rss(MUG).replace("<item>", "<a>" * DEEPEST))
        with pytest.raises(UnreadableFile, match="item is too long"):
            read(rss(MUG | {"description": "x" * (LONGEST_ITEM + 1)}))
        with pytest.raises(UnreadableFile, match="element is too long"):
            read(rss(MUG).replace("<item>", f"<item a='{'x' * (2 * LONGEST_ITEM)}'>"))

    @pytest.mark.parametrize(
        "content", ["<html><body>Log in</body></html>", "<rss></rss>", "<rss><channel>", "<p>&x;</p>"]
    )
    def test_other_documents_are_refused(self, read, content):
        with pytest.raises(UnreadableFile):
            read(content)


@pytest.mark.django_db
class TestImport:
    @pytest.mark.parametrize("write", [tsv, rss, atom])
    def test_a_second_run_changes_nothing(self, tmp_path, write):
        path = tmp_path / "feed"
        path.write_text(write(*TEES))

        first, second = (import_products(path, at=timezone.now()) for _run in range(2))

        assert (first.new, first.new_variants, second.unchanged, second.changed) == (2, 3, 2, 0)
        assert set(Product.objects.values_list("name", "external_id")) == {("Tee", "id:TEE"), ("Mug", "id:MUG")}
        assert Variant.objects.get(sku="TEE-R").price == Decimal("15.00")
