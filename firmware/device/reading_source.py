# SPDX-License-Identifier: Apache-2.0
"""Readings as something to post: the outbox's batches, each as one message."""

from wire import const
from wire.paths import READINGS

_TYPING = const(0)
if _TYPING:
    from device.batch import Batch
    from device.outbox import Outbox


class ReadingSource:
    """A source for the link (device.ports.Source)."""

    path = READINGS

    def __init__(self, outbox: "Outbox"):
        self.peek = outbox.peek
        self.ack = outbox.ack
        self.set_aside = outbox.set_aside

    def pack(self, batch: "Batch", epoch: int, boot_count: int, uptime_s: int) -> "bytes | None":
        """The message of a batch, which is cut to what fits; None when a value in it has no place in a message."""
        from wire import reading  # not before: a device on a battery mostly keeps, and says it later

        try:
            batch.keep(reading.count_fitting(batch))
            if (batch.epoch, batch.boot_count) == (epoch, boot_count):
                age_s = max(0, uptime_s - batch.newest[2])
            else:
                age_s = reading.age_of_earlier_boot(uptime_s)
            return reading.pack(batch.epoch, batch.boot_count, age_s, batch)
        except reading.MessageError:
            return None
