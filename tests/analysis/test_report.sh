#!/bin/sh
# report on runs and sweeps of small synthetic digits, whatever became of them; speaks TAP.
#
#     test_report.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
own_folder

# ---- helpers ----

train() { # FOLDER [KEY=VALUE ...]
    folder=$1
    shift
    run run base.yaml -q -o "$folder" "$@"
}

page() { # FOLDER TITLE [TEXT ...]: its report is sound, is named on stdout and says that
    folder=$1 title=$2
    shift 2
    run report "$folder"
    named=$(printf '%s' "$folder" | sed "s/$(printf '\t')/\\\\t/g")
    { [ "$code" -eq 0 ] && [ "$(cat out)" = "report $named/report.html" ] && [ ! -s err ] &&
        python3 "$here/check_report.py" "$folder/report.html" "$@" 2>why; }
    ok $? "$title"
}

refuses() { # CODE TEXT TITLE ARGUMENT ...
    want=$1 text=$2 title=$3
    shift 3
    run report "$@"
    { [ "$code" -eq "$want" ] && grep -qF -- "$text" err && [ ! -s out ]; }
    ok $? "$title"
}

cat >base.yaml <<'EOF'
dataset: {name: digits, train_limit: 200, validation: 50, test_limit: 50}
model: {name: mlp, hidden: [8]}
train: {epochs: 3, batch_size: 50}
optimizer: {name: adam, lr: 0.01}
scheduler: {name: exponential, gamma: 0.5}
log: {steps: 1}
plots: false
EOF

# ---- a run ----

train cycle 'scheduler={name: one_cycle, max_lr: 0.02}'
page cycle 'a schedule that replaces the learning rate: its own is named' 'adam with learning rates up to 0.02, those of one_cycle, trains'
grep -q 'epoch (value of its last update)' cycle/report.html
ok $? 'a schedule that moves within epochs: its figure says which values it has'

train one
page one 'a completed run' 'completed after 3 epochs, 12 updates' 'chosen among 3' 'test accuracy' 'Figure 3.' \
    'optimizer.lr' 'descent verify one' 'Adam: adaptive moment estimation' "$(sha256sum one/epochs.csv | cut -c1-64)" 'The table of epochs: 4 rows'
grep -q 'Any build gives the same bytes' one/report.html && ! grep -q 'The products are' one/report.html
ok $? 'what gives the same bytes: any build'
! grep -q 'value of its last update' one/report.html
ok $? 'a schedule that moves by epochs: its values are held'
train by-loss checkpoint.best=valid_loss
page by-loss 'a best epoch by the loss is not called that of the accuracy' 'validation accuracy at the best epoch' 'chosen among 3 by valid_loss'
train blas model.matmul=blas
page blas 'a run by the BLAS' '(model.matmul: blas): the same build, BLAS, BLAS kernel and number of threads'
cp one/report.html first.html
run report one/
cmp -s first.html one/report.html
ok $? 'the same folder, the same bytes'
[ "$(wc -c <one/report.html)" -lt 400000 ]
ok $? 'the page of a small run is small'
run report one -o other.html
{ [ "$code" -eq 0 ] && [ "$(cat out)" = 'report other.html' ] && cmp -s other.html one/report.html; }
ok $? '-o names the file'
run report one -o bare.html --no-plots
{ [ "$code" -eq 0 ] && ! grep -q '<svg' bare.html && python3 "$here/check_report.py" bare.html 2>why; }
ok $? '--no-plots: no figures'
[ "$(find one -name '*.tmp' | wc -l)" -eq 0 ] && run inspect one && [ "$code" -eq 0 ]
ok $? 'the run is as sound as before'

# The page's checker finds what it is there to find.
sed 's|</h1>|</h1><img src="https://example.org/x.png">|' one/report.html >bad.html
! python3 "$here/check_report.py" bad.html 2>/dev/null
ok $? 'the check notices a picture from elsewhere'
sed 's|</h1>|</h1><b>|' one/report.html >bad.html
! python3 "$here/check_report.py" bad.html 2>/dev/null
ok $? 'the check notices an element left open'

# ---- whatever became of it ----

train lost 'optimizer={name: sgd, lr: 1e38}'
page lost 'a diverged run' 'diverged after' 'There are no final figures' 'descent verify lost'
! grep -q 'loss was no longer finite' lost/report.html
ok $? 'of what was no longer finite its message alone speaks'
train unmet 'expect={test_accuracy: ">= 1"}'
page unmet 'an expectation not met' 'completed, an expectation not met' 'expected >= 1'
mkdir begun
cp one/spec.yaml begun
page begun 'a run that has only begun' 'begun but nothing was recorded yet' 'descent resume begun'
cp -r one stopped
sed -i 's/"status": "completed"/"status": "interrupted"/; s/"exit_code": 0/"exit_code": null/' stopped/run.json
page stopped 'an interrupted run' 'interrupted after 3 epochs' 'not final' 'descent resume stopped'
cp -r one busy
sed -i 's/"status": "completed"/"status": "running"/; s/"exit_code": 0/"exit_code": null/' busy/run.json
cp -r busy killed
sed -i 's/"host": "[^"]*"/"host": "elsewhere"/' busy/run.json
page busy 'a running one' 'when this was recorded' 'or stopped since'
sed -i 's/^\( *\)"epoch": 3,/\1"epoch": 0,/; s/^\( *\)"step": [0-9]*,/\1"step": 0,/; /"times"/,$s/"seconds": [0-9.]*/"seconds": 0.5/' killed/run.json
page killed 'a killed one, whose run.json is behind' 'interrupted after 3 epochs' 'it can resume from there'
run verify killed -q
{ [ "$code" -eq 2 ] && grep -q 'killed is not completed (status interrupted)' err; }
ok $? 'which verify says too'
run compare killed --runs --format csv
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) k = $i == "epoch" ? i : k } NR == 2 && $k == 3 { found = 1 } END { exit !found }' out
ok $? 'and compare --runs how far it is'
cp -r one changed
sed -i '2s/0/1/' changed/epochs.csv
refuses 3 "changed/epochs.csv is not the one that run.json's certificate is of" 'a table that was changed since' changed
run run base.yaml -q -o longer scheduler=cosine
run resume longer -q train.epochs=5
page longer 'a run that was lengthened' 'It had another length at first: begun with 3 epochs, 5 epochs from epoch 3 on.'
mkdir -p ways && printf 'extends: base.yaml\nscheduler: cosine\nsweep: {grid: {optimizer.lr: [0.01, 0.02]}}\n' >ways.yaml
run sweep ways.yaml -q -o ways
run resume ways/lr=0.01 -q train.epochs=5
page ways 'a sweep with one' 'lr=0.01 had another length at first: begun with 3 epochs, 5 epochs from epoch 3 on.'
cp -r one old
sed -i '/^optimizer:/a\  no_such_key: 1' old/spec.yaml
refuses 3 "old/spec.yaml is not the one that run.json's certificate is of" 'a spec that was changed since' old
sed -i "s/$(sha256sum one/spec.yaml | cut -d' ' -f1)/$(sha256sum old/spec.yaml | cut -d' ' -f1)/" old/run.json # as that version had it
page old 'a spec that this version does not take' 'cannot read this spec' 'no_such_key'
cp -r one long
awk -F, 'NR == 4 { for (i = 4; i <= 511; i++) { $1 = i; $2 = 4 * i; print } }' OFS=, one/epochs.csv >rows
cat rows >>long/epochs.csv
sed -i 's/"status": "completed"/"status": "running"/; s/"exit_code": 0/"exit_code": null/' long/run.json
page long 'of many epochs, evenly spread ones and the last' 'of its 512 rows' '511'
[ "$(grep -c '^<tr' long/report.html)" -lt 400 ]
ok $? 'of many epochs: not all of them'

# ---- names ----

hostile="it's <b>&amp; \"q\" \$(x)"
cat >names.yaml <<'EOF'
extends: base.yaml
name: "</title><script>alert(1)</script> & \"q\" 'a' 数字 \u0645\u0631\u062D\u0628\u0627"
description: "</style></p>-->\x01\x7F\x85]]> <img src=x onerror=alert(1)>\nsecond line"
EOF
sed -i 's|</|<|g' names.yaml # a name has no slash
run run names.yaml -q -o "$hostile"
page "$hostile" 'names with markup, quotes, other scripts, control characters' '<script>alert(1)<script>' \
    '<img src=x onerror=alert(1)>' '数字' 'مرحبا' '␁␡'
! grep -q '<script>alert\|<img' "$hostile/report.html"
ok $? 'names: nothing of them is markup'
python3 "$here/check_report.py" --commands "$hostile/report.html" >commands
{
    echo 'descent() { printf "%s|" "$@"; }'
    cat commands
} >words.sh
[ "$(sh words.sh)" = "verify|$hostile|run|$hostile/spec.yaml|-o|$hostile-again|inspect|$hostile|" ]
ok $? 'names: the commands are quoted for the shell'
cp -r one -- -dash
run report -- -dash
python3 "$here/check_report.py" --commands ./-dash/report.html | grep -qxF 'descent verify ./-dash'
ok $? 'names: a folder is never taken for an option'
control=$(printf 'tab\there')
cp -r one "$control"
page "$control" 'names: a control character in a command is in octal' "descent verify \$'tab\\011here'"

# ---- sweeps ----

cat >grid.yaml <<'EOF'
extends: base.yaml
scheduler: null
description: which learning rate at which batch size
log: {steps: 0}
sweep:
  grid:
    optimizer.lr: [0.001, 0.01, 0.1]
    train.batch_size: [25, 50]
  seeds: 2
EOF
run sweep grid.yaml -q -j 1 -o grid
page grid 'a finished sweep' 'which learning rate at which batch size' 'finished 12 members: 12 completed.' 'best validation accuracy' 'the best of 6 groups' '± is over run seeds' '95 % interval' 'Figure 4.' \
    'lr=0.001,batch_size=25,seed=123' 'descent sweep grid/sweep.yaml -o grid-again' \
    'descent verify grid/lr=0.001,batch_size=25,seed=123'
"$descent" compare grid --format csv >table.csv
[ "$(grep -c '^<tr' grid/report.html)" -gt "$(wc -l <table.csv)" ]
ok $? 'a sweep: a row of each group and each member'
cp grid/report.html first.html
run report grid
cmp -s first.html grid/report.html
ok $? 'a sweep: the same folder, the same bytes'

# ---- figures that answer ----

if command -v chromium >/dev/null; then
    for subject in one grid; do
        run report "$subject" -o live.html
        python3 "$here/check_live.py" live.html 2>why
        ok $? "in a browser: values under the pointer, curves switched, axes made logarithmic ($subject)"
    done
else
    ok 0 'in a browser # SKIP no chromium here'
fi

# ---- sweeps that did not end well ----

run sweep grid.yaml -q -j 1 -o grid
{ [ "$code" -eq 0 ] && run compare grid && [ "$code" -eq 0 ]; }
ok $? 'a sweep: its page does not disturb it'
rm -r 'grid/lr=0.1,batch_size=50,seed=124'
page grid 'a sweep with a member that has not begun' 'unfinished 12 members: 11 completed, 1 pending.' 'descent resume grid'

cat >fails.yaml <<'EOF'
extends: base.yaml
log: {steps: 0}
sweep:
  list:
    - {optimizer: {name: sgd, lr: 1e38}}
    - {optimizer: {name: sgd, lr: 0.1}}
    - {optimizer: adam, dataset: {name: mnist, dir: "no <where>"}}
EOF
run sweep fails.yaml -q -j 1 -o fails
page fails 'a sweep with failures' 'finished, with failures' 'What went wrong' 'diverged in epoch 1' 'no <where>' \
    'descent sweep fails/sweep.yaml -o fails --retry-failed'
! grep -q '1970' fails/report.html
ok $? 'failures: what could not begin took no time'
cat >halving.yaml <<'EOF'
extends: base.yaml
log: {steps: 0}
sweep:
  random: {trials: 4, seed: 0, space: {optimizer.lr: {log_uniform: [1e-4, 1]}}}
  halving: {metric: valid_accuracy, eta: 3, first: 1}
EOF
run sweep halving.yaml -q -j 1 -o halving
page halving 'a sweep with pruned members' 'pruned'
mkdir nothing
cp grid/sweep.yaml nothing
page nothing 'a sweep of which nothing has begun' 'unfinished 12 members: 12 pending.' 'No member has begun.'

# ---- errors ----

mkdir empty
refuses 3 'empty holds neither a run nor a sweep' 'an empty folder' empty
refuses 3 'no such folder: missing' 'a missing folder' missing
refuses 2 'base.yaml is a spec, not a folder' 'a file' base.yaml
refuses 2 'which folder?' 'no folder'
refuses 2 'one folder, please' 'two folders' one lost
refuses 2 'empty is a folder; -o names the file' '-o is a folder' one -o empty
refuses 4 'nowhere/page.html' '-o in a folder that is not there' one -o nowhere/page.html
cp -r one broken
echo '{' >broken/run.json
refuses 3 'broken/run.json' 'a damaged run.json' broken
cp -r one torn
echo 'x' >>torn/epochs.csv
refuses 3 'torn/epochs.csv' 'a damaged epochs.csv' torn
mkdir bare
cp one/run.json bare
refuses 3 'bare/spec.yaml' 'a run without its spec' bare

# ---- in a browser ----

look() { # FOLDER TITLE: no message of the console, and something is drawn
    if ! command -v chromium >/dev/null; then
        skip "$2" 'chromium is not installed'
        return
    fi
    timeout 100 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$work/browser" --enable-logging=stderr \
        --window-size=1200,3000 --screenshot="$work/shot.png" "file://$work/$1/report.html" >out 2>err </dev/null
    code=$?
    { [ "$code" -eq 0 ] && ! grep -q 'CONSOLE' err && [ "$(wc -c <shot.png)" -gt 20000 ]; }
    ok $? "$2"
    rm -f shot.png
}
look one 'a browser shows a run without a complaint'
look halving 'a browser shows a sweep without a complaint'

# A single run has no rank, and so it does not lead those that have one.
run sweep base.yaml -q -o single 'sweep={list: [{optimizer.lr: 0.0001, seed: 1}, {optimizer.lr: 0.0001, seed: 2}, {optimizer.lr: 0.02, seed: 1}]}'
page single 'the headline is not of a single run' 'the best of 1 group of several runs'

# More groups than there are curves: the first of them have their colours in the strip too.
run sweep base.yaml -q -o wide 'sweep={grid: {optimizer.lr: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5]}}'
page wide 'a sweep of many groups' 'The first 14 of 16 groups.'
python3 "$here/check_colours.py" wide/report.html 2>why
ok $? 'a group has the colour of its curves'

plan
