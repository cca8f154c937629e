#!/usr/bin/env bash
# The installed tree: a program of a user's own is built against it with pkg-config and with CMake, shared and static, and runs.
set -euo pipefail
grep -q '^GX_SANITIZE:STRING=..*' "$GX_BUILD/CMakeCache.txt" && { echo "skipped: a sanitizer build is not for users"; exit 77; }
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cmake --install "$GX_BUILD" --prefix "$tree/usr" >"$tree/log"

expected=$'7 7\n8 7\n9 7\n10 10\n20 10\n30 10\n99 99'
check() {
    local got
    got=$("$@")
    [ "$got" = "$expected" ] || { printf 'FAILED: %s says\n%s\n' "$*" "$got"; exit 1; }
}

libdir=$(dirname "$(find "$tree/usr" -name libgraphx.a)")
export PKG_CONFIG_PATH=$libdir/pkgconfig
sed -i "s|^prefix=.*|prefix=$tree/usr|" "$libdir/pkgconfig/graphx.pc" # installed elsewhere than configured
mkdir "$tree/cc"
# shellcheck disable=SC2046
cc -std=c11 -Wall -Wextra -Wpedantic -Werror "$GX_SOURCE/tests/install/user.c" -o "$tree/cc/shared" $(pkg-config --cflags --libs graphx)
check env LD_LIBRARY_PATH="$libdir" "$tree/cc/shared"
# shellcheck disable=SC2046
cc -std=c11 "$GX_SOURCE/tests/install/user.c" -o "$tree/cc/static" $(pkg-config --cflags graphx) "$libdir/libgraphx.a" \
    $(pkg-config --static --libs graphx | sed 's/-lgraphx//')
check "$tree/cc/static"

# a stream with a state of its own, as docs/stream-api.md has it; the second run goes on from the first
# shellcheck disable=SC2046
cc -std=c11 -Wall -Wextra -Wpedantic -Werror "$GX_SOURCE/docs/examples/bursts.c" -o "$tree/cc/bursts" $(pkg-config --cflags --libs graphx)
printf '1 2 10\n1 4 20\n' >"$tree/times"
LD_LIBRARY_PATH="$libdir" "$tree/cc/bursts" "$tree/times" "$tree/state" >"$tree/log"
printf '1 2 30\n' >>"$tree/times"
got=$(LD_LIBRARY_PATH="$libdir" "$tree/cc/bursts" "$tree/times" "$tree/state" | tail -n 3)
[ "$got" = $'1\t3\n2\t2\n4\t1' ] || { printf 'FAILED: bursts says\n%s\n' "$got"; exit 1; }

cmake -S "$GX_SOURCE/tests/install" -B "$tree/cmake" -DCMAKE_PREFIX_PATH="$tree/usr" >"$tree/log"
cmake --build "$tree/cmake" >>"$tree/log" || { cat "$tree/log"; exit 1; }
check "$tree/cmake/user-shared"
check "$tree/cmake/user-static"

"$tree/usr/bin/graphx-run" version | grep -q '^graphx-run [0-9]'
for file in share/man/man1/graphx-run.1 share/bash-completion/completions/graphx-run include/graphx/engine/engine.h; do
    [ -s "$tree/usr/$file" ] || { echo "FAILED: $file is not installed"; exit 1; }
done
! find "$tree/usr" -name '*_priv.h' | grep . || { echo "FAILED: a private header is installed"; exit 1; }
echo "installed, linked four ways, ran"
