#!/usr/bin/env bash
# Sinks of graphx-run stream after a crash: what an uninterrupted stream wrote, byte for byte, wherever it was killed.
set -uo pipefail
. "$GX_SOURCE/tests/support/stream.sh"

python3 -c 'import random
r = random.Random(8)
for i in range(1500): print("-" if r.random() < .3 else "+", r.randrange(40), r.randrange(40))' >ops
for mode in complete update append; do
    for algorithm in pagerank "bfs --source 3"; do
        rm -rf whole part st
        # shellcheck disable=SC2086
        "$run" stream $algorithm ops --trigger edges=10 --sink file:whole --output-mode $mode
        # shellcheck disable=SC2086
        until_done "$run" stream $algorithm ops --trigger edges=10 --sink file:part --output-mode $mode --state st --max-replay 5ms
        same "$algorithm, $mode, killed: the same files" "$(diff -r whole part --exclude '.graphx-*.tmp' && echo same)" same
    done
done

# Killed when all was there; then a share of what the last batch wrote is taken away, as if the process had died while it wrote.
whole=$((1500 / 50))
killed() { # MODE: leaves the folder `got` and the state st
    rm -rf st got pipe
    mkfifo pipe
    "$run" stream degrees pipe --of in --trigger edges=50 --sink file:got --output-mode "$1" --state st --max-replay 1h & pid=$!
    exec 8>pipe
    cat ops >&8
    for _ in $(seq 400); do
        [ -e got/batch-0000$((whole - 1)).tsv ] && break
        [ "$(cut -d ' ' -f 1 got/.changes.tsv.end 2>/dev/null)" = $((whole - 1)) ] && break
        sleep .02
    done
    sleep .05
    kill -9 $pid
    wait $pid 2>/dev/null
    exec 8>&-
}
goes_on() { "$run" stream degrees /dev/null --of in --trigger edges=50 --sink "file:$1" --output-mode "$2" --state st --max-replay 1h; }
"$run" stream degrees ops --of in --trigger edges=50 --sink file:want --output-mode append
before=$(awk -v b=$((whole - 1)) '$1 < b' want/changes.tsv | wc -c)
all=$(wc -c <want/changes.tsv)
for keep in "$before" $((before + 1)) $((before + 20)) $((all - 1)) "$all"; do
    killed append
    truncate -s "$keep" got/changes.tsv
    echo "$((whole - 2)) $before" >got/.changes.tsv.end
    goes_on got append
    same "append, $keep of $all bytes were there" "$(diff -r want got && echo same)" same
done
echo "1	1	junk" >>got/changes.tsv # not ours: what is behind the end is not cut off where another batch comes
goes_on got append
same "append, nothing was missing" "$(head -c "$all" got/changes.tsv | cmp - want/changes.tsv && echo same)" same
"$run" stream degrees ops --of in --trigger edges=50 --sink file:updates --output-mode update
killed update
rm got/batch-0000$((whole - 1)).tsv
goes_on got update
same "update, the last file was not there" "$(diff -r updates got && echo same)" same
for mode in complete update append; do # stdout keeps no count: of the last batch it may have had nothing
    killed $mode
    "$run" stream degrees /dev/null --of in --trigger edges=50 --sink stdout --output-mode $mode --state st --max-replay 1h >again
    rm -rf all.$mode
    "$run" stream degrees ops --of in --trigger edges=50 --sink stdout --output-mode $mode >all.$mode
    same "stdout, $mode: the last batch comes again" "$(cat again)" "$(awk -v b=$((whole - 1)) '$1 == b' all.$mode)"
    "$run" stream degrees /dev/null --of in --trigger edges=50 --sink stdout --output-mode $mode --state st --max-replay 1h >again
    same "stdout, $mode: after an end in order it does not" "$(cat again)" ""
done
killed update
rm got/batch-0000$((whole - 1)).tsv
goes_on got update
goes_on later update
same "a new sink gets all rows" "$(cat later/*.tsv)" "$("$run" stream degrees /dev/null --of in --state st -o -)"
goes_on later2 append
same "in append mode too" "$(cut -f 2- later2/changes.tsv)" "$("$run" stream degrees /dev/null --of in --state st -o -)"
# the first batch of all, with its aggregates
"$run" stream degrees ops --of in --aggregate count --trigger once --sink file:first
mkfifo once
"$run" stream degrees once --of in --trigger edges=1500 --sink file:got --aggregate count --state st1 --max-replay 1h & pid=$!
exec 8>once
rm -rf got
mkdir got
cat ops >&8
for _ in $(seq 400); do
    [ -e got/batch-000000.tsv ] && break
    sleep .02
done
sleep .05
kill -9 $pid
wait $pid 2>/dev/null
exec 8>&-
rm got/batch-000000.tsv got/aggregate-000000.tsv
"$run" stream degrees /dev/null --of in --sink file:got --aggregate count --state st1 --max-replay 1h
same "the first batch, of which nothing was there" "$(diff -r first got && echo same)" same

touch -d '1 minute ago' later/.graphx-0123456789abcdef.tmp later/.graphx-0123456789abcde.tmp
touch later/.graphx-1123456789abcdef.tmp
goes_on later update
same "what a killed process left is removed" "$(cd later && echo .graphx*)" ".graphx-0123456789abcde.tmp .graphx-1123456789abcdef.tmp"

[ $failed = 0 ] && echo "$checks checks passed"
exit $failed
