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

plan
