from django.contrib.sitemaps.views import sitemap
from django.urls import path, re_path
from django.views.generic import TemplateView

from catalog.sitemaps import SITEMAPS
from catalog.views import CategoryView, HomeView, ProductView, SearchView

app_name = "catalog"
urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("category/<slug:slug>/", CategoryView.as_view(), name="category"),
    path("search/", SearchView.as_view(), name="search"),
    path("product/<int:pk>-<str:slug>/", ProductView.as_view(), name="product"),
    re_path(r"^product/(?P<pk>[0-9]{1,18})(?:-[^/]*)?/?$", ProductView.as_view()),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(
        "robots.txt",
        TemplateView.as_view(template_name="catalog/robots.txt", content_type="text/plain"),
        name="robots",
    ),
]
