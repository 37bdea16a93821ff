# SPDX-License-Identifier: Apache-2.0
"""After how long without a count a bin is stale: three of the longest silences that its device says it keeps."""

from sqlalchemy import ColumnElement, case, func

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


def fresh_from_ms(now_ms: int) -> ColumnElement[int]:
    """Before when a count is no evidence of the present (UTC milliseconds), of the row of DeviceRow as above.

    What a device brings ends with the present: while its newest count is far older than its newest message, more comes.
    """
    by_silence = now_ms - stale_after_ms()
    by_message = func.coalesce(DeviceRow.last_seen_at_ms, 0) - STALE_AFTER_LEAST_MS
    return case((by_message > by_silence, by_message), else_=by_silence)
