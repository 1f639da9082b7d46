#!/usr/bin/env python3
"""`descent check --schema` against the parser, by an independent validator; speaks TAP.

    test_schema.py DESCENT SOURCE-FOLDER

It accepts every spec that comes with the program and the resolved spec of every optimizer, schedule and model, and refuses
every bad spec of the tests but those below, which no schema of a single file can."""

import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ok, plan  # noqa: E402

try:
    import warnings

    warnings.simplefilter("ignore")
    import jsonschema
    import yaml_core
except ImportError as missing:
    print(f"1..0 # skip there is no {missing.name} for python3")
    sys.exit(0)

CANNOT = {
    "what keys of one layer or model say of each other":
        "conv-kernel-of-three conv-same-of-even-kernel conv-same-with-stride conv-without-kernel pool-padding-beyond-half "
        "pool-padding-beyond-half-within resnet-depth vgg-depth",
    "a key against another one": """best-without-validation digits-seed-elsewhere epochs-and-steps exponential-both
        exponential-neither milestones-falling momentum-schedule-without-momentum nesterov-with-dampening
        nesterov-without-momentum no-length plateau-per-step plateau-unknown-monitor plateau-without-validation
         augment-order augment-twice groups-no-decay groups-nothing groups-near groups-near-name trace-groups-nothing scale-numbers batch-beyond-largest expect-never expect-nothing largest-batch-of-lr second-monitor second-negative
         second-without-momentum dropout-of-nothing several-of-plan
         asgd-under-swa batch-norm-falls-to-one cautious-dog cautious-equations cautious-schedule-free cautious-without-momentum factor-of-no-lr
         lookahead-on-an-average skip-in-a-block stopping-on-no-momentum
         swa-of-open-length two-averages
        sequential-interval sequential-piece batch-without-end dampening-without-momentum decay-schedule-by-steps decay-schedule-of-no-decay gamma-of-triangular groups-shadowed groups-without-lr
        nesterov-momentum-falls-to-none cautious-momentum-falls-to-none init-weights-of-nothing split-seed-of-nothing
        split-seed-of-tail halving-too-many""",
    "other files": "extends-broken extends-itself extends-loop extends-missing",
    "YAML that leaves no trace in the tree": "anchor duplicate-key duplicate-nested duplicates tag line-end-next-line line-end-paragraph",
    "a null that drops what an extended spec has": "equations-without-values",
    "what stands in a text": "empty-dir equations-empty equations-folded equations-gaps equations-line-end equations-open-brackets equations-wrong-bracket equations-wrong-lines",
    "what JSON has no word for": "nan too-small-a-number expect-percent",
}
BEYOND = {name: why for why, names in CANNOT.items() for name in names.split()}

descent, source = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()


def run(*words):
    return subprocess.run([descent, *words], capture_output=True, text=True, check=False)


text = run("check", "--schema").stdout
ok(text == run("check", "--schema").stdout, "the same text each time")
schema = json.loads(text)
try:
    jsonschema.Draft202012Validator.check_schema(schema)
    ok(True, "a JSON Schema, draft 2020-12")
except jsonschema.SchemaError as wrong:
    ok(False, "a JSON Schema, draft 2020-12", wrong)
validator = jsonschema.Draft202012Validator(schema)


def errors(text):
    return "\n".join(f"{'.'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator.iter_errors(yaml_core.load(text)))


def refused(path):
    try:
        return errors(path.read_text(encoding="utf-8")) != ""
    except Exception:  # what is no YAML
        return True


good = sorted((source / "configs").rglob("*.yaml")) + [source / "tests/config/good.yaml"]
good += [p for p in sorted((source / "tests/train/reference").glob("*.yaml"))]
for path in good:
    wrong = errors(path.read_text(encoding="utf-8"))
    ok(not wrong, f"accepts {path.relative_to(source)}", wrong)

for path in sorted(p for p in (source / "tests/config/bad").glob("*.yaml") if ".tmp" not in p.name):  # those come and go
    if path.stem in BEYOND:
        ok(not refused(path), f"cannot refuse {path.stem}: {BEYOND[path.stem]}", "it does: take it out of the list")
    else:
        ok(refused(path), f"refuses {path.stem}")

def needed(section, name):
    """The keys that a kind has no defaults for, with some value."""
    given = {"exponential": ", gamma: 0.9", "lambda": ", expr: t", "multiplicative": ", expr: t",
             "equations": ", update: \"w = w - lr * g\"",
             "sequential": ", schedules: [linear, linear], milestones: [3]", "layers": ", layers: [flatten, {linear: 10}]"}
    if name in given:
        return given[name]
    kind = next(k for k in schema["$defs"][section]["anyOf"] if k.get("properties", {}).get("name") == {"const": name})
    whole = '"integer"'
    return "".join(f", {key}: {3 if whole in json.dumps(kind['properties'][key]) else 0.5}"
                   for key in kind.get("required", []) if key != "name")


# Every kind with all its keys written out, and with one too many.
for section, plural in (("optimizer", "optimizers"), ("scheduler", "schedulers"), ("model", "models"), ("average", "averages")):
    for name in re.findall("^[|] `([^`]+)` [|]", run("list", plural, "--format", "markdown").stdout, re.M):
        words = [str(source / "tests/config/good.yaml"), f"{section}={{name: {name}{needed(section, name)}}}"]
        words.insert(1, "optimizer=momentum" if section == "scheduler" else "scheduler=null")
        if name == "vgg":  # images of 28 x 28 are too small for it
            words.append("dataset={name: idx, dir: nowhere}")
        resolved = run("check", "--resolved", *words)
        if resolved.returncode != 0:
            ok(False, f"{section} {name} resolves", resolved.stderr)
            continue
        wrong = errors(resolved.stdout)
        ok(not wrong, f"accepts {section} {name} with every key", wrong)
        tree = yaml_core.load(resolved.stdout)
        (tree[section][0] if isinstance(tree[section], list) else tree[section])["no_such_key"] = 1
        ok(not validator.is_valid(tree), f"refuses a key too many in {section} {name}")

# Forms that are short for others, and the sections of sweeps and traces.
for title, good, text in (
        ("a name alone", True, "optimizer: adam\nmodel: softmax\ndataset: digits\nscheduler: cosine"),
        ("a truth value as an expression", True, "optimizer: adam\nscheduler: {name: lambda, expr: true}"),
        ("a name alone that needs a key", False, "optimizer: adam\nscheduler: step"),
        ("the default kind's keys", True, "optimizer: adam\nmodel: {hidden: [3]}"),
        ("keys without a name", False, "optimizer: {lr: 0.1}"),
        ("keys without a name, over another file", True, "extends: a.yaml\noptimizer: {lr: 0.1}"),
        ("keys of no kind, over another file", False, "extends: a.yaml\noptimizer: {learning: 0.1}"),
        ("layers", True, "optimizer: adam\nmodel: {name: layers, layers: [flatten, {linear: 75}, {dropout: null}, {linear: {out: 10}}]}"),
        ("a layer without its width", False, "optimizer: adam\nmodel: {name: layers, layers: [flatten, linear]}"),
        ("an optimizer from the grid", True, "sweep: {grid: {optimizer: [adam, sgd]}, seeds: 3}"),
        ("an empty axis", False, "optimizer: adam\nsweep: {grid: {seed: []}}"),
        ("a drawn axis", True, "optimizer: adam\nsweep: {random: {trials: 3, space: {optimizer.lr: {log_uniform: [1e-3, 1]}}}}"),
        ("no such distribution", False, "optimizer: adam\nsweep: {random: {trials: 3, space: {optimizer.lr: {normal: [1e-3, 1]}}}}"),
        ("brackets", True, "optimizer: adam\nsweep: {seeds: 9, halving: [{first: 1}, {first: 3, eta: 2}]}"),
        ("no brackets", False, "optimizer: adam\nsweep: {seeds: 9, halving: []}"),
        ("more members in a bracket than a sweep has", False, "optimizer: adam\nsweep: {seeds: 9, halving: {members: 100001}}"),
        ("a bracket's eta", False, "optimizer: adam\nsweep: {seeds: 9, halving: {eta: 1}}"),
        ("no such part of a sweep", False, "optimizer: adam\nsweep: {grids: {seed: [1]}}"),
        ("a trace alone", True, "trace: {optimizers: [{name: adam, scheduler: cosine}, sgd]}"),
        ("a trace alone takes no data", False, "trace: {function: beale}\ndataset: digits"),
        ("a trace's function", False, "trace: {function: rosenbrok}"),
        ("expectations", True, "optimizer: adam\nexpect: {test_accuracy: '>= 0.97', valid_loss: 0.2 +- 0.1}"),
        ("a whole number as text", False, "optimizer: adam\ntrain: {epochs: '3'}")):
    ok((errors(text) == "") == good, f"{'accepts' if good else 'refuses'} {title}", errors(text))
plan()
