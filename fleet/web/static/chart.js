// SPDX-License-Identifier: Apache-2.0
// The chart of one bin: pieces as steps, their bounds as a band, min and max as lines. Times are UTC, in seconds.

import {Plot, clock, colour, drawWords, grouped} from './plot.js';

const POINTS_MAX = 2000;
const LEVELS = [['reorderPoint', 'min', []], ['orderUpTo', 'max', [4, 3]]];

export class BinChart extends Plot {
  constructor(element) {
    super(element);
    this.bin = element.dataset.bin;
    this.knownTo = 0;            // counts up to this id have been taken
    this.points = [];            // [time_s, pieces or null, lower or null, upper or null]
  }

  // Takes counts as the API gives them, oldest first; those seen before are passed over.
  add(counts) {
    for (const count of counts) {
      if (count.id <= this.knownTo) continue;
      this.knownTo = count.id;
      const known = count.state === 'ok' || count.state === 'uncertain';   // elsewhere the figure is a memory: a gap
      this.points.push([
        Date.parse(count.at) / 1000,
        known ? count.pieces : null,
        known ? count.lower : null,
        known ? count.upper : null,
      ]);
    }
    this.points.splice(0, this.points.length - POINTS_MAX);
    if (counts.length) this.points.sort((a, b) => a[0] - b[0]);   // a late reading may be older than those before it
  }

  // Draws what is known from `from_s` to `to_s`; a bin that still reports holds its figure to the end.
  draw(from_s, to_s) {
    if (!this.points.length) {
      this.say('No counts yet');
      return;
    }
    const rows = [...this.points];
    const last = rows[rows.length - 1];
    if (this.element.dataset.fresh === 'yes' && last[0] < to_s) rows.push([to_s, ...last.slice(1)]);
    this.show([0, 1, 2, 3].map((column) => rows.map((row) => row[column])), from_s, to_s);
  }

  level(name) {
    const value = this.element.dataset[name];
    return value === undefined ? null : Number(value);
  }

  options() {
    const stepped = uPlot.paths.stepped({align: 1});
    const edge = {paths: stepped, stroke: 'transparent', width: 0, points: {show: false}};
    return {
      scales: {
        x: {range: () => this.window},
        y: {range: (_plot, _low, high) => [0, 1.08 * Math.max(high ?? 0, this.level('orderUpTo') ?? 0, 1)]},
      },
      series: [
        {},
        {paths: stepped, stroke: () => colour('--accent'), width: 2, points: {show: false}},
        edge,
        edge,
      ],
      bands: [{series: [3, 2], fill: () => colour('--accent-soft')}],
      hooks: {
        drawAxes: [(plot) => this.drawLevels(plot)],
        setCursor: [(plot) => this.tell(plot.cursor.idx)],
      },
    };
  }

  drawLevels(plot) {
    const known = LEVELS.filter(([name]) => this.level(name) !== null);
    for (const [name, , dash] of known) drawLine(plot, Math.round(plot.valToPos(this.level(name), 'y', true)) + 0.5, dash);
    drawWords(plot, known.map(([name, word]) => [word, this.level(name)]));
  }

  tell(index) {
    const [times, pieces, lower, upper] = this.plot?.data ?? [];
    if (index == null || !times || times[index] === undefined) {
      this.readout.textContent = '';
    } else if (pieces[index] === null) {
      this.readout.textContent = `${clock(times[index])}  no count`;
    } else {
      this.readout.textContent = `${clock(times[index])}  ${grouped(pieces[index])} (${grouped(lower[index])} to ${grouped(upper[index])})`;
    }
  }
}

function drawLine({ctx, bbox}, y, dash) {
  ctx.save();
  ctx.strokeStyle = colour('--quiet');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
