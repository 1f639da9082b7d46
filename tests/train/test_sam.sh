#!/bin/sh
# Sharpness-aware minimisation where PyTorch is no oracle; speaks TAP. What it does to losses and weights, recorded trainings
# say (reference/sam*.yaml, test_train).
#
#     test_sam.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
own_folder
code=0

cat >plain.yaml <<EOF
dataset: {name: digits, train_limit: 230, test_limit: 40, validation: 40}
model: {name: mlp, hidden: [19, 11], activation: tanh, batch_norm: true, dropout: 0.3}
train: {epochs: 3, batch_size: 32, drop_last: false}
optimizer: {name: adamw, lr: 0.01}
log: {steps: 1}
plots: false
EOF

weights() { # FOLDER
    sed -n 's/.*"weights_sha256": "\(.*\)".*/\1/p' "$1/run.json"
}

# Uphill by less than a float can tell, the second pass is the first once more: same minibatches, same dropout, which the next
# update does not see, and statistics that count once.
for words in train.accumulate=1 train.accumulate=3 'average={name: ema, decay: 0.8}' train.clip_norm=0.5 train.clip_value=0.01 \
    'optimizer={name: adamw, lr: 0.01, cautious: true, lookahead: {steps: 3}}'; do
    rm -rf plain flat
    run run plain.yaml -q -o plain "$words"
    made=$code
    run run plain.yaml -q -o flat "$words" 'train.sam={rho: 1e-30}'
    [ "$made" -eq 0 ] && [ "$code" -eq 0 ] && cmp -s plain/epochs.csv flat/epochs.csv && cmp -s plain/steps.csv flat/steps.csv &&
        [ -n "$(weights plain)" ] && [ "$(weights plain)" = "$(weights flat)" ]
    ok $? "$words: with no way uphill the run is the plain one"
done

# The weights come back bit for bit.
rm -rf plain sharp
run run plain.yaml -q -o plain optimizer.lr=0 optimizer.weight_decay=0
made=$code
run run plain.yaml -q -o sharp optimizer.lr=0 optimizer.weight_decay=0 'train.sam={rho: 0.7}'
[ "$made" -eq 0 ] && [ "$code" -eq 0 ] && [ -n "$(weights plain)" ] && [ "$(weights plain)" = "$(weights sharp)" ]
ok $? 'without steps the weights stay what they were, to the last bit'
cut -d, -f1-5 plain/steps.csv >plain.losses
cut -d, -f1-5 sharp/steps.csv | cmp -s - plain.losses && ! cmp -s plain/steps.csv sharp/steps.csv
ok $? 'the losses that are told are those of the first pass, the norms those of the second'

# The second pass diverges.
run run plain.yaml -q -o wild 'train.sam={rho: 1e38}' model.batch_norm=false model.dropout=0 model.activation=relu
says 5 'diverged in epoch 1 at update 1: the loss nearby (sam) is not finite' 'a loss uphill that is not finite'
plan
