#!/usr/bin/env bash
# --map and --aggregate of graphx-run stream: against a plain model, over bad results of a map, in every sink, and after crashes.
set -uo pipefail
. "$GX_SOURCE/tests/support/stream.sh"

# ---- maps
printf '1 2 8 100\n2 3 .5 200\n- 1 2\n3 4 2 50\n= 3 4 6 300\n' >w
cols=(--columns src,dst,weight,time)
edges() { rm -rf st; "$run" stream wcc w "${cols[@]}" --state st "$@" && "$run" state export st | tr '\t\n' ' ;'; }
same "swap" "$(edges --map swap)" "3 2 0.5;4 3 6;"
same "the steps follow one another" "$(edges --map 'weight*2,weight+1,weight-.5,weight/2,weight^2')" "2 3 0.5625;3 4 39.0625;"
same "functions" "$(edges --map 'weight*2,log(weight),exp(weight),sqrt(weight),abs(weight),log1p(weight)' | tr ';' '\n' | python3 -c '
import math, sys
for l in sys.stdin: u, v, x = l.split(); print(u, v, abs(float(x) - math.log1p(math.sqrt(2 * {"2": .5, "3": 6}[u]))) < 1e-15)')" $'2 3 True\n3 4 True'
same "the time as weight, a time that is shifted" "$(edges --map time-20,weight=time)" "2 3 180;3 4 280;"
same "weights where there were none" "$(cut -d ' ' -f 1,2 w | grep -v '[-=]' | "$run" stream sssp - --source 1 --map weight=2.5 -o - | tr '\t\n' ' ;')" "1 0;2 2.5;3 5;4 7.5;"
same "the filter comes first" "$(edges --filter 'weight>1,src!=1' --map 'weight=0')" "3 4 0;"
same "a window sees the time of the map" "$("$run" stream wcc w "${cols[@]}" --time-unit ms --map time+1000 --window 100ms --slide 100ms -o - --progress p | tr '\t\n' ' ;') $(grep -o '"max":"[^"]*' p)" '3 3;4 3; "max":"1970-01-01T00:00:01.300Z'
printf '1 2 4\n2 3 0\n3 4 1\n' >zero
expect 65 'zero: an edge: after --map its weight is no number' "$run" stream wcc zero --weights --map 'log(weight)'
expect 65 'its weight is below 0' "$run" stream wcc zero --weights --map 'weight-2'
expect 65 'no time' "$run" stream wcc zero --weights --map 'weight=time'
same "bad ones aside" "$("$run" stream wcc zero --weights --map 'log(weight)' --skip-bad --bad aside -o - | wc -l) $(cat aside)" "4 2	3	0"
expect 65 'max-errors' "$run" stream wcc zero --weights --map 'weight-2' --skip-bad --max-errors 1
expect 2 '--map: "weight%2" is no step' "$run" stream wcc zero --weights --map swap,weight%2
expect 2 'is no step' "$run" stream wcc zero --map ''
expect 2 '--map looks at weights' "$run" stream wcc zero --map 'weight*2'
expect 2 '--filter looks at weights' "$run" stream wcc zero --filter 'weight>2'
expect 2 'was made by' bash -c "'$run' stream wcc zero --state mapped --map swap; '$run' stream wcc zero --state mapped"

# what is left aside can be read again as it was
printf '{"src":"a b","dst":"x\\"y\\\\z","time":5.25}\n{"src":"n","dst":"é\\t!","time":9000000000.000000001}\n{"op":"-","src":"n","dst":"m","time":3}\n' >odd
"$run" stream wcc odd --ids string --columns src,dst,weight,time --watermark 0s --trigger edges=1 --late keep --bad late -o first
printf '{"src":"n","dst":"o","time":-0.5}\n{"src":"n","dst":"o","time":1.000000007}\n' >>odd
"$run" stream wcc odd --ids string --columns src,dst,weight,time --watermark 0s --trigger edges=1 --late keep --bad late
same "late lines are lines again" "$(cat late)" '{"src":"n","dst":"m","time":3,"op":"-"}
{"src":"n","dst":"o","weight":1,"time":-0.500000000}
{"src":"n","dst":"o","weight":1,"time":1.000000007}'
expect 0 '' "$run" stream wcc late --ids string --columns src,dst,weight,time --trigger edges=1

# ---- aggregates
python3 - "$run" <<'PY'
import json, os, random, shutil, subprocess, sys
run = sys.argv[1]
def number(x): return "-" if x is None else "%.17g" % x
wrong = 0
for seed in range(10):
    r = random.Random(seed)
    text, weighted, directed = seed % 3 == 2, seed % 2 == 0, r.random() < .6
    name = (lambda i: f"k{i * 37 % 101}") if text else (lambda i: i * i)
    rows = []
    for i in range(400):
        op = r.choice("+++-=")
        rows.append((op, name(r.randrange(12)), name(r.randrange(12)), r.choice([.1, .7, 1, 3.3]) if weighted and op != "-" else None, 1000 + r.randrange(500)))
    open("a", "w").write("".join(f"{o} {u} {v}{'' if w is None else f' {w}'}{f' {t}' if o != '-' else ''}\n" for o, u, v, w, t in rows))
    size = r.choice([1, 30, 1000])
    for by in ("src", "dst", "vertex", "edge", "all", "op"):
        functions = ["count", "mean:time", "min:time"] + (["sum:weight", "min:weight", "max:weight", "mean:weight"] if weighted else [])
        shutil.rmtree("s", ignore_errors=True)
        subprocess.run([run, "stream", "wcc", "a", "--columns", "src,dst,weight,time" if weighted else "src,dst,time", "--trigger", f"edges={size}",
            "--aggregate", ",".join(functions), "--by", by, "--sink", "file:s", "--progress", "p"] + ["--ids", "string"] * text + ["--undirected"] * (not directed), check=True)
        records = [json.loads(l) for l in open("p")]
        for b, lo in enumerate(range(0, len(rows), size)):
            groups = {}
            for o, u, v, w, t in rows[lo:lo + size]:
                if o == "-" and by != "op":
                    continue
                keys = {"src": [u], "dst": [v], "vertex": [u, v] if u != v else [u], "all": ["all"], "op": ["+-=".index(o)], "edge": [(u, v) if directed or u <= v else (v, u)]}[by]
                for k in keys:
                    groups.setdefault(k, []).append((w, None if o == "-" else t))
            want = []
            for k in sorted(groups):
                ws, ts = [x for x, _ in groups[k] if x is not None], [x for _, x in groups[k] if x is not None]
                def total(xs):
                    s = 0.0
                    for x in xs: s += x
                    return s
                of = {"count": len(groups[k]), "mean:time": total(ts) / len(ts) if ts else None, "min:time": min(ts) if ts else None, "sum:weight": total(ws),
                    "min:weight": min(ws) if ws else None, "max:weight": max(ws) if ws else None, "mean:weight": total(ws) / len(ws) if ws else None}
                key = k if by not in ("edge", "op") else "+-="[k] if by == "op" else f"{k[0]}\t{k[1]}"
                want.append("\t".join([str(key)] + [number(of[f]) for f in functions]) + "\n")
            got = open(f"s/aggregate-{b:06}.tsv").readlines()
            top = sorted(((-len(groups[k]), i) for i, k in enumerate(sorted(groups))))[:10]
            said = records[b]["aggregate"]
            if got != want or said["groups"] != len(groups) or [t["count"] for t in said["top"]] != [-c for c, _ in top] or [t["key"] for t in said["top"]] != ["\t".join(want[i].split("\t")[:2 if by == "edge" else 1]) for _, i in top]:
                wrong += 1
                print("FAILED: aggregates of batch", b, "seed", seed, by, got[:3], want[:3], said)
sys.exit(min(wrong, 9))
PY
same "aggregates are those of a model" $? 0
"$run" stream wcc a --columns src,dst,time --ids string --aggregate count --by op --trigger edges=100 --sink stdout | awk '$2 == "op"' | cut -f 1-3 | head -n 3 >lines
same "in stdout" "$(cut -f 1,2 lines | sort | uniq -c | tr -s ' \t' ' ')" " 3 0 op"
for mode in complete append; do
    rm -rf whole part st
    "$run" stream wcc a --columns src,dst,time --ids string --aggregate count,max:time --by edge --trigger edges=3 --sink file:whole --output-mode $mode
    until_done "$run" stream wcc a --columns src,dst,time --ids string --aggregate count,max:time --by edge --trigger edges=3 --sink file:part --output-mode $mode --state st --max-replay 3ms
    same "aggregates, $mode, killed: the same files" "$(diff -r whole part --exclude '.graphx-*.tmp' && echo same)" same
done
# killed between the two files of a batch
last=$(find part -name .aggregates.tsv.end | wc -l)
same "two files that grow" "$last" 1
"$run" stream wcc zero --base zero --aggregate count --sink file:based
same "the graph to start from is not counted" "$(wc -c <based/aggregate-000000.tsv) $(wc -l <based/aggregate-000001.tsv)" "0 3"
expect 2 'is no function' "$run" stream wcc a --aggregate median --sink stdout
expect 2 'no column is read as a weight' "$run" stream wcc a --aggregate sum:weight --sink stdout
expect 2 'there are no groups' "$run" stream wcc a --aggregate count --by colour --sink stdout
expect 2 'by needs a --aggregate' "$run" stream wcc a --by src --sink stdout
expect 2 'needs a --sink or a --progress' "$run" stream wcc a --aggregate count

[ $failed = 0 ] && echo "$checks checks passed"
exit $failed
