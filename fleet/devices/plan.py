# SPDX-License-Identifier: Apache-2.0
"""A sampling plan: how often a device weighs and reports. The pure part."""

from dataclasses import astuple, dataclass

import wire.plan
from wire import pack_plan


class PlanError(ValueError):
    """The text begins with the name of the field and says what is allowed."""


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """What a device does with its cells. Raises PlanError for what no device would follow; wire.plan has the ranges."""

    heartbeat_s: int = 300
    """A reading at least this often."""
    settle_s: int = 16
    """A reading each second until this long after a movement."""
    sample_ms: int = 100
    """Between two looks at a cell."""
    sleep_s: int | None = None
    """Between two looks of a device that sleeps; 0: it does not; None: as the device is set."""
    report_s: int | None = None
    """Between two reports of a device that sleeps, movements apart; None: as the device is set."""
    change_counts: tuple[int | None, ...] = ()
    """For each channel from 0 on, how many raw counts are a movement; None: as the device is set."""

    def __post_init__(self) -> None:
        self.news(1)

    def news(self, version: int) -> bytes:
        """What the gate puts into its replies until the device follows this version."""
        try:
            return pack_plan.pack((version, *astuple(self)[:-1], list(self.change_counts)))  # type: ignore[no-any-return]
        except wire.plan.PlanError as error:
            raise PlanError(str(error)) from None
