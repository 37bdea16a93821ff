# SPDX-License-Identifier: Apache-2.0
"""After how long without a count a bin is stale: three of the longest silences that its device says it keeps."""

from sqlalchemy import ColumnElement, case

from fleet.devices.tables import DeviceRow

SILENCES = 3
HEARTBEAT_MAX_S = 600  # the longest that a device which does not sleep may be set to
STALE_AFTER_LEAST_MS = SILENCES * HEARTBEAT_MAX_S * 1000  # so a bin that is well is never stale, however it is set


def stale_after_ms() -> ColumnElement[int]:
    """Milliseconds, of the row of DeviceRow in the statement around it.

    A device that has not said how long it is silent is taken for one that does not sleep.
    """
    return case(
        (DeviceRow.silence_s > HEARTBEAT_MAX_S, DeviceRow.silence_s * (SILENCES * 1000)), else_=STALE_AFTER_LEAST_MS
    )
