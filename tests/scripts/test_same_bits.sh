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
