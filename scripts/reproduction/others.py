"""The other papers: what each study runs, and what it holds ours against."""

import math
import os

from core import at_epoch, holds, near, rows_of, runs_of, shown
from study import PAPERS, study


@study("xiao2017", "Fashion-MNIST, test accuracy %", 1)
def xiao2017(bench):
    folder = bench.sweep(PAPERS + "xiao2017.yaml", "mlp")
    return [near("MLP of 100 ReLU units", 87.1, at_epoch(folder, -1, "test_accuracy").times(100), 1)]


@study("algoperf", "AlgoPerf's MNIST, seconds to 97 %", 1)
def algoperf(bench):
    folder = bench.sweep(PAPERS + "algoperf.yaml", "optimizers")
    groups = {part: {g.label: g for g in bench.compare(folder, "--target", f"{part}_accuracy=0.97")}
              for part in ("valid", "test")}
    rows, both = [], 0
    for label, g in groups["valid"].items():
        seconds = [h.reached("seconds") for h in (g, groups["test"][label])]
        epochs = [h.reached("epochs") for h in (g, groups["test"][label])]
        ours = ", ".join("not reached" if s is None else f"{s:.1f} ({e:.0f} epochs)" for s, e in zip(seconds, epochs))
        rows.append(shown(f"{label}: validation, test", ours))
        both += all(s is not None for s in seconds)
    return rows + [shown("optimizers that reach both within 30 epochs", f"{both} of {len(rows)}")]


@study("adam2015", "Kingma and Ba 2015", 4, full=150)
def adam2015(bench):
    return adam_figure1(bench) + adam_figure2(bench)


def best_rates(groups, metric):
    """{optimizer: (the least of the metric, at which lr)} over groups that differ in nothing else."""
    best = {}
    for g in groups:
        value, name = g.sample(metric), g.keys.get("optimizer.name", "adagrad")  # no key where it is the only one
        if value.n and value.mean < best.get(name, (math.inf, None))[0]:
            best[name] = value.mean, g.keys["optimizer.lr"]
    return best


def drawn(best, more=""):
    return " or ".join(f"(optimizer.name == '{name}' and optimizer.lr == {lr:g}{more})" for name, (_, lr) in best.items())


def adam_figure1(bench):
    falling, constant = (bench.sweep(PAPERS + f"adam2015/{f}.yaml", f) for f in ("figure1", "figure1-adagrad"))
    groups = bench.compare(falling, "--metric", "train_loss")
    best, other = best_rates(groups, "train_loss"), best_rates(bench.compare(constant, "--metric", "train_loss"), "train_loss")
    rows = [shown("figure 1: training loss after 45 passes, Adam at lr 0.01", g.sample("train_loss").text(3))
            for g in groups if g.keys["optimizer.name"] == "adam" and g.keys["optimizer.lr"] == 0.01]
    rows += [shown(f"figure 1: … {name}{way}, the best of its learning rates, {lr:g}", f"{loss:.3f}")
             for way, found in (("", best), (" at a constant rate", other)) for name, (loss, lr) in found.items()]
    adam, nesterov, adagrad = (best.get(n, (math.inf,))[0] for n in ("adam", "nesterov", "adagrad"))
    for what, last, required in (("", adagrad, True), (", AdaGrad at a constant rate", other.get("adagrad", (math.inf,))[0], False)):
        rows.append(holds(f"figure 1: order{what}", "Adam ≈ Nesterov < AdaGrad", f"{adam:.3f}, {nesterov:.3f}, {last:.3f}",
                          abs(adam - nesterov) < 0.02 and max(adam, nesterov) < last, required))
    bench.plot("adam2015-figure1.png", [falling, constant], "--metric", "train_loss", "--range", "0.2:0.7",
               "--where", drawn(best, " and scheduler != null") + " or " + drawn(other, " and scheduler == null"))
    return rows


def adam_figure2(bench):
    passes = 200 if bench.full else 3
    folder = bench.sweep(PAPERS + "adam2015/figure2.yaml", "figure2", f"train.epochs={passes}")
    best = best_rates(bench.compare(folder, "--metric", "batch_loss"), "batch_loss")
    bench.plot("adam2015-figure2.png", folder, "--metric", "batch_loss", "--log", "y", "--where", drawn(best))
    rows = [shown(f"figure 2 (a): training cost after {passes} passes, {name}, the best of its learning rates, {lr:g}", f"{cost:.4f}")
            for name, (cost, lr) in sorted(best.items(), key=lambda x: x[1])]
    lowest = min(best, key=best.get)
    return [*rows, holds("figure 2 (a): lowest", "Adam", lowest, lowest == "adam", required=False)]


TARGET = "valid_accuracy=0.975"


@study("shallue2018", "Shallue et al. 2018, updates to 97.5 %", 7)
def shallue2018(bench):
    folder = bench.sweep(PAPERS + "shallue2018.yaml", "shallue2018")
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
    return [holds(f"width {width}: updates saved per doubling, batch {sizes[0]:g} to {sizes[2]:g}", "half",
                  f"{100 * first:.0f} %", 0.3 <= first <= 0.6, within="30 to 60 %"),
            holds(f"width {width}: … {sizes[-2]:g} to {sizes[-1]:g}", "less than that", f"{100 * last:.0f} %",
                  last < first - 0.1)]


def gain(curve, sizes):
    """The share of the updates that a doubling of the batch saves, on average between the first and last of these sizes."""
    doublings = math.log2(sizes[-1] / sizes[0])
    return 1 - (curve[sizes[-1]][0] / curve[sizes[0]][0]) ** (1 / doublings)


@study("keskar2016", "Keskar et al. 2017, F1, test accuracy %", 25)
def keskar2016(bench):
    folder = bench.sweep(PAPERS + "keskar2016.yaml", "f1")
    groups = {g.keys["train.batch_size"]: g for g in bench.compare(folder)}
    small, large = (groups[b].sample("test_accuracy").times(100) for b in (256, 6000))
    return [near("batches of 256", 98.03, small, 0.25), near("batches of 6000", 97.81, large, 0.25),
            shown("gap", f"{small.mean - large.mean:.2f}", "0.22"),
            holds("… its sign", "small batches better", "small" if small.mean > large.mean else "large", small.mean > large.mean),
            keskar_sharpness(bench, [next(r for r in runs_of(folder) if f"batch_size={b}" in r) for b in (256, 6000)])]


def keskar_sharpness(bench, runs):
    """Their figure 3: the loss on the line through both minima, a tenth of their distance away from the other."""
    name = "keskar2016-between"
    bench.command("landscape", *runs, "--norm", "refreshed", "--span", "1", "--points", "61", "-o", os.path.join(bench.out, name + ".png"), "-q")
    loss = {round(r["alpha"], 2): r["train_loss"] for r in rows_of(os.path.join(bench.out, name + ".csv"))}
    small, large = loss[-0.1], loss[1.1]
    return holds("training loss a tenth beyond the minimum: 256, 6000", "sharper with large batches", f"{small:.4f}, {large:.2f}", small < large)


DEEPOBS = {"mnist_logreg": "5", "mnist_mlp": "2", "fmnist_mlp": "2"}


@study("deepobs", "DeepOBS, test accuracy % of the best lr", 8, full=1500)
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
        again = bench.sweep(spec, f"{problem}-{name}", *thinner,
                            f"sweep.grid={{optimizer: [{{name: {name}}}], optimizer.lr: [{lr:g}]}}",
                            "sweep.seeds=[11,12,13,14,15,16,17,18,19,20]")
        rows.append(shown(f"{problem}, {name}, lr {lr:g}", at_epoch(again, -1, "test_accuracy").times(100).text(2)))
    return rows
