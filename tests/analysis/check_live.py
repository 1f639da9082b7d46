"""Do the figures of a report answer? In headless Chromium, with pointer events.

    check_live.py PAGE.html
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser

# Runs in the page, after its own script; what it finds stands in <pre id=found>, as JSON.
PROBE = """
const found = [];
const settle = () => new Promise(done => setTimeout(done, 200));
(async () => {
  await settle();
  for (const panel of document.querySelectorAll('.live .panel')) {
    const svg = panel.querySelector('svg'), box = svg.getBoundingClientRect();
    const point = (type, share) => svg.dispatchEvent(new PointerEvent(type, {
      bubbles: true, pointerType: 'mouse', clientX: box.left + share * box.width, clientY: box.top + box.height / 2}));
    const read = () => [...panel.querySelectorAll('.read b')].map(b => b.textContent);
    const names = () => [...panel.querySelectorAll('.read .value')].map(v => v.firstChild.textContent.trim());
    const curves = () => panel.querySelectorAll('.curve').length;
    const ys = () => [...panel.querySelectorAll('svg > text')].map(t => t.textContent + t.getAttribute('y')).join();
    const r = {reads: [], curves: [], buttons: panel.querySelectorAll('.legend button').length,
               shown: getComputedStyle(panel.closest('figure').querySelector('.light')).display,
               wide: svg.getBoundingClientRect().right <= document.documentElement.clientWidth + 1};
    for (const share of [0.2, 0.5, 0.8]) {
      point('pointermove', share);
      r.reads.push({names: names(), values: read(), cursor: panel.querySelector('.cursor').getAttribute('d')});
    }
    point('pointerleave', 0.5);
    r.left = read();
    r.curves.push(curves());
    const button = panel.querySelector('.legend button');
    if (button) for (let i = 0; i < 2; i++) { button.click(); await settle(); r.curves.push(curves()); }
    r.linear = ys();
    const log = [...panel.querySelectorAll('.axes button')].find(b => b.textContent === 'log y');
    r.before = log.getAttribute('aria-pressed');
    log.click();
    await settle();
    r.after = log.getAttribute('aria-pressed');
    r.log = ys();
    svg.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
    r.keys = read();
    found.push(r);
  }
  const pre = document.createElement('pre');
  pre.id = 'found';
  pre.textContent = JSON.stringify(found);
  document.body.append(pre);
})();
"""


class Pre(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.inside, self.text = False, ""

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "pre" and dict(attributes).get("id") == "found"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        self.text += data if self.inside else ""


def browse(path, width):
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--user-data-dir=" + home, "--virtual-time-budget=5000", "--window-size=%d,900" % width,
             "--dump-dom", "file://" + os.path.abspath(path)],
            capture_output=True, text=True, timeout=120, env={**os.environ, "HOME": home})
    return done.stdout


def check_panel(data, r, wrong):
    named = {c["label"]: c for c in data["curves"] if "label" in c and c["x"]}
    if r["buttons"] != len({(c["label"], c["style"]) for c in named.values()}):
        wrong.append("%d buttons for %s" % (r["buttons"], sorted(named)))
    if r["shown"] != "none":
        wrong.append("the picture is shown beside the figure that answers")
    if not r["wide"]:
        wrong.append("wider than the page")
    for one in r["reads"] if named else []:
        if not one["names"] or not one["cursor"]:
            wrong.append("nothing under the pointer")
            continue
        at = float(one["values"][0].split()[-1].replace("\u2212", "-"))
        for name, shown in zip(one["names"], one["values"][1:]):
            value = float(re.sub("[ %]", "", shown).replace("\u2212", "-"))
            value = value / 100 if data["percent"] else value
            curve = named[name]
            near = min(range(len(curve["x"])),
                       key=lambda i: abs(curve["x"][i] - at) if curve["y"][i] is not None else 1e300)
            if abs(curve["y"][near] - value) > (6e-5 if data["percent"] else 1e-5 * abs(value) + 1e-12):
                wrong.append("%s at %g: %s, not %s" % (name, at, shown, curve["y"][near]))
    if r["left"]:
        wrong.append("values stay when the pointer leaves")
    if r["buttons"] and not (r["curves"][1] < r["curves"][0] == r["curves"][2]):
        wrong.append("a curve that cannot be switched: %s" % r["curves"])
    if r["before"] == r["after"] or r["linear"] == r["log"]:
        wrong.append("an axis that does not change: %s" % r["linear"])
    if named and not r["keys"]:
        wrong.append("arrow keys read nothing")


def main(path):
    with open(path, encoding="utf-8") as file:
        source = file.read()
    wrong = []
    # As it is: its policy lets its own script run, and it alone.
    if not re.search(r'<figure class="[^"]*\bon"', browse(path, 1200)):
        wrong.append("the script does not run under the page's policy")
    data = [panel for text in re.findall(r'class="plot">(.*?)</script>', source, re.S) for panel in json.loads(text)]
    probed = re.sub(r"<meta http-equiv=[^>]*>", "", source).replace("</body>", "<script>%s</script></body>" % PROBE)
    for width in (1200, 500):
        with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8", delete=False) as file:
            file.write(probed)
        pre = Pre()
        pre.feed(browse(file.name, width))
        os.unlink(file.name)
        found = json.loads(pre.text or "[]")
        if len(found) != len(data) or not data:
            wrong.append("%d panels answer of %d" % (len(found), len(data)))
        for panel, r in zip(data, found):
            check_panel(panel, r, wrong)
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
