#!/bin/sh
# The page of optimizers: what it is made of, and that what a browser computes on it has the bits of
# `descent trace`. Speaks TAP.
#
#     test_playground.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
own_folder

# ---- specs as both read them: YAML in the flow style, a line each ----

names() { # WHAT: all of a registry, but for what stands below
    "$descent" list "$1" --format markdown | sed -n 's/^| `\([^`]*\)` .*/\1/p' | grep -vxE 'equations|expression'
}

spec() { # NAME FUNCTION NOISE OPTIMIZERS
    printf '{seed: 7, trace: {function: %s, steps: 60, noise: %s, optimizers: [%s]}}\n' "$2" "$3" "$4" >"specs/$1.yaml"
}

listed() { # FORMAT: the names on stdin, each in the format, with commas
    while read -r name; do
        # shellcheck disable=SC2059
        printf "$1, " "$name"
    done | sed 's/, $//'
}

mkdir specs
spec optimizers beale 0.01 "$(names optimizers | listed '{name: %s}')"
listed '{name: momentum, lr: 0.01, scheduler: {%s}}' >list <<'END'
name: exponential, gamma: 0.97
name: halving
name: step, every: 20
name: multistep, milestones: [10, 40]
name: inverse, k: 0.1
name: linear
name: warmup
name: polynomial, over: 60, power: 1.5
name: cosine
name: cosine_restarts, first: 11
name: cyclic, base_lr: 0.001, max_lr: 0.02, step_size_up: 7
name: one_cycle, max_lr: 0.02
name: sigmoid, gamma: 0.3, step: 30
name: inverse_sqrt
name: noam, warmup: 10
name: wsd
name: multiplicative, expr: 0.99
END
spec schedules booth 0 "$(cat list)"
spec lambda himmelblau 0.5 '{name: adam, lr: 0.3, scheduler: {name: lambda, expr: "1 / (1 + t) ** 0.5 * (1 + cos(t))"}}, {name: muon, lr: 0.1}'
spec expression '{name: expression, f: "x ** 2 + exp(y / 3) * sin(2 * x) + abs(y) % 1.5"}' 0 '{name: nadam, lr: 0.1}, {name: lion, lr: 0.02}'
spec diverges rosenbrock 0 '{name: sgd, lr: 0.1}, {name: adam, lr: 5}'
names functions >functions
while read -r name; do
    spec "function-$name" "$name" 0.1 '{name: sgd, lr: 0.001}, {name: adam, lr: 0.1, betas: [0.8, 0.99]}, {name: adagrad, lr: 0.3}'
done <functions

# ---- the page ----

run playground -o page.html
if [ "$code" -eq 4 ] && grep -q 'without the playground' err; then
    skip 'a page that computes' 'no clang with wasm-ld'
    run trace specs/optimizers.yaml -o page.html
    { [ "$code" -eq 0 ] && grep -q '"recorded"' page.html; }
    ok $? 'a page with recorded paths'
    plan
    exit 0
fi
prints 'page page.html' 'descent playground writes a page'
[ "$(wc -c <page.html)" -lt 500000 ]
ok $? 'of less than 500 kB'
! grep -qE '(src|href)="?(https?:)?//' page.html
ok $? 'that needs nothing from elsewhere'

# The compiler's version is in the module's bytes; all around it is the same everywhere.
without_module() { sed 's/^const MODULE = .*/const MODULE/' "$1"; }
without_module page.html >is
without_module "$here/../../docs/playground.html" | diff - is >why 2>&1 && [ "$(wc -c <"$here/../../docs/playground.html")" -lt 500000 ]
ok $? 'docs/playground.html is up to date (else: scripts/reference)'

message 2 'descent trace SPEC -o FILE.html' 'it takes no spec' playground extra

printf '{name: "a <script> b", %s\n' "$(sed 's/^{//' specs/diverges.yaml)" >named.yaml
output 'page named.html' 'trace -o FILE.html writes a page' trace named.yaml -o named.html
! grep -q 'a <script> b' named.html && grep -q 'a \\u003cscript> b' named.html && [ -s named.csv ]
ok $? "whose spec cannot end its script, and the points beside it"

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ]; then
    skip 'the same bits in a browser' 'no chromium'
    plan
    exit 0
fi

# ---- in a browser ----

{
    cat page.html
    printf '<script>const SPECS = ['
    for file in specs/*.yaml; do
        name=${file#specs/}
        printf '["%s", "%s"],' "${name%.yaml}" "$(sed 's/\\/\\\\/g; s/"/\\"/g' "$file")"
    done
    printf '];\n'
    cat "$here/probe.js"
    printf '</script>\n'
} >probe.html
timeout 200 "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" --window-size=400,800 \
    --virtual-time-budget=60000 --dump-dom "file://$work/probe.html" >dom 2>/dev/null
grep -q '^== end' dom
ok $? 'the page runs'
for file in specs/*.yaml; do
    name=${file#specs/}
    name=${name%.yaml}
    run trace "$file" --no-plots -o "$name"
    awk -v name="$name" '/^== / { on = $2 == name; next } on' dom | sed 's/&amp;/\&/g; s/&lt;/</g; s/&gt;/>/g' >"$name/page.csv"
    cmp "$name/trace.csv" "$name/page.csv" >why 2>&1
    ok $? "$name: every point as descent trace writes it"
done

awk '/^== / { on = $2 == "used"; next } on' dom | sed 's/&amp;/\&/g; s/&lt;/</g; s/&gt;/>/g' >used
[ "$(wc -l <used)" -ge 32 ]
ok $? 'the page is used'
while read -r how what; do
    [ "$how" = good ]
    ok $? "used: $what"
done <used

plan
