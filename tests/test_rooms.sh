#!/usr/bin/env bash
# The house: includes go from the root and never to a room on the right; private headers stay inside; OpenMP has one file; no file is long.
set -uo pipefail
cd "$GX_SOURCE" || exit 1
rooms=(graph partition engine algorithms stream tools)
failed=0
fail() {
    echo "FAILED: $1"
    failed=1
}

for i in "${!rooms[@]}"; do
    room=${rooms[$i]}
    [ -d "$room" ] || continue
    for ((j = i + 1; j < ${#rooms[@]}; j++)); do
        hits=$(grep -rnE --include='*.[ch]' "#include \"${rooms[$j]}/" "$room") && fail "$room looks to its right: $hits"
    done
    for other in "${rooms[@]}"; do
        [ "$other" = "$room" ] && continue
        hits=$(grep -rnE --include='*.[ch]' "#include \"$other/.*_priv\.h\"" "$room") && fail "$room uses a private header: $hits"
    done
done
hits=$(grep -rnE --include='*.[ch]' '#include "' "${rooms[@]}" | grep -vE '#include "(graph|partition|engine|algorithms|stream|tools)/') &&
    fail "includes go by path from the root: $hits"
hits=$(grep -rlE --include='*.[ch]' '# *pragma +omp|#include [<"]omp\.h|\bomp_[a-z_]+\(' "${rooms[@]}" tests | grep -vx 'graph/parallel\.c') &&
    fail "OpenMP outside graph/parallel.c: $hits"
while read -r lines file; do
    [ "$file" = total ] || [ "$lines" -le 500 ] || fail "$file has $lines lines"
done < <(find "${rooms[@]}" cmake -name '*.[ch]' -exec wc -l {} +)
[ $failed = 0 ] && echo "rooms keep their doors"
exit $failed
