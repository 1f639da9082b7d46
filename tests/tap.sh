# What the shell tests share: cases that speak TAP. Sourced, with $work the folder of the test's own that it works in.
# shellcheck shell=sh
cases=0

# A failed case shows what lies in $work of: why, out, err, and the exit code in $code.
ok() { # CODE TITLE: 0 is good
    cases=$((cases + 1))
    if [ "$1" -eq 0 ]; then
        printf 'ok %d - %s\n' "$cases" "$2"
    else
        printf 'not ok %d - %s\n' "$cases" "$2"
        printf 'exit code %s\n' "${code-}" | (cd "${work:?}" && cat - why out err 2>/dev/null) | head -n 40 | sed 's/^/# /'
    fi
    rm -f "$work/why"
}

skip() { # TITLE REASON
    cases=$((cases + 1))
    printf 'ok %d - %s # SKIP %s\n' "$cases" "$1" "$2"
}

plan() { # how many there were: the end
    printf '1..%d\n' "$cases"
}
