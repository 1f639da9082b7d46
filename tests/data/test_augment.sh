#!/bin/sh
# Augmentation and images with channels through the program: resumed, with threads, averages, sweeps, tiny sets; CIFAR-10
# sound and broken; groups in specs. Speaks TAP.
#
#     test_augment.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
own_folder

cat >base.yaml <<'END_SPEC'
dataset: {name: digits, train_limit: 300, test_limit: 50, validation: 40, augment: [{crop: {padding: 3}}, flip, {cutout: {size: 6}}]}
model: {name: mlp, hidden: [12], batch_norm: true, dropout: 0.2}
train: {epochs: 3, batch_size: 20}
optimizer: {name: adam, lr: 0.005, groups: [{tensors: [bias], lr: 2}]}
evaluate: {test: every}
plots: false
END_SPEC

differ() { # FOLDER FOLDER TITLE
    ! cmp -s "$1/epochs.csv" "$2/epochs.csv"
    ok $? "$3"
}
equal() { # FOLDER FOLDER TITLE
    cmp "$1/epochs.csv" "$2/epochs.csv" >why 2>&1
    ok $? "$3"
}

train one
train plain 'dataset.augment=[]'
differ one plain 'augmentation changes a training'
cut -d, -f 1 one/epochs.csv >first
train crop 'dataset.augment=[{crop: {padding: 3}}]'
differ one crop 'flip and cutout do too'
train threads threads=2
equal one threads 'two threads have the bits of one'
train again evaluate.batch_size=7
equal one again 'batches of evaluation change nothing'

# Stopped after every few updates, resumed to the end.
stop_and_go() { # FOLDER [KEY=VALUE ...]
    folder=$1
    shift
    for steps in 5 17 30; do
        "$descent" run base.yaml -q -o "$folder" "$@" checkpoint.every_steps=1 >out 2>err </dev/null &
        pid=$!
        sleep "0.0$steps"
        kill -9 "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    run run base.yaml -q -o "$folder" "$@" checkpoint.every_steps=1
    [ "$code" -eq 0 ] || cat out err
}
for change in '' train.accumulate=3 'average={name: ema, decay: 0.9}' 'average={name: swa, start: 0.3}' train.sampler=stratified; do
    rm -rf whole parts
    train whole checkpoint.every_steps=1 ${change:+"$change"}
    stop_and_go parts ${change:+"$change"}
    { same whole parts && cmp whole/epochs.csv parts/epochs.csv >why; }
    ok $? "killed and resumed: the same files ${change:+with $change}"
done

# Epochs are told by their number: a second epoch alone is not the first again.
train sequential train.sampler=sequential optimizer.lr=0 train.epochs=2 train.batch_size=300 model.dropout=0 model.batch_norm=false
[ "$(sed -n 3p sequential/epochs.csv | cut -d, -f 6)" != "$(sed -n 4p sequential/epochs.csv | cut -d, -f 6)" ]
ok $? 'each epoch has augmentations of its own'

cat >sweep.yaml <<'END_SPEC'
extends: base.yaml
train: {epochs: 1}
sweep: {grid: {dataset.augment: [[], [flip], [{crop: {padding: 2}}]]}, seeds: [1, 2]}
END_SPEC
run sweep sweep.yaml -q -o s1 -j 1
run sweep sweep.yaml -q -o s2 -j 2
cmp s1/members.csv s2/members.csv >why 2>&1
ok $? 'a sweep over augmentations, by one process or two'
run run base.yaml -q -o alone train.epochs=1 'dataset.augment=[flip]' seed=2
same_as=0
for member in s1/*/; do
    cmp -s "$member/epochs.csv" alone/epochs.csv && same_as=$((same_as + 1))
done
[ "$same_as" -eq 1 ]
ok $? 'one of its members is that run alone'

train tiny dataset.train_limit=3 dataset.validation=0 train.batch_size=2 dataset.test_limit=1
exits 0 'three images'

# ---- kinds, errors ----

output 'cifar10 colour photographs' 'descent list names data sets' list datasets
output 'cutout a square of zeros' '... and augmentations' list augmentations
while IFS='|' read -r override text; do
    message 2 "$text" "refused: $override" check base.yaml "$override"
done <<'END_CASES'
dataset.augment=[flip, crop]|'crop' comes before 'flip'
dataset.augment=[flip, flip]|'flip' occurs twice
dataset.augment=[blur]|unknown augmentation 'blur'
dataset.augment=[{crop: {padding: 0}}]|'padding' is 0
dataset.scale=chanel|'scale' must be unit, standard, none, channel, image, or
dataset.scale={mean: 1}|needs 'deviation', which is missing
dataset.scale={mean: [1, 2], deviation: 1}|'mean' has 2 numbers, but the images have 1 channel
dataset.scale={mean: 1, deviation: 0}|'deviation' is 0
model.sparse_input=on|images that are not augmented
optimizer.groups=[{tensors: ["7.*"]}]|'7.*' matches no tensor of this model
optimizer.groups=[{lr: 2}]|needs 'tensors'
optimizer.groups=[{tensors: bias, lr: -1}]|'lr' is -1
optimizer.groups=[bias]|'groups' must be a list of {tensors
END_CASES
message 2 "training images remain, and 'dataset.test_limit' 20000, but there are" 'refused: both limits, in one message' check base.yaml dataset.train_limit=60000 dataset.test_limit=20000
message 0 "times 255: 'dataset.scale={mean: 33.3285, deviation: 78.5655}'" 'warned: numbers of pixels from 0 to 1' check base.yaml 'dataset.scale={mean: 0.1307, deviation: 0.3081}'
run check base.yaml 'dataset.scale={mean: 0, deviation: 1}'
{ [ "$code" -eq 0 ] && [ ! -s err ]; }
ok $? '... not where they are none'

# ---- CIFAR-10 ----

record() { # LABEL: one record
    # shellcheck disable=SC2059 # an octal escape
    printf "\\$(printf '%03o' "$1")"
    head -c 3072 "$descent"
}
make_cifar() { # FOLDER: three images a batch
    mkdir -p "$1"
    for batch in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do
        for label in 0 3 9; do
            record $label
        done >"$1/$batch.bin"
    done
}
cat >colour.yaml <<'END_SPEC'
dataset: {name: cifar10, dir: c, validation: 3, scale: channel, augment: [crop, flip]}
model: {name: layers, layers: [{conv: {out: 4, kernel: 3}}, relu, {max_pool: 4}, flatten, {linear: 10}]}
train: {epochs: 1, batch_size: 4}
optimizer: {name: sgd, lr: 0.01, groups: [{tensors: [conv], lr: 0.5}, {tensors: ["*.bias"], lr: 2, weight_decay: 0}]}
plots: false
END_SPEC
make_cifar c
ends_with 0 'CIFAR-10: trains' run colour.yaml -q -o cr
run data show colour.yaml --augment -o shown
{ [ "$code" -eq 0 ] && [ -s shown/augmented.png ] && [ -s shown/samples.png ] && grep -q truck out; }
ok $? 'CIFAR-10: pictures, with the names of classes'
message 2 'augments nothing' 'data show --augment without augmentations' data show colour.yaml 'dataset.augment=[]' --augment -o shown
output 'data_batch_5.bin 3x3x32x32 9219' 'CIFAR-10: data list' data list c
run data list c
! grep -q published err
ok $? 'CIFAR-10: whose digests are not known'
mkdir apart
for i in 0 1 2 3 4 5; do
    set -- data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch
    shift $i
    record $i | cat - c/data_batch_1.bin >apart/$1.bin
done
run check colour.yaml dataset.dir=apart
{ [ "$code" -eq 0 ] && grep -q 'warning: apart holds 20 training and 4 test images, and the published cifar10 50000 and 10000' err; }
ok $? 'CIFAR-10: a warning where the counts are not those of the published set'
! grep -q 'begin with the same image' err
ok $? 'CIFAR-10: files that begin differently are no copies'
gzip apart/data_batch_1.bin
rm apart/data_batch_4.bin
ln -s data_batch_1.bin.gz apart/data_batch_4.bin.gz
for command in 'check colour.yaml' 'run colour.yaml -q -o copied' 'data list apart'; do
    # shellcheck disable=SC2086 # words
    case $command in data*) run $command ;; *) run $command dataset.dir=apart ;; esac
    { [ "$code" -eq 0 ] && grep -q 'warning: apart/data_batch_1.bin.gz and apart/data_batch_4.bin.gz begin with the same image' err; }
    ok $? "CIFAR-10: $command: a warning of a copy"
done
gzip c/data_batch_1.bin
run run colour.yaml -q -o cz
cmp cr/epochs.csv cz/epochs.csv >why 2>&1
ok $? 'CIFAR-10: a compressed batch is the same'
cp -r c changed
gzip -d changed/data_batch_1.bin.gz
record 3 | tr '\000' '\001' >changed/data_batch_1.bin
for _ in 2 3; do record 3 >>changed/data_batch_1.bin; done
message 3 'the SHA-256 of the training images in changed (one of data_batch_1.bin to data_batch_5.bin) is' 'CIFAR-10: other data are named' run colour.yaml -q -o cr dataset.dir=changed
# The machine is asked for no more images than there are.
run check colour.yaml --layers evaluate.batch_size=1000000
grep -q 'memory: [0-9.]* MB for batches of 4 images in training and 12 in evaluation' out
ok $? 'evaluation takes no more images at once than a split has'
run run colour.yaml -q -o cv dataset.validation=3 dataset.validation_split=tail
run eval cv --split valid --predictions said.csv
[ "$(cut -d, -f 1 said.csv | tr '\n' ' ')" = 'image 12 13 14 ' ]
ok $? 'eval --predictions: numbers of images in their file'
rm c/data_batch_4.bin
message 3 'c/data_batch_4.bin: no such file, nor data_batch_4.bin.gz' 'CIFAR-10: a batch is missing' run colour.yaml -q -o cx
make_cifar c
rm c/data_batch_1.bin
printf x >>c/test_batch.bin
message 3 'c/test_batch.bin: 9220 bytes are no multiple of 3073' 'CIFAR-10: a batch too long' run colour.yaml -q -o cx
make_cifar c
rm c/data_batch_1.bin
record 17 >c/data_batch_2.bin
message 3 'c/data_batch_2.bin: label 17 of image 0' 'CIFAR-10: a label beyond the classes' run colour.yaml -q -o cx
plan
