# SPDX-License-Identifier: Apache-2.0
"""When a demonstration ends."""

import pytest

from tools.simulate.until import Until, UntilError, parse_until


def test_an_end_is_an_order_a_number_of_readings_or_a_time() -> None:
    assert parse_until("order") == Until("order")
    assert parse_until("300 readings") == Until("readings", 300)
    assert parse_until("300") == Until("readings", 300)
    assert parse_until("60 seconds") == Until("seconds", 60)
    assert parse_until("60s") == Until("seconds", 60)


@pytest.mark.parametrize("text", ["", "never", "0 readings", "-5 seconds", "1.5 seconds", "five orders"])
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(UntilError, match=r"--until: .* allowed: order, a number of readings"):
        parse_until(text)
