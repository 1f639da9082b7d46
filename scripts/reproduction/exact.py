"""Closed forms and counter-examples: seconds, and no data."""

import math
import os

from core import Row, Sample, holds, rows_of, share
from study import study

TESTS = "tests/optim/test_optim_properties"
# The least value, and a start in its basin where the function's own lies in another.
MINIMA = {"rosenbrock": (0, None), "beale": (0, None), "branin": (0.397887, None), "himmelblau": (0, None), "booth": (0, None),
          "matyas": (0, None), "styblinski_tang": (-78.332331, "[-2,-2]"), "three_hump_camel": (0, None),
          "six_hump_camel": (-1.031628, "[0.5,-0.5]")}


@study("exact", "Exact and analytic", 0.1)
def exact(bench):
    return quadratics(bench) + slide(bench) + counter_example(bench) + wilson(bench) + minima(bench)


def larger_root(lr, beta, curvature):
    """Goh 2017: of this curvature the error shrinks per step by the larger root of z^2 - (1 + beta - lr c) z + beta."""
    b = 1 + beta - lr * curvature
    d = b * b - 4 * beta
    return math.sqrt(beta) if d < 0 else (abs(b) + math.sqrt(d)) / 2


def quadratics(bench):
    """Goh 2017 on a quadratic of condition 100: the map of rates over lr and momentum."""
    folder = bench.trace("configs/trace/momentum-map.yaml", "momentum-map")
    cells = rows_of(os.path.join(folder, "trace-rates.csv"))
    cells = [c for c in cells if abs(c["lr"] * 100 - 2 - 2 * c["momentum"]) > 1e-9]  # on the border theory says neither
    below = [c["lr"] * 100 < 2 + 2 * c["momentum"] for c in cells]
    right = sum((c["rate"] is not None and not math.isnan(c["rate"])) == b for c, b in zip(cells, below))
    measured = [c for c, b in zip(cells, below) if b]
    theory = [max(larger_root(c["lr"], c["momentum"], v) for v in (1, 100)) for c in measured]
    off = max(abs(c["rate"] / t - 1) for c, t in zip(measured, theory))
    best = min(measured, key=lambda c: c["rate"])
    lr, beta = (2 / 11) ** 2, (9 / 11) ** 2
    return [
        holds("quadratic, condition 100: cells of lr × momentum that converge just where 0 < 100 lr < 2 + 2 momentum",
              str(len(cells)), str(right), right == len(cells)),
        holds("… largest deviation of a rate from theory", "0", f"{100 * off:.1f} %", off < 0.03, within="3 %"),
        holds("… best lr, best momentum", f"{lr:.4f}, {beta:.4f}", f"{best['lr']:.4f}, {best['momentum']:.4f}",
              abs(best["lr"] - lr) < 1e-6 and abs(best["momentum"] - beta) < 1e-6),
        share("… rate there (a double root: t·rate^t)", 9 / 11, Sample(best["rate"]), 2, 4),
        share("… rate of gradient descent at its best lr, 2/101", 99 / 101, Sample(plain_rate(folder)), 0.1, 4)]


def plain_rate(folder):
    """Of the path without momentum, from its hundredth step to its last."""
    path = [r for r in rows_of(os.path.join(folder, "trace.csv")) if r["optimizer"] == "sgd, lr 0.0198"]
    first, last = (math.hypot(r["x"], r["y"]) for r in (path[100], path[-1]))
    return (last / first) ** (1 / (len(path) - 101))


def slide(bench):
    """The pair of the slide, on condition 15, against the recursion in double precision."""
    path = rows_of(os.path.join(bench.trace("configs/trace/momentum-slide.yaml", "momentum-slide"), "trace.csv"))
    rows = []
    for beta, name in ((0, "sgd, lr 0.02"), (0.99, "sgd, lr 0.02, momentum 0.99")):
        own = [r for r in path if r["optimizer"] == name]
        place, off = [own[0]["x"], own[0]["y"]], 0
        before = place
        for r in own[1:]:
            place, before = [x + beta * (x - b) - 0.02 * c * x for x, b, c in zip(place, before, (1, 15))], place
            off = max(off, math.hypot(r["x"] - place[0], r["y"] - place[1]))
        rows.append(holds(f"slide: lr 0.02, momentum {beta:g}: place after {len(own) - 1} steps",
                          f"({place[0]:.4f}, {place[1]:.4f})", f"({own[-1]['x']:.4f}, {own[-1]['y']:.4f})",
                          off < 1e-4, within="1e-4 all along"))
    return rows


def counter_example(bench):
    """Reddi et al. 2018, section 3: the best point is -1, and Adam goes to +1."""
    rows = []
    for kind, c, *words in bench.measured(TESTS):
        if kind == "amsgrad":
            adam, amsgrad = float(words[1]), float(words[3])
            rows.append(holds(f"Reddi et al. 2018, {c.replace('=', ' ')}: Adam and AMSGrad after 30,000 updates", "+1, −1",
                              f"{adam:+.3f}, {amsgrad:+.3f}", adam > 0.95 and amsgrad < -0.95, within="0.05"))
        elif kind == "amsgrad-from-1":
            x = float(words[-1])
            rows.append(holds("… C 3, lr 0.5: AMSGrad from +1 after 250 updates", "−1", f"{x:+.3f}", x < -0.95,
                              within="0.05"))
    return rows or [Row("Reddi et al. 2018", "+1, −1", "not run: the tests are not built", agrees=False)]


def wilson(bench):
    """Wilson et al. 2017, section 3.3: of two new examples, one a class, who predicts one class for all gets one right."""
    rows = []
    for kind, name, *words in bench.measured(TESTS):
        if kind == "wilson":
            right, expected = int(words[1]), 2 if name in ("sgd", "momentum") else 1
            rows.append(holds(f"Wilson et al. 2017, {name}: right on new examples, the training set fitted", f"{expected} of 2",
                              f"{right} of 2", right == expected))
    return rows or [Row("Wilson et al. 2017", "", "not run: the tests are not built", agrees=False)]


def minima(bench):
    rows = []
    for name, (least, start) in MINIMA.items():
        folder = bench.trace("configs/trace/minima.yaml", "minima-" + name, f"trace.function={name}",
                             *([f"trace.start={start}"] if start else []))
        value = rows_of(os.path.join(folder, "trace.csv"))[-1]["value"]
        rows.append(holds(f"{name}: least value, found by Adam", f"{least:.6f}", f"{value:.6f}",
                          abs(value - least) < 1e-5, within="1e-5"))
    return rows
