/* Appended to a page, for a test: the points of every spec of SPECS, and what comes of using the page, in the document. */
(async () => {
  while (!document.body.dataset.ready) await new Promise(next => setTimeout(next, 20));
  const out = [];
  for (const [name, spec] of SPECS) {
    const wrong = run(spec);
    out.push("== " + name, wrong ? "wrong: " + wrong : text_at(wasm.points()).trimEnd());
  }
  out.push("== used");
  const say = (good, what) => out.push((good ? "good " : "bad ") + what);
  const path = k => results.paths[k];
  const set = (element, value) => { element.value = value; element.dispatchEvent(new Event(element.tagName === "SELECT" ? "change" : "input")); };
  const sliders = name => [...document.querySelectorAll("input[type=range][aria-label='" + name + "']")];
  const click = element => element.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const whole_width = document.documentElement.scrollWidth;

  // eight optimizers, played to the end: a frame adds what is new
  playing = false;
  while (state.optimizers.length < 8) { set($("more"), "adam"); click($("add")); }
  say(results.paths.length === 8 && document.querySelectorAll("#optimizers fieldset").length === 8, "eight optimizers");
  const prototype = CanvasRenderingContext2D.prototype, line_to = prototype.lineTo, clear = prototype.drawImage;
  let lines = 0, cleared = 0, frames = 0;
  prototype.lineTo = function (x, y) { lines++; return line_to.call(this, x, y); };
  prototype.drawImage = function (...more) { cleared++; return clear.apply(this, more); };
  at = 0;
  draw(true);
  lines = cleared = 0;
  while (at < last_step()) { at = Math.min(last_step(), at + 1); draw(); frames++; }
  prototype.lineTo = line_to;
  prototype.drawImage = clear;
  say(frames >= 300 && cleared === 0 && lines <= 8 * 2 * 3 * frames, "a frame draws the new pieces alone: " + lines + " in " + frames + " frames");
  say($("heads").children.length === 8, "eight heads");
  say(whole_width <= innerWidth && document.documentElement.scrollWidth <= innerWidth, "not wider than the window, " + innerWidth);

  // sliders
  const before = path(0).x.at(-1), lr = sliders("lr")[0];
  set(lr, String(Number(lr.value) - 0.5));
  say(path(0).x.at(-1) !== before && Number(state.optimizers[0].settings.lr) < 0.001, "a slider of lr");
  set(sliders("noise")[0], "1");
  say(state.noise === "1", "a slider of noise");
  set(sliders("noise")[0], "0");
  const momentum = sliders("momentum")[0];
  set(momentum, "1");
  say(state.optimizers[0].settings.momentum === "0.9", "a slider of momentum");
  set(sliders("steps")[0], "2");
  say(path(0).x.length === 101, "a slider of steps");
  const schedule = [...document.querySelectorAll("#optimizers select")][0];
  set(schedule, "{name: halving}");
  say(state.optimizers[0].scheduler === "{name: halving}" && $("wrong").textContent === "", "a schedule");

  // a start by a click
  const box = $("plane").getBoundingClientRect(), [x0, x1, y0, y1] = results.domain;
  $("plane").dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: box.left + box.width / 4, clientY: box.top + box.height / 4 }));
  const [x, y] = results.start;
  say(Math.abs(x - (x0 + (x1 - x0) / 4)) < 0.02 * (x1 - x0) && Math.abs(y - (y1 - (y1 - y0) / 4)) < 0.02 * (y1 - y0) && path(0).x[0] === Math.fround(x), "a click sets the start");

  // a function of one's own, right and wrong
  set(document.querySelector("#whole select"), "expression");
  const own = document.querySelector("#whole input[type=text]");
  set(own, "(x - 1)^2 + 2 * (y + 1)^2");
  const first = path(0);
  say($("wrong").textContent === "" && first.value[0] === (first.x[0] - 1) ** 2 + 2 * (first.y[0] + 1) ** 2, "a function of one's own");
  set(own, "(x - 1^2 + ");
  say($("wrong").textContent.length > 10 && path(0) === first, "what is wrong with it is said, and the picture stays");
  set(own, "x^2 + y^2");
  say($("wrong").textContent === "", "and goes when it is mended");

  // numbers and texts as C and YAML have them
  for (const [v, precision, text] of [[2.5, 0, "2"], [3.5, 0, "4"], [-0.25, 0, "-0"], [0.125, 2, "0.12"], [0.375, 2, "0.38"], [9.996, 2, "10.00"],
    [0.00004, 4, "0.0000"], [123456789012345680000, 1, "123456789012345683968.0"]])
    say(write_f(v, precision) === text, "%." + precision + "f of " + v + ": " + write_f(v, precision));
  for (const [v, precision, text] of [[2.5, 1, "2"], [0.00012345, 3, "0.000123"], [99.96, 3, "100"], [1e-7, 6, "1e-07"]])
    say(write_g(v, precision) === text, "%." + precision + "g of " + v + ": " + write_g(v, precision));
  const wrong_with = f => run("{trace: {function: " + f + ", optimizers: [{name: sgd, lr: 0.1}]}}") || "";
  say(wrong_with('"a\\\\nb"').includes("a\\nb"), "an escaped backslash before an n");

  // the address
  const text = JSON.stringify(state);
  history.replaceState(null, "", "#" + encodeURIComponent(text));
  say(JSON.stringify(asked_for()) === text, "the address holds what is shown");
  for (const bad of ["1", "null", "{}", "%", "{\"function\":{\"name\":\"nix\",\"settings\":{}},\"optimizers\":[]}"]) {
    history.replaceState(null, "", "#" + encodeURIComponent(bad));
    say(asked_for() === null, "an address of no use: " + bad);
  }

  // one after another away, the last one stays
  while (document.querySelectorAll("#optimizers legend button").length > 1) click(document.querySelector("#optimizers legend button"));
  click(document.querySelector("#optimizers legend button"));
  say(results.paths.length === 1, "the last optimizer stays");

  const shown = document.createElement("pre");
  shown.id = "points";
  shown.textContent = "\n" + out.join("\n") + "\n== end\n";
  document.body.append(shown);
})();
