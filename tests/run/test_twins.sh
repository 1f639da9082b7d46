#!/bin/sh
# Two processes at the same time on one folder or file: the second is refused or reports, the first is unharmed; speaks TAP.
#
#     test_twins.sh DESCENT CRASH-MODULE
# shellcheck disable=SC2015,SC2034,SC2154 # A && B || C=no; tap.sh's own names
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
crash=$(realpath "$2")
own_folder
mkdir data
set_of train 60
set_of t10k 30
cat >base.yaml <<'END'
dataset: {name: idx, dir: data, validation: 10}
model: {name: mlp, hidden: [4]}
train: {epochs: 60, batch_size: 5}
optimizer: {name: sgd, lr: 0.05, momentum: 0.9}
checkpoint: {every_steps: 7, keep: 2}
plots: false
END
cat >sweep.yaml <<'END'
extends: base.yaml
train: {epochs: 15}
sweep:
  grid: {optimizer.lr: [0.05, 0.1, 0.2, 0.3]}
END

one() { # ARGUMENT ...: in the background, its exit code in the file one
    rm -f one two
    (CRASH_UNDER=$work LD_PRELOAD=$crash "$descent" "$@" >out1 2>err1 </dev/null; echo $? >one) &
}
two() { # ARGUMENT ...: now, its exit code in the file two
    CRASH_UNDER=$work LD_PRELOAD=$crash "$descent" "$@" >out2 2>err2 </dev/null
    echo $? >two
}
both() { # CODE CODE: of the two, in either order
    rm -f why
    { [ "$(cat one)" -eq "$1" ] && [ "$(cat two)" -eq "$2" ]; } || { [ "$(cat one)" -eq "$2" ] && [ "$(cat two)" -eq "$1" ]; } ||
        { echo "exit codes $(cat one) and $(cat two)" && cat err1 err2; } >why
    [ ! -s why ]
}
holder() { # the process that refused the second one
    sed -n 's/.*by process \([0-9]*\).*/\1/p' err2
}
begun() { # FOLDER: waits until something lies there
    tries=0
    while [ ! -e "$1/epochs.csv" ] && [ "$tries" -lt 6000 ]; do
        sleep 0.01
        tries=$((tries + 1))
    done
}

# ---- runs ----

ends_with 0 'the one that is left alone' run base.yaml -q -o whole
one run base.yaml -q -o long train.epochs=100000
begun long
rows=$(wc -l <long/epochs.csv)
for words in 'run base.yaml -q -o long train.epochs=100000' 'run base.yaml -q -o long' 'run base.yaml -q -o long --force' \
    'run base.yaml -q -o long --resume never' 'resume long -q' 'resume long -q train.epochs=5'; do
    # shellcheck disable=SC2086 # words
    two $words
    [ "$(cat two)" -eq 4 ] && grep -q "is being written to by process [0-9]*: wait for it, 'descent status long' shows" err2
    ok $? "$words: refused while another process trains"
done
[ ! -e one ] && [ -d long/checkpoints ] && [ -e long/spec.yaml ] && [ -e long/.lock ] && [ "$(wc -l <long/epochs.csv)" -ge "$rows" ]
ok $? 'and nothing of the first is gone'
run status long
[ "$code" -eq 0 ] && grep -q '^status   running' out
ok $? 'which still runs'
message 2 'long is being trained: wait for it' 'verify of it says to wait' verify long -q
kill -TERM "$(holder)"
wait
[ "$(cat one)" -eq 143 ]
ok $? 'until it is told to stop'
rm -f one

# the folder goes elsewhere under a run
for how in moved removed; do
    rm -rf long other one
    one run base.yaml -q -o long train.epochs=1000000
    tries=0
    while [ ! -e long/checkpoints/last.safetensors ] && [ "$tries" -lt 6000 ]; do
        sleep 0.01
        tries=$((tries + 1))
    done
    mv long other
    [ $how = moved ] || mkdir long
    wait
    [ "$(cat one)" -eq 4 ] && [ "$(wc -l <err1)" -eq 1 ] && grep -q '^descent: long was moved or removed' err1
    ok $? "a run whose folder is $how says so and ends"
    if [ $how = moved ]; then [ ! -e long ]; else [ -z "$(ls -A long)" ]; fi
    ok $? 'and writes nothing under the old name'
done
run status other
reached=$(sed -n 's/^epoch  *\([0-9][0-9]*\)\/.*/\1/p' out)
ok "$([ -n "$reached" ]; echo $?)" "status tells how far it came"
epochs=$((reached + 3))
run resume other -q "train.epochs=$epochs"
exits 0 'where it went it is resumed'
run run base.yaml -q -o long "train.epochs=$epochs"
cmp long/epochs.csv other/epochs.csv >why &&
    [ "$(json long/run.json 'j["weights_sha256"]')" = "$(json other/run.json 'j["weights_sha256"]')" ]
ok $? 'to the same bytes'

# and under a sweep
rm -rf other one
one sweep base.yaml -q -j 1 -o many train.epochs=1000000 'sweep={seeds: 2}'
begun many/seed=123
mv many other
wait
[ "$(cat one)" -eq 4 ] && grep -q '^descent: many was moved or removed' err1 && [ ! -e many ] && [ -e other/seed=123 ] && [ ! -e other/seed=124 ]
ok $? 'a sweep whose folder is moved says so, ends and writes nothing under the old name'
rm -rf other

# it goes elsewhere before each of the first operations on files; what is stopped there then continues
stopped() { # those of their processes
    ps -A -o pid= -o stat= -o args= | awk -v name="$work/away" '$2 ~ /^T/ && index($0, name) { print $1 }'
}
goes_before() { # AT ARGUMENT ...: sets $code; false where it had ended, or not begun
    at=$1 there=no
    shift
    rm -rf away other one
    (
        CRASH_AT=$at CRASH_HOW=stop CRASH_UNDER=$work LD_PRELOAD=$crash "$descent" "$@" -q -o "$work/away" >out1 2>err1 </dev/null
        echo $? >one
    ) &
    while [ ! -e one ]; do
        who=$(stopped)
        [ -z "$who" ] || [ ! -e away/.lock ] || { there=yes && mv away other; }
        # shellcheck disable=SC2086 # several
        [ -z "$who" ] || kill -CONT $who
        sleep 0.01
    done
    wait
    code=$(cat one)
    [ $there = yes ]
}
gone_from() { # TITLE FIRST LAST ARGUMENT ...
    title=$1 at=$2 last=$3 wrong='' tried=0
    shift 3
    while [ "$at" -le "$last" ]; do
        if goes_before "$at" "$@"; then
            tried=$((tried + 1))
            [ "$code" -eq 4 ] && grep -q "^descent: $work/away was moved or removed" err1 && [ ! -e away ] || wrong="$wrong $at"
        fi
        at=$((at + 1))
    done
    [ -z "$wrong" ] && [ "$tried" -gt $((last / 2)) ]
    ok $? "$title${wrong:+, but not before$wrong}"
}
gone_from 'a run whose folder goes before any operation says so and writes nothing there' 5 70 run base.yaml
gone_from 'a sweep whose folder goes so, too' 5 70 sweep base.yaml -j 1 'sweep={seeds: 2}'
rm -rf away other

# the folder is new: the two meet at every stage of a beginning
alike=yes
for try in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf new one two
    one run base.yaml -q -o new
    [ "$try" -lt 3 ] || sleep "0.0$((try - 3))"
    two run base.yaml -q -o new
    wait
    { both 0 4 || both 0 0; } && same whole new || alike=no
done
[ $alike = yes ]
ok $? 'two runs at once on a new folder: one trains, and the folder is that of one left alone'
alike=yes
for try in 1 2 3 4 5 6; do
    rm -rf new one two
    run run base.yaml -q -o new train.epochs=20
    one resume new -q train.epochs=60
    [ "$try" -lt 3 ] || sleep "0.0$((try - 2))"
    case $try in
    *[02468]) two resume new -q train.epochs=60 ;;
    *) two run base.yaml -q -o new ;;
    esac
    wait
    # the best epoch's checkpoint tells the length that was asked for then
    { both 0 4 || both 0 0; } && diff -r -x run.json -x timing.csv -x best.safetensors whole new >why || alike=no
done
[ $alike = yes ]
ok $? 'run and resume, resume and resume at once: one of them resumes'

# each is stopped before each of its operations on files: the first, the second; then they continue in that order
cannot() { # NAME AT: in the background, its exit code in the file NAME, stopped before its operation AT
    (
        CRASH_AT=$2 CRASH_HOW=stop CRASH_UNDER=$work LD_PRELOAD=$crash \
            "$descent" run base.yaml -q -o "$work/nowhere" dataset.dir=missing >out1 2>err1 </dev/null
        echo $? >"$1"
    ) &
}
met() { # NAME: waits until that one is stopped, its process in $stopped, or has ended
    while [ ! -e "$1" ]; do
        stopped=$(ps -A -o pid= -o stat= -o args= |
            awk -v name="$work/nowhere" -v other="$other" '$2 ~ /^T/ && $1 != other && index($0, name) { print $1 }')
        [ -n "$stopped" ] && return 0
        sleep 0.01
    done
    stopped=
    return 1
}
meet() { # AT AT
    rm -f one two
    other=
    cannot one "$1"
    met one || return 1
    other=$stopped
    cannot two "$2"
    met two
    kill -CONT "$other"
    other=$stopped
    met one
    [ -z "$other" ] || kill -CONT "$other"
    wait
}
alike=yes
first=1
while [ "$first" -lt 20 ] && meet "$first" 99; do
    second=1
    while [ "$second" -lt 8 ]; do
        meet "$first" "$second"
        { both 3 3 || both 3 4; } && [ ! -e nowhere ] || alike=no
        second=$((second + 1))
    done
    first=$((first + 1))
done
[ $alike = yes ] && [ "$first" -ge 5 ] && [ "$first" -lt 20 ]
ok $? 'two that cannot begin leave no folder'
mkdir nowhere
run run base.yaml -q -o nowhere dataset.dir=missing
[ "$code" -eq 3 ] && rmdir nowhere
ok $? 'one that cannot begin leaves the folder that was there'

# ---- a lock that is no plain file ----

mkdir hostile && ln -s ../victim hostile/.lock
run run base.yaml -q -o hostile
{ [ "$code" -eq 4 ] && [ ! -e victim ] && grep -q 'hostile/.lock: it is a link' err; }
ok $? 'a dangling link as a lock: refused, and nothing made through it'
run sweep sweep.yaml -q -o hostile
{ [ "$code" -eq 4 ] && [ ! -e victim ]; }
ok $? 'of a sweep too'
rm hostile/.lock && mkfifo hostile/.lock
message 4 'it is not a plain file' 'a pipe as a lock is refused at once' run base.yaml -q -o hostile

# ---- sweeps ----

ends_with 0 'the sweep that is left alone' sweep sweep.yaml -q -o swept -j 1
one sweep sweep.yaml -q -o twice -j 1 train.epochs=100000
tries=0
while [ -z "$(find twice -name last.safetensors 2>/dev/null)" ] && [ "$tries" -lt 6000 ]; do
    sleep 0.01
    tries=$((tries + 1))
done
two sweep sweep.yaml -q -o twice -j 1 train.epochs=100000
[ "$(cat two)" -eq 4 ] && grep -q "another process works on this sweep .*'descent status twice' shows" err2 && [ -e twice/.lock ] && [ ! -e one ]
ok $? 'a second sweep is refused while the first trains'
two sweep sweep.yaml -q -o twice --shard 1/2 train.epochs=100000
[ "$(cat two)" -eq 4 ]
ok $? 'and so is a shard of it'
member=$(dirname "$(dirname "$(find twice -name last.safetensors | head -n 1)")")
two resume "$member" -q
[ "$(cat two)" -eq 4 ] && [ -d "$member/checkpoints" ]
ok $? 'and a resume of the member that it trains'
worker=$(holder)
kill -TERM "$(ps -o ppid= -p "$worker" | tr -d ' ')"
wait
[ "$(cat one)" -eq 143 ]
ok $? 'the first continues until it is told to stop'
rm -f one two
alike=yes
for try in 1 2 3 4 5 6; do
    rm -rf shards one two
    one sweep sweep.yaml -q -o shards -j 1 --shard 1/2
    two sweep sweep.yaml -q -o shards -j 1 --shard 2/2
    wait
    both 0 0 && same swept shards || alike=no
done
[ $alike = yes ]
ok $? 'two shards begun together on a new folder leave what one sweep does'

# ---- clean beside a process that has begun to lengthen a finished run ----

run run base.yaml -q -o finished checkpoint.every=1 checkpoint.keep=9
ls finished/checkpoints >before
if command -v python3 >/dev/null; then
    python3 -c 'import fcntl, sys, time
lock = open("finished/.lock", "a+")
fcntl.lockf(lock, fcntl.LOCK_EX)
open("held", "w").close()
time.sleep(60)' &
    holder=$!
    while [ ! -e held ]; do sleep 0.1; done
    run clean finished
    kill "$holder"
    ls finished/checkpoints >after
    { [ "$code" -eq 0 ] && grep -q '1 unfinished left alone' out && cmp before after; } >why 2>&1
    ok $? 'clean: what another process works on is left alone'
    rm -f finished/.lock
fi
run clean finished
ls finished/checkpoints >after
{ [ "$code" -eq 0 ] && [ "$(tr '\n' ' ' <after)" = 'best.safetensors last.safetensors ' ] && [ ! -e finished/.lock ]; }
ok $? 'clean: alone it removes numbered checkpoints'

# ---- what only reads, and writes one file ----

for words in 'verify whole -q' 'eval whole --figures -o seen' 'report whole -o page.html' 'plot whole -o curves.png'; do
    rm -f one two
    alike=yes
    for try in 1 2 3; do
        # shellcheck disable=SC2086 # words
        one $words
        # shellcheck disable=SC2086 # words
        two $words
        wait
        both 0 0 || alike=no
    done
    [ $alike = yes ]
    ok $? "$words: two at once both succeed"
done
[ -z "$(find . -name '*.tmp')" ] && [ -z "$(find . -name '*whole.verify-*')" ] && [ -z "$(find . -name .lock ! -path './hostile/*' ! -path './twice/*')" ]
ok $? 'and nothing temporary is left'

plan
