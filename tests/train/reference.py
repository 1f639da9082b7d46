#!/usr/bin/env python3
"""The trainings that the program is compared with: data, initial weights, specs, and what PyTorch makes of them.

    ./reference.py                 writes base.yaml, data/, initial/ and reference/ beside itself (PyTorch 1.13)

Every training is done twice, in double precision (what is recorded) and in float (how far rounding alone takes PyTorch
from that: the table on stdout). A configuration says the same thing in two languages: a spec for the program, and
PyTorch's own optimizer and schedulers."""
import copy
import gzip
import json
import math
import os
import struct
import sys

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.optim import lr_scheduler as ls
from torch.optim.swa_utils import AveragedModel, update_bn

from images import sequence

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS, COLS, CLASSES, TRAIN, TEST = 9, 7, 10, 600, 200  # no side, no width a multiple of a vector's length
HIDDEN = [17, 11]
BASE = {
    'dataset': {'name': 'idx', 'dir': 'data', 'validation': 60},
    'train': {'epochs': 4, 'batch_size': 64, 'sampler': 'sequential'},
    'evaluate': {'test': 'every'},
    'checkpoint': {'every': 0, 'best': None},
    'plots': False,
}

# ---- files ----


def idx(name, array):
    header = struct.pack('>HBB', 0, 8, array.ndim) + struct.pack('>%dI' % array.ndim, *array.shape)
    with open(os.path.join(HERE, 'data', name + '.gz'), 'wb') as f:
        f.write(gzip.compress(header + array.tobytes(), 9, mtime=0))


def safetensors(name, tensors):
    """Header length, JSON, data: https://github.com/huggingface/safetensors#format."""
    header, data = {}, b''
    for key, t in tensors.items():
        counter = t.dtype == torch.int64
        raw = t.detach().numpy().astype('<i8' if counter else '<f4').tobytes()
        header[key] = {'dtype': 'I64' if counter else 'F32', 'shape': list(t.shape),
                       'data_offsets': [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(os.path.join(HERE, name), 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + data)


def flow(v):
    if isinstance(v, dict):
        return '{%s}' % ', '.join('%s: %s' % (k, flow(x)) for k, x in v.items())
    if isinstance(v, list):
        return '[%s]' % ', '.join(flow(x) for x in v)
    return v if isinstance(v, str) else json.dumps(v)  # null, true, numbers: as in JSON


def yaml(name, spec):
    with open(os.path.join(HERE, name), 'w') as f:
        for key, v in spec.items():
            f.write('%s: %s\n' % (key, flow(v)))


def table(name, columns, rows):
    with open(os.path.join(HERE, name), 'w') as f:
        f.write(','.join(columns) + '\n')
        for row in rows:
            f.write(','.join('' if row.get(c) is None else '%.9g' % row[c] for c in columns) + '\n')


# ---- data ----


def images(rng, prototypes, n):
    """A class's strokes, some shifted by a pixel, some strokes lost, and specks; most pixels are 0, as in MNIST."""
    labels = rng.integers(0, CLASSES, n).astype(np.uint8)
    out = np.zeros((n, ROWS, COLS))
    for i, label in enumerate(labels):
        picture = np.roll(prototypes[label], rng.integers(0, 2), 1) * rng.uniform(0.4, 1)
        picture *= rng.random((ROWS, COLS)) < 0.85
        out[i] = np.where(rng.random((ROWS, COLS)) < 0.08, rng.random((ROWS, COLS)), picture)
    return (np.round(out * 31) * 255 / 31).astype(np.uint8), labels  # 32 greys: small when compressed


def make_data():
    rng = np.random.default_rng(453)
    prototypes = np.where(rng.random((CLASSES, ROWS, COLS)) < 0.3, rng.uniform(0.5, 1, (CLASSES, ROWS, COLS)), 0)
    train, test = images(rng, prototypes, TRAIN), images(rng, prototypes, TEST)
    for part, (x, y) in (('train', train), ('t10k', test)):
        idx(part + '-images-idx3-ubyte', x)
        idx(part + '-labels-idx1-ubyte', y)
    return train, test


def splits(data, dataset, dtype):
    (x, y), (tx, ty) = data
    held = dataset.get('validation', 0)
    held = held if held >= 1 else round(held * len(x))
    first = len(x) - held
    end = dataset.get('train_limit', first)
    test = dataset.get('test_limit', len(tx))

    def tensor(a):
        return torch.tensor(a.reshape(len(a), -1).astype(np.float64))
    pixels = tensor(x[:end])
    mean, deviation = {'unit': (0, 255), 'none': (0, 1),
                       'standard': (pixels.mean(), pixels.std(unbiased=False))}[dataset.get('scale', 'unit')]
    parts = (('train', x[:end], y[:end]), ('valid', x[first:], y[first:]), ('test', tx[:test], ty[:test]))
    return {name: (((tensor(a) - mean) / deviation).to(dtype), torch.tensor(b.astype(np.int64)))
            for name, a, b in parts if len(a)}


# ---- models ----

# The program does not number a layer that does nothing: 'identity' is no layer.
ACTIVATIONS = {'relu': nn.ReLU, 'leaky_relu': nn.LeakyReLU, 'elu': nn.ELU, 'gelu': nn.GELU, 'silu': nn.SiLU,
               'tanh': nn.Tanh, 'sigmoid': nn.Sigmoid, 'softplus': nn.Softplus}


def mlp(activation, norm):
    layers, width = [nn.Flatten()], ROWS * COLS
    for out in HIDDEN:
        layers += [nn.Linear(width, out, bias=not norm)] + [nn.BatchNorm1d(out)] * norm
        layers += [ACTIVATIONS[activation]()] if activation in ACTIVATIONS else []
        width = out
    return nn.Sequential(*layers, nn.Linear(width, CLASSES))


def softmax(classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(ROWS * COLS, classes))


def free():
    """The list of layers that the configuration `layers` spells out."""
    return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(ROWS * COLS), nn.Linear(ROWS * COLS, HIDDEN[0]), nn.SiLU(),
                         nn.BatchNorm1d(HIDDEN[0]), nn.Linear(HIDDEN[0], HIDDEN[1], bias=False), nn.Tanh(),
                         nn.Linear(HIDDEN[1], CLASSES))


IMAGES = {
    'conv': [{'conv': {'out': 5, 'kernel': 3, 'padding': 'same'}}, 'relu', {'max_pool': {'size': 2, 'ceil': True}},
             {'conv': {'out': 18, 'kernel': [3, 2], 'stride': [1, 2], 'padding': [2, 1]}}, 'silu',
             {'avg_pool': {'size': 3, 'stride': 2, 'padding': 1}}, 'flatten', {'linear': {'out': CLASSES}}],
    'residual': [{'conv': {'out': 6, 'kernel': 3, 'padding': 1, 'bias': False}}, 'batch_norm', 'relu',
                 {'residual': {'layers': [{'conv': {'out': 6, 'kernel': 3, 'padding': 1, 'bias': False}}, 'batch_norm', 'relu',
                                          {'conv': {'out': 6, 'kernel': 3, 'padding': 1, 'bias': False}}, 'batch_norm']}}, 'relu',
                 {'residual': {'layers': [{'conv': {'out': 9, 'kernel': 3, 'stride': 2, 'padding': 1}}, 'tanh'], 'shortcut': 'pad'}},
                 {'residual': {'layers': [{'conv': {'out': 20, 'kernel': 3, 'stride': 2, 'padding': 1}}, 'batch_norm'],
                               'shortcut': 'conv'}},
                 'relu', 'global_avg_pool', 'flatten', {'linear': {'out': CLASSES}}],
    'norms': [{'conv': {'out': 6, 'kernel': 3, 'stride': 2}}, 'layer_norm', 'tanh',
              {'conv': {'out': 16, 'kernel': 2}}, {'group_norm': {'groups': 2}}, 'gelu', 'flatten', {'linear': {'out': 12}},
              'layer_norm', 'elu', {'linear': {'out': CLASSES}}],
}


class Images(nn.Sequential):
    """A list of layers that sees an image where the others see its numbers."""

    def forward(self, x):
        return super().forward(x.reshape(-1, 1, ROWS, COLS))


def of_images(name):
    return Images(*sequence(IMAGES[name], [1, ROWS, COLS])[0])


def initial():
    """PyTorch's initial weights; what is 0 or 1 there is moved, so that it matters. Most files are named as
    checkpoints are, `norm` as PyTorch's state dict (with counters), and `layers` lacks the running statistics."""
    torch.manual_seed(123)
    states = {}
    for name, model in (('mlp', mlp('relu', False)), ('norm', mlp('relu', True)), ('softmax', softmax(12)),
                        ('layers', free()), ('identity', mlp('identity', False))):
        state = model.state_dict()
        for key, t in state.items():
            if isinstance(model[int(key.split('.')[0])], nn.BatchNorm1d) and t.dim():
                positive = key.endswith(('weight', 'var'))
                t.copy_(torch.rand_like(t) + 0.5 if positive else torch.randn_like(t) / 5)
        if name == 'layers':
            model.apply(lambda m: m.reset_running_stats() if isinstance(m, nn.BatchNorm1d) else None)
        prefix = '' if name == 'norm' else 'model.'
        safetensors('initial/%s.safetensors' % name,
                    {prefix + k: t for k, t in state.items() if name != 'layers' or k.endswith(('weight', 'bias'))})
        states[name] = state
    for name in IMAGES:
        states[name] = of_images(name).state_dict()
        safetensors('initial/%s.safetensors' % name, states[name])
    return states


# ---- configurations ----

def MLP(activation='relu', norm=False, initial=None, **more):
    initial = initial or ('norm' if norm else 'mlp')
    return {'name': 'mlp', 'hidden': HIDDEN, 'activation': activation, **({'batch_norm': True} if norm else {}),
            'init_from': 'initial/%s.safetensors' % initial, **more}


def split_decay(model, decay):
    """Weight decay on the matrices alone."""
    p = list(model.parameters())
    return [{'params': [x for x in p if x.dim() == 2], 'weight_decay': decay},
            {'params': [x for x in p if x.dim() == 1], 'weight_decay': 0}]


def sgd(lr, **keys):
    return {'name': 'sgd', 'lr': lr, **keys}, lambda m: optim.SGD(m.parameters(), lr=lr, **keys)


def adam(lr=0.01, **keys):
    return {'name': 'adam', 'lr': lr, **keys}, lambda m: optim.Adam(m.parameters(), lr=lr, **keys)


def adamw(lr, **keys):
    return {'name': 'adamw', 'lr': lr, **keys}, lambda m: optim.AdamW(m.parameters(), lr=lr, **keys)


def every(kind, **keys):
    """PyTorch's scheduler of this kind, stepped after every epoch."""
    return 'epoch', lambda o: kind(o, **keys)


def each(kind, **keys):
    """... after every update."""
    return 'step', lambda o: kind(o, **keys)


def watch(metric, **keys):
    return metric, lambda o: ls.ReduceLROnPlateau(o, **keys)


def set_key(key, values):
    """A parameter group's key by epoch."""
    def apply(o, epoch):
        for g in o.param_groups:
            g[key] = values[epoch]
    return apply


CONFIGS = {}


def config(title, optimizer, model=None, scheduler=None, torch_schedulers=(), **more):
    """more: sections of the spec; by_epoch: keys of the parameter groups; batches: (batch size, factor left on lr) by
    epoch; states: PyTorch's optimizer states to record."""
    spec, make = optimizer
    CONFIGS[title] = dict(optimizer=spec, make=make, model=model or MLP(), scheduler=scheduler,
                          schedulers=torch_schedulers, **more)


WHOLE = {'drop_last': False}
EACH = {'steps': 1}

# models and optimizers
config('softmax', sgd(0.3), {'name': 'softmax', 'init_from': 'initial/softmax.safetensors'}, train=WHOLE,
       dataset={'classes': 12, 'validation': 0, 'train_limit': 500, 'test_limit': 150})
config('sgd', sgd(0.8, weight_decay=0.01))
config('momentum-tanh', ({'name': 'momentum', 'lr': 0.1}, lambda m: optim.SGD(m.parameters(), lr=0.1, momentum=0.9)),
       MLP('tanh'), states=['momentum_buffer'], train=WHOLE)
config('nesterov-elu', ({'name': 'nesterov', 'lr': 0.03, 'weight_decay': 0.001},
                        lambda m: optim.SGD(m.parameters(), lr=0.03, momentum=0.9, nesterov=True, weight_decay=0.001)),
       MLP('elu'), dataset={'scale': 'standard'})
config('dampening-leaky_relu', sgd(0.0005, momentum=0.8, dampening=0.5), MLP('leaky_relu'), dataset={'scale': 'none'})
config('adam-gelu', adam(0.02), MLP('gelu', sparse_input='off'), train=WHOLE)
config('adam-sigmoid', adam(0.08, betas=[0.8, 0.95], eps=0.001), MLP('sigmoid', sparse_input='on'))
config('adamw-silu', ({'name': 'adamw', 'lr': 0.01, 'weight_decay': 0.5, 'decay_exempt': ['bias', 'norm']},
                      lambda m: optim.AdamW(split_decay(m, 0.5), lr=0.01)), MLP('silu', norm=True))
config('adamw', adamw(0.005, amsgrad=True), MLP(norm=True), train=WHOLE)
config('amsgrad-softplus', adam(0.05, amsgrad=True, weight_decay=0.001), MLP('softplus'),
       states=['exp_avg', 'exp_avg_sq', 'max_exp_avg_sq'])
config('identity', sgd(0.8), MLP('identity', initial='identity'), dataset={'validation': 0.25})
config('norm', sgd(0.1, momentum=0.9), MLP(norm=True), evaluate={'batch_size': 77})
config('norm-tail', adam(), MLP('tanh', norm=True), train={'drop_last': False, 'batch_size': 75})
config('layers', adam(0.005), {'name': 'layers', 'init_from': 'initial/layers.safetensors', 'layers': [
    'flatten', 'batch_norm', 'identity', {'linear': HIDDEN[0]}, {'dropout': 0}, 'silu',
    'batch_norm', {'linear': {'out': HIDDEN[1], 'bias': False}}, 'tanh', {'linear': CLASSES}]})

for title, optimizer in (('conv', sgd(0.1, momentum=0.9)), ('residual', sgd(0.15)), ('norms', sgd(0.05))):
    config(title, optimizer, {'name': 'layers', 'init_from': 'initial/%s.safetensors' % title, 'layers': IMAGES[title]},
           train=WHOLE if title == 'norms' else {}, evaluate={'batch_size': 77})

# what the loop does around them
config('smoothing', adam(0.02), train={'label_smoothing': 0.1, 'drop_last': False})
config('clip_norm', sgd(0.2, momentum=0.9, weight_decay=0.01), train={'clip_norm': 0.5}, log=EACH)
config('clip_value', sgd(0.2, momentum=0.9), train={'clip_value': 0.02}, log=EACH)
config('accumulate', adam(0.03), train={'accumulate': 3, 'batch_size': 32}, log=EACH)
config('accumulate-norm', sgd(0.1, momentum=0.9), MLP(norm=True),
       train={'accumulate': 4, 'batch_size': 25, 'drop_last': False, 'label_smoothing': 0.05})
config('steps', adam(0.02), train={'epochs': None, 'steps': 29}, log=EACH, evaluate={'train': 100})
config('sam', sgd(0.1, momentum=0.9), MLP('tanh'), train={'sam': {'rho': 0.3}, 'drop_last': False}, log=EACH)
config('sam-adamw', adamw(0.01, weight_decay=0.1), MLP('silu'), {'name': 'step', 'every': 9, 'gamma': 0.5, 'interval': 'step'},
       [each(ls.StepLR, step_size=9, gamma=0.5)], train={'sam': {'rho': 0.05}, 'clip_value': 0.02}, log=EACH)
config('sam-norm', sgd(0.1, momentum=0.9), MLP('tanh', norm=True), average={'name': 'ema', 'decay': 0.9}, log=EACH,
       train={'sam': {'rho': 0.2}, 'accumulate': 3, 'batch_size': 32, 'clip_norm': 0.5, 'label_smoothing': 0.1})
config('ema', adam(), MLP(norm=True), average={'name': 'ema', 'decay': 0.9})
config('swa', sgd(0.1, momentum=0.9), MLP(norm=True), average={'name': 'swa', 'start': 0.5})
config('swa-tail', sgd(0.1, momentum=0.9), MLP(norm=True), average={'name': 'swa', 'start': 0.75}, train=WHOLE)

# schedules
config('constant', sgd(1.4), None, {'name': 'constant', 'factor': 0.5},
       [every(ls.ConstantLR, factor=0.5, total_iters=99)])
config('exponential', adam(0.02, weight_decay=0.01), None, {'name': 'exponential', 'gamma': 0.6},
       [every(ls.ExponentialLR, gamma=0.6)])
config('exponential-k', adam(0.02), None, {'name': 'exponential', 'k': 0.3, 'every': 2},
       [every(ls.LambdaLR, lr_lambda=lambda t: math.exp(-0.3 * 2 * (t // 2)))])
config('halving', sgd(0.8, momentum=0.5), None, {'name': 'halving'}, [every(ls.StepLR, step_size=1, gamma=0.5)])
config('step', sgd(0.3, momentum=0.9), None, {'name': 'step', 'every': 7, 'gamma': 0.6, 'interval': 'step'},
       [each(ls.StepLR, step_size=7, gamma=0.6)], log=EACH)
config('warmup-multistep', sgd(2), None,
       [{'name': 'warmup', 'over': 10, 'start': 0.1, 'interval': 'step'},
        {'name': 'multistep', 'milestones': [1, 3], 'gamma': 0.5}],
       [each(ls.LinearLR, start_factor=0.1, total_iters=10), every(ls.MultiStepLR, milestones=[1, 3], gamma=0.5)],
       log=EACH)
config('cosine', adam(0.02), None, {'name': 'cosine', 'min': 0.001, 'interval': 'step'},
       [each(ls.CosineAnnealingLR, T_max=32, eta_min=0.001)], log=EACH)
config('cosine-periodic', sgd(2), None, {'name': 'cosine', 'over': 2, 'periodic': True},
       [every(ls.CosineAnnealingLR, T_max=2)])
config('linear-polynomial', sgd(2), None,
       [{'name': 'linear', 'over': 3}, {'name': 'polynomial', 'over': 50, 'power': 2, 'interval': 'step'}],
       [every(ls.LinearLR, total_iters=3), each(ls.PolynomialLR, total_iters=50, power=2)])
config('inverse', sgd(2), None, {'name': 'inverse', 'k': 0.1, 'power': 0.75, 'interval': 'step'},
       [each(ls.LambdaLR, lr_lambda=lambda t: (1 + 0.1 * t) ** -0.75)])
config('plateau-loss', sgd(1), None, {'name': 'reduce_on_plateau', 'factor': 0.5, 'patience': 0, 'threshold': 0.2},
       [watch('valid_loss', factor=0.5, patience=0, threshold=0.2)], train={'epochs': 6})
config('plateau-accuracy', adam(0.02), None,
       {'name': 'reduce_on_plateau', 'monitor': 'valid_accuracy', 'mode': 'max', 'factor': 0.4, 'patience': 0,
        'threshold': 0.13, 'threshold_mode': 'abs', 'cooldown': 1, 'min_lr': 0.005},
       [watch('valid_accuracy', mode='max', factor=0.4, patience=0, threshold=0.13, threshold_mode='abs', cooldown=1,
              min_lr=0.005)],
       train={'epochs': 8, 'batch_size': 100})
config('plateau-last_batch', sgd(0.1, momentum=0.9, weight_decay=1e-4), MLP(norm=True),
       {'name': 'reduce_on_plateau', 'monitor': 'last_batch_loss', 'patience': 0, 'threshold': 0.4, 'factor': 0.2},
       [watch('last_batch_loss', patience=0, threshold=0.4, factor=0.2)], train={'epochs': 6})
config('batch_size', sgd(0.6), None,
       {'name': 'step', 'every': 1, 'gamma': 0.5, 'apply_to': 'batch_size', 'max_batch_size': 100},
       train={'batch_size': 20}, batches=[(20, 1), (40, 1), (80, 1), (100, 100 / 160)])
config('momentum-decay', sgd(0.33, momentum=0.9, weight_decay=0.02), None,
       [{'name': 'linear', 'start': 0.5, 'over': 2, 'apply_to': 'momentum'},
        {'name': 'exponential', 'gamma': 0.1, 'apply_to': 'weight_decay'}],
       by_epoch=[set_key('momentum', [0.45, 0.675, 0.9, 0.9]), set_key('weight_decay', [0.02, 0.002, 0.0002, 0.00002])])
config('beta1-decay', adamw(0.02, weight_decay=0.3), MLP(norm=True),
       [{'name': 'linear', 'start': 0.5, 'over': 2, 'apply_to': 'momentum'}, {'name': 'exponential', 'gamma': 0.5}],
       [every(ls.ExponentialLR, gamma=0.5)], by_epoch=[set_key('betas', [(b, 0.999) for b in (0.45, 0.675, 0.9, 0.9)])])

# ---- training ----

EPOCHS = ('epoch step lr momentum batch_size batch_loss last_batch_loss grad_norm train_loss train_accuracy valid_loss '
          'valid_accuracy test_loss test_accuracy').split()
STEPS = 'step epoch lr batch_size batch_loss grad_norm'.split()


def merged(c):
    spec = {k: dict(v) if isinstance(v, dict) else v for k, v in BASE.items()}
    for k in ('dataset', 'train', 'evaluate'):
        spec[k].update(c.get(k, {}))
    return spec


class Training:
    def __init__(self, title, data, states, dtype):
        self.c = c = CONFIGS[title]
        self.spec, self.dtype = merged(c), dtype
        self.data = splits(data, self.spec['dataset'], dtype)
        spec = c['model']
        name = os.path.basename(spec['init_from']).split('.')[0]
        make = {'softmax': lambda: softmax(12), 'layers': lambda: of_images(name) if name in IMAGES else free(),
                'mlp': lambda: mlp(spec['activation'], spec.get('batch_norm', False))}[spec['name']]
        self.model = make().to(dtype)
        self.model.load_state_dict(states[name])
        self.optimizer = c['make'](self.model)
        self.schedulers = [(when, make(self.optimizer)) for when, make in c['schedulers']]
        self.step, self.rows, self.steps, self.logits = 0, [], [], []
        self.average = self.averaged = None
        self.total = self.spec['train'].get('steps')
        average = c.get('average', {})
        if average.get('name') == 'ema':
            d = average['decay']
            self.average = AveragedModel(self.model, avg_fn=lambda a, w, n: d * a + (1 - d) * w)
        elif average:
            self.average = AveragedModel(self.model)

    def measure(self, row):
        model = self.averaged or self.model
        model.eval()
        for name, (x, y) in self.data.items():
            if name == 'train':
                n = self.spec['evaluate'].get('train', len(x))
                x, y = x[:n], y[:n]
            with torch.no_grad():
                z = model(x)
            row[name + '_loss'] = F.cross_entropy(z, y).item()
            row[name + '_accuracy'] = (z.argmax(1) == y).double().mean().item()
            self.logits.append(z)
        model.train()
        return row

    def standing(self):
        g = self.optimizer.param_groups[0]
        return {'lr': g['lr'], 'momentum': g['betas'][0] if 'betas' in g else g['momentum'], 'batch_size': self.batch}

    def minibatches(self, cursor, n):
        t = self.spec['train']
        for _ in range(t.get('accumulate', 1)):
            m = min(self.batch, n - cursor)
            if m == 0 or (m < self.batch and t.get('drop_last', True)):
                return
            yield slice(cursor, cursor + m)
            cursor += m

    def gradient(self, parts, tally):
        """Of the mean loss over all images of the parts."""
        x, y = self.data['train']
        n = parts[-1].stop - parts[0].start
        self.optimizer.zero_grad()
        total = 0
        for s in parts:
            smoothing = self.spec['train'].get('label_smoothing', 0)
            loss = F.cross_entropy(self.model(x[s]), y[s], reduction='sum', label_smoothing=smoothing)
            (loss / n).backward()
            total += loss.item()
            tally['last_batch_loss'] = loss.item() / (s.stop - s.start)
        tally['loss'] += total
        tally['samples'] += n
        return total / n

    def sharpen(self, parts):
        """Foret et al. 2020, algorithm 1: the gradient at w + rho g / (|g| + 1e-12), the norm over all weights. Weights and
        running statistics are then those of before."""
        rho, before = self.spec['train']['sam']['rho'], copy.deepcopy(self.model.state_dict())
        p = list(self.model.parameters())
        size = torch.sqrt(sum((w.grad ** 2).sum() for w in p)) + 1e-12
        with torch.no_grad():
            for w in p:
                w += rho * w.grad / size
        self.gradient(parts, {'loss': 0, 'samples': 0})
        self.model.load_state_dict(before)

    def clip(self):
        p, t = list(self.model.parameters()), self.spec['train']
        norm = torch.norm(torch.stack([torch.norm(x.grad) for x in p])).item()
        if 'clip_value' in t:
            nn.utils.clip_grad_value_(p, t['clip_value'])
        if 'clip_norm' in t:
            nn.utils.clip_grad_norm_(p, t['clip_norm'])
        return norm

    def prepare(self, epoch):
        """What holds from this epoch's beginning."""
        for apply in self.c.get('by_epoch', []):
            apply(self.optimizer, epoch)
        self.batch, left = self.c['batches'][epoch] if 'batches' in self.c else (self.spec['train']['batch_size'], 1)
        if left != 1:
            self.optimizer.param_groups[0]['lr'] = self.c['optimizer']['lr'] * left

    def epoch(self, epoch):
        self.prepare(epoch)
        tally = {'loss': 0, 'samples': 0, 'norms': []}
        cursor, n = 0, len(self.data['train'][0])
        while self.total is None or self.step < self.total:
            parts = list(self.minibatches(cursor, n))
            if not parts:
                break
            loss = self.gradient(parts, tally)
            if 'sam' in self.spec['train']:
                self.sharpen(parts)
            tally['norms'].append(self.clip())
            last = self.standing()
            self.optimizer.step()
            self.step += 1
            self.steps.append({**last, 'step': self.step, 'epoch': epoch + 1, 'batch_loss': loss,
                               'grad_norm': tally['norms'][-1]})
            if self.c.get('average', {}).get('name') == 'ema':
                self.average.update_parameters(self.model)
            for when, s in self.schedulers:
                if when == 'step':
                    s.step()
            cursor = parts[-1].stop
        row = {'epoch': epoch + 1, 'step': self.step, **last, 'batch_loss': tally['loss'] / tally['samples'],
               'last_batch_loss': tally['last_batch_loss'], 'grad_norm': sum(tally['norms']) / len(tally['norms'])}
        self.average_epoch(epoch)
        self.rows.append(self.measure(row))
        for when, s in self.schedulers:
            if when == 'epoch':
                s.step()
            elif when != 'step':
                s.step(row[when])

    def average_epoch(self, epoch):
        average = self.c.get('average', {})
        if average.get('name') == 'ema':  # evaluated with the running statistics of training
            self.averaged = self.average.module
            for a, b in zip(self.averaged.buffers(), self.model.buffers()):
                a.copy_(b)
        elif average and epoch + 1 >= average['start'] * self.spec['train']['epochs']:
            self.average.update_parameters(self.model)
            self.averaged = self.average.module
            x, b = self.data['train'][0], self.batch
            end = len(x) - b + 1 if self.spec['train'].get('drop_last', True) else len(x)
            update_bn([x[i:i + b] for i in range(0, end, b)], self.average)

    def run(self):
        self.prepare(0)
        self.rows.append(self.measure({'epoch': 0, 'step': 0, **self.standing()}))
        epoch = 0
        while self.step < self.total if self.total else epoch < self.spec['train']['epochs']:
            self.epoch(epoch)
            epoch += 1
        return self

    def tensors(self):
        out = {'model.' + k: t for k, t in self.model.state_dict().items() if t.dim()}
        for name, p in self.model.named_parameters():
            for key in self.c.get('states', []):
                out['optimizer.%s.%s' % (name, key)] = self.optimizer.state[p][key]
        if self.averaged:
            swa = self.c['average']['name'] == 'swa'
            out.update({'average.' + k: t for k, t in self.averaged.state_dict().items()
                        if t.dim() and (swa or 'running' not in k)})
        return out


def far(a, b):
    """Largest relative deviation of losses and norms; of tensors relative to their largest element; and the smallest
    gap between the two largest logits of an image, over the largest deviation of a logit in that evaluation."""
    loss = max(abs(x[k] / y[k] - 1) for x, y in zip(a.rows, b.rows) for k in y
               if ('loss' in k or 'norm' in k) and y[k] is not None)
    one, other = a.tensors(), b.tensors()
    tensor = max(((one[k].double() - t).abs().max() / t.abs().max()).item() for k, t in other.items())
    gap = math.inf
    for z, exact in zip(a.logits, b.logits):
        two = exact.topk(2).values
        gap = min(gap, (two[:, 0] - two[:, 1]).min().item() / (z - exact).abs().max().item())
    return loss, tensor, gap


def main():
    torch.set_num_threads(1)
    for folder in ('data', 'initial', 'reference'):
        os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    data, states, failed = make_data(), initial(), []
    yaml('base.yaml', BASE)
    print('%-22s %9s %9s %9s   %s' % ('PyTorch in float', 'losses', 'tensors', 'gap', 'loss'))
    for title, c in CONFIGS.items():
        double, single = (Training(title, data, states, d).run() for d in (torch.float64, torch.float32))
        spec = {'extends': '../base.yaml', 'model': c['model'], 'optimizer': c['optimizer']}
        for key in ('dataset', 'train', 'evaluate', 'scheduler', 'average', 'log'):
            if c.get(key) is not None:
                spec[key] = c[key]
        yaml('reference/%s.yaml' % title, spec)
        table('reference/%s.csv' % title, EPOCHS, double.rows)
        if 'log' in c:
            table('reference/%s.steps.csv' % title, STEPS, double.steps)
        safetensors('reference/%s.safetensors' % title, double.tensors())
        deviation = far(single, double)
        losses = ' '.join('%.3f' % r['train_loss'] for r in double.rows)
        print('%-22s %9.1e %9.1e %9.0f   %s' % (title, *deviation, losses))
        if deviation[2] < 5:
            failed.append(title)
    if failed:
        sys.exit('rounding would decide an accuracy, an image lies between two classes: ' + ', '.join(failed))


if __name__ == '__main__':
    sys.exit(main())
