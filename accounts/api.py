"""Sign-up and log-in for programs."""

from datetime import datetime
from typing import Annotated

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.core.ratelimit import respond_429
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.errors import AuthenticationError, ValidationError
from pydantic import ConfigDict, Field, StringConstraints

from accounts import tokens
from accounts.forms import SignupForm
from accounts.lockout import APP, seconds_left
from accounts.models import User
from accounts.signing_up import sign_up

router = Router(tags=["accounts"])


class Credentials(Schema):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "ada@example.org", "password": "correct horse battery"}]},
    )

    email: Annotated[str, StringConstraints(min_length=1, max_length=254)] = Field(examples=["ada@example.org"])
    password: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        examples=["correct horse battery"]
    )


class SignedUp(Schema):
    detail: str


class LoggedIn(Schema):
    """Send `token` as ``Authorization: Bearer …``; it ends at `expires_at`, and when the password changes."""

    token: str
    token_type: str = "bearer"
    expires_at: datetime
    user_id: int
    email: str


@router.post("/signup", response={201: SignedUp}, operation_id="signup", summary="Open an account")
def signup(request: HttpRequest, credentials: Credentials):
    """Nobody is logged in by it. The answer is the same for a known address, which gets a mail that says so."""
    limit(request, "signup")
    form = SignupForm({"email": credentials.email, "password1": credentials.password})
    if not form.is_valid():
        names = {"password1": "password"}
        raise ValidationError(
            [
                {"loc": ("body", "credentials", names.get(name, name)), "msg": " ".join(sentences)}
                for name, sentences in form.errors.items()
            ]
        )
    sign_up(request, email=form.cleaned_data["email"], password=form.cleaned_data["password1"])
    return Status(201, {"detail": _("Log in with this address and password. A mail to confirm it is on its way.")})


@router.post("/login", response=LoggedIn, operation_id="login", summary="Log in")
def login(request: HttpRequest, response: HttpResponse, credentials: Credentials):
    """The cart of this session's guest is merged into the account's."""
    response["Cache-Control"] = "no-store"
    limit(request, "login")
    user = get_adapter().authenticate(request, email=credentials.email.strip(), password=credentials.password)
    if user is None or not user.is_active:
        raise AuthenticationError(message=_("E-mail address and password do not match."))
    user_logged_in.send(sender=User, request=request, user=user)
    token, expires_at = tokens.issue(user, at=timezone.now())
    return {"token": token, "expires_at": expires_at, "user_id": user.pk, "email": user.email}


def limit(request: HttpRequest, action: str) -> None:
    """Count a try by the website's own limits. Raises ImmediateHttpResponse with a 429."""
    if not ratelimit.consume(request, app=APP, action=action):
        request.retry_after = seconds_left(request, action=action)  # type: ignore[attr-defined]
        raise ImmediateHttpResponse(respond_429(request))
