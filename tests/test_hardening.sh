#!/usr/bin/env bash
# The release binary is built as the security rules say: position independent, relocations read-only and bound at start, no
# executable stack, stack protector, fortified calls, control-flow protection.
set -u # no pipefail: grep -q ends its pipes early
grep -q '^CMAKE_BUILD_TYPE:STRING=Release' "$GX_BUILD/CMakeCache.txt" || { echo "skipped: not the release build"; exit 77; }
failed=0
check() {
    if ! eval "$2"; then
        echo "FAILED: $1: $2"
        failed=1
    fi
}
elf() { readelf -W "$@" "$GRAPHX_RUN" 2>/dev/null; }

check "position independent" "elf -h | grep -q 'Type: *DYN'"
check "an executable, not a library" "elf -d | grep -q 'FLAGS_1.*PIE'"
check "relocations read-only" "elf -l | grep -q GNU_RELRO"
check "bound at start" "elf -d | grep -qE 'BIND_NOW|FLAGS.*NOW'"
check "stack not executable" "elf -l | grep GNU_STACK | grep -q 'RW '"
check "stack protector" "elf --dyn-syms | grep -q __stack_chk_fail"
check "fortified calls" "elf --dyn-syms | grep -qE '__[a-z]+_chk'"
check "no segment both writable and executable" "! elf -l | grep LOAD | grep -q 'RWE'"
if [ "$(uname -m)" = x86_64 ]; then
    check "indirect jumps land on endbr64" \
        "objdump -d --no-show-raw-insn --disassemble=gx_tools_main '$GRAPHX_RUN' | grep -A1 '<gx_tools_main>:' | grep -q endbr64"
fi
[ $failed = 0 ] && echo "hardened"
exit $failed
