"""JSON-LD for search engines, saying what the page says (schema.org)."""

import json
from collections.abc import Callable
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.choice import variant_address
from catalog.menu import Branch
from catalog.models import Product, ProductImage, Variant
from catalog.text import plain_text
from pricing.money import plain

LONGEST_DESCRIPTION = 5000
# Nothing in a text may end the script element or open a comment in it.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}

Absolute = Callable[[str], str]


def product_json_ld(
    product: Product,
    variants: list[Variant],
    images: list[ProductImage],
    trail: list[Branch],
    absolute: Absolute,
) -> SafeString:
    """The script element of a product page; `absolute` makes whole addresses of paths."""
    graph = [_product(product, variants, images, absolute), _breadcrumb(product, trail, absolute)]
    return json_ld({"@context": "https://schema.org", "@graph": graph})


def json_ld(content: dict) -> SafeString:
    """`content` as a script element that browsers do not run."""
    text = json.dumps(content, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))


def _product(product: Product, variants: list[Variant], images: list[ProductImage], absolute: Absolute) -> dict:
    address = absolute(product.get_absolute_url())
    described: dict[str, object] = {
        "name": product.name,
        "description": plain_text(product.description, limit=LONGEST_DESCRIPTION) or product.summary,
        "image": [absolute(image.largest_url()) for image in images],
        "url": address,
    }
    if product.brand:
        described["brand"] = {"@type": "Brand", "name": product.brand}
    if len(variants) == 1:
        return {"@type": "Product", **described, **_sold(variants[0], address)}
    return {
        "@type": "ProductGroup",
        **described,
        "productGroupID": str(product.pk),
        "hasVariant": [
            {"@type": "Product", "name": str(variant), **_sold(variant, absolute(variant_address(variant)))}
            for variant in variants
        ],
    }


def _sold(variant: Variant, address: str) -> dict:
    availability = "InStock" if variant.is_in_stock() else "OutOfStock"
    code = {"gtin": variant.barcode} if variant.barcode.isdigit() and len(variant.barcode) in {8, 12, 13, 14} else {}
    offer = {
        "@type": "Offer",
        "url": address,
        "price": plain(variant.price or Decimal(0), variant.currency),
        "priceCurrency": variant.currency,
        "availability": f"https://schema.org/{availability}",
    }
    return {"sku": variant.sku, **code, **({"offers": offer} if variant.price else {})}


def _breadcrumb(product: Product, trail: list[Branch], absolute: Absolute) -> dict:
    places: list[Branch | Product] = [*trail, product]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": place.name,
                "item": absolute(place.get_absolute_url()),
            }
            for position, place in enumerate(places, start=1)
        ],
    }
