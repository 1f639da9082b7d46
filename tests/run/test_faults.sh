#!/bin/sh
# The whole program where the system gives out: no memory, interrupted system calls, a disk that is really full; speaks TAP.
#
#     test_faults.sh DESCENT CRASH-MODULE STARVE-MODULE          STRIDE=1: at every allocation, not at some
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
crash=$(realpath "$2")
starve=$(realpath "$3")
# mounts of its own, which end with it; without root as far as the system lets users have them
if [ -z "${DESCENT_OWN_MOUNTS:-}" ]; then
    for how in -m -rm; do
        if unshare "$how" true 2>/dev/null; then
            DESCENT_OWN_MOUNTS=yes exec unshare "$how" -- "$0" "$descent" "$crash" "$starve"
        fi
    done
fi
own_folder
trap 'umount "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT

train() { # MODULE FOLDER: with VARIABLE=VALUE ... before it, for the module
    code=0
    LD_PRELOAD=$1 "$descent" run small.yaml -q --no-plots -o "$2" >out 2>err </dev/null || code=$?
}

# ---- images of four pixels, so that a checkpoint is a few kilobytes ----

mkdir data
set_of train 72
set_of t10k 20
# every kind of state: moments, batch norm, dropout, a plateau, an average, checkpoints within epochs
cat >small.yaml <<'END'
dataset: {name: idx, dir: data, validation: 12}
model: {name: mlp, hidden: [3], batch_norm: true, dropout: 0.3}
train: {epochs: 3, batch_size: 10}
optimizer: {name: adam, lr: 0.005, amsgrad: true}
scheduler: {name: reduce_on_plateau, monitor: last_batch_loss, patience: 0, threshold: 0.2}
average: {name: ema, decay: 0.9}
checkpoint: {every_steps: 4, keep: 2}
log: {steps: 1}
END
train '' whole
[ "$code" -eq 0 ] && [ "$(wc -l <whole/steps.csv)" -eq 19 ]
ok $? 'an undisturbed run'

# ---- no memory ----

cat >wide.yaml <<'END'
dataset: {name: digits, train_limit: 100, test_limit: 10, validation: 10}
model: {name: mlp, hidden: [1000]}
train: {epochs: 1, batch_size: 10}
optimizer: sgd
plots: false
END
says_memory() { # MB KEY=VALUE ...: for optimizer and averages of 807,296 stored weights, 3.2 MB a number
    want=$1
    shift
    "$descent" check wide.yaml --layers "$@" >out 2>err </dev/null
    code=$?
    [ "$code" -eq 0 ] && grep -q "^        (of them $want MB for the optimizer and averages)$" out
    ok $? "check --layers: $want MB with $*"
}
says_memory 0.0 optimizer=sgd
says_memory 6.5 optimizer=adam
says_memory 9.7 'optimizer={name: adam, amsgrad: true}'
says_memory 9.7 'optimizer={name: adam, lookahead: {steps: 5}}'
says_memory 9.7 optimizer=adam 'average={name: ema}'
says_memory 9.7 optimizer=adam train.sam.rho=0.05

cat >pairs.yaml <<'END'
dataset: {name: digits, train_limit: 100, test_limit: 10, validation: 10}
model:
  name: layers
  layers:
    - {conv: {out: 4, kernel: [3, 5], stride: [1, 2], padding: [0, 2]}}
    - {max_pool: {size: 2, stride: [1, 2], padding: [0, 1]}}
    - flatten
    - {linear: 10}
train: {epochs: 1, batch_size: 10}
optimizer: sgd
END
"$descent" check pairs.yaml --layers >out 2>err </dev/null
code=$?
[ "$code" -eq 0 ] && grep -q '3 x 5 / 1 x 2, padding 0 x 2 ' out && grep -q ' 2 x 2 / 1 x 2, padding 0 x 1 ' out
ok $? 'check --layers: strides and paddings of rows and of columns'
"$descent" check pairs.yaml --layers 'model={name: resnet, depth: 8}' >out 2>err </dev/null
code=$?
[ "$code" -eq 0 ] && [ "$(sed '/^memory/,$d' out | awk '{ print length($0) }' | sort -u | wc -l)" -eq 1 ]
ok $? 'check --layers: one width for all rows of a residual net'
all_memory() { # KEY=VALUE ...
    "$descent" check pairs.yaml --layers train.batch_size=100 "$@" 2>err </dev/null | sed -n 's/^memory: \([0-9.]*\) MB.*/\1/p'
}
one=$(all_memory threads=1) four=$(all_memory threads=64)
[ -n "$one" ] && [ "${four%.*}" -gt "${one%.*}" ]
ok $? 'check --layers: memory of as many threads as the spec has'
wide='{name: mlp, hidden: [1, 100000], batch_norm: true}' # its running statistics take 0.8 MB
ema=$(all_memory "model=$wide" 'average={name: ema, decay: 0.9}') swa=$(all_memory "model=$wide" average=swa)
awk -v ema="$ema" -v swa="$swa" 'BEGIN { exit !(ema > 0 && swa - ema > 0.75 && swa - ema < 0.85) }'
ok $? 'check --layers: memory of an average that has batch-norm statistics of its own'

STARVE_COUNT=least LD_PRELOAD=$starve "$descent" --version >out 2>err </dev/null
STARVE_COUNT=most train "$starve" counted
if [ "$code" -ne 0 ] || [ "$(cat most)" -le "$(cat least)" ]; then
    skip 'out of memory' 'the allocator of a sanitizer stands before ours'
else
    # A batch system's limit on address space, in which threads of a library found no room and were waited for.
    (ulimit -v 100000 && OPENBLAS_NUM_THREADS=2 timeout -s KILL 30 "$descent" list optimizers >out 2>err </dev/null)
    code=$?
    [ "$code" -eq 0 ] && [ -s out ]
    ok $? 'a command in 100 MB of addresses ends'
    (ulimit -v 700000 && "$descent" run wide.yaml -q -o large model.hidden=[6000] optimizer=shampoo >out 2>err </dev/null)
    code=$?
    { [ "$code" -eq 4 ] && grep -q "the optimizer.s state takes 2.0 GB beside the .* GB of the model and its batches, but the machine has 0.7 GB" err && [ ! -e large ]; }
    ok $? 'an optimizer whose state does not fit is refused before it is made'
    # what the libraries take before main is theirs to miss
    from=$(($(cat least) + 1)) to=$(cat most) bad=''
    step=$((${STRIDE:-(to - from) / 60} > 0 ? ${STRIDE:-(to - from) / 60} : 1))
    at=$from
    while [ "$at" -lt "$to" ]; do
        rm -rf starved
        STARVE_AT=$at train "$starve" starved
        if [ "$code" -eq 4 ]; then
            grep -q 'out of memory\|Cannot allocate memory' err || bad="$bad $at:silent"
        else
            # only at the very end can a run do without
            { [ "$code" -eq 0 ] && [ "$at" -gt $((to - 100)) ]; } || bad="$bad $at:$code"
        fi
        train '' starved
        { [ "$code" -eq 0 ] && same whole starved; } || bad="$bad $at"
        at=$((at + step))
    done
    printf 'wrong without memory from allocation%s of %s\n' "$bad" "$to" >why
    [ -z "$bad" ]
    ok $? "no memory from some allocation on: exit 4 and a message, and the next run resumes from what is there"
fi

# ---- interrupted system calls ----

CRASH_COUNT=quiet CRASH_UNDER=$work/counted2 train "$crash" "$work/counted2"
CRASH_COUNT=loud CRASH_HOW=signals CRASH_UNDER=$work/interrupted train "$crash" "$work/interrupted"
{ [ "$code" -eq 0 ] && [ ! -s err ] && same whole interrupted; }
ok $? 'every open, read, write and fsync interrupted and short: the same run'
[ "$(cat loud)" -gt $((2 * $(cat quiet))) ]
ok $? 'and there were more of them'

# ---- files that are there and that the system does not give ----

CRASH_AT=$(($(cat quiet) / 2)) CRASH_UNDER=$work/short train "$crash" "$work/short"
listed() { # a killed process's lock and what it was writing may go
    find short -type f ! -name '*.tmp' ! -name .lock -exec sha256sum {} + | sort
}
listed >before
for file in run.json last.safetensors; do
    for command in 'resume short' 'run small.yaml -o short' 'status short'; do
        [ "$file $command" != 'last.safetensors status short' ] || continue
        code=0
        # shellcheck disable=SC2086
        CRASH_WITHHELD=/$file LD_PRELOAD=$crash "$descent" $command >out 2>err </dev/null || code=$?
        listed | diff before - >why && [ "$code" -eq 4 ] && grep -q "/$file: Too many open files" err && ! grep -q 'remove\|put it back\|--force' err
        ok $? "$command: $file cannot be opened: exit 4, no word of removing it, nothing changed"
    done
done
train '' short
[ "$code" -eq 0 ] && same whole short
ok $? 'and once it can, the run resumes'

# A diverged run's last checkpoint is one that the spec asked for. Which that is cannot be told of one that is not read.
cat >diverges.yaml <<'END'
dataset: {name: digits, train_limit: 300, test_limit: 50, validation: 50}
model: {name: mlp, hidden: [8]}
train: {epochs: 5, batch_size: 50}
optimizer: {name: sgd, lr: 0.1}
scheduler: {name: lambda, expr: 'if(epoch < 3, 1, 1e30)'}
plots: false
END
code=0
"$descent" run diverges.yaml -q -o apart >out 2>err </dev/null
CRASH_WITHHELD=/last.safetensors LD_PRELOAD=$crash "$descent" run diverges.yaml -q -o diverges >out 2>err </dev/null || code=$?
[ "$code" -eq 5 ] && cmp apart/checkpoints/last.safetensors diverges/checkpoints/last.safetensors >why 2>&1
ok $? 'a diverged run keeps the last checkpoint, which it could not read'

# ---- a member without room ----

# Where its run.json can be written, it has failed: what it says must not lead to a command that leaves it so.
{ cat small.yaml && printf 'sweep: {seeds: 2}\n'; } >members.yaml
bad='' retried=0
for at in 20 40 60; do
    rm -rf roomless
    CRASH_HOW=28 CRASH_AT=$at CRASH_UNDER=$work/roomless LD_PRELOAD=$crash "$descent" sweep members.yaml -j 1 --no-plots -o "$work/roomless" >out 2>err </dev/null
    cat out >>err
    grep -q 'No space left on device; make room there, then try again' err && ! grep -q 'same command' err || bad="$bad $at:says"
    ! grep -q "'descent sweep [^ ]*roomless --retry-failed' trains again what failed" err || retried=$((retried + 1))
    "$descent" sweep roomless -q --no-plots --retry-failed >out 2>err </dev/null || bad="$bad $at:$?"
done
printf 'wrong without room at%s; %s told to retry\n' "$bad" "$retried" >why
[ -z "$bad" ] && [ "$retried" -gt 0 ]
ok $? 'members without room: told to be tried again, and --retry-failed trains them'

# ---- a full disk ----

mkdir disk
if ! mount -t tmpfs -o size=4k tmpfs disk 2>/dev/null; then
    skip 'full disk' 'no tmpfs can be mounted here'
else
    umount disk
    bad='' pages=1 full=0
    while [ "$pages" -le 100 ]; do
        mount -t tmpfs -o "size=$((4 * pages))k" tmpfs disk
        train '' disk/run
        enough=$code
        if [ "$code" -ne 0 ]; then
            full=$((full + 1))
            { [ "$code" -eq 4 ] && grep -q 'disk/run/.*No space left on device; make room there, then try again' err; } || bad="$bad $pages:$code"
            [ -e disk/run/checkpoints/last.safetensors ] && saved=yes || saved=
            mount -o remount,size=4m disk
            code=0
            if [ -e disk/run/spec.yaml ]; then
                "$descent" resume disk/run --no-plots >out 2>err </dev/null || code=$?
            else
                train '' disk/run
            fi
            { [ "$code" -eq 0 ] && same whole disk/run; } || bad="$bad $pages"
            [ -z "$saved" ] || grep -q 'resuming after' err || bad="$bad $pages:from the start"
        fi
        umount disk
        [ "$enough" -ne 0 ] || break
        pages=$((pages + 1))
    done
    printf 'wrong on a disk of%s pages\n' "$bad" >why
    [ -z "$bad" ] && [ "$full" -gt 5 ]
    ok $? "a disk of 1 ... $full pages is full: exit 4 and the file's name; with more space it resumes from the last checkpoint"
fi

# ---- the training loop allocates nothing ----

allocations() { # UPDATES KEY=VALUE ...: of a whole run, all within its first epoch
    steps=$1
    shift
    STARVE_CLOCK=still STARVE_COUNT=count LD_PRELOAD=$starve "$descent" run loop.yaml -q --no-plots --force -o loop train.epochs=null \
        "train.steps=$steps" "$@" >out 2>err </dev/null
    cat count
}
# run.json and the spec are texts, which a longer number may make a block longer: 2 blocks either way say nothing. What each
# update allocates, or each of the 18 more rows of steps.csv, does.
allocates_nothing() { # TITLE KEY=VALUE ...: as many allocations for 999 updates as for 100
    title=$1
    shift
    few=$(allocations 100 "$@")
    many=$(allocations 999 "$@")
    echo "100 updates: $few, 999 updates: $many" >why
    [ "$few" -gt 100 ] && [ "$many" -le $((few + 2)) ] && [ "$few" -le $((many + 2)) ]
    ok $? "$title: 899 more updates allocate nothing"
}
set_of train 2300
cat >loop.yaml <<'END'
dataset: {name: idx, dir: data, validation: 0}
model: {name: mlp, hidden: [20], batch_norm: true, dropout: 0.2}
train: {batch_size: 2, clip_norm: 1}
optimizer: adam
log: {steps: 50}
END
if [ "$(cat most)" -le "$(cat least)" ]; then
    skip 'no allocation in the loop' 'the allocator of a sanitizer stands before ours'
else
    allocations 1 >/dev/null # a folder to start over in, as all that follow have
    for optimizer in $("$descent" list optimizers | sed -n 's|^  \([a-z_]*\) .*|\1|p' | grep -vx equations); do
        allocates_nothing "$optimizer" "optimizer=$optimizer"
    done
    allocates_nothing 'an equation' \
        'optimizer={name: equations, with: {beta: 0.9}, state: {m: 0}, update: "m = beta * m + g\nw = w - lr * m"}'
    for wrapper in 'lookahead: {steps: 3, alpha: 0.6}' 'cautious: true' 'groups: [{tensors: [bias], lr: 2}]'; do
        allocates_nothing "adam with $wrapper" "optimizer={name: adam, $wrapper}"
    done
    allocates_nothing 'sparse input' model.sparse_input=on
    allocates_nothing 'dense input, an average, a schedule' model.sparse_input=off 'average={name: ema, decay: 0.9}' \
        'scheduler={name: one_cycle, max_lr: 0.01}'
    allocates_nothing 'a plateau, accumulation, an average from the start' 'average={name: swa, start: 0}' train.accumulate=2 \
        train.clip_norm=null train.clip_value=0.1 'scheduler={name: reduce_on_plateau, monitor: last_batch_loss, interval: step}'
    allocates_nothing 'convolution' \
        'model={name: layers, layers: [{conv: {out: 3, kernel: 1}}, {group_norm: {groups: 1}}, relu, flatten, {linear: 3}]}'
    allocates_nothing 'images, varied' 'dataset={name: idx, dir: data, validation: 0, augment: [flip, {crop: {padding: 1}}]}'
fi

plan
