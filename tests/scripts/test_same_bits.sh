#!/bin/sh
# scripts/same-bits: agrees with itself, and sees a build whose results differ; speaks TAP.
#
#     test_same_bits.sh PROJECT-FOLDER DESCENT
# shellcheck disable=SC2034,SC2154 # tap.sh takes code and sets work
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"
project=$(cd "$1" && pwd)
descent=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
own_folder

export DESCENT_BITS_EACH=10 # a few of the specs written down: each differs in each case
try() { # OTHER-BINARY
    code=0
    "$project/scripts/same-bits" "$descent" "$1" 2 >out 2>err </dev/null || code=$?
}

# A build whose runs differ by an override; what it lists is the same.
other() { # NAME OVERRIDE
    cat >"$1" <<E1
#!/bin/sh
case \$1 in
run) exec "$descent" "\$@" $2 ;;
*) exec "$descent" "\$@" ;;
esac
E1
    chmod +x "$1"
}

# What stands for a number and is none, and a number that would try nothing.
number() { # TEXT TITLE COMMAND ...
    text=$1 title=$2
    shift 2
    code=0
    "$@" >out 2>err </dev/null || code=$?
    says 2 "$text" "$title"
}
number "same-bits: argument N: 'x' is no number from 1" 'a number of specs that is none' "$project/scripts/same-bits" "$descent" "$descent" x
number "same-bits: DESCENT_BITS_EACH is '0', which is no number from 1" 'each of none' env DESCENT_BITS_EACH=0 "$project/scripts/same-bits" "$descent" "$descent" 1
for n in 0 x 1.5; do
    number "kill-test: argument N: '$n' is no number from 1" "kill-test: a number of kills that is none: $n" "$project/scripts/kill-test" "$n" "$descent"
done
number "kill-test: argument N: '-1' is no number from 1" 'kill-test: a number below 0' "$project/scripts/kill-test" -1 "$descent"
number "kill-test: KILL_TEST_SEED is 'y', which is no number from 0" 'kill-test: a seed that is none' env KILL_TEST_SEED=y "$project/scripts/kill-test" 1 "$descent"

try "$descent"
exits 0 'a build agrees with itself'
prints 'the same weights, logs and tables' 'and it is said'

other lr 'seed=7'
try "$work/lr"
exits 1 'a run from other numbers is seen'

cat >table <<E1
#!/bin/sh
case \$1 in
compare) "$descent" "\$@" | sed 's/0/1/' ;;
*) exec "$descent" "\$@" ;;
esac
E1
chmod +x table
try "$work/table"
exits 1 'another table of compare is seen'
plan
