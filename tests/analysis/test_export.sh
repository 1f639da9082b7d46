#!/bin/sh
# descent export of whole studies: a database, added to without doubling; TensorBoard's runs with their
# settings. Read back with Python's own sqlite3 and a reader of protocol buffers. Speaks TAP.
#
#     test_export.sh DESCENT PYTHON
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
python=$2
reader=$(realpath "$(dirname "$0")")/read_export.py
own_folder

checks() { # TITLE ARGUMENT ...
    title=$1
    shift
    "$python" "$reader" "$@" >why 2>&1
    ok $? "$title"
}

cat >study.yaml <<'END'
dataset: {name: digits, train_limit: 100}
model: {name: mlp, hidden: [4]}
train: {epochs: 2, batch_size: 20}
optimizer: {name: sgd, lr: 0.1}
log: {steps: 1}
checkpoint: {last: false}
plots: false
sweep:
  grid:
    optimizer.lr: [0.1, 0.01]
  seeds: [1, 2]
END
ends_with 0 'a sweep' sweep -q study.yaml -o study

output 'tb: 4 runs' "TensorBoard's runs of a sweep" export study -o tb
checks 'each with the settings that vary' tensorboard study tb optimizer.lr seed

run export study -o study.sqlite
if [ "$code" -eq 4 ]; then
    grep -q 'without libsqlite3' err
    ok $? 'says what is missing'
    plan
    exit 0
fi
prints 'study.sqlite: 4 runs' 'a database of a sweep'
checks 'holds what the files hold' database study.sqlite study
run export study ./study/ -o study.sqlite
checks 'again: nothing is doubled' database study.sqlite study
roomless() { # FILE: study into it, where no file may grow past 8 KB
    code=0
    # shellcheck disable=SC3045
    (ulimit -f 16 && "$descent" export study -o "$1" >out 2>err </dev/null) || code=$?
}
roomless new.sqlite
{ [ "$code" -eq 4 ] && grep -q 'new.sqlite: disk I/O error' err && [ "$(echo new.sqlite*)" = 'new.sqlite*' ]; }
ok $? 'a file that may not grow: no empty one is left'
cp study.sqlite kept.sqlite
roomless kept.sqlite
cmp study.sqlite kept.sqlite && [ "$(echo kept.sqlite*)" = kept.sqlite ]
ok $? 'and what was there stays'

# ---- settings that an earlier export had alike, or lacked ----

sed 's/hidden: \[4\]/hidden: [5]/; s/train_limit: 100/train_limit: 120/; s/name: sgd/name: adam/; /^sweep/,$d' study.yaml >other.yaml
run run -q other.yaml -o other
output 'study.sqlite: 1 run' 'another run into the same file' export other -o study.sqlite
checks 'its settings are columns, of all rows' database study.sqlite study other
"$python" - >why 2>&1 <<'END'
import sqlite3
rows = sqlite3.connect("study.sqlite").execute('SELECT "model.hidden", "dataset.train_limit", "optimizer.lr", "optimizer.eps" FROM runs ORDER BY id').fetchall()
assert rows == [("[4]", 100, 0.01, None)] * 2 + [("[4]", 100, 0.1, None)] * 2 + [("[5]", 120, 0.1, 1e-8)], rows
END
ok $? 'with their values'

# ---- lists swept as wholes: compare's names of their entries are no settings ----

for schedule in cosine '[{name: warmup, over: 1}, cosine]'; do
    run run -q other.yaml -o "lists/$schedule" "scheduler=$schedule"
done
run export lists -o lists.sqlite
"$python" - >why 2>&1 <<'END'
import json
import sqlite3
db = sqlite3.connect("lists.sqlite")
columns = [row[1] for row in db.execute("PRAGMA table_info(runs)")]
assert "scheduler.1.name" in columns and "scheduler" not in columns, columns
settings = [json.loads(row[0]) for row in db.execute("SELECT settings FROM runs")]
assert len(settings) == 2 and not any("scheduler" in s for s in settings), settings
END
ok $? 'a list has its entries alone as columns'

# ---- tables whose columns stand in another order, between two that do not ----

uncertified() { # FOLDER: as versions left it that certified no steps.csv
    "$python" - "$1/run.json" <<'END'
import json
import sys
with open(sys.argv[1]) as f:
    run = json.load(f)
del run["certificate"]["steps.csv"]
with open(sys.argv[1], "w") as f:
    json.dump(run, f)
END
}
mkdir mixed
for name in a b c; do
    cp -r study/lr=0.1,seed=1 "mixed/$name"
done
awk -F, -v OFS=, '{ last = $NF; $NF = $(NF - 1); $(NF - 1) = last; print }' mixed/a/steps.csv >mixed/b/steps.csv
uncertified mixed/b
output 'mixed.sqlite: 3 runs' 'other columns in one of three' export mixed -o mixed.sqlite
checks 'each value under its own name' database mixed.sqlite mixed

# ---- more settings than the table gets columns ----

"$python" - >why 2>&1 <<'END'
import json, os, shutil
for last in 1, 2:
    folder = f"many-{last}"
    shutil.copytree("mixed/a", folder)
    with open(f"{folder}/spec.yaml") as f:
        spec = f.read()
    constants = "".join(f"    c{i}: {last if i == 599 else 1}\n" for i in range(600))
    with open(f"{folder}/spec.yaml", "w") as f:
        f.write(spec.replace("optimizer:\n", "optimizer:\n  with:\n" + constants))
    with open(f"{folder}/run.json") as f:
        record = json.load(f)
    del record["certificate"]  # it is of the spec as it was
    with open(f"{folder}/run.json", "w") as f:
        json.dump(record, f)
END
output 'many.sqlite: 2 runs' 'six hundred settings' export many-1 many-2 -o many.sqlite
"$python" - >why 2>&1 <<'END'
import sqlite3
rows = sqlite3.connect("many.sqlite").execute('SELECT [optimizer.with.c599], [optimizer.with.c0], json_extract(settings, \'$."optimizer.with.c598"\') FROM runs ORDER BY id').fetchall()
assert rows == [(1, 1, 1), (2, 1, 1)], rows
END
ok $? 'what differs has a column; the rest as far as there is room'

# ---- settings whose names differ in case alone: SQLite's columns tell none apart ----

sed '/^optimizer/,$d' study.yaml >case.yaml
cat >>case.yaml <<'END'
optimizer: {name: equations, lr: 0.1, update: "w = w - k * lr * g * K", with: {k: 0.5, K: 2}}
log: {steps: 1}
checkpoint: {last: false}
plots: false
END
run run -q case.yaml -o case
output 'case.sqlite: 1 run' 'constants k and K' export case -o case.sqlite
grep -qF 'case.sqlite: the setting optimizer.with.k is the column "optimizer.with.k (2)"' err
ok $? 'it is said what the second one is called'
output 'case.sqlite: 1 run' 'again' export case -o case.sqlite
"$python" - >why 2>&1 <<'END'
import sqlite3
db = sqlite3.connect("case.sqlite")
rows = db.execute('SELECT "optimizer.with.K", "optimizer.with.k (2)" FROM runs').fetchall()
assert rows == [(2, 0.5)], rows
names = [name for _, name, *_ in db.execute("PRAGMA table_info(runs)") if name.startswith("optimizer.with.")]
assert names == ["optimizer.with.K", "optimizer.with.k (2)"], names
END
ok $? 'each has its value'

# ---- tables that are not whole, and names that are no text ----

cp -r case torn
sed '3s/,[^,]*$/,99/' case/steps.csv >torn/steps.csv
message 3 "torn/steps.csv is not the one that run.json's certificate is of" 'steps.csv that was edited' export torn -o edited.sqlite
rm torn/steps.csv
message 3 'torn/steps.csv is missing' 'steps.csv that is gone' export torn -o edited.sqlite
uncertified torn
wrong() { # TEXT TITLE: refused with what is wrong, and where
    rm -f torn.sqlite
    message 3 "$1" "$2" export torn -o torn.sqlite
}
head -c -4 case/steps.csv >torn/steps.csv
output 'torn.sqlite: 1 run' 'a last row that was not yet whole' export torn -o torn.sqlite
"$python" - >why 2>&1 <<'END'
import sqlite3
db = sqlite3.connect("torn.sqlite")
with open("torn/steps.csv") as f:
    whole = [line for line in f if line.endswith("\n")]
got = db.execute("SELECT count(*) FROM steps").fetchone()
assert got == (len(whole) - 1,), (got, len(whole))
END
ok $? 'is left out'
sed '3s/,[^,]*$//' case/steps.csv >torn/steps.csv
wrong "torn/steps.csv: row 2 has $(($(sed -n 3p torn/steps.csv | tr -cd , | wc -c) + 1)) cells, and the first line" 'a row with a cell too few'
sed '3s/$/,1/' case/steps.csv >torn/steps.csv
wrong 'torn/steps.csv: row 2 has' 'a row with a cell too many'
awk -v OFS= '{ for (i = 1; i <= 70; i++) $0 = $0 "," (NR == 1 ? "more" i : i) } 1' case/steps.csv >torn/steps.csv
wrong 'torn/steps.csv: the table has more than 64 columns' 'a table with too many columns'
: >torn/steps.csv
output 'torn.sqlite: 1 run' 'a table of which nothing was written yet' export torn -o torn.sqlite
odd=$(printf 'caf\351')
if mv torn "$odd" 2>/dev/null; then
    output 'odd.sqlite: 1 run' 'a folder whose name is no UTF-8' export "$odd" -o odd.sqlite
    output 'odd.sqlite: 1 run' 'again' export "$odd" -o odd.sqlite
    "$python" - >why 2>&1 <<'END'
import sqlite3
rows = sqlite3.connect("odd.sqlite").execute("SELECT folder FROM runs").fetchall()
assert len(rows) == 1 and rows[0][0].endswith(b"/caf\xe9"), rows
END
    ok $? 'is its bytes'
fi

# ---- what is no database ----

printf 'text, not a database, long enough to have a header of its own\n' >text.sqlite
cp text.sqlite before
run export study -o text.sqlite
{ [ "$code" -eq 4 ] && grep -q 'not a database' err && cmp -s text.sqlite before; }
ok $? 'another file is left as it is'
message 2 'several go into -o FILE.sqlite' 'several folders have one form' export study other -o both.npz

plan
