"""Death at each point of checkout: web, worker, PostgreSQL or Redis is killed there, and it costs nothing."""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Thread

from ecommerce.acceptance.buyer import Buyer
from ecommerce.acceptance.races import Finding
from ecommerce.acceptance.stage import Stage, stage

POINTS = (
    *("reserve", "order written", "gateway call", "gateway's answer"),
    *("paid mark", "mail enqueued", "commit", "response"),
)
STOPS = tuple(f"{when} {point}" for point in POINTS for when in ("before", "after"))
ANSWERED = "after response"  # nobody waits there: the shopper has read the answer
VICTIMS = {"postgresql": ("web", "worker", "PostgreSQL", "Redis"), "sqlite": ("web", "worker")}
NEEDED = ("web", "PostgreSQL")  # without them no page is served; the others' death is not to be noticed
REPEAT = 5
CARDS = ("tok_visa", "tok_3ds", "tok_visa", "tok_visa", "tok_3ds")
GONE = 3  # in every fifth run the shopper never comes back
CONTROL = ("after gateway call", "before gateway's answer", "before paid mark", "before commit")

CHECK = """
from django.db.models import F, Q
from orders.audit import audit
from orders.models import Order, Payment
from payments.models import TestCharge

def standing(email):
    return [
        (
            *(order.payment_state, order.fulfilment_state, order.lines.count(), order.payments.captured().count()),
            *sorted(order.mails.values_list("kind", flat=True)),
        )
        for order in Order.objects.filter(email=email)
    ]

def exists(token, is_paid):
    return Order.objects.filter(token=token).filter(Q(payment_state="paid") if is_paid else Q()).exists()

paid = ("paid", "unfulfilled", 2, 1, "confirmation")
given_up = ("awaiting", "cancelled", 2, 0, "cancelled")
kept = TestCharge.objects.filter(status="captured", refunded__lt=F("amount")).values_list("key", flat=True)
ours = set(map(str, Payment.objects.captured().values_list("pk", flat=True)))
result = {
    "lost": [token for token, is_paid in seen.items() if not exists(token, is_paid)],
    "torn": [f"{email}: {found}" for email in back if (found := standing(email)) != [paid]]
    + [f"{email}: {found}" for email in gone if (found := standing(email)) not in ([], [paid], [given_up])],
    "orphans": [key for key in kept if key not in ours],
    "violations": [" ".join(violation.as_dict().values()) for violation in audit()],
}
"""
RECONCILE = """
from datetime import timedelta
from django.utils import timezone
from orders.reconcile import reconcile
reconcile(at=timezone.now() + timedelta(minutes={minutes}))
"""
MAILS = """
from orders.models import OrderMail
result = {mail.message_id: mail.sent_at is not None for mail in OrderMail.objects.all()}
"""


@dataclass
class Tally:
    """What a victim's deaths cost; all but `runs`, `refused` and `repeated` must stay empty."""

    runs: int = 0
    refused: int = 0
    repeated: int = 0
    missed: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    torn: set[str] = field(default_factory=set)
    orphans: set[str] = field(default_factory=set)
    violations: set[str] = field(default_factory=set)
    unsent: set[str] = field(default_factory=set)

    def note(self, found: dict[str, list[str]]) -> None:
        for name, rows in found.items():
            getattr(self, name).update(rows)

    def printed(self) -> str:
        return (
            f"{self.runs} kills, {len(self.lost)} orders lost, {len(self.torn)} torn, {len(self.orphans)} charges "
            f"without an order, {len(self.violations)} violations, {len(self.unsent)} mails missing "
            f"({self.repeated} sent again), {self.refused} tries unanswered, {len(self.missed)} stops missed"
        )

    def details(self) -> str:
        """What exactly was found, for whoever looks for the cause."""
        found = {"missed": self.missed, "lost": self.lost, "torn": self.torn, "orphans": self.orphans}
        found |= {"violations": self.violations, "mails": self.unsent}
        return "; ".join(f"{name}: {', '.join(sorted(rows)[:5])}" for name, rows in found.items() if rows)

    def is_clean(self) -> bool:
        return not (self.missed or self.lost or self.torn or self.orphans or self.violations or self.unsent)


class Deaths:
    """Kills `victim` at one stop after another while shoppers order."""

    def __init__(self, stage: Stage, victim: str) -> None:
        self.stage = stage
        self.victim = victim
        self.tally = Tally()
        self.buyers: list[Buyer] = []
        self.gone: list[Buyer] = []

    def die_at(self, stop: str, number: int) -> None:
        """One death, all brought back, the shopper's second try, and the look at what is left."""
        if self.victim == "worker":
            self._hand_worker_a_mail(number)
        buyer = self._buyer(CARDS[number % len(CARDS)])
        self._kill_while_ordering(buyer, stop, number)
        self.tally.runs += 1
        self.tally.refused += buyer.refused
        if number % len(CARDS) == GONE:
            self.gone.append(buyer)
            self._reconcile()
            return
        self.buyers.append(buyer)
        again = Thread(target=buyer.order)
        if number % 2:  # the shopper is quicker than the reconciler
            again.start()
            self._reconcile()
        else:
            self._reconcile()
            again.start()
        again.join()
        buyer.finish()
        self.check([buyer])

    def end(self) -> Tally:
        """Let time pass until every hold is over and every mail is due, and look at all of it once more."""
        self._reconcile(minutes=60)
        self._send_mails()
        self.stage.shop.manage("reconcile_payments")
        self.check(self.buyers, self.gone)
        self.tally.violations.update(" ".join(violation.values()) for violation in self.stage.shop.audit())
        return self.tally

    def check(self, back: Sequence[Buyer], gone: Sequence[Buyer] = ()) -> None:
        """Look at the orders of shoppers who came back and of those who did not, and at the whole database."""
        seen = {token: is_paid for buyer in (*back, *gone) for token, is_paid in buyer.seen.items()}
        emails = [buyer.email for buyer in back], [buyer.email for buyer in gone]
        self.tally.note(self.stage.console.run(f"seen, (back, gone) = {seen!r}, {emails!r}\n{CHECK}"))

    def _buyer(self, card: str) -> Buyer:
        number = len(self.buyers) + len(self.gone) + 1
        buyer = Buyer(self.stage.shop.base, f"{self.victim.lower()}-{number}@example.org", card)
        buyer.fill(self.stage.products)
        return buyer

    def _hand_worker_a_mail(self, number: int) -> None:
        """Have the worker stop with another order's mail in hand, unsent or sent and not noted yet."""
        self.stage.worker_stops.arm("after mail sent" if number % 2 else "before mail sent")
        other = self._buyer("tok_visa")
        other.order()
        self.buyers.append(other)
        deadline = time.monotonic() + 60
        if not self.stage.worker_stops.wait_until_reached(while_true=lambda: time.monotonic() < deadline):
            self.tally.missed.add(f"mail of {other.email}")

    def _kill_while_ordering(self, buyer: Buyer, stop: str, number: int) -> None:
        victim = self.stage.servers[self.victim]
        self.stage.stops.arm(stop)
        ordering = Thread(target=buyer.order)
        ordering.start()
        is_reached = self.stage.stops.wait_until_reached(while_true=ordering.is_alive)
        if is_reached == (stop == ANSWERED):
            self.tally.missed.add(f"{stop}, {number}")
        victim.kill()
        is_back_first = self.victim == "web" or number % 2 == 0
        if is_back_first:
            victim.start()
        self.stage.stops.release()
        ordering.join()
        if not is_back_first:
            victim.start()

    def _reconcile(self, minutes: int = 3) -> None:
        """What the ticker will have done so many minutes from now."""
        self.stage.console.run(RECONCILE.format(minutes=minutes))

    def _send_mails(self) -> None:
        """Wait until the worker has sent all that is owed, and read what arrived."""
        self.stage.worker_stops.release()
        deadline = time.monotonic() + 60
        self._reconcile()
        while not all((owed := self.stage.console.run(MAILS)).values()) and time.monotonic() < deadline:
            time.sleep(0.1)
        arrived = Counter(
            message_id
            for path in (self.stage.var / "mail").glob("*")
            for message_id in re.findall(r"^Message-ID: (\S+)$", path.read_text(), re.MULTILINE)
        )
        self.tally.unsent.update(owed.keys() ^ arrived.keys())
        self.tally.repeated = sum(count - 1 for count in arrived.values())


def crashes() -> Iterator[Finding]:
    """Each victim's deaths on each database, and the control; ``REPEAT=1`` (default 5) is a short run."""
    repeat = int(os.environ.get("REPEAT", REPEAT))
    for vendor, victims in VICTIMS.items():
        for victim in victims:
            tally = deaths(vendor, victim, STOPS, repeat=repeat)
            is_noticed = victim in NEEDED
            yield Finding(
                f"kill -9 of {victim} at 16 stops of checkout, {vendor}",
                " ".join(filter(None, [tally.printed(), tally.details()])),
                tally.is_clean() and (is_noticed or not tally.refused),
            )
    tally = deaths("postgresql", "web", CONTROL, repeat=repeat, application="torn_wsgi")
    yield Finding(
        "negative control: one transaction around the gateway's call, web killed, postgresql",
        tally.printed(),
        len(tally.orphans) >= len(CONTROL),
    )


def deaths(vendor: str, victim: str, stops: tuple[str, ...], *, repeat: int, application: str = "stops_wsgi") -> Tally:
    with stage(vendor, application) as made:
        dying = Deaths(made, victim)
        for stop in stops:
            for number in range(repeat):
                dying.die_at(stop, number)
        return dying.end()
