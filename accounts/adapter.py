from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.lockout import seconds_left
from accounts.mail import send_account_mail
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Where allauth asks what this shop does."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "cannot_remove_primary_email": _("This is the address you sign in with: it cannot be removed."),
        "duplicate_email": _("This address is already on your account."),
        "email_password_mismatch": _("E-mail address and password do not match."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "max_email_addresses": _("An account has at most %d e-mail addresses."),
        "unverified_primary_email": _("Confirm the address before you sign in with it."),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            account = self._get_login_attempts_cache_key(request, **credentials)
            wait = seconds_left(request, action="login_failed", account=account)
            request.retry_after = wait  # type: ignore[attr-defined]
            raise ImmediateHttpResponse(respond_429(request)) from None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count by the account alone: allauth's own key holds the Host header, which the client writes."""
        email: str = credentials.get("email", "")
        return email.lower()

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address, and all that hangs on it, or nothing; refused when another account logs in with it."""
        owner = User.objects.owner_of(email_address.email)
        if owner is not None and owner.pk != email_address.user_id:
            template = "account/messages/email_confirmation_failed.txt"
            self.add_message(request, messages.ERROR, template, {"email": email_address.email})
            return False
        with transaction.atomic():
            return super().confirm_email(request, email_address)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        values = {"email": email, "request": allauth_context.request, **context}
        message = self.render_mail(template_prefix, email, values)
        send_account_mail.enqueue(email, message.subject, message.body)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        if self.request.user.is_authenticated:
            return reverse("accounts:profile")
        return super().get_email_verification_redirect_url(email_address)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:profile")
