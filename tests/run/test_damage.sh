#!/bin/sh
# Each damage to what a run or a sweep has recorded, crossed with each command that reads folders: one exit code, the
# file's name and what to do in the message, and nothing in the folder removed or written over. Speaks TAP.
#
#     test_damage.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
own_folder

cat >spec.yaml <<'EOF'
name: r
dataset: {name: digits, validation: 50, train_limit: 200, test_limit: 50}
model: {name: mlp, hidden: [8]}
train: {epochs: 2, batch_size: 50}
optimizer: {name: sgd, lr: 0.05}
log: {steps: 1}
checkpoint: {keep: 3}
plots: false
threads: 1
EOF
{ sed 's/^name: r/name: s/' spec.yaml && printf 'sweep: {seeds: 2}\n'; } >sweep.yaml
ends_with 0 'a run to start from' run spec.yaml -q -o sound
ends_with 0 'a sweep to start from' sweep sweep.yaml -q -o swept

# The commands, each with its folder as F.
readers() {
    cat <<'EOF'
status F
resume F
again F
verify F
compare F
plot F -o figure.png
report F -o report.html
export F -o runs.sqlite
export F -o events.tfevents
export F -o weights.npz
eval F
landscape F -o landscape.png
data show F -o shown
inspect F
clean F
EOF
}

# What some commands do not read, or say otherwise: DAMAGE|COMMAND|CODE; "*": any.
exceptions() {
    cat <<'EOF'
no spec.yaml|again F|0
edited spec.yaml|verify F|1
edited spec.yaml|resume F|2
epochs.csv|verify F|1
steps.csv|verify F|1
epochs.csv|export F -o weights.npz|0
epochs.csv|eval F|0
epochs.csv|data show F -o shown|0
steps.csv|status F|0
steps.csv|compare F|0
steps.csv|plot F -o figure.png|0
steps.csv|export F -o events.tfevents|0
steps.csv|export F -o weights.npz|0
steps.csv|eval F|0
steps.csv|landscape F -o landscape.png|0
steps.csv|data show F -o shown|0
sweep.yaml|export F -o events.tfevents|2
sweep.yaml|export F -o weights.npz|2
sweep.yaml|eval F|2
sweep.yaml|landscape F -o landscape.png|2
sweep.yaml|inspect F|2
EOF
}

expected() { # DAMAGE COMMAND: the exit code
    exceptions | awk -F'|' -v d="$1" -v c="$2" '$1 == d && $2 == c { code = $3 } END { print code == "" ? 3 : code }'
}

listed() { # all that lies in x but what `verify` notes, with its content
    (cd x && find . -type f ! -name verified.json -exec sha256sum {} + | sort)
}

# FILE is what messages name; a remedy says to put it back.
crossed() { # DAMAGE FILE TITLE FROM COMMAND ...: made by the command, in a copy of the folder
    damage=$1 file=$2 title=$3 from=$4
    shift 4
    rm -rf damaged && cp -r "$from" damaged
    (cd damaged && "$@")
    readers >list
    while read -r command; do
        rm -rf x && cp -r damaged x && listed >before
        words=$(printf '%s\n' "$command" | sed 's/\bF\b/x/')
        [ "$command" != 'again F' ] || words="run spec.yaml -o x"
        { [ "$command" != 'again F' ] || [ "$from" = sound ]; } || words="sweep sweep.yaml -o x"
        want=$(expected "$damage" "$command")
        # shellcheck disable=SC2086 # words
        run $words
        {
            [ "$code" -eq "$want" ] || echo "$words: exit code $code, not $want"
            [ "$want" -ne 3 ] || { grep -qF "x/$file" err && grep -q 'put .* back' err; } || {
                [ "$file" = sweep.yaml ] && [ "$command" = 'data show F -o shown' ]; } || sed "s|^|$words: |" err
            listed | diff before - | grep '^<' | sed "s|^|$words: lost |"
        } >>why
    done <list
    [ ! -s why ]
    ok $? "$title"
    rm -f why
}

cut_to() { # BYTES FILE
    head -c "$1" "$2" >part && mv part "$2"
}
put() { # TEXT FILE
    printf '%b' "$1" >"$2"
}

crossed spec.yaml spec.yaml 'spec.yaml, cut' sound cut_to 300 spec.yaml
crossed spec.yaml spec.yaml 'spec.yaml, no YAML' sound put 'seed: 1\nfoo\nbar: 2\n' spec.yaml
crossed spec.yaml spec.yaml 'spec.yaml, not UTF-8' sound put 'seed: \0377\n' spec.yaml
crossed spec.yaml spec.yaml 'spec.yaml, without a seed' sound put 'optimizer: adam\n' spec.yaml
crossed spec.yaml spec.yaml 'spec.yaml, empty' sound put '' spec.yaml
crossed spec.yaml spec.yaml 'spec.yaml, cut between two keys' sound sed -i "/^train:/,\$"d spec.yaml
crossed 'edited spec.yaml' spec.yaml 'spec.yaml, edited' sound sed -i 's/^seed: .*/seed: 77/' spec.yaml
crossed 'no spec.yaml' spec.yaml 'no spec.yaml' sound rm spec.yaml
crossed run.json run.json 'run.json, empty' sound put '' run.json
crossed run.json run.json 'run.json of nothing' sound put '{}\n' run.json
crossed run.json run.json 'run.json, cut' sound cut_to 200 run.json
crossed epochs.csv epochs.csv 'epochs.csv without its header' sound sed -i 1d epochs.csv
crossed epochs.csv epochs.csv 'epochs.csv with a row that cannot be read' sound sed -i '2s/,/;/' epochs.csv
crossed epochs.csv epochs.csv 'epochs.csv, cut' sound cut_to 150 epochs.csv
crossed epochs.csv epochs.csv 'no epochs.csv' sound rm epochs.csv
crossed steps.csv steps.csv 'steps.csv without a row' sound sed -i 3d steps.csv
crossed sweep.yaml sweep.yaml 'sweep.yaml, cut' swept cut_to 100 sweep.yaml
crossed sweep.yaml sweep.yaml 'sweep.yaml, no YAML' swept put 'seed: 1\nfoo\n' sweep.yaml
crossed sweep.yaml sweep.yaml 'sweep.yaml without a sweep' swept put 'optimizer: adam\n' sweep.yaml

# ---- the remedies ----

rm -rf x && cp -r sound x && rm x/spec.yaml
ends_with 0 'a spec.yaml that was removed is written again' run spec.yaml -q -o x
cmp -s x/spec.yaml sound/spec.yaml
ok $? '... as it was'
rm -rf x && cp -r swept x && rm x/sweep.yaml
ends_with 0 'so is a sweep.yaml' sweep sweep.yaml -q -o x
diff -r x swept >why
ok $? '... as it was, and nothing is trained'

# ---- a run that has no certificate yet ----

rm -rf x && cp -r sound x && sed -i 's/"status": "completed"/"status": "interrupted"/; s/"exit_code": 0/"exit_code": 143/' x/run.json
printf 'seed: 1\nfoo\n' >x/spec.yaml
for command in 'status x' 'resume x' 'verify x' 'compare x' 'report x' 'data show x -o shown' 'inspect x'; do
    # shellcheck disable=SC2086 # words
    case $command in
    verify*) message 2 "'descent resume x' resumes it" "one that has not ended: $command" $command ;;
    *) message 3 'x/spec.yaml:2: this is no' "one that has not ended: $command names the line" $command ;;
    esac
done

# ---- among many ----

rm -rf many && mkdir many && cp -r sound many/a && cp -r sound many/b && printf 'seed: 1\nfoo\n' >many/b/spec.yaml
for command in 'compare many' 'plot many -o figure.png' 'export many -o runs.sqlite'; do
    # shellcheck disable=SC2086 # words
    message 3 'left out: many/b/spec.yaml is not the one' "$command: one is left out, and the others are served" $command
done
rm -rf x && cp -r swept x && printf 'seed: 1\nfoo\n' >x/sweep.yaml
run compare x
{ grep -q '^2 runs in ' out && grep -qF 'x/sweep.yaml:2: ' err; }
ok $? 'compare: members are shown, though sweep.yaml is damaged'

plan
