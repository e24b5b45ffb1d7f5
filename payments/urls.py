from django.urls import path

from payments.views import TestActionView

app_name = "payments"

urlpatterns = [path("payments/test/<slug:key>/", TestActionView.as_view(), name="test_action")]
