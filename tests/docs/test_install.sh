#!/bin/sh
# What `meson install` installs, and where; and that docs/reference.md is what the program says. Speaks TAP.
#
#     test_install.sh DESCENT SOURCE-FOLDER BUILD-FOLDER
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1") source=$(realpath "$2") build=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$descent" list --format markdown | diff "$source/docs/reference.md" - >"$work/why"
ok $? 'docs/reference.md is up to date (else: scripts/reference)'

# To a fresh folder: what was configured is for another one.
meson install -C "$build" --no-rebuild --quiet --destdir "$work/to" >"$work/why" 2>&1
ok $? 'meson install'
prefix=$work/to$(meson introspect --buildoptions "$build" | python3 -c '
import json, sys
print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
pages=$(cd "$source" && printf 'share/doc/descent/%s ' docs/*.md)
# shellcheck disable=SC2086 # names without spaces
for file in bin/descent share/man/man1/descent.1 share/bash-completion/completions/descent share/zsh/site-functions/_descent \
    share/fish/vendor_completions.d/descent.fish share/descent/descent.schema.json share/descent/configs/quickstart.yaml \
    share/descent/published/digits.csv share/descent/published/digits.yaml \
    share/doc/descent/README.md share/doc/descent/LICENSE share/doc/descent/docs/figures/pair.png $pages; do
    find "$work/to" -type f >"$work/why"
    [ -s "$prefix/$file" ]
    ok $? "installs $file"
done
"$prefix/bin/descent" check "$prefix/share/descent/configs/quickstart.yaml" >"$work/why" 2>&1
ok $? 'what is installed works'
"$(dirname "$0")/test_docs.py" --links "$descent" "$prefix/share/doc/descent" >"$work/why" 2>&1 && ! grep -q '^not ok' "$work/why" && [ "$(grep -c '^ok' "$work/why")" -gt 50 ]
ok $? 'the links of the installed pages lead somewhere'
plan
