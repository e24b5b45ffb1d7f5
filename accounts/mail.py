"""Mails about an account leave by a task: the page does not wait for the mail server."""

from django.core.mail import send_mail
from django_tasks import task

MAIL_PRIORITY = 50  # as the mails of orders: before pictures and other work that can wait


@task(priority=MAIL_PRIORITY)
def send_account_mail(to: str, subject: str, text: str) -> None:
    """Send a mail to one address, from the shop's own."""
    send_mail(subject, text, None, [to])
