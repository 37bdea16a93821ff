# SPDX-License-Identifier: Apache-2.0
"""The record of one tag event on flash, and a run of such records as the events of one message.

This module is what an Outbox keeps (device.ports.Records). The EPC stands in it raw, whatever it may mean.
"""

import struct

from wire import const

from device import batch
from device.sealed import CRC_SIZE, is_sealed, seal

_FORMAT = const("<BBBbHIHIIB62s")  # version, kind, antenna, rssi, reads, epoch, boot, sequence, uptime_s, size, epc
_VERSION = const(1)
_NO_RSSI = const(1)  # a dBm that no event has
RECORD_SIZE = struct.calcsize(_FORMAT) + CRC_SIZE
PER_SEGMENT = 4096 // RECORD_SIZE  # fill a block of the flash


def record(epoch: int, boot_count: int, event: tuple, heartbeat: bool = False) -> bytes:
    """RECORD_SIZE bytes of an event (sequence, kind, antenna, uptime_s, rssi_dbm or None, reads, epc)."""
    sequence, kind, antenna, uptime_s, rssi_dbm, reads, epc = event
    if rssi_dbm is None:
        rssi_dbm = _NO_RSSI
    head = (_VERSION, kind, antenna, rssi_dbm, reads, epoch, boot_count, sequence, uptime_s, len(epc), epc)
    return seal(struct.pack(_FORMAT, *head))


def is_record(data: bytes, index: int) -> bool:
    """Whether the record at that place is there, and whole."""
    start = index * RECORD_SIZE
    end = start + RECORD_SIZE
    return end <= len(data) and data[start] == _VERSION and is_sealed(data, start, end)


def rules():
    """What goes when there is no room: loaded then alone."""
    from device import thin_tags

    return thin_tags


class Batch(batch.Batch):
    """Events of one (epoch, boot_count), as device.batch has readings."""

    _is_record = staticmethod(is_record)

    def _run(self, index: int) -> tuple:
        return values(self._data, index)[5:7]

    def _reading(self, index: int) -> tuple:
        _, kind, antenna, rssi_dbm, reads, _, _, sequence, uptime_s, size, epc = values(self._data, index)
        return sequence, kind, antenna, uptime_s, None if rssi_dbm == _NO_RSSI else rssi_dbm, reads, epc[:size]


def values(data: bytes, index: int) -> tuple:
    """All that stands in a record, in its order."""
    return struct.unpack_from(_FORMAT, data, index * RECORD_SIZE)
