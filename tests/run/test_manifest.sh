#!/bin/sh
# run.json: what it records of the build, and that nothing in it is believed that cannot be; speaks TAP.
#
#     test_manifest.sh DESCENT CRASH-MODULE
# shellcheck disable=SC2016,SC2034,SC2154 # sed's own; tap.sh's names
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

top=$(realpath "$(dirname "$0")/../..")
descent=$(realpath "$1")
crash=$(realpath "$2")
own_folder
mkdir data
set_of train 60
set_of t10k 30
cat >base.yaml <<'END'
dataset: {name: idx, dir: data, validation: 10}
model: {name: mlp, hidden: [4]}
train: {epochs: 2, batch_size: 5}
optimizer: {name: sgd, lr: 0.05}
plots: false
END
cat >sweep.yaml <<'END'
extends: base.yaml
sweep: {seeds: 2}
END
ends_with 0 'a run' run base.yaml -q -o one
ends_with 0 'a sweep' sweep sweep.yaml -q -o swept

# ---- the build ----

sources=$(cd "$top" && { echo meson.build && echo meson_options.txt && find src -name meson.build -o -name '[!.]*.[ch]' -o -name '[!.]*.in' -o -name '[!.]*.inc'; } |
    LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
grep -qF "\"sources\": \"$sources\"" one/run.json
ok $? 'sources: the digest that find, sort and sha256sum give'
run --version
grep -qxF "sources $sources" out
ok $? '--version shows it'
cp "$top/scripts/digest-sources" "$top/scripts/usage.py" . && mkdir tree && cp -r "$top/src" "$top/meson.build" "$top/meson_options.txt" tree
./digest-sources tree here.h && touch -d '2020-01-01' here.h && ./digest-sources tree here.h && [ -z "$(find here.h -newermt 2021-01-01)" ] && grep -qF "$sources" here.h
ok $? 'elsewhere it is the same, and a header that has it is left alone'
echo '/* */' >>tree/src/util/text.c && ./digest-sources tree here.h && ! grep -qF "$sources" here.h
ok $? 'another file: another digest'
if git -C "$top" rev-parse HEAD >/dev/null 2>&1; then
    commit=$(git -C "$top" describe --always --dirty --abbrev=12 --exclude '*')
    grep -qF "\"commit\": \"$commit\"" one/run.json
    ok $? 'commit: -dirty where the tree has changes'
else
    skip 'commit: -dirty where the tree has changes' 'no git here'
fi

# ---- what cannot be ----

refused() { # TITLE TEXT SED-EXPRESSION: by all that read it, with the key
    rm -rf bad && cp -r one bad && sed "$3" one/run.json >bad/run.json
    cmp -s one/run.json bad/run.json && echo 'nothing edited' >why
    for command in "run base.yaml -q -o bad" "resume bad -q" "status bad" "compare bad" "report bad" "clean bad" "verify bad -q" "inspect bad"; do
        # shellcheck disable=SC2086 # words
        run $command
        { [ "$code" -eq 3 ] && grep -qF "bad/run.json: $2" err && ! grep -q ' %$' out; } || echo "$command: exit $code" >>why
    done
    [ ! -s why ]
    ok $? "$1"
}
refused 'exit_code 256' 'exit_code is 256, which no run with status completed has' 's/"exit_code": 0/"exit_code": 256/'
refused 'exit_code of another end' 'exit_code is 5, which' 's/"exit_code": 0/"exit_code": 5/'
refused 'exit_code -1' 'exit_code is neither null nor an exit code' 's/"exit_code": 0/"exit_code": -1/'
refused 'exit_code null' 'exit_code is null, which' 's/"exit_code": 0/"exit_code": null/'
refused 'exit_code as a text' 'exit_code is neither' 's/"exit_code": 0/"exit_code": "0"/'
refused 'a status that there is not' 'status is not running, completed' 's/"completed"/"finished"/'
refused 'a status of another exit code' 'exit_code is 0, which no run with status interrupted has' 's/"completed"/"interrupted"/'
refused 'a negative epoch' 'epoch is not a whole number, 0 or more' 's/^  "epoch": 2/  "epoch": -2/'
refused 'a broken number of steps' 'step is not a whole number, 0 or more' 's/^  "step": 20/  "step": 20.5/'
refused 'an accuracy above 1' 'metrics.final.test_accuracy is not a number from 0 to 1' 's/"test_accuracy": [0-9][0-9.]*/"test_accuracy": 1.5/'
refused 'a loss as a text' 'metrics.final.valid_loss is not a number' 's/"valid_loss": \([0-9.]*\)/"valid_loss": "\1"/'
refused 'a digest that is none' 'weights_sha256 is not a SHA-256' 's/"weights_sha256": "./"weights_sha256": "x/'
refused 'a message that is no text' 'message is not a text' 's/^  "status"/  "message": 7, "status"/'
refused 'a section that is none' 'build.blas is not an object' 's/"blas": {/"blas": 3, "other": {/'
refused 'seconds below 0' 'times.seconds is not a number in [0, 1e12]' 's/"seconds": /"seconds": -1/'
refused 'more seconds than there are' 'times.seconds is not a number in [0, 1e12]' 's/"seconds": [0-9.e-]*/"seconds": 1e300/'
refused 'half a file' 'not valid JSON' '10,$d'
refused 'nothing' 'not valid JSON' 'd'
refused 'a list' 'not an object' '1i[
$a]'
grep -q "'descent resume bad' begins at the last checkpoint" err || { run run base.yaml -q -o bad; grep -q "'descent resume bad' begins at the last checkpoint" err; }
ok $? 'and it is said what helps'
rm bad/run.json && run resume bad -q && [ "$code" -eq 0 ] && same one bad
ok $? 'which it does'

rm -rf bad && cp -r one bad && sed 's/"epoch": 2/"epoch": 9223372036854775807/' one/run.json >bad/run.json
message 3 'bad/run.json: metrics.final is of epoch 9223372036854775807' 'an epoch that never was: epochs.csv is as certified, and not to blame' resume bad -q train.epochs=3

# ---- metrics that are not those of epochs.csv ----

edited() { # TITLE TEXT SED-EXPRESSION
    rm -rf bad && cp -r one bad && sed "$3" one/run.json >bad/run.json
    cmp -s one/run.json bad/run.json && echo 'nothing edited' >why
    for command in "run base.yaml -q -o bad" "resume bad -q" "status bad" "compare bad" "report bad" "clean bad" "inspect bad"; do
        # shellcheck disable=SC2086 # words
        run $command
        { [ "$code" -eq 3 ] && grep -q "bad/run.json: $2" err; } || echo "$command: exit $code" >>why
    done
    [ ! -s why ]
    ok $? "$1"
}
edited 'an edited accuracy' 'metrics.final.valid_accuracy is 0.9, but 0[.0-9]* in epochs.csv' 's/"valid_accuracy": 0[.0-9]*/"valid_accuracy": 0.9/'
loss=$(tail -n 1 one/epochs.csv | cut -d, -f13)
other=${loss%?}$((${loss#"${loss%?}"} % 9 + 1))
edited 'a loss off by one in its last digit' "metrics.final.test_loss is $other, but $loss in epochs.csv" "s/\"test_loss\": [0-9][0-9.]*/\"test_loss\": $other/"
edited 'an accuracy that the table does not have' 'metrics.best.train_loss is null, but ' '/"best"/,/}/s/"train_loss": [0-9.]*/"train_loss": null/'
edited 'another epoch than the table ends with' 'epoch is 7, but epochs.csv ends with epoch 2' 's/^  "epoch": 2/  "epoch": 7/'
edited 'another update than the table ends with' 'step is 21, but epochs.csv ends with update 20' 's/^  "step": 20/  "step": 21/'
edited 'another last epoch' 'metrics.final is of epoch 7, update 20, with which epochs.csv does not end' '/"final"/,/}/s/"epoch": 2/"epoch": 7/'
# A table that is not the certified one is to blame itself, not run.json.
damaged() { # TITLE SED-EXPRESSION
    rm -rf bad && cp -r one bad && sed "$2" one/epochs.csv >bad/epochs.csv
    cmp -s one/epochs.csv bad/epochs.csv && echo 'nothing edited' >why
    for command in "run base.yaml -q -o bad" "resume bad -q" "status bad" "compare bad" "report bad" "inspect bad"; do
        # shellcheck disable=SC2086 # words
        run $command
        { [ "$code" -eq 3 ] && grep -q 'bad/epochs.csv' err && ! grep -q 'bad/run.json:' err; } || echo "$command: exit $code" >>why
    done
    [ ! -s why ]
    ok $? "$1"
}
damaged 'a table without its last row' '$d'
damaged 'a table with another figure' '$s/,0[.]\([0-9]\)[0-9]*$/,0.\19/'
member=swept/seed=124
sed -i 's/"valid_accuracy": 0[.0-9]*/"valid_accuracy": 0.99/' "$member/run.json"
cp swept/members.csv before
for words in 'sweep sweep.yaml -q -o swept' 'resume swept -q' 'status swept' 'compare swept' 'report swept' 'sweep sweep.yaml -o swept --summary'; do
    # shellcheck disable=SC2086 # words
    run $words
    { [ "$code" -eq 3 ] && grep -q "$member/run.json: metrics.*valid_accuracy is 0.99, but" err out &&
        grep -v '^seed=124,' before >rest && grep -v '^seed=124,' swept/members.csv | cmp -s rest -; }
    ok $? "a member with an edited accuracy: $words"
done

# ---- what reaches a terminal ----

rm -rf bad && cp -r one bad
sed 's/^  "exit_code": 0/  "message": "\\u001b[31mred\\u001b[0m\\u009b1m", "exit_code": 6/' one/run.json >bad/run.json
run run base.yaml -q -o bad
{ [ "$code" -eq 6 ] && grep -qF '\x1b[31mred\x1b[0m' err && ! LC_ALL=C grep -q "$(printf '\033\|\302\233')" err out; }
ok $? 'run: control characters of a message are shown, not sent'
run status bad
{ [ "$code" -eq 0 ] && grep -qF '\x1b[31mred\x1b[0m' out && ! LC_ALL=C grep -q "$(printf '\033\|\302\233')" err out; }
ok $? 'status too'

plan
