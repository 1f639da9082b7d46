#!/bin/sh
# Machines that the program is not for are refused when it is configured, with a sentence; speaks TAP.
#
#     test_configure.sh SOURCE MESON
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

source=$(realpath "$1")
meson=$2
own_folder
sentence='descent wants a 64-bit little-endian machine'

cross() { # FILE COMPILER CPU-FAMILY ENDIAN
    cat >"$1" <<END
[binaries]
c = $2
[host_machine]
system = 'linux'
cpu_family = '$3'
cpu = '$3'
endian = '$4'
END
}

refused() { # NAME TITLE
    code=0
    "$meson" setup "$1" "$source" --cross-file "$1.ini" >out 2>err || code=$?
    [ "$code" -ne 0 ] && grep -q "ERROR: .*$sentence" out
    ok $? "$2"
}

cross big.ini "'cc'" s390x big
refused big 'a big-endian machine is refused, and why'
if printf 'int main(void) { return 0; }\n' >none.c && cc -m32 -nostdlib -nostartfiles none.c -o none >out 2>err; then
    cross small.ini "['cc', '-m32', '-nostdlib', '-nostartfiles']" x86 little
    refused small 'a 32-bit machine is refused, and why'
else
    skip 'a 32-bit machine is refused, and why' 'this compiler makes no 32-bit programs'
fi
plan
