from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.messages.views import SuccessMessageMixin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import CreateView, DeleteView, UpdateView

from accounts.forms import AddressForm, ProfileForm
from accounts.models import Address, User


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
