#!/bin/sh
# The whole program on small synthetic digits: the run folder, whatever happens to the run; speaks TAP.
#
#     test_run.sh DESCENT CRASH-MODULE          STRIDE=1: strikes at every operation, not at some
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
crash=$(realpath "$2")
own_folder
pid=
trap 'test -n "$pid" && kill -9 "$pid" 2>/dev/null; rm -rf "$work"' EXIT

have_python=$(command -v python3 >/dev/null && echo yes)

cat >base.yaml <<'END'
dataset: {name: digits, train_limit: 600, test_limit: 200, validation: 100}
model: {name: mlp, hidden: [16]}
train: {epochs: 3, batch_size: 50}
optimizer: {name: adam, lr: 0.005}
log: {steps: 1}
END

# ---- what a run leaves ----

train plain
exits 0 'run: a plain run ends well'
[ ! -s err ]
ok $? 'run -q: nothing on stderr'
[ "$(ls plain | tr '\n' ' ')" = 'checkpoints epochs.csv run.json spec.yaml steps.csv timing.csv ' ]
ok $? 'run --no-plots: just the files of the interface'
[ "$(ls plain/checkpoints | tr '\n' ' ')" = 'best.safetensors last.safetensors step-36.safetensors ' ]
ok $? 'run: last, best and one numbered checkpoint; no predecessor of a completed run'
[ "$(head -n 1 plain/epochs.csv)" = 'epoch,step,lr,momentum,batch_size,batch_loss,last_batch_loss,grad_norm,train_loss,train_accuracy,valid_loss,valid_accuracy,test_loss,test_accuracy' ]
ok $? 'epochs.csv: the header'
[ "$(head -n 1 plain/steps.csv)" = 'step,epoch,lr,batch_size,batch_loss,grad_norm' ]
ok $? 'steps.csv: the header'
[ "$(head -n 1 plain/timing.csv)" = 'epoch,train_seconds,evaluate_seconds,samples_per_second' ]
ok $? 'timing.csv: the header'
sed -n 2p plain/epochs.csv | grep -Eq '^0,0,0.005,0.9,50,,,,[0-9.]+,[0-9.]+,[0-9.]+,[0-9.]+,,$'
ok $? 'epochs.csv: epoch 0 has the settings to come and an evaluation, no batches and no test'
[ "$(cut -d, -f1,2 plain/epochs.csv | tail -n +2 | tr '\n' ' ')" = '0,0 1,12 2,24 3,36 ' ]
ok $? 'epochs.csv: a row per epoch, step counts updates'
[ "$(tail -n +2 plain/epochs.csv | awk -F, '{ printf "%d", $13 != "" && $14 != "" }')" = 0001 ]
ok $? 'epochs.csv: the test is in the last row alone'
[ "$(awk -F, '{ print NF }' plain/epochs.csv | sort -u)" = 14 ]
ok $? 'epochs.csv: 14 cells in every row'
[ "$(awk -F, '{ print NF }' plain/steps.csv | sort -u)" = 6 ] && [ "$(wc -l <plain/steps.csv)" -eq 37 ]
ok $? 'steps.csv: a row per update, 6 cells each'
[ "$(awk -F, '{ print NF }' plain/timing.csv | sort -u)" = 4 ] && [ "$(wc -l <plain/timing.csv)" -eq 5 ]
ok $? 'timing.csv: a row per epoch, 4 cells each'
[ "$(tail -n +2 plain/timing.csv | awk -F, '{ printf "%d", ($4 > 0) }')" = 0111 ]
ok $? 'timing.csv: samples per second where something was trained'
! grep -q "$(printf '\r')" plain/epochs.csv plain/steps.csv plain/timing.csv
ok $? 'the tables end their lines with \n'
cat plain/epochs.csv plain/steps.csv | tr ',' '\n' | grep '^-\{0,1\}[0-9]*[.]' | sed 's/e.*//; s/[-.]//g; s/^0*//' |
    awk 'length > most { most = length } END { exit most != 9 }'
ok $? 'numbers have 9 significant digits'
awk -F, 'FNR == 1 { next } FNR == NR { sum[$2] += $5; norm[$2] += $6; last[$2] = $5; n[$2]++; next }
    $1 > 0 { if (($6 - sum[$1] / n[$1]) ^ 2 > 1e-15 || ($8 - norm[$1] / n[$1]) ^ 2 > 1e-15 || $7 != last[$1]) exit 1 }' \
    plain/steps.csv plain/epochs.csv
ok $? 'batch_loss and grad_norm are means over the epoch, last_batch_loss is the last'
[ "$(cut -d, -f2 plain/steps.csv | uniq -c | tr -s ' \n' ' ')" = ' 1 epoch 12 1 12 2 12 3 ' ]
ok $? 'steps.csv: the epoch of each update counts from 1'
grep -q '^name: base$' plain/spec.yaml && grep -q '^  betas: \[0.9, 0.999\]$' plain/spec.yaml
ok $? 'spec.yaml: name from the file, defaults written out'
! grep -rqF "$work" plain/epochs.csv plain/steps.csv plain/spec.yaml plain/checkpoints
ok $? 'no file tells the output path'
for key in __metadata__ descent.format descent.spec descent.epoch descent.step descent.digest model.1.weight model.1.bias \
    optimizer.1.weight.exp_avg optimizer.3.bias.exp_avg_sq; do
    grep -aqF "\"$key\"" plain/checkpoints/last.safetensors
    ok $? "a checkpoint holds $key"
done
if [ "$have_python" ]; then
    [ "$(json plain/run.json 'j["status"], j["exit_code"], j["epoch"], j["step"]')" = "('completed', 0, 3, 36)" ]
    ok $? 'run.json: status, exit code, epoch, step'
    [ "$(json plain/run.json '"%.9g" % j["metrics"]["final"]["test_accuracy"]')" = "$(cell plain 3 test_accuracy)" ]
    ok $? 'run.json: metrics.final is the last row'
    [ "$(json plain/run.json 'sorted(len(v) for v in j["dataset"]["sha256"].values())')" = '[64, 64, 64, 64]' ]
    ok $? 'run.json: four digests of the data'
    [ "$(json plain/run.json 'len(j["weights_sha256"]), [k for k in ("version", "commit", "compiler", "blas", "processor") if k not in j["build"]]')" = '(64, [])' ]
    ok $? 'run.json: the digest of the weights, and what the build is'
else
    skip 'run.json' 'no python3'
fi
run run base.yaml -q -o drawn
{ [ "$code" -eq 0 ] && [ -s drawn/loss.png ] && [ -s drawn/accuracy.png ] && [ -s drawn/schedule.png ] && grep -q 'drawn/accuracy.png' out; }
ok $? 'run: three figures, one of them named'
train unplotted plots=false
[ "$code" -eq 0 ] && [ ! -e unplotted/loss.png ]
ok $? 'plots: false draws none'
train unlogged log.steps=0
[ "$code" -eq 0 ] && [ ! -e unlogged/steps.csv ]
ok $? 'log.steps: 0 leaves no steps.csv'
train fifth log.steps=5
[ "$(cut -d, -f1 fifth/steps.csv | tr '\n' ' ')" = 'step 5 10 15 20 25 30 35 ' ]
ok $? 'log.steps: 5 is every fifth update'
train sgd 'optimizer={name: sgd, lr: 0.1}'
[ "$(cell sgd 1 momentum)" = 0 ] && [ "$(cell sgd 0 lr)" = 0.1 ]
ok $? 'epochs.csv: the momentum of plain sgd is 0'
train adagrad 'optimizer={name: adagrad}'
[ "$(cell adagrad 1 momentum)" = '' ] && [ "$(cell adagrad 1 lr)" = 0.01 ]
ok $? 'epochs.csv: no momentum where the optimizer has none'
train every evaluate.test=every
[ "$(tail -n +2 every/epochs.csv | awk -F, '{ printf "%d", $13 != "" && $14 != "" }')" = 1111 ]
ok $? 'evaluate.test: every fills every row'
train never evaluate.test=never evaluate.train=none
[ "$(tail -n +2 never/epochs.csv | awk -F, '{ printf "%d", $9 $13 $14 == "" && $12 != "" }')" = 1111 ]
ok $? 'evaluate: never and none leave cells empty'
train novalid dataset.validation=0
[ "$code" -eq 0 ] && [ "$(cell novalid 3 valid_accuracy)" = '' ] && [ ! -e novalid/checkpoints/best.safetensors ]
ok $? 'no validation set: no figures of it and no best checkpoint'
train steps train.steps=15 train.epochs=null
[ "$(cut -d, -f1,2 steps/epochs.csv | tail -n +2 | tr '\n' ' ')" = '0,0 1,12 2,15 ' ] && [ "$(cell steps 2 test_loss)" ]
ok $? 'train.steps: the partial last epoch has its row, with the test'
train sparse checkpoint.every=2 checkpoint.keep=3 train.epochs=5
[ "$(ls sparse/checkpoints | tr '\n' ' ')" = 'best.safetensors last.safetensors step-24.safetensors step-48.safetensors ' ]
ok $? 'checkpoint.every: 2 numbers every second epoch'
train within checkpoint.every=0 checkpoint.every_steps=5 checkpoint.keep=2
[ "$(ls within/checkpoints | tr '\n' ' ')" = 'best.safetensors last.safetensors step-30.safetensors step-35.safetensors ' ]
ok $? 'checkpoint.every_steps: 5 numbers every fifth update, keep: 2 keeps two'
train once checkpoint.every=0 checkpoint.best=null
[ "$(ls once/checkpoints)" = last.safetensors ]
ok $? 'checkpoint.every: 0 and best: null leave last alone'
best=$(tail -n +3 plain/epochs.csv | sort -t, -k12,12gr -k1,1n | head -n 1 | cut -d, -f1)
grep -aq "\"descent.epoch\":\"$best\"" plain/checkpoints/best.safetensors
ok $? 'best.safetensors is of the earliest epoch of the highest validation accuracy'

# ---- same spec, same bits ----

train again
same plain again
ok $? 'the same spec again: the same bytes'
run run plain/spec.yaml -q --no-plots -o respec
same plain respec
ok $? 'the spec that a run left: the same bytes'
train seeded seed=7
! cmp -s plain/epochs.csv seeded/epochs.csv
ok $? 'another seed: other figures'
train quick -v
same plain quick
ok $? 'verbosity changes nothing'
CRASH_UNDER=$work train evaluated evaluate.batch_size=37
cmp -s plain/steps.csv evaluated/steps.csv
ok $? 'evaluation does not touch training'
run run plain/spec.yaml --no-plots -o plain evaluate.batch_size=37
{ [ "$code" -eq 0 ] && grep -q '^evaluate.batch_size: of a finished run they change nothing' err && same plain again; }
ok $? 'a finished run is reported, however many images are evaluated at once'
train weightless checkpoint.every=0 checkpoint.keep=0 checkpoint.best=null checkpoint.last=false
cmp -s plain/epochs.csv weightless/epochs.csv && [ -z "$(ls -A weightless/checkpoints)" ]
ok $? 'checkpoint.last: false: a completed run without weights'
run verify weightless
{ [ "$code" -eq 0 ] && grep -q '^weights  *identical: by their SHA-256' out; }
ok $? 'verify: by their digest'
sed 's/"weights_sha256": "[0-9a-f]\{12\}/"weights_sha256": "000000000000/' weightless/run.json >why && cp -r weightless other && mv why other/run.json
run verify other
{ [ "$code" -eq 1 ] && grep -q '^weights  *SHA-256 .* recorded, .* now' out; }
ok $? 'verify: another digest'
ends_with 0 'inspect: weights that were not to be kept are not missing' inspect weightless
train weightless checkpoint.every=0 checkpoint.keep=0 checkpoint.best=null checkpoint.last=false train.epochs=4
train longer4 train.epochs=4
cmp -s longer4/epochs.csv weightless/epochs.csv
ok $? 'and more epochs start from the beginning, to the same end'
train other checkpoint.every=0 checkpoint.keep=0 checkpoint.best=null checkpoint.last=false optimizer.name=sgd optimizer.lr=1e38 --force
{ [ "$code" -eq 5 ] && [ -z "$(ls -A other/checkpoints)" ]; }
ok $? 'checkpoint.last: false: nor has one that diverged'

# ---- a run that is ended where it stands ----

late='scheduler={name: lambda, interval: step, expr: "if(step < 24, 1e-21, 1)"}' # diverges after its second epoch
train ended optimizer.lr=1e20 "$late" train.epochs=36
exits 5 'a run to end: it diverges'
run resume ended -q --no-plots train.epochs=2
train atonce optimizer.lr=1e20 "$late" train.epochs=2
{ [ "$code" -eq 0 ] && [ "$(cell ended 2 test_loss)" ] && cmp ended/epochs.csv atonce/epochs.csv >why 2>&1; }
ok $? 'ended where it stands: the test that an end has, as asked for at once'
run verify ended -q
exits 0 '... and it verifies'

# ---- a folder that holds something already ----

before=$(stat -c '%Y %i' plain/checkpoints/last.safetensors)
run run base.yaml --no-plots -o plain
{ [ "$code" -eq 0 ] && grep -q 'finished already' err && [ "$before" = "$(stat -c '%Y %i' plain/checkpoints/last.safetensors)" ]; }
ok $? 'a finished run is reported, not trained again'
grep -q '^test  *[0-9.]* *[0-9.]* %$' out
ok $? 'what is reported has its figures'
run resume plain --no-plots
{ [ "$code" -eq 0 ] && [ "$before" = "$(stat -c '%Y %i' plain/checkpoints/last.safetensors)" ]; }
ok $? 'resume of a finished run reports too'
grep -q "'descent run plain/spec.yaml -o plain --force' trains it again" err
ok $? 'and names the command that trains it again'
message 2 'optimizer.lr' 'a different spec is refused' run base.yaml --no-plots -o plain optimizer.lr=0.1 train.batch_size=20
{ grep -q 'train.batch_size' err && grep -q -e '-o' err; }
ok $? 'a different spec: every key named, and -o proposed'
message 2 'optimizer.lr' 'resume with another learning rate is refused' resume plain optimizer.lr=0.1
same plain again
ok $? 'a refusal leaves the folder as it was'
message 2 '--resume never' '--resume never refuses a run' run base.yaml --no-plots -o plain --resume never
ends_with 0 '--resume never starts in a new folder' run base.yaml --no-plots -o fresh --resume never
message 2 'perhaps' '--resume of something else is a usage error' run base.yaml --no-plots -o fresh --resume perhaps
cp -r plain forced
run run base.yaml --no-plots -o forced --force optimizer.lr=0.01
{ [ "$code" -eq 0 ] && grep -q 'lr: 0.01' forced/spec.yaml && [ "$(wc -l <forced/epochs.csv)" -eq 5 ]; }
ok $? '--force starts over in place of a different spec'
train lr01 optimizer.lr=0.01
same forced lr01
ok $? '--force leaves nothing of what was there'
message 3 'no such folder: nowhere' 'resume of no folder' resume nowhere
mkdir empty
message 3 'spec.yaml' 'resume of a folder that holds no run' resume empty
ends_with 2 'resume of nothing' resume
message 2 "no '-o': it resumes in the folder itself" 'resume -o: it resumes where it was' resume plain -o elsewhere
for command in status check clean bench inspect list completion man; do
    message 2 "descent $command: no '--out'" "$command --out: it writes no file" $command --out=elsewhere
done
message 2 "'sweep' no setting of it" 'resume of a run with a sweep'"'"'s key' resume plain sweep.seeds=3
message 2 "'--out' needs PATH, not an empty one" 'an empty path' run base.yaml -o ''
run run --version
{ [ "$code" -eq 0 ] && grep -q BLAS out; }
ok $? '--version after a command'
message 2 "unknown option '--versoin'; did you mean '--version'?" 'an unknown option in place of a command' --versoin
message 2 "'x' is one word too many" 'list: a word too many' list optimizer adam x
ends_with 2 'run of nothing' run
kept() { # TITLE ARGUMENT ...: refused, and the finished run stays as it is
    title=$1
    shift
    rm -rf kept && cp -r again kept
    run "$@" -q --no-plots
    { [ "$code" -eq "$expected" ] && diff -r again kept >why 2>&1; }
    ok $? "$title"
}
expected=2
kept 'fewer epochs than were trained are refused' run base.yaml -o kept train.epochs=2
says 2 'kept was trained to epoch 3 already, and train.epochs asks for 2' 'and both numbers named'
says 2 "else 'descent run kept/spec.yaml train.epochs=2 -o kept --force' trains it again" 'and the command that trains it again'
kept 'resume with fewer epochs is refused' resume kept train.epochs=2
kept 'resume with fewer updates is refused' resume kept train.epochs=null train.steps=7
says 2 'trained to update 36 already, and train.steps asks for 7' 'and both numbers named'
says 2 "else 'descent run kept/spec.yaml train.epochs=null train.steps=7 -o kept --force' trains it again" 'and the command'
run run kept/spec.yaml train.epochs=null train.steps=7 -q --no-plots -o kept --force
exits 0 'which does'
kept '--force with more validation images than there are keeps the run' run base.yaml -o kept --force dataset.validation=60000
kept '--force with a batch larger than the training set keeps it' run base.yaml -o kept --force train.batch_size=601
expected=3
kept '--force with data that are not there keeps it' run base.yaml -o kept --force dataset.name=idx dataset.dir=nowhere
kept '--force with weights that are not there keeps it' run base.yaml -o kept --force model.init_from=nowhere.safetensors
rm -rf kept && cp -r again kept && sed -i 's/  lr: 0.005/  lr: 1.5/' kept/spec.yaml
message 2 'optimizer.lr: 0.005 there, 1.5 now' 'an edited spec.yaml is not what its checkpoints were trained with' resume kept -q --no-plots train.epochs=5
sed -i 's/  lr: 1.5/  lr: 0.005/; s/^  epochs: 3/  epochs: 4/' kept/spec.yaml
run resume kept -q --no-plots
{ [ "$code" -eq 0 ] && [ "$(tail -n 1 kept/epochs.csv | cut -d, -f1)" = 4 ]; }
ok $? 'what may change may be edited there'
rm -rf kept && cp -r again kept && : >kept/sweep.yaml
message 2 'holds a sweep, not a run' "a sweep's folder is not trained into" run base.yaml -q -o kept --force
mkdir own && cp base.yaml own/spec.yaml && cp -r own own2
cd own && run run spec.yaml -q -o .
says 2 './spec.yaml would be overwritten' "somebody's own spec.yaml is not overwritten"
ends_with 2 'nor with --force' run spec.yaml -q -o . --force
cd ..
rm -f own/out own/err
mkdir table && echo 1,2,3 >table/epochs.csv
message 2 'table/epochs.csv would be overwritten' 'nor a table' run base.yaml -q -o table
diff -r own own2 >why 2>&1 && [ "$(cat table/*)" = 1,2,3 ]
ok $? 'and all stays as it is'
rm -rf kept && cp -r again kept
run resume kept -q name=zz description=hi
{ [ "$code" -eq 0 ] && grep -q '^name: zz$' kept/spec.yaml && grep -q '^description: hi$' kept/spec.yaml && same again/checkpoints kept/checkpoints; }
ok $? 'a finished run takes another name and description'
run resume kept log.steps=0
{ [ "$code" -eq 0 ] && grep -q "^log.steps: of a finished run they change nothing; 'descent plot kept' draws" err; }
ok $? 'and says what else of a finished run acts no more'
rm -rf bare && cp -r again bare && rm bare/spec.yaml
run run base.yaml -q --no-plots -o bare
{ [ "$code" -eq 0 ] && same again bare; }
ok $? 'a finished run has its spec.yaml again'
sed -i 's/"status": "completed"/"status": "interrupted"/; s/"exit_code": 0/"exit_code": 143/; s/"epoch": [0-9]*/"epoch": 0/; s/"step": [0-9]*/"step": 0/' bare/run.json
run status bare
grep -q "^epoch  *$(tail -n 1 again/epochs.csv | cut -d, -f1)/" out
ok $? 'status: as far as the checkpoints, which a killed run resumes from'
[ "$(json kept/run.json 'j["name"], j["certificate"]["spec.yaml"]')" = "('zz', '$(sha256sum kept/spec.yaml | cut -d ' ' -f 1)')" ] && cmp again/epochs.csv kept/epochs.csv
ok $? 'in run.json too, with the certificate of the new spec'
ends_with 0 'and is reproduced' verify kept
run run base.yaml -q -o kept dataset.name=idx dataset.dir=nowhere
{ [ "$code" -eq 2 ] && head -n 1 err | grep -q '^descent: kept holds a run of a different spec'; }
ok $? 'another data set whose sizes are not known: refused, and no key of the model blamed'
run run base.yaml -q -o refused train.batch_size=601
[ "$code" -eq 2 ] && [ ! -e refused ]
ok $? 'what cannot begin leaves no folder'
run run missing.yaml
[ "$code" -ne 0 ] && grep -q missing.yaml err
ok $? 'run of a spec that is not there'

# ---- longer than before ----

longer() { # TITLE KEY=VALUE ...: 3 epochs and then 6 are 6
    title=$1
    shift
    rm -rf short long
    train short checkpoint.best=null "$@"
    run resume short -q --no-plots train.epochs=6
    train long checkpoint.best=null train.epochs=6 "$@"
    { [ "$code" -eq 0 ] && [ "$(wc -l <short/epochs.csv)" -gt 4 ] && same short long; }
    ok $? "longer: $title"
}
longer 'adam'
longer 'the former last row loses its test, a new one has it' evaluate.train=100
longer 'test every epoch' evaluate.test=every
longer 'momentum' 'optimizer={name: momentum, lr: 0.05, momentum: 0.9}'
longer 'an average' 'average={name: ema, decay: 0.9}'
longer 'a schedule' 'scheduler={name: exponential, gamma: 0.8}'
longer 'a plateau' 'scheduler={name: reduce_on_plateau, monitor: valid_loss, patience: 0, threshold: 0.3}'
longer 'checkpoints within epochs' checkpoint.every_steps=5 checkpoint.keep=3
cp -r plain longer
run resume longer -q --no-plots train.epochs=5
run run base.yaml -q --no-plots -o longer5 train.epochs=5
cmp -s longer/epochs.csv longer5/epochs.csv && cmp -s longer/checkpoints/last.safetensors longer5/checkpoints/last.safetensors
ok $? 'longer, with a best checkpoint: the same table and state'
[ "$(cell longer 3 test_loss)" = '' ] && [ "$(cell longer 5 test_loss)" ]
ok $? 'longer: the test moves to the new end'
cp -r plain longer6
run run base.yaml -q --no-plots -o longer6 train.epochs=5
cmp -s longer6/epochs.csv longer5/epochs.csv
ok $? 'run with more epochs resumes as resume does'
run resume steps -q --no-plots train.steps=null train.epochs=2
train whole2 train.epochs=2
cmp steps/epochs.csv whole2/epochs.csv >why 2>&1
ok $? 'longer: the whole epoch in place of its part'
# killed after it was resumed with another metric, and before its first checkpoint
train back optimizer.lr=0.3 train.epochs=4 checkpoint.best=valid_loss checkpoint.keep=9
rm back/checkpoints/best.safetensors
sed -i 's/best: valid_loss/best: train_loss/' back/spec.yaml
train back optimizer.lr=0.3 train.epochs=5 checkpoint.best=valid_loss checkpoint.keep=9
best_row=$(json back/run.json 'j["metrics"]["best"]["epoch"]')
[ "$code" -eq 0 ] && [ "$best_row" -lt 4 ] && cmp back/checkpoints/best.safetensors "back/checkpoints/step-$((best_row * $(cell back 1 step)))"* >why 2>&1
ok $? 'checkpoint.best: another one, a kill, and the first one again: its best weights are there'
# the second time with the best epoch's weights on file, the first time without
for best in null train_loss; do
    rm -rf changed
    train changed optimizer.lr=0.3 train.epochs=4 checkpoint.best=$best checkpoint.keep=9
    [ $best != null ] || rm changed/checkpoints/step-*
    run resume changed -q --no-plots train.epochs=6 checkpoint.best=valid_loss
    first=$(grep '^best epoch' out)
    cp err warned
    best_row=$(tail -n +3 changed/epochs.csv | sort -t, -k11,11g -k1,1n | head -n 1 | cut -d, -f1)
    grep -q "^best epoch $best_row:" out && [ "$(json changed/run.json 'j["metrics"]["best"]["epoch"]')" = "$best_row" ]
    ok $? "checkpoint.best: $best and then valid_loss: the best epoch of all"
    run resume changed -q --no-plots
    [ "$(grep '^best epoch' out)" = "$first" ]
    ok $? 'and the same one when it is reported'
    if [ $best = null ] && [ "$best_row" -lt 4 ]; then
        grep -q "the best epoch so far is $best_row, whose weights were not kept" warned && [ ! -e changed/checkpoints/best.safetensors ]
    else
        grep -aq "\"descent.epoch\":\"$best_row\"" changed/checkpoints/best.safetensors
    fi
    ok $? "its weights are kept, or a warning says that they are not"
done
for first in 12 15 24 31; do
    rm -rf short long
    train short train.steps=$first train.epochs=null
    run resume short --no-plots train.steps=40
    train long train.steps=40 train.epochs=null
    { cmp short/epochs.csv long/epochs.csv && cmp short/steps.csv long/steps.csv &&
        cmp short/checkpoints/last.safetensors long/checkpoints/last.safetensors; } >why 2>&1
    ok $? "longer: $first updates and then 40 are 40"
done
# it resumes at the state before the end within an epoch, wherever it is killed: no update is made twice
furthest() { # FOLDER: the last update that some checkpoint is of
    run inspect "$1"
    awk '/[.]safetensors .*sound/ { if ($3 > n) n = $3 } END { print n + 0 }' out
}
for words in 'checkpoint.every=0 checkpoint.best=null' 'checkpoint.best=train_loss' 'checkpoint.best=valid_loss checkpoint.every=2'; do
    rm -rf cut long
    # shellcheck disable=SC2086 # words
    train long train.steps=40 train.epochs=null log.steps=1 $words
    # shellcheck disable=SC2086 # words
    train cut train.steps=15 train.epochs=null log.steps=1 $words
    alike=yes
    for at in 1 2 4 6 9 13 20 30; do
        rm -rf short
        cp -r cut short
        CRASH_AT=$at CRASH_HOW=kill CRASH_UNDER=$work LD_PRELOAD=$crash "$descent" resume "$work/short" -q --no-plots train.steps=40 >out 2>err </dev/null
        [ "$(furthest short)" -ge 15 ] || { alike=no && echo "killed at $at: it stands at $(furthest short)" >why; }
        run resume short -q --no-plots train.steps=40
        { [ "$code" -eq 0 ] && diff -r -x run.json -x timing.csv -x best.safetensors -x 'before-end*' short long; } >>why 2>&1 || alike=no
        [ -e short/checkpoints/best.safetensors ] && ! grep -aq "\"descent.epoch\":\"$(json short/run.json 'j["metrics"]["best"]["epoch"]')\"" short/checkpoints/best.safetensors &&
            alike=no && echo 'best is of another epoch' >>why
    done
    [ $alike = yes ]
    ok $? "longer than an end within an epoch, killed anywhere: nothing lost, the same bytes ($words)"
done
[ -e cut/checkpoints/before-end.safetensors ] && run resume cut -q train.steps=24 && [ ! -e cut/checkpoints/before-end.safetensors ] && [ ! -e cut/checkpoints/before-end-best.safetensors ]
ok $? 'an end with a whole epoch keeps no state before it'
# as an earlier version left it: trained again, and the old end stays until there are others
rm -rf cut
train cut train.steps=15 train.epochs=null checkpoint.every=0 checkpoint.best=null
rm cut/checkpoints/before-end.safetensors
CRASH_AT=9 CRASH_HOW=kill CRASH_UNDER=$work LD_PRELOAD=$crash "$descent" resume "$work/cut" -q --no-plots train.steps=40 >out 2>err </dev/null
[ "$(furthest cut)" -eq 15 ]
ok $? 'without that state the trained end is kept until another checkpoint is there'
rm -rf long
train long train.steps=40 train.epochs=null checkpoint.every=0 checkpoint.best=null
run resume cut -q --no-plots train.steps=40
{ [ "$code" -eq 0 ] && grep -q 'ended within an epoch and keeps no state' err; } && cmp cut/epochs.csv long/epochs.csv && cmp cut/checkpoints/last.safetensors long/checkpoints/last.safetensors
ok $? '... and the end is that of a run asked for at once'
cp -r plain renamed
run resume renamed --no-plots name=other description=text train.epochs=4 plots=false checkpoint.keep=2 log.steps=2
{ [ "$code" -eq 0 ] && grep -q '^name: other$' renamed/spec.yaml && grep -q '^description: text$' renamed/spec.yaml; }
ok $? 'resume may change name, description, log, plots, checkpoint'
run resume renamed -q --no-plots train.epochs=5 threads=2
[ "$code" -eq 0 ] && [ ! -s err ]
ok $? 'another thread count resumes without a word: the bits are the same'
wide='model={name: mlp, hidden: [300, 300], sparse_input: off}'
train one "$wide" train.batch_size=100 train.epochs=2
train two "$wide" train.batch_size=100 train.epochs=2 threads=2
if [ "$(json one/run.json 'j["matmul"]')" = blas ]; then
    skip 'one and two threads: the same bits' 'this processor has no AVX2'
else
    { cmp one/epochs.csv two/epochs.csv && [ "$(json one/run.json 'j["weights_sha256"]')" = "$(json two/run.json 'j["weights_sha256"]')" ]; } >why 2>&1
    ok $? 'one and two threads: the same bits'
fi
train blas "$wide" train.batch_size=100 train.epochs=2 model.matmul=blas
{ [ "$(json blas/run.json 'j["matmul"]')" = blas ] &&
    python3 -c 'import sys; a, b = map(float, sys.argv[1:]); sys.exit(abs(a - b) > 1e-3 * a)' "$(cell one 2 train_loss)" "$(cell blas 2 train_loss)"; } >why 2>&1
ok $? 'BLAS on demand, with the same loss but for rounding'
train cosine 'scheduler={name: cosine}'
message 0 'length' 'a schedule that depends on the length resumes with a warning' resume cosine -q --no-plots train.epochs=5
train expo 'scheduler={name: exponential, gamma: 0.9}'
run resume expo -q --no-plots train.epochs=5
[ "$code" -eq 0 ] && [ ! -s err ]
ok $? 'a schedule that does not depend on it resumes without'
sed 's/"kernel": "[^"]*"/"kernel": "Other"/' plain/run.json >run.json
cp -r plain kernel
mv run.json kernel/run.json
run resume kernel -q --no-plots train.epochs=4
[ "$code" -eq 0 ] && [ ! -s err ]
ok $? 'so does another BLAS kernel, which multiplies nothing'

# ---- killed anywhere ----

# every kind of state: moments, batch norm, dropout, a plateau, an average, checkpoints within epochs
cat >all.yaml <<'END'
dataset: {name: digits, train_limit: 250, test_limit: 100, validation: 50}
model: {name: mlp, hidden: [4], batch_norm: true, dropout: 0.3}
train: {epochs: 3, batch_size: 50}
optimizer: {name: adam, lr: 0.005, amsgrad: true}
scheduler: {name: reduce_on_plateau, monitor: last_batch_loss, patience: 0, threshold: 0.2}
average: {name: ema, decay: 0.9}
checkpoint: {every_steps: 4, keep: 2}
log: {steps: 1}
END
struck() { # N FOLDER: the N-th operation on a file below FOLDER ends the run
    code=0
    CRASH_AT=$1 CRASH_UNDER=$2 CRASH_COUNT=count LD_PRELOAD=$crash "$descent" run all.yaml -q --no-plots -o "$2" >out 2>err </dev/null || code=$?
}
struck 0 "$work/whole"
operations=$(cat count)
[ "$code" -eq 0 ] && [ "$operations" -gt 50 ]
ok $? "a run of $operations operations on files"
at=1
bad=
while [ "$at" -le "$operations" ]; do
    rm -rf "$work/killed"
    struck "$at" "$work/killed"
    [ "$code" -eq 137 ] || bad="$bad $at:$code"
    run run all.yaml -q --no-plots -o killed
    { [ "$code" -eq 0 ] && same whole killed; } || bad="$bad $at"
    at=$((at + ${STRIDE:-3}))
done
printf 'differs after a kill at operation%s\n' "$bad" >why
[ -z "$bad" ]
ok $? "killed before operations of all $operations and run again: the uninterrupted run"
for from in 9 31 57; do # and again before the run is through
    rm -rf "$work/killed"
    struck "$from" "$work/killed"
    for again in 11 6 17 8; do
        CRASH_AT=$again CRASH_UNDER=$work/killed LD_PRELOAD=$crash "$descent" run all.yaml -q --no-plots -o "$work/killed" \
            >out 2>err </dev/null
    done
    run run all.yaml -q --no-plots -o killed
    { [ "$code" -eq 0 ] && same whole killed; }
    ok $? "killed five times over, first at operation $from: the uninterrupted run"
done

# ---- every optimizer, schedule and average, stopped within an epoch ----

cut_and_resume() { # TITLE KEY=VALUE ...: stopped by SIGINT after some updates, resumed, is the uninterrupted run
    title=$1
    shift
    rm -rf whole1 cut
    run run all.yaml -q --no-plots -o whole1 average=null scheduler=null checkpoint.every_steps=7 "$@"
    [ "$code" -eq 0 ] || { ok 1 "$title"; return; }
    CRASH_AT=70 CRASH_UNDER=$work/cut LD_PRELOAD=$crash "$descent" run all.yaml -q --no-plots -o "$work/cut" average=null \
        scheduler=null checkpoint.every_steps=7 "$@" >out 2>err </dev/null
    ls cut/checkpoints >/dev/null 2>&1 && [ ! -e cut/epochs.csv ] && echo 'was not cut' >why
    run resume cut -q --no-plots
    { [ "$code" -eq 0 ] && same whole1 cut; }
    ok $? "$title: killed and resumed, the same bytes"
}
# 49 inputs: shampoo and soap decompose a matrix as wide as these
few='model={name: layers, layers: [{avg_pool: {size: 4}}, flatten, {linear: 4}, batch_norm, relu, {dropout: 0.3}, {linear: 10}]}'
for optimizer in $("$descent" list optimizers | sed -n 's|^  \([a-z_]*\) .*|\1|p' | grep -vx equations); do
    cut_and_resume "$optimizer" "optimizer={name: $optimizer, lr: 0.01}" "$few"
done
cut_and_resume 'equations' 'optimizer={name: equations, state: {m: 0, s: w}, update: "m = 0.9 * m + g\ns = 0.9 * s + 0.1 * w\nw = w - lr * (m + s)"}'
cut_and_resume 'lookahead and cautious' 'optimizer={name: adamw, lr: 0.01, cautious: true, lookahead: {steps: 3}}'
cut_and_resume 'prodigy, lookahead and cautious' 'optimizer={name: prodigy, cautious: true, lookahead: {steps: 3}}'
cut_and_resume 'sam' 'train.sam={rho: 0.1}' train.accumulate=2
cut_and_resume 'amsgrad' 'optimizer={name: adam, lr: 0.01, amsgrad: true}'
cut_and_resume 'swats after its switch' 'optimizer={name: swats, lr: 0.01, rtol: 0.5}'
cut_and_resume 'asgd averaging' 'optimizer={name: asgd, lr: 0.01, t0: 3}'
cut_and_resume 'asgd, a group under a schedule' 'optimizer={name: asgd, lr: 0.1, lambd: 0.1, groups: [{tensors: [bias], lr: 30}]}' 'scheduler={name: step, every: 1, gamma: 0.1, interval: step}'
for scheduler in '{name: exponential, gamma: 0.9, interval: step}' '{name: cyclic, base_lr: 0.001, max_lr: 0.01, step_size_up: 4}' \
    '{name: one_cycle, max_lr: 0.02}' '{name: lambda, expr: "1 / (1 + step)", interval: step}' \
    '{name: cosine_restarts, first: 2, interval: step}' '{name: reduce_on_plateau, patience: 0, threshold: 0.5}' \
    '{name: step, every: 4, gamma: 0.5, apply_to: batch_size, interval: step}' \
    '[{name: warmup, over: 5, interval: step}, {name: halving, apply_to: batch_size, max_batch_size: 120}]' \
    '{name: sequential, milestones: [1], schedules: [{name: constant}, {name: cosine}]}'; do
    cut_and_resume "$scheduler" "scheduler=$scheduler"
done
cut_and_resume 'swa' 'average={name: swa, start: 0.3}'
cut_and_resume 'ema' 'average={name: ema, decay: 0.8}'
cut_and_resume 'accumulation, stratified' train.accumulate=2 train.sampler=stratified train.batch_size=25
cut_and_resume 'early stopping' 'train.early_stopping={monitor: valid_loss, patience: 1}' train.epochs=8

# ---- faults of the disk ----

for errno in 28 5; do # ENOSPC, EIO
    at=$((errno % 4 + 1))
    bad=
    while [ "$at" -le "$operations" ]; do
        rm -rf "$work/faulty"
        code=0
        CRASH_HOW=$errno CRASH_AT=$at CRASH_UNDER=$work/faulty LD_PRELOAD=$crash "$descent" run all.yaml -q --no-plots \
            -o "$work/faulty" >out 2>err </dev/null || code=$?
        # some need not matter: a temporary file that cannot be removed
        { [ "$code" -eq 4 ] && grep -q 'faulty' err; } || [ "$code" -eq 0 ] || bad="$bad $at:$code"
        run run all.yaml -q --no-plots -o faulty
        { [ "$code" -eq 0 ] && same whole faulty; } || bad="$bad $at"
        at=$((at + ${STRIDE:-7}))
    done
    printf 'wrong after a fault at operation%s\n' "$bad" >why
    [ -z "$bad" ]
    ok $? "errno $errno at operations of all $operations: exit 4 and the file's name, and the next run repairs it"
done
if [ "$(id -u)" -eq 0 ]; then
    skip 'a folder that cannot be written' 'root may write anywhere'
else
    mkdir locked && chmod 500 locked
    train locked/inside
    says 4 'locked/inside' 'a folder that cannot be written'
fi
train /dev/null/inside
says 4 '/dev/null/inside' 'a folder below a file'

# ---- damaged checkpoints ----

broken() { # TITLE COMMAND ...: on the newest checkpoint of an interrupted run
    title=$1
    shift
    rm -rf damaged && cp -r "$work/part" damaged
    "$@" damaged/checkpoints/last.safetensors
    run run all.yaml -q --no-plots -o damaged
    { [ "$code" -eq 0 ] && grep -q 'last.safetensors' err && same whole damaged; }
    ok $? "$title newest checkpoint: named, and the one before it is resumed"
}
cut_short() { head -c 1000 "$1" >"$1.new" && mv "$1.new" "$1"; }
emptied() { : >"$1.new" && mv "$1.new" "$1"; }
flipped() { # a byte in the middle of the data
    cp "$1" "$1.new" && printf '\125' | dd of="$1.new" bs=1 seek=$(($(wc -c <"$1") - 5000)) conv=notrunc 2>/dev/null && mv "$1.new" "$1"
}
rm -rf part
struck $((operations - 20)) "$work/part"
[ "$code" -eq 137 ] && [ -e part/checkpoints/last.safetensors ]
ok $? 'an interrupted run to damage'
broken 'a cut' cut_short
broken 'an empty' emptied
broken 'a flipped' flipped
rm -rf damaged && cp -r part damaged && rm damaged/checkpoints/last.safetensors
run run all.yaml -q --no-plots -o damaged
{ [ "$code" -eq 0 ] && same whole damaged; }
ok $? 'no newest checkpoint: the one before it is resumed'
rm -rf damaged && cp -r part damaged
for file in damaged/checkpoints/*; do cut_short "$file"; done
message 3 '--force' 'no checkpoint left: exit 3, and what to do' run all.yaml -q --no-plots -o damaged

# ---- damaged tables ----

damaged_table() { # TEXT TITLE COMMAND ...: done to a copy of a finished run, which is then to resume
    text=$1
    title=$2
    shift 2
    rm -rf hurt hurt2 && cp -r again hurt
    "$@"
    cp -r hurt hurt2
    run resume hurt -q --no-plots train.epochs=5
    { [ "$code" -eq 3 ] && grep -qF -- "$text" err && grep -q 'put the file back.*--force' err && diff -r hurt hurt2 >why 2>&1; }
    ok $? "$title: refused, and all stays as it is"
    case $title in
    *timing.csv* | *'two intervals'*) return ;; # on which no result depends; and another run by then
    *steps.csv*) commands='run' file=steps.csv ;;
    *) commands='run status compare report' file=epochs.csv ;;
    esac
    for command in $commands; do
        if [ "$command" = run ]; then train hurt; else run "$command" hurt; fi
        { [ "$code" -eq 3 ] && grep -qF "$file" err && diff -r hurt hurt2 >why 2>&1; }
        ok $? "$title: $command does not report it"
    done
}
edited() { # FILE SED-SCRIPT
    sed "$2" "hurt/$1" >edited && mv edited "hurt/$1"
}
nulled() { # FILE BLOCK: 100 bytes of zeros there
    dd if=/dev/zero of="hurt/$1" bs=100 count=1 seek="$2" conv=notrunc 2>/dev/null
}
epochs=hurt/epochs.csv
damaged_table "$epochs: row 2 is of epoch 2 in place of 1" 'epochs.csv without a row' edited epochs.csv 3d
damaged_table "$epochs: row 4 (epoch 3) is missing" 'epochs.csv without its last row' edited epochs.csv 5d
damaged_table "$epochs: row 3 is of epoch 1 in place of 2" 'epochs.csv with a row twice' edited epochs.csv 3p
damaged_table "$epochs: row 5 is of epoch 3, which was there before" 'epochs.csv with its last row twice' edited epochs.csv 5p
damaged_table "$epochs: row 2 is of epoch 2 in place of 1" 'epochs.csv out of order' edited epochs.csv '3{h;d};4{G}'
damaged_table "$epochs: row 4 (epoch 3) is cut short" 'epochs.csv, cut' truncate -s -9 $epochs
damaged_table "$epochs: row 1 (epoch 0) cannot be read" 'epochs.csv with zeros' nulled epochs.csv 2
damaged_table "$epochs does not begin with its header" 'epochs.csv without its header' edited epochs.csv 1d
damaged_table "$epochs does not begin with its header" 'epochs.csv with two columns renamed' edited epochs.csv '1s/train_loss,train_accuracy/train_accuracy,train_loss/'
damaged_table "$epochs is empty" 'epochs.csv, empty' truncate -s 0 $epochs
damaged_table "$epochs is missing" 'no epochs.csv' rm $epochs
damaged_table "$epochs: row 3 (epoch 2) cannot be read" 'epochs.csv with a number that is none' edited epochs.csv '4s/\./x/'
damaged_table "$epochs is not the one that run.json's certificate is of" 'epochs.csv with another number' edited epochs.csv '4s/5,/6,/'
damaged_table "$epochs is not the one that run.json's certificate is of" 'epochs.csv with another test accuracy' edited epochs.csv '5s/[0-9]$/&1/'
steps=hurt/steps.csv
damaged_table "$steps: row 12 is of step 13 in place of 12" 'steps.csv without a row' edited steps.csv 13d
damaged_table "$steps: row 32 (step 32) is missing" 'steps.csv without its end' edited steps.csv '33,$d'
damaged_table "$steps: row 13 is of step 12, which was there before" 'steps.csv with a row twice' edited steps.csv 13p
damaged_table "$steps: its rows up to step 36 are not those" 'steps.csv with another number' edited steps.csv '9s/,[0-9.]*$/,9/'
damaged_table "$steps: row 36 (step 36) is cut short" 'steps.csv, cut' truncate -s -3 $steps
damaged_table "$steps: row 2 (step 2) cannot be read" 'steps.csv with zeros' nulled steps.csv 1
damaged_table "$steps is missing" 'no steps.csv' rm $steps
timing=hurt/timing.csv
damaged_table "$timing: row 2 is of epoch 2 in place of 1" 'timing.csv without a row' edited timing.csv 3d
damaged_table "$timing: row 4 (epoch 3) cannot be read" 'timing.csv with a number that is none' edited timing.csv '5s/\./x/'
damaged_table "$timing is empty" 'timing.csv, empty' truncate -s 0 $timing
damaged_table "$timing is missing" 'no timing.csv' rm $timing
sparse() { # steps.csv of every second update from the middle on, as checkpoints with digests may have it
    run resume hurt -q --no-plots log.steps=2 train.epochs=4
    cp hurt/steps.csv two-intervals
    edited steps.csv "$1"
}
damaged_table 'hurt/steps.csv: ' 'steps.csv of two intervals, without a row' sparse 40d
cp two-intervals hurt/steps.csv
run resume hurt -q --no-plots train.epochs=5
{ [ "$code" -eq 0 ] && [ "$(wc -l <hurt/steps.csv)" -eq 49 ]; }
ok $? 'and with it resumes'
# behind the checkpoint lies what a killed run had still written
rm -rf hurt && struck $((operations - 30)) "$work/hurt"
for name in epochs timing steps; do printf '9,9,0.5,' >>hurt/$name.csv; done
run resume hurt -q --no-plots
{ [ "$code" -eq 0 ] && same whole hurt; }
ok $? 'a torn row behind the checkpoint is cut off'
rm -rf hurt && struck $((operations - 30)) "$work/hurt"
edited epochs.csv 2d
message 3 'hurt/epochs.csv: row 1 is of epoch 1 in place of 0' 'an interrupted run with a row less is refused' run all.yaml -q --no-plots -o hurt
[ "$(json hurt/run.json 'j["status"]')" = running ]
ok $? 'and its run.json stays'
run run all.yaml -q --no-plots -o hurt --force
{ [ "$code" -eq 0 ] && same whole hurt; }
ok $? 'and --force starts it over'
rm -rf hurt && struck $((operations - 30)) "$work/hurt"
edited epochs.csv '2s/,0.9,/,0.8,/'
message 3 'are not those that hurt/checkpoints/last.safetensors was written with' 'an interrupted run with another number is refused' run all.yaml -q --no-plots -o hurt

# ---- another run for being lengthened ----

reproduced() { # FOLDER TITLE
    output "$1 is reproduced, byte for byte" "$2" verify "$1" -q
}
extended() { # FOLDER: its pairs
    json "$1/run.json" 'j.get("extended")'
}
train stretched 'scheduler={name: cosine}'
message 0 'extended' 'a longer cosine: said' resume stretched -q --no-plots train.epochs=5
[ "$(extended stretched)" = '[[3, 5]]' ]
ok $? 'and recorded: the epoch reached, and the new total'
reproduced stretched 'a lengthened run is reproduced as it was trained'
run resume stretched -q --no-plots train.epochs=+2
[ "$(extended stretched)" = '[[3, 5], [5, 7]]' ]
ok $? 'twice; +2 is two more'
reproduced stretched 'and that too'
output 'length begun with 3 epochs, 5 epochs from epoch 3 on, 7 epochs from epoch 5 on' 'status tells it' status stretched
output '1 run had another length at first, under a schedule or average that depends on the length: stretched' 'compare tells it' compare stretched plain
train shrunk train.epochs=9 'scheduler={name: cosine}' 'train.early_stopping={monitor: train_loss, patience: 1, min_delta: 100}'
run resume shrunk -q --no-plots train.epochs=+2
output '1 run had another length at first, under a schedule or average that depends on the length: shrunk' 'and of one that was made shorter' compare shrunk plain
reproduced shrunk '... which is reproduced too'
sed 's/"epoch": 5,/"epoch": 4,/; s/"step": 60,/"step": 48,/' stretched/run.json >run.json && cp -r stretched forged && mv run.json forged/run.json
ends_with 1 'with another history it is not reproduced' verify forged -q
rm -rf cut && CRASH_AT=70 CRASH_UNDER=$work/cut LD_PRELOAD=$crash "$descent" run all.yaml -q --no-plots -o "$work/cut" \
    'scheduler={name: cosine, interval: step}' >out 2>err </dev/null
run resume cut -q --no-plots train.epochs=6
[ "$(json cut/run.json 'j["lengths"][1]["within_epoch"], j["lengths"][0]["epochs"]')" = '(True, 3)' ]
ok $? 'lengthened within an epoch'
train watched train.epochs=6 'scheduler=[{name: wsd, warmup: 0, decay: 0.5}, {name: reduce_on_plateau, monitor: train_accuracy, mode: max, threshold: 10, patience: 0, apply_to: batch_size}]'
run resume watched -q --no-plots train.epochs=+3
[ "$(extended watched)" = '[[6, 9]]' ]
ok $? 'lengthened where a plateau on the batch size has made epochs short'
reproduced watched '... and reproduced as it was trained'
reproduced cut 'and reproduced from there'
train later log.steps=0
run resume later -q --no-plots log.steps=1 train.epochs=5
reproduced later 'a log of each update from the third epoch on'
run resume later -q --no-plots log.steps=0 train.epochs=6
run resume later -q --no-plots log.steps=1 train.epochs=7
reproduced later '... with a gap'
train stilled log.steps=0 'train.early_stopping={monitor: train_loss, patience: 1, min_delta: 5}'
run resume stilled -q --no-plots log.steps=2 train.epochs=+3
reproduced stilled 'a log asked for when nothing was left to train'
train expo2 'scheduler={name: exponential, gamma: 0.9}'
run resume expo2 -q --no-plots train.epochs=5
[ "$(extended expo2)" = None ]
ok $? 'a length that does not matter is not recorded'

# Its log may change on the way: rows that were written are the same rows again, and one that is gone is missed.
run resume expo2 -q --no-plots train.epochs=6 log.steps=5
{ [ "$code" -eq 0 ] && [ "$(cut -d, -f1 expo2/steps.csv | tail -n 3 | tr '\n' ' ')" = '60 65 70 ' ]; }
ok $? 'another log on the way'
output '; log.steps changed on the way' 'is no difference' verify expo2 -q
cp expo2/steps.csv whole-steps
sed -i 30d expo2/steps.csv
ends_with 1 'a row that is gone is one' verify expo2 -q
sed '30s/,50,/,50,1/' whole-steps >expo2/steps.csv
digest=$(sha256sum expo2/steps.csv | cut -c1-64)
sed -i "s/\(\"steps.csv\": \"\)[0-9a-f]*/\1$digest/" expo2/run.json
run verify expo2 -q
{ [ "$code" -eq 1 ] && grep -q '^steps.csv  *differs first in row 29 (step 29), column batch_loss:$' out; }
ok $? 'and another number, whatever the certificate says'
train expo2 --force 'scheduler={name: exponential, gamma: 0.9}'
run resume expo2 -q --no-plots train.epochs=4 log.steps=0
reproduced expo2 'nor is a log that ended a difference'
train expo2 --force log.steps=0
run resume expo2 -q --no-plots log.steps=1
{ [ "$code" -eq 0 ] && [ ! -e expo2/steps.csv ]; }
ok $? 'a log that a finished run is to have from now on'
reproduced expo2 'is none either'
# 36 updates with an average from 18 on; of 144 it begins at 72
train mean 'average={name: swa, start: 0.5}'
run resume mean -q --no-plots train.epochs=12
train mean12 'average={name: swa, start: 0.5}' train.epochs=12
train raw12 train.epochs=12
[ "$(sed -n '6,7p' mean/epochs.csv)" = "$(sed -n '6,7p' raw12/epochs.csv)" ]
ok $? 'a longer swa: the raw weights are evaluated until the new length has it begin'
[ "$(sed -n '8,$p' mean/epochs.csv)" = "$(sed -n '8,$p' mean12/epochs.csv)" ] && [ "$(extended mean)" = '[[3, 12]]' ] &&
    [ "$(json mean/run.json 'j["weights_sha256"]')" = "$(json mean12/run.json 'j["weights_sha256"]')" ]
ok $? 'and then averaged as if asked for at once; recorded, for the rows before tell another tale'
cmp -s mean/epochs.csv mean12/epochs.csv
[ $? -eq 1 ]
ok $? 'as they do'
reproduced mean 'and reproduced'
message 2 "'train.epochs=+0': '+' is followed by a whole number of epochs, at least 1" '+0 is none' resume mean -q --no-plots train.epochs=+0
run resume mean -q --no-plots train.epochs=null train.steps=+12
{ [ "$code" -eq 0 ] && [ "$(tail -n 1 mean/epochs.csv | cut -d, -f2)" = 156 ]; }
ok $? 'train.steps=+12: 12 updates more'
train endless 'train={epochs: null, steps: 20, batch_size: 50}' 'checkpoint={every: 0, every_steps: 7, last: false}'
run resume endless -q --no-plots train.steps=+3
{ [ "$code" -eq 0 ] && [ "$(tail -n 1 endless/epochs.csv | cut -d, -f1,2)" = 2,23 ]; }
ok $? 'more than a finished run has reached, though its last checkpoint is gone'
for command in run check schedule; do
    message 2 "'+' means this many more than a run has reached" "$command: no '+'" $command base.yaml train.epochs=+2
done
for command in run check; do
    message 3 'lies beyond the 9 classes' "$command: a label beyond the classes" $command base.yaml dataset.classes=9
done
cat >grid.yaml <<'END'
extends: base.yaml
scheduler: {name: cosine}
plots: false
sweep: {grid: {optimizer.lr: [0.001, 0.01]}}
END
run sweep grid.yaml -q -o grid
run resume grid -q train.epochs=+2
{ [ "$code" -eq 0 ] && [ "$(extended grid/lr=0.01)" = '[[3, 5]]' ] && [ "$(grep -c '^descent: warning: members were trained further whose schedules' err)" -eq 1 ] &&
    [ "$(wc -l <err)" -eq 1 ]; }
ok $? "a sweep's members two epochs longer: one line for all"
run resume grid/lr=0.01 -q --no-plots train.epochs=6
message 2 "'train.epochs=+' needs members that have reached the same epoch" 'members that stand apart' resume grid -q train.epochs=+1
# Of a longer run, the schedule has no values where the shorter one was trained.
train narrow 'scheduler={name: lambda, expr: log(5 - epochs + epoch)}'
message 2 'scheduler lambda: at t = 3 the value is -inf' 'a longer run whose schedule has no value ahead' resume narrow -q --no-plots train.epochs=8
run resume narrow -q --no-plots train.epochs=5
{ [ "$code" -eq 0 ] && [ "$(extended narrow)" = '[[3, 5]]' ]; }
ok $? '... is checked from where it resumes'
reproduced narrow '... and reproduced'
ends_with 0 '... and resumed once more' resume narrow -q --no-plots train.epochs=7
output 'epoch 7/7' '... and known to other commands' status narrow
message 2 'at t = 0 the value is nan' '... but no spec of a new run' run narrow/spec.yaml -q --no-plots -o other
printf 'extends: base.yaml\nplots: false\nscheduler: {name: lambda, expr: log(5 - epochs + epoch)}\nsweep: {seeds: 2}\n' >narrow.yaml
run sweep narrow.yaml -q -o narrows
message 2 'at t = 3 the value is -inf' 'members whose schedule has no value ahead' resume narrows -q train.epochs=8
run resume narrows -q train.epochs=5
{ [ "$code" -eq 0 ] && [ "$(extended narrows/seed=123)$(extended narrows/seed=124)" = '[[3, 5]][[3, 5]]' ]; }
ok $? '... are checked from where they resume'
rm -r narrows/seed=124
message 2 'at t = 0 the value is -inf; it must be finite and not negative (in seed=124)' '... and one that begins, from there' resume narrows -q

# ---- signals ----

begin() { # FOLDER [KEY=VALUE ...]: a long run in the background, once it has written a checkpoint, or the file $sign
    rm -rf "$1"
    folder=$1
    shift
    # a shell without job control has what it puts in the background ignore SIGINT
    CRASH_UNDER=$work LD_PRELOAD=$crash env "${with:---default-signal=INT}" "$descent" run all.yaml -q --no-plots -o "$folder" train.epochs=100000 "$@" >out 2>err </dev/null &
    pid=$!
    n=0
    while [ ! -e "$folder/${sign:-checkpoints/last.safetensors}" ] && [ "$n" -lt 1200 ]; do
        sleep 0.05
        n=$((n + 1))
    done
}
finish() {
    code=0
    wait "$pid" || code=$?
    pid=
}
for signal in INT:130 TERM:143 HUP:129 USR1:75 XCPU:152; do
    with=--default-signal=${signal%:*} # nohup and some shells hand down an ignored one
    begin signalled checkpoint.best=null
    with=
    kill -"${signal%:*}" "$pid"
    finish
    [ "$code" -eq "${signal#*:}" ]
    ok $? "SIG${signal%:*}: exit ${signal#*:}"
    rows=$(tail -n 1 signalled/epochs.csv | cut -d, -f1)
    run resume signalled -q --no-plots "train.epochs=$((rows + 2))"
    rm -rf straight
    run run all.yaml -q --no-plots -o straight checkpoint.best=null "train.epochs=$((rows + 2))"
    same signalled straight
    ok $? "SIG${signal%:*} and resumed: the uninterrupted run of $((rows + 2)) epochs"
done
for signal in INT HUP; do
    with=--ignore-signal=$signal
    begin deaf
    with=
    kill -"$signal" "$pid"
    sleep 0.2
    kill -0 "$pid"
    ok $? "SIG$signal that was ignored from the start stays ignored"
    kill -USR1 "$pid"
    finish
    [ "$code" -eq 75 ]
    ok $? 'another one stops it'
done
code=0
(ulimit -S -t 1 && exec "$descent" run all.yaml -q --no-plots -o spent train.epochs=1000000 >out 2>err </dev/null) || code=$?
{ [ "$code" -eq 152 ] && [ "$(json spent/run.json '[j["status"], j["exit_code"]]')" = "['interrupted', 152]" ]; }
ok $? 'at the limit to processor time: a checkpoint, and exit 152'

train early train.epochs=50 optimizer.lr=0 'train.early_stopping={monitor: valid_loss, patience: 2}'
{ [ "$code" -eq 0 ] && [ "$(tail -n 1 early/epochs.csv | cut -d, -f1)" -lt 50 ]; }
ok $? 'a run that stops early'
for words in 'resume early' 'resume early train.epochs=60'; do
    # shellcheck disable=SC2086 # words
    run $words --no-plots
    { [ "$code" -eq 0 ] && grep -q 'early stopped early, after epoch [0-9]* .*: more epochs change nothing' err; }
    ok $? "$words: says that more epochs change nothing"
done
train ends
run resume ends --no-plots
{ [ "$code" -eq 0 ] && ! grep -q early err; }
ok $? 'of a run that went to its end nothing of this is said'

sign=epochs.csv
begin saved checkpoint.every_steps=null checkpoint.every=0
sign=
[ ! -e saved/checkpoints/last.safetensors ]
ok $? 'no checkpoint that nobody asked for'
kill -USR2 "$pid"
n=0
while [ ! -e saved/checkpoints/last.safetensors ] && [ "$n" -lt 600 ]; do
    sleep 0.05
    n=$((n + 1))
done
kill -0 "$pid" && [ -e saved/checkpoints/last.safetensors ]
ok $? 'SIGUSR2: a checkpoint, and on it goes'
CRASH_UNDER=$work LD_PRELOAD=$crash "$descent" run all.yaml -q --no-plots -o saved train.epochs=100000 >out2 2>err </dev/null
code=$?
{ [ "$code" -ne 0 ] && grep -q "$pid" err; }
ok $? 'a second process on the folder is refused, the first one named'
run status saved
grep -q '^status   running$' out
ok $? 'status of a run that is alive'
kill -9 "$pid"
finish
run status saved
grep -q '^status   interrupted$' out
ok $? 'status of a run that was killed'
at=$(sed -n 's/^epoch  *\([0-9]*\)\/.*/\1/p' out)
updates=$(sed -n 's/^epoch .*, \([0-9]*\) updates*$/\1/p' out)
[ "${updates:-0}" -gt 0 ]
ok $? 'and how far it has come, which run.json knows only every few seconds'
run eval saved
grep -q "^saved is not finished: interrupted at epoch $at$" err
ok $? 'eval says how far a killed run has come, as status does'
run inspect saved
{ grep -q '^status  *interrupted$' out && grep -q "^position  *epoch $at, update $updates$" out; }
ok $? 'inspect likewise'
run landscape saved -o slice.png
grep -q "saved: this run is not finished (interrupted at epoch $at)" err
ok $? 'landscape likewise'
ends_with 0 'the lock of a killed process does not block' run all.yaml -q --no-plots -o saved --force

(CRASH_UNDER=$work LD_PRELOAD=$crash "$descent" run all.yaml --no-plots -o piped train.epochs=30; echo $? >code) 2>&1 | head -n 2 >out
{ [ "$(cat code)" -eq 4 ] && [ "$(json piped/run.json 'j["status"]')" = completed ]; }
ok $? 'nobody reads: it trains to its end, exit 4'
(ulimit -f 8 && run run all.yaml -q --no-plots -o limited && [ "$code" -eq 4 ] && grep -q 'limited/.*File too large' err)
ok $? 'a limit to the size of files: exit 4 and the name of the file'

# ---- lr-range ----

for optimizer in sgd momentum adagrad adam; do
    run lr-range base.yaml --no-plots "optimizer=$optimizer" --steps 60
    cp base.yaml suggested.yaml
    sed -n '/^suggested /,$p' out | sed -e 's/^suggested  //' -e '/}$/q' >>suggested.yaml
    grep -q '^scheduler' suggested.yaml && run check suggested.yaml "optimizer=$optimizer"
    exits 0 "lr-range: what it suggests is valid with $optimizer"
done
# Small batches are noisy: what lies low before the fall is no part of it.
for seed in 1 2 3; do
    run lr-range base.yaml --no-plots --steps 60 --csv range.csv train.batch_size=2 seed=$seed
    { [ "$code" -eq 0 ] && python3 - range.csv out <<'EOF'
import csv, sys
rows = [(float(r["lr"]), float(r["smoothed_loss"])) for r in csv.DictReader(open(sys.argv[1]))]
said = open(sys.argv[2]).read()
start, lowest = rows[len(rows) // 20][1], min(loss for _, loss in rows)
end = next(i for i, (_, loss) in enumerate(rows) if loss <= start - 0.9 * (start - lowest))
before = [i for i in range(end) if rows[i][1] > start - 0.1 * (start - lowest)]
first = before[-1] + 1 if before else 0
if first < end:
    assert "falls from lr %.2g (a tenth of its fall made) to lr %.2g " % (rows[first][0], rows[end][0]) in said, said
else:
    assert "no fall stands out of the noise" in said and "suggested" not in said, said
EOF
    } 2>why
    ok $? "lr-range: the fall and no noise before it, seed $seed"
done

run bench base.yaml --seconds 0
[ "$code" -eq 0 ] && ! grep -qE '^.{81}' out
ok $? 'bench: no line is longer than 80 columns'
run bench base.yaml --seconds 0 --json dataset.train_limit=5000 evaluate.train=1000
[ "$code" -eq 0 ] && [ "$(json out '(j[0]["images"], j[0]["images_measured"])')" = '(5000, 100)' ]
ok $? 'bench: an epoch is as long as --seconds allows, but of two updates'
for more in average=null average=swa; do
    run bench base.yaml --seconds 0 --json model.batch_norm=true "$more"
    [ "$(json out 'abs(sum(j[0]["share"].values()) - 1) < 1e-9 and min(j[0]["share"].values()) >= 0')" = True ]
    ok $? "bench, $more: the shares of training make up all of it, and no more"
done

# An lr that grows by a factor of 200 an update comes to where nothing is left within the first ten.
run lr-range base.yaml --no-plots --steps 20 --from 1e-6 --to 1e38 'optimizer={name: sgd}'
says 5 ': end lower, with --to, or take more --steps on the way' 'lr-range: an early end, and what helps'
run lr-range base.yaml --no-plots --steps 20 --from 1e20 --to 1e21 'optimizer={name: sgd}'
says 5 ': begin lower, with --from' 'lr-range: an end at the first lr, and what helps'

message 2 "'--steps' is 100001; it must be a whole number in [20, 100000]" 'lr-range: more updates than a curve can use' lr-range base.yaml --no-plots --steps 100001

# One that asks for a checkpoint: of these commands there is none to write, and they continue.
for command in 'lr-range base.yaml --no-plots --steps 20000 --to 1e-5' 'bench base.yaml --seconds 1'; do
    trap '' USR2 # until a command has its own handler
    # shellcheck disable=SC2086 # words
    "$descent" $command >out 2>err </dev/null &
    pid=$!
    trap - USR2
    while kill -USR2 "$pid" 2>/dev/null; do sleep 0.02; done
    code=0
    wait "$pid" || code=$?
    exits 0 "${command%% *}: SIGUSR2 does not stop it"
done

for command in run lr-range bench; do
    message 2 "'dropout' has 2 values for 1 hidden layers" "$command: what is wrong without data is said before that they are missing" "$command" base.yaml 'dataset={name: idx, dir: nowhere}' 'model.dropout=[0.5, 0.2]'
done

# ---- images that are made have no path to name ----

train few train.batch_size=5 dataset.train_limit=10 dataset.validation=0 dataset.seed=1
{ [ "$code" -eq 0 ] || grep -q '^descent: digits, test set: label [0-9] of image [0-9]* lies beyond the [0-9] classes' err; }
ok $? 'so few digits that one is missing: the set is named'
train lone train.batch_size=1 dataset.train_limit=1 dataset.validation=0
[ "$code" -eq 3 ] && grep -q '^descent: digits' err && ! grep -q null err
ok $? 'a single digit: likewise'

# ---- the file that the weights began with ----

train began train.epochs=1
"$descent" export began -o first.safetensors >/dev/null
"$descent" export plain -o second.safetensors >/dev/null
cp first.safetensors init.safetensors
train from-init model.init_from=init.safetensors
[ "$code" -eq 0 ] && grep -q "\"init_sha256\": \"$(sha256sum init.safetensors | cut -d ' ' -f 1)\"" from-init/run.json
ok $? 'run.json: the digest of the file that init_from names'
cp -r from-init of-first
cp second.safetensors init.safetensors
for words in 'run base.yaml --no-plots -o from-init model.init_from=init.safetensors' 'resume from-init train.epochs=4' 'verify from-init'; do
    # shellcheck disable=SC2086 # words
    message 3 'began with other weights: the SHA-256 of init.safetensors' "another init_from: $words is refused" $words
done
output '1 run left out' 'compare: a copy with the same file is one run' compare from-init of-first
train from-init model.init_from=init.safetensors --force
run compare from-init of-first
{ [ "$code" -eq 0 ] && ! grep -q 'left out' out; }
ok $? 'compare: with another file of that name it is another run'
cp first.safetensors init.safetensors
train of-whole model.init_from=init.safetensors train.epochs=4
rm init.safetensors
cp -r of-first of-none && rm -r of-none/checkpoints
ends_with 0 'resume past a checkpoint does without the file' resume of-first -q --no-plots train.epochs=4
same of-whole of-first
ok $? 'and leaves what a run with it does'
message 3 'model.init_from: cannot open init.safetensors' 'where no checkpoint was kept, resume wants it' resume of-none -q --no-plots train.epochs=4
message 3 "of-whole began with the weights of init.safetensors (model.init_from), which is not there: put that file back, then 'descent verify of-whole'" 'verify begins again, and wants it' verify of-whole -q
[ ! -d .of-whole.verify-* ]
ok $? 'and leaves no folder behind'
[ "$(json of-first/run.json 'j["init_sha256"]')" = "$(sha256sum first.safetensors | cut -d ' ' -f 1)" ]
ok $? 'and keeps its digest'
ends_with 3 'a file that is not there' run base.yaml -q --no-plots -o begins model.init_from=init.safetensors
cp first.safetensors init.safetensors
ends_with 0 'and then is' run base.yaml -q --no-plots -o begins model.init_from=init.safetensors
run sweep base.yaml -q --no-plots -o inits model.init_from=init.safetensors train.epochs=1 'sweep={seeds: 2}'
cp second.safetensors init.safetensors
message 3 'inits/seed=123 began with other weights' 'sweep: another init_from is refused' sweep base.yaml -q --no-plots -o inits model.init_from=init.safetensors train.epochs=1 'sweep={seeds: 2}'

# ---- endings ----

train huge 'optimizer={name: sgd, lr: 1e8, momentum: 0.9}'
grep -Eqx 'train +[0-9.]+e\+[0-9]+ +[0-9.]+ %' out
ok $? 'a loss of many digits is written short'
[ "$(head -n 4 out | awk '{ print length }' | sort -u | wc -l)" -le 2 ]
ok $? '... and its columns are in line'
run inspect huge
[ "$(grep -E '^(train|valid|test) ' out | awk '{ print length }' | sort -u | wc -l)" -eq 1 ]
ok $? '... and those of inspect'
train diverged 'optimizer={name: sgd, lr: 1e38}'
{ [ "$code" -eq 5 ] && [ "$(wc -l <diverged/epochs.csv)" -lt 5 ] && grep -qi 'nan\|inf\|diverge' err; }
ok $? 'a run that diverges: exit 5, no row of that epoch'
grep -qx '    descent lr-range diverged/spec.yaml' err
ok $? 'and it is said what to try'
run run base.yaml --no-plots -o hopeless 'optimizer={name: sgd, lr: 1e-9}' train.epochs=1
{ [ "$code" -eq 0 ] && grep -q 'no better than chance, with optimizer.lr 1e-09' err; }
ok $? 'a run that learned nothing says so'
# The best without looking at the images is to answer the commonest of the labels; uneven ones, so that 1 / classes is far from it.
mkdir uneven
of_classes() { # NAME LABEL-IN-OCTAL ...: 200 images of one pixel, bright where the label is 0; the labels one after another
    name=$1
    shift
    {
        printf '%b' '\0000\0000\0010\0003\0000\0000\0000\0310\0000\0000\0000\0001\0000\0000\0000\0001'
        for i in $(seq 1 20); do for c in "$@"; do [ "$c" = 0 ] && printf '\377' || printf '\001'; done; done
    } >"uneven/$name-images-idx3-ubyte"
    {
        printf '%b' '\0000\0000\0010\0001\0000\0000\0000\0310'
        for i in $(seq 1 20); do for c in "$@"; do printf '%b' "\\0$c"; done; done
    } >"uneven/$name-labels-idx1-ubyte"
}
chance() { # KEY=VALUE ...
    run run base.yaml --no-plots -o uneven-run --force 'dataset={name: idx, dir: uneven, validation: 0}' model=softmax \
        'optimizer={name: sgd, lr: 0.5}' "$@"
    accuracy=$(cell uneven-run 3 test_accuracy)
}
of_classes train 1 1 1 1 1 1 1 2 2 3 # all images alike
of_classes t10k 1 1 1 1 1 1 1 2 2 3
chance
{ [ "$code" -eq 0 ] && [ "$accuracy" = 0.7 ] && grep -q 'no better than chance' err; }
ok $? '70 % by one answer, of three classes, is chance'
of_classes train 1 1 1 1 1 1 1 0 0 2
of_classes t10k 1 1 1 1 1 1 1 0 0 2
chance
{ [ "$code" -eq 0 ] && [ "$accuracy" = 0.9 ] && ! grep -q 'no better than chance' err; }
ok $? '90 % is not'
run run base.yaml --no-plots -o uneven-run 'dataset={name: idx, dir: uneven, validation: 0}' model=softmax 'optimizer={name: sgd, lr: 0.001}' \
    --force train.sampler=sequential
run run base.yaml --no-plots -o uneven-run 'dataset={name: idx, dir: uneven, validation: 0}' model=softmax 'optimizer={name: sgd, lr: 0.001}' \
    train.sampler=sequential
{ [ "$code" -eq 0 ] && grep -q 'is finished already' err && grep -q 'no better than chance' err; }
ok $? 'nor does a finished run hide it'
train expecting 'expect={test_accuracy: ">= 0.99"}'
[ "$code" -eq 6 ] && grep -q 'test_accuracy' err
ok $? 'an expectation that fails: exit 6'
train pleased 'expect={test_accuracy: "0.5 +- 0.5"}'
exits 0 'an expectation that holds: exit 0'
value=$(cell plain 3 test_accuracy)
edge=$(awk -v v="$value" 'BEGIN { printf "%.3f", v - 0.01 }')
train edge "expect={test_accuracy: \"$edge +- 0.01\"}"
exits 0 "an expectation of $edge +- 0.01 holds with $value"
per_cent=$(awk -v v="$value" 'BEGIN { printf "%d", 100 * v }')
train percent "expect={test_accuracy: \">= $per_cent\"}"
exits 0 "an accuracy of $value is >= $per_cent percent"
run resume percent -q "expect.test_accuracy='$((per_cent + 1)) +- 1'"
exits 0 "and $((per_cent + 1)) +- 1 percent, by a resume"
train percent-missed "expect={test_accuracy: \"$((per_cent + 2)) +- 0.3\"}"
says 6 "test_accuracy is $value, expected $((per_cent + 2)) +- 0.3 percent" 'an expectation in percent that fails: exit 6, and its unit'
grep -q 'test_accuracy: ".* +- 0.3"' percent-missed/spec.yaml
ok $? 'the spec has it as it was written'
train still 'scheduler={name: lambda, expr: epoch // 30}' model=softmax
says 0 'of this run: the weights will not move; they would begin to move in epoch 31' 'an lr of 0 at every update is a warning'
[ "$(grep -c 'will not move' err)" -eq 1 ] && [ "$(cell still 1 train_loss)" = "$(cell still 3 train_loss)" ]
ok $? 'said once, and true'
train large dataset.validation=0 train.batch_size=601 train.drop_last=true
exits 2 'a batch larger than the training set with drop_last: exit 2'
[ ! -e large ]
ok $? 'a run that is refused leaves nothing'
train absent 'dataset={name: idx, dir: nowhere}'
[ "$code" -eq 3 ] && [ ! -e absent ]
ok $? 'a run without its data leaves nothing'
train beyond dataset.validation=60000
says 2 'command line:1:20: error:' 'what the data refuse is shown at its place'
message 2 'command line:1:18: error: a batch of 601 images' 'schedule refuses what run refuses' schedule base.yaml train.batch_size=601 --no-plots
run schedule base.yaml train.batch_size=601 train.drop_last=false --no-plots
{ [ "$code" -eq 0 ] && awk '$1 == 1 { exit !($NF == 0) }' out; }
ok $? 'schedule: a batch is no larger than the training set, its noise no less than none'

# ---- data ----

idx() { # BYTES-IN-OCTAL-ESCAPES ... >FILE: big-endian words by hand
    printf '%b' "$@"
}
good() {
    rm -rf data && mkdir data
    for part in train t10k; do
        { idx '\000\000\010\003\000\000\000\004\000\000\000\002\000\000\000\002' && idx '\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020'; } >data/$part-images-idx3-ubyte
        { idx '\000\000\010\001\000\000\000\004' && idx '\000\001\000\001'; } >data/$part-labels-idx1-ubyte
    done
}
idx_run() {
    rm -rf of
    run run base.yaml -q --no-plots -o of 'dataset={name: idx, dir: data, validation: 0}' train.batch_size=2
}
good
idx_run
exits 0 'a small IDX set'
wrong() { # FILE TEXT TITLE
    idx_run
    { [ "$code" -eq 3 ] && grep -q "$1" err && grep -qi "$2" err && [ ! -e of/epochs.csv ]; }
    ok $? "IDX: $3"
}
good && cut_short_by() { head -c "$2" "$1" >x && mv x "$1"; }
cut_short_by data/train-images-idx3-ubyte 20
wrong train-images-idx3-ubyte 'bytes' 'images cut short'
good && idx '\000\000\011\003' | dd of=data/t10k-images-idx3-ubyte conv=notrunc 2>/dev/null
wrong t10k-images-idx3-ubyte 'magic\|type' 'a wrong magic number'
good && { idx '\000\000\010\001\000\000\000\004' && idx '\000\001\002\001'; } >data/t10k-labels-idx1-ubyte
wrong t10k-labels-idx1-ubyte 'label' 'a test label beyond the training labels'
good && { idx '\000\000\010\001\000\000\000\003' && idx '\000\001\000'; } >data/train-labels-idx1-ubyte
wrong train-labels-idx1-ubyte '3' 'counts that disagree'
good && gzip data/train-images-idx3-ubyte && cut_short_by data/train-images-idx3-ubyte.gz 30
wrong train-images-idx3-ubyte.gz '' 'a .gz cut short'
good && rm data/train-labels-idx1-ubyte
wrong train-labels-idx1-ubyte '' 'a missing file'
good && rm -rf of same && idx_run && cp -r of same
ends_with 0 'the same data are resumed' resume of -q --no-plots train.epochs=4
gzip data/train-images-idx3-ubyte && mv data moved
ends_with 0 'and do compressed, elsewhere' resume of -q --no-plots train.epochs=5 dataset.dir=moved
good && { idx '\000\000\010\003\000\000\000\004\000\000\000\002\000\000\000\002' && idx '\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\021'; } >data/train-images-idx3-ubyte
cp -r of same2
message 3 'SHA-256 of data/train-images-idx3-ubyte' 'a run does not resume with other data' resume of -q --no-plots train.epochs=6 dataset.dir=data
diff -r same2 of >why 2>&1
ok $? 'which leaves it as it was'
message 3 'SHA-256 of data/train-images-idx3-ubyte' 'eval does not take other data for those of the run' eval of dataset.dir=data
ends_with 0 'a weights file by name is evaluated on what is there' eval of/checkpoints/last.safetensors dataset.dir=data
good && printf 'extends: base.yaml\ndataset: {name: idx, dir: data, validation: 0}\ntrain: {batch_size: 2}\n' >idx.yaml
rm -rf whole others && run run idx.yaml -q --no-plots -o whole
exits 0 'a finished run with its data'
cp -r whole finished && cp -r data others && printf '\000' | dd of=others/t10k-labels-idx1-ubyte bs=1 seek=9 conv=notrunc 2>/dev/null
for words in 'run idx.yaml dataset.dir=others -o finished' 'resume finished dataset.dir=others' 'resume finished dataset.dir=nowhere' \
    'run idx.yaml name=other dataset.dir=others -o finished'; do
    # shellcheck disable=SC2086 # words
    run $words -q --no-plots
    { [ "$code" -eq 3 ] && ! grep -q accuracy out && diff -r whole finished >why; }
    ok $? "a finished run is not reported with other data: $words"
done
cp others/* data
message 3 'the SHA-256 of data/t10k-labels-idx1-ubyte is ' 'nor where a file was replaced, which is named' run idx.yaml -q --no-plots -o finished
message 3 'the SHA-256 of data/t10k-labels-idx1-ubyte is ' 'nor does landscape draw it' landscape finished -q
ends_with 0 'from the start it takes them' run idx.yaml -q --no-plots -o finished --force
good && : >data/train-images-idx3-ubyte
wrong train-images-idx3-ubyte '' 'an empty file'

# ---- eval ----

run eval plain
{ [ "$code" -eq 0 ] && grep -q '^test ' out; }
ok $? 'eval of a run folder'
ends_with 0 'eval of a checkpoint' eval plain/checkpoints/best.safetensors
# Weights of the size 3e38 whose pixels no training image has: only the test images meet them.
cat >blind.yaml <<'END'
dataset: {name: digits, train_limit: 100, test_limit: 200, validation: 0}
model: softmax
train: {epochs: 2, batch_size: 50}
evaluate: {test: never}
optimizer:
  name: equations
  state: {seen: 0}
  update: |
    seen = max(seen, abs(g))
    w = if(seen == 0 and t > 2, 3e38 * (-1)^t, w)
END
run run blind.yaml -o blind --no-plots
run eval blind
{ [ "$code" -eq 0 ] && grep -q '^loss       nan$' out; }
ok $? 'eval says nan without a sign'
message 2 "'--weights' chooses in a run's folder" 'eval --weights of a file' eval plain/checkpoints/best.safetensors --weights last
message 2 "'--spec' is for a weights file" 'eval --spec of a folder' eval plain --spec base.yaml
ends_with 3 'eval of nothing' eval plain/checkpoints/none.safetensors
cut_short_by plain/checkpoints/best.safetensors 3000
message 3 'best.safetensors' 'eval of a checkpoint cut short' eval plain/checkpoints/best.safetensors

plan
