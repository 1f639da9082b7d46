#!/usr/bin/env python3
"""Mean cross entropy and share right of a checkpoint's averaged weights on IDX files, in double precision.

    evaluate.py CHECKPOINT IMAGES LABELS

For one network alone: linear without bias, batch norm, ReLU, linear; pixels over 255.
"""
import json
import math
import struct
import sys


def tensors(path):
    with open(path, "rb") as f:
        data = f.read()
    n = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + n])
    found = {}
    for name, t in header.items():
        if name != "__metadata__":
            begin, end = (8 + n + x for x in t["data_offsets"])
            found[name] = struct.unpack(f"<{(end - begin) // 4}f", data[begin:end])
    return found


def idx(path):
    with open(path, "rb") as f:
        data = f.read()
    dims = struct.unpack(f">{data[3]}I", data[4:4 + 4 * data[3]])
    data = data[4 + 4 * data[3]:]
    item = len(data) // dims[0]
    return [data[i * item:(i + 1) * item] for i in range(dims[0])]


def linear(w, x, bias):
    return [sum(w[j * len(x) + i] * x[i] for i in range(len(x))) + bias[j] for j in range(len(bias))]


def logits(t, x):
    def get(name):
        return t.get("average." + name) or t["model." + name]
    z = linear(get("1.weight"), x, [0] * len(get("2.bias")))
    normed = zip(z, get("2.running_mean"), get("2.running_var"), get("2.weight"), get("2.bias"))
    h = [max(0, (v - mean) / math.sqrt(var + 1e-5) * gain + bias) for v, mean, var, gain, bias in normed]
    last = max(int(name.split(".")[1]) for name in t if name.startswith("model."))
    return linear(get(f"{last}.weight"), h, get(f"{last}.bias"))


def main():
    t = tensors(sys.argv[1])
    loss = right = 0
    images, labels = idx(sys.argv[2]), idx(sys.argv[3])
    for image, (label,) in zip(images, labels):
        y = logits(t, [p / 255 for p in image])
        loss += math.log(sum(math.exp(v - y[label]) for v in y))
        right += max(range(len(y)), key=lambda i: y[i]) == label
    print(f"{loss / len(images):.6f} {right / len(images):.6f}")


main()
