#!/usr/bin/env python3
"""One training in PyTorch, for scripts/bench-pytorch, by a loop that loses no time.

    bench_pytorch_loop.py about      versions, as JSON
    bench_pytorch_loop.py JOB        trains what the JSON text JOB describes; measurements as JSON
    bench_pytorch_loop.py jobs FILE  trains one after another what a JSON list of jobs describes, and reads the data once

The images are one float tensor, scaled once. Every epoch draws one permutation; a minibatch is one
index_select into a buffer that stays (a fresh one would be mapped and unmapped by the allocator at
every step), with no DataLoader. Where the job says `compiled`, the model and its loss are torch.compile's. Nothing is asked of the loss but its gradient. The timed part is what
`train_seconds` is in descent's timing.csv, from the permutation to the last update.
"""
import gzip
import json
import math
import os
import re
import sys
import time

sys.dont_write_bytecode = True
from usage import jobs  # noqa: E402

WORDS = jobs(__doc__)

import numpy  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "elu": nn.ELU, "gelu": nn.GELU, "silu": nn.SiLU,
               "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "softplus": nn.Softplus, "identity": nn.Identity}
OPTIMIZERS = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
              "adagrad": torch.optim.Adagrad, "adadelta": torch.optim.Adadelta}


NOTHING = math.nan, math.nan  # loss and accuracy where there is nothing to evaluate


# ---- what the job asks for ----

def read_idx(folder, name):
    path = os.path.join(folder, name)
    opened = open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb")
    with opened as file:
        content = file.read()
    shape = numpy.frombuffer(content, ">u4", content[3], 4)
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * content[3]).reshape(shape[0], -1)


def read_split(folder, prefix):
    images = read_idx(folder, prefix + "-images-idx3-ubyte").astype(numpy.float32)
    labels = read_idx(folder, prefix + "-labels-idx1-ubyte").astype(numpy.int64)
    return torch.from_numpy(images).div_(255), torch.from_numpy(labels).flatten()


class Residual(nn.Module):
    """f(x) + x, or x with every other pixel and channels of 0 before and after (He et al.'s option A)."""

    def __init__(self, layers, padded):
        super().__init__()
        self.layers, self.padded = layers, padded

    def forward(self, x):
        y = self.layers(x)
        if self.padded:
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, *self.padded))
        return y + x


def numbers(text):
    return [int(n) for n in re.findall(r"\d+", text)]


def build_conv(detail):
    """Of `IN -> OUT, H x W[ / STRIDE][, padding P][, no bias]`."""
    channels, kernel, *rest = detail.split(", ")
    height, width, *stride = numbers(kernel)
    padding = next((numbers(r)[0] for r in rest if r.startswith("padding")), 0)
    return nn.Conv2d(*numbers(channels), (height, width), *(stride or [1]), padding, bias="no bias" not in rest)


def build_layer(kind, detail, before, shape):
    if kind == "linear":
        return nn.Linear(int(detail.split()[0]), shape[0], bias="no bias" not in detail)
    if kind == "conv":
        return build_conv(detail)
    if kind == "max_pool":
        height, width, stride = numbers(detail)
        return nn.MaxPool2d((height, width), stride, ceil_mode=shape[1] > (before[1] - height) // stride + 1)
    if kind == "global_avg_pool":
        return nn.AdaptiveAvgPool2d(1)
    if kind == "batch_norm":
        return (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0])
    if kind == "dropout":
        return nn.Dropout(float(re.search(r"[\d.e-]+$", detail)[0]))
    return nn.Flatten() if kind == "flatten" else ACTIVATIONS[kind]()


INITS = {"normal": lambda w, std=0.01: nn.init.normal_(w, std=std),
         "truncated_normal": lambda w, std=0.03: nn.init.trunc_normal_(w, std=std, a=-2 * std, b=2 * std),
         "xavier_uniform": nn.init.xavier_uniform_, "xavier_normal": nn.init.xavier_normal_}


def init_model(model, init):
    """Draws matrices and kernels, and sets their biases, as the spec's `model.init` says."""
    name, bias, options = init["name"], init["bias"], {key: v for key, v in init.items() if key not in ("name", "bias")}
    for layer in model.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            INITS[name](layer.weight, **options)
            if layer.bias is not None:
                nn.init.constant_(layer.bias, bias)


def build_model(layers):
    """`layers`: place, kind, detail and shape of each, from `descent check --layers`."""
    made, inner, padded, before = [], [], None, (1, 28, 28)
    for place, kind, detail, shape in layers:
        if kind == "shortcut":
            padded = numbers(detail)
        elif kind == "sum":
            made.append(Residual(nn.Sequential(*inner), padded))
            inner, padded = [], None
        else:
            (inner if "." in place else made).append(build_layer(kind, detail, before, shape))
            before = shape
    return nn.Sequential(*made).to(memory_format=torch.channels_last)


def of_images(layers):
    return layers[0][1] != "flatten"


def build_optimizer(model, wanted, form):
    return OPTIMIZERS[wanted["name"]](model.parameters(), **wanted["options"], **form)


def build_scheduler(optimizer, wanted):
    return torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **wanted["options"]) if wanted else None


# ---- the two passes ----

def loss_of(model, x, y):
    return functional.cross_entropy(model(x), y)


def train_epoch(model, optimizer, images, labels, batch, count, loss_of=loss_of):
    """One pass over the first `count` images; returns the last minibatch's loss."""
    model.train()
    x = torch.empty(batch, *images.shape[1:])
    y = torch.empty(batch, dtype=torch.int64)
    loss = None
    for chosen in torch.randperm(count)[:count // batch * batch].split(batch):
        torch.index_select(images, 0, chosen, out=x)
        torch.index_select(labels, 0, chosen, out=y)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model, x, y)
        loss.backward()
        optimizer.step()
    return loss.item()


@torch.inference_mode()
def evaluate(model, images, labels, batch):
    """Mean loss and share of right answers."""
    model.eval()
    loss = right = 0
    for x, y in zip(images.split(batch), labels.split(batch)):
        z = model(x)
        loss += functional.cross_entropy(z, y, reduction="sum")
        right += (z.argmax(1) == y).sum()
    return loss.item() / len(labels), right.item() / len(labels)


def epoch_line(epoch, epochs, train, valid):
    print(f"epoch {epoch}/{epochs}  train {100 * train[1]:.2f} %  valid {100 * valid[1]:.2f} %", file=sys.stderr,
          flush=True)


def read_sets(job):
    return *read_split(job["data"], "train"), read_split(job["data"], "t10k")


def run(job, sets):
    torch.manual_seed(job["seed"])
    images, labels, test = sets
    if of_images(job["layers"]):  # one channel: both orders in memory are the same
        images, test = images.view(-1, 1, 28, 28), (test[0].view(-1, 1, 28, 28), test[1])
    first = len(labels) - job["validation"]
    count = min(first, job["limit"] or first)
    model = build_model(job["layers"])
    if job["init"]:
        init_model(model, job["init"])
    optimizer = build_optimizer(model, job["optimizer"], job["form"])
    scheduler = build_scheduler(optimizer, job["scheduler"])
    compiled = torch.compile if job.get("compiled") else lambda f: f
    step_loss, logits = compiled(loss_of), compiled(model)
    result = {"train_seconds": [], "evaluate_seconds": []}
    for epoch in range(job["epochs"] + 1):
        began = time.perf_counter()
        loss = train_epoch(model, optimizer, images, labels, job["batch"], count, step_loss) if epoch else None
        trained = time.perf_counter()
        train = evaluate(logits, images[:count], labels[:count], job["evaluate_batch"]) if job["evaluate_train"] else NOTHING
        valid = evaluate(logits, images[first:], labels[first:], job["evaluate_batch"]) if first < len(labels) else NOTHING
        result["evaluate_seconds"].append(time.perf_counter() - trained)
        if epoch:
            result["train_seconds"].append(trained - began)
        if epoch and scheduler:
            scheduler.step({"last_batch_loss": loss, "valid_accuracy": valid[1]}[job["scheduler"]["monitor"]])
        epoch_line(epoch, job["epochs"], train, valid)
    result["valid_accuracy"] = valid[1]
    result["test_accuracy"] = evaluate(logits, *test, job["evaluate_batch"])[1]
    return result


# ---- which form of the optimizer ----

def time_steps(model, optimizer):
    began = time.perf_counter()
    for _ in range(20):
        optimizer.step()
    return time.perf_counter() - began


def choose_form(job):
    """The fastest of PyTorch's forms of this optimizer for tensors of these sizes: a loop, foreach, fused."""
    best = {}
    for form in {"foreach": False}, {"foreach": True}, {"fused": True}:
        try:
            model = build_model(job["layers"])
            optimizer = build_optimizer(model, job["optimizer"], form)
            for p in model.parameters():
                p.grad = torch.randn_like(p)
            best[json.dumps(form)] = min(time_steps(model, optimizer) for _ in range(5))
        except (TypeError, RuntimeError, AssertionError):
            continue  # this version has it not, or not on a processor
    parameters = sum(p.numel() for p in build_model(job["layers"]).parameters())
    return {"form": json.loads(min(best, key=best.get)), "parameters": parameters}


def blas_name():
    """The library that is mapped into this process; wheels have theirs inside."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {os.path.basename(line.split()[-1]) for line in maps if "/" in line}
    for family in "libopenblas", "libmkl", "libblis", "libblas":
        found = sorted(name for name in files if name.startswith(family))
        if found:
            return found[0]
    built = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
    return built[1] if built else "unknown"


def main():
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    if WORDS[0] == "about":
        print(json.dumps({"torch": torch.__version__, "blas": blas_name()}))
        return
    if WORDS[0] == "jobs":
        with open(WORDS[1], encoding="utf-8") as file:
            jobs = json.load(file)
        sets = read_sets(jobs[0])
        print(json.dumps([run(job, sets)["valid_accuracy"] for job in jobs]))
        return
    job = json.loads(WORDS[0])
    print(json.dumps(run(job, read_sets(job)) if "form" in job else choose_form(job)))


if __name__ == "__main__":
    main()
