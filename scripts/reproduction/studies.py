"""The studies: what each runs, and what it holds ours against. One function each, in the order of --list."""

import math
import os

from core import (Row, Sample, at_epoch, holds, larger_root, mean_curve, near, rows_of, runs_of, share, shown)

STUDIES = []


class Study:
    def __init__(self, run, name, title, minutes, specs, full):
        self.run, self.name, self.title, self.minutes, self.specs, self.full = run, name, title, minutes, specs, full


def study(name, title, minutes, specs, full=None):
    """minutes: of one core, as run; full: of one core with --full, where that is more."""
    return lambda run: STUDIES.append(Study(run, name, title, minutes, specs, full)) or run


PAPERS = "configs/papers/"


# ---- exact ----

MINIMA = {  # the least value, and a start in its basin where the function's own lies in another
    "rosenbrock": (0, None), "beale": (0, None), "branin": (0.397887, None), "himmelblau": (0, None), "booth": (0, None),
    "matyas": (0, None), "styblinski_tang": (-78.332331, "[-2,-2]"), "three_hump_camel": (0, None),
    "six_hump_camel": (-1.031628, "[0.5,-0.5]")}


@study("exact", "Exact and analytic", 0.1, ["configs/trace/momentum-map.yaml", "configs/trace/momentum-slide.yaml", "configs/trace/minima.yaml"])
def exact(bench):
    return quadratics(bench) + slide(bench) + counter_example(bench) + wilson(bench) + minima(bench)


def quadratics(bench):
    """Goh 2017 on a quadratic of condition 100: the map of rates over lr and momentum."""
    cells = rows_of(os.path.join(bench.trace("configs/trace/momentum-map.yaml", "momentum-map"), "trace-rates.csv"))
    cells = [c for c in cells if abs(c["lr"] * 100 - 2 - 2 * c["momentum"]) > 1e-9]  # where theory says neither
    theory = [max(larger_root(c["lr"], c["momentum"], v) for v in (1, 100)) for c in cells]
    converges = [c["lr"] * 100 < 2 + 2 * c["momentum"] for c in cells]
    right = sum((c["rate"] is not None and not math.isnan(c["rate"])) == k for c, k in zip(cells, converges))
    measured = [(c, t) for c, t, k in zip(cells, theory, converges) if k]
    off = max(abs(c["rate"] / t - 1) for c, t in measured)
    best = min((c for c, t in measured), key=lambda c: c["rate"])
    root = 10
    plain = {round(c["lr"], 12): c["rate"] for c, t in measured if c["momentum"] == 0}
    path = rows_of(os.path.join(bench.out, "momentum-map", "trace.csv"))
    gd = [r for r in path if r["optimizer"] == "sgd, lr 0.0198"]
    gd_rate = (math.hypot(gd[-1]["x"], gd[-1]["y"]) / math.hypot(gd[100]["x"], gd[100]["y"])) ** (1 / (len(gd) - 101))
    return [
        holds("quadratic, condition 100: cells of lr × momentum that converge just where 0 < lr·100 < 2 + 2·momentum",
              str(len(cells)), str(right), right == len(cells)),
        holds("… largest deviation of a rate from theory", "0", f"{100 * off:.1f} %", off < 0.03, within="3 %"),
        holds("… best lr, best momentum", f"{(2 / (1 + root)) ** 2:.4f}, {((root - 1) / (root + 1)) ** 2:.4f}",
              f"{best['lr']:.4f}, {best['momentum']:.4f}",
              abs(best["lr"] - (2 / 11) ** 2) < 1e-6 and abs(best["momentum"] - (9 / 11) ** 2) < 1e-6),
        share("… rate there (a double root: t·rate^t)", 9 / 11, Sample(best["rate"]), 2, 4),
        share("… rate of gradient descent at lr 2/101", 99 / 101, Sample(gd_rate), 0.1, 4),
        holds("… gradient descent at lr below 2/100 only", "converges", f"slowest rate {max(plain.values()):.4f}", max(plain.values()) < 1)]


def slide(bench):
    """The pair of the slide: lr 0.02 on condition 15, momentum 0 and 0.99, against the recursion in double precision."""
    path = rows_of(os.path.join(bench.trace("configs/trace/momentum-slide.yaml", "momentum-slide"), "trace.csv"))
    rows = []
    for beta, name in ((0, "sgd, lr 0.02"), (0.99, "sgd, lr 0.02, momentum 0.99")):
        own = [r for r in path if r["optimizer"] == name]
        p = [own[0]["x"], own[0]["y"]]
        before, off = p, 0
        for r in own[1:]:
            p, before = [x + beta * (x - b) - 0.02 * c * x for x, b, c in zip(p, before, (1, 15))], p
            off = max(off, math.hypot(r["x"] - p[0], r["y"] - p[1]))
        rows.append(holds(f"slide: lr 0.02, momentum {beta:g}: place after {len(own) - 1} steps", f"({p[0]:.4f}, {p[1]:.4f})",
                          f"({own[-1]['x']:.4f}, {own[-1]['y']:.4f})", off < 1e-4, within="1e-4 all along"))
    return rows


def counter_example(bench):
    rows = []
    for kind, c, *words in bench.measured("tests/optim/test_optim_properties"):
        if kind == "amsgrad":
            adam, amsgrad = float(words[1]), float(words[3])
            rows.append(holds(f"Reddi et al. 2018, {c.replace('=', ' ')}: Adam and AMSGrad after 30,000 updates", "+1, −1",
                              f"{adam:+.3f}, {amsgrad:+.3f}", adam > 0.95 and amsgrad < -0.95, within="0.05"))
        elif kind == "amsgrad-from-1":
            rows.append(holds("… C 3, lr 0.5: AMSGrad from +1 after 250 updates", "−1", f"{float(words[-1]):+.3f}",
                              float(words[-1]) < -0.95, within="0.05"))
    return rows or [Row("Reddi et al. 2018", "+1, −1", "not run: the tests are not built", agrees=False)]


def wilson(bench):
    """Wilson et al. 2017, section 3.3: two new examples, one a class; who predicts one class for all gets one right."""
    rows = []
    for kind, name, *words in bench.measured("tests/optim/test_optim_properties"):
        if kind == "wilson":
            right, expected = int(words[1]), 2 if name in ("sgd", "momentum") else 1
            rows.append(holds(f"Wilson et al. 2017, {name}: right on new examples, all of the training set fitted", f"{expected} of 2",
                              f"{right} of 2", right == expected))
    return rows or [Row("Wilson et al. 2017", "", "not run: the tests are not built", agrees=False)]


def minima(bench):
    rows = []
    for name, (least, start) in MINIMA.items():
        folder = bench.trace("configs/trace/minima.yaml", "minima-" + name, f"trace.function={name}",
                             *([f"trace.start={start}"] if start else []))
        value = rows_of(os.path.join(folder, "trace.csv"))[-1]["value"]
        rows.append(holds(f"{name}: least value, found by Adam", f"{least:.6f}", f"{value:.6f}", abs(value - least) < 1e-5, within="1e-5"))
    return rows


# ---- the lecture ----

LECTURE = ["batchsize-64", "batchsize-1024", "scheduler", "sgd-scheduler-momentum", "adam", "adamw", "adabelief"]


@study("lecture", "Lecture 12, test accuracy %", 10, [f"configs/lecture/{name}.yaml" for name in LECTURE])
def lecture(bench):
    rows, more = [], []
    for p in rows_of("configs/lecture/published.csv"):
        name = p["spec"]
        folder = bench.sweep(f"configs/lecture/{name}.yaml", name, "sweep.seeds=[1,2,3,4,5]")
        rows.append(near(f"`{name}`", p["test"], at_epoch(folder, -1, "test_accuracy").times(100), 0.25))
        for epoch, text in ((1, "after epoch 1"), (100, "at the end")):
            ours = [at_epoch(folder, epoch if epoch == 1 else -1, f"{part}_accuracy").times(100).text(2) for part in ("train", "valid")]
            more.append(shown(f"`{name}` {text}: training, validation", ", ".join(ours), f"{p[f'train_{epoch}']:.2f}, {p[f'valid_{epoch}']:.2f}"))
    return rows + more


# ---- AdaDelta ----

@study("adadelta2012", "Zeiler 2012, test error %", 5, [PAPERS + "adadelta2012.yaml"])
def adadelta2012(bench):
    folder = bench.sweep(PAPERS + "adadelta2012.yaml", "grid")
    bench.plot("adadelta2012.png", folder, "--kind", "sensitivity", "--metric", "test_accuracy", "--over", "optimizer.lr",
               "--where", "optimizer.name != 'adadelta'")
    groups = bench.compare(folder)
    rows = []
    for p in rows_of(PAPERS + "adadelta2012.csv"):
        wanted = {f"optimizer.{k}": v for k, v in p.items() if k in ("lr", "rho", "eps") and v is not None}
        ours = next(g for g in groups if g.keys["optimizer.name"] == p["optimizer"] and all(
            math.isclose(g.keys[k], v) for k, v in wanted.items())).error()
        rows.append(adadelta_cell(p, ", ".join(f"{k.split('.')[1]} {v:g}" for k, v in wanted.items()), ours))
    agree = sum(r.agrees for r in rows)
    return rows + [holds("cells that agree", f"at least 22 of {len(rows)}", str(agree), agree >= 22)]


def adadelta_cell(p, settings, ours):
    what, published = f"{p['optimizer']}, {settings}", p["test_error"]
    if p["lr"] == 1 and p["optimizer"] != "adagrad":  # on the brink of divergence: only in kind
        learns = published < 10
        return Row(what, f"{published:.2f}", ours.text(2), "learns" if learns else "fails", (ours.mean < 10) == learns, False, ours)
    if published < 4:
        return near(what, published, ours, 0.3, required=False)
    return share(what, published, ours, 20, required=False)


# ---- Smith et al. ----

WAYS = {"decay": "falling rate", "hybrid": "hybrid", "grow": "growing batch"}


@study("smith2017", "Smith et al. 2017, test accuracy %", 6, [PAPERS + f"smith2017/{way}.yaml" for way in WAYS])
def smith2017(bench):
    folder = {way: bench.sweep(PAPERS + f"smith2017/{way}.yaml", way) for way in WAYS}
    for x, file in (("epoch", "epochs"), ("step", "updates")):
        bench.plot(f"smith2017-{file}.png", list(folder.values()), "--where", "optimizer.name == 'momentum'", "--group-by", "name",
                   "--metric", "valid_accuracy", "--range", "0.95:0.98", "--x", x)
    groups = {way: {g.keys["optimizer.name"]: g for g in bench.compare(f)} for way, f in folder.items()}
    rows = []
    for name in groups["decay"]:
        base = groups["decay"][name].sample("test_accuracy").times(100)
        rows.append(shown(f"{name}, falling rate", base.text(2)))
        for way in ("hybrid", "grow"):
            ours = groups[way][name].sample("test_accuracy").times(100)
            rows.append(holds(f"{name}, {WAYS[way]}", "as the falling rate", ours.text(2), abs(ours.mean - base.mean) <= 0.15, within="± 0.15"))
        rows += smith_curves(folder, name)
    steps = {way: groups[way]["momentum"].g["steps"] for way in WAYS} if "steps" in groups["decay"]["momentum"].g else {
        way: rows_of(os.path.join(f, "members.csv"))[0]["step"] for way, f in folder.items()}
    rows.append(holds("updates: falling rate, hybrid, growing batch", "ever fewer", ", ".join(f"{s:,.0f}" for s in steps.values()),
                      steps["decay"] > steps["hybrid"] > steps["grow"]))
    return rows


def smith_curves(folder, name):
    """How far the mean curves lie apart, beside what one seed differs from the next."""
    curve = {way: mean_curve([r for r in runs_of(f) if f"optimizer={name}," in r + ","], "valid_accuracy") for way, f in folder.items()}
    noise = sum(curve["decay"][1][1:]) / (len(curve["decay"][1]) - 1)
    gap = max(sum(abs(a - b) for a, b in zip(curve["decay"][0][1:], curve[way][0][1:])) / (len(curve[way][0]) - 1) for way in ("hybrid", "grow"))
    return [holds(f"{name}: validation curves, mean gap of the means in points", "within a seed's deviation", f"{100 * gap:.3f}", gap <= noise,
                  within=f"{100 * noise:.3f}")]


# ---- the others ----

@study("xiao2017", "Fashion-MNIST, test accuracy %", 1, [PAPERS + "xiao2017.yaml"])
def xiao2017(bench):
    folder = bench.sweep(PAPERS + "xiao2017.yaml", "mlp")
    return [near("MLP of 100 ReLU units", 87.1, at_epoch(folder, -1, "test_accuracy").times(100), 1)]


@study("algoperf", "AlgoPerf's MNIST, seconds to 97 %", 1, [PAPERS + "algoperf.yaml"])
def algoperf(bench):
    folder = bench.sweep(PAPERS + "algoperf.yaml", "optimizers")
    groups = {part: {g.label: g for g in bench.compare(folder, "--target", f"{part}_accuracy=0.97")} for part in ("valid", "test")}
    rows = []
    for label, g in groups["valid"].items():
        seconds = [h.reached("seconds") for h in (g, groups["test"][label])]
        epochs = [h.reached("epochs") for h in (g, groups["test"][label])]
        ours = ", ".join("not reached" if s is None else f"{s:.1f} ({e:.0f} epochs)" for s, e in zip(seconds, epochs))
        rows.append(holds(f"{label}: validation, test", "at most 60", ours, all(s is not None and s <= 60 for s in seconds), required=False))
    reached = sum(r.agrees for r in rows)
    return rows + [holds("optimizers that reach both", "most", f"{reached} of {len(rows)}", reached > len(rows) / 2)]


@study("adam2015", "Kingma and Ba 2015", 3, [PAPERS + f"adam2015/{f}.yaml" for f in ("figure1", "figure1-adagrad", "figure2")], full=120)
def adam2015(bench):
    one = [bench.sweep(PAPERS + f"adam2015/{f}.yaml", f) for f in ("figure1", "figure1-adagrad")]
    two = bench.sweep(PAPERS + "adam2015/figure2.yaml", "figure2", *([] if bench.full else ["train.epochs=3"]))
    bench.plot("adam2015-figure1.png", one, "--metric", "train_loss", "--range", "0.2:0.7")
    bench.plot("adam2015-figure2.png", two, "--metric", "batch_loss", "--log", "y")
    best, rows = {}, []
    for g in bench.compare(one, "--metric", "train_loss"):
        loss = g.sample("train_loss")
        if loss.n and loss.mean < best.get(g.keys["optimizer.name"], loss).mean + 1e-12:
            best[g.keys["optimizer.name"]] = loss
        if g.keys["optimizer.name"] == "adam" and g.keys["optimizer.lr"] == 0.01:
            rows.append(near("figure 1: training loss after 45 passes, Adam at lr 0.01", 0.265, loss, 0.005, 3))
    rows += [shown(f"figure 1: … {name}, the best of its learning rates", s.text(3)) for name, s in best.items()]
    adam, nesterov, adagrad = (best[n].mean if n in best else math.inf for n in ("adam", "nesterov", "adagrad"))
    rows.append(holds("figure 1: order", "Adam ≈ Nesterov < AdaGrad", f"{adam:.3f}, {nesterov:.3f}, {adagrad:.3f}",
                      abs(adam - nesterov) < 0.02 and max(adam, nesterov) < adagrad))
    cost = {g.keys["optimizer.name"]: g.sample("batch_loss").mean for g in bench.compare(two, "--metric", "batch_loss")}
    for name, c in sorted(cost.items(), key=lambda x: x[1]):
        rows.append(shown(f"figure 2 (a): training cost after {3 if not bench.full else 200} passes, {name}", f"{c:.4f}"))
    rows.append(holds("figure 2 (a): lowest", "Adam", min(cost, key=cost.get), min(cost, key=cost.get) == "adam", required=False))
    return rows


TARGET = "valid_accuracy=0.975"


@study("shallue2018", "Shallue et al. 2018, updates to 97.5 %", 7, [PAPERS + "shallue2018.yaml"])
def shallue2018(bench):
    folder = bench.sweep(PAPERS + "shallue2018.yaml", "grid")
    bench.plot("shallue2018.png", folder, "--kind", "target", "--target", TARGET, "--group-by", "model.hidden")
    rows, best = [], {}
    for g in bench.compare(folder, "--target", TARGET):
        steps = g.reached("steps")
        if steps is not None:
            key = (str(g.keys["model.hidden"]).strip("[]"), g.keys["train.batch_size"])
            best[key] = min(best.get(key, (math.inf, 0)), (steps, g.keys["optimizer.lr"]))
    for width in ("100", "400"):
        curve = {b: best[w, b] for w, b in sorted(best) if w == width}
        rows += [shown(f"width {width}, batch {b:g}", f"{steps:,.0f} (lr {lr:g})") for b, (steps, lr) in curve.items()]
        rows += saved(width, curve)
    return rows


def saved(width, curve):
    """What a doubling of the batch saves at the small end and at the large one."""
    sizes = sorted(curve)
    if len(sizes) < 4:
        return [holds(f"width {width}: batch sizes at which the target is reached", "6", str(len(sizes)), False)]
    first, last = gain(curve, sizes[:3]), gain(curve, sizes[-2:])
    return [holds(f"width {width}: updates saved per doubling, batch {sizes[0]:g} to {sizes[2]:g}", "half", f"{100 * first:.0f} %",
                  0.3 <= first <= 0.6, within="30 to 60 %"),
            holds(f"width {width}: … {sizes[-2]:g} to {sizes[-1]:g}", "less than that", f"{100 * last:.0f} %", last < first - 0.1)]


def gain(curve, sizes):
    """The share of the updates that a doubling of the batch saves, on average between the first and last of these sizes."""
    doublings = math.log2(sizes[-1] / sizes[0])
    return 1 - (curve[sizes[-1]][0] / curve[sizes[0]][0]) ** (1 / doublings)


@study("keskar2016", "Keskar et al. 2017, F1, test accuracy %", 25, [PAPERS + "keskar2016.yaml"])
def keskar2016(bench):
    folder = bench.sweep(PAPERS + "keskar2016.yaml", "f1")
    small, large = ({g.keys["train.batch_size"]: g for g in bench.compare(folder)}[b].sample("test_accuracy").times(100) for b in (256, 6000))
    return [near("batches of 256", 98.03, small, 0.25), near("batches of 6000", 97.81, large, 0.25),
            holds("gap", "small batches better, by 0.22", f"{small.mean - large.mean:.2f}", small.mean > large.mean)]


DEEPOBS = {"mnist_logreg": "5", "mnist_mlp": "2", "fmnist_mlp": "2"}


@study("deepobs", "DeepOBS, test accuracy % of the best lr", 8, [PAPERS + f"deepobs/{p}.yaml" for p in DEEPOBS], full=1500)
def deepobs(bench):
    rows = []
    for problem, epochs in DEEPOBS.items():
        rows += deepobs_problem(bench, problem, [] if bench.full else [f"train.epochs={epochs}"])
    return rows


def deepobs_problem(bench, problem, thinner):
    spec = PAPERS + f"deepobs/{problem}.yaml"
    if not bench.full and problem != "mnist_logreg":
        thinner = [*thinner, "sweep.grid={optimizer.lr: [0.001, 0.01, 0.1]}"]
    folder = bench.sweep(spec, problem, *thinner)
    best = {}
    for g in bench.compare(folder):
        if g.sample("valid_accuracy").n:
            best.setdefault(g.keys["optimizer.name"], g)
    rows = []
    for name, g in best.items():
        lr = g.keys["optimizer.lr"]
        again = bench.sweep(spec, f"{problem}-{name}", *thinner, f"sweep.grid={{optimizer: [{{name: {name}}}], optimizer.lr: [{lr:g}]}}",
                            "sweep.seeds=[11,12,13,14,15,16,17,18,19,20]")
        rows.append(shown(f"{problem}, {name}, lr {lr:g}", at_epoch(again, -1, "test_accuracy").times(100).text(2)))
    return rows
