# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.bench.counting.picture BINS.jsonl`: how exact the counters are, drawn from what the bench wrote.

Writes docs/pictures/counting.svg: a row a class, a bar a counter, a stroke where the goal is.
"""

import json
import sys
from collections import defaultdict
from html import escape
from pathlib import Path
from statistics import fmean

from tests.bench.counting.goals import GOALS

PICTURE = Path(__file__).resolve().parents[3] / "docs" / "pictures" / "counting.svg"
COUNTERS = {"naive": "#c9ced6", "median": "#8d96a3", "ours": "#0b6e4f"}
FIGURES = {"exact": "share of time exact", "within_1pct": "share of time within 1 piece or 1 %"}
LEFT, WIDE, ROW, BAR, GAP, TOP = 130, 300, 44, 10, 40, 58


def means(lines: list[str]) -> dict[str, dict[str, dict[str, float]]]:
    """Class, counter, figure: the mean over the bins of the bench's JSON lines."""
    seen: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for line in lines:
        outcome = json.loads(line)
        for figure in FIGURES:
            if outcome["counter"] in COUNTERS and outcome["figures"].get(figure) is not None:
                seen[outcome["class"], outcome["counter"], figure].append(outcome["figures"][figure])
    table: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for (name, counter, figure), values in seen.items():
        table[name][counter][figure] = fmean(values)
    return table


def draw(table: dict[str, dict[str, dict[str, float]]]) -> str:
    """The picture."""
    height = TOP + ROW * len(table) + 10
    width = LEFT + len(FIGURES) * (WIDE + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12" role="img" aria-label="How exact three counters are, class by class">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for place, (counter, colour) in enumerate(COUNTERS.items()):
        x = LEFT + 90 * place
        parts.append(f'<rect x="{x}" y="10" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="20" fill="#333">{counter}</text>')
    parts.append(f'<text x="{LEFT + 290}" y="20" fill="#b4232a">| goal</text>')
    for column, (figure, words) in enumerate(FIGURES.items()):
        x = LEFT + column * (WIDE + GAP)
        parts.append(f'<text x="{x}" y="{TOP - 12}" fill="#333">{escape(words)}</text>')
        for row, (name, counters) in enumerate(table.items()):
            y = TOP + row * ROW
            if not column:
                parts.append(f'<text x="{LEFT - 8}" y="{y + 20}" text-anchor="end" fill="#333">{escape(name)}</text>')
            for place, (counter, colour) in enumerate(COUNTERS.items()):
                share = counters.get(counter, {}).get(figure, 0.0)
                bar_y = y + place * (BAR + 2)
                parts.append(f'<rect x="{x}" y="{bar_y}" width="{WIDE * share:.1f}" height="{BAR}" fill="{colour}"/>')
            goal = getattr(GOALS[name], figure) if name in GOALS else None
            if goal is not None:
                at = x + WIDE * goal
                parts.append(f'<path d="M{at:.1f} {y - 3}v{3 * BAR + 10}" stroke="#b4232a" stroke-width="1.5"/>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(draw(means(Path(sys.argv[1]).read_text().splitlines())))
    print(PICTURE)
