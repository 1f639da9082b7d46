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

# Runs in the page, after its own script; what it finds, as JSON, goes to the window around it.
PROBE = """
const found = [];
// Letters that are cut, tiny or upon one another, and a page wider than its window.
const layout = () => {
  const bad = [];
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth + 1)
    bad.push('the page is wider than its window: ' + document.documentElement.scrollWidth);
  for (const svg of document.querySelectorAll('figure svg')) {
    const frame = svg.getBoundingClientRect(), boxes = [];
    if (!frame.width) continue;
    for (const t of svg.querySelectorAll('text')) {
      const b = t.getBoundingClientRect(), scale = frame.width / svg.viewBox.baseVal.width;
      if (!t.textContent || !b.width) continue;
      if (b.left < frame.left - 1 || b.right > frame.right + 1 || b.top < frame.top - 1 || b.bottom > frame.bottom + 1)
        bad.push('cut: ' + t.textContent);
      if (scale * parseFloat(getComputedStyle(t).fontSize) < 8) bad.push('smaller than 6 points: ' + t.textContent);
      for (const o of boxes)
        // a box is as high as a line, which is more than its letters
        if (Math.min(b.right, o.b.right) - Math.max(b.left, o.b.left) > 1 &&
            Math.min(b.bottom, o.b.bottom) - Math.max(b.top, o.b.top) > (svg.closest('.live') ? 1 : 5))
          bad.push('upon one another: ' + t.textContent + ' and ' + o.text);
      boxes.push({b, text: t.textContent});
    }
  }
  for (const b of document.querySelectorAll('.live button, .live output, h1, .wide')) {
    const r = b.getBoundingClientRect();
    if (r.right > document.documentElement.clientWidth + 1) bad.push('sticks out: ' + b.textContent.slice(0, 60));
  }
  return bad;
};
const settle = () => new Promise(done => setTimeout(done, 200));
(async () => {
  await settle();
  const bad = layout();
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
    r.ticks = [...panel.querySelectorAll('svg > text[text-anchor=end]:not(.note)')].length;
    bad.push(...layout());
    svg.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
    r.keys = read();
    found.push(r);
  }
  parent.postMessage(JSON.stringify({found, bad: [...new Set(bad)]}), '*');
})();
"""
# A browser's own window is 500 pixels wide at least, a frame is as wide as it is to be.
FRAME = """<!DOCTYPE html><meta charset="utf-8"><pre id=found></pre><script>
addEventListener('message', e => { document.getElementById('found').textContent = e.data; });
</script><iframe src="%s" width="%d" height="900" style="border:0"></iframe>
"""
# Without the page's own script: its pictures.
PICTURES = PROBE[:PROBE.index("const settle")] + """
setTimeout(() => parent.postMessage(JSON.stringify({found: [], bad: layout(),
  shown: [...document.querySelectorAll('figure div')].filter(d => d.getClientRects().length).map(d => d.className)}), '*'), 200);
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


def browse(path, width, *options):
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--user-data-dir=" + home, "--virtual-time-budget=20000", "--window-size=%d,900" % width,
             *options, "--dump-dom", "file://" + os.path.abspath(path)],
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
            digits = 6e-4 if "e" in shown else 1e-5  # so many are shown
            if abs(curve["y"][near] - value) > (6e-5 if data["percent"] else digits * abs(value) + 1e-12):
                wrong.append("%s at %g: %s, not %s" % (name, at, shown, curve["y"][near]))
    if r["left"]:
        wrong.append("values stay when the pointer leaves")
    if r["buttons"] and not (r["curves"][1] < r["curves"][0] == r["curves"][2]):
        wrong.append("a curve that cannot be switched: %s" % r["curves"])
    if r["before"] == r["after"] or r["linear"] == r["log"]:
        wrong.append("an axis that does not change: %s" % r["linear"])
    if named and r["ticks"] < 2:
        wrong.append("%d numbers along y" % r["ticks"])
    if named and not r["keys"]:
        wrong.append("arrow keys read nothing")


def probe(source, script, width, *options):
    with tempfile.TemporaryDirectory() as folder:
        page, frame = os.path.join(folder, "page.html"), os.path.join(folder, "frame.html")
        with open(page, "w", encoding="utf-8") as file:
            file.write(re.sub(r"<meta http-equiv=[^>]*>", "", source).replace("</body>", "<script>%s</script></body>" % script))
        with open(frame, "w", encoding="utf-8") as file:
            file.write(FRAME % ("page.html", width))
        for _ in range(3):  # a busy machine may not come to the end of it
            pre = Pre()
            pre.feed(browse(frame, width + 100, *options))
            if pre.text:
                break
    return json.loads(pre.text or '{"found": [], "bad": ["nothing was found"], "shown": []}')


def check_pictures(source, wrong):
    """What a reader without scripts sees, on light and on dark, wide and narrow."""
    own = re.sub(r"<script>.*?</script>", "", source, flags=re.S)
    for width in (1200, 400):
        for theme in (1, 0):
            r = probe(own, PICTURES, width, "--blink-settings=preferredColorScheme=%d" % theme)
            wrong += ["a picture at %d, %s: %s" % (width, "light" if theme else "dark", x) for x in r["bad"]]
            if not r["shown"] or any(("slim" in c) != (width == 400) for c in r["shown"]):
                wrong.append("pictures shown at %d: %s" % (width, r["shown"]))


def main(path):
    with open(path, encoding="utf-8") as file:
        source = file.read()
    wrong = []
    # As it is: its policy lets its own script run, and it alone.
    if not re.search(r'<figure class="[^"]*\bon"', browse(path, 1200)):
        wrong.append("the script does not run under the page's policy")
    data = [panel for text in re.findall(r'class="plot">(.*?)</script>', source, re.S) for panel in json.loads(text)]
    for width in (1200, 400):
        answer = probe(source, PROBE, width)
        found = answer["found"]
        wrong += ["at %d: %s" % (width, x) for x in answer["bad"]]
        if len(found) != len(data) or not data:
            wrong.append("%d panels answer of %d" % (len(found), len(data)))
        for panel, r in zip(data, found):
            check_panel(panel, r, wrong)
    check_pictures(source, wrong)
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
