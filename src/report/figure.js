// Figures of a report that answer: values under the pointer, curves that can be switched off, axes that
// can be logarithmic. What is drawn stands in the page as JSON; without this script the page shows the
// same figures as pictures.
(() => {
'use strict';
const NS = 'http://www.w3.org/2000/svg', COLOURS = 7;
const DASHES = ['', '20 6', '27 5 5 5', '10 4', '41 7', '27 5 4 5 4 5', '5 4'];

const make = (parent, tag, attributes, text) => {
  const e = document.createElementNS(NS, tag);
  for (const k in attributes) e.setAttribute(k, attributes[k]);
  if (text !== undefined) e.textContent = text;
  parent.append(e);
  return e;
};
const html = (parent, tag, name, text) => {
  const e = document.createElement(tag);
  if (name) e.className = name;
  if (text !== undefined) e.textContent = text;
  parent.append(e);
  return e;
};

// ---- numbers ----

const number = (v, percent) => {
  if (v === null || !isFinite(v)) return '–';
  if (percent) return (100 * v).toFixed(2) + ' %';
  const size = Math.abs(v);
  return (size !== 0 && (size < 1e-4 || size >= 1e6) ? v.toExponential(3) : String(+v.toPrecision(6)))
    .replace('-', '−');
};
const label = (v, step, percent) => {
  if (percent) return (100 * v).toFixed(Math.max(0, Math.ceil(-Math.log10(100 * step) - 1e-9))) + '%';
  const size = Math.abs(v);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return v.toExponential(0).replace('e+', 'e');
  return v.toFixed(Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
};

// Steps of 1, 2 or 5 times a power of ten; on a logarithmic axis of a decade or more powers of ten, where
// they are few with 2 and 5 times each.
const ticks = (scale, wanted, percent) => {
  const out = [];
  const decades = Math.log10(scale.hi) - Math.log10(scale.lo);
  if (scale.log && decades >= 1) {
    const stride = Math.max(1, Math.ceil(decades / wanted));
    const parts = 3 * decades <= 1.2 * wanted ? [1, 2, 5] : [1];
    for (let k = Math.floor(Math.log10(scale.lo)); k <= Math.log10(scale.hi) + 1e-9; k++)
      for (const m of parts) {
        const v = m * 10 ** k;
        if (k % stride === 0 && v >= scale.lo * (1 - 1e-9) && v <= scale.hi * (1 + 1e-9))
          out.push({v, text: label(v, 10 ** k, percent)});
      }
    return out;
  }
  const raw = (scale.hi - scale.lo) / wanted, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw * (1 - 1e-9));
  for (let i = Math.ceil(scale.lo / step - 1e-9); i * step <= scale.hi + 1e-9 * step; i++)
    out.push({v: i * step, text: label(i * step, step, percent)});
  return out;
};

// ---- scales ----

const drawable = (v, log) => v !== null && isFinite(v) && (!log || v > 0);

const scaleOf = (values, log, range, percent) => {
  let lo = Infinity, hi = -Infinity;
  for (const v of values) if (drawable(v, log)) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  if (range && (!log || range[0] > 0)) [lo, hi] = range;
  if (!(lo <= hi)) [lo, hi] = log ? [1, 10] : [0, 1];
  if (log) {
    if (hi / lo < 1 + 1e-9) { lo /= 1.25; hi *= 1.25; }
    const room = range ? 0 : 0.04 * (Math.log(hi) - Math.log(lo));
    return {lo: lo * Math.exp(-room), hi: hi * Math.exp(room), log};
  }
  if (hi - lo < 1e-9 * Math.max(Math.abs(lo), Math.abs(hi), 1e-300)) { lo -= 0.1 * (Math.abs(lo) || 1); hi += 0.1 * (Math.abs(hi) || 1); }
  if (!range) {
    const room = 0.04 * (hi - lo), low = lo;
    lo -= room; hi += room;
    if (low >= 0 && low < 0.1 * hi) lo = 0;
    if (percent && hi > 1 && hi < 1.1) hi = 1;
  }
  return {lo, hi, log};
};
const place = (s, v, from, to) =>
  from + (to - from) * (s.log ? (Math.log(v) - Math.log(s.lo)) / (Math.log(s.hi) - Math.log(s.lo))
                              : (v - s.lo) / (s.hi - s.lo));

// ---- a panel ----

let panels = 0;
const CHARACTER = 8; // pixels of a digit, about

function draw(p) {
  const width = Math.max(240, p.box.clientWidth), height = Math.round(Math.min(420, Math.max(220, 0.62 * width)));
  const shown = p.data.curves.filter(c => !p.off.has(c.key));
  const ys = shown.filter(c => !c.edge).flatMap(c => [c.y, c.low || [], c.high || []].flat());
  p.x = scaleOf(shown.flatMap(c => c.x), p.logX, p.data.xRange);
  p.y = scaleOf(ys, p.logY, null, p.data.percent);
  const across = ticks(p.x, Math.max(2, width / 90)), up = ticks(p.y, Math.max(2, height / 50), p.data.percent);
  const left = 30 + CHARACTER * Math.max(...up.map(t => t.text.length), 1);
  const r = p.plot = {left, right: width - 14, top: 10, bottom: height - 42};
  const svg = p.svg;
  svg.replaceChildren();
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('height', height);
  for (const t of across) {
    if (p.data.whole && t.v % 1) continue;
    const x = place(p.x, t.v, r.left, r.right);
    make(svg, 'path', {class: 'grid', d: `M${x} ${r.top}V${r.bottom}`});
    make(svg, 'text', {x, y: r.bottom + 16, 'text-anchor': 'middle'}, t.text);
  }
  for (const t of up) {
    const y = place(p.y, t.v, r.bottom, r.top);
    make(svg, 'path', {class: 'grid', d: `M${r.left} ${y}H${r.right}`});
    make(svg, 'text', {x: r.left - 6, y: y + 4, 'text-anchor': 'end'}, t.text);
  }
  make(svg, 'path', {class: 'frame', d: `M${r.left} ${r.top}V${r.bottom}H${r.right}`});
  make(svg, 'text', {x: (r.left + r.right) / 2, y: height - 8, 'text-anchor': 'middle'}, p.data.xLabel);
  make(svg, 'text', {transform: `translate(12 ${(r.top + r.bottom) / 2}) rotate(-90)`, 'text-anchor': 'middle'}, p.data.yLabel);
  const notes = []; // labels of marks, each below those that stand in its way
  for (const m of p.data.marks) {
    const slack = 1e-6 * (p.x.hi - p.x.lo);
    if (m.x < p.x.lo - slack || m.x > p.x.hi + slack) continue;
    const x = place(p.x, m.x, r.left, r.right);
    make(svg, 'path', {class: 'mark', d: `M${x} ${r.top}V${r.bottom}`});
    const length = CHARACTER * m.label.length;
    const from = notes.reduce((from, n) => Math.abs(n.x - x) < 14 && n.end > from ? n.end : from, r.top + 2);
    if (from + length > r.bottom && from > r.top + 2) continue;
    notes.push({x, end: from + length});
    make(svg, 'text', {class: 'note', transform: `translate(${x - 4} ${from}) rotate(-90)`, 'text-anchor': 'end'}, m.label);
  }
  const clip = make(make(svg, 'clipPath', {id: p.id}), 'rect',
                    {x: r.left - 1, y: r.top - 1, width: r.right - r.left + 2, height: r.bottom - r.top + 2});
  const group = make(svg, 'g', {'clip-path': `url(#${p.id})`});
  for (const c of shown) if (c.low) make(group, 'path', {class: `band s${c.style % COLOURS}`, d: band(p, c)});
  for (const faint of [true, false])
    for (const c of shown) if (c.faint === faint) curve(p, group, c);
  p.cursor = make(svg, 'path', {class: 'cursor'});
  p.dots = make(svg, 'g', {});
}

function points(p, c, v) {
  const r = p.plot, out = [];
  let gap = true;
  for (let i = 0; i < c.x.length; i++) {
    if (!drawable(c.x[i], p.x.log) || !(c.edge || drawable(v[i], p.y.log))) { gap = true; continue; }
    const away = 10 * (Math.abs(c.edge) - 1); // several curves' marks on an edge stand beside one another
    out.push({x: place(p.x, c.x[i], r.left, r.right), gap,
              y: c.edge > 0 ? r.top + away : c.edge < 0 ? r.bottom - away : place(p.y, v[i], r.bottom, r.top)});
    gap = false;
  }
  return out;
}

function band(p, c) {
  const up = points(p, c, c.high), down = points(p, c, c.low).reverse();
  return up.length && down.length ? 'M' + [...up, ...down].map(q => `${q.x.toFixed(1)} ${q.y.toFixed(1)}`).join('L') + 'Z' : '';
}

function curve(p, group, c) {
  const q = points(p, c, c.y), name = `s${c.style % COLOURS}`;
  let d = '';
  q.forEach((a, i) => {
    if (c.steps && !a.gap) d += `H${a.x.toFixed(1)}`;
    d += `${a.gap ? 'M' : 'L'}${a.x.toFixed(1)} ${a.y.toFixed(1)}`;
  });
  if (!c.points)
    make(group, 'path', {class: `curve ${name}${c.faint ? ' faint' : ''}`, d,
                         'stroke-dasharray': c.faint || (c.steps && !c.dashed) ? '' : DASHES[c.style % DASHES.length]});
  if (c.cross) {
    for (const a of q) make(group, 'path', {class: `cross ${name}`, d: `M${a.x - 5} ${a.y - 5}l10 10m-10 0l10 -10`});
    return;
  }
  if (c.points || (!c.faint && !c.steps && q.length <= 30))
    for (const a of q) make(group, 'circle', {class: `dot ${name}${c.open ? ' open' : ''}`, cx: a.x, cy: a.y, r: c.points ? 4 : 3});
}

// ---- the pointer ----

const nearest = (p, c, x) => {
  let best = -1, least = Infinity;
  for (let i = 0; i < c.x.length; i++) {
    if (!drawable(c.x[i], p.x.log) || c.y[i] === null) continue;
    const away = Math.abs(place(p.x, c.x[i], p.plot.left, p.plot.right) - x);
    if (away < least) { least = away; best = i; }
  }
  return {i: best, away: least};
};

function read(p, x) {
  const r = p.plot, named = p.data.curves.filter(c => c.label && !p.off.has(c.key));
  const hits = named.map(c => ({c, ...nearest(p, c, x)})).filter(h => h.i >= 0);
  if (!hits.length) return;
  const first = hits.reduce((a, b) => b.away < a.away ? b : a), at = first.c.x[first.i];
  const px = place(p.x, at, r.left, r.right);
  p.cursor.setAttribute('d', `M${px} ${r.top}V${r.bottom}`);
  p.dots.replaceChildren();
  p.read.replaceChildren();
  html(p.read, 'b', '', `${p.data.xLabel} ${number(at)}`);
  for (const h of hits) {
    const here = nearest(p, h.c, px);
    if (here.away > 12) continue; // it has no point there
    const v = h.c.y[here.i];
    if (drawable(v, p.y.log))
      make(p.dots, 'circle', {class: `dot s${h.c.style % COLOURS}`, cx: px, cy: place(p.y, v, r.bottom, r.top), r: 5});
    const line = html(p.read, 'span', `value s${h.c.style % COLOURS}`, `${h.c.label} `);
    html(line, 'b', '', number(v, p.data.percent));
  }
  p.at = px;
}

function leave(p) {
  p.cursor.setAttribute('d', '');
  p.dots.replaceChildren();
  p.read.replaceChildren();
  p.at = undefined;
}

// ---- controls ----

function toggle(parent, text, pressed, change) {
  const b = html(parent, 'button', '', text);
  b.type = 'button';
  b.setAttribute('aria-pressed', pressed);
  b.addEventListener('click', () => {
    const now = b.getAttribute('aria-pressed') !== 'true';
    b.setAttribute('aria-pressed', now);
    change(now);
  });
  return b;
}

function panel(parent, data) {
  const box = html(parent, 'div', 'panel');
  if (data.title) html(box, 'p', 'title', data.title);
  const p = {data, box, off: new Set(), logX: data.xLog, logY: data.yLog, id: `live-${panels++}`};
  const bar = html(box, 'div', 'legend');
  const seen = new Set();
  data.curves.forEach(c => { c.key = c.style + (c.label || ''); });
  for (const c of data.curves) {
    if (!c.label || !c.x.length || seen.has(c.key)) continue;
    seen.add(c.key);
    toggle(bar, c.label, true, on => {
      for (const o of data.curves) // what has no name of its own goes with the curve of its colour
        if (o.key === c.key || (!o.label && o.style === c.style)) on ? p.off.delete(o.key) : p.off.add(o.key);
      draw(p);
    }).classList.add(`s${c.style % COLOURS}`);
  }
  p.svg = make(box, 'svg', {role: 'img', tabindex: 0, 'aria-label': `${data.yLabel} against ${data.xLabel}; arrow keys read values`});
  p.read = html(box, 'output', 'read');
  const axes = html(box, 'div', 'axes');
  toggle(axes, 'log x', p.logX, on => { p.logX = on; draw(p); });
  toggle(axes, 'log y', p.logY, on => { p.logY = on; draw(p); });
  p.svg.addEventListener('pointermove', e => {
    const r = p.svg.getBoundingClientRect();
    read(p, (e.clientX - r.left) * p.svg.viewBox.baseVal.width / r.width);
  });
  p.svg.addEventListener('pointerleave', () => leave(p));
  p.svg.addEventListener('keydown', e => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[e.key];
    if (!step) return;
    e.preventDefault();
    read(p, p.at === undefined ? p.plot.left : p.at + step * Math.max(2, (p.plot.right - p.plot.left) / 100));
  });
  const fit = () => {
    if (!box.clientWidth || box.clientWidth === p.width) return;
    p.width = box.clientWidth;
    draw(p);
  };
  new ResizeObserver(() => setTimeout(fit)).observe(box); // afterwards: drawing changes the height
}

for (const source of document.querySelectorAll('script.plot')) {
  const figure = source.closest('figure'), live = document.createElement('div');
  live.className = 'live';
  source.before(live);
  for (const data of JSON.parse(source.textContent)) panel(live, data);
  figure.classList.add('on');
}
})();
