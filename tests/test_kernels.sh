#!/usr/bin/env bash
# Hot kernels hold no indirect call: every function that tests/kernels.txt names is disassembled from the release binary.
# A copy that the compiler made of it (name.constprop.0) counts as it; one that is inlined everywhere is to be named by its caller.
set -uo pipefail
grep -q '^CMAKE_BUILD_TYPE:STRING=Release' "$GX_BUILD/CMakeCache.txt" || { echo "skipped: not the release build"; exit 77; }
[ "$(uname -m)" = x86_64 ] || { echo "skipped: knows x86-64 only"; exit 77; }
failed=0 seen=0
code=$(mktemp)
trap 'rm -f "$code"' EXIT
objdump -d --no-show-raw-insn "$GRAPHX_RUN" >"$code" || exit 1
while read -r name; do
    body=$(awk -v name="$name" '/^[0-9a-f]+ <.*>:$/ { f = $2; gsub(/[<>:]/, "", f); sub(/\..*/, "", f); inside = f == name } inside' "$code")
    [ -n "$body" ] || { echo "FAILED: $name is not in the binary"; failed=1; continue; }
    calls=$(grep -E 'call +\*' <<<"$body") && { echo "FAILED: $name calls through a pointer:"; echo "$calls"; failed=1; }
    seen=$((seen + 1))
done < <(grep -vE '^(#|$)' "$GX_SOURCE/tests/kernels.txt")
[ $failed = 0 ] && echo "$seen kernels, no indirect call"
exit $failed
