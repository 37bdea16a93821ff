# SPDX-License-Identifier: Apache-2.0
"""The weigh bin: makes the parts for the board that kanbin.json names, joins them, and runs."""

import sys
import time

import machine
from boards import CHANNELS
from device import settings
from device.link import Link
from device.outbox import FOLDER as OUTBOX_FOLDER
from device.outbox import Outbox
from device.sequence import FOLDER as STATE_FOLDER
from device.sequence import PartialIvs, ReadingSequence, StateLostError, fingerprint
from device.status import Status
from device.weigh_bin import WeighBin
from device.weigher import Weigher
from drivers.cipher import aes
from drivers.clock import Clock
from drivers.entropy import Entropy
from drivers.flash import Flash
from drivers.hx711 import Hx711
from drivers.led import Led, NoLed
from drivers.udp import Udp
from drivers.watchdog import Watchdog
from drivers.wifi import Wifi
from machine import Pin
from wire.ccm import Ccm
from wire.oscore import Context

ROUND_MS = 100
RESTART_AFTER_ROUNDS = 600  # a minute: time to read the console, and no boot loop
FLEET_SENDER_ID = b""


def main() -> None:
    clock = Clock(time)
    flash = Flash((STATE_FOLDER, OUTBOX_FOLDER))
    status = Status(say)
    source = flash.read(settings.FILE)
    led = make_led(settings.board_of(source, CHANNELS), clock)
    try:
        config = settings.parse(source, CHANNELS)
    except settings.SettingsError as error:
        status.set("settings_error", str(error))
        while True:  # calm: a restart would mend nothing
            rest(led, status, clock, ROUND_MS)
    try:
        weigh_bin = make_weigh_bin(config, flash, clock, status)
        run(weigh_bin, led, status, clock, config.sample_ms)
    except Exception as error:
        sys.print_exception(error)
        status.set("crashed", type(error).__name__)
        for _ in range(RESTART_AFTER_ROUNDS):
            rest(led, status, clock, ROUND_MS)
        machine.reset()


def run(weigh_bin: WeighBin, led: "Led | NoLed", status: Status, clock: Clock, sample_ms: int) -> None:
    watchdog = Watchdog()
    try:
        while True:
            weigh_bin.poll()
            watchdog.feed()
            rest(led, status, clock, sample_ms)
    except KeyboardInterrupt:
        watchdog.relax()  # a technician is at the console
        raise


def make_weigh_bin(config: settings.Settings, flash: Flash, clock: Clock, status: Status) -> WeighBin:
    random = Entropy()
    sequence = ReadingSequence(flash, random)
    say("boot device=%s boot=%d epoch=%d" % (config.device, sequence.boot_count, sequence.epoch))
    outbox = Outbox(flash)
    channels = tuple(make_channel(config, channel, change_counts, clock) for channel, change_counts in config.channels)
    weigh_bin = WeighBin(channels, outbox, sequence, clock, status, say)
    try:
        ivs = PartialIvs(flash, fingerprint(config.master_secret, config.master_salt, config.kid))
    except StateLostError as error:
        status.set("oscore_state_lost", str(error))
        return weigh_bin
    keys = Context.derive(Ccm(aes), config.master_secret, config.master_salt, config.kid, FLEET_SENDER_ID)
    radio = Udp(Wifi(config.wifi_ssid, config.wifi_password, clock), config.fleet_host, config.fleet_port)
    weigh_bin.link = Link(outbox, radio, clock, random, keys, ivs, weigh_bin)
    return weigh_bin


def make_channel(config: settings.Settings, channel: int, change_counts: int, clock: Clock) -> tuple:
    dout, sck = board_module(config.board).SCALES[channel]
    # Pulled up, a cut wire reads as a chip that is never ready.
    scale = Hx711(Pin(dout, Pin.IN, Pin.PULL_UP), Pin(sck, Pin.OUT, value=0), clock, machine)
    return channel, scale, Weigher(change_counts, config.heartbeat_s, config.settle_s, config.sample_ms)


def make_led(board: "str | None", clock: Clock) -> "Led | NoLed":
    if board is None:
        return NoLed()
    module = board_module(board)
    return Led(Pin(module.LED, Pin.OUT), clock, module.LED_LIT)


def board_module(board: str):
    return getattr(__import__("boards." + board), board)


def rest(led: "Led | NoLed", status: Status, clock: Clock, duration_ms: int) -> None:
    led.show(status.blinks)
    clock.sleep_ms(duration_ms)


def say(line: str) -> None:
    print("kanbin: " + line)
