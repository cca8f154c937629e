#!/usr/bin/env bash
# graphx-run stream, send, state and lineage from outside: sources, triggers, windows, sinks, kills, refusals. Truth: the batch command
# over the edges that should be there, and hand counts.
set -uo pipefail
. "$GX_SOURCE/tests/support/stream.sh"

python3 - <<'PY'
import random
r = random.Random(3)
alive, lines = [], []
for i in range(6000):
    if alive and r.random() < .3:
        u, v = alive.pop(r.randrange(len(alive)))
        lines.append(f"- {u} {v}")
    else:
        alive.append((r.randrange(900), r.randrange(900)))
        lines.append("%d %d" % alive[-1])
open("ops", "w").write("\n".join(lines) + "\n")
open("left", "w").write("".join(f"{u} {v}\n" for u, v in alive))
seen = {x for l in lines if l[0] != "-" for x in l.split()}
open("all", "w").write("".join(f"{x}\n" for x in sorted(seen, key=int)))
PY
want=$("$run" wcc left --vertices all)

# sources
gzip -k ops
same "a file" "$("$run" stream wcc ops --trigger edges=500 -o -)" "$want"
same "gzip, as fast as possible" "$("$run" stream wcc ops.gz -o -)" "$want"
head -n 2500 ops >a; tail -n +2501 ops | head -c -1 >b # the last line has no end
same "two files, one after the other" "$("$run" stream wcc a file:b --trigger edges=777 -o -)" "$want"
same "stdin" "$(cat ops | "$run" stream wcc - --trigger edges=100 -o -)" "$want"
mkfifo pipe
cat ops >pipe &
same "a FIFO" "$("$run" stream wcc pipe -o -)" "$want"
mkdir folder
cp a folder/1.txt; gzip -c b >folder/2.txt.gz; echo "1 nonsense" >folder/.hidden
same "a folder, what is there now" "$("$run" stream wcc dir:folder --trigger available-now -o -)" "$want"
python3 - ops >ops.json <<'PY'
import json, sys
for l in open(sys.argv[1]):
    f = l.split()
    print(json.dumps({"op": "-", "dst": int(f[2]), "src": f[1]} if f[0] == "-" else {"src": int(f[0]), "dst": int(f[1])}))
PY
same "JSON lines" "$("$run" stream wcc ops.json --trigger edges=1000 -o -)" "$want"
same "mode rerun" "$("$run" stream cdlp ops --trigger once -o -)" "$("$run" cdlp left --vertices all)"
same "text ids" "$(sed 's/[0-9][0-9]*/n&/g' ops | "$run" stream wcc - --ids string -o - | wc -l)" "$(wc -l <all)"
same "the graph to start from" "$(head -n 3000 left >base; tail -n +3001 left | "$run" stream wcc - --base base --vertices all -o -)" "$want"

: >grow
"$run" stream wcc follow:grow --trigger every=50ms -o followed --state grown & pid=$!
sleep .3
for part in 1000 1 3 2000 70000; do head -c $part ops | cat >/dev/null; done
python3 - <<'PY'
import time
b = open("ops", "rb").read()
with open("grow", "ab", buffering=0) as f:
    for i in range(0, len(b), 1777): # lines are torn
        f.write(b[i:i + 1777])
        time.sleep(.002)
PY
sleep .3
finish $pid follow
same "a growing file" "$(cat followed)" "$want"
expect 65 'another file' bash -c "cp ops other; mv other grow; sed -i 1d grow; '$run' stream wcc follow:grow --state grown --trigger available-now"

# triggers: how many batches
batches() { wc -l <p; }
"$run" stream wcc ops --trigger edges=1000 --progress p
same "edges=N" "$(batches)" 6
"$run" stream wcc ops --trigger bytes=10000 --progress p
same "bytes=N" "$(batches)" $((($(wc -c <ops) + 9999) / 10000))
"$run" stream wcc ops --trigger once --progress p
same "once" "$(batches)" 1
"$run" stream wcc ops --trigger once --buffer 40000 --progress p
same "the budget ends a batch" "$(batches)" 6
printf '1 2 5\n2 3 9\n1 3 10\n4 5 41\n5 6 44\n' >timed
"$run" stream wcc timed --columns src,dst,time --window 10s --trigger hop --sink file:hops
same "hop: a result for each window" "$(cat hops/*.tsv | tr '\n\t' '; ')" "1 1;2 1;3 1;1 1;3 1;4 4;5 4;6 4;"

# time
cat timed - <<<'9 10 21' >late
at() { "$run" stream wcc late --columns src,dst,time --watermark 15s --trigger edges=5 "$@" -o - | wc -l; }
same "late is dropped" "$(at)" 6
same "late is applied" "$(at --late apply)" 8
same "late is kept" "$(at --late keep --bad aside) $(cat aside)" "6 9	10	21"
expect 65 'time is missing' "$run" stream wcc ops --columns src,dst,time --window 10s
echo "1 2 99999999999" >future
expect 65 'future' "$run" stream wcc future --columns src,dst,time --max-ahead 1h
same "a far future leaves the window alone" "$("$run" stream wcc timed future --columns src,dst,time --max-ahead 1h --skip-bad --window 10s -o - | wc -l)" 3

# filters
printf '1 2 .5\n2 2 1\n3 4 2\n- 1 2\n3 4 9\n' >weighed
same "filtered" "$("$run" stream wcc weighed --weights --filter 'weight>=1,src!=dst' --trigger edges=2 --progress p --sink stdout | tr '\t' ' ')" $'0 3 3\n0 4 3\n1 3 3\n1 4 3'
same "and counted" "$(python3 -c 'import json
for l in open("p"):
    r = json.loads(l)
    print(r["numInputRows"], r["edges"]["filtered"], r["edges"]["missing"], r["weight"]["sum"], r["weight"]["max"])')" $'4 2 1 2.0 2.0\n1 0 0 9.0 9.0'
expect 2 'no comparison' "$run" stream wcc ops --filter 'src~3'
expect 2 'was made by' bash -c "'$run' stream wcc ops --state filtered --filter src!=dst; '$run' stream wcc ops --state filtered"

# bad lines
printf '1 2\n3 x\n4 5\n' >bad
expect 65 'bad:2:3' "$run" stream wcc bad
same "bad lines aside" "$("$run" stream wcc bad --skip-bad --bad aside -o - | wc -l) $(cat aside)" "4 3 x"
expect 65 'max-errors' "$run" stream wcc bad bad --skip-bad --max-errors 1
expect 66 '' "$run" stream wcc nothing
expect 66 '' "$run" stream wcc dir:nothing
expect 2 'did you mean follow' "$run" stream wcc folow:ops
expect 2 'did you mean wcc' "$run" stream wc ops
expect 2 'did you mean file' "$run" stream wcc ops --sink fiel:x
expect 2 'trigger' "$run" stream wcc ops --trigger often
expect 2 'window' "$run" stream wcc ops --trigger hop
expect 2 'source' "$run" stream bfs ops
expect 2 'iterations' "$run" stream pagerank ops --iterations 3
expect 2 'start does not work over a stream' "$run" stream pagerank ops --start all
expect 2 'parents does not work over a stream' "$run" stream bfs ops --source 1 --parents
expect 2 'path-to does not work over a stream' "$run" stream sssp ops --source 1 --path-to 2
expect 2 'can never be a vertex' "$run" stream bfs ops --source one
expect 2 'can never be a vertex' "$run" stream pagerank ops --seeds 5,one
expect 2 'no weight' "$run" stream pagerank ops --seeds 5:
expect 2 'do not add up' "$run" stream pagerank ops --seeds 5:0
expect 66 '' "$run" stream pagerank ops --seeds @nothing
# what an algorithm takes over a stream is what its help lists
for algorithm in $("$run" list --json - | python3 -c 'import json, sys
for a in json.load(sys.stdin)["algorithms"]: print(a["name"])'); do
    help=$("$run" stream "$algorithm" --help)
    for option in $("$run" "$algorithm" --help | sed -n '/^'"$algorithm"':/,/^$/s/^ *--\([a-z-]*\).*/\1/p'); do
        checks=$((checks + 1))
        if grep -q "^ *--$option" <<<"$help"; then continue; fi
        expect 2 "$option does not work over a stream|: [a-z]" "$run" stream "$algorithm" ops --source 1 "--$option" 1
    done
done
same "the help of an algorithm over a stream" "$("$run" stream pagerank --help | grep -cE '^ +--(damping|error|seeds|dangling|norm|start|iterations) ')" 5
expect 2 'no address' "$run" stream wcc tcp:nowhere
expect 2 'no address' "$run" stream wcc tcp://127.0.0.1:65536
expect 2 'did you mean wcc' "$run" stream wc ops
expect 2 'no algorithm "info"' "$run" stream info ops
expect 2 'stream needs ALGORITHM' "$run" stream
expect 2 '0s is below 1' "$run" stream wcc ops --trigger every=0s

# sinks
printf '1 2\n3 4\n2 3\n- 2 3\n' >few
"$run" stream wcc few --trigger edges=1 --sink file:s,stdout --output-mode update >u
same "update: rows that changed" "$(cat u | tr '\t' ' ' | tr '\n' ';')" "0 1 1;0 2 1;1 3 3;1 4 3;2 3 1;2 4 1;3 3 3;3 4 3;"
same "a file a batch" "$(cd s && echo *)" "batch-000000.tsv batch-000001.tsv batch-000002.tsv batch-000003.tsv"
"$run" stream wcc few --trigger edges=1 --sink file:s2 --output-mode append
same "append" "$(cat s2/changes.tsv)" "$(cat u)"
same "a vertex that goes" "$("$run" stream wcc few --trigger edges=3 --drop-isolated --sink stdout --output-mode update < /dev/null; printf '1 2\n- 1 2\n' | "$run" stream wcc - --drop-isolated --trigger edges=1 --sink stdout --output-mode update | tail -n 2 | tr '\t' ' ')" "$("$run" stream wcc few --trigger edges=3 --drop-isolated --sink stdout --output-mode update)
1 1 -
1 2 -"
# what update writes is what differs between the complete results of two batches
same "updates are differences" "$(python3 - "$run" <<'PY'
import os, random, shutil, subprocess, sys
def rows(path):
    return [tuple(l.rstrip("\n").split("\t")) for l in open(path)]
for seed in range(6):
    r = random.Random(seed)
    n, text, alive, lines = r.choice([6, 60]), seed % 3 == 2, [], []
    name = (lambda x: f"n{x * 7919 % 1000}") if text else str
    for _ in range(150):
        if alive and r.random() < .45:
            u, v = alive.pop(r.randrange(len(alive)))
        else:
            u, v = r.randrange(n), r.randrange(n)
            alive.append((u, v))
            lines.append(f"{name(u)} {name(v)}")
            continue
        lines.append(f"- {name(u)} {name(v)}")
    open("differ", "w").write("\n".join(lines) + "\n")
    more = ["--trigger", f"edges={r.choice([1, 2, 30])}"] + ["--drop-isolated"] * (seed % 2) + ["--undirected"] * (seed == 3) + ["--ids", "string"] * text
    for algorithm in (["wcc"], ["bfs", "--source", name(1)], ["sssp", "--source", name(2), "--reverse"], ["degrees", "--of", "in"], ["pagerank"], ["cdlp", "--iterations", "2"]):
        for mode in ("complete", "update"):
            shutil.rmtree(mode, ignore_errors=True)
            subprocess.run([sys.argv[1], "stream", *algorithm, "differ", *more, "--sink", "file:" + mode, "--output-mode", mode], check=True)
        before, key = {}, str.encode if text else int
        for f in sorted(os.listdir("complete")):
            now = dict(rows("complete/" + f))
            want = [(k, now[k]) for k in sorted(now, key=key) if before.get(k) != now[k]] + [(k, "-") for k in sorted(before, key=key) if k not in now]
            if rows("update/" + f) != want:
                print(seed, algorithm, f)
            before = now
PY
)" ""
same "top" "$(printf '1 2\n1 3\n4 3\n' | "$run" stream pagerank - --sink stdout --top 1 | cut -f 2)" 3

# seeds and sources that come later take effect then; before, nobody has a rank
printf '1 2\n2 3\n3 1\n4 1\n3 7\n7 4\n9 9\n' >grows
"$run" stream pagerank grows --trigger edges=2 --seeds 4:1,7:2 --error 1e-9 --sink file:seeded --audit-every 1 --progress p
same "no seed yet" "$(cut -f 2 seeded/batch-000000.tsv | sort -u)" 0
same "every batch is certified" "$(python3 -c 'import json
for l in open("p"):
    r = json.loads(l)
    a = r["algorithm"]
    print(a["errorBound"] <= 1e-9 and a["auditMaxError"] <= 2e-9 and a["affectedVertices"] <= r["graph"]["vertices"])' | sort -u)" True
near() { python3 -c 'import sys
a, b = ({l.split()[0]: float(l.split()[1]) for l in open(f)} for f in sys.argv[1:])
print(a.keys() == b.keys() and sum(abs(a[v] - b[v]) for v in a) < 1e-8)' "$@"; }
"$run" pagerank grows --seeds 4:1,7:2 --error 1e-9 -o batched
same "then as in a batch run" "$(near batched seeded/batch-000003.tsv)" True
head -n 4 grows | "$run" pagerank - --seeds 4 --error 1e-9 -o batched
same "one of two seeds" "$(near batched seeded/batch-000001.tsv)" True
printf '4\t1\n7,2\n' >seeds
"$run" stream pagerank grows --trigger edges=2 --seeds @seeds --error 1e-9 -o filed --state seeding
same "seeds of a file" "$(cmp filed seeded/batch-000003.tsv && echo same)" same
echo 9 >>seeds
expect 2 'was made by' "$run" stream pagerank grows --seeds @seeds --error 1e-9 --state seeding
same "a source that comes later" "$("$run" stream bfs grows --trigger edges=1 --source 7 -o -)" "$("$run" bfs grows --source 7)"
"$run" stream pagerank ops --trigger edges=50 --seeds 5:2,800:1,899 -o whole
until_done "$run" stream pagerank ops --trigger edges=50 --seeds 5:2,800:1,899 --state ss -o part
same "personalised, killed and resumed: the same bytes" "$(cmp part whole && echo same)" same

# a state: killed anywhere, the end is the same; what does not fit is refused
for trigger in edges=50 bytes=700; do
    "$run" stream pagerank ops --trigger $trigger --progress p -o whole
    plain=$(batches)
    rm -rf st; rm -f part
    until_done "$run" stream pagerank ops --trigger $trigger --state st -o part
    same "killed and resumed, $trigger: the same bytes" "$(cmp part whole && echo same)" same
    same "and the same batches" "$("$run" state show st --json - | grep -o '"batches": [0-9]*')" "\"batches\": $plain"
done
expect 0 'intact' env GRAPHX_QUIET=0 "$run" state verify st
same "export" "$("$run" state export st)" "$(sort -n -k1,1 -k2,2 left | tr ' ' '\t')"
expect 0 'digraph' "$run" lineage st --dot
expect 0 'snapshot' "$run" lineage st
expect 0 'manifest' "$run" state ls st
expect 0 'algorithm=pagerank' "$run" state show st
expect 66 '' "$run" state verify nowhere
expect 2 'did you mean verify' "$run" state verfy st
expect 2 'was made by' "$run" stream pagerank ops --state st --error 1e-3
mkfifo never
sleep 30 >never & holder=$!
"$run" stream wcc never --state held & pid=$!
sleep .4
expect 75 'another process' "$run" stream wcc ops --state held
expect 75 '' "$run" state export held
finish $pid "a FIFO that says nothing"
kill $holder
window=(--columns src,dst,time --window 20s --slide 5s --trigger edges=40)
python3 -c 'import random; r = random.Random(5)
for i in range(4000): print(r.randrange(40), r.randrange(40), i // 7 - r.randrange(9))' >events
"$run" stream wcc events "${window[@]}" -o whole
rm -f part
until_done "$run" stream wcc events "${window[@]}" --state sw -o part
same "a window, killed and resumed" "$(cmp part whole && echo same)" same
same "a window holds what it should" "$(cat whole)" "$(python3 -c '
e = [tuple(map(int, l.split())) for l in open("events")]
end = (max(t for *_, t in e) // 5 + 1) * 5
print("\n".join(f"{u} {v}" for u, v, t in e if end - 20 <= t))' | "$run" wcc -)"
dd if=/dev/urandom of="$(ls st/snap-*-00000 | tail -n 1)" bs=1 count=4 seek=70 conv=notrunc 2>/dev/null
expect 65 '' "$run" state verify st

# tcp: plain and acknowledged on one port, kills on the server's side, refusals
port=$(free_port)
serve() { "$run" stream wcc "tcp://127.0.0.1:$port" --trigger every=5ms --state net "$@" 2>>server.log & server=$!; until_ready "$port"; }
grep -v '^-' ops >adds
serve
"$run" send --to "tcp://127.0.0.1:$port" --client one adds --acked acked --rate 8000 & sender=$!
for _ in 1 2 3 4 5; do
    sleep .1
    kill -9 $server
    wait $server 2>/dev/null
    serve
done
wait $sender
same "send ends when everything is acknowledged" "$? $(cat acked)" "0 $(wc -l <adds)"
expect 0 '' "$run" send --to "tcp://127.0.0.1:$port" --client one adds
sed 1d adds >changed
expect 65 'another file' "$run" send --to "tcp://127.0.0.1:$port" --client one changed
expect 65 'another state' bash -c "wc -l <adds >ahead; '$run' send --to tcp://127.0.0.1:$port --client two adds --acked ahead"
printf '1 2\n3 x\n' >broken
expect 65 'line 2' "$run" send --to "tcp://127.0.0.1:$port" --client three broken
printf '1000001 1000002\n1000003 1000004' >"/dev/tcp/127.0.0.1/$port"
printf '\0GXS\r\n\032\001junk that is no frame at all' >"/dev/tcp/127.0.0.1/$port"
printf '5 x\n1 2\n' >"/dev/tcp/127.0.0.1/$port"
sleep .3
finish $server tcp
same "every edge once" "$("$run" state export net)" "$( (cat adds; echo 1 2; echo 1000001 1000002; echo 1000003 1000004) | sort -n -k1,1 -k2,2 | tr ' ' '\t')"
expect 2 'client' "$run" send --to "tcp://127.0.0.1:$port" adds
expect 74 'nothing was heard' "$run" send --to "tcp://127.0.0.1:$port" --client x adds --give-up 200ms
"$run" stream wcc "tcp://127.0.0.1:$port" --no-log --trigger every=5ms --json r.json & server=$!
until_ready "$port"
expect 0 '' "$run" send --to "tcp://127.0.0.1:$port" --client one adds
finish $server "without a log"
same "the report says that nothing is kept" "$(grep -o '"durable": false' r.json)" '"durable": false'

# more than can be worked on: what waits stays within the budget and a tenth, nothing acknowledged is lost, and it is told
python3 -c 'import random
r = random.Random(2)
for i in range(150000): print(r.randrange(30000), r.randrange(30000))' >much
port=$(free_port)
GRAPHX_QUIET=0 "$run" stream pagerank "tcp://127.0.0.1:$port" --trigger every=2ms --buffer 1M --error 1e-9 --state overload --progress overload.p --json overload.json 2>overload.log & server=$!
until_ready "$port"
expect 0 '' "$run" send --to "tcp://127.0.0.1:$port" --client one much --acked many
finish $server overload
same "everything is acknowledged, everything is there" "$(cat many) $("$run" state export overload | sort | cmp - <(tr ' ' '\t' <much | sort) && echo same)" "150000 same"
same "what waits" "$(python3 -c 'import json
b = [json.loads(l)["memory"] for l in open("overload.p")]
r = json.load(open("overload.json"))
print(max(m["waiting"] for m in b) <= 1.1 * b[0]["budget"], max(m["waiting"] for m in b) >= b[0]["budget"], r["memory"]["waiting"] <= 1.1 * 2**20,
      r["rate"]["batchesBehind"] > 0, r["rate"]["processedRowsPerSecond"] >= r["rate"]["inputRowsPerSecond"])')" "True True True True True"
same "FALLING BEHIND" "$(grep -c 'FALLING BEHIND' overload.log | sed 's/^[1-9].*/some/')" some

# started without stdin, stdout and stderr: nothing of what is said goes into the log in their place
printf '1 2\n2 3\n' >closed.txt
(exec 0<&- 1>&- 2>&-; GRAPHX_QUIET=0 exec "$run" stream wcc closed.txt --trigger edges=1 --state closed -o closed.tsv)
same "without standard files" "$? $(tr '\n\t' ', ' <closed.tsv)" "0 1 1,2 1,3 1,"
expect 0 '' "$run" state verify closed
"$run" stream wcc - -o closed.tsv <&- 2>err
same "a closed stdin is an error" "$? $(grep -c 'Bad file descriptor' err)" "74 1"

# a weight that the algorithm cannot use is refused before it is in the log, wherever it comes from: the state goes on
for w in 1e308 1e-250; do
    rm -rf poison
    printf '1 2 1\n3 4 %s\n' $w >poison.txt
    expect 65 'neither 0 nor within' "$run" stream pagerank poison.txt --weights --state poison
    expect 65 'neither 0 nor within' "$run" stream pagerank closed.txt --base poison.txt --weights --base-columns src,dst,weight
    expect 0 '' "$run" stream pagerank - --weights --state poison -o poison.tsv
    expect 0 '' "$run" stream pagerank closed.txt --weights --state poison -o poison.tsv
    same "it goes on behind $w" "$(cut -f 1 poison.tsv | tr '\n' ' ')" "1 2 3 "
done
expect 0 '' "$run" stream sssp poison.txt --source 1 --weights -o poison.tsv

# a process that dies over a record or a line that it leaves aside leaves half a line, which goes when there is more
expect 0 '' "$run" stream wcc closed.txt --state halves --progress half.p --skip-bad --bad half.bad
printf '{"id":"x' >>half.p
printf '1 2\n3 x\n' >bad2.txt
printf 'y z' >half.bad
expect 0 '' "$run" stream wcc bad2.txt --state halves --progress half.p --skip-bad --bad half.bad
same "whole records" "$(python3 -c 'import json; print(len([json.loads(l) for l in open("half.p")]))') $(cat half.bad)" "2 3 x"

# the help and the manual say every source and sink that there is
"$run" stream --help >help.txt
"$run" help --man >manual.txt
same "sources and sinks in help and manual" "$("$run" list --json - | python3 -c 'import json, re, sys
l = json.load(sys.stdin)
texts = open("help.txt").read(), open("manual.txt").read()
for s in l["sources"] + l["sinks"]:
    for t in texts:
        if " ".join(s["summary"].split()) not in " ".join(t.replace("\\-", "-").split()): print(s["name"])
print(len(l["sources"]) >= 5, len(l["sinks"]) >= 2)')" "True True"

[ $failed = 0 ] && echo "$checks checks passed"
exit $failed
