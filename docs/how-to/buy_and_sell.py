"""Sell and buy with `requests` alone: python buy_and_sell.py http://127.0.0.1:8000 seller@demo.test PASSWORD"""

import sys
from decimal import Decimal

from requests import Session

api, (email, password) = f"{sys.argv[1]}/api/v1", sys.argv[2:]
seller, guest = Session(), Session()  # the guest's cart lives in the session's cookie
seller.hooks["response"] = guest.hooks["response"] = [lambda answer, **_: answer.raise_for_status()]
print(guest.get(f"{api}/").json()["message"])
token = seller.post(f"{api}/login", json={"email": email, "password": password}).json()["token"]
seller.headers["Authorization"] = f"Bearer {token}"
prices = {"Bread board": 24.00, "Blue bowl": 12.50, "Small mug": 9.20}
new = [{"name": name, "price": price, "description": name, "stock": 9} for name, price in prices.items()]
ids = [seller.post(f"{api}/products", json=product).json()["id"] for product in new]
assert set(ids) <= {product["id"] for product in seller.get(f"{api}/products?sort=newest").json()}
assert seller.put(f"{api}/products/{ids[1]}", json={"price": 11.90}).json()["price"] == 11.90
assert [guest.get(f"{api}/products/{id}").json()["price"] for id in ids] == [24.00, 11.90, 9.20]
carts = [guest.post(f"{api}/cart?product_id={id}&quantity=2").json() for id in ids]
assert [cart["total"] for cart in carts] == [48.00, 71.80, 90.20] and guest.get(f"{api}/cart").json() == carts[-1]
assert guest.delete(f"{api}/cart/{ids[2]}").json()["total"] == 71.80
buyer = {"full_name": "Ada", "address_line1": "Lange Str. 1", "postcode": "10115", "city": "Berlin", "country": "DE"}
paid_by = {"email": "ada@example.org", "payment_token": "tok_visa"}
order = guest.post(f"{api}/checkout", json=buyer | paid_by).json(parse_float=Decimal)
assert order["status"] == "paid" and order["total"] == Decimal("71.80") + order["shipping"]
assert guest.get(f"{api}/orders/{order['id']}").json(parse_float=Decimal)["total"] == order["total"]
assert [each["number"] for each in guest.get(f"{api}/orders").json()] == [order["number"]]
assert [seller.delete(f"{api}/products/{id}").status_code for id in ids] == [204, 204, 204]
print(f"Order {order['number']}: {order['total']} {order['currency']}")
