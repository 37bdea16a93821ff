// SPDX-License-Identifier: Apache-2.0
// What the charts have in common: colours, axes, words. Times are UTC, in seconds.

const AXIS_FONT = '11px system-ui, sans-serif';
const WORD_PX = 12;
const WHOLE = [1, 2, 5, ...Array.from({length: 9}, (_, power) => [1, 2, 2.5, 5].map((times) => times * 10 ** (power + 1))).flat()];

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const grouped = (quantity) => String(quantity).replace(/\B(?=(\d{3})+$)/g, '\u202f');
export const clock = (time_s) => new Date(time_s * 1000).toISOString().slice(11, 19);

// A chart that fills its element, with a readout for what is pointed at. A subclass gives data, scales and series.
export class Plot {
  constructor(element) {
    this.element = element;
    this.plot = null;
    this.readout = null;
  }

  // `data` as uPlot takes it, from `from_s` to `to_s`.
  show(data, from_s, to_s) {
    this.window = [from_s, Math.max(to_s, from_s + 1)];
    if (this.plot) this.plot.setData(data, true);
    else this.create(data);
  }

  create(data) {
    this.readout = document.createElement('span');
    this.readout.className = 'readout';
    this.element.replaceChildren(this.readout);
    this.plot = new uPlot({...this.frame(), ...this.options()}, data, this.element);
    this.sizes = new ResizeObserver(() => this.plot.setSize(this.size()));
    this.sizes.observe(this.element);
  }

  // Colours changed, or levels did.
  redraw() {
    this.plot?.redraw(false, true);
  }

  destroy() {
    this.sizes?.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  // Words instead of a chart.
  say(words) {
    this.destroy();
    const paragraph = document.createElement('p');
    paragraph.className = 'quiet';
    paragraph.textContent = words;
    this.element.replaceChildren(paragraph);
  }

  size() {
    return {width: this.element.clientWidth, height: this.element.clientHeight};
  }

  frame() {
    const axis = {stroke: () => colour('--quiet'), font: AXIS_FONT, ticks: {show: false}};
    return {
      ...this.size(),
      padding: [8, 30, 0, 0],
      tzDate: (time_s) => uPlot.tzDate(new Date(time_s * 1000), 'Etc/UTC'),
      legend: {show: false},
      cursor: {y: false, drag: {setScale: false, x: false}, points: {size: 7}},
      axes: [
        {...axis, size: 26, space: 64, grid: {show: false}, values: (_plot, times) => times.map(short(times))},
        {...axis, size: 46, space: 32, incrs: WHOLE, grid: {stroke: () => colour('--line'), width: 1},
          values: (_plot, levels) => levels.map(grouped)},
      ],
    };
  }
}

// Words at heights of the y scale, beside the chart where no line can strike them out, and none over another.
export function drawWords(plot, words) {
  let free = -Infinity;
  const placed = words.map(([word, level]) => [word, plot.valToPos(level, 'y', true)]).sort((a, b) => a[1] - b[1]);
  for (const [word, y] of placed) {
    const at = Math.max(Math.round(y) + 0.5, free);
    free = at + WORD_PX * devicePixelRatio;
    drawWord(plot, at, word);
  }
}

function drawWord({ctx, bbox}, y, word) {
  ctx.save();
  ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = colour('--quiet');
  ctx.fillText(word, bbox.left + bbox.width + 5 * devicePixelRatio, y);
  ctx.restore();
}

// Hours and minutes; the day where all marks are midnights, seconds where marks are closer than a minute.
function short(times) {
  const step_s = times.length > 1 ? times[1] - times[0] : 60;
  if (step_s >= 86400) return (time_s) => new Date(time_s * 1000).toISOString().slice(5, 10);
  return (time_s) => clock(time_s).slice(0, step_s < 60 ? 8 : 5);
}
