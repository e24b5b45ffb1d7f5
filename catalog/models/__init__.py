"""Products and their tree, pictures, variants and stock."""

from catalog.models.catalogue_import import CatalogueImport
from catalog.models.category import Category, OldSlug, SearchSnippet
from catalog.models.picture import PictureAddress, ProductImage, private_storage
from catalog.models.product import Product, ProductAttribute
from catalog.models.stock import LOW_STOCK_THRESHOLD, StockMovement, StockRecord
from catalog.models.variant import Variant

__all__ = [
    "LOW_STOCK_THRESHOLD",
    "CatalogueImport",
    "Category",
    "OldSlug",
    "PictureAddress",
    "Product",
    "ProductAttribute",
    "ProductImage",
    "SearchSnippet",
    "StockMovement",
    "StockRecord",
    "Variant",
    "private_storage",
]
