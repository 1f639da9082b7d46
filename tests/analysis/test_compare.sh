#!/bin/sh
# compare and plot on runs of small synthetic digits; speaks TAP.
#
#     test_compare.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
own_folder

draws() { # FILE TITLE: the file is named on stdout and is a sound figure
    { [ "$code" -eq 0 ] && [ "$(cat out)" = "figure $1" ] && "$descent" inspect "$1" >out 2>err; }
    ok $? "$2"
}

cat >base.yaml <<'END'
name: base
dataset: {name: digits, train_limit: 300, validation: 100, test_limit: 100}
model: {name: mlp, hidden: [16]}
train: {epochs: 3, batch_size: 50}
optimizer: {name: sgd, lr: 0.1}
checkpoint: {every: 0, keep: 0}
plots: false
END
for seed in 1 2 3; do
    for batch in 25 50; do
        run run base.yaml -q -o "runs/sgd-$batch-$seed" seed=$seed train.batch_size=$batch
        run run base.yaml -q -o "runs/adam-$batch-$seed" seed=$seed train.batch_size=$batch 'optimizer={name: adam, lr: 0.01}'
    done
done
run run base.yaml -q -o runs/sgd-lost seed=1 train.batch_size=25 optimizer.lr=1e30

# ---- compare ----

output '13 runs in 5 groups, 12 completed' 'all runs of a folder' compare runs
prints ' sgd 1e+30 25 0 1 – –' 'a group that diverged has no figures'
awk '{ gsub(/[\200-\277]/, ""); if (length($0) > 80) bad = 1 } END { exit bad }' out
ok $? 'no line is longer than 80 columns'
for how in --matrix --pairs --budget '--sensitivity batch_size' '--profile seed' --runs; do
    # shellcheck disable=SC2086 # an option and its value
    run compare runs --where 'lr < 1' $how
    [ "$code" -eq 0 ] && awk '{ gsub(/[\200-\277]/, ""); if (length($0) > 80) bad = 1 } END { exit bad }' out
    ok $? "nor of compare $how"
done
output '2 runs in 1 group' 'run folders, one of them twice' compare runs/sgd-25-1 runs/sgd-25-2/ runs/sgd-25-1
output '3 runs in 1 group' 'a condition' compare runs --where 'optimizer == "adam" and batch_size < 50'
output 'groups mix runs that differ in train.batch_size too' 'grouping by one key of two is said' compare runs --group-by optimizer --where 'lr < 1'
output '± is over run seeds: it says nothing of other test images' 'what ± is over: seeds' compare runs --where 'lr < 1'
for split in 1 2; do
    run run base.yaml -q -o "splits/$split" dataset.validation_split=random dataset.split_seed=$split
    run run base.yaml -q -o "coupled/$split" dataset.validation_split=random seed=$split
    run run base.yaml -q -o "both/$split" dataset.validation_split=random seed=$split dataset.split_seed=$split
    run run base.yaml -q -o "tail/$split" seed=$split
    run run base.yaml -q -o "folds/$split" dataset.folds=3 dataset.fold=$split '~dataset.validation'
done
output '± is over split seeds: other images are held out' 'what ± is over: split seeds' compare splits --group-by optimizer
output '± is over run seeds and split seeds together' 'what ± is over: both' compare both --group-by optimizer
output 'each with a validation split of its own' 'what ± is over: seeds that split too' compare coupled
output '± is over run seeds: it says' 'what ± is over: not a split that no seed makes' compare tail --group-by optimizer
run compare folds --group-by optimizer
{ [ "$code" -eq 0 ] && grep -q '± is over folds: other' out && ! grep -q 'groups mix' out; }
ok $? 'what ± is over: folds'
output 'folds are groups of their own: --group-by optimizer averages over them' 'how to average over folds' compare folds
output 'split seeds are groups of their own: --group-by optimizer averages over them' 'and over split seeds' compare splits
run compare folds --group-by optimizer,fold
{ [ "$code" -eq 0 ] && ! grep -q 'of their own' out; }
ok $? 'which is not said of folds that were asked for'

# Of settings that are equal the first in the spec's order is chosen, by sweep --tune and by compare: rates so small that nothing is learned.
run sweep base.yaml -q -o tie --tune --reruns 1 train.epochs=1 'sweep={grid: {optimizer.lr: [1e-9, 1e-12, 1e-10], seed: [1, 2]}}'
[ "$code" -eq 0 ] && [ "$(sed -n 2p tie/tuned.csv | cut -d, -f1,2)" = sgd,1e-09 ]
ok $? 'a tie: sweep --tune takes the first of the spec'
run compare tie --best-per optimizer --format csv
[ "$code" -eq 0 ] && [ "$(wc -l <out)" -eq 2 ] && [ "$(sed -n 2p out | cut -d, -f2)" = 1e-09 ]
ok $? 'a tie: so does --best-per'
run compare tie --sensitivity lr --format csv
[ "$code" -eq 0 ] && [ "$(sed -n 2p out | cut -d, -f1)" = 1e-09 ]
ok $? 'and --sensitivity'
run compare tie --pairs --format csv
[ "$code" -eq 0 ] && [ "$(cut -d, -f1 out | tr '\n' ' ')" = 'optimizer.lr 1e-12 1e-10 ' ]
ok $? 'and --pairs, whose reference it is'

# A key that takes no effect where it stands makes groups of runs that are one run: that is said, each time.
for activation in relu tanh; do
    for seed in 1 2; do
        run run base.yaml -q -o "idle/$activation-$seed" model.hidden=[] model.activation=$activation seed=$seed
    done
done
idle='2 runs have the final weights and figures of another run with other settings: idle/tanh-1 has those of idle/relu-1, to the bit; model.activation made no difference (equal in effect, or without one here)'
alike() { # TITLE ARGUMENT ...
    idle_title=$1
    shift
    run "$@"
    { [ "$code" -eq 0 ] && grep -qF "$idle" err; }
    ok $? "$idle_title"
}
alike 'a key without effect is said: table' compare idle
alike 'a key without effect is said: csv' compare idle --format csv
alike 'a key without effect is said: figure' plot idle -o idle.svg
run sweep base.yaml -q -o idle-sweep 'model.hidden=[]' 'sweep.grid={model.activation: [relu, tanh]}'
run report idle-sweep -o idle.html
{ [ "$code" -eq 0 ] && grep -q '1 run has the final weights and figures of another run with other settings: .*model.activation made no difference' idle.html; }
ok $? 'a key without effect is said: report'
run run base.yaml -q -o equal/sgd optimizer='{name: sgd, lr: 0.1, momentum: 0.9}'
run run base.yaml -q -o equal/momentum optimizer='{name: momentum, lr: 0.1, momentum: 0.9}'
message 0 'equal/sgd has those of equal/momentum, to the bit; optimizer.name' 'nor is more said of equal settings' compare equal
run compare runs --where 'lr < 1'
{ [ "$code" -eq 0 ] && ! grep -q 'made no difference' err; }
ok $? 'of keys that have one nothing is said'
mkdir sortn
for seed in 1 2 3 4; do
    run run base.yaml -q -o "sortn/lost-$seed" train.epochs=1 seed=$seed optimizer.lr=1e30
done
for seed in 1 2; do
    run run base.yaml -q -o "sortn/whole-$seed" train.epochs=1 seed=$seed
done
run compare sortn --sort n --columns n --format csv
[ "$code" -eq 0 ] && [ "$(sed 1d out | sed 's/.*,//' | tr '\n' ' ')" = '2 0 ' ]
ok $? 'runs that diverged do not count for it'
output 'target.steps.mean' 'a target' compare runs --target valid_accuracy=0.2 --where 'lr < 1' --format csv
output 'minus that of the best group' 'pairs' compare runs --where 'lr < 1' --pairs
run compare runs --sort batch_size --format csv
[ "$(sed -n '2,$p' out | cut -d, -f4 | tr '\n' ' ')" = '25 25 25 50 50 ' ]
ok $? 'sorted by a key'
output '| # | optimizer | lr | batch\_size | n | diverged | train\_loss |' 'markdown, another metric' compare runs --metric train_loss --format markdown
output '\begin{tabular}{rlrrrrrrrrrr}' 'latex' compare runs --format latex
output '"metric": "valid_accuracy"' 'json' compare runs --format json
run compare runs --format csv -o table.csv
{ [ "$code" -eq 0 ] && [ ! -s out ] && [ "$(wc -l <table.csv)" -eq 6 ]; }
ok $? '-o writes a file'
for ending in csv md tex json txt; do
    run compare runs -o "by.$ending"
done
{ [ "$(head -c 5 by.csv)" = 'rank,' ] && [ "$(head -c 3 by.md)" = '| #' ] && [ "$(head -c 6 by.tex)" = '\begin' ] &&
    [ "$(head -c 1 by.json)" = '{' ] && [ "$(head -c 3 by.txt)" = '#  ' ]; }
ok $? 'in the format of its ending'
run compare runs --format csv -o by.md
[ "$(head -c 5 by.md)" = 'rank,' ]
ok $? 'unless another is named'

# The table's mean is that of the runs' epochs.csv.
mean=$(for seed in 1 2 3; do tail -n 1 "runs/adam-25-$seed/epochs.csv" | cut -d, -f12; done | awk '{ s += $1 } END { printf "%.6f", s / 3 }')
run compare runs --where 'optimizer == "adam" and batch_size == 25' --format csv
[ "$(sed -n '2p' out | cut -d, -f8 | awk '{ printf "%.6f", $1 }')" = "$mean" ]
ok $? 'the mean is that of the runs'

# Profiles, worked out again from epochs.csv: mean updates to a target over three seeds, at two batch sizes.
for optimizer in adam sgd; do
    for batch in 25 50; do
        for seed in 1 2 3; do
            awk -F, -v o=$optimizer -v b=$batch 'NR > 1 && $12 >= 0.2 { print o, b, $2; exit }' runs/$optimizer-$batch-$seed/epochs.csv
        done
    done
done | awk '{ n[$1, $2]++; sum[$1, $2] += $3 }
    END {
        split("25 50", batch)
        split("1 1.25 1.5 2 4 8", tau)
        for (i = 1; i <= 2; i++) {
            a = n["adam", batch[i]] == 3 ? sum["adam", batch[i]] : 1e99
            s = n["sgd", batch[i]] == 3 ? sum["sgd", batch[i]] : 1e99
            least = a < s ? a : s
            for (t = 1; t <= 6; t++) {
                adam[t] += a < 1e99 && a <= tau[t] * least + 1e-9
                sgd[t] += s < 1e99 && s <= tau[t] * least + 1e-9
            }
        }
        for (t = 1; t <= 6; t++) { x = x "," adam[t] / 2; y = y "," sgd[t] / 2 }
        print "adam" x; print "sgd" y
    }' >expected
run compare runs --where 'lr < 1' --profile batch_size --group-by optimizer --target valid_accuracy=0.2 --format csv
{ [ "$code" -eq 0 ] && sed -n '2,$p' out | cut -d, -f1-7 | sort | diff expected -; } >why 2>&1
ok $? 'performance profiles: as from the rows of epochs.csv'
output 'epochs to valid_accuracy=0.2' 'performance profiles: another cost' compare runs --where 'lr < 1' --profile batch_size --target valid_accuracy=0.2 --cost epochs
# Twins on their way to a target, counted anew from epochs.csv: adam against sgd, both at two batch sizes.
for batch in 25 50; do
    for seed in 1 2 3; do
        for optimizer in adam sgd; do
            awk -F, 'NR > 1 && $12 >= 0.2 { print $2; exit }' runs/$optimizer-$batch-$seed/epochs.csv | grep . || echo never
        done | tr '\n' ' '
        echo
    done
done | awk '{ if ($1 == "never" && $2 == "never") neither++; else if ($2 == "never" || $1 != "never" && $1 + 0 < $2 + 0) sooner++
              else if ($1 == "never" || $1 + 0 > $2 + 0) later++ }
    END { print 6 "," sooner + 0 "," later + 0 "," neither + 0 }' >expected
run compare runs --where 'lr < 1' --target valid_accuracy=0.2 --group-by optimizer --baseline optimizer=sgd --format csv
{ [ "$code" -eq 0 ] && head -n 1 out | grep -q 'target.pairs,target.sooner,target.later,target.neither,target.untold,' &&
    sed -n 2p out | cut -d, -f"$(head -n 1 out | tr ',' '\n' | awk '$1 == "target.pairs" { print NR "-" NR + 3 }')" | diff expected -; } >why 2>&1
ok $? 'pairs on their way to a target: as from the rows of epochs.csv'
run compare runs --where 'lr < 1' --target valid_accuracy=0.2 --baseline optimizer=sgd,batch_size=25 --cost epochs
prints 'epochs to valid_accuracy ≥ 0.2, of the same pairs; p by Wilcoxon' 'the same for readers, in epochs'
output 'neither: both runs never got there' 'a target that nobody reached' compare runs --where 'lr < 1' --target valid_accuracy=1 --baseline optimizer=sgd,batch_size=25
message 2 "'--cost' belongs to '--profile' or '--pairs'" 'a cost without pairs' compare runs --where 'lr < 1' --target valid_accuracy=0.2 --cost epochs
run compare runs --sensitivity lr --group-by optimizer,lr --format json
tr '\n' ' ' <out >flat && mv flat out
prints '"factor": 1, "lost": 1, "tried": 2 } ]' 'sensitivity, as JSON'
output 'the best by valid_accuracy for each value of optimizer' 'the best of each optimizer' compare runs --best-per optimizer
run compare runs --best-per optimizer --format csv
[ "$(wc -l <out)" -eq 3 ]
ok $? 'and nothing else'
message 2 'chosen by test figures' 'the best are not chosen by test figures' compare runs --best-per optimizer --metric test_accuracy
output '≤ 1 ≤ 1.05 ≤ 1.1 ≤ 1.25 ≤ 1.5 ≤ 2 solved' 'performance profiles: of final errors, which lie closer together' compare runs --profile batch_size --group-by optimizer
message 2 'one table at a time' 'two tables at once' compare runs --profile batch_size --sensitivity lr
message 2 "'--cost' belongs to" 'a cost without a target' compare runs --profile batch_size --cost steps
message 2 'no solvers to compare' 'a profile of nothing' compare runs/adam-25-1 runs/adam-25-2 --profile seed

message 2 'chosen by test figures' 'nor by those of the best epoch' compare runs --best-per optimizer --metric best.test_loss
message 2 'chosen by test figures' 'sensitivity: not by test figures' compare runs --sensitivity lr --metric test_accuracy
message 2 '--baseline' 'pairs: a reference is not chosen by test figures' compare runs --where 'lr < 1' --pairs --metric test_accuracy
output 'minus that of the baseline' 'but may be named' compare runs --where 'lr < 1' --pairs --metric test_accuracy --baseline optimizer=sgd,batch_size=25
ends_with 0 'a table may be ranked by them' compare runs --where 'lr < 1' --metric test_accuracy
run compare runs --where 'lr < 1' --pairs --group-by optimizer --format csv
[ "$(sed -n 2p out | cut -d, -f2)" = 6 ]
ok $? 'pairs: of every batch size and seed'
run compare runs --where 'lr < 1' --matrix --format csv
{ [ "$code" -eq 0 ] && [ "$(wc -l <out)" -eq 7 ]; }
ok $? 'all pairs of four groups'
run compare runs --where 'lr < 1' --budget --format csv
{ [ "$code" -eq 0 ] && [ "$(cut -d, -f2 out | tr '\n' ' ')" = 'trials 2 2 ' ]; }
ok $? 'what a budget buys: two settings of each optimizer'
run compare runs --where 'lr < 1' --runs --format csv
{ [ "$code" -eq 0 ] && [ "$(wc -l <out)" -eq 13 ]; }
ok $? 'a row a run'
run compare runs --columns n,test_accuracy --format csv
[ "$(head -n 1 out)" = 'optimizer.name,optimizer.lr,train.batch_size,n,test_accuracy.mean,test_accuracy.sd,test_accuracy.low,test_accuracy.high,test_accuracy.n' ]
ok $? 'chosen columns'
mkdir mixed && cp -r runs/adam-25-1 runs/adam-25-2 mixed && touch mixed/README
run run base.yaml -q -o mixed/quick seed=1 train.batch_size=25 'optimizer={name: adam, lr: 0.01}' threads=2 log.steps=1
run compare runs mixed/* --where 'optimizer == "adam" and batch_size == 25'
{ [ "$code" -eq 0 ] && grep -q '^3 runs in 1 group' out && grep -q '^3 runs left out, the same as others, for example: mixed/adam-25-1 is runs/adam-25-1$' out &&
    grep -q '1 without a run skipped: mixed/README' err; }
ok $? 'copies and runs that differ in nothing that matters count once; what is no run is skipped; both said'
output '4 runs in 2 groups' 'but what is asked for is told apart' compare runs mixed --where 'optimizer == "adam" and batch_size == 25' --group-by threads
message 0 '1 run left out, the same as another' 'plot: the same' plot mixed --kind strip -o strip.png
message 3 'no such folder: nothing' 'a folder that is not there' compare nothing
mkdir empty
message 3 'empty holds no run' 'a folder without runs' compare empty
message 2 'base.yaml is a spec, not a folder' 'a file' compare base.yaml
message 2 'which folders?' 'no folder' compare
message 2 "which folders are to stand beside it? 'descent compare FOLDER --against published:digits'" 'published results alone' compare --against published:digits
for command in compare plot; do
    message 2 "published:digits is no folder: 'descent compare FOLDER --against published:digits' puts it beside runs" "$command of published results" $command published:digits
done
message 2 "did you mean 'valid_accuracy'?" 'a metric that is none' compare runs --metric valid_acuracy
message 2 "did you mean 'optimizer.lr'?" 'a key that is none' compare runs --group-by optimzer.lr
message 2 "did you mean 'optimizer'?" 'a section of a name that is none' compare runs --group-by optimiser
message 2 "'train' may be evaluate.train or a key of the section, such as train.batch_size" 'a section that is the end of a key elsewhere' compare runs --group-by train
message 2 '^' 'a condition that is none' compare runs --where 'lr >'
message 2 'no run has lr == 77' 'a condition that leaves nothing' compare runs --where 'lr == 77'
message 2 "did you mean 'table'?" 'a format that is none' compare runs --format tabel
message 2 "no spec here has a key 'nothing'" 'an order that is none' compare runs --sort nothing
message 2 'a fraction from 0 to 1' 'a target in per cent' compare runs --target valid_accuracy=97

# ---- plot ----

run plot runs
draws runs/curves.png 'curves of all groups'
# Help names the kinds that take an option, as the refusal does.
for option in 'x step' 'panels lr' 'band sd' 'smooth 3' 'target valid_loss=1'; do
    run plot runs --kind loss --"${option% *}" "${option#* }"
    kinds=$(sed -n "s/.* belongs to '--kind \(.*\), not to .*/\1/p" err | tr -d "',")
    run plot --help
    said=$(tr '\n' ' ' <out | sed "s/.*  --${option% *} //; s/  --.*//")
    missing=
    for kind in $kinds; do
        case " $said " in
            *" $kind"[\ ,:\;]*) ;;
            *) [ "$kind" = or ] || missing="$missing $kind" ;;
        esac
    done
    [ -n "$kinds" ] && [ -z "$missing" ]
    ok $? "help of --${option% *} names its kinds$missing"
done
run plot runs --kind heatmap
draws runs/heatmap.png 'heat maps'
run plot runs --kind sensitivity --over batch_size -o a.png
draws a.png 'sensitivity'
run plot runs --kind strip -o a.png
draws a.png 'a strip plot'
run plot runs --kind box -o box.png
run extract box.png -o box
{ [ "$code" -eq 0 ] && python3 - runs box/box.csv <<'EOF'
import csv, glob, json, sys
# The medians of the boxes are those of the runs, by Python's statistics.
from statistics import median
rows = list(csv.DictReader(open(sys.argv[2])))
dots, medians = {}, {}
for r in rows:
    name = r["curve"]
    if name.endswith(", median"):
        medians[name[:-8]] = float(r["x"])
    elif not name.endswith(", quartiles"):
        dots.setdefault(name, []).append(float(r["x"]))
assert medians and all(abs(median(dots[k]) - v) < 1e-12 for k, v in medians.items()), (dots, medians)
EOF
}
ok $? 'boxes: the medians of the runs'
run plot runs --where 'lr < 1' --group-by optimizer --kind violin --metric valid_loss --log none -o violin.png
run extract violin.png -o violin
{ [ "$code" -eq 0 ] && python3 - violin/violin.csv <<'EOF'
import csv, math, sys
# A Gaussian kernel of Silverman's width, from the least run to the most, 0.4 where it is highest.
from statistics import quantiles, stdev
curves = {}
for r in csv.DictReader(open(sys.argv[1])):
    curves.setdefault(r["curve"], []).append((float(r["x"]), float(r["y"])))
for name in "sgd", "adam":
    v = [x for x, _ in curves[name]]
    q = quantiles(v, n=4, method="inclusive")
    width = 0.9 * min(stdev(v), (q[2] - q[0]) / 1.34) * len(v) ** -0.2
    line, high = curves[name + ", density"], curves[name + ", density, high"]
    low = curves[name + ", density, low"]
    density = [sum(math.exp(-((x - a) / width) ** 2 / 2) for a in v) for x, _ in line]
    assert len(v) == 6 and math.isclose(line[0][0], min(v)) and math.isclose(line[-1][0], max(v))
    for (_, y), (_, up), (_, down), d in zip(line, high, low, density):
        assert abs(up - y - 0.4 * d / max(density)) < 1e-9 and abs(up + down - 2 * y) < 1e-9
    assert abs(curves[name + ", median"][0][0] - q[1]) < 1e-12
EOF
}
ok $? 'violins: the density of the runs, by another computation'
run plot runs --kind violin -o few.png
run extract few.png -o few
{ [ "$code" -eq 0 ] && ! grep -q density few/few.csv && grep -q '95 % interval' few/few.csv; }
ok $? 'of few runs a violin is a strip'
run plot runs --where 'lr < 1' --kind budget -o budget.png
run extract budget.png -o budget
"$descent" compare runs --where 'lr < 1' --budget --format csv >budget.csv
{ [ "$code" -eq 0 ] && python3 - budget.csv budget/budget.csv <<'EOF'
import csv, sys
table = {r["optimizer.name"]: r for r in csv.DictReader(open(sys.argv[1]))}
seen = 0
for r in csv.DictReader(open(sys.argv[2])):
    if r["curve"] in table and r["x"] in ("1", "2"):
        assert abs(float(r["y"]) - float(table[r["curve"]]["best_of_%s.mean" % r["x"]])) < 1e-8, r
        seen += 1
assert seen == 4, seen
EOF
}
ok $? 'budget: the curves of the table'
run plot runs --where 'lr < 1' --kind profile -o profile.png
run extract profile.png -o profile
"$descent" compare runs --where 'lr < 1' --profile seed --format csv >profile.csv
{ [ "$code" -eq 0 ] && python3 - profile.csv profile/profile.csv <<'EOF'
import csv, sys
# rho(tau) of the table: the last step at or before tau.
table = list(csv.DictReader(open(sys.argv[1])))
steps = {}
for r in csv.DictReader(open(sys.argv[2])):
    steps.setdefault(r["curve"], []).append((float(r["x"]), float(r["y"])))
assert len(steps) == len(table) > 1
for r in table:
    name = "%s, batch_size %s" % (r["optimizer.name"], r["train.batch_size"])
    curve = steps[name]
    for tau in (1, 1.25, 2):
        rho = max(y for x, y in curve if x <= tau * (1 + 1e-12))
        assert abs(rho - float(r["rho.%g" % tau])) < 1e-8, (name, tau, rho)
EOF
} 2>why
ok $? 'profile: the shares of the table'
run plot runs --where 'lr < 1' --kind ranks -o ranks.png
run extract ranks.png -o ranks
{ [ "$code" -eq 0 ] && [ "$(grep -c ',mean rank,' ranks/ranks.csv)" -eq 4 ] &&
    awk -F, '$2 == "mean rank" { sum += $3 } END { exit !(sum > 9.999 && sum < 10.001) }' ranks/ranks.csv; }
ok $? 'ranks: those of four groups sum to ten'
run plot runs --where 'lr < 1' --kind ranks --text
grep -q 'mean rank by validation accuracy' out && grep -q 'over 3 problems (by seed)' out
ok $? 'ranks: by what'
run plot runs --where 'lr < 1' --kind ranks --target valid_accuracy=0.2 --text
grep -q 'mean rank by updates to a validation accuracy of 20 %' out
ok $? 'ranks: by a target'
run run base.yaml -q --no-plots -o labels/frozen optimizer.lr=0
run plot runs labels/frozen --kind sensitivity --over lr --group-by optimizer --log x -o zero.png
grep -q "^1 of the [0-9]* values of optimizer.lr left out: a logarithmic axis shows none up to 0; '--log none' shows all" err
ok $? 'a value of 0 that a logarithmic axis leaves out is said'
run plot runs --kind heatmap --over lr,optimizer --panels seed -o mixed.png
grep -q '^cells mix runs that differ in train.batch_size too: --panels tells them apart' err
ok $? 'a heat map says what it averages over unasked'
run plot runs --kind search -o a.png
draws a.png 'what mattered in a search'
run plot runs --kind search --metric valid_loss --where 'optimizer == "sgd" and batch_size == 25' -o a.svg
grep -q 'ρ 0.77<' a.svg # ranks 2 2 2 4 of the rate, and of the losses three below the lost run
ok $? 'search: the correlation ranks a diverged run as the worst'
for band in interval quartiles runs; do
    run plot runs --group-by optimizer --metric valid_accuracy --band $band -o band.png
    draws band.png "a band: $band"
done
run plot runs --group-by optimizer --where 'lr < 1' --metric test_accuracy -o end.svg
{ [ "$code" -eq 0 ] && grep -q 'fill-opacity:0.16' end.svg; }
ok $? 'a band where one epoch alone has values'
run plot runs --group-by optimizer --metric lr -o held.svg
{ [ "$code" -eq 0 ] && grep -q 'stroke-dasharray' held.svg; }
ok $? 'learning rates held for an epoch: dashes tell groups apart without colours'
for kind in curves strip box; do
    run plot runs --kind $kind --where 'lr < 1' -o $kind.svg
    grep -o 'rgb([^)]*)' $kind.svg | sort -u >$kind.colours
done
{ [ "$(wc -l <curves.colours)" -gt 8 ] && diff curves.colours strip.colours >why && diff curves.colours box.colours >why; }
ok $? 'a group has the same colour in figures of all kinds'
run plot runs --kind strip --panels optimizer --where 'lr < 1' -o strips.png
run extract strips.png -o strips
{ [ "$code" -eq 0 ] && [ "$(grep -c '^1,' strips/strips.csv)" -eq 12 ] && [ "$(grep -c '^2,' strips/strips.csv)" -eq 12 ]; }
ok $? 'strips in panels: each with its own rows'
run plot runs --kind target --target valid_accuracy=0.2 --group-by optimizer -o a.png
draws a.png 'updates to a target'
run plot runs --panels optimizer --metric valid_loss,valid_accuracy --x seconds --band sd --smooth 2 -o a.png
draws a.png 'small multiples'
run plot runs --kind sensitivity --over lr --group-by optimizer --text
grep -q '│.* x *$' out && grep -q '^  x  diverged or failed, none completed$' out
ok $? 'text: where runs diverged'
run plot runs --kind target --over lr --group-by optimizer --target valid_accuracy=0.999 --text
grep -q -e '│.*x' -e '┤.*x' out && grep -q '^  no run reached 99.9 %$' out && grep -q '^  x  no run reached it$' out
ok $? 'text: where no run reached the target'
run plot runs --kind box --group-by optimizer --where 'lr < 1' --text
! grep -q '[┤│].*[a-np-z]' out
ok $? 'text: no letters where no legend says what they mean'
run plot runs --panels lr -o lost.svg
{ [ "$code" -eq 0 ] && ! grep -q 'no data' lost.svg; }
ok $? 'a panel of runs that diverged at once shows their accuracy before it too'
run plot runs --range 0:1 --x-range 1:2 --log none -o a.png
draws a.png 'ranges'
run plot runs/adam-25-1 runs/sgd-25-1
draws runs/curves.png 'of several folders: beside the first'
run plot runs/adam-25-1
draws runs/adam-25-1/curves.png 'of one run: in its folder'

# What stands on figures: an SVG has it as text.
stands() { # TEXT
    grep -q ">$1</text>" figure.svg
}
run run base.yaml -q -o labels/still optimizer.lr=0
run plot labels/still --kind loss -o figure.svg
{ [ "$code" -eq 0 ] && stands epoch && ! stands 'lr 0'; }
ok $? 'no mark where a learning rate of 0 stays 0'
for batch in 25 50; do
    run run base.yaml -q -o "labels/none-$batch" train.batch_size=$batch
    run run base.yaml -q -o "labels/step-$batch" train.batch_size=$batch 'scheduler={name: step, every: 2, gamma: 0.2}'
done
run plot labels/step-25 --kind loss -o figure.svg
{ [ "$code" -eq 0 ] && stands 'lr 0.02'; }
ok $? 'a mark where it falls'
run plot labels --where 'lr > 0' --kind heatmap --over scheduler,batch_size -o figure.svg
{ [ "$code" -eq 0 ] && stands scheduler && stands step && stands none && stands 'batch size'; }
ok $? 'a key by its name, null as none'
run plot labels --where 'lr > 0' --kind sensitivity --over batch_size -o figure.svg
{ [ "$code" -eq 0 ] && stands 25 && stands 50 && ! stands 30; }
ok $? 'batch sizes: those that were used'
run plot labels --where 'lr > 0' --kind target --target valid_accuracy=1 -o figure.svg
{ [ "$code" -eq 0 ] && stands 'no run reached 100 %' && ! stands 'perfect scaling'; }
ok $? 'a target that no run reached'

# What a figure carries.
run extract runs/adam-25-1/curves.png -o one
{ [ "$code" -eq 0 ] && cmp one/base.yaml runs/adam-25-1/spec.yaml; } >out 2>&1
ok $? 'the spec comes back from a figure of one run'
run plot runs --where 'lr < 1' -o all.png
run extract all.png -o all
{ [ "$code" -eq 0 ] && [ "$(cat all/*.yaml | grep -c '^seed:')" -eq 12 ]; }
ok $? 'a figure of twelve runs carries twelve specs'
awk -F, '$1 == 2 && $(NF - 1) == 3 && /adam/ && /batch_size 25"/ { printf "%.6f", $NF }' all/all.csv | grep -qx "$mean"
ok $? 'and the drawn means'
run plot runs -o first.png
run plot runs -o second.png
cmp first.png second.png >out 2>&1
ok $? 'the same runs give the same bytes'

message 3 'no such folder: nothing' 'plot: a folder that is not there' plot nothing
message 2 'is not a column of epochs.csv' 'plot: a metric that is none' plot runs --metric los
# A linear model whose rate grows a millionfold an update from the 26th on.
run run base.yaml -q -o lost --no-plots 'optimizer={name: sgd, lr: 0.1}' 'scheduler={name: lambda, expr: "1e6 ** max(0, t - 5)", interval: step}' log.steps=1 seed=1
{ [ "$code" -eq 5 ] && [ "$(grep -c diverged lost/run.json)" -ge 1 ]; }
ok $? 'a run that diverges on its way'
last=$(tail -n 1 lost/steps.csv | cut -d, -f1)
run plot lost --kind pair --x step -o lost.png
run extract lost.png -o lost-data
{ [ "$code" -eq 0 ] && [ "$(grep '^1,each minibatch' lost-data/lost.csv | tail -n 1 | cut -d, -f3)" = "$last" ]; }
ok $? 'its pair is drawn to the last row of steps.csv'
run plot lost --kind loss --format svg -o lost.svg
{ [ "$code" -eq 0 ] && grep -q ">diverged after update $last<" lost.svg; }
ok $? 'and its loss marks the update'
run run base.yaml -q -o lost2 --no-plots 'optimizer={name: sgd, lr: 1e30}' seed=1
for words in 'lost --kind strip' 'lost lost2'; do
    # shellcheck disable=SC2086
    run plot $words --text
    grep -q 'validation accuracy' out
    ok $? "plot $words: by validation accuracy, although none completed"
done
run plot runs lost --kind sensitivity --over lr --group-by optimizer -o both.png
draws both.png 'sensitivity with a run that diverged'
run plot runs lost --metric valid_accuracy --group-by optimizer,lr -o begin.png
run extract begin.png -o begin
{ [ "$code" -eq 0 ] && python3 - begin/begin.csv; } 2>why <<'EOF'
import csv, sys
first = {}
for r in csv.DictReader(open(sys.argv[1])):
    if "fewer runs" not in r["curve"] and r["y"] != "nan":
        first.setdefault(r["curve"], float(r["x"]))
assert len(first) > 2 and len(set(first.values())) == 1, first
EOF
ok $? 'accuracies begin at one epoch, also beside a group that diverged at once'
run plot lost --kind sensitivity --over lr -o only.png
run extract only.png -o only
{ [ "$code" -eq 0 ] && grep -q 'diverged or failed, none completed",0.1,nan' only/only.csv; }
ok $? 'sensitivity: a cross where all runs of a setting diverged'
run plot runs --kind target --target valid_accuracy=1 --group-by optimizer --format svg -o never.svg
{ [ "$code" -eq 0 ] && grep -q '>no run reached 100 %<' never.svg && ! grep -q 'perfect scaling' never.svg; }
ok $? 'a target that no run reached is said'
message 2 "did you mean 'heatmap'?" 'plot: a kind that is none' plot runs --kind heatmp
message 2 "settings, of which '--kind target' chooses the best, and test figures choose nothing" 'plot: a test target chooses no setting' plot runs --kind target --target test_accuracy=0.2 --over batch_size --group-by seed
message 2 'which target?' 'plot: a target is needed' plot runs --kind target
message 2 'needs 2 keys that differ between the runs' 'plot: a heat map of one run' plot runs/adam-25-1 --kind heatmap
message 2 "'--range' is LOW:HIGH" 'plot: a range upside down' plot runs --range 1:0
for words in 'curves --metric valid_loss --range 0:1' 'strip --metric valid_loss --range -1:3' 'heatmap --over lr,batch_size --metric valid_loss --range 0:1' 'profile --x-range 0:3' 'sensitivity --over lr --log x --x-range 0:1'; do
    # shellcheck disable=SC2086
    message 2 "that axis is logarithmic: begin above 0, or draw linear axes with '--log none'" "plot: no 0 on a logarithmic axis: $words" plot runs --kind $words
done
message 2 "did you mean 'trailing'?" 'plot: a window that is none' plot runs --smooth 3 --window trialing
message 2 "'--smooth' is 0; it must be a whole number in" 'plot: no smoothing' plot runs --smooth 0
"$descent" plot --help | tr -s ' \n' ' ' >help
for kind in curves heatmap sensitivity strip box violin target budget profile ranks search pair loss accuracy schedule; do
    sed 's/ --metric .*//' help | grep -q "[ ]${kind}[,; (]" || echo "$kind" >>why
done
[ ! -e why ]
ok $? 'plot --help names every kind'
# What a figure would leave out is not asked for in vain.
while read -r option value kinds; do
    for kind in $kinds; do
        message 2 "'$option' belongs to '--kind " "plot --kind $kind: no $option" plot runs --kind "$kind" "$option" "$value" -o none.png
    done
done <<'END_ROWS'
--target valid_accuracy=0.2 curves heatmap sensitivity strip box violin budget search pair loss
--metric valid_loss target loss schedule
--x step heatmap strip ranks loss
--group-by lr search pair accuracy
--over lr curves strip budget pair loss
--panels lr budget profile ranks search pair schedule
--band sd heatmap strip profile ranks search pair loss
--smooth 2 heatmap sensitivity strip target ranks search loss
--window trailing strip loss
--log x ranks loss
--range 0:1 ranks loss
--x-range 0:1 heatmap strip box violin loss
END_ROWS
for kind in strip box violin; do
    message 2 "'--kind $kind' has no scale along y: its values lie along x" "plot --kind $kind: no --log y" plot runs --kind "$kind" --log y -o none.png
done
message 2 "'--kind heatmap' has no scale along x: its values are colours" 'plot --kind heatmap: no --log x' plot runs --kind heatmap --log x -o none.png
message 2 "'--window' belongs to '--smooth'" 'plot: a window of nothing' plot runs --window trailing
message 2 "is of one metric" 'plot: one metric, where there is one axis' plot runs --kind strip --metric valid_loss,valid_accuracy
message 2 'exclude each other' 'plot: ranks by a metric or by a target' plot runs --kind ranks --metric valid_loss --target valid_accuracy=0.2
[ ! -e none.png ]
ok $? 'plot: nothing is drawn of what was refused'
message 2 'has no curve' 'plot: a figure that has no curve' plot runs --metric best.valid_accuracy

run plot runs --kind profile --target valid_accuracy=0.999 -o unsolved.svg
{ [ "$code" -eq 0 ] && grep -q '>no problem was solved<' unsolved.svg; }
ok $? 'plot --kind profile: of nothing solved it says so'

# ---- long names ----

cat >long.yaml <<'END'
extends: base.yaml
train: {epochs: 1}
plots: false
sweep:
  grid:
    scheduler: [cosine, null]
    model.hidden: [[16, 16], [16]]
    optimizer:
      - {name: equations, update: "w = w - lr * sign(g) * 0.1"}
      - {name: equations, update: "w = w - lr * sign(g) * 0.2"}
END
run sweep long.yaml -q -o long
run plot long --kind strip -o long.svg
{ [ "$code" -eq 0 ] && grep -o '>[^<>]*…[^<>]*<' long.svg | sort >cuts && [ -z "$(uniq -d cuts)" ] && grep -q '…0.1<' cuts && grep -q '…0.2<' cuts; }
ok $? 'plot: names that are cut still differ'
run plot long --kind heatmap --over update,hidden --size column -o long.svg
{ [ "$code" -eq 0 ] && grep -o '>[^<>]*…[^<>]*<' long.svg | sort -u >cuts && [ "$(wc -l <cuts)" -eq 2 ]; }
ok $? 'plot: so do those along a heat map'
run plot long lost --kind strip --size column -o long.svg
{ [ "$code" -eq 0 ] && grep -q '… (1 diverged)<' long.svg; }
ok $? 'plot: what became of the runs is not cut off a name'
run plot long lost --kind strip --text --group-by optimizer,hidden,scheduler,update,train.batch_size
{ [ "$code" -eq 0 ] && grep -q '^ *[0-9]*┤' out && grep -q '(1 diverged)$' out; }
ok $? '... nor on a terminal, where names that would look alike are numbered'

# ---- what has not ended ----

cat >part.yaml <<'END'
extends: base.yaml
sweep:
  grid: {optimizer.lr: [0.05, 0.1], train.batch_size: [25, 50]}
  seeds: [1, 2, 3, 4]
END
run sweep part.yaml -q -j 1 -o part
rm -r part/lr=0.1,batch_size=50,seed=3 # a member that has not begun, and one that has just:
for file in run.json epochs.csv timing.csv; do
    rm "part/lr=0.1,batch_size=50,seed=2/$file"
done
left="not finished: 1 run begun, 1 member of a sweep not begun; 'descent resume part' trains what is left"
for how in '' --pairs --matrix --runs --budget '--sensitivity lr' '--profile seed' '--best-per batch_size'; do
    # shellcheck disable=SC2086 # an option and its value
    output "$left" "compare${how:+ $how}: what has not ended is said" compare part $how
done
message 0 "$left" 'export: likewise' export part -o part.sqlite
cp -r part 'another part'
cp -r part/lr=0.1,batch_size=50,seed=2 single
message 0 "not finished: 3 runs begun, 1 member of a sweep not begun; 'descent resume FOLDER' trains what is left, of part, \"another part\", single" \
    'each folder with something left is named; a member that copies of a sweep lack counts once' export part 'another part' single -o part.sqlite
printf '\n' >>'another part/sweep.yaml'
message 0 "not finished: 3 runs begun, 2 members of sweeps not begun; 'descent resume FOLDER' trains what is left, of part, \"another part\", single" \
    'each folder with something left is named; other sweeps count their own' export part 'another part' single -o part.sqlite
output '2 of 16, each solver on each problem, have no run that ended' 'profile: what nobody has tried counts as not solved' compare part --profile seed
for kind in curves heatmap sensitivity strip box budget profile ranks; do
    message 0 "$left" "plot --kind $kind: what has not ended is said" plot part --kind $kind -o a.png
done
run extract a.png -o left
{ [ "$code" -eq 0 ] && python3 - part/members.csv left/a.csv <<'EOF'
import csv, sys
# Mean ranks over the seeds that all four groups have run, ties sharing theirs.
runs = [r for r in csv.DictReader(open(sys.argv[1])) if r["seed"] not in ("2", "3")]
mean = {}
for seed in {r["seed"] for r in runs}:
    v = {(r["optimizer.lr"], r["train.batch_size"]): float(r["valid_accuracy"]) for r in runs if r["seed"] == seed}
    assert len(v) == 4
    for g in v:
        rank = sum(x > v[g] for x in v.values()) + (1 + sum(x == v[g] for x in v.values())) / 2
        mean[g] = mean.get(g, 0) + rank / 2
drawn = [float(r["x"]) for r in csv.DictReader(open(sys.argv[2])) if r["curve"] == "mean rank"]
assert sorted(drawn) == sorted(mean.values()), (drawn, mean)
EOF
} 2>why
ok $? 'ranks: over the problems that every group has run'
run plot part --kind ranks -o a.svg
[ "$(grep -o '>[0-9]*</text>' a.svg | tr -d '>/tex<\n')" = 1234 ]
ok $? 'ranks: a tick at each rank'
run plot part --kind search -o a.svg
{ grep -q '>25</text>' a.svg && grep -q '>50</text>' a.svg && ! grep -qE '>(30|40)</text>' a.svg; }
ok $? 'search: ticks at the batch sizes that were used'
message 2 'a run that ended on 1 of 2 problems (by seed), and ranks need two' 'ranks: no fewer than two of them' plot part --kind ranks --where 'seed > 2' -o a.png

message 2 "all of one problem (by seed), and profiles and ranks are over several; '--over KEY' names" 'ranks: of one problem' plot runs --kind ranks --where 'seed == 1' -o a.png
message 2 "all of one problem (by seed), and profiles and ranks are over several; '--profile KEY' names" 'profile: of one problem' compare runs --profile seed --where 'seed == 1'

# ---- looks ----

run plot runs -o a.svg
draws a.svg 'an SVG by its name'
run extract a.svg -o vector
run extract first.png -o raster
{ [ "$code" -eq 0 ] && cmp vector/a.csv raster/first.csv; } >out 2>&1
ok $? 'it carries the data too'
run plot runs -o b.svg
cmp a.svg b.svg >out 2>&1
ok $? 'the same runs give the same SVG'
if command -v xmllint >/dev/null; then
    xmllint --noout a.svg >out 2>err
    ok $? 'which is well-formed XML'
else
    ok 0 'which is well-formed XML # SKIP no xmllint here'
fi
run plot runs --format pdf -o a
{ [ "$code" -eq 0 ] && [ "$(head -c 5 a)" = '%PDF-' ]; }
ok $? 'a PDF by --format'
run plot runs -o b.pdf
cmp a b.pdf >out 2>&1
ok $? 'the same runs give the same PDF'
if command -v pdftoppm >/dev/null; then
    pdftoppm -r 20 -png b.pdf page >out 2>err && [ -s page-1.png ]
    ok $? 'which opens'
else
    ok 0 'which opens # SKIP no pdftoppm here'
fi
message 3 'a PDF carries no spec and no data' 'extract: a PDF' extract b.pdf -o none
run plot runs --format svg
{ [ "$code" -eq 0 ] && [ "$(cat out)" = 'figure runs/curves.svg' ]; }
ok $? 'a chosen format names the file'
run plot runs --theme dark --size column --dpi 100 -o column.png
{ [ "$code" -eq 0 ] && "$descent" inspect column.png | tr -s ' ' | grep -q 'size 340 x'; }
ok $? 'a dark figure for a column, 3.4 inches wide'
run plot runs --size slide -o slide.png
{ [ "$code" -eq 0 ] && "$descent" inspect slide.png | tr -s ' ' | grep -q 'size 1920 x 1080'; }
ok $? 'a slide'
message 2 "did you mean 'dark'?" 'plot: a theme that is none' plot runs --theme drak
message 2 'a size is WIDTHxHEIGHT with a unit' 'plot: a size without a unit' plot runs --size 6x4
message 2 "must be a whole number in [20, 2400]" 'plot: no dots per inch' plot runs --dpi 0
message 2 "figures are written as .png, .svg or .pdf, not as '.jpg'" 'plot: a format that is none' plot runs -o a.jpg
LC_ALL=C.UTF-8 run plot runs --text
{ [ "$code" -eq 0 ] && grep -q 'training loss' out && grep -q '┤' out && ! awk 'length > 320' out | grep -q .; }
ok $? 'in the terminal'
run plot runs --ascii
{ [ "$code" -eq 0 ] && ! LC_ALL=C grep -q '[^ -~]' out && awk 'length > 79' out | grep -c . | grep -qx 0; }
ok $? 'in ASCII, in 79 columns'

# ---- a copied run is one ----

for how in --pairs --matrix '--sensitivity batch_size' '--profile seed --target valid_accuracy=0.2' --budget; do
    # shellcheck disable=SC2086 # an option and its values
    run compare runs --where 'lr < 1' $how --format csv
    mv out alone
    cp -r runs/sgd-25-1 runs/zz-copied
    # shellcheck disable=SC2086 # likewise
    run compare runs --where 'lr < 1' $how --format csv
    { [ "$code" -eq 0 ] && [ -s alone ] && grep -q 'runs/zz-copied is runs/sgd-25-1' err && cmp alone out; } >why 2>&1
    ok $? "compare $how: a copied run changes nothing"
    rm -r runs/zz-copied
done
cp -r runs/sgd-25-1 runs/zz-copied
run compare runs --where 'lr < 1' --pairs
rm -r runs/zz-copied
prints '12 runs in 4 groups' 'compare --pairs: nor the number of runs'

# ---- settings as curves ----

run run base.yaml -q -o held train.epochs=3 optimizer.lr=0.4 'scheduler={name: step, every: 1, gamma: 0.5}'
run plot held --metric lr -o held.png
run extract held.png -o held-points
[ "$(tail -n +2 held-points/held.csv | cut -d, -f3,4 | tr '\n' ' ')" = '0,0.4 1,0.2 2,0.1 3,0.1 ' ]
ok $? 'a rate stands from where its epoch begins'

# ---- one damaged run of many ----

mkdir sound && cp -r runs/sgd-25-1 sound/1 && cp -r runs/sgd-25-3 sound/3
run compare sound --format csv
cp out sound.csv
damage() { # WHAT FILE TEXT COMMAND ...: sound/2 is damaged by the command
    what=$1 file=some/2/$2 text=$3
    shift 3
    rm -rf some && cp -r sound some && cp -r runs/sgd-25-2 some/2
    (cd some/2 && "$@")
    run compare some --format csv
    { [ "$code" -eq 3 ] && grep -qF "left out: " err && grep -qF "$file" err && grep -qF -- "$text" err; }
    ok $? "compare: $what is named, with the reason"
    cmp sound.csv out >why
    ok $? "compare: $what, the table of the others"
    cp -r runs/sgd-25-1 some/copy
    run compare some --runs --format csv
    { [ "$code" -eq 3 ] && [ "$(grep -c 'some/[13]$' out)" -eq 2 ] && grep -q '^,*damaged,.*,some/2$' out && grep -q '^,*same as some/1,.*,some/copy$' out; }
    ok $? "compare --runs: $what has a row, as has a copy"
    rm -r some/copy
    message 3 "$file" "compare --target: $what" compare some --target valid_accuracy=0.2
    run plot some -o some.png
    { [ "$code" -eq 3 ] && [ "$(cat out)" = 'figure some.png' ] && grep -qF "$file" err; }
    ok $? "plot: $what"
    run export some -o some.sqlite
    { [ "$code" -eq 3 ] && { grep -qF 'some.sqlite: 2 runs' out || grep -q 'built without libsqlite3' err; }; }
    ok $? "export: $what"
    rm -f some.sqlite
    message 3 "$text" "compare: $what, alone" compare some/2
}
damage 'half a run.json' run.json 'not valid JSON' sh -c 'head -c 100 run.json >x && mv x run.json'
damage 'a run without its spec' spec.yaml 'is missing, and' rm spec.yaml
damage 'a spec that is none' spec.yaml 'spec.yaml' sh -c 'echo "{" >spec.yaml'
damage 'a row lost' epochs.csv 'epochs.csv' sed -i 3d epochs.csv
damage 'an empty table' epochs.csv 'epochs.csv is not the one that run.json' sh -c ': >epochs.csv'
damage 'a FIFO as run.json' run.json 'not a plain file' sh -c 'rm run.json && mkfifo run.json'
cp -r some/2 some/4 && rm -r some/1 some/3
message 3 'none of the 2 runs can be read; the first: cannot read some/2/run.json' 'compare: all damaged' compare some
run sweep base.yaml -q -o broken train.epochs=1 'sweep={seeds: 3}'
echo '{' >'broken/seed=124/run.json'
run status broken
{ [ "$code" -eq 3 ] && grep -qF '3 members: 2 completed, 1 damaged' out && grep -q '^damaged  *seed=124$' out &&
    grep -q '^completed .*seed=125$' out && grep -qF 'broken/seed=124/run.json: not valid JSON' err; }
ok $? 'status: a damaged member is named, the others are shown'
run report broken
{ [ "$code" -eq 3 ] && grep -qF 'broken/seed=124/run.json' err && grep -qF '1 that cannot be read' broken/report.html; }
ok $? 'report: a damaged member, the page of the others'
[ "$(grep -o '<td[^>]*>damaged' broken/report.html | wc -l)" -eq 2 ]
ok $? 'report: where it tells of it'
run export broken -o events
{ [ "$code" -eq 3 ] && [ "$(ls events | tr '\n' ' ')" = 'seed=123 seed=125 ' ]; }
ok $? 'export: TensorBoard runs of the others'

# ---- a condition on a spec of many schedules ----

printf 'extends: base.yaml\nscheduler:\n' >many.yaml
for i in $(seq 600); do echo "- {name: lambda, expr: '1'}"; done >>many.yaml
run run many.yaml -q -o many/1 train.epochs=1
run run many.yaml -q -o many/2 train.epochs=1 seed=2
code=0
timeout 60 "$descent" compare many --where 'optimizer == "sgd" and scheduler.17.interval == "epoch" and seed == 2' >out 2>err || code=$?
prints '1 run in 1 group' 'a condition where there are 600 schedules'
code=0
timeout 60 "$descent" compare many --where 'intervl == 1' >out 2>err || code=$?
says 2 'unknown name' 'and a name that there is not'

# ---- one seed, and yet two runs ----

run run base.yaml -q -o seeds/lengthened scheduler=cosine train.epochs=2
run resume seeds/lengthened -q train.epochs=4
run run base.yaml -q -o seeds/at-once scheduler=cosine train.epochs=4
for how in '' '--format csv' --runs; do
    # shellcheck disable=SC2086 # words
    run compare seeds $how
    [ "$code" -eq 0 ] && grep -q 'warning: 1 run has the settings and the seed of another: .* differ in the length that they began with alone' err
    ok $? "compare $how: a run that was lengthened beside one asked for at once"
done
run run base.yaml -q -o seeds/other scheduler=cosine train.epochs=4 seed=9
run compare seeds/other seeds/at-once
! grep -q 'warning' err
ok $? 'not of two seeds'
run sweep base.yaml -q -o named train.epochs=1 'sweep={grid: {name: [x, y], optimizer.lr: [0.1, 0.2]}, seeds: 2}'
for how in '--group-by name,lr' '--group-by lr --profile name' '--group-by lr'; do
    # shellcheck disable=SC2086 # words
    run compare named $how
    [ "$code" -eq 0 ] && ! grep -q 'the settings and the seed of another' err
    ok $? "compare $how: one experiment under two names has each seed once in a group"
done
# One of two pairs is named, the same whenever it is asked.
for seed in 1 2; do
    run run base.yaml -q -o seeds/lengthened-$seed train.epochs=2 scheduler=cosine seed=$seed
    run resume seeds/lengthened-$seed -q train.epochs=3
    run run base.yaml -q -o seeds/short-$seed train.epochs=3 scheduler=cosine seed=$seed
done
for _ in 1 2 3 4 5 6 7 8; do
    run compare seeds
    grep 'warning:' err
done | sort -u >why
[ "$(grep -c 'warning: 3 runs have .*: seeds/at-once and seeds/lengthened ' why)" -eq 1 ] && [ "$(wc -l <why)" -eq 1 ]
ok $? 'of several such pairs the first is named, each time'

# ---- accuracies are shares of a few images: many differences are equal ----

printf 'extends: base.yaml\ndataset: {validation: 60}\nmodel: {hidden: [8]}\nsweep: {grid: {train.batch_size: [25, 30, 50]}, seeds: 8}\n' >ties.yaml
run sweep ties.yaml -q -o ties
cat >ties.py <<'END'
"""Both tests from counts of right images, by all 256 choices of signs: argv[1] has compare's p-values."""
import csv, itertools, sys
def right(batch, seed):
    with open(f"ties/batch_size={batch},seed={seed}/epochs.csv") as f:
        return round(60 * float(list(csv.DictReader(f))[-1]["valid_accuracy"]))
def share(size, signs):
    all_ = [sum(s * v for s, v in zip(choice, size)) for choice in itertools.product((-1, 1), repeat=len(size))]
    seen = abs(sum(s * v for s, v in zip(signs, size)))
    return sum(abs(v) >= seen for v in all_) / len(all_)
def ranks(size):
    order = sorted(size)
    return [2 * order.index(v) + order.count(v) + 1 for v in size]
bad = tied = 0
for row in csv.DictReader(open(sys.argv[1])):
    one, other = (row[side].split()[1] for side in ("one", "other"))
    d = [right(one, s) - right(other, s) for s in range(123, 131)]
    d = d if sys.argv[2] == "permutation" else [v for v in d if v]
    size, signs = [abs(v) for v in d], [(v > 0) - (v < 0) for v in d]
    want = share(size if sys.argv[2] == "permutation" else ranks(size), signs)
    tied += len(set(size)) < len(size)
    bad += abs(want - float(row["p"])) > 1e-9
sys.exit(bad or not tied)
END
for how in permutation wilcoxon; do
    run compare ties --matrix --test $how --format csv
    cp out "ties.$how"
    if command -v python3 >/dev/null; then
        [ "$code" -eq 0 ] && python3 ties.py "ties.$how" $how >why 2>&1
        ok $? "p of tied accuracies, from counts of images: $how"
    else
        skip "p of tied accuracies: $how" 'no python3'
    fi
done

# ---- groups of one run, groups without pairs, runs of one epoch ----

run plot runs --kind strip --where "lr < 1 and (seed == 1 or optimizer == 'adam')" -o lone.png
run extract lone.png -o lone
awk -F, '/sgd, batch_size 25, 95 % interval/ { printf "%.9g\n", $(NF - 1) }' lone/lone.csv | sort >drawn
run compare runs --where "lr < 1 and (seed == 1 or optimizer == 'adam')" --format csv
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $at["optimizer.name"] == "sgd" && $at["train.batch_size"] == 25 {
    print $at["valid_accuracy.low"]; print $at["valid_accuracy.high"] }' out | sort >told
[ "$(sort -u told | wc -l)" -eq 2 ] && cmp told drawn >why 2>&1
ok $? "a strip's interval of one run is the one that compare has, by the pooled deviation"
# What a band of intervals has at SELECT (of the figure's rows) is what compare says, drawn in CURVE.
drawn_as_told() { # CURVE SELECT TITLE: of band.csv, the last place of both ends
    awk -F, -v c="$1" 'index($0, c ", low") || index($0, c ", high")' bands/band.csv | awk -F, "$2"' { printf "%.9g\n", $NF }' | sort >drawn
    [ "$(wc -l <drawn)" -eq 2 ] && cmp told drawn >why 2>&1
    ok $? "$3"
}
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $at["optimizer.name"] == "sgd" && $at["train.batch_size"] == 50 {
    print $at["valid_accuracy.low"]; print $at["valid_accuracy.high"] }' out | sort >told
lone="lr < 1 and (seed == 1 or optimizer == 'adam')"
run plot runs --kind sensitivity --over batch_size --group-by optimizer --where "$lone" --band interval -o band.png
run extract band.png -o bands
drawn_as_told sgd '$(NF - 1) == 50' 'a sensitivity has the intervals of compare'
run plot runs --metric valid_accuracy --where "$lone" --band interval -o band.png
run extract band.png -o bands --force
drawn_as_told 'sgd, batch_size 50' '$(NF - 1) == 3' 'and so have curves'
run compare runs --where 'lr < 1' --target valid_accuracy=0.2 --format csv
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { k = at["target.epochs.n"] ? at["target.epochs.n"] : 0; sd = $at["target.epochs.sd"]; m = $at["target.epochs.mean"]
      s += 2 * sd * sd; f += 2; low[NR] = m - $at["target.epochs.low"] }
    END { t = 2.30600413520417 * sqrt(s / f / 3); for (i in low) if (low[i] - t > 1e-6 || t - low[i] > 1e-6) exit 1; exit f != 8 }' out
ok $? "so have the updates to a target, by the groups' pooled deviation"
run compare runs --where 'lr < 1' --metric valid_loss
sed -n 's/.*  \([0-9.]*\) ± \([0-9.]*\)  \([0-9.]*\) to \([0-9.]*\)  .*/\1 \2 \3 \4/p' out >why
[ "$(wc -l <why)" -eq 4 ] && awk '{ for (i = 1; i <= NF; i++) if (length($i) - index($i, ".") != 3) exit 1 }' why
ok $? 'an interval has the decimals of its mean'
output 'by Holm over those 6 pairs of groups' 'a matrix counts the pairs of groups that were tested' compare runs --matrix
run run base.yaml -q -o short train.epochs=1
run plot runs/sgd-50-1 short --group-by train.epochs -o short.png
run extract short.png -o starts
[ "$(awk -F, '$1 == 2 && !($2 in seen) { seen[$2]; printf "%s ", $3 }' starts/short.csv)" = '1 1 ' ]
ok $? 'accuracies of one figure begin at one epoch'

# ---- settings that some runs do not have ----

for axis in 'train.sam: [null, {rho: 0.1}]' 'optimizer.lookahead: [null, {steps: 3}]' 'train.early_stopping: [null, {patience: 1}]' \
    'optimizer.groups: [[], [{tensors: [bias], lr: 2}]]'; do
    printf 'extends: base.yaml\ntrain: {epochs: 2}\nsweep: {grid: {%s}, seeds: 3}\n' "$axis" >some.yaml
    rm -rf some
    run sweep some.yaml -q -o some
    run compare some --pairs --format csv
    [ "$code" -eq 0 ] && awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at = $i == "pairs" ? i : at } NR > 1 && $at != 3 { bad = 1 } END { exit bad || NR < 2 }' out
    ok $? "pairs: of ${axis%%:*}, which is null or empty in half of them"
done
run compare some --matrix
grep -q 'p 1\|p 0' out
ok $? 'and in a matrix'
run sweep some.yaml -q -o some
run compare some --pairs
! grep -q '()' out
ok $? 'a group without any of the settings has a name'
cat >lines.yaml <<'END'
extends: base.yaml
train: {epochs: 2}
sweep:
  seeds: 2
  grid:
    optimizer:
      - {name: equations, update: "w = w - lr * g"}
      - {name: equations, state: {m: 0}, update: "m = 0.9 * m + g\nw = w - lr * m\n"}
END
run sweep lines.yaml -q -o lines
for how in '' --pairs --matrix '--format latex'; do
    # shellcheck disable=SC2086 # words
    run compare lines $how
    grep -q 'm = 0.9 \* m + g; w = w - lr \* m' out && ! grep -q '^w = w' out
    ok $? "lines of equations are one line of a table: $how"
done
run plot lines --kind heatmap --over update,seed --text
grep -q '^ *seed [mw] = ' out
ok $? 'text: a long name of a column keeps apart from its neighbour'
cp -r "$(ls -d lines/*seed=123* | head -n 1)" 'a|b'
output 'a\textbar{}b &' 'latex: a bar, which the usual fonts have as a dash' compare 'a|b' runs/adam-25-1 --runs --format latex
cat >long.yaml <<'END'
extends: base.yaml
train: {epochs: 1}
optimizer:
  name: equations
  with: {mu: 0.9, eps: 0.01}
  state: {m: 0, v: 0}
  update: |
    # a line that stands above all of them and is as long as a table's row for readers
    m = mu * m + (1 - mu) * g
    v = 0.99 * v + 0.01 * g * g
    w = w - lr * m / (sqrt(v) + eps)
END
sed 's/+ eps/+ 2 * eps/' long.yaml >long-eps.yaml
sed 's/= mu/= mu * mu/' long.yaml >long-mu.yaml
for given in long long-eps long-mu; do
    run run "$given.yaml" -q -o "row-$given"
done
run compare row-long row-long-eps row-long-mu
[ "$(grep '^–  …' out | sort -u | wc -l)" -eq 3 ] && grep -qF '… …rt(v) + 2' out && ! grep -q 'a line that' out
ok $? 'rows of long equations show the lines that tell them apart'
cp -r lines/*seed=123*m=0* one-line
run run one-line/spec.yaml -q -o one-line optimizer=sgd
grep -q "optimizer.update: m = 0.9 \* m + g; w = w - lr \* m there" err
ok $? 'and of what a refused run says'

newline=$(printf 'a\nb')
cp -r runs/adam-25-1 "$newline"
run compare "$newline" runs/adam-25-2 --runs
[ "$(grep -oE '^(a.nb|runs/adam-25-2) +[0-9]' out | awk '{print length($0)}' | sort -u | wc -l)" -eq 1 ]
ok $? 'a newline in the name of a folder takes the columns that it is shown in'

# ---- figures of one run ----

run run base.yaml -q -o paired log.steps=1 plots=true name='a pair'
run plot paired --kind pair
draws paired/pair.png 'minibatch losses beside accuracies'
for kind in pair curves loss; do
    run plot paired --kind $kind -o named.svg
    grep -q '<title>a pair</title>' named.svg
    ok $? "$kind: titled by the run's name"
done
run extract paired/pair.png -o pair
{ grep -q '^1,each minibatch,' pair/pair.csv && grep -q '^1,centred mean of 6,' pair/pair.csv && grep -q '^2,validation set,3,' pair/pair.csv; }
ok $? 'with a mean over an epoch'
message 2 "a figure of kind 'pair' is of one run, not of 13" 'plot: a pair of many runs' plot runs --kind pair
message 2 "has no losses of minibatches; a run with 'log: {steps: 1}' keeps them" 'plot: a pair without steps.csv' plot runs/adam-25-1 --kind pair
cp paired/loss.png kept.png
run plot paired --kind loss
cmp kept.png paired/loss.png >out 2>&1
ok $? 'a figure that the run drew of itself, again'
run plot paired --kind schedule --format svg --theme dark
draws paired/schedule.svg 'and in another look'
run plot paired --kind pair --size slide -o a.svg
{ [ "$code" -eq 0 ] && grep -q '>centred mean of [0-9]*</text>' a.svg && ! grep -q '…' a.svg; }
ok $? 'pair: its legend fits a slide'
run run base.yaml -o glyphs plots=true name="$(printf 'none \315\270 has')" # U+0378 is no character
{ [ "$code" -eq 0 ] && [ -s glyphs/loss.png ] && [ "$(grep -c 'no installed font has' err)" -eq 1 ]; }
ok $? 'a letter that no font has: said once for all figures'

plan
