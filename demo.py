"""A seller's and a buyer's day in a running shop, through its SDK: `python demo.py [--url http://127.0.0.1:8000]`.

Each step says what it proves; a total that is not exact is an error. What the
script put on sale it takes off sale again, also when a step fails. It exits 0,
1 (a step failed: it says which, and how to mend it) or 130 (Ctrl-C).
`make demo` runs it against a throw-away shop.
"""

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from secrets import token_hex
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "sdk" / "src"))

try:
    from PIL import Image, ImageDraw

    from ecommerce_sdk import Cart, EcommerceSDK, Product, errors
except ImportError as missing:
    sys.exit(f"demo.py needs {missing.name}. `make demo` installs it; after that, run `.venv/bin/python demo.py`.")

Row = Sequence[object]
RETRIES = 2
NEW_PRICE = Decimal("11.90")
# Name, price, stock, units that the buyer puts into the cart.
GOODS = (
    ("Stoneware mug", Decimal("12.50"), 40, 3),
    ("Beeswax candle", Decimal("7.95"), 25, 2),
    ("Linen poster", Decimal("24.00"), 10, 1),
    ("Oak shelf", Decimal("89.00"), 5, 0),
)
DELIVERY: dict[str, Any] = {
    "email": "demo-buyer@example.org",
    "full_name": "Dora Demo",
    "address_line1": "Invalidenstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}


class Wrong(Exception):
    """The shop answered, and the answer is not what it must be."""

    fix = "Let `.venv/bin/python manage.py shop_audit` look at the shop, and report this with the line above."


class NoPassword(Exception):
    """Nobody said how to log in."""

    def __init__(self, account: "Account") -> None:
        super().__init__(f"There is no password for {account.email}.")
        self.fix = (
            f"Set DEMO_PASSWORD, or give --{account.option}-password or --{account.option}-token; "
            "`make start` keeps the demo's password in var/demo-password."
        )


def same(what: str, found: object, wanted: object) -> None:
    """Raises Wrong unless both are equal."""
    if found != wanted:
        raise Wrong(f"{what} is {found}, and should be {wanted}.")


@dataclass(frozen=True)
class Account:
    """A log-in: by token, or else by e-mail and password. `option` begins the names of its options."""

    option: str
    email: str
    password: str
    token: str

    def log_in(self, client: EcommerceSDK) -> None:
        """Raises ShopError and NoPassword."""
        if self.token:
            client.set_token(self.token)
        elif self.password:
            client.login(self.email, self.password)
        else:
            raise NoPassword(self)


class Lines:
    """What is shown without a terminal, or without rich."""

    def begin(self, number: str, title: str) -> None:
        print(f"{number} {title}", flush=True)

    def end(self, proof: str) -> None:
        print(f"      {proof}", flush=True)

    def table(self, headings: Row, rows: Iterable[Row]) -> None:
        for first, *others in rows:
            parts = (f"{heading} {cell}" for heading, cell in zip(headings[1:], others, strict=True))
            print(f"      - {', '.join([str(first), *parts])}", flush=True)

    def close(self) -> None:
        pass


class Tables(Lines):
    """What is shown on a terminal; rich leaves colours out where NO_COLOR asks for that."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(highlight=False)
        self.status = self.console.status("")

    def begin(self, number: str, title: str) -> None:
        self.console.print(f"{number} {title}", style="bold", markup=False)
        self.status.start()

    def end(self, proof: str) -> None:
        self.status.stop()
        self.console.print(f"      ✓ {proof}", style="green", markup=False)

    def table(self, headings: Row, rows: Iterable[Row]) -> None:
        from rich.table import Table
        from rich.text import Text

        first, *others = map(str, headings)
        table = Table(first)
        for heading in others:
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(*(Text(str(cell)) for cell in row))
        self.console.print(table)

    def close(self) -> None:
        self.status.stop()


def screen() -> Lines:
    if sys.stdout.isatty():
        with suppress(ImportError):
            return Tables()
    return Lines()


def picture(colour: str) -> bytes:
    image = Image.new("RGB", (640, 640), "#f4efe6")
    ImageDraw.Draw(image).rounded_rectangle((160, 160, 480, 480), radius=60, fill=colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


class Demo:
    """The steps in their order; each returns what it proves. `wanted` is ``{product id: (unit price, units)}``."""

    def __init__(self, url: str, seller: Account, staff: Account, shown: Lines) -> None:
        self.url = url
        self.accounts = {"seller": seller, "staff": staff}
        self.shown = shown
        self.tag = f"demo {token_hex(4)}"
        self.seller, self.staff = EcommerceSDK(url, retries=RETRIES), EcommerceSDK(url, retries=RETRIES)
        self.buyer = EcommerceSDK(url, user_id=self.tag, retries=RETRIES)
        self.products: list[Product] = []
        self.wanted: dict[int, tuple[Decimal, int]] = {}
        self.order: Any = None
        self.is_shipped = False
        self.is_selling = False
        self.step = ""

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        return [
            ("The shop is open", self.check_health),
            ("Seller and staff log in", self.log_in),
            ("The seller adds products", self.add_products),
            ("The seller adds a picture", self.add_picture),
            ("The seller lists the products", self.list_products),
            ("The seller changes a price", self.change_price),
            ("The buyer looks at the products", self.look),
            ("The buyer searches", self.search),
            ("The buyer fills a cart", self.fill_cart),
            ("The buyer looks at the cart", self.view_cart),
            ("The buyer removes a product", self.remove),
            ("The buyer checks out and pays", self.check_out),
            ("The buyer reads summary and history", self.read_orders),
            ("The seller sees the stock fall", self.see_stock),
            ("The staff send the order", self.ship),
            ("The seller deletes the products", self.delete_products),
        ]

    def run(self) -> None:
        """Take all steps; afterwards nothing of the demo is on sale, whatever happened. Raises ShopError and Wrong."""
        steps = self.steps()
        try:
            for number, (title, take) in enumerate(steps, 1):
                self.step = f"step {number} of {len(steps)}, “{title}”"
                self.shown.begin(f"{number:>2}/{len(steps)}", title)
                self.shown.end(take())
        finally:
            self.shown.close()
            self.clean_up()

    def check_health(self) -> str:
        health = self.buyer.health_check()
        return f"{self.url} answers “{health.message}”, version {health.version}."

    def log_in(self) -> str:
        for name, client in (("seller", self.seller), ("staff", self.staff)):
            self.accounts[name].log_in(client)
        return "Both have a token; the buyer stays a guest with a cart of its own."

    def add_products(self) -> str:
        self.is_selling = True
        for name, price, stock, _units in GOODS:
            product = self.seller.add_product(
                name=f"{name} ({self.tag})", price=price, description=f"{name}, for a moment.", stock=stock
            )
            self.products.append(product)
            same(f"The price of {product.name}", product.price, price)
            same(f"The stock of {product.name}", product.stock, stock)
        self.show_products()
        return f"{len(self.products)} products, each with exactly the price and the stock that were sent."

    def show_products(self) -> None:
        rows = [(product.name, f"{product.price} {product.currency}", product.stock) for product in self.products]
        self.shown.table(("product", "price", "stock"), rows)

    def add_picture(self) -> str:
        product = self.products[0]
        kept = self.seller.upload_image(product.id, picture("#7a8b6f"), alt_text="A mug")
        shown = self.seller.get_product(product.id)
        same(f"The pictures of {product.name}", [image.id for image in shown.images], [kept.id])
        return f"The product shows it, {kept.width} × {kept.height} pixels."

    def list_products(self) -> str:
        listed = {product.id: product.price for product in self.seller.get_products(q=self.tag)}
        same("The list", listed, {product.id: product.price for product in self.products})
        return f"All {len(listed)} are listed, with the same prices."

    def change_price(self) -> str:
        before = self.products[0]
        self.products[0] = self.seller.update_product(before.id, price=NEW_PRICE)
        after = self.seller.get_product(before.id)
        same("The new price", after.price, NEW_PRICE)
        same("The name", after.name, before.name)
        return f"{before.price} became {after.price} {after.currency}; nothing else changed."

    def look(self) -> str:
        for mine in self.products:
            seen = self.buyer.get_product(mine.id)
            same(f"The price of {mine.name}", seen.price, mine.price)
        self.show_products()
        return "The buyer sees what the seller wrote, with the new price."

    def search(self) -> str:
        found = [product.id for product in self.buyer.search_products(f"mug {self.tag}")]
        same("What was found", found, [self.products[0].id])
        return "The search finds the mug, and only the mug."

    def fill_cart(self) -> str:
        for product, (_name, _price, _stock, units) in zip(self.products, GOODS, strict=True):
            if units:
                self.wanted[product.id] = (product.price or Decimal(0), units)
                self.check_cart(self.buyer.add_to_cart(product.id, units))
        return "After each product the totals are right to the cent."

    def check_cart(self, cart: Cart) -> None:
        found = {line.product_id: (line.unit_price, line.quantity) for line in cart.items}
        same("The cart", found, self.wanted)
        for line in cart.items:
            price, units = self.wanted[line.product_id]
            same(f"The sum for {line.name}", line.line_total, price * units)
        same("The cart's total", cart.total, self.goods())

    def goods(self) -> Decimal:
        """What the wanted products cost, without shipping."""
        return sum((price * units for price, units in self.wanted.values()), Decimal(0))

    def view_cart(self) -> str:
        cart = self.buyer.view_cart()
        self.check_cart(cart)
        self.show_lines(cart.items, "unit_price")
        return f"The shop kept the cart: {cart.total} {cart.currency}."

    def show_lines(self, lines: Iterable[Any], price: str) -> None:
        rows = [(line.name, line.quantity, getattr(line, price), line.line_total) for line in lines]
        self.shown.table(("product", "units", "unit price", "sum"), rows)

    def remove(self) -> str:
        poster = self.products[2]
        before = self.goods()
        del self.wanted[poster.id]
        cart = self.buyer.remove_from_cart(poster.id)
        self.check_cart(cart)
        return f"{poster.name} is out: {before} became {cart.total} {cart.currency}."

    def check_out(self) -> str:
        order = self.order = self.buyer.checkout(**DELIVERY, payment_token="tok_visa")
        same("The payment", order.payment.status, "paid")
        same("The order's status", order.status, "paid")
        bought = {line.product_id: (line.price, line.quantity) for line in order.items}
        same("What was ordered", bought, self.wanted)
        same("The sum of the lines", sum(line.line_total for line in order.items), self.goods())
        on_top = Decimal(0) if order.prices_include_tax else order.tax
        same("The order's total", order.total, self.goods() - order.discount + order.shipping + on_top)
        same("Net and tax together", order.net + order.tax, order.total)
        return f"Order {order.number} is paid: {order.total} {order.currency} = lines + shipping, to the cent."

    def read_orders(self) -> str:
        order = self.buyer.get_order(self.order.id)
        same("The order's total", order.total, self.order.total)
        same("The buyer's history", [each.id for each in self.buyer.get_orders()], [self.order.id])
        self.show_lines(order.items, "price")
        amounts = [("goods", order.subtotal), ("shipping", order.shipping), ("tax", order.tax), ("total", order.total)]
        self.shown.table(("amount", order.currency), amounts)
        return "Summary and history show this one order, as it was placed."

    def see_stock(self) -> str:
        for product, stock, units in self.ordered():
            held = self.seller.get_stock(product.id)
            same(f"What is left of {product.name}", (held.available, held.on_hand), (stock - units, stock))
        return "What was ordered is held for the buyer; what was removed from the cart is free."

    def ordered(self) -> Iterator[tuple[Product, int, int]]:
        """Each product with the stock that it began with and the units of it that were ordered."""
        for product, (_name, _new, stock, _units) in zip(self.products, GOODS, strict=True):
            _price, units = self.wanted.get(product.id, (Decimal(0), 0))
            yield product, stock, units

    def ship(self) -> str:
        self.staff.ship_order(self.order.id, carrier="Demo Post", tracking_number=self.tag)
        self.is_shipped = True
        same("The order's status", self.buyer.get_order(self.order.id).status, "shipped")
        for product, stock, units in self.ordered():
            same(f"The stock of {product.name}", self.seller.get_stock(product.id).on_hand, stock - units)
        return "The buyer sees it sent, and the goods have left the shelf."

    def delete_products(self) -> str:
        for product in self.products:
            self.seller.delete_product(product.id)
        same("What is still on sale", [product.id for product in self.buyer.get_products(q=self.tag)], [])
        same("The order's total", self.buyer.get_order(self.order.id).total, self.order.total)
        self.is_selling = False
        return "Nothing of the demo is on sale any more; the order stays as it was."

    def clean_up(self) -> None:
        """Take off sale what the demo added, also what was added without an answer, and cancel what was not sent."""
        if not self.is_selling:
            return
        ids = {product.id for product in self.products}
        try:
            ids |= {product.id for product in self.seller.get_products(q=self.tag)}
            for product_id in ids:
                with suppress(errors.Gone):
                    self.seller.delete_product(product_id)
            if self.order is not None and not self.is_shipped:
                self.buyer.cancel_order(self.order.id)
        except errors.ShopError as error:
            tell(f"Not cleaned up: {error.detail} In admin, archive the products found by “{self.tag}”.")
        else:
            tell(f"Cleaned up: {len(ids)} products of the demo are off sale again.")


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def how_to_mend(error: Exception) -> str:
    match error:
        case errors.ConnectionFailed():
            return "Start the shop with `make start`, or say with --url where it is; `make demo` brings one of its own."
        case errors.NotAuthenticated():
            return "Give the right password or token (see --help); the demo's stands in var/demo-password."
        case errors.NotPermitted():
            return "The seller needs the groups Catalogue and Stock, the staff the group Orders."
        case errors.RateLimited(retry_after=seconds):
            return f"Wait {seconds or 60:.0f} s, then run it again."
        case _:
            return getattr(error, "fix", "") or "Read the shop's log, then run it again."


def default_password() -> str:
    """The password of the demo's log-ins; empty if there is none."""
    kept = Path(os.environ.get("VAR_DIR") or ROOT / "var") / "demo-password"
    return os.environ.get("DEMO_PASSWORD") or (kept.read_text().strip() if kept.exists() else "")


def account(name: str, given: argparse.Namespace) -> Account:
    email, password, token = (getattr(given, f"{name}_{part}") for part in ("email", "password", "token"))
    return Account(name, email, password or default_password(), token)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Sell and buy in a running shop, and check every total.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
    for name in ("seller", "orders"):
        parser.add_argument(f"--{name}-email", default=f"{name}@demo.test", help="default: %(default)s")
        parser.add_argument(f"--{name}-password", default="", help="default: the password of the demo's log-ins")
        parser.add_argument(f"--{name}-token", default="", help="a token or an API key instead")
    return parser.parse_args()


def main() -> int:
    given = parsed()
    try:
        demo = Demo(given.url, account("seller", given), account("orders", given), screen())
    except ValueError as error:
        tell(f"{error}\nTo mend it: give --url as an address such as http://127.0.0.1:8000.")
        return 1
    try:
        demo.run()
    except KeyboardInterrupt:
        tell(f"Interrupted at {demo.step}.")
        return 130
    except (errors.ShopError, Wrong, NoPassword) as error:
        tell(f"Failed at {demo.step}: {getattr(error, 'detail', error)}\nTo mend it: {how_to_mend(error)}")
        return 1
    print("Everything is as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
