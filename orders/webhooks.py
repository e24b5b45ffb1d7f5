from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from orders.events import receive_event
from payments.gateway import GatewayError, InvalidEvent, get_gateway

LARGEST_BODY = 256 * 1024


@method_decorator(csrf_exempt, name="dispatch")  # the gateway signs what it sends
class WebhookView(View):
    """Where gateways tell what happened; answered once the event is kept."""

    def post(self, request: HttpRequest, gateway: str) -> JsonResponse:
        if gateway != settings.PAYMENT_GATEWAY:
            return _answer(404, "not_found", _("There is no such gateway."))
        if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
            return _answer(413, "too_large", _("The message is too large."))
        signature = request.headers.get("Stripe-Signature", "")
        try:
            event = get_gateway(gateway).read_event(request.body, signature)
        except InvalidEvent as error:
            return _answer(400, "invalid_event", str(error))
        with suppress(GatewayError):  # the event is kept; the reconciler takes it up
            receive_event(event, gateway=gateway, at=timezone.now())
        return JsonResponse({"received": True})


def _answer(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse({"code": code, "detail": detail, "fields": {}}, status=status)
