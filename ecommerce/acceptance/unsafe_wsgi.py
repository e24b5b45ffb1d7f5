"""The negative control: the shop with read-then-write in place of the conditional update.

It must oversell on PostgreSQL; if it did not, the race proof could not see anything.
"""

import time

from catalog import stock
from catalog.errors import OutOfStock
from catalog.models import StockRecord
from ecommerce.wsgi import application

__all__ = ["application"]

WINDOW = 0.02  # seconds between reading and writing; a real one is shorter, not absent


def reserve_by_reading(quantities, *, reference, at, by=None) -> None:
    for variant_id, units in sorted(quantities.items()):
        record = StockRecord.objects.select_related("variant").get(variant_id=variant_id)
        if record.available < units:
            raise OutOfStock(record.variant.sku, record.available)
        time.sleep(WINDOW)
        record.reserved += units
        record.save(update_fields=["reserved"])


stock.reserve = reserve_by_reading
