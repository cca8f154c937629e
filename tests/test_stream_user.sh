#!/usr/bin/env bash
# graphx-run stream as somebody meets it who is new to it: options that make no sense together, wrong values, what is counted.
set -uo pipefail
. "$GX_SOURCE/tests/support/stream.sh"

printf '1 2\n2 3\n- 1 2\n' >e
printf '1 2 10\n2 3 20\n3 4 5\n4 5 21\n' >t
timed=(t --columns src,dst,time)

# what has no effect is refused, with the reason
expect 2 'output-mode update needs a --sink' "$run" stream wcc e --output-mode update
expect 2 'epsilon needs a --sink' "$run" stream wcc e --epsilon .1
expect 2 'epsilon does not go with --output-mode complete' "$run" stream wcc e --sink stdout --epsilon .1
expect 2 'top does not go with --output-mode append' "$run" stream wcc e --sink file:s --output-mode append --top 3
expect 2 'sort value does not go' "$run" stream wcc e --sink file:s --output-mode update --sort value
expect 2 'late needs a --watermark' "$run" stream wcc "${timed[@]}" --late apply
expect 2 'late keep needs a --bad' "$run" stream wcc "${timed[@]}" --watermark 1s --late keep
expect 2 'slide needs a --window' "$run" stream wcc "${timed[@]}" --slide 1s
expect 2 'base-columns needs a --base' "$run" stream wcc e --base-columns src,dst
expect 2 'max-replay needs a --state' "$run" stream wcc e --max-replay 1s
expect 2 'keep-checkpoints needs a --state' "$run" stream wcc e --keep-checkpoints 3
expect 2 'sink names none' "$run" stream wcc e --sink ,
expect 2 'stdout is named twice' "$run" stream wcc e --sink stdout,stdout
expect 2 'file:s is named twice' "$run" stream wcc e --sink file:s,file:s
expect 2 'would both write to stdout' "$run" stream wcc e --sink stdout -o -
expect 2 'would both write to stdout' "$run" stream wcc e --progress - --json -
expect 0 'longer than --window' env GRAPHX_QUIET=0 "$run" stream wcc "${timed[@]}" --window 5s --slide 10s
expect 2 'state: the name is empty' "$run" stream wcc e --state ''
expect 73 'e: this is no folder' "$run" stream wcc e --state e
expect 66 'Not a directory' "$run" state show e
for source in file: follow: dir:; do
    expect 2 "\"$source\" names nothing" "$run" stream wcc $source
done
expect 2 'is named twice' "$run" stream wcc - -
expect 2 'is named twice' "$run" stream wcc e e --state twice
same "a file may be read twice where nothing is kept" "$("$run" stream degrees e e --of out -o - | tr '\t\n' ' ;')" "1 0;2 2;3 0;"
echo x1 >acked
expect 65 'no number' "$run" send --to tcp://127.0.0.1:1 --client a e --acked acked
printf '%05000d %029000d\n' 1 2 >long
expect 65 '' "$run" send --to tcp://127.0.0.1:1 --client a long --give-up 1s

# progress records on stdout, sorted rows in a sink
same "--progress -" "$("$run" stream wcc e --progress - | python3 -c 'import json, sys; print([json.loads(l)["batchId"] for l in sys.stdin])')" "[0]"
same "no file of that name" "$(ls -- - 2>/dev/null)" ""
same "--sort value of a sink" "$("$run" stream wcc e --sort value --sink stdout | tr '\t\n' ' ;')" "0 2 2;0 3 2;0 1 1;"

# bytes that give nothing are no batch, and no end; what came last and gave nothing is counted
python3 -c 'for i in range(500): print(7, 7)
print(1, 2)
for i in range(500): print(9, 9)' >loops
same "bytes=N over what is left out" "$(timeout 20 "$run" stream wcc loops --filter src!=dst --trigger bytes=20 -o - --progress p | tr '\t\n' ' ;') $(wc -l <p)" "1 1;2 1; 1"
printf '1 2 100\n3 4 1\n5 6 2\n' >old
"$run" stream wcc old --columns src,dst,time --watermark 5s --trigger edges=1 --json r.json -o out1
"$run" stream wcc loops --filter src!=dst --json f.json
count() { python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))["run"]
print(*[r[k] for k in sys.argv[2:]])' "$@"; }
same "late at the end" "$(count r.json rows lateRows)" "3 2"
same "filtered at the end" "$(count f.json rows filteredRows)" "1001 1000"
same "affected are vertices" "$("$run" stream wcc e --progress - | python3 -c 'import json, sys
for l in sys.stdin:
    r = json.loads(l)
    print(r["algorithm"]["affectedVertices"] <= r["graph"]["vertices"])')" True

[ $failed = 0 ] && echo "$checks checks passed"
exit $failed
