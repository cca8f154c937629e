#!/usr/bin/env bash
# A disk that really is full: the stream pauses, says so, and goes on by itself when there is room, to the same result.
set -euo pipefail
run=${GRAPHX_RUN:?}
work=$(mktemp -d)
disk=$work/disk
mkdir "$disk"
stream=
clean() {
    [ -z "$stream" ] || kill "$stream" 2>/dev/null || true
    umount "$disk" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
mount -t tmpfs -o size=40m none "$disk" 2>/dev/null || { echo "skipped: no tmpfs can be mounted here"; exit 77; }
cd "$work"
awk 'BEGIN { for (i = 0; i < 300000; i++) print i * 7 % 9973, i * i % 9967 }' >edges
"$run" stream wcc edges --trigger edges=20000 -o whole >/dev/null 2>&1
head -c 38M /dev/zero >"$disk/filler" # the log needs more than is left
"$run" stream wcc edges --trigger edges=20000 --state "$disk/state" -o out >log 2>&1 &
stream=$!
for _ in $(seq 300); do
    grep -q 'no room on the disk' log && break
    kill -0 "$stream" 2>/dev/null || break
    sleep .1
done
grep -q 'no room on the disk' log || { echo "it did not say that the disk is full"; cat log; exit 1; }
sleep .5
kill -0 "$stream" || { echo "it did not wait"; cat log; exit 1; }
[ "$(grep -c 'no room on the disk' log)" = 1 ] || { echo "it says so again and again"; cat log; exit 1; }
rm "$disk/filler"
code=0
wait "$stream" || code=$?
stream=
[ "$code" = 0 ] || { echo "exit code $code"; cat log; exit 1; }
cmp out whole
"$run" state verify "$disk/state" >/dev/null
[ -z "${GX_FIGURES:-}" ] || printf 'full disks\t1\n' >>"$GX_FIGURES"
