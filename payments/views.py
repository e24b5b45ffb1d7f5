from decimal import Decimal

from babel.numbers import get_currency_precision
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.generic import TemplateView

from payments.gateway import get_gateway
from payments.models import TestCharge


class TestActionView(TemplateView):
    """The page on which a bank would ask the shopper to confirm."""

    template_name = "payments/test_action.html"

    def get_context_data(self, **kwargs):
        charge = get_object_or_404(TestCharge, key=self.kwargs["key"])
        is_open = charge.status == TestCharge.Status.NEEDS_ACTION and charge.session_ends_at > timezone.now()
        return super().get_context_data(
            charge=charge,
            amount=Decimal(charge.amount).scaleb(-get_currency_precision(charge.currency)) if charge.currency else None,
            expired=not is_open,
            **kwargs,
        )

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        add_never_cache_headers(response)
        return response

    def post(self, request, key: str) -> HttpResponse:
        get_object_or_404(TestCharge, key=key)
        charge = get_gateway("test").answer_action(key, confirmed=request.POST.get("answer") == "confirm")
        return redirect(charge.return_url or "/")
