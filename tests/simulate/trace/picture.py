# SPDX-License-Identifier: Apache-2.0
"""Makes the picture of docs/traces.md: a day of a bin as it reports it, and the truth below.

python -m tests.simulate.trace.picture [file]      (docs/pictures/trace.svg unless told otherwise)
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.simulate.trace import Activity, Trace, make_trace
from tools.simulate.trace.trace import LEAN, LIFT, PICK, REFILL, Floats

FILE = Path(__file__).resolve().parents[3] / "docs" / "pictures" / "trace.svg"
CLASS, SEED, DAYS, DAY = "typical-5g", 49, 30, 22  # a day with everything in it
FROM_H, TO_H = 6.0, 18.0
WORDS = {REFILL: "refill", LIFT: "bin lifted", LEAN: "somebody leans"}
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 600" font-family="system-ui,sans-serif" role="img" '
    'aria-labelledby="t">\n<title id="t">A simulated bin: a day as it reports it, what is in it, and one pick</title>'
)
COLOURS = (
    ("", "#17212b", "#51606e", "#5b7083", "#1f4e8c", "#b3541e"),
    ("@media(prefers-color-scheme:dark)", "#eef3f7", "#a9b7c4", "#8ba0b3", "#7db4f0", "#f0a070"),
)


@dataclass(frozen=True)
class Panel:
    """A plot from (x0, y0) to (x1, y1) of what is between `low` and `high`."""

    x: tuple[float, float]
    y: tuple[float, float]
    of: tuple[float, float]
    low_high: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a value is on the paper; what is outside lies on the edge."""
        low, high = self.low_high
        along = (x - self.of[0]) / (self.of[1] - self.of[0])
        up = (min(max(y, low), high) - low) / (high - low)
        return self.x[0] + along * (self.x[1] - self.x[0]), self.y[1] - up * (self.y[1] - self.y[0])

    def line(self, xs: Floats, ys: Floats, kind: str) -> str:
        """The values, joined."""
        points = " ".join(f"{px:.1f},{py:.1f}" for px, py in map(self.at, xs.tolist(), ys.tolist()))
        return f'<polyline class="{kind}" points="{points}"/>'

    def dots(self, xs: Floats, ys: Floats) -> str:
        """The values, each for itself."""
        places = map(self.at, xs.tolist(), ys.tolist())
        return "".join(f'<circle class="d" cx="{px:.1f}" cy="{py:.1f}" r="2"/>' for px, py in places)

    def frame(self, title: str, marks: list[tuple[float, str]], ticks: list[tuple[float, str]]) -> str:
        """Axes with marks on the left and ticks below."""
        (x0, x1), (y0, y1) = self.x, self.y
        parts = [f'<path class="a" d="M{x0} {y0}V{y1}H{x1}"/><text class="t" x="{x0}" y="{y0 - 10}">{title}</text>']
        for value, word in marks:
            py = self.at(self.of[0], value)[1]
            parts.append(f'<path class="g" d="M{x0} {py:.1f}H{x1}"/>')
            parts.append(f'<text class="s" x="{x0 - 6}" y="{py + 4:.1f}" text-anchor="end">{word}</text>')
        for value, word in ticks:
            px = self.at(value, self.low_high[0])[0]
            parts.append(f'<text class="s" x="{px:.1f}" y="{y1 + 16}" text-anchor="middle">{word}</text>')
        return "".join(parts)


def draw() -> str:
    """The picture as SVG."""
    trace = make_trace(CLASS, SEED, DAYS)
    hour = trace.t_s / 3600 - 24 * DAY
    is_shown = (hour >= FROM_H) & (hour <= TO_H)
    grams = (trace.raw - trace.config["tare_raw"]) / trace.config["counts_per_g"]
    today = [each for each in trace.activities if FROM_H <= each.start_s / 3600 - 24 * DAY <= TO_H]
    return "\n".join(
        [
            HEAD,
            f"<style>{_style()}</style>",
            *_day(hour[is_shown], grams[is_shown], today),
            _truth(trace),
            _pick(trace.t_s, grams, next(each for each in today if each.kind == PICK and each.delta <= -4)),
            "</svg>\n",
        ]
    )


def _style() -> str:
    return "".join(
        f"{media}{'{' if media else ''}"
        f".t{{fill:{ink};font-size:14px;font-weight:600}}.s{{fill:{soft};font-size:12px}}"
        f".a{{stroke:{axis};fill:none}}.g{{stroke:{axis};stroke-opacity:.25;fill:none}}"
        f".w{{stroke:{blue};fill:none;stroke-width:1.3}}.n{{stroke:{red};fill:none;stroke-width:1.6}}.d{{fill:{blue}}}"
        f"{'}' if media else ''}"
        for media, ink, soft, axis, blue, red in COLOURS
    )


def _hours() -> list[tuple[float, str]]:
    return [(hour, f"{hour:.0f}:00") for hour in np.arange(FROM_H, TO_H + 1, 2).tolist()]


def _day(hour: Floats, grams: Floats, today: list[Activity]) -> list[str]:
    panel = Panel((60, 740), (34, 214), (FROM_H, TO_H), (-700.0, 4500.0))
    marks = [(value, f"{value:,}") for value in (0, 1000, 2000, 3000, 4000)]
    parts = [panel.frame("What the bin reports, in grams above the empty bin", marks, _hours())]
    parts.append(panel.line(hour, grams, "w"))
    for each in today:
        if each.kind in WORDS:
            at = each.start_s / 3600 - 24 * DAY
            of_it = grams[(hour > at) & (hour < each.end_s / 3600 - 24 * DAY)]
            value = {REFILL: np.median, LIFT: np.min, LEAN: np.max}[each.kind](of_it)
            px, py = panel.at(at, float(value))
            parts.append(f'<text class="s" x="{px + 8:.1f}" y="{py + 4:.1f}">{WORDS[each.kind]}</text>')
    return parts


def _truth(trace: Trace) -> str:
    panel = Panel((60, 740), (274, 364), (FROM_H, TO_H), (0.0, 600.0))
    hour = np.arange(FROM_H, TO_H, 1 / 60)
    pieces = trace.count_at((hour + 24 * DAY) * 3600).astype(float)
    return panel.frame("What is in it, in pieces", [(0, "0"), (250, "250"), (500, "500")], _hours()) + panel.line(
        hour, pieces, "n"
    )


def _pick(t_s: Floats, grams: Floats, pick: Activity) -> str:
    since = t_s - pick.start_s
    is_near = (since > -20) & (since < 40)
    near_g = grams[is_near]
    panel = Panel((60, 740), (430, 560), (-20.0, 40.0), (float(near_g.min()) - 10, float(near_g.max()) + 10))
    step = 25 * max(1, round((near_g.max() - near_g.min()) / 100))
    marks = [(value, f"{value:,}") for value in range(int(near_g.min()) // step * step + step, int(near_g.max()), step)]
    ticks = [(second, f"{second} s") for second in range(-20, 41, 10)]
    title = f"One pick of {-pick.delta} pieces: a reading a second while something moves"
    return panel.frame(title, marks, ticks) + panel.dots(since[is_near], near_g)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else FILE).write_text(draw(), encoding="utf-8")
