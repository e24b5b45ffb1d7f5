from catalog.admin import categories, imports, ledger, picture_addresses, products, stock

__all__ = ["categories", "imports", "ledger", "picture_addresses", "products", "stock"]
