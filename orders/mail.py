"""Mails of an order: written with what they report, sent by a task, never lost.

`owe()` writes the `OrderMail` row and enqueues the task in the caller's
transaction; `reconcile` enqueues again what stays unsent, because a worker
may die with the task in hand. A repeated mail carries the same Message-ID.
"""

import logging
from datetime import datetime
from email.utils import make_msgid
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import task

from orders.models import Order, OrderMail

logger = logging.getLogger(__name__)

Kind = OrderMail.Kind
MAIL_PRIORITY = 50  # before pictures and other work that can wait


def owe(order: Order, kind: Kind, *, at: datetime) -> None:
    """Promise a mail to the order's shopper, once per kind; call inside a transaction."""
    if not order.email:
        return
    message_id = make_msgid(domain=settings.SHOP_HOST)
    try:
        with transaction.atomic():
            mail = OrderMail.objects.create(order=order, kind=kind, message_id=message_id, created_at=at)
    except IntegrityError:
        return  # promised before
    send_order_mail.enqueue(mail.pk)


def send(mail: OrderMail) -> None:
    """Send a mail that was not sent yet, and note it; what cannot be sent now stays owed."""
    if mail.sent_at is not None:
        return
    order = Order.objects.prefetch_related("lines", "shipments").get(pk=mail.order_id)
    context = {
        "order": order,
        "lines": list(order.lines.all()),
        "order_url": settings.SHOP_URL + order.get_absolute_url(),
        "shop_name": settings.SHOP_NAME,
    }
    template = f"orders/email/{mail.kind}"
    message = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"{template}_subject.txt", context).split()),
        body=render_to_string(f"{template}.txt", context),
        to=[order.email],
        headers={"Message-ID": mail.message_id},
    )
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    try:
        message.send()
    except (SMTPException, OSError) as error:
        # Its text may name the recipient. The reconciler tries again.
        logger.error("mail not sent", extra={"mail": mail.pk, "error": type(error).__name__})
        return
    OrderMail.objects.filter(pk=mail.pk, sent_at__isnull=True).update(sent_at=timezone.now())


@task(priority=MAIL_PRIORITY)
def send_order_mail(mail_id: int) -> None:
    """Send one mail; running it again after it was sent does nothing."""
    mail = OrderMail.objects.filter(pk=mail_id).first()
    if mail is not None:
        send(mail)
