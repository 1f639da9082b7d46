#!/bin/sh
# What people type by mistake, and the next thing to type in the answer. A table: exit code, words, what stands in the
# message. Speaks TAP.
#
#     test_messages.sh DESCENT SOURCE-FOLDER
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
source=$(realpath "$2")
own_folder
ln -s "$source/configs" configs
cat >small.yaml <<'END'
dataset: {name: digits, train_limit: 200, test_limit: 100, validation: 50}
model: {name: mlp, hidden: [8]}
train: {epochs: 1, batch_size: 20}
optimizer: {name: adam, lr: 0.01}
END
printf 'extends: small.yaml\nsweep: {grid: {optimizer.lr: [0.1, 0.01]}}\n' >grid.yaml
cp small.yaml other.yml
ends_with 0 'a run' run small.yaml -q -o results/one
ends_with 0 'another' run small.yaml -q -o results/two optimizer.lr=0.02
ends_with 0 'a sweep' sweep grid.yaml -q -o results/grid
message 2 '--only: there is no file nofile' 'a list of members that is not there' sweep grid.yaml --only nofile
message 3 'there is no sweep in nosuch' 'tables of a sweep that is not there' sweep grid.yaml --summary -o nosuch
[ ! -e nosuch ]
ok $? 'which makes no folder'
mkdir -p plain no-idx specs
# one file of each set is enough to tell whose folder it is
mkdir -p as-idx as-cifar10 sub/mnist
: >as-cifar10/data_batch_1.bin
: >as-idx/train-images-idx3-ubyte
echo "label,p0" >table.csv
cp small.yaml specs/one.yaml
echo notes >results/README.md

mkdir -p sub/runs
cp small.yaml sub/mine.yaml
printf 'extends: sub/mien.yaml\n' >child.yaml
# Words are split at spaces.
while IFS='|' read -r want words text; do
    # shellcheck disable=SC2086
    run $words
    says "$want" "$text" "$words"
done <<'END_CASES'
2|run epochs=10|'epochs=10' is a setting; the spec stands before it: 'SPEC.yaml train.epochs=10'
2|run lr=1|'SPEC.yaml optimizer.lr=1'
2|run optimizer.lr=1|'SPEC.yaml optimizer.lr=1'
2|run nonsense=1|'nonsense=1' is no file; a spec stands first, settings behind it
2|sweep epochs=10|'SPEC.yaml train.epochs=10'
2|check epochs=10|'SPEC.yaml train.epochs=10'
2|run small.yaml epochs=10|did you mean 'train.epochs'?
2|run small.yaml lr=1|did you mean 'optimizer.lr'?
2|run small.yaml evaluate.every=2|did you mean 'checkpoint.every'?
2|run small.yaml momentum=0.9|momentum
2|run small.yaml --epochs 10|settings are given as KEY=VALUE: 'train.epochs=10'
2|run small.yaml --epochs=10|settings are given as KEY=VALUE: 'train.epochs=10'
2|run small.yaml --batch-size 64|'train.batch_size=64'
2|run small.yaml --lr 0.1|'optimizer.lr=0.1'
2|run small.yaml --seed 3|'seed=3'
2|run small.yaml --ouput x|did you mean '--out'?
2|sweep small.yaml --force|unknown option '--force', which 'run' and 'extract' take; 'descent help sweep' lists its options
2|resume results/one -j 2|unknown option '-j', which 'sweep' takes; 'descent help resume' lists its options
2|run small.yaml -vj 2|unknown option '-vj', which 'sweep' takes; 'descent help run' lists its options
2|report results/one --pdf|unknown option '--pdf'; 'descent help report' lists its options
2|run small.yaml --=3|unknown option '--=3'; 'descent help run' lists its options
2|run batchsize-64|did you mean 'configs/lecture/batchsize-64.yaml'?
2|run batchsize-65|did you mean 'configs/lecture/batchsize-
2|run batchsize-64.yaml|did you mean 'configs/lecture/batchsize-64.yaml'?
2|run small|did you mean 'small.yaml'?
2|run sub/mien.yaml|did you mean 'sub/mine.yaml'?
2|run mine.yaml|did you mean 'sub/mine.yaml'?
2|run nowhere/small.yaml|did you mean 'small.yaml'?
2|run ../smal.yaml|did you mean 'small.yaml'?
2|check child.yaml|did you mean 'mine.yaml'?
2|data show mnist|there is no folder mnist; 'scripts/fetch-data mnist' fetches the data set
3|data list mnist|there is no folder mnist; 'scripts/fetch-data mnist' fetches the data set
2|data show digits|there is no folder digits: its images are made as they are needed; 'descent data make -o digits'
3|data list digits|there is no folder digits: its images are made as they are needed; 'descent data make -o digits'
2|data show datasets/cifar10|'scripts/fetch-data cifar10' fetches the data set
3|data show plain|plain holds neither a run nor a data set; of pictures in a folder a class, 'descent data import plain -o FOLDER' makes one
2|run small.yml|did you mean 'small.yaml'?
2|run other.yaml|did you mean 'other.yml'?
2|sweep halving|did you mean 'configs/sweeps/halving.yaml'?
2|schedule scheduler|did you mean 'configs/lecture/scheduler.yaml'?
2|trace rosenbrock|did you mean 'configs/trace/rosenbrock.yaml'?
2|run zzzzzzzzzzzz|there is no file zzzzzzzzzzzz; a spec is a .yaml file
2|run results/one|'descent resume results/one' resumes it; its spec is results/one/spec.yaml
2|run results/grid|'descent resume results/grid' resumes it; its spec is results/grid/sweep.yaml
2|check results/one|'descent check results/one/spec.yaml' takes its own
2|schedule results/grid|'descent schedule results/grid/sweep.yaml' takes its own
2|run results/one/run.json|results/one/run.json is a run's record, not its spec: 'descent run results/one/spec.yaml'
3|data list nofolder|no such folder: nofolder
2|sweep grid.yaml -o results/grid train.epochs=null train.steps=1|else 'descent sweep' takes another folder with -o
3|run small.yaml dataset=cifar10 dataset.dir=nowhere -o x|'scripts/fetch-data cifar10' fetches the data set
2|run plain|plain is a folder, not a spec (a .yaml file)
2|run specs|did you mean 'specs/one.yaml'?
2|run|which spec?
2|adam.yaml|did you mean 'descent run configs/lecture/adam.yaml'?
2|small.yaml|'small.yaml' is no command; did you mean 'descent run small.yaml'?
2|run small.yaml -lr 0.1|settings are given as KEY=VALUE: 'optimizer.lr=0.1'
2|run small.yaml optimizer.lr = 0.1|no spaces stand around '='
2|run small.yaml optimizer.lr= 0.1|no spaces stand around '='
2|run small.yaml optimizer.lr:0.1|did you mean 'optimizer.lr=0.1'?
2|run small.yaml other.yml|one spec a command
2|run small.yaml batchsize=3|did you mean 'train.batch_size'?
2|run small.yaml learning_rate=3|did you mean 'optimizer.lr'?
2|run small.yaml wd=3|did you mean 'optimizer.weight_decay'?
2|run small.yaml optimizer.step_size=3|did you mean 'lr'?
2|run small.yaml device=cuda|training is on the CPU; 'threads' says on how many cores
2|run small.yaml -o w.pt|-o names a folder, not a file like w.pt; 'descent export FOLDER -o FILE.safetensors' writes weights
2|run small.yaml -o w.png|'descent plot FOLDER -o FILE.png' draws
2|sweep grid.yaml -o table.csv|'descent compare FOLDER --format csv' writes one
2|plot results/one --metric acc|there are valid_accuracy, test_accuracy, train_loss, lr and more
2|run grid.yaml|'descent sweep grid.yaml' trains its members
2|sweep small.yaml|'descent run small.yaml' trains a single run
2|sweep configs/trace/rosenbrock.yaml|'descent trace configs/trace/rosenbrock.yaml' draws what it describes
2|run configs/trace/rosenbrock.yaml|'descent trace configs/trace/rosenbrock.yaml' draws what it describes
2|status grid.yaml|grid.yaml is a spec, not a folder; 'descent sweep grid.yaml' makes one of it
2|plot configs/trace/rosenbrock.yaml|'descent trace configs/trace/rosenbrock.yaml' draws what it describes
2|compare grid.yaml small.yaml|'descent sweep grid.yaml' makes one of it
2|compare one two|did you mean 'results/one'?
2|grid.yaml|'grid.yaml' is no command; did you mean 'descent sweep grid.yaml'?
2|train small.yaml|unknown command 'train'; did you mean 'run'?
2|fit small.yaml|did you mean 'run'?
2|test results/one|did you mean 'eval'?
2|datasets|did you mean 'data list'?
2|rnu small.yaml|did you mean 'run'?
2|help rnu|did you mean 'run'?
2|help train|did you mean 'run'?
2|help checkpoint|'checkpoint' is a section of the spec and no command; 'descent list checkpoint' lists its keys
2|list swats|'descent list optimizer swats'
2|list swatz|did you mean 'descent list optimizer swats'?
2|list adamm|did you mean 'descent list optimizer adam'?
2|list cosin|did you mean 'descent list scheduler cosine'?
2|list optimizer swatz|did you mean 'swats'?
2|list optimisers|did you mean 'optimizers'?
2|compare small.yaml|small.yaml is a spec, not a folder; 'descent run small.yaml' makes one of it
2|plot results/one/epochs.csv|its folder is wanted: 'descent plot results/one'
2|status results/one/run.json|its folder is wanted: 'descent status results/one'
2|resume results/one/spec.yaml|its folder is wanted: 'descent resume results/one'
2|resume small.yaml|small.yaml is a spec, not a folder
2|compare one|did you mean 'results/one'?
2|status grid|did you mean 'results/grid'?
2|eval one|did you mean 'results/one'?
2|status results|results is neither a run nor a sweep, but holds some; of one: 'descent status results/grid'
2|report results/|'descent report results/grid'
2|resume results|'descent resume results/grid'
2|eval results|'descent eval results/grid'
2|verify results|'descent verify results/grid'
2|landscape results|'descent landscape results/grid'
3|compare nothing|no such folder: nothing
3|compare plain|plain
2|export results/one|-o names the file to write
2|export results/one -o w.pt|model.load_state_dict(safetensors.torch.load_file(FILE))
2|export results/one -o w.pth|PyTorch reads a .safetensors
2|export results/one -o w.csv|a file ends with .safetensors, .npz or .sqlite, or has tfevents in its name
2|eval results/grid|results/grid is the folder of a sweep; one of its members is wanted, such as results/grid/lr=0.01
2|landscape results/grid/|one of its members is wanted, such as results/grid/lr=0.01
2|inspect results/grid|one of its members is wanted, such as results/grid/lr=0.01
2|export results/grid -o x.npz|one of its members is wanted, such as results/grid/lr=0.01
2|export results/grid -o x.tfevents|one of its members is wanted, such as results/grid/lr=0.01
4|plot results/one -o .|cannot write .: that is a folder, not a file
4|plot results/one -o results|cannot write results: that is a folder, not a file
4|compare results/one -o results/|cannot write results: that is a folder, not a file
4|compare results/one -o nodir/|cannot write nodir/: that is a folder, not a file
4|compare results/one -o nodir/x.csv|cannot write nodir/x.csv: there is no folder nodir
4|plot results/one -o nodir/x.png|cannot write nodir/x.png: there is no folder nodir
4|export results/one -o nodir/x.npz|cannot write nodir/x.npz: there is no folder nodir
4|export results/one -o nodir/x.sqlite|cannot write nodir/x.sqlite: there is no folder nodir
4|report results/one -o /nodir/x.html|cannot write /nodir/x.html: there is no folder /nodir
4|compare results/one -o small.yaml/x.csv|cannot write small.yaml/x.csv: no file can be made in small.yaml: Not a directory
2|report results/one -o x.pdf|a report is written as .html, not as '.pdf'
2|compare results/one -o c.foo|a table is written as .csv, .md, .tex, .json or .txt, not as '.foo'
2|plot results/one --format svg -o y.png|'--format svg' writes no .png; leave it out, or name another file with -o
2|landscape results/one --format pdf -o y.svg|'--format pdf' writes no .svg
2|verify results/one small.yaml=1|it uses dataset.dir
2|verify results/one --against abc|--against takes the 64 digits of weights_sha256 in a run.json
2|verify results/one --members 2|--members is for a sweep
3|run small.yaml dataset.name=idx dataset.dir=no-idx -o x|'descent data import SOURCE -o FOLDER' makes them of pictures, a table or an .npz
3|run small.yaml dataset.name=idx dataset.dir=table.csv -o x|table.csv is a file, not a data set's folder; 'descent data import table.csv -o FOLDER' makes a data set of it
3|run small.yaml dataset.name=mnist dataset.dir=table.csv -o x|table.csv is a file, not a data set's folder; 'descent data import table.csv -o FOLDER'
3|run small.yaml dataset.name=mnist dataset.dir=as-cifar10 -o x|as-cifar10 holds no file of mnist, but files of cifar10: 'name: cifar10' reads them
3|run small.yaml dataset.name=idx dataset.dir=as-cifar10 -o x|as-cifar10 holds no file of idx, but files of cifar10: 'name: cifar10' reads them
3|run small.yaml dataset.name=cifar10 dataset.dir=as-idx -o x|as-idx holds no file of cifar10, but files of idx: 'name: idx' reads them
2|run small.yaml dataset=table.csv -o x|'descent data import table.csv -o FOLDER' makes a data set of it: 'dataset: {name: idx, dir: FOLDER}'
2|run small.yaml dataset=no-idx -o x|did you mean '{name: idx, dir: no-idx}'?
2|run small.yaml dataset=sub/mnist/ -o x|did you mean '{name: mnist, dir: sub/mnist/}'?
3|run small.yaml dataset.name=idx dataset.dir=nowhere -o x|nowhere: no such folder; 'dataset.dir' names it
2|data|list, show, make or import?
2|data import x.csv|-o names the folder to write to: descent data import x.csv -o FOLDER
5|run small.yaml -o x optimizer.name=sgd optimizer.lr=1e30|try a smaller optimizer.lr than 1e+30, train.clip_norm=1 or a warm-up; where lr can be:
0|run small.yaml -o z optimizer.lr=10|this is no better than chance, with optimizer.lr 10; where lr can be:
0|run small.yaml -o y optimizer.lr=10|    descent lr-range y/spec.yaml
END_CASES

mkdir quoted
cp -r results/one 'quoted/exp #1'
for command in status resume eval; do
    message 2 "of one: 'descent $command \"quoted/exp #1\"'" "$command: a folder with a space is quoted" $command quoted
done
(
    cd sub || exit 1
    run run configs/mine.yaml
    grep -qF "did you mean 'mine.yaml'?" err && run run zzzzzzzzzzzz && ! grep -q configs err
)
ok $? 'where there are no configs: the spec that lies here'
cp -r results around
message 0 "around holds runs, and becomes one itself; '-o around/small' puts this one among them" 'a run in the folder around others' \
    run small.yaml -q -o around
message 0 'is finished already' 'which is one from then on' run small.yaml -o around
! grep -q 'holds runs' err
ok $? '... without the warning'
mkdir above
cp -r results/one above
message 0 "'-o above/grid'" 'a sweep in a folder around runs' sweep grid.yaml -q -o above
ends_with 0 'a format that is named, under any name' compare results/one --format csv -o c.foo
ends_with 0 'a report called v1.2' report results/one -o v1.2
message 0 'skipped: results/README.md' 'compare results/* with a README among the folders' compare results/*
run plot results/* -o p.png
{ [ "$code" -eq 0 ] && [ -s p.png ]; }
ok $? 'plot results/* too'
for command in run sweep list data eval; do
    run help $command
    cp out asked
    run $command --help
    { [ "$code" -eq 0 ] && cmp -s out asked && grep -q "usage: descent $command" out; }
    ok $? "help $command: what $command --help says"
done
output 'digits synthetic digits' 'list datasets' list datasets
output 'seed digits only' 'list dataset NAME: the keys of its section' list dataset digits
for kind in 'layer relu' 'function beale' 'augmentation flip'; do
    # shellcheck disable=SC2086
    run list $kind
    { [ "$code" -eq 0 ] && ! grep -q '^keys$' out; }
    ok $? "list $kind: no heading without keys"
done
# A data set of two classes: half right is chance, nearly all is not.
awk 'BEGIN { for (i = 0; i < 200; i++) print i % 2 "," 255 * (i % 2) ",9,9,9" }' >two.csv
run data import two.csv -o two
message 0 'this is no better than chance' 'two classes, nothing learnt' run small.yaml -o half dataset.name=idx dataset.dir=two '~dataset.validation' '~dataset.train_limit' '~dataset.test_limit' optimizer.lr=0
run run small.yaml -o all dataset.name=idx dataset.dir=two '~dataset.validation' '~dataset.train_limit' '~dataset.test_limit' train.epochs=8
{ [ "$code" -eq 0 ] && ! grep -q 'better than chance' err; }
ok $? 'two classes, learnt'

# ---- what comes of a shipped spec goes into this folder ----

mkdir shipped
cp "$source/configs/lecture/scheduler.yaml" "$source/configs/trace/rosenbrock.yaml" small.yaml shipped
for words in 'schedule shipped/scheduler.yaml' 'trace shipped/rosenbrock.yaml' 'lr-range shipped/small.yaml' 'data show shipped/small.yaml'; do
    # shellcheck disable=SC2086
    run $words
    { [ "$code" -eq 0 ] && [ "$(find shipped | wc -l)" -eq 4 ]; }
    ok $? "$words: nothing beside the spec"
done
{ [ -s scheduler-schedule.png ] && [ -s rosenbrock-trace.png ] && [ -s small-samples.png ]; }
ok $? 'but here'

# ---- specs that are called as a run's or a sweep's own file ----

mkdir named named/own
cp small.yaml grid.yaml named
cp -r results/one named/runs
{ echo '# mine' && cat results/grid/sweep.yaml; } >named/sweep.yaml
{ echo '# mine' && cat results/one/spec.yaml; } >named/spec.yaml
cp named/*.yaml named/own
for command in status resume report; do
    message 2 'named is neither a run nor a sweep, but holds some' "$command beside a sweep.yaml and a spec.yaml of one's own" $command named
done
for words in 'status named/own' 'report named/own' 'resume named/own' 'verify named/own' 'inspect named/own'; do
    # shellcheck disable=SC2086
    run $words
    { [ "$code" -eq 3 ] && grep -qE 'named/own holds (no run|neither a run nor a sweep)' err; }
    ok $? "$words: these are specs"
done
cd named || exit 1
message 2 "small.yaml is a spec, not a folder; 'descent run small.yaml' makes one of it" 'status of a spec beside them' status small.yaml
output '1 run in' 'compare finds the runs below' compare .
cp sweep.yaml before
message 2 './sweep.yaml would be overwritten' "somebody's own sweep.yaml is not overwritten" sweep sweep.yaml -q -o .
cmp before sweep.yaml >why 2>&1
ok $? 'and stays as it is'
cd ..
# what is damaged is theirs all the same
for gone in run.json 'run.json checkpoints' 'run.json epochs.csv'; do
    rm -rf hurt && cp -r results/one hurt
    echo '# edited' >>hurt/spec.yaml
    (cd hurt && eval "rm -r $gone")
    run status hurt
    ! grep -q 'neither a run nor a sweep' err
    ok $? "a run without $gone is one"
done
# run.json is behind the checkpoints of a run that is being trained
rm -rf hurt && cp -r results/one hurt
sed -i '1,/"step"/s/"status": "completed"/"status": "running"/; s/"exit_code": 0/"exit_code": null/; 1,/"step"/s/"step": [0-9]*/"step": 0/' hurt/run.json
run status hurt
{ [ "$code" -eq 0 ] && grep -q '^epoch *1/1, 10* update' out && ! grep -q '^time' out; }
ok $? 'status shows no time of an earlier position'
rm -rf hurt && cp -r results/grid hurt
echo '# edited' >>hurt/sweep.yaml
output '2 members' 'an edited sweep.yaml beside members.csv is a sweep' status hurt

# ---- a class ----

mkdir class
for student in anna ben eve; do
    cp -r results/one class/$student
done
rm -r class/ben class/eve
run run small.yaml -q -o class/ben optimizer=sgd optimizer.lr=0.1
run run small.yaml -q -o class/eve optimizer.lr=0.02
echo notes >class/README.md
run compare class/* --runs
{ [ "$code" -eq 0 ] && ! grep -q verified out; }
ok $? 'nothing is verified yet'
{ [ "$(sed 1d out | awk 'NF == 0 { exit } { print $1 }' | sort | tr '\n' ' ')" = 'anna ben eve ' ] &&
    [ "$(sed -n 1p out | awk '{ print $1, $2, $3, $4, $5 }')" = 'folder valid % test %' ]; }
ok $? 'a row is whose it is, then what came out'
awk -F, -v OFS=, 'NR == 2 { $11 = 9.5 } 1' class/eve/epochs.csv >edited
cp -r class/eve class/fay
cp edited class/fay/epochs.csv
message 3 "class/fay/epochs.csv is not the one that run.json's certificate is of" 'a table that was edited is named' compare class/* --runs
sed -i "s/$(sha256sum class/eve/epochs.csv | cut -d ' ' -f 1)/$(sha256sum edited | cut -d ' ' -f 1)/" class/fay/run.json # a better cheat
run verify class/*
{ [ "$code" -eq 3 ] && grep -qx '3 of 5 reproduced, byte for byte' out && grep -q "class/README.md is a file, not the folder of a run; .*'students/\*/'" err; }
ok $? 'verify of many folders, a stray file among them'
run verify class/*/
{ [ "$code" -eq 1 ] && grep -qx '3 of 4 reproduced, byte for byte' out && ! grep -q README err; }
ok $? '... of the folders alone'
run verify class/anna class/nobody
{ [ "$code" -eq 3 ] && grep -qx '1 of 2 reproduced, byte for byte' out && grep -q 'no such folder: class/nobody' err; }
ok $? '... of one that is not there'
run sweep grid.yaml -q -o 'my sweep' -j 1
rm -r 'my sweep/lr=0.01'
run verify 'my sweep'
{ [ "$code" -eq 3 ] && grep -qx 'my sweep: 1 of 2 members reproduced, byte for byte' out && ! grep -q 'no such folder' err &&
    grep -qF "1 of the members has not begun; 'descent resume \"my sweep\"' trains them" err; }
ok $? '... of a sweep with a member that has not begun; a folder with a space is quoted'
mkdir hollow
run verify hollow class/anna
{ [ "$code" -eq 3 ] && grep -qx '1 of 2 reproduced, byte for byte' out && grep -q 'hollow holds no run' err; }
ok $? '... of one that holds no run'
run compare class/* --runs --format csv
{ [ "$code" -eq 0 ] && [ "$(grep -c ',completed,yes,' out)" -ge 3 ]; }
ok $? 'compare has a row each, with what verify said'
run compare class/fay class/anna --runs
{ [ "$code" -eq 0 ] && [ "$(awk '$1 == "fay" { print $4 } $1 == "folder" { print $6 }' out | tr '\n' ' ')" = 'verified no ' ]; }
ok $? '... of what is not reproduced, too'
run run small.yaml -q -o class/anna --force
[ ! -e class/anna/verified.json ]
ok $? 'a new run is not verified'
run resume class/ben train.epochs=2 -q
run compare class/ben class/eve --runs
{ [ "$code" -eq 0 ] && [ "$(awk '$1 == "ben" || $1 == "eve" { print $1, $4 }' out | sort | tr '\n' ' ')" = 'ben – eve yes ' ]; }
ok $? 'nor one that was taken further'
# ---- places of overrides ----

says_alone() { # TEXT TITLE WORD ...: one error, at its place in the command line
    text=$1 title=$2
    shift 2
    run "$@"
    { [ "$code" -eq 2 ] && [ "$(grep -c ': error: ' err)" -eq 1 ] && grep -qF "$text" err; }
    ok $? "$title"
}
says_alone "command line:1:14: error: 'epochs' must be a whole number" 'a key below a number' check small.yaml train.epochs.x=3
says_alone 'command line:1:16: error: there is no list to put entry 1 into' 'an entry below a number' check small.yaml model.hidden.0.1=5
says_alone 'command line:1:17: error: there is no list to put entry 0 into' 'an entry of a list that is not there' \
    check small.yaml optimizer=adam optimizer.betas.0=0.8
says_alone 'command line:1:11: error: there is no entry 1: the list has 1' 'a second scheduler of one' \
    check small.yaml scheduler=cosine scheduler.1.gamma=0.5
says_alone 'there is no list to put entry 0 into: give all of it, as in KEY={name: NAME}' 'a scheduler where there is none' \
    check small.yaml scheduler.0.gamma=0.5
run list foo bar
{ [ "$code" -eq 2 ] && grep -qx "descent list: unknown kind 'foo'" err; }
ok $? 'a kind that is like none'
run list checkpoint
{ [ "$code" -eq 0 ] && [ "$(grep -c '^  checkpoint\.' out)" -eq 6 ] && grep -q '^  checkpoint.keep ' out; }
ok $? 'list: the keys of a section of a spec'
run list train.sam.rho
{ [ "$code" -eq 0 ] && [ "$(grep -c '^  [a-z]' out)" -eq 1 ] && grep -qx ' *a number > 0; default 0.05' out; }
ok $? 'list: one key of a spec'
run list epochs
{ [ "$code" -eq 2 ] && grep -qx "descent list: unknown kind 'epochs'; it is a key: 'descent list train.epochs'" err; }
ok $? "list: a key's path is named"

# ---- data that a run refuses ----

images() { # FOLDER TYPE LABEL BYTES: 20 images of 2x2 pixels for training and for the test, in one class
    mkdir "$1"
    for part in train t10k; do
        { printf '%b' "\\0000\\0000\\0$2\\0003\\0000\\0000\\0000\\0024\\0000\\0000\\0000\\0002\\0000\\0000\\0000\\0002" && head -c "$4" /dev/zero; } >"$1/$part-images-idx3-ubyte"
        { printf '\0\0\10\1\0\0\0\24' && head -c 20 /dev/zero | tr '\0' "\\$3"; } >"$1/$part-labels-idx1-ubyte"
    done
}
images zeros 010 0 80
images ones 010 1 80
images wide 013 1 160
printf 'dataset: {name: idx, dir: ones, validation: 4}\noptimizer: sgd\ntrain: {epochs: 1, batch_size: 4}\n' >idx.yaml
message 3 'all labels are 0: there is nothing to tell apart' 'check: labels that a run refuses' check idx.yaml dataset.dir=zeros
message 3 'element type 0x0b (16-bit numbers)' 'check: numbers that a run refuses' check idx.yaml dataset.dir=wide
ends_with 0 'check: data that are not there' check idx.yaml dataset.dir=nowhere
message 3 'element type 0x0b (16-bit numbers)' 'check of a sweep: numbers that a member refuses' check idx.yaml 'sweep={grid: {dataset.dir: [ones, nowhere, wide]}}'
ends_with 0 'check of a sweep: data that are not there' check idx.yaml 'sweep={grid: {dataset.dir: [ones, nowhere]}}'
ends_with 0 'labels of one class train' run idx.yaml -q -o one-class
grep -q 'ones/train-labels-idx1-ubyte: all 20 labels are 1: there is nothing to tell apart' err
ok $? '... with a warning'

# ---- more of the same ----

ends_with 0 'a run in epochs' run small.yaml -q -o more
message 2 "'train.epochs=null train.steps=+5' to give it in updates" 'more updates of a run in epochs' resume more train.steps=+5
ends_with 0 '... as it says' resume more -q train.epochs=null train.steps=+5
message 2 "say 'train.steps=+N'" 'more epochs of a run in updates' resume more train.epochs=+1

# ---- what a schedule shows ----

run schedule small.yaml train.epochs=3 optimizer.weight_decay=0.5 'scheduler={name: exponential, gamma: 0.1, apply_to: weight_decay}' -o decay.svg
{ [ "$code" -eq 0 ] && [ "$(awk 'NR > 1 && NF == 7 { print $7 }' out | tr '\n' ' ')" = '0.5 0.05 0.005 ' ] && grep -q '>weight decay<' decay.svg &&
    awk 'length > 80 { exit 1 }' out; }
ok $? 'schedule: a weight decay has a column and a panel'
run schedule small.yaml train.epochs=3 --no-plots
! grep -q 'weight decay' out
ok $? '... and none where there is no decay'
run schedule small.yaml train.epochs=1000000000 --no-plots
{ [ "$code" -eq 0 ] && [ "$(wc -l <out)" -le 34 ] && grep -q '^1000000000 epochs, 10000000000 updates' out; }
ok $? 'schedule: the longest run'
output 'is valid' 'the longest run whose first rates are 0' check small.yaml 'scheduler={name: lambda, expr: "epoch // 10000000"}' \
    train.epochs=1000000000

# ---- one of a thing ----

run run small.yaml -q -o single train.epochs=1 checkpoint.every=1 checkpoint.keep=1
output '1 epoch, 1 update; each row' 'one epoch, one update' schedule small.yaml train.epochs=1 train.batch_size=200 --no-plots
run clean single
{ [ "$code" -eq 0 ] && grep -q '^1 checkpoint of 1 finished run goes, a second name of what stays$' out; }
ok $? 'one checkpoint, which is the last one too'
printf 'extends: small.yaml\nsweep: {grid: {optimizer.lr: [0.1]}}\n' >lone.yaml
output 'a sweep of 1 member in 1 group' 'one member' check lone.yaml
while read -r words; do
    # shellcheck disable=SC2086 # words
    message 2 '-o names a folder, not a file like file.' "-o of the wrong kind: $words" $words
done <<'END_WORDS'
data show small.yaml -o file.png
data make -o file.csv
data import class -o file.npz
eval results/one --figures -o file.svg
extract figure.png -o file.yaml
run small.yaml -o file.png
END_WORDS
message 2 "'-o' is of the figures that '--figures' draws" 'a folder for no figures' eval results/one -o figures
message 2 "'--theme' is of the figures" 'colours of none' eval results/one results/two --theme dark
message 2 "options stand behind the command: 'descent run -q ...'" 'an option before its command' -q run small.yaml
message 2 "unknown option '--quit'" 'one without a command' --quit 3
run data show small.yaml train.batch_size=200 --format svg -o lone
grep -q '>sampler shuffle: 1 batch of 200<' lone/classes.svg
ok $? 'one batch'

output 'results/grid: 1 of 1 members reproduced, byte for byte' 'verify SWEEP --members' verify results/grid --members 1
output 'results/grid: 2 of 2 members reproduced, byte for byte' 'verify SWEEP' verify results/grid
for folder in one// grid/; do
    run verify "results/$folder"
    { [ "$code" -eq 0 ] && grep -q "^results/${folder%%/*}[: ].*reproduced, byte for byte" out && ! grep -q // out err; }
    ok $? "verify results/$folder"
done
run run small.yaml -o slashes//
{ [ "$code" -eq 0 ] && grep -qx 'folder slashes' out && ! grep -q // out err; }
ok $? 'run -o FOLDER//, a new one'
digest=$(sed -n 's/.*"weights_sha256": *"\([0-9a-f]*\)".*/\1/p' results/one/run.json)
output 'against identical' 'verify --against its own digest' verify results/one --against "$digest"
run verify results/one --against "sha256:$(echo "$digest" | tr 0-9a-f 1-9a-f0)"
{ [ "$code" -eq 1 ] && grep -q '^results/one is reproduced, byte for byte, but its weights are not those that --against names' out; }
ok $? 'verify --against another'

# ---- ~/ is the home folder, also where the shell leaves it ----

mkdir home
HOME=$work/home
export HOME
cp small.yaml home
ends_with 0 '-o~/' run small.yaml -q -o~/runs/a
ends_with 0 "-o '~/'" run '~/small.yaml' -q --no-plots -o '~/runs/b' optimizer.lr=0.02
ends_with 0 '--out=~/' sweep grid.yaml -q --out='~/runs/c'
[ -e home/runs/a/run.json ] && [ -e home/runs/b/run.json ] && [ -e home/runs/c/members.csv ] && [ ! -e '~' ]
ok $? 'are in the home folder'
ends_with 0 'a folder' status '~/runs/a'
ends_with 0 'several' compare '~/runs/a' '~/runs/b'
ends_with 0 'a file to write' export '~/runs/a' -o '~/a.npz'
printf 'optimizer.lr=0.1\noptimizer.lr=0.01\n' | sed 's/^optimizer[.]//' >home/names
ends_with 0 'a file of an option' sweep grid.yaml -q --only '~/names' -o '~/runs/c'
[ -e home/a.npz ] && [ ! -e '~' ]
ok $? 'nothing is made in a folder of that name'
ends_with 0 'a default that is asked for is none of them' check small.yaml '~optimizer.lr'

for command in run sweep resume status eval compare plot trace report check list landscape inspect clean verify; do
    message 2 'word 1 is empty, and names nothing' "$command of an empty word" $command ''
done
message 2 'word 2 is empty, and names nothing' 'an empty setting' check small.yaml ''

cp small.yaml 'my own spec.yaml'
for command in check sweep; do
    message 2 "there is no file my; a name with spaces is quoted: 'descent $command \"my own spec.yaml\"'" "$command: a name with spaces" $command my own spec.yaml lr=0.1
done
message 2 "unknown word 'lst'; did you mean 'list'?" 'a form of data' data lst
if [ -c /dev/full ]; then
    code=0
    "$descent" list optimizers >/dev/full 2>err || code=$?
    says 4 'cannot write to standard output: No space left on device' 'output that finds no room'
fi

# ---- what may not be read ----

# Root may read everything: what it tests is another user.
if [ "$(id -u)" -eq 0 ]; then as='setpriv --reuid=65534 --regid=65534 --clear-groups'; else as=; fi
mkdir shut
cp small.yaml shut/small.yaml
cp small.yaml unread.yaml
cp -r results/one shut/one
chmod 755 .
chmod 000 shut unread.yaml
if $as "$descent" --version >why 2>&1; then
    while IFS='|' read -r words text; do
        code=0
        # shellcheck disable=SC2086 # words
        $as "$descent" $words >out 2>err </dev/null || code=$?
        says 4 "cannot open $text: Permission denied" "$words, of what may not be read"
    done <<'END_SHUT'
check shut/small.yaml|shut/small.yaml
check unread.yaml|unread.yaml
trace unread.yaml|unread.yaml
status shut/one|shut/one
status shut|shut
resume shut/one|shut/one
clean shut/one|shut/one
verify shut/one|shut/one
report shut/one|shut/one
compare shut/one|shut/one
inspect shut/one|shut/one
END_SHUT
    mkdir kept
    chmod 555 kept
    for words in playground 'run ../open.yaml'; do
        cp small.yaml open.yaml
        code=0
        # shellcheck disable=SC2086 # words
        (cd kept && $as "$descent" $words >../out 2>../err </dev/null) || code=$?
        says 4 "Permission denied; '-o' names another place" "$words, where nothing may be written"
    done
else
    skip 'what may not be read' 'no other user may run this program'
fi
chmod 755 shut

plan
