"""Fulfilment, refunds and exports for programs of staff."""

from ninja import Router

router = Router(tags=["staff"])
