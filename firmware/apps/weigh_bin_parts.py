# SPDX-License-Identifier: Apache-2.0
"""The parts of a weigh bin, made for the board that the settings name, and joined."""

from wire import const

from apps.parts import Parts  # isort: skip - has the largest module, and now the heap is empty
from device.forget import forget
from device.outbox import Outbox
from device.reading_source import ReadingSource
from device.weigh_bin import WeighBin

from apps.plans import follow_plans

_TYPING = const(0)
if _TYPING:
    from device.status import Status


def make_weigh_bin(parts: Parts, status: "Status") -> WeighBin:
    """A bin that weighs and keeps, until it is joined."""
    from apps.cell_parts import make_channel, make_thermometer

    config = parts.config
    outbox = Outbox(parts.flash)
    forget("device.look", "device.reserve")
    channels = tuple(
        make_channel(config, parts.pins, channel, change_counts, parts.clock)
        for channel, change_counts in config.channels
    )
    thermometer = make_thermometer(config.thermometer, parts.pins, config.board, parts.clock)
    del make_channel, make_thermometer
    forget("apps.cell_parts")
    weigh_bin = WeighBin(
        channels, outbox, parts.sequence, parts.clock, status, parts.say, thermometer, config.sample_ms
    )
    weigh_bin.source = ReadingSource(outbox)
    weigh_bin.sleep_s, weigh_bin.report_s = config.sleep_s, config.report_s
    follow_plans(weigh_bin, parts.flash)
    return weigh_bin
