"""Specs drawn at random: small runs on the synthetic digits with any optimizer, schedule, layer and ending. For kill-test."""

import re
import subprocess

ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softplus", "identity")
# What an optimizer's lr is drawn around, where 0.003 would do little or too much.
RATES = {"sgd": 0.1, "momentum": 0.05, "nesterov": 0.05, "gains": 0.02, "rprop": 0.01, "adagrad": 0.02, "adadelta": 1, "lars": 1,
         "lion": 0.001, "schedule_free_sgd": 1, "prodigy": 1, "muon": 0.02, "asgd": 0.1, "signum": 0.001, "dadapt_adam": 1,
         "dadapt_sgd": 1, "dog": 1, "dowg": 1, "shampoo": 0.003}
# These decompose a square matrix as wide as a layer's input: seconds for the pixels of an image, so they see it 4 times smaller.
SLOW_WHERE_WIDE = ("shampoo", "soap")
# Of equations' tensors: each of these is finite where its arguments are.
ONE = ("sqrt(abs(%s))", "abs(%s)", "sign(%s)", "tanh(%s)", "-%s", "exp(-abs(%s))", "log(1 + abs(%s))", "(%s)^2", "floor(10 * %s)")
TWO = ("%s + %s", "%s - %s", "%s * %s", "%s / (abs(%s) + 0.1)", "max(%s, %s)", "min(%s, %s)", "%s * 0.5 + %s", "(%s)^2 + %s")
MONITORS = ["valid_loss", "valid_accuracy", "batch_loss", "last_batch_loss", "grad_norm"]


class RandomSpec:
    """r: a random.Random; names: of a kind, by its word for `descent list`."""

    def __init__(self, descent, r):
        self.r, self.descent, self.listed = r, descent, {}

    def names(self, kind):
        if kind not in self.listed:
            text = subprocess.run([self.descent, "list", kind, "--format", "markdown"], stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True).stdout
            self.listed[kind] = re.findall("^[|] `([^`]+)` [|]", text, re.M)
        return self.listed[kind]

    def maybe(self, share, *texts):
        return [self.r.choice(texts)] if self.r.random() < share else []

    def text(self):
        self.optimizer_name = self.r.choice(self.names("optimizers"))
        sections = [f"seed: {self.r.randrange(2**40)}", self.dataset(), self.model(), self.train(), self.optimizer(),
                    *self.maybe(0.7, self.schedulers()), *self.maybe(0.3, "average: {name: ema, decay: 0.9}", "average: {name: swa, start: 0.5}"),
                    f"evaluate: {{train: {self.r.choice(['full', 'none', 50])}, test: {self.r.choice(['end', 'every', 'never'])}, "
                    f"batch_size: {self.r.choice([7, 64, 1000])}}}",
                    self.checkpoint(), f"log: {{steps: {self.r.choice([0, 1, 4])}}}", "plots: false"]
        return "\n".join(sections) + "\n"

    def dataset(self):
        r = self.r
        return (f"dataset: {{name: digits, seed: {r.randrange(100)}, train_limit: {r.choice([130, 257, 400])}, test_limit: {r.choice([30, 77])}, "
                f"validation: {r.choice([0, 40, 0.1, 60])}, validation_split: {r.choice(['tail', 'random', 'stratified'])}, "
                f"scale: {r.choice(['unit', 'standard', 'none'])}{self.augment()}}}")

    def augment(self):
        """Of a program that has them; sparse input is then not to be had."""
        self.augmented = False
        if "crop" not in self.names("augmentations") or self.r.random() < 0.6:
            return ""
        chosen = [*self.maybe(0.7, "{crop: {padding: 2}}"), *self.maybe(0.5, "flip"), *self.maybe(0.5, "{cutout: {size: 5}}")]
        self.augmented = bool(chosen)
        return f", augment: [{', '.join(chosen)}]"

    def model(self):
        r = self.r
        smaller = ["{avg_pool: {size: 4}}"] if self.optimizer_name in SLOW_WHERE_WIDE else []
        init = r.choice([n for n in self.names("inits") if n != "zeros"])
        layers = f"layers, layers: [{', '.join(smaller + self.layers())}]"
        form = r.choice(["softmax", f"mlp, hidden: {[r.choice([5, 16, 17, 33]) for _ in range(r.randint(1, 3))]}, "
                                    f"activation: {r.choice(self.activations())}, batch_norm: {r.choice(['true', 'false'])}, "
                                    f"dropout: {r.choice([0, 0.3])}", layers])
        if "conv" in self.names("layers") and r.random() < 0.3:
            return f"model: {{name: layers, layers: [{', '.join(smaller + self.images())}], init: {init}}}"
        form = layers if smaller else form
        return f"model: {{name: {form}, init: {init}, sparse_input: {r.choice(['auto', 'auto' if self.augmented else 'on', 'off'])}}}"

    def activations(self):
        return [n for n in self.names("layers") if n in ACTIVATIONS]

    def images(self):
        """Layers of images: some with a way around them, few channels, so that a run stays short."""
        r, channels = self.r, self.r.choice([3, 5, 16, 17])
        conv = f"{{conv: {{out: {channels}, kernel: {r.choice([1, 2, 3])}, stride: 2, padding: {r.choice([0, 1])}}}}}"
        pool = r.choice(["{max_pool: {size: 2}}", "{max_pool: {size: 3, stride: 2, padding: 1, ceil: true}}", "{avg_pool: {size: 2}}"])
        inner = f"{{conv: {{out: {channels}, kernel: 3, padding: same, bias: {r.choice(['true', 'false'])}}}}}"
        around = f"{{residual: {{layers: [{inner}, {r.choice(['batch_norm', 'layer_norm'])}, relu], shortcut: {r.choice(['identity', 'pad', 'conv'])}}}}}"
        found = [conv, *self.maybe(0.5, "batch_norm", "{group_norm: {groups: 1}}"), r.choice(self.activations()), *self.maybe(0.7, pool),
                 *self.maybe(0.6, around), *self.maybe(0.3, "{dropout: 0.2}"), *self.maybe(0.3, "global_avg_pool")]
        return [*found, "flatten", "{linear: 10}"]

    def layers(self):
        found = ["flatten"]
        for _ in range(self.r.randint(0, 2)):
            found += [f"{{linear: {{out: {self.r.choice([7, 16, 20])}, bias: {self.r.choice(['true', 'false'])}}}}}", *self.maybe(0.5, "batch_norm"),
                      self.r.choice(self.activations()), *self.maybe(0.4, "{dropout: 0.2}")]
        return [*found, "{linear: 10}"]

    def train(self):
        r = self.r
        keys = [r.choice([f"epochs: {r.randint(1, 5)}", f"epochs: {r.randint(1, 5)}", f"steps: {r.randint(3, 60)}"]),
                f"batch_size: {r.choice([5, 16, 20, 32])}", f"sampler: {r.choice(['shuffle', 'shuffle', 'sequential', 'stratified'])}",
                f"drop_last: {r.choice(['true', 'false'])}", *self.maybe(0.3, "label_smoothing: 0.1"),
                *self.maybe(0.5, "clip_norm: 1", "clip_value: 0.1"), *self.maybe(0.3, "accumulate: 2", "accumulate: 3"),
                *self.maybe(0.3, f"early_stopping: {{monitor: {r.choice(MONITORS[:3])}, patience: {r.randint(1, 2)}}}")]
        return f"train: {{{', '.join(keys)}}}"

    def optimizer(self):
        r, name = self.r, self.optimizer_name
        keys = [f"name: {name}", *self.maybe(0.8, f"lr: {RATES.get(name, 0.003) * 10 ** r.uniform(-1, 1):.3g}"),
                *(self.maybe(0.3, "weight_decay: 0.001") if name not in ("rprop", "fromage") else [])]
        if "crop" in self.names("augmentations"):  # groups came with them
            keys += self.maybe(0.3, "groups: [{tensors: [bias], lr: 2}]", "groups: [{tensors: ['*.weight'], lr: 0.5}, {tensors: ['*'], lr: 0}]")
        if name == "sgd":
            keys += self.maybe(0.5, "momentum: 0.9", "momentum: 0.5, nesterov: true", "momentum: 0.9, dampening: 0.2")
        if name in ("adam", "adamw"):
            keys += self.maybe(0.4, "amsgrad: true")
        if name in ("adam", "adamw", "nadam", "radam", "adamax", "lamb", "adabelief", "swats"):
            keys += self.maybe(0.4, "betas: [0, 0.9]", "betas: [0.5, 0.99]")
        if name == "rmsprop":
            keys += self.maybe(0.5, "centered: true", "momentum: 0.9")
        if name == "equations":
            keys += self.equations()
        if name in ("adam", "adamw", "lion", "momentum", "msvag"):
            keys += self.maybe(0.3, "cautious: true")
        if name not in ("asgd", "schedule_free_sgd", "schedule_free_adamw", "prodigy", "dadapt_sgd"):
            keys += self.maybe(0.2, "lookahead: {steps: 3, alpha: 0.6}")
        self.decays = any(key.startswith("weight_decay") for key in keys)
        return f"optimizer: {{{', '.join(keys)}}}"

    def equations(self):
        """Lines that make tensors in any order, some of them again, and move w by a little."""
        r, names = self.r, ["g", "w", "u"]
        states, others = [f"s{i}" for i in range(r.randint(0, 3))], [f"u{i}" for i in range(r.randint(1, 3))]
        names += states
        lines, order = ["u = beta * g + weight_decay * w"], [*states, *others, "w", *r.choices([*states, *others, "w"], k=r.randint(0, 4))]
        r.shuffle(order)
        for name in order:
            value = f"tanh({self.expression(names, r.randint(1, 3))})"
            lines.append(f"{name} = " + (f"w - lr * {value}" if name == "w" else r.choice([value, f"beta * {name} + {value}"]) if name in states else value))
            names += [name] if name in others else []
        first = ", ".join(f"{s}: {r.choice(['0', '1', 'w'])}" for s in states)
        text = "\\n".join(lines)
        return [f"with: {{beta: 0.9}}, state: {{{first}}}", f'update: "{text}"']

    def expression(self, names, depth):
        r, of = self.r, lambda: f"({self.expression(names, depth - 1)})"
        if depth == 0:
            return r.choice([*names, *names, "t", "lr", "0", "0.3"])
        return r.choice([lambda: r.choice(ONE) % of(), lambda: r.choice(TWO) % (of(), of()), lambda: r.choice(TWO) % (of(), of()),
                         lambda: f"if({of()} {r.choice(['<', '>=', '=='])} {of()}, {of()}, {of()})",
                         lambda: f"{r.choice(['sum', 'norm', 'max', 'mean'])}({r.choice(names)})"])()

    def schedulers(self):
        # of a weight decay of 0 a schedule is refused
        targets = ["", "", "batch_size", "momentum", "weight_decay" if self.decays else ""]
        entries = [self.scheduler(self.r.choice(targets)) for _ in range(self.r.randint(1, 3))]
        return f"scheduler: [{', '.join(entries)}]" if self.r.random() < 0.5 else f"scheduler: {self.scheduler('')}"

    def scheduler(self, target):
        r = self.r
        step = r.random() < 0.4
        most = 20 if step else 2
        n, keys = r.randint(1, most), r.choice(["", ", interval: step"]) if step else ""
        keys += f", apply_to: {target}" if target else ""
        form = r.choice([f"exponential, gamma: {r.uniform(0.7, 0.99):.3g}", f"step, every: {n}, gamma: 0.6", "halving, every: 2",
                         f"multistep, milestones: [{n}, {n + most}], gamma: 0.5", "cosine", "inverse, k: 0.1", f"warmup, over: {n}, start: 0.1",
                         f"linear, over: {n}", f"polynomial, power: 2, over: {n}", f"cosine_restarts, first: {n}", "one_cycle, max_lr: 0.1",
                         f"cyclic, base_lr: 0.01, max_lr: 0.1, step_size_up: {n}, cycle_momentum: false", "inverse_sqrt", "wsd",
                         f"noam, warmup: {n}", f"sigmoid, gamma: 0.5, step: {n}", "lambda, expr: '0.9 ** t'", "multiplicative, expr: '0.9'",
                         f"sequential, schedules: [{{name: warmup, over: {n}}}, {{name: exponential, gamma: 0.9}}], milestones: [{n}]",
                         f"reduce_on_plateau, monitor: {r.choice(MONITORS)}, mode: {r.choice(['min', 'max'])}, patience: {r.randint(0, 1)}, "
                         f"threshold: {r.choice([0, 0.1, 0.3])}"])
        return f"{{name: {form}{keys}}}"

    def checkpoint(self):
        r = self.r
        return (f"checkpoint: {{every: {r.choice([0, 1, 2])}, every_steps: {r.choice(['null', 3, 7])}, keep: {r.choice([0, 1, 3])}"
                f"{r.choice(['', ', best: null', ', last: false'])}}}")
