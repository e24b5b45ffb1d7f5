import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.errors import IllegalMove
from orders.models import Order
from orders.models.order import NUMBER_ALPHABET, new_number, new_token
from orders.states import FULFILMENT_MOVES, PAYMENT_MOVES, FulfilmentState, OrderStatus, PaymentState, shown_status
from orders.tests.factories import placed_order

Payment, Goods = PaymentState, FulfilmentState


class TestShownStatus:
    @pytest.mark.parametrize(
        ("payment", "goods", "shown"),
        [
            (Payment.AWAITING, Goods.UNFULFILLED, OrderStatus.AWAITING_PAYMENT),
            (Payment.PAID, Goods.UNFULFILLED, OrderStatus.PAID),
            (Payment.PAID, Goods.PACKED, OrderStatus.PACKED),
            (Payment.PAID, Goods.PARTLY_SHIPPED, OrderStatus.PARTLY_SHIPPED),
            (Payment.PAID, Goods.SHIPPED, OrderStatus.SHIPPED),
            (Payment.PAID, Goods.DELIVERED, OrderStatus.DELIVERED),
            (Payment.PAID, Goods.RETURNED, OrderStatus.RETURNED),
            (Payment.AWAITING, Goods.CANCELLED, OrderStatus.CANCELLED),
            (Payment.REFUNDED, Goods.CANCELLED, OrderStatus.CANCELLED),
            (Payment.REFUNDED, Goods.RETURNED, OrderStatus.REFUNDED),
            (Payment.PARTLY_REFUNDED, Goods.SHIPPED, OrderStatus.PARTLY_REFUNDED),
        ],
    )
    def test_known_cases(self, payment, goods, shown):
        assert shown_status(payment, goods) is shown

    @given(st.sampled_from(Payment), st.sampled_from(Goods))
    def test_every_pair_has_a_word(self, payment, goods):
        assert shown_status(payment, goods) in OrderStatus


class TestMoves:
    def test_every_state_says_where_it_leads(self):
        assert set(PAYMENT_MOVES) == set(Payment)
        assert set(FULFILMENT_MOVES) == set(Goods)

    @pytest.mark.parametrize("end", [Goods.RETURNED])
    def test_what_is_over_is_over(self, end):
        assert not any(end.may_become(state) for state in Goods)

    def test_what_left_does_not_come_back_unshipped(self):
        for gone in (Goods.PARTLY_SHIPPED, Goods.SHIPPED, Goods.DELIVERED):
            for state in (Goods.UNFULFILLED, Goods.PACKED, Goods.CANCELLED):
                assert not gone.may_become(state)

    @given(st.sampled_from(Payment), st.sampled_from(Goods), st.sampled_from(Goods))
    def test_goods_move_only_when_paid(self, payment, goods, new):
        order = Order(payment_state=payment, fulfilment_state=goods)

        if order.may_become(new):
            assert payment in (Payment.PAID, Payment.PARTLY_REFUNDED)


class TestNames:
    def test_a_number_can_be_read_out(self):
        number = new_number()

        assert len(number) == 9 and number[4] == "-"
        assert set(number.replace("-", "")) <= set(NUMBER_ALPHABET)
        assert not set("01ILOU") & set(NUMBER_ALPHABET)

    def test_a_token_has_128_bits_at_least(self):
        assert len(new_token()) * 6 >= 128
        assert new_token() != new_token()


@pytest.mark.django_db
@pytest.mark.usefixtures("shop")
class TestMovePayment:
    @pytest.mark.parametrize(("token", "new"), [("tok_declined", Payment.REFUNDED), ("tok_visa", Payment.AWAITING)])
    def test_a_move_that_the_table_lacks_is_refused(self, token, new):
        order = placed_order(token=token)
        before = order.payment_state

        with pytest.raises(IllegalMove):
            order.move_payment(new)

        assert Order.objects.get().payment_state == before
