#!/bin/sh
# The digests of tests/bits at one level of the processor; speaks TAP.
#
#     test_bits.sh DESCENT LEVEL
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
bits=$(cd "$(dirname "$0")/../.." && pwd)/scripts/bits
own_folder
code=0
export DESCENT_PROCESSOR="$2"

run --version
if [ "$code" -eq 2 ]; then
    grep -q 'this processor has' err
    ok $? "$2: a level that the processor lacks is refused, and the one that it has named"
    plan
    exit
fi
case $2 in
v*) threads='1 3' ;; # 2 as well in scripts/bits-everywhere
*) threads=1 ;; # slow: its products are made in software
esac
# shellcheck disable=SC2086
"$bits" "$descent" $threads >out 2>&1
ok $? "$2: $(tail -n 1 out)"
DESCENT_PROCESSOR=v9 run --version
says 2 "DESCENT_PROCESSOR is 'v9'" "a level that does not exist is refused"
plan
