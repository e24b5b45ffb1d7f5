"""Tokens of a program's log-in: signed, not stored."""

import hashlib
from datetime import datetime, timedelta

from django.core import signing

from accounts.models import User

LIFETIME = timedelta(days=30)
_SALT = "accounts.tokens"


def issue(user: User, *, at: datetime) -> tuple[str, datetime]:
    """A token for `user`, and when it ends. It also ends as soon as the password changes."""
    return signing.dumps([user.pk, _fingerprint(user)], salt=_SALT), at + LIFETIME


def owner_of(token: str) -> User | None:
    """The account of a token that still holds."""
    try:
        user_id, fingerprint = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user is not None and _fingerprint(user) == fingerprint else None


def _fingerprint(user: User) -> str:
    return hashlib.sha256(user.get_session_auth_hash().encode()).hexdigest()[:32]
