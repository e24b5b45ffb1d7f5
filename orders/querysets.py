from django.db import models
from django.db.models import Prefetch, Q

from catalog.models import ProductImage


class OrderQuerySet(models.QuerySet):
    def owned_by(self, *, user, cart_key: str | None):
        """Orders of an account, and those that a guest placed in the session with `cart_key`."""
        wanted = Q(user__isnull=True, cart__key=cart_key) if cart_key else Q(pk__in=[])
        if user is not None and user.is_authenticated:
            wanted |= Q(user=user)
        return self.filter(wanted)

    def of_key(self, key, *, user, cart_key: str | None):
        """The order that claimed a key, for its owner, or for the account that its guest logged in to."""
        if user is not None and key.user_id == user.pk:
            return self.filter(Q(user=None) | Q(user=user), claim=key)
        return self.owned_by(user=user, cart_key=cart_key).filter(claim=key)

    def for_display(self):
        """Orders with all that their page shows."""
        from orders.models import OrderLine

        pictures = ProductImage.objects.order_by("position", "pk")
        return self.select_related("user").prefetch_related(
            Prefetch("lines", OrderLine.objects.order_by("pk")),
            Prefetch("lines__variant__product__images", pictures),
            "payments",
            "shipments__lines",
            "events",
        )

    def for_listing(self):
        return self.prefetch_related("lines")

    def for_programs(self):
        """Orders with all that the API tells of one, in a fixed number of statements."""
        from orders.models import OrderLine, Refund, Shipment

        return self.select_related("cart").prefetch_related(
            Prefetch("lines", OrderLine.objects.select_related("variant").order_by("pk")),
            "payments",
            Prefetch("shipments", Shipment.objects.prefetch_related("lines").order_by("at", "pk")),
            Prefetch("refunds", Refund.objects.order_by("at", "pk")),
        )

    def awaiting_payment(self):
        return self.filter(payment_state="awaiting").exclude(fulfilment_state="cancelled")


class PaymentQuerySet(models.QuerySet):
    def unfinished(self):
        return self.filter(state__in=["initiated", "needs_action", "unknown"])

    def captured(self):
        return self.filter(state="captured")
