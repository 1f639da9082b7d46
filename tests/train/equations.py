#!/usr/bin/env python3
"""AdamW as equations beside the built-in one, crossed with what else acts on an optimizer: the same trajectory to
float rounding, and after kill -9 and a resume the bits of a run that nothing stopped. Speaks TAP.

    equations.py DESCENT
"""
import csv
import filecmp
import os
import pathlib
import shutil
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
    "ema": ["average=ema"],
    "swa": ["average=swa"],
    "accumulated": ["train.accumulate=3"],
    "clipped": ["train.clip_norm=0.5"],
    "sam": ["train.sam={rho: 0.05}"],
    "lookahead": ["optimizer.lookahead={steps: 3}"],
    "groups": ["optimizer.groups=[{tensors: [bias], lr: 2, weight_decay: 0}]"],
    "exempt": ["optimizer.decay_exempt=[bias, norm]"],
    "two threads": ["threads=2"],
    "several": ["scheduler=cosine", "train.accumulate=2", "train.clip_norm=1", "train.sam={rho: 0.05}", "average=ema",
                "optimizer.decay_exempt=[bias, norm]"],
}


def run(descent, spec, folder, words):
    return subprocess.run([descent, "run", spec, "-q", "-o", folder, *words], capture_output=True, text=True)


def losses(folder):
    return [float(row["batch_loss"]) for row in csv.DictReader(open(f"{folder}/steps.csv"))]


def check_trajectory(descent, name, words):
    for spec in "built-in", "equations":
        done = run(descent, f"{spec}.yaml", spec, words)
        if done.returncode != 0:
            ok(False, f"{name}: {spec} runs", done.stderr)
            return False
    pairs = list(zip(losses("built-in"), losses("equations"), strict=True))
    apart = max(abs(x - y) / abs(x) for x, y in pairs)
    ok(len(pairs) >= 18 and apart < 1e-5, f"{name}: the built-in one's trajectory", f"{apart:.2g} apart over {len(pairs)} updates")
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
        os.chdir("/")
    plan()


main()
