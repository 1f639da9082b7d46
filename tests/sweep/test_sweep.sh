#!/bin/sh
# The whole program on sweeps of small runs on synthetic digits; speaks TAP.
#
#     test_sweep.sh DESCENT [CRASH-MODULE]
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
crash=${2:+$(realpath "$2")}
own_folder

# ---- helpers ----

sweep() { # SPEC FOLDER [ARGUMENT ...]
    spec=$1 folder=$2
    shift 2
    run sweep "$spec" -q -o "$folder" "$@"
}

members() { # SPEC [ARGUMENT ...]: their names
    run sweep "$@" -q --list
    cat out
}

named() { # TITLE NAME ...: the members of the last list
    title=$1
    shift
    printf '%s\n' "$@" >expected
    diff expected out >why
    ok $? "$title"
}

# FILE COLUMN FOLDER-OR-FIRST-CELL: a cell of a table without commas in the cells before it but the quoted first
cell() {
    awk -v c="$2" -v key="$3" '
        function split_row(text, cells,    n, i, ch, quoted) {
            n = 1
            cells[1] = ""
            for (i = 1; i <= length(text); i++) {
                ch = substr(text, i, 1)
                if (ch == "\"")
                    quoted = !quoted
                else if (ch == "," && !quoted)
                    cells[++n] = ""
                else
                    cells[n] = cells[n] ch
            }
            return n
        }
        NR == 1 { n = split_row($0, head); for (i = 1; i <= n; i++) if (head[i] == c) k = i; next }
        { split_row($0, row); if (row[1] == key) print row[k] }' "$1"
}

cat >base.yaml <<'END'
dataset: {name: digits, train_limit: 300, test_limit: 100, validation: 100}
model: {name: mlp, hidden: [8]}
train: {epochs: 3, batch_size: 50}
optimizer: {name: adam, lr: 0.005}
plots: false
END

# ---- members: names, order, counts ----

cat >grid.yaml <<'END'
extends: base.yaml
sweep:
  grid:
    optimizer: [{name: sgd, lr: 0.1}, {name: adam, lr: 0.001}]
    train.batch_size: [20, 50]
  seeds: [1, 2]
  skip: "optimizer.name == 'sgd' and train.batch_size > 20"
END
members grid.yaml >/dev/null
named 'grid: the product in the order of the spec, less what is skipped; keys by their shortest suffix' \
    optimizer=sgd,batch_size=20,seed=1 optimizer=sgd,batch_size=20,seed=2 \
    optimizer=adam,batch_size=20,seed=1 optimizer=adam,batch_size=20,seed=2 \
    optimizer=adam,batch_size=50,seed=1 optimizer=adam,batch_size=50,seed=2
[ ! -e results ] && [ "$code" -eq 0 ]
ok $? '--list trains nothing'
members grid.yaml sweep.seeds=2 seed=7 'sweep.grid.train.batch_size=[30]' sweep.skip=null >/dev/null
named 'the command line reaches into the sweep; seeds: N counts up from seed; an axis of one value is not in the name' \
    optimizer=sgd,seed=7 optimizer=sgd,seed=8 optimizer=adam,seed=7 optimizer=adam,seed=8

cat >list.yaml <<'END'
extends: base.yaml
sweep:
  list:
    - {}
    - {optimizer: {name: sgd, lr: 0.1}, dataset.seed: 4}
    - {optimizer: {name: sgd, lr: 0.2, momentum: 0.9}}
    - {scheduler: [{name: warmup, over: 1}, {name: cosine}], seed: 5}
    - {model.hidden: [4, 5], train.sampler: sequential}
END
members list.yaml >/dev/null
named 'list: only the keys that an entry has; a mapping shows what tells it from the others of its name' \
    base optimizer=sgd+lr=0.1,dataset.seed=4 optimizer=sgd+lr=0.2+momentum=0.9 \
    scheduler=warmup-cosine,seed=5 hidden=4-5,sampler=sequential
cat >suffix.yaml <<'END'
extends: base.yaml
scheduler: {name: exponential, gamma: 0.9}
sweep:
  grid:
    scheduler.0.gamma: [0.5, 5e-1, 0.25]
    train.batch_size: [10, 0x14]
    evaluate.batch_size: [100, 200]
END
members suffix.yaml >/dev/null
{ [ "$code" -eq 2 ] && grep -qF 'is there twice' err && grep -qF 'suffix.yaml:5:30' err; }
ok $? 'the same value twice, however written: an error at its place'
sed 's/0.5, 5e-1, 0.25/0.5/' suffix.yaml >suffix2.yaml
members suffix2.yaml >/dev/null
named 'a suffix that another key has is not short enough' \
    train.batch_size=10,evaluate.batch_size=100 train.batch_size=10,evaluate.batch_size=200 \
    train.batch_size=20,evaluate.batch_size=100 train.batch_size=20,evaluate.batch_size=200
members base.yaml 'sweep={grid: {dataset.seed: [0, 1]}}' >/dev/null
named 'a lone seed is that of the run' dataset.seed=0 dataset.seed=1
members base.yaml 'sweep={grid: {train.early_stopping: [null, {monitor: train_loss, patience: 3}]}}' >/dev/null
named 'a mapping without a name beside null shows its keys' early_stopping=null \
    early_stopping=monitor=train_loss+patience=3

cat >random.yaml <<'END'
extends: base.yaml
optimizer: {name: sgd, lr: 0.1, momentum: 0.9}
sweep:
  random:
    trials: 200
    seed: 3
    space:
      optimizer.lr: {log_uniform: [1e-4, 1]}
      optimizer.momentum: {reverse_log_uniform: [0.9, 0.999]}
      train.batch_size: {int: [16, 19]}
      train.label_smoothing: {uniform: [0.1, 0.2]}
      train.sampler: {choice: [shuffle, sequential]}
END
members random.yaml >first
sed 's/[a-z_]*=//g' first | awk -F, '
    { a[NR] = log($1) / log(10); b[NR] = log(1 - $2) / log(10); n[$3]++; s[$5]++; sum += a[NR]; rest += b[NR]
      bad += $1 < 1e-4 || $1 > 1 || $2 < 0.9 || $2 > 0.999 || $4 < 0.1 || $4 > 0.2 || $3 < 16 || $3 > 19 }
    END { low = 0; for (i in a) low += a[i] < -2
          exit !(NR == 200 && !bad && low > 70 && low < 130 && sum / NR > -2.25 && sum / NR < -1.75 && rest / NR > -2.15 && rest / NR < -1.85 &&
                 n[16] > 25 && n[17] > 25 && n[18] > 25 && n[19] > 25 && s["shuffle"] > 70 && s["sequential"] > 70) }'
ok $? 'random: 200 trials within their ranges, spread as their distributions say'
members random.yaml sweep.random.trials=50 | cmp -s - - && head -n 50 first >expected && cmp -s expected out
ok $? 'random: fewer trials are the first of more'
members random.yaml sweep.random.seed=4 >second
! cmp -s first second
ok $? 'random: another seed, other trials'
cat >product.yaml <<'END'
extends: base.yaml
sweep:
  grid: {optimizer.lr: [0.1, 0.2]}
  list: [{train.batch_size: 10}, {train.batch_size: 20, train.accumulate: 2}]
  random: {trials: 3, space: {train.label_smoothing: {uniform: [0, 1]}}}
  seeds: 2
END
[ "$(members product.yaml | wc -l)" -eq 24 ]
ok $? 'grid x list x random x seeds: the product'
[ "$(members product.yaml | sort -u | wc -l)" -eq 24 ]
ok $? 'no two names are the same'
{
    printf 'extends: base.yaml\nsweep:\n  grid:\n    description:\n'
    printf '      - "%s"\n      - "%s"\n' "$(printf '%0300d' 1)" "$(printf '%0300d' 2)"
} >long.yaml
members long.yaml | awk 'length != 200 { exit 1 } END { exit NR != 2 }' && [ "$(sort -u out | wc -l)" -eq 2 ]
ok $? 'names over 200 bytes end in a hash'
cat >slash.yaml <<'END'
extends: base.yaml
sweep: {grid: {dataset.dir: [a/b, "a_b", ../c]}}
END
[ "$(members slash.yaml | grep -c /)" -eq 0 ] && [ "$(sort -u out | wc -l)" -eq 3 ]
ok $? 'no slash in a name, and different values stay apart'

cat >order.yaml <<'END'
extends: base.yaml
sweep:
  grid:
    optimizer.lr: [0.1, 0.2]
    optimizer: [{name: sgd, momentum: 0.9}, {name: adam}]
END
run sweep order.yaml -q -o order train.epochs=1
[ "$code" -eq 0 ] && grep -q 'lr: 0.2$' 'order/lr=0.2,optimizer=adam/spec.yaml' && grep -q 'momentum: 0.9$' 'order/lr=0.1,optimizer=sgd/spec.yaml'
ok $? 'whole sections are set before their keys, in whatever order they are written'

# ---- errors: all of them, at their places, before anything is trained ----

bad() { # TITLE TEXT [TEXT ...]: the spec on stdin
    title=$1
    shift
    { printf 'extends: base.yaml\n' && cat; } >bad.yaml
    sweep bad.yaml bad
    { [ "$code" -eq 2 ] && [ ! -e bad ] && [ ! -s out ]; } || printf 'exit code\n' >why
    for text in "$@"; do
        grep -qF -- "$text" err || printf 'not said: %s\n' "$text" >>why
    done
    [ ! -s why ]
    ok $? "$title"
    rm -rf bad
}

bad 'errors of all members, once each' 'bad.yaml:4:15: error: unknown key' 'bad.yaml:5:28: error:' 'bad.yaml:6:14: error:' \
    '3 errors in bad.yaml' "did you mean 'lr'?" <<'END'
sweep:
  grid:
    optimizer.learning_rate: [0.1, 0.2]
    train.batch_size: [64, zero]
  seeds: [1, -1]
END
bad 'errors of the section, all at once' 'bad.yaml:3:28' 'bad.yaml:4:9' 'bad.yaml:5:10' "did you mean 'skip'?" '4 errors' <<'END'
sweep:
  grid: {train.batch_size: 3}
  list: 3
  seeds: 0
  skp: "a"
END
bad 'a sweep of nothing' "a sweep needs 'grid'" <<'END'
sweep: {}
END
bad 'no sweep' "there is no section 'sweep'" <<'END'
seed: 3
END
bad 'a key with two axes' "'train.batch_size' has values from another axis already" <<'END'
sweep: {grid: {train.batch_size: [3, 4]}, list: [{train.batch_size: 5}]}
END
printf 'extends: base.yaml\nsweep: {list: [{optimizer.lr: 0.1}, {optimizer.lr: 0.2, train.batch_size: 30}]}\n' >listed.yaml
message 2 "'optimizer.lr' has values from another axis already" 'the command line replaces an axis of the grid, and no list' \
    check listed.yaml 'sweep.grid.optimizer.lr=[0.5, 0.6]'
printf 'extends: base.yaml\nsweep: {random: {trials: 2, space: {optimizer.lr: {uniform: [0.1, 0.2]}}}}\n' >drawn.yaml
message 2 "'optimizer.lr' has values from another axis already" '... nor what is drawn' check drawn.yaml 'sweep.grid.optimizer.lr=[0.5, 0.6]'
bad 'a mapping in the grid: the place of its key' 'bad.yaml:4:20: error:' "must be a number >= 0, not a mapping" <<'END'
sweep:
  grid:
    optimizer.lr: {log: [1, 2]}
END
bad 'dots within it: theirs' 'bad.yaml:4:26: error:' "unknown key 'lrr'" <<'END'
sweep:
  grid:
    optimizer: {groups.0.lrr: [1, 2]}
END
printf 'no figure' >figure.png
message 2 "figure.png is a figure; 'descent extract figure.png -o FOLDER' takes out its specs" 'a figure is no sweep' sweep figure.png sweep.seeds=2
bad 'skip: an unknown name, with a caret into the condition' "bad.yaml:2:46: error: unknown name 'optimizer.rl'" "did you mean 'optimizer.lr'?" <<'END'
sweep: {seeds: 2, skip: "optimizer.lr > 1 or optimizer.rl > 1"}
END
bad 'skip: a text is no number' 'a number is never equal to a text' <<'END'
sweep: {seeds: 2, skip: "optimizer.lr == 'a'"}
END
bad 'skip: nothing is left' 'no member is left' <<'END'
sweep: {seeds: 2, skip: "true"}
END
bad 'random: what is wrong with a distribution' "'log_uniform' takes [low, high]: 0 < low < high" "did you mean 'uniform'?" <<'END'
sweep: {random: {trials: 2, space: {optimizer.lr: {log_uniform: [0, 1]}, train.batch_size: {uniformly: [1, 2]}}}}
END
bad 'what only the data can tell comes before training too, at its place' \
    'bad.yaml:2:43: error: a batch of 700 images is larger than the training set of 300' '1 error in the members' <<'END'
sweep: {grid: {train.batch_size: [50, 60, 700], optimizer.lr: [0.1, 0.2]}}
END
printf 'extends: base.yaml\nsweep: {grid: {train.batch_size: [50, 700], optimizer.lr: [0.1, 0.2]}}\n' >large.yaml
message 2 'large.yaml:2:39: error: a batch of 700 images' 'check says so too' check large.yaml
run sweep large.yaml --list
{ [ "$code" -eq 2 ] && [ ! -s out ] && grep -q 'large.yaml:2:39: error: a batch of 700 images' err; }
ok $? 'and so does --list'
bad 'two members that are the same experiment are named' "'optimizer=adam' and 'optimizer=adam+lr=0.001' are the same experiment" <<'END'
optimizer: sgd
sweep: {list: [{optimizer: adam}, {optimizer: {name: adam, lr: 0.001}}]}
END
bad 'halving by test figures' 'test figures choose nothing' <<'END'
sweep: {seeds: 3, halving: {metric: test_accuracy}}
END
cat >axes.yaml <<'END'
extends: base.yaml
optimizer: {name: sgd, lr: 0.1}
sweep: {grid: {train.batch_size: [20, 50], optimizer: [{name: sgd, lr: 0.3}, {name: adam, lr: 0.001}]}, seeds: [1, 2]}
END
undone() { # OVERRIDE AXIS WAY: no member would have it
    run sweep axes.yaml -q --list "$1"
    { [ "$code" -eq 2 ] && [ ! -s out ] && grep -qF "'${1%%=*}' would change no member: the sweep's axis '$2' has values" err && grep -qF -- "$3" err; }
    ok $? "an override that an axis undoes is refused: $1"
}
undone train.batch_size=30 train.batch_size "'sweep.grid.train.batch_size=[...]'"
undone optimizer.lr=0.7 optimizer "'sweep.grid.optimizer=[...]'"
undone 'train={batch_size: 30}' train.batch_size "'sweep.grid.train.batch_size=[...]'"
undone seed=5 seed "'sweep.seeds=[...]'"
ends_with 0 'an override that some member has is none of those' sweep axes.yaml -q --list optimizer.momentum=0.9 'train={batch_size: 30, epochs: 2}'
cat >valid.yaml <<'END'
extends: base.yaml
sweep:
  grid: {optimizer: [{name: sgd, lr: 0.1}, adam], optimizer.momentum: [0, 0.9]}
  skip: "optimizer.name == 'adam' and optimizer.momentum >= 0"
END
[ "$(members valid.yaml | tr '\n' ' ')" = 'optimizer=sgd,momentum=0 optimizer=sgd,momentum=0.9 ' ]
ok $? 'a member that could not be is skipped before it is an error'

# ---- whatever -j, the same folder ----

ends_with 0 'sweep -j 1' sweep grid.yaml -q -o one -j 1
[ "$(tr '\n' ' ' <out)" = '6 completed table one/summary.csv folder one ' ]
ok $? 'quiet: the result alone'
[ ! -s err ]
ok $? '-q: nothing on stderr'
[ "$(ls -A one | grep -v = | tr '\n' ' ')" = 'members.csv summary.csv sweep.yaml ' ]
ok $? 'members, tables, the spec, and nothing else'
sweep grid.yaml two -j2
same one two
ok $? '-j 2: the same bytes as -j 1'
run run base.yaml -q -o alone 'optimizer={name: sgd, lr: 0.1}' train.batch_size=20 seed=2 name=grid
same alone one/optimizer=sgd,batch_size=20,seed=2
ok $? 'a member is what a run of its own leaves, byte for byte'
! grep -rqF "$work" one --include='*.csv' --include='*.yaml'
ok $? 'no file tells the output path'
[ "$(sed -n 1p one/members.csv)" = 'folder,status,optimizer,train.batch_size,seed,epoch,step,lr,momentum,batch_size,batch_loss,last_batch_loss,grad_norm,train_loss,train_accuracy,valid_loss,valid_accuracy,test_loss,test_accuracy' ]
ok $? 'members.csv: the header'
f=optimizer=adam,batch_size=20,seed=2
[ "$(cell one/members.csv test_loss "$f")" = "$(tail -n 1 "one/$f/epochs.csv" | cut -d, -f13)" ] &&
    [ "$(cell one/members.csv status "$f")" = completed ] && [ "$(cell one/members.csv seed "$f")" = 2 ]
ok $? 'members.csv: the last row of epochs.csv'
a=$(cell one/members.csv valid_loss "$f")
b=$(cell one/members.csv valid_loss "${f%2}1")
awk -v a="$a" -v b="$b" 'NR == 1 { n = split($0, h, ","); for (i = 1; i <= n; i++) c[h[i]] = i; next }
    { split($0, v, ",") } v[1] == "adam" && v[2] == 20 {
        m = (a + b) / 2; d = sqrt((a - m) ^ 2 + (b - m) ^ 2)
        good = v[c["n"]] == 2 && (v[c["valid_loss_mean"]] - m) ^ 2 < 1e-12 && (v[c["valid_loss_std"]] - d) ^ 2 < 1e-12 }
    END { exit !good || NR != 4 }' one/summary.csv
ok $? 'summary.csv: mean and sample deviation of a group'
run sweep grid.yaml -o one
{ [ "$code" -eq 0 ] && grep -q 'nothing was left to do' err && ! grep -q '^[1-6]/6' out; } && same one two
ok $? 'again: nothing is trained, nothing changes'
run sweep one/sweep.yaml -q -o three
same one three
ok $? 'the folder'"'"'s sweep.yaml makes the same sweep'
for i in 1 2 3; do
    run sweep grid.yaml -o shards --shard $i/3
    [ "$code" -eq 0 ] || printf 'shard %s\n' "$i" >>why
done
[ ! -s why ] && same one shards
ok $? 'three shards make the whole'
[ "$(wc -l <out)" -eq 5 ] && [ "$(grep -c '^[12]/2  completed .*optimizer=' out)" -eq 2 ]
ok $? 'a shard trains its share: a line for each member'
run sweep grid.yaml -o none --shard 100/100
{ [ "$code" -eq 0 ] && ! grep -q '^table' out; }
ok $? 'a shard without members names no table'
run sweep grid.yaml -o some --shard 1/3
{ [ "$code" -eq 0 ] && grep -qx 'table some/summary.csv' out && [ "$(grep -c ',completed,' some/members.csv)" -eq 2 ] &&
    [ "$(grep -c ',pending,' some/members.csv)" -eq 4 ] && [ -e some/summary.csv ]; }
ok $? 'a shard writes the tables that it names, as they are by then'
run compare some
grep -q '4 members of a sweep not begun' err out
ok $? 'compare: knows of members of a shard that has not begun'
for shard in 1 2; do
    run sweep grid.yaml -q -o "machine$shard" --shard "$shard/2"
done
run compare machine1 machine2
{ [ "$code" -eq 0 ] && grep -q '^6 runs in' out && ! grep -q 'not begun' err out; }
ok $? 'compare: what one machine has not begun another has'
rm -r "machine2/$(sed -n 's/^"\(.*\)",completed.*/\1/p' machine2/members.csv | sed -n 2p)"
run compare machine2 machine1
grep -q "1 member of a sweep not begun; 'descent resume machine2' trains" out
ok $? '... and what none has is said once'
run compare some some
grep -q '4 members of a sweep not begun' err out
ok $? 'compare: a sweep named twice is counted once'
run sweep some train.epochs=4 -q --shard 1/6 -j 1
run status some
grep -q '^6 members: 1 completed, 1 interrupted, 4 pending$' out && [ "$(grep -c ',interrupted,' some/members.csv)" -eq 1 ]
ok $? 'a sweep that has become longer: members.csv says what status says'
run report some
grep -q '1 completed, 1 interrupted' some/report.html && grep -q 'Resume what is unfinished' some/report.html
ok $? '... and so does the report, with the command'
run sweep grid.yaml -q --list
head -n 1 out >one.list
run sweep grid.yaml -q -o listed1 --only one.list
run compare listed1
grep -q '5 members of a sweep not begun' err out
ok $? 'compare: knows of members that --only left out'
sweep grid.yaml seedless sweep.seeds=1 -j 2
head -n 1 seedless/summary.csv | grep -q '^optimizer,train.batch_size,members,n,lr_mean,lr_std' && [ "$(cell seedless/summary.csv lr_std sgd)" = '' ]
ok $? 'summary.csv: no deviation of a single run'

run sweep grid.yaml --list --shard 3/3
{ [ "$(tr '\n' ' ' <out)" = 'optimizer=adam,batch_size=20,seed=1 optimizer=adam,batch_size=50,seed=2 ' ] && grep -qx '2 members' err; }
ok $? '--list --shard: its members alone'
run check grid.yaml --resolved
{ [ "$code" -eq 0 ] && sed -n '/^sweep:/,/^trace:/p' out | grep -q '^  seeds: \[1, 2\]$' && cp out resolved.yaml &&
    [ "$(members resolved.yaml)" = "$(members grid.yaml)" ]; }
ok $? 'check --resolved: with the section, the same members'
message 2 'must be a whole number' 'check --resolved: looks at the members too' check grid.yaml --resolved 'sweep.grid.train.batch_size=[20, zero]'

# ---- it grows; another one is refused ----

sweep grid.yaml grown sweep.seeds='[1]'
ls grown | grep -q '^optimizer=adam,batch_size=50$'
ok $? 'a single seed is not in the name'
before=$(stat -c %Y%i 'grown/optimizer=adam,batch_size=50/epochs.csv')
with_seed() { # FOLDER: a copy, renamed, in which the members from before there were more seeds are called by theirs
    rm -rf renamed && cp -r "$1" renamed
    for f in renamed/optimizer=*; do
        case $f in *seed=*) ;; *) mv "$f" "$f,seed=1" ;; esac
    done
    sed 's/^"\(optimizer=[a-z]*,batch_size=[0-9]*\)",/"\1,seed=1",/' "$1/members.csv" >renamed/members.csv
}
run sweep grid.yaml -o grown
with_seed grown
same one renamed && [ "$(stat -c %Y%i 'grown/optimizer=adam,batch_size=50/epochs.csv')" = "$before" ] &&
    [ "$(grep -c '^[1-6]/6' out)" -eq 3 ] && [ "$(cell grown/members.csv status 'optimizer=adam,batch_size=50')" = completed ]
ok $? 'more seeds: what is there keeps its folder, which members.csv names, the rest is trained'
message 0 'nothing was left' 'and is found again there' sweep grid.yaml -o grown
run status grown
[ "$code" -eq 0 ] && grep -q '^6 members: 6 completed' out || grep -q 'completed *6\|6 completed' out
ok $? 'status: finds it too'
message 2 'sweep.seeds.1: 2 there, absent now' 'fewer members: refused, naming the key' sweep grid.yaml -q -o grown sweep.seeds='[1]'
message 2 'train.label_smoothing: absent there, 0.1 now' 'another base: refused' sweep grid.yaml -q -o grown train.label_smoothing=0.1
with_seed grown
same one renamed
ok $? 'a refusal leaves the folder alone'
message 2 'holds a run, not a sweep' 'a folder of a run is refused' sweep grid.yaml -q -o alone
run sweep grid.yaml -q -o grown train.epochs=4
{ [ "$code" -eq 0 ] && [ "$(tail -n 1 'grown/optimizer=adam,batch_size=50/epochs.csv' | cut -d, -f1)" = 4 ]; }
ok $? 'what a resume may change is resumed: more epochs'
sweep base.yaml stretched scheduler=cosine train.epochs=3 'sweep={seeds: 3}'
run resume stretched -q train.epochs=6
{ [ "$code" -eq 0 ] && [ "$(grep -c 'length of the run, which has changed' err)" = 1 ]; }
ok $? 'that their schedules depend on the length is said once, not for each member'
for data in here there; do
    mkdir "$data"
    for part in train t10k; do
        printf '\000\000\010\003\000\000\000\002\000\000\000\001\000\000\000\001%s' "$(echo "$data" | head -c 2)" >"$data/$part-images-idx3-ubyte"
        printf '\000\000\010\001\000\000\000\002\000\001' >"$data/$part-labels-idx1-ubyte"
    done
done
few='dataset={name: idx, dir: here, validation: 0}'
sweep base.yaml elsewhere "$few" train.batch_size=2 train.epochs=1 'sweep={seeds: 2}'
run resume elsewhere -q dataset.dir=there train.epochs=2
{ [ "$code" -eq 3 ] && grep -q 'SHA-256 of there/train-images-idx3-ubyte' err && [ "$(tail -n 1 elsewhere/seed=123/epochs.csv | cut -d, -f1)" = 1 ]; }
ok $? 'no member resumes with other data'
rm -rf was && cp -r elsewhere was && mv here gone && cp -r there here
run sweep base.yaml -o elsewhere "$few" train.batch_size=2 train.epochs=1 'sweep={seeds: 3}'
{ [ "$code" -eq 3 ] && grep -q 'trained on other data' err && ! grep -q 'had 2 members' err && diff -r was elsewhere >why; }
ok $? 'a sweep that grows with other data is refused before anything is written'
rm -r here && mv gone here
run sweep base.yaml -o elsewhere "$few" train.batch_size=2 train.epochs=1 'sweep={seeds: 3}'
{ [ "$code" -eq 0 ] && grep -q 'elsewhere had 2 members and now has 3' err; }
ok $? 'and grows with its own'
rm -rf grown4 && cp -r grown grown4
message 2 'trained to epoch 4 already, and train.epochs asks for 3' 'fewer epochs than were trained: refused' sweep grid.yaml -q -o grown train.epochs=3
diff -r grown4 grown >why 2>&1
ok $? 'and nothing has changed'
sweep grid.yaml longer train.epochs=4
with_seed grown
for f in longer/*; do
    cmp "$f" "renamed/${f#longer/}" 2>/dev/null || cmp "$f/epochs.csv" "renamed/${f#longer/}/epochs.csv"
done >why 2>&1
[ ! -s why ]
ok $? 'and ends where a longer sweep ends'

# ---- members that fail or diverge ----

run sweep grid.yaml 'dataset={name: mnist, dir: nowhere}' -o unread
{ [ "$code" -eq 3 ] && [ "$(grep -c 'nowhere' err)" -eq 1 ] && [ ! -s out ] && [ ! -e unread ]; }
ok $? 'data that no member can read: said once, and none is tried'
run sweep base.yaml 'sweep={list: [{dataset: {name: mnist, dir: nowhere}}, {seed: 2}]}' -o unread-in-part
{ [ "$code" -eq 1 ] && grep -q '^1 completed, 1 failed' out && [ "$(find unread-in-part -name epochs.csv | wc -l)" -eq 1 ]; }
ok $? 'and data that one of them cannot read: the others are trained'
cat >fails.yaml <<'END'
extends: base.yaml
sweep:
  grid:
    optimizer: [adam, {name: sgd, lr: 1e38}]
    dataset: [{name: digits, train_limit: 300, test_limit: 100, validation: 100}, {name: mnist, dir: nowhere}]
END
ends_with 1 'a member failed: exit 1' sweep fails.yaml -o fails -j 2
grep -q '^.*diverged .*optimizer=sgd,dataset=digits' out && grep -q 'failed .*optimizer=adam,dataset=mnist: .*nowhere' out &&
    grep -q 'completed .*optimizer=adam,dataset=digits' out
ok $? 'a diverged, a failed, a completed member: each its line, with the reason'
[ "$(sed 's/^"[^"]*"//' fails/members.csv | cut -d, -f2 | sort | tr '\n' ' ')" = 'completed diverged failed failed status ' ]
ok $? 'members.csv: their statuses'
cp -r fails fails2
run sweep fails/sweep.yaml -o fails
{ [ "$code" -eq 1 ] && ! grep -q '^[1-4]/4' out; } && same fails fails2
ok $? 'again: a failed member is not tried again'
run sweep fails/sweep.yaml -o fails --retry-failed
{ [ "$code" -eq 1 ] && [ "$(grep -c '^[1-4]/4  failed' out)" -eq 2 ]; } && same fails fails2
ok $? '--retry-failed: it is, and the others are not'
run sweep fails/sweep.yaml -o fast -j 1 --fail-fast
{ [ "$code" -eq 1 ] && [ "$(grep -c '^[1-4]/4' out)" -eq 2 ] && [ "$(grep -c pending fast/members.csv)" -eq 2 ]; }
ok $? '--fail-fast: the others wait'
run sweep fast --summary
{ grep -qxF "'descent resume fast' trains the rest" err && grep -qxF "'descent sweep fast --retry-failed' trains again what failed" err &&
    ! grep -q 'the same command' err; }
ok $? '--summary: what trains the members that are open'
run sweep fails/sweep.yaml -o fast -j 1
same fails fast
ok $? 'and resume when called again'
printf 'extends: base.yaml\nsweep: {grid: {optimizer.lr: [0.1, 1e-1]}, seeds: 2}\n' >double.yaml
message 2 "double.yaml:2:36: error: 'lr=0.1' is there twice" 'a value that is there twice is named, not the seed' check double.yaml
[ "$(grep -c ': error: ' err)" -eq 1 ]
ok $? '... once for all seeds'
printf 'extends: base.yaml\nsweep: {grid: {optimizer.lr: [0.1, 0.2]}, seeds: [9223372036854775808, 2]}\n' >large.yaml
message 2 'the first lr=0.1,seed=9223372036854775808)' 'a seed that is too large is shown as it was written' check large.yaml
printf 'extends: base.yaml\nsweep: {grid: {optimizer.lr: [0.1, 0.2]}, halving: {metric: valid_accuracy, eta: 2, first: 3}}\n' >rungless.yaml
message 2 "rungless.yaml:2:92: error: no rung comes before the end: 'first' is 3, and no member has more than 3 epochs" 'halving without a rung' check rungless.yaml
ends_with 0 '... with one' check rungless.yaml train.epochs=4
printf 'extends: base.yaml\ntrain: {epochs: 1}\nsweep: {grid: {description: [a, b], threads: [1, 2], optimizer.lr: [0.1, 0.2]}, seeds: 2}\n' >words.yaml
run sweep words.yaml -q -o words
{ [ "$(cut -d, -f1-3 words/summary.csv | tr '\n' ' ')" = 'optimizer.lr,members,n 0.1,2,2 0.2,2,2 ' ] && [ "$(grep -c ',completed,' words/members.csv)" -eq 16 ]; }
ok $? 'summary.csv: what cannot change the result makes no groups and counts no run twice'
cat >maps.yaml <<'END'
extends: base.yaml
sweep:
  grid:
    optimizer: [{name: sgd, momentum: 0.9, lr: 0.1}, {name: sgd, momentum: 9e-1, lr: 0.2}, {name: sgd, momentum: 0.9, lr: 0.2, nesterov: true}, adam, {name: adam, lr: 0.1}]
END
members maps.yaml >/dev/null
named 'a mapping shows what is not the same in all of its name, a value however it is written' \
    optimizer=sgd+lr=0.1 optimizer=sgd+lr=0.2 optimizer=sgd+lr=0.2+nesterov=true optimizer=adam optimizer=adam+lr=0.1
long=$(printf 'é%.0s' $(seq 100)) # two bytes each
printf 'extends: base.yaml\nsweep: {grid: {description: ["%s", "x%s"]}}\n' "$long" "$long" >cut.yaml
members cut.yaml >/dev/null
{ [ "$code" -eq 0 ] && [ "$(wc -l <out)" -eq 2 ] && iconv -f UTF-8 -t UTF-8 out | cmp - out; } >why 2>&1
ok $? 'a long name is not cut within a character'
printf 'extends: base.yaml\nsweep: {grid: {optimizer.lr: [0.1, 0.2]}}\n' >grows.yaml
sweep grows.yaml grows
sed -i 's/^  epochs: 3$/  epochs: 9/' grows/sweep.yaml # as an extension that was stopped before its first member leaves it
run status grows
{ [ "$code" -eq 0 ] && grep -qx '2 members: 2 interrupted' out && [ "$(grep -c '^interrupted *3/9' out)" -eq 2 ]; }
ok $? 'status: members that ended before their sweep became longer are not through'
sweep base.yaml lengthened train.epochs=1 'sweep={seeds: 2}'
run sweep base.yaml -j 1 -o lengthened train.epochs=2 'sweep={seeds: 2}'
{ [ "$code" -eq 0 ] && [ "$(grep -o '^[0-9]/2  completed' out | cut -c 1 | tr -d '\n')" = 12 ]; }
ok $? 'nor do they count as done while they are lengthened'
run sweep base.yaml -q -o lengthened train.epochs=40 'sweep={seeds: 2}' --time-limit 0.001
{ [ "$code" -eq 75 ] && [ "$(cat out)" = '2 unfinished
table lengthened/summary.csv
folder lengthened' ] && grep -q '^seed=124,interrupted,' lengthened/members.csv; }
ok $? 'nor in the end, where the time was up before'
printf 'extends: base.yaml\nsweep: {grid: {optimizer.lr: [0.01, 0.005, 0.001]}}\n' >rates.yaml
sweep rates.yaml sound
cp -r sound ill && rm -r ill/lr=0.001 && sed -i '3s/[.]/.9/' ill/lr=0.01/epochs.csv && cp -r ill/lr=0.01 ill-before
again="'descent run ill/lr=0.01/spec.yaml --force -o ill/lr=0.01'"
run sweep rates.yaml -o ill
{ [ "$code" -eq 3 ] && same ill/lr=0.001 sound/lr=0.001 && grep -q '^2 completed, 1 damaged$' out && grep -q '^damaged  lr=0.01$' out && grep '^descent: warning: ' err | grep -qF "$again" &&
    ! grep -q retry-failed err; }
ok $? 'one damaged member: the others are trained, it is named with the command that begins it again'
long=$(printf 'x%.0s' $(seq 200))
cp -r ill "$long"
run sweep rates.yaml -o "$long"
{ [ "$code" -eq 3 ] && grep '^descent: warning: ' err | grep -qF "'descent run $long/lr=0.01/spec.yaml --force -o $long/lr=0.01'"; }
ok $? '... whole, however long the names are'
cp -r sound tableless && rm tableless/members.csv && mkdir tableless/members.csv
message 3 'cannot read tableless/members.csv' 'compare: a table of members that cannot be read is named' compare tableless
diff -r ill/lr=0.01 ill-before >why
ok $? '... and it is left as it is'
for how in 'rates.yaml -o ill --retry-failed' 'ill --summary'; do
    # shellcheck disable=SC2086 # words
    message 3 "$again" "... with $how, too" sweep $how -q
done
message 3 'descent: warning: ill/lr=0.01/epochs.csv is not the one' '... on stderr, where the tables alone are made' sweep ill --summary
run run ill/lr=0.01/spec.yaml --force -o ill/lr=0.01 -q
ends_with 0 '... and that command mends it' sweep rates.yaml -o ill -q
same ill sound
ok $? '... to the byte'
printf 'extends: base.yaml\nname: kept\ntrain: {epochs: 1}\nsweep: {grid: {optimizer.lr: [0.01, 0.005]}}\n' >kept.yaml
printf 'extends: base.yaml\nname: kept\ntrain: {epochs: 1}\nsweep: {grid: {optimizer.lr: [0.01, 0.005], train.batch_size: [50, 100]}}\n' >kept-more.yaml
sweep kept.yaml kept && sweep kept-more.yaml kept && ls kept >kept-folders
stays() { # WHAT: a damaged member of a grown sweep is found under its old name by status and by sweep, and nothing is trained
    cp -r kept/lr=0.01 kept-before
    run status kept
    { [ "$code" -eq 3 ] && grep -q '^4 members: 3 completed, 1 damaged$' out && grep -q '^damaged .* lr=0.01$' out; }
    ok $? "grown, $1: status names the member by the folder that it has kept"
    run sweep kept-more.yaml -o kept
    { [ "$code" -eq 3 ] && grep -q '^3 completed, 1 damaged$' out && grep -q '^damaged  lr=0.01$' out && grep -q '^lr=0.01,damaged,0.01,50,' kept/members.csv &&
        ls kept | diff kept-folders - && diff -r kept/lr=0.01 kept-before; } >why
    ok $? "grown, $1: sweep does, and leaves it as it is"
    rm -r kept && cp -r kept-sound kept && rm -r kept-before
}
cp -r kept kept-sound
sed -i '2s/[.]/.9/' kept/lr=0.01/epochs.csv
stays 'a damaged epochs.csv'
echo '{' >kept/lr=0.01/run.json
stays 'a damaged run.json'
sed -i 's/^seed: .*/seed: 77/' kept/lr=0.01/spec.yaml
stays 'an edited spec.yaml'
echo '{' >kept/lr=0.01/spec.yaml
stays 'an unreadable spec.yaml'
rm -r kept && cp -r kept-sound kept && rm kept/lr=0.01/spec.yaml
ends_with 0 'grown: a spec.yaml that is gone is restored there' sweep kept-more.yaml -q -o kept
same kept kept-sound
ok $? '... to the byte'
rm -r kept && sweep kept.yaml kept && sed -i 's/^seed: .*/seed: 77/' kept/lr=0.01/spec.yaml
run sweep kept-more.yaml -o kept
{ [ "$code" -eq 3 ] && grep -q '^damaged  lr=0.01$' out && ls kept | diff kept-folders -; } >why
ok $? 'a sweep that grows over a damaged member keeps its folder too'
quotes=$(printf '%25000s' '' | tr ' ' '"') # as a recorded text each takes two bytes
{
    printf "extends: base.yaml\ntrain: {epochs: 1}\nsweep:\n  list:\n"
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do
        printf "    - {seed: %s, description: '%s'}\n" "$i" "$quotes"
    done
} >texts.yaml
sweep texts.yaml quoted --time-limit 0.001s
{ [ "$code" -eq 75 ] && [ "$(wc -c <texts.yaml)" -lt 1000000 ] && [ "$(wc -c <quoted/sweep.yaml)" -gt 1048576 ]; }
ok $? 'a sweep.yaml that has become longer than a spec may be'
ends_with 0 '... is read back by status' status quoted
ends_with 75 '... by sweep' sweep texts.yaml -q -o quoted --time-limit 0.001s
ends_with 0 '... and by report' report quoted
run sweep grid.yaml -o unmet train.epochs=1 'expect={valid_accuracy: ">= 0.99"}'
{ [ "$code" -eq 6 ] && [ "$(grep -c 'completed .*expected >= 0.99' out)" -eq 6 ]; }
ok $? 'expectations that are not met: exit 6'

# ---- stopped and killed ----

cat >slow.yaml <<'END'
extends: base.yaml
dataset: {train_limit: 4000}
train: {epochs: 10, batch_size: 10}
checkpoint: {keep: 2}
sweep:
  grid: {optimizer: [sgd, {name: sgd, lr: 1e30}, adam]}
  seeds: 4
END
sweep slow.yaml whole -j 2
[ "$code" -eq 0 ] && [ "$(grep -c completed whole/members.csv)" -eq 8 ] && [ "$(grep -c diverged whole/members.csv)" -eq 4 ]
ok $? 'twelve members'
start() { # ARGUMENT ...: in the background, in a process group of its own
    CRASH_UNDER=$work LD_PRELOAD=$crash setsid env --default-signal=INT,HUP "$descent" "$@" >out 2>err </dev/null &
    pid=$!
}
begun() { # FOLDER N: waits until N members have begun
    tries=0
    while [ "$(find "$1" -name run.json 2>/dev/null | wc -l)" -lt "$2" ] && [ "$tries" -lt 6000 ]; do
        sleep 0.01
        tries=$((tries + 1))
    done
}
stop() { # MEMBERS group|alone SIGNAL: stops the sweep once so many have begun; again where it had ended before, as on a busy machine
    members_begun=$1 tries_left=10
    shift
    while [ "$tries_left" -gt 0 ]; do
        rm -rf stopped
        start sweep slow.yaml -o stopped -j 2
        begun stopped "$members_begun"
        case $1 in
        group) kill "-$2" "-$pid" 2>/dev/null ;; # all of them, as a terminal does
        *) kill "-$2" "$pid" 2>/dev/null ;;
        esac
        wait "$pid"
        code=$?
        [ "$code" -eq 0 ] || break
        tries_left=$((tries_left - 1))
    done
}
lines() { # FOLDER: of all its runs' tables
    find "$1" -name epochs.csv -exec cat {} + 2>/dev/null | wc -l
}
has_ended() {
    case $(ps -o stat= -p "$pid") in
    '' | Z*) return 0 ;;
    esac
    return 1
}
signal_at() { # SIGNAL FOLDER LINES ARGUMENT ...: a sweep in FOLDER, to which all of it is sent once its tables have so many more lines, or it has ended
    signal=$1 folder=$2 target=$(($(lines "$2") + $3))
    shift 3
    start "$@" -o "$folder"
    until [ "$(lines "$folder")" -ge "$target" ] || has_ended; do
        sleep 0.01
    done
    kill "-$signal" "-$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    code=$?
    [ "$code" -ne 137 ] || kills=$((kills + 1)) # it was at work
}
kills=0
for more in 8 4 11 7 3 10 6 2 9 5 1 8; do
    signal_at KILL killed "$more" sweep slow.yaml -j 2
done
sweep slow.yaml killed -j 2
[ "$code" -eq 0 ] && same whole killed
ok $? "killed with all workers $kills times and called again: the same bytes"
[ "$kills" -ge 1 ]
ok $? 'and it was killed indeed'
if [ -n "$crash" ]; then
    CRASH_FORK=2
    export CRASH_FORK
    sweep slow.yaml forked -j 2
    unset CRASH_FORK
    [ "$code" -eq 4 ] && grep -q 'cannot start a process' err && [ "$(json "forked/$(ls forked | grep = | head -n 1)/run.json" 'j["status"]')" = interrupted ]
    ok $? 'a process that cannot be started: the one that runs writes its checkpoint first'
fi
rm -rf killed
start sweep slow.yaml -o killed -j 2
begun killed 2
kill -9 "$pid" # the parent alone
wait "$pid" 2>/dev/null
sweep slow.yaml killed -j 2
[ "$code" -eq 0 ] && same whole killed
ok $? 'the parent killed: its workers go with it, and the next call has their folders'
rm -rf killed
start sweep slow.yaml -q -o killed -j 1 train.epochs=100000 # long enough to be met at work
begun killed 1
kill -9 "$(ps -o pid= --ppid "$pid" | tr -d ' ')" # a worker alone
begun killed 2
kill "$pid"
wait "$pid"
grep -q 'seed=123 interrupted: killed by signal 9' err
ok $? 'a worker killed: -q says so too'
run status killed
{ grep -q '^"optimizer=sgd,seed=123",interrupted' killed/members.csv && grep -q '^interrupted .*seed=123$' out; }
ok $? 'a worker killed: the same in members.csv and in status'
for pair in INT:130 TERM:143 USR1:75 HUP:129; do
    stop 2 group "${pair%:*}"
    [ "$code" -eq "${pair#*:}" ] && grep -q 'interrupted\|pending' stopped/members.csv && [ ! -e stopped/.lock ]
    ok $? "SIG${pair%:*}: a checkpoint, exit ${pair#*:}"
    cp out first
    run resume stopped -q
    [ "$code" -eq 0 ] && same whole stopped
    ok $? "SIG${pair%:*}: resume ends as if nothing had been"
done
refused=0 tries_left=10
while [ "$refused" -eq 0 ] && [ "$tries_left" -gt 0 ]; do # 0: the first had ended, and nothing was left to do
    wait
    rm -rf stopped
    start sweep slow.yaml -o stopped -j 2
    begun stopped 1
    kill -USR2 "$pid"
    "$descent" sweep slow.yaml -o stopped >second 2>&1
    refused=$?
    tries_left=$((tries_left - 1))
done
[ "$refused" -eq 4 ] && grep -q 'another process works on this sweep' second
ok $? 'a second process is turned away'
wait "$pid"
code=$?
[ "$code" -eq 0 ]
ok $? 'SIGUSR2: it continues'
same whole stopped
ok $? 'SIGUSR2: to the same end'
rm -rf stopped
message 2 "not '1h30'" '--time-limit: a number without its unit' sweep slow.yaml -q -o stopped -j 1 --time-limit 1h30
sweep slow.yaml stopped -j 1 --time-limit 0.2s
{ [ "$code" -eq 75 ] && grep -q 'pending' stopped/members.csv; }
ok $? '--time-limit: exit 75, call again'
run resume stopped -q
same whole stopped
ok $? '--time-limit: and then it ends'

# ---- names that others have now ----

cat >named.yaml <<'END'
extends: base.yaml
train: {epochs: 1}
name: 'a,b"c'
sweep: {list: [{optimizer.lr: 0.1}, {optimizer.lr: 0.2}], seeds: [1, 2]}
END
sweep named.yaml taken
before=$(cksum <'taken/lr=0.1,seed=1/epochs.csv')
run sweep named.yaml -q -o taken train.batch_size=100 \
    'sweep.list=[{optimizer.lr: 0.1, train.batch_size: 50}, {optimizer.lr: 0.2, train.batch_size: 50}, {optimizer.lr: 0.1}]'
{ [ "$code" -eq 0 ] && [ "$(cksum <'taken/lr=0.1,batch_size=50,seed=1/epochs.csv')" = "$before" ] &&
    [ "$(cksum <'taken/lr=0.1,seed=1/epochs.csv')" != "$before" ] && [ "$(cell taken/members.csv status 'lr=0.2,seed=2')" = completed ] &&
    [ "$(cell taken/members.csv train.batch_size 'lr=0.2,seed=2')" = 50 ] &&
    [ "$(cell taken/members.csv train.batch_size 'lr=0.1,seed=2')" = 100 ]; }
ok $? 'a grown sweep renames only those whose name another member has now'
cat >texts.yaml <<'END'
extends: base.yaml
train: {epochs: 1}
sweep: {grid: {dataset.dir: ['a,b"c', 'plain', 'a_b_c'], model.hidden: [[8, 4], [4]]}}
END
sweep texts.yaml texts
printf '%s\n' '"a,b""c","[8, 4]"' '"a,b""c",[4]' 'plain,"[8, 4]"' 'plain,[4]' 'a_b_c,"[8, 4]"' 'a_b_c,[4]' >expected
{ tail -n +2 texts/summary.csv | sed 's/,1,1,[^]]*$//' | diff expected - &&
    tail -n +2 texts/members.csv | sed 's/^"[^"]*",completed,//; s/,1,6,[^]]*$//' | diff expected -; } >why 2>&1
ok $? 'members.csv and summary.csv: values as they are'
ends_with 0 'figures of a sweep' sweep texts.yaml -q -o drawn plots=true 'sweep={grid: {optimizer.lr: [0.1, 0.2]}}'
grep -qx 'figure drawn/curves.png' out && "$descent" inspect drawn/curves.png | grep -q ' lr 0.1'
ok $? 'its curves are drawn when all is done'
[ ! -e texts/curves.png ]
ok $? 'not with plots: false'
rm drawn/curves.png
run sweep texts.yaml -q -o drawn plots=true 'sweep={grid: {optimizer.lr: [0.1, 0.2]}}' --no-plots
before=$([ -e drawn/curves.png ] || echo none)
run resume drawn
{ [ "$before" = none ] && [ -e drawn/curves.png ] && grep -qx 'figure drawn/curves.png' out; }
ok $? 'nor with --no-plots; and where they are missing'
for shard in 1 2; do
    run sweep texts.yaml -q -o halves plots=true 'sweep={grid: {optimizer.lr: [0.1, 0.2]}}' --shard $shard/2
    [ -e halves/curves.png ] && printf '%s ' $shard
done >seen
[ "$(cat seen)" = '2 ' ]
ok $? 'of shards, by the last one'
rm drawn/curves.png
run sweep texts.yaml -q -o drawn plots=true 'sweep={grid: {optimizer.lr: [0.1, 0.2]}}'
cmp drawn/curves.png halves/curves.png >why
ok $? 'the same bytes in whichever folder'
cat >maps.yaml <<'END'
extends: base.yaml
train: {epochs: 1}
optimizer: adam
sweep: {list: [{optimizer: {name: adam, betas: [0.5, 0.6]}}, {optimizer.lr: 0.01}]}
END
sweep maps.yaml maps
{ [ "$(cut -d'"' -f2 maps/summary.csv | sed -n 2p)" = '{name: adam, betas: [0.5, 0.6]}' ] && sed -n 3p maps/summary.csv | grep -q '^"{name: adam, .*betas: \[0\.9, 0\.999\].*}",0.01,'; }
ok $? 'a mapping whole, where members have it from the base'
cat >maps.yaml <<'END'
extends: base.yaml
train: {epochs: 1}
sweep: {grid: {optimizer: [{name: adam, betas: [0.5, 0.6]}, {name: adam, betas: [0.7, 0.8]}, {name: sgd, lr: 0.1}]}}
END
sweep maps.yaml grids
printf '%s\n' '{name: adam, betas: [0.5, 0.6]}' '{name: adam, betas: [0.7, 0.8]}' sgd >expected
tail -n +2 grids/summary.csv | sed 's/^"//; s/"*,1,1,.*//' | diff expected - >why
ok $? 'and where its name is that of another; else its name'

# ---- draws ----

draw() { # TRIALS SPACE
    printf 'extends: base.yaml\nsweep:\n  random: {trials: %s, space: {%s}}\n' "$1" "$2" >draw.yaml
    run sweep draw.yaml --list
}
draw 40 'train.batch_size: {choice: [10, 20, 30, 20]}, optimizer.lr: {choice: [0.1, 0.2]}, train.epochs: {int: [1, 2]}'
{ [ "$code" -eq 0 ] && [ "$(sort -u out | wc -l)" -eq 12 ] && [ "$(wc -l <out)" -eq 12 ] &&
    grep -q 'the space has 12 settings: 12 trials, not 40' err; }
ok $? 'random: a finite space is drawn without replacement, and its end is said'
draw 11 'train.batch_size: {choice: [10, 20, 30]}, optimizer.lr: {choice: [0.1, 0.2]}, train.epochs: {int: [1, 2]}'
cp out eleven
draw 12 'train.batch_size: {choice: [10, 20, 30]}, optimizer.lr: {choice: [0.1, 0.2]}, train.epochs: {int: [1, 2]}'
{ [ "$(sort -u out | wc -l)" -eq 12 ] && head -n 11 out | diff eleven -; } >why 2>&1
ok $? 'random: more trials leave the earlier ones as they were'
draw 3000 'optimizer.lr: {uniform: [0.1, 0.1001]}'
{ [ "$code" -eq 0 ] && [ "$(sed 's/.*lr=//' out | sort -u | wc -l)" -eq 3000 ] && [ "$(head -n 1 out | wc -c)" -le 12 ]; }
ok $? 'random: more digits where two draws would meet'
draw 200 'optimizer.lr: {uniform: [0.1, 0.100000000000001]}'
says 2 'too narrow for 200 different trials' 'random: a space without so many numbers'
draw 1000000 'optimizer.lr: {uniform: [0.1, 1]}'
says 2 'a whole number in [1, 100000]' 'random: a bound, not a wait'

# ---- a validation split of its own in every member ----

sweep base.yaml splits dataset.validation_split=random train.epochs=1 'sweep={seeds: [1, 2]}'
run run base.yaml -q -o split2 dataset.validation_split=random train.epochs=1 seed=2
run run base.yaml -q -o tail2 train.epochs=1 seed=2
{ [ "$code" -eq 0 ] && cmp splits/seed=2/epochs.csv split2/epochs.csv && ! cmp -s split2/epochs.csv tail2/epochs.csv; } >why 2>&1
ok $? 'validation_split: random in a sweep: each member has the split of its seed'

within() { # KEY DISTRIBUTION LOW HIGH: four draws lie between
    run sweep base.yaml -q --list optimizer=sgd "sweep={random: {trials: 4, space: {$1: {$2: [$3, $4]}}}}"
    [ "$code" -eq 0 ] && [ "$(sed 's/.*=//' out | awk -v l="$3" -v h="$4" '$1 + 0 >= l + 0 && $1 + 0 <= h + 0' | sort -u | wc -l)" -eq 4 ]
    ok $? "random: $2 [$3, $4] draws no number beyond its ends"
}
within optimizer.momentum uniform 0.9999999 0.99999999
within optimizer.momentum uniform 0.12345678 0.12345679
within optimizer.momentum reverse_log_uniform 0.12345678 0.12345679
within optimizer.lr log_uniform 1 1.0000001
within optimizer.lr log_uniform 1e-300 1e300
message 2 'it must be a number >= 0 (in ' 'random: the widest interval' check base.yaml optimizer=sgd \
    'sweep={random: {trials: 4, space: {optimizer.lr: {uniform: [-1e308, 1e308]}}}}'
cat >space.yaml <<'END'
extends: base.yaml
optimizer: {name: sgd, lr: 0.1}
sweep: {random: {trials: 2, space: {optimizer.lr: {log_uniform: [0.01, 1]}, train.batch_size: {choice: [16, 32]}}}}
END
members space.yaml >first
members space.yaml 'sweep.random.space.optimizer.momentum={uniform: [0.1, 0.9]}' | sed 's/,momentum=0[.][0-9]*$//' >second
cmp first second
ok $? 'random: a key that the command line adds leaves the draws of the others'
members space.yaml 'sweep.random.space.optimizer.lr={uniform: [1, 2]}' >/dev/null
[ "$code" -eq 0 ] && [ "$(grep -c '^lr=1[.]' out)" -eq 2 ]
ok $? 'random: a distribution of the command line takes the place of another'
members space.yaml '~sweep.random.space.optimizer.lr' sweep.random.space.optimizer.momentum.uniform='[0.5, 0.6]' >/dev/null
[ "$code" -eq 0 ] && [ "$(grep -c 'momentum=0[.]5' out)" -eq 2 ]
ok $? 'random: a key taken away, another one added'
printf 'extends: space.yaml\nsweep: {random: {space: {optimizer.lr: {int: [3, 9]}}}}\n' >space2.yaml
members space2.yaml >/dev/null
[ "$code" -eq 0 ] && [ "$(grep -c '^lr=[3-9]' out)" -eq 2 ]
ok $? 'random: ... of the upper spec'
message 2 "there is no distribution 'unifrom'; there are uniform, log_uniform, reverse_log_uniform, int, log_int and choice" 'random: a distribution that is none' check space.yaml 'sweep.random.space.optimizer.lr={unifrom: [1, 2]}'
for name in uniform_int int_uniform randint; do
    message 2 "did you mean 'int'?" "random: $name" check space.yaml "sweep.random.space.optimizer.lr={$name: [1, 2]}"
done
message 2 "did you mean 'log_int'?" 'random: int_log_uniform' check space.yaml 'sweep.random.space.optimizer.lr={int_log_uniform: [1, 2]}'
message 2 "'seeds' is at most 100000" 'seeds: more than a sweep takes' check base.yaml sweep.seeds=1000000
message 2 "'seeds' is at most 100000" '... or a number does' check base.yaml sweep.seeds=1e30
members base.yaml 'sweep={list: [{optimizer.lr: 3}, {optimizer: {name: sgd, lr: 2}}, {optimizer: {name: sgd, lr: 4}}]}' \
    sweep.list.0.train.batch_size=7 sweep.list.1.optimizer.lr=5 >/dev/null
named 'list: the command line adds a key with its dots, and reaches into a mapping' lr=3,batch_size=7 optimizer=sgd+lr=5 optimizer=sgd+lr=4
members base.yaml 'sweep={grid: {scheduler: [null, cosine, [{name: warmup, over: 1}, {name: cosine}]]}, skip: scheduler == null}' >/dev/null
named 'skip: a list of schedulers is not null' scheduler=cosine scheduler=warmup-cosine
members base.yaml "sweep={grid: {model.hidden: [[8], [8, 16], [9]]}, skip: \"hidden == '[8, 16]' or hidden.0 == 9\"}" >/dev/null
named 'skip: a list of values, as compare --where has it' hidden=8
members base.yaml 'sweep={grid: {optimizer: [{name: sgd, momentum: 0.5}, adam]}, skip: optimizer.momentum > 0.6}' >/dev/null
named 'skip: a key that the later members lack' optimizer=sgd optimizer=adam
members base.yaml 'sweep={grid: {optimizer: [adam, {name: sgd, momentum: 0.5}]}, skip: optimizer.momentum > 0.6}' >/dev/null
named '... or the earlier ones' optimizer=adam optimizer=sgd
members base.yaml 'sweep={grid: {optimizer: [{name: sgd, momentum: 0.7}, adam], model: [{name: mlp, activation: tanh}, softmax]},
    skip: optimizer.momentum > 0.6 or model.activation == "tanh"}' >/dev/null
named '... each key another half' optimizer=adam,model=softmax
members base.yaml 'sweep={grid: {scheduler: [{name: step, every: 2}, null]}, skip: scheduler.0.every == 2}' >/dev/null
named '... of an entry of a list' scheduler=null
members base.yaml 'sweep={grid: {optimizer.groups: [[{tensors: [bias], lr: 2}], [{tensors: [bias], lr: 2}, {tensors: [weight], lr: 3}]]}}' >/dev/null
named 'mappings in lists: each begins with its first key' groups=tensors=bias+lr=2 groups=tensors=bias+lr=2-tensors=weight+lr=3
cat >lacking.yaml <<'END'
extends: base.yaml
sweep:
  grid: {optimizer: [{name: sgd, lr: 0.1, momentum: 0.5}, adam]}
  skip: optimizer.momentum > 0.6
END
echo optimizer=adam >lacking
run sweep lacking.yaml -q -o lack --only lacking
ends_with 0 'skip: a part of the members that all lack a key' sweep lack -q --only lacking
run sweep base.yaml --list 'sweep={grid: {optimizer.lr: [1, 2], optimizer: [{name: adam, lr: 0.3}]}}'
{ [ "$code" -eq 0 ] && grep -qF "command line:1:66: no member has this value: the axis 'optimizer.lr' has values of its own" err; }
ok $? 'a value that another axis undoes in every member: a warning'

# ---- successive halving ----

cat >halving.yaml <<'END'
extends: base.yaml
dataset: {train_limit: 6000, validation: 200}
train: {epochs: 9, batch_size: 20}
scheduler: cosine
sweep:
  random: {trials: 9, space: {optimizer: {choice: [sgd]}, optimizer.lr: {log_uniform: [1e-3, 10]}}}
  halving: {metric: valid_accuracy, eta: 3, first: 1}
END
run sweep halving.yaml --list dataset.validation=null dataset.folds=2 'sweep.grid={dataset.fold: [0, 1]}'
{ [ "$code" -eq 0 ] && grep -q "warning: halving lets the values of 'dataset.fold' compete" err; }
ok $? 'halving: folds are no rivals'
run sweep halving.yaml --list dataset.validation=null dataset.folds=2 'sweep.grid={train.batch_size: [20, 30]}'
{ [ "$code" -eq 0 ] && ! grep -q compete err; }
ok $? '... other keys are'
ends_with 0 'halving' sweep halving.yaml -q -o rungs -j 1
at_epoch() { # EPOCH: accuracy and folder of those that reached it, best first, ties by the order of the members
    tail -n +2 rungs/members.csv | cut -d, -f1 | while read -r f; do
        awk -F, -v e="$1" -v f="$f" -v n="$((n = n + 1))" 'NR > 1 && $1 == e { print $12, n, f }' "rungs/$f/epochs.csv"
        n=$((n + 1))
    done | sort -k1,1gr -k2,2n | cut -d' ' -f3
}
n=0
at_epoch 1 | head -n 3 | sort >expected
at_epoch 3 | sort >got
[ "$(at_epoch 1 | wc -l)" -eq 9 ] && cmp -s expected got && [ "$(at_epoch 2 | wc -l)" -eq 3 ]
ok $? 'the best third of nine continues from epoch 1'
at_epoch 3 | head -n 1 >expected
at_epoch 9 >got
cmp -s expected got && [ "$(at_epoch 4 | wc -l)" -eq 1 ]
ok $? 'the best of three continues from epoch 3 to the end'
[ "$(cut -d, -f2 rungs/members.csv | sort | uniq -c | tr -s ' \n' ' ')" = ' 1 completed 8 pruned 1 status ' ]
ok $? 'the losers are pruned'
run run base.yaml -q -o alone9 'dataset={name: digits, train_limit: 6000, test_limit: 100, validation: 200}' \
    'train={epochs: 9, batch_size: 20}' scheduler=cosine optimizer=sgd "optimizer.$(cat expected)" name=halving
same alone9 "rungs/$(cat expected)"
ok $? 'the winner is what a run of its own leaves: its schedule has always had the full length'
sweep halving.yaml rungs2 -j 3
same rungs rungs2
ok $? 'halving: the same whatever -j'
kills=0 code=0 tries_left=10
while { [ "$kills" -eq 0 ] || [ "$code" -ne 130 ]; } && [ "$tries_left" -gt 0 ]; do # from the start where it had ended before, as on a busy machine
    rm -rf rungs3
    for more in 1 4 2 5 3 1; do
        signal_at KILL rungs3 "$more" sweep halving.yaml -j 2
    done
    signal_at INT rungs3 1 sweep halving.yaml -j 2
    tries_left=$((tries_left - 1))
done
[ "$kills" -ge 1 ] && [ "$code" -eq 130 ]
ok $? 'halving: killed, and stopped by SIGINT: exit 130'
for member in rungs3/lr=*; do touch "$member/.lock"; done # as kills at their end leave it
run resume rungs3 -q
[ "$code" -eq 0 ] && same rungs rungs3
ok $? 'halving: the same after kills and a stop'
run sweep halving.yaml -o rungs
{ [ "$code" -eq 0 ] && grep -q 'nothing was left' err; } && same rungs rungs2
ok $? 'halving: again, nothing is left to do'
touch rungs/members.csv.0123456789ab.tmp rungs/mine.tmp
run sweep halving.yaml -o rungs
[ "$code" -eq 0 ] && [ ! -e rungs/members.csv.0123456789ab.tmp ] && [ -e rungs/mine.tmp ]
ok $? 'what a kill left of a table that it wrote goes, and nothing else'
rm rungs/mine.tmp
message 2 'rungs promoted members that this one' 'halving: more members would have changed who continued' sweep halving.yaml -q -o rungs sweep.random.trials=12
message 2 'train.epochs: 9 there, 12 now' 'halving: so would a greater length' resume rungs train.epochs=12
run resume rungs threads=2 description=longer train.epochs=12
[ "$code" = 2 ] && ! grep -Eq 'threads|description' err
ok $? 'halving: what may change is no reason'
cp rungs/members.csv before.csv
ends_with 0 'halving: what may change, changed' resume rungs description=again log.steps=5 evaluate.batch_size=77
cmp before.csv rungs/members.csv
ok $? 'halving: and nothing was trained for it'
run verify rungs -q
{ [ "$code" -eq 0 ] && grep -q '^rungs: 9 of 9 members reproduced, byte for byte$' out; }
ok $? 'halving: members that were pruned are reproduced as far as they went'
run plot rungs --kind search -o pruned.svg
{ [ "$code" -eq 0 ] && grep -q '>validation accuracy (8 pruned, not drawn)<' pruned.svg; }
ok $? 'plot --kind search: says how many were pruned'
cp -r rungs unsure && winner=$(grep ',completed,' rungs/members.csv | head -n 1 | cut -d, -f1)
sed -i '3s/[.]/.9/' "unsure/$winner/epochs.csv"
loser=$(grep ',pruned,' rungs/members.csv | head -n 1 | cut -d, -f1)
message 3 "; else move unsure/$winner away and 'descent resume unsure' trains it again" 'halving: does not decide without a member that is damaged' resume unsure
rm -r "unsure/$winner" "unsure/$loser"
run resume unsure -q
[ "$code" -eq 0 ] && cmp rungs/members.csv unsure/members.csv
ok $? '... and moved away it is trained again, to its rung'
sed '$s/,0\./,0.1/' "rungs2/$loser/epochs.csv" >edited && mv edited "rungs2/$loser/epochs.csv"
run verify "rungs2/$loser" -q
{ [ "$code" -eq 1 ] && grep -q '^epochs.csv  *differs first in row [0-9]* (epoch [0-9]*), column lr:$' out; }
ok $? 'halving: and not where a row of one is another'
mkdir -p "held/$winner/checkpoints/best.safetensors" # stands for a disk that is full
run sweep halving.yaml -o held -j 1
{ [ "$code" -eq 1 ] && grep -q '^1 failed, 8 unfinished$' out && ! grep -q 'the same command resumes' err &&
    grep -qF "'descent sweep held --retry-failed' trains again what failed; halving waits for that" err; }
ok $? 'halving: a member that failed holds its rung, and the next step is said'
run sweep held --retry-failed
{ [ "$code" -eq 1 ] && grep -qF 'has failed again: mend what is named there, then the same command' err; }
ok $? '... and not once more the option that was typed'
rmdir "held/$winner/checkpoints/best.safetensors"
run sweep held -q --retry-failed
[ "$code" -eq 0 ] && cmp rungs/members.csv held/members.csv
ok $? '... and all is what it would have been'
message 2 'decided among all' 'halving: no shards' sweep halving.yaml -q -o sharded --shard 1/2
run sweep halving.yaml -q -o brackets 'sweep.halving=[{eta: 2, first: 2, members: 4}, {eta: 3, first: 3}]'
{ [ "$code" -eq 0 ] && [ "$(sed 1d brackets/members.csv | head -n 4 | cut -d, -f2 | sort | uniq -c | tr -s ' \n' ' ')" = ' 1 completed 3 pruned ' ] &&
    [ "$(sed 1d brackets/members.csv | tail -n 5 | cut -d, -f2 | sort | uniq -c | tr -s ' \n' ' ')" = ' 1 completed 4 pruned ' ]; }
ok $? 'a list of brackets: one winner each'

cat >seeds.yaml <<'END'
extends: halving.yaml
sweep:
  random: {trials: 6, space: {optimizer.lr: {log_uniform: [1e-3, 1]}}}
  seeds: [1, 2]
  halving: {metric: valid_accuracy, eta: 3, first: 1}
END
sweep seeds.yaml seeds
tail -n +2 seeds/members.csv | sed 's/^"lr=\([^,]*\),seed=[12]",\([a-z]*\),.*/\1 \2/' | sort | uniq -c | awk '{ print $1, $3 }' | sort | uniq -c |
    tr -s ' \n' ' ' >got
[ "$(cat got)" = ' 2 2 completed 4 2 pruned ' ] || [ "$(cat got)" = ' 1 2 completed 5 2 pruned ' ]
ok $? 'halving: groups of seeds continue or end whole'
for f in seeds/lr=*seed=1; do # the means over both seeds after the first rung
    g=${f%1}2
    awk -F, -v f="$f" 'FNR > 1 && $1 == 1 { s += $12 } END { print s / 2, f }' "$f/epochs.csv" "$g/epochs.csv"
done | sort -k1,1gr | head -n 2 | cut -d' ' -f2 | sort >expected
for f in seeds/lr=*seed=1; do [ "$(tail -n 1 "$f/epochs.csv" | cut -d, -f1)" -gt 1 ] && echo "$f"; done | sort | diff expected - >why 2>&1
ok $? 'halving: by the mean over the seeds'

cat >shares.yaml <<'END'
extends: base.yaml
train: {epochs: 4}
sweep:
  random: {trials: 5, space: {optimizer.lr: {log_uniform: [1e-3, 1]}}}
  seeds: [1, 2]
  halving: [{eta: 3, first: 1}, {eta: 2, first: 2}]
END
sweep shares.yaml shares
tail -n +2 shares/members.csv | sed 's/^"lr=\([^,]*\),seed=[12]",\([a-z]*\),.*/\1 \2/' | sort | uniq -c | awk '$1 != 2' >got
[ "$code" -eq 0 ] && [ ! -s got ]
ok $? 'brackets are shared by whole groups of seeds'
grep -q '{eta: 3, first: 1, members: 4}' shares/sweep.yaml && grep -q '{eta: 2, first: 2, members: 6}' shares/sweep.yaml
ok $? '... as the folder has it'
run sweep shares.yaml -o shares
{ [ "$code" -eq 0 ] && grep -q 'nothing was left' err; }
ok $? '... and the same sweep is the same again'
rm -rf cut && mkdir cut # begun where members were shared one by one
sed 's/, members: [46]//' shares/sweep.yaml >cut/sweep.yaml
: >cut/.lock
run resume cut -q
[ "$code" -eq 0 ] && ! grep -q members: cut/sweep.yaml && [ "$(sed 1d cut/members.csv | head -n 5 | grep -c ',completed,')" -eq 1 ] &&
    [ "$(sed 1d cut/members.csv | tail -n 5 | grep -c ',completed,')" -ge 1 ]
ok $? 'a sweep that has begun with other shares ends with them'
message 2 'sweep.halving.0.members: absent there, 4 now' '... and is not another with the shares of now' sweep shares.yaml -q -o cut
message 2 'command line:1:25: error: 5 members would cut a group of seeds in two: 4 or 6 would not' 'members that cut a group' \
    check shares.yaml 'sweep.halving.1.members=5'
message 2 'command line:1:26: error: 3 members would cut a group of seeds in two: 2 or 4 would not' '... in the first bracket' \
    check shares.yaml 'sweep.halving=[{members: 3, first: 1}, {first: 1}]'
message 2 'put the seed last' 'groups that no bracket can have whole' \
    check base.yaml train.epochs=4 'sweep={grid: {seed: [1, 2], optimizer.lr: [1, 2]}, halving: [{first: 1}, {first: 2}]}'
run check shares.yaml 'sweep.halving=[{metric: valid_loss, first: 1}, {metric: valid_loss, first: 1}]' dataset.validation=0
grep -q 'it needs a validation set (dataset.validation)$' err
ok $? 'what is wrong with two brackets is wrong with each member once'
message 2 'cannot be made longer' 'more epochs after halving: what is possible' resume shares train.epochs=+1

# ---- tuning ----

cat >tune.yaml <<'END'
extends: base.yaml
checkpoint: {every: 0, keep: 0, best: null, last: false}
sweep:
  list:
    - {optimizer: {name: sgd, lr: 0.01}}
    - {optimizer: {name: sgd, lr: 0.3}}
    - {optimizer: {name: adam, lr: 0.003}}
    - {optimizer: {name: adam, lr: 0.02}}
    - {optimizer: {name: sgd, lr: 1e38}}
  seeds: [5, 6]
END
tune() { # FOLDER [ARGUMENT ...]
    folder=$1
    shift
    sweep tune.yaml "$folder" --tune --reruns 3 "$@"
}
tune tuned -j 1
exits 0 '--tune'
[ "$(cd tuned && ls -d * | grep -v = | tr '\n' ' ')" = 'members.csv summary.csv sweep.yaml tune.yaml tuned tuned.csv ' ] &&
    [ "$(ls -d tuned/tuned/*=* | sed 's/.*seed=//' | sort | uniq -c | tr -s ' \n' ' ')" = ' 2 7 2 8 2 9 ' ]
ok $? '--tune: the reruns of two optimizers have seeds that the search has not had'
[ -z "$(find tuned -name '*.safetensors')" ]
ok $? 'checkpoint.last: false: a sweep that keeps no weights'
for o in sgd adam; do # the best mean over the search's seeds, from members.csv alone; {name: sgd, lr: 0.3} as sgd+lr=0.3
    sed 's/^"[^"]*"/-/; s/"{name: \([a-z]*\), lr: \([0-9.e-]*\)}"/\1+lr=\2/' tuned/members.csv | awk -F, -v o="$o" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $2 == "completed" && index($3, o "+") == 1 { sum[$3] += $c["valid_accuracy"] / 2 }
        END { for (k in sum) if (sum[k] > best) { best = sum[k]; name = k } printf "%s %.6f\n", name, best }' >expected
    best=$(cell tuned/tuned.csv optimizer $o | sed 's/^{name: \([a-z]*\), lr: \(.*\)}$/\1+lr=\2/')
    printf '%s %.6f\n' "$best" "$(cell tuned/tuned.csv search_valid_accuracy $o)" | diff expected - >>why
    lr=$best
    grep -L "^  lr: ${lr#*=}\$" tuned/tuned/optimizer="$o"*/spec.yaml >>why
    sed 's/^"[^"]*"/-/' tuned/tuned/members.csv | awk -F, -v o="$o" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $3 == o { x[++n] = $c["test_accuracy"]; sum += $c["test_accuracy"] }
        END { for (i in x) d += (x[i] - sum / n) ^ 2; printf "%d %.6f %.6f\n", n, sum / n, sqrt(d / (n - 1)) }' >expected
    printf '%d %.6f %.6f\n' "$(cell tuned/tuned.csv n $o)" "$(cell tuned/tuned.csv test_accuracy_mean $o)" \
        "$(cell tuned/tuned.csv test_accuracy_std $o)" | diff expected - >>why
done
[ ! -s why ]
ok $? '--tune: the best mean of validation over the seeds is rerun; tuned.csv has both figures'
{ [ "$(cell tuned/tuned.csv members sgd)" = 6 ] && [ "$(cell tuned/tuned.csv completed sgd)" = 4 ]; } &&
    grep -q 'chosen by the search.s final valid_accuracy' out
ok $? '--tune: what diverged was searched and is not chosen'
cat >alike.yaml <<'END'
dataset: {name: digits, train_limit: 60, test_limit: 20, validation: 20}
model: {name: softmax, init: zeros}
train: {epochs: 1, batch_size: 60}
optimizer: {name: sgd, lr: 1.0e-30}
plots: false
checkpoint: {last: false}
sweep: {grid: {optimizer.lr: [1.0e-30, 2.0e-30]}, seeds: [1]}
END
sweep alike.yaml alike --tune --reruns 7
{ [ "$code" -eq 0 ] && [ "$(cell alike/tuned.csv n sgd)" = 7 ] && [ "$(cell alike/tuned.csv valid_loss_std sgd)" = 0 ] &&
    [ "$(cell alike/tuned.csv valid_accuracy_std sgd)" = 0 ] && [ "$(cell alike/tuned.csv test_loss_std sgd)" = 0 ]; }
ok $? '--tune: reruns that are all equal have no deviation, not one of rounding'
mv alike/tuned/sweep.yaml whole.yaml
echo 'sweep: {grid: [' >alike/tuned/sweep.yaml
message 3 "move it away and 'descent resume alike' writes it again" '--tune: a damaged sweep.yaml of the reruns' status alike/tuned
for command in status report verify; do
    message 3 "move it away and 'descent resume alike' writes it again" "--tune: $command of the search says so too" $command alike
done
rm alike/tuned/sweep.yaml
run resume alike -q
[ "$code" -eq 0 ] && cmp -s whole.yaml alike/tuned/sweep.yaml
ok $? '--tune: which resume writes again, as it was'
tune tuned2 -j 3
same tuned tuned2
ok $? '--tune: the same whatever -j'
run sweep tune.yaml -o tuned --tune --reruns 3
{ [ "$code" -eq 0 ] && [ "$(grep -c 'nothing was left' err)" -eq 2 ]; } && same tuned tuned2
ok $? '--tune: again, nothing is left to do'
kills=0 tries_left=10
while [ "$kills" -eq 0 ] && [ "$tries_left" -gt 0 ]; do
    rm -rf tuned3
    for more in 5 8 3 9 6 2 7 4; do
        signal_at KILL tuned3 "$more" sweep tune.yaml --tune --reruns 3 -j 2
    done
    tries_left=$((tries_left - 1))
done
[ "$kills" -ge 1 ]
ok $? '--tune: killed'
tune tuned3 -j 2
[ "$code" -eq 0 ] && same tuned tuned3
ok $? "--tune: the same after $kills kills"
rm -rf tuned3
sweep tune.yaml tuned3 -j 1 --tune --reruns 3 --time-limit 0.001s
{ [ "$code" -eq 75 ] && [ ! -e tuned3/tuned.csv ]; }
ok $? '--tune: what is not finished is not chosen from'
run resume tuned3 -q
[ "$code" -eq 0 ] && same tuned tuned3
ok $? '--tune: resume resumes it'
tune tuned3 --reruns 5
[ "$code" -eq 0 ] && [ "$(cell tuned3/tuned.csv n adam)" = 5 ] && [ -e 'tuned3/tuned/optimizer=adam,seed=11' ]
ok $? '--tune: more reruns, the first ones kept'
message 2 "tuned3/tuned holds 5 reruns of this choice, more than 2: '--reruns 5' shows them" '--tune: fewer reruns than there are' sweep tune.yaml -q -o tuned3 --tune --reruns 2
message 2 'remove tuned3/tuned to rerun this one' '--tune: another choice does not overwrite the reruns of the first' sweep tune.yaml -o tuned3 --tune --reruns 5 --per scheduler
run resume tuned3 -q
{ [ "$code" -eq 0 ] && grep -qx 'reruns: 5' tuned3/tune.yaml && grep -qx 'per: optimizer' tuned3/tune.yaml; }
ok $? '--tune: what was refused is not noted, and resume resumes what was there'
rm -rf tuned3
sweep tune.yaml tuned3 -j 2 --tune --reruns 1 --per scheduler --metric valid_loss
[ "$code" -eq 0 ] && [ "$(wc -l <tuned3/tuned.csv)" -eq 2 ] && [ -n "$(cell tuned3/tuned.csv test_accuracy_mean none)" ] &&
    [ -z "$(cell tuned3/tuned.csv test_accuracy_std none)" ] && grep -q 'final valid_loss' out
ok $? '--tune: by another key and by the loss'
message 2 'the reruns have fresh seeds' '--tune: seeds make no groups' sweep tune.yaml -q -o alone4 --tune --per optimizer,seed
sweep tune.yaml tuned5 -j 2 --tune --reruns 1 --per optimizer,train.batch_size
[ "$code" -eq 0 ] && [ -n "$(cell tuned5/tuned.csv test_accuracy_mean 'adam, 50')" ]
ok $? '--tune: by two keys'
folds='sweep={grid: {optimizer: [adam, sgd], optimizer.lr: [0.003, 0.03], dataset.fold: [0, 1]}}'
run sweep base.yaml -q -o folded --tune --reruns 2 dataset.validation=null dataset.folds=2 train.epochs=1 "$folds"
python3 - folded >why <<'END'
import csv, sys
at = sys.argv[1]
read = lambda name: list(csv.DictReader(open(f"{at}/{name}")))
mean = lambda rows: sum(float(r["valid_accuracy"]) for r in rows) / len(rows)
tuned, again = read("tuned.csv"), read("tuned/members.csv")
if "dataset.fold" in tuned[0]:
    print("a fold was chosen")
for r in tuned:
    of = lambda lr: [m for m in read("members.csv") if m["optimizer"] == r["optimizer"] and m["optimizer.lr"] == lr]
    reruns = [m for m in again if m["optimizer"] == r["optimizer"]]
    best = max(("0.003", "0.03"), key=lambda lr: mean(of(lr)))
    if r["optimizer.lr"] != best or abs(float(r["search_valid_accuracy"]) - mean(of(best))) > 1e-8 or r["search_n"] != "2":
        print("search:", r)
    if sorted(m["dataset.fold"] for m in reruns) != ["0", "0", "1", "1"] or r["n"] != "4" or r["reruns"] != "4":
        print("reruns:", r)
    if abs(float(r["valid_accuracy_mean"]) - mean(reruns)) > 1e-8:
        print("mean:", r)
END
{ [ "$code" -eq 0 ] && [ ! -s why ] && grep -q 'of n reruns, with fresh seeds on each split' out; }
ok $? '--tune: no fold is the best: the mean over folds chooses, and each is rerun'
run sweep base.yaml -q -o folded-each --tune --reruns 1 --per optimizer,fold dataset.validation=null dataset.folds=2 train.epochs=1 "$folds"
{ [ "$code" -eq 0 ] && [ "$(wc -l <folded-each/tuned.csv)" -eq 5 ] && grep -q '^"sgd, 1",sgd,[0-9.]*,1,2,2,1,' folded-each/tuned.csv; }
ok $? '--tune --per a fold: a choice within each'
sweep tune.yaml alone4 --tune --metric test_accuracy
{ [ "$code" -eq 2 ] && [ ! -e alone4 ]; } && grep -q 'chosen by valid_accuracy or valid_loss\|made by valid_accuracy or valid_loss' err
ok $? '--tune: never by test figures'
sweep tune.yaml alone4 --tune dataset.validation=0 checkpoint.best=null
{ [ "$code" -eq 2 ] && [ ! -e alone4 ]; } && grep -q 'set dataset.validation' err
ok $? '--tune: without a validation set, nothing is trained'
message 2 "no member has a key 'optimizer.beta'" '--tune: by a key that nobody has' sweep tune.yaml -q -o alone4 --tune --per optimizer.beta
message 2 "belongs to '--tune'" '--reruns without --tune' sweep tune.yaml -q -o alone4 --reruns 3
message 2 'among all members' '--tune: no shards' sweep tune.yaml -q -o alone4 --tune --shard 1/2
run compare tuned --format csv
[ "$(wc -l <out)" -eq 6 ] && run compare tuned/tuned --format csv && [ "$(wc -l <out)" -eq 3 ]
ok $? 'compare: the search without the reruns; the reruns alone by their own folder'
run status tuned
grep -q '^10 members: 8 completed, 2 diverged$' out && grep -q 'descent status tuned/tuned' out
ok $? 'status: the search, and where the reruns are'

# ---- a choice and what stops it ----

cat >unlucky.yaml <<'END'
extends: base.yaml
train: {epochs: 1}
sweep: {grid: {optimizer.lr: [0.001, 0.01]}}
END
mkdir -p unlucky/lr=0.01/checkpoints/best.safetensors # stands for a disk that is full
run sweep unlucky.yaml -q -o unlucky --tune --reruns 1 -j 1
{ [ "$code" -eq 1 ] && [ ! -e unlucky/tuned ] && [ ! -e unlucky/tuned.csv ] &&
    grep -qF "nothing is chosen yet; 'descent sweep unlucky --retry-failed' trains it again, then 'descent resume unlucky' chooses" err; }
ok $? '--tune: nothing is chosen while a member has failed'
rmdir unlucky/lr=0.01/checkpoints/best.safetensors
run sweep unlucky -q --retry-failed
run resume unlucky -q
[ "$code" -eq 0 ] && [ "$(cell unlucky/tuned.csv completed adam)" = 2 ]
ok $? '... and what is said leads to the choice'
sed -i 's/^    - {.*}$/    - {optimizer.lr: 0.5}/' unlucky/tuned/sweep.yaml # as if another one had been chosen
for f in unlucky/tuned/*; do [ -d "$f" ] && sed -i 's/^  lr: .*/  lr: 0.5/' "$f/spec.yaml"; done
run resume unlucky
{ [ "$code" -eq 2 ] && grep -q 'another choice was rerun there: remove unlucky/tuned to rerun this one' err && ! grep -q 'another folder with -o' err; }
ok $? '--tune: where another choice was rerun, one way out is said'
if [ -n "$crash" ]; then
    n=0
    until [ -e early/sweep.yaml ] || [ "$n" -ge 100 ]; do
        rm -rf early
        n=$((n + 1))
        CRASH_UNDER=$work CRASH_AT=$n CRASH_HOW=kill LD_PRELOAD=$crash "$descent" sweep unlucky.yaml -q -j 1 -o "$work/early" --tune --reruns 1 >out 2>err </dev/null
    done
    [ -e early/sweep.yaml ] && [ -e early/tune.yaml ]
    ok $? '--tune: noted before the folder is a sweep that could be resumed without it'
fi

# ---- one run several times ----

cat >once.yaml <<'END'
dataset: {name: digits, train_limit: 200, validation: 50, test_limit: 70}
model: {name: mlp, hidden: [8]}
train: {epochs: 3, batch_size: 50}
optimizer: {name: adam, lr: 0.01}
plots: false
sweep: {list: [{optimizer.lr: 0.02, seed: 1}, {optimizer.lr: 0.02, seed: 2}, {optimizer.lr: 0.019, seed: 1}, {optimizer.lr: 0.019, seed: 2}]}
END
copies='{optimizer.lr: 0.02, seed: 2, threads: 2}, {optimizer.lr: 0.02, seed: 2, threads: 3}, {optimizer.lr: 0.02, seed: 2, threads: 4}, {optimizer.lr: 0.02, seed: 2, threads: 5}'
sed "s/{optimizer.lr: 0.019, seed: 1}/$copies, &/" once.yaml >often.yaml
sweep once.yaml once --tune --metric valid_loss --reruns 1
sweep often.yaml often --tune --metric valid_loss --reruns 1
for f in once often; do
    for column in optimizer.lr members completed search_n search_valid_loss search_valid_accuracy; do cell $f/tuned.csv $column adam; done >$f.chosen
done
cmp once.chosen often.chosen && [ "$(cell often/tuned.csv search_valid_loss adam)" = "$(cell often/summary.csv valid_loss_mean "$(cell often/tuned.csv optimizer.lr adam)")" ]
ok $? '--tune: copies of a run count once, as in summary.csv'
sweep once.yaml once2 'sweep.halving={metric: valid_loss, eta: 2, first: 1}'
sweep often.yaml often2 'sweep.halving={metric: valid_loss, eta: 2, first: 1}'
for f in once2 often2; do grep ',completed,' $f/members.csv | grep -v threads | cut -d'"' -f2 >$f.left; done
[ -s once2.left ] && cmp once2.left often2.left
ok $? 'halving: copies of a run count once'

# ---- status, clean ----

run status one
{ [ "$code" -eq 0 ] && grep -q '^6 members: 6 completed$' out && [ "$(grep -c '^completed  *3/3 .* optimizer=' out)" -eq 6 ]; } &&
    awk 'length > 80 { exit 1 }' out
ok $? 'status of a sweep: counts, and a line of at most 80 columns each'
long=$(printf 'x%.0s' $(seq 70))
printf 'extends: base.yaml\nsweep: {grid: {description: [%s1, %s2]}}\n' "$long" "$long" >long.yaml
sweep long.yaml long train.epochs=1
run status long
grep -q "description=${long}1\$" out && grep -q "description=${long}2\$" out
ok $? 'status of a sweep: long names are not cut'
run status fast
grep -q '^4 members: 1 completed, 1 diverged, 2 failed$' out
ok $? 'status: what failed counts'
run status 'one/optimizer=adam,batch_size=20,seed=1'
grep -q '^status   completed$' out && grep -q '^epoch    3/3' out
ok $? 'status of a run'
message 3 'no such folder: nowhere' 'status of nothing' status nowhere
[ "$(find whole -name 'step-*' | wc -l)" -gt 8 ]
ok $? 'there are numbered checkpoints'
run clean whole -n
{ [ "$code" -eq 0 ] && [ "$(find whole -name 'step-*' | wc -l)" -eq "$(grep -c '^whole/.*step-' out)" ] && [ "$(grep -c '^whole/.*step-' out)" -gt 8 ]; }
ok $? 'clean -n: says what would go'
numbered=$(find whole -name 'step-*' | wc -l)
run clean whole nowhere
{ [ "$code" -eq 3 ] && grep -q 'no such folder: nowhere' err && [ "$(find whole -name 'step-*' | wc -l)" -eq "$numbered" ]; }
ok $? 'clean: a second folder without a run is refused before anything goes'
run clean whole -n
cp out first
run clean whole ./whole "$(dirname "$(find whole -name run.json | head -n 1)")" -n
{ [ "$code" -eq 0 ] && diff first out >why; }
ok $? 'clean: a folder that is named twice counts once'
run clean whole
{ [ "$code" -eq 0 ] && [ "$(find whole -name 'step-*' | wc -l)" -eq 0 ] && [ "$(find whole -name 'last.safetensors' | wc -l)" -ge 8 ] &&
    [ "$(find whole -name 'best.safetensors' | wc -l)" -ge 8 ]; }
ok $? 'clean: last and best stay'
kept=$(dirname "$(find whole -name last.safetensors | head -n 1)")
touch "$kept/step-by-step.safetensors" "$kept/step-.safetensors" "$kept/step-007.safetensors" "$kept/step-+7.safetensors" "$kept/step-7.safetensors" "$kept/before-end.safetensors"
run clean whole
{ [ "$code" -eq 0 ] && grep -q '^1 checkpoint of 12 finished runs goes' out && [ ! -e "$kept/step-7.safetensors" ] && [ -e "$kept/step-by-step.safetensors" ] &&
    [ -e "$kept/step-.safetensors" ] && [ -e "$kept/step-007.safetensors" ] && [ -e "$kept/step-+7.safetensors" ] && [ -e "$kept/before-end.safetensors" ]; }
ok $? 'clean: what is not called as a numbered checkpoint is stays'
stop 4 alone INT
n=$(grep -l '"interrupted"' stopped/*/run.json | wc -l)
find stopped -name '*.safetensors' | sort >first
run clean stopped
grep -l '"interrupted"' stopped/*/run.json | sed 's/run.json//' | while read -r f; do find "$f" -name '*.safetensors'; done | sort >expected
grep -l '"interrupted"' stopped/*/run.json | sed 's/run.json//' | while read -r f; do grep -F "$f" first; done | sort | cmp -s - expected && [ "$n" -ge 1 ]
ok $? 'clean: runs that are not finished keep all they have'

# ---- somebody else's run in a member's folder ----

printf 'extends: base.yaml\ntrain: {epochs: 1}\nsweep: {grid: {optimizer.lr: [0.01, 0.02]}, seeds: 2}\n' >mine.yaml
run sweep mine.yaml -q -o theirs
fresh() { rm -rf mine && cp -r theirs mine; }
damaged() { # TEXT TITLE: one member is, the others are not counted with it, and verify and status say so
    run sweep mine.yaml -o mine
    { [ "$code" -eq 3 ] && grep -q '^3 completed, 1 damaged$' out && grep -qF -- "$1" err && grep -q '; move that folder away and the member is trained$' err &&
        [ "$(cell mine/members.csv status lr=0.01,seed=123)" = damaged ] && [ "$(cell mine/summary.csv n 0.01)" = 1 ]; } || cat out err mine/*.csv >why
    [ ! -s why ]
    ok $? "$2: named, and no figure of it counts"
    run status mine
    { [ "$code" -eq 3 ] && grep -q '^4 members: 3 completed, 1 damaged' out && grep -qF -- "$1" err; } || cat out err >why
    [ ! -s why ]
    ok $? '... by status too'
    run verify mine -q
    [ "$code" -eq 3 ] && grep -qx 'mine: 3 of 4 members reproduced, byte for byte' out
    ok $? '... and it is not verified'
}
fresh
rm -r mine/lr=0.01,seed=123 && cp -r mine/lr=0.02,seed=124 mine/lr=0.01,seed=123
damaged 'seed: 124 there, 123 now' "another member's run"
fresh
rm -r mine/lr=0.01,seed=123
run run base.yaml -q -o mine/lr=0.01,seed=123 optimizer=sgd train.epochs=1
damaged 'optimizer.name: sgd there, adam now' 'a run that the sweep knows nothing of'
fresh
sed -i 's/lr: 0.01/lr: 0.07/' mine/lr=0.01,seed=123/spec.yaml
damaged "spec.yaml is not the one that run.json's certificate is of" 'a spec that was edited'
fresh
run resume mine/lr=0.01,seed=123 -q train.epochs=3
damaged 'was trained to epoch 3 already, and train.epochs asks for 1' 'a member that was trained further'
fresh
rm -r mine/lr=0.01,seed=123
(ulimit -S -t 1 && exec "$descent" run base.yaml -q -o mine/lr=0.01,seed=123 optimizer=sgd train.epochs=1000000 >out 2>err </dev/null)
damaged 'optimizer.name: sgd there, adam now' 'a run that was interrupted'
fresh
rm mine/sweep.yaml
run sweep mine.yaml -q -o mine train.batch_size=25
{ [ "$code" -eq 3 ] && [ "$(grep -c 'train.batch_size: 50 there, 25 now' err)" -eq 4 ] && ! grep -q ',completed,' mine/members.csv; }
ok $? 'without its sweep.yaml: runs of another sweep are not of this one'
rm -rf mine
run run base.yaml -q -o mine/longer train.epochs=3 optimizer.lr=0.01
run run base.yaml -q -o mine/same train.epochs=1 optimizer.lr=0.02
run sweep mine.yaml -q -o mine
{ [ "$code" -eq 0 ] && [ -e mine/lr=0.01,seed=123/run.json ] && [ ! -e mine/lr=0.02,seed=123 ] && [ "$(cell mine/members.csv epoch same)" = 1 ]; }
ok $? 'a run under another name is kept where it is no longer than the member'

plan
