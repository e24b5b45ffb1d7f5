"""Keys with which programs act for an account."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import ApiKey, User

BEGINNING = "shop_"
SHOWN = len(BEGINNING) + 6  # characters that tell keys apart without giving one away
NOTED_EACH = timedelta(hours=1)  # so that reading does not write each time


def make_key(user: User, *, name: str, scopes: Collection[str], at: datetime) -> tuple[ApiKey, str]:
    """Make a key for `user`; the key itself, given here, is never seen again. Raises ValueError for an odd scope."""
    if not scopes or not set(scopes) <= set(ApiKey.Scope.values):
        raise ValueError(f"scopes are {ApiKey.Scope.values}, not {scopes}")
    key = f"{BEGINNING}{secrets.token_urlsafe(32)}"
    made = ApiKey.objects.create(
        user=user, name=name, start=key[:SHOWN], digest=_digest(key), scopes=sorted(set(scopes)), created_at=at
    )
    return made, key


def revoke(key: ApiKey, *, at: datetime) -> None:
    """Let the key open nothing any more; a second time changes nothing."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at)


def key_of(secret: str, *, at: datetime) -> ApiKey | None:
    """The key that `secret` is, with its account, if both may still be used."""
    found = ApiKey.objects.select_related("user").filter(digest=_digest(secret), revoked_at=None, user__is_active=True)
    key = found.first()
    if key is not None:
        is_due = Q(last_used_at=None) | Q(last_used_at__lt=at - NOTED_EACH)
        if key.last_used_at is None or key.last_used_at < at - NOTED_EACH:
            ApiKey.objects.filter(is_due, pk=key.pk).update(last_used_at=at)
    return key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
