from orders.models.goods import Cancellation, CancellationLine, Return, ReturnLine, Shipment, ShipmentLine
from orders.models.order import IdempotencyKey, Order, OrderLine
from orders.models.payment import Payment, PaymentEvent, Refund, RefundLine
from orders.models.story import OrderEvent, OrderMail

__all__ = [
    "Cancellation",
    "CancellationLine",
    "IdempotencyKey",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderMail",
    "Payment",
    "PaymentEvent",
    "Refund",
    "RefundLine",
    "Return",
    "ReturnLine",
    "Shipment",
    "ShipmentLine",
]
