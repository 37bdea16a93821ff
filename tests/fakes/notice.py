# SPDX-License-Identifier: Apache-2.0
"""Whoever the link tells of its readings: writes down what it hears."""


class FakeNotice:
    """`heard` holds (what, sequences of the readings or a reason)."""

    def __init__(self):
        self.heard = []

    def acked(self, batch):
        self.heard.append(("acked", [each[0] for each in batch]))

    def rejected_for_good(self, batch):
        self.heard.append(("rejected", [each[0] for each in batch]))

    def asked_to_wait(self):
        self.heard.append(("asked_to_wait", None))

    def no_fleet(self, reason):
        self.heard.append(("no_fleet", reason))

    def no_network(self):
        self.heard.append(("no_network", None))
