# SPDX-License-Identifier: Apache-2.0
"""One waking of a weigh bin on a battery: it weighs, reports when there is a reason, and says how long to sleep."""

from device.sleeper import JOINS_WITHIN_S, REPORTS_WITHIN_S, Sleeper
from drivers.doze import Doze
from machine import Pin, lightsleep
from wire import const

from apps.parts import OWN, SLEEPER

_TYPING = const(0)
if _TYPING:
    from device.sleeping_weigh_bin import SleepingWeighBin
    from drivers.clock import Clock
    from drivers.watchdog import Watchdog

    from apps.parts import Parts


def wake(parts: "Parts", weigh_bin: "SleepingWeighBin", clock: "Clock", watchdog: "Watchdog") -> int:
    """Milliseconds of deep sleep, which must follow at once; 0: the fleet wants it awake from here on."""
    weigh_bin.wake(parts.kept[OWN:])
    weigh_bin.look_often()
    began_ms = clock.ticks_ms()
    sleeper = Sleeper(weigh_bin, clock, weigh_bin.report_s, parts.kept[SLEEPER])
    rests = clock if parts.is_radio_on() else make_doze(parts)
    while sleeper.weighs():
        go_round(weigh_bin, rests, watchdog)
    if sleeper.looked():
        parts.say("restless: a cell moves, or a wire comes and goes, wake after wake; until it is calm, reports wait")
    if sleeper.reports():
        acks = weigh_bin.acks
        if sleeper.asks_for_address():
            parts.forget_network()
        if report(parts, sleeper, weigh_bin, clock, watchdog):
            sleeper.reported()
            weigh_bin.faults_are_told()
        else:
            sleeper.failed(weigh_bin.acks > acks)
    if not weigh_bin.sleep_s:
        return 0
    parts.fall_asleep(sleeper.state(), weigh_bin.fall_asleep())
    awake_ms = (clock.ticks_ms() - began_ms) & 0x3FFFFFFF
    return max(1000, weigh_bin.sleep_s * 1000 - awake_ms)


def report(
    parts: "Parts", sleeper: Sleeper, weigh_bin: "SleepingWeighBin", clock: "Clock", watchdog: "Watchdog"
) -> bool:
    """Whether the fleet took all there was in time. The cells are weighed on meanwhile."""
    network = parts.turn_on()
    since_s = clock.uptime_s()
    while not network.connected():
        if clock.uptime_s() - since_s >= JOINS_WITHIN_S:
            return False
        go_round(weigh_bin, clock, watchdog)
    link = parts.join(weigh_bin, is_doubted=sleeper.failures > 0)
    if weigh_bin.has_new_fault():
        weigh_bin.changed(True)
    since_s = clock.uptime_s()
    while clock.uptime_s() - since_s < REPORTS_WITHIN_S:
        go_round(weigh_bin, clock, watchdog)
        if weigh_bin.is_done():
            return True
        if link.has_failed() and not weigh_bin.is_moving():
            return False
    return False


def go_round(weigh_bin: "SleepingWeighBin", rests: "Clock | Doze", watchdog: "Watchdog") -> None:
    weigh_bin.poll()
    watchdog.feed()
    rests.sleep_ms(weigh_bin.sample_ms)


def make_doze(parts: "Parts") -> Doze:
    """Light sleep in which the converters stay on."""
    pins = [Pin(parts.pins.SCALES[channel][1]) for channel, _ in parts.config.channels]
    return Doze(lightsleep, parts.clock, pins)
