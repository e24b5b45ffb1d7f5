"""A POST with an ``Idempotency-Key`` does its work once, however often it is sent.

The key is claimed and the answer kept in the transaction of the work itself:
there is no moment between them at which a process could die. Operations that
call a payment gateway cannot be one transaction; they keep their keys
themselves (`orders.checkout`, `orders.paying`). Refusals are not kept.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cart.session import cart_key
from catalog.transactions import use_case
from ecommerce.errors import domain_error
from ecommerce.models import StoredAnswer
from orders.checkout import CheckoutKey
from orders.errors import KeyReused
from orders.models import IdempotencyKey
from pricing.errors import ShopError

View = Callable[..., HttpResponse]
HEADER = "Idempotency-Key"
LONGEST_KEY = 200


class InvalidKey(ShopError):
    """The header holds what can be no key; nothing was done."""

    code = "invalid_idempotency_key"
    status = 422

    def __init__(self) -> None:
        self.fix = _("Send 1 to %(most)d printable ASCII characters, for example a UUID.") % {"most": LONGEST_KEY}
        super().__init__(_("This cannot be an idempotency key. Nothing was done."))


class _Claimed(Exception):
    """Another request has the key."""


def answered_once(view: View) -> View:
    """Decorate an operation whose POST is one transaction."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None:
            return view(request, *args, **kwargs)
        if not is_key(key):
            return domain_error(request, InvalidKey())
        owner = owner_of(request)
        if owner is None:  # a guest without a session: the answer makes one, and cannot be given to another
            return view(request, *args, **kwargs)
        name, fingerprint = CheckoutKey.of_client(key).key, request_hash(request)
        try:
            return _first(name, fingerprint, owner, lambda: view(request, *args, **kwargs))
        except _Claimed:
            return _again(request, name, fingerprint, owner)
        except ShopError as error:
            return domain_error(request, error)

    return run


def is_key(text: str) -> bool:
    return 0 < len(text) <= LONGEST_KEY and text.isascii() and text.isprintable()


def owner_of(request: HttpRequest) -> str | None:
    """Whose keys these are: an account's or a session's."""
    if request.user.is_authenticated:
        return f"account {request.user.pk}"
    key = cart_key(request)
    return f"session {key}" if key else None


def request_hash(request: HttpRequest) -> str:
    """Fingerprint of address and content; of a form with files, of the files' contents."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}".encode())
    if request.content_type == "multipart/form-data":
        for name, value in sorted(request.POST.items()):
            digest.update(f"\0{name}\0{value}".encode())
        for name, file in sorted(request.FILES.items()):
            digest.update(f"\0{name}\0{file.name}\0".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    else:
        digest.update(b"\0" + request.body)
    return digest.hexdigest()


@use_case
def _first(name: str, fingerprint: str, owner: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Claim the key, do the work and keep its answer, or nothing of it. Raises _Claimed."""
    try:
        with transaction.atomic():
            claim = IdempotencyKey.objects.create(key=name, request_hash=fingerprint, created_at=timezone.now())
    except IntegrityError:
        raise _Claimed from None
    response = answer()
    if response.status_code >= 400:
        transaction.set_rollback(True)
    else:
        body = response.content.decode()
        StoredAnswer.objects.create(claim=claim, owner=owner, status=response.status_code, body=body)
    return response


def _again(request: HttpRequest, name: str, fingerprint: str, owner: str) -> HttpResponse:
    kept = StoredAnswer.objects.select_related("claim").filter(claim__key=name).first()
    if kept is None or kept.owner != owner or kept.claim.request_hash != fingerprint:
        return domain_error(request, KeyReused())
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response
