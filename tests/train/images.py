#!/usr/bin/env python3
"""Networks of images, drawn at random, against PyTorch in double precision from the same weights.

    ./images.py DESCENT [--trials N] [--first N] [--plant NAME]

Trains nets FIRST ... FIRST + N - 1 in both and compares the losses of every epoch, the weights at the end, and what the
exported weights predict in PyTorch. Nets have 2 to 8 layers: kernels of 1 to 5, strides, paddings, pools, norms, residuals
with the three shortcuts, odd sizes, images of 1 to 4 channels, layers of 1 to 48; every optimizer that PyTorch has too.
--plant breaks PyTorch's side (pad, pool, norm, shortcut) and asks that some net of N sees it. The output is TAP."""
import argparse
import csv
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    print('1..0 # SKIP needs numpy and PyTorch')
    sys.exit(0)

HERE = os.path.dirname(os.path.abspath(__file__))
TRAIN, TEST, CLASSES, BATCH, EPOCHS = 96, 40, 10, 16, 3
PLANTED = None


# ---- files ----


def write_idx(path, array):
    with open(path, 'wb') as f:
        f.write(struct.pack('>HBB', 0, 8, array.ndim) + struct.pack('>%dI' % array.ndim, *array.shape) + array.tobytes())


def write_safetensors(path, tensors):
    header, data = {}, b''
    for key, t in tensors.items():
        if key.endswith('num_batches_tracked'):
            continue
        raw = t.detach().numpy().astype('<f4').tobytes()
        header[key] = {'dtype': 'F32', 'shape': list(t.shape), 'data_offsets': [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + data)


def read_safetensors(path):
    raw = open(path, 'rb').read()
    n = struct.unpack('<Q', raw[:8])[0]
    header = json.loads(raw[8:8 + n])
    kind = {'F32': '<f4', 'I64': '<i8'}
    return {k: torch.from_numpy(np.frombuffer(raw[8 + n:][slice(*v['data_offsets'])], kind[v['dtype']]).reshape(v['shape']).copy())
            for k, v in header.items() if k != '__metadata__'}


# ---- layers in two languages ----


class Residual(nn.Module):
    def __init__(self, layers, shortcut, pad=None):
        super().__init__()
        self.layers, self.shortcut, self.pad = layers, shortcut, pad

    def forward(self, x):
        s = x
        if self.pad:
            channels, stride = self.pad
            s = x[:, :, ::stride[0], ::stride[1]]
            before = (channels - x.shape[1] + (PLANTED == 'shortcut')) // 2
            s = F.pad(s, (0, 0, 0, 0, before, channels - x.shape[1] - before))
        elif self.shortcut is not None:
            s = self.shortcut(x)
        return self.layers(x) + s


def pair(v):
    return tuple(v) if isinstance(v, list) else (v, v)


ACTIVATIONS = {'relu': nn.ReLU, 'gelu': nn.GELU, 'tanh': nn.Tanh, 'silu': nn.SiLU, 'elu': nn.ELU, 'leaky_relu': nn.LeakyReLU, 'sigmoid': nn.Sigmoid}


def module(layer, shape):
    """PyTorch's of a layer, and its stride; shape: of the input, without the batch."""
    kind, o = (layer, {}) if isinstance(layer, str) else next(iter(layer.items()))
    if kind in ACTIVATIONS:
        return ACTIVATIONS[kind](), (1, 1)
    if kind == 'conv':
        p = o.get('padding', 0)
        k, s = pair(o['kernel']), pair(o.get('stride', 1))
        p = tuple((x - 1) // 2 for x in k) if p == 'same' else (0, 0) if p == 'valid' else pair(p)
        return nn.Conv2d(shape[0], o['out'], k, s, p, bias=o.get('bias', True)), s
    if kind in ('max_pool', 'avg_pool'):
        s = pair(o.get('stride') or o['size'])
        make = nn.MaxPool2d if kind == 'max_pool' else nn.AvgPool2d
        planted = {'count_include_pad': False} if PLANTED == 'pool' and kind == 'avg_pool' else {}
        return make(pair(o['size']), s, pair(o.get('padding', 0)), ceil_mode=o.get('ceil', False), **planted), s
    if kind == 'global_avg_pool':
        return nn.AdaptiveAvgPool2d(1), (1, 1)
    if kind == 'batch_norm':
        eps = 2e-5 if PLANTED == 'norm' else 1e-5
        return (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0], eps), (1, 1)
    if kind == 'group_norm':
        return nn.GroupNorm(o['groups'], shape[0]), (1, 1)
    if kind == 'layer_norm':
        return nn.LayerNorm(shape), (1, 1)
    if kind == 'flatten':
        return nn.Flatten(), (1, 1)
    if kind == 'linear':
        return nn.Linear(shape[0], o['out'], bias=o.get('bias', True)), (1, 1)
    layers, out, stride = sequence(o['layers'], shape)
    shortcut, pad = None, None
    if o.get('shortcut') == 'pad':
        pad = (out[0], stride)
    elif o.get('shortcut') == 'conv':
        shortcut = nn.Sequential(nn.Conv2d(shape[0], out[0], 1, stride, bias=False))
        if 'batch_norm' in json.dumps(o['layers']):  # of residuals inside too
            shortcut.append(nn.BatchNorm2d(out[0]))
    return Residual(layers, shortcut, pad), stride


def sequence(layers, shape):
    made, stride = [], (1, 1)
    for layer in layers:
        m, s = module(layer, shape)
        m.eval()
        shape = list(m(torch.zeros(2, *shape)).shape[1:])
        made.append(m)
        stride = (stride[0] * s[0], stride[1] * s[1])
    return nn.Sequential(*made), shape, stride


# ---- drawing ----


class Draw:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def shape(self):
        return self.r.randint(5, 15), self.r.randint(5, 15)

    def channels(self):
        return self.r.choice([1, 2, 3, 5, 8, 16, 17, 20, 31, 32, 33, 40, 48])

    def activation(self):
        return self.r.choice(list(ACTIVATIONS) + ['relu'] * 3)

    def norm(self, channels):
        divisors = [d for d in range(1, channels + 1) if channels % d == 0]
        return self.r.choice(['batch_norm', {'group_norm': {'groups': self.r.choice(divisors)}}, 'layer_norm'])

    def conv(self, shape):
        h, w = shape[1:]
        k = [self.r.randint(1, 5), self.r.randint(1, 5)]
        if self.r.random() < 0.5:
            k[1] = k[0]
        p = [self.r.randint(0, 3), self.r.randint(0, 3)]
        s = [self.r.choice([1, 1, 1, 2, 3]), self.r.choice([1, 1, 1, 2, 3])]
        o = {'out': self.channels(), 'kernel': k, 'stride': s, 'padding': p, 'bias': self.r.random() < 0.7}
        if all(x % 2 for x in k) and self.r.random() < 0.4:
            o.update(stride=1, padding='same')
        elif h + 2 * p[0] < k[0] or w + 2 * p[1] < k[1]:
            o.update(kernel=1, padding=0)
        return {'conv': o}

    def pool(self, shape):
        size = [self.r.randint(1, min(3, shape[1])), self.r.randint(1, min(3, shape[2]))]
        o = {'size': size, 'padding': [self.r.randint(0, x // 2) for x in size], 'ceil': self.r.random() < 0.5}
        if self.r.random() < 0.5:
            o['stride'] = self.r.randint(1, 3)
        return {self.r.choice(['max_pool', 'avg_pool']): o}

    def plain_residual(self, shape):
        """Without a convolution: rows of few channels stay as short as the input's."""
        layers = [self.activation()]
        if self.r.random() < 0.5:
            layers.insert(self.r.randint(0, 1), self.r.choice(['batch_norm', 'layer_norm']))
        if self.r.random() < 0.3:
            layers = [{'residual': {'layers': layers, 'shortcut': self.r.choice(['identity', 'pad', 'conv'])}}, self.activation()]
        return {'residual': {'layers': layers, 'shortcut': self.r.choice(['identity', 'pad', 'conv'])}}

    def residual(self, shape):
        if self.r.random() < 0.2:
            return self.plain_residual(shape)
        form = self.r.choice(['identity', 'pad', 'conv'])
        stride = 1 if form == 'identity' else self.r.choice([1, 2])
        out = shape[0] if form == 'identity' else shape[0] + self.r.choice([0, 1, 7, 16])
        bias = self.r.random() < 0.5
        layers = [{'conv': {'out': self.channels(), 'kernel': 3, 'stride': stride, 'padding': 1, 'bias': bias}}]
        if self.r.random() < 0.6:
            layers.append('batch_norm')
        layers.append(self.activation())
        layers.append({'conv': {'out': out, 'kernel': self.r.choice([1, 3]), 'padding': 'same', 'bias': bias}})
        if self.r.random() < 0.3:
            inner = {'residual': {'layers': [{'conv': {'out': out, 'kernel': 3, 'padding': 1}}, self.activation()]}}
            layers.insert(self.r.choice([0, len(layers)]) if out == shape[0] and form == 'identity' else len(layers), inner)
        return {'residual': {'layers': layers, 'shortcut': form}}

    def layers(self, shape):
        made, wanted, start = [], self.r.randint(2, 8), shape
        if self.r.random() < 0.4:
            made.append(self.r.choice(['batch_norm', 'layer_norm', self.plain_residual(shape)]))
        while len(made) < wanted:
            shape = sequence(made, start)[1]
            x = self.r.random()
            made.append(self.conv(shape) if x < 0.4 or not made else self.pool(shape) if x < 0.55 else self.residual(shape) if x < 0.75
                        else self.norm(shape[0]) if x < 0.88 else self.activation())
        if self.r.random() < 0.3:
            made.append('global_avg_pool')
        made.append('flatten')
        if self.r.random() < 0.4:
            made += [{'linear': {'out': self.channels()}}, self.activation()]
        return made + [{'linear': {'out': CLASSES}}]


def optimizer(name, kind, path={}, **keys):
    """The same optimizer in two languages: the keys are PyTorch's, which ours are too. path: PyTorch's, of its own."""
    text = ', '.join('%s: %s' % (key, flow(value)) for key, value in keys.items())
    return '{name: %s, %s}' % (name, text), lambda p: kind(p, **keys, **path)


def optimizers():
    o = torch.optim
    return [
        optimizer('sgd', o.SGD, lr=0.05),
        optimizer('sgd', o.SGD, lr=0.05, momentum=0.9, weight_decay=1e-3),
        optimizer('sgd', o.SGD, lr=0.05, momentum=0.9, nesterov=True),
        optimizer('adam', o.Adam, lr=0.002),
        optimizer('adam', o.Adam, lr=0.002, amsgrad=True, weight_decay=1e-2),
        optimizer('adamw', o.AdamW, lr=0.002, weight_decay=0.1),
        optimizer('rmsprop', o.RMSprop, lr=0.001),
        optimizer('rmsprop', o.RMSprop, lr=0.001, centered=True, momentum=0.5),
        optimizer('adagrad', o.Adagrad, lr=0.01, lr_decay=0.01),
        optimizer('adadelta', o.Adadelta, lr=1.0, rho=0.9),
        optimizer('nadam', o.NAdam, {'foreach': True}, lr=0.002),  # its other path multiplies mu_t twice
        optimizer('radam', o.RAdam, lr=0.002),
        optimizer('adamax', o.Adamax, lr=0.002),
    ]


def flow(v):
    if isinstance(v, dict):
        return '{%s}' % ', '.join('%s: %s' % (k, flow(x)) for k, x in v.items())
    if isinstance(v, list):
        return '[%s]' % ', '.join(flow(x) for x in v)
    return {True: 'true', False: 'false', None: 'null'}.get(v, str(v)) if not isinstance(v, (int, float)) or isinstance(v, bool) else str(v)


class Net:
    """One drawn experiment: data, layers, weights; and its files in a folder."""

    def __init__(self, seed):
        d = Draw(seed)
        self.seed, (h, w) = seed, d.shape()
        c = d.r.choice([1, 1, 2, 3, 3, 4])
        self.layers = d.layers([c, h, w])
        self.optimizer, self.make = d.r.choice(optimizers())
        torch.manual_seed(seed)
        r = np.random.RandomState(seed)
        self.y = r.randint(0, CLASSES, TRAIN + TEST).astype(np.uint8)
        centre = r.rand(CLASSES, c, h, w)
        self.x = np.clip(255 * (0.6 * centre[self.y] + 0.4 * r.rand(TRAIN + TEST, c, h, w)), 0, 255).astype(np.uint8)
        self.net = sequence(self.layers, [c, h, w])[0]
        for p in self.net.parameters():
            p.data = p.data.float()

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        for name, x, y in (('train', self.x[:TRAIN], self.y[:TRAIN]), ('t10k', self.x[TRAIN:], self.y[TRAIN:])):
            form, x = ('3', x[:, 0]) if x.shape[1] == 1 else ('4', x)
            write_idx(os.path.join(folder, '%s-images-idx%s-ubyte' % (name, form)), x)
            write_idx(os.path.join(folder, name + '-labels-idx1-ubyte'), y)
        write_safetensors(os.path.join(folder, 'initial.safetensors'), self.net.state_dict())
        with open(os.path.join(folder, 'spec.yaml'), 'w') as f:
            f.write('name: net\ndataset: {name: idx, dir: %s, validation: 0}\n' % folder)
            f.write('model: {name: layers, init_from: %s, layers: %s}\n' % (os.path.join(folder, 'initial.safetensors'), flow(self.layers)))
            f.write('train: {epochs: %d, batch_size: %d, sampler: sequential}\n' % (EPOCHS, BATCH))
            f.write('optimizer: %s\nevaluate: {test: every, batch_size: 29}\ncheckpoint: {every: 0, best: null}\nplots: false\n' % self.optimizer)

    def train(self, dtype):
        net = self.net.__class__(*[m for m in self.net])
        state = {k: v.clone() for k, v in self.net.state_dict().items()}
        net = net.to(dtype)
        x, y = torch.tensor(self.x / np.float32(255)).to(dtype), torch.tensor(self.y.astype(np.int64))
        optimizer, rows = self.make(net.parameters()), []

        def measure(part):
            net.eval()
            with torch.no_grad():
                z = net(x[part])
            return F.cross_entropy(z, y[part]).item()

        rows.append((measure(slice(0, TRAIN)), measure(slice(TRAIN, None))))
        for _ in range(EPOCHS):
            for at in range(0, TRAIN, BATCH):
                net.train()
                optimizer.zero_grad()
                F.cross_entropy(net(x[at:at + BATCH]), y[at:at + BATCH]).backward()
                optimizer.step()
            rows.append((measure(slice(0, TRAIN)), measure(slice(TRAIN, None))))
        weights = {k: v.detach().double().clone() for k, v in net.state_dict().items()}
        self.net.to(torch.float32)
        self.net.load_state_dict(state)
        return rows, weights


def relative(a, b):
    return max(abs(p - q) / max(abs(q), 1e-2) for r, s in zip(a, b) for p, q in zip(r, s))


def of_weights(a, b):
    return max((a[k].double() - b[k].double()).abs().max().item() / max(b[k].abs().max().item(), 1e-3)
               for k in b if not k.endswith('num_batches_tracked'))


def logits_agree(net, mine, n, rows):
    """What the exported weights predict in PyTorch: the test loss and every class but a draw's."""
    net.load_state_dict(mine, strict=True)
    net.eval()
    with torch.no_grad():
        z = net(torch.tensor(n.x[TRAIN:] / np.float32(255))).double()
    loss = F.cross_entropy(z, torch.tensor(n.y[TRAIN:].astype(np.int64))).item()
    with open(n.predictions) as f:
        told = [int(r['prediction']) for r in csv.DictReader(f)]
    top = z.max(1).values
    close = all(top[i] - z[i, k] <= 1e-4 * max(1, abs(top[i])) for i, k in enumerate(told))
    return len(told) == TEST and close and abs(loss - rows[-1][1]) <= 2e-5 * max(1, abs(loss))


def reach(seed, rows, weights):
    """How far rounding can take this net: double precision from weights that are off by some units of float's last place."""
    losses, off = [], []
    for draw in range(6):
        n, generator = Net(seed), torch.Generator().manual_seed(draw)
        for p in n.net.parameters():
            p.data *= 1 + 1e-6 * torch.randn(p.shape, generator=generator)
        r, w = n.train(torch.float64)
        losses.append(relative(r, rows))
        off.append(of_weights(w, weights))
    return max(losses), max(off)


def compare(descent, folder, seed):
    """None where net SEED agrees, else what does not; and a line of how closely."""
    n = Net(seed)
    n.write(folder)
    double, weights = n.train(torch.float64)
    single, singles = n.train(torch.float32)
    lost = not all(math.isfinite(x) for row in double for x in row)
    out, exported = os.path.join(folder, 'run'), os.path.join(folder, 'out.safetensors')
    n.predictions = os.path.join(folder, 'predictions.csv')
    for words in (['run', os.path.join(folder, 'spec.yaml'), '-o', out, '--force', '-q'], ['export', out, '-o', exported],
                  ['eval', out, '--predictions', n.predictions, '-q']):
        p = subprocess.run([descent] + words, capture_output=True, text=True)
        if lost:
            return None if p.returncode == 5 else 'exit %d where PyTorch diverges' % p.returncode, '%s: diverges' % n.optimizer
        if p.returncode != 0:
            return '%s: exit %d: %s' % (words[0], p.returncode, p.stderr), ''
    with open(os.path.join(out, 'epochs.csv')) as f:
        rows = [(float(r['train_loss']), float(r['test_loss'])) for r in csv.DictReader(f)]
    mine = read_safetensors(exported)
    loss, weight, theirs, their_weight = relative(rows, double), of_weights(mine, weights), relative(single, double), of_weights(singles, weights)
    if loss >= max(3e-4, 20 * theirs) or weight >= max(1e-3, 20 * their_weight):
        theirs, their_weight = reach(seed, double, weights)
    line = '%s: losses off by %.1e (PyTorch by rounding %.1e), weights %.1e (%.1e)' % (n.optimizer, loss, theirs, weight, their_weight)
    if not (loss < 5e-6 or loss < max(3e-4, 20 * theirs)):
        return 'losses', line
    if not weight < max(1e-3, 20 * their_weight):
        return 'weights', line
    return None if logits_agree(n.net, mine, n, rows) else 'predictions of the exported weights', line


def main():
    global PLANTED
    parser = argparse.ArgumentParser()
    parser.add_argument('descent')
    parser.add_argument('--trials', type=int, default=20)
    parser.add_argument('--first', type=int, default=1)
    parser.add_argument('--plant', choices=['pool', 'norm', 'shortcut'])
    words = parser.parse_args()
    torch.set_num_threads(1)
    PLANTED = words.plant
    seeds, seen = range(words.first, words.first + words.trials), 0
    print('1..%d' % (1 if PLANTED else words.trials), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for k, seed in enumerate(seeds):
            wrong, line = compare(words.descent, os.path.join(folder, str(seed)), seed)
            seen += wrong is not None
            if not PLANTED:
                print('%s %d - net %d %s' % ('not ok' if wrong else 'ok', k + 1, seed, line))
            if wrong:
                print('# net %d: %s; %s' % (seed, wrong, flow(Net(seed).layers)), flush=True)
    if PLANTED:
        print('%s 1 - %s planted: %d of %d nets see it' % ('ok' if seen else 'not ok', PLANTED, seen, len(seeds)))
    sys.exit(seen == 0 if PLANTED else seen > 0)


if __name__ == '__main__':
    main()
