# SPDX-License-Identifier: Apache-2.0
"""Tag events as something to post: the outbox's batches, each as one message."""

from wire import const, tags
from wire.paths import TAGS
from wire.reading import MessageError, age_of_earlier_boot

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox
    from device.tag_batch import Batch

_AT_ONCE_MAX = const(40)  # of 96-bit EPCs about as many fit into a message


class TagSource:
    """A source for the link (device.ports.Source)."""

    path = TAGS

    def __init__(self, outbox: "Outbox"):
        self._outbox = outbox
        self.ack = outbox.ack
        self.set_aside = outbox.set_aside

    def peek(self, limit: int) -> "Batch | None":
        return self._outbox.peek(min(limit, _AT_ONCE_MAX))

    def pack(self, batch: "Batch", epoch: int, boot_count: int, uptime_s: int) -> "bytes | None":
        """The message of a batch, which is cut to what fits; None when a value in it has no place in a message."""
        try:
            batch.keep(tags.count_fitting(batch))
            if (batch.epoch, batch.boot_count) == (epoch, boot_count):
                age_s = max(0, uptime_s - batch.newest[3])
            else:
                age_s = age_of_earlier_boot(uptime_s)
            return tags.pack(batch.epoch, batch.boot_count, age_s, batch)
        except MessageError:
            return None
