"""Products and stock for programs."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any

from django.core.files.uploadedfile import UploadedFile as SentFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Body, File, Form, Path, Query, Router, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from catalog import editing, menu, search, stock
from catalog.cards import sellable_variants
from catalog.choice import named_variant
from catalog.editing import NewProduct, NewVariant
from catalog.errors import ProductGone
from catalog.freshness import keepable
from catalog.listing import COLUMNS, RELEVANCE, products_with, sortable
from catalog.models import Product
from catalog.paging import page_of, tell_next
from catalog.permissions import Bearer, check
from catalog.pictures import prepare_picture
from catalog.representing import category_fields, picture_fields, product_fields, stock_fields
from catalog.schemas import (
    CategoryOut,
    Id,
    Line,
    Picture,
    ProductChange,
    ProductIn,
    ProductOut,
    ProductsAsked,
    ProductsListed,
    ProductsSearched,
    StockChange,
    StockOut,
    VariantIn,
)
from pricing.schemas import Error

MAY_SEE_ALL = "catalog.change_product"
MAY_COUNT = "catalog.change_stockrecord"
MAY_ADD_CATEGORY = "catalog.add_category"
MAY_ADD_PICTURE = "catalog.add_productimage"

ProductId = Annotated[Id, Path()]
router = Router(tags=["products"])
pictures = Router(tags=["products"])


@router.get("/products", response=list[ProductOut], operation_id="get_products", summary="Products")
@decorate_view(keepable)
def get_products(request: HttpRequest, response: HttpResponse, asked: Query[ProductsListed]):
    """A page of the products on sale; the header `Link` leads to the next one, `X-Total-Count` comes with the first."""
    return listed(request, response, asked, query=asked.q)


@router.get("/products/search", response=list[ProductOut], operation_id="search_products", summary="Search")
@decorate_view(keepable)
def search_products(request: HttpRequest, response: HttpResponse, asked: Query[ProductsSearched]):
    """The same list for a search, the best matches first."""
    return listed(request, response, asked, query=asked.query)


def listed(request: HttpRequest, response: HttpResponse, asked: ProductsAsked, *, query: str) -> list[dict[str, Any]]:
    """A page of products, its headers set. Raises NotAuthenticated, NotPermitted and InvalidCursor."""
    is_public = asked.status == "active"
    if not is_public:
        check(request, MAY_SEE_ALL)
    query = search.clean_query(query)
    products = products_with(
        price_min=asked.price_min,
        price_max=asked.price_max,
        in_stock=asked.in_stock,
        categories=menu.fresh_tree().named(asked.category) if asked.category else None,
        query=query,
        status=None if asked.status == "all" else asked.status,
    )
    if asked.cursor is None:
        response["X-Total-Count"] = str(products.count())
    sort = asked.sort or (RELEVANCE if query else "newest")
    sort = "newest" if sort == RELEVANCE and not query else sort
    shown = sortable(products, sort, query).for_listing(all_variants=not is_public)
    narrowed_by = asked.model_dump_json(exclude={"limit", "cursor", "sort"})
    page = page_of(shown, order=COLUMNS[sort], of=f"products {narrowed_by}", limit=asked.limit, cursor=asked.cursor)
    tell_next(request, response, page)
    return [product_fields(product, request.build_absolute_uri) for product in page.rows]


@router.get(
    "/products/{product_id}",
    response={200: ProductOut, 404: Error, 410: Error},
    operation_id="get_product",
    summary="A product",
)
@decorate_view(keepable)
def get_product(request: HttpRequest, product_id: ProductId):
    """Drafts and archived products are for sellers only."""
    return one_product(request, product_id)


def one_product(request: HttpRequest, product_id: int) -> dict[str, Any]:
    """A product as who asks may see it. Raises ProductGone and Http404."""
    product = get_object_or_404(Product.objects.for_listing(all_variants=True), pk=product_id)
    if not sellable_variants(product) and not request.user.has_perm(MAY_SEE_ALL):
        raise ProductGone(product.name) if product.status == Product.Status.ARCHIVED else Http404
    return product_fields(product, request.build_absolute_uri)


@router.get("/categories", response=list[CategoryOut], operation_id="get_categories", summary="Categories")
@decorate_view(keepable)
def get_categories(request: HttpRequest):
    """Every category that is shown, those above before those below."""
    tree = menu.fresh_tree()
    return [category_fields(branch, tree, request.build_absolute_uri) for branch in tree.branches.values()]


@router.post(
    "/products",
    response={201: ProductOut, 409: Error},
    auth=Bearer("catalog.add_product"),
    operation_id="add_product",
    summary="Add a product",
)
def add_product(request: HttpRequest, response: HttpResponse, product: Body[ProductIn]):
    """It is on sale at once unless `status` says otherwise. `stock` needs the permission to change stock, too."""
    variants: Sequence[VariantIn | ProductIn] = product.variants or [product]
    if any(variant.stock is not None for variant in variants):
        check(request, MAY_COUNT)
    made = editing.create_product(
        NewProduct(
            name=product.name,
            description=product.description,
            variants=[new_variant(variant, product) for variant in variants],
            summary=product.summary,
            brand=product.brand,
            category=product.category or "",
            status=product.status,
            picture_addresses=product.image_urls,
        ),
        at=timezone.now(),
        by=request.user,
        may_add_category=request.user.has_perm(MAY_ADD_CATEGORY),
    )
    response["Location"] = request.build_absolute_uri(f"{request.path}/{made.pk}")
    return Status(201, sellers_product(request, made.pk))


def new_variant(variant: VariantIn | ProductIn, product: ProductIn) -> NewVariant:
    options = variant.options if isinstance(variant, VariantIn) else {}
    return NewVariant(
        price=product.price if variant.price is None else variant.price,
        compare_at_price=variant.compare_at_price,
        sku=variant.sku or "",
        options=[list(pair) for pair in options.items()],
        stock=variant.stock,
        barcode=variant.barcode,
        weight_grams=variant.weight_grams,
    )


def sellers_product(request: HttpRequest, product_id: int) -> dict[str, Any]:
    """What has just been written, whatever its status."""
    product = Product.objects.for_listing(all_variants=True).get(pk=product_id)
    return product_fields(product, request.build_absolute_uri)


@router.put(
    "/products/{product_id}",
    response={200: ProductOut, 404: Error, 409: Error},
    auth=Bearer("catalog.change_product"),
    operation_id="update_product",
    summary="Change a product",
)
def update_product(request: HttpRequest, product_id: ProductId, change: Body[ProductChange]):
    """Only what is sent changes."""
    product = get_object_or_404(Product, pk=product_id)
    editing.change_product(
        product,
        change.model_dump(exclude_none=True, exclude={"variant_id"}),
        variant_id=change.variant_id,
        may_add_category=request.user.has_perm(MAY_ADD_CATEGORY),
    )
    return sellers_product(request, product_id)


@router.delete(
    "/products/{product_id}",
    response={204: None, 404: Error},
    auth=Bearer("catalog.delete_product"),
    operation_id="delete_product",
    summary="Take a product off sale",
)
def delete_product(request: HttpRequest, product_id: ProductId):
    """It is archived: orders go on naming it."""
    get_object_or_404(Product, pk=product_id)
    Product.objects.filter(pk=product_id).archive()
    return Status(204, None)


@router.get(
    "/products/{product_id}/stock",
    response={200: StockOut, 404: Error},
    auth=Bearer("catalog.view_stockrecord", "catalog.change_product"),
    operation_id="get_stock",
    summary="Stock",
)
def get_stock(request: HttpRequest, response: HttpResponse, product_id: ProductId, variant_id: Id | None = None):
    """Of the only variant, or of the one named."""
    response["Cache-Control"] = "private, no-cache"
    variant = named_variant(get_object_or_404(Product, pk=product_id), variant_id)
    return stock_fields(variant, getattr(variant, "stock", None))


@router.post(
    "/products/{product_id}/stock",
    response={200: StockOut, 404: Error, 409: Error},
    auth=Bearer(MAY_COUNT),
    operation_id="change_stock",
    summary="Book units in or out",
)
def change_stock(request: HttpRequest, product_id: ProductId, change: Body[StockChange]):
    """Through the ledger, which keeps who, when and why."""
    variant = named_variant(get_object_or_404(Product, pk=product_id), change.variant_id)
    record = stock.adjust(variant.pk, delta=change.delta, at=timezone.now(), by=request.user, note=change.reason)
    return stock_fields(variant, record)


def unpacked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Unpack the uploaded picture before an Idempotency-Key's transaction begins, which has to be a short one."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.has_perm(MAY_ADD_PICTURE) and isinstance(file := request.FILES.get("image"), SentFile):
            request.unpacked = prepare_picture(file)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return run


@pictures.post(
    "/products/{product_id}/images",
    response={201: Picture, 404: Error, 409: Error},
    auth=Bearer(MAY_ADD_PICTURE),
    operation_id="upload_image",
    summary="Add a picture",
)
def upload_image(
    request: HttpRequest, product_id: ProductId, image: File[UploadedFile], alt_text: Annotated[Line, Form("")]
):
    """A JPEG, PNG, WebP, GIF or AVIF file, shown behind those that the product has."""
    product = get_object_or_404(Product, pk=product_id)
    picture = editing.add_picture(product, request.unpacked, alt_text=alt_text)  # type: ignore[attr-defined]
    return Status(201, picture_fields(picture, request.build_absolute_uri))
