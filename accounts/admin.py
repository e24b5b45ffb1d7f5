from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Address, User


class OneEmailForEach:
    """For a form of a user: the e-mail address in lower case, refused when another account has it."""

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another account has this e-mail address."))
        return email


class UserChangeForm(OneEmailForEach, DjangoUserChangeForm):
    class Meta:
        model = User
        fields = ["email", "full_name", "is_active", "is_staff", "is_superuser", "groups", "user_permissions"]


class UserCreationForm(OneEmailForEach, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "full_name"]


class AddressInline(admin.StackedInline):
    model = Address
    fields = [
        "full_name",
        ("address_line1", "address_line2"),
        ("postcode", "city", "region", "country"),
        "phone",
        ("is_default", "is_default_billing"),
    ]
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    inlines = [AddressInline]
    fieldsets = [
        (None, {"fields": ["email", "password", "full_name"]}),
        (
            gettext_lazy("Permissions"),
            {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]},
        ),
        (gettext_lazy("Dates"), {"fields": ["date_joined", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "full_name", "usable_password", "password1", "password2"]})]
    readonly_fields = ["date_joined", "last_login"]
    list_display = ["email", "full_name", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "full_name"]
    ordering = ["-date_joined", "-pk"]
    show_full_result_count = False

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def has_delete_permission(self, request, obj=None):
        return False  # orders and the ledger name people; an account is switched off instead

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # The address that was verified is no longer theirs to log in with.
            EmailAddress.objects.filter(user=obj).exclude(email__iexact=obj.email).delete()
