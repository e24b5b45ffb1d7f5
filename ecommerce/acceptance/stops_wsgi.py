"""The shop with stops at each point of checkout (see `ecommerce.acceptance.stops`)."""

from functools import wraps
from importlib import import_module
from threading import local

from django.db.backends.base.base import BaseDatabaseWrapper

from ecommerce.acceptance.stops import Stops

shop = import_module("ecommerce.wsgi").application  # first of all: it sets Django up
checkout, paying, mail = (import_module(f"orders.{name}") for name in ("checkout", "paying", "mail"))
stock = import_module("catalog.stock")
TestGateway = import_module("payments.test").TestGateway
Order = import_module("orders.models").Order

stops = Stops.of_process()
stops.around(checkout, "_new_order", first="before order written")
stops.around(checkout, "_write_order", then="after order written")  # its transaction is committed
stops.around(stock, "reserve", first="before reserve", then="after reserve")
stops.around(TestGateway, "charge", first="before gateway call", then="before gateway's answer")
stops.around(TestGateway, "_write", then="after gateway call")  # money has moved, but for tok_3ds
stops.around(paying, "settle", first="after gateway's answer")
stops.around(Order, "move_payment", first="before paid mark", then="after paid mark")
stops.around(mail, "owe", first="before mail enqueued", then="after mail enqueued")

request = local()
move_payment, commit = Order.move_payment, BaseDatabaseWrapper.commit


@wraps(move_payment)
def noting_payment(order, state):
    request.has_paid = True
    return move_payment(order, state)


@wraps(commit)
def stopping_commit(connection):
    """Stop around the commit that makes an order paid."""
    is_of_payment = getattr(request, "has_paid", False)
    stops.at("before commit" if is_of_payment else "")
    commit(connection)
    stops.at("after commit" if is_of_payment else "")


Order.move_payment = noting_payment
BaseDatabaseWrapper.commit = stopping_commit


def application(environ, start_response):
    request.has_paid = False
    answer = shop(environ, start_response)
    if request.has_paid:
        stops.at("before response")
    return answer
