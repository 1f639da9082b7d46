#!/bin/sh
# Every spec that comes with the program is valid and runs, on a few synthetic digits; scripts/reproduce on the same. Speaks TAP.
#
#     test_reproduce.sh PROJECT-FOLDER DESCENT
# shellcheck disable=SC2154 # what tap.sh sets
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

script_of "$1" "$2"

# What makes any run of a spec a matter of milliseconds.
tiny='dataset.name=digits dataset.train_limit=200 dataset.validation=50 dataset.test_limit=50
      train.epochs=1 train.drop_last=false plots=false'

# A few made images of CIFAR-10's layout, for what wants 32 x 32 of three colours.
mkdir "$work/cifar10"
for file in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do
    python3 -c 'import random, sys
r = random.Random(sys.argv[1])
for i in range(60):
    sys.stdout.buffer.write(bytes([i % 10]) + r.randbytes(3072))' "$file" >"$work/cifar10/$file.bin"
done
small=$(printf '%s' "$tiny" | sed "s|dataset.name=digits|dataset.dir=$work/cifar10|; s/train_limit=200/train_limit=40/; s/=50/=20/g")
small="$small checkpoint.last=false" # of nine million weights each

# ---- the specs ----

find configs -name '*.yaml' | LC_ALL=C sort >"$work/specs"
while read -r spec; do
    run "$DESCENT" check "$spec"
    ok "$code" "$spec is valid"
    case $spec in
    configs/lecture/digests/*) # its answer is of the real images
        if [ -n "${DESCENT_MNIST-}" ]; then
            run "$DESCENT" run "$spec" -q --no-plots "dataset.dir=$DESCENT_MNIST" --force -o "$work/digest"
            ok "$code" "$spec: real MNIST gives the weights written there"
        fi
        continue
        ;;
    configs/papers/* | configs/lecture/*) ;;
    *) continue ;;
    esac
    # The source stands in the spec, or in the one that it extends.
    base=$(sed -n 's/^extends: *//p' "$spec")
    cat "$spec" ${base:+"$(dirname "$spec")/$base"} >"$work/text"
    grep -qE 'arXiv:[0-9]{4}\.[0-9]{4,5}|STAT 453|keras\.io/|pytorch/examples' "$work/text"
    ok $? "$spec names its source"
    command=run out=$work/run
    if grep -q '^sweep:' "$work/text"; then
        run "$DESCENT" sweep --list "$spec"
        { [ "$code" -eq 0 ] && [ "$(wc -l <"$work/out")" -gt 1 ]; }
        ok $? "$spec lists its members"
        command='sweep --shard 1/1000 -j 1'
    fi
    more='' data=$tiny
    case $spec in
    */adabelief2020.yaml) data=$small ;;
    */caffe-lenet.yaml | */smith2015.yaml | */resnet20.yaml) more='~train.steps' ;;
    */shallue2018.yaml) more='sweep.list=[{train.batch_size: 16, train.epochs: 1}]' ;; # the lengths are an axis
    esac
    rm -rf "$out"
    # shellcheck disable=SC2086 # words
    run "$DESCENT" $command "$spec" $data -q -o "$out" ${more:+"$more"}
    { [ "$code" -eq 0 ] && [ -n "$(find "$out" -name epochs.csv)" ]; }
    ok $? "$spec trains"
done <"$work/specs"

# ---- scripts/reproduce ----

run scripts/reproduce --list
{ [ "$code" -eq 0 ] && [ "$(wc -l <"$work/out")" -gt 10 ] && ! grep -q '.\{81\}' "$work/out"; }
ok $? 'reproduce: --list, in 80 columns'
tail -n +2 "$work/out" | cut -d' ' -f1 >"$work/names"

run scripts/reproduce lectre
{ [ "$code" -eq 2 ] && grep -q "unknown name 'lectre'" "$work/err"; }
ok $? 'reproduce: an unknown name is a usage error'
run scripts/reproduce
[ "$code" -eq 2 ]
ok $? 'reproduce: no name is a usage error'
run scripts/reproduce lecture train.epoch=1 -o "$work/wrong"
{ [ "$code" -eq 2 ] && grep -q "did you mean 'epochs'" "$work/err"; }
ok $? 'reproduce: an override goes through the checks of a spec'

while read -r name; do
    more='' data=$tiny
    case $name in
    exact) continue ;; # needs no data: below
    vgg11-*) # the spec has been trained above, with all its weights
        data=$small more='model={name: layers, layers: [{conv: {out: 4, kernel: 3}}, relu, flatten, {linear: 10}]}'
        ;;
    caffe-lenet | smith2015 | resnet20) more='~train.steps' ;;
    deepobs) more='sweep.grid={optimizer.lr: [0.01, 0.1]}' ;; # two learning rates of the 36
    shallue2018) more='sweep.list=[{train.batch_size: 16, train.epochs: 1}]' ;; # one batch size of the six
    esac
    # shellcheck disable=SC2086 # words
    run scripts/reproduce -j 2 -o "$work/all" "$name" $data sweep.seeds=[1] ${more:+"$more"}
    { [ "$code" -le 1 ] && [ -s "$work/all/$name/$name.csv" ] && [ -s "$work/all/$name/$name.md" ] &&
        ! grep -q Traceback "$work/err" && grep -q "^$name: " "$work/out"; }
    ok $? "reproduce: $name goes through, on digits"
done <"$work/names"

grep -q '\*\*no\*\*' "$work/all/lecture/lecture.md"
ok $? 'reproduce: what does not reproduce is shown as such'
find "$work/all/lecture" -name epochs.csv -exec ls -li '{}' + >"$work/before"
# shellcheck disable=SC2086 # words
run scripts/reproduce -j 1 -o "$work/all" lecture $tiny sweep.seeds=[1]
find "$work/all/lecture" -name epochs.csv -exec ls -li '{}' + >"$work/after"
{ [ "$code" -eq 1 ] && cmp "$work/before" "$work/after"; }
ok $? 'reproduce: what is there is not trained again; exit code 1 where a required number does not reproduce'

run scripts/reproduce -j 1 -o "$work/all" exact
{ [ "$code" -eq 0 ] && ! grep -q '\*\*no\*\*' "$work/out" && tail -n 1 "$work/out" | grep -q '^exact: reproduced'; }
ok $? 'reproduce: exact is reproduced'

# exact has been trained above, and need not be again
mkdir -p "$work/none" && cp -r "$work/all/exact" "$work/none"
run scripts/reproduce -j 1 -o "$work/none" xiao2017 exact dataset.dir="$work/nowhere"
{ [ "$code" -eq 3 ] && grep -q '^xiao2017: stopped' "$work/out" && grep -q '^exact: reproduced' "$work/out"; }
ok $? 'reproduce: a study without its data does not keep others from continuing'

cat >"$work/rows.py" <<'END'
from core import Sample, near, share
assert near("", 97.18, Sample(97.43), 0.25).agrees and not near("", 97.18, Sample(97.44), 0.25).agrees
assert near("", 97.18, Sample(97.44), 0.25).fails and not near("", 97.18, Sample(97.44), 0.25, required=False).fails
assert share("", 10, Sample(12), 20).agrees and not share("", 10, Sample(7.9), 20).agrees
assert Sample.of([1, 2, 3]).text(1) == "2.0 ± 1.0" and Sample.of([2]).text(1) == "2.0"
END
run env PYTHONPATH="$project/scripts/reproduction" PYTHONDONTWRITEBYTECODE=1 python3 "$work/rows.py"
ok "$code" 'reproduce: what agrees and what does not'

# ---- what is kept ----

for table in results/reference/*.md; do
    name=$(basename "$table" .md)
    sed -n "/^<!-- table $name -->\$/,/^<!-- end $name -->\$/p" docs/reproductions.md | sed '1d;$d' | cmp - "$table" >"$work/out" 2>&1
    ok $? "docs/reproductions.md shows the table of $name that is kept"
done
[ "$(du -sk results/reference | cut -f1)" -lt 4096 ]
ok $? 'what is kept of results is below 4 MB'

plan
