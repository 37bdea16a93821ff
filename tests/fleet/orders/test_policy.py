# SPDX-License-Identifier: Apache-2.0
"""The (s,S) rule."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fleet.orders.policy import Policy, PolicyError, qty_to_order

POLICY = Policy(reorder_point=40, order_up_to=200, order_multiple=50, min_order_qty=100)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    order_multiple = draw(st.integers(1, 500))
    reorder_point = draw(st.integers(0, 2000))
    room = draw(st.integers(order_multiple, 5000))
    min_order_qty = draw(st.integers(0, room // order_multiple * order_multiple))
    return Policy(reorder_point, reorder_point + room, order_multiple, min_order_qty)


@pytest.mark.parametrize(("position", "qty"), [(40, 150), (1, 150), (0, 200), (41, 150), (101, 0), (500, 0)])
def test_an_order_is_of_whole_multiples_up_to_the_upper_level(position: int, qty: int) -> None:
    assert qty_to_order(POLICY, position) == qty


@given(policies(), st.integers(0, 10_000))
def test_it_never_orders_above_the_upper_level_and_always_at_the_reorder_point(policy: Policy, position: int) -> None:
    qty = qty_to_order(policy, position)
    assert qty or position > policy.reorder_point
    if qty:
        assert position + qty <= policy.order_up_to
        assert qty % policy.order_multiple == 0
        assert qty >= max(policy.min_order_qty, 1)
        assert position + qty + policy.order_multiple > policy.order_up_to, "one more would not fit"


@given(policies(), st.integers(0, 10_000))
def test_an_order_never_calls_for_another(policy: Policy, position: int) -> None:
    assume(position <= policy.reorder_point)
    assert position + qty_to_order(policy, position) > policy.reorder_point


@pytest.mark.parametrize(
    ("levels", "field", "message"),
    [
        ((40, 40, 1, 0), "order_up_to", "order_up_to: 40 is not above reorder_point 40; give at least 41"),
        ((40, 30, 50, 0), "order_up_to", "order_up_to: 30 is not above reorder_point 40; give at least 90"),
        (
            (40, 200, 161, 0),
            "order_multiple",
            "order_multiple: 161 does not fit between reorder_point 40 and order_up_to 200; "
            "give at most 160, or raise order_up_to to 201",
        ),
        (
            (40, 200, 50, 151),
            "min_order_qty",
            "min_order_qty: 151 in whole multiples of 50 is 200, which does not fit between reorder_point 40 and "
            "order_up_to 200; give at most 150, or raise order_up_to to 240",
        ),
        ((-1, 200, 50, 0), "reorder_point", "reorder_point: -1 is below 0; give 0 or more"),
        ((40, 200, 0, 0), "order_multiple", "order_multiple: 0 is below 1; give 1 or more"),
    ],
)
def test_levels_that_cannot_work_are_refused_with_a_remedy(
    levels: tuple[int, int, int, int], field: str, message: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        Policy(*levels)
    assert refused.value.field == field
    assert str(refused.value) == message


@given(policies())
def test_the_largest_multiple_that_fits_is_accepted(policy: Policy) -> None:
    room = policy.order_up_to - policy.reorder_point
    assert qty_to_order(Policy(policy.reorder_point, policy.order_up_to, room), policy.reorder_point) == room
