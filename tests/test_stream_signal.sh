#!/usr/bin/env bash
# SIGTERM and SIGINT end a stream: soon, with what arrived, and so that the next start goes on to the very bits of a run without signals.
set -uo pipefail
. "$GX_SOURCE/tests/support/stream.sh"

fail() { echo "FAILED: $*"; failed=1; }
python3 -c 'import random
r = random.Random(4)
with open("up", "w") as f:
    for i in range(20000):
        print("- " * (i % 7 == 6) + f"{r.randrange(1500)} {r.randrange(1500)}", file=f)'
field() { python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))["run"]
print(*[r[k] for k in sys.argv[2:]])' "$@"; }
records() { if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi; }
await() { # until FILE has more than N records, or process PID is gone
    for _ in $(seq 1000); do
        [ "$(records "$1")" -gt "$2" ] && return 0
        kill -0 "$3" 2>/dev/null || return 0
        sleep .01
    done
}

# 1. Killed and asked to end, in turns: batches and ranks are those of a run that nothing disturbed.
cut=(up --trigger edges=50 --error 1e-9)
"$run" stream pagerank "${cut[@]}" -o want --progress want.p || fail "undisturbed"
for life in $(seq 0 8); do
    before=$(records p)
    "$run" stream pagerank "${cut[@]}" --state st -o got --progress p 2>err &
    pid=$!
    await p $((before + 11 + 37 * life % 30)) $pid
    case $((life % 3)) in 0) signal=TERM ;; 1) signal=KILL ;; *) signal=INT ;; esac
    kill -$signal $pid 2>/dev/null
    wait $pid
    code=$?
    [ $signal = KILL ] || [ $code = 0 ] || fail "life $life: $signal: exit $code $(cat err)"
done
"$run" stream pagerank "${cut[@]}" --state st -o got --progress p || fail "the last life"
same "ranks after signals" "$(cmp got want && echo same)" same
same "batches after signals" "$(python3 -c 'import json
def batches(f):
    return {r["batchId"]: (r["edges"]["added"], r["edges"]["removed"], r["graph"]["vertices"], r["graph"]["edges"]) for r in map(json.loads, open(f))}
got, want = batches("p"), batches("want.p")
print("same" if all(want[k] == v for k, v in got.items()) and len(got) > 300 else "differ")')" same
"$run" state verify st >/dev/null || fail "the state does not verify"

# 2. The operations that wait do not make thousands of batches more; what was left is said, and comes with the next start.
"$run" stream pagerank up --trigger edges=7 --error 1e-9 --state st2 -o got --progress p2 --json r.json 2>err &
pid=$!
await p2 20 $pid
kill -TERM $pid
at=$(records p2)
wait $pid || fail "TERM: exit $? $(cat err)"
[ $(($(records p2) - at)) -lt 400 ] || fail "$(($(records p2) - at)) batches after the signal"
same "stopped by a signal" "$(field r.json stopReason)" signal
[ "$(field r.json leftRows)" -gt 0 ] || fail "nothing was left"
"$run" stream pagerank up --trigger edges=7 --error 1e-9 --state st2 -o got --json r.json || fail "went on"
"$run" stream pagerank up --trigger edges=7 --error 1e-9 -o want || fail "undisturbed"
same "goes on with what was left" "$(cmp got want && echo same) $(field r.json stopReason leftRows)" "same ended 0"

# 3. Without a state: the results are those of the last batch, and it is said how much was left.
GRAPHX_QUIET=0 "$run" stream cdlp up --trigger edges=70 -o got --progress p3 --json r.json 2>err &
pid=$!
await p3 3 $pid
kill -INT $pid
wait $pid || fail "INT: exit $?"
same "stopped by a signal" "$(field r.json stopReason)" signal
head -n $(($(records p3) * 70)) up >first
"$run" stream cdlp first --trigger once -o want
same "results of the last batch" "$(cmp got want && echo same)" same
grep -q 'left .* are in no batch$' err || fail "not said: $(cat err)"

# 4. What lives: what arrived is applied and written, in one batch though the trigger waits for more.
mkfifo pipe
"$run" stream wcc pipe --trigger every=1h -o got --json r.json &
pid=$!
exec 7>pipe
printf '1 2\n3 4\n2 3\n' >&7
sleep .7
kill -TERM $pid
wait $pid || fail "TERM of a pipe: exit $?"
exec 7>&-
same "a pipe that stays open" "$(tr '\t\n' ' ;' <got) $(field r.json leftRows)" "1 1;2 1;3 1;4 1; 0"
grep -v -- - up | head -2000 >live
"$run" stream wcc follow:live --trigger edges=100000 -o got --json r.json &
pid=$!
sleep .7
kill -TERM $pid
wait $pid || fail "TERM of follow: exit $?"
"$run" stream wcc live -o want
same "a file that grows" "$(cmp got want && echo same) $(field r.json batches leftRows)" "same 1 0"

# 5. A second signal leaves at once, while a batch runs that takes minutes.
python3 -c 'for i in range(30000): print(2 * (i % 300), 2 * (i % 301) + 1)' >big # two sides: their labels change places for ever
"$run" stream cdlp big --iterations 1000000 --trigger once --state st5 -o got 2>err &
pid=$!
sleep .7
kill -TERM $pid
sleep .1
kill -TERM $pid 2>/dev/null
began=$SECONDS
wait $pid
same "two signals" "$? $((SECONDS - began < 5))" "130 1"
echo "$checks checks"
exit $failed
