# SPDX-License-Identifier: Apache-2.0
"""The parts of a reader of tags, made for the board and the module that the settings name, and joined."""

from wire import const

from apps.parts import Parts  # isort: skip - has the largest module, and now the heap is empty
from device import tag_batch
from device.forget import forget
from device.outbox import Outbox
from device.presence import Presence
from device.settings import SettingsError
from device.tag_reader import TagReader
from device.tag_source import TagSource
from machine import UART, Pin

_TYPING = const(0)
if _TYPING:
    from device.ports import Reader
    from device.settings import Settings
    from device.status import Status
    from drivers.clock import Clock

BAUD = 115200  # of every module, from the factory
BUFFER = 4096  # bytes: a third of a second, for as long as others work


def make_reader(parts: Parts, status: "Status") -> TagReader:
    """A reader that reads and keeps, until it is joined."""
    outbox = Outbox(parts.flash, tag_batch, per_segment=tag_batch.PER_SEGMENT)
    forget("device.look", "device.reserve")
    module, presence = make_module(parts.config, parts.pins, parts.clock), make_presence(parts.config.reader)
    reader = TagReader(module, presence, outbox, parts.sequence, parts.clock, status, parts.say)
    reader.source = TagSource(outbox)
    return reader


def make_module(config: "Settings", pins, clock: "Clock") -> "Reader":
    if pins.UHF_UART is None:
        raise SettingsError("board: %s has no UART left for a reader module" % config.board)
    number, tx, rx = pins.UHF_UART
    # Pulled up, the line of a module that is not there is silent.
    uart = UART(number, BAUD, tx=Pin(tx), rx=Pin(rx, Pin.IN, Pin.PULL_UP), rxbuf=BUFFER, timeout=0)
    module, region, power_dbm = config.reader["module"], config.reader["region"], config.reader["power_dbm"]
    if module in ("m6e", "m7e"):
        from drivers.thingmagic import ThingMagic

        return ThingMagic(uart, clock, region, power_dbm)
    from drivers.magicrf import MagicRf

    return MagicRf(uart, clock, module, region, power_dbm)


def make_presence(reader: dict) -> Presence:
    return Presence(
        reader["enter_reads"],
        reader["enter_s"],
        reader["enter_dbm"],
        reader["leave_s"],
        reader["leave_dbm"],
        reader["heartbeat_s"],
    )
