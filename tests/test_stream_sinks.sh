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

# Forms of stdout: the objects say what the lines with tabs say, in every mode, with rows that go and ids that want to be escaped.
python3 - "$run" <<'PY' >forms
import json, math, random, subprocess, sys
r, wrong, seen, kinds = random.Random(3), 0, 0, set()
names = ["a", 'q"u', "b\\s", "é", "名 x", "7", "\x01c", "-", "null"]
def events(name, ids):
    with open(name, "w") as f:
        alive = []
        for i in range(90):
            if alive and r.random() < .45:
                u, v = alive.pop(r.randrange(len(alive)))
                f.write(json.dumps({"src": u, "dst": v, "op": "-"}) + "\n")
            else:
                u, v = r.choice(ids), r.choice(ids)
                alive.append((u, v))
                f.write(json.dumps({"src": u, "dst": v, "weight": r.randrange(1, 9) / 4}) + "\n")
def bad(x, *what):
    return json.loads(x, parse_constant=lambda c: sys.exit(f"{c} is no JSON"))
def lines(form, *words):
    out = subprocess.run([sys.argv[1], "stream", *words, "--sink", "stdout" + form], capture_output=True, stdin=subprocess.DEVNULL, check=True).stdout
    return [l for l in out.decode().split("\n")[:-1]]
def number(text):
    return None if text == "-" or not math.isfinite(float(text)) else float(text)
events("names.ndjson", names)
events("numbers.ndjson", [0, 1, 2, 3, 40, 2**64 - 1])
for file, ids, algorithms in (("names.ndjson", "string", (["wcc"], ["pagerank"], ["sssp", "--source", "a"])), ("numbers.ndjson", "u64", (["wcc"], ["degrees", "--of", "in"], ["bfs", "--source", "1"]))):
    for algorithm in algorithms:
        for mode in "complete", "update", "append":
            for by in "src", "edge", "op", "all":
                words = [*algorithm, file, "--ids", ids, "--weights", "--drop-isolated", "--trigger", "edges=7", "--output-mode", mode,
                    "--aggregate", "count,mean:weight,max:time", "--by", by]
                tabs, objects = lines("", *words), lines(":ndjson", *words)
                text = ids == "string"
                labels = algorithm[0] == "wcc" and text
                if len(tabs) != len(objects):
                    wrong += 1
                    print(len(tabs), "lines,", len(objects), "objects")
                for tab, line in zip(tabs, objects):
                    o, t = bad(line), tab.split("\t")
                    key = (lambda x: x) if text else int
                    if "by" in o:
                        kinds.add("by " + by)
                        if by == "edge":
                            want = {"key": [key(t[2]), key(t[3])]}
                        else:
                            want = {"key": t[2] if by in ("op", "all") else key(t[2])}
                        n = t[4 if by == "edge" else 3:]
                        want = {"batch": int(t[0]), "by": t[1], **want, "count": number(n[0]), "mean:weight": number(n[1]), "max:time": number(n[2])}
                    else:
                        # a label may be "-" itself: an object has it as a string
                        value = t[2] if labels and not (t[2] == "-" and o["value"] is None) else number(t[2])
                        kinds.add("null" if value is None else "value")
                        want = {"batch": int(t[0]), "id": key(t[1]), "value": value}
                    seen += 1
                    if o != want or list(o) != list(want) or any(type(o[k]) is not type(want[k]) for k in ("id", "key") if k in o):
                        wrong += 1
                        print(tab, line, want)
print(wrong, "wrong of", "many" if seen > 5000 else seen, sorted(kinds))
PY
same "objects are what the lines are" "$(tail -n 3 forms)" "0 wrong of many ['by all', 'by edge', 'by op', 'by src', 'null', 'value']"
cat >few.ndjson <<'END'
{"src":"a\"b","dst":"é"}
{"src":"é","dst":"c\td"}
{"src":"x","dst":"x\\y"}
{"src":"a\"b","dst":"é","op":"-"}
{"src":"é","dst":"c\td","op":"-"}
END
"$run" stream wcc few.ndjson --ids string --weights --trigger edges=3 --drop-isolated --output-mode update --sink stdout:ndjson --aggregate count --by op >got.ndjson
same "objects, by the byte" "$(cat got.ndjson)" '{"batch":0,"by":"op","key":"+","count":3}
{"batch":0,"id":"a\"b","value":"a\"b"}
{"batch":0,"id":"c\u0009d","value":"a\"b"}
{"batch":0,"id":"x","value":"x"}
{"batch":0,"id":"x\\y","value":"x"}
{"batch":0,"id":"é","value":"a\"b"}
{"batch":1,"by":"op","key":"-","count":2}
{"batch":1,"id":"a\"b","value":null}
{"batch":1,"id":"c\u0009d","value":null}
{"batch":1,"id":"é","value":null}'
"$run" stream wcc few.ndjson --ids string --weights --trigger edges=3 --drop-isolated --output-mode update --sink stdout:table --aggregate count,sum:weight --by edge >table
same "a table, names" "$(cat table)" 'batch 0, by edge
src  dst         count  sum:weight
a"b  é               1           1
x    x\y             1           1
é    "c\u0009d"      1           1

batch 0
id          value
a"b         a"b
"c\u0009d"  a"b
x           x
x\y         x
é           a"b

batch 1, by edge
src  dst  count  sum:weight

batch 1
id          value
a"b         -
"c\u0009d"  -
é           -'
printf '1 2\n10 300\n- 1 2\n' >few
"$run" stream sssp few --source 10 --trigger edges=2 --output-mode update --drop-isolated --sink stdout:table --aggregate count,max:time >table
same "a table, numbers" "$(cat table)" 'batch 0, by src
src  count  max:time
  1      1         -
 10      1         -

batch 0
 id  value
  1    inf
  2    inf
 10      0
300      1

batch 1, by src
src  count  max:time

batch 1
id  value
 1      -
 2      -'
printf '"%0100d" 5\n7 5\n' 0 | tr -d '"' | sed 's/^0/x/' >wide
same "a wide id sticks out alone" "$("$run" stream degrees wide --ids string --of in --sink stdout:table | awk '{ print length($0) }' | tr '\n' ' ')" "7 47 47 47 107 "
for threads in 1 4; do "$run" stream pagerank ops --trigger edges=300 --sink stdout:ndjson --threads $threads | md5sum; done >sums
same "the same bytes at 1 and 4 threads" "$(sort -u sums | grep -vc "$(md5sum </dev/null)")" 1
expect 2 'there is no form "json"' "$run" stream wcc few --sink stdout:json
expect 2 'there is no form "table "' "$run" stream wcc few --sink 'stdout:table '
expect 2 'stdout:ndjson and -o - would both write to stdout' "$run" stream wcc few --sink stdout:ndjson -o -
expect 2 'stdout and --sink stdout:table would both write to stdout' "$run" stream wcc few --sink stdout,stdout:table
"$run" stream wcc ops --sink stdout:table >/dev/full 2>err
same "a full disk" $? 74

[ $failed = 0 ] && echo "$checks checks passed"
exit $failed
