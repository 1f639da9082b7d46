#!/bin/sh
# Folders that many machines share, on a bad day: locks that protect nothing or are not there, stale handles, tasks that start as
# others end; speaks TAP.
#
#     test_shared.sh DESCENT CRASH-MODULE SHARED-MODULE
# shellcheck disable=SC2154 # tap.sh sets work
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
crash=$(realpath "$2"):$(realpath "$3")
own_folder

cat >run.yaml <<'END'
dataset: {name: digits, train_limit: 300, test_limit: 100, validation: 100}
model: {name: mlp, hidden: [8]}
train: {epochs: 1500, batch_size: 50}
optimizer: {name: adam, lr: 0.005}
plots: false
END
ends_with 0 'a run on its own' run run.yaml -q -o alone

# ---- locks ----

SHARED_LOCKS=none
export SHARED_LOCKS
env "CRASH_UNDER=$work" "LD_PRELOAD=$crash" "$descent" run run.yaml -q -o two >first.out 2>first.err </dev/null &
pid=$!
rows() { # FOLDER N: waits until so many lines are there
    tries=0
    until [ "$(wc -l 2>/dev/null <"$1/epochs.csv" || echo 0)" -ge "$2" ] || [ "$tries" -ge 3000 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
}
# Halted, whatever it was about to write, until the other one has the folder: neither may be through before.
rows two 20
kill -STOP "$pid"
env SHARED_HOST=other "CRASH_UNDER=$work" "LD_PRELOAD=$crash" "$descent" run run.yaml -q -o two >second.out 2>second.err </dev/null &
other=$!
tries=0
until grep -q '"host": "other"' two/run.json 2>/dev/null || [ "$tries" -ge 3000 ]; do
    sleep 0.02
    tries=$((tries + 1))
done
# Rows that were in the air when the folder was taken over: longer and shorter than those in their place.
rows two 40
kill -STOP "$other"
printf '99,99,in the air\n' >>two/epochs.csv
printf '99,in the air,%0100d\n' 0 >>two/timing.csv
kill -CONT "$other" "$pid"
wait "$pid"
code=$?
wait "$other"
second=$?
{ [ "$code" -eq 4 ] && [ "$second" -eq 0 ] && grep -q 'another process on other has taken over two' first.err && grep -q "'flock'" first.err; } ||
    { echo "the first: $code, the second: $second" && cat first.err; } >why
[ ! -s why ]
ok $? 'two on one folder whose locks protect nothing: the first one ends, and says why'
same alone two
ok $? 'and the bytes are those of a single one, whatever was in the air'
awk -F, '!/^(epoch|[0-9]+),/ || NF != 4' two/timing.csv >why
[ ! -s why ] && [ "$(wc -l <two/timing.csv)" -eq 1502 ]
ok $? 'its times whole lines'
# at each of its looks the checkpoint may be another one, which the first has written meanwhile
run run run.yaml -q -o six train.epochs=6
run run run.yaml -q -o four train.epochs=4 checkpoint.keep=2
mv four/checkpoints/last.safetensors later
mv four/checkpoints/step-18.safetensors four/checkpoints/last.safetensors
rm four/checkpoints/step-24.safetensors
sed -i 's/"status": "completed"/"status": "interrupted"/; s/"exit_code": 0/"exit_code": 143/' four/run.json
for at in 1 2 3 4 5 6 7 8; do
    rm -rf met && cp -r four met && cp later now
    SHARED_SWAP=now:met/checkpoints/last.safetensors SHARED_SWAP_AT=$at run resume met -q train.epochs=6 checkpoint.keep=1
    # the best epoch's checkpoint tells the length that was asked for then
    [ "$code" -eq 0 ] && diff -r -x run.json -x timing.csv -x best.safetensors six met >why
    ok $? "another checkpoint at look $at of a resume: the bytes of a single one"
done
# or after it was read, before it gets the other names that it is due
for look in epochs.csv:1 epochs.csv:2 run.json:1 run.json:2 run.json:3 run.json:4; do
    on=${look%:*} at=${look#*:}
    rm -rf met && cp -r four met && cp later now
    SHARED_SWAP=now:met/checkpoints/last.safetensors SHARED_SWAP_ON=met/$on SHARED_SWAP_AT=$at \
        run resume met -q train.epochs=6 checkpoint.keep=9
    file=met/checkpoints/step-18.safetensors
    [ ! -e now ] && [ "$code" -eq 0 ] && { [ ! -e $file ] || grep -qa '"descent.step":"18"' $file; } &&
        cmp six/epochs.csv met/epochs.csv >why
    ok $? "another checkpoint at opening $at of $on: each name its own step"
done
SHARED_LOCKS=refused
message 4 "its file system has no locks; mount it with 'flock'" 'a file system without locks: the mount option is named' run run.yaml -q -o refused
unset SHARED_LOCKS
SHARED_STALE=3
export SHARED_STALE
run run run.yaml -q -o stale train.epochs=3
first=$code
run resume stale train.epochs=20
unset SHARED_STALE
[ "$first" -eq 0 ] && [ "$code" -eq 0 ]
ok $? 'stale handles: opened again'
run run run.yaml -q -o whole train.epochs=3
run resume whole train.epochs=20
same whole stale
ok $? 'to the same bytes'

# ---- tasks that start as others end ----

cat >many.yaml <<'END'
extends: run.yaml
train: {epochs: 1}
sweep: {seeds: 12}
END
run sweep many.yaml -q -o many -j 1
run sweep many.yaml --list
cp out names
run sweep many.yaml -q -o tasks --only names --shard 1/12
for k in 2 3 4 5 6 7 8 9 10 11 12; do
    (
        code=0
        env "CRASH_UNDER=$work" "LD_PRELOAD=$crash" "$descent" sweep tasks -q -j 1 --only names --shard $k/12 >/dev/null 2>"err-$k" </dev/null || code=$?
        echo "$code $k" >>codes
    ) &
done
wait
[ "$(grep -c '^0 ' codes)" -eq 11 ] || cat codes err-* >why
[ ! -s why ]
ok $? 'eleven tasks that begin and end together: none is turned away'
run sweep tasks -q --summary
same many tasks
ok $? 'to the bytes of the local sweep'

# ---- tables ----

cat >equal.yaml <<'END'
extends: run.yaml
train: {epochs: 1}
optimizer: {name: sgd, lr: 0}
model: {name: softmax, init: zeros}
sweep: {seeds: 3}
END
run sweep equal.yaml -q -o equal
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "train_accuracy_std" || $i == "test_loss_std" || $i == "train_loss_std") want[i] = 1; next }
    { for (i in want) { n++; if ($i != "0") wrong = 1 } } END { exit !(n == 3 && !wrong) }' equal/summary.csv || cp equal/summary.csv why
[ ! -s why ]
ok $? 'summary.csv: equal values deviate by 0, not by what a sum has rounded'
sed 's/"sources": "[0-9a-f]*"/"sources": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"/' equal/seed=124/run.json >other
cp other equal/seed=124/run.json
message 0 '1 of the members were trained by another build' 'status: members of different builds' status equal
plan
