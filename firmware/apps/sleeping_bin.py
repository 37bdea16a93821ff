# SPDX-License-Identifier: Apache-2.0
"""One waking of a weigh bin on a battery: it weighs, reports when there is a reason, and says how long to sleep."""

from device.sleeper import REPORTS_WITHIN_S, Sleeper
from drivers.watchdog import Watchdog

from apps.parts import OWN, SLEEPER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from device.link import Link
    from device.weigh_bin import WeighBin
    from drivers.clock import Clock

    from apps.parts import Parts


def wake(parts: "Parts", weigh_bin: "WeighBin", clock: "Clock") -> int:
    """Milliseconds of deep sleep, which must follow at once; 0: the fleet wants it awake from here on."""
    watchdog = Watchdog()
    weigh_bin.wake(parts.kept[OWN:])
    weigh_bin.look_often()
    began_ms = clock.ticks_ms()
    sleeper = Sleeper(weigh_bin, clock, weigh_bin.report_s, parts.kept[SLEEPER])
    while sleeper.weighs():
        weigh_bin.poll()
        watchdog.feed()
        clock.sleep_ms(weigh_bin.sample_ms)
    if sleeper.reports():
        if sleeper.asks_for_address():
            parts.forget_network()
        if report(parts.join(weigh_bin), weigh_bin, clock, watchdog):
            sleeper.reported()
        else:
            sleeper.failed()
    if not weigh_bin.sleep_s:
        return 0
    parts.fall_asleep(sleeper.state(), weigh_bin.fall_asleep())
    awake_ms = (clock.ticks_ms() - began_ms) & 0x3FFFFFFF
    return max(1000, weigh_bin.sleep_s * 1000 - awake_ms)


def report(link: "Link", weigh_bin: "WeighBin", clock: "Clock", watchdog: Watchdog) -> bool:
    """Whether the fleet took all there was in time. The cells are weighed on meanwhile."""
    since_s = clock.uptime_s()
    while clock.uptime_s() - since_s < REPORTS_WITHIN_S:
        weigh_bin.poll()
        watchdog.feed()
        if link.is_done():
            return True
        if link.has_failed() and not weigh_bin.is_moving():
            return False
        clock.sleep_ms(weigh_bin.sample_ms)
    return False
