#!/usr/bin/env python3
"""Values that test_compare.c holds, worked out in other ways than the program does:
Student's quantiles by integrating the density, the tests by listing every choice of signs.

    compare_values.py
"""
import itertools
import math
from fractions import Fraction


def density(t, v):
    return math.exp(math.lgamma((v + 1) / 2) - math.lgamma(v / 2)) / math.sqrt(v * math.pi) * (1 + t * t / v) ** (-(v + 1) / 2)


def probability(t, v, n=20000):
    """P(T <= t) by Simpson's rule from 0."""
    h = t / n
    s = density(0, v) + density(t, v)
    s += 4 * math.fsum(density((2 * i - 1) * h, v) for i in range(1, n // 2 + 1))
    s += 2 * math.fsum(density(2 * i * h, v) for i in range(1, n // 2))
    return 0.5 + s * h / 3


def quantile(p, v):
    low, high = 0.0, 1.0
    while probability(high, v) < p:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if probability(middle, v) < p else (low, middle)
    return (low + high) / 2


def flips(d):
    d = [Fraction(str(x)) for x in d]
    seen = [abs(sum(s * x for s, x in zip(signs, d))) for signs in itertools.product((1, -1), repeat=len(d))]
    return sum(x >= abs(sum(d)) for x in seen) / len(seen)


def wilcoxon(d):
    d = [Fraction(str(x)) for x in d if x != 0]
    sizes = sorted(abs(x) for x in d)
    rank = {x: Fraction(2 * sizes.index(x) + sizes.count(x) + 1, 2) for x in sizes}
    ranks = [rank[abs(x)] for x in d]
    middle = sum(ranks) / 2
    away = abs(sum(r for r, x in zip(ranks, d) if x > 0) - middle)
    seen = [abs(sum(r for r, s in zip(ranks, signs) if s) - middle) for signs in itertools.product((0, 1), repeat=len(d))]
    return sum(x >= away for x in seen) / len(seen)


def wilcoxon_counted(d):
    """The same without ties, for many differences: how many subsets of the ranks have each sum."""
    order = sorted(range(len(d)), key=lambda i: abs(d[i]))
    total = sum(r + 1 for r, i in enumerate(order) if d[i] > 0)
    ways = [1]
    for rank in range(1, len(d) + 1):
        ways = [(ways[s] if s < len(ways) else 0) + (ways[s - rank] if s >= rank else 0) for s in range(len(ways) + rank)]
    away = abs(2 * total - (len(ways) - 1))
    return sum(w for s, w in enumerate(ways) if abs(2 * s - (len(ways) - 1)) >= away) / 2 ** len(d)


def sample(v):
    n, mean = len(v), math.fsum(v) / len(v)
    sd = math.sqrt(math.fsum((x - mean) ** 2 for x in v) / (n - 1))
    half = quantile(0.975, n - 1) * sd / math.sqrt(n)
    return mean, sd, mean - half, mean + half


def profiles(costs, taus):
    """costs: solver -> [cost on each problem, None: not solved], as exact fractions; Dolan and More 2002."""
    problems = range(len(next(iter(costs.values()))))
    least = [min(c[p] for c in costs.values() if c[p] is not None) for p in problems]
    return {s: [Fraction(sum(c[p] is not None and c[p] / least[p] <= t for p in problems), len(problems)) for t in taus]
            for s, c in costs.items()}


def as_good(values, within, lost=()):
    """values: [(setting, figure)]: the best setting, and the run of settings around it that are as good."""
    best = max(values, key=lambda v: v[1])
    good = [abs(v[1] - best[1]) <= within and v[0] not in lost for v in values]
    good[values.index(best)] = True
    return best[0], [x for x in runs_of(values, good) if best[0] in x][0]


def runs_of(values, good):
    runs, now = [], []
    for (setting, _), g in zip(values, good):
        now = now + [setting] if g else []
        if now:
            runs = [r for r in runs if r[0] != now[0]] + [now]
    return runs


def ranks(intervals):
    """[(mean, low, high)], more is better: ties with the best of the rank above where they overlap."""
    order, rank, first = sorted(intervals, reverse=True), {}, None
    for at, x in enumerate(order):
        if first is None or x[2] < first[1]:
            first, number = x, at + 1
        rank[x] = number
    return [rank[x] for x in intervals]


SAMPLE = [0.97, 0.9725, 0.9688, 0.9741, 0.9702]
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]  # Darwin's maize, as in Fisher 1935, chapter III
MANY = [(-1 if i % 5 < 2 else 1) * (1 + i * 7919 % 1009) for i in range(210)]
TIED = [0.002, 0.002, -0.001, 0.004, 0, 0.002, -0.002, 0.006]

if __name__ == "__main__":
    print("1 degree of freedom, 0.975:", repr(math.tan(math.pi * 0.475)))
    print("2 degrees of freedom, 0.975:", repr((2 * 0.975 - 1) * math.sqrt(2 / (4 * 0.975 * 0.025))))
    for p, v in ((0.975, 3), (0.975, 4), (0.975, 9), (0.975, 29), (0.975, 1000), (0.9, 5), (0.995, 7), (0.975, 2.5)):
        print(f"{v} degrees of freedom, {p}: {quantile(p, v)!r}")
    for name, v in (("darwin", DARWIN), ("tied", TIED), ("positive", [1, 2, 3, 4, 5])):
        print(name, "flips", repr(flips(v)), "wilcoxon", repr(wilcoxon(v)))
    print("many", wilcoxon_counted(MANY), "the first 150", wilcoxon_counted(MANY[:150]))
    print("sample", sample(SAMPLE))
    errors = {"sgd": [Fraction(10, 100), Fraction(20, 100), Fraction(1, 100)], "adam": [Fraction(5, 100), Fraction(19, 100), None]}
    for solver, rho in profiles(errors, [1, Fraction(5, 4), Fraction(3, 2), 2, 4, 8]).items():
        print(solver, "profile", *map(str, rho))
    percents = [(0.001, 949), (0.01, 900), (0.1, 950), (0.3, 942), (1, 940), (3, 945)]
    print("sensitivity", as_good(percents, 10, lost=(3,)))
    print("ranks", ranks([(0.95, 0.94, 0.96), (0.93, 0.925, 0.935), (0.92, 0.89, 0.95)]),
          ranks([(0.9, 0.88, 0.92), (0.95, 0.93, 0.97), (0.94, 0.91, 0.97), (0.5, 0.5, 0.5)]))
