#!/usr/bin/env python3
"""Writes statistics_values.inc: what scipy makes of small tables of groups, of pairs and of counts.

    python3 -m venv v && v/bin/pip install scipy
    v/bin/python tests/analysis/statistics_values.py > tests/analysis/statistics_values.inc

scipy 1.17.1; the tests themselves need it not.
"""
import itertools
import math

import numpy as np
from scipy import stats

# Accuracies of the runs of each group, and whether another run of it diverged.
TABLES = {
    "one to eight": [([0.91], 0), ([0.93, 0.95], 0), ([0.90, 0.92, 0.91, 0.94, 0.93], 0),
                     ([0.97, 0.96, 0.975, 0.972, 0.968, 0.971, 0.969, 0.974], 0)],
    "ties": [([0.9, 0.9, 0.91], 0), ([0.9, 0.91, 0.9], 0), ([0.88, 0.9], 0)],
    "all equal": [([0.9, 0.9, 0.9], 0), ([0.8, 0.8], 0), ([0.7], 0)],
    "diverged": [([0.2, 0.9], 1), ([0.93, 0.95, 0.94], 0), ([0.91, 0.90], 0), ([], 1)],
    "unbalanced": [([0.99], 0), ([0.98, 0.999], 0), ([0.02, 0.001, 0.03], 0), ([0.5, 0.52, 0.47, 0.55, 0.51], 0)],
    "single runs": [([0.9], 0), ([0.8], 0)],
}

PAIRS = {
    "one": [0.01],
    "two": [0.01, 0.02],
    "five": [0.01, -0.02, 0.03, 0.04, 0.05],
    "eight": [0.012, -0.003, 0.021, 0.008, 0.016, -0.007, 0.019, 0.004],
    "ties": [0.01, 0.01, -0.01, 0.02, 0.0, 0.02, -0.02],
    "all equal": [0.01] * 5,
    "no difference": [0.0] * 4,
}
# The first of runs with losses of 30,000, the others of 1.
ONE_LARGE = [5.0, 0.00012, -0.00003, 0.00021, 0.00008, 0.00016, -0.00007, 0.00019]

# Differences between pairs on folds and random splits, and the images held out over those trained on.
RESAMPLED = [([0.01, 0.02], 1), ([0.01, -0.02, 0.03], 1 / 2), ([0.012, 0.009, 0.021, 0.004, 0.016], 1 / 4),
             ([-0.3, -0.1, -0.2, -0.25, -0.31, -0.2, -0.15, -0.22], 1 / 9), ([0.02, 0.02, -0.02, -0.02], 1 / 3),
             ([5.0, 0.00012, -0.00003, 0.00021], 1 / 3), ([0.5, 0.5000001, 0.5000002], 0.0)]

COUNTS = [(0, 10), (10, 10), (1, 1), (0, 1), (0, 2), (1, 2), (2, 2), (0, 5), (3, 5), (5, 5), (0, 8), (7, 8), (8, 8), (7, 10), (93, 100),
          (9723, 10000), (1, 10000), (0, 10000), (10000, 10000)]
TRIALS = [0.1, 0.6, 0.6, 0.85, 0.9]
BUDGETS = [(TRIALS, 1), (TRIALS, 2), (TRIALS, 5), (TRIALS[:1], 3), (TRIALS[:1], 1), (TRIALS[:2], 1), (TRIALS[:2], 2), (TRIALS[:2], 8),
           ([0.9, 0.9, 0.9], 4), ([0.1, 0.1, 0.1, 0.6, 0.85, 0.9, 0.91, 0.92], 1), ([0.1, 0.1, 0.1, 0.6, 0.85, 0.9, 0.91, 0.92], 4)]
DISCORDANT = [(0, 0), (1, 0), (1, 1), (2, 0), (5, 0), (8, 0), (0, 10000), (0, 6), (3, 3), (10, 2), (40, 61), (700, 800)]
# Costs of three solvers, a row each; what diverged costs infinitely much.
RANKED = {
    "one problem": [[0.3], [0.1], [0.2]],
    "two": [[1, 2], [2, 1], [3, 3]],
    "five with ties": [[1, 1, 2, 5, 5], [1, 2, 2, 4, 5], [2, 1, 2, 6, 5]],
    "eight": [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8], [1, 4, 1, 4, 2, 1, 3, 5]],
    "all equal": [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]],
    "diverged": [[0.1, 0.2, 0.3], [math.inf, 0.1, math.inf], [0.2, math.inf, math.inf]],
}
SOLVERS_AND_PROBLEMS = [(2, 1), (2, 8), (3, 2), (5, 5), (10, 14), (25, 8), (40, 3)]


def intervals(groups):
    spreads = [(len(v) - 1, np.var(v, ddof=1)) for v, lost in groups if len(v) > 1 and not lost]
    freedom = sum(n for n, _ in spreads)
    pooled = math.sqrt(sum(n * s for n, s in spreads) / freedom) if freedom else math.nan
    for v, _ in groups:
        n = len(v)
        if n > 3:
            low, high = stats.t.interval(0.95, n - 1, loc=np.mean(v), scale=stats.sem(v))
        elif n > 0 and freedom:
            low, high = (stats.t.interval(0.95, freedom, loc=np.mean(v), scale=pooled / math.sqrt(n)) if pooled > 0
                         else (np.mean(v), np.mean(v)))
        else:
            low = high = math.nan
        yield pooled, freedom, max(low, 0.0) if low == low else low, min(high, 1.0) if high == high else high


def sign_flips(d):
    if len(d) == 1:
        return 1.0
    return stats.permutation_test((np.array(d),), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue


def signed_ranks(d):
    """Exact with ties: the sum of signed ranks under all choices of signs."""
    d = np.array([x for x in d if x])
    if len(d) < 2:
        return 1.0
    ranks = stats.rankdata(np.abs(d)) * np.sign(d)
    return stats.permutation_test((ranks,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue


def resampled(d, ratio):
    """The corrected resampled t-test (Nadeau and Bengio 2003), and the interval that it turns."""
    n, mean = len(d), np.mean(d)
    scale = math.sqrt((1 / n + ratio) * np.var(d, ddof=1))
    return (2 * stats.t.sf(abs(mean) / scale, n - 1), *stats.t.interval(0.95, n - 1, loc=mean, scale=scale))


def best_of(v, k):
    """By drawing every sequence of k values."""
    best = [max(x) for x in itertools.product(v, repeat=k)]
    return np.mean(best), np.std(best)


def explained(x, y):
    """Epsilon squared of Kruskal and Wallis's test; of many values of x six groups of neighbours."""
    ranks = stats.rankdata(x)
    groups = np.floor((ranks - 0.5) * 6 / len(x)) if len(set(x)) > 6 else ranks
    parts = [np.array(y)[groups == g] for g in sorted(set(groups))]
    return (stats.kruskal(*parts).statistic - len(parts) + 1) / (len(y) - len(parts))


def c(x):
    return "(double)NAN" if x != x else "HUGE_VAL" if x == math.inf else repr(float(x))


if __name__ == "__main__":
    print("/* Written by statistics_values.py. */")
    print("static const struct table_case {\n    const char *name;\n    size_t group, n;\n    double value[8];\n    bool lost;\n"
          "    double pooled;\n    size_t freedom;\n    double low, high;\n} table_cases[] = {")
    for name, groups in TABLES.items():
        for g, ((v, lost), (pooled, freedom, low, high)) in enumerate(zip(groups, intervals(groups))):
            values = ", ".join(map(c, v)) or "0"
            print(f'    {{"{name}", {g}, {len(v)}, {{{values}}}, {"true" if lost else "false"}, {c(pooled)}, {freedom}, '
                  f"{c(low)}, {c(high)}}},")
    print("};\nstatic const struct pair_case {\n    const char *name;\n    size_t n;\n    double d[8], flips, wilcoxon;\n} pair_cases[] = {")
    for name, d in PAIRS.items():
        print(f'    {{"{name}", {len(d)}, {{{", ".join(map(c, d))}}}, {c(sign_flips(d))}, {c(signed_ranks(d))}}},')
    print(f'}};\nstatic const struct pair_case one_large = {{"one large", 8, {{{", ".join(map(c, ONE_LARGE))}}}, {c(sign_flips(ONE_LARGE))}, '
          f"{c(signed_ranks(ONE_LARGE))}}};")
    print("static const struct {\n    size_t n;\n    double d[8], ratio, p, low, high;\n} resampled_cases[] = {")
    for d, ratio in RESAMPLED:
        print(f'    {{{len(d)}, {{{", ".join(map(c, d))}}}, {", ".join(map(c, (ratio, *resampled(d, ratio))))}}},')
    print("};\nstatic const struct {\n    size_t hits, n;\n    double low, high;\n} wilson_cases[] = {")
    for k, n in COUNTS:
        i = stats.binomtest(k, n).proportion_ci(method="wilson")
        print(f"    {{{k}, {n}, {c(i.low)}, {c(i.high)}}},")
    print("};\nstatic const struct {\n    size_t one, other;\n    double p;\n} mcnemar_cases[] = {")
    for a, b in DISCORDANT:
        print(f"    {{{a}, {b}, {c(stats.binomtest(a, a + b).pvalue if a + b else 1.0)}}},")
    print("};\nstatic const struct {\n    size_t n, k;\n    double v[8], mean, sd;\n} best_cases[] = {")
    for v, k in BUDGETS:
        print(f'    {{{len(v)}, {k}, {{{", ".join(map(c, v))}}}, {", ".join(map(c, best_of(v, k)))}}},')
    print("};\nstatic const struct ranked_case {\n    const char *name;\n    size_t problems;\n    double cost[24], rank[3];\n} ranked_cases[] = {")
    for name, costs in RANKED.items():
        ranks = np.mean([stats.rankdata(problem) for problem in zip(*costs)], axis=0)
        flat = ", ".join(c(x) for row in costs for x in row)
        print(f'    {{"{name}", {len(costs[0])}, {{{flat}}}, {{{", ".join(map(c, ranks))}}}}},')
    print("};\n/* Nemenyi's, as Demsar (2006) has it: the range of normal numbers over the square root of 2. */\n"
          "static const struct {\n    size_t solvers, problems;\n    double difference;\n} critical_cases[] = {")
    for k, n in SOLVERS_AND_PROBLEMS:
        print(f"    {{{k}, {n}, {c(stats.studentized_range.ppf(0.95, k, np.inf) / math.sqrt(2) * math.sqrt(k * (k + 1) / (6 * n)))}}},")
    print("};\n/* Of 60 values of x, 0 to 59: y has a hump; diverges from 40 on; has nothing to do with it. */")
    x = range(60)
    for name, y in (("hump", [-abs(i - 29.5) for i in x]), ("lost", [1 + i % 2 if i < 40 else -1e9 for i in x]),
                    ("nothing", [i * 37 % 60 % 7 for i in x])):
        print(f"static const double explained_{name} = {c(explained(x, y))};")
    many = [(-1 if i % 5 < 2 else 1) * (1 + i * 7919 % 1009) for i in range(210)]
    tied = [(-1 if i % 5 < 2 else 1) * (1 + i % 7) for i in range(230)]
    print("/* The normal approximation of Wilcoxon's test, corrected for ties and continuity. */")
    for name, d in (("many", many), ("tied", tied), ("one_way", [abs(x) for x in tied])):
        print(f"static const double normal_{name} = {c(stats.wilcoxon(d, correction=True, method='approx').pvalue)};")
