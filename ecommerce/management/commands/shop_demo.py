import json
from random import Random

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog import menu
from catalog.demo.assortment import demo_products
from catalog.demo.pictures import picture_count
from catalog.models import Product
from catalog.progress import Progress
from ecommerce.demo.catalogue import CURRENCY, load_pictures, load_products
from ecommerce.demo.people import LOG_INS, demo_password, load_people
from ecommerce.demo.purchases import COUNT, load_orders
from orders.models import Order

SEED = 20261121


class Command(BaseCommand):
    help = "Fill the shop with a believable catalogue, shoppers and orders. Safe to interrupt and run again."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--scale", type=int, default=1, metavar="N", help="N times as many products")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are products already")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args, **options) -> None:
        if options["scale"] < 1:
            raise CommandError("--scale must be 1 or more.", returncode=2)
        if settings.SHOP_CURRENCY != CURRENCY:
            raise CommandError(f"The demo's prices are in {CURRENCY}: set SHOP_CURRENCY={CURRENCY}.", returncode=2)
        begun = settings.VAR_DIR / "demo-begun"  # there from the first row to the last
        if options["if_empty"] and Product.objects.exists() and not begun.exists():
            return
        begun.touch()
        now, random = timezone.now(), Random(SEED)
        records = list(demo_products(options["scale"]))
        self._follow("products", len(records), load_products(records, at=now))
        self._follow("pictures", sum(map(picture_count, records)), load_pictures(records))
        shoppers = load_people(random)
        self._follow("orders", COUNT, load_orders(shoppers, random, at=now))
        menu.forget()
        begun.unlink()
        result = {"products": len(records), "shoppers": len(shoppers), "orders": Order.objects.count()}
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            self.stdout.write(f"Demo log-ins, password {demo_password()}: {', '.join(LOG_INS)}")

    def _follow(self, what: str, total: int, steps) -> None:
        done = 0
        with Progress(what, total=total, stream=self.stderr) as shown:
            for step in steps:
                done += step
                shown.update(done)
