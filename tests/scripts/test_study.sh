#!/bin/sh
# The study "which optimizer?": its specs, its spaces, and its script on a few synthetic digits. Speaks TAP.
#
#     test_study.sh PROJECT-FOLDER DESCENT
# shellcheck disable=SC2016,SC2154 # backquotes of Markdown; what tap.sh sets
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

script_of "$1" "$2"
specs=configs/studies/which-optimizer

# ---- specs and spaces ----

for problem in softmax lecture long fashion wide 2c2d; do
    run "$DESCENT" check "$specs/$problem.yaml"
    { [ "$code" -eq 0 ] && grep -q 'a sweep of 32 members in 32 groups' "$work/out"; }
    ok $? "$problem: 16 trials under two schedules"
done

"$DESCENT" list optimizers --format markdown | sed -n 's/^| `\([a-z_]*\)` .*/\1/p' | grep -vx equations | sort >"$work/known"
grep -v '^#' "$specs/spaces.csv" | tail -n +2 | cut -d, -f1 | sort -u >"$work/spaced"
comm -13 "$work/known" "$work/spaced" >"$work/out"
[ ! -s "$work/out" ]
ok $? 'every space is of an optimizer'

# The rule of the file, against the defaults of the program.
"$DESCENT" list optimizers --format markdown | sed -n 's/^| `\([a-z_]*\)` .*[^_]`lr` \([0-9.e-]*\)[ ,|].*/\1 \2/p' >"$work/rates"
awk -F '[ ,]' 'NR == FNR { rate[$1] = $2; next }
    /^#/ || $2 != "lr" || $1 == "gains" || $1 == "asgd" { next }
    { n++; if (!rate[$1] || ($4 / rate[$1] / 0.03 - 1) ^ 2 + ($5 / rate[$1] / 100 - 1) ^ 2 > 1e-9) print }
    END { if (n != 22) print n " rates" }' "$work/rates" "$specs/spaces.csv" >"$work/out"
[ ! -s "$work/out" ]
ok $? 'rates are drawn from 0.03 to 100 times the default'

# ---- the script ----

# Games and Howell's test of two of k groups, of the figures that come with the project, as scipy 1.17.1 has it:
#     v = [var(x, ddof=1) / len(x) for x in (a, b)]; df = sum(v) ** 2 / sum(y * y / (len(x) - 1) for y, x in zip(v, (a, b)))
#     scipy.stats.studentized_range.ppf(0.95, k, df) * sqrt(sum(v) / 2)
python3 - scripts/study results/reference/which-optimizer/which-optimizer.csv >"$work/out" 2>"$work/err" <<'END'
import csv, importlib.machinery, importlib.util, os, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
loader = importlib.machinery.SourceFileLoader("study", sys.argv[1])
study = importlib.util.module_from_spec(importlib.util.spec_from_loader("study", loader))
loader.exec_module(study)
rows = list(csv.DictReader(open(sys.argv[2])))
def cell(**of):
    row = max((r for r in rows if all(r[k] == v for k, v in of.items())), key=lambda r: float(r["valid_mean"]))
    runs = [{"test_accuracy": float(v) / 100, "valid_accuracy": ""} for v in row["test"].split()]
    return study.Cell(row["problem"], row["optimizer"], row["schedule"], row["setting"], runs)
for problem, setting, one, other, k, shows in (("long", "tuned", "rmsprop", "muon", 14, 0.1643556), # 16.9012 degrees
                                               ("wide", "tuned", "adam", "momentum", 14, 0.1592799), # 13.9587
                                               ("2c2d", "default", "nadam", "momentum", 8, 1.4786585)): # 11.9828
    a, b = (cell(problem=problem, setting=setting, optimizer=o) for o in (one, other))
    found = study.difference_that_shows(a, b, k)
    assert abs(found / shows - 1) < 1e-4, (problem, one, other, found)
END
code=$?
ok "$code" 'study: the difference that shows, as scipy has it'

study() {
    run scripts/study -j 1 -o "$work/study" --problems softmax,lecture --optimizers sgd,prodigy --seeds 2 "$@" \
        'dataset={name: digits, train_limit: 256, test_limit: 100, validation: 100}' train.epochs=1 --trials 2
}

study
{ [ "$code" -eq 0 ] && [ "$(find "$work/study" -name epochs.csv | wc -l)" -eq 48 ]; }
ok $? 'study: two problems, two optimizers, searched, tuned, and at their defaults'
[ "$(cat "$work"/study/*/*/tuned/members.csv | grep -c '^"scheduler=.*,seed=[23]"')" -eq 16 ]
ok $? 'study: the chosen settings are trained with fresh seeds'
[ "$(wc -l <"$work/study/which-optimizer.csv")" -eq 17 ]
ok $? 'study: a row per problem, optimizer, schedule, and setting'
grep -q '^| `sgd` | 1' "$work/study/results.md"
ok $? 'study: ranks'
for file in results told effects choice trials profile; do
    [ "$(wc -l <"$work/study/$file.md")" -ge 4 ]
    ok $? "study: table $file"
done
for figure in tuned sensitivity; do
    run "$DESCENT" inspect "$work/study/$figure.png"
    ok "$code" "study: figure $figure"
done
cp "$work/study/which-optimizer.csv" "$work/before.csv"
find "$work/study" -name epochs.csv -newer "$work/before.csv" >"$work/out"
study
{ [ "$code" -eq 0 ] && [ -z "$(find "$work/study" -name epochs.csv -newer "$work/before.csv")" ] &&
    cmp "$work/before.csv" "$work/study/which-optimizer.csv"; }
ok $? 'study: what is trained is not trained again'
rm -rf "$work/study/lecture/prodigy" "$work/study/softmax/sgd/tuned"
study softmax:dataset.dir=elsewhere
{ [ "$code" -eq 0 ] && cmp "$work/before.csv" "$work/study/which-optimizer.csv"; }
ok $? 'study: what is missing is trained, to the same figures'
run scripts/study -j 1 -o "$work/even" --problems softmax --optimizers sgd --seeds 2 --schedules cosine \
    'dataset={name: digits, train_limit: 256, test_limit: 100, validation: 100}' train.epochs=1
# shellcheck disable=SC2015 # awk's answer counts
{ [ "$code" -eq 0 ] && cut -d, -f4 "$work/even/softmax/sgd/members.csv" | tail -n +2 | sort -g |
    awk 'NR > 1 && log($1 / last) > log(10 / 0.003) * 2 / 16 + 1e-4 { wide++ } { last = $1 } END { exit NR != 16 || wide }'; }
ok $? 'study: 16 draws lie evenly, no gap is wider than two of 16 equal parts'
run scripts/study --problems softmax,lectures
{ [ "$code" -eq 2 ] && grep -q "unknown problem 'lectures'" "$work/err"; }
ok $? 'study: an unknown problem is a usage error'
run scripts/study --optimizers sgd,addam
{ [ "$code" -eq 2 ] && grep -q "no optimizer 'addam'" "$work/err"; }
ok $? 'study: so is an unknown optimizer'
study optimizer.lr=fast
[ "$code" -eq 2 ]
ok $? "study: descent's exit code for a bad override"

plan
