from django.urls import path, re_path

from orders.checkout_views import CheckoutView, PlaceOrderView
from orders.views import (
    CancellationCreateView,
    ConfirmationView,
    LastConfirmationView,
    OrderListView,
    OrderView,
    PaymentCreateView,
    PaymentReturnView,
)

app_name = "orders"

urlpatterns = [
    path("checkout/", CheckoutView.as_view(), name="checkout"),
    path("place_order/", PlaceOrderView.as_view(), name="place_order"),
    path("confirmation/", LastConfirmationView.as_view(), name="last_confirmation"),
    path("confirmation/<slug:token>/", ConfirmationView.as_view(), name="confirmation"),
    path("orders/", OrderListView.as_view(), name="list"),
    path("orders/<slug:token>/", OrderView.as_view(), name="detail"),
    path("orders/<slug:token>/payment/", PaymentCreateView.as_view(), name="payment"),
    path("orders/<slug:token>/payment/return/", PaymentReturnView.as_view(), name="payment_return"),
    path("orders/<slug:token>/cancellation/", CancellationCreateView.as_view(), name="cancel"),
    # The addresses that scripts rely on answer without the final slash too.
    re_path(r"^checkout$", CheckoutView.as_view()),
    re_path(r"^place_order$", PlaceOrderView.as_view()),
    re_path(r"^confirmation$", LastConfirmationView.as_view()),
    path("confirmation/<slug:token>", ConfirmationView.as_view()),
]
