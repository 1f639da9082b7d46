"""Has a group in the strip of a report the colour of its curves?

    check_colours.py PAGE.html

Of single runs along a learning rate: a row of the strip ends in the dot of its mean.
"""
import json
import re
import sys

LIGHT = ["12.16%,30.59%,61.18%", "72.16%,23.53%,0%", "0%,50.2%,37.65%", "72.16%,36.08%,59.61%",
         "72.55%,55.69%,0%", "23.14%,60.78%,85.88%", "0%,0%,0%"]  # of styles 0, 1, ...

with open(sys.argv[1], encoding="utf-8") as f:
    page = f.read()
data = re.search(r'<script type="application/json" class="plot">(.*?)</script>', page, re.S).group(1)
style = {c["label"]: c["style"] for c in json.loads(data)[0]["curves"] if c.get("label")}
strip = re.findall(r"<svg.*?</svg>", page, re.S)[2]
rows = [t for t in re.findall(r"<text[^>]*>([^<]*)</text>", strip) if t.startswith("lr ")]
dots = [c for c in re.findall(r"rgb\(([^)]*)\)", strip) if c in LIGHT][-len(rows):]
if not len(style) < len(rows) == len(dots):
    sys.exit(f"{len(style)} curves, {len(rows)} rows, {len(dots)} dots")
wrong = [r for r, c in zip(rows, dots) if r in style and c != LIGHT[style[r] % len(LIGHT)]]
if wrong:
    sys.exit(f"of other colours than their curves: {wrong}")
