"""Making the shop agree with the world after whatever was interrupted.

Run every minute by the ticker; each step may fail or be cut off on its own and
is taken up again the next time.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from orders.cancellation import expire
from orders.events import handle_event
from orders.mail import send_order_mail
from orders.models import Order, OrderMail, Payment, PaymentEvent, Refund
from orders.paying import ask_gateway
from orders.refunds import send_refund
from payments.gateway import GatewayError
from pricing.errors import ShopError

logger = logging.getLogger(__name__)

MAIL_IS_LATE = timedelta(minutes=2)
REFUND_IS_LATE = timedelta(minutes=2)
EVENT_IS_LATE = timedelta(seconds=10)


@dataclass
class Report:
    """How many of each were taken up; `failed` stay for the next run."""

    payments: int = 0
    expired: int = 0
    refunds: int = 0
    events: int = 0
    mails: int = 0
    failed: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def reconcile(*, at: datetime) -> Report:
    """Settle unfinished payments, expire unpaid orders, repeat refunds, events and mails that hang."""
    report = Report()
    unfinished = Payment.objects.unfinished().order_by("created_at", "pk")
    report.payments = _each(unfinished, lambda payment: ask_gateway(payment, at=at), report)
    waiting = PaymentEvent.objects.filter(handled_at__isnull=True, received_at__lte=at - EVENT_IS_LATE)
    report.events = _each(waiting.order_by("pk"), lambda event: handle_event(event, at=at), report)
    overdue = Order.objects.awaiting_payment().filter(hold_until__lte=at).order_by("hold_until", "pk")
    report.expired = _each(overdue, lambda order: expire(order, at=at), report)
    running = Refund.objects.filter(state=Refund.State.INITIATED, at__lte=at - REFUND_IS_LATE).order_by("at", "pk")
    report.refunds = _each(running, lambda refund: send_refund.call(str(refund.pk)), report)
    late = OrderMail.objects.filter(sent_at__isnull=True, created_at__lte=at - MAIL_IS_LATE).order_by("pk")
    waiting_mails = _waiting_mails()
    unsent = [mail for mail in late if mail.pk not in waiting_mails]
    report.mails = _each(unsent, lambda mail: send_order_mail.enqueue(mail.pk), report)
    return report


def _waiting_mails() -> set[int]:
    """Mails whose task waits for a worker: another would only stand in line behind it, before newer mails."""
    tasks = DBTaskResult.objects.filter(task_path=send_order_mail.module_path, status=TaskResultStatus.READY)
    return {arguments["args"][0] for arguments in tasks.values_list("args_kwargs", flat=True)}


def _each(rows: Iterable, step: Callable, report: Report) -> int:
    done = 0
    for row in list(rows):
        try:
            step(row)
            done += 1
        except (GatewayError, ShopError) as error:
            report.failed += 1
            logger.warning("reconciling failed", extra={"row": f"{type(row).__name__} {row.pk}", "error": str(error)})
        except Exception:  # a row that nobody thought of must not keep the others from being taken up
            report.failed += 1
            logger.exception("reconciling failed", extra={"row": f"{type(row).__name__} {row.pk}"})
    return done
