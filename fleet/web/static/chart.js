// SPDX-License-Identifier: Apache-2.0
// The chart of one bin: pieces as steps, their bounds as a band, min and max as lines. Times are UTC, in seconds.

const POINTS_MAX = 2000;
const AXIS_FONT = '11px system-ui, sans-serif';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const grouped = (quantity) => String(quantity).replace(/\B(?=(\d{3})+$)/g, '\u202f');
const clock = (time_s) => new Date(time_s * 1000).toISOString().slice(11, 19);

export class BinChart {
  constructor(element) {
    this.element = element;
    this.bin = element.dataset.bin;
    this.knownTo = 0;            // counts up to this id have been taken
    this.points = [];            // [time_s, pieces or null, lower or null, upper or null]
    this.plot = null;
    this.readout = null;
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
      this.element.replaceChildren(note('No counts yet'));
      return;
    }
    const rows = [...this.points];
    const last = rows[rows.length - 1];
    if (this.element.dataset.fresh === 'yes' && last[0] < to_s) rows.push([to_s, ...last.slice(1)]);
    const data = [0, 1, 2, 3].map((column) => rows.map((row) => row[column]));
    this.window = [from_s, Math.max(to_s, from_s + 1)];
    if (this.plot) this.plot.setData(data, true);
    else this.create(data);
  }

  create(data) {
    this.readout = document.createElement('span');
    this.readout.className = 'readout';
    this.element.replaceChildren(this.readout);
    this.plot = new uPlot(this.options(), data, this.element);
    this.sizes = new ResizeObserver(() => this.plot.setSize(this.size()));
    this.sizes.observe(this.element);
  }

  // Colours changed, or min and max did.
  redraw() {
    this.plot?.redraw(false, true);
  }

  destroy() {
    this.sizes?.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  size() {
    return {width: this.element.clientWidth, height: this.element.clientHeight};
  }

  level(name) {
    const value = this.element.dataset[name];
    return value === undefined ? null : Number(value);
  }

  options() {
    const stepped = uPlot.paths.stepped({align: 1});
    const edge = {paths: stepped, stroke: 'transparent', width: 0, points: {show: false}};
    const axis = {stroke: () => colour('--quiet'), font: AXIS_FONT, ticks: {show: false}};
    return {
      ...this.size(),
      padding: [8, 30, 0, 0],
      tzDate: (time_s) => uPlot.tzDate(new Date(time_s * 1000), 'Etc/UTC'),
      legend: {show: false},
      cursor: {y: false, drag: {setScale: false, x: false}, points: {size: 7}},
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
      axes: [
        {...axis, size: 26, space: 64, grid: {show: false}, values: (_plot, times) => times.map(short(times))},
        {...axis, size: 46, space: 32, grid: {stroke: () => colour('--line'), width: 1},
          values: (_plot, levels) => levels.map(grouped)},
      ],
      hooks: {
        drawAxes: [(plot) => this.drawLevels(plot)],
        setCursor: [(plot) => this.tell(plot.cursor.idx)],
      },
    };
  }

  drawLevels(plot) {
    for (const [name, word, dash] of [['reorderPoint', 'min', []], ['orderUpTo', 'max', [4, 3]]]) {
      const level = this.level(name);
      if (level === null) continue;
      plot.ctx.save();
      const y = Math.round(plot.valToPos(level, 'y', true)) + 0.5;
      drawLine(plot, y, dash);
      drawWord(plot, y, word);
      plot.ctx.restore();
    }
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
  ctx.strokeStyle = colour('--quiet');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
}

// Beside the chart, where no line can strike it out.
function drawWord({ctx, bbox}, y, word) {
  ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = colour('--quiet');
  ctx.fillText(word, bbox.left + bbox.width + 5 * devicePixelRatio, y);
}

function note(words) {
  const paragraph = document.createElement('p');
  paragraph.className = 'quiet';
  paragraph.textContent = words;
  return paragraph;
}

// Hours and minutes; the day where all marks are midnights, seconds where marks are closer than a minute.
function short(times) {
  const step_s = times.length > 1 ? times[1] - times[0] : 60;
  if (step_s >= 86400) return (time_s) => new Date(time_s * 1000).toISOString().slice(5, 10);
  return (time_s) => clock(time_s).slice(0, step_s < 60 ? 8 : 5);
}
