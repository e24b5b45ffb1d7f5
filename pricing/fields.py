from django.db import models

from pricing.money import DECIMAL_PLACES, MAX_DIGITS


class MoneyField(models.DecimalField):
    """An amount in major units of the row's `currency`."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"max_digits": MAX_DIGITS, "decimal_places": DECIMAL_PLACES, **kwargs})
