#!/bin/sh
# The scripts, on small made-up projects and data sets; speaks TAP.
#
#     test_scripts.sh PROJECT-FOLDER
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

project=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { # COMMAND ...: output in $work/out and $work/err, exit code in $code
    code=0
    "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
}

last_line_is() { # TEXT
    [ "$(tail -n 1 "$work/out")" = "$1" ]
}

# ---- check-layers ----

# A project of one source file, which is to be judged.
layers() { # PATH-BELOW-src LINE
    rm -rf "$work/house"
    mkdir -p "$work/house/scripts" "$work/house/src/$(dirname "$1")"
    cp "$project/scripts/layers.txt" "$work/house/scripts"
    printf '/* first line */\n%s\n' "$2" >"$work/house/src/$1"
    run "$project/scripts/check-layers" "$work/house"
}

accepts() { # TITLE PATH LINE
    layers "$2" "$3"
    ok "$code" "layers: $1"
}

refuses() { # TITLE PATH LINE MESSAGE
    layers "$2" "$3"
    { [ "$code" -eq 1 ] && grep -qF "src/$2:2: $4" "$work/out"; }
    ok $? "layers: $1"
}

accepts 'an include downwards' nn/a.c '#include "num/blas.h"'
accepts 'an include of its own' nn/a.c '#include "nn/nn.h"'
accepts 'a third-party header in its module' num/blas.c '#include <cblas.h>'
accepts 'a standard header' util/a.c '#include <stdio.h>'
refuses 'an include upwards' num/a.c '#include "nn/nn.h"' 'num may not include "nn/nn.h"'
refuses 'an include sideways' optim/a.h '#include "nn/nn.h"' 'optim may not include "nn/nn.h"'
refuses 'an include upwards, spaced' util/a.c '  #  include  "num/vec.h"' 'util may not include "num/vec.h"'
refuses 'an include in a folder below' optim/deep/a.c '#include "sched/sched.h"' 'optim may not include'
refuses 'the BLAS outside num' nn/a.c '#include <cblas.h>' '<cblas.h> belongs to num'
refuses 'YAML outside config' spec/a.c '#include <yaml.h>' '<yaml.h> belongs to config'
refuses 'zlib outside data' figure/a.c '#include <zlib.h>' '<zlib.h> belongs to data'
refuses 'jansson outside util' run/a.c '#include <jansson.h>' '<jansson.h> belongs to util'
refuses 'cairo outside figure' run/a.c '#include <cairo.h>' '<cairo.h> belongs to figure'
refuses 'libpng outside figure' run/a.c '#include <png.h>' '<png.h> belongs to figure'
refuses 'a header without its module' nn/a.c '#include "nn.h"' '"nn.h" should be written "nn/nn.h"'
refuses 'an unknown module' magic/a.c '#include "util/error.h"' 'module "magic" is not in'

# Two files of one module, and a third that stands below both.
rm -rf "$work/house/src" && mkdir -p "$work/house/src/util"
printf 'void list_add(void)\n{\n    item_new();\n}\n' >"$work/house/src/util/list.c"
printf 'void item_name(void)\n{\n}\n' >"$work/house/src/util/name.c"
printf 'struct item *item_new(void)\n{\n    item_name(); /* list_add() comes later */\n}\n' >"$work/house/src/util/item.c"
run "$project/scripts/check-layers" "$work/house"
ok "$code" 'layers: files that use those below them'
printf 'void item_add(void)\n{\n    list_add();\n}\n' >>"$work/house/src/util/item.c"
run "$project/scripts/check-layers" "$work/house"
{ [ "$code" -eq 1 ] && grep -qF 'src/util/item.c: in a circle: uses list_add of src/util/list.c' "$work/out" &&
    ! grep -qF 'name.c' "$work/out"; }
ok $? 'layers: a circle of two files'
printf '/* Its name. */\nconst char *item_name(void);\nvoid item_add(struct item *x,\n              int n);\nint item_count(void); /* 0: none */\n' >"$work/house/src/util/item.h"
rm "$work/house/src/util/list.c"
run "$project/scripts/check-layers" "$work/house"
{ [ "$code" -eq 1 ] && [ "$(grep -c 'has no comment' "$work/out")" -eq 1 ] &&
    grep -qF 'src/util/item.h:3: item_add has no comment' "$work/out"; }
ok $? 'layers: a function without a comment'
rm -r "$work/house/src/util"
printf 'low: high\nhigh:\n' >"$work/house/scripts/layers.txt"
run "$project/scripts/check-layers" "$work/house"
{ [ "$code" -eq 1 ] && grep -q 'low may not include high, which stands above it' "$work/out"; }
ok $? 'layers: a table with an upward edge'

# ---- fetch-data ----

files='train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte'
digest() {
    sha256sum | cut -d' ' -f1
}

# A project with a table of its own: small files, mirrors on this disk, no package.
fetch_project() {
    rm -rf "$work/p" "$work/mirror" "$work/plain"
    mkdir -p "$work/p/scripts" "$work/mirror" "$work/plain"
    cp "$project/scripts/fetch-data" "$project/scripts/usage.sh" "$work/p/scripts"
    for file in $files; do
        printf 'content of %s\n' "$file" >"$work/plain/$file"
        gzip -nc "$work/plain/$file" >"$work/mirror/$file.gz"
        printf 'mnist file %s %s\n' "$file" "$(digest <"$work/plain/$file")"
    done >"$work/p/scripts/datasets.txt"
    target=$work/p/datasets/mnist
}

mirror() { # FOLDER
    printf 'mnist mirror file://%s\n' "$1" >>"$work/p/scripts/datasets.txt"
}

fetched() { # all four there, with the right content, and nothing else
    [ "$(find "$target" -type f | wc -l)" -eq 4 ] || return 1
    for file in $files; do
        [ "$(gzip -dc "$target/$file.gz")" = "content of $file" ] || return 1
    done
}

nothing_left() { # no folder, or at least nothing half done in it
    [ -z "$(find "$work/p/datasets" -type f 2>/dev/null)" ]
}

fetch() {
    run "$work/p/scripts/fetch-data" "$@"
}

fetch_project
fetch --from "$work/mirror"
{ [ "$code" -eq 0 ] && last_line_is 'dataset: mnist' && fetched; }
ok $? 'fetch-data: copies .gz files'
# Inodes: a file written again would be another one.
before=$(ls -i "$target")
fetch
{ [ "$code" -eq 0 ] && last_line_is 'dataset: mnist' && [ "$before" = "$(ls -i "$target")" ]; }
ok $? 'fetch-data: does nothing where all is there'

fetch_project
fetch mnist --from "$work/plain"
{ [ "$code" -eq 0 ] && last_line_is 'dataset: mnist' && fetched; }
ok $? 'fetch-data: copies plain files'

fetch_project
mkdir -p "$work/parent"
rm -rf "$work/parent/mnist"
cp -r "$work/mirror" "$work/parent/mnist"
cd "$work" || exit 1
fetch --from parent --dir "with a space/here"
target="$work/with a space/here"
{ [ "$code" -eq 0 ] && last_line_is 'dataset: mnist' && fetched; }
ok $? 'fetch-data: --from a folder above, --dir relative and with a space'
cd / || exit 1

fetch_project
printf 'other\n' | gzip >"$work/mirror/t10k-labels-idx1-ubyte.gz"
fetch --from "$work/mirror"
{ [ "$code" -eq 1 ] && grep -q 'does not hold' "$work/err" && nothing_left; }
ok $? 'fetch-data: --from with wrong content is refused'

# What descent refuses is not copied, and not kept.
spoil() { # HOW FILE
    case $1 in
    junk) printf 'junk' >>"$2" ;;
    zeros) printf '\0\0\0\0' >>"$2" ;;
    cut) head -c -4 "$2" >"$2.new" && mv "$2.new" "$2" ;;
    esac
}
for how in junk zeros cut; do
    fetch_project
    spoil $how "$work/mirror/t10k-labels-idx1-ubyte.gz"
    fetch --from "$work/mirror"
    { [ "$code" -eq 1 ] && grep -q 't10k-labels-idx1-ubyte.gz is cut short, or followed by other bytes' "$work/err" && nothing_left; }
    ok $? "fetch-data: --from with a file spoilt by $how is refused"
    mirror "$work/mirror"
    fetch
    { last_line_is 'dataset: digits' && nothing_left; }
    ok $? "fetch-data: ... and not taken from a mirror"
    fetch_project
    fetch --from "$work/mirror"
    spoil $how "$target/t10k-labels-idx1-ubyte.gz"
    fetch --from "$work/mirror"
    { [ "$code" -eq 0 ] && fetched && cmp -s "$work/mirror/t10k-labels-idx1-ubyte.gz" "$target/t10k-labels-idx1-ubyte.gz"; }
    ok $? "fetch-data: ... and replaced where it lies"
done

fetch_project
fetch --from "$work/nowhere"
{ [ "$code" -eq 1 ] && nothing_left; }
ok $? 'fetch-data: --from a folder that is not there'

fetch_project
fetch emnist
[ "$code" -eq 2 ]
ok $? 'fetch-data: an unknown set is a usage error'

fetch_project
fetch --from "$work/mirror"
printf 'x' >>"$target/train-images-idx3-ubyte.gz"
gzip -nc "$work/plain/t10k-labels-idx1-ubyte" >"$target/train-labels-idx1-ubyte.gz"
fetch --from "$work/mirror"
{ [ "$code" -eq 0 ] && fetched; }
ok $? 'fetch-data: damaged files are replaced'

printf 'mine\n' >"$target/t10k-images-idx3-ubyte"
fetch --from "$work/mirror"
{ [ "$code" -eq 1 ] && [ "$(cat "$target/t10k-images-idx3-ubyte")" = mine ]; }
ok $? 'fetch-data: a plain file of the user is not overwritten'

fetch_project
fetch
{ [ "$code" -eq 0 ] && last_line_is 'dataset: digits' && grep -q 'synthetic digits' "$work/err" && nothing_left; }
ok $? 'fetch-data: nothing to be had means the synthetic digits, said aloud'

if command -v curl >/dev/null 2>&1; then
    fetch_project
    mirror "$work/mirror"
    fetch
    { [ "$code" -eq 0 ] && last_line_is 'dataset: mnist' && fetched; }
    ok $? 'fetch-data: downloads'

    fetch_project
    mkdir "$work/half"
    cp "$work/mirror/t10k-labels-idx1-ubyte.gz" "$work/half"
    head -c 20 "$work/mirror/train-labels-idx1-ubyte.gz" >"$work/half/train-labels-idx1-ubyte.gz"
    mirror "$work/nowhere"
    mirror "$work/half"
    mirror "$work/mirror"
    fetch
    { [ "$code" -eq 0 ] && last_line_is 'dataset: mnist' && fetched; }
    ok $? 'fetch-data: tries the next mirror'

    fetch_project
    mirror "$work/half"
    fetch
    { [ "$code" -eq 0 ] && last_line_is 'dataset: digits' && nothing_left; }
    ok $? 'fetch-data: a truncated download is not kept'
else
    skip 'fetch-data: downloads' 'no curl'
fi

fetch_project
for file in $files; do
    printf 'fashion-mnist file %s %s\n' "$file" "$(digest <"$work/plain/$file")"
done >>"$work/p/scripts/datasets.txt"
printf 'fashion-mnist package some-package %s\n' "$work/mirror" >>"$work/p/scripts/datasets.txt"
fetch
target=$work/p/datasets/fashion-mnist
{ [ "$code" -eq 0 ] && last_line_is 'dataset: fashion-mnist' && fetched; }
ok $? 'fetch-data: falls back to the installed package'

if [ -n "${DESCENT_MNIST:-}" ]; then
    run "$project/scripts/fetch-data" mnist --from "$DESCENT_MNIST" --dir "$work/real"
    { [ "$code" -eq 0 ] && last_line_is 'dataset: mnist' && [ "$(find "$work/real" -type f | wc -l)" -eq 4 ]; }
    ok $? 'fetch-data: the digests of MNIST itself'
else
    skip 'fetch-data: the digests of MNIST itself' 'DESCENT_MNIST is not set'
fi
if [ -d /usr/share/datasets/fashion-mnist ]; then
    run "$project/scripts/fetch-data" fashion-mnist --from /usr/share/datasets/fashion-mnist --dir "$work/fashion"
    { [ "$code" -eq 0 ] && last_line_is 'dataset: fashion-mnist'; }
    ok $? 'fetch-data: the digests of Fashion-MNIST itself'
else
    skip 'fetch-data: the digests of Fashion-MNIST itself' "Debian's package is not installed"
fi

# ---- fetch-data: one archive ----

# A made archive of CIFAR-10's layout, and a table with its digest.
archive_project() {
    rm -rf "$work/p" "$work/mirror" "$work/made"
    mkdir -p "$work/p/scripts" "$work/mirror" "$work/made/cifar-10-batches-bin"
    cp "$project/scripts/fetch-data" "$project/scripts/usage.sh" "$work/p/scripts"
    for part in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch batches.meta; do
        printf 'content of %s\n' "$part" >"$work/made/cifar-10-batches-bin/$part.bin"
    done
    archive=$work/mirror/cifar-10-binary.tar.gz
    tar -czf "$archive" -C "$work/made" cifar-10-batches-bin
    sed -n '/^cifar10 part/p' "$project/scripts/datasets.txt" >"$work/p/scripts/datasets.txt"
    printf 'cifar10 archive cifar-10-binary.tar.gz %s\n' "$(digest <"$archive")" >>"$work/p/scripts/datasets.txt"
    target=$work/p/datasets/cifar10
}

unpacked() { # the six batches and their digests, nothing else
    [ "$(find "$target" -type f | wc -l)" -eq 7 ] && (cd "$target" && sha256sum --quiet -c SHA256SUMS) &&
        [ "$(cat "$target/test_batch.bin")" = 'content of test_batch' ]
}

archive_project
fetch cifar10 --from "$archive"
{ [ "$code" -eq 0 ] && last_line_is 'dataset: cifar10' && unpacked; }
ok $? 'fetch-data: an archive is unpacked'
before=$(ls -i "$target")
fetch cifar10
{ [ "$code" -eq 0 ] && last_line_is 'dataset: cifar10' && [ "$before" = "$(ls -i "$target")" ]; }
ok $? 'fetch-data: an unpacked archive is known again'
printf 'mine\n' >"$target/data_batch_2.bin"
fetch cifar10 --from "$archive"
{ [ "$code" -eq 1 ] && [ "$(cat "$target/data_batch_2.bin")" = mine ] && grep -q 'move it away first' "$work/err"; }
ok $? 'fetch-data: a batch of another origin is not overwritten'

archive_project
printf 'x' >>"$archive"
fetch cifar10 --from "$work/mirror"
{ [ "$code" -eq 1 ] && nothing_left && grep -q 'with the right content' "$work/err"; }
ok $? 'fetch-data: an archive of another content is refused'

archive_project
fetch cifar10
{ [ "$code" -eq 1 ] && nothing_left && grep -q 'takes a copy' "$work/err"; }
ok $? 'fetch-data: nothing takes the place of CIFAR-10'
if command -v curl >/dev/null 2>&1; then
    printf 'cifar10 mirror file://%s\n' "$work/nowhere" "$work/mirror" >>"$work/p/scripts/datasets.txt"
    fetch cifar10
    { [ "$code" -eq 0 ] && last_line_is 'dataset: cifar10' && unpacked; }
    ok $? 'fetch-data: downloads an archive'
else
    skip 'fetch-data: downloads an archive' 'no curl'
fi

# ---- count-tests ----

count() { # TITLE EXPECTED-CODE EXPECTED-LAST-LINE LOG [MESON-CODE]
    printf '%s' "$4" >"$work/log.json"
    run "$project/scripts/count-tests" "$work/log.json" "${5:-0}"
    { [ "$code" -eq "$2" ] && last_line_is "$3"; }
    ok $? "count-tests: $1"
}

count 'single cases' 0 '3 passed, 0 failed' \
    '{"name": "a", "result": "OK", "stdout": "1..2\nok 1 - x\nok 2 - y\n"}
{"name": "b", "result": "OK", "stdout": ""}
'
count 'a failed case' 1 '1 passed, 1 failed' \
    '{"name": "a", "result": "FAIL", "stdout": "1..2\nok 1 - x\nnot ok 2 - y\n"}'
count 'a crash after good cases' 1 '1 passed, 1 failed' \
    '{"name": "a", "result": "ERROR", "stdout": "1..2\nok 1 - x\n"}'
count 'a time-out' 1 '0 passed, 1 failed' '{"name": "a", "result": "TIMEOUT"}'
count 'a skipped case is none' 0 '1 passed, 0 failed' \
    '{"name": "a", "result": "OK", "stdout": "ok 1 - x # SKIP no data\nok 2 - y\n"}'
count 'no test at all' 1 '0 passed, 0 failed' ''
count 'a failure of meson itself' 1 '1 passed, 1 failed' '{"name": "a", "result": "OK"}' 1
run "$project/scripts/count-tests" "$work/no such log"
{ [ "$code" -eq 1 ] && last_line_is '0 passed, 1 failed'; }
ok $? 'count-tests: no log'

# ---- install-deps ----

# Without apt-get, and without any of what is needed.
mkdir -p "$work/bin"
for command in sh tr sed cut dirname head id printf; do
    ln -sf "$(command -v "$command")" "$work/bin/$command"
done
run env PATH="$work/bin" "$project/scripts/install-deps"
{ [ "$code" -eq 1 ] && grep -q libyaml-dev "$work/err" && grep -q meson "$work/err"; }
ok $? 'install-deps: elsewhere than on Debian it names the packages'
run "$project/scripts/install-deps" --everything
[ "$code" -eq 2 ]
ok $? 'install-deps: an unknown option is a usage error'
run env PATH="$work/bin" "$project/scripts/install-deps" --program --list
{ [ "$code" -eq 0 ] && grep -qx libcairo2-dev "$work/out" && ! grep -qxE 'check|procps|clang' "$work/out"; }
ok $? 'install-deps: the program alone wants no more than it is built from'
run env PATH="$work/bin" "$project/scripts/install-deps" --list
{ [ "$code" -eq 0 ] && grep -qx check "$work/out" && grep -qx procps "$work/out"; }
ok $? 'install-deps: the tests want theirs'

# What is made up lies in a folder of its own: in bin are links to the system's.
mkdir "$work/made"
for command in awk cat env mktemp rm; do
    ln -sf "$(command -v "$command")" "$work/bin/$command"
done
elsewhere() { # COMMAND WORDS: what is named where that installs
    printf '#!/bin/sh\nprintf "called\\n"\n' >"$work/made/$1"
    chmod +x "$work/made/$1"
    run env PATH="$work/made:$work/bin" "$project/scripts/install-deps" --program
    { [ "$code" -eq 1 ] && grep -q "^    $2" "$work/err" && ! grep -q '[a-z]-dev ' "$work/err" && [ ! -s "$work/out" ]; }
    ok $? "install-deps: the command for $1, which is not called"
    rm "$work/made/$1"
}
elsewhere dnf 'sudo dnf install gcc glibc-devel meson ninja-build pkgconf-pkg-config python3 .*openblas-devel libyaml-devel libpng-devel zlib-devel cairo-devel jansson-devel sqlite-devel$'
elsewhere pacman 'sudo pacman -S --needed gcc meson ninja pkgconf python .*openblas libyaml libpng zlib cairo jansson sqlite$'
elsewhere brew 'brew install gcc meson ninja pkgconf python .*openblas libyaml libpng zlib cairo jansson sqlite$'

# With an apt-get that only writes down what it was asked.
printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>"%s/asked"\n' "$work" >"$work/made/apt-get"
# shellcheck disable=SC2016 # the shell of the file that is written
printf '#!/bin/sh\ncase $1 in -un) printf "somebody\\n" ;; *) printf "%%s\\n" "${USER_ID:-1000}" ;; esac\n' >"$work/made/id"
chmod +x "$work/made/apt-get"
chmod +x "$work/made/id"
run env PATH="$work/made:$work/bin" "$project/scripts/install-deps" --program
{ [ "$code" -eq 1 ] && [ ! -e "$work/asked" ] && grep -q 'which somebody does not have here' "$work/err" &&
    grep -q '^    apt-get install --no-install-recommends gcc libc6-dev meson' "$work/err" && grep -q 'portable archive' "$work/err"; }
ok $? 'install-deps: without root and sudo it says what to type, and what needs no root'
run env PATH="$work/made:$work/bin" USER_ID=0 "$project/scripts/install-deps" --program
{ [ "$code" -eq 1 ] && grep -q '^install -q -y --no-install-recommends gcc libc6-dev meson' "$work/asked" && grep -q 'still missing: gcc' "$work/err"; }
ok $? 'install-deps: root installs unasked where there is no terminal; what did not come is named'
rm -f "$work/asked"
at_terminal() { # ANSWER: typed at a terminal
    printf '%s\n' "$1" | script -qec "env PATH='$work/made:$work/bin' USER_ID=0 '$project/scripts/install-deps' --program" /dev/null >"$work/out" 2>&1
}
if command -v script >/dev/null 2>&1; then
    at_terminal n
    { grep -q 'missing: gcc libc6-dev meson' "$work/out" && grep -q 'Install these with apt-get' "$work/out" && [ ! -e "$work/asked" ]; }
    ok $? 'install-deps: at a terminal it says what is missing and asks; no is no'
    at_terminal y
    grep -q '^install -q -y --no-install-recommends gcc' "$work/asked"
    ok $? 'install-deps: yes is yes'
else
    skip 'install-deps: asks at a terminal' 'no script(1)'
fi

# ---- test, reference: a project of their own ----

mkdir -p "$work/p/scripts" "$work/p/docs"
cp "$project/scripts/test" "$project/scripts/reference" "$project/scripts/usage.sh" "$work/p/scripts"
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "${1-}" = --list ] || exit 1\nprintf "check\\nprocps\\n"\n' >"$work/p/scripts/install-deps"
chmod +x "$work/p/scripts/install-deps"
run "$work/p/scripts/test"
{ [ "$code" -eq 1 ] && grep -qx 'test: scripts/install-deps is to install: check procps' "$work/err" && last_line_is '0 passed, 1 failed'; }
ok $? 'test: names what is installed before it is'
echo 'as it was' >"$work/p/docs/reference.md"
printf '#!/bin/sh\nprintf half\nexit 1\n' >"$work/p/fails"
chmod +x "$work/p/fails"
run "$work/p/scripts/reference" "$work/p/fails"
{ [ "$code" -eq 1 ] && [ "$(ls "$work/p/docs")" = reference.md ] && [ "$(cat "$work/p/docs/reference.md")" = 'as it was' ]; }
ok $? 'reference: a program that fails leaves nothing'

# ---- quickstart ----

# A project whose scripts say that they were called.
rm -rf "$work/q"
mkdir -p "$work/q/scripts" "$work/q/bin"
cp "$project/scripts/quickstart" "$project/scripts/usage.sh" "$work/q/scripts"
# shellcheck disable=SC2016
printf '#!/bin/sh\nprintf "install-deps %%s\\n" "$*"\nexit "${REFUSES:-0}"\n' >"$work/q/scripts/install-deps"
printf '#!/bin/sh\nprintf "dataset: digits\\n"\n' >"$work/q/scripts/fetch-data"
printf '#!/bin/sh\nprintf "ninja %%s\\n" "$*" >>"%s/q/called"\nmkdir -p build && printf "#!/bin/sh\\nprintf \\"figure f.png\\\\n\\"\\n" >build/descent && chmod +x build/descent\n' "$work" >"$work/q/bin/ninja"
printf '#!/bin/sh\nmkdir -p build && touch build/build.ninja\n' >"$work/q/bin/meson"
chmod +x "$work/q/scripts/install-deps" "$work/q/scripts/fetch-data" "$work/q/bin/ninja" "$work/q/bin/meson"
run env PATH="$work/q/bin:$PATH" "$work/q/scripts/quickstart"
{ [ "$code" -eq 0 ] && grep -qx 'install-deps --program' "$work/out" && last_line_is 'figure f.png'; }
ok $? 'quickstart: says what is installed, and ends with the figure'
[ "$(cat "$work/q/called")" = 'ninja -C build descent' ]
ok $? 'quickstart: builds the program alone'
run env PATH="$work/q/bin:$PATH" REFUSES=1 "$work/q/scripts/quickstart"
{ [ "$code" -eq 1 ] && ! grep -q training "$work/out"; }
ok $? 'quickstart: stops where something is missing'
for wrong in --wrong train.epochs =3; do
    rm -f "$work/q/called"
    run env PATH="$work/q/bin:$PATH" "$work/q/scripts/quickstart" train.epochs=1 "$wrong"
    { [ "$code" -eq 2 ] && [ ! -s "$work/out" ] && [ ! -e "$work/q/called" ] && grep -qF "'$wrong' is no KEY=VALUE" "$work/err"; }
    ok $? "quickstart: $wrong is refused before anything is done"
done
run env PATH="$work/q/bin:$PATH" "$work/q/scripts/quickstart" train.epochs=1 '~optimizer.lr'
[ "$code" -eq 0 ]
ok $? 'quickstart: overrides are taken'

# ---- what is optional ----

sed -n "s/^option('\([a-z]*\)', type: 'feature'.*/\1/p" "$project/meson_options.txt" >"$work/options"
[ "$("$project/scripts/try-options" --list)" = "$(cat "$work/options" && echo all)" ] && [ "$(wc -l <"$work/options")" -ge 4 ]
ok $? 'try-options: every optional part, and without all of them'
run "$project/scripts/try-options" cairo
{ [ "$code" -eq 2 ] && grep -q "there is no optional part 'cairo'" "$work/err"; }
ok $? 'try-options: a part that is not optional is a usage error'

# ---- packaging ----

version=$(sed -n "s/^project('descent'.* version: '\([^']*\)'.*/\1/p" "$project/meson.build")
grep -q "^descent ($version) " "$project/scripts/packaging/debian/changelog"
ok $? "packaging: the Debian package has the program's version"
run "$project/scripts/packaging/make-deb" --help
a=$code
run "$project/scripts/packaging/make-portable" --help
[ "$a" -eq 0 ] && [ "$code" -eq 0 ]
ok $? 'packaging: the scripts say how they are called'
run "$project/scripts/packaging/try-deb" no.deb
{ [ "$code" -eq 1 ] && grep -q "there is no package 'no.deb'" "$work/err"; }
ok $? 'try-deb: without a package nothing is done'
run "$project/scripts/try-fresh" --try quickstart,some
[ "$code" -eq 2 ]
ok $? 'try-fresh: an unknown choice is a usage error'
run "$project/scripts/try-fresh" --deb no.deb trixie
{ [ "$code" -eq 1 ] && grep -q "there is no package 'no.deb'" "$work/err"; }
ok $? 'try-fresh: a package that is not there'
run "$project/scripts/try-fresh" --in "$project/build-fresh" --try quickstart trixie
{ [ "$code" -eq 1 ] && [ ! -d "$project/build-fresh/trixie" ]; }
ok $? 'try-fresh: makes no system within the tree'
rmdir "$project/build-fresh" 2>/dev/null

# ---- plant ----

run "$project/scripts/plant" --check "$project/tests/bits/faults" "$project/tests/train/sam-faults"
{ [ "$code" -eq 0 ] && grep -q 'faults match their files$' "$work/out"; }
ok $? 'plant: the faults of both lists stand in their files'
printf '== none\nsrc/train/loop.c\n- no such line\n+ another\n' >"$work/faults"
run "$project/scripts/plant" --check "$work/faults"
{ [ "$code" -eq 1 ] && grep -q "'none': its text stands 0 times in src/train/loop.c, not 1" "$work/err"; }
ok $? 'plant: one that does not is named'
# What fails without a fault is found before any is planted.
plant() { # DIGESTS-DIFFER TEST-FAILS
    run python3 "$work/control.py" "$project/scripts/plant" "$1" "$2"
}
cat >"$work/control.py" <<'EOF'
import importlib.machinery, importlib.util, os, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
loader = importlib.machinery.SourceFileLoader("plant", sys.argv[1])
sys.dont_write_bytecode = True
plant = importlib.util.module_from_spec(importlib.util.spec_from_loader("plant", loader))
loader.exec_module(plant)
ran = []
plant.by_digests = lambda tree, begin="": (ran.append(begin), (sys.argv[2] == "yes", "3 of 9 digests"))[1]
plant.by_test = lambda tree, *name: (ran.append(" ".join(name)), (sys.argv[3] == "yes", "the test 'sam' fails"))[1]
one, two = plant.Fault("one"), plant.Fault("two")
one.by = [["digests", "conv"], ["test", "same", "bits"]]
two.by = [["digests", "conv"]]
plant.control([one, two], None)
print(ran)
EOF
plant no no
{ [ "$code" -eq 0 ] && last_line_is "['conv', 'same bits']"; }
ok $? 'plant: the control run has each of what should see a fault once'
for failing in 'yes no' 'no yes'; do
    # shellcheck disable=SC2086
    plant $failing
    { [ "$code" -eq 1 ] && grep -q '^plant: without a fault, .*: it cannot tell whether one is noticed$' "$work/err"; }
    ok $? "plant: what fails without a fault is refused ($failing)"
done

plan
