from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from catalog import menu
from catalog.models import Product


class ShopSitemap(Sitemap):
    def items(self):
        return [reverse("catalog:home"), reverse("catalog:search")]

    def location(self, item):
        return item


class CategorySitemap(Sitemap):
    def items(self):
        return list(menu.tree().branches.values())


class ProductSitemap(Sitemap):
    def items(self):
        return Product.objects.published().only("pk", "slug").order_by("pk")


SITEMAPS = {"shop": ShopSitemap, "categories": CategorySitemap, "products": ProductSitemap}
