// SPDX-License-Identifier: Apache-2.0
// Keeps the page alive: fetches the counts that came since, feeds the charts of the bins in sight, and says whether
// the fleet answers. The words and figures around the charts are htmx's: it morphs <main> from /parts/live.

import {BinChart} from './chart.js';
import {answered, lost} from './connection.js';

const COUNTS = '/api/v1/counts';
const FIRST_POINTS = 400;
const PAGE_POINTS = 1000;
const BINS_AT_ONCE = 50;

const main = document.getElementById('live');
const poll_ms = 1000 * Number(main.dataset.pollS);
const charts = new Map();        // element -> BinChart
const inSight = new IntersectionObserver(noteSight, {rootMargin: '200px'});

function noteSight(entries) {
  for (const {target, isIntersecting} of entries) {
    const chart = charts.get(target);
    if (chart) chart.inSight = isIntersecting;
  }
  tick();
}

// Charts follow the cards that htmx adds and removes.
function matchCards() {
  for (const [element, chart] of charts) {
    if (element.isConnected && element.dataset.bin === chart.bin) continue;
    inSight.unobserve(element);
    chart.destroy();
    charts.delete(element);
  }
  for (const element of main.querySelectorAll('.chart')) {
    if (charts.has(element)) continue;
    charts.set(element, new BinChart(element));
    inSight.observe(element);
  }
}

async function ask(path) {
  const response = await fetch(path, {signal: AbortSignal.timeout(5 * poll_ms)});
  if (response.status === 404) return {items: [], next: null};    // the bin is gone; its card goes with the next morph
  if (!response.ok) throw new Error(`${response.status} ${path}`);
  return response.json();
}

// The newest counts of each bin. Asked before them, the newest of all tells how far the log is known for all of them.
async function loadFirst(some) {
  const [newest] = (await ask(`${COUNTS}?newest=true&limit=1`)).items;
  for (const chart of some) {
    const query = new URLSearchParams({bin: chart.bin, newest: true, limit: FIRST_POINTS});
    chart.add((await ask(`${COUNTS}?${query}`)).items);
    chart.knownTo = Math.max(chart.knownTo, newest?.id ?? 0);
  }
}

// What came since, of all these bins at once.
async function follow(some) {
  const byBin = new Map(some.map((chart) => [chart.bin, chart]));
  let after = Math.min(...some.map((chart) => chart.knownTo));
  while (after !== null) {
    const query = new URLSearchParams({after, limit: PAGE_POINTS});
    for (const bin of byBin.keys()) query.append('bin', bin);
    const {items, next} = await ask(`${COUNTS}?${query}`);
    for (const [bin, chart] of byBin) {
      chart.add(items.filter((count) => count.bin === bin));
      chart.knownTo = Math.max(chart.knownTo, items.at(-1)?.id ?? 0);
    }
    after = next;
  }
}

async function fetchCounts() {
  const watched = [...charts.values()].filter((chart) => chart.inSight);
  const fresh = watched.filter((chart) => chart.knownTo === 0);
  const known = watched.filter((chart) => chart.knownTo > 0);
  if (fresh.length) await loadFirst(fresh);
  for (let at = 0; at < known.length; at += BINS_AT_ONCE) await follow(known.slice(at, at + BINS_AT_ONCE));
  if (!watched.length) await ask('/healthz');
  return watched;
}

// All charts show the same stretch of time, so that they can be compared by eye.
function drawAll(watched) {
  const now_s = Number(document.getElementById('summary').dataset.nowMs) / 1000;
  const starts = watched.filter((chart) => chart.points.length).map((chart) => chart.points[0][0]);
  const newest = watched.filter((chart) => chart.points.length).map((chart) => chart.points.at(-1)[0]);
  for (const chart of watched) chart.draw(Math.min(...starts), Math.max(now_s, ...newest));
}

let ticking = false;
let again = false;               // something came into sight meanwhile

async function tick() {
  again = ticking;
  if (ticking) return;
  ticking = true;
  try {
    matchCards();
    const watched = await fetchCounts().catch(lost);
    if (!watched) return;
    answered();
    drawAll(watched);
  } finally {
    ticking = false;
    if (again) tick();
  }
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const chart of charts.values()) chart.redraw();
});

tick();
setInterval(tick, poll_ms);
