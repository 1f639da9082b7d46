#!/bin/sh
# Results that come with the program: listed, compared with, trained again. On synthetic digits; speaks TAP.
#
#     test_published.sh DESCENT SOURCE-FOLDER
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1") source=$(realpath "$2")
own_folder

# ---- what there is ----

output 'published results (' 'list: published results among the kinds' list
output 'digits Ten optimizers on synthetic digits' 'list published: a line each' list published
[ "$(wc -l <out)" -eq "$(find "$source/results/published" -name '*.csv' | wc -l)" ]
ok $? 'of every table in the folder'
output "'descent compare FOLDER --against published:digits'" 'list published NAME: what to type next' list published digits
{ grep -q '^  100, 100 completed, results of version' out && awk 'length > 80' out | grep -c . | grep -qx 0; }
ok $? 'how many runs, in 80 columns'
for words in published 'published digits' 'optimizer adam'; do
    # shellcheck disable=SC2086 # words
    message 2 "Markdown is of the lists of a kind, not of '${words#* }': leave '--format' out" "list $words: not as Markdown" list $words --format markdown
done
message 2 'did you mean published:digits?' 'a name that there is not' list published digitz

# Rows of the table and what the program makes of them agree, counted anew.
sed '/^#/d' "$source/results/published/digits.csv" | python3 -c '
import csv, re, statistics, sys
cells = {}
for row in csv.DictReader(sys.stdin):
    cells.setdefault(re.search(r"name: (\w+)", row["optimizer"])[1], []).append(float(row["final.test_accuracy"]))
for name, v in sorted(cells.items()):
    print(f"{name},{statistics.fmean(v):.7f},{statistics.stdev(v):.7f}")' >expected

# ---- beside runs of one's own ----

cat >mine.yaml <<'END'
dataset: {name: digits, train_limit: 10000, validation: 2000, test_limit: 2000}
model: {name: mlp, hidden: [100]}
train: {epochs: 10, batch_size: 128}
evaluate: {train: none}
checkpoint: {every: 0, keep: 0, best: null, last: false}
plots: false
optimizer: {name: adamax, lr: 0.02}
sweep: {seeds: [2, 3, 4]}
END
run sweep mine.yaml -q -o mine
run compare mine --against published:digits --group-by optimizer.name --metric test_accuracy --format csv
column() { # NAME: its number in out
    head -n 1 out | tr ',' '\n' | grep -n "^$1\$" | cut -d: -f1
}
awk -F, -v key="$(column optimizer.name)" -v mean="$(column test_accuracy.mean)" -v sd="$(column test_accuracy.sd)" '
    NR > 1 && $key != "adamax" { printf "%s,%.7f,%.7f\n", $key, $mean, $sd }' out | sort | diff expected - >why 2>&1
ok $? 'the groups are those of the table'
awk -F, -v key="$(column optimizer.name)" '$key == "adamax"' out | grep -q .
ok $? 'beside the runs of the folder'
output '100 runs of published:digits' 'said in the notes' compare mine --against published:digits --group-by optimizer.name --baseline optimizer.name=adam --target valid_accuracy=0.9
grep -Eq '^adamax +3 ' out
ok $? 'pairs by seed with published runs'
grep -q 'steps to valid_accuracy ≥ 0.9, of the same pairs' out
ok $? 'and on the way to a target'
message 2 'published:digits keeps no valid_loss of every epoch' 'a target whose curve is not kept' compare mine --against published:digits --target valid_loss=0.5
for how in '--profile seed' '--baseline optimizer.name=adam'; do
    # shellcheck disable=SC2086 # an option and its value
    message 2 "keeps no seconds, as they are another machine's: count by '--cost steps'" "seconds of other machines are no cost: $how" \
        compare mine --against published:digits --group-by optimizer.name --target valid_accuracy=0.9 --cost seconds $how
done
output "runs alone whose times are known" 'a mean of seconds says of which runs it is' compare mine --against published:digits --group-by optimizer.name --target valid_accuracy=0.9
message 2 'published results are named published:NAME' 'a name without its prefix' compare mine --against digits
for words in published 'published digits' 'optimizer adam'; do
    # shellcheck disable=SC2086 # words
    message 2 "Markdown is of the lists of a kind, not of '${words#* }': leave '--format' out" "list $words: not as Markdown" list $words --format markdown
done
message 2 'did you mean published:digits?' 'a name that there is not: suggestion' compare mine --against published:digit

# ---- the digests ----

# A published run that somebody trains anew is that run: it counts once, and its weights are the same.
settings=$(sed '/^#/d' "$source/results/published/digits.csv" | python3 -c '
import csv, sys
row = list(csv.DictReader(sys.stdin))[15]
print("optimizer=" + row["optimizer"], "seed=" + row["seed"], sep="\n")')
run run mine.yaml -q -o again sweep=null "$(echo "$settings" | head -n 1)" "$(echo "$settings" | tail -n 1)"
run compare again --against published:digits --group-by optimizer.name
{ [ "$code" -eq 0 ] && grep -q 'published:digits/16 is again' out && ! grep -q 'weights differ' out; }
ok $? 'a published run, trained here, is that run, with its weights'
output 'published:digits: 2 of 2 runs reproduced' 'verify trains published runs again, by their digests' verify published:digits --members 2
[ "$(grep -c 'identical: SHA-256' out)" -eq 4 ]
ok $? 'each by its epochs.csv and its weights'
find . -maxdepth 1 -name 'published.verify-*' | grep -c . | grep -qx 0
ok $? 'and leaves nothing behind'
for words in published 'published digits' 'optimizer adam'; do
    # shellcheck disable=SC2086 # words
    message 2 "Markdown is of the lists of a kind, not of '${words#* }': leave '--format' out" "list $words: not as Markdown" list $words --format markdown
done
message 2 'did you mean published:digits?' 'verify: a name that there is not' verify published:digit
message 2 'digests of their own' 'verify: another digest' verify published:digits --against 00
message 2 'train.epochs' 'verify: another length' verify published:digits train.epochs=1
if [ -n "$("$descent" list published | grep '^lecture ')" ]; then
    run verify published:lecture --members 1 dataset.dir="$work/nowhere"
    [ "$code" -eq 3 ]
    ok $? 'verify: data that are not there are exit 3'
fi

# ---- the script that makes them ----

run sweep mine.yaml -q -o some train.epochs=1 'sweep={list: [{optimizer.lr: 0.02}, {optimizer: {name: sgd, lr: 1e38}}], seeds: [2]}'
python3 "$source/scripts/publish" some some --title 'Two runs' --source 'a test' --command 'descent sweep' -o . >out 2>why
code=$?
sed '/^#/d' some.csv | python3 -c '
import csv, sys
rows = list(csv.DictReader(sys.stdin))
assert [row["status"] for row in rows] == ["completed", "diverged"], rows
assert len(rows[0]["weights_sha256"]) == 64 and rows[1]["weights_sha256"] == "", rows' 2>>why && [ "$code" -eq 0 ]
ok $? 'scripts/publish: a run that diverged has no weights'
grep -qx 'some.csv: 2 runs' out
ok $? 'scripts/publish: says what it wrote'

publish() { # NAME FOLDER [OPTION ...]
    code=0
    python3 "$source/scripts/publish" "$@" --source 'a test' --command 'descent run' >out 2>err || code=$?
}
refuses() { # CODE TEXT TITLE NAME FOLDER [OPTION ...]
    refused_code=$1 refused_text=$2 refused_title=$3
    shift 3
    publish "$@"
    { [ "$code" -eq "$refused_code" ] && grep -qF -- "$refused_text" err && ! grep -q Traceback err && [ ! -e into/one.csv ]; }
    ok $? "scripts/publish: $refused_title"
}
mkdir into
member=$(dirname "$(find some -name run.json | head -n 1)")
publish one "$member" "$member/." --title 'One run' -o into
{ [ "$code" -eq 0 ] && grep -qx 'into/one.csv: 1 run' out; }
ok $? 'scripts/publish: a run that is named twice is one'
rm into/one.csv
refuses 1 "epochs.csv has no column 'nope' for --curve; it has epoch, step" 'a curve that there is not' one "$member" --title T -o into --curve valid_loss,nope
for name in ../x 1x a.b 'a
b' ''; do
    refuses 2 'a name begins with a small letter' "a name that cannot be built in: $(printf %s "$name" | tr '\n' ' ')" "$name" "$member" --title T -o into
done
refuses 2 "--title is one line of text, not 'a\\nb: ['" 'a title of two lines' one "$member" --title 'a
b: [' -o into
refuses 2 "--title is one line of text, not ''" 'a title of nothing' one "$member" --title '' -o into
refuses 2 "argument -o/--out: there is no folder 'nowhere'" 'a folder that is not there' one "$member" --title T -o nowhere
refuses 2 "argument FOLDER: there is no folder 'nowhere'" 'a source that is not there' one "$member" nowhere --title T -o into
cp -r "$member" cut && head -c 100 "$member/run.json" >cut/run.json
refuses 1 'cut is not the whole folder of a run' 'a run whose record is cut' one cut --title T -o into
plan
