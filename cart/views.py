from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView, View

from cart import change
from cart.change import Changed
from cart.errors import InvalidQuantity
from cart.models import CartLine
from cart.quantities import parse_quantity
from cart.quoting import quote_lines
from cart.session import current_lines, known_shopper, shopper_of
from catalog.errors import NotForSale, OutOfStock, UnknownVariant, VariantRequired
from catalog.models import Product
from pricing.errors import AmountTooHigh
from pricing.shipping import methods_for
from pricing.tax import tax_table

LARGEST_ID = 2**63 - 1


@method_decorator(cache_control(private=True, no_store=True), name="dispatch")
class CartView(TemplateView):
    template_name = "cart/detail.html"

    def get_context_data(self, **kwargs):
        lines = current_lines(self.request)
        kwargs |= {"lines": lines, "cart_count": sum(line.quantity for line in lines)}
        try:
            kwargs |= cart_totals([line for line in lines if line.can_be_bought()])
        except AmountTooHigh as error:
            messages.error(self.request, f"{error} {error.fix}")
        return super().get_context_data(**kwargs)


def cart_totals(lines: list[CartLine]) -> dict[str, object]:
    """What the lines come to with the cheapest delivery to the shop's own country; nothing for no lines."""
    if not lines:
        return {}
    taxes = tax_table(settings.SHOP_COUNTRY)
    goods = quote_lines(lines, taxes=taxes, method=None)
    methods = methods_for(settings.SHOP_COUNTRY, currency=goods.currency, subtotal=goods.subtotal)
    cheapest = methods[0] if methods else None
    return {
        "quote": quote_lines(lines, taxes=taxes, method=cheapest),
        "cheapest_shipping": cheapest,
    }


@method_decorator(csrf_exempt, name="dispatch")  # refused by origin instead: see ecommerce.middleware.own_origin
class CartChangeView(View):
    """A POST that changes the cart and leads back to it."""

    http_method_names = ["post", "options"]

    def change(self, request: HttpRequest, pk: int) -> Changed | None:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if pk > LARGEST_ID:
            raise Http404
        try:
            changed = self.change(request, pk)
        except InvalidQuantity as error:
            messages.error(request, f"{error} {error.fix}")
        else:
            self.say(request, changed)
        return redirect("cart:detail")

    def say(self, request: HttpRequest, changed: Changed | None) -> None:
        if changed is None:
            messages.info(request, _("That product is not in your cart any more."))
        elif not changed.quantity:
            messages.success(request, _("Removed: %(name)s.") % {"name": changed.variant})
        elif changed.was_capped():
            messages.warning(
                request,
                _("You asked for %(wanted)d of %(name)s; your cart holds %(kept)d, which is all there is.")
                % {"wanted": changed.wanted, "name": changed.variant, "kept": changed.quantity},
            )
        else:
            messages.success(
                request,
                _("Your cart holds %(kept)d of %(name)s.") % {"kept": changed.quantity, "name": changed.variant},
            )


class AddView(CartChangeView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return super().post(request, pk)
        except VariantRequired:
            wanted = urlencode({"choose": 1, "quantity": request.POST.get("quantity", "1")[:4]})
            return redirect(f"{get_object_or_404(Product, pk=pk).get_absolute_url()}?{wanted}")
        except (OutOfStock, NotForSale, UnknownVariant) as error:
            messages.error(request, f"{error} {error.fix}")
            return redirect("cart:detail")

    def change(self, request, pk):
        product = get_object_or_404(Product, pk=pk)
        quantity = parse_quantity(request.POST.get("quantity", "1"))
        variant = change.choose_variant(product, _named_variant(request))
        return change.add(shopper_of(request), variant=variant, quantity=quantity, at=timezone.now())


class UpdateView(CartChangeView):
    def change(self, request, pk):
        quantity = parse_quantity(request.POST.get("quantity"), lowest=0)
        shopper = known_shopper(request)
        return shopper and change.set_quantity(shopper, variant_id=pk, quantity=quantity)


class RemoveView(CartChangeView):
    def change(self, request, pk):
        shopper = known_shopper(request)
        return shopper and change.remove(shopper, variant_id=pk)


def _named_variant(request: HttpRequest) -> int | None:
    """The id in the form, None when none is named; what is no id names a variant that does not exist."""
    named = request.POST.get("variant", "").strip()
    if not named:
        return None
    return int(named) if named.isascii() and named.isdecimal() and len(named) < 19 else 0
