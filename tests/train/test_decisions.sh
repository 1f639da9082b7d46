#!/bin/sh
# What a training decides on its way: when it stops, which epoch is the best, when it has diverged. What is expected is
# worked out here from the figures of a run that decides nothing. Speaks TAP.
#
#     test_decisions.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
own_folder

column() { # FOLDER COLUMN: epoch and value, a line each
    awk -F, -v c="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) k = i; next } { print $1, $k }' "$1/epochs.csv"
}

last_epoch() { # FOLDER
    tail -n 1 "$1/epochs.csv" | cut -d, -f1
}

cat >base.yaml <<'END'
dataset: {name: digits, train_limit: 200, test_limit: 100, validation: 100}
model: {name: mlp, hidden: [12]}
train: {epochs: 30, batch_size: 20}
optimizer: {name: sgd, lr: 0.9, momentum: 0.6}
seed: 5
END

# ---- early stopping ----

stops_at() { # COLUMN SIGN PATIENCE MIN_DELTA: SIGN 1 where more is better; the epoch after which no better one came
    column free "$1" | awk -v s="$2" -v p="$3" -v d="$4" '
        $1 == 0 { next }
        bad < p && (best == "" || s * ($2 - best) > d) { best = $2; bad = 0; last = $1; next }
        bad < p { bad++; last = $1 }
        END { print last }'
}

train free
stops=
for rule in 'valid_accuracy 1 1 0' 'valid_accuracy 1 2 0' 'valid_accuracy 1 4 0' 'valid_accuracy 1 2 0.04' 'valid_loss -1 1 0' \
    'valid_loss -1 3 0' 'valid_loss -1 3 0.1'; do
    # shellcheck disable=SC2086
    set -- $rule
    expected=$(stops_at "$@")
    train "stop-$1-$3-$4" "train.early_stopping={monitor: $1, patience: $3, min_delta: $4}"
    echo "expected the end after epoch $expected, not $(last_epoch "stop-$1-$3-$4")" >why
    [ "$code" -eq 0 ] && [ "$(last_epoch "stop-$1-$3-$4")" = "$expected" ]
    ok $? "early stopping by $1, patience $3, min_delta $4: after epoch $expected"
    stops="$stops $expected"
done
# shellcheck disable=SC2086
[ "$(printf '%s\n' $stops | sort -u | wc -l)" -ge 5 ]
ok $? "these rules stop at different epochs:$stops"

# Interrupted within the bad epochs, a run still counts those before.
expected=$(stops_at valid_accuracy 1 4 0)
train parts 'train.early_stopping={monitor: valid_accuracy, patience: 4, min_delta: 0}' "train.epochs=$((expected - 2))"
run resume parts -q train.epochs=30
echo "expected the end after epoch $expected, not $(last_epoch parts)" >why
[ "$code" -eq 0 ] && [ "$(last_epoch parts)" = "$expected" ]
ok $? "early stopping over a resume two epochs before the end: after epoch $expected"

# ---- the best epoch ----

best_of() { # FOLDER COLUMN SIGN: of the epochs from 1 on, the first of the best
    column "$1" "$2" | awk -v s="$3" '$1 > 0 && (best == "" || s * $2 > s * best) { best = $2; e = $1 } END { print e }'
}

train worse optimizer.lr=3 train.epochs=4 checkpoint.best=valid_loss
[ "$(column worse valid_loss | sort -k2 -g | head -n 1 | cut -d' ' -f1)" -eq 0 ]
ok $? 'a run that begins better than it ever becomes'
if command -v python3 >/dev/null; then
    [ "$(json worse/run.json 'j["metrics"]["best"]["epoch"]')" = "$(best_of worse valid_loss -1)" ]
    ok $? 'its best epoch is one that was trained'
    [ "$(json free/run.json 'j["metrics"]["best"]["epoch"]')" = "$(best_of free valid_accuracy 1)" ]
    ok $? 'of equally good epochs the earliest is the best'
else
    skip 'its best epoch is one that was trained' 'no python3'
    skip 'of equally good epochs the earliest is the best' 'no python3'
fi

# ---- the least first distance ----

# A smaller one would be lost in the weights' rounding, and the run stand still without a word.
for least in 'prodigy, d0: 1e-15' 'dadapt_adam, d0: 1e-15' 'dadapt_sgd, d0: 1e-15' 'dog, reps_rel: 1e-8' 'dowg, eps: 1e-16'; do
    train moved "optimizer={name: $least}" --force
    [ "$code" -eq 0 ] && [ "$(cell moved 0 train_loss)" != "$(cell moved 30 train_loss)" ]
    ok $? "$least: it still moves"
done

# ---- divergence: each way ----

diverges() { # TITLE MESSAGE ROWS KEY=VALUE ...
    title=$1 message=$2 rows=$3
    shift 3
    train end "$@" --force
    cp err why
    [ "$code" -eq 5 ] && grep -qF -- "$message" err && grep -q '"status": "diverged"' end/run.json &&
        [ "$(tail -n +2 end/epochs.csv 2>/dev/null | wc -l)" -eq "$rows" ] && ! grep -qi 'nan\|inf' end/epochs.csv
    ok $? "$title"
    for command in status report; do
        ends_with 0 "$title: $command" "$command" end
    done
}

diverges 'the loss of a minibatch' 'diverged in epoch 1 at update 2: the loss is not finite' 1 optimizer.lr=1e30
whole='train.batch_size=200'
diverges 'the loss in evaluation' 'diverged in epoch 1 at update 1: the loss in evaluation (train_loss) is not finite' 1 "$whole" \
    optimizer.lr=1e30
diverges 'of the validation set' 'diverged in epoch 1 at update 1: the loss in evaluation (valid_loss) is not finite' 1 "$whole" \
    optimizer.lr=1e30 evaluate.train=none
diverges 'of the test set at the end, whatever is expected of it' \
    'diverged in epoch 1 at update 1: the loss in evaluation (test_loss) is not finite' 1 "$whole" optimizer.lr=1e30 \
    evaluate.train=none dataset.validation=0 train.epochs=1 'expect={test_accuracy: ">= 0"}'
diverges 'a running statistic' 'diverged in epoch 1 at update 10: the value of model.2.running_var is not finite' 1 \
    model.batch_norm=true 'model.init={name: normal, std: 1e20}' evaluate.train=none dataset.validation=0 optimizer.lr=0
diverges 'what an optimizer remembers' 'diverged in epoch 1 at update 10: the value of optimizer.1.' 1 \
    'optimizer={name: yogi, lr: 1e12}' 'model.hidden=[64, 64]'
diverges 'before the first update' 'diverged before the first update: the loss in evaluation (train_loss) is not finite' 0 \
    'model.init={name: normal, std: 1e30}'

# Three matrices of which the last two are huge and the first is 0: the loss is log 10, the gradient of the first no number.
if command -v python3 >/dev/null; then
    python3 - <<'END'
import json
import struct
shapes = {'1.weight': (4, 784), '1.bias': (4,), '3.weight': (4, 4), '3.bias': (4,), '5.weight': (10, 4), '5.bias': (10,)}
values = {'3.weight': 1e30, '5.weight': 1e30}
header, data = {}, b''
for name, shape in shapes.items():
    n = shape[0] * (shape[1] if len(shape) > 1 else 1)
    v = [values.get(name, 0) * (1 + i % 3) for i in range(n)]
    header['model.' + name] = {'dtype': 'F32', 'shape': shape, 'data_offsets': [len(data), len(data) + 4 * n]}
    data += struct.pack('<%df' % n, *v)
text = json.dumps(header).encode()
open('huge.safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + data)
END
    diverges 'the gradient' 'diverged in epoch 1 at update 1: the gradient is not finite' 1 'model.hidden=[4, 4]' \
        model.activation=tanh model.init_from=huge.safetensors
else
    skip 'the gradient' 'no python3'
fi

plan
