# SPDX-License-Identifier: Apache-2.0
"""Wi-Fi: joins again and again, and what the radio refuses is no more than a network that is not there."""

import sys

from tests.fakes import wlan
from tests.fakes.clock import FakeClock

sys.modules["network"] = wlan

from drivers.wifi import Wifi  # noqa: E402 - only now there is a network


def joined(refusals=(), known=b""):
    wlan.refuse(refusals)
    clock = FakeClock()
    return Wifi("warehouse", "a long password", clock, known), clock


def known():
    """What a device that has joined remembers."""
    wifi, _ = joined()
    wlan.arrive()
    return wifi.known()


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


def test_what_it_remembers_is_the_strongest_access_point_of_the_name_and_the_address():
    assert known() == b"\x02\0\0\0\0\x09" + bytes([6, 10, 0, 0, 7, 255, 255, 255, 0, 10, 0, 0, 1, 10, 0, 0, 1])
    assert wlan.heard().count("scan") == 1


def test_without_a_network_there_is_nothing_to_remember():
    wifi, _ = joined()

    assert wifi.known() == b""
    assert "scan" not in wlan.heard()


def test_with_what_it_remembers_it_neither_looks_for_the_access_point_nor_asks_for_an_address():
    joined(known=known())

    assert wlan.heard()[2] == "address 10.0.0.7"
    assert wlan.heard()[-1] == "connect warehouse at 9 on channel 6"


def test_when_that_fails_twice_it_asks_for_everything_anew():
    wifi, clock = joined(known=known())
    for _ in range(14):
        wifi.connected()
        clock.sleep_ms(1000)

    asked = [each for each in wlan.heard() if each.startswith(("connect", "address"))]
    quick = ["address 10.0.0.7", "connect warehouse at 9"]
    first = quick + ["connect warehouse at 9 on channel 6"]  # noqa: RUF005 - as MicroPython has it
    assert asked == first + quick + ["address dhcp", "connect warehouse"]


def test_a_channel_that_needs_a_country_is_left_to_the_radio():
    joined(known=known()[:6] + bytes([13]) + known()[7:])

    assert wlan.heard()[-1] == "connect warehouse at 9"


def test_a_channel_that_the_radio_refuses_costs_no_attempt():
    joined({"channel 6": OSError(0x102, "ESP_ERR_INVALID_ARG")}, known())

    assert wlan.heard()[-1] == "connect warehouse at 9"
    assert wlan.heard().count("connect warehouse at 9") == 2


def test_of_a_network_that_hides_its_name_the_address_is_remembered():
    wlan.name(b"")
    try:
        memory = known()
    finally:
        wlan.name(b"warehouse")
    joined(known=memory)

    assert wlan.heard() == ["active", "disconnect", "address 10.0.0.7", "connect warehouse"]


def test_too_many_access_points_for_the_memory_are_none():
    wifi, _ = joined({"scan": MemoryError()})
    wlan.arrive()

    assert wifi.known() == b""


def test_a_radio_that_cannot_be_made_yet_is_made_later():
    wifi, clock = joined({"made": OSError(0x101, "ESP_ERR_NO_MEM")})
    assert not wifi.connected()
    assert wifi.rssi_dbm() is None
    assert wifi.known() == b""

    wlan.refuse(())
    clock.sleep_ms(31_000)
    wifi.connected()

    assert wlan.heard() == ["active", "disconnect", "connect warehouse"]


def test_to_join_anew_the_radio_goes_off_and_asks_for_everything():
    wifi, _ = joined(known=known())
    wlan.arrive()

    wifi.rejoin()

    assert wlan.heard()[-5:] == ["off", "active", "disconnect", "address dhcp", "connect warehouse"]
    assert not wifi.connected()


def test_a_memory_that_is_none_is_passed_over():
    for memory in (b"x", bytes(22), bytes(24)):
        joined(known=memory)

        assert wlan.heard()[-1] == "connect warehouse"
