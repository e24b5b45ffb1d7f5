"""The root of the shop's domain errors.

`ecommerce` turns any `ShopError` into a page, an API answer or a line of a
command: `code` names it for programs, `status` is the HTTP status, the
sentence (``str(error)``) says what happened and what was kept, `fix` says what
to do next. `retry_after` (seconds) is sent as ``Retry-After`` where it is set.
"""


class ShopError(Exception):
    code = "shop_error"
    status = 400
    fix = ""
    retry_after: int | None = None
