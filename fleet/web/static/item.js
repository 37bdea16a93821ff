// SPDX-License-Identifier: Apache-2.0
// The charts of one item: on hand as steps with min, max and safety stock, and use a day as columns.

import {answered, lost} from './connection.js';
import {Plot, colour, drawWords, grouped} from './plot.js';

const DAY_S = 86400;
const TOLD_FOR_S = 2 * DAY_S;    // it is told of once a day at least: what is older is not carried on
const COLUMNS = ['qty_on_hand', 'reorder_point', 'order_up_to', 'safety_stock'];

const main = document.getElementById('live');
const poll_ms = 1000 * Number(main.dataset.pollS);
const day = (time_s) => new Date(time_s * 1000).toISOString().slice(0, 10);
const seconds = (at) => Date.parse(at) / 1000;
const last = (values) => values.findLast((value) => value !== null);

class StockChart extends Plot {
  draw({begin, end, stock}) {
    if (!stock.length) {
      this.say('No stock in this time');
      return;
    }
    const rows = stock.map((point) => [seconds(point.at), ...COLUMNS.map((name) => point[name])]);
    const newest = rows.at(-1);
    if (seconds(end) - newest[0] < TOLD_FOR_S) rows.push([seconds(end), ...newest.slice(1)]);
    const data = [0, 1, 2, 3, 4].map((column) => rows.map((row) => row[column]));
    this.show(data, seconds(begin), seconds(end));
  }

  options() {
    const stepped = uPlot.paths.stepped({align: 1});
    const line = (name, width, dash, points = {show: false}) =>
      ({paths: stepped, stroke: () => colour(name), width, dash, points});
    return {
      padding: [8, 42, 0, 0],
      scales: {x: {range: () => this.window}, y: {range: (_plot, _low, high) => [0, 1.08 * Math.max(high ?? 0, 1)]}},
      series: [
        {},
        line('--accent', 2, [], {show: (plot) => plot.data[0].length < 3, size: 5}),    // just begun: no line to see yet
        line('--quiet', 1, []),
        line('--quiet', 1, [4, 3]),
        line('--bad', 1, [1, 3]),
      ],
      hooks: {
        draw: [(plot) => this.nameLines(plot)],
        setCursor: [(plot) => this.tell(plot.cursor.idx)],
      },
    };
  }

  nameLines(plot) {
    const named = ['min', 'max', 'safety'].map((word, at) => [word, last(plot.data[at + 2])]);
    drawWords(plot, named.filter(([, level]) => level !== undefined));
  }

  tell(index) {
    const [times, pieces] = this.plot?.data ?? [];
    const known = index != null && times?.[index] !== undefined && pieces[index] !== null;
    this.readout.textContent = known ? `${day(times[index])}  ${grouped(pieces[index])}` : '';
  }
}

class UseChart extends Plot {
  draw({begin, end, daily}) {
    const used = new Map(daily.map((flow) => [seconds(flow.at), flow.used]));
    const times = [];
    for (let at = seconds(begin); at <= seconds(end); at += DAY_S) times.push(at);
    this.show([times, times.map((at) => used.get(at) ?? 0)], times[0] - DAY_S / 2, times.at(-1) + DAY_S / 2);
  }

  options() {
    const paths = uPlot.paths.bars({size: [0.72, 24]});
    return {
      padding: [8, 42, 0, 0],
      scales: {
        x: {range: () => this.window},
        y: {range: (_plot, low, high) => [Math.min(low ?? 0, 0), 1.08 * Math.max(high ?? 0, 1)]},
      },
      series: [{}, {paths, fill: () => colour('--accent'), width: 0, points: {show: false}}],
      hooks: {setCursor: [(plot) => this.tell(plot.cursor.idx)]},
    };
  }

  tell(index) {
    const [times, used] = this.plot?.data ?? [];
    const known = index != null && times?.[index] !== undefined;
    this.readout.textContent = known ? `${day(times[index])}  ${grouped(used[index])}` : '';
  }
}

const charts = [['stock-chart', StockChart], ['used-chart', UseChart]]
  .map(([id, Chart]) => [document.getElementById(id), Chart])
  .filter(([element]) => element)
  .map(([element, Chart]) => new Chart(element));

async function tick() {
  try {
    const response = await fetch(main.dataset.series, {signal: AbortSignal.timeout(poll_ms)});
    if (response.ok) {
      const series = await response.json();
      for (const chart of charts) chart.draw(series);
    } else {
      for (const chart of charts.filter(({plot}) => !plot)) chart.say('Cannot be read just now');
    }
    answered();
  } catch {
    lost();
  }
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const chart of charts) chart.redraw();
});

if (charts.length) {
  tick();
  setInterval(tick, poll_ms);
} else {
  answered();
}
