from catalog.admin import categories, ledger, products, stock

__all__ = ["categories", "ledger", "products", "stock"]
