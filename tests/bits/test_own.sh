#!/bin/sh
# What trains calls none of the C library's elementary functions, which differ by version and processor, and no fmaf,
# which a processor without it takes hundreds of instructions for; speaks TAP.
#
#     test_own.sh NM LIBRARY ...
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

nm=$1
shift
for archive; do
    set -- "$@" "$(realpath "$archive")"
    shift
done
own_folder

# Statistics of finished runs are no part of one; exact functions (sqrt, fmod, floor, ldexp) are free to all.
library='(exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|cbrt|hypot|sin|cos|tan|sincos|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|erf|erfc|lgamma|tgamma|fma)[fl]?'
for archive; do
    "$nm" -A --undefined-only "$archive" 2>nm-err | sed -n 's|^.*[:/]\([^:/]*\): *U \(.*\)$|\1 \2|p' >names
    calls=$(grep -vE '^(sample|paired|ranks|student)\.c' names | grep -E " $library\$" | tr '\n' ';')
    [ -s names ] && [ -z "$calls" ]
    ok $? "$(basename "$archive"): no elementary function of the library${calls:+, but $calls}"
done
plan
