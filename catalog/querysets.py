from decimal import Decimal
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce

from pricing.fields import MoneyField


class VariantQuerySet(models.QuerySet):
    def priced(self):
        """Variants that are on sale once their product is."""
        return self.filter(is_active=True, price__isnull=False, currency=settings.SHOP_CURRENCY)

    def sellable(self):
        """Variants that can be put in a cart while stock lasts."""
        return self.priced().filter(product__status="active")

    def reduced(self):
        return self.filter(compare_at_price__gt=F("price"))

    def in_stock(self):
        return self.filter(Q(track_stock=False) | Q(stock__on_hand__gt=F("stock__reserved")))

    def with_stock(self):
        return self.select_related("stock")

    def in_order(self):
        return self.order_by("position", "pk")


def card_lookups(*, all_variants: bool = False) -> list[Prefetch]:
    """What a card or a product page reads of a product beside its own row: two statements."""
    from catalog.models import ProductImage, Variant

    variants = Variant.objects.all() if all_variants else Variant.objects.filter(is_active=True)
    return [
        Prefetch("variants", variants.with_stock().in_order()),
        Prefetch("images", ProductImage.objects.order_by("position", "pk")),
    ]


class ProductQuerySet(models.QuerySet):
    def published(self):
        """Products that shoppers see: active, with something priced to sell."""
        return self.filter(Exists(self._variants()), status="active")

    def viewable(self):
        """Published products, and archived ones, whose page says that they are gone."""
        return self.filter(Q(status="archived") | Q(Exists(self._variants()), status="active"))

    def in_stock(self):
        return self.filter(Exists(self._variants().in_stock()))

    def on_sale(self):
        """Products with a reduced variant that can be bought now."""
        return self.filter(Exists(self._variants().reduced().in_stock()))

    def offering(self, *, price_min=None, price_max=None, in_stock=False):
        """Products with one variant that meets all that is asked; prices are in the shop's currency."""
        variants = self._variants()
        if price_min is not None:
            variants = variants.filter(price__gte=price_min)
        if price_max is not None:
            variants = variants.filter(price__lte=price_max)
        return self.filter(Exists(variants.in_stock() if in_stock else variants))

    def with_lowest_price(self):
        """Annotate `lowest_price`, in the shop's currency, of the variants on sale; what has none counts as free."""
        lowest = Subquery(self._variants().order_by("price").values("price")[:1])
        return self.annotate(lowest_price=Coalesce(lowest, Value(Decimal(0)), output_field=MoneyField()))

    def newest_first(self):
        return self.order_by("-created_at", "-pk")

    def for_listing(self, *, all_variants=False):
        """What a card shows, in a fixed number of statements however many cards; sellers see `all_variants`."""
        return self.select_related("category").prefetch_related(*card_lookups(all_variants=all_variants))

    def archive(self) -> int:
        """Take products off sale, which is how they are deleted: orders go on naming them. Returns how many."""
        return self.exclude(status="archived").update(status="archived")

    def in_category(self, *categories):
        """Products of any of these categories and of all below them."""
        below = [Q(category__path__startswith=category.path) for category in categories]
        return self.filter(reduce(or_, below)) if below else self.none()

    def _variants(self):
        from catalog.models import Variant

        return Variant.objects.priced().filter(product=OuterRef("pk"))


class StockRecordQuerySet(models.QuerySet):
    def with_available(self):
        return self.annotate(available_units=F("on_hand") - F("reserved"))

    def low(self):
        """Records at or below their threshold that still have something to sell."""
        return self.with_available().filter(available_units__gt=0, available_units__lte=F("low_stock_threshold"))

    def out(self):
        return self.filter(on_hand__lte=F("reserved"))
