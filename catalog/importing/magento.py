"""Magento 2's product CSV: a configurable product with the simple ones that it lists, wherever they stand."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.importing.cells import Cells
from catalog.importing.columns import Columns, fields_of
from catalog.importing.families import FamilyFormat, Names
from catalog.importing.magento_family import CONFIGURABLE, Family
from catalog.importing.rows import ParsedProduct, Skipped, WrongProduct, fault

FIELDS = fields_of(
    {
        **{name: (name,) for name in ("sku", "product_type", "categories", "name", "description", "visibility")},
        **{name: (name,) for name in ("price", "url_key", "additional_attributes", "manage_stock", "is_in_stock")},
        **{name: (name,) for name in ("configurable_variations", "additional_images", "additional_image_labels")},
        **{name: (name,) for name in ("base_image", "base_image_label")},
        "store_view": ("store_view_code",),
        "summary": ("short_description",),
        "online": ("product_online",),
        "sale_price": ("special_price",),
        "sale_ends": ("special_price_to_date", "special_to_date"),
        "seo_title": ("meta_title",),
        "seo_description": ("meta_description",),
        "stock": ("qty",),
        "default_manage_stock": ("use_config_manage_stock",),
        "low_stock": ("notify_on_stock_below",),
        "default_low_stock": ("use_config_notify_stock_qty",),
        "option_names": ("configurable_variation_labels",),
    }
)
# Said of every product and of no use here, so not worth a note.
GRANTED = {
    *("attribute_set_code", "product_websites", "created_at", "updated_at", "display_product_options_in"),
    *("small_image", "small_image_label", "thumbnail_image", "thumbnail_image_label", "swatch_image"),
    *("swatch_image_label", "special_price_from_date", "special_from_date", "options_container", "website_id"),
    *("product_options_container", "msrp_display_actual_price_type", "map_enabled", "gift_message_available"),
    *("out_of_stock_qty", "use_config_min_qty", "is_qty_decimal", "allow_backorders", "use_config_backorders"),
    *("min_cart_qty", "use_config_min_sale_qty", "max_cart_qty", "use_config_max_sale_qty", "page_layout"),
    *("use_config_qty_increments", "qty_increments", "use_config_enable_qty_inc", "enable_qty_increments"),
    *("is_decimal_divided", "deferred_stock_update", "use_config_deferred_stock_update", "custom_design"),
}
LISTED_SKU = re.compile(r"(?:^|\|)\s*sku=([^,|]+)")


class MagentoProducts(FamilyFormat):
    name = gettext_lazy("Magento 2 CSV")

    @staticmethod
    def recognises(columns: set[str]) -> bool:
        return {"sku", "product_type"} <= columns and bool(columns & {"attribute_set_code", "product_websites"})

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
        header, table = self.table()
        columns = Columns(header, FIELDS, granted=GRANTED, unused=self.unused)

        def names_of(row: list[str]) -> Names:
            lists = columns.raw(row, "product_type").lower() == CONFIGURABLE and not columns.raw(row, "store_view")
            listed = LISTED_SKU.findall(columns.raw(row, "configurable_variations")) if lists else ()
            return columns.raw(row, "sku"), (sku.strip() for sku in listed)

        for sku, rows in self.families(table, names_of):
            members: list[Cells] = []
            faults = []
            for place, row in rows:
                if columns.raw(row, "store_view"):
                    yield Skipped(place, _("Texts of a single store view are left out."))
                elif not sku:
                    yield WrongProduct([fault(place, _("The row has no SKU."), "sku")])
                else:
                    try:
                        members.append(columns.cells(place, row))
                    except WrongProduct as wrong:
                        faults += wrong.faults
            if faults:
                yield WrongProduct(faults)
            elif members:
                yield from Family(sku, members, self.unused, currency=self.options.wanted_currency()).products()
