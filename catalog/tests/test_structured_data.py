import json
from decimal import Decimal

import pytest

from catalog import menu
from catalog.structured_data import json_ld, product_json_ld
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


def described(product) -> tuple[dict, dict]:
    """The product and the breadcrumb as a search engine reads them."""
    script = product_json_ld(
        product,
        list(product.variants.with_stock().in_order()),
        list(product.images.all()),
        menu.tree().trail(product.category),
        "https://shop.test{}".format,
    )
    text = script.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    return tuple(json.loads(text)["@graph"])


class TestProduct:
    def test_a_single_variant_is_the_product(self):
        variant = VariantFactory(
            product__name="Mug", product__brand="Nord", sku="MUG", barcode="4006381333931", price=Decimal("12.5")
        )
        image = ProductImageFactory(product=variant.product)

        product, _breadcrumb = described(variant.product)

        assert (product["@type"], product["name"], product["brand"]["name"]) == ("Product", "Mug", "Nord")
        assert (product["sku"], product["gtin"]) == ("MUG", "4006381333931")
        assert product["image"] == [f"https://shop.test{image.image.url}"]
        assert product["offers"] == {
            "@type": "Offer",
            "url": f"https://shop.test{variant.product.get_absolute_url()}",
            "price": "12.50",
            "priceCurrency": "EUR",
            "availability": "https://schema.org/InStock",
        }

    def test_several_variants_are_a_group(self):
        product = ProductFactory()
        VariantFactory(product=product, title="S", sku="S-1", on_hand=0)
        VariantFactory(product=product, title="M", sku="M-1")

        group, _breadcrumb = described(product)

        assert group["@type"] == "ProductGroup"
        assert [variant["offers"]["availability"].rpartition("/")[2] for variant in group["hasVariant"]] == [
            "OutOfStock",
            "InStock",
        ]
        assert group["hasVariant"][1]["offers"]["url"].endswith("?variant=M-1")

    def test_what_is_free_has_no_offer(self):
        product, _breadcrumb = described(VariantFactory(price=Decimal(0)).product)

        assert "offers" not in product

    def test_the_breadcrumb_leads_to_it(self):
        kitchen = CategoryFactory(name="Kitchen")
        mugs = CategoryFactory(name="Mugs", parent=kitchen)
        product = VariantFactory(product__name="Hugo", product__category=mugs).product

        _product, breadcrumb = described(product)

        assert [place["name"] for place in breadcrumb["itemListElement"]] == ["Kitchen", "Mugs", "Hugo"]
        assert breadcrumb["itemListElement"][2]["item"] == f"https://shop.test{product.get_absolute_url()}"


class TestScript:
    def test_no_text_can_end_it(self):
        script = json_ld({"name": "</script><!--<b>&amp;"})

        text = script.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
        assert not {"<", ">", "&"} & set(text)
        assert json.loads(text) == {"name": "</script><!--<b>&amp;"}
