"""Checkout and orders for programs of buyers, and the gateways' messages."""

from ninja import Router

from catalog.permissions import buyers

router = Router(tags=["orders"], auth=buyers)
