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

# ---- schedules that lead to where no update can be made ----

# A plateau on the batch size makes epochs short, so that a run given in updates has more of them than were played before it,
# and one given in epochs reaches another epoch after the same updates.
cuts='{name: reduce_on_plateau, apply_to: batch_size, monitor: lr, mode: max, patience: 0, factor:'

stops() { # TITLE MESSAGE ADVICE ROWS FOLDER KEY=VALUE ...: exit 2, and what was trained is kept
    title=$1 message=$2 advice=$3 rows=$4
    shift 4
    train "$@"
    cp err why
    [ "$code" -eq 2 ] && grep -qF -- "$message" err && grep -qF -- 'reduce_on_plateau on the batch size decides it' err &&
        grep -qF -- "$advice" err && grep -q '"status": "failed"' "$1/run.json" && grep -q '"exit_code": 2' "$1/run.json" &&
        [ "$(wc -l <"$1/epochs.csv")" -eq "$rows" ] && [ -f "$1/checkpoints/last.safetensors" ]
    ok $? "$title"
    cp "$1/epochs.csv" before
    run resume "$1" -q
    { [ "$code" -eq 2 ] && cmp -s before "$1/epochs.csv"; }
    ok $? "$title: resumed as it is, it stops there again"
}

falls="{name: lambda, expr: '1 - epoch / 6'}"
stops 'an lr below 0' 'in epoch 8, cannot be made: scheduler lambda: at t = 7 the value is -' "'descent resume below train.steps=" 9 below \
    train.epochs=null train.steps=60 "scheduler=[$cuts 0.5}, $falls]"
at=$(tail -n 1 before | cut -d, -f2)
run resume below -q "train.steps=$at"
{ [ "$code" -eq 0 ] && grep -q '"status": "completed"' below/run.json && [ "$(cell below 7 step)" = "$at" ] &&
    [ -n "$(cell below 7 test_loss)" ]; }
ok $? 'an lr below 0: ended where it said, it is complete'
train short train.epochs=null "train.steps=$at" "scheduler=[$cuts 0.5}, $falls]"
{ [ "$code" -eq 0 ] && cmp -s below/epochs.csv short/epochs.csv; }
ok $? 'an lr below 0: as one that was asked for so long at once'
run verify below
exits 0 'an lr below 0: verified'
run resume below -q train.steps=+3
says 2 'at t = 7 the value is -0.15' 'an lr below 0: three updates more'
stops 'an lr that is not a number' 'scheduler lambda: at t = 7 the value is nan' "train.steps=" 9 nan \
    train.epochs=null train.steps=60 "scheduler=[$cuts 0.5}, {name: lambda, expr: sqrt(6 - epoch)}]"
stops 'a momentum above 1' 'the value is 1.02; it must be finite, not negative and below 1' 'train.steps=' 9 above \
    train.epochs=null train.steps=60 "scheduler=[$cuts 0.5}, {name: lambda, apply_to: momentum, expr: 1 + epoch / 10}]"
stops 'within an epoch of a run given in epochs' 'update 40, in epoch 5, cannot be made' 'another schedule takes another folder' 6 \
    inside train.epochs=6 "scheduler=[$cuts 0.9}, {name: lambda, interval: step, expr: 'if(epoch == 4 and step == 39, 0 - 1, 1)'}]"
! grep -q 'descent resume' err
ok $? 'within an epoch of a run given in epochs: none can end there'
stops 'a batch of one image' 'in epoch 5, the batch size is 1: batch norm cannot train' 'train.steps=' 6 alone model.batch_norm=true \
    train.epochs=null train.steps=60 \
    "scheduler=[$cuts 0.9}, {name: lambda, apply_to: batch_size, expr: 'if(epoch == 4 and step == 39, 64, 1)'}]"
stops 'an epoch without an update' 'larger than the training set of 200' 'train.epochs=4' 6 empty train.batch_size=220 train.epochs=9 \
    "scheduler=[$cuts 0.5}, {name: lambda, apply_to: batch_size, expr: '8'}]"
run resume empty -q train.epochs=4
exits 0 'an epoch without an update: ended before it'

run sweep base.yaml -q --no-plots -o members train.epochs=null train.steps=60 "scheduler=[$cuts 0.5}, $falls]" \
    'sweep={grid: {scheduler.1.expr: ["1 - epoch / 6", "1 - epoch / 99"]}}'
{ [ "$code" -eq 1 ] && [ "$(cut -d, -f2 members/members.csv | tr '\n' ' ')" = 'status failed completed ' ]; }
ok $? 'in a sweep it is a failed member beside others'

# ---- a length that a schedule decides and depends on ----

cosine='{name: cosine, apply_to: batch_size, min: 0.05}'
grows="scheduler=[$cosine, {name: lambda, expr: 1 - epoch / epochs}]"
train fits train.epochs=null train.steps=24 "$grows"
{ [ "$code" -eq 0 ] && [ "$(last_epoch fits)" = 4 ] && [ "$(cell fits 4 batch_size)" -gt 20 ]; }
ok $? 'four epochs fit, and four there are'
cp -r fits kept
# What is ahead is played from where the run stands: its first epochs are those of four.
run resume fits -q train.steps=+2
{ [ "$code" -eq 0 ] && grep -q 'no number fits: counting on 5, as it does here, they take 6' err && [ "$(last_epoch fits)" = 6 ]; }
ok $? 'two updates more, which fits no number of epochs: it counts on the nearest, and a warning says so'
cp err kept.err
run verify fits
exits 0 'and verified'
advice=$(sed -n 's/.*or take train.steps=\([0-9]*\) or train.steps=\([0-9]*\), which are .* and \([0-9]*\) epochs.*/\2 \3/p' kept.err)
run resume kept -q "train.steps=${advice% *}"
{ [ "$code" -eq 0 ] && ! grep -q 'no number fits' err && [ "$(last_epoch kept)" = "${advice#* }" ]; }
ok $? "as many as it said ($advice) make as many epochs as it said"
run verify kept
exits 0 'and verified'
train longer train.epochs=null train.steps=24 "scheduler=$cosine"
run resume longer -q train.steps=+3
exits 0 'three updates more, of the batch size alone'
run verify longer
exits 0 'and verified'
# From within an epoch, and of a run given in epochs: a rate that falls to the run's end is above 0 in its last epoch.
train within train.epochs=null train.steps=14 \
    'scheduler=[{name: lambda, apply_to: batch_size, interval: step, expr: 1 - 0.3 * t / T}, {name: lambda, expr: 1 - epoch / epochs}]'
run resume within -q train.steps=30
{ [ "$code" -eq 0 ] && grep -q '"images"' within/run.json && [ "$(cell within 4 step)" = 30 ] && [ "$(cell within 4 lr)" = 0.225 ]; }
ok $? 'lengthened within an epoch, the last of four epochs has a fourth of the rate'
run verify within
exits 0 'and verified'
train updates train.epochs=5 "scheduler=[{name: cosine, apply_to: batch_size, interval: step, min: 0.05}, {name: lambda, interval: step, expr: 'if(step < T, 1, 0 - 1)'}]"
exits 0 'what a schedule gives behind the last update does not matter'
run resume updates -q train.epochs=+6
{ [ "$code" -eq 0 ] && [ "$(last_epoch updates)" = 11 ]; }
ok $? 'lengthened by epochs, no update lies beyond T'
run verify updates
exits 0 'and verified'
run check base.yaml train.epochs=null train.steps=27 "$grows"
says 2 'counting on 4, as it does here, they take 7, on 5 they take 4' 'check refuses what run would'
train counted train.epochs=null train.steps=26 "scheduler=$cosine"
{ [ "$code" -eq 0 ] && grep -q 'warning: cosine on the batch size decides how many epochs 26 updates take, .* counting on 4, as it does here, they take 6' err &&
    [ "$(last_epoch counted)" = 6 ]; }
ok $? 'the batch size alone, where no number fits: it counts on the nearest, and a warning says so'
run verify counted
exits 0 'and verified'
run schedule base.yaml --no-plots train.epochs=null train.steps=29 "$grows"
{ [ "$code" -eq 0 ] && grep -q '^5 epochs, 29 updates' out; }
ok $? 'schedule shows the epochs that there will be'

# ---- what schedule shows of runs that are not whole epochs of single minibatches ----

run schedule base.yaml --text --ascii train.epochs=null train.steps=7 'scheduler={name: cosine, interval: step}'
{ [ "$code" -eq 0 ] && grep -q '^1 epoch, 7 updates' out && grep -q ' 0\.6 ' out && ! grep -q '\*\{20\}' out; }
ok $? 'schedule draws the updates of an epoch that is cut short, as far as they reach'
noise() { # KEYS: the noise scale of the first update
    run schedule base.yaml --no-plots "$@"
    sed -n '2s/.* //p' out
}
two=$(noise train.batch_size=40)
[ -n "$two" ] && [ "$(noise train.accumulate=2)" = "$two" ] && [ "$(noise)" != "$two" ]
ok $? "the noise scale is that of an update's images, of several minibatches where it has them"

# ---- the schedule that a run draws of itself ----

# followed NAME KEYS: base.yaml is run, and its schedule drawn in letters
followed() {
    name=$1
    shift
    run run base.yaml -q --no-plots -o "$name" train.epochs=3 train.steps=null "$@"
    run plot "$name" --kind schedule --text --ascii
}
followed waved 'scheduler={name: cosine, interval: step}'
{ [ "$code" -eq 0 ] && grep -q '^learning rate' out && ! grep -q '\*\{20\}' out; }
ok $? 'a rate that moved at every update is not drawn as one that was held for an epoch'
followed stepped 'scheduler={name: exponential, k: 1, interval: epoch}'
{ [ "$code" -eq 0 ] && grep -q '\*\{20\}' out; }
ok $? 'a rate that held for each epoch is drawn as such'

plan
