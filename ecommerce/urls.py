from importlib.util import find_spec

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from ecommerce.media import media

# The admin's own form knows no rate limits; the site's log-in does.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("media/<path:path>", media, name="media"),
]
for app in ("accounts", "cart", "orders", "payments", "catalog"):
    if find_spec(f"{app}.urls"):
        urlpatterns.append(path("", include(f"{app}.urls")))

handler403 = "ecommerce.errors.forbidden"
handler404 = "ecommerce.errors.not_found"
handler429 = "ecommerce.errors.too_many_requests"
handler500 = "ecommerce.errors.server_error"
