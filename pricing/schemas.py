"""How amounts and refusals look in the API."""

from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, Field, WithJsonSchema

from pricing.money import DECIMAL_PLACES, MAX_DIGITS, TOO_HIGH


def _number(value: object) -> Decimal:
    """Raises ValueError for a text, as the reading of one would depend on who wrote it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("Send a number such as 12.50, without quotes.")
    return Decimal(str(value))


# Out: rounded to its currency's digits already, and written with them, such as 12.50.
Money = Annotated[Decimal, WithJsonSchema({"type": "number", "minimum": 0, "examples": [12.50]})]

# In: a JSON number that the tables can hold; whether it fits its currency, the domain says.
MoneyIn = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(ge=0, max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": int(TOO_HIGH), "examples": [12.50]}),
]


class Error(Schema):
    """A refusal. Programs go by `code`; `detail` says what happened, what was kept and what to do next."""

    code: str = Field(examples=["out_of_stock"])
    detail: str = Field(examples=["Only 2 of Oak shelf (SH-1) are left. Choose fewer."])
    fields: dict[str, Any] = Field(
        default_factory=dict,
        description="What is wrong, by field; for `out_of_stock` the `sku` and what is `available`.",
        examples=[{"sku": "SH-1", "available": 2}],
    )
