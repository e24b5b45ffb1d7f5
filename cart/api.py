"""The cart for programs."""

from ninja import Router

from catalog.permissions import buyers

router = Router(tags=["cart"], auth=buyers)
