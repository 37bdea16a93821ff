# SPDX-License-Identifier: Apache-2.0
"""A thermometer that plays back what it is given; the last for ever."""


class FakeThermometer:
    def __init__(self, temperatures):
        self._temperatures = list(temperatures)

    def read_cc(self):
        return self._temperatures.pop(0) if len(self._temperatures) > 1 else self._temperatures[0]
