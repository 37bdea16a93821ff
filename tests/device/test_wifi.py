# SPDX-License-Identifier: Apache-2.0
"""Wi-Fi: joins again and again, and what the radio refuses is no more than a network that is not there."""

import sys

from tests.fakes import wlan
from tests.fakes.clock import FakeClock

sys.modules["network"] = wlan

from drivers.wifi import Wifi  # noqa: E402 - only now there is a network


def joined(refusals=()):
    wlan.refuse(refusals)
    clock = FakeClock()
    return Wifi("warehouse", "a long password", clock), clock


def test_the_radio_is_switched_on_and_joins():
    wifi, _ = joined()

    assert wlan.heard() == ["active", "disconnect", "connect warehouse"]
    assert not wifi.connected()

    wlan.arrive()

    assert wifi.connected()


def test_what_goes_on_is_given_a_moment_to_end_before_the_radio_joins_again():
    """ESP-IDF ends an attempt in its own time, and refuses another one until then."""
    _, clock = joined()

    assert clock.passed_ms == 100


def test_without_a_network_it_is_asked_for_every_half_minute():
    wifi, clock = joined()
    for _ in range(100):
        wifi.connected()
        clock.sleep_ms(1000)

    assert wlan.heard().count("connect warehouse") == 4


def test_a_radio_that_refuses_is_asked_again():
    for error in (OSError(0x3007, "Wifi Internal State Error"), RuntimeError("Wifi Unknown Error 0x0102")):
        for what in ("active", "disconnect", "connect warehouse"):
            wifi, clock = joined({what: error})
            assert not wifi.connected()

            wlan.refuse(())
            clock.sleep_ms(31_000)
            wifi.connected()

            assert wlan.heard() == ["active", "disconnect", "connect warehouse"]
