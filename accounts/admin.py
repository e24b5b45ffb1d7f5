from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.api_keys import make_key, revoke
from accounts.models import Address, ApiKey, User


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


class NewKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("what it may do"),
        choices=ApiKey.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("No more than the account itself may do at the time."),
    )

    class Meta:
        model = ApiKey
        fields = ["user", "name", "scopes"]


class InUseFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("in_use", gettext_lazy("In use")), ("revoked", gettext_lazy("Revoked"))]

    def queryset(self, request, queryset):
        if self.value() in {"in_use", "revoked"}:
            return queryset.filter(revoked_at__isnull=self.value() == "in_use")
        return queryset


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys are made and revoked, never changed. A key lets its holder act as the account: for superusers only."""

    form = NewKeyForm
    autocomplete_fields = ["user"]
    list_display = ["name", "start", "user", "shown_scopes", "created_at", "last_used_at", "revoked_at"]
    list_filter = [InUseFilter, "created_at"]
    list_select_related = ["user"]
    search_fields = ["name", "start", "user__email"]
    search_help_text = gettext_lazy("Name, beginning or e-mail")
    ordering = ["-created_at", "-pk"]
    actions = ["revoke_keys"]
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        facts = ["user", "name", "start", "shown_scopes", "created_at", "last_used_at", "revoked_at"]
        return facts if obj else NewKeyForm.Meta.fields

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # what a key did was done in its name

    def has_revoke_permission(self, request):
        return request.user.has_perm("accounts.change_apikey")

    @admin.display(description=gettext_lazy("may"))
    def shown_scopes(self, key):
        return ", ".join(key.scope_labels())

    def save_model(self, request, obj, form, change):
        made, secret = make_key(
            obj.user, name=obj.name, scopes=form.cleaned_data["scopes"], at=timezone.now(), by=request.user
        )
        obj.pk, obj.start = made.pk, made.start
        sentence = _("Copy the key now, it is shown this once: %(key)s")
        messages.warning(request, sentence % {"key": secret})

    def log_addition(self, request, obj, message):
        """Logged where it is made."""

    @admin.action(description=gettext_lazy("Revoke selected keys"), permissions=["revoke"])
    def revoke_keys(self, request, queryset):
        revoked = sum(revoke(key, at=timezone.now(), by=request.user) for key in queryset.order_by("pk"))
        sentence = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", revoked)
        messages.success(request, sentence % {"count": revoked})
