# SPDX-License-Identifier: Apache-2.0
"""The (s,S) rule with whole order multiples: when to order and how much; and which levels make no sense."""

from dataclasses import dataclass


class PolicyError(ValueError):
    """Levels that cannot work. `field` is the one to mend, the message says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Policy:
    """Levels of one item at one place, in pieces ("min" is reorder_point, "max" is order_up_to). Raises PolicyError."""

    reorder_point: int
    order_up_to: int
    order_multiple: int = 1
    min_order_qty: int = 0
    lead_time_s: int = 0

    def __post_init__(self) -> None:
        for field, least in _LEAST.items():
            value = getattr(self, field)
            if value < least:
                raise PolicyError(field, f"{value} is below {least}; give {least} or more")
        room = self.order_up_to - self.reorder_point
        if room <= 0:
            raise PolicyError(
                "order_up_to",
                f"{self.order_up_to} is not above reorder_point {self.reorder_point}; "
                f"give at least {self.reorder_point + self.smallest_order}",
            )
        if self.order_multiple > room:
            raise PolicyError(
                "order_multiple",
                f"{self.order_multiple} does not fit between reorder_point {self.reorder_point} and order_up_to "
                f"{self.order_up_to}; give at most {room}, or raise order_up_to to "
                f"{self.reorder_point + self.order_multiple}",
            )
        if self.smallest_order > room:
            raise PolicyError(
                "min_order_qty",
                f"{self.min_order_qty} in whole multiples of {self.order_multiple} is {self.smallest_order}, which "
                f"does not fit between reorder_point {self.reorder_point} and order_up_to {self.order_up_to}; give at "
                f"most {room // self.order_multiple * self.order_multiple}, or raise order_up_to to "
                f"{self.reorder_point + self.smallest_order}",
            )

    @property
    def smallest_order(self) -> int:
        """The least that may be ordered: min_order_qty in whole multiples."""
        return max(1, -(-self.min_order_qty // self.order_multiple)) * self.order_multiple


def qty_to_order(policy: Policy, position: int) -> int:
    """Pieces to order at this inventory position (on hand + on order), once an order is due.

    The largest number of whole multiples that does not lift the position above order_up_to. As the smallest order
    always fits between the levels, there is one at or below the reorder point, and the position after it is above
    that: an order never calls for another. 0 when the position is so far above it (the evidence for an order is not
    the bare count) that not even the smallest order fits.
    """
    qty = (policy.order_up_to - position) // policy.order_multiple * policy.order_multiple
    return qty if qty >= policy.smallest_order else 0


_LEAST = {"reorder_point": 0, "order_up_to": 1, "order_multiple": 1, "min_order_qty": 0, "lead_time_s": 0}
