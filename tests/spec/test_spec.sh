#!/bin/sh
# Whole specs through the program: what is resolved is a spec that resolves to the same; files that extend others;
# overrides. Speaks TAP.
#
#     test_spec.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
configs=$(realpath "$(dirname "$0")/../../configs")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

resolve() { # OUTPUT SPEC [KEY=VALUE ...]
    output=$1
    shift
    timeout 20 "$descent" check --resolved "$@" >"$output" 2>err
}

again() { # SPEC TITLE: resolved, and the resolved resolved
    { resolve once.yaml "$1" && resolve twice.yaml once.yaml && diff once.yaml twice.yaml >why; }
    ok $? "$2 resolves to itself"
}

same() { # TITLE SPEC [KEY=VALUE ...]: as expected.yaml, but for the name
    title=$1
    shift
    { resolve expected name.yaml && resolve got "$@" name=name && diff expected got >why; }
    ok $? "$title"
}

# ---- every spec that comes with the program ----

find "$configs" -name '*.yaml' | sort >list
[ -s list ]
ok $? 'there are specs'
while read -r spec; do
    # paths in a spec are relative to the working directory, that of extends to the file
    again "$spec" "${spec#"$configs"/}"
done <list

# ---- others, with all that a spec may hold ----

spec() { # NAME, text on stdin
    cat >"$1.yaml"
    again "$1.yaml" "$1"
}

spec words <<'EOF'
name: "true"
description: |
  two lines, "quotes", a \ and: a colon # no comment
  - ä € 😀
optimizer: {name: adam, decay_exempt: bias}
dataset: {name: idx, dir: "with space/#x"}
EOF
spec numbers <<'EOF'
seed: 0x7FFFFFFFFFFFFFFF
optimizer: {name: adam, lr: 1.0000000000000002e-3, betas: [0, 0.9999999999999999], eps: 5e-324, weight_decay: 1e300}
dataset: {validation: 0.1}
train: {label_smoothing: .1, clip_norm: 1e-300, batch_size: 0o17}
EOF
spec crlf <<EOF
optimizer:$(printf '\r')
  name: sgd$(printf '\r')
  lr: 0.5$(printf '\r')
EOF
spec json <<'EOF'
{"optimizer": {"name": "sgd", "lr": 0.5}, "model": {"name": "mlp", "hidden": [30, 20], "dropout": [0.5, 0.25]},
 "plots": false, "scheduler": [{"name": "step", "every": 3}, {"name": "warmup"}], "average": null}
EOF
spec layers <<'EOF'
optimizer: nesterov
model:
  name: layers
  layers:
  - flatten
  - linear: {out: 30, bias: false}
  - batch_norm
  - gelu
  - dropout: 0.1
  - linear: 10
  init: {name: normal}
EOF
spec everything-off <<'EOF'
optimizer: momentum
dataset: {validation: 0}
train: {epochs: ~, steps: 7}
evaluate: {train: none, test: never}
checkpoint: {every: 0, keep: 0, best: ~}
plots: false
EOF
spec watching <<'EOF'
optimizer: {name: sgd, momentum: 0.9}
evaluate: {train: 100, test: every}
checkpoint: {best: valid_loss, every_steps: 5, every_seconds: 1.5}
train: {early_stopping: {monitor: train_loss}}
expect: {test_accuracy: ">= 0.97", test_loss: "0.1 +- 0.05", grad_norm: "< 1e3"}
scheduler:
  - {name: reduce_on_plateau, monitor: grad_norm, threshold_mode: abs}
  - {name: linear, interval: step, over: 100, apply_to: momentum}
  - {name: multistep, milestones: [3, 5], gamma: 0.5, apply_to: batch_size, max_batch_size: 1000}
EOF

# every kind by its bare name, where it has one: optimizers, schedules, models, averages, inits
for kind in optimizer scheduler average; do
    "$descent" list "${kind}s" 2>err | sed -n 's/^\([a-z_0-9][a-z_0-9]*\)  *.*/\1/p' >names
    [ -s names ]
    ok $? "there are ${kind}s"
    while read -r name; do
        {
            [ "$kind" = optimizer ] || printf 'optimizer: {name: sgd, momentum: 0.9}\n'
            printf '%s: %s\n' "$kind" "$name"
        } >"bare-$name.yaml"
        # some have keys without a default
        timeout 20 "$descent" check "bare-$name.yaml" >/dev/null 2>&1 || continue
        again "bare-$name.yaml" "$kind $name"
    done <names
done

# ---- extends ----

mkdir -p deep/er
cat >base.yaml <<'EOF'
name: base
seed: 1
dataset: {name: digits, seed: 4, validation: 100}
model: {name: mlp, hidden: [9, 8], init: {name: normal, std: 0.5}}
optimizer: {name: adam, lr: 0.1, eps: 1e-3}
scheduler: [{name: step, every: 3}, {name: warmup}]
train: {epochs: 5, batch_size: 32}
expect: {test_loss: "< 1"}
EOF
cat >deep/middle.yaml <<'EOF'
extends: ../base.yaml
seed: 2
dataset: {validation: 200}
optimizer: {name: sgd, momentum: 0.5}
train: {batch_size: 64}
EOF
cat >deep/er/top.yaml <<'EOF'
extends: ../middle.yaml
model: {hidden: [7], init: zeros}
optimizer: {lr: 0.3}
scheduler: {name: exponential, gamma: 0.9}
train: {epochs: 6}
expect: {test_accuracy: "> 0"}
EOF
cat >name.yaml <<'EOF'
seed: 2
dataset: {name: digits, seed: 4, validation: 200}
model: {name: mlp, hidden: [7], init: zeros}
optimizer: {name: sgd, momentum: 0.5, lr: 0.3}
scheduler: {name: exponential, gamma: 0.9}
train: {epochs: 6, batch_size: 64}
expect: {test_loss: "< 1", test_accuracy: "> 0"}
EOF
same 'a file over a file over a file' deep/er/top.yaml
(cd deep/er && resolve ../../got top.yaml name=name) && diff expected got >why
ok $? 'extends is relative to the file, wherever the program stands'
resolve got deep/er/top.yaml && [ "$(head -n 1 got)" = 'name: base' ]
ok $? 'a name is inherited'
again deep/er/top.yaml 'what extends'
! grep -q extends once.yaml
ok $? 'nothing is left of extends'

cat >name.yaml <<'EOF'
seed: 3
dataset: {name: digits, seed: 4, validation: 200}
model: softmax
optimizer: {name: sgd, momentum: 0.25, lr: 0.3}
scheduler: {name: exponential, gamma: 0.5}
train: {epochs: 1, batch_size: 64}
expect: {test_loss: "< 1", test_accuracy: "> 0"}
EOF
same 'overrides go over all files' deep/er/top.yaml seed=3 model=softmax optimizer.momentum=0.25 scheduler.0.gamma=0.5 \
    train.epochs=1

# ---- the order of keys ----

cat >name.yaml <<'EOF'
seed: 5
dataset: {name: digits, validation: 50, scale: standard}
model: {name: mlp, hidden: [5], activation: tanh}
optimizer: {name: sgd, lr: 0.5, momentum: 0.5}
scheduler: [{name: step, every: 2, gamma: 0.5}, {name: warmup, over: 3}]
train: {epochs: 2, batch_size: 16}
EOF
cat >reversed.yaml <<'EOF'
train: {batch_size: 16, epochs: 2}
scheduler: [{gamma: 0.5, every: 2, name: step}, {over: 3, name: warmup}]
optimizer: {momentum: 0.5, lr: 0.5, name: sgd}
model: {activation: tanh, hidden: [5], name: mlp}
dataset: {scale: standard, validation: 50, name: digits}
seed: 5
EOF
same 'keys in the other order' reversed.yaml

# ---- overrides ----

echo 'optimizer: adam' >bare.yaml
same 'a spec made of overrides' bare.yaml seed=5 dataset=digits dataset.validation=50 dataset.scale=standard \
    'model={name: mlp, hidden: [5]}' model.activation=tanh optimizer=sgd optimizer.lr=0.5 optimizer.momentum=.5 \
    'scheduler=[{name: step, every: 2, gamma: 0.5}, {name: warmup}]' scheduler.1.over=3 train.epochs=2 train.batch_size=0x10
same 'overrides that say the same' name.yaml seed=5 optimizer.name=sgd model.name=mlp 'model.hidden=[5]' \
    scheduler.0.name=step
resolve one name.yaml && resolve got one optimizer.lr=0.25 && resolve expected name.yaml optimizer.lr=0.25 name=name &&
    diff expected got >why
ok $? 'the resolved spec takes overrides as the spec does'

# ---- how the values of overrides are read ----

printf 'optimizer: {name: sgd, lr: 0.5}\nmodel: {name: mlp, hidden: [8]}\ndataset: digits\n' >words.yaml
resolved() { # LINE OVERRIDE ...
    line=$1
    shift
    "$descent" check --resolved words.yaml "$@" >got 2>err && grep -qxF -- "$line" got
    ok $? "$*: $line"
}
resolved 'name: "exp #1"' 'name=exp #1'
resolved 'name: words' name=null
resolved 'name: "null"' "name='\"null\"'" "name=\"null\""
resolved 'description: "see \"fig\" # 3"' 'description=see "fig" # 3'
resolved 'expect: {test_accuracy: ">= 0.1"}' 'expect.test_accuracy=>= 0.1'
resolved '  hidden: [8, 4, 2]' model.hidden+=4 'model.hidden+=[2]'
resolved '  hidden: [100]' '~model.hidden'
resolved '  lr: 0.1' '~optimizer.lr'
HOME=/some/where resolved '  dir: /some/where/data' 'dataset.dir=~/data'
resolved '  validation: 6000'
resolved '  validation: null' dataset.folds=5 dataset.fold=4

# ---- equations over equations ----

cat >equations.yaml <<'E'
dataset: digits
model: {name: mlp, hidden: [8]}
optimizer:
  name: equations
  with: {beta: 0.9, k: 1e-3}
  state: {m: 0}
  update: |
    m = beta * m + g
    w = w - lr * (m + k * w)
E
over() { # TITLE, then a spec that extends it
    { printf 'extends: equations.yaml\n' && cat; } >over.yaml
    "$descent" check over.yaml >out 2>err
    ok $? "$1"
}
over 'a constant may be called as a state that is dropped' <<'E'
optimizer:
  with: {beta: null, k: null, m: 0.9}
  state: {m: null, u: 0}
  update: "u = m * u + g\nw = w - lr * u"
E
over 'constants of the file below need not be used by another update' <<'E'
optimizer: {with: {c: 1}, update: "m = c * g\nw = w - lr * m"}
E
over 'nor by those of a sweep' <<'E'
sweep:
  grid:
    optimizer:
    - {name: equations, with: {c: 1}, update: "m = c * g\nw = w - lr * m"}
    - {name: sgd}
E
once() { # ERROR OVERRIDE: one error, and none that follows from it
    "$descent" check equations.yaml "$2" >out 2>err
    [ $? -eq 2 ] && [ "$(grep -c ': error: ' err)" -eq 1 ] && grep -q "$1" err
    ok $? "$2: $1"
}
once "'m' stands under 'with' too" optimizer.with.m=1
once "'beta' stands under 'with' too" optimizer.state.beta=1

# ---- what no equation reads ----

cat >unread.yaml <<'E'
dataset: {name: digits, train_limit: 640, test_limit: 16, validation: 16}
model: {name: mlp, hidden: [8]}
optimizer: {name: equations, update: w = w - 0.01 * sign(g)}
E
says() { # CODE LINE ARGUMENT ...: descent's exit code and what it says
    want=$1 line=$2
    shift 2
    "$descent" "$@" >out 2>err
    code=$?
    [ "$code" -eq "$want" ] && grep -qF -- "$line" err
    ok $? "$*: $line"
}
says 2 "no line of optimizer.update reads 'lr'" check unread.yaml optimizer.lr=0.1
says 2 "no line of optimizer.update reads 'momentum'" check unread.yaml optimizer.momentum=0.5
says 2 "no line of optimizer.update reads 'weight_decay'" check unread.yaml optimizer.weight_decay=0.5
says 2 "no line of 'update' reads lr" lr-range unread.yaml
says 0 "warning: the scheduler moves 'lr'" check unread.yaml 'scheduler={name: cosine}'
says 0 'warning: optimizer.groups has factors' check unread.yaml 'optimizer.groups=[{tensors: [bias], lr: 0.5}]'
sed 's/update:/momentum: 0.5, update:/' unread.yaml >set.yaml
says 0 'warning: optimizer.momentum is 0.5' check set.yaml
{ cat unread.yaml && echo 'sweep: {grid: {optimizer.lr: [0.1, 0.01]}}'; } >axis.yaml
says 0 "warning: the axis 'optimizer.lr' has no effect" check axis.yaml
cat >pieces.yaml <<'END'
dataset: {name: digits, train_limit: 200, test_limit: 100}
model: {name: mlp, hidden: [4]}
train: {epochs: 1, batch_size: 20}
optimizer: sgd
scheduler:
  name: sequential
  interval: step
  schedules:
    - warmup
    - {name: cosine, interval: epoch}
  milestones: [5]
END
says 0 "pieces.yaml:10:32: 'interval: epoch' of this schedule has no effect" check pieces.yaml
says 0 "pieces.yaml:10:32: 'interval: epoch' of this schedule has no effect" run pieces.yaml -o pieces -q
for given in 'verify pieces -q' 'check pieces/spec.yaml' 'check pieces.yaml ~scheduler.schedules.1.interval'; do
    # shellcheck disable=SC2086
    "$descent" $given >out 2>err && ! grep -q 'no effect' err
    ok $? "nothing is said of an interval that nobody gave: $given"
done
sed 's/0.01 [*]/lr */' axis.yaml >reads.yaml
sed 's/update:/groups: [{tensors: [bias], lr: 0}], update:/' unread.yaml >freezes.yaml
for given in unread.yaml reads.yaml freezes.yaml; do
    "$descent" check "$given" >out 2>err && [ ! -s err ]
    ok $? "nothing is said of $given"
done

# ---- what a spec cannot be ----

for path in '' nowhere.yaml deep; do
    "$descent" check --resolved "$path" >got 2>err
    [ $? -eq 2 ] && [ ! -s got ]
    ok $? "no spec: '$path'"
done
plan
