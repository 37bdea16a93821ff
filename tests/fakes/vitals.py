# SPDX-License-Identifier: Apache-2.0
"""How a board is, made up."""


class FakeVitals:
    def __init__(self, battery_mv=None):
        self.battery_mv = battery_mv

    def read(self):
        return 1, 90_000, 1_800_000, 12, -61, self.battery_mv
