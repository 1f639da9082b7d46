#!/bin/sh
# What compare says beside its figures, and which tests it makes; speaks TAP.
#
#     test_compare_notes.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
own_folder

cat >base.yaml <<'END'
name: base
dataset: {name: digits, train_limit: 300, validation: 100, test_limit: 100}
model: {name: mlp, hidden: [16]}
train: {epochs: 2, batch_size: 50}
optimizer: {name: sgd, lr: 0.1}
checkpoint: {every: 0, keep: 0}
plots: false
END

# ---- ranks ----

# Overlapping intervals are no test: pairs of the same seeds may tell apart what shares a rank.
for seed in 1 2; do
    for lr in 0.1 0.2; do
        run run base.yaml -q -o "runs/$lr-$seed" seed=$seed optimizer.lr=$lr
    done
done
output 'test: --pairs is one, on shared seeds; not adjusted' 'a rank claims no test' compare runs
output 'test: that of the pairs is one; not adjusted' 'a rank points to the pairs' compare runs --pairs

# ---- other data ----

for data in 0 1; do
    run data make dataset.seed=$data -o data-$data
    for seed in 1 2; do
        run run base.yaml -q -o "data/$data-$seed" seed=$seed optimizer.lr=0.$((data + 1)) \
            "dataset={name: idx, dir: data-$data, train_limit: 300, validation: 100, test_limit: 100}"
    done
done
across='of 2 different sets of data, across which neither figures nor ranks compare, nor a deviation pooled over them: idx in data-0 (sha256 '
output "warning: the runs are $across" 'other data: said below the table' compare data
message 0 "$across" 'other data: said beside a table for programs' compare data --format csv
message 0 "$across" 'other data: said of a budget' compare data --budget
output 'no pairs of lr 0.1 and lr 0.2: they differ in dataset.sha256 too' 'no pairs: the reason' compare data --baseline lr=0.2
output 'no pairs of lr 0.' 'no pairs in a matrix: the reason' compare data --matrix
message 0 'they differ in dataset.sha256 too' 'no pairs: the reason beside a table for programs' compare data --baseline lr=0.2 --format csv
run compare runs
{ [ "$code" -eq 0 ] && ! grep -q 'sets of data' out err; }
ok $? 'of one set of data nothing is said'
run run base.yaml -q -o runs/held-out dataset.validation=50
output 'the runs differ in dataset.validation, so their valid figures are not of the same images' 'other validation images: said' compare runs
output 'no pairs of validation 50 and' 'no pairs with a single run of other images' compare runs --group-by validation --baseline validation=100
run compare runs --metric test_accuracy
{ [ "$code" -eq 0 ] && ! grep -q 'the same images' out; }
ok $? 'and not of test figures'
rm -r runs/held-out

plan
