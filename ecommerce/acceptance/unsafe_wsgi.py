"""The negative control: the shop with read-then-write in place of the conditional update.

It must oversell on PostgreSQL; if it did not, the race proof could not see anything.
"""

import time
from importlib import import_module

application = import_module("ecommerce.wsgi").application  # first of all: it sets Django up
stock = import_module("catalog.stock")

WINDOW = 0.02  # seconds between reading and writing; a real one is shorter, not absent


def reserve_by_reading(quantities, *, reference, at, by=None) -> None:
    for variant_id, units in sorted(quantities.items()):
        record = stock.StockRecord.objects.select_related("variant").get(variant_id=variant_id)
        if record.available < units:
            raise stock.OutOfStock(record.variant.sku, record.available)
        time.sleep(WINDOW)
        record.reserved += units
        record.save(update_fields=["reserved"])


stock.reserve = reserve_by_reading
