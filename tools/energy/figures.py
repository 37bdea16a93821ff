# SPDX-License-Identifier: Apache-2.0
"""Currents and charges, each with where it comes from. None was measured on a Kanbin bin.

`published` is a measurement by others, `estimate` was computed from such ones and data sheets, `unverified` is what
somebody has to measure. The measurements of glenn20 (github.com/glenn20/upy-esp32-experiments, Power Profiler Kit 2)
are of an ESP32 with MicroPython; for the other chips they stand in, unverified.
"""

from dataclasses import replace

from tools.energy.budget import Figure, Figures, Span

PUBLISHED = "published"
ESTIMATE = "estimate"
UNVERIFIED = "unverified"
GIVEN = "given"

MEASURED_CHIP = "esp32_wroom"

# Deep sleep with timer and RTC memory: data sheets of the chips, "Current Consumption in Low-Power Modes".
CHIP_SLEEP_UA = {"esp32_wroom": Span(10, 10), "esp32_s3": Span(7, 8), "esp32_c3": Span(5, 5)}
REST_SLEEP_UA = Span(10, 40)  # regulator, flash on standby, divider of two times 1 MOhm, leakage

# A board as it is sold sleeps with its regulator, USB bridge and power LED on.
AS_SOLD = {
    "esp32_wroom": Figure(
        Span(3_800, 11_400), PUBLISHED, "DevKitC V4: 3.8 mA (lucidar.me); a copy of it: 11.4 mA (kohacraft.com)"
    ),
    "esp32_s3": Figure(Span(500, 5_000), UNVERIFIED, "a guess: power LED, addressable LED, USB bridge"),
    "esp32_c3": Figure(Span(300, 2_000), UNVERIFIED, "a guess: power LED, regulator"),
}

BOOT = Figure(
    Span(14, 27), ESTIMATE, "fast boot 3.3 mC (glenn20), then 350 ms to main.py at 30 to 68 mA (ESP32 data sheet)"
)

# Until a bin weighs, at 30 to 68 mA: to load the program in a wake without a report (python -m tests.bench.wake counts
# it on x86-64), and some 3 million instructions, an estimate, to make the bin. An instruction there is 1 to 3 cycles of
# 160 MHz here; a read of flash, of 70 bytes and mostly to find a file, 20 to 50 us.
LOADED = Figure(Span(9, 52), ESTIMATE, "10 million instructions, and 11,000 reads of flash to find and load the files")
FROZEN = Figure(Span(1.4, 8.5), ESTIMATE, "6 million instructions, and 300 reads of flash")

# HX711 1.5 mA and a bridge of 350 Ohm at 3.3 V 9.4 mA (both data sheets), the ESP32 in light sleep 0.8 mA (data sheet):
# 12 mA for as long as the firmware takes on the virtual board, and of each 100 ms 3 awake at 30 to 68 mA.
WEIGHING = Figure(
    Span(21, 28),
    ESTIMATE,
    "HX711, bridge of 350 Ohm, light sleep: 12 mA for 1.6 to 2 s, 3 ms of each 100 awake (data sheets)",
)

CACHED_REPORT = Figure(Span(100, 109), PUBLISHED, "Wi-Fi with a static address, 0.73 s; with MQTT 0.77 s (glenn20)")
DHCP_REPORT = Figure(Span(204, 341), PUBLISHED, "Wi-Fi with DHCP, 1.6 s; with HTTP POST 2.9 s (glenn20)")


def figures_of(board: str, *, frozen: bool, dhcp: bool, as_sold: bool, sleep_ua: float | None = None) -> Figures:
    """The figures of one board, built and programmed in a certain way; `sleep_ua` is what somebody has measured."""
    if sleep_ua is not None:
        sleep = Figure(Span(sleep_ua, sleep_ua), GIVEN, "--sleep-current")
    elif as_sold:
        sleep = AS_SOLD[board]
    else:
        chip = CHIP_SLEEP_UA[board]
        said = f"chip {chip.high:g} uA (data sheet), regulator, flash and divider {REST_SLEEP_UA.low:g} to "
        sleep = Figure(chip + REST_SLEEP_UA, ESTIMATE, f"{said}{REST_SLEEP_UA.high:g} uA")
    return Figures(
        boot=_on(board, BOOT),
        program=_on(board, FROZEN if frozen else LOADED),
        weighing=_on(board, WEIGHING),
        report=_on(board, DHCP_REPORT if dhcp else CACHED_REPORT),
        sleep=sleep,
    )


def _on(board: str, figure: Figure) -> Figure:
    if board == MEASURED_CHIP:
        return figure
    return replace(figure, basis=UNVERIFIED, source=f"that of an ESP32: {figure.source}")
