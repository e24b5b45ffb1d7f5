from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.generic import DetailView, ListView, RedirectView, View
from django.views.generic.detail import SingleObjectMixin

from cart.session import cart_key
from orders.cancellation import cancel
from orders.forms import PaymentForm
from orders.models import Cancellation, Order, Payment
from orders.paying import ask_gateway, pay
from orders.states import FulfilmentState, PaymentState
from payments.gateway import GatewayError
from pricing.errors import ShopError

private = method_decorator(cache_control(private=True, no_store=True), name="dispatch")

LOOK_AGAIN = 5  # seconds after which the page of an unknown payment looks again …
LOOK_UNTIL = timedelta(minutes=2)  # … and for how long


class OrderMixin(SingleObjectMixin):
    """The order of a link's token: a guest's for whoever has it, an account's for that account only."""

    slug_field = slug_url_kwarg = "token"
    context_object_name = "order"

    def get_queryset(self):
        return Order.objects.for_display()

    def dispatch(self, request, *args, **kwargs):
        owner = Order.objects.filter(token=kwargs["token"]).values_list("user_id", flat=True).first()
        if owner is not None and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if owner is not None and owner != request.user.pk:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


@private
class OrderView(OrderMixin, DetailView):
    template_name = "orders/detail.html"

    def get_context_data(self, **kwargs):
        order, now = self.object, timezone.now()
        payment = max(order.payments.all(), key=lambda payment: payment.created_at, default=None)
        state = payment_panel(order, payment)
        may_pay = state in ("declined", "none") and order.hold_until > now and order.is_complete()
        is_young = payment is not None and now - payment.created_at < LOOK_UNTIL
        return super().get_context_data(
            payment=payment,
            state=state,
            payment_form=PaymentForm() if may_pay else None,
            can_cancel=order.fulfilment_state == FulfilmentState.UNFULFILLED,
            next_steps=next_steps(order, state),
            events=sorted(order.events.all(), key=lambda event: (event.at, event.pk)),
            shipments=order.shipments.all(),
            refresh_seconds=LOOK_AGAIN if state == "unknown" and is_young else None,
            **kwargs,
        )


class ConfirmationView(OrderView):
    template_name = "orders/confirmation.html"


def payment_panel(order: Order, payment: Payment | None) -> str:
    """Which of its faces the payment part of an order's page shows."""
    if order.fulfilment_state == FulfilmentState.CANCELLED:
        return "cancelled"
    if order.payment_state != PaymentState.AWAITING:
        return "paid"
    if payment is None:
        return "none"
    return {
        Payment.State.INITIATED: "unknown",
        Payment.State.UNKNOWN: "unknown",
        Payment.State.NEEDS_ACTION: "needs_action",
    }.get(Payment.State(payment.state), "declined")


def next_steps(order: Order, state: str) -> list[str]:
    """What happens next, in the shopper's words."""
    if state == "paid" and order.fulfilment_state in (FulfilmentState.UNFULFILLED, FulfilmentState.PACKED):
        return [
            _("A confirmation is on its way to %(email)s.") % {"email": order.email},
            _("We pack your order and send it by %(method)s.") % {"method": order.shipping_name},
            _("You get a mail when the parcel leaves."),
        ]
    return []


@private
class LastConfirmationView(RedirectView):
    """This session's last order."""

    def get_redirect_url(self, *args, **kwargs):
        own = Order.objects.owned_by(user=self.request.user, cart_key=cart_key(self.request))
        order = own.order_by("-placed_at", "-pk").first()
        if order is None:
            raise Http404
        return confirmation_url(order)


@private
class OrderListView(LoginRequiredMixin, ListView):
    template_name = "orders/list.html"
    paginate_by = 20

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user).for_listing().order_by("-placed_at", "-pk")


@private
class PaymentCreateView(OrderMixin, View):
    """Another try to pay."""

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        order = self.get_object()
        form = PaymentForm(request.POST)
        if not form.is_valid():
            messages.error(request, form.errors["payment_token"][0])
            return redirect(order)
        try:
            payment = pay(order, token=form.cleaned_data["payment_token"], at=timezone.now())
        except ShopError as error:
            messages.error(request, f"{error} {error.fix}")
            return redirect(order)
        return redirect(after_payment_url(order, payment))


@private
class PaymentReturnView(OrderMixin, View):
    """Back from the gateway's page: ask the gateway what became of it."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        order = self.get_object()
        try:
            for payment in order.payments.unfinished():
                ask_gateway(payment, at=timezone.now())
        except GatewayError:
            messages.warning(request, _("We are checking your payment. Do not pay again."))
        return redirect(confirmation_url(order))


@private
class CancellationCreateView(OrderMixin, View):
    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        order = self.get_object()
        by = request.user if request.user.is_authenticated else None
        try:
            cancel(order, cause=Cancellation.Cause.SHOPPER, at=timezone.now(), by=by)
        except ShopError as error:
            messages.error(request, f"{error} {error.fix}")
        except GatewayError:
            messages.error(request, _("Your payment is being checked. Try to cancel again in a minute."))
        else:
            messages.success(request, _("The order is cancelled. Anything you paid goes back to your card."))
        return redirect(order)


def confirmation_url(order: Order) -> str:
    return reverse("orders:confirmation", args=[order.token])


def after_payment_url(order: Order, payment: Payment | None) -> str:
    """Where the shopper goes after a try to pay: to the gateway's page if it asks for something."""
    if payment is not None and payment.state == Payment.State.NEEDS_ACTION and payment.action_url:
        return payment.action_url
    return confirmation_url(order)
