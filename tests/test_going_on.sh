#!/usr/bin/env bash
# A batch run with --state from outside: killed again and again, stopped by a signal, begun again with other numbers of threads, its
# result has the bytes of a run that was never disturbed; what does not belong to it is refused with the exit code of docs/cli.md.
set -uo pipefail
run=${GRAPHX_RUN:?}
source=${GX_SOURCE:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
fail() {
    echo "FAIL: $*"
    failed=1
}
expect() { # exit code, words of stderr, then the command
    local code=$1 words=$2
    shift 2
    "$@" >out 2>err
    local got=$?
    [ $got = "$code" ] || fail "exit $got, not $code: $* ($(head -c 200 err))"
    [ -z "$words" ] || grep -q "$words" err || fail "stderr of $* does not say \"$words\": $(head -c 300 err)"
}

"$run" generate rmat --scale 13 --degree 8 --seed 3 -o g.txt --quiet || fail "no graph"
awk 'BEGIN { for (i = 0; i < 400; i++) print 9000 + i, 9001 + i; print 9400, 0 }' >>g.txt
awk '{ print $1, $2, 1 + ($1 * 7 + $2) % 9 / 4 }' g.txt >w.txt

# Killed at random moments: under a load each may be anywhere, reading, computing or writing.
RANDOM=17
try() {
    local kills=0 resumed=0 name=$1
    shift
    "$run" "$@" -o whole --quiet || fail "$name: the undisturbed run"
    rm -rf st part
    for i in $(seq 24); do
        "$run" "$@" --state st --checkpoint-every 1 --threads $((i % 3 + 1)) -o part --json json --quiet 2>err &
        local pid=$!
        sleep "0.0$((RANDOM % 9))$((RANDOM % 10))"
        [ "$i" = 24 ] || kill -9 $pid 2>/dev/null && kills=$((kills + 1))
        wait $pid 2>/dev/null
        local code=$?
        [ $code = 0 ] || [ $code = 137 ] || fail "$name: exit $code: $(cat err)"
        if [ $code = 0 ]; then
            cmp -s whole part || fail "$name: other bytes after $kills kills"
            grep -q resumedFrom json && resumed=$((resumed + 1))
            rm -rf part
            [ $((i % 4)) = 0 ] || rm -f "st/$(ls st | grep '^run-' | tail -1)"
            [ $((i % 7)) = 0 ] && rm -rf st
        fi
    done
    [ $resumed -gt 0 ] || [ $kills = 0 ] || echo "$name: never resumed in $kills kills (a slow machine)"
    "$run" "$@" --state st -o part --quiet || fail "$name: the last run"
    cmp -s whole part || fail "$name: other bytes at the end"
}
try pagerank pagerank g.txt --error 1e-9
try cdlp cdlp g.txt --iterations 40 --parts 2
try bfs bfs g.txt --source 9000 --parents
try sssp sssp w.txt --weights --source 9000

# A signal keeps what was done; the next run goes on behind it.
rm -rf st
stop() { # a run without an end, once it has begun its rounds
    "$run" pagerank g.txt --iterations 900000000 --state st --checkpoint-every 100 -o part --json json --quiet 2>err &
    local pid=$! before
    before=$(ls st 2>/dev/null | tail -1)
    for _ in $(seq 400); do
        [ "$(ls st 2>/dev/null | grep '^run-' | tail -1)" != "$before" ] && ls st | grep -q '^run-' && break
        sleep .05
    done
    kill -INT $pid
    wait $pid
    local code=$?
    [ $code = 130 ] || fail "interrupted: exit $code"
    sed -n 's/^ *"'"$1"'": *\([0-9]*\).*/\1/p' json
}
done=$(stop supersteps)
again=$(stop resumedFrom)
[ -n "$done" ] && [ "$done" = "$again" ] || fail "a signal kept superstep \"$again\", not $done"

# What does not belong to it.
rm -rf st
"$run" cdlp g.txt --state st -o part --quiet || fail "cdlp"
expect 2 "was made by .cdlp --iterations 10.*not by .cdlp --iterations 9" "$run" cdlp g.txt --iterations 9 --state st -o part
expect 65 "another graph" "$run" cdlp w.txt --columns src,dst --state st --undirected -o part
expect 65 "another graph" "$run" cdlp g.txt --state st --parts 2 -o part
expect 2 "batch run" "$run" stream wcc g.txt --state st -o part
expect 2 "needs --state" "$run" cdlp g.txt --checkpoint-every 3 -o part
expect 2 "checkpoint-every" "$run" cdlp g.txt --state st --checkpoint-every 0 -o part
"$run" stream wcc g.txt --state stream -o part --quiet || fail "stream"
expect 2 "state of a stream" "$run" cdlp g.txt --state stream -o part
expect 73 "" "$run" cdlp g.txt --state nowhere/st -o part
# The same graph from elsewhere, another form of it and through a pipe is the same.
mkdir away && gzip -c g.txt >away/h.gz
expect 0 "" "$run" cdlp away/h.gz --state st --json json -o part
grep -q '"resumedFrom": 10' json || fail "the graph under another name is another"
expect 0 "" "$run" cdlp - --state st --json json -o part <g.txt
grep -q '"resumedFrom": 10' json || fail "the graph through a pipe is another"

# One process at a time.
mkfifo pipe
"$run" cdlp pipe --state held -o /dev/null --quiet &
pid=$!
for _ in $(seq 100); do [ -e held/lock ] && break; sleep .05; done
sleep .1
expect 75 "another process holds" "$run" cdlp g.txt --state held -o part
cat g.txt >pipe
wait $pid || fail "the one that held it"

# Damage: the one before, then nothing, is gone on from; the tools see it.
expect 0 "" "$run" state verify st
"$run" state ls st | grep -q "checkpoint of a batch run" || fail "state ls"
"$run" state show st | grep -q "10 supersteps, complete" || fail "state show"
expect 2 "is for streams" "$run" state export st
"$run" cdlp g.txt -o whole --quiet
rm -rf st
"$run" cdlp g.txt --state st --checkpoint-every 2 -o part --quiet
newest=st/$(ls st | grep '^run-' | tail -1)
printf 'x' | dd of="$newest" bs=1 seek=900 conv=notrunc 2>/dev/null
expect 65 "checksum" "$run" state verify st
expect 0 "the checkpoint before it" "$run" cdlp g.txt --state st -o part
cmp -s whole part || fail "other bytes after damage"
for f in st/run-*; do truncate -s 100 "$f"; done
expect 0 "starts over" "$run" cdlp g.txt --state st -o part
cmp -s whole part || fail "other bytes after starting over"

# The golden checkpoint of version 1, written by hand after docs/checkpoint-format.md, is gone on from.
mkdir -m 700 gold && cp "$source"/tests/golden/run_v1/run-* gold
printf '0 1\n1 2\n2 0\n3 3\n' >gold.txt
expect 0 "" "$run" cdlp gold.txt --state gold --json json -o part
grep -q '"resumedFrom": 1' json || fail "the golden checkpoint is not gone on from"
[ "$(tr '\n\t' ', ' <part)" = "0 0,1 0,2 0,3 3," ] || fail "the golden checkpoint's result: $(cat part)"
exit $failed
