#!/usr/bin/env python3
"""What a power cut leaves of a run folder; speaks TAP.

    test_power.py DESCENT POWER-MODULE CRASH-MODULE        STRIDE=1: every state, not some

A recorder (power.c) notes what a small run does to its files. After each of these operations the
power may go: of names made, moved and removed, a first part of those since the last fsync of a
folder is on disk (a journal keeps their order); of a file's bytes, those before its last fsync are,
and what was written since is there, lost, half there, or zeros in its place, in every combination.
From each such state the same command has to end with the files of the undisturbed run and a
certificate that is theirs, or refuse with an error and leave the state as it is."""
import concurrent.futures
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import ok, plan  # noqa: E402

descent, power, crash = (os.path.realpath(path) for path in sys.argv[1:4])
stride = int(os.environ.get("STRIDE", "0"))
# ---- the recording ----


def run(folder, words, module, **variables):
    env = dict(os.environ, LD_PRELOAD=module, OPENBLAS_NUM_THREADS="1", **variables)
    return subprocess.run(
        [descent, "run", "small.yaml", "-q", "-o", folder, *words],
        env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )


def record(folder, words, log):
    done = run(folder, words, power, POWER_UNDER=folder, POWER_LOG=log)
    assert done.returncode == 0, done.stderr
    with open(log, "rb") as f:
        while line := f.readline():
            kind, _, rest = line[:-1].decode().partition(" ")
            if kind == "write":
                fd, n = map(int, rest.split())
                yield kind, fd, f.read(n)
                assert f.read(1) == b"\n"
            elif kind == "open":
                fd, new, truncated, path = rest.split(" ", 3)
                yield kind, int(fd), new == "1", truncated == "1", path
            elif kind in ("sync", "close"):
                yield kind, int(rest)
            else:
                yield kind, *rest.split("\t")


# ---- a disk ----


class File:
    def __init__(self, content=b""):
        self.durable = self.content = content

    def versions(self):
        if self.content == self.durable:
            return [self.content]
        if not self.content.startswith(self.durable):
            return [self.content, self.durable]
        n, m = len(self.durable), len(self.content)
        return [
            self.content,
            self.durable,
            self.content[: n + (m - n) // 2],
            self.durable + bytes(m - n),
            self.content[: n + (m - n) // 2] + bytes(m - n - (m - n) // 2),
        ]


def apply(names, change):
    kind, *paths = change
    if kind == "create":
        names[paths[0]] = paths[1]
    elif kind == "mkdir":
        names[paths[0]] = None
    elif kind in ("unlink", "rmdir"):
        names.pop(paths[0], None)
    elif kind == "link":
        names[paths[1]] = names[paths[0]]
    elif names.get(paths[0]) is not names.get(paths[1]):
        names[paths[1]] = names.pop(paths[0])


def states(folder, operations):
    """The states of the disk after each operation on what the folder holds."""
    durable = {}
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            full = os.path.join(path, name)
            is_file = name in files
            with open(full, "rb") if is_file else open(os.devnull, "rb") as f:
                durable[os.path.relpath(full, folder)] = File(f.read()) if is_file else None
    now, pending, opened = dict(durable), [], {}
    yield from versions_of(durable, pending)
    for kind, *what in operations:
        if kind == "open":
            fd, new, truncated, path = what
            if new:
                file = File()
                pending.append(("create", path, file))
                apply(now, pending[-1])
            opened[fd] = now.get(path)
            if truncated:
                opened[fd].content = b""
        elif kind == "write":
            opened[what[0]].content += what[1]
        elif kind == "sync" and opened[what[0]] is None:
            for change in pending:
                apply(durable, change)
            pending = []
        elif kind == "sync":
            opened[what[0]].durable = opened[what[0]].content
        elif kind == "close":
            opened.pop(what[0])
        else:
            pending.append((kind, *what))
            apply(now, pending[-1])
        yield from versions_of(durable, pending)


def versions_of(durable, pending):
    for n in range(len(pending) + 1):
        names = dict(durable)
        for change in pending[:n]:
            apply(names, change)
        files = list({id(f): f for f in names.values() if f}.values())
        for contents in itertools.product(*(f.versions() for f in files)):
            content = dict(zip(map(id, files), contents))
            yield {p: None if f is None else content[id(f)] for p, f in sorted(names.items())}


def distinct(all_states):
    seen = set()
    for state in all_states:
        key = tuple(state.items())
        if key not in seen:
            seen.add(key)
            yield state


# ---- from each state ----


def put(state, folder):
    os.makedirs(folder)
    for path, content in state.items():
        full = os.path.join(folder, path)
        os.makedirs(full if content is None else os.path.dirname(full), exist_ok=True)
        if content is not None:
            with open(full, "wb") as f:
                f.write(content)


def files_of(folder, but=()):
    ret = {}
    for path, _, files in os.walk(folder):
        for name in files:
            if name not in but:
                with open(os.path.join(path, name), "rb") as f:
                    ret[os.path.relpath(os.path.join(path, name), folder)] = f.read()
    return ret


def sound_certificate(folder):
    with open(f"{folder}/run.json", encoding="utf-8") as f:
        certificate = json.load(f)["certificate"]
    for name in ("spec.yaml", "epochs.csv", "steps.csv"):
        with open(f"{folder}/{name}", "rb") as f:
            if hashlib.sha256(f.read()).hexdigest() != certificate[name]:
                return False
    return True


def go_on(number, state, words, whole):
    """(what is wrong or "", whether it was refused)"""
    folder = f"{os.getcwd()}/state-{number}"
    put(state, folder)
    before = files_of(folder, (".lock",))
    done = run(folder, words, crash, CRASH_UNDER=folder)
    after = files_of(folder, ("run.json", "timing.csv"))
    wrong, refused = "", done.returncode == 3
    if done.returncode == 0:
        if after != whole:
            names = [n for n in {*after, *whole} if after.get(n) != whole.get(n)]
            wrong = f"other files: {' '.join(sorted(names))}"
        elif not sound_certificate(folder):
            wrong = "a certificate of other files"
    elif not refused or "descent: " not in done.stderr:
        wrong = f"exit code {done.returncode}: {done.stderr}"
    elif files_of(folder, (".lock",)) != before:
        wrong = f"refused, and changed: {done.stderr}"
    shutil.rmtree(folder)
    if wrong:
        wrong = f"state {number}, {[(p, c and len(c)) for p, c in state.items()]}: {wrong}"
    return wrong, refused


def check(title, folder, start, words, again=None):
    """Records the command that leads on from `start` (a folder, or None) and cuts the power; again:
    the words of the command after it, where they are others."""
    log = f"{folder}.log"
    if start:
        shutil.copytree(start, folder)
    before = f"{folder}.before"
    shutil.copytree(start, before) if start else os.mkdir(before)
    operations = list(record(folder, words, log))
    whole = files_of(folder, ("run.json", "timing.csv"))
    every = list(distinct(states(before, operations)))
    step = stride or max(1, len(every) // 150)
    chosen = list(enumerate(every))[:: step]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda s: go_on(s[0], s[1], words if again is None else again, whole), chosen))
    wrong = [w for w, _ in found if w]
    refused = sum(r for _, r in found)
    ok(not wrong and len(every) > 100,
       f"{title}: {len(chosen)} of {len(every)} states after {len(operations)} operations, {refused} of them refused",
       f"{len(wrong)} are wrong\n" + "\n".join(wrong))
    return refused


def check_cost(folder):
    """A thousand epochs: rows are appended, and the disk waited for at the end alone."""
    words = ["train.epochs=1000", "checkpoint.every=0", "checkpoint.best=null",
             "checkpoint.every_steps=null", "log.steps=0"]
    names, written, syncs, first, opened, rows = {}, 0, 0, None, set(), 0
    for kind, *what in record(folder, words, f"{folder}.log"):
        if kind == "open":
            names[what[0]] = what[3]
        elif kind == "write" and names[what[0]].endswith(".csv"):
            written += len(what[1])
            rows += what[1].count(b"\n") * (names[what[0]] == "epochs.csv")
        elif kind == "mkdir" and what[0] == "checkpoints":
            first = rows
        syncs += kind == "sync"
    size = sum(os.path.getsize(f"{folder}/{n}") for n in ("epochs.csv", "timing.csv"))
    ok(written == size and size < 2e6, "1000 epochs write each row once",
       f"{written} bytes written for {size}")
    ok(first == 1002, "no folder of checkpoints before the first of them", f"after {first} rows")
    ok(syncs < 60, "the disk is waited for where a checkpoint counts on it", f"{syncs} times")


SMALL = """\
dataset: {name: digits, train_limit: 40, test_limit: 10, validation: 10}
model: {name: mlp, hidden: [2]}
train: {epochs: 2, batch_size: 10}
optimizer: {name: adam, lr: 0.005}
checkpoint: {every_steps: 3, keep: 1}
log: {steps: 1}
plots: false
"""


def main():
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        work = os.getcwd()
        with open("small.yaml", "w", encoding="utf-8") as f:
            f.write(SMALL)
        refused = check("a run", f"{work}/whole", None, [])
        refused += check("and on from its end", f"{work}/longer", f"{work}/whole",
                         ["train.epochs=4"])
        refused += check("and from the start by --force", f"{work}/forced", f"{work}/whole",
                         ["--force"], [])
        ok(refused == 0, "a power cut leaves nothing that is refused", f"{refused} states")
        check_cost(f"{work}/cost")
        plan()


main()
