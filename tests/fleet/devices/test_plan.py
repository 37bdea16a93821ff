# SPDX-License-Identifier: Apache-2.0
"""A sampling plan holds what a device would follow, and nothing else."""

from typing import Any

import pytest
import wire.plan

from fleet.devices.plan import PlanError, SamplingPlan


def test_the_usual_plan_is_what_a_device_does_by_itself() -> None:
    assert wire.plan.unpack(SamplingPlan().news(3)) == (3, 300, 16, 100, None, None, [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("heartbeat_s", 601), ("settle_s", 0), ("sample_ms", 10), ("sleep_s", -1), ("report_s", 86401)),
        *(("change_counts", (0,)), ("change_counts", (1,) * 9)),
    ],
)
def test_what_no_device_would_follow_is_refused_by_its_field(field: str, value: Any) -> None:
    with pytest.raises(PlanError, match=f"^{field}: must be"):
        SamplingPlan(**{field: value})
