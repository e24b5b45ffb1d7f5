"""Where an order goes and who pays may be told after it was placed, until its first charge is tried."""

from dataclasses import replace
from datetime import datetime

from orders.details import CheckoutDetails, address_of
from orders.errors import DetailsFixed, NoDelivery
from orders.models import Order, OrderEvent, OrderLine
from orders.timeline import record
from pricing.models import ShippingMethod
from pricing.money import shown
from pricing.quote import PricedLine, quote
from pricing.shipping import methods_for
from pricing.tax import tax_table


def details_of(order: Order) -> CheckoutDetails:
    """What the order says about its e-mail, addresses and delivery method. Reads `shipping_method`."""
    address, billing = address_of(order), address_of(order, "billing_")
    method = order.shipping_method
    return CheckoutDetails(
        email=order.email,
        address=address,
        billing=None if billing == address else billing,
        shipping_method="" if method is None else method.code,
    )


def missing_details(order: Order) -> list[str]:
    """Names of the fields that a charge needs and that the order lacks."""
    return details_of(order).missing() + ([] if order.shipping_name else ["shipping_method"])


def change_details(order: Order, given: CheckoutDetails, *, at: datetime, by=None) -> None:
    """Set what is `given` of an order's e-mail, addresses and method; what is left out stays.

    For another country or method shipping and tax are quoted again, with the
    lines' own prices and quantities. Call inside a transaction, order locked.
    Raises InvalidDetails, NoDelivery, AmountTooHigh, and DetailsFixed when
    anything would change although a charge was tried.
    """
    known = details_of(order)
    details = replace(given.or_known(known), payment_token="")
    if details == known:
        return
    details = details.put_right()
    changes: dict[str, object] = _columns(details)
    method = _method(order, details.address.country, wanted=given.shipping_method)
    if method is not None:
        changes |= {"shipping_method": method, "shipping_name": method.name}
    changes = {name: value for name, value in changes.items() if getattr(order, name) != value}
    if not changes:
        return
    if order.payments.exists():
        raise DetailsFixed(order)
    before = order.total
    if method is not None:
        changes |= _requoted(order, details.address.country, method)
    for name, value in changes.items():
        setattr(order, name, value)
    order.save(update_fields=list(changes))
    prices = [shown(amount, order.currency) for amount in (before, order.total)]
    record(order, OrderEvent.Kind.DETAILS_CHANGED, at=at, by=by, detail=" → ".join(dict.fromkeys(prices)))


def _columns(details: CheckoutDetails) -> dict[str, object]:
    billing = details.billing or details.address
    return {"email": details.email, **details.address.columns(), **billing.columns("billing_")}


def _method(order: Order, country: str, *, wanted: str) -> ShippingMethod | None:
    """The method to quote again with; None where neither country nor method changes. Raises NoDelivery."""
    present = order.shipping_method
    if country == order.country and wanted in ("", "" if present is None else present.code):
        return None
    methods = methods_for(country, currency=order.currency, subtotal=order.subtotal)
    if wanted:
        method = next((method for method in methods if method.code == wanted), None)
    else:
        method = present if present in methods else next(iter(methods), None)
    if method is None:
        raise NoDelivery(possible.code for possible in methods)
    return method


def _requoted(order: Order, country: str, method: ShippingMethod) -> dict[str, object]:
    """Write the lines' taxes for `country`; returns the order's new amounts."""
    taxes = tax_table(country)
    lines = list(order.lines.select_related("variant__product").order_by("pk"))
    quoted = quote(
        [
            PricedLine(
                key=line.pk,
                unit_price=line.unit_price,
                quantity=line.quantity,
                tax_rate=taxes.rate(line.variant.product.tax_class_id),
            )
            for line in lines
        ],
        currency=order.currency,
        prices_include_tax=order.prices_include_tax,
        shipping=method.price_for(order.subtotal),
        shipping_tax_rate=taxes.rate(method.tax_class_id),
        discount=order.discount,
    )
    for line, now in zip(lines, quoted.lines, strict=True):
        line.tax_rate, line.tax = now.tax_rate, now.tax
    OrderLine.objects.bulk_update(lines, ["tax_rate", "tax"])
    return {
        "shipping": quoted.shipping,
        "shipping_tax_rate": quoted.shipping_tax_rate,
        "shipping_tax": quoted.shipping_tax,
        "tax": quoted.tax,
        "net": quoted.net,
        "total": quoted.total,
    }
