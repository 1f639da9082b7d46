/* Appended to a page: the points of every spec that the test has put into SPECS, in the document. */
(async () => {
  while (!document.body.dataset.ready) await new Promise(next => setTimeout(next, 20));
  const out = [];
  for (const [name, spec] of SPECS) {
    const wrong = run(spec);
    out.push("== " + name, wrong ? "wrong: " + wrong : text_at(wasm.points()).trimEnd());
  }
  const shown = document.createElement("pre");
  shown.id = "points";
  shown.textContent = "\n" + out.join("\n") + "\n== end\n";
  document.body.append(shown);
  shown.dataset.width = document.documentElement.scrollWidth;
})();
