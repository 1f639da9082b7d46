#!/usr/bin/env python3
"""Random crosses of what a training is made of, against PyTorch in double precision.

    crosses.py DESCENT [--trials N] [--seed S] [--plant FAULT]

Each trial is a spec drawn from optimizer x schedules x average x accumulate x clipping x batch-size schedule x batch
norm x sharpness-aware minimisation x lookahead; the images come in the order of a Philox4x32-10 that is written here once more, from its paper (Salmon et al.
2011). PyTorch (1.13) trains the same model on the same images with values of the schedules that are computed here, and
every loss of every epoch must agree to 5e-6. --plant puts a fault into PyTorch's side (`adamw`: steps larger by 0.2 %,
`ema`: a decay larger by 0.1 %, `swa`: one epoch too many in the count, `order`: the first epoch's order in all, `sam`:
batch-norm statistics of both passes, `lookahead`: one update late) and draws only specs that it concerns: three trials in four must then see it (an average of one epoch has no count, a step
that the schedule made tiny has no size). Speaks TAP."""
import argparse
import copy
import csv
import functools
import gzip
import math
import os
import random
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    from torch import nn, optim
    from torch.nn import functional as F
    from torch.optim.swa_utils import update_bn
except ImportError:
    print('1..0 # SKIP no PyTorch')
    sys.exit(0)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import reference  # noqa: E402

HERE = reference.HERE
LIMIT = 5e-6
VALID = 60

# ---- the order of the images ----

LOW = 0xFFFFFFFF
SHUFFLE = 2  # the purpose of a stream


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & LOW, (a >> 32) ^ c[3] ^ k[1], a & LOW]
        k = [(k[0] + 0x9E3779B9) & LOW, (k[1] + 0xBB67AE85) & LOW]
    return c


def words(seed, epoch):
    block = 0
    while True:
        yield from philox([block, SHUFFLE << 24, epoch & LOW, epoch >> 32], [seed & LOW, seed >> 32])
        block += 1


def below(w, n):
    """Lemire 2019: multiply, and reject what would be unfair."""
    while True:
        product = (next(w) | next(w) << 32) * n
        if product % 2 ** 64 >= 2 ** 64 % n:
            return product >> 64


def permutation(seed, epoch, n):
    w, v = words(seed, epoch), list(range(n))
    for i in range(n, 1, -1):
        j = below(w, i)
        v[i - 1], v[j] = v[j], v[i - 1]
    return v


# ---- specs ----

def sgd(r):
    momentum = r.choice([0, 0.5, 0.9])
    keys = {'lr': r.uniform(0.02, 0.1), 'momentum': momentum, 'weight_decay': r.choice([0, 0.01])}
    if momentum:
        keys['nesterov'] = r.random() < 0.5
    return 'sgd', keys, optim.SGD, keys


def adaptive(name, kind, low, high, **choices):
    def draw(r):
        keys = {'lr': r.uniform(low, high), **{k: r.choice(v) for k, v in choices.items()}}
        if 'betas' in choices:
            keys['betas'] = list(keys['betas'])
        return name, keys, kind, keys
    return draw


BETAS = [(0.9, 0.999), (0.8, 0.95)]
ADAMW = adaptive('adamw', optim.AdamW, 0.001, 0.01, betas=BETAS, eps=[1e-8, 1e-3], weight_decay=[0.0, 0.3],
                 amsgrad=[False, True])
OPTIMIZERS = [sgd, ADAMW,
              adaptive('adam', optim.Adam, 0.001, 0.01, betas=BETAS, eps=[1e-3, 1e-4], weight_decay=[0.0, 0.01],
                       amsgrad=[False, True]),
              # NAdam's plain path in 1.13 multiplies mu in twice, its foreach path once
              adaptive('nadam', functools.partial(optim.NAdam, foreach=True), 0.001, 0.01, betas=BETAS,
                       eps=[1e-3, 1e-4]),
              adaptive('adamax', optim.Adamax, 0.001, 0.01, betas=BETAS, eps=[1e-3, 1e-4]),
              adaptive('rmsprop', optim.RMSprop, 0.001, 0.003, alpha=[0.9, 0.99], eps=[1e-3], momentum=[0, 0.5]),
              adaptive('adagrad', optim.Adagrad, 0.01, 0.03, eps=[1e-3], lr_decay=[0, 0.01])]


def schedule(r, target):
    """A spec's entry, and its factor at t."""
    g, n, s = r.choice([0.5, 0.7, 0.9]), r.randint(2, 4), r.choice([0.1, 0.5])
    entry, factor = r.choice([
        ({'name': 'exponential', 'gamma': g}, lambda t: g ** t),
        ({'name': 'step', 'every': n, 'gamma': g}, lambda t: g ** (t // n)),
        ({'name': 'multistep', 'milestones': [1, n], 'gamma': g}, lambda t: g ** ((t >= 1) + (t >= n))),
        ({'name': 'warmup', 'over': n, 'start': s}, lambda t: min(1, s + (1 - s) * t / n)),
        ({'name': 'linear', 'start': s, 'end': 1, 'over': n}, lambda t: s + (1 - s) * min(t, n) / n),
        ({'name': 'cosine', 'over': 8}, lambda t: (1 + math.cos(math.pi * min(t, 8) / 8)) / 2)])
    interval = r.choice(['epoch', 'step']) if target != 'batch_size' else 'epoch'
    return {**entry, 'interval': interval, 'apply_to': target}, (target, interval, factor)


def draw(r, plant):
    name, keys, kind, torch_keys = (ADAMW if plant == 'adamw' else r.choice(OPTIMIZERS))(r)
    targets = ['lr'] * r.randint(0, 2) + r.choice([[], ['batch_size']])
    if torch_keys.get('momentum') or 'betas' in torch_keys:
        targets += r.choice([[], ['momentum']])
    if torch_keys.get('weight_decay'):
        targets += r.choice([[], ['weight_decay']])
    entries, factors = [], []
    for target in targets:
        entry, factor = schedule(r, target)
        entries.append(entry)
        factors.append(factor)
    averages = [None, {'name': 'ema', 'decay': r.choice([0.8, 0.95])}, {'name': 'swa', 'start': r.choice([0.25, 0.5])}]
    average = averages[{'ema': 1, 'swa': 2}.get(plant, r.randrange(3))]
    train = {'epochs': 5, 'batch_size': r.choice([20, 32, 50]), 'drop_last': r.random() < 0.5,
             'accumulate': r.choice([1, 1, 2, 3]), 'label_smoothing': r.choice([0, 0.1])}
    clip = r.choice([None, ('clip_norm', 0.5), ('clip_value', 0.02)])
    if clip:
        train[clip[0]] = clip[1]
    seed, limit = r.randrange(2 ** 40), r.choice([300, 310, 337])
    norm, activation = plant != 'order' and r.random() < 0.5, r.choice(['tanh', 'silu', 'softplus', 'gelu'])
    if plant == 'sam' or r.random() < 0.4:
        train['sam'] = {'rho': r.choice([0.05, 0.3])}
        norm = norm or plant == 'sam'
    around = {}
    if plant == 'lookahead' or r.random() < 0.3:
        around['lookahead'] = {'steps': r.choice([2, 3, 5]), 'alpha': r.choice([0.5, 0.8])}
    return {
        'seed': seed,
        'dataset': {'name': 'idx', 'dir': os.path.join(HERE, 'data'), 'validation': VALID,
                    'train_limit': limit},
        'model': {'name': 'mlp', 'hidden': reference.HIDDEN, 'batch_norm': norm,
                  'activation': activation, 'init_from': None},
        'train': train, 'evaluate': {'test': 'every'}, 'checkpoint': {'every': 0, 'best': None}, 'plots': False,
        'optimizer': {'name': name, **keys, **around}, 'scheduler': entries or None, 'average': average,
    }, kind, torch_keys, factors


# ---- PyTorch ----

class Cross:
    def __init__(self, spec, kind, keys, factors, data, state, plant):
        self.spec, self.factors, self.plant = spec, factors, plant
        self.t, self.kind, self.keys = spec['train'], kind, keys
        self.data = reference.splits(data, spec['dataset'], torch.float64)
        self.n = len(self.data['train'][0])
        self.model = reference.mlp(spec['model']['activation'], spec['model']['batch_norm']).double()
        self.model.load_state_dict(state)
        self.optimizer = kind(self.model.parameters(), **keys)
        self.step, self.averaged, self.rows = 0, 0, []
        self.average = copy.deepcopy(self.model)
        self.slow = [p.detach().clone() for p in self.model.parameters()]
        self.total = sum(1 for e, s in self.played())

    def factor(self, target, epoch, step):
        out = 1.0
        for where, interval, f in self.factors:
            if where == target:
                out *= f(epoch if interval == 'epoch' else step)
        return out

    def batch_at(self, epoch):
        """The size, and what of the factor is left for lr."""
        wanted = self.t['batch_size'] / self.factor('batch_size', epoch, 0)
        most = max(self.n, self.t['batch_size'])
        return (most, most / wanted) if wanted > most * (1 + 1e-12) else (int(wanted * (1 + 1e-12) + 0.5), 1)

    def updates(self, epoch):
        """Slices of the epoch's order, in lists of those that make an update."""
        batch, cursor, out = self.batch_at(epoch)[0], 0, []
        parts = [slice(i, min(i + batch, self.n)) for i in range(0, self.n, batch)]
        if self.t['drop_last']:
            parts = [p for p in parts if p.stop - p.start == batch]
        while cursor < len(parts):
            out.append(parts[cursor:cursor + self.t['accumulate']])
            cursor += self.t['accumulate']
        return out

    def played(self):
        step = 0
        for epoch in range(self.t['epochs']):
            for _ in self.updates(epoch):
                yield epoch, step
                step += 1

    def trainable(self):
        return not self.spec['model']['batch_norm'] or all(
            p.stop - p.start > 1 for e in range(self.t['epochs']) for u in self.updates(e) for p in u)

    def set_values(self, epoch):
        left = self.batch_at(epoch)[1] if any(f[0] == 'batch_size' for f in self.factors) else 1
        for g in self.optimizer.param_groups:
            g['lr'] = self.keys['lr'] * self.factor('lr', epoch, self.step) * left
            if self.plant == 'adamw':
                g['lr'] *= 1.002
            if 'betas' in g:
                g['betas'] = (self.keys['betas'][0] * self.factor('momentum', epoch, self.step), self.keys['betas'][1])
            elif self.keys.get('momentum'):
                g['momentum'] = self.keys['momentum'] * self.factor('momentum', epoch, self.step)
            if self.keys.get('weight_decay'):
                g['weight_decay'] = self.keys['weight_decay'] * self.factor('weight_decay', epoch, self.step)

    def gradient(self, x, y, parts, n):
        self.optimizer.zero_grad()
        total = 0
        for s in parts:
            loss = F.cross_entropy(self.model(x[s]), y[s], reduction='sum', label_smoothing=self.t['label_smoothing'])
            (loss / n).backward()
            total += loss.item()
        return total

    def sharpen(self, x, y, parts, n):
        """Foret et al. 2020, algorithm 1: the gradient at w + rho g / |g|; its statistics are not kept."""
        p, norms = list(self.model.parameters()), [m for m in self.model if isinstance(m, nn.BatchNorm1d)]
        before = [w.detach().clone() for w in p]
        size = torch.sqrt(sum((w.grad ** 2).sum() for w in p))
        with torch.no_grad():
            for w in p:
                w += self.t['sam']['rho'] * w.grad / (size + 1e-12)
        for m in norms:
            m.momentum = 0.1 if self.plant == 'sam' else 0.0
        self.gradient(x, y, parts, n)
        for m in norms:
            m.momentum = 0.1
        with torch.no_grad():
            for w, b in zip(p, before):
                w.copy_(b)

    def look_ahead(self):
        """Zhang et al. 2019, algorithm 1."""
        ahead = self.spec['optimizer'].get('lookahead')
        if not ahead or (self.step - (self.plant == 'lookahead')) % ahead['steps']:
            return
        with torch.no_grad():
            for w, slow in zip(self.model.parameters(), self.slow):
                slow += ahead['alpha'] * (w - slow)
                w.copy_(slow)

    def update(self, epoch, x, y, parts):
        self.set_values(epoch)
        n, p = parts[-1].stop - parts[0].start, list(self.model.parameters())
        total = self.gradient(x, y, parts, n)
        if 'sam' in self.t:
            self.sharpen(x, y, parts, n)
        if 'clip_value' in self.t:
            nn.utils.clip_grad_value_(p, self.t['clip_value'])
        if 'clip_norm' in self.t:
            nn.utils.clip_grad_norm_(p, self.t['clip_norm'])
        self.optimizer.step()
        self.step += 1
        self.look_ahead()
        if self.averages('ema'):
            decay = self.spec['average']['decay'] * (1.001 if self.plant == 'ema' else 1)
            self.blend(1 - decay)
        return total, n

    def averages(self, name):
        return (self.spec['average'] or {}).get('name') == name

    def blend(self, share):
        with torch.no_grad():
            for a, w in zip(self.average.parameters(), self.model.parameters()):
                a.copy_(w if self.averaged == 0 else a + share * (w - a))
        self.averaged += 1

    def average_epoch(self, order):
        if self.averages('ema'):  # the statistics of training
            for a, b in zip(self.average.buffers(), self.model.buffers()):
                a.copy_(b)
        elif self.averages('swa') and self.step >= self.spec['average']['start'] * self.total:
            self.blend(1 / (self.averaged + (2 if self.plant == 'swa' else 1)))
            x, b = self.data['train'][0][order], self.t['batch_size']
            parts = [x[i:i + b] for i in range(0, self.n, b)]
            update_bn([p for p in parts if len(p) == b or (not self.t['drop_last'] and len(p) > 1)], self.average)

    def measure(self, row):
        model = self.average if self.averaged else self.model
        model.eval()
        for name, (x, y) in self.data.items():
            with torch.no_grad():
                row[name + '_loss'] = F.cross_entropy(model(x), y).item()
        model.train()
        self.rows.append(row)

    def run(self):
        self.measure({})
        x, y = self.data['train']
        first = permutation(self.spec['seed'], 0, self.n)
        for epoch in range(self.t['epochs']):
            order = first if self.plant == 'order' else permutation(self.spec['seed'], epoch, self.n)
            loss = images = 0
            for parts in self.updates(epoch):
                part, n = self.update(epoch, x[order], y[order], parts)
                loss, images = loss + part, images + n
            self.average_epoch(first)
            self.measure({'batch_loss': loss / images})
        return self.rows


# ---- both ----

def read_data():
    def images(part):
        def load(name, head, shape):
            with gzip.open(os.path.join(HERE, 'data', name)) as f:
                return np.frombuffer(f.read()[head:], np.uint8).reshape(shape)
        return (load(part + '-images-idx3-ubyte.gz', 16, (-1, reference.ROWS, reference.COLS)),
                load(part + '-labels-idx1-ubyte.gz', 8, (-1,)))
    return images('train'), images('t10k')


def initial(norm, seed, folder):
    torch.manual_seed(seed)
    state = {k: v.float() if v.dim() else v for k, v in reference.mlp('tanh', norm).state_dict().items()}
    path = os.path.join(folder, 'initial.safetensors')
    reference.safetensors(path, state)  # an absolute path stays as it is
    return path, state


def program(descent, spec, folder):
    path, out = os.path.join(folder, 'spec.yaml'), os.path.join(folder, 'out')
    with open(path, 'w') as f:
        for key, v in spec.items():
            f.write('%s: %s\n' % (key, reference.flow(v)))
    done = subprocess.run([descent, 'run', path, '-q', '--force', '-o', out], capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.strip()
    with open(os.path.join(out, 'epochs.csv')) as f:
        return list(csv.DictReader(f))


def trial(descent, seed, plant, data):
    """The largest relative deviation of a loss, where it is, and the spec; or None."""
    r = random.Random(seed)
    spec, kind, keys, factors = draw(r, plant)
    with tempfile.TemporaryDirectory() as folder:
        spec['model']['init_from'], state = initial(spec['model']['batch_norm'], seed, folder)
        cross = Cross(spec, kind, keys, factors, data, state, plant)
        if not cross.trainable():
            return None
        rows = program(descent, spec, folder)
        if isinstance(rows, str):
            return math.inf, rows, spec
        worst = 0, '', spec
        for epoch, (got, want) in enumerate(zip(rows, cross.run())):
            for key, v in want.items():
                far = abs(float(got[key]) / v - 1)
                if not far <= worst[0]:
                    worst = far, '%s of epoch %d' % (key, epoch), spec
        return worst if len(rows) == len(cross.rows) else (math.inf, 'another number of epochs', spec)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('descent')
    parser.add_argument('--trials', type=int, default=12)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--plant', choices=['adamw', 'ema', 'swa', 'order', 'sam', 'lookahead'])
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    data, number, failed, seed = read_data(), 0, 0, args.seed * 1000000
    while number < args.trials:
        seed += 1
        result = trial(args.descent, seed, args.plant, data)
        if result is None:
            continue
        number += 1
        far, where, spec = result
        good = far <= LIMIT
        failed += not good
        said = 'seed %d: %.1e, %s' % (seed, far, where)
        if args.plant:
            print('# %s%s' % (said, ', not seen' if good else ''))
            continue
        print('%sok %d - %s' % ('' if good else 'not ', number, said))
        for key, v in spec.items() if not good else ():
            print('# %s: %s' % (key, reference.flow(v)))
    if args.plant:
        seen = 4 * failed >= 3 * number
        print('%sok 1 - planted %s: %d of %d trials see it' % ('' if seen else 'not ', args.plant, failed, number))
    print('1..%d' % (1 if args.plant else number))
    return 0 if (seen if args.plant else failed == 0) else 1


if __name__ == '__main__':
    sys.exit(main())
