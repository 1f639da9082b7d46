#!/bin/sh
# descent trace: what it leaves, that it leaves the same again, and what it says to wrong specs. Speaks TAP.
#
#     test_trace.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
tests=$(realpath "$(dirname "$0")")
configs=$(realpath "$tests/../../configs/trace")
own_folder

# ---- the specs that come with the program ----

find "$configs" -name '*.yaml' | sort >list
while read -r spec; do
    run trace "$spec" --no-plots -o points
    [ "$code" -eq 0 ] && [ ! -e points/trace.png ] && [ "$(head -n 1 points/trace.csv)" = optimizer,step,x,y,value,grad_norm ]
    ok $? "$(basename "$spec")"
    awk 'length > 80 || / $/ { exit 1 }' out
    ok $? "$(basename "$spec"): a table of 80 columns"
done <list

# ---- files ----

cat >small.yaml <<'END'
trace:
  function: booth
  steps: 12
  noise: 0.1
  optimizers: [{name: sgd, lr: 0.05}, {name: adam, lr: 0.5, scheduler: cosine}]
END

run trace small.yaml
{ [ "$code" -eq 0 ] && grep -qx 'figure small-trace.png' out && [ -s small-trace.png ] && [ -s small-trace.csv ]; }
ok $? 'the figure goes into the current folder'
mkdir -p shipped && cp small.yaml shipped/near.yaml
run trace shipped/near.yaml
{ [ "$code" -eq 0 ] && [ -s near-trace.csv ] && [ -s near-trace.png ] && [ "$(ls shipped)" = near.yaml ]; }
ok $? 'not beside a spec elsewhere'
[ "$(wc -l <small-trace.csv)" -eq 27 ]
ok $? 'a row per point'

run trace small.yaml -o folder
{ [ "$code" -eq 0 ] && cmp small-trace.png folder/trace.png && cmp small-trace.csv folder/trace.csv; } >why 2>&1
ok $? 'the same again, byte for byte, in a folder'

run trace small.yaml -o one.png
{ [ "$code" -eq 0 ] && cmp one.png small-trace.png && cmp one.csv small-trace.csv; } >why 2>&1
ok $? 'the same again, named'

run trace small.yaml seed=4 -o other
{ [ "$code" -eq 0 ] && ! cmp -s small-trace.csv other/trace.csv; }
ok $? 'another seed, other noise'

run check --resolved small.yaml
cp out resolved.yaml
run trace resolved.yaml -o resolved
{ [ "$code" -eq 0 ] && cmp resolved/trace.csv small-trace.csv && cmp resolved/trace.png small-trace.png; } >why 2>&1
ok $? 'the resolved spec gives the same'

run trace small-trace.png -o carried
{ [ "$code" -eq 0 ] && cmp carried/trace.csv small-trace.csv && cmp carried/trace.png small-trace.png; } >why 2>&1
ok $? 'the spec that a figure carries gives the same'

printf 'optimizer: adam\n' | cat small.yaml - >both.yaml
run trace both.yaml name=small -o both
{ [ "$code" -eq 0 ] && cmp both/trace.csv small-trace.csv && cmp both/trace.png small-trace.png; } >why 2>&1
ok $? 'a trace within the spec of a run'

run trace small.yaml -o framed --frames frames --every 5
{ [ "$code" -eq 0 ] && [ "$(ls frames)" = "$(printf 'frame-0000%d.png\n' 1 2 3 4)" ] && grep -qx 'frames frames (4)' out; }
ok $? 'frames after 0, 5, 10 and 12 steps'

message 2 "'--every' belongs to '--animate' or '--frames'" 'steps between no frames' trace small.yaml --every 5
output 'figure moving.png' 'an animated PNG' trace small.yaml --animate --every 5 -o moving.png
python3 "$tests/read_apng.py" moving.png frames >why 2>&1 && grep -qx '4 frames' why
ok $? 'whose frames are those pictures, pixel by pixel'
run trace moving.png -o again --animate --every 5
{ [ "$code" -eq 0 ] && cmp moving.png again/trace.png && cmp moving.csv again/trace.csv; } >why 2>&1
ok $? 'and which carries its spec: the same again, byte for byte'
run trace small.yaml trace.steps=1 --every 9 --animate -o still.png
mkdir one && "$descent" trace small.yaml trace.steps=1 --every 9 --frames one -o one.png >/dev/null
{ [ "$code" -eq 0 ] && python3 "$tests/read_apng.py" still.png one; } >why 2>&1
ok $? 'of one step: two frames'
for name in moving.svg moving.pdf moving.html; do
    run trace small.yaml --animate -o "$name"
    [ "$code" -eq 2 ] && grep -q -- '--animate writes an animated PNG: -o FILE.png' err && [ ! -e "$name" ]
    ok $? "--animate writes no $name"
done
message 2 '--animate and --text exclude each other' '--animate with --text' trace small.yaml --animate --text

COLUMNS=60 LC_ALL=C run trace small.yaml --text -o words
{ [ "$code" -eq 0 ] && [ ! -e words/trace.png ] && [ -s words/trace.csv ] && grep -q 'booth' out && grep -q 'sgd' out; }
ok $? 'drawn with characters'
awk '/^points /{ drawn = 1 } drawn && length > 59 { exit 1 }' out && ! LC_ALL=C grep -q '[^ -~]' out
ok $? 'which keep to the width, in ASCII where the locale has no more'

for value in 0 5 1e8 -3e9 1e12 1e300 1.7e308; do
    echo "trace: {function: {name: expression, f: \"$value\"}, start: [1, 1], steps: 5, optimizers: [adam]}" >flat.yaml
    run trace flat.yaml -o flat.png
    { [ "$code" -eq 0 ] && [ -s flat.png ]; } && run trace flat.yaml --text && [ "$code" -eq 0 ]
    ok $? "a function that is $value everywhere"
done
for function in '{name: expression, f: "x * x"}' quadratic; do
    echo "trace: {function: $function, start: [1e6, 0], steps: 5, optimizers: [{name: sgd, lr: 1e-8}]}" >far.yaml
    run trace far.yaml -o far.svg
    { [ "$code" -eq 0 ] && grep -q -e '×10¹¹</text>' -e '×10¹²</text>' far.svg; }
    ok $? "values are seen where the start is not: $function"
done
output 'diverged at step' 'divergence is a result' trace small.yaml trace.optimizers='[{name: sgd, lr: 100}]' trace.steps=200 -o diverged

run trace small.yaml trace.optimizers='{name: sgd, lr: 0.05, momentum: 0.5}' trace.map='{lr: [0.01, 0.05], momentum: [0, 0.5]}' trace.steps=16 -o mapped
{ [ "$code" -eq 0 ] && [ "$(wc -l <mapped/trace-rates.csv)" -eq 5 ] && [ -s mapped/trace-rates.png ]; }
ok $? 'a map of rates'

message 2 'a map needs at least 16 steps' 'a map wants a way to measure' trace small.yaml trace.optimizers=momentum trace.steps=15 trace.map='{lr: [0.1], momentum: [0]}'
message 2 'this one is the minimum already' 'and one that has not ended' trace small.yaml trace.optimizers=momentum trace.steps=16 trace.start='[1, 3]' trace.map='{lr: [0.1], momentum: [0]}'

run trace small.yaml -o /dev/null/nowhere
[ "$code" -eq 4 ]
ok $? 'a folder that cannot be made is exit 4'

run trace small.yaml --no-plots -o long trace.optimizers='[{name: schedule_free_adamw, lr: 0.0123456, betas: [0.87654, 0.98765], warmup_steps: 123}, {name: sgd, lr: 1e38}]'
{ [ "$code" -eq 0 ] && awk 'length > 80 || / $/ { exit 1 }' out && grep -q '^schedule_free_adamw, lr 0.01235, ' out && grep -q '^  diverged at step' out; }
ok $? 'long labels stand on lines of their own'

# ---- the list ----

run list functions
[ "$(wc -l <out)" -ge 16 ]
ok $? 'functions are listed'
run list function rosenbrock
grep -q 'Rosenbrock 1960' out
ok $? 'a function with its source'

# ---- wrong specs ----

wrong() { # TITLE TEXT EXPECTED-LINE ...
    title=$1
    printf '%s\n' "$2" >wrong.yaml
    shift 2
    run trace wrong.yaml -o wrong
    bad=0
    [ "$code" -eq 2 ] && [ ! -e wrong ] || bad=1
    for line; do
        grep -qxF -e "$line" err || bad=1
    done
    ok $bad "$title"
}

wrong 'an unknown function' 'trace: {function: rosenbruck}' \
    "wrong.yaml:1:19: error: unknown function 'rosenbruck'" "      |                   ^~~~~~~~~~ did you mean 'rosenbrock'?"
wrong "a key of another function" 'trace: {function: {name: booth, condition: 3}}' \
    "wrong.yaml:1:33: error: 'condition' is a key of quadratic, not of booth"
wrong 'an unknown key, and a value out of range, at once' 'trace: {stepz: 3, noise: -1}' \
    "wrong.yaml:1:9: error: unknown key 'stepz' in section 'trace'" "wrong.yaml:1:26: error: 'noise' is -1; it must be a number in [0, 1e+30]"
wrong 'a start of three numbers' 'trace: {start: [1, 2, 3]}' \
    "wrong.yaml:1:16: error: 'start' must be a list of two numbers in [-1e+30, 1e+30], or null, not a list of 3"
wrong 'an unknown optimizer in the list' 'trace: {optimizers: [sgd, {name: adm}]}' "wrong.yaml:1:34: error: unknown optimizer 'adm'"
wrong "a schedule's wrong key" 'trace: {optimizers: [{name: sgd, scheduler: {name: exponential, gama: 1}}]}' \
    "wrong.yaml:1:65: error: unknown key 'gama' in scheduler exponential"
wrong 'a schedule of the batch size' 'trace: {optimizers: {name: sgd, scheduler: {name: step, every: 3, apply_to: batch_size}}}' \
    "wrong.yaml:1:21: error: a trace has no batches for a schedule to grow"
wrong 'a plateau of what there is not' 'trace: {optimizers: {name: sgd, scheduler: {name: reduce_on_plateau, monitor: valid_accuracy}}}' \
    "wrong.yaml:1:21: error: a trace has no 'valid_accuracy' to observe: monitor last_batch_loss"
wrong 'no optimizers' 'trace: {optimizers: []}' \
    "wrong.yaml:1:21: error: 'optimizers' must be an optimizer, or a list of them, each with an optional 'scheduler' inside"
wrong 'an empty domain' 'trace: {domain: [0, 1, 2, 2]}' \
    "wrong.yaml:1:17: error: 'domain' is [x from, x to, y from, y to], from below to"
wrong 'a map of half its axes' 'trace: {map: {lr: [1, 2]}}' "wrong.yaml:1:14: error: a map needs both 'lr' and 'momentum'"
wrong 'a map that does not increase' 'trace: {map: {lr: [2, 1], momentum: 0}}' \
    "wrong.yaml:1:14: error: the values of a map must increase"
wrong 'a map where there is no minimum' 'trace: {function: saddle, map: {lr: 1, momentum: 0}}' \
    "wrong.yaml:1:32: error: this function has no minimum to converge to"
wrong 'a map of what has no momentum' 'trace: {optimizers: adagrad, map: {lr: 1, momentum: 0}}' \
    "wrong.yaml:1:35: error: the first optimizer has no momentum: give it any value above 0"
wrong 'a data set in a trace alone' "$(printf 'trace: {}\ndataset: digits')" \
    "wrong.yaml:2:1: error: unknown key 'dataset' in a spec of a trace alone (without 'optimizer')"
wrong 'no trace' 'optimizer: adam' "wrong.yaml:1:1: error: this spec has no section 'trace'"

run run small.yaml
{ [ "$code" -eq 2 ] && grep -q "a spec needs 'optimizer', which is missing" err && grep -q "'descent trace small.yaml' draws what it describes" err; }
ok $? 'a trace is not a run'
run check small.yaml trace.function=beal
{ [ "$code" -eq 2 ] && grep -q "did you mean 'beale'?" err; }
ok $? 'check looks at the section too'

plan
