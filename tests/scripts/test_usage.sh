#!/bin/sh
# Every script says with --help how it is called, and refuses what it does not know before it does anything; speaks TAP.
#
#     test_usage.sh PROJECT-FOLDER
# shellcheck disable=SC2016,SC2154 # what is between these quotes is for another shell; own_folder sets work
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

project=$(cd "$1" && pwd)
own_folder

# A copy of what the scripts are and read. Each command that builds, fetches or installs says that it was called.
mkdir -p p/tests/fuzz p/results/published bin tmp home
cp -r "$project/scripts" p
cp "$project/meson.build" "$project/meson_options.txt" p
cp "$project/tests/fuzz/meson.build" p/tests/fuzz
touch p/one.yaml
for command in meson ninja apt-get sudo curl wget git debootstrap dpkg-buildpackage unshare; do
    printf '#!/bin/sh\nprintf "%%s\\n" "${0##*/} $*" >>"%s/called"\nexit 1\n' "$work" >"bin/$command"
    chmod +x "bin/$command"
done
there() {
    find p tmp home -type d && find p tmp home -type f -exec cksum {} +
}
there | LC_ALL=C sort >before

try() { # SCRIPT ARGUMENT ...: output in out and err, exit code in code
    script=$1 code=0
    shift
    rm -f called
    (cd p && env PATH="$work/bin:$PATH" HOME="$work/home" TMPDIR="$work/tmp" DESCENT="$work/no/descent" \
        timeout 60 "scripts/$script" "$@" >"$work/out" 2>"$work/err" </dev/null) || code=$?
}

nothing_done() {
    there | LC_ALL=C sort | diff before - >why && [ ! -e called ]
}

helps() { # SCRIPT
    try "$1" --help
    { [ "$code" -eq 0 ] && grep -q "^ *\(scripts/$1\|$1\)\( \|\$\)" out && [ ! -s err ] && nothing_done; }
    ok $? "$1 --help says how it is called"
}

refuses() { # TEXT SCRIPT ARGUMENT ...
    text=$1
    shift
    try "$@"
    { [ "$code" -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$text" err &&
        grep -qF "${1##*/}: " err && grep -qF "type 'scripts/$1 --help'" err && nothing_done; }
    ok $? "$*: $text"
}

for path in "$project"/scripts/* "$project"/scripts/packaging/*; do
    if [ -f "$path" ] && [ -x "$path" ]; then
        name=${path#"$project/scripts/"}
        helps "$name"
        refuses "'--wrong'" "$name" --wrong
    fi
done

# What is missing.
refuses 'are required: about' bench_jax_loop.py
refuses 'are required: about' bench_pytorch_loop.py
refuses 'and a FILE' bench_pytorch_loop.py jobs
refuses 'are required: DESCENT:' bits
refuses 'are required: DESCENT:' bits --write
refuses 'are required: TESTLOG.json:' count-tests
refuses 'are required: FOLDER, HEADER:' digest-sources
refuses 'are required: OUTPUT, NAME.yaml' embed-published
refuses 'are required: LIST:' plant
refuses 'are required: ' publish
refuses 'are required: OLD, NEW:' same-bits
refuses 'name what to reproduce' reproduce
refuses 'an argument is missing' embed-text
refuses 'an argument is missing' packaging/try-deb
refuses '-j wants a number' fuzz -j
refuses '--from wants a folder' fetch-data --from
refuses '--in wants a folder' try-options --in
refuses '--mirror wants a value' try-fresh --mirror

# What is too much, or of another kind.
refuses 'unrecognized arguments: x' polynomials x
refuses 'these are too many arguments' gallery x y
refuses "'x' is no option of meson setup" test build x
refuses "-j is to be a number from 1, not 'x'" fuzz -j x
refuses "SECONDS is to be a number from 1, not 'yaml'" fuzz yaml
refuses "there is no target 'none'" fuzz 1 none
refuses "'x' is no number from 1" kill-test x
refuses "'-3' is no number from 1" kill-test -3
refuses "'0' is no number from 1" bench-pytorch --runs 0
refuses "unknown case 'none'" bench-pytorch none
refuses "unknown argument 'emnist'" fetch-data emnist
refuses "there is no optional part 'cairo'" try-options --in "$work/tmp/new" cairo
refuses "there is no 'some' to try" try-fresh --try quickstart,some

# Files that are not there.
for script in gallery reference bits bench-many; do
    refuses "there is no program 'nofile'" "$script" nofile
done
refuses "there is no program 'nofile'" kill-test 1 nofile
refuses "there is no program 'nofile'" same-bits nofile nofile
refuses "there is no program 'nofile'" bits 'sh nofile'
refuses "there is no program '$work/no/descent'" bench-growth
refuses "there is no program '$work/no/descent'" reproduce all
refuses "there is no program '$work/no/descent'" study
refuses "there is no file 'no.yaml'" bench-pytorch adam no.yaml
refuses "there is no file 'nofile'" plant nofile
refuses "there is no file 'nofile'" embed-text a nofile made
refuses "there is no file 'no.yaml'" embed-published made no.yaml
refuses 'one.csv is missing' embed-published made one.yaml
refuses "there is no folder 'nofolder'" digest-sources nofolder made
refuses "there is no folder 'nofolder'" publish one nofolder --title a --source a --command a
refuses 'there is no nofolder/scripts/layers.txt' check-layers nofolder
plan
