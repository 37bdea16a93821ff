# SPDX-License-Identifier: Apache-2.0
"""Whoever the link tells of its readings: writes down what it hears."""


class FakeNotice:
    """`heard` holds (what, sequences of the readings or a reason)."""

    def __init__(self):
        self.heard = []

    def acked(self, batch):
        self.heard.append(("acked", _sequences(batch)))

    def news(self, payload):
        self.heard.append(("news", payload))

    def rejected_for_good(self, batch):
        self.heard.append(("rejected", _sequences(batch)))

    def asked_to_wait(self):
        self.heard.append(("asked_to_wait", None))

    def no_fleet(self, reason):
        self.heard.append(("no_fleet", reason))

    def no_network(self):
        self.heard.append(("no_network", None))


def _sequences(batch):
    """From the first to the last, in as many equal steps as there are readings."""
    if not hasattr(batch, "first"):
        return str(batch)
    step = (batch.last - batch.first) // max(1, len(batch) - 1)
    return [batch.first + index * step for index in range(len(batch))]
