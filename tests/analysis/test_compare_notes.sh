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

for how in --pairs '--baseline lr=0.1' --runs '--columns n' '--target valid_accuracy=0.2'; do
    # shellcheck disable=SC2086 # an option and its value
    message 2 "'--matrix' is a table of its own" "a matrix beside $how" compare runs --matrix $how
done
message 2 "'--matrix', '--sort', '--runs'" 'a matrix beside a table of another kind' compare runs --matrix --budget
for how in --budget '--sensitivity lr'; do
    # shellcheck disable=SC2086 # an option and its value
    message 2 "'--target' belongs to the plain comparison and '--profile'" "a target beside $how" compare runs $how --target valid_accuracy=0.2
done
message 2 "'--runs' is a table of its own: without '--columns', '--pairs' and '--target'" 'a target beside the runs' compare runs --runs --target valid_accuracy=0.2
message 2 "'--profile' counts to the '--target' or by '--metric'" 'a profile by two figures' compare runs --profile seed --target valid_accuracy=0.2 --metric valid_loss
message 2 "JSON has all columns: without '--columns'" 'columns of JSON' compare runs --columns n --format json
message 2 "with '--pairs' a CSV is of the pairs: without '--columns'" 'columns beside pairs' compare runs --pairs --columns n --format csv
message 2 "'--cost' belongs to" 'a cost of a matrix' compare runs --matrix --test wilcoxon --cost seconds
output 'seconds to valid_accuracy ≥ 0.2, of the same pairs' 'a cost of the pairs that a test asks for' compare runs --test wilcoxon --target valid_accuracy=0.2 --cost seconds
output 'p by Wilcoxon' 'a test asks for pairs' compare runs --test wilcoxon
for how in --pairs '--test wilcoxon'; do
    # shellcheck disable=SC2086 # an option and its value
    message 0 'there is one group, and so there are no pairs' "$how: of one group" compare runs --where 'lr < 0.15' $how
done

# ---- pairs that are not independent ----

for fold in 0 1 2; do
    for lr in 0.1 0.3; do
        run run base.yaml -q -o "folds/$lr-$fold" optimizer.lr=$lr dataset.folds=3 dataset.fold=$fold '~dataset.validation'
    done
done
output 'p by corrected t' 'folds: a test that is corrected' compare folds --group-by lr --pairs
output 'the pairs are over folds, whose training images overlap' '... which is said' compare folds --group-by lr --pairs
output 'by corrected t, by Holm' '... in the matrix too' compare folds --group-by lr --matrix
output 'warning: the pairs are over folds' '... test figures: warned of' compare folds --group-by lr --baseline lr=0.1 --metric test_accuracy
output 'for other data they are too narrow' '... and intervals' compare folds --group-by lr
output '"pairs_not_independent_over": "folds"' '... for programs' compare folds --group-by lr --pairs --format json
for format in csv json; do
    message 0 'it is too small; without --test it is corrected' "... another test that was asked for, as $format" \
        compare folds --group-by lr --test wilcoxon --format $format
    message 0 'the p-values to the target take the pairs as independent' "... to a target, as $format" \
        compare folds --group-by lr --pairs --target valid_accuracy=0.1 --format $format
done
output 'over 3 problems (by fold; they share training images)' 'ranks over folds' plot folds --kind ranks --text --group-by lr --over fold
output 'over 2 problems (by seed)' 'ranks over seeds' plot runs --kind ranks --text
run compare runs --pairs
{ [ "$code" -eq 0 ] && ! grep -q 'independent' out err; }
ok $? 'seeds are independent pairs'

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

# ---- groups of unlike runs ----

run run base.yaml -q -o unlike/sgd
run run base.yaml -q -o unlike/other optimizer.lr=0.2 train.epochs=3 'scheduler={name: exponential, k: 0.1}'
output 'groups mix runs that differ in train.epochs, optimizer.lr, scheduler.0.name too' 'all keys that groups mix' compare unlike --group-by optimizer
COLUMNS=60 "$descent" compare unlike --group-by optimizer >out 2>err
grep -qx 'groups mix runs that differ in train.epochs, optimizer.lr,' out && grep -qx '  scheduler.0.name too' out
ok $? 'which is folded'
run run base.yaml -q -o unlike/more train.batch_size=25 'model.hidden=[8]' model.activation=tanh optimizer.momentum=0.9
output 'train.batch_size and 3 more too' 'all keys that groups mix: the first and how many more' compare unlike --group-by optimizer

# A seed of which one of two runs diverged has no figure: the other one alone would flatter the group.
for seed in 1 2 3; do
    run run base.yaml -q -o lost/sgd-$seed seed=$seed
    run run base.yaml -q -o lost/adam-$seed seed=$seed optimizer=adam
done
run run base.yaml -q -o lost/away seed=3 optimizer.lr=1e30
run compare lost --group-by optimizer --baseline optimizer=adam --format csv
[ "$(sed -n 2p out | cut -d, -f1,2)" = sgd,2 ] && head -n 1 out | grep -q ',pairs_lost$' && sed -n 2p out | grep -q ',1$'
ok $? 'a pair with a diverged run is left out'
for how in '--baseline optimizer=adam' --matrix; do
    # shellcheck disable=SC2086 # an option and its value
    output '1 pair left out, as a run in it diverged or failed' "which is said: $how" compare lost --group-by optimizer $how
done
output 'no pairs of sgd, lr 1e+30 and adam, lr 0.001: sgd, lr 1e+30 has no completed run with a valid_accuracy' 'a group that diverged has no pairs' compare lost --pairs

# Where each group lost a run there is no deviation to pool, and what has no interval does not tie.
for optimizer in sgd adam; do
    for seed in 1 2; do
        run run base.yaml -q -o "none/$optimizer-$seed" seed=$seed optimizer=$optimizer
    done
    run run base.yaml -q -o "none/$optimizer-away" optimizer=$optimizer optimizer.lr=1e30
done
output 'up to 3 runs have no interval here, and so no rank' 'without an interval no rank' compare none --group-by optimizer
[ "$(grep -c '^– ' out)" -eq 2 ]
ok $? 'of any group'
run compare none --group-by optimizer --format latex
{ [ "$code" -eq 0 ] && ! grep -qi 'bold\|textbf' out; }
ok $? 'latex: nothing in bold'

# Two pairs whose differences are equal: an interval of no width beside a p of 0.5 misleads.
for seed in 1 2; do
    run run base.yaml -q -o equal/still-$seed seed=$seed optimizer.lr=0 model.init=zeros
    run run base.yaml -q -o equal/other-$seed seed=$seed optimizer.lr=0 model.init=zeros train.batch_size=25
done
output '25 2 0.00 ± 0.00 – 1 0.5 1' 'equal differences have no interval' compare equal --baseline batch_size=50
prints 'differences that are all equal have no interval' 'which is said'

# ---- Markdown and LaTeX ----

run compare lost runs --where 'lr < 1' --format markdown --baseline optimizer=adam --metric test_accuracy
prints 'intervals of up to 3 runs: by the deviation pooled over' 'markdown: by what intervals are'
prints '\# ties with the best of its rank' 'markdown: a note is no heading'
prints 'p (Holm) cannot come down to 0.05' 'markdown: too few pairs'
run compare lost runs --where 'lr < 1' --format latex --baseline optimizer=sgd,lr=0.1 --metric test_accuracy
prints 'Intervals of up to 3 runs: by the deviation pooled over' 'latex: by what intervals are'
grep -q '^% warning: in . of . rows p (Holm) cannot come down to 0.05' out
ok $? 'latex: too few pairs'
run compare lost runs --where 'lr < 1' --format latex --metric test_loss --baseline optimizer=adam
{ [ "$code" -eq 0 ] && grep -qF ' & $-$0.' out && ! grep -qE '[ &]-[0-9]' out; }
ok $? 'latex: a minus is one'
for how in latex markdown; do
    output 'p by sign flips, by Holm over all 3 pairs of groups' "$how: a matrix names its test" compare lost runs --where 'lr < 1' --matrix --format $how
done
# One group of three whose deviation is more than half of all.
cat >wild.yaml <<'EOF'
extends: base.yaml
sweep:
  list: [{optimizer.lr: 0.001}, {optimizer.lr: 0.002}, {optimizer.lr: 300}]
  seeds: 2
EOF
run sweep wild.yaml -q -o wild
output 'more than half of its square' 'one group makes the intervals' compare wild --metric valid_loss
output 'More than half of its square is that of one group: lr 300.' 'latex: the same' compare wild --metric valid_loss --format latex
cat >wide.yaml <<'EOF'
extends: base.yaml
optimizer: sgd
model: {init: zeros}
sweep:
  list: [{optimizer.lr: 0}, {optimizer.lr: 0.000001}, {optimizer.lr: 0.3, model.init: pytorch}]
  seeds: 2
EOF
run sweep wide.yaml -q -o wide
run compare wide
grep -A 1 'more than half of its square' out | sed -n 2p >wild-one
run report wide --no-plots -o wide.html
{ [ "$code" -eq 0 ] && [ -s wild-one ] && grep -qF "More than half of the square of the pooled deviation is that of one group: $(cat wild-one)." wide.html; }
ok $? 'and on a report'
# Of three deviations one is mostly most of the square: 5, 6 and 10 points of three runs each are no outlier.
cat >even.yaml <<'EOF'
extends: base.yaml
sweep:
  list: [{optimizer.lr: 0.1}, {optimizer.lr: 0.2}, {optimizer.lr: 0.3}]
  seeds: 3
EOF
run sweep even.yaml -q -o even
run compare even --metric test_accuracy
{ [ "$code" -eq 0 ] && ! grep -q 'more than half of its square' out; }
ok $? 'the widest of three that are much alike is no outlier'
# ---- lists of names ----

run compare runs --columns n,interval --format csv
{ [ "$code" -eq 0 ] && head -n 1 out | grep -q ',n,valid_accuracy.low,valid_accuracy.high$'; }
ok $? 'an interval for programs: two columns'
run compare runs --columns valid_accuracy,interval --format csv
{ [ "$code" -eq 0 ] && [ "$(head -n 1 out | tr ',' '\n' | grep -c '\.low$')" -eq 1 ]; }
ok $? 'which stand once beside its figure'
message 2 "the column 'rank' is named twice: once is enough" 'a column twice' compare runs --columns rank,rank
message 2 "the column 'final.valid_loss' is named twice" 'a column under two names' compare runs --columns valid_loss,final.valid_loss
message 2 "'optimizer.name' is named twice: once is enough" 'a key twice' compare runs --group-by optimizer.name,optimizer.name
message 2 "'optimizer' and 'optimizer.name' are one key: name it once" 'a key under two names' compare runs --group-by optimizer,optimizer.name
message 2 "'--columns' needs NAME[,NAME], not an empty one" 'no column' compare runs --columns ''
message 2 "'--group-by' needs KEY[,KEY], not an empty one" 'no key' compare runs --group-by=,
message 2 "'--over' needs KEY[,KEY], not an empty one" 'no key of a figure' plot runs --over ''

# ---- figures that runs do not have ----

output '35 completed runs have no grad_norm, such as published:lecture: what was not evaluated, or not kept, does not count' \
    'published runs without the figure' compare runs --against published:lecture --metric grad_norm
message 0 '35 completed runs have no grad_norm' 'the same beside csv' compare runs --against published:lecture --metric grad_norm --format csv
for seed in 1 2 3; do
    run run base.yaml -q -o small/$seed seed=$seed optimizer.lr=0.005
done
run compare small --metric lr
prints '0.005 ± 0 ' 'equal values have no deviation'

# ---- what a budget buys ----

cat >halving.yaml <<'EOF'
extends: base.yaml
train: {epochs: 4}
sweep:
  grid: {optimizer.lr: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]}
  halving: {metric: valid_accuracy, eta: 3, first: 1}
EOF
run sweep halving.yaml -q -o halving
run compare halving --budget --format csv
python3 - halving 2>why <<'EOF'
import csv, json, glob, sys
# Pruned settings are trials: the mean of all is what one trial is expected to give.
runs = [json.load(open(f)) for f in glob.glob(sys.argv[1] + "/*/run.json")]
v = [r["metrics"]["final"]["valid_accuracy"] for r in runs]
row = next(csv.DictReader(open("out")))
pruned = sum(r["status"] == "pruned" for r in runs)
assert len(v) == 6 and pruned > 2 and (row["trials"], row["pruned"]) == ("6", str(pruned)), row
assert abs(float(row["best_of_1.mean"]) - sum(v) / 6) < 1e-8, row
EOF
ok $? 'settings that halving gave up are trials'
run plot halving --kind budget -o budget.png
run extract budget.png -o budget
{ [ "$code" -eq 0 ] && python3 - budget/budget.csv halving 2>why <<'EOF'
import csv, glob, json, sys
best = max(json.load(open(f))["metrics"]["final"]["valid_accuracy"] for f in glob.glob(sys.argv[2] + "/*/run.json"))
highs = [float(r["y"]) for r in csv.DictReader(open(sys.argv[1])) if r["curve"].endswith("high")]
assert len(highs) == 6 and max(highs) < best + 1e-9, (highs, best)
EOF
}
ok $? 'no band above the best of all'

# ---- on the way to a target ----

target=$(for seed in 1 2; do tail -n 1 runs/0.2-$seed/epochs.csv | cut -d, -f12; done | sort | tail -n 1)
output "over the runs alone that reached" 'a mean over some of the runs: said' compare runs --where 'lr > 0.15' --target "valid_accuracy=$target"
prints "valid_accuracy ≥ $target; how long the others would take is not known" 'with what they reached'
run plot runs --kind target --target "valid_accuracy=$target" --over lr -o target.svg
{ [ "$code" -eq 0 ] && grep -q '>some runs reached it: the mean of these<' target.svg; }
ok $? 'and on a figure'
run compare runs --target valid_accuracy=0.01
{ [ "$code" -eq 0 ] && ! grep -q 'runs alone' out; }
ok $? 'of all runs nothing is said'

# ---- many keys on a page ----

output '# dataset optimizer momentum weight_decay n valid % 95 % interval' 'keys give way to the figures' compare runs/0.1-1 --against published:lecture
tr -s ' ' <out | grep -q '^# epochs batch_size$'
ok $? 'and follow below'

# ---- tests ----

cat >many.yaml <<'END'
extends: base.yaml
model: {hidden: []}
train: {epochs: 1, batch_size: 100}
sweep:
  list: [{optimizer.lr: 0.1}, {optimizer.lr: 0.2}, {optimizer.lr: 0.3}]
  seeds: 41
END
run sweep many.yaml -q -o many
few="(seed < 148 and lr < 0.25 or seed < 130)" # 25 seeds, of the third 7: the first is 123
tests_of() { # the column of the tests of a csv, each once
    python3 -c 'import csv; print(*sorted({r["test"] for r in csv.DictReader(open("out"))}), sep=", ")'
}
run compare many --where "$few" --matrix --format csv
[ "$(tests_of)" = Wilcoxon ]
ok $? 'one test for a whole family: Wilcoxon where some have more than 20 pairs'
run compare many --where "$few" --baseline lr=0.1 --format csv
[ "$(tests_of)" = Wilcoxon ]
ok $? 'and against a reference'
run compare many --where "seed < 130" --matrix --format csv
[ "$(tests_of)" = 'sign flips' ]
ok $? 'sign flips of few pairs'
run compare many --where "$few" --matrix --format csv --test permutation
[ "$(tests_of)" = 'sign flips' ]
ok $? 'sign flips of 25 pairs where they are asked for'
run compare many --where 'seed < 148 and lr < 0.25' --pairs --metric valid_loss --test permutation --format csv
[ "$(tests_of)" = 'sign flips' ] && sed -n 2p out | cut -d, -f7 >flips && "$descent" compare many --where 'seed < 148 and lr < 0.25' --runs --metric valid_loss --format csv >runs.csv && python3 - flips runs.csv 2>why <<'END'
import csv, itertools, sys
runs = {}
for r in csv.DictReader(open(sys.argv[2])):
    runs.setdefault(r["seed"], {})[r["optimizer.lr"]] = float(r["valid_loss"])
d = [v["0.1"] - v["0.2"] for v in runs.values()]
assert len(d) == 25
# A sum is a sum over 12 and one over 13: count by bisection.
from bisect import bisect_left
halves = [sorted(sum(s * x for s, x in zip(sign, part)) for sign in itertools.product((1, -1), repeat=len(part))) for part in (d[:12], d[12:])]
limit = abs(sum(d)) - 1e-10 * sum(map(abs, d))
p = 2 * sum(len(halves[1]) - bisect_left(halves[1], limit - x) for x in halves[0]) / 2 ** 25
assert abs(float(open(sys.argv[1]).read()) / p - 1) < 1e-8, p
END
ok $? 'their p: that of all signs'
# Twenty pairs and five: Holm's step for the five is 1 x 2^-4, and of six pairs 2^-5, less than 0.05.
unlike='lr < 0.15 or lr < 0.25 and seed >= 128 and seed < 148 or lr > 0.25 and seed < 128'
run compare many --where "$unlike" --baseline lr=0.1
tr -s '\n ' ' ' <out | grep -q 'in 1 of 2 rows p (Holm) cannot come down to 0.05, whatever the figures: that takes 6 pairs'
ok $? 'how many pairs a row of few needs'
run compare many --where "$unlike" --matrix
tr '\n' ' ' <out | grep -q 'for 1 of them p cannot come down to 0.05, whatever the figures: that takes 6 pairs of runs'
ok $? 'and a matrix'
output 'below the diagonal p by sign flips, by Holm over all 3 pairs' 'a matrix names its test' compare many --where 'seed < 130' --matrix
for how in --pairs --matrix; do
    message 2 "there are 41 pairs, and the permutation test goes through all their signs, of at most 40 pairs: '--test wilcoxon' takes" "$how: too many pairs for sign flips" compare many $how --test permutation
done

# ---- which epochs "best" figures are of ----

for seed in 1 2; do
    for best in valid_accuracy valid_loss null; do
        run run base.yaml -q -o "best/$best/$seed" seed=$seed train.epochs=6 optimizer.lr=1 checkpoint.best=$best
    done
done
one='best figures are of the epoch with the best valid_loss (checkpoint.best)'
output "$one" 'best epochs by another figure than the accuracy' compare best/valid_loss
run compare best/valid_accuracy
! grep -q 'best figures' out
ok $? 'those by the accuracy are what they are called'
mkdir best/both
cp -r best/valid_accuracy/1 best/both/1
cp -r best/valid_loss/2 best/both/2
output 'best figures are of epochs chosen in several ways, which do not compare' 'best epochs by several figures in one table' compare best/both
run compare best/null best/valid_loss --columns best.valid_accuracy --format csv
cp out after
run compare best/valid_loss best/null --columns best.valid_accuracy --format csv
grep -q '[0-9]$' out && cmp out after >why 2>&1
ok $? 'of copies the one with a best epoch is told, in any order'
run compare best/valid_accuracy best/valid_loss
if [ "$(json best/valid_accuracy/1/run.json 'j["metrics"]["best"]["epoch"]')" = "$(json best/valid_loss/1/run.json 'j["metrics"]["best"]["epoch"]')" ] &&
    [ "$(json best/valid_accuracy/2/run.json 'j["metrics"]["best"]["epoch"]')" = "$(json best/valid_loss/2/run.json 'j["metrics"]["best"]["epoch"]')" ]; then
    skip 'copies with another best epoch' 'they have the same'
else
    prints 'had another best epoch, as checkpoint.best differs' 'copies with another best epoch'
fi

# ---- the number of runs is that of the column ----

for seed in 1 2 3; do
    run run base.yaml -q -o "sorted/lost-$seed" seed=$seed optimizer.lr=1e30
    run run base.yaml -q -o "sorted/few-$seed" seed=$seed optimizer.lr=0.2
done
rm -r sorted/few-3
run compare sorted --sort n --columns n --format csv
{ [ "$code" -eq 0 ] && awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "n") k = i } NR > 1 { print $k }' out | tr '\n' ' ' | grep -qx '2 0 '; }
ok $? 'sorted by n: as the column has it'

# ---- settings without an effect ----

run run base.yaml -q -o effect/plain
run run base.yaml -q -o effect/nothing 'optimizer.groups=[{tensors: bias, lr: 1}]'
run run base.yaml -q -o effect/average 'average={name: ema, decay: 0.9}'
run run base.yaml -q -o effect/images dataset.test_limit=150
message 0 'effect/nothing has those of effect/plain, to the bit' 'a setting that changes nothing' compare effect/plain effect/nothing
for changed in average images; do
    run compare effect/plain "effect/$changed"
    { [ "$code" -eq 0 ] && ! grep -q 'made no difference' err; }
    ok $? "$changed: the same weights, other figures"
done

# ---- times that are not known ----

mkdir timed
cp -r effect/plain timed/whole
run run base.yaml -q -o timed/lost seed=7
rm timed/lost/timing.csv
run compare timed --target 'train_loss=100'
{ [ "$code" -eq 0 ] && grep -qx 'seconds: of the 1 of 2 runs alone whose times are known' out; }
ok $? 'times that are lost are not those of published results'

plan
