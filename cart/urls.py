from django.urls import path, re_path

from cart.views import AddView, CartView, RemoveView, UpdateView

app_name = "cart"

urlpatterns = [
    path("cart/", CartView.as_view(), name="detail"),
    path("cart/add/<int:pk>/", AddView.as_view(), name="add"),
    path("cart/update/<int:pk>/", UpdateView.as_view(), name="update"),
    path("cart/remove/<int:pk>/", RemoveView.as_view(), name="remove"),
    re_path(r"^cart$", CartView.as_view()),
]
