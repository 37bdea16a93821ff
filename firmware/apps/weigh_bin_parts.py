# SPDX-License-Identifier: Apache-2.0
"""The parts of a weigh bin, made for the board that the settings name, and joined."""

import time

import machine
import wire.oscore  # noqa: F401 - the largest module first: from source it takes most, and now the heap is empty
from device.health import Health
from device.link import Link
from device.outbox import Outbox
from device.reading_source import ReadingSource
from device.sequence import PartialIvs, ReadingSequence
from device.session import Session
from device.settings import SettingsError
from device.uptime import Uptime
from device.weigh_bin import WeighBin
from device.weigher import Weigher
from drivers.cipher import aes
from drivers.clock import Clock
from drivers.entropy import Entropy
from drivers.flash import Flash
from drivers.rtc import Rtc
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
    from drivers.hx711 import Hx711

FLEET_SENDER_ID = b""
_OF_PLANS = ("device.plan", "wire.plan", "wire.cbor_decode")


def make_weigh_bin(config: "Settings", flash: Flash, clock: Clock, status: "Status", say) -> WeighBin:
    network = Wifi(config.wifi_ssid, config.wifi_password, clock)  # first: a radio that is on makes true random numbers
    random = Entropy()
    uptime = Uptime(Rtc(machine.RTC(), time))
    sequence = ReadingSequence(flash, random, uptime.boot)
    uptime.go_on(clock, sequence.epoch, sequence.boot_count)
    say("boot device=%s boot=%d epoch=%d" % (config.device, sequence.boot_count, sequence.epoch))
    outbox = Outbox(flash)
    forget("device.look", "device.mend")
    pins = getattr(__import__("boards." + config.board), config.board)
    channels = tuple(
        make_channel(config, pins, channel, change_counts, clock) for channel, change_counts in config.channels
    )
    thermometer = make_thermometer(config.thermometer, pins, config.board, clock)
    weigh_bin = WeighBin(channels, outbox, sequence, clock, status, say, thermometer, config.sample_ms)
    follow_plan(weigh_bin, flash)
    session = make_session(config, flash, random)
    if session.context is None:
        say("no state of the keys: the fleet will be asked for new ones")
    radio = Udp(network, config.fleet_host, config.fleet_port)
    health = Health(clock, Vitals(network, flash), flash, weigh_bin.tell)
    weigh_bin.link = Link((health, ReadingSource(outbox)), radio, clock, random, session, weigh_bin)
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


def make_session(config: "Settings", flash: Flash, random: Entropy) -> Session:
    def derive(id_context):
        context = Context.derive(
            Ccm(aes), config.master_secret, config.master_salt, config.kid, FLEET_SENDER_ID, id_context
        )
        forget("wire.derive", "wire.cbor", "wire.hkdf", "wire.renewal", "device.renewing")
        return context

    return Session(PartialIvs(flash, key_fingerprint(config)), random, derive)


def key_fingerprint(config: "Settings") -> bytes:
    from device.keys import fingerprint  # needed once

    found = fingerprint(config.master_secret, config.master_salt, config.kid)
    forget("device.keys")
    return found


def make_channel(config: "Settings", pins, channel: int, change_counts: int, clock: Clock) -> tuple:
    scale = make_scale(config.hx711, pins.SCALES[channel], config.gains[channel], clock)
    return channel, scale, Weigher(change_counts, config.heartbeat_s, config.settle_s, config.sample_ms)


def make_scale(clocked: str, pins: "tuple[int, int]", gain: int, clock: Clock) -> "Hx711":
    sck = Pin(pins[1], Pin.OUT, value=0)
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
