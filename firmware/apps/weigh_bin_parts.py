# SPDX-License-Identifier: Apache-2.0
"""The parts of a weigh bin, made for the board that the settings name, and joined."""

import machine
import wire.oscore  # noqa: F401 - the largest module first: from source it takes most, and now the heap is empty
from device.health import Health
from device.link import Link
from device.outbox import Outbox
from device.reading_source import ReadingSource
from device.sequence import PartialIvs, ReadingSequence, StateLostError
from device.weigh_bin import WeighBin
from device.weigher import Weigher
from drivers.cipher import aes
from drivers.clock import Clock
from drivers.entropy import Entropy
from drivers.flash import Flash
from drivers.hx711 import Hx711
from drivers.udp import Udp
from drivers.vitals import Vitals
from drivers.wifi import Wifi
from machine import Pin
from wire.ccm import Ccm
from wire.oscore import Context

from apps.forget import forget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from device.settings import Settings
    from device.status import Status

FLEET_SENDER_ID = b""
_OF_PLANS = ("device.plan", "wire.plan", "wire.cbor_decode")


def make_weigh_bin(config: "Settings", flash: Flash, clock: Clock, status: "Status", say) -> WeighBin:
    """A bin without a link when the state of its keys is lost: the status says so."""
    network = Wifi(config.wifi_ssid, config.wifi_password, clock)  # first: a radio that is on makes true random numbers
    random = Entropy()
    sequence = ReadingSequence(flash, random)
    say("boot device=%s boot=%d epoch=%d" % (config.device, sequence.boot_count, sequence.epoch))
    outbox = Outbox(flash)
    forget("device.look", "device.reserve")
    channels = tuple(make_channel(config, channel, change_counts, clock) for channel, change_counts in config.channels)
    weigh_bin = WeighBin(channels, outbox, sequence, clock, status, say, config.sample_ms)
    follow_plan(weigh_bin, flash)
    try:
        ivs = PartialIvs(flash, key_fingerprint(config))
    except StateLostError as error:
        status.set("oscore_state_lost", str(error))
        return weigh_bin
    keys = Context.derive(Ccm(aes), config.master_secret, config.master_salt, config.kid, FLEET_SENDER_ID)
    forget("wire.derive", "wire.cbor", "wire.hkdf")
    radio = Udp(network, config.fleet_host, config.fleet_port)
    health = Health(clock, Vitals(network, flash), flash, weigh_bin.tell)
    weigh_bin.link = Link((health, ReadingSource(outbox)), radio, clock, random, keys, ivs, weigh_bin)
    weigh_bin.health = health
    return weigh_bin


def follow_plan(weigh_bin: WeighBin, flash: Flash) -> None:
    """The plan on flash now, and those to come; what reads plans is loaded for each anew, since they are rare."""

    def keep_news(payload: bytes) -> "tuple | None":
        from device import plan

        found = plan.keep(flash, payload)
        del plan
        forget(*_OF_PLANS)
        return found

    from device import plan

    kept = plan.load(flash)
    del plan
    forget(*_OF_PLANS)
    if kept is not None:
        weigh_bin.follow(kept)
    weigh_bin.keep_news = keep_news


def key_fingerprint(config: "Settings") -> bytes:
    from device.keys import fingerprint  # needed once

    found = fingerprint(config.master_secret, config.master_salt, config.kid)
    forget("device.keys")
    return found


def make_channel(config: "Settings", channel: int, change_counts: int, clock: Clock) -> tuple:
    pins = getattr(__import__("boards." + config.board), config.board)
    dout, sck = pins.SCALES[channel]
    # Pulled up, a cut wire reads as a chip that is never ready.
    scale = Hx711(Pin(dout, Pin.IN, Pin.PULL_UP), Pin(sck, Pin.OUT, value=0), clock, machine)
    return channel, scale, Weigher(change_counts, config.heartbeat_s, config.settle_s, config.sample_ms)
