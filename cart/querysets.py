from django.db import models
from django.db.models import Prefetch, Q

from catalog.models import ProductImage


class CartQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status="open")

    def reachable_by(self, *, user, key: str):
        """Carts of an account, and the guest's with a session's key."""
        wanted = Q(key=key, user=None) if key else Q(pk__in=[])
        if user is not None:
            wanted |= Q(user=user)
        return self.filter(wanted)


class CartLineQuerySet(models.QuerySet):
    def for_quoting(self):
        """Lines with what their price, stock and name are read from, in one statement."""
        return self.select_related("variant__product", "variant__stock").order_by("added_at", "pk")

    def for_display(self):
        """Lines with all that a cart shows, in two statements however many lines."""
        return (
            self.select_related("variant__product", "variant__stock", "variant__picture")
            .prefetch_related(
                Prefetch("variant__product__images", ProductImage.objects.order_by("position", "pk")),
            )
            .order_by("added_at", "pk")
        )
