#!/usr/bin/env python3
"""What 'descent list optimizers' says of memory is what a checkpoint holds: bytes of state for each weight of a hidden
matrix, and a + where there is more of another size. Speaks TAP.

    memory.py DESCENT
"""
import json
import math
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ok, plan  # noqa: E402

SPEC = """
dataset: {name: digits, train_limit: 60, validation: 20, test_limit: 20}
model: {name: layers, layers: [{avg_pool: {size: 4}}, flatten, {linear: 12}, tanh, {linear: 10}]}
train: {epochs: 1, batch_size: 30}
plots: false
"""
HIDDEN = "2.weight"  # 12 x 49
EQUATIONS = ('{name: equations, lr: 0.01, state: {a: 0, b: w, c: 1}, update: "a = a + g\\nb = b + c\\nc = 0 * c\\nw = w - lr * a"}', "yours", 12)


def listed(descent):
    """Name, bytes as they are listed, those of a weight."""
    text = subprocess.run([descent, "list", "optimizers"], capture_output=True, text=True, check=True).stdout
    for name, size in re.findall(r"^  ([a-z_]+) +(\d+\+?|yours) +\S", text, re.M):
        yield name, size, None if size == "yours" else int(size.rstrip("+"))


def kept(path):
    """Shapes of the states of the hidden matrix, and the shape of the matrix."""
    raw = pathlib.Path(path).read_bytes()
    header = json.loads(raw[8:8 + struct.unpack("<Q", raw[:8])[0]])
    return ([t["shape"] for name, t in header.items() if name.startswith(f"optimizer.{HIDDEN}.")], header[f"model.{HIDDEN}"]["shape"])


def check(descent, optimizer, name, size, wanted):
    done = subprocess.run([descent, "run", "spec.yaml", "-q", "--force", "-o", "out", f"optimizer={optimizer}"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        ok(False, f"{name}: runs", done.stderr)
        return
    states, shape = kept("out/checkpoints/last.safetensors")
    alike = sum(4 * math.prod(s) for s in states if s == shape) / math.prod(shape)
    more = any(s != shape for s in states)
    ok(alike == wanted and more == size.endswith("+"), f"{name}: {size} bytes a weight", f"{alike:g}, shapes {states}")
    told = subprocess.run([descent, "list", "optimizer", name], capture_output=True, text=True, check=True).stdout
    said = re.search(r"^state\n  (\d+) bytes a weight( for each name under 'state')?", told, re.M)
    ok(said and (int(said[1]) == wanted if not said[2] else size == "yours" and said[1] == "4"), f"{name}: what is told of it alone", told)


def main():
    descent = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pathlib.Path("spec.yaml").write_text(SPEC + "optimizer: sgd\n", encoding="utf-8")
        names = list(listed(descent))
        ok(len(names) >= 40 and names[-1][:2] == ("equations", "yours"), f"{len(names)} optimizers are listed", names)
        for name, size, wanted in names:
            if name == "equations":
                check(descent, EQUATIONS[0], name, *EQUATIONS[1:])
            else:
                check(descent, f"{{name: {name}, lr: 0.001}}", name, size, wanted)
        os.chdir("/")
    plan()


main()
