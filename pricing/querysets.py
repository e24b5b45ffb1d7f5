from django.db import models


class ShippingMethodQuerySet(models.QuerySet):
    def offered(self, currency: str):
        """Methods that shoppers can choose, priced in `currency`."""
        return self.filter(is_active=True, currency=currency).order_by("position", "pk")
