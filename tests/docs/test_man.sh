#!/bin/sh
# The manual page and the completions, as the tools that read them see them; speaks TAP.
#
#     test_man.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

skip() { # TITLE PROGRAM
    cases=$((cases + 1))
    printf 'ok %d - %s # skip there is no %s\n' "$cases" "$1" "$2"
}

silent() { # TITLE PROGRAM COMMAND ...: runs without a word
    title=$1 program=$2
    shift 2
    if command -v "$program" >/dev/null 2>&1; then
        { "$@" >out 2>why && [ ! -s why ]; }
        ok $? "$title"
    else
        skip "$title" "$program"
    fi
}

# ---- the manual page ----

"$descent" man >descent.1
ok $? 'a manual page'
silent 'man reads it' man man --warnings -l descent.1
silent 'groff reads it' groff groff -ww -man -Tutf8 -k descent.1
silent 'mandoc reads it' mandoc mandoc -T lint -W warning descent.1

"$descent" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' >commands
[ "$(wc -l <commands)" -ge 19 ]
ok $? 'the help names the commands'
! "$descent" --help | grep -n ' $' >why && ! "$descent" --help | awk 'length > 80' | grep . >>why
ok $? 'the help has 80 columns, and no spaces at the end of lines'
: >wide
while read -r name; do
    "$descent" "$name" --help >help
    awk -v name="$name" 'length > 80 { print name ": " $0 }' help >>wide
    sed -n 's/^  .. *\(--[a-z-]*\).*/\1/p' help >options
    # its paragraph begins with its name in bold and ends at the next command
    roff=$(printf '%s' "$name" | sed 's/-/\\\\-/g')
    sed -n "/^\\\\fB$roff\\\\fR/,/^\\.RE\$\\|^\\.SS/p" descent.1 | sed 's/\\-/-/g' >entry
    sed -n '/^\.SS Options of every/,/^\.SH/p' descent.1 | sed 's/\\-/-/g' >>entry
    missing=
    grep -q "fB$name" entry || missing=$name
    while read -r option; do
        grep -q -e "fB$option.fR" entry || missing="$missing $option"
    done <options
    printf 'missing: %s\n' "$missing" >why
    [ -z "$missing" ]
    ok $? "an entry for $name with its options"
done <commands
mv wide why
[ ! -s why ]
ok $? 'the help of every command has 80 columns'

# ---- completion ----

for shell in bash zsh fish; do
    "$descent" completion "$shell" >"completion.$shell"
    ok $? "completion $shell"
    silent "$shell reads it" "$shell" "$shell" -n "completion.$shell"
done
if command -v zsh >/dev/null 2>&1; then
    ZDOTDIR=$PWD zsh -fc 'autoload -Uz compinit && compinit -D -u && source ./completion.zsh && print -r -- $_comps[descent]' >got 2>why
    [ "$(cat got)" = _descent ] && [ ! -s why ]
    ok $? 'zsh completes from source'
else
    skip 'zsh completes from source' 'no zsh'
fi
sed -n '/^complete/,$p' completion.fish | grep -v '^complete -c descent ' >why
sed -n '/options=(/,/) ;;/p' completion.zsh | grep -v "^        '\|options=(\|) ;;" >>why
[ ! -s why ]
ok $? 'descriptions have no breaks of their own'
silent 'shellcheck of the one for bash' shellcheck shellcheck -s bash completion.bash

mkdir -p folder other
touch spec.yaml figure.png notes.txt

cat >ask.bash <<'ASK'
source completion.bash
compopt() { :; }
# As readline cuts a line into words: '=' is one of its own.
COMP_WORDS=()
for word in "$@"; do
    COMP_WORDS+=("$word")
done
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_descent
printf '%s\n' "${COMPREPLY[@]}" | sort
ASK

bash_completes() { # TITLE EXPECTED WORD ...: the last word is what is completed
    title=$1 expected=$2
    shift 2
    if ! command -v bash >/dev/null 2>&1; then
        skip "$title" bash
        return
    fi
    bash ask.bash descent "$@" >out 2>why
    tr '\n' ' ' <out >>why
    [ "$(tr '\n' ' ' <out)" = "$expected " ]
    ok $? "bash: $title"
}

bash_completes 'commands' 'schedule status sweep' s
bash_completes 'options' '--layers' check --la
bash_completes 'the words of an option' 'auto never' run --resume ''
bash_completes 'the words of --option=' 'last' eval --weights = la
bash_completes 'specs, figures and folders' 'figure.png folder other spec.yaml' run ''
bash_completes 'folders' 'folder' plot fo
bash_completes 'files of an option' 'notes.txt' eval folder --spec no
bash_completes 'sections' 'optimizer. optimizer=' run spec.yaml opti
bash_completes 'keys' 'optimizer.momentum= optimizer.momentum_decay= optimizer.momentum_form=' run spec.yaml optimizer.mom
bash_completes 'nested keys' 'train.early_stopping.patience=' run spec.yaml train.early_stopping.pa
bash_completes 'names as values' 'adabelief adabound adadelta adafactor adagrad adam adamax adamw adan' run spec.yaml optimizer = ada
bash_completes 'choices as values' 'sequential shuffle stratified' run spec.yaml train.sampler =
bash_completes 'truths as values' 'false true' run spec.yaml optimizer.nesterov = ''
bash_completes 'kinds' 'optimizers' list opt
bash_completes 'names of a kind' 'cosine cosine_restarts' list scheduler cos
bash_completes 'the words of a command' 'make' data m
bash_completes 'shells' 'zsh' completion z
bash_completes 'metrics' 'valid_accuracy valid_loss' compare --metric valid
bash_completes 'metrics of a list' 'test_accuracy test_loss' plot --metric test
bash_completes 'published results beside runs' 'published:digits' compare folder --against published:dig
bash_completes 'published results, cut at the colon' 'digits' compare folder --against published : dig
bash_completes 'published results beside folders' 'published:digits' verify published:dig
bash_completes 'published results of verify, cut at the colon' 'digits' verify published : dig

if command -v fish >/dev/null 2>&1; then
    HOME=$work fish -c 'source completion.fish; complete -C "descent run spec.yaml optimizer=adam"' >out 2>why
    { cut -f1 out | grep -qx 'optimizer=adamw' && cut -f1 out | grep -qx 'optimizer=adam'; }
    ok $? 'fish: names as values'
    HOME=$work fish -c 'source completion.fish; complete -C "descent eval --spl"' >out 2>why
    grep -q '^--split' out
    ok $? 'fish: options'
    HOME=$work fish -c 'source completion.fish; complete -C "descent list scheduler cos"' >out 2>why
    grep -qx 'cosine' out
    ok $? 'fish: names of a kind'
    HOME=$work fish -c 'source completion.fish; complete -C "descent list publ"; complete -C "descent list published dig"' >out 2>why
    { grep -qx published out && grep -qx digits out; }
    ok $? 'fish: published results are a kind'
    HOME=$work fish -c 'source completion.fish; complete -C "descent compare --metric valid_a"; complete -C "descent verify published:dig"' >out 2>why
    grep -q '^valid_accuracy' out && grep -q '^published:digits' out
    ok $? 'fish: metrics and published results'
else
    skip 'fish: answers' fish
fi

plan
