from allauth.account import urls as account_urls
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import never_cache
from django_tasks_db.models import DBTaskResult

from ecommerce.api import api
from ecommerce.media import media

# The admin's own form knows no rate limits; the site's log-in does.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# The arguments of tasks that send mail hold links which set a new password.
admin.site.unregister(DBTaskResult)
for page in account_urls.urlpatterns:
    page.callback = never_cache(page.callback)  # pages of one shopper, or forms with a secret in them

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),  # first: programs ask most often
    path("", include("catalog.urls")),
    path("", include("cart.urls")),
    path("", include("orders.urls")),
    path("", include("payments.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include(account_urls)),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media, name="media"),
]

handler400 = "ecommerce.errors.bad_request"
handler403 = "ecommerce.errors.forbidden"
handler404 = "ecommerce.errors.not_found"
handler429 = "ecommerce.errors.too_many_requests"
handler500 = "ecommerce.errors.server_error"
