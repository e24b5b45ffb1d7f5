from django.db import models
from django.db.models import Exists, F, Min, OuterRef, Prefetch, Q
from treebeard.mp_tree import MP_NodeQuerySet


class CategoryQuerySet(MP_NodeQuerySet):
    def shown(self):
        return self.filter(is_active=True)


class VariantQuerySet(models.QuerySet):
    def sellable(self):
        """Variants that can be put in a cart while stock lasts."""
        return self.filter(is_active=True, price__isnull=False, product__status="active")

    def in_stock(self):
        return self.filter(Q(track_stock=False) | Q(stock__on_hand__gt=F("stock__reserved")))

    def with_stock(self):
        return self.select_related("stock")

    def in_order(self):
        return self.order_by("position", "pk")


class ProductQuerySet(models.QuerySet):
    def published(self):
        """Products that shoppers see: active, with something priced to sell."""
        return self.filter(Exists(self._variants().sellable()), status="active")

    def in_stock(self):
        return self.filter(Exists(self._variants().sellable().in_stock()))

    def with_lowest_price(self):
        """Annotate `lowest_price`: the cheapest variant on sale, in its own currency."""
        return self.annotate(
            lowest_price=Min("variants__price", filter=Q(variants__is_active=True, variants__price__isnull=False))
        )

    def for_listing(self):
        """What a card shows, in a fixed number of statements however many cards."""
        from catalog.models import ProductImage, Variant

        return self.select_related("category").prefetch_related(
            Prefetch("variants", Variant.objects.filter(is_active=True).with_stock().in_order()),
            Prefetch("images", ProductImage.objects.order_by("position", "pk")),
        )

    def in_category(self, category):
        """Products of a category and of all below it."""
        return self.filter(category__path__startswith=category.path)

    def _variants(self):
        from catalog.models import Variant

        return Variant.objects.filter(product=OuterRef("pk"))


class StockRecordQuerySet(models.QuerySet):
    def with_available(self):
        return self.annotate(available_units=F("on_hand") - F("reserved"))

    def low(self):
        """Records at or below their threshold that still have something to sell."""
        return self.with_available().filter(available_units__gt=0, available_units__lte=F("low_stock_threshold"))

    def out(self):
        return self.filter(on_hand__lte=F("reserved"))
