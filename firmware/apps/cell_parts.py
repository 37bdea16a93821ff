# SPDX-License-Identifier: Apache-2.0
"""The cells of a weigh bin and its thermometer, made for the pins of the board: needed once."""

import machine
from device.settings import SettingsError
from device.weigher import Weigher
from machine import Pin
from wire import const

_TYPING = const(0)
if _TYPING:
    from device.settings import Settings
    from drivers.clock import Clock
    from drivers.hx711 import Hx711


def make_channel(config: "Settings", pins, channel: int, change_counts: int, clock: Clock) -> tuple:
    scale = make_scale(config.hx711, pins.SCALES[channel], config.gains[channel], clock)
    return channel, scale, Weigher(change_counts, config.heartbeat_s, config.settle_s, config.sample_ms)


def make_scale(clocked: str, pins: "tuple[int, int]", gain: int, clock: Clock) -> "Hx711":
    # Held it would be after a reset in light sleep (drivers.doze).
    sck = Pin(pins[1], Pin.OUT, value=0, hold=False)  # type: ignore[call-arg]  # the stubs do not know it
    if clocked == "gpio":
        from drivers.hx711_gpio import Hx711Gpio

        return Hx711Gpio(make_dout(pins[0]), sck, clock, machine, gain)
    from drivers.hx711_spi import BAUDRATE, Hx711Spi

    # It must have a MOSI, and writes zeros to it while its clock is low: so that may be the clock's own pin.
    spi = machine.SoftSPI(BAUDRATE, polarity=0, phase=1, sck=sck, mosi=sck, miso=Pin(pins[0]))
    return Hx711Spi(make_dout(pins[0]), sck, spi, clock, machine, gain)


def make_dout(pin: int) -> Pin:
    """Pulled up, so that a cut wire reads as a chip that is never ready."""
    return Pin(pin, Pin.IN, Pin.PULL_UP)


def make_thermometer(kind: str, pins, board: str, clock: Clock):
    if kind == "none":
        return None
    if kind == "chip":
        from drivers.chip_thermometer import ChipThermometer

        return ChipThermometer(clock)
    if pins.THERMOMETER is None:
        raise SettingsError("thermometer: board %s has no pin for a ds18b20; must be chip or none" % board)
    from drivers.ds18b20 import Ds18b20
    from onewire import OneWire

    return Ds18b20(OneWire(Pin(pins.THERMOMETER)), clock)
