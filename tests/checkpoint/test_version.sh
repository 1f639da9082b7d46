#!/bin/sh
# A run that an earlier version was killed in, in the middle of an epoch: this version evaluates it, refuses to resume
# other results, and resumes the format; speaks TAP.
#
#     test_version.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
own_folder

# The images that it was trained on: 72 and 20 of 2 x 2 pixels (run.json has their digests).
mkdir data
set_of train 72
set_of t10k 20

for folder in "$here"/version-*; do
    version=${folder##*-}
    cp -r "$folder" run
    sha256sum data/t10k-images-idx3-ubyte | cut -d ' ' -f 1 | grep -qf - run/run.json
    ok $? "version $version: the images are those of the run"
    "$descent" eval run/checkpoints/last.safetensors >out 2>err </dev/null
    ok $? "version $version: eval of its checkpoint"
    if command -v python3 >/dev/null; then
        expected=$(python3 "$here/evaluate.py" run/checkpoints/last.safetensors data/t10k-images-idx3-ubyte data/t10k-labels-idx1-ubyte)
        awk -v expected="$expected" '$1 == "loss" { loss = $2 } $1 == "accuracy" { right = $2 }
            END { split(expected, e, " "); exit !(loss != "" && (loss - e[1]) ^ 2 < 1e-10 && (right - e[2]) ^ 2 < 1e-10) }' out
        ok $? "version $version: the figures are those of its weights ($expected)"
    fi
    cp -r run hurt
    message 3 "hurt has results of version 1, this descent makes those of version 2" "version $version: results of another version are not resumed" resume hurt --no-plots
    sed 's/"status": "[a-z]*"/"status": "completed"/; s/"exit_code": null/"exit_code": 0/' run/run.json >hurt/run.json
    message 3 'it cannot be verified' "version $version: nor verified" verify hurt
    ends_with 0 "version $version: --force begins again" run hurt/spec.yaml -q --no-plots --force -o hurt
    rm -rf hurt
    if ! command -v python3 >/dev/null; then
        skip "version $version: resume" 'there is no python3'
        continue
    fi
    # the format is read as ever: with the results of today
    python3 "$here/with_results.py" run/checkpoints/last.safetensors 2
    for table in epochs steps timing; do
        cp -r run hurt && sed -i 2d "hurt/$table.csv"
        code=0
        "$descent" resume hurt --no-plots >out 2>err </dev/null || code=$?
        [ "$code" -eq 3 ] && grep -q "hurt/$table.csv: row 1 is of .*: rows are missing" err
        ok $? "version $version: without digests a missing row of $table.csv is seen by its number"
        rm -rf hurt
    done
    cp -r run hurt && sed '/^log:/,/steps:/s/steps: 1/steps: 2/' run/spec.yaml >hurt/spec.yaml
    "$descent" resume hurt --no-plots >out 2>err </dev/null
    ok $? "version $version: an interval between rows of steps.csv that changed on the way is none missing"
    rm -rf hurt
    "$descent" resume run --no-plots >out 2>err </dev/null
    ok $? "version $version: resume"
    grep -q 'resuming after epoch 1, update 8' err
    ok $? "version $version: from where it was killed"
    "$descent" run run/spec.yaml -q --no-plots -o straight >out 2>err </dev/null
    # on another BLAS kernel the last digits differ
    awk -F, 'FNR == 1 { next } NR == FNR { loss[$1] = $9; step[$1] = $2; n++; next }
        { if (step[$1] != $2 || ($9 - loss[$1]) ^ 2 > 1e-8) exit 1; m++ } END { exit !(n == 4 && m == 4) }' \
        straight/epochs.csv run/epochs.csv
    ok $? "version $version: what an uninterrupted run gives"
    [ "$(cut -d, -f1 run/steps.csv | tr '\n' ' ')" = "$(cut -d, -f1 straight/steps.csv | tr '\n' ' ')" ]
    ok $? "version $version: no update twice or missing"
    rm -rf run straight
done

plan
