from itertools import islice

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView

from catalog import choice, delivery, menu, search
from catalog.cards import sellable_variants, with_cards
from catalog.listing import Listing
from catalog.menu import Branch
from catalog.models import Category, Product, ProductImage, Variant
from catalog.structured_data import product_json_ld

HERO = {"image_url": "shop/hero.webp", "portrait_url": "shop/hero-portrait.webp"}
ON_HOME = 24
ON_SHELF = 12
SUGGESTED = 8
RELATED = 4


class HomeView(TemplateView):
    template_name = "catalog/home.html"

    def get_context_data(self, **kwargs):
        newest = Product.objects.published().newest_first()
        reduced = list(newest.on_sale()[:ON_SHELF])
        others = (product for product in newest[:ON_HOME] if product not in reduced)
        new = list(islice(others, ON_HOME - len(reduced)))
        with_cards(new, reduced)
        return super().get_context_data(
            hero=hero(), categories=menu.tree().top, new_products=new, sale_products=reduced, **kwargs
        )


class ListingView(TemplateView):
    """A list of products; an address beyond its last page leads to that page."""

    within: Branch | None = None
    query = ""

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        listing = Listing(request.path, request.GET, within=self.within, query=self.query)
        if better := self.better_address(listing):
            return redirect(better)
        return self.render_to_response(self.get_context_data(listing=listing, **kwargs))

    def better_address(self, listing: Listing) -> str | None:
        last = listing.page.number
        return listing.address(page=last if last > 1 else "") if listing.asked_page > last else None

    def get_context_data(self, *, listing: Listing, **kwargs):
        canonical_url = self.request.build_absolute_uri(listing.canonical)
        return super().get_context_data(**listing.context(), canonical_url=canonical_url, **kwargs)


class CategoryView(ListingView):
    template_name = "catalog/category.html"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        self.within = menu.find(slug)
        if self.within is None:
            return with_query(request, moved_category(slug).get_absolute_url())
        return super().get(request)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            category=self.within,
            breadcrumb=menu.tree().ancestors(self.within.path),
            subcategories=self.within.children_shown,
            **kwargs,
        )


class SearchView(ListingView):
    """All products, or those that fit what was typed; a SKU or barcode leads to its variant."""

    def get_template_names(self):
        return ["catalog/search.html" if self.query else "catalog/product_list.html"]

    def get(self, request: HttpRequest) -> HttpResponse:
        self.query = search.clean_query(request.GET.get("q", ""))
        return super().get(request)

    def better_address(self, listing: Listing) -> str | None:
        is_plain = self.query and listing.is_plain
        variant = search.exactly(listing.page.object_list, self.query) if is_plain else None
        return choice.variant_address(variant) if variant else super().better_address(listing)

    def get_context_data(self, *, listing: Listing, **kwargs):
        context = super().get_context_data(listing=listing, q=self.query, **kwargs)
        if self.query and not listing.page.object_list:
            context["suggested_products"] = list(Product.objects.published().newest_first()[:SUGGESTED])
            with_cards(context["suggested_products"])
        return context


class ProductView(DetailView):
    queryset = Product.objects.viewable().select_related("category")
    template_name = "catalog/product.html"

    def get(self, request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:
        self.object = self.get_object()
        if self.object.status == Product.Status.ARCHIVED:
            return gone(request, self.object)
        if slug != self.object.slug:
            return with_query(request, self.object.get_absolute_url())
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs):
        product, parameters = self.object, self.request.GET
        related = similar_products(product, RELATED)
        with_cards([product], related)
        variants = sellable_variants(product)
        variant = choice.chosen_variant(variants, parameters.get("variant", ""))
        images = pictures(product, variant)
        trail = menu.tree().trail(product.category)
        return super().get_context_data(
            variants=variants,
            variant=variant,
            chosen=variant is not None,
            options=choice.options(variants, variant),
            images=images,
            shared_picture=images and self.request.build_absolute_uri(images[0].largest_url()),
            quantity=wanted_quantity(parameters.get("quantity", "")),
            errors=[] if variant or "choose" not in parameters else [_("Choose one of the variants first.")],
            attributes=list(product.attributes.order_by("name", "value")),
            breadcrumb=trail,
            related=related,
            tax_note=delivery.tax_note(),
            delivery_note=delivery.delivery_note((variant.price if variant else product.card.price) or 0),
            json_ld=product_json_ld(product, variants, images, trail, self.request.build_absolute_uri),
            **kwargs,
        )


def hero() -> dict[str, str] | None:
    """Addresses of the home page's large picture, if the shop has one."""

    def addresses() -> dict[str, str]:
        is_there = all(default_storage.exists(name) for name in HERO.values())
        return {key: default_storage.url(name) for key, name in HERO.items()} if is_there else {}

    return cache.get_or_set("catalog.hero", addresses, menu.SECONDS) or None


def moved_category(slug: str) -> Category:
    """The shown category that had this address before. Raises Http404."""
    category = Category.objects.filter(old_slugs__slug=slug).first()
    if category is None or menu.find(category.slug) is None:
        raise Http404
    return category


def similar_products(product: Product, most: int) -> list[Product]:
    """The newest others of its category that can be bought now."""
    if product.category_id is None:
        return []
    others = Product.objects.published().in_stock().filter(category=product.category_id).exclude(pk=product.pk)
    return list(others.newest_first()[:most])


def gone(request: HttpRequest, product: Product) -> HttpResponse:
    similar = similar_products(product, SUGGESTED)
    with_cards(similar)
    return render(request, "catalog/gone.html", {"product": product, "similar": similar}, status=410)


def pictures(product: Product, variant: Variant | None) -> list[ProductImage]:
    """The product's pictures, the chosen variant's own first."""
    images = list(product.images.all())
    return sorted(images, key=lambda image: variant is None or image.pk != variant.picture_id)


def wanted_quantity(typed: str) -> int:
    """The quantity that a form brought here with it; 1 for what is none."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 and int(typed) else 1


def with_query(request: HttpRequest, path: str) -> HttpResponse:
    """Redirect for good to `path`, keeping the query."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
