# What every script of the shell does with --help and with wrong arguments; those in Python have usage.py. Sourced first of
# all, so that nothing is built, fetched or written before. tests/scripts/test_usage.sh holds each script to it.
# shellcheck shell=sh

usage() { # the comment at the head of the script
    awk 'NR > 1 { if (!/^#/) exit; if (!/^# shellcheck /) { sub(/^# ?/, ""); print } }' "$0"
}

wrong() { # TEXT: what is wrong, and what to type
    printf "%s: %s: type '%s --help'\n" "${0##*/}" "$1" "$0" >&2
    exit 2
}

takes() { # LEAST MOST WORD ...: so many words, and none of them an option
    least=$1 most=$2
    shift 2
    for word; do
        case $word in
        -*) wrong "unknown option '$word'" ;;
        esac
    done
    [ $# -ge "$least" ] || wrong 'an argument is missing'
    [ $# -le "$most" ] || wrong 'these are too many arguments'
}

program() { # PATH: its absolute path
    if ! [ -f "$1" ] || ! [ -x "$1" ]; then
        wrong "there is no program '$1' (meson setup build, and ninja -C build, make build/descent)"
    fi
    realpath "$1"
}

for word; do
    case $word in
    -h | --help)
        usage
        exit 0
        ;;
    esac
done
