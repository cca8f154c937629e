#!/usr/bin/env bash
# Each bug of stream/plant_priv.h, built into the stream's state, must be caught by test_log or test_state: a suite that stays
# silent over one of them is not a suite.
set -euo pipefail
source=${GX_SOURCE:?} build=${GX_BUILD:?}
grep -q 'GX_SANITIZE:STRING=.' "$build/CMakeCache.txt" && { echo "skipped: under sanitizers"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
parts=(file log log_segment log_format log_scan manifest state checkpoint checkpoint_write snap recover ops)
flags=(-std=c11 -O1 -D_GNU_SOURCE "-I$source" -I/usr/include/igraph -fopenmp -w)
tests=(test_log test_state)

for name in "${tests[@]}" support/support support/fakefs; do
    "${CC:-cc}" "${flags[@]}" -c "$source/tests/$name.c" -o "$(basename "$name").o"
done

# 0: built, and a test failed; 1: all tests passed. A planted program is given a minute.
caught() {
    local objects=() part test
    for part in "${parts[@]}"; do
        "${CC:-cc}" "${flags[@]}" "-DGX_PLANT=$1" -c "$source/stream/$part.c" -o "$part.o" &
        objects+=("$part.o")
    done
    wait
    for test in "${tests[@]}"; do
        "${CC:-cc}" -fopenmp -o "$test" "$test.o" support.o fakefs.o "${objects[@]}" "$build/libgraphx.a" \
            $(pkg-config --libs check igraph zlib libzstd libxxhash jansson) -lmetis -lm
        if ! CK_FORK=no timeout 60 "./$test" >"$test.out" 2>&1; then
            return 0
        fi
    done
    return 1
}

caught GX_PLANT_NOTHING && { cat test_*.out; echo "without a planted bug the suite must pass"; exit 1; }
bugs=$(sed -n 's/^ *\(GX_PLANT_[A-Z_]*\),.*/\1/p' "$source/stream/plant_priv.h" | grep -v 'GX_PLANT_NOTHING')
all=0 found=0
for bug in $bugs; do
    all=$((all + 1))
    if caught "$bug"; then
        found=$((found + 1))
    else
        echo "not caught: $bug"
    fi
done
echo "$found of $all planted bugs caught"
[ "$found" = "$all" ] && [ "$all" -ge 12 ]
