from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("accounts/profile/", views.ProfileView.as_view(), name="profile"),
    path("accounts/addresses/new/", views.AddressCreateView.as_view(), name="address_add"),
    path("accounts/addresses/<int:pk>/", views.AddressUpdateView.as_view(), name="address_edit"),
    path("accounts/addresses/<int:pk>/deletion/", views.AddressDeleteView.as_view(), name="address_delete"),
    path("accounts/api-keys/", views.ApiKeyListView.as_view(), name="api_keys"),
    path("accounts/api-keys/new/", views.ApiKeyCreateView.as_view(), name="api_key_add"),
    path("accounts/api-keys/<int:pk>/revocation/", views.ApiKeyRevokeView.as_view(), name="api_key_revoke"),
]
