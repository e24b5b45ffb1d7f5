"""Keys with which programs act for an account."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User

BEGINNING = "shop_"
SHOWN = len(BEGINNING) + 6  # characters that tell keys apart without giving one away
NOTED_EACH = timedelta(hours=1)  # so that reading does not write each time
MOST_KEYS = 20  # in use, that an account makes for itself
# Who is offered a scope: accounts with one of these permissions. What a key may do is looked at when it is used.
OFFERED_WITH = {
    ApiKey.Scope.CATALOGUE: ("catalog.add_product", "catalog.change_product"),
    ApiKey.Scope.STOCK: ("catalog.view_stockrecord", "catalog.change_stockrecord"),
    ApiKey.Scope.ORDERS: ("orders.view_order", "orders.change_order"),
}


def scopes_open_to(user: User) -> list[ApiKey.Scope]:
    """The scopes that make sense for an account: to buy, and what its permissions allow."""
    offered = (scope for scope, names in OFFERED_WITH.items() if any(map(user.has_perm, names)))
    return [ApiKey.Scope.BUY, *offered]


@transaction.atomic
def make_key(
    user: User, *, name: str, scopes: Collection[str], at: datetime, by: User | None = None
) -> tuple[ApiKey, str]:
    """Make a key for `user`; the key itself, given here, is never seen again.

    Who made it is logged: `by`, or the account itself. Raises ValueError for an odd scope.
    """
    if not scopes or not set(scopes) <= set(ApiKey.Scope.values):
        raise ValueError(f"scopes are {ApiKey.Scope.values}, not {scopes}")
    key = f"{BEGINNING}{secrets.token_urlsafe(32)}"
    made = ApiKey.objects.create(
        user=user, name=name, start=key[:SHOWN], digest=_digest(key), scopes=sorted(set(scopes)), created_at=at
    )
    _log(made, ADDITION, _("Made for %(account)s.") % {"account": user}, by or user)
    return made, key


@transaction.atomic
def revoke(key: ApiKey, *, at: datetime, by: User | None = None) -> bool:
    """Let the key open nothing any more; whether it did until now. Logged like making one."""
    is_new = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at) > 0
    if is_new:
        _log(key, CHANGE, _("Revoked."), by or key.user)
    return is_new


def key_of(secret: str, *, at: datetime) -> ApiKey | None:
    """The key that `secret` is, with its account, if both may still be used."""
    found = ApiKey.objects.select_related("user").filter(digest=_digest(secret), revoked_at=None, user__is_active=True)
    key = found.first()
    if key is not None:
        is_due = Q(last_used_at=None) | Q(last_used_at__lt=at - NOTED_EACH)
        if key.last_used_at is None or key.last_used_at < at - NOTED_EACH:
            ApiKey.objects.filter(is_due, pk=key.pk).update(last_used_at=at)
    return key


def _log(key: ApiKey, action: int, message: str, by: User) -> None:
    LogEntry.objects.log_actions(by.pk, [key], action, message, single_object=True)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
