#!/usr/bin/env python3
"""Writes reference.json: the value of every schedule at every t, in double precision, for test_reference.c.

    reference.py > reference.json

Each schedule is written here once more from its source, independently of the C code. Where PyTorch has it, both are
asserted to agree before anything is written (needs PyTorch 1.13); the recorded case then says with which class. PyTorch's
recursive forms gather an error with each step, so that the agreement asked for is 1e-10 of the largest value; where it
has a closed form it is 1e-14. The greatest difference of each case goes to stderr.

A case: `spec`, a list of entries; `interval` and `length`, the run's in that unit; `lr` and `momentum`, the base values;
`values` (and `momenta`) at t = 0, 1, ...; for what observes, `metrics` (null: NaN), values[i] after i of them.
"""
import json
import math
import sys
import warnings
from fractions import Fraction

import torch
from torch.optim import lr_scheduler as pt

warnings.simplefilter("ignore")

LR, MOMENTUM = 0.05, 0.9
RECURSIVE, CLOSED = 1e-10, 1e-14
cases = []


def optimizer(lr=LR):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, momentum=MOMENTUM)


def run(make, n):
    """lr and momentum of PyTorch's scheduler at t = 0 .. n - 1, by its own steps."""
    o = optimizer()
    s = make(o)
    lrs, momenta = [], []
    for t in range(n):
        if t > 0:
            o.step()
            s.step()
        lrs.append(o.param_groups[0]["lr"])
        momenta.append(o.param_groups[0]["momentum"])
    return lrs, momenta


def closed(make, n):
    """lr at t = 0 .. n - 1 by PyTorch's closed form."""
    o = optimizer()
    s = make(o)
    lrs = []
    for t in range(n):
        s.last_epoch = t
        lrs.append(s._get_closed_form_lr()[0])
    return lrs


def assert_close(name, ours, theirs, tolerance):
    scale = max(abs(v) for v in ours)
    worst = max(abs(a - b) for a, b in zip(ours, theirs)) / scale
    print(f"{name:60s} {worst:.1e}", file=sys.stderr)
    assert len(ours) == len(theirs) and worst <= tolerance, (name, worst)


def case(name, spec, f, n=61, length=60, interval="epoch", momentum=None, oracle=None, until=None,
         tolerance=RECURSIVE, exact=False, checked=None):
    """f(t): the value; momentum(t); oracle: makes PyTorch's scheduler, to be compared with at t < until; exact: it has a
    closed form, compared too."""
    values = [float(f(t)) for t in range(n)]
    entries = spec if isinstance(spec, list) else [spec]
    if interval == "step":
        entries = [e if "interval:" in e else e[:-1] + ", interval: step}" for e in entries]
    c = {"name": name, "spec": entries, "interval": interval, "length": length,
         "lr": LR, "momentum": MOMENTUM, "values": values}
    if momentum:
        c["momenta"] = [float(momentum(t)) for t in range(n)]
    if oracle:
        until = until or n
        lrs, momenta = run(oracle, until)
        assert_close(name, values[:until], lrs, tolerance)
        if momentum:
            assert_close(name + ", momentum", c["momenta"][:until], momenta, tolerance)
        if exact:
            assert_close(name + ", closed form", values[:until], closed(oracle, until), CLOSED)
        c["checked"] = "PyTorch 1.13 " + type(oracle(optimizer())).__name__ + (f" at t < {until}" if until < n else "")
    elif checked:
        c["checked"] = checked
    cases.append(c)


# ---- factors ----

def constant(factor):
    return lambda t: LR * factor


def steps(every, gamma):
    return lambda t: LR * gamma ** (t // every)


def multistep(milestones, gamma):
    return lambda t: LR * gamma ** sum(m <= t for m in milestones)


def exponential(gamma):
    return lambda t: LR * gamma ** t


def linear(start, end, over):
    return lambda t: LR * (start * (1 - min(t, over) / over) + end * min(t, over) / over)


def polynomial(over, power):
    return lambda t: LR * (max(over - t, 0) / over) ** power


def cosine(over, low=0.0, periodic=False):
    """2 cos(x / 2)^2 for 1 + cos x."""
    def f(t):
        t = t if periodic else min(t, over)
        t %= 2 * over
        return low + (LR - low) * math.cos(math.pi * min(t, 2 * over - t) / (2 * over)) ** 2
    return f


def restarts(first, multiply, low=0.0):
    def f(t):
        length, start = first, 0
        while t >= start + length:
            start, length = start + length, length * multiply
        return low + (LR - low) * math.cos(math.pi * (t - start) / (2 * length)) ** 2
    return f


# ---- curves of their own ----

def cyclic_height(up, down, mode, gamma):
    """Smith 2015, with the place in the cycle as an exact fraction."""
    def height(t):
        cycle, place = divmod(t, up + down)
        s = Fraction(place, up) if place <= up else Fraction(up + down - place, down)
        return float(s) * {"triangular": 1, "triangular2": 0.5 ** cycle, "exp_range": gamma ** t}[mode]
    return height


def cyclic(base, top, up, down=None, mode="triangular", gamma=1.0, n=301, momenta=(0.8, 0.9)):
    h = cyclic_height(up, down or up, mode, gamma)
    spec = f"{{name: cyclic, base_lr: {base}, max_lr: {top}, step_size_up: {up}, mode: {mode}"
    spec += f", step_size_down: {down}" if down else ""
    spec += f", gamma: {gamma}" if mode == "exp_range" else ""
    spec += f", base_momentum: {momenta[0]}, max_momentum: {momenta[1]}}}"
    # PyTorch's 1 + t / L - floor(1 + t / L) loses digits as t / L grows: 2e-16 t / L, over the ratio of the way up
    case(f"cyclic {mode} {up}/{down or up}", spec, lambda t: base + (top - base) * h(t), n=n, length=300, interval="step",
         momentum=lambda t: momenta[1] - (momenta[1] - momenta[0]) * h(t), tolerance=1e-12,
         oracle=lambda o: pt.CyclicLR(o, base, top, up, down, mode, gamma, base_momentum=momenta[0],
                                      max_momentum=momenta[1]))


def one_cycle(T, top, pct=0.3, anneal="cos", three=False, div=25.0, final=1e4, momenta=(0.85, 0.95), over=None, n=None):
    first, last = top / div, top / div / final
    ends = [0, pct * T - 1] + ([2 * pct * T - 2] if three else []) + [T - 1]
    corners = [first, top] + ([first] if three else []) + [last]
    low, high = momenta
    momentum_corners = [high, low] + [high] * (len(corners) - 2)

    def curve(corner):
        def f(t):
            t = min(t, T - 1)
            i = next(i for i in range(1, len(ends)) if t <= ends[i])
            p = (t - ends[i - 1]) / (ends[i] - ends[i - 1])
            far = p if anneal == "linear" else math.sin(math.pi * p / 2) ** 2
            return corner[i - 1] * (1 - far) + corner[i] * far
        return f

    spec = f"{{name: one_cycle, max_lr: {top}, pct_start: {pct}, anneal: {anneal}, three_phase: {str(three).lower()}"
    spec += f", div_factor: {div}, final_div_factor: {final}, base_momentum: {low}, max_momentum: {high}"
    spec += f", over: {over}}}" if over else "}"
    name = f"one_cycle {anneal} {'three' if three else 'two'} phases, {T}" + (" and held" if over else "")
    case(name, spec, curve(corners), n=n or T, length=T if not over else 2 * T, interval="step",
         momentum=curve(momentum_corners), tolerance=CLOSED, until=T,  # past which PyTorch's raises an exception
         oracle=lambda o: pt.OneCycleLR(o, top, T, pct_start=pct, anneal_strategy=anneal, div_factor=div,
                                        final_div_factor=final, three_phase=three, base_momentum=low, max_momentum=high))


def sigmoid(gamma, step, rising):
    """Only with exponentials that cannot overflow."""
    def f(t):
        x = gamma * (step - t) if rising else gamma * (t - step)
        e = math.exp(-abs(x))
        return LR * (e if x > 0 else 1) / (1 + e)
    return f


def noam(warmup, d_model=None):
    """Vaswani et al. 2017, equation 3, its step from 1; without d_model over its greatest value."""
    def f(t):
        rate = min((t + 1) ** -0.5, (t + 1) * warmup ** -1.5)
        return LR * rate * (d_model ** -0.5 if d_model else warmup ** 0.5)
    return f


def wsd(T, warmup=0.1, decay=0.2, low=0.0, root=False):
    """The interval that ends at t + 1 has climbed (t + 1) / (warmup T); the one that begins at t has T - t to go."""
    up, down = Fraction(str(warmup)) * T, Fraction(str(decay)) * T

    def f(t):
        if up and Fraction(t + 1) < up:
            return LR * float((t + 1) / up)
        p = float(1 - (T - min(t, T)) / down) if down and T - t < down else 0.0
        return low + (LR - low) * (1 - (math.sqrt(p) if root else p))
    return f


# ---- what observes ----

def plateau(metrics, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0, min_lr=0.0,
            eps=1e-8):
    """Values before the first and after each metric."""
    best, bad, rest, lr = None, 0, 0, LR
    values = [lr]
    for m in metrics:
        if best is None:
            limit = -math.inf if mode == "max" else math.inf
        elif threshold_mode == "rel":
            limit = best * (1 - threshold if mode == "min" else 1 + threshold)
        else:
            limit = best - threshold if mode == "min" else best + threshold
        if (m < limit) if mode == "min" else (m > limit):  # false for NaN
            best, bad = m, 0
        else:
            bad += 1
        if rest > 0:
            rest, bad = rest - 1, 0
        if bad > patience:
            cut = max(lr * factor, min_lr)
            lr = cut if lr - cut > eps else lr
            rest, bad = cooldown, 0
        values.append(lr)
    return values


def plateau_case(name, metrics, **options):
    values = plateau(metrics, **options)
    o = optimizer()
    s = pt.ReduceLROnPlateau(o, **options)
    theirs = [o.param_groups[0]["lr"]]
    for m in metrics:
        s.step(m)
        theirs.append(o.param_groups[0]["lr"])
    assert values == theirs, name
    assert min(values) < LR, name + ": nothing is cut"
    keys = "".join(f", {k}: {v}" for k, v in options.items())
    cases.append({"name": "reduce_on_plateau " + name, "spec": [f"{{name: reduce_on_plateau, monitor: valid_loss{keys}}}"],
                  "interval": "epoch", "length": len(metrics), "lr": LR, "momentum": MOMENTUM, "values": values,
                  "metrics": [None if math.isnan(m) else m for m in metrics],
                  "checked": "PyTorch 1.13 ReduceLROnPlateau"})


def noisy(n, falls_until, sign=1):
    """A loss that falls and then wavers, of short decimals."""
    return [sign * round(max(1 - t / falls_until, 0.1) + 0.01 * ((t * 7) % 5 - 2), 4) for t in range(n)]


# ---- all cases ----

def factors():
    case("constant", "{name: constant, factor: 0.3}", constant(0.3))
    case("step 7", "{name: step, every: 7, gamma: 0.2}", steps(7, 0.2), oracle=lambda o: pt.StepLR(o, 7, 0.2), exact=True)
    case("step 1", "{name: step, every: 1}", steps(1, 0.1), oracle=lambda o: pt.StepLR(o, 1), exact=True)
    case("halving", "{name: halving}", steps(1, 0.5), oracle=lambda o: pt.StepLR(o, 1, 0.5), exact=True)
    case("halving every 10", "{name: halving, every: 10}", steps(10, 0.5), oracle=lambda o: pt.StepLR(o, 10, 0.5),
         exact=True)
    case("multistep", "{name: multistep, milestones: [5, 6, 30], gamma: 0.3}", multistep([5, 6, 30], 0.3),
         oracle=lambda o: pt.MultiStepLR(o, [5, 6, 30], 0.3), exact=True)
    case("multistep from 1", "{name: multistep, milestones: [1, 59]}", multistep([1, 59], 0.1),
         oracle=lambda o: pt.MultiStepLR(o, [1, 59]), exact=True)
    case("exponential gamma", "{name: exponential, gamma: 0.95}", exponential(0.95),
         oracle=lambda o: pt.ExponentialLR(o, 0.95), exact=True)
    case("exponential k", "{name: exponential, k: 0.1}", lambda t: LR * math.exp(-t / 10),
         oracle=lambda o: pt.ExponentialLR(o, math.exp(-0.1)), exact=True)
    case("exponential gamma every 5", "{name: exponential, gamma: 0.9, every: 5}", lambda t: LR * 0.9 ** (t - t % 5),
         oracle=lambda o: pt.StepLR(o, 5, 0.9 ** 5), exact=True)
    case("exponential k every 4", "{name: exponential, k: 0.02, every: 4}", lambda t: LR * math.exp(-(t - t % 4) / 50))
    case("inverse", "{name: inverse, k: 0.1}", lambda t: LR / (1 + t / 10))
    case("inverse power", "{name: inverse, k: 0.0001, power: 0.75}", lambda t: LR * (1 + t / 10000) ** -0.75, n=101,
         length=100, interval="step", checked="Caffe's inv at 100: lr 0.01 becomes 0.00992565029")
    assert round(cases[-1]["values"][100] * 0.01 / LR, 11) == 0.00992565029
    case("linear", "{name: linear}", linear(1 / 3, 1, 5), oracle=lambda o: pt.LinearLR(o), exact=True)
    case("linear falling", "{name: linear, start: 1, end: 0.1, over: 30}", linear(1, 0.1, 30),
         oracle=lambda o: pt.LinearLR(o, 1, 0.1, 30), exact=True)
    case("polynomial", "{name: polynomial, over: 20}", polynomial(20, 1), oracle=lambda o: pt.PolynomialLR(o, 20),
         exact=True)
    case("polynomial power", "{name: polynomial, over: 45, power: 2.5}", polynomial(45, 2.5),
         oracle=lambda o: pt.PolynomialLR(o, 45, 2.5), exact=True)
    case("warmup", "{name: warmup}", linear(0.1, 1, 5), oracle=lambda o: pt.LinearLR(o, 0.1, 1, 5), exact=True)
    case("warmup constant", "{name: warmup, shape: constant, over: 7, start: 0.25}",
         lambda t: LR * (0.25 if t < 7 else 1), oracle=lambda o: pt.ConstantLR(o, 0.25, 7), exact=True)
    case("warmup exponential", "{name: warmup, shape: exponential, over: 10, start: 0.01}",
         lambda t: LR * 10 ** (min(t, 10) / 5 - 2))


def cosines():
    case("cosine whole run", "{name: cosine}", cosine(60), oracle=lambda o: pt.CosineAnnealingLR(o, 60), exact=True)
    case("cosine held", "{name: cosine, over: 25, min: 0.002}", cosine(25, 0.002),
         oracle=lambda o: pt.CosineAnnealingLR(o, 25, 0.002), until=26, exact=True)
    case("cosine to its end", "{name: cosine, over: 60, min: 0.002}", cosine(60, 0.002), n=61,
         oracle=lambda o: pt.CosineAnnealingLR(o, 60, 0.002), exact=True)
    case("cosine periodic", "{name: cosine, over: 10, min: 0.001, periodic: true}", cosine(10, 0.001, True),
         oracle=lambda o: pt.CosineAnnealingLR(o, 10, 0.001), exact=True)
    for first, multiply, low in ((10, 1, 0.0), (1, 3, 0.0), (5, 2, 0.004), (1, 1, 0.0), (7, 4, 0.01)):
        spec = f"{{name: cosine_restarts, first: {first}, multiply: {multiply}, min: {low}}}"
        case(f"cosine_restarts {first} {multiply}", spec,
             restarts(first, multiply, low), n=131, length=130, tolerance=1e-14,
             oracle=lambda o: pt.CosineAnnealingWarmRestarts(o, first, multiply, low))


def cycles():
    cyclic(0.01, 0.1, 20)
    cyclic(0.001, 0.3, 7, 30, momenta=(0.5, 0.99))
    cyclic(0.0, 0.1, 13, 11, "triangular2")
    cyclic(0.02, 0.06, 25, 50, "exp_range", 0.99)
    cyclic(0.02, 0.06, 1, 1, "triangular", n=61)
    one_cycle(300, 0.1)
    one_cycle(100, 0.4, pct=0.25, anneal="linear")
    one_cycle(100, 0.1, three=True)
    one_cycle(61, 0.1, pct=0.45, three=True, anneal="linear", div=10.0, final=100.0, momenta=(0.7, 0.9))
    one_cycle(10, 1.0)
    one_cycle(50, 0.1, pct=1.0)
    one_cycle(60, 0.2, over=60, n=121)


def others():
    case("sigmoid", "{name: sigmoid, gamma: 0.2, step: 30}", sigmoid(0.2, 30, False))
    case("sigmoid rising", "{name: sigmoid, gamma: 0.5, step: 10, rising: true}", sigmoid(0.5, 10, True))
    case("sigmoid steep", "{name: sigmoid, gamma: 50, step: 20}", sigmoid(50, 20, False))
    case("inverse_sqrt", "{name: inverse_sqrt}", lambda t: LR * (t + 1) ** -0.5)
    case("inverse_sqrt alpha", "{name: inverse_sqrt, alpha: 0.4}", lambda t: LR * 0.4 * (t + 1) ** -0.5)
    case("noam", "{name: noam, warmup: 20}", noam(20))
    assert max(cases[-1]["values"]) == cases[-1]["values"][19] and abs(cases[-1]["values"][19] / LR - 1) < 1e-15
    case("noam d_model", "{name: noam, warmup: 40, d_model: 512}", noam(40, 512))
    case("wsd", "{name: wsd}", wsd(60))
    case("wsd uneven", "{name: wsd, warmup: 0.13, decay: 0.31, min: 0.003}", wsd(60, 0.13, 0.31, 0.003))
    case("wsd sqrt", "{name: wsd, warmup: 0.05, decay: 0.5, shape: sqrt}", wsd(120, 0.05, 0.5, root=True), n=121,
         length=120, interval="step")
    case("wsd decay alone", "{name: wsd, warmup: 0, decay: 1}", wsd(60, 0, 1))
    case("wsd warm-up alone", "{name: wsd, warmup: 1, decay: 0}", wsd(60, 1, 0))


def expressions():
    for text in ("epoch // 30", "0.95 ** epoch", "1 - epoch / 60", "0.5 * (1 + cos(pi * t / T))", "exp(-0.1 * t)"):
        code = compile(text, text, "eval")
        f = lambda t: eval(code, {"epoch": t, "t": t, "T": 60, "cos": math.cos, "exp": math.exp, "pi": math.pi})
        case("lambda " + text, f'{{name: lambda, expr: "{text}"}}', lambda t: LR * f(t),
             oracle=lambda o: pt.LambdaLR(o, f), tolerance=CLOSED)
    for text in ("0.95", "1 - 1 / (t + 1) ** 2", "0.9 if epoch % 7 == 0 else 1"):
        code = compile(text, text, "eval")
        f = lambda t: eval(code, {"epoch": t, "t": t})
        ours = text.replace("0.9 if epoch % 7 == 0 else 1", "if(epoch % 7 == 0, 0.9, 1)")
        case("multiplicative " + ours, f'{{name: multiplicative, expr: "{ours}"}}',
             lambda t: LR * math.prod(f(i) for i in range(1, t + 1)), oracle=lambda o: pt.MultiplicativeLR(o, f))


def pieces(milestones, *fs):
    """Each from its own t = 0."""
    def f(t):
        i = sum(m <= t for m in milestones)
        return fs[i](t - ([0] + milestones)[i])
    return f


def sequences():
    case("sequential two", "{name: sequential, schedules: [{name: linear, start: 0.1, over: 10}, "
         "{name: exponential, gamma: 0.9}], milestones: [10]}", pieces([10], linear(0.1, 1, 10), exponential(0.9)),
         oracle=lambda o: pt.SequentialLR(o, [pt.LinearLR(o, 0.1, 1, 10), pt.ExponentialLR(o, 0.9)], [10]))
    case("sequential three", "{name: sequential, schedules: [{name: step, every: 3, gamma: 0.5}, "
         "{name: linear, start: 0.5, over: 8}, {name: multistep, milestones: [4, 9], gamma: 0.3}], milestones: [8, 31]}",
         pieces([8, 31], steps(3, 0.5), linear(0.5, 1, 8), multistep([4, 9], 0.3)),
         oracle=lambda o: pt.SequentialLR(o, [pt.StepLR(o, 3, 0.5), pt.LinearLR(o, 0.5, 1, 8),
                                              pt.MultiStepLR(o, [4, 9], 0.3)], [8, 31]))
    case("sequential restarts", "{name: sequential, schedules: [{name: warmup, over: 6}, "
         "{name: cosine_restarts, first: 5, multiply: 2, min: 0.001}], milestones: [6]}",
         pieces([6], linear(0.1, 1, 6), restarts(5, 2, 0.001)),
         oracle=lambda o: pt.SequentialLR(o, [pt.LinearLR(o, 0.1, 1, 6),
                                              pt.CosineAnnealingWarmRestarts(o, 5, 2, 0.001)], [6]))
    case("sequential lengths", "{name: sequential, schedules: [cosine, wsd, cosine], milestones: [17, 40]}",
         pieces([17, 40], cosine(17), wsd(23), cosine(20)))
    case("sequential expressions", '{name: sequential, schedules: [{name: lambda, expr: "0.9 ** epoch"}, '
         '{name: lambda, expr: "1 - epoch / epochs"}], milestones: [25]}',
         pieces([25], exponential(0.9), lambda t: LR * (1 - t / 35)),
         oracle=lambda o: pt.SequentialLR(o, [pt.LambdaLR(o, lambda t: 0.9 ** t), pt.LambdaLR(o, lambda t: 1 - t / 35)],
                                          [25]), tolerance=CLOSED)
    case("sequential expressions in steps", '{name: sequential, schedules: [{name: lambda, expr: "0.9 ** t"}, '
         '{name: lambda, expr: "0.99 ** step * t / T"}], milestones: [20], interval: step}',
         pieces([20], exponential(0.9), lambda t: LR * 0.99 ** t * t / 40), interval="step",
         oracle=lambda o: pt.SequentialLR(o, [pt.LambdaLR(o, lambda t: 0.9 ** t),
                                              pt.LambdaLR(o, lambda t: 0.99 ** t * t / 40)], [20]), tolerance=CLOSED)
    case("sequential nested", "{name: sequential, schedules: [{name: sequential, schedules: ["
         "{name: constant, factor: 0.1}, cosine], milestones: [5]}, {name: halving, every: 4}], milestones: [25]}",
         pieces([25], pieces([5], constant(0.1), cosine(20)), steps(4, 0.5)))
    h = cyclic_height(4, 6, "triangular", 1)
    case("sequential momentum", "{name: sequential, interval: step, schedules: [{name: warmup, over: 20}, {name: cyclic, "
         "base_lr: 0.01, max_lr: 0.1, step_size_up: 4, step_size_down: 6}], milestones: [20]}",
         pieces([20], linear(0.1, 1, 20), lambda t: 0.01 + 0.09 * h(t)), interval="step",
         momentum=pieces([20], lambda t: MOMENTUM, lambda t: 0.9 - 0.1 * h(t)))


def lists():
    case("list of two", ["{name: warmup, over: 5, start: 0.2}", "{name: step, every: 20, gamma: 0.3}"],
         lambda t: linear(0.2, 1, 5)(t) * steps(20, 0.3)(t) / LR,
         oracle=lambda o: pt.ChainedScheduler([pt.LinearLR(o, 0.2, 1, 5), pt.StepLR(o, 20, 0.3)]))
    case("list of three", ["{name: cosine, min: 0.001}", "{name: exponential, gamma: 0.99}", "{name: noam, warmup: 9}"],
         lambda t: cosine(60, 0.001)(t) * 0.99 ** t * noam(9)(t) / LR)


def plateaus():
    flat, wave = [0.5] * 40, noisy(60, 20)
    plateau_case("constant metric", flat)
    plateau_case("falling, then wavering", wave, patience=3)
    plateau_case("max", noisy(60, 20, -1), mode="max", patience=2, factor=0.5)
    plateau_case("max rel below zero", [-0.5] * 8 + [-0.50004] * 3 + [-0.7] * 10, mode="max", patience=4)
    plateau_case("min abs", wave, threshold_mode="abs", threshold=0.05, patience=1, factor=0.3)
    plateau_case("max abs", noisy(60, 20, -1), mode="max", threshold_mode="abs", threshold=0.05, patience=1, factor=0.3)
    plateau_case("cooldown", flat, patience=2, cooldown=3, factor=0.7)
    plateau_case("cooldown without patience", wave, patience=0, cooldown=1, factor=0.9)
    plateau_case("min_lr", flat, patience=1, factor=0.2, min_lr=0.001)
    plateau_case("eps", flat, patience=0, factor=0.1, eps=1e-4)
    plateau_case("nan", [math.nan, math.nan, 0.5, math.nan, 0.4, math.nan, math.nan, math.nan, 0.3, 0.3, 0.3], patience=1)
    plateau_case("no threshold", [round(1 - 0.001 * t, 4) for t in range(10)] + [0.991] * 10, patience=2, threshold=0)


for group in (factors, cosines, cycles, others, expressions, sequences, lists, plateaus):
    group()
assert len({c["name"] for c in cases}) == len(cases)
print("[\n" + ",\n".join(json.dumps(c, allow_nan=False) for c in cases) + "\n]")
