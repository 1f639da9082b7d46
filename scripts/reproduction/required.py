"""The lecture's notebooks, AdaDelta's grid, growing batches."""

import math
import os

from core import Row, at_epoch, holds, mean_curve, near, rows_of, runs_of, share, shown
from study import PAPERS, study


@study("lecture", "Lecture 12, test accuracy %", 8)
def lecture(bench):
    rows, more, folders = [], [], []
    for p in rows_of("configs/lecture/published.csv"):
        name = p["spec"]
        folder = bench.sweep(f"configs/lecture/{name}.yaml", name, "sweep.seeds=[1,2,3,4,5]")
        folders.append(folder)
        rows.append(near(f"`{name}`", p["test"], at_epoch(folder, -1, "test_accuracy").times(100), 0.25))
        for epoch, key, text in ((1, "1", "after epoch 1"), (-1, "100", "at the end")):
            ours = [at_epoch(folder, epoch, f"{part}_accuracy").times(100).text(2) for part in ("train", "valid")]
            published = f"{p['train_' + key]:.2f}, {p['valid_' + key]:.2f}"
            more.append(shown(f"`{name}` {text}: training, validation", ", ".join(ours), published))
    bench.plot("lecture.png", folders, "--group-by", "name", "--metric", "valid_accuracy", "--range", "0.95:0.985")
    return rows + more


# ---- AdaDelta ----

WANTED_CELLS = 22  # set before the first result of this script was known

@study("adadelta2012", "Zeiler 2012, test error %", 10)
def adadelta2012(bench):
    groups = bench.compare(bench.sweep(PAPERS + "adadelta2012.yaml", "grid", "sweep.seeds=[1,2,3,4,5]"))
    rows, error = [], {}
    for p in rows_of(PAPERS + "adadelta2012.csv"):
        keys = {k: p[k] for k in ("lr", "rho", "eps") if p[k] is not None}
        ours = next(g for g in groups if g.keys["optimizer.name"] == p["optimizer"] and
                    all(math.isclose(g.keys["optimizer." + k], v) for k, v in keys.items())).error()
        rows.append(adadelta_cell(p, ", ".join(f"{k} {v:g}" for k, v in keys.items()), ours))
        error.setdefault(p["optimizer"], {})[tuple(keys.values())] = (ours.mean, p["test_error"])
    agree = sum(r.agrees for r in rows)
    return rows + [holds("cells that agree", f"{WANTED_CELLS} of {len(rows)}", str(agree), agree >= WANTED_CELLS)] + adadelta_claims(error)


def adadelta_claims(error):
    """What the paper concludes from the tables. error: of an optimizer, of its settings: ours, the paper's."""
    ours, theirs = (max(e[i] for e in error["adadelta"].values()) for i in (0, 1))
    rows = [holds("AdaDelta needs no tuning: its worst cell", f"{theirs:.2f}", f"{ours:.2f}", ours < 4, within="below 4")]
    for name, lrs in (("sgd", (1, 0.1)), ("momentum", (0.1,)), ("adagrad", (0.01,))):
        e = [error[name][lr,][0] for lr in (1, 0.1, 0.01, 0.001, 0.0001)]
        best = (1, 0.1, 0.01, 0.001, 0.0001)[e.index(min(e))]
        rows.append(holds(f"{name}: best lr", f"{lrs[0]:g}", f"{best:g}", best in lrs, within=" or ".join(f"{lr:g}" for lr in lrs)))
        down = e[e.index(min(e)):]
        rows.append(holds(f"{name}: each lr below it is worse", "yes", "yes" if down == sorted(down) else "no", down == sorted(down)))
    return rows


def adadelta_cell(p, settings, ours):
    what, published = f"{p['optimizer']}, {settings}", p["test_error"]
    if p["lr"] == 1 and p["optimizer"] != "adagrad":  # on the brink of divergence: only in kind
        learns = published < 10
        kind = "learns" if learns else "fails"
        return Row(what, f"{published:.2f}", ours.text(2), kind, (ours.mean < 10) == learns, False, ours)
    if published < 4:
        return near(what, published, ours, 0.3, required=False)
    return share(what, published, ours, 20, required=False)


# ---- Smith et al. ----

WAYS = {"decay": "falling rate", "hybrid": "hybrid", "grow": "growing batch"}


@study("smith2017", "Smith et al. 2017, test accuracy %", 4)
def smith2017(bench):
    folder = {way: bench.sweep(PAPERS + f"smith2017/{way}.yaml", way) for way in WAYS}
    for x, file in (("epoch", "epochs"), ("step", "updates")):
        bench.plot(f"smith2017-{file}.png", list(folder.values()), "--where", "optimizer.name == 'momentum'",
                   "--group-by", "name", "--metric", "valid_accuracy", "--range", "0.95:0.98", "--x", x)
    groups = {way: {g.keys["optimizer.name"]: g for g in bench.compare(f)} for way, f in folder.items()}
    rows = []
    for name in ("sgd", "momentum", "nesterov", "adam"):
        ours = {way: groups[way][name].sample("test_accuracy").times(100) for way in WAYS}
        rows.append(shown(f"{name}, falling rate", ours["decay"].text(2)))
        rows += [holds(f"{name}, {WAYS[way]}", "as the falling rate", ours[way].text(2),
                       abs(ours[way].mean - ours["decay"].mean) <= 0.15, within="± 0.15") for way in ("hybrid", "grow")]
        rows.append(smith_curves(folder, name))
    steps = {way: rows_of(os.path.join(f, "members.csv"))[0]["step"] for way, f in folder.items()}
    return rows + [holds("updates: falling rate, hybrid, growing batch", "ever fewer",
                         ", ".join(f"{s:,.0f}" for s in steps.values()), steps["decay"] > steps["hybrid"] > steps["grow"])]


def smith_curves(folder, name):
    """How far the mean curves lie apart, beside what one seed differs from the next: in points, over all epochs."""
    curve = {way: mean_curve([r for r in runs_of(f) if f"optimizer={name}," in r], "valid_accuracy") for way, f in folder.items()}
    noise = sum(curve["decay"][1][1:]) / (len(curve["decay"][1]) - 1)
    gap = max(sum(abs(a - b) for a, b in zip(curve["decay"][0][1:], curve[way][0][1:])) / (len(curve[way][0]) - 1)
              for way in ("hybrid", "grow"))
    return holds(f"{name}: mean gap between the validation curves", "a seed's deviation", f"{100 * gap:.3f}", gap <= noise,
                 within=f"{100 * noise:.3f}")
