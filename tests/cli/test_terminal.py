#!/usr/bin/env python3
"""What stands on a terminal: lines within its width, also when that changes; colours only where they are wanted; the live
curve. Through a pseudo terminal; speaks TAP.

    test_terminal.py DESCENT
"""
import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ok, plan  # noqa: E402

descent = pathlib.Path(sys.argv[1]).resolve()


def run(words, columns=80, narrow=None, **variables):
    """Output (both streams) and exit code on a terminal of so many columns; narrow: (text, times, columns): what it is set to
    once a text was met so often."""
    master, slave = pty.openpty()
    size = lambda n: fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, n, 0, 0))
    size(columns)
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "LC_ALL")}
    environment.update({"TERM": "xterm", "LC_ALL": "C.UTF-8", **variables})
    p = subprocess.Popen([descent, *words], stdin=slave, stdout=slave, stderr=slave, env=environment)
    out = b""
    while True:
        if narrow and out.count(narrow[0]) >= narrow[1]:
            size(narrow[2])
            out += b"<CHANGED>"
            narrow = None
        ready, _, _ = select.select([master], [], [], 0.05)
        if ready:
            out += os.read(master, 65536)
        elif p.poll() is not None:
            break
    os.close(slave)
    os.close(master)
    return out.decode("utf-8", "replace").replace("\r\n", "\n"), p.returncode


def lines_of(text):
    """What stood on a line at any time, without colours."""
    text = re.sub(r"\033\[[0-9;]*m", "", text)
    return [s for line in text.split("\n") for s in re.split(r"\r|\033\[[0-9]*[A-Z]", line)]


def widest(text):
    return max(map(len, lines_of(text)), default=0)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    pathlib.Path("base.yaml").write_text("""
dataset: {name: digits, train_limit: 2000, test_limit: 100, validation: 200}
model: {name: mlp, hidden: [32]}
train: {epochs: 2, batch_size: 20}
optimizer: {name: sgd, lr: 0.1}
plots: false
""")
    # One member diverges, and one fails: its weights are not there.
    pathlib.Path("grid.yaml").write_text("""
extends: base.yaml
sweep:
  list:
    - {optimizer.lr: 0.1, model.dropout: 0.12345678, train.label_smoothing: 0.0123456}
    - {optimizer.lr: 1e30, model.dropout: 0.12345678, train.label_smoothing: 0.0123456}
    - {optimizer.lr: 0.1, model.init_from: not-there-at-all.safetensors, model.dropout: 0.12345678}
""")
    for columns in (80, 50):
        out, code = run(["sweep", "grid.yaml", "-o", f"grid-{columns}"], columns)
        ok(widest(out) < columns, f"a sweep's lines fit {columns} columns", out)
        shown = lines_of(out)
        ok(all(any(name in line for line in shown) for name in ("lr=0.1,label_smoothing=0.0123456", "lr=1e+30,label_smoothing", "lr=0.1,init_from=not-there")),
           f"which name the members whole in {columns}", out)
        ok(code == 1 and "\033[1;31mfailed" in out and "\033[33mdiverged" in out, f"what failed stands out at {columns}", out)
        last = out[out.rfind("3/3"):]
        ok(re.search(r"failed\S*\s+lr=0.1,init_from", last) and "1 failed" in last, f"and is named again at the end at {columns}", out)
    out, code = run(["sweep", "grid.yaml", "-o", "grid-plain"], NO_COLOR="1")
    ok("\033[1;31m" not in out and "\033[33m" not in out and "failed" in out, "no colours with NO_COLOR", out)
    out, code = run(["sweep", "grid.yaml", "-o", "grid-dumb"], TERM="dumb")
    ok("\033[1;31m" not in out and "\033[33m" not in out, "nor on a dumb terminal", out)
    ok("\033" not in out and "\r" not in out, "where no line is written over", out)
    for how in ([], ["-v"]):
        out, code = run(["run", "base.yaml", *how, "-o", f"dumb{len(how)}", "train.epochs=40"], TERM="dumb")
        ok(code == 0 and "\033" not in out and "\r" not in out, f"nor of a run {how}", out)
    p = subprocess.run([descent, "sweep", "grid.yaml", "-o", "grid-file"], capture_output=True, text=True, check=False)
    ok("\033" not in p.stdout + p.stderr, "nor in a file", p.stdout + p.stderr)
    ok(any(len(line) > 80 for line in p.stdout.splitlines()) and "not-there-at-all" in p.stdout, "where nothing is cut", p.stdout)

    out, code = run(["run", "base.yaml", "-o", "long", "train.epochs=40", "dataset.train_limit=20000"],
                    narrow=(b"ETA", 4, 40))
    before, _, after = out.partition("<CHANGED>")
    bars = lambda text: [line for line in lines_of(text) if "ETA" in line]
    after_bars = bars(after)[1:]
    ok(bars(before) and max(map(len, bars(before))) > 40, "a bar on 80 columns", before[-2000:])
    ok(after_bars and max(map(len, after_bars)) < 40, "and on 40, when the window changes", after_bars[:5])

    for seed in 1, 2:
        run(["run", "base.yaml", "-q", "-o", f"seeds/{seed}", f"seed={seed}"])
    out, code = run(["compare", "seeds"], LC_ALL="C")
    ok(code == 0 and out.isascii() and re.search(r"\d +\+-\d", out), "a table in ASCII where the locale is", out)
    out, code = run(["compare", "seeds"])
    ok(code == 0 and "\u00b1" in out, "else as it is", out)
    for words in ["compare", "seeds"], ["check", "base.yaml", "--layers"], ["eval", "seeds/1"]:
        p = subprocess.run([descent, *words], capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "50"})
        table = [line for line in p.stdout.splitlines() if re.match(r"#|\d  |layer| +\d| +->", line)]
        ok(table and max(map(len, table)) <= 50, f"COLUMNS is the width of tables in a pipe: {words[0]}", p.stdout)
    out, code = run(["run", "base.yaml", "-v", "-o", "live", "train.epochs=6"])
    ok(code == 0 and "minibatch loss" in out and "validation loss" in out and re.search("[\u2800-\u28ff]", out), "run -v: a live curve", out)
    ok(widest(out) < 80, "within the terminal", out)
    ok(re.search(r"\033\[\d+A\033\[J", out) is not None, "drawn again in its place", out)
    shown = "\n".join(lines_of(out))
    ok(all(f"epoch {i}/6" in shown for i in range(7)), "below a line for each epoch", out)
    out, code = run(["run", "base.yaml", "-v", "-o", "narrow", "train.epochs=6"], 50)
    curves = [line for line in lines_of(out) if not line.startswith("epoch ")]
    ok("minibatch loss" in out and max(map(len, curves)) < 50, "in 50 columns too", out)
    out, code = run(["run", "base.yaml", "-o", "lines", "train.epochs=12"], 50)
    ok(widest(out) < 50 and "epoch 3/12  loss" in out and "valid" in out and "epoch 12/12" in out, "a run's lines fit 50 columns", out)
    ok(not re.search(r"epoch 3/12 .* s$", out, re.M) and not re.search("epoch 3/12 .* train", out), "without their time, and without a part if need be", out)
    out, code = run(["run", "base.yaml", "-o", "wide", "train.epochs=2"], 80)
    ok(widest(out) < 80 and re.search(r"epoch 2/2  loss \d\.\d{4}  train .* valid .* test .* s$", out, re.M), "and are whole in 80", out)
    out, code = run(["run", "base.yaml", "-o", "hot", "train.epochs=1", "optimizer.lr=1000", "model.hidden=[64, 64]"], 80)
    ok(re.search(r"^epoch 1/1  loss \d\.\d+e\+\d\d  train .{1,50} s$", "\n".join(lines_of(out)), re.M), "a loss that has no end is short", out)
    out, code = run(["verify", "lines"], 50)
    ok(code == 0 and "training lines again\n" in out, "verify says what it trains, and no passing folder", out)
    for words in ([], ["landscape", "--help"], ["eval", "--help"], ["data", "--help"], ["verify", "--help"], ["list"], ["list", "optimizers"],
                  ["list", "schedulers"], ["list", "datasets"], ["list", "models"], ["list", "functions"], ["list", "published"],
                  ["list", "optimizer", "equations"], ["data", "list"], ["lr-range", "base.yaml", "--steps", "40", "--no-plots"],
                  ["status", "grid-80"]):
        for columns in (80, 50):
            out, code = run(words, columns)
            longest = max((len(line) for line in lines_of(out) if not re.match(" {4}lr=", line)), default=0)
            ok(longest <= columns, f"descent {' '.join(words)}: {columns} columns", out)
    out, code = run(["lr-range", "base.yaml", "--steps", "40", "--no-plots"], 50)
    line = re.sub(r"\n {11}(?=\S)", " ", out)
    ok("\n           " in out and re.search(r"^suggested  scheduler: \{name: cyclic, base_lr: \S+, max_lr: \S+, cycle_momentum: false\}", line, re.M),
       "a line to copy is folded below its value", out)
    out, code = run(["list", "optimizer", "adam"], 50)
    ok("(1 - beta1^t)" in out and "(1 - beta2^t)" in out and "\n      (sqrt(" in out, "an equation is not broken within brackets", out)
    for columns in (80, 50):
        out, code = run(["compare", "grid-80", "--sensitivity", "lr"], columns)
        ok(re.search(r"^mean \u00b1 .*(\n  \S.*)+ failed$", out, re.M), f"a note is folded once, and indented: {columns}", out)
    # Everything but digests, paths that are longer than a line, and lines of a spec.
    pathlib.Path("valley.yaml").write_text("""
trace:
  function: rosenbrock
  steps: 20
  optimizers: [{name: sgd, lr: 0.001}, {name: momentum, lr: 0.001}]
""")
    for words in (["data", "show", "base.yaml", "--no-plots"], ["trace", "valley.yaml", "--no-plots", "-o", "valley"], ["bench", "base.yaml", "--seconds", "0"],
                  ["inspect", "long"], ["inspect", "long/checkpoints/last.safetensors"], ["schedule", "base.yaml", "--no-plots"], ["verify", "wide"],
                  ["check", "grid.yaml", "train.label_smoothing=0.1"], ["clean", "-n", "long"], ["list", "published", "lecture"], ["--version"],
                  ["run", "base.yaml", "dataset.name=mnist"], ["run", "base.yaml", "-o", "long", "train.epochs=40", "dataset.train_limit=20000"], ["runn"],
                  ["run", "base.yaml", "--ouput", "x"], ["run", "base.yaml", "optimizer.momentumm=0.9"]):
        out, code = run(words, 50)
        longest = max((len(line) for line in lines_of(out) if not re.search("[0-9a-f]{64}|^ +[0-9]* [|] ", line)), default=0)
        ok(longest <= 50, f"descent {' '.join(words)}: 50 columns", out)
    out, code = run(["run", "base.yaml", "optimizer.learning_rate_of_all_the_weights_of_the_model=0.25"], 50)
    ok("    1 | optimizer.learning_rate_of_all_the_weights_of_the_model=0.25\n" in out, "a line of the source is not folded", out)
    p = subprocess.run([descent, "run", "base.yaml", "dataset.name=mnist"], capture_output=True, text=True, check=False)
    ok(p.stderr.count("\n") == 1 and len(p.stderr) > 80, "nor is a message in a file", p.stderr)
    out, code = run(["check", "base.yaml", "--resolved"], 20)
    p = subprocess.run([descent, "check", "base.yaml", "--resolved"], capture_output=True, text=True, check=False)
    ok(code == 0 and out == p.stdout and widest(out) > 20, "nor is a spec", out)
    numbers = lambda text: set(re.findall(r"[0-9.]+", text))
    deep = 'model={name: layers, layers: [{conv: {out: 8, kernel: 3, padding: same}}, relu, flatten, {linear: 10}]}'
    for words in (["compare", "grid-80"], ["compare", "grid-80", "--runs"], ["compare", "grid-80", "--sensitivity", "lr"], ["eval", "long"],
                  ["eval", "long", "live"], ["check", "base.yaml", "--layers"], ["check", "base.yaml", "--layers", deep],
                  ["sweep", "grid.yaml", "--list"], ["status", "long"]):
        shown = {}
        for columns in (200, 80, 50):
            shown[columns], code = run(words, columns)
            ok(code == 0 and widest(shown[columns]) <= columns, f"descent {' '.join(words)}: {columns} columns", shown[columns])
        if words == ["compare", "grid-80", "--runs"]:
            ok("more columns" in shown[50] and "more columns" not in shown[200] and widest(shown[200]) > 80, "a wide terminal has all columns",
               shown[200])
            ok(all(re.match(r"folder +status +valid %", shown[k]) for k in shown), "what came out is in every width", shown[50])
        ok("compare" in words or numbers(shown[200]) <= numbers(shown[50]), f"descent {' '.join(words)}: every number is whole in 50", shown[50])
    p = subprocess.run([descent, "check", "base.yaml", "--layers"], capture_output=True, text=True, check=False)
    ok(max(map(len, p.stdout.splitlines())) > 95, "layers in a file: a line each", p.stdout)
    # Members that wait for the others of their rung do not count as not begun.
    pathlib.Path("halving.yaml").write_text("""
extends: base.yaml
dataset: {train_limit: 20000}
train: {epochs: 9}
sweep:
  random: {trials: 6, seed: 0, space: {optimizer.lr: {log_uniform: [1e-3, 1]}}}
  halving: {metric: valid_accuracy, eta: 3, first: 1}
""")
    out, code = run(["sweep", "-j", "1", "halving.yaml", "-o", "halving"])
    shares = [float(x) for x in re.findall(r"([0-9.]+) % of 6 runs", out)]
    ok(code == 0 and len(shares) > 1 and shares == sorted(shares) and shares[-1] > shares[0], "a sweep's share of the work never falls", out)
    p = subprocess.run([descent, "list", "optimizers"], capture_output=True, text=True, check=False)
    ok("averaging in place of a schedule\n" in p.stdout, "a list in a file: a line each", p.stdout)
    out, code = run(["run", "base.yaml", "-o", "usual", "train.epochs=6"])
    ok("minibatch loss" not in out, "without -v there is none", out)
    p = subprocess.run([descent, "run", "base.yaml", "-v", "-o", "file", "train.epochs=6"], capture_output=True, text=True, check=False)
    ok("minibatch loss" not in p.stderr and "\033" not in p.stderr, "nor in a file", p.stderr)
    same = subprocess.run(["cmp", "live/epochs.csv", "file/epochs.csv"], capture_output=True, check=False)
    ok(same.returncode == 0, "which changes nothing")
    out, code = run(["sweep", "-v", "-j", "2", "base.yaml", "-o", "none"])
    ok(code == 2, "a run is no sweep", out)

plan()
