#!/usr/bin/env python3
"""Writes reference/NAME.json: trajectories of every optimizer, in double precision, for test_reference.c.

    reference.py [FOLDER]     default: reference, beside this file

setting.json holds what all cases share: tensors, recorded updates, segments of the schedules.

Each optimizer is written here once more, from the paper or the implementation it cites, independently of the C
code. The gradients are given (a hash of element and update) and not functions of the weights, so that rounding is
not amplified by a loss surface. Three things are asserted before anything is written:

- where PyTorch has the optimizer and can express the configuration, both agree to 1e-12 (needs PyTorch 1.13,
  whose traps are named beside TORCH); the recorded case then says which class it was checked against;
- no decision (a sign, a threshold) is so close that rounding to float could turn it;
- the same equations carried out in float use up less than half of the tolerance that the case records, so that the
  tolerance is a property of the equations, not of the implementation under test.
"""
import copy
import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace as Bag

import numpy as np
import torch

UPDATES = 30
RECORDED = (1, 2, 10, 30)
SEGMENTS = (1, 10, 20)  # the schedules' factors change at these updates


# ---- weights and gradients ----

TENSORS = [  # name, role, rows, cols (None: a vector)
    ("1.weight", "hidden", 7, 5),
    ("2.weight", "norm", 7, None),
    ("4.weight", "hidden", 4, 9),
    ("4.bias", "bias", 4, None),
    ("6.weight", "output", 3, 7),
    ("6.bias", "bias", 3, None),
]


def scramble(x):
    """A 32-bit hash (lowbias32 of Chris Wellons, public domain)."""
    x ^= x >> 16
    x = x * 0x7FEB352D & 0xFFFFFFFF
    x ^= x >> 15
    x = x * 0x846CA68B & 0xFFFFFFFF
    return x ^ x >> 16


def gradient(element, t, even=False):
    """The gradient of one element (counted through all tensors, canonical order) at update t: exact in float.

    A drift of its own plus noise, at one of six scales, the last so small that eps shows; 1 of 16 is exactly zero,
    1 element of 24 always, another until update 4. Even: one scale for all and no zeros, for matrices whose eigenvectors
    are asked for.
    """
    character = scramble(element + 1)
    noise = scramble((character + t) & 0xFFFFFFFF)
    drift = (character >> 8) % 801 - 400
    kind = (character >> 20) % 24
    if even:
        return (noise % 1023 - 511 + drift // 4) * 2.0**-10
    if kind == 0 or (kind == 1 and t < 5) or noise >> 28 == 0:
        return 0.0
    return (noise % 1023 - 511 + drift) * 2.0 ** -(10 + (0, 0, 2, 5, 9, 27)[character % 6])


def layout():
    """Shape and first element of each tensor."""
    at, result = 0, []
    for name, role, rows, cols in TENSORS:
        shape = (rows,) if cols is None else (rows, cols)
        result.append(Bag(name=name, role=role, shape=shape, first=at, n=math.prod(shape)))
        at += math.prod(shape)
    return result


def initial(tensor):
    """Small multiples of 1/1024 about 0 (norm weights: about 1); the first bias is 0, the zero norm of trust ratios."""
    if tensor.name == "4.bias":
        return np.zeros(tensor.shape)
    centre = 1.0 if tensor.role == "norm" else 0.0
    values = [centre + (scramble(0x10000 + tensor.first + i) % 513 - 256) / 1024 for i in range(tensor.n)]
    return np.array(values).reshape(tensor.shape)


def gradients(t, dtype, even=False):
    return [np.array([gradient(x.first + i, t, even) for i in range(x.n)], dtype).reshape(x.shape) for x in layout()]


# ---- groups ----


def group_of(tensor, groups):
    """The first group that a tensor belongs to, by role or by a name that ends in a *."""
    def belongs(word):
        if word == "weight":
            return tensor.role in ("hidden", "output")
        if word in ("bias", "norm", "output"):
            return tensor.role == word
        return tensor.name.startswith(word[:-1]) if word.endswith("*") else tensor.name == word

    return next((g for g in groups if any(belongs(word) for word in g["tensors"])), {})


# ---- optimizers ----

DECAY = {"weight_decay": 0.0, "decay_exempt": []}


class Optimizer:
    """w and s (state by name) per tensor; `one` updates a tensor, or `all` every one at once.

    now: t, lr and momentum (or beta1) as scheduled, decay and lr_factor (scheduled over base lr).
    """

    evaluated = None  # name of the slot that is evaluated instead of the weights
    even = False  # which gradients it is tried on
    masks = False  # whether its own equations say what `cautious` masks; else Around does

    def __init__(self, overrides, w, strict=True, cautious=False):
        overrides = dict(overrides)
        groups = [group_of(x, overrides.get("groups", [])) for x in layout()]
        overrides.pop("groups", None)
        self.lr_factor = [g.get("lr", 1.0) for g in groups]
        self.decay_factor = [g.get("weight_decay", 1.0) for g in groups]
        unknown = set(overrides) - set(self.defaults)
        assert not unknown, (type(self).__name__, unknown)
        self.o = Bag(**{**self.defaults, **overrides})
        self.w, self.s = w, [{} for _ in w]
        self.roles = [x.role for x in layout()]
        self.scalar = {}
        self.strict, self.cautious = strict, cautious and self.masks
        self.switched = None
        self.start()

    def start(self):
        pass

    def base_momentum(self):
        return self.o.betas[0] if hasattr(self.o, "betas") else getattr(self.o, "momentum", 0.0)

    def decay_of(self, i, now):
        return 0.0 if self.roles[i] in getattr(self.o, "decay_exempt", []) else now.decay * self.decay_factor[i]

    def all(self, g, now):
        lr = now.lr
        for i in range(len(self.w)):
            now.role, now.own_decay = self.roles[i], self.decay_of(i, now)
            now.lr = lr * self.lr_factor[i]
            self.w[i] = self.one(self.w[i], g[i], self.s[i], now)
        now.lr = lr

    def decide(self, value, scale):
        """A branch is taken on the sign of this value: it must not depend on rounding. Exact zeros are exact in C too."""
        if self.strict:
            close = (np.abs(value) < 1e-4 * np.abs(scale)) & ~((value == 0) & (np.asarray(scale) == 0))
            assert not np.any(close), (type(self).__name__, vars(self.o), np.min(np.abs(value)))

    def masked(self, u, g, s):
        """Liang et al. 2024, algorithm 1, arXiv:2411.16085, of the direction u that is subtracted."""
        if not self.cautious:
            return u
        s["_largest"] = np.maximum(s.get("_largest", 0 * u), np.abs(u))
        assert not self.strict or np.all((np.abs(u) > 1e-5 * s["_largest"])[(u != 0) & (g != 0)])
        mask = u * np.sign(g) > 0
        return u * mask * float(u.size / (np.sum(mask) + 1))

    def moments(self, g, s, now, squared=None):
        """m and v of Adam."""
        beta1, beta2 = now.momentum, self.o.betas[1]
        s["exp_avg"] = beta1 * s.get("exp_avg", 0 * g) + (1 - beta1) * g
        s["exp_avg_sq"] = beta2 * s.get("exp_avg_sq", 0 * g) + (1 - beta2) * (g * g if squared is None else squared)
        return s["exp_avg"], s["exp_avg_sq"], 1 - beta1**now.t, 1 - beta2**now.t


class Sgd(Optimizer):
    """Robbins and Monro 1951; Polyak 1964; Sutskever et al. 2013; torch.optim.SGD."""

    defaults = dict(lr=0.1, momentum=0.0, dampening=0.0, nesterov=False, momentum_form="lr_outside", **DECAY)

    def one(self, w, g, s, now):
        g = g + now.own_decay * w
        if self.o.momentum == 0:
            return w - now.lr * g
        outside = self.o.momentum_form == "lr_outside"
        share = (g if now.t == 1 else g * (1 - self.o.dampening)) * (1 if outside else now.lr)
        b = s["momentum_buffer"] = now.momentum * s.get("momentum_buffer", 0 * g) + share
        if outside:
            return w - now.lr * (g + now.momentum * b if self.o.nesterov else b)
        return w - (now.momentum * b + now.lr * g if self.o.nesterov else b)


class Momentum(Sgd):
    defaults = {**Sgd.defaults, "momentum": 0.9}


class Nesterov(Sgd):
    defaults = {**Sgd.defaults, "momentum": 0.9, "nesterov": True}


class Gains(Optimizer):
    """Jacobs 1988 (delta-bar-delta) in the multiplicative-decrease form."""

    defaults = dict(lr=0.01, beta=0.05, kappa=None, phi=None, theta=0.0, min=0.01, max=100.0, **DECAY)

    def one(self, w, g, s, now):
        o = self.o
        size = np.abs(g) + np.abs(now.own_decay * w)
        g = g + now.own_decay * w
        kappa = o.beta if o.kappa is None else o.kappa
        phi = o.beta if o.phi is None else o.phi
        gain, trace = s.get("gain", 0 * g + 1), s.get("trace", 0 * g)
        gain = np.where(g * trace > 0, gain + kappa, np.where(g * trace < 0, gain * (1 - phi), gain))
        s["gain"] = np.clip(gain, o.min, o.max).astype(g.dtype)
        s["trace"] = o.theta * trace + (1 - o.theta) * g
        self.decide(s["trace"], o.theta * np.abs(trace) + (1 - o.theta) * size)
        return w - now.lr * s["gain"] * g


class Rprop(Optimizer):
    """Riedmiller and Braun 1993, without backtracking (iRprop-: Igel and Huesken 2000); torch.optim.Rprop."""

    defaults = dict(lr=0.01, etas=[0.5, 1.2], step_sizes=[1e-6, 50.0])

    def one(self, w, g, s, now):
        step, sign = s.get("step_size", 0 * g + now.lr), np.sign(g * s.get("prev", 0 * g))
        step = step * np.where(sign > 0, self.o.etas[1], np.where(sign < 0, self.o.etas[0], 1.0))
        s["step_size"] = step = np.clip(step, *self.o.step_sizes).astype(g.dtype)
        s["prev"] = g = np.where(sign < 0, 0 * g, g)
        return w - np.sign(g) * step


class Adagrad(Optimizer):
    """Duchi et al. 2011; torch.optim.Adagrad."""

    defaults = dict(lr=0.01, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10, **DECAY)

    def one(self, w, g, s, now):
        g = g + now.own_decay * w
        s["sum"] = s.get("sum", 0 * g + self.o.initial_accumulator_value) + g * g
        return w - now.lr / (1 + (now.t - 1) * self.o.lr_decay) * g / (np.sqrt(s["sum"]) + self.o.eps)


class Adadelta(Optimizer):
    """Zeiler 2012, arXiv:1212.5701; torch.optim.Adadelta."""

    defaults = dict(lr=1.0, rho=0.9, eps=1e-6, **DECAY)

    def one(self, w, g, s, now):
        rho, eps, acc = self.o.rho, self.o.eps, s.get("acc_delta", 0 * g)
        g = g + now.own_decay * w
        s["square_avg"] = rho * s.get("square_avg", 0 * g) + (1 - rho) * g * g
        change = np.sqrt(acc + eps) / np.sqrt(s["square_avg"] + eps) * g
        s["acc_delta"] = rho * acc + (1 - rho) * change * change
        return w - now.lr * change


class Rmsprop(Optimizer):
    """Tieleman and Hinton 2012; centred: Graves 2013, arXiv:1308.0850; torch.optim.RMSprop."""

    defaults = dict(lr=0.01, alpha=0.99, eps=1e-8, momentum=0.0, centered=False, **DECAY)

    def one(self, w, g, s, now):
        o = self.o
        g = g + now.own_decay * w
        square = s["square_avg"] = o.alpha * s.get("square_avg", 0 * g) + (1 - o.alpha) * g * g
        if o.centered:
            mean = s["grad_avg"] = o.alpha * s.get("grad_avg", 0 * g) + (1 - o.alpha) * g
            square = np.maximum(0 * g, square - mean * mean)
        step = g / (np.sqrt(square) + o.eps)
        if o.momentum > 0:
            step = s["momentum_buffer"] = now.momentum * s.get("momentum_buffer", 0 * g) + step
        return w - now.lr * step


class Adam(Optimizer):
    """Kingma and Ba 2014, algorithm 1, arXiv:1412.6980; amsgrad: Reddi et al. 2018 as torch.optim.Adam has it."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.999], eps=1e-8, amsgrad=False, bias_correction=True, eps_mode="outside",
                    **DECAY)
    decoupled = False

    def one(self, w, g, s, now):
        if self.decoupled:
            w = w * (1 - now.lr * now.own_decay)
        else:
            g = g + now.own_decay * w
        m, v, c1, c2 = self.moments(g, s, now)
        if not self.o.bias_correction:
            c1 = c2 = 1.0
        if self.o.amsgrad:
            v = s["max_exp_avg_sq"] = np.maximum(s.get("max_exp_avg_sq", 0 * v), v)
        if self.o.eps_mode == "hat":
            return w - now.lr * math.sqrt(c2) / c1 * m / (np.sqrt(v) + self.o.eps)
        return w - now.lr * (m / c1) / (np.sqrt(v / c2) + self.o.eps)


class Adamw(Adam):
    """Loshchilov and Hutter 2017, algorithm 2, arXiv:1711.05101; torch.optim.AdamW."""

    defaults = {**Adam.defaults, "weight_decay": 0.01}
    decoupled = True


def rectification(beta2, t):
    """rho_t and r_t of Liu et al. 2019, arXiv:1908.03265, algorithm 2; r_t is None where it is not defined."""
    limit = 2 / (1 - beta2) - 1
    rho = limit - 2 * t * beta2**t / (1 - beta2**t)
    assert abs(rho - 5) > 1e-6
    if rho < 5:
        return None
    return math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))


class Adabelief(Optimizer):
    """Zhuang et al. 2020, algorithm 2, arXiv:2010.07468; rectify: adabelief_pytorch 0.2.0, which passes amsgrad over there."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.999], eps=1e-16, rectify=False, decoupled=True, amsgrad=False, **DECAY)

    def one(self, w, g, s, now):
        o, beta1, beta2 = self.o, now.momentum, self.o.betas[1]
        if o.decoupled:
            w = w * (1 - now.lr * now.own_decay)
        else:
            g = g + now.own_decay * w
        m = s["exp_avg"] = beta1 * s.get("exp_avg", 0 * g) + (1 - beta1) * g
        v = s["exp_avg_var"] = beta2 * s.get("exp_avg_var", 0 * g) + (1 - beta2) * (g - m) ** 2 + o.eps
        if o.amsgrad:
            v = s["max_exp_avg_var"] = np.maximum(s.get("max_exp_avg_var", 0 * g), v)
        mean, c2 = m / (1 - beta1**now.t), 1 - beta2**now.t
        if not o.rectify:
            return w - now.lr * mean / (np.sqrt(v / c2) + o.eps)
        r = rectification(beta2, now.t)
        if r is None:
            return w - now.lr * mean
        return w - now.lr * r * mean * math.sqrt(c2) / (np.sqrt(v) + o.eps)


def norm(x):
    return float(np.sqrt(np.sum(x.astype(np.float64) ** 2)))


class Lars(Optimizer):
    """You et al. 2017, arXiv:1708.03888; lr inside and the exemptions as in SimCLR; the clip: LARC of NVIDIA Apex."""

    defaults = dict(lr=1.0, momentum=0.9, trust_coefficient=0.001, eps=1e-8, weight_decay=0.0,
                    momentum_form="lr_inside", trust_clip=False, exempt=["bias", "norm"])
    masks = True

    def one(self, w, g, s, now):
        o = self.o
        exempt = now.role in o.exempt
        decay, ratio = (0.0 if exempt else now.decay), 1.0
        if not exempt and norm(w) > 0 and norm(g) > 0:
            ratio = o.trust_coefficient * norm(w) / (norm(g) + decay * norm(w) + o.eps)
            if o.trust_clip:
                ratio = ratio / now.lr if ratio < now.lr else 1.0
        step = ratio * (g + decay * w)
        inside = o.momentum_form == "lr_inside"
        v = now.momentum * s.get("momentum_buffer", 0 * g) + (now.lr * step if inside else step)
        s["momentum_buffer"] = v
        v = self.masked(v, g + decay * w, s)
        return w - v if inside else w - now.lr * v


class Swats(Optimizer):
    """Keskar and Socher 2017, algorithm 1, arXiv:1712.07628; one decision for all weights together."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.999], eps=1e-9, threshold=1e-9, rtol=None, **DECAY)
    masks = True

    def start(self):
        self.average, self.rate = 0.0, None

    def all(self, g, now):
        beta1, beta2 = now.momentum, self.o.betas[1]
        g = [gi + self.decay_of(i, now) * w for i, (gi, w) in enumerate(zip(g, self.w))]
        if self.rate is not None:
            for i, s in enumerate(self.s):
                s["momentum_buffer"] = beta1 * s.get("momentum_buffer", 0 * g[i]) + g[i]
                self.w[i] = self.w[i] - (1 - beta1) * self.rate * self.masked(s["momentum_buffer"], g[i], s)
            return
        pp = pg = size = 0.0
        for i, s in enumerate(self.s):
            m, v, c1, c2 = self.moments(g[i], s, now)
            p = -now.lr * math.sqrt(c2) / c1 * m / (np.sqrt(v) + self.o.eps)
            self.w[i] = self.w[i] - self.masked(-p, g[i], s)
            pp, pg, size = pp + float(p.ravel() @ p.ravel()), pg + float(np.sum(p * g[i])), size + norm(p * g[i])
        self.decide(pg, 100 * size)
        if pg == 0:
            return
        gamma = pp / -pg
        self.average = beta2 * self.average + (1 - beta2) * gamma
        rate = self.average / (1 - beta2**now.t)
        bound = self.o.threshold if self.o.rtol is None else self.o.rtol * rate
        # float sums carry gamma to about 1e-5 of itself: the difference must be further than that from its bound
        if self.strict and now.t > 1:
            assert abs(abs(rate - gamma) - bound) > 1e-3 * abs(gamma), (now.t, rate, gamma, bound)
        if now.t > 1 and rate > 0 and abs(rate - gamma) < bound:
            self.rate, self.switched = rate, now.t
            for s in self.s:
                s.pop("_largest", None)  # of steps of another size


class Nadam(Optimizer):
    """Dozat 2016; torch.optim.NAdam."""

    defaults = dict(lr=2e-3, betas=[0.9, 0.999], eps=1e-8, momentum_decay=4e-3, **DECAY)

    def all(self, g, now):
        psi = self.o.momentum_decay
        self.mu, self.mu_next = (now.momentum * (1 - 0.5 * 0.96 ** (t * psi)) for t in (now.t, now.t + 1))
        self.scalar["mu_product"] = self.scalar.get("mu_product", 1.0) * self.mu
        super().all(g, now)

    def one(self, w, g, s, now):
        m, v, _, c2 = self.moments(g + now.own_decay * w, s, now)
        g = g + now.own_decay * w
        d, product = np.sqrt(v / c2) + self.o.eps, self.scalar["mu_product"]
        w = w - now.lr * (1 - self.mu) / (1 - product) * g / d
        return w - now.lr * self.mu_next / (1 - product * self.mu_next) * m / d


class Radam(Optimizer):
    """Liu et al. 2019, algorithm 2, arXiv:1908.03265; torch.optim.RAdam."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.999], eps=1e-8, **DECAY)

    def one(self, w, g, s, now):
        m, v, c1, c2 = self.moments(g + now.own_decay * w, s, now)
        r = rectification(self.o.betas[1], now.t)
        if r is None:
            return w - now.lr * m / c1
        return w - now.lr * m / c1 * r * math.sqrt(c2) / (np.sqrt(v) + self.o.eps)


class Adamax(Optimizer):
    """Kingma and Ba 2014, algorithm 2; eps as in torch.optim.Adamax."""

    defaults = dict(lr=2e-3, betas=[0.9, 0.999], eps=1e-8, **DECAY)

    def one(self, w, g, s, now):
        beta1, beta2 = now.momentum, self.o.betas[1]
        g = g + now.own_decay * w
        s["exp_avg"] = beta1 * s.get("exp_avg", 0 * g) + (1 - beta1) * g
        s["exp_inf"] = np.maximum(beta2 * s.get("exp_inf", 0 * g), np.abs(g) + self.o.eps)
        return w - now.lr / (1 - beta1**now.t) * s["exp_avg"] / s["exp_inf"]


class Asgd(Optimizer):
    """Polyak and Juditsky 1992 with the step sizes of Bottou 2012; torch.optim.ASGD of 1.13."""

    defaults = dict(lr=0.01, lambd=1e-4, alpha=0.75, t0=1e6, **DECAY)
    evaluated = "ax"

    def start(self):
        self.scalar = {"eta": self.o.lr, "mu": 1.0}
        for s, w in zip(self.s, self.w):
            s["ax"] = w.copy()

    def slower(self, lr, t):
        return lr / (1 + self.o.lambd * lr * t) ** self.o.alpha

    def all(self, g, now):
        super().all(g, now)
        self.scalar["eta"] = self.slower(now.lr, now.t)
        self.scalar["mu"] = 1 / max(1.0, now.t - self.o.t0)

    def one(self, w, g, s, now):
        eta, mu = s.get("_eta", now.lr), self.scalar["mu"]  # of a group's own lr
        s["_eta"] = self.slower(now.lr, now.t)
        w = w * (1 - self.o.lambd * eta) - eta * (g + now.own_decay * w)
        s["ax"] = w if mu == 1 else s["ax"] + mu * (w - s["ax"])
        return w


class Adafactor(Optimizer):
    """Shazeer and Stern 2018, arXiv:1804.04235, in the form of torch.optim.Adafactor (2.5); float's epsilon."""

    defaults = dict(lr=0.01, beta2_decay=-0.8, eps=[2.0**-23, 1e-3], d=1.0, **DECAY)

    def one(self, w, g, s, now):
        (eps1, eps2), q = self.o.eps, now.t**self.o.beta2_decay
        alpha = max(eps2, norm(w) / math.sqrt(w.size)) * min(now.lr, 1 / math.sqrt(now.t))
        w = w * (1 - now.lr * now.own_decay)
        if w.ndim == 2:
            r, c = s.get("row_var", 0 * g[:, 0]), s.get("col_var", 0 * g[0])
            s["row_var"] = r = r + q * (np.mean(g * g, axis=1) - r)
            s["col_var"] = c = c + q * (np.mean(g * g, axis=0) - c)
            v = np.outer(r, c) / max(float(np.mean(r)), eps1)
        else:
            v = s.get("variance", 0 * g)
            s["variance"] = v = v + q * (g * g - v)
        u = g / np.sqrt(np.maximum(v, eps1 * eps1)).astype(g.dtype)
        return w - alpha * u / max(1.0, norm(u) / math.sqrt(u.size) / self.o.d)


class Lamb(Optimizer):
    """You et al. 2019, algorithm 2 with phi the identity, arXiv:1904.00962."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.999], eps=1e-6, weight_decay=0.01, decay_exempt=[])
    masks = True

    def one(self, w, g, s, now):
        m, v, c1, c2 = self.moments(g, s, now)
        r = (m / c1) / (np.sqrt(v / c2) + self.o.eps)
        u = r + now.own_decay * w
        ratio = norm(w) / norm(u) if norm(w) > 0 and norm(u) > 0 else 1.0
        return w - now.lr * ratio * (self.masked(r, g, s) + now.own_decay * w)


class Lion(Optimizer):
    """Chen et al. 2023, algorithm 2, arXiv:2302.06675."""

    defaults = dict(lr=1e-4, betas=[0.9, 0.99], **DECAY)

    def one(self, w, g, s, now):
        beta1, beta2 = now.momentum, self.o.betas[1]
        m = s.get("exp_avg", 0 * g)
        mixed = beta1 * m + (1 - beta1) * g
        self.decide(mixed, beta1 * np.abs(m) + (1 - beta1) * np.abs(g))
        s["exp_avg"] = beta2 * m + (1 - beta2) * g
        return w * (1 - now.lr * now.own_decay) - now.lr * np.sign(mixed)


class Yogi(Optimizer):
    """Zaheer et al. 2018, algorithm 2; bias correction and the initial moments as in TensorFlow Addons."""

    defaults = dict(lr=0.01, betas=[0.9, 0.999], eps=1e-3, initial=1e-6, **DECAY)

    def one(self, w, g, s, now):
        beta1, beta2 = now.momentum, self.o.betas[1]
        m, v = s.get("exp_avg", 0 * g + self.o.initial), s.get("exp_avg_sq", 0 * g + self.o.initial)
        g = g + now.own_decay * w
        self.decide((v - g * g)[g != 0], v[g != 0])
        m = s["exp_avg"] = beta1 * m + (1 - beta1) * g
        v = s["exp_avg_sq"] = v - (1 - beta2) * np.sign(v - g * g) * g * g
        return w - now.lr * m / (1 - beta1**now.t) / (np.sqrt(v / (1 - beta2**now.t)) + self.o.eps)


class Muon(Optimizer):
    """Jordan 2024 (github.com/KellerJordan/Muon), without its bfloat16; AdamW for all but hidden matrices."""

    defaults = dict(lr=0.02, momentum=0.95, nesterov=True, ns_steps=5, adjust_lr="original", adamw_lr=3e-4,
                    betas=[0.9, 0.95], eps=1e-8, **DECAY)
    masks = True

    def base_momentum(self):
        return self.o.momentum

    def one(self, w, g, s, now):
        if now.role != "hidden":
            m, v, c1, c2 = self.moments(g, s, Bag(momentum=self.o.betas[0], t=now.t))
            rate = self.o.adamw_lr * now.lr_factor
            return w * (1 - rate * now.own_decay) - rate * self.masked((m / c1) / (np.sqrt(v / c2) + self.o.eps), g, s)
        w, mu = w * (1 - now.lr * now.own_decay), now.momentum
        s["momentum_buffer"] = mu * s.get("momentum_buffer", 0 * g) + (1 - mu) * g
        x = (1 - mu) * g + mu * s["momentum_buffer"] if self.o.nesterov else s["momentum_buffer"]
        x = x / (norm(x) + 1e-7)
        x = x.T if w.shape[0] > w.shape[1] else x
        for _ in range(self.o.ns_steps):
            a = x @ x.T
            x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
        x = self.masked(x.T if w.shape[0] > w.shape[1] else x, g, s)
        if self.o.adjust_lr == "match_rms_adamw":
            return w - now.lr * 0.2 * math.sqrt(max(w.shape)) * x
        return w - now.lr * math.sqrt(max(1.0, w.shape[0] / w.shape[1])) * x


class ScheduleFreeSgd(Optimizer):
    """Defazio et al. 2024, arXiv:2405.15682; weights of the average: github.com/facebookresearch/schedule_free."""

    defaults = dict(lr=1.0, momentum=0.9, warmup_steps=0, r=0.0, weight_power=2.0, **DECAY)
    evaluated = "x"

    def start(self):
        self.total = self.largest = 0.0
        for s, w in zip(self.s, self.w):
            s["z"], s["x"] = w.copy(), w.copy()

    def all(self, g, now):
        self.rate = now.lr * (min(1.0, now.t / self.o.warmup_steps) if self.o.warmup_steps > 0 else 1.0)
        self.largest = max(self.largest, self.rate)
        weight = now.t**self.o.r * self.largest**self.o.weight_power
        self.total += weight
        self.share = weight / self.total
        super().all(g, now)

    def direction(self, g, s, now):
        return g

    def one(self, y, g, s, now):
        s["z"] = s["z"] - self.rate * (self.direction(g, s, now) + now.own_decay * y)
        s["x"] = (1 - self.share) * s["x"] + self.share * s["z"]
        return (1 - now.momentum) * s["z"] + now.momentum * s["x"]


class ScheduleFreeAdamw(ScheduleFreeSgd):
    """The same around Adam's denominator, bias-corrected."""

    defaults = dict(lr=2.5e-3, betas=[0.9, 0.999], eps=1e-8, warmup_steps=0, r=0.0, weight_power=2.0, **DECAY)

    def direction(self, g, s, now):
        beta2 = self.o.betas[1]
        s["exp_avg_sq"] = beta2 * s.get("exp_avg_sq", 0 * g) + (1 - beta2) * g * g
        return g / (np.sqrt(s["exp_avg_sq"] / (1 - beta2**now.t)) + self.o.eps)


class Prodigy(Optimizer):
    """Mishchenko and Defazio 2023, arXiv:2306.06101, algorithm 4 as in github.com/konstmish/prodigy.

    way: w0 - w, summed up by itself (with a small d0 it would be lost in w). The state is in units of d0."""

    defaults = dict(lr=1.0, betas=[0.9, 0.999], eps=1e-8, d0=1e-6, d_coef=1.0, growth=math.inf, **DECAY)
    masks = True

    def start(self):
        self.scalar = {"d": self.o.d0, "d_max": self.o.d0, "d_numerator": 0.0}
        for s, w in zip(self.s, self.w):
            s["way"] = 0 * w

    def all(self, g, now):
        o, x, beta1, beta2 = self.o, self.scalar, now.momentum, self.o.betas[1]
        d, beta3, size = x["d"], math.sqrt(beta2), 0.0
        a, u = d * now.lr, d / o.d0
        x["d_numerator"] *= beta3
        for w, gi, s in zip(self.w, g, self.s):
            x["d_numerator"] += u * a * o.d0 * float(np.sum(gi * s["way"], dtype=np.float64))
            s["s"] = beta3 * s.get("s", 0 * gi) + u * a / o.d0 * gi
            s["exp_avg"] = beta1 * s.get("exp_avg", 0 * gi) + (1 - beta1) * u * gi
            s["exp_avg_sq"] = beta2 * s.get("exp_avg_sq", 0 * gi) + (1 - beta2) * u * u * gi * gi
            size += o.d0 * float(np.sum(np.abs(s["s"]), dtype=np.float64))
        estimate = o.d_coef * x["d_numerator"] / size
        if d == o.d0:
            d = max(d, estimate)
        x["d_max"] = max(x["d_max"], estimate)
        x["d"] = d = min(x["d_max"], d * o.growth)
        for i, (w, s) in enumerate(zip(self.w, self.s)):
            step = self.masked(s["exp_avg"] / (np.sqrt(s["exp_avg_sq"]) + d / o.d0 * o.eps), g[i], s)
            step = step + self.decay_of(i, now) * w
            s["way"] = s["way"] + a / o.d0 * step
            self.w[i] = w - a * step


class Adabound(Optimizer):
    """Luo et al. 2019, arXiv:1902.09843, as github.com/Luolc/AdaBound has it."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.999], eps=1e-8, final_lr=0.1, gamma=1e-3, amsbound=False, **DECAY)

    def one(self, w, g, s, now):
        m, v, c1, c2 = self.moments(g + now.own_decay * w, s, now)
        if self.o.amsbound:
            v = s["max_exp_avg_sq"] = np.maximum(s.get("max_exp_avg_sq", 0 * v), v)
        final = self.o.final_lr * now.lr_factor
        lower, upper = final * (1 - 1 / (self.o.gamma * now.t + 1)), final * (1 + 1 / (self.o.gamma * now.t))
        rate = now.lr * math.sqrt(c2) / c1 / (np.sqrt(v) + self.o.eps)
        return w - np.clip(rate, lower, upper).astype(w.dtype) * m


class Msvag(Optimizer):
    """Balles and Hennig 2018, algorithm 2, arXiv:1705.07774."""

    defaults = dict(lr=0.01, beta=0.9, **DECAY)

    def base_momentum(self):
        return self.o.beta

    def one(self, w, g, s, now):
        beta, g = now.momentum, g + now.own_decay * w
        s["exp_avg"] = m = beta * s.get("exp_avg", 0 * g) + (1 - beta) * g
        s["exp_avg_sq"] = v = beta * s.get("exp_avg_sq", 0 * g) + (1 - beta) * g * g
        m, v = m / (1 - beta**now.t), v / (1 - beta**now.t)
        rho = (1 - beta) * (1 + beta**now.t) / ((1 + beta) * (1 - beta**now.t))
        spread = 0 * v if now.t == 1 else np.maximum(0 * v, v - m * m) / (1 - rho)
        whole = m * m + rho * spread
        return w - now.lr * np.where(whole > 0, m * m / np.where(whole > 0, whole, 1), 0).astype(w.dtype) * m


class Fromage(Optimizer):
    """Bernstein et al. 2020, algorithm 1, arXiv:2002.03432."""

    defaults = dict(lr=0.01)

    def one(self, w, g, s, now):
        ratio = norm(w) / norm(g) if norm(w) > 0 and norm(g) > 0 else 1.0
        return (w - now.lr * ratio * g) / math.sqrt(1 + now.lr**2)


class Signum(Optimizer):
    """Bernstein et al. 2018, algorithm 2, arXiv:1802.04434."""

    defaults = dict(lr=0.01, momentum=0.9, **DECAY)

    def one(self, w, g, s, now):
        m = g
        if self.o.momentum > 0:
            last = s.get("momentum_buffer", 0 * g)
            m = s["momentum_buffer"] = now.momentum * last + (1 - now.momentum) * g
            self.decide(m, now.momentum * np.abs(last) + (1 - now.momentum) * np.abs(g))
        return w * (1 - now.lr * now.own_decay) - now.lr * np.sign(m)


class Adan(Optimizer):
    """Xie et al. 2022, algorithm 1, arXiv:2208.06677; corrections and no_prox as in github.com/sail-sg/Adan."""

    defaults = dict(lr=1e-3, betas=[0.98, 0.92], beta3=0.99, eps=1e-8, no_prox=False, **DECAY)
    masks = True

    def one(self, w, g, s, now):
        beta1, (_, beta2), beta3, t = now.momentum, self.o.betas, self.o.beta3, now.t
        d = g - s.get("pre_grad", g)
        s["exp_avg"] = beta1 * s.get("exp_avg", 0 * g) + (1 - beta1) * g
        s["exp_avg_diff"] = beta2 * s.get("exp_avg_diff", 0 * g) + (1 - beta2) * d
        s["exp_avg_sq"] = beta3 * s.get("exp_avg_sq", 0 * g) + (1 - beta3) * (g + beta2 * d) ** 2
        s["pre_grad"] = g
        u = s["exp_avg"] / (1 - beta1**t) + beta2 * s["exp_avg_diff"] / (1 - beta2**t)
        u = self.masked(u / (np.sqrt(s["exp_avg_sq"] / (1 - beta3**t)) + self.o.eps), g, s)
        if self.o.no_prox:
            return w * (1 - now.lr * now.own_decay) - now.lr * u
        return (w - now.lr * u) / (1 + now.lr * now.own_decay)


class Ademamix(Optimizer):
    """Pagliardini, Ablin and Grangier 2024, algorithm 1, arXiv:2409.03137."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.999], beta3=0.9999, alpha=2.0, alpha_warmup=0, beta3_warmup=0, eps=1e-8,
                    **DECAY)

    def one(self, w, g, s, now):
        o, beta1, (_, beta2), beta3, t = self.o, now.momentum, self.o.betas, self.o.beta3, now.t
        alpha = o.alpha if o.alpha_warmup == 0 else min(o.alpha, o.alpha * t / o.alpha_warmup)
        if t < o.beta3_warmup:  # the half-life grows linearly
            half = [math.log(0.5) / math.log(b) for b in (beta1, beta3)]
            share = t / o.beta3_warmup
            beta3 = min(beta3, 0.5 ** (1 / ((1 - share) * half[0] + share * half[1])))
        s["exp_avg_fast"] = beta1 * s.get("exp_avg_fast", 0 * g) + (1 - beta1) * g
        s["exp_avg_slow"] = beta3 * s.get("exp_avg_slow", 0 * g) + (1 - beta3) * g
        s["exp_avg_sq"] = beta2 * s.get("exp_avg_sq", 0 * g) + (1 - beta2) * g * g
        u = s["exp_avg_fast"] / (1 - beta1**t) + alpha * s["exp_avg_slow"]
        u = u / (np.sqrt(s["exp_avg_sq"] / (1 - beta2**t)) + o.eps)
        return w * (1 - now.lr * now.own_decay) - now.lr * u


class Adopt(Optimizer):
    """Taniguchi et al. 2024, algorithm 2, arXiv:2411.02853."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.9999], eps=1e-6, clip_power=0.25, decoupled=False, **DECAY)
    masks = True

    def one(self, w, g, s, now):
        beta1, beta2, o = now.momentum, self.o.betas[1], self.o
        if not o.decoupled:
            g = g + now.own_decay * w
        if now.t == 1:
            s["exp_avg"], s["exp_avg_sq"] = 0 * g, g * g
            return w
        clip = math.inf if o.clip_power is None else (now.t - 1) ** o.clip_power
        u = np.clip(g / np.maximum(np.sqrt(s["exp_avg_sq"]), o.eps).astype(g.dtype), -clip, clip).astype(g.dtype)
        s["exp_avg"] = beta1 * s["exp_avg"] + (1 - beta1) * u
        s["exp_avg_sq"] = beta2 * s["exp_avg_sq"] + (1 - beta2) * g * g
        return w * (1 - now.lr * now.own_decay if o.decoupled else 1) - now.lr * self.masked(s["exp_avg"], g, s)


class Mars(Optimizer):
    """Yuan et al. 2024, algorithms 1 and 2, arXiv:2411.10438, approximate; vectors as github.com/AGI-Arena/MARS."""

    defaults = dict(lr=3e-3, betas=[0.95, 0.99], eps=1e-8, gamma=0.025, optimize_1d=False, lr_1d=3e-3,
                    betas_1d=[0.9, 0.95], **DECAY)
    masks = True

    def one(self, w, g, s, now):
        o, lr, beta1, beta2, c = self.o, now.lr, now.momentum, self.o.betas[1], g
        if w.ndim == 1 and not o.optimize_1d:
            lr, (beta1, beta2) = o.lr_1d * now.lr_factor, o.betas_1d
        else:
            c = g + o.gamma * beta1 / (1 - beta1) * (g - s.get("last_grad", 0 * g))
            c = c / max(1.0, norm(c))
            s["last_grad"] = g
        s["exp_avg"] = beta1 * s.get("exp_avg", 0 * g) + (1 - beta1) * c
        s["exp_avg_sq"] = beta2 * s.get("exp_avg_sq", 0 * g) + (1 - beta2) * c * c
        u = s["exp_avg"] / (1 - beta1**now.t) / (np.sqrt(s["exp_avg_sq"] / (1 - beta2**now.t)) + o.eps)
        return w * (1 - lr * now.own_decay) - lr * self.masked(u, g, s)


def dot(a, b):
    return float(np.sum(a.astype(np.float64) * b))


class Dog(Optimizer):
    """Ivgi, Hinder and Carmon 2023, arXiv:2302.12022; github.com/formll/dog."""

    defaults = dict(lr=1.0, reps_rel=1e-6, eps=1e-8, **DECAY)

    def start(self):
        for s, w in zip(self.s, self.w):
            s["init_buffer"] = w.copy()
        self.scalar = {"rbar": self.o.reps_rel * (1 + math.sqrt(sum(dot(w, w) for w in self.w))), "G": self.o.eps}

    def all(self, g, now):
        g = [gi + self.decay_of(i, now) * w for i, (gi, w) in enumerate(zip(g, self.w))]
        far = math.sqrt(sum(norm(w - s["init_buffer"]) ** 2 for w, s in zip(self.w, self.s)))
        self.scalar["rbar"] = max(self.scalar["rbar"], far)
        self.scalar["G"] += sum(dot(x, x) for x in g)
        rate = now.lr * self.scalar["rbar"] / math.sqrt(self.scalar["G"])
        self.w = [w - rate * x for w, x in zip(self.w, g)]


class Dowg(Optimizer):
    """Khaled, Mishchenko and Jin 2023, algorithm 1, arXiv:2305.16284; eps: github.com/rka97/dowg."""

    defaults = dict(lr=1.0, eps=1e-4, **DECAY)

    def start(self):
        for s, w in zip(self.s, self.w):
            s["init_buffer"] = w.copy()
        self.scalar = {"distance_squared": self.o.eps, "sum": 0.0}

    def all(self, g, now):
        g = [gi + self.decay_of(i, now) * w for i, (gi, w) in enumerate(zip(g, self.w))]
        far = sum(norm(w - s["init_buffer"]) ** 2 for w, s in zip(self.w, self.s))
        r = self.scalar["distance_squared"] = max(self.scalar["distance_squared"], far)
        self.scalar["sum"] += r * sum(dot(x, x) for x in g)
        rate = now.lr * r / (math.sqrt(self.scalar["sum"]) + self.o.eps)
        self.w = [w - rate * x for w, x in zip(self.w, g)]


class DadaptSgd(Optimizer):
    """Defazio and Mishchenko 2023, algorithm 4, arXiv:2301.07733; github.com/facebookresearch/dadaptation."""

    defaults = dict(lr=1.0, momentum=0.0, d0=1e-6, growth=math.inf, **DECAY)

    def start(self):
        self.scalar = {"d": self.o.d0, "numerator_weighted": 0.0}
        for s, w in zip(self.s, self.w):
            s["x0"], s["s"] = w.copy(), 0 * w

    def all(self, g, now):
        x = self.scalar
        if now.t == 1:
            x["g0_norm"] = math.sqrt(sum(dot(y, y) for y in g))
        g = [gi + self.decay_of(i, now) * w for i, (gi, w) in enumerate(zip(g, self.w))]
        a = x["d"] * now.lr / x["g0_norm"]
        for gi, s in zip(g, self.s):
            x["numerator_weighted"] += a * dot(gi, s["s"])
            s["s"] = s["s"] + a * gi
        found = 2 * x["numerator_weighted"] / math.sqrt(sum(dot(s["s"], s["s"]) for s in self.s))
        x["d"] = max(x["d"], min(found, x["d"] * self.o.growth))
        for i, s in enumerate(self.s):
            self.w[i] = now.momentum * self.w[i] + (1 - now.momentum) * (s["x0"] - s["s"])


class DadaptAdam(Optimizer):
    """Defazio and Mishchenko 2023, algorithm 5, arXiv:2301.07733; github.com/facebookresearch/dadaptation."""

    defaults = dict(lr=1.0, betas=[0.9, 0.999], eps=1e-8, d0=1e-6, growth=math.inf, bias_correction=False,
                    decoupled=False, **DECAY)
    masks = True

    def start(self):
        self.scalar = {"d": self.o.d0, "numerator_weighted": 0.0}

    def all(self, g, now):
        o, x, beta1, beta2 = self.o, self.scalar, now.momentum, self.o.betas[1]
        b, a, products, size = math.sqrt(beta2), x["d"] * now.lr, 0.0, 0.0
        if o.bias_correction:
            a *= math.sqrt(1 - beta2**now.t) / (1 - beta1**now.t)
        for i, (gi, s) in enumerate(zip(g, self.s)):
            gi = gi if o.decoupled else gi + self.decay_of(i, now) * self.w[i]
            m, v, total = (s.get(name, 0 * gi) for name in ("exp_avg", "exp_avg_sq", "s"))
            products += dot(gi, total / (np.sqrt(v) + o.eps))
            s["exp_avg"] = beta1 * m + (1 - beta1) * a * gi
            s["exp_avg_sq"] = beta2 * v + (1 - beta2) * gi * gi
            s["s"] = b * total + (1 - b) * a * gi
            size += float(np.sum(np.abs(s["s"]), dtype=np.float64))
        x["numerator_weighted"] = b * x["numerator_weighted"] + (1 - b) * a * products
        found = x["numerator_weighted"] / ((1 - b) * size)
        x["d"] = max(x["d"], min(found, x["d"] * o.growth))
        for i, s in enumerate(self.s):
            decay, w = self.decay_of(i, now), self.w[i]
            seen = g[i] if o.decoupled else g[i] + decay * w
            shrink = 1 - a * decay if o.decoupled else 1
            self.w[i] = w * shrink - self.masked(s["exp_avg"] / (np.sqrt(s["exp_avg_sq"]) + o.eps), seen, s)


class Soap(Optimizer):
    """Vyas et al. 2024, algorithms 3 and 4, arXiv:2409.11321; first bases and corrections: github.com/nikhilvyas/SOAP."""

    defaults = dict(lr=3e-3, betas=[0.95, 0.95], eps=1e-8, shampoo_beta=None, every=10, weight_decay=0.01,
                    decay_exempt=[])
    even = masks = True

    @staticmethod
    def first_basis(factor):
        """Eigenvectors, the largest value's first; unit vectors, the furthest each time, where there is nothing."""
        values, q = np.linalg.eigh(factor.astype(np.float64))
        q = [q[:, i] for i in np.argsort(-values) if values[i] > 1e-5 * values[-1]]
        while len(q) < len(factor):
            share = sum(x * x for x in q)
            unit = np.eye(len(factor))[np.argmin(share)]
            unit = unit - sum((x @ unit) * x for x in q)
            q.append(unit / np.linalg.norm(unit))
        return np.stack(q, axis=1).astype(factor.dtype)

    def one(self, w, g, s, now):
        o, beta1, beta2 = self.o, now.momentum, self.o.betas[1]
        b = beta2 if o.shampoo_beta is None else o.shampoo_beta
        left, right = s.get("_QL", np.eye(len(g))), s.get("_QR", np.eye(g.shape[-1]))
        left, right = left.astype(w.dtype), right.astype(w.dtype)
        if now.t > 1:
            def rotate(x, back=False):
                if x.ndim == 1:
                    return x
                return left @ x @ right.T if back else left.T @ x @ right
            s["exp_avg"] = beta1 * s.get("exp_avg", 0 * g) + (1 - beta1) * g
            s["exp_avg_sq"] = beta2 * s.get("exp_avg_sq", 0 * g) + (1 - beta2) * rotate(g) ** 2
            u = rotate(rotate(s["exp_avg"]) / (np.sqrt(s["exp_avg_sq"]) + o.eps), back=True)
            size = now.lr * math.sqrt(1 - beta2 ** (now.t - 1)) / (1 - beta1 ** (now.t - 1))
            w = w * (1 - now.lr * now.own_decay) - size * self.masked(u, g, s)
        if g.ndim == 2:
            for name, product in (("L", g @ g.T), ("R", g.T @ g)):
                s[name] = b * s.get(name, 0 * product) + (1 - b) * product
                if now.t == 1:
                    s["_Q" + name] = self.first_basis(s[name])
                elif (now.t - 1) % o.every == 0:
                    s["_Q" + name] = np.linalg.qr(s[name] @ s["_Q" + name])[0]
        return w


class Shampoo(Optimizer):
    """Gupta, Koren and Singer 2018, algorithm 1, arXiv:1802.09568; grafting: Anil et al. 2020, arXiv:2002.09018."""

    defaults = dict(lr=1e-3, betas=[0.9, 0.999], eps=1e-12, every=10, grafting="adam", grafting_eps=1e-8, **DECAY)
    even = masks = True

    def one(self, w, g, s, now):
        o, beta1, beta2, t = self.o, now.momentum, self.o.betas[1], now.t
        correction = 1 - beta2**t if beta2 < 1 else 1.0
        share = 1 - beta2 if beta2 < 1 else 1.0
        s["exp_avg"] = beta1 * s.get("exp_avg", 0 * g) + (1 - beta1) * g
        mean = step = s["exp_avg"] / (1 - beta1**t)
        if o.grafting == "adam":
            s["exp_avg_sq"] = beta2 * s.get("exp_avg_sq", 0 * g) + share * g * g
            step = mean / (np.sqrt(s["exp_avg_sq"] / correction) + o.grafting_eps)
        elif o.grafting == "adagrad":
            s["exp_avg_sq"] = s.get("exp_avg_sq", 0 * g) + g * g
            step = mean / (np.sqrt(s["exp_avg_sq"]) + o.grafting_eps)
        if g.ndim == 2:
            for name, product in (("L", g @ g.T), ("R", g.T @ g)):
                s[name] = beta2 * s.get(name, 0 * product) + share * product
                if t % o.every == 0:
                    values, z = np.linalg.eigh(s[name].astype(np.float64) / correction)
                    root = (z * (np.maximum(values, 0) + o.eps) ** -0.25) @ z.T
                    s[name + "_root"] = root.astype(w.dtype)
            if t >= o.every:
                turned = s["L_root"] @ mean @ s["R_root"]
                step = turned * (norm(step) / norm(turned))
        return w * (1 - now.lr * now.own_decay) - now.lr * self.masked(step, g, s)


# ---- around them ----

# Which are masked from outside, and whether their weight decay is AdamW's. The weights enter their steps by the decay alone.
CAUTIOUS = dict(sgd=False, momentum=False, nesterov=False, rmsprop=False, adam=False, adamw=True, nadam=False,
                radam=False, adamax=False, lion=True, yogi=False, adabound=False, msvag=False, signum=True,
                ademamix=True)


class Around:
    """`lookahead` (Zhang et al. 2019, algorithm 1) and `cautious` (Liang et al. 2024, algorithms 1 and 2)."""

    def __init__(self, name, optimizer, lookahead, cautious):
        self.x, self.lookahead, self.cautious = optimizer, lookahead, cautious
        self.decoupled = CAUTIOUS.get(name) or getattr(optimizer.o, "decoupled", False)
        self.largest = [0 * w for w in optimizer.w]
        if lookahead:
            for s, w in zip(optimizer.s, optimizer.w):
                s["slow"] = w.copy()

    def step(self, g, now):
        if self.cautious and not self.x.masks:
            self.masked(g, now)
        else:
            self.x.all(g, now)
        if self.lookahead and now.t % self.lookahead["steps"] == 0:
            for i, s in enumerate(self.x.s):
                s["slow"] = s["slow"] + self.lookahead["alpha"] * (self.x.w[i] - s["slow"])
                self.x.w[i] = s["slow"].copy()

    def masked(self, g, now):
        """u: what the optimizer makes of weights 0 without decay. In double it is the difference of the weights."""
        x, before = self.x, self.x.w
        decay = [x.decay_of(i, now) for i in range(len(g))]
        whole = copy.deepcopy(x)
        whole.all(g, now)
        g = g if self.decoupled else [gi + d * w for gi, d, w in zip(g, decay, before)]
        x.w = [0 * w for w in before]
        x.all(g, Bag(**{**vars(now), "decay": 0.0}))
        after = []
        for i, (w, u) in enumerate(zip(before, [-step for step in x.w])):
            self.largest[i] = np.maximum(self.largest[i], np.abs(u))
            assert not x.strict or np.all((np.abs(u) > 1e-5 * self.largest[i])[(u != 0) & (g[i] != 0)])
            mask = u * np.sign(g[i]) > 0
            shrink = 1 - now.lr * decay[i] if self.decoupled else 1
            assert not x.strict or np.max(np.abs(w * shrink - u - whole.w[i])) < 1e-14
            after.append((w * shrink - u * mask * (w.size / (np.sum(mask) + 1))).astype(w.dtype))
        x.w = after


# ---- configurations ----

OPTIMIZERS = dict(
    sgd=Sgd, momentum=Momentum, nesterov=Nesterov, gains=Gains, rprop=Rprop, adagrad=Adagrad, adadelta=Adadelta,
    rmsprop=Rmsprop, adam=Adam, adamw=Adamw, adabelief=Adabelief, lars=Lars, swats=Swats, nadam=Nadam, radam=Radam,
    adamax=Adamax, asgd=Asgd, adafactor=Adafactor, lamb=Lamb, lion=Lion, yogi=Yogi, muon=Muon,
    schedule_free_sgd=ScheduleFreeSgd, schedule_free_adamw=ScheduleFreeAdamw, prodigy=Prodigy,
    adabound=Adabound, msvag=Msvag, fromage=Fromage, signum=Signum, adan=Adan, ademamix=Ademamix, adopt=Adopt,
    mars=Mars, dadapt_adam=DadaptAdam, dadapt_sgd=DadaptSgd, dog=Dog, dowg=Dowg,
    soap=Soap, shampoo=Shampoo)

# Factors on the base value from updates 1, 10 and 20 on.
LR = {"lr": [1, 0.25, 1.5]}
FIRST_MOMENT = {"momentum": [1, 0.5, 1.05]}
DECAYED = {"decay": [1, 0, 3]}

# Options, and the schedule where there is one. Between them a name's cases set every key it has.
CASES = dict(
    sgd=[
        ({}, {}), ({}, LR),
        ({"lr": 0.03, "weight_decay": 0.1}, DECAYED),
        ({"momentum": 0.9, "lr": 0.02, "weight_decay": 0.01}, LR),
        ({"momentum": 0.8, "dampening": 0.3}, FIRST_MOMENT),
        ({"momentum": 0.95, "nesterov": True, "lr": 0.004, "weight_decay": 0.2, "decay_exempt": ["bias", "norm"]}, LR),
        ({"momentum": 0.9, "momentum_form": "lr_inside", "lr": 0.05}, LR),
        ({"momentum": 0.8, "dampening": 0.5, "momentum_form": "lr_inside"}, {**LR, **FIRST_MOMENT}),
        ({"momentum": 0.7, "nesterov": True, "momentum_form": "lr_inside", "weight_decay": 0.05,
          "decay_exempt": ["norm"]}, {**LR, **FIRST_MOMENT}),
    ],
    momentum=[
        ({}, {}), ({}, LR),
        ({"lr": 0.013, "momentum": 0.5, "dampening": 0.5, "weight_decay": 0.03, "decay_exempt": ["bias"]}, {}),
        ({"momentum_form": "lr_inside", "nesterov": True}, LR),
    ],
    nesterov=[
        ({}, {}), ({}, LR),
        ({"lr": 0.037, "momentum": 0.6, "weight_decay": 0.3, "decay_exempt": ["bias", "norm"]}, FIRST_MOMENT),
        ({"momentum_form": "lr_inside"}, LR),
        ({"nesterov": False, "dampening": 0.1}, {}),
    ],
    gains=[
        ({}, {}), ({"lr": 0.05}, LR),
        ({"beta": 0.2}, {}),
        ({"kappa": 0.1, "phi": 0.3, "min": 0.5, "max": 1.4}, {}),
        ({"theta": 0.7, "beta": 0.1}, {}),
        ({"theta": 0.5, "kappa": 0.3, "beta": 0.02, "max": 2.5}, LR),
        ({"weight_decay": 0.3, "decay_exempt": ["norm"], "lr": 0.03}, DECAYED),
    ],
    rprop=[
        ({}, {}), ({}, LR),
        ({"lr": 0.003, "etas": [0.7, 1.5]}, {}),
        ({"lr": 0.02, "step_sizes": [0.008, 0.05]}, {}),
    ],
    adagrad=[
        ({}, {}), ({}, LR),
        ({"lr": 0.05, "lr_decay": 0.1}, {}),
        ({"initial_accumulator_value": 0.1, "eps": 1e-3}, {}),
        ({"weight_decay": 0.1, "eps": 1e-6, "lr": 0.02, "decay_exempt": ["norm"]}, {**LR, **DECAYED}),
    ],
    adadelta=[
        ({}, {}), ({}, LR),
        ({"rho": 0.6, "eps": 1e-4}, {}),
        ({"lr": 0.3, "weight_decay": 0.05, "eps": 1e-3}, {}),
        ({"rho": 0.95, "weight_decay": 0.5, "decay_exempt": ["bias"]}, LR),
    ],
    rmsprop=[
        ({}, {}), ({}, LR),
        ({"alpha": 0.8, "eps": 1e-3, "lr": 0.03}, {}),
        ({"momentum": 0.9, "lr": 0.002}, {**LR, **FIRST_MOMENT}),
        ({"centered": True, "eps": 1e-5}, {}),
        ({"centered": True, "momentum": 0.5, "alpha": 0.95, "eps": 1e-4, "weight_decay": 0.1}, LR),
        ({"weight_decay": 0.2, "decay_exempt": ["bias", "norm"], "eps": 1e-6}, {}),
    ],
    adam=[
        ({}, {}), ({}, LR),
        ({"lr": 0.01, "betas": [0.8, 0.99], "eps": 1e-4}, FIRST_MOMENT),
        ({"amsgrad": True, "betas": [0.9, 0.5]}, {}),
        ({"bias_correction": False, "eps": 1e-6}, {}),
        ({"eps_mode": "hat", "eps": 1e-5}, LR),
        ({"weight_decay": 0.1, "lr": 0.004, "eps": 1e-6}, DECAYED),
        ({"amsgrad": True, "eps_mode": "hat", "betas": [0.5, 0.7], "weight_decay": 0.3, "eps": 1e-3,
          "decay_exempt": ["bias", "norm"]}, LR),
    ],
    adamw=[
        ({}, {}), ({}, LR),
        ({"lr": 0.02, "weight_decay": 0.5, "betas": [0.7, 0.98]}, {**LR, **DECAYED}),
        ({"weight_decay": 3.0, "decay_exempt": ["bias", "norm"], "eps": 1e-4}, FIRST_MOMENT),
        ({"amsgrad": True, "betas": [0.95, 0.6], "eps": 1e-6}, {}),
        ({"bias_correction": False, "eps_mode": "hat", "eps": 1e-7, "weight_decay": 0.0}, {}),
        ({"eps_mode": "hat", "eps": 1e-3, "weight_decay": 1.0}, LR),
    ],
    adabelief=[
        ({}, {}), ({}, LR),
        ({"eps": 1e-8, "betas": [0.8, 0.99]}, {}),
        ({"rectify": True}, {}),
        ({"rectify": True, "betas": [0.7, 0.9], "eps": 1e-10, "lr": 0.005}, LR),
        ({"amsgrad": True, "eps": 1e-6, "betas": [0.9, 0.6]}, {}),
        ({"weight_decay": 0.5, "lr": 0.01, "eps": 1e-12}, DECAYED),
        ({"weight_decay": 0.1, "decoupled": False, "eps": 1e-9, "decay_exempt": ["norm"]}, FIRST_MOMENT),
        ({"rectify": True, "amsgrad": True, "betas": [0.8, 0.9], "eps": 1e-8, "lr": 0.005}, {}),
    ],
    lars=[
        ({}, {}), ({"lr": 0.3}, LR),
        ({"trust_coefficient": 0.02, "weight_decay": 0.05, "momentum": 0.5, "lr": 0.5}, FIRST_MOMENT),
        ({"exempt": [], "weight_decay": 0.1, "eps": 1e-3, "trust_coefficient": 0.01}, {}),
        ({"momentum_form": "lr_outside", "exempt": ["bias"], "lr": 0.4}, LR),
        ({"trust_clip": True, "lr": 0.02, "trust_coefficient": 0.02, "momentum": 0.3}, LR),
        ({"trust_clip": True, "momentum_form": "lr_outside", "lr": 0.01, "exempt": ["norm"], "weight_decay": 0.2,
          "trust_coefficient": 0.02}, DECAYED),
        ({"trust_clip": True, "momentum_form": "lr_outside", "lr": 0.02, "trust_coefficient": 0.02},
         {"lr": [1, 0, 1.5]}),
    ],
    swats=[
        ({}, {}), ({}, LR),
        ({"rtol": 0.2}, {}),
        ({"threshold": 5e-5}, {}),
        ({"rtol": 0.0055, "betas": [0.5, 0.9], "eps": 1e-5, "lr": 0.003}, LR),
        ({"rtol": 0.003, "betas": [0.9, 0.5], "lr": 0.02, "threshold": 0.5}, {}),
        ({"weight_decay": 0.1, "decay_exempt": ["bias", "norm"], "betas": [0.6, 0.8], "rtol": 0.02}, {}),
        ({"weight_decay": 0.2, "lr": 0.005}, DECAYED),
    ],
    nadam=[
        ({}, {}), ({}, LR),
        ({"momentum_decay": 0.5, "betas": [0.8, 0.98], "eps": 1e-4}, {}),
        ({"weight_decay": 0.1, "lr": 0.01, "eps": 1e-6, "decay_exempt": ["bias"]}, LR),
    ],
    radam=[
        ({}, {}), ({"lr": 0.02}, LR),
        ({"betas": [0.8, 0.9], "eps": 1e-4}, {}),
        ({"betas": [0.8, 0.6], "lr": 0.03}, {}),
        ({"weight_decay": 0.1, "betas": [0.9, 0.98], "eps": 1e-6, "decay_exempt": ["norm"]}, LR),
    ],
    adamax=[
        ({}, {}), ({}, LR),
        ({"betas": [0.7, 0.8], "eps": 1e-3, "lr": 0.01}, FIRST_MOMENT),
        ({"weight_decay": 0.2, "betas": [0.95, 0.5], "eps": 1e-5, "decay_exempt": ["bias", "norm"]}, LR),
    ],
    asgd=[
        ({}, {}), ({}, LR),
        ({"t0": 4, "lr": 0.1}, {}),
        ({"t0": 0, "lambd": 0.1, "alpha": 0.6, "lr": 0.05}, LR),
        ({"t0": 12, "lambd": 0.01, "weight_decay": 0.3, "decay_exempt": ["norm"]}, DECAYED),
    ],
    adafactor=[
        ({}, {}), ({"lr": 0.05}, LR),
        ({"beta2_decay": -0.5, "d": 1.5, "lr": 0.3}, {}),
        ({"eps": [1e-4, 0.5], "weight_decay": 0.1}, DECAYED),
        ({"weight_decay": 1.0, "lr": 0.02, "eps": [1e-3, 1e-2], "decay_exempt": ["bias", "norm"]}, LR),
    ],
    lamb=[
        ({}, {}), ({}, LR),
        ({"lr": 0.01, "betas": [0.8, 0.99], "eps": 1e-4, "weight_decay": 0.5}, FIRST_MOMENT),
        ({"weight_decay": 0.0}, {}),
        ({"weight_decay": 2.0, "decay_exempt": ["bias", "norm"], "lr": 0.005}, {**LR, **DECAYED}),
    ],
    lion=[
        ({}, {}), ({"lr": 0.003}, LR),
        ({"lr": 0.001, "betas": [0.8, 0.9], "weight_decay": 0.5}, {}),
        ({"lr": 0.002, "betas": [0.95, 0.98], "weight_decay": 2.0, "decay_exempt": ["bias", "norm"]},
         {**LR, **DECAYED}),
    ],
    yogi=[
        ({}, {}), ({}, LR),
        ({"lr": 0.003, "betas": [0.8, 0.9], "eps": 1e-6}, FIRST_MOMENT),
        ({"initial": 0.01, "eps": 1e-4, "betas": [0.9, 0.95]}, {}),
        ({"weight_decay": 0.1, "decay_exempt": ["bias"], "initial": 1e-4}, LR),
    ],
    muon=[
        ({}, {}), ({}, LR),
        ({"nesterov": False, "momentum": 0.8, "lr": 0.01}, FIRST_MOMENT),
        ({"ns_steps": 2, "adamw_lr": 0.01, "betas": [0.5, 0.8], "adjust_lr": "match_rms_adamw"}, {}),
        ({"ns_steps": 1, "momentum": 0.5, "lr": 0.1, "adamw_lr": 0.001}, LR),
        ({"weight_decay": 0.5, "eps": 1e-4, "adamw_lr": 0.02}, DECAYED),
        ({"weight_decay": 2.0, "decay_exempt": ["bias", "norm"], "eps": 1e-3, "adamw_lr": 0.01}, LR),
    ],
    schedule_free_sgd=[
        ({}, {}), ({"lr": 0.3}, LR),
        ({"warmup_steps": 8, "momentum": 0.7}, {}),
        ({"r": 1.5, "weight_power": 0.0, "lr": 0.2}, {}),
        ({"weight_decay": 0.1, "warmup_steps": 5, "r": 0.5, "weight_power": 1.0, "lr": 0.5,
          "decay_exempt": ["bias", "norm"]}, {**LR, **DECAYED}),
    ],
    schedule_free_adamw=[
        ({}, {}), ({}, LR),
        ({"warmup_steps": 12, "betas": [0.8, 0.9], "eps": 1e-4}, {}),
        ({"r": 2.0, "weight_power": 1.0, "lr": 0.01, "betas": [0.98, 0.99]}, {}),
        ({"weight_decay": 0.5, "warmup_steps": 4, "lr": 0.02, "decay_exempt": ["norm"]}, {**LR, **DECAYED}),
    ],
    prodigy=[
        ({}, {}), ({}, LR),
        ({"d0": 1e-3, "betas": [0.8, 0.95]}, {}),
        ({"d0": 1e-4, "growth": 1.3, "d_coef": 2.0, "eps": 1e-5}, {}),
        ({"d0": 1e-3, "lr": 0.5, "growth": 1.1, "weight_decay": 0.5, "decay_exempt": ["bias", "norm"]}, DECAYED),
        ({"d0": 1e-3, "d_coef": 0.5, "weight_decay": 2.0}, LR),
        ({"d0": 1e-12}, {}), ({"d0": 1e-15, "weight_decay": 0.1}, {}),
    ],
    adabound=[
        ({}, {}), ({}, LR),
        ({"betas": [0.8, 0.99], "eps": 1e-3, "final_lr": 0.02, "gamma": 0.1}, FIRST_MOMENT),
        ({"amsbound": True, "betas": [0.9, 0.5], "gamma": 0.5, "lr": 0.005}, {}),
        ({"weight_decay": 0.1, "decay_exempt": ["bias"], "gamma": 0.03, "final_lr": 0.05}, {**LR, **DECAYED}),
    ],
    msvag=[
        ({}, {}), ({}, LR),
        ({"beta": 0.7, "lr": 0.03}, FIRST_MOMENT),
        ({"weight_decay": 0.1, "decay_exempt": ["bias", "norm"], "beta": 0.95}, {**LR, **DECAYED}),
    ],
    fromage=[({}, {}), ({}, LR), ({"lr": 0.2}, {})],
    signum=[
        ({}, {}), ({}, LR),
        ({"momentum": 0.0, "lr": 0.002}, {}),
        ({"momentum": 0.6, "weight_decay": 0.5, "decay_exempt": ["bias", "norm"]}, {**LR, **DECAYED}),
    ],
    adan=[
        ({}, {}), ({}, LR),
        ({"betas": [0.9, 0.8], "beta3": 0.95, "eps": 1e-4, "lr": 0.01}, FIRST_MOMENT),
        ({"weight_decay": 0.5, "lr": 0.02}, DECAYED),
        ({"weight_decay": 2.0, "no_prox": True, "decay_exempt": ["norm"], "lr": 0.005}, {**LR, **DECAYED}),
    ],
    ademamix=[
        ({}, {}), ({}, LR),
        ({"betas": [0.8, 0.99], "beta3": 0.99, "alpha": 5.0, "eps": 1e-4}, FIRST_MOMENT),
        ({"alpha_warmup": 20, "beta3_warmup": 25, "beta3": 0.999, "alpha": 8.0}, {}),
        ({"weight_decay": 0.5, "decay_exempt": ["bias", "norm"], "beta3_warmup": 100, "lr": 0.01},
         {**LR, **DECAYED}),
    ],
    adopt=[
        ({}, {}), ({}, LR),
        ({"betas": [0.8, 0.99], "eps": 1e-3, "clip_power": 0.5, "lr": 0.01}, FIRST_MOMENT),
        ({"clip_power": None, "betas": [0.9, 0.9]}, {}),
        ({"weight_decay": 0.2, "lr": 0.005, "eps": 1e-4}, DECAYED),
        ({"weight_decay": 0.5, "decoupled": True, "decay_exempt": ["bias"]}, {**LR, **DECAYED}),
    ],
    mars=[
        ({}, {}), ({}, LR),
        ({"betas": [0.8, 0.95], "gamma": 0.1, "eps": 1e-4, "lr": 0.01}, FIRST_MOMENT),
        ({"optimize_1d": True, "gamma": 0.05}, {}),
        ({"lr_1d": 0.01, "betas_1d": [0.7, 0.9], "weight_decay": 0.5}, {**LR, **DECAYED}),
        ({"weight_decay": 2.0, "decay_exempt": ["bias", "norm"], "eps": 1e-6}, LR),
    ],
    dadapt_adam=[
        ({}, {}), ({"d0": 1e-3}, LR),
        ({"d0": 1e-3, "betas": [0.8, 0.95], "eps": 1e-4}, {}),
        ({"d0": 1e-3, "growth": 1.1, "bias_correction": True, "lr": 0.5}, {}),
        ({"d0": 1e-3, "weight_decay": 0.1, "eps": 1e-3, "growth": 1.2}, DECAYED),
        ({"d0": 1e-3, "decoupled": True, "weight_decay": 2.0, "decay_exempt": ["bias", "norm"], "eps": 1e-5,
          "growth": 1.1}, LR),
    ],
    dadapt_sgd=[
        ({}, {}), ({"d0": 1e-3}, LR),
        ({"d0": 1e-3, "momentum": 0.8, "lr": 2.0}, FIRST_MOMENT),
        ({"d0": 1e-2, "growth": 1.05, "weight_decay": 0.1}, DECAYED),
        ({"d0": 1e-2, "momentum": 0.5, "weight_decay": 0.5, "decay_exempt": ["bias", "norm"]}, {**LR, **DECAYED}),
    ],
    dog=[
        ({}, {}), ({"reps_rel": 1e-2}, LR),
        ({"reps_rel": 1e-3, "eps": 0.1, "lr": 2.0}, {}),
        ({"reps_rel": 1e-2, "weight_decay": 0.1, "decay_exempt": ["bias", "norm"]}, {**LR, **DECAYED}),
    ],
    dowg=[
        ({}, {}), ({"lr": 0.7}, LR),
        ({"eps": 1e-2, "weight_decay": 0.1, "decay_exempt": ["bias"]}, {**LR, **DECAYED}),
    ],
    soap=[
        ({}, {}), ({}, LR),
        ({"betas": [0.8, 0.9], "eps": 1e-4, "every": 3, "lr": 0.01}, FIRST_MOMENT),
        ({"shampoo_beta": 0.8, "every": 7, "weight_decay": 0.5, "decay_exempt": ["bias", "norm"]}, {**LR, **DECAYED}),
    ],
    shampoo=[
        ({}, {}), ({}, LR),
        ({"betas": [0.8, 0.95], "eps": 1e-3, "every": 5, "lr": 0.01}, FIRST_MOMENT),
        ({"grafting": "adagrad", "grafting_eps": 1e-3, "betas": [0.9, 1.0], "every": 4}, {}),
        ({"grafting_eps": 1e-3, "betas": [0.8, 1.0], "every": 6}, {}),
        ({"grafting": "sgd", "weight_decay": 0.5, "decay_exempt": ["bias"], "lr": 0.05, "every": 8},
         {**LR, **DECAYED}),
    ],
)

# The keys of all, on a few that differ in their weight decay and in what they keep.
CASES_AROUND = dict(
    lookahead=[
        ("sgd", {"lookahead": {"steps": 5, "alpha": 0.5}}, {}),
        ("adam", {"lookahead": {"steps": 3, "alpha": 0.8}, "amsgrad": True}, LR),
        ("dog", {"lookahead": {"steps": 4, "alpha": 0.3}, "reps_rel": 1e-2}, {}),
        ("prodigy", {"lookahead": {"steps": 5, "alpha": 0.5}, "d0": 1e-3, "betas": [0.8, 0.95], "weight_decay": 0.5}, LR),
        ("dadapt_sgd", {"lookahead": {"steps": 4, "alpha": 0.6}, "d0": 1e-2, "momentum": 0.5}, LR),
        ("dadapt_adam", {"lookahead": {"steps": 3, "alpha": 0.8}, "d0": 1e-3, "eps": 1e-4}, {}),
        ("adamw", {"lookahead": {"steps": 10, "alpha": 0.6}, "cautious": True, "weight_decay": 0.5}, LR),
    ],
    cautious=[
        ("adamw", {"cautious": True, "weight_decay": 0.5, "lr": 0.01, "decay_exempt": ["bias"]}, {**LR, **DECAYED}),
        ("adam", {"cautious": True, "weight_decay": 0.1}, LR),
        ("momentum", {"cautious": True, "lr": 0.02}, FIRST_MOMENT),
        ("rmsprop", {"cautious": True, "momentum": 0.8, "eps": 1e-3}, {}),
        ("lion", {"cautious": True, "weight_decay": 1.0, "lr": 0.001, "betas": [0.8, 0.9]}, {}),
        ("adabelief", {"cautious": True, "weight_decay": 0.5, "eps": 1e-10}, {}),
        ("lars", {"cautious": True, "weight_decay": 0.1, "momentum": 0.7, "trust_coefficient": 0.02}, LR),
        ("lars", {"cautious": True, "momentum_form": "lr_outside", "exempt": [], "lr": 0.4}, FIRST_MOMENT),
        ("swats", {"cautious": True, "rtol": 0.2, "betas": [0.8, 0.99]}, LR),
        ("swats", {"cautious": True, "weight_decay": 0.2, "rtol": 0.02, "betas": [0.6, 0.8]}, DECAYED),
        ("lamb", {"cautious": True, "weight_decay": 0.5, "lr": 0.01, "betas": [0.8, 0.99]}, {**LR, **DECAYED}),
        ("muon", {"cautious": True, "momentum": 0.8, "weight_decay": 0.5, "eps": 1e-4, "adamw_lr": 0.01}, {**LR, **DECAYED}),
        ("prodigy", {"cautious": True, "d0": 1e-3, "betas": [0.8, 0.95], "weight_decay": 0.5}, LR),
        ("adan", {"cautious": True, "weight_decay": 2.0, "betas": [0.9, 0.8], "lr": 0.01}, {**LR, **DECAYED}),
        ("adan", {"cautious": True, "weight_decay": 0.5, "no_prox": True, "betas": [0.8, 0.9], "eps": 1e-4}, LR),
        ("adopt", {"cautious": True, "weight_decay": 0.1, "betas": [0.7, 0.99], "eps": 1e-4}, LR),
        ("adopt", {"cautious": True, "weight_decay": 0.5, "decoupled": True, "lr": 0.01}, {**LR, **DECAYED}),
        ("mars", {"cautious": True, "weight_decay": 0.5, "lr_1d": 0.01, "betas": [0.8, 0.95]}, {**LR, **DECAYED}),
        ("mars", {"cautious": True, "optimize_1d": True, "gamma": 0.05}, FIRST_MOMENT),
        ("dadapt_adam", {"cautious": True, "d0": 1e-3, "weight_decay": 0.1, "eps": 1e-3, "growth": 1.2}, DECAYED),
        ("dadapt_adam", {"cautious": True, "d0": 1e-3, "decoupled": True, "weight_decay": 2.0, "eps": 1e-5, "growth": 1.1}, LR),
        ("soap", {"cautious": True, "betas": [0.8, 0.9], "eps": 1e-4, "weight_decay": 0.5, "every": 3}, {**LR, **DECAYED}),
        ("shampoo", {"cautious": True, "betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.5, "every": 5}, LR),
    ],
)

def tolerance_of(optimizer):
    """Relative to a tensor's largest displacement from its initial weights, and to the largest element of a state slot.

    Rounding of the weights comes on top. 30 updates of a few roundings each (6e-8) that partly cancel. What measures
    how far the weights have come has it from float weights: a first distance that small is known to 3e-9 of itself.
    """
    first = getattr(optimizer.o, "reps_rel", 1.0)
    return max(1e-5, 3e-9 / first)


# Groups with factors of their own, of every kind that PyTorch has; the first entry that matches counts.
GROUPS = [{"tensors": ["6.*"], "lr": 0.5}, {"tensors": ["bias", "norm"], "lr": 2.0, "weight_decay": 0.0},
          {"tensors": ["weight"], "weight_decay": 3.0}]
for grouped in ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "nadam", "radam",
                "adamax", "asgd"):
    CASES[grouped].append(({"groups": GROUPS, "weight_decay": 0.02}, {} if grouped == "asgd" else LR))
CASES["asgd"].append(({"groups": GROUPS, "weight_decay": 0.02, "lambd": 0.1, "lr": 0.5, "t0": 4}, LR))
CASES["adam"].append(({"groups": GROUPS, "weight_decay": 0.02, "decay_exempt": ["norm"]}, DECAYED))
CASES["rprop"].append(({"groups": [{"tensors": ["bias", "6.*"], "lr": 2.0}]}, {}))

# ---- PyTorch ----

def shared(o, *names):
    return {name: getattr(o, name) for name in names}


def sgd_arguments(o):
    if o.momentum_form == "lr_outside":
        return shared(o, "lr", "momentum", "dampening", "nesterov")


def adam_arguments(o):
    if o.bias_correction and o.eps_mode == "outside":
        return shared(o, "lr", "betas", "eps", "amsgrad")


# The default NAdam of 1.13 multiplies mu_t in twice, its foreach path once; RAdam's foreach path drops eps.
TORCH = dict(
    sgd=("SGD", sgd_arguments),
    momentum=("SGD", sgd_arguments),
    nesterov=("SGD", sgd_arguments),
    rprop=("Rprop", lambda o: shared(o, "lr", "etas", "step_sizes")),
    adagrad=("Adagrad", lambda o: shared(o, "lr", "lr_decay", "initial_accumulator_value", "eps")),
    adadelta=("Adadelta", lambda o: shared(o, "lr", "rho", "eps")),
    rmsprop=("RMSprop", lambda o: shared(o, "lr", "alpha", "eps", "momentum", "centered")),
    adam=("Adam", adam_arguments),
    adamw=("AdamW", adam_arguments),
    nadam=("NAdam", lambda o: {**shared(o, "lr", "betas", "eps", "momentum_decay"), "foreach": True}),
    radam=("RAdam", lambda o: {**shared(o, "lr", "betas", "eps"), "foreach": False}),
    adamax=("Adamax", lambda o: shared(o, "lr", "betas", "eps")),
    asgd=("ASGD", lambda o: shared(o, "lr", "lambd", "alpha", "t0")),
)


def check_torch(name, o, schedule, path, state, given):
    """Runs the configuration in PyTorch and compares; the name of its class, or None where it has no such thing."""
    kind, arguments = TORCH.get(name, (None, lambda o: None))
    options = arguments(o)
    if options is None:
        return None
    w = [torch.tensor(initial(x), requires_grad=True) for x in layout()]
    owners = [group_of(x, given) for x in layout()]
    decays = hasattr(o, "weight_decay")
    groups = [{"params": [p], **({"weight_decay": 0.0} if decays else {})} for p in w]
    optimizer = getattr(torch.optim, kind)(groups, **options)
    for t in range(1, UPDATES + 1):
        factor = factors(schedule, t)
        for group, x, own in zip(optimizer.param_groups, layout(), owners):
            group["lr"] = o.lr * factor["lr"] * own.get("lr", 1.0)
            if "betas" in group:
                group["betas"] = (o.betas[0] * factor["momentum"], o.betas[1])
            if "momentum" in group:
                group["momentum"] = o.momentum * factor["momentum"]
            if decays and x.role not in o.decay_exempt:
                group["weight_decay"] = o.weight_decay * factor["decay"] * own.get("weight_decay", 1.0)
        for p, g in zip(w, gradients(t, np.float64)):
            p.grad = torch.tensor(g)
        optimizer.step()
        for p, x, ours in zip(w, layout(), path[t - 1]):
            theirs = p.detach().numpy()
            assert np.max(np.abs(theirs - ours)) <= 1e-12 * np.max(np.abs(theirs)), (name, vars(o), t, x.name)
    for p, ours in zip(w, state):
        for slot, theirs in optimizer.state[p].items():
            if slot in ours and torch.is_tensor(theirs) and theirs.numel() == ours[slot].size:
                theirs = theirs.numpy()
                assert np.max(np.abs(theirs - ours[slot])) <= 1e-12 * np.max(np.abs(theirs)), (name, vars(o), slot)
    return "torch.optim." + kind


# ---- running and writing ----

def factors(schedule, t):
    segment = sum(t >= start for start in SEGMENTS) - 1
    return {key: schedule.get(key, [1, 1, 1])[segment] for key in ("lr", "momentum", "decay")}


def run(name, options, schedule, dtype, strict):
    """The optimizer after all updates; weights and evaluated weights after each."""
    own = {key: value for key, value in options.items() if key not in ("lookahead", "cautious")}
    x = OPTIMIZERS[name](own, [initial(t).astype(dtype) for t in layout()], strict, options.get("cautious"))
    around, path, evaluated = Around(name, x, options.get("lookahead"), options.get("cautious")), [], []
    for t in range(1, UPDATES + 1):
        factor = factors(schedule, t)
        around.step(gradients(t, dtype, x.even), Bag(
            t=t, lr=x.o.lr * factor["lr"], lr_factor=factor["lr"], momentum=x.base_momentum() * factor["momentum"],
            decay=getattr(x.o, "weight_decay", 0.0) * factor["decay"]))
        assert all(w.dtype == dtype and np.all(np.isfinite(w)) for w in x.w), (name, options)
        path.append([w.copy() for w in x.w])
        evaluated.append([s[x.evaluated].copy() for s in x.s] if x.evaluated else None)
    return x, path, evaluated


def allowed(exact, start, tolerance, t):
    """What test_reference.c allows: a share of the displacement, and some roundings of the weights."""
    return tolerance * np.max(np.abs(exact - start)) + 2 * (t + 1) * 2.0**-24 * np.max(np.abs(exact))


def worst_share(name, options, schedule, x, path, evaluated, tolerance):
    """How much of what is allowed the same equations use up when carried out in float."""
    single, single_path, single_evaluated = run(name, options, schedule, np.float32, False)
    assert single.switched == x.switched
    shares = [0.0]

    def compare(exact, rough, limit):
        if limit > 0:
            shares.append(np.max(np.abs(exact - rough)) / limit)

    for t in RECORDED:
        for exact, rough in ((path, single_path), (evaluated, single_evaluated)):
            for a, b, tensor in zip(exact[t - 1] or [], rough[t - 1] or [], layout()):
                compare(a, b, allowed(a, initial(tensor), tolerance, t))
    for a, b in zip(x.s, single.s):
        for slot in (slot for slot in a if slot[0] != "_"):
            compare(a[slot], b[slot], allowed(a[slot], 0, tolerance, UPDATES))
    for key, value in x.scalar.items():
        compare(value, single.scalar[key], tolerance * abs(value))
    return max(shares)


def check_sharp(path, x):
    """Rounding of the weights must be little beside how far they moved, or the comparison would be empty."""
    if min(getattr(x.o, "d0", 1), getattr(x.o, "reps_rel", 1)) < 1e-5:
        return  # these begin as slowly as that; their scalars are compared sharply
    for t in RECORDED:
        for exact, tensor in zip(path[t - 1], layout()):
            start = initial(tensor)
            if isinstance(x, (Adopt, Soap)) and t == 1:
                continue
            share = allowed(exact, start, 0, t) / np.max(np.abs(exact - start))
            # the bias that starts at 0 has all digits at any time, norm weights of 1 only once they are far away
            assert share < 1e-4 or tensor.name != "4.bias"
            assert share < 5e-3 or t < UPDATES


def yaml(value):
    if isinstance(value, list):
        return "[" + ", ".join(yaml(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml(v)}" for key, v in value.items()) + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if "*" in value else value
    return "null" if value is None else repr(value)


def numbers(array, tolerance):
    """[d, v, ...]: v / 10^d, to the hundredth of what the comparison allows: more digits would be of no use."""
    most = np.max(np.abs(array), initial=0)
    digits = -math.floor(math.log10(tolerance * most / 100)) if most > 0 else 0
    return "[" + ",".join(str(v) for v in (digits, *(round(float(v) * 10.0**digits) for v in array.ravel()))) + "]"


def snapshot(weights, tolerance):
    """Displacements, which keep more digits than the weights."""
    return "[" + ",".join(numbers(w - initial(x), tolerance) for w, x in zip(weights, layout())) + "]"


def state_text(x, tolerance):
    slots = sorted({slot for s in x.s for slot in s if slot[0] != "_"})  # those with one have no sign of their own
    lists = (",".join(numbers(s[slot], tolerance) if slot in s else "null" for s in x.s) for slot in slots)
    return "{" + ",\n".join(f'"{slot}":[{values}]' for slot, values in zip(slots, lists)) + "}"


def case_text(name, options, schedule):
    x, path, evaluated = run(name, options, schedule, np.float64, True)
    tolerance = tolerance_of(x)
    if options.get("d0", 1) >= 1e-6:  # below that the state alone tells how prodigy goes
        check_sharp(path, x)
    share = worst_share(name, options, schedule, x, path, evaluated, tolerance)
    checked = None if {"lookahead", "cautious"} & set(options) else check_torch(name, x.o, schedule, path, x.s,
                                                                                 options.get("groups", []))
    print(name, options, schedule, f"share {share:.2f}", checked or "", file=sys.stderr)
    assert share < 0.5
    settings = [f"name: {name}"] + [f"{key}: {yaml(value)}" for key, value in options.items()]
    members = {
        "optimizer": json.dumps(name),
        "options": json.dumps("{" + ", ".join(settings) + "}"),
        "schedule": json.dumps(schedule),
        "checked": json.dumps(checked),
        "even": str(int(x.even)),
        "tolerance": repr(tolerance),
        "switched": json.dumps(x.switched),
        "weights": "[" + ",\n".join(snapshot(path[t - 1], tolerance) for t in RECORDED) + "]",
        "evaluated": "[" + ",\n".join(snapshot(evaluated[t - 1], tolerance) for t in RECORDED if x.evaluated) + "]",
        "scalars": json.dumps(x.scalar),
        "state": state_text(x, tolerance),
    }
    return "{" + ",\n".join(f'"{key}": {value}' for key, value in members.items()) + "}"


def main():
    torch.set_default_dtype(torch.float64)
    tensors = ",\n".join(json.dumps(dict(name=x.name, role=x.role, shape=x.shape, initial=initial(x).ravel().tolist()))
                         for x in layout())
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("reference"))
    folder.mkdir(exist_ok=True)
    (folder / "setting.json").write_text(
        f'{{"tensors": [{tensors}],\n"recorded": {list(RECORDED)},\n"segments": {list(SEGMENTS)}}}\n')
    cases = [(name, *case) for name, cases in CASES.items() for case in cases]
    texts = {}
    for case in cases + [case for group in CASES_AROUND.values() for case in group]:
        texts.setdefault(case[0], []).append(case_text(*case))
    for name, text in texts.items():
        (folder / f"{name}.json").write_text("[" + ",\n".join(text) + "]\n")


if __name__ == "__main__":
    main()
