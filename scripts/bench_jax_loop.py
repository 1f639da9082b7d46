#!/usr/bin/env python3
"""One training in JAX, for scripts/bench-pytorch --rival jax, as an expert writes it: an epoch is one jitted scan.

    bench_jax_loop.py about      versions, as JSON
    bench_jax_loop.py JOB        trains what the JSON text JOB describes; measurements as JSON
    bench_jax_loop.py jobs FILE  trains the jobs of a JSON list: those of one shape at once, by vmap over rates and seeds,
                                 or, where they say "each", one after another by one compiled program

Nothing leaves the compiled program within an epoch: the permutation is drawn, batches are gathered, and the optimizer
updates in one loop. Compilation falls into the first epoch, which bench-pytorch leaves out. Dense networks only.
"""
import functools
import gzip
import json
import os
import re
import sys
import time

sys.dont_write_bytecode = True
from usage import jobs  # noqa: E402

WORDS = jobs(__doc__)

ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {ONE_THREAD}".strip()
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax  # noqa: E402
import numpy  # noqa: E402
from jax import numpy as np  # noqa: E402

EPS, KEPT = 1e-5, 0.9  # batch norm's eps; what stays of its running statistics at every update
KINDS = ("flatten", "linear", "batch_norm", "relu", "dropout")


# ---- data ----

def read_idx(folder, name):
    path = os.path.join(folder, name)
    with (open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb")) as file:
        content = file.read()
    shape = numpy.frombuffer(content, ">u4", content[3], 4)
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * content[3]).reshape(shape[0], -1)


def read_split(folder, prefix):
    images = read_idx(folder, prefix + "-images-idx3-ubyte").astype(numpy.float32) / 255
    return np.asarray(images), np.asarray(read_idx(folder, prefix + "-labels-idx1-ubyte").ravel().astype(numpy.int32))


# ---- the model: a list of what `descent check --layers` says ----

def init(layers, key):
    """Weights (learned) and running statistics, a dictionary a layer."""
    weights, buffers = [], []
    for _, kind, detail, shape in layers:
        w, b = {}, {}
        if kind == "linear":
            inputs, bound = int(detail.split()[0]), int(detail.split()[0]) ** -0.5
            key, one, two = jax.random.split(key, 3)
            w["w"] = jax.random.uniform(one, (inputs, shape[0]), minval=-bound, maxval=bound)
            if "no bias" not in detail:
                w["b"] = jax.random.uniform(two, (shape[0],), minval=-bound, maxval=bound)
        elif kind == "batch_norm":
            w = {"w": np.ones(shape[0]), "b": np.zeros(shape[0])}
            b = {"mean": np.zeros(shape[0]), "var": np.ones(shape[0])}
        weights.append(w)
        buffers.append(b)
    return weights, buffers


def forward(layers, weights, buffers, x, key):
    """Logits and new buffers; key None: evaluation."""
    after = []
    for i, (_, kind, detail, _) in enumerate(layers):
        w, b = weights[i], buffers[i]
        if kind == "linear":
            x = x @ w["w"] + w["b"] if "b" in w else x @ w["w"]
        elif kind == "batch_norm" and key is not None:
            n, mean, var = x.shape[0], x.mean(0), x.var(0)
            b = {"mean": KEPT * b["mean"] + (1 - KEPT) * mean, "var": KEPT * b["var"] + (1 - KEPT) * var * n / (n - 1)}
            x = (x - mean) * jax.lax.rsqrt(var + EPS) * w["w"] + w["b"]
        elif kind == "batch_norm":
            x = (x - b["mean"]) * jax.lax.rsqrt(b["var"] + EPS) * w["w"] + w["b"]
        elif kind == "relu":
            x = jax.nn.relu(x)
        elif kind == "dropout" and key is not None:
            keep = 1 - float(re.search(r"[\d.e-]+$", detail)[0])
            key, now = jax.random.split(key)
            x = np.where(jax.random.bernoulli(now, keep, x.shape), x / keep, 0)
        after.append(b)
    return x, after


def cross_entropy(logits, y):
    return -np.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)


# ---- optimizers ----

def begin(optimizer, weights):
    m, v = (jax.tree.map(np.zeros_like, weights) for _ in range(2))  # not the same buffers: they are donated
    return {"m": m, "v": v, "t": np.zeros(())}


def update(optimizer, lr, weights, gradient, state):
    o, name = optimizer["options"], optimizer["name"]
    decay = o.get("weight_decay", 0)
    if decay and name != "adamw":
        gradient = jax.tree.map(lambda g, w: g + decay * w, gradient, weights)
    t = state["t"] + 1
    if name in ("sgd", "momentum"):
        beta = o.get("momentum", 0)
        if not beta:
            return jax.tree.map(lambda w, g: w - lr * g, weights, gradient), {**state, "t": t}
        m = jax.tree.map(lambda m, g: beta * m + g, state["m"], gradient)
        return jax.tree.map(lambda w, m: w - lr * m, weights, m), {**state, "m": m, "t": t}
    one, two = o["betas"]
    m = jax.tree.map(lambda m, g: one * m + (1 - one) * g, state["m"], gradient)
    v = jax.tree.map(lambda v, g: two * v + (1 - two) * g * g, state["v"], gradient)
    rate, shrink = lr / (1 - one ** t), 1 - lr * decay if name == "adamw" else 1
    root = np.sqrt(1 - two ** t)
    weights = jax.tree.map(lambda w, m, v: shrink * w - rate * m / (np.sqrt(v) / root + o["eps"]), weights, m, v)
    return weights, {"m": m, "v": v, "t": t}


# ---- passes ----

def make_epoch(job, images, labels, count):
    layers, batch = job["layers"], job["batch"]

    def loss_of(weights, buffers, x, y, key):
        logits, after = forward(layers, weights, buffers, x, key)
        return cross_entropy(logits, y).mean(), after

    def step(lr, carry, chosen):
        weights, buffers, state, key = carry
        key, now = jax.random.split(key)
        gradient, buffers = jax.grad(loss_of, has_aux=True)(weights, buffers, images[chosen], labels[chosen], now)
        weights, state = update(job["optimizer"], lr, weights, gradient, state)
        return (weights, buffers, state, key), None

    def epoch(lr, carry):
        *rest, key = carry
        key, now = jax.random.split(key)
        chosen = jax.random.permutation(now, count)[:count // batch * batch].reshape(-1, batch)
        return jax.lax.scan(functools.partial(step, lr), (*rest, key), chosen)[0]

    return epoch


def make_evaluation(job, images, labels):
    size = job["evaluate_batch"]
    x, y = images[:len(labels) // size * size].reshape(-1, size, images.shape[1]), labels[:len(labels) // size * size].reshape(-1, size)

    def part(carry, rows):
        logits, _ = forward(job["layers"], carry[0], carry[1], rows[0], None)
        return carry, (cross_entropy(logits, rows[1]).sum(), (logits.argmax(1) == rows[1]).sum())

    def evaluate(weights, buffers):
        loss, right = jax.lax.scan(part, (weights, buffers), (x, y))[1]
        return loss.sum() / y.size, right.sum() / y.size

    return evaluate


def compiled(job, sets, over):
    """What members of one shape share: the programs, compiled at their first call, and for how many images they are."""
    images, labels, test = sets
    first = len(labels) - job["validation"]
    count = min(first, job["limit"] or first)
    ends = [(a, b) for a, b in ((0, count), (first, len(labels))) if b - a >= job["evaluate_batch"]]
    sides = [make_evaluation(job, images[a:b], labels[a:b]) for a, b in ends]
    return {"init": over(functools.partial(init, job["layers"])),
            "begin": over(functools.partial(begin, job["optimizer"])),
            "epoch": jax.jit(over(make_epoch(job, images[:count], labels[:count], count)), donate_argnums=1),
            "evaluations": [jax.jit(over(s)) for s in (sides if job["evaluate_train"] else sides[1:])],
            "test": jax.jit(over(make_evaluation(job, *test)))}


def train(job, program, rates, keys):
    """A member, or all of one shape at once where rates and keys have an axis for them; the measurements."""
    weights, buffers = program["init"](keys)
    carry = weights, buffers, program["begin"](weights), keys
    result = {"train_seconds": [], "evaluate_seconds": []}
    for number in range(job["epochs"] + 1):
        began = time.perf_counter()
        carry = jax.block_until_ready(program["epoch"](rates, carry)) if number else carry
        trained = time.perf_counter()
        values = jax.block_until_ready([e(carry[0], carry[1]) for e in program["evaluations"]])
        result["evaluate_seconds"].append(time.perf_counter() - trained)
        if number:
            result["train_seconds"].append(trained - began)
        print(f"epoch {number}/{job['epochs']}  valid {numpy.asarray(values[-1][1]).tolist()}", file=sys.stderr, flush=True)
    result["valid_accuracy"] = numpy.asarray(values[-1][1]).tolist()
    result["test_accuracy"] = numpy.asarray(program["test"](carry[0], carry[1])[1]).tolist()
    return result


def rate_of(job):
    return np.asarray(job["optimizer"]["options"]["lr"], numpy.float32)


def train_together(jobs, sets):
    rates = np.stack([rate_of(j) for j in jobs])
    keys = jax.vmap(jax.random.key)(np.asarray([j["seed"] for j in jobs]))
    return train(jobs[0], compiled(jobs[0], sets, jax.vmap), rates, keys)["valid_accuracy"]


def train_each(jobs, sets):
    program = compiled(jobs[0], sets, lambda f: f)
    return [train(j, program, rate_of(j), jax.random.key(j["seed"]))["valid_accuracy"] for j in jobs]


def shape_of(job):
    optimizer = {**job["optimizer"], "options": {k: v for k, v in job["optimizer"]["options"].items() if k != "lr"}}
    return json.dumps({**job, "optimizer": optimizer, "seed": None, "form": None}, sort_keys=True)


def read_sets(job):
    return *read_split(job["data"], "train"), read_split(job["data"], "t10k")


def main():
    if WORDS[0] == "about":
        print(json.dumps({"torch": jax.__version__, "blas": "XLA"}))
        return
    if WORDS[0] == "jobs":
        with open(WORDS[1], encoding="utf-8") as file:
            jobs = json.load(file)
        if "core" in jobs[0]:
            os.sched_setaffinity(0, {jobs[0]["core"]})
        sets, groups = read_sets(jobs[0]), {}
        for job in jobs:
            groups.setdefault(shape_of(job), []).append(job)
        way = train_each if "each" in jobs[0] else train_together
        print(json.dumps([way(group, sets) for group in groups.values()]))
        return
    job = json.loads(WORDS[0])
    wrong = [kind for _, kind, *_ in job["layers"] if kind not in KINDS]
    if wrong or job["scheduler"] or job["init"]:
        sys.exit(f"the JAX loop has no {wrong[0] if wrong else 'scheduler' if job['scheduler'] else 'init but pytorch'}")
    if "form" not in job:  # how many parameters it has
        weights, _ = init(job["layers"], jax.random.key(0))
        print(json.dumps({"form": {}, "parameters": sum(w.size for w in jax.tree.leaves(weights))}))
        return
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(json.dumps(train(job, compiled(job, read_sets(job), lambda f: f), rate_of(job), jax.random.key(job["seed"]))))


if __name__ == "__main__":
    main()
