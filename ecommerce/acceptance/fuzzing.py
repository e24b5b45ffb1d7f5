"""Requests that nobody thought of: schemathesis against a running shop, as each kind of caller."""

import base64
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ecommerce.acceptance.races import Finding
from ecommerce.acceptance.throwaway import ROOT, Shop, shop

CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED = 20261121
EXAMPLES = int(os.environ.get("API_EXAMPLES", "15"))  # fuzzed cases an operation and role, beside those by rule
LEAST_CASES = 10_000
PEERS = ("buyer", "seller")  # neither may see what the other ordered

# A small shop with orders in every state; the roles' log-ins are the demo's.
FILL = """
from decimal import Decimal
from random import Random
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from accounts.models import User
from accounts.tokens import issue
from cart.session import SESSION_KEY
from catalog.demo.assortment import demo_products
from catalog.models import Product, Variant
from catalog.prices import set_price
from ecommerce.demo.catalogue import load_products
from ecommerce.demo.people import load_people
from ecommerce.demo.purchases import load_orders
now, random = timezone.now(), Random(1)
list(load_products(demo_products()[::24], at=now))
plenty = Product.objects.create(name="Plenty", slug="plenty", status="active")
variant = Variant(product=plenty, sku="PLENTY", track_stock=False)
set_price(variant, Decimal("10.00"))
variant.save()
orders = load_orders(load_people(random)[:3], random, at=now)
[next(orders) for _ in range(20)]
session = SessionStore()
session[SESSION_KEY] = "fuzzing"
session.create()
users = {"buyer": "buyer", "seller": "seller", "superuser": "staff"}
callers = {"anonymous": {}, "guest": {"Cookie": "sessionid=" + session.session_key}} | {
    role: {"Authorization": "Bearer " + issue(User.objects.get(email=name + "@demo.test"), at=now)[0]}
    for role, name in users.items()
}
result = {"product": plenty.pk, "callers": callers}
"""
# Whatever was written through the API, pages, admin and mails must be able to show.
SHOW = """
from django.core import mail
from django.test import Client, override_settings
from accounts.models import User
from catalog.models import Product
from orders.mail import send
from orders.models import Order, OrderMail
pages = ["/", "/search/", "/sitemap.xml", "/admin/catalog/product/", "/admin/orders/order/"]
pages += [f"/product/{pk}-{slug}/" for pk, slug in Product.objects.values_list("pk", "slug")]
pages += [f"/admin/catalog/product/{pk}/change/" for pk in Product.objects.values_list("pk", flat=True)]
pages += [f"/admin/orders/order/{pk}/change/" for pk in Order.objects.values_list("pk", flat=True)]
pages += [f"/orders/{token}/" for token in Order.objects.filter(user=None).values_list("token", flat=True)]
staff = Client(raise_request_exception=False)
staff.force_login(User.objects.get(email="staff@demo.test"))
broken = [path for path in pages if staff.get(path).status_code >= 500]
with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
    mail.outbox = []
    for owed in OrderMail.objects.filter(sent_at=None):
        send(owed)
unsent = OrderMail.objects.filter(sent_at=None).count()
result = {"pages": len(pages), "broken": broken, "mails": len(mail.outbox), "unsent": unsent}
"""


@dataclass
class Tally:
    """What one role's cases were answered with, and what schemathesis found wrong."""

    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    failures: dict[str, str] = field(default_factory=dict)  # {what: a curl line}

    def printed(self) -> str:
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items()))
        cases = self.statuses.total()
        found = "".join(f"\n    {what}\n      {curl}" for what, curl in self.failures.items())
        return f"{cases:,} cases: {answers}; {self.unanswered} unanswered, {len(self.failures)} failures{found}"

    def is_clean(self) -> bool:
        return not (self.failures or self.unanswered) and all(status < 500 for status in self.statuses)


def fuzzing() -> Iterator[Finding]:
    cases = 0
    with shop("sqlite", WORKERS="2") as made:
        filled = made.run(FILL)
        database = made.log.with_name("shop.sqlite3")
        with sqlite3.connect(database) as source, sqlite3.connect(made.log.with_name("filled.sqlite3")) as copy:
            source.backup(copy)
        for role in filled["callers"]:
            for suffix in ("", "-wal", "-shm"):
                database.with_name(database.name + suffix).unlink(missing_ok=True)
            shutil.copy(made.log.with_name("filled.sqlite3"), database)
            made.log.unlink(missing_ok=True)
            with made.serving(*web_alone(made)):
                tally, errors = fuzz(made, role, **filled)
            cases += tally.statuses.total()
            yield Finding(f"API as {role}", f"{tally.printed()}{errors}", tally.is_clean() and not errors)
            yield aftermath(made, role)
    yield Finding("API cases in all", f"{cases:,} of at least {LEAST_CASES:,}", cases >= LEAST_CASES)


def web_alone(made: Shop) -> tuple[str, ...]:
    """The web server without task workers: nothing is fetched from the addresses that are made up here."""
    address = ("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(made.port), "--no-ws")
    workers = ("--workers", "2", "--blocking-threads", "2", "--log-level", "warning")
    return (sys.executable, "-m", "granian", *address, *workers, "ecommerce.wsgi:application")


def fuzz(made: Shop, role: str, *, product: int, callers: dict[str, dict[str, str]]) -> tuple[Tally, str]:
    """Run schemathesis as `role`; returns its tally and, if it could not do its work, what it said last.

    `callers` are ``{role: headers}``; of `product` the hooks buy.
    """
    folder = made.log.parent
    hooks = 'hooks = "ecommerce.acceptance.fuzzing_hooks"\n'
    (folder / "schemathesis.toml").write_text(hooks + CONFIG.read_text() + authentication(folder, role, callers))
    report = folder / "cases.ndjson"
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"), "run"]
    options = ["--seed", str(SEED), "--max-examples", str(EXAMPLES), "--report-ndjson-path", str(report), "--no-color"]
    caller = {"base": made.base, "headers": callers[role], "product": product}
    done = subprocess.run(
        [*command, *options, f"{made.base}/api/v1/openapi.json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SHOP_CALLER": json.dumps(caller)},
        capture_output=True,
        text=True,
    )
    tally = read(report)
    if done.returncode and not tally.failures:
        return tally, f"\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return tally, ""


def authentication(folder: Path, role: str, callers: dict[str, dict[str, str]]) -> str:
    """The part of the configuration that says who asks, and who must not see whose objects."""
    if not callers[role]:
        return ""
    entries = [
        {"name": name, "fixedHeaders": [{"name": header, "value": value} for header, value in headers.items()]}
        for name, headers in callers.items()
        if headers
    ]
    (folder / "auth.json").write_text(json.dumps({"auth": entries}))
    return f'\n[auth.wfc]\npath = "{folder / "auth.json"}"\nuser = "{role}"\npeers = {json.dumps(PEERS)}\n'


def read(report: Path) -> Tally:
    """Count what the report tells, line by line: one event each."""
    tally = Tally()
    with report.open() as lines:
        for line in lines:
            event = json.loads(line)
            if (finished := event.get("ScenarioFinished")) is not None:
                count(finished["recorder"], tally)
            elif (error := event.get("NonFatalError") or event.get("FatalError")) is not None:
                tally.failures[f"error: {json.dumps(error)[:500]}"] = ""
    return tally


def count(recorder: dict, tally: Tally) -> None:
    interactions = recorder.get("interactions", {})
    for interaction in interactions.values():
        if "response" in interaction:
            tally.statuses[interaction["response"]["status_code"]] += 1
        else:
            tally.unanswered += 1
    for case_id, checks in recorder.get("checks", {}).items():
        for check in checks:
            if check["status"] == "failure":
                failure = check["failure_info"]["failure"]
                sent = interactions[failure.get("case_id") or case_id]["request"]
                what = f"{check['name']}, {failure['operation']}: {' '.join(failure['message'].split())[:300]}"
                tally.failures.setdefault(what, curl(sent))


def curl(request: dict) -> str:
    """A line that sends the request again; the report keeps credentials to itself."""
    parts = ["curl", "-X", request["method"]]
    for name, values in request["headers"].items():
        parts += ["-H", f"{name}: {values[0]}"]
    if "body" in request:
        parts += ["--data-binary", base64.b64decode(request["body"]["$base64"]).decode(errors="replace")[:500]]
    return shlex.join([*parts, request["uri"]])


def aftermath(made: Shop, role: str) -> Finding:
    """What the role's writes left: the audit, the log, and whether pages and mails can show it."""
    violations = made.audit()
    log = made.log.read_text()
    errors = sum('"level": "error"' in line or "Traceback" in line for line in log.splitlines())
    shown = made.run(SHOW)
    return Finding(
        f"what {role} left behind",
        f"{len(violations)} audit violations, {errors} errors in the log, {len(shown['broken'])} of {shown['pages']} "
        f"pages broken {shown['broken'][:3] or ''}, {shown['mails']} mails sent, {shown['unsent']} not",
        not (violations or errors or shown["broken"] or shown["unsent"]),
    )
