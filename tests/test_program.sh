#!/usr/bin/env bash
# graphx-run from outside: every command, exit codes, hints, pipes that close, disks that are full, signals, the report's shape.
set -uo pipefail
run=$GRAPHX_RUN
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
checks=0 failed=0
unset "${!GRAPHX_@}" 2>/dev/null
export -n GRAPHX_RUN

# expect CODE WORDS COMMAND...: the exit code, and words (a regular expression) somewhere in what it says.
expect() {
    local code=$1 words=$2 got
    shift 2
    "$@" >out 2>err </dev/null
    got=$?
    checks=$((checks + 1))
    if [ $got != "$code" ] || { [ -n "$words" ] && ! grep -qE -- "$words" out err; }; then
        echo "FAILED: $* -> exit $got, expected $code and /$words/"
        head -n 5 out err
        failed=1
    fi
}
same() {
    checks=$((checks + 1))
    [ "$2" = "$3" ] || { printf 'FAILED: %s\n--- got\n%s\n--- expected\n%s\n' "$1" "$2" "$3"; failed=1; }
}

printf '1 2\n2 3\n3 1\n10 11\n' >edges
printf '1 2 .5\n2 3 .25\n1 3 4\n' >weighted

# what there is
expect 0 '^usage:' "$run"
expect 0 'examples:' "$run" --help
expect 0 'pagerank' "$run" -h
expect 0 '^graphx-run [0-9]+\.[0-9]+\.[0-9]+$' "$run" version
expect 0 '^graphx-run [0-9]' "$run" --version
expect 0 'partitioners:' "$run" list
expect 0 '\.TH GRAPHX' "$run" help --man
for command in $("$run" list --json - | python3 -c 'import json,sys; print(*[a["name"] for a in json.load(sys.stdin)["algorithms"]])') \
    convert generate help info list partition version completions; do
    expect 0 'examples:' "$run" "$command" --help
    expect 0 'examples:' "$run" help "$command"
done
for shell in bash zsh fish; do expect 0 'graphx-run' "$run" completions $shell; done
"$run" completions bash >complete.bash && expect 0 '' bash -n complete.bash
expect 2 'bash, zsh, fish' "$run" completions tcsh
python3 - "$run" <<'PY' || { echo "FAILED: list --json"; failed=1; }
import json, subprocess, sys
l = json.loads(subprocess.check_output([sys.argv[1], "list", "--json", "-"]))
for kind in ("algorithms", "partitioners", "formats", "sources", "sinks"):
    assert all(o["name"] and o["summary"] for o in l[kind]), kind
assert {"pagerank", "bfs", "sssp", "wcc", "cdlp"} <= {o["name"] for o in l["algorithms"]}
PY

# usage
expect 2 'did you mean pagerank' "$run" pagernk edges
expect 2 'did you mean --damping' "$run" pagerank edges --dampnig .8
expect 2 'not abbreviated' "$run" pagerank edges --damp .8
expect 2 'did you mean random' "$run" pagerank edges --partitioner randon
expect 2 'did you mean drop' "$run" wcc edges --loops dorp
expect 2 'it is a file' "$run" edges
expect 2 'wcc needs FILE' "$run" wcc
expect 2 'one argument too many' "$run" wcc edges edges
expect 2 'source' "$run" bfs edges
expect 2 '12345' "$run" bfs edges --source 12345
expect 2 'exclude' "$run" wcc edges --directed --undirected
expect 2 'short for' "$run" sssp edges --source 1 --weights --columns src,dst
expect 2 'GRAPHX_THREADS' env GRAPHX_THREADS=none "$run" wcc edges
expect 2 'there is no generator' "$run" generate rmta --scale 4
expect 0 '"threads": 3' env GRAPHX_THREADS=3 "$run" wcc edges --json -

# bad input
printf '1 2\n3 abc\n' >bad
expect 65 'bad:2:3: ' "$run" wcc bad
expect 65 '^hint: ' "$run" wcc bad
expect 65 '' "$run" wcc /dev/null
expect 66 'none' "$run" wcc none
expect 66 '' "$run" wcc .
expect 73 '' "$run" wcc edges -o none/x
expect 74 '' "$run" wcc edges -o /dev/full
expect 71 'memory-limit' "$run" wcc edges --memory-limit 1M

# results
expect 0 'converged' "$run" wcc edges
same "wcc" "$("$run" wcc edges --quiet)" $'1\t1\n2\t1\n3\t1\n10\t10\n11\t10'
same "stdin" "$("$run" wcc - --quiet <edges)" $'1\t1\n2\t1\n3\t1\n10\t10\n11\t10'
same "a pipe into pagerank" "$(cat edges | "$run" pagerank - --quiet)" "$("$run" pagerank edges --quiet)"
same "options first" "$("$run" --quiet --output-format csv wcc edges)" $'1,1\n2,1\n3,1\n10,10\n11,10'
same "quiet says nothing" "$("$run" wcc edges --quiet 2>&1 >/dev/null)" ""
same "bfs" "$("$run" bfs edges --source 1 --parents --quiet)" $'1\t0\t1\n2\t1\t1\n3\t2\t2\n10\t-1\t-\n11\t-1\t-'
same "graphalytics" "$("$run" bfs edges --source 10 --output-format graphalytics --quiet)" \
    $'1 9223372036854775807\n2 9223372036854775807\n3 9223372036854775807\n10 0\n11 1'
same "sssp" "$("$run" sssp weighted --weights --source 1 --quiet)" $'1\t0\n2\t0.5\n3\t0.75'
same "top" "$("$run" sssp weighted --weights --source 1 --top 2 --quiet)" $'3\t0.75\n2\t0.5'
expect 0 'warning:.*counts 1' "$run" sssp edges --source 1
expect 0 '^warning: ' "$run" wcc weighted
same "a result file" "$("$run" wcc edges -o r.tsv --quiet && cat r.tsv)" $'1\t1\n2\t1\n3\t1\n10\t10\n11\t10'
expect 4 'not converged' "$run" pagerank edges --error 1e-13 --max-supersteps 1 --strict
expect 0 '^warning: not converged' "$run" pagerank edges --error 1e-13 --max-supersteps 1

# the other commands
expect 0 'largest component' "$run" info edges
expect 0 '"largestComponent": 3' "$run" info edges --json -
expect 0 '' "$run" convert edges out.gxg
same "convert" "$("$run" wcc out.gxg --quiet)" "$("$run" wcc edges --quiet)"
expect 2 'did you mean' "$run" convert edges x --to edgelits
same "generate" "$("$run" generate path --vertices 4 --quiet)" $'0\t1\n1\t2\n2\t3'
expect 0 'replication factor' "$run" partition edges --partitioner random --parts 2 -o p.txt
same "partition: a line an edge" "$(wc -l <p.txt)" 4
same "partition file" "$("$run" wcc edges --partition-file p.txt --quiet)" "$("$run" wcc edges --quiet)"
expect 65 '' "$run" wcc weighted --partition-file p.txt

# the report
"$run" pagerank edges --json report.json -o ranks.tsv --parts 2 --quiet || failed=1
python3 - <<'PY' || { echo "FAILED: the report"; failed=1; }
import json
r = json.load(open("report.json"))
assert r["schema"] == "graphx-run/report/1" and r["command"] == "pagerank" and r["version"]
shape = {"input": "path format bytes lines comments badLines selfLoops duplicateEdges", "graph": "vertices edges directed weighted isolatedVertices",
         "cut": "partitioner parts replicationFactor edgeBalance vertexBalance cutVertices replicas", "options": "threads seed damping error",
         "run": "supersteps converged stopReason errorBound rankSum steps", "durationMs": "load partition build compute write total", "memory": "peakRss"}
for part, names in shape.items():
    missing = set(names.split()) - r[part].keys()
    assert not missing, (part, missing)
for name in ("kind", "active", "messages", "residual", "durationMs"):
    assert name in r["run"]["steps"][0], name
assert r["graph"]["vertices"] == 5 and r["graph"]["edges"] == 4 and r["input"]["lines"] == 4 and r["cut"]["parts"] == 2
assert r["run"]["converged"] is True and r["run"]["errorBound"] <= 1e-6 and r["warnings"] == []
assert sum(r["durationMs"][k] for k in ("load", "partition", "build", "compute", "write")) <= r["durationMs"]["total"] * 1.001 + .5
PY
expect 0 '"schema"' "$run" wcc edges --json -
same "with the report on stdout there are no results there" "$("$run" wcc edges --json - --quiet | tail -n 1)" "}"

# pipes that close, signals
"$run" generate path --vertices 300000 -o long --quiet
for args in "wcc long" "generate path --vertices 300000" "list" "help --man"; do
    # shellcheck disable=SC2086
    { "$run" $args 2>err; echo $? >code; } | head -n 1 >/dev/null
    same "closed pipe: $args" "$(cat code) $(grep -c -i error err)" "0 0"
done
"$run" generate rmat --scale 16 --degree 8 -o big --quiet
"$run" pagerank big --iterations 100000000 -o part.tsv --json part.json 2>err &
pid=$!
sleep 1.5
kill -INT $pid
wait $pid
same "SIGINT: the exit code" $? 130
same "SIGINT: a partial result" "$(wc -l <part.tsv)" "$("$run" info big --json - --quiet | python3 -c 'import json,sys; print(json.load(sys.stdin)["graph"]["vertices"])')"
same "SIGINT: a report" "$(python3 -c 'import json; print(json.load(open("part.json"))["run"]["stopReason"])')" interrupted
same "no temporary files" "$(find . -name '*.tmp*' -o -name '.*.??????' | head)" ""

# A saved cut goes into the file itself, as partition would write it, and is used from there.
"$run" partition edges --parts 2 --partitioner 2d -o cut.txt --quiet
"$run" partition edges --parts 2 --partitioner 2d -o cut.gxg --quiet
expect 0 "" "$run" convert edges with.gxg --partition-file cut.txt --quiet
same "a cut put into the file" "$(cmp with.gxg cut.gxg 2>&1)" ""
expect 0 '"parts": 2' "$run" wcc with.gxg --partitioner file --json -
expect 2 "only gxg" "$run" convert edges with.mtx --partition-file cut.txt
expect 2 "needs a saved cut" "$run" wcc edges --partitioner file

[ $failed = 0 ] && echo "$checks checks passed"
exit $failed
