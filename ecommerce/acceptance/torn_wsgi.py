"""The negative control: one transaction open from the cart to the end, around the gateway's call.

A death after the charge then loses the order and keeps the money; if the proof
did not see that, it could not see anything. The gateway's ledger is written
over a connection of its own, as a provider's is.
"""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import_module("ecommerce.wsgi")  # first of all: it sets Django up
views = import_module("orders.checkout_views")
transaction = import_module("django.db").transaction
TestGateway = import_module("payments.test").TestGateway

elsewhere = ThreadPoolExecutor(1)
write = TestGateway._write
TestGateway._write = lambda *args, **kwargs: elsewhere.submit(write, *args, **kwargs).result()
views.place_order = transaction.atomic(views.place_order)

application = import_module("ecommerce.acceptance.stops_wsgi").application
