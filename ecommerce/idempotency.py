"""A POST with an ``Idempotency-Key`` does its work once, however often it is sent.

The key is claimed and the answer kept in the transaction of the work itself:
there is no moment between them at which a process could die. Operations that
call a payment gateway cannot be one transaction; they keep their keys
themselves (`orders.checkout`, `orders.paying`). Refusals are not kept.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cart.session import cart_key, ensure_cart_key
from catalog.transactions import use_case
from ecommerce.errors import domain_error
from ecommerce.models import StoredAnswer
from orders.errors import KeyReused
from orders.keys import HEADER, CheckoutKey, Claimed, claim, sent_key
from orders.models import IdempotencyKey
from pricing.errors import ShopError

View = Callable[..., HttpResponse]
KEPT = timedelta(days=7)
REMOVED_AT_ONCE = 500  # so that nobody who writes waits long


def answered_once(view: View) -> View:
    """Decorate an operation whose POST is one transaction."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        def answer() -> HttpResponse:
            return view(request, *args, **kwargs)

        if request.method != "POST":
            return answer()
        try:
            key = sent_key(request.headers.get(HEADER))
            owners = owners_of(request) if key is not None else []
            if key is None or not owners:  # a guest without a session: nobody can be told the answer again
                return answer()
            return _once(request, CheckoutKey.of_client(key).key, owners, answer)
        except ShopError as error:
            return domain_error(request, error)

    return run


def owners_of(request: HttpRequest) -> list[str]:
    """Whose keys these are: an account's, as far as its API key or cookie reaches, or a session's.

    The first is whose a new key becomes; a guest's keys are still known after log-in.
    """
    owners = []
    key = cart_key(request)
    if request.user.is_authenticated:
        limits = getattr(request.user, "limits", None)
        reach = "all" if limits is None else hashlib.sha256(" ".join(sorted(limits)).encode()).hexdigest()[:16]
        owners.append(f"account {request.user.pk} {reach}")
    elif key is None and request.session.session_key:
        key = ensure_cart_key(request)
    return [*owners, f"session {key}"] if key else owners


def request_hash(request: HttpRequest) -> str:
    """Fingerprint of address and content; of a form with files, of the files' contents."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}".encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(repr((name, file.name, file.size)).encode())
                for chunk in file.chunks():
                    digest.update(chunk)
    else:
        digest.update(b"\0" + request.body)
    return digest.hexdigest()


def _once(request: HttpRequest, name: str, owners: list[str], answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Raises KeyReused and Busy."""
    fingerprint = request_hash(request)
    try:
        return _first(request, name, fingerprint, owners[0], answer)
    except Claimed:
        kept = StoredAnswer.objects.select_related("claim").filter(claim__key=name).first()
    if kept is None or kept.owner not in owners or kept.claim.request_hash != fingerprint:
        raise KeyReused
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response


@use_case
def _first(
    request: HttpRequest, name: str, fingerprint: str, owner: str, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    """Claim the key, do the work and keep its answer, or nothing of it. Raises Claimed."""
    key = claim(name, fingerprint, at=timezone.now())
    for _field, files in request.FILES.lists():  # read for the fingerprint, or by a try before this one
        for file in files:
            file.seek(0)
    response = answer()
    if response.status_code >= 400:
        transaction.set_rollback(True)
    else:
        body = response.content.decode()
        StoredAnswer.objects.create(claim=key, owner=owner, status=response.status_code, body=body)
    return response


def forget_old_answers(*, at: datetime) -> int:
    """Remove answers, with their keys, that were kept for a week; how many. Keys of orders and payments stay."""
    old = IdempotencyKey.objects.filter(answer__isnull=False, created_at__lt=at - KEPT).order_by("pk")
    removed = 0
    while chunk := list(old.values_list("pk", flat=True)[:REMOVED_AT_ONCE]):
        IdempotencyKey.objects.filter(pk__in=chunk).delete()
        removed += len(chunk)
    return removed
