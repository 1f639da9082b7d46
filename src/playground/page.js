/* The page: what is asked for (state), the module that computes it, and the drawing of it. */
const $ = id => document.getElementById(id);
const COLORS = ["#d62728", "#1f5fd0", "#e08a00", "#12875a", "#8e44ad", "#8c564b", "#d1359b", "#4d5b6a", "#0aa0b5", "#7a8a00"];
const FIRST = {
  seed: 123, steps: 300, noise: 0, function: { name: "rosenbrock", settings: {} }, start: null, domain: null,
  optimizers: [
    { name: "sgd", settings: { lr: "0.001" }, scheduler: "" },
    { name: "momentum", settings: { lr: "0.001" }, scheduler: "" },
    { name: "rmsprop", settings: { lr: "0.01" }, scheduler: "" },
    { name: "adam", settings: { lr: "0.05" }, scheduler: "" },
  ],
};

/* ---- the module: the program's own C ---- */

let wasm = null;
const bytes = () => new Uint8Array(wasm.memory.buffer);
const text_at = p => { const b = bytes(); let e = p; while (b[e]) e++; return new TextDecoder().decode(b.slice(p, e)); };
const doubles_at = (p, n) => new Float64Array(wasm.memory.buffer, p, n).slice();

/* The number of the first n digits as printf rounds them: JavaScript rounds exact ties up, C to even. */
function rounded(digits, n) {
  const kept = BigInt(digits.slice(0, n) || "0"), rest = digits.slice(n), half = "5" + "0".repeat(rest.length - 1);
  return rest > half || (rest === half && kept % 2n === 1n) ? kept + 1n : kept;
}

/* The first n digits of |v|, and the power of ten of the first. */
function exact_digits(v, n) {
  const [head, exponent] = v.toExponential(100).split("e"), power = Number(exponent);
  const s = rounded(head.replace(".", ""), n).toString().padStart(n, "0");
  return s.length > n ? [s.slice(0, n), power + 1] : [s, power];
}

function write_g(v, precision) {
  if (Number.isNaN(v)) return "nan";
  const sign = v < 0 || Object.is(v, -0) ? "-" : "", a = Math.abs(v);
  if (a === Infinity) return sign + "inf";
  if (a === 0) return sign + "0";
  const n = precision || 1, [s, power] = exact_digits(a, n), trim = t => t.includes(".") ? t.replace(/\.?0*$/, "") : t;
  if (power < -4 || power >= n)
    return sign + trim(s[0] + "." + s.slice(1)) + "e" + (power < 0 ? "-" : "+") + String(Math.abs(power)).padStart(2, "0");
  if (power < 0) return sign + trim("0." + "0".repeat(-power - 1) + s);
  return sign + trim(s.slice(0, power + 1) + "." + s.slice(power + 1));
}

/* |v| below 1e21: more is not asked for. */
function write_f(v, precision) {
  const [whole, part] = Math.abs(v).toFixed(100).split(".");
  const s = rounded(whole + part, whole.length + precision).toString().padStart(precision + 1, "0"), point = s.length - precision;
  return (v < 0 || Object.is(v, -0) ? "-" : "") + s.slice(0, point) + (precision > 0 ? "." + s.slice(point) : "");
}

const page = {
  read_number: (p, n) => Number(new TextDecoder().decode(bytes().slice(p, p + n))),
  write_number: (v, what, precision, to) => {
    const s = new TextEncoder().encode(what === 102 ? write_f(v, precision) : write_g(v, precision));
    bytes().set(s, to);
    return s.length;
  },
  say: (p, n) => console.error(new TextDecoder().decode(bytes().slice(p, p + n))),
};

async function load_module(base64) {
  const packed = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const code = await new Response(stream).arrayBuffer();
  wasm = (await WebAssembly.instantiate(code, { page })).instance.exports;
  wasm.input(0);
  return JSON.parse(text_at(wasm.catalogue()));
}

/* What is wrong with the spec, or null; its results are then in the module. */
function run(spec) {
  const s = new TextEncoder().encode(spec), to = wasm.input(s.length);
  bytes().set(s, to);
  const wrong = wasm.run();
  return wrong ? text_at(wrong) : null;
}

/* ---- the state as a spec ---- */

const mapping = (name, settings) =>
  "{name: " + name + Object.entries(settings).filter(([, v]) => v !== "").map(([k, v]) => ", " + k + ": " + v).join("") + "}";

function entry_of(o) {
  const body = mapping(o.name, o.settings);
  return o.scheduler ? body.slice(0, -1) + ", scheduler: " + o.scheduler + "}" : body;
}

function trace_keys(s) {
  const keys = [["function", mapping(s.function.name, s.function.settings)]];
  if (s.start) keys.push(["start", "[" + s.start.join(", ") + "]"]);
  if (s.domain) keys.push(["domain", "[" + s.domain.join(", ") + "]"]);
  keys.push(["steps", String(s.steps)], ["noise", String(s.noise)]);
  return keys;
}

const flow_of = s => "{seed: " + s.seed + ", trace: {" + trace_keys(s).map(k => k.join(": ")).join(", ") +
  ", optimizers: [" + s.optimizers.map(entry_of).join(", ") + "]}}";

const yaml_of = s => "seed: " + s.seed + "\ntrace:\n" + trace_keys(s).map(k => "  " + k.join(": ") + "\n").join("") +
  "  optimizers:\n" + s.optimizers.map(o => "    - " + entry_of(o) + "\n").join("");

/* ---- results ---- */

let state = null, catalogue = null, results = null, at = 0, playing = true;

let field = null, field_of = "";

function collect(columns, rows) {
  const ret = { paths: [], columns, rows, domain: Array.from(doubles_at(wasm.domain(), 4)), start: Array.from(doubles_at(wasm.start(), 2)) };
  for (let i = 0; i < wasm.paths(); i++) {
    const n = wasm.length(i);
    ret.paths.push({ label: text_at(wasm.label(i)), diverged: !!wasm.diverged(i), every: 1,
      x: doubles_at(wasm.x(i), n), y: doubles_at(wasm.y(i), n), value: doubles_at(wasm.value(i), n) });
  }
  const key = JSON.stringify([state.function, ret.domain, columns]);
  if (key !== field_of) field = doubles_at(wasm.field(columns, rows), columns * rows);
  field_of = key;
  ret.field = field;
  return ret;
}

let background = null, background_of = null;

/* Bands of equal area, so that every function shows its shape, and a line between two. */
function draw_field() {
  if (results.field === background_of) return;
  background_of = results.field;
  const { field, columns, rows } = results, bands = 16, dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const sorted = Float64Array.from(field.filter(Number.isFinite)).sort(), limit = [];
  for (let k = 1; k < bands; k++) limit.push(sorted[Math.floor(sorted.length * k / bands)]);
  const band = v => { let k = 0; while (k < limit.length && v > limit[k]) k++; return Number.isFinite(v) ? k : bands; };
  const which = Array.from(field, band), image = new ImageData(columns, rows);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      const p = j * columns + i, edge = which[p] !== which[p + (i + 1 < columns ? 1 : 0)] || which[p] !== which[p + (j + 1 < rows ? columns : 0)];
      const t = which[p] / bands, light = dark ? 20 + 50 * t : 255 - 95 * (1 - t), shift = edge ? (dark ? 40 : -45) : 0;
      image.data.set([light * 0.86 + shift, light * 0.94 + shift, light + shift, 255], 4 * p);
    }
  background = document.createElement("canvas");
  background.width = columns;
  background.height = rows;
  background.getContext("2d").putImageData(image, 0, 0);
}

function fit(canvas) {
  const scale = window.devicePixelRatio || 1, w = Math.round(canvas.clientWidth * scale), h = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  return [canvas.getContext("2d"), w, h, scale];
}

const last_step = () => Math.max(1, ...results.paths.map(p => (p.x.length - 1) * p.every));
const points_by = (p, step) => Math.min(p.x.length, Math.floor(step / p.every) + 1);

/* Lines from point `from` to point `n - 1`; of very many, as many as an eye can tell. */
function polyline(g, from, n, x, y) {
  const stride = Math.max(1, Math.floor((n - from) / 2000));
  if (n - from < 1 || n < 2) return;
  g.beginPath();
  for (let i = Math.max(0, from - 1); i < n; i += stride) g.lineTo(x(i), y(i));
  g.lineTo(x(n - 1), y(n - 1));
  g.stroke();
}

/* How far the canvases are drawn: only what is new is added to them, until `painted` is forgotten. */
let painted = -1, scales = null;

function begin_plane() {
  const [g, w, h, scale] = fit($("plane")), [x0, x1, y0, y1] = results.domain;
  scales.x = x => (x - x0) / (x1 - x0) * w;
  scales.y = y => (y1 - y) / (y1 - y0) * h;
  scales.plane = [g, scale];
  g.drawImage(background, 0, 0, w, h);
  g.strokeStyle = "#000";
  g.lineWidth = scale;
  for (const m of results.minima || []) {
    const x = scales.x(m[0]), y = scales.y(m[1]);
    g.beginPath();
    g.moveTo(x - 6 * scale, y); g.lineTo(x + 6 * scale, y);
    g.moveTo(x, y - 6 * scale); g.lineTo(x, y + 6 * scale);
    g.stroke();
  }
  $("heads").replaceChildren(...results.paths.map((p, k) => Object.assign(document.createElement("i"), { style: "background:" + COLORS[k % COLORS.length] })));
}

/* The values, by their logarithm where all are positive. */
function begin_curve() {
  const [g, w, h, scale] = fit($("curve")), style = getComputedStyle(document.body);
  let low = Infinity, high = -Infinity;
  for (const p of results.paths) for (const v of p.value) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  high = Math.min(high, 10 * Math.max(...results.paths.map(p => Math.abs(p.value[0] || 0)))) || high; /* what diverges hides nothing */
  const log = low > 0, to = v => log ? Math.log10(Math.max(Math.min(v, high), high * 1e-12)) : Math.min(v, high), bottom = to(low), top = to(high) > bottom ? to(high) : bottom + 1;
  scales.step = step => step / last_step() * w;
  scales.value = v => h - 3 - (to(v) - bottom) / (top - bottom) * (h - 6);
  scales.curve = [g, scale];
  g.fillStyle = style.backgroundColor;
  g.fillRect(0, 0, w, h);
  g.fillStyle = style.color;
  g.font = 11 * scale + "px system-ui, sans-serif";
  g.fillText((log ? "value (log), " : "value, ") + high.toPrecision(3), 4 * scale, 13 * scale);
  g.fillText(low.toPrecision(3), 4 * scale, h - 5 * scale);
}

function begin_drawing() {
  scales = {};
  draw_field();
  begin_plane();
  begin_curve();
  for (const [g] of [scales.plane, scales.curve]) g.lineCap = g.lineJoin = "round";
  painted = -1;
}

function add_lines() {
  const [plane, scale] = scales.plane, [curve] = scales.curve;
  plane.lineWidth = 2 * scale;
  curve.lineWidth = 1.5 * scale;
  results.paths.forEach((p, k) => {
    const from = painted < 0 ? 0 : points_by(p, painted), n = points_by(p, at);
    plane.strokeStyle = curve.strokeStyle = COLORS[k % COLORS.length];
    polyline(plane, from, n, i => scales.x(p.x[i]), i => scales.y(p.y[i]));
    polyline(curve, from, n, i => scales.step(i * p.every), i => scales.value(p.value[i]));
  });
  painted = at;
}

/* Where each path has come to. */
function move_heads() {
  const [, scale] = scales.plane;
  results.paths.forEach((p, k) => {
    const n = points_by(p, at), head = $("heads").children[k];
    head.hidden = n < 1;
    if (n > 0) head.style.transform = "translate(" + scales.x(p.x[n - 1]) / scale + "px," + scales.y(p.y[n - 1]) / scale + "px)";
  });
}

function show_ends() {
  const cell = (row, s, tag) => row.appendChild(Object.assign(document.createElement(tag || "td"), { textContent: s }));
  const table = $("ends"), head = document.createElement("tr");
  ["optimizer", "x", "y", "value"].forEach(s => cell(head, s, "th"));
  table.replaceChildren(head);
  results.paths.forEach((p, k) => {
    const row = document.createElement("tr"), i = p.x.length - 1, name = cell(row, p.label);
    name.prepend(Object.assign(document.createElement("span"), { className: "swatch", style: "background:" + COLORS[k % COLORS.length] }));
    if (i < 0) cell(row, "not finite at the start").colSpan = 3;
    else [p.x[i], p.y[i], p.value[i]].forEach(v => cell(row, v.toPrecision(4)));
    if (p.diverged && i >= 0) name.append(" (diverged at step " + p.x.length * p.every + ")");
    table.append(row);
  });
}

/* again: what was drawn is of other paths, or of another size. */
function draw(again) {
  if (!results) return;
  if (again || !scales || at < painted) begin_drawing();
  add_lines();
  move_heads();
  $("time").max = last_step();
  $("time").value = at;
  $("step").textContent = "step " + Math.floor(at) + " of " + last_step();
}

function frame() {
  if (playing && results && at < last_step()) {
    at = Math.min(last_step(), at + Math.max(0.2, last_step() / 360));
    draw();
  }
  requestAnimationFrame(frame);
}

/* ---- what is asked for ---- */

/* The address says what is shown, so that it can be passed on. */
let remembering = 0;
function remember() {
  try { history.replaceState(null, "", "#" + encodeURIComponent(JSON.stringify(state))); } catch (e) { /* a frame without a history */ }
}

function compute(again) {
  const wrong = run(flow_of(state));
  $("wrong").textContent = wrong || "";
  if (wrong) return;
  const width = Math.min(480, Math.max(160, $("plane").clientWidth || 320));
  results = collect(Math.round(width), Math.round(width * 3 / 4));
  results.minima = kind_of("functions", state.function.name).minima;
  if (again) at = 0;
  at = Math.min(at, last_step());
  show_ends();
  draw(true);
  clearTimeout(remembering);
  remembering = setTimeout(remember, 300);
}

const kind_of = (plural, name) => catalogue[plural].find(k => k.name === name);

function row(parent, name, wide, ...inputs) {
  const label = document.createElement("label");
  label.className = wide ? "wide" : "";
  label.append(Object.assign(document.createElement("span"), { textContent: name }), ...inputs);
  parent.append(label);
}

const input = (type, value, set, more) => {
  const e = Object.assign(document.createElement("input"), { type }, more || {}, { value });
  e.addEventListener("input", () => set(e.value, e));
  return e;
};

function select(options, value, set) {
  const e = document.createElement("select");
  for (const [v, s] of options) e.append(new Option(s, v, false, v === value));
  e.addEventListener("change", () => set(e.value));
  return e;
}

/* A slider and the number beside it, each following the other. */
function slider(parent, name, value, to, from, range, set) {
  const number = input("text", String(value), v => { line.value = to(Number(v)); set(v); }, { inputMode: "decimal" });
  const line = input("range", "0", v => { number.value = from(Number(v)); set(number.value); }, range);
  line.value = to(Number(value));
  line.setAttribute("aria-label", name);
  row(parent, name, false, line, number);
}

const short = v => String(Number(v.toPrecision(3)));

function show_whole() {
  const box = $("whole"), names = catalogue.functions.map(f => [f.name, f.title]), kind = kind_of("functions", state.function.name);
  box.replaceChildren(Object.assign(document.createElement("legend"), { textContent: "Function" }));
  row(box, "function", true, select(names, state.function.name, name => {
    state.function = { name, settings: name === "expression" ? { f: "\"x ** 2 + 3 * y ** 2 + sin(3 * x)\"" } : {} };
    state.start = state.domain = null;
    show_whole();
    compute(true);
  }));
  if (state.function.name === "expression") {
    const bare = s => { try { return JSON.parse(s); } catch (e) { return s; } };
    row(box, "f(x, y) =", true, input("text", bare(state.function.settings.f), v => {
      state.function.settings.f = JSON.stringify(v.replaceAll("^", "**"));
      compute(true);
    }));
  } else {
    box.append(Object.assign(document.createElement("pre"), { textContent: kind.equation }));
    for (const k of kind.keys) row(box, k.name, true, input("text", state.function.settings[k.name] || k.fallback, v => { state.function.settings[k.name] = v; compute(true); }, { title: k.help }));
  }
  slider(box, "steps", state.steps, v => Math.log10(v), v => String(Math.round(10 ** v)), { min: 0, max: 4, step: 0.01 }, v => { state.steps = v; compute(false); });
  slider(box, "noise", state.noise, v => Math.sqrt(v), v => short(v * v), { min: 0, max: 5, step: 0.05 }, v => { state.noise = v; compute(false); });
  box.append(Object.assign(document.createElement("small"), { textContent: "A click into the picture sets the start." }));
}

function show_optimizer(o, k) {
  const box = document.createElement("fieldset"), legend = document.createElement("legend"), kind = kind_of("optimizers", o.name);
  legend.append(Object.assign(document.createElement("span"), { className: "swatch", style: "background:" + COLORS[k % COLORS.length] }), o.name + " ");
  const away = Object.assign(document.createElement("button"), { type: "button", textContent: "remove" });
  away.addEventListener("click", () => { if (state.optimizers.length > 1) { state.optimizers.splice(k, 1); show_optimizers(); compute(false); } });
  legend.append(away);
  legend.title = kind.title + "\n" + kind.equation;
  box.append(legend);
  for (const key of kind.keys) {
    const value = o.settings[key.name] === undefined ? key.fallback : o.settings[key.name], set = v => { o.settings[key.name] = v; compute(false); };
    if (key.role === 1)
      slider(box, key.name, value, v => Math.log10(v), v => short(10 ** v), { min: -5, max: 1, step: 0.02 }, set);
    else if (key.role === 2) {
      const pair = value.startsWith("[") ? value.slice(1, -1).split(",").map(s => s.trim()) : null;
      slider(box, pair ? "beta1" : key.name, pair ? pair[0] : value, v => -Math.log10(1 - v), v => short(1 - 10 ** -v), { min: 0, max: 3, step: 0.01 },
        v => set(pair ? "[" + [v, ...pair.slice(1)].join(", ") + "]" : v));
    }
  }
  const schedules = [["", "none"], ...catalogue.schedulers.filter(s => s.keys.every(key => !key.needed) && s.name !== "reduce_on_plateau" && s.name !== "constant").map(s => ["{name: " + s.name + "}", s.title])];
  if (o.scheduler && !schedules.some(s => s[0] === o.scheduler)) schedules.push([o.scheduler, o.scheduler]);
  row(box, "schedule", true, select(schedules, o.scheduler, v => { o.scheduler = v; show_optimizers(); compute(false); }));
  const details = document.createElement("details");
  details.append(Object.assign(document.createElement("summary"), { textContent: "more settings" }));
  details.append(Object.assign(document.createElement("pre"), { textContent: kind.equation }));
  for (const key of kind.keys)
    if (key.role !== 1 && key.role !== 2)
      row(details, key.name, true, input("text", o.settings[key.name] === undefined ? key.fallback : o.settings[key.name], v => { o.settings[key.name] = v; compute(false); }, { title: key.help }));
  row(details, "scheduler", true, input("text", o.scheduler, v => { o.scheduler = v; compute(false); }, { title: "as in a spec: {name: step, every: 100, gamma: 0.5}" }));
  box.append(details);
  return box;
}

const show_optimizers = () => $("optimizers").replaceChildren(...state.optimizers.map(show_optimizer));

function save(name, text) {
  const a = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([text])), download: name });
  a.click();
  URL.revokeObjectURL(a.href);
}

function set_start(event) {
  const box = $("plane").getBoundingClientRect(), [x0, x1, y0, y1] = results.domain;
  const x = x0 + (x1 - x0) * (event.clientX - box.left) / box.width, y = y1 - (y1 - y0) * (event.clientY - box.top) / box.height;
  state.start = [short(x), short(y)];
  compute(true);
}

function show_controls() {
  const pick = $("more");
  for (const o of catalogue.optimizers) if (o.keys.every(k => !k.needed)) pick.append(new Option(o.name, o.name));
  $("add").addEventListener("click", () => { state.optimizers.push({ name: pick.value, settings: {}, scheduler: "" }); show_optimizers(); compute(false); });
  $("points").addEventListener("click", () => save("trace.csv", text_at(wasm.points())));
  $("spec").addEventListener("click", () => save("trace.yaml", yaml_of(state)));
  $("plane").addEventListener("click", set_start);
  show_whole();
  show_optimizers();
}

/* What the address says, where it says all of it. */
function asked_for() {
  try {
    const s = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    const known = (plural, k) => kind_of(plural, k.name) && typeof k.settings === "object";
    return known("functions", s.function) && s.optimizers.length > 0 && s.optimizers.every(o => known("optimizers", o)) && !run(flow_of(s)) ? s : null;
  } catch (e) { return null; }
}

async function begin() {
  $("play").addEventListener("click", () => { if (at >= last_step()) { at = 0; playing = true; } else playing = !playing; $("play").textContent = playing ? "Pause" : "Play"; });
  $("time").addEventListener("input", () => { at = Number($("time").value); playing = false; $("play").textContent = "Play"; draw(); });
  addEventListener("resize", () => draw(true));
  if (TRACE) $("title").textContent = document.title = TRACE.title;
  if (MODULE) {
    catalogue = await load_module(MODULE);
    state = asked_for() || (TRACE ? TRACE.state : structuredClone(FIRST));
    show_controls();
    compute(true);
  } else {
    results = TRACE.recorded;
    $("controls").replaceChildren(Object.assign(document.createElement("p"), { textContent: "Recorded paths: this page was written by a program that was built without its WebAssembly, and so has no sliders." }));
    $("plane").style.cursor = "auto";
    show_ends();
    draw(true);
  }
  requestAnimationFrame(frame);
  document.body.dataset.ready = "yes";
}
begin();
