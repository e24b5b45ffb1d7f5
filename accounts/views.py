from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.messages.views import SuccessMessageMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import CreateView, DeleteView, FormView, ListView, UpdateView

from accounts.api_keys import make_key, revoke
from accounts.forms import AddressForm, ApiKeyForm, ProfileForm
from accounts.models import Address, ApiKey, User


@method_decorator(never_cache, name="dispatch")
class AccountPage(LoginRequiredMixin, SuccessMessageMixin):
    request: HttpRequest

    def get_success_url(self) -> str:
        return reverse("accounts:profile")


class OwnAddressPage(AccountPage):
    def get_queryset(self) -> QuerySet[Address]:
        return Address.objects.filter(user=self.request.user.pk)


class ProfileView(AccountPage, UpdateView):
    template_name = "accounts/profile.html"
    form_class = ProfileForm
    context_object_name = "account"
    success_message = _("Your name is saved.")

    def get_object(self, queryset: QuerySet[User] | None = None) -> User:
        return User.objects.get(pk=self.request.user.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        addresses = self.object.addresses.order_by("-is_default", "-is_default_billing", "pk")
        return super().get_context_data(addresses=addresses, **kwargs)


class AddressCreateView(AccountPage, CreateView):
    template_name = "accounts/address_form.html"
    form_class = AddressForm
    success_message = _("The address is saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": Address(user_id=self.request.user.pk)}


class AddressUpdateView(OwnAddressPage, UpdateView):
    template_name = "accounts/address_form.html"
    form_class = AddressForm
    success_message = _("The address is saved.")


class AddressDeleteView(OwnAddressPage, DeleteView):
    http_method_names = ["post"]
    success_message = _("The address is deleted.")


class OwnKeysPage(AccountPage):
    def get_queryset(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.filter(user=self.request.user.pk, revoked_at=None).order_by("-created_at", "-pk")

    def get_success_url(self) -> str:
        return reverse("accounts:api_keys")


class ApiKeyListView(OwnKeysPage, ListView):
    template_name = "accounts/api_keys.html"
    context_object_name = "keys"


@method_decorator(reauthentication_required, name="get")
@method_decorator(reauthentication_required, name="post")
class ApiKeyCreateView(AccountPage, FormView):
    """Shows the key in the answer to the form itself: it is kept nowhere, not even for a redirect."""

    template_name = "accounts/api_key_form.html"
    form_class = ApiKeyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"account": User.objects.get(pk=self.request.user.pk)}

    def form_valid(self, form: ApiKeyForm) -> HttpResponse:
        made, secret = make_key(form.account, **form.cleaned_data, at=timezone.now())
        return render(self.request, "accounts/api_key_made.html", {"key": made, "secret": secret})


class ApiKeyRevokeView(OwnKeysPage, DeleteView):
    """A key is kept when it is revoked: what it did was done in its name."""

    http_method_names = ["post"]
    success_message = _("The key is revoked: programs that use it are refused from now on.")

    def form_valid(self, form: Any) -> HttpResponse:
        revoke(self.object, at=timezone.now())
        messages.success(self.request, self.success_message)
        return HttpResponseRedirect(self.get_success_url())
