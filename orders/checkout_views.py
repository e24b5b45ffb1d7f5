from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.addresses import needs_region
from cart.change import Shopper, fit_to_stock
from cart.models import CartLine
from cart.quoting import quote_lines
from cart.session import current_cart, current_lines, known_shopper
from catalog.errors import OutOfStock
from orders.checkout import place_order
from orders.details import known_details
from orders.errors import AlreadyOrdered, EmptyCart, InProgress
from orders.forms import CheckoutForm
from orders.views import after_payment_url, confirmation_url, private
from pricing.errors import AmountTooHigh, ShopError
from pricing.models import ShippingMethod
from pricing.money import plain
from pricing.quote import Quote
from pricing.shipping import arrival, cheapest_first
from pricing.tax import tax_table


@private
class CheckoutView(View):
    """The checkout page; a POST shows it again with what was typed, for another country's methods."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, CheckoutForm(initial=already_known(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = {name: request.POST[name] for name in CheckoutForm().fields if name in request.POST}
        typed["billing_same"] = "billing_same" in request.POST
        return self.page(request, CheckoutForm(initial=typed))

    def page(self, request: HttpRequest, form: CheckoutForm, *, status: int = 200) -> HttpResponse:
        lines = current_lines(request)
        if not any(line.can_be_bought() for line in lines):
            messages.info(request, _("There is nothing in your cart that can be ordered. Put something into it first."))
            return redirect("cart:detail")
        try:
            context = checkout_context(form, lines)
        except AmountTooHigh as error:
            messages.error(request, f"{error} {error.fix}")
            return redirect("cart:detail")
        return render(request, "orders/checkout.html", context, status=status)


@private
class PlaceOrderView(CheckoutView):
    """The one POST that orders and pays."""

    http_method_names = ["post", "get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("orders:checkout")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CheckoutForm(request.POST)
        if not form.is_valid():
            return self.page(request, form, status=422)
        cart, shopper = current_cart(request), known_shopper(request) or Shopper("")
        key = form.key(cart.pk if cart else None)
        try:
            placed = place_order(shopper=shopper, cart=cart, details=form.details(), key=key, at=timezone.now())
        except AlreadyOrdered as error:
            messages.info(request, f"{error} {error.fix}")
            return redirect(error.order)
        except InProgress as error:
            return redirect(confirmation_url(error.order))
        except EmptyCart as error:
            messages.info(request, f"{error} {error.fix}")
            return redirect("cart:detail")
        except ShopError as error:
            if cart is None:
                raise  # there is no checkout to show again: a page of its own says it
            if isinstance(error, OutOfStock):
                fit_to_stock(shopper)
            return self.refused(request, form, error)
        return redirect(after_payment_url(placed.order, placed.payment))

    def refused(self, request: HttpRequest, form: CheckoutForm, error: ShopError) -> HttpResponse:
        sentence = f"{error} {error.fix}"
        form.add_error(None, sentence)
        response = self.page(request, form, status=error.status)
        if response.status_code != error.status:  # nothing is left to check out: the cart says why
            messages.error(request, sentence)
        if error.retry_after:
            response["Retry-After"] = str(error.retry_after)
        return response


def already_known(request: HttpRequest) -> dict[str, object]:
    """What the form is filled in with, so that nothing is asked twice."""
    known = known_details(request.user)
    filled_in: dict[str, object] = {"email": known.email, **known.address.columns()}
    if known.billing is not None:
        filled_in |= {**known.billing.columns("billing_"), "billing_same": False}
    return filled_in


def checkout_context(form: CheckoutForm, lines: list[CartLine]) -> dict[str, object]:
    """What the page shows: the total is that of the method chosen, the cheapest by default. Raises AmountTooHigh."""
    offered = list(ShippingMethod.objects.offered(settings.SHOP_CURRENCY))
    form.offer_countries(method.delivers_to for method in offered)
    country = form.country()
    taxes = tax_table(country)
    bought = [line for line in lines if line.can_be_bought()]
    goods = quote_lines(bought, taxes=taxes, method=None)
    methods = cheapest_first(offered, country, subtotal=goods.subtotal)
    wanted = form["shipping_method"].value()
    chosen = next((method for method in methods if method.code == wanted), next(iter(methods), None))
    quotes = {method: quote_lines(bought, taxes=taxes, method=method) for method in methods}
    shown = quotes[chosen] if chosen else goods
    form.stand_for(lines[0].cart_id, total=plain(shown.total, shown.currency))
    return {
        "form": form,
        "lines": lines,
        "cart_count": sum(line.quantity for line in lines),
        "quote": shown,
        "methods": [method_choice(method, quoted, chosen) for method, quoted in quotes.items()],
        "seller": settings.SHOP_NAME,
        "show_region": needs_region(country),
    }


def method_choice(method: ShippingMethod, quoted: Quote, chosen: ShippingMethod | None) -> dict[str, object]:
    """A delivery method beside what the order comes to with it."""
    return {
        "method": method,
        "price": quoted.shipping,
        "tax": quoted.tax,
        "total": quoted.total,
        "arrives": arrives(method),
        "selected": method == chosen,
    }


def arrives(method: ShippingMethod) -> str:
    """When a parcel sent now by `method` arrives, in words."""
    first, last = (date_format(day, "D j M") for day in arrival(method, today=timezone.localdate()))
    if first == last:
        return _("arrives %(day)s") % {"day": first}
    return _("arrives %(first)s to %(last)s") % {"first": first, "last": last}
