# What the shell tests share: cases that speak TAP, a folder to work in, descent and what it said. Sourced.
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

own_folder() { # work: a folder of the test's own, entered, which goes when it ends
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cd "$work" || exit 1
    OPENBLAS_NUM_THREADS=1
    # a module of a test's comes before a sanitizer's own library
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
    export ASAN_OPTIONS OPENBLAS_NUM_THREADS
    unset COLUMNS
}

script_of() { # PROJECT DESCENT: what a test of the project's scripts begins with, in that folder; run: any command
    project=$(cd "$1" && pwd)
    DESCENT=$(realpath "$2")
    OPENBLAS_NUM_THREADS=1
    export DESCENT OPENBLAS_NUM_THREADS
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cd "$project" || exit 1
    run() { # COMMAND ...: output in $work/out and $work/err, exit code in $code
        code=0
        timeout 300 "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
    }
}

# $descent: the program. $crash, where a test has it: a module that spares waiting for the disk.
run() { # ARGUMENT ...: descent's output in out and err, its exit code in code
    code=0
    ${crash:+env "CRASH_UNDER=$work" "LD_PRELOAD=$crash"} "${descent:?}" "$@" >out 2>err </dev/null || code=$?
}

train() { # FOLDER [KEY=VALUE ...]: base.yaml, without figures
    folder=$1
    shift
    run run base.yaml -q --no-plots -o "$folder" "$@"
}

cell() { # FOLDER EPOCH COLUMN: of its epochs.csv
    awk -F, -v e="$2" -v c="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) k = i }
        NR > 1 && $1 == e { print $k }' "$1/epochs.csv"
}

json() { # FILE EXPRESSION-ON-j: prints it
    python3 -c 'import json, sys; j = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}

exits() { # CODE TITLE
    [ "$code" -eq "$1" ]
    ok $? "$2"
}

says() { # CODE TEXT TITLE: on stderr
    { [ "$code" -eq "$1" ] && grep -qF -- "$2" err; }
    ok $? "$3"
}

# The rows of a table: what descent is called with comes last.
ends_with() { # CODE TITLE ARGUMENT ...
    row_code=$1 row_title=$2
    shift 2
    run "$@"
    exits "$row_code" "$row_title"
}

message() { # CODE TEXT TITLE ARGUMENT ...: on stderr
    row_code=$1 row_text=$2 row_title=$3
    shift 3
    run "$@"
    says "$row_code" "$row_text" "$row_title"
}

prints() { # TEXT TITLE: on stdout, spaces squeezed, exit code 0
    { [ "$code" -eq 0 ] && tr -s ' ' <out | grep -qF -- "$1"; }
    ok $? "$2"
}

output() { # TEXT TITLE ARGUMENT ...: as prints
    row_text=$1 row_title=$2
    shift 2
    run "$@"
    prints "$row_text" "$row_title"
}

same() { # FOLDER FOLDER: all but what depends on clock and host
    diff -r -x run.json -x timing.csv "$1" "$2" >why 2>&1
}

# Images of 2 x 2 pixels, so that a checkpoint is a few kilobytes.
set_of() { # NAME COUNT: a set of these as IDX files in data
    count=$(printf '\\0%03o\\0%03o' $(($2 / 256)) $(($2 % 256)))
    {
        printf '%b' "\\0000\\0000\\0010\\0003\\0000\\0000$count\\0000\\0000\\0000\\0002\\0000\\0000\\0000\\0002"
        printf '%b' "$(awk -v n="$2" 'BEGIN { for (i = 0; i < 4 * n; i++) printf "\\0%03o", i * i * 7 % 251 }')"
    } >"data/$1-images-idx3-ubyte"
    {
        printf '%b' "\\0000\\0000\\0010\\0001\\0000\\0000$count"
        printf '%b' "$(awk -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "\\0%03o", i % 3 }')"
    } >"data/$1-labels-idx1-ubyte"
}
