"""What every study needs: runs of `descent`, what they reach, rows of ours beside the published, the table."""

import csv
import json
import os
import signal
import statistics
import subprocess
import sys


class Stopped(Exception):
    """A command that did not do its work; its exit code."""


def run_descent(program, *words, can_fail=False):
    """What descent prints. It is told of signals and stops in its own way, after a checkpoint; so do we. can_fail: a member of a
    sweep may fail."""
    child = subprocess.Popen([program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _: child.send_signal(n))
    output = None
    while output is None:
        try:
            output = child.communicate()[0]
        except KeyboardInterrupt:  # the terminal has sent it to descent too
            continue
    if child.returncode and not (can_fail and child.returncode == 1):
        print(output, end="", file=sys.stderr)
        raise Stopped(child.returncode)
    return output


class Bench:
    """Where a study runs: the program, its folder, the user's overrides."""

    def __init__(self, descent, out, jobs=1, overrides=(), full=False):
        self.descent, self.out, self.jobs, self.overrides, self.full = descent, out, jobs, list(overrides), full

    def command(self, *words):
        return run_descent(self.descent, *words)

    def sweep(self, spec, name, *overrides):
        """Trains what is not yet trained of a sweep; its folder. Overrides of the user come last and win."""
        folder = os.path.join(self.out, name)
        print(f"{spec} -> {folder}", file=sys.stderr)
        self.command("sweep", spec, *overrides, *self.overrides, "-q", "--no-plots", "-j", str(self.jobs), "-o", folder)
        return folder

    def compare(self, folders, *options):
        """The groups of seeds in folders, as `descent compare` makes them."""
        folders = [folders] if isinstance(folders, str) else folders
        return [Group(g) for g in json.loads(self.command("compare", *folders, *options, "--format", "json"))["groups"]]

    def plot(self, name, folders, *options):
        folders = [folders] if isinstance(folders, str) else folders
        self.command("plot", *folders, *options, "-o", os.path.join(self.out, name), "-q")

    def trace(self, spec, name, *overrides):
        folder = os.path.join(self.out, name)
        self.command("trace", spec, *overrides, "--no-plots", "-q", "-o", folder)
        return folder

    def measured(self, test):
        """What a test program writes to stderr as `measured: WORDS`, in words; it stands beside the program."""
        program = os.path.join(os.path.dirname(self.descent), test)
        done = subprocess.run([program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, env={**os.environ, "CK_RUN_CASE": "published problems"})
        return [line.split()[1:] for line in done.stderr.splitlines() if line.startswith("measured: ")]


class Group:
    """Runs that differ only in the seed."""

    def __init__(self, g):
        self.label, self.keys, self.g = g["label"], g["keys"], g

    def sample(self, metric):
        m = self.g["metrics"].get(metric) or {}
        return Sample(m.get("mean"), m.get("sd"), m.get("n", 0))

    def error(self):
        """Test error in percent; a run that diverged learned nothing: as good as one class for all (9 of 10 wrong)."""
        accuracy = self.sample("test_accuracy")
        if accuracy.n:
            return Sample(100 - 100 * accuracy.mean, accuracy.sd and 100 * accuracy.sd, accuracy.n, self.diverged)
        return Sample(90.2, None, 1)

    @property
    def diverged(self):
        return self.g["status"].get("diverged", 0)

    def reached(self, unit):
        """Mean steps, epochs or seconds until the target of --target, where all its runs reached it; else None."""
        r = self.g.get("target") or {}
        return r[unit]["mean"] if r.get("runs") and r.get("runs") == r[unit]["n"] else None


class Sample:
    def __init__(self, mean, sd=None, n=1, diverged=0):
        self.mean, self.sd, self.n = mean, sd, n  # of the runs that ended
        self.diverged = diverged

    @classmethod
    def of(cls, values):
        values = list(values)
        return cls(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None, len(values))

    def times(self, factor):
        return Sample(self.mean * factor, self.sd and self.sd * factor, self.n)

    def text(self, digits):
        text = f"{self.mean:.{digits}f}" + (f" ± {self.sd:.{digits}f}" if self.sd is not None else "")
        return text + (f", {self.diverged} of {self.n + self.diverged} diverged" if self.diverged else "")


class Row:
    """One number, ours beside the published. agrees: True, False, or None where nothing can be said."""

    def __init__(self, what, published, ours, within="", agrees=None, required=True, sample=None):
        self.what, self.published, self.ours, self.within = what, published, ours, within
        self.agrees, self.required, self.sample = agrees, required, sample

    @property
    def fails(self):
        return self.required and self.agrees is False


def near(what, published, sample, within, digits=2, required=True):
    """Our mean lies within so much of the published number."""
    agrees = abs(round(sample.mean, digits) - published) <= within + 1e-9
    return Row(what, f"{published:.{digits}f}", sample.text(digits), f"± {within:g}", agrees, required, sample)


def share(what, published, sample, percent, digits=2, required=True):
    """Our mean lies within so many percent of the published number."""
    agrees = abs(sample.mean - published) <= percent / 100 * abs(published)
    return Row(what, f"{published:.{digits}f}", sample.text(digits), f"± {percent:g} %", agrees, required, sample)


def holds(what, expected, ours, agrees, required=True, within=""):
    """A statement, of order or kind."""
    return Row(what, expected, ours, within, bool(agrees), required)


def shown(what, ours, published="–"):
    """A number that stands beside another without a verdict, or beside none."""
    return Row(what, published, ours)


def rows_of(path):
    """A CSV file's rows, numbers as numbers, what is empty as None; comments in `#` lines are left out."""
    with open(path, newline="", encoding="utf-8") as f:
        return [{k: number(v) for k, v in row.items()} for row in csv.DictReader(x for x in f if not x.startswith("#"))]


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return text or None


def runs_of(folder):
    """The folders of a sweep's runs that were trained to their end."""
    return [os.path.join(folder, m["folder"]) for m in rows_of(os.path.join(folder, "members.csv")) if m["status"] == "completed"]


def at_epoch(folder, epoch, column):
    """A column at an epoch (-1: the last), over a sweep's runs."""
    epochs = [rows_of(os.path.join(run, "epochs.csv")) for run in runs_of(folder)]
    return Sample.of(e[min(epoch, len(e) - 1)][column] for e in epochs)


def mean_curve(runs, column):
    """The mean over runs of a column, epoch by epoch, and the mean over epochs of the deviation over runs."""
    table = [[row[column] for row in rows_of(os.path.join(run, "epochs.csv"))] for run in runs]
    samples = [Sample.of(v) for v in zip(*table)]
    return [s.mean for s in samples], [s.sd or 0 for s in samples]


VERDICT = {True: "yes", False: "**no**", None: ""}


def markdown(study, rows, notes=()):
    lines = [f"| {study.title} | published | ours | within | agrees |", "|---|---|---|---|---|"]
    lines += [f"| {r.what} | {r.published} | {r.ours} | {r.within} | {VERDICT[r.agrees]} |" for r in rows]
    judged = [r for r in rows if r.agrees is not None]
    agree = sum(r.agrees for r in judged)
    lines += ["", f"{agree} of {len(judged)} agree." if judged else "Nothing published to agree with."]
    lines += ["", *notes] if notes else []
    return "\n".join(lines) + "\n"


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["what", "published", "ours", "within", "agrees", "required", "mean", "sd", "n"])
        for r in rows:
            s = r.sample or Sample(None, None, None)
            figures = ["" if v is None else f"{v:.6g}" for v in (s.mean, s.sd, s.n)]
            out.writerow([r.what, r.published, r.ours, r.within, "" if r.agrees is None else "yes" if r.agrees else "no",
                          "yes" if r.required and r.agrees is not None else "no", *figures])
