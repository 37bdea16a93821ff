# SPDX-License-Identifier: Apache-2.0
"""The virtual board where it lives: on MicroPython, beside the real firmware."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from tools.simulate.fleet_process import free_port

TOP = Path(__file__).resolve().parents[2]
BOARD = TOP / "tools" / "simulate" / "board"
MICROPYTHON = Path(sys.executable).with_name("micropython")
PORTABLE = [f"tests/simulate/test_{name}.py" for name in ("hx711_chip", "load_cell", "ds18b20", "chip_thermometer")]


def run(*arguments: str, cwd: Path = TOP, **env: str) -> str:
    return subprocess.run(
        [MICROPYTHON, *arguments],
        cwd=cwd,
        env={**os.environ, "MICROPYPATH": f"{BOARD}:{TOP / 'firmware'}:.frozen", **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.strip()


def test_the_portable_tests_pass_on_micropython() -> None:
    assert run("tests/run_micropython.py", *PORTABLE).endswith(" passed, 0 failed")


def test_time_runs_as_fast_as_asked_and_its_ticks_wrap_as_on_an_esp32() -> None:
    program = (
        "import time, utime; a, b = time.ticks_ms(), utime.ticks_us();"
        "time.sleep_ms(2000); c, d = time.ticks_ms(), utime.ticks_us();"
        "print(time.ticks_diff(c, a) - (d - b) // 50, time.ticks_diff(5, 2**30 - 5), time.ticks_add(2**30 - 1, 1),"
        "time.slept_us())"
    )
    ahead_ms, over_the_wrap, zero, slept_us = map(int, run("-c", program, KANBIN_SPEED="20").split())
    assert abs(ahead_ms) < 50
    assert (over_the_wrap, zero, slept_us) == (10, 0, 2_000_000)


def test_timer_and_rtc_memory_outlive_a_reset_and_not_the_power(tmp_path: Path) -> None:
    begin = "import machine, time; rtc = machine.RTC(); print(rtc.memory(), time.time())\n"
    reset = begin + "rtc.memory(b'kept'); time.sleep(100); machine.rtc.keep()"
    env = {"KANBIN_SPEED": "1000", "KANBIN_WORLD": str(tmp_path)}

    assert run("-c", reset, **env).startswith("b'' ")
    memory, now_s = run("-c", begin, **env).split()
    assert (memory, int(now_s) >= 100) == ("b'kept'", True)
    memory, now_s = run("-c", begin, **env).split()
    assert (memory, int(now_s) < 100) == ("b''", True)


def test_the_pins_of_the_board_lead_to_a_scale(tmp_path: Path) -> None:
    (tmp_path / "deliveries").mkdir()
    script = {"pieces": 100, "piece_g": 5.0, "bin_g": 200, "pick_every_s": 1e9}
    wired = {"channel": 1, "cell": {"capacity_g": 5000, "zero_counts": 84_000}, "script": script}
    (tmp_path / "world.json").write_text(json.dumps({"board": "esp32_wroom", "channels": [wired]}))
    program = (
        "import time; from boards.esp32_wroom import SCALES; from drivers.clock import Clock;"
        "from apps.cell_parts import make_scale; chip = make_scale('spi', SCALES[1], 128, Clock(time))\n"
        "raw = None\n"
        "while raw is None:\n    raw = chip.read_raw(); time.sleep_ms(20)\n"
        "print(raw)"
    )
    raw = int(run("-c", program, KANBIN_SPEED="50", KANBIN_WORLD=str(tmp_path)))
    assert abs(raw - (84_000 + 700 * 429.4)) < 0.02 * 700 * 429.4
    assert json.loads((tmp_path / "state.json").read_text())["1"]["pieces"] == 100


def test_a_board_without_a_pin_for_a_thermometer_says_what_to_set_instead() -> None:
    program = (
        "from apps.cell_parts import make_thermometer\n"
        "class Pins: THERMOMETER = None\n"
        "print(make_thermometer('none', Pins, 'b', None))\n"
        "try: make_thermometer('ds18b20', Pins, 'b', None)\n"
        "except ValueError as error: print(error)\n"
    )
    said = "thermometer: board b has no pin for a ds18b20; must be chip or none"
    assert run("-c", program) == f"None\n{said}"


def test_datagrams_that_wait_together_stay_apart() -> None:
    """An acknowledgement and the separate response often lie in the socket together."""
    program = (
        "import socket; from drivers.udp import Udp\n"
        "class Network:\n    def connected(self): return True\n"
        "peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "here = socket.getaddrinfo('127.0.0.1', PORT)[0][-1]\n"
        "peer.bind(here)\n"
        "udp = Udp(Network(), '127.0.0.1', PORT)\n"
        "assert udp.ready() and udp.receive() is None\n"
        "udp.send(b'hello'); hello, back = peer.recvfrom(99)\n"
        "peer.sendto(b'one', back); peer.sendto(b'two', back)\n"
        "print(hello, udp.receive(), udp.receive(), udp.receive())\n"
    )
    port = free_port(socket.SOCK_DGRAM)
    assert run("-c", program.replace("PORT", str(port))) == "b'hello' b'one' b'two' None"


def wired(folder: Path) -> dict[str, str]:
    """The environment of a board with one cell at rest."""
    (folder / "deliveries").mkdir()
    script = {"pieces": 100, "piece_g": 5.0, "bin_g": 200, "pick_every_s": 1e9}
    channel = {"channel": 0, "cell": {"capacity_g": 5000, "zero_counts": 84_000}, "script": script}
    (folder / "world.json").write_text(json.dumps({"board": "esp32_wroom", "channels": [channel]}))
    return {"KANBIN_SPEED": "10", "KANBIN_WORLD": str(folder)}


DOZING = (
    "import time, machine; from boards.esp32_wroom import SCALES; from drivers.clock import Clock\n"
    "from drivers.doze import Doze; from apps.cell_parts import make_scale\n"
    "clock = Clock(time); scale = make_scale('spi', SCALES[0], 128, clock)\n"
    "doze = Doze(machine.lightsleep, clock, HELD)\n"
    "raws = []\n"
    "for _ in range(40):\n"
    "    doze.sleep_ms(100)\n"
    "    try: raws.append(scale.read_raw())\n"
    "    except OSError: scale.restart()\n"
    "print(sum(raw is not None for raw in raws), clock.uptime_s() >= 4)"
)


def test_a_cell_is_weighed_in_light_sleep_while_its_clock_pin_is_held(tmp_path: Path) -> None:
    weighed, went_on = run("-c", DOZING.replace("HELD", "[machine.Pin(SCALES[0][1])]"), **wired(tmp_path)).split()
    assert int(weighed) >= 20
    assert went_on == "True"


def test_a_clock_pin_that_floats_in_light_sleep_switches_the_converter_off(tmp_path: Path) -> None:
    assert run("-c", DOZING.replace("HELD", "[]"), **wired(tmp_path)) == "0 True"


def test_light_sleep_cuts_the_radio_off() -> None:
    program = (
        "import machine, network, time; wlan = network.WLAN(); wlan.active(True); wlan.connect('x'); time.sleep(1)\n"
        "joined = wlan.isconnected(); machine.lightsleep(50); time.sleep(1); print(joined, wlan.isconnected())"
    )
    assert run("-c", program, KANBIN_SPEED="50") == "True False"


WAKING = """
import machine, time
machine.lightsleep = lambda duration_ms: (slept.append(duration_ms), time.sleep_ms(duration_ms))
from apps.parts import SLEEPER
from apps.sleeping_bin import wake
from boards import esp32_wroom
from device.sleeper import Sleeper
from drivers.clock import Clock
class Parts:
    pins, clock, kept = esp32_wroom, Clock(time), [b""] * 7
    class config: channels = ((0, 100),)
    def is_radio_on(self): return is_on
    def fall_asleep(self, sleeper, own): pass
class Bin:
    rounds, sample_ms, sleep_s, report_s = 0, 100, 600, 3600
    def poll(self): self.rounds += 1
    def has_weighed(self): return self.rounds == 20
    def __getattr__(self, name): return lambda *_: False
class Watchdog:
    def feed(self): pass
Parts.kept[SLEEPER] = Sleeper(Bin(), Parts.clock, 3600).state()
for is_on in (False, True):
    slept = []
    wake(Parts(), Bin(), Parts.clock, Watchdog())
    print(slept)
"""


def test_a_waking_bin_is_in_light_sleep_between_looks_unless_its_radio_is_on() -> None:
    assert run("-c", WAKING, KANBIN_SPEED="50").splitlines() == [str([100] * 20), "[]"]


def test_a_pin_that_a_reset_in_light_sleep_left_held_clocks_again(tmp_path: Path) -> None:
    held = "from machine import Pin; from boards.esp32_wroom import SCALES; Pin(SCALES[0][1], hold=True)\n"
    awake = DOZING.replace("HELD", "[]").replace("doze.sleep_ms", "clock.sleep_ms")
    weighed, _ = run("-c", held + awake, **wired(tmp_path)).split()
    assert int(weighed) >= 20
