#!/usr/bin/env python3
"""Reads what descent writes with nothing but the standard library and numpy, for the tests.

    read_tensors.py --summary FILE              name, norm, minimum and maximum of every tensor, as 'inspect' writes them
    read_tensors.py --model CHECKPOINT FILE PREFIX
                                                FILE (.safetensors or .npz) is the model of CHECKPOINT, its parameters
                                                from the tensors named by PREFIX ('average.{}')
    read_tensors.py --predict FILE IMAGES LABELS
                                                share of the images that the multilayer perceptron in FILE gets right
    read_tensors.py --torch FILE                torch.nn.Sequential takes FILE strictly, and gives numpy's logits
    read_tensors.py --events FILE FOLDER        FILE holds the scalars of FOLDER/epochs.csv
"""
import csv
import gzip
import json
import math
import struct
import sys

import numpy as np

TYPES = {"F32": "<f4", "F64": "<f8", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1", "BOOL": "?"}


def read(path):
    with open(path, "rb") as f:
        blob = f.read()
    (length,) = struct.unpack("<Q", blob[:8])
    header = json.loads(blob[8 : 8 + length])
    meta = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(blob[8 + length + begin : 8 + length + end], TYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, meta


def summary(path):
    for name, tensor in read(path)[0].items():
        v = tensor.astype(np.float64).ravel()
        print(name, *("%.4g" % x for x in (math.sqrt(float(np.dot(v, v))), v.min(), v.max())))


def model(checkpoint, path, pattern):
    state, meta = read(checkpoint)
    if path.endswith(".npz"):
        with np.load(path) as z:
            got = {name: z[name] for name in z.files}
    else:
        got = read(path)[0]
    wanted = {}
    for name, tensor in state.items():
        if name.startswith("model."):
            name = name[len("model.") :]
            other = (pattern if "running_" not in name else "average.{}").format(name)
            wanted[name] = state.get(other, tensor) if "running_" in name else state[other]
            if name.endswith(".running_var"):
                count = np.array(int(meta["descent.minibatch"]), "<i8")
                wanted[name.replace("running_var", "num_batches_tracked")] = count
    assert sorted(got) == sorted(wanted), (sorted(got), sorted(wanted))
    for name, tensor in wanted.items():
        assert got[name].dtype == tensor.dtype and got[name].shape == tensor.shape, name
        assert got[name].tobytes() == tensor.tobytes(), name


def logits(state, x):
    """Linear layers, batch norm after them where there are running statistics, ReLU between."""
    layers = sorted({int(name.split(".")[0]) for name in state})
    linear = [i for i in layers if state["%d.weight" % i].ndim == 2]
    for i in layers:
        weight = state["%d.weight" % i].astype(np.float64)
        if i in linear:
            x = x @ weight.T + state.get("%d.bias" % i, 0)
        else:
            variance = state["%d.running_var" % i].astype(np.float64)
            x = (x - state["%d.running_mean" % i]) / np.sqrt(variance + 1e-5) * weight + state["%d.bias" % i]
        if i != layers[-1] and i + 1 not in layers:
            x = np.maximum(x, 0)
    return x


def idx(path):
    with gzip.open(path) as f:
        blob = f.read()
    dims = struct.unpack(">%dI" % blob[3], blob[4 : 4 + 4 * blob[3]])
    return np.frombuffer(blob[4 + 4 * blob[3] :], "u1").reshape(dims)


def predict(path, images, labels):
    x = idx(images)
    got = logits(read(path)[0], x.reshape(len(x), -1) / 255.0).argmax(axis=1)
    print("%.9g" % (got == idx(labels)).mean())


def strict(path):
    import torch
    from torch import nn

    state = read(path)[0]
    width, features = state["1.weight"].shape
    net = nn.Sequential(
        nn.Flatten(), nn.Linear(features, width, bias=False), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, 10)
    )
    net.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in state.items()}, strict=True)
    x = np.random.default_rng(0).random((20, features), dtype=np.float32)
    with torch.no_grad():
        got = net.eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(got, logits(state, x.astype(np.float64)), rtol=1e-4, atol=1e-5)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    with open(path, "rb") as f:
        blob = f.read()
    at = 0
    while at < len(blob):
        (n,) = struct.unpack_from("<Q", blob, at)
        data = blob[at + 12 : at + 12 + n]
        checks = struct.unpack_from("<I", blob, at + 8) + struct.unpack_from("<I", blob, at + 12 + n)
        assert checks == (masked(blob[at : at + 8]), masked(data)), "checks of the record at %d" % at
        yield data
        at += 16 + n
    assert at == len(blob)


def fields(message):
    """(field, value) of a protocol buffer's message: numbers as bytes or int, the rest as bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        n = {1: 8, 5: 4}.get(key & 7)
        n = varint() if key & 7 == 2 else n
        yield key >> 3, message[at : at + n]
        at += n


def events(path, folder):
    assert crc32c(b"123456789") == 0xE3069283
    first, *rest = [dict(fields(data)) for data in records(path)]
    assert first[3] == b"brain.Event:2", first
    with open(folder + "/epochs.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    with open(folder + "/run.json") as f:
        written = json.load(f)["times"]["written"]
    assert len(rest) == len(rows) > 0
    times = [struct.unpack("<d", event[1])[0] for event in [first, *rest]]
    assert times == sorted(times)
    import calendar
    import time

    assert abs(times[-1] - calendar.timegm(time.strptime(written, "%Y-%m-%dT%H:%M:%SZ"))) < 1e-6
    for event, row in zip(rest, rows):
        assert event.get(2, 0) == int(row.pop("step")), row
        got = {}
        for field, value in fields(event[5]):
            assert field == 1
            value = dict(fields(value))
            got[value[1].decode()] = struct.unpack("<f", value[2])[0]
        assert got == {key: float(np.float32(cell)) for key, cell in row.items() if cell}, (got, row)


if __name__ == "__main__":
    commands = {"--summary": summary, "--model": model, "--predict": predict, "--torch": strict, "--events": events}
    commands[sys.argv[1]](*sys.argv[2:])
