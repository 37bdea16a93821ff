# SPDX-License-Identifier: Apache-2.0
"""The parts of a weigh bin, made for the board that the settings name, and joined."""

from wire import const

from apps.parts import Parts  # isort: skip - has the largest module, and now the heap is empty
from device.forget import forget
from device.outbox import Outbox
from device.reading_source import ReadingSource

from apps.seldom import plan_keeper

_TYPING = const(0)
if _TYPING:
    from device.status import Status
    from device.weigh_bin import WeighBin
    from drivers.flash import Flash

_SLEEP_S = const(4)  # its place in a plan
_PLAN = const("state/plan")  # as device.plan has it, which is not loaded where there is none


def make_weigh_bin(parts: Parts, status: "Status") -> "WeighBin":
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
    plan = kept_plan(parts.flash)
    weigh_bin = choose_bin(config.sleep_s if plan is None or plan[_SLEEP_S] is None else plan[_SLEEP_S])(
        channels, outbox, parts.sequence, parts.clock, status, parts.say, thermometer, config.sample_ms
    )
    weigh_bin.source = ReadingSource(outbox)
    weigh_bin.sleep_s, weigh_bin.report_s = config.sleep_s, config.report_s
    if plan is not None:
        weigh_bin.follow(plan)
    weigh_bin.keep_news = plan_keeper(parts.flash)
    return weigh_bin


def choose_bin(sleep_s: int) -> "type[WeighBin]":
    """One on mains never loads what only a battery asks for."""
    if sleep_s:
        from device.sleeping_weigh_bin import SleepingWeighBin

        return SleepingWeighBin
    from device.weigh_bin import WeighBin

    return WeighBin


def kept_plan(flash: "Flash") -> "tuple | None":
    """The plan on flash (wire.plan says what is in it)."""
    if not flash.size(_PLAN):
        return None
    from device import plan

    kept = plan.load(flash)
    del plan
    forget("device.plan", "wire.plan", "wire.cbor_decode")
    return kept
