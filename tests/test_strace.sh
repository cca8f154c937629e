#!/usr/bin/env bash
# Faults from outside the program, as a confirmation that does not rest on its own file layer: strace makes the N-th call of a kind fail.
# Whatever fails: the stream ends with words or goes on, and the next run comes to the result of one that was never disturbed. After a
# failed sync the exit code is not 0.
set -euo pipefail
run=${GRAPHX_RUN:?}
grep -q 'GX_SANITIZE:STRING=.' "${GX_BUILD:?}/CMakeCache.txt" && { echo "skipped: under sanitizers"; exit 77; }
command -v strace >/dev/null || { echo "skipped: strace is not installed"; exit 77; }
strace -o /dev/null true 2>/dev/null || { echo "skipped: ptrace is not allowed here"; exit 77; }
strace -o /dev/null -e inject=fsync:error=EIO:when=1 true 2>/dev/null || { echo "skipped: this strace injects nothing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for i in $(seq 400); do echo "$((i * 7 % 61)) $((i * i % 53))"; done >edges
stream() { "$@" "$run" stream wcc edges --trigger edges=40 --state state --max-replay 1ms -o out >log 2>&1; }
"$run" stream wcc edges --trigger edges=40 -o whole >/dev/null 2>&1

tried=0 failed=0
# at CALL ERRNO N: must it fail?
at() {
    local call=$1 error=$2 when=$3 code=0
    rm -rf state out
    stream timeout 60 strace -f -o trace -e "trace=$call" -e "inject=$call:error=$error:when=$when" || code=$?
    tried=$((tried + 1))
    [ "$code" != 124 ] || { echo "$call $error $when: hangs"; exit 1; }
    [ "$code" -lt 128 ] || { echo "$call $error $when: exit code $code"; cat log; exit 1; }
    if grep -q INJECTED trace; then
        case $call in
        fdatasync | fsync | rename) [ "$code" != 0 ] || { echo "$call $error $when: goes unnoticed"; exit 1; } ;;
        esac
        failed=$((failed + 1))
    fi
    [ "$code" = 0 ] || grep -q '^error: ' log || { echo "$call $error $when: no words"; cat log; exit 1; }
    stream timeout 60 || { echo "$call $error $when: is not recovered"; cat log; exit 1; }
    cmp -s out whole || { echo "$call $error $when: another result"; exit 1; }
}
numbers="1 2 3 5 8 13 21 34"
[ -z "${GX_NIGHTLY:-}" ] || numbers=$(seq 60)
for when in $numbers; do
    at fdatasync EIO "$when"
    at fsync EIO "$when"
    at rename EIO "$when"
    at pwrite64 EIO "$when"
    at pwrite64 EINTR "$when"
    at ftruncate EIO "$when"
    at unlink EIO "$when"
done
# From a call on, for good.
for when in 1 4 9; do
    at fdatasync ENOSPC "$when+"
    at pwrite64 EIO "$when+"
done
echo "$tried runs, $failed of them with a fault that strace injected, 0 lost"
[ "$failed" -ge 20 ]
[ -z "${GX_FIGURES:-}" ] || printf 'faults injected by strace\t%s\n' "$failed" >>"$GX_FIGURES"
