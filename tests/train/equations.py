#!/usr/bin/env python3
"""AdamW as equations beside the built-in one, crossed with what else acts on an optimizer: the same trajectory to
float rounding, and after kill -9 and a resume the bits of a run that nothing stopped. Then the commands that are more than one
run: sweeps, tuning, comparisons, paths, landscapes; a run that is made longer; one that diverges. Speaks TAP.

    equations.py DESCENT
"""
import csv
import filecmp
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ok, plan  # noqa: E402

SPEC = """
dataset: {name: digits, train_limit: 600, validation: 100, test_limit: 100}
model: {hidden: [16], batch_norm: true}
train: {epochs: 3, batch_size: 32}
log: {steps: 1}
plots: false
checkpoint: {every: 0, keep: 100, every_steps: 5}
"""
BUILT_IN = "optimizer: {name: adamw, lr: 0.01, weight_decay: 0.1}\n"
EQUATIONS = """
optimizer:
  name: equations
  lr: 0.01
  weight_decay: 0.1
  momentum: 0.9
  with: {beta2: 0.999, eps: 1.0e-8}
  state: {m: 0, v: 0}
  update: |
    w = w * (1 - lr * weight_decay)
    m = momentum * m + (1 - momentum) * g
    v = beta2 * v + (1 - beta2) * g^2
    w = w - lr * (m / (1 - momentum^t)) / (sqrt(v / (1 - beta2^t)) + eps)
"""
CROSSES = {
    "alone": [],
    "lr falls": ["scheduler=cosine"],
    "two schedules": ["scheduler=[{name: warmup, over: 1}, {name: step, every: 1, gamma: 0.5}]"],
    "decay is scheduled": ["scheduler={name: cosine, apply_to: weight_decay}"],
    "momentum is scheduled": ["scheduler={name: cosine, apply_to: momentum, min: 0.5}"],
    "momentum falls on a plateau": ["scheduler={name: reduce_on_plateau, patience: 0, threshold: 0.5, factor: 0.3, apply_to: momentum}"],
    "decay falls on a plateau": ["scheduler={name: reduce_on_plateau, patience: 0, threshold: 0.5, factor: 0.1, apply_to: weight_decay}"],
    "batch grows": ["scheduler={name: step, every: 1, gamma: 0.5, apply_to: batch_size}"],
    "ema": ["average=ema"],
    "swa": ["average=swa"],
    "accumulated": ["train.accumulate=3"],
    "clipped": ["train.clip_norm=0.5"],
    "sam": ["train.sam={rho: 0.05}"],
    "lookahead": ["optimizer.lookahead={steps: 3}"],
    "groups": ["optimizer.groups=[{tensors: [bias], lr: 2, weight_decay: 0}]"],
    "groups that stand still": ["optimizer.groups=[{tensors: [output], lr: 0}, {tensors: [norm], weight_decay: 3}]"],
    "exempt": ["optimizer.decay_exempt=[bias, norm]"],
    "two threads": ["threads=2"],
    "several": ["scheduler=cosine", "train.accumulate=2", "train.clip_norm=1", "train.sam={rho: 0.05}", "average=ema",
                "optimizer.decay_exempt=[bias, norm]"],
}


# Liang et al. 2024, algorithm 1: as `cautious` has it.
CAUTIOUS = """w = w * (1 - lr * weight_decay)
    m = momentum * m + (1 - momentum) * g
    v = beta2 * v + (1 - beta2) * g^2
    u = (m / (1 - momentum^t)) / (sqrt(v / (1 - beta2^t)) + eps)
    down = u * g > 0
    w = w - lr * (rows * cols / (sum(down) + 1)) * u * down"""


def run(descent, spec, folder, words):
    return subprocess.run([descent, "run", spec, "-q", "-o", folder, *words], capture_output=True, text=True)


def call(descent, *words):
    return subprocess.run([descent, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)


def table(path):
    with open(path, encoding="utf-8") as f:
        return list(csv.DictReader(f))


def same_files(a, b, *names):
    return not any(filecmp.cmpfiles(a, b, names, shallow=False)[1:])


def near(a, b, within=1e-5):
    return abs(float(a) - float(b)) <= within * max(abs(float(a)), abs(float(b)))


def losses(folder):
    return [float(row["batch_loss"]) for row in csv.DictReader(open(f"{folder}/steps.csv"))]


def same_path(one, other, title):
    """The losses of two runs, update by update."""
    pairs = list(zip(losses(one), losses(other), strict=True))
    apart = max(abs(x - y) / abs(x) for x, y in pairs)
    ok(len(pairs) >= 18 and apart < 1e-5, title, f"{apart:.2g} apart over {len(pairs)} updates")


def check_trajectory(descent, name, words):
    for spec in "built-in", "equations":
        done = run(descent, f"{spec}.yaml", spec, words)
        if done.returncode != 0:
            ok(False, f"{name}: {spec} runs", done.stderr)
            return False
    same_path("built-in", "equations", f"{name}: the built-in one's trajectory")
    return True


def check_resume(descent, name, words):
    """Killed after some checkpoint within an epoch, or late: then it has ended, and there is nothing to see."""
    process = subprocess.Popen([descent, "run", "equations.yaml", "-q", "-o", "killed", *words],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not pathlib.Path("killed/checkpoints/last.safetensors").exists():
        time.sleep(0.0005)
    process.kill()
    process.wait()
    done = subprocess.run([descent, "resume", "killed", "-q"], capture_output=True, text=True)
    files = "epochs.csv", "steps.csv", "checkpoints/last.safetensors"
    differ = filecmp.cmpfiles("equations", "killed", files, shallow=False)[1:]
    ok(done.returncode == 0 and differ == ([], []), f"{name}: killed and resumed, the same bits", f"{differ} {done.stderr}")


# ---- more than one run ----

def check_cautious(descent):
    # their decay is part of the step that is masked: without it both are the same
    words = ["optimizer.cautious=true", "optimizer.weight_decay=0"]
    done = [run(descent, f"{name}.yaml", f"careful-{name}", words) for name in ("built-in", "equations")]
    if any(d.returncode for d in done):
        ok(False, "cautious: equations run", "".join(d.stderr for d in done))
        return
    same_path("careful-built-in", "careful-equations", "cautious: without decay, the built-in one's trajectory")
    spec = pathlib.Path("equations.yaml").read_text()
    old = spec[spec.index("w = w * (1"):]
    pathlib.Path("careful.yaml").write_text(spec.replace(old, CAUTIOUS + "\n"))
    done = [run(descent, "built-in.yaml", "a", ["optimizer.cautious=true"]), run(descent, "careful.yaml", "b", [])]
    if any(d.returncode for d in done):
        ok(False, "cautious: runs", "".join(d.stderr for d in done))
        return
    same_path("a", "b", "cautious: as equations, the wrapper's trajectory")


def check_longer(descent):
    """Made longer by two epochs, with a schedule that does not ask how long the run is: the run that was as long at once."""
    words = ["scheduler={name: exponential, gamma: 0.9, interval: step}", "optimizer.lookahead={steps: 4}"]
    first, whole = run(descent, "equations.yaml", "longer", words), run(descent, "equations.yaml", "whole", [*words, "train.epochs=5"])
    done = call(descent, "resume", "longer", "-q", "train.epochs=+2")
    ok(first.returncode == whole.returncode == done.returncode == 0 and same_files("longer", "whole", "epochs.csv", "steps.csv")
       and len(table("longer/epochs.csv")) == 6, "longer: two epochs more are those of a run of five", done.stderr)


def check_divergence(descent):
    words = ["optimizer.lr=1e30"]
    done = [run(descent, f"{name}.yaml", f"wild-{name}", words) for name in ("built-in", "equations")]
    said = [[line for line in d.stderr.splitlines() if "diverged" in line] for d in done]
    ok([d.returncode for d in done] == [5, 5] and said[0] == said[1] and "diverged in epoch 1 at update" in "".join(said[0]),
       "divergence: exit code and message of the built-in one", said)
    again = call(descent, "resume", "wild-equations", "-q")
    ok(again.returncode == 5, "divergence: a resume says so again", again.stderr)


SWEEP = """
sweep:
  grid: {%s}
  seeds: 2
"""


def check_sweep(descent):
    """optimizer.with.NAME is a key like any other: members, their table, and the built-in one's figures."""
    spec = {name: pathlib.Path(f"{name}.yaml").read_text() for name in ("built-in", "equations")}
    pathlib.Path("sweep-equations.yaml").write_text(spec["equations"] + SWEEP % "optimizer.with.beta2: [0.9, 0.999]")
    pathlib.Path("sweep-built-in.yaml").write_text(spec["built-in"] + SWEEP % "optimizer.betas: [[0.9, 0.9], [0.9, 0.999]]")
    done = [call(descent, "sweep", f"sweep-{name}.yaml", "-q", "-j", "1", "-o", f"of-{name}") for name in spec]
    if any(d.returncode for d in done):
        ok(False, "sweep: runs", "".join(d.stderr for d in done))
        return
    mine, theirs = table("of-equations/members.csv"), table("of-built-in/members.csv")
    ok(len(mine) == len(theirs) == 4 and [r["optimizer.with.beta2"] for r in mine] == ["0.9", "0.9", "0.999", "0.999"] and
       all(near(a["train_loss"], b["train_loss"]) and near(a["valid_loss"], b["valid_loss"]) for a, b in zip(mine, theirs)),
       "sweep: over optimizer.with.beta2, the members of betas", mine)
    alone = run(descent, "equations.yaml", "alone", ["optimizer.with.beta2=0.9", f"seed={mine[0]['seed']}"])
    ok(alone.returncode == 0 and same_files("alone", "of-equations/" + mine[0]["folder"], "epochs.csv", "steps.csv"),
       "sweep: a member is the run of its keys", alone.stderr)
    check_killed_sweep(descent)
    grouped = call(descent, "compare", "of-equations", "--group-by", "optimizer.with.beta2", "--format", "csv")
    rows = list(csv.DictReader(grouped.stdout.splitlines()))
    ok(grouped.returncode == 0 and sorted(r["optimizer.with.beta2"] for r in rows) == ["0.9", "0.999"] and
       all(r["n"] == "2" for r in rows), "compare: --group-by optimizer.with.beta2", grouped.stdout + grouped.stderr)
    some = call(descent, "compare", "of-equations", "--where", "optimizer.with.beta2 < 0.95", "--runs", "--format", "csv")
    ok(some.returncode == 0 and len(list(csv.DictReader(some.stdout.splitlines()))) == 2, "compare: --where optimizer.with.beta2",
       some.stdout + some.stderr)


def check_killed_sweep(descent):
    """Killed after its first member, and called again."""
    words = [descent, "sweep", "sweep-equations.yaml", "-q", "-j", "1", "-o", "killed-sweep"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None and len(list(pathlib.Path(".").glob("killed-sweep/*/checkpoints/last.safetensors"))) < 2:
        time.sleep(0.0005)
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        pass
    process.wait()
    done = call(descent, "resume", "killed-sweep", "-q")
    ok(done.returncode == 0 and same_files("killed-sweep", "of-equations", "members.csv", "summary.csv"),
       "sweep: killed and resumed, the same tables", done.stderr)


def check_tune(descent):
    spec = pathlib.Path("equations.yaml").read_text()
    pathlib.Path("tune.yaml").write_text(spec + "sweep:\n  random: {trials: 4, space: {optimizer.with.beta2: {uniform: [0.5, 0.999]}, "
                                         "optimizer.with.eps: {log_uniform: [1e-8, 1e-2]}}}\n")
    done = call(descent, "sweep", "tune.yaml", "-q", "-j", "1", "--tune", "--reruns", "2", "--metric", "valid_loss", "-o", "tuned")
    if done.returncode != 0:
        ok(False, "tuning: runs", done.stderr)
        return
    best = min(table("tuned/members.csv"), key=lambda r: float(r["valid_loss"]))
    reruns = table("tuned/tuned/members.csv")
    keys = "optimizer.with.beta2", "optimizer.with.eps"
    chosen = [pathlib.Path(f"tuned/tuned/{r['folder']}/spec.yaml").read_text() for r in reruns]
    ok(len(reruns) == 2 and all(f"{k.rsplit('.', 1)[1]}: {best[k]}" in text for k in keys for text in chosen) and
       not {r["seed"] for r in reruns} & {best.get("seed", "123")}, "tuning: constants of the best by validation, with fresh seeds", chosen)


def check_trace(descent):
    words = "trace={function: rosenbrock, start: [-1, 1], steps: 60, optimizers: [%s]}"
    mine = ('{name: equations, lr: 0.05, with: {b: 0.9}, state: {m: 0}, update: "m = b * m + g\\nw = w - lr / 50 * m"}')
    paths = []
    for name, text in (("path-built-in", "{name: momentum, lr: 0.001}"), ("path-equations", mine)):
        done = call(descent, "trace", "built-in.yaml", words % text, "-q", "--no-plots", "-o", name)
        if done.returncode != 0:
            ok(False, f"trace: {name}", done.stderr)
            return
        paths.append(table(f"{name}/trace.csv"))
    ok(len(paths[0]) == len(paths[1]) == 61 and all(near(a[k], b[k], 1e-4) for a, b in zip(*paths) for k in "xy"),
       "trace: the built-in one's path", paths)


def check_landscape(descent):
    done = [run(descent, f"{name}.yaml", f"land-{name}", []) for name in ("built-in", "equations")]
    done += [call(descent, "landscape", f"land-{name}", "--kind", "line", "--points", "5", "-q", "--no-plots", "-o", f"line-{name}")
             for name in ("built-in", "equations")]
    files = [sorted(pathlib.Path(f"line-{name}").glob("*.csv")) for name in ("built-in", "equations")]
    if any(d.returncode for d in done) or not all(len(f) == 1 for f in files):
        ok(False, "landscape: runs", f"{files} " + "".join(d.stderr for d in done))
        return
    a, b = (table(f[0]) for f in files)
    columns = [k for k in a[0] if "loss" in k]
    ok(len(a) == len(b) > 4 and columns and all(near(x[k], y[k], 1e-4) for x, y in zip(a, b) for k in columns),
       "landscape: the built-in one's line", (a, b))


# A kernel, scales over images and vectors: rows and cols of each, by the shapes that PyTorch has.
SHAPES = """
dataset: {name: digits, train_limit: 64, validation: 0, test_limit: 20}
model:
  name: layers
  layers: [{conv: {out: 4, kernel: [3, 2]}}, layer_norm, {max_pool: 4}, flatten, {linear: {out: 10, bias: false}}]
train: {steps: 1, batch_size: 32}
optimizer: {name: equations, update: "w = 0 * w + rows + cols / 1024 + sum(0 * w + 1) / 1048576"}
plots: false
"""


def floats(path):
    """The tensors of a file by name: shape and numbers."""
    raw = path.read_bytes()
    (n,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + n])
    return {name: (tuple(t["shape"]), struct.unpack(f"<{(t['data_offsets'][1] - t['data_offsets'][0]) // 4}f",
                                                    raw[8 + n:][slice(*t["data_offsets"])]))
            for name, t in header.items() if name != "__metadata__"}


def check_shapes(descent):
    pathlib.Path("shapes.yaml").write_text(SHAPES)
    done = [run(descent, "shapes.yaml", "shapes", []), call(descent, "export", "shapes", "-o", "shapes.safetensors", "-q")]
    if any(d.returncode for d in done):
        ok(False, "shapes: runs", "".join(d.stderr for d in done))
        return
    want = {"0.weight": ((4, 1, 3, 2), 4, 6), "0.bias": ((4,), 4, 1), "1.weight": ((4, 26, 27), 4, 702),
            "1.bias": ((4, 26, 27), 4, 702), "4.weight": ((10, 144), 10, 144)}
    got = floats(pathlib.Path("shapes.safetensors"))
    expected = {name: (shape, {rows + cols / 1024 + rows * cols / 1048576}) for name, (shape, rows, cols) in want.items()}
    ok({name: (shape, set(x)) for name, (shape, x) in got.items()} == expected,
       "rows, cols and a sum's terms of kernels, scales over images and vectors", {k: (s, x[:1]) for k, (s, x) in got.items()})


def main():
    descent = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pathlib.Path("built-in.yaml").write_text(SPEC + BUILT_IN)
        pathlib.Path("equations.yaml").write_text(SPEC + EQUATIONS)
        for name, words in CROSSES.items():
            if check_trajectory(descent, name, words):
                check_resume(descent, name, words)
            for left in "built-in", "equations", "killed":
                shutil.rmtree(left, ignore_errors=True)
        for check in check_cautious, check_longer, check_divergence, check_sweep, check_tune, check_trace, check_landscape, check_shapes:
            check(descent)
        os.chdir("/")
    plan()


main()
