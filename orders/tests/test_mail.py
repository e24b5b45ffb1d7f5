import pytest
from django.core import mail as django_mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from orders.cancellation import cancel
from orders.fulfilment import ship
from orders.mail import owe, send, send_order_mail
from orders.models import Cancellation, OrderMail
from orders.tests.factories import placed_order
from orders.tests.worker import run_tasks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOW = timezone.now()
Kind = OrderMail.Kind


class Undone(Exception):
    """Ends a transaction that must leave nothing."""


class TestOwe:
    def test_the_mail_and_its_task_are_written_together(self):
        order = placed_order(token="tok_declined")

        with pytest.raises(Undone), transaction.atomic():
            owe(order, Kind.CONFIRMATION, at=NOW)
            assert DBTaskResult.objects.count() == OrderMail.objects.count() == 1
            raise Undone

        assert not DBTaskResult.objects.exists()
        assert not OrderMail.objects.exists()

    def test_a_paid_order_owes_its_confirmation(self):
        order = placed_order()

        assert order.mails.get().kind == Kind.CONFIRMATION
        assert DBTaskResult.objects.get().args_kwargs["args"] == [order.mails.get().pk]

    def test_each_kind_is_promised_once(self):
        order = placed_order()

        owe(order, Kind.CONFIRMATION, at=NOW)

        assert order.mails.count() == DBTaskResult.objects.count() == 1

    def test_an_order_without_an_email_owes_none(self):
        order = placed_order(token="", email="")

        owe(order, Kind.CANCELLED, at=NOW)

        assert not OrderMail.objects.exists()

    def test_the_database_keeps_one_of_a_kind(self):
        order = placed_order()

        with pytest.raises(IntegrityError), transaction.atomic():
            OrderMail.objects.create(order=order, kind=Kind.CONFIRMATION, message_id="<another@x>")


class TestSend:
    def test_the_confirmation_says_what_was_bought_and_where_to_look(self, mug, mailoutbox, settings):
        order = placed_order({mug: 2})

        run_tasks()

        (message,) = mailoutbox
        assert message.to == ["sam@example.com"]
        assert order.number in message.subject
        for body in (message.body, message.alternatives[0].content):
            assert "Mug" in body
            assert "€44.90" in body
            assert settings.SHOP_URL + order.get_absolute_url() in body

    def test_it_is_sent_once(self, mailoutbox):
        placed_order()

        run_tasks()
        send_order_mail.call(OrderMail.objects.get().pk)

        assert len(mailoutbox) == 1
        assert OrderMail.objects.get().sent_at is not None

    def test_repeated_it_carries_the_same_message_id(self, mailoutbox):
        """A worker that dies between sending and noting it leads to the same mail once more."""
        owed = placed_order().mails.get()

        send(owed)
        send(owed)

        assert [message.extra_headers["Message-ID"] for message in mailoutbox] == [owed.message_id] * 2

    def test_each_mail_has_an_id_of_its_own(self):
        first, second = placed_order().mails.get(), placed_order().mails.get()

        assert first.message_id != second.message_id

    def test_a_server_that_refuses_leaves_it_owed(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        owed = placed_order().mails.get()

        send(owed)

        owed.refresh_from_db()
        assert owed.sent_at is None

    def test_a_line_break_in_a_name_does_not_become_a_header(self, mailoutbox, settings):
        settings.SHOP_NAME = "Shop\nBcc: everyone@example.com"
        placed_order()

        run_tasks()

        assert "\n" not in mailoutbox[0].subject
        assert mailoutbox[0].bcc == []

    def test_markup_in_a_name_is_escaped(self, mailoutbox, mug):
        mug.product.name = "<b>Mug</b>"
        mug.product.save()
        placed_order({mug: 1})

        run_tasks()

        assert "<b>Mug</b>" not in mailoutbox[0].alternatives[0].content
        assert "<b>Mug</b>" in mailoutbox[0].body

    def test_every_kind_has_its_text(self, mailoutbox):
        order = placed_order()
        owe(order, Kind.LATE_REFUND, at=NOW)
        ship(order.pk, at=NOW, carrier="Post", tracking_number="JJ1")
        cancelled = placed_order(token="tok_declined")
        cancel(cancelled, cause=Cancellation.Cause.SHOPPER, at=NOW)

        run_tasks()

        assert set(OrderMail.objects.values_list("kind", flat=True)) == set(Kind)
        assert len(mailoutbox) == len(Kind)
        assert len({message.subject for message in mailoutbox}) == len(Kind)
        assert any("JJ1" in message.body for message in mailoutbox)

    def test_one_whose_row_is_gone_is_no_error(self):
        send_order_mail.call(0)

        assert django_mail.outbox == []
