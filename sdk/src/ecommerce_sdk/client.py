"""The client that waits for its answers. `write_async.py` writes the one that awaits them from this file."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import httpx

from ecommerce_sdk import _operations as operations
from ecommerce_sdk._exchange import Pace, Pause, Reply, Step
from ecommerce_sdk._operations import Operation
from ecommerce_sdk._shopper import Shopper
from ecommerce_sdk.results import (
    Address,
    Amount,
    Cart,
    Category,
    Charge,
    Health,
    Login,
    NewVariant,
    Order,
    Page,
    Picture,
    Product,
    Refund,
    Shipment,
    Signup,
    Stock,
    Units,
)

T = TypeVar("T")
Sort = Literal["relevance", "newest", "price", "-price", "name"]
Status = Literal["active", "draft", "archived", "all"]


class EcommerceSDK(Shopper):
    """A shop, used over HTTP by one shopper.

    `base_url` is the shop's address, such as ``http://127.0.0.1:8000``; `user_id`
    names a shopper at this client, each with a cart of its own; `token` is of a
    log-in or an API key, and beats `user_id`.

    `timeout` and `connect_timeout` are seconds without a sign of an answer. What
    can be repeated (GET, PUT, DELETE, and POST by its key) is sent up to `retries`
    times more, with pauses that double from `first_pause`, while `patience` (seconds
    for all of a call) lasts. `transport` replaces the network, for example in tests.

    Every method raises a `ShopError` (see `ecommerce_sdk.errors`). Amounts are in
    major units of the `currency` beside them, as Decimals; a float is sent with
    the digits that Python shows. What is None is not sent.
    """

    def __init__(
        self,
        base_url: str,
        user_id: str | None = None,
        token: str | None = None,
        *,
        timeout: float = Pace.timeout,
        connect_timeout: float = Pace.connect_timeout,
        retries: int = Pace.retries,
        patience: float = Pace.patience,
        first_pause: float = Pace.first_pause,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(
            base_url,
            user_id,
            token,
            timeout=timeout,
            connect_timeout=connect_timeout,
            retries=retries,
            patience=patience,
            first_pause=first_pause,
        )
        self._http = httpx.Client(transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless they are those of the client that `as_user` was called on."""
        if self._owns_connections:
            self._http.close()

    def health_check(self) -> Health:
        """Whether the shop is open, and the version of its API."""
        return self._ask(operations.HEALTH_CHECK)

    def signup(self, email: str, password: str) -> Signup:
        """Open an account; nobody is logged in by it.

        The answer is the same for a known address, which gets a mail that says so.
        Raises Invalid, RateLimited.
        """
        return self._ask(operations.SIGNUP, email=email, password=password)

    def login(self, email: str, password: str) -> Login:
        """Log in and keep the token, so that what follows is done for the account; a guest's cart is merged into its.

        Raises NotAuthenticated, RateLimited.
        """
        login = self._ask(operations.LOGIN, email=email, password=password)
        self.set_token(login.token)
        return login

    def get_products(
        self,
        q: str | None = None,
        *,
        category: str | None = None,
        price_min: Amount | None = None,
        price_max: Amount | None = None,
        in_stock: bool | None = None,
        sort: Sort | None = None,
        status: Status | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Product]:
        """A page of products: 100, or `limit` up to 1,000; it goes on at its `next_cursor`. See `iter_products`.

        `q` is searched for; `category` is a slug or name, with all below it; prices are
        in the shop's currency. Any `status` but ``active`` is for sellers. Raises Invalid,
        NotPermitted.
        """
        return self._ask(
            operations.GET_PRODUCTS,
            q=q,
            category=category,
            price_min=price_min,
            price_max=price_max,
            in_stock=in_stock,
            sort=sort,
            status=status,
            limit=limit,
            cursor=cursor,
        )

    def iter_products(
        self,
        q: str | None = None,
        *,
        category: str | None = None,
        price_min: Amount | None = None,
        price_max: Amount | None = None,
        in_stock: bool | None = None,
        sort: Sort | None = None,
        status: Status | None = None,
        limit: int | None = None,
    ) -> Iterator[Product]:
        """All products, page after page; `limit` is a page's. Parameters are those of `get_products`."""
        cursor = None
        while True:
            page = self.get_products(
                q,
                category=category,
                price_min=price_min,
                price_max=price_max,
                in_stock=in_stock,
                sort=sort,
                status=status,
                limit=limit,
                cursor=cursor,
            )
            yield from page
            cursor = page.next_cursor
            if cursor is None:
                return

    def search_products(
        self,
        query: str,
        *,
        category: str | None = None,
        price_min: Amount | None = None,
        price_max: Amount | None = None,
        in_stock: bool | None = None,
        sort: Sort | None = None,
        status: Status | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Product]:
        """Products in which all words are found, or a code; best first. Parameters are those of `get_products`."""
        return self._ask(
            operations.SEARCH_PRODUCTS,
            query=query,
            category=category,
            price_min=price_min,
            price_max=price_max,
            in_stock=in_stock,
            sort=sort,
            status=status,
            limit=limit,
            cursor=cursor,
        )

    def get_product(self, product_id: int) -> Product:
        """One product with its variants. Raises NotFound; Gone for an archived one."""
        return self._ask(operations.GET_PRODUCT, product_id=product_id)

    def get_categories(self) -> Page[Category]:
        """All categories, each below its parent."""
        return self._ask(operations.GET_CATEGORIES)

    def add_product(
        self,
        name: str,
        price: Amount,
        description: str,
        stock: int | None = None,
        *,
        category: str | None = None,
        sku: str | None = None,
        compare_at_price: Amount | None = None,
        summary: str | None = None,
        brand: str | None = None,
        barcode: str | None = None,
        weight_grams: int | None = None,
        status: Literal["draft", "active"] | None = None,
        image_urls: Sequence[str] | None = None,
        variants: Sequence[NewVariant] | None = None,
        idempotency_key: str | None = None,
    ) -> Product:
        """Put a product on sale, with one default variant or the `variants` given.

        `price` is in the shop's currency; with `stock` units are tracked from that
        count, without it the product is always available. `category` is a slug, name or
        path; a new one is made if you may do that. `image_urls` are fetched later. With
        `variants`, stock, sku and the like stand there. Raises Invalid, Conflict (a sku
        that another has), NotAuthenticated, NotPermitted.
        """
        return self._ask(
            operations.ADD_PRODUCT,
            idempotency_key=idempotency_key,
            name=name,
            price=price,
            description=description,
            stock=stock,
            category=category,
            sku=sku,
            compare_at_price=compare_at_price,
            summary=summary,
            brand=brand,
            barcode=barcode,
            weight_grams=weight_grams,
            status=status,
            image_urls=image_urls,
            variants=variants,
        )

    def update_product(
        self,
        product_id: int,
        *,
        name: str | None = None,
        price: Amount | None = None,
        description: str | None = None,
        category: str | None = None,
        sku: str | None = None,
        compare_at_price: Amount | None = None,
        summary: str | None = None,
        brand: str | None = None,
        barcode: str | None = None,
        weight_grams: int | None = None,
        status: Literal["draft", "active", "archived"] | None = None,
        variant_id: int | None = None,
    ) -> Product:
        """Change what is given; the rest stays.

        Price and codes are those of the only variant, or of `variant_id`. An empty
        `category` takes the product out of its own, a `compare_at_price` of 0 away.
        Raises Invalid, Conflict, NotFound, NotAuthenticated, NotPermitted.
        """
        return self._ask(
            operations.UPDATE_PRODUCT,
            product_id=product_id,
            name=name,
            price=price,
            description=description,
            category=category,
            sku=sku,
            compare_at_price=compare_at_price,
            summary=summary,
            brand=brand,
            barcode=barcode,
            weight_grams=weight_grams,
            status=status,
            variant_id=variant_id,
        )

    def delete_product(self, product_id: int) -> None:
        """Take a product off sale: it is archived, and stays in the orders that hold it.

        Raises NotFound, NotAuthenticated, NotPermitted.
        """
        return self._ask(operations.DELETE_PRODUCT, product_id=product_id)

    def upload_image(
        self,
        product_id: int,
        image: str | Path | bytes,
        *,
        alt_text: str | None = None,
        idempotency_key: str | None = None,
    ) -> Picture:
        """Add a picture (JPEG, PNG, WebP, GIF or AVIF), as a file's path or as its bytes.

        Raises Invalid for what is no picture or too large, NotFound, NotAuthenticated,
        NotPermitted; OSError for a path that cannot be read.
        """
        return self._ask(
            operations.UPLOAD_IMAGE,
            idempotency_key=idempotency_key,
            product_id=product_id,
            image=image,
            alt_text=alt_text,
        )

    def get_stock(self, product_id: int, *, variant_id: int | None = None) -> Stock:
        """Units of the only variant, or of `variant_id`.

        Raises Invalid (`code` ``variant_required``), NotFound, NotAuthenticated, NotPermitted.
        """
        return self._ask(operations.GET_STOCK, product_id=product_id, variant_id=variant_id)

    def change_stock(
        self,
        product_id: int,
        delta: int,
        reason: str,
        *,
        variant_id: int | None = None,
        idempotency_key: str | None = None,
    ) -> Stock:
        """Book units that came (positive `delta`) or are gone (negative), with the reason that the ledger keeps.

        Raises Conflict when orders hold what would be missing, Invalid, NotFound,
        NotAuthenticated, NotPermitted.
        """
        return self._ask(
            operations.CHANGE_STOCK,
            idempotency_key=idempotency_key,
            product_id=product_id,
            delta=delta,
            reason=reason,
            variant_id=variant_id,
        )

    def add_to_cart(
        self,
        product_id: int,
        quantity: int = 1,
        *,
        variant_id: int | None = None,
        idempotency_key: str | None = None,
    ) -> Cart:
        """Add units to what the cart holds; of several variants, `variant_id` says which.

        Raises OutOfStock (nothing was added), Conflict, Invalid, NotFound.
        """
        return self._ask(
            operations.ADD_TO_CART,
            idempotency_key=idempotency_key,
            product_id=product_id,
            quantity=quantity,
            variant_id=variant_id,
        )

    def view_cart(self) -> Cart:
        """The cart of this shopper or account; empty before anything was added."""
        return self._ask(operations.VIEW_CART)

    def update_cart(self, product_id: int, quantity: int, *, variant_id: int | None = None) -> Cart:
        """Set how many units the cart holds. Raises OutOfStock (nothing was changed), Conflict, Invalid, NotFound."""
        return self._ask(operations.UPDATE_CART, product_id=product_id, quantity=quantity, variant_id=variant_id)

    def remove_from_cart(self, product_id: int, *, variant_id: int | None = None) -> Cart:
        """Take a product out of the cart, or only `variant_id` of it.

        Raises NotFound when there is nothing of it, so also when a try whose answer was
        lost has taken it out.
        """
        return self._ask(operations.REMOVE_FROM_CART, product_id=product_id, variant_id=variant_id)

    def checkout(
        self,
        *,
        email: str | None = None,
        full_name: str | None = None,
        address_line1: str | None = None,
        address_line2: str | None = None,
        city: str | None = None,
        postcode: str | None = None,
        region: str | None = None,
        country: str | None = None,
        phone: str | None = None,
        billing: Address | None = None,
        billing_same: bool | None = None,
        shipping_method: str | None = None,
        payment_token: str | None = None,
        expected_total: Amount | None = None,
        idempotency_key: str | None = None,
    ) -> Order:
        """Order what is in the cart, and pay it with `payment_token` (of the test gateway: ``tok_visa``).

        Without a token, or with details missing (``order.payment.code`` is
        ``details_missing``, its `detail` names them), the order awaits payment: see
        `pay_order`. Look at ``order.payment.status``: a declined card is no error.
        With `expected_total` an order that would cost something else is refused.
        Raises OutOfStock, TotalChanged, InProgress, Conflict, Invalid (`code`
        ``empty_cart``); after a Timeout, the same `idempotency_key` orders once.
        """
        return self._ask(
            operations.CHECKOUT,
            idempotency_key=idempotency_key,
            email=email,
            full_name=full_name,
            address_line1=address_line1,
            address_line2=address_line2,
            city=city,
            postcode=postcode,
            region=region,
            country=country,
            phone=phone,
            billing=billing,
            billing_same=billing_same,
            shipping_method=shipping_method,
            payment_token=payment_token,
            expected_total=expected_total,
        )

    def get_orders(
        self, *, all: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Page[Order]:
        """A page of this shopper's or account's orders, latest first; staff's `all` gives everybody's.

        Raises NotPermitted for `all`.
        """
        return self._ask(operations.GET_ORDERS, all=all, limit=limit, cursor=cursor)

    def iter_orders(self, *, all: bool | None = None, limit: int | None = None) -> Iterator[Order]:
        """The orders of `get_orders`, page after page; `limit` is a page's."""
        cursor = None
        while True:
            page = self.get_orders(all=all, limit=limit, cursor=cursor)
            yield from page
            cursor = page.next_cursor
            if cursor is None:
                return

    def get_order(self, order_id: int, *, token: str | None = None) -> Order:
        """One order of this shopper or account, or of whoever has its `token`. Raises NotFound."""
        return self._ask(operations.GET_ORDER, order_id=order_id, token=token)

    def pay_order(
        self,
        order_id: int,
        *,
        token: str | None = None,
        email: str | None = None,
        full_name: str | None = None,
        address_line1: str | None = None,
        address_line2: str | None = None,
        city: str | None = None,
        postcode: str | None = None,
        region: str | None = None,
        country: str | None = None,
        phone: str | None = None,
        billing: Address | None = None,
        billing_same: bool | None = None,
        shipping_method: str | None = None,
        payment_token: str | None = None,
        idempotency_key: str | None = None,
    ) -> Order:
        """Try to pay an order that awaits payment; `token` is the order's own.

        Details may be given until the first try; another address may change shipping
        and tax. Look at ``order.payment.status``: a declined card is no error.
        Raises Invalid (`fields` names what is missing), Conflict, InProgress, NotFound.
        """
        return self._ask(
            operations.PAY_ORDER,
            idempotency_key=idempotency_key,
            order_id=order_id,
            token=token,
            email=email,
            full_name=full_name,
            address_line1=address_line1,
            address_line2=address_line2,
            city=city,
            postcode=postcode,
            region=region,
            country=country,
            phone=phone,
            billing=billing,
            billing_same=billing_same,
            shipping_method=shipping_method,
            payment_token=payment_token,
        )

    def cancel_order(
        self,
        order_id: int,
        *,
        token: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> Order:
        """Cancel an order: a shopper until it is packed, staff until something left. What was paid is refunded.

        `token` is the order's own. Raises Conflict, NotFound; ServerError while the
        gateway is away.
        """
        return self._ask(
            operations.CANCEL_ORDER,
            idempotency_key=idempotency_key,
            order_id=order_id,
            token=token,
            reason=reason,
        )

    def ship_order(
        self,
        order_id: int,
        *,
        items: Sequence[Units] | None = None,
        carrier: str | None = None,
        tracking_number: str | None = None,
        idempotency_key: str | None = None,
    ) -> Shipment:
        """Book a parcel with all that is open, or with `items`.

        Raises Conflict, Invalid, NotFound, NotAuthenticated, NotPermitted.
        """
        return self._ask(
            operations.SHIP_ORDER,
            idempotency_key=idempotency_key,
            order_id=order_id,
            items=items,
            carrier=carrier,
            tracking_number=tracking_number,
        )

    def refund_order(
        self,
        order_id: int,
        amount: Amount | None = None,
        *,
        reason: str | None = None,
        items: Sequence[Units] | None = None,
        idempotency_key: str | None = None,
    ) -> Refund:
        """Give money back: `amount` in the order's currency, or all that is left of the payment.

        `items` says what it is for. Raises Conflict, Invalid, NotFound,
        NotAuthenticated, NotPermitted.
        """
        return self._ask(
            operations.REFUND_ORDER,
            idempotency_key=idempotency_key,
            order_id=order_id,
            amount=amount,
            reason=reason,
            items=items,
        )

    def get_charges(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Charge]:
        """The test gateway's own ledger, latest first: 10,000 charges, or `limit`.

        Raises NotFound with another gateway, NotAuthenticated, NotPermitted.
        """
        return self._ask(operations.GET_CHARGES, limit=limit, cursor=cursor)

    def export_orders(self) -> str:
        """All orders as CSV, with a heading line. Raises NotAuthenticated, NotPermitted."""
        return self._ask(operations.EXPORT_ORDERS)

    def _ask(self, operation: Operation[T], *, idempotency_key: str | None = None, **arguments: Any) -> T:
        exchange = self._exchange(operation, arguments, idempotency_key)
        try:
            step = next(exchange)
            while True:
                step = exchange.send(self._take(step))
        except StopIteration as end:
            result: T = end.value
            return result

    def _take(self, step: Step) -> Reply:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        try:
            return self._http.send(step)
        except httpx.RequestError as error:
            return error
