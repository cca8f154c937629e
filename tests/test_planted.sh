#!/usr/bin/env bash
# Each bug of stream/plant_priv.h, built into the files that have it, must be caught by the tests that tests/planted.txt names: a test
# that stays silent over the bug that it is there for is no test. Without a bug all of them pass.
set -euo pipefail
source=${GX_SOURCE:?} build=${GX_BUILD:?}
grep -q 'GX_SANITIZE:STRING=.' "$build/CMakeCache.txt" && { echo "skipped: under sanitizers"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
flags=(-std=c11 -O1 -D_GNU_SOURCE -DGX_VERSION='"planted"' "-I$source" -I/usr/include/igraph -fopenmp -w)
libraries=("$build/tests/libtest_support.a" "$build/libgx_tools.a" "$build/libgraphx.a")
table=$(grep -v '^#' "$source/tests/planted.txt")
bugs=$(sed -n 's/^ *\(GX_PLANT_[A-Z_]*\),.*/\1/p' "$source/stream/plant_priv.h" | grep -vx GX_PLANT_NOTHING)
read -ra libs <<<"$(pkg-config --libs check igraph zlib libzstd libxxhash jansson) -lmetis -lm"

for program in $(awk '{ print $2 }' <<<"$table" | sort -u); do
    "${CC:-cc}" "${flags[@]}" -c "$source/tests/$program.c" -o "$program.o"
done

# A program with a bug in it; each bug has a folder of its own. The tests that fail go to stdout, a name a line.
failing() {
    local bug=$1 program=$2 file objects=()
    mkdir -p "$bug"
    for file in $(grep -rl --include='*.c' "GX_PLANTED($bug)" "$source/stream"); do
        objects+=("$bug/$(basename "$file" .c).o")
        [ -f "${objects[-1]}" ] || "${CC:-cc}" "${flags[@]}" "-DGX_PLANT=$bug" -c "$file" -o "${objects[-1]}"
    done
    "${CC:-cc}" -fopenmp -o "$bug/$program" "$program.o" "${objects[@]}" "${libraries[@]}" "${libs[@]}"
    # Fewer seeds: a bug that needs all of them is caught by luck. A planted program is given two minutes.
    GX_FEWER_SEEDS=${GX_FEWER_SEEDS:-8} GX_NIGHTLY=1 GX_FIGURES='' CK_FORK=no timeout 120 "$bug/$program" >"$bug/$program.out" 2>&1 || true
    sed -nE 's/^[^ ]+:[0-9]+:[FE]:[^:]*:([a-z_0-9]+):.*/\1/p' "$bug/$program.out" | sort -u
    grep -q '^[0-9]*%: Checks' "$bug/$program.out" || echo "(it did not end)"
}
# Does every test that is named for this bug fail? Says what does not.
caught() {
    local bug=$1 bad=0 program tests test lines
    lines=$(awk -v bug="$bug" '$1 == bug' <<<"$table")
    [ -n "$lines" ] || { echo "$bug: tests/planted.txt names no test for it"; return 1; }
    while read -r _ program tests; do
        failing "$bug" "$program" >"$bug.$program.failing"
        for test in $tests; do
            grep -qx "$test" "$bug.$program.failing" || { echo "not caught: $bug by $program:$test"; bad=1; }
        done
    done <<<"$lines"
    return $bad
}

for program in $(awk '{ print $2 }' <<<"$table" | sort -u); do
    silent=$(failing GX_PLANT_NOTHING "$program")
    [ -z "$silent" ] || { cat "GX_PLANT_NOTHING/$program.out"; echo "without a planted bug $program must pass: $silent"; exit 1; }
done
for bug in $(awk '{ print $1 }' <<<"$table"); do
    grep -qx "$bug" <<<"$bugs" || { echo "tests/planted.txt has a bug that is none: $bug"; exit 1; }
done
all=0 found=0
for bug in $bugs; do
    all=$((all + 1))
    if caught "$bug"; then
        found=$((found + 1))
    fi
done
echo "$found of $all planted bugs caught, each by the tests that are named for it ($(wc -w <<<"$(awk '{ $1 = $2 = ""; print }' <<<"$table")") of them)"
[ -z "${GX_FIGURES:-}" ] || printf 'planted bugs caught\t%s\n' "$found" >>"$GX_FIGURES"
[ "$found" = "$all" ] && [ "$all" -ge 12 ]
