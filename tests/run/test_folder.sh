#!/bin/sh
# The files of a run's folder: nothing of an ended run is lost, what was changed is seen, what stands in the way is
# refused at once; speaks TAP.
#
#     test_folder.sh DESCENT CRASH-MODULE
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
crash=$(realpath "$2")
own_folder

cat >base.yaml <<'END2'
dataset: {name: digits, train_limit: 200, test_limit: 50, validation: 50}
model: {name: mlp, hidden: [8]}
train: {epochs: 3, batch_size: 50}
optimizer: {name: adam, lr: 0.005}
log: {steps: 1}
END2

again() { # FOLDER FROM: a copy of that run
    rm -rf "$1" && cp -r "$2" "$1"
}

unchanged() { # FOLDER FROM TITLE
    diff -r "$1" "$2" >why 2>&1
    ok $? "$3"
}

# ---- asked for again ----

train plain
again asked plain
train asked checkpoint.last=false checkpoint.keep=0
exits 0 'a finished run is asked for with other checkpoints'
unchanged asked plain 'and keeps what its own spec asked for'
run resume asked -q --no-plots checkpoint.last=false checkpoint.keep=0
unchanged asked plain 'resume does too'
train many checkpoint.keep=3
again asked many
train asked checkpoint.keep=1
unchanged asked many 'numbered ones that another number of them would drop are kept'

# ---- a figure that cannot be drawn ----

run run base.yaml -q -o drawn
exits 0 'a run with figures'
cat >blocker.py <<'END2'
import os, subprocess, sys, time
# a folder takes the place of a figure once the run has begun
descent, folder = sys.argv[1], sys.argv[2]
p = subprocess.Popen([descent, 'run', 'base.yaml', '-o', folder, 'train.epochs=40'], stdout=subprocess.DEVNULL,
                     stderr=open('err', 'w'))
while not os.path.exists(folder + '/timing.csv'):
    pass
os.mkdir(folder + '/accuracy.png')
sys.exit(p.wait())
END2
python3 blocker.py "$descent" blocked
code=$?
says 0 "the figures are not drawn: cannot write blocked/accuracy.png" 'a figure that cannot be written is said'
says 0 "'descent plot blocked' draws them" 'with the next thing to type'
[ "$(json blocked/run.json 'j["status"], j["exit_code"], "weights" in j["certificate"]')" = "('completed', 0, True)" ]
ok $? 'and the run is completed all the same'

# ---- certificates of every end ----

train diverged optimizer.lr=1e30 optimizer.name=sgd train.epochs=4 log.steps=1
exits 5 'a run that diverges'
[ "$(json diverged/run.json 'sorted(j["certificate"])')" = "['epochs.csv', 'spec.yaml', 'steps.csv']" ]
ok $? 'has a certificate of its tables'
again edited diverged && sed -i 2d edited/steps.csv
run verify edited
{ [ "$code" -ne 0 ] && ! grep -q 'is reproduced' out; }
ok $? 'verify: a row of its steps that is missing is no reproduction'
run inspect edited
exits 3 'inspect names the table'
again edited diverged
python3 - <<'END2'
import json
j = json.load(open('edited/run.json'))
del j['certificate']
json.dump(j, open('edited/run.json', 'w'))
END2
run verify edited
exits 0 'one of an earlier version, without a certificate, is read and verified'
sed -i 2d edited/steps.csv
run verify edited
exits 1 'and a row that is missing there is told'
cat >halving.yaml <<'END2'
extends: base.yaml
train: {epochs: 4}
optimizer: {name: sgd, lr: 0.01}
sweep: {grid: {optimizer.lr: [0.1, 0.01, 0.001, 0.0001]}, halving: {metric: valid_loss, eta: 2, first: 1}}
END2
run sweep halving.yaml -q --no-plots -j 1 -o halved
exits 0 'a search by halving'
pruned=$(grep -l '"pruned"' halved/*/run.json | head -n 1)
pruned=${pruned%/run.json}
[ -n "$pruned" ] && [ "$(json "$pruned/run.json" '"epochs.csv" in j["certificate"]')" = True ]
ok $? 'a run that was pruned has a certificate'
again edited "$pruned" && sed -i '2s/0/1/' edited/epochs.csv
run status edited
says 3 "is not the one that run.json's certificate is of" 'and an edit of its table is seen'
run resume "$pruned" -q --no-plots
{ [ "$code" -eq 0 ] && [ "$(json "$pruned/run.json" 'j["status"]')" = completed ]; }
ok $? 'it may be taken further'

# ---- a rename that a kill cuts ----

train bare checkpoint.last=false checkpoint.best=null checkpoint.keep=0
cp bare/spec.yaml before.yaml
run resume bare -q --no-plots name=new
cp before.yaml bare/spec.yaml # run.json is written first
run status bare
exits 0 'a rename that a kill has cut leaves a run that is read'
run compare bare
exits 0 'and compared'
run resume bare -q --no-plots
{ [ "$code" -eq 0 ] && [ "$(json bare/run.json 'j["certificate"]["spec.yaml"]')" = "$(sha256sum bare/spec.yaml | cut -d ' ' -f 1)" ]; }
ok $? 'resume mends its certificate'
sed -i 's/lr: 0.005/lr: 0.5/' bare/spec.yaml
run resume bare -q --no-plots
says 3 "'descent run' with --force trains the run again" 'an edit that no checkpoint speaks for is refused'

# ---- checkpoints that are gone ----

cat >stop.py <<'END2'
import os, signal, subprocess, sys
# stopped by a signal once it has a checkpoint
descent, folder = sys.argv[1], sys.argv[2]
p = subprocess.Popen([descent, 'run', 'base.yaml', '-q', '--no-plots', '-o', folder, 'train.epochs=10000'])
while not os.path.exists(folder + '/checkpoints/previous.safetensors'):
    pass
p.send_signal(signal.SIGINT)
sys.exit(p.wait())
END2
python3 stop.py "$descent" stopped
code=$?
exits 130 'a run is stopped'
again gone stopped && rm -r gone/checkpoints
again before gone
run resume gone -q --no-plots
says 3 'its checkpoints are missing; put them back' 'without its checkpoints it is refused'
unchanged gone before 'and its tables stay'
again lost plain && rm -r lost/checkpoints
run resume lost --no-plots train.epochs=4
says 0 'lost came to update 12 and has no checkpoint: it is trained again from the beginning' 'one that ended is trained again, and that is said'

# ---- in the way ----

in_the_way() { # NAME TITLE COMMAND ...: refused before anything is written
    name=$1 title=$2
    shift 2
    rm -rf way && mkdir way && "$@" "way/$name"
    run run base.yaml -q -o way
    [ "$code" -eq 4 ] && [ "$(ls -A way)" = "$name" ] && grep -q "way/$name is no .*; move it away" err
    ok $? "$title"
}
in_the_way checkpoints 'a file in place of checkpoints/ is refused at once' touch
in_the_way epochs.csv 'a folder in place of a table too' mkdir
in_the_way steps.csv 'and a pipe' mkfifo
in_the_way timing.csv 'and a pipe, whatever the table' mkfifo
in_the_way loss.png 'and a folder in place of a figure' mkdir
run run base.yaml -q -o way --no-plots
exits 0 'which is in no way where none is drawn'
held() { # NAME TITLE: a folder in its place; nothing of an ended run changes or goes, under --force neither
    name=$1 title=$2
    again held plain && rm -f "held/$name" && mkdir "held/$name" && again before held
    run resume held -q --no-plots train.epochs=4
    [ "$code" -eq 4 ] && grep -q "held/$name is no plain file and stands in the way" err && diff -r before held >/dev/null
    ok $? "$title"
    run run base.yaml -q --no-plots -o held --force
    [ "$code" -eq 4 ] && grep -q "held/$name is no plain file and stands in the way" err && diff -r before held >/dev/null
    ok $? "$title, before --force removes anything"
}
for name in last best previous step-4; do
    held "checkpoints/$name.safetensors" "a folder in place of the checkpoint $name is refused at once"
done
again held plain && rm held/checkpoints/best.safetensors && mkfifo held/checkpoints/best.safetensors
run resume held -q --no-plots train.epochs=4
[ "$code" -eq 4 ] && [ -p held/checkpoints/best.safetensors ] && cmp -s plain/epochs.csv held/epochs.csv && cmp -s plain/run.json held/run.json
ok $? 'and a pipe in place of one'
again held plain && rm held/spec.yaml && mkdir held/spec.yaml && again before held
run run base.yaml -q --no-plots -o held --force
{ [ "$code" -eq 4 ] && diff -r before held >/dev/null; }
ok $? 'a folder in place of spec.yaml too, before --force removes anything'

# ---- spec.yaml ----

again cut plain && head -c 300 plain/spec.yaml >cut/spec.yaml
train cut
says 3 "cut/spec.yaml is not the one that run.json's certificate is of" 'a spec.yaml that was cut is no different spec'
run status cut
says 3 'put it back as it was' 'status names it, and the remedy'
run resume cut
says 3 'put it back as it was' 'resume does too'
again cut stopped && sed -i 's/lr: 0.005/lr: 0.1/' cut/spec.yaml
train cut train.epochs=10000
says 3 'cut/spec.yaml was cut or edited' 'one of an unfinished run is told by its checkpoints'

# ---- what inspect and readers see ----

harmed() { # FILE TITLE COMMAND ...: inspect of a finished run of which that file is harmed
    file=$1 title=$2
    shift 2
    again harm plain && "$@" "harm/$file"
    run inspect harm
    [ "$code" -eq 3 ] && grep -q "harm/$file" err
    ok $? "inspect: $title"
}
run inspect plain
exits 0 'inspect: a finished run is whole'
harmed steps.csv 'steps.csv is gone' rm
harmed steps.csv 'a row of steps.csv is gone' sed -i 2d
harmed timing.csv 'timing.csv is gone' rm
harmed timing.csv 'timing.csv is empty' truncate -s 0
harmed timing.csv 'timing.csv is cut' truncate -s -10
harmed timing.csv 'a row of timing.csv is gone' sed -i 3d
harmed checkpoints/best.safetensors 'the best weights are gone' rm
train bestless checkpoint.best=null
run inspect bestless
exits 0 'inspect: where none were to be kept, none are missing'
again harm plain && sed -i 3d harm/steps.csv
run plot harm --metric batch_loss --x step -o figure.png
says 3 "harm/steps.csv is not the one that run.json's certificate is of" 'plot draws no edited steps.csv'

plan
