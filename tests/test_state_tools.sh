#!/usr/bin/env bash
# graphx-run state repair and gc from outside: damage of each kind of file, verify before and after, and the stream that goes on.
# Truth: the same stream without a state.
set -uo pipefail
. "$GX_SOURCE/tests/support/stream.sh"
unset GRAPHX_QUIET # what these commands say is looked at

all_bytes() { find "$1" -type f ! -name lock -exec sha256sum {} + | awk '{print $1}' | sort; }
# flip FILE OFFSET (from the end when it is below 0)
flip() {
    python3 - "$1" "$2" <<'PY'
import sys
f = open(sys.argv[1], "r+b")
f.seek(int(sys.argv[2]), 2 if sys.argv[2].startswith("-") else 0)
b = f.read(1)
f.seek(-1, 1)
f.write(bytes([b[0] ^ 4]))
PY
}

python3 -c '
import random
r = random.Random(5)
print("\n".join(f"{r.randrange(300)} {r.randrange(300)}" for _ in range(6000)))' >edges
want=$("$run" wcc edges --quiet)
# Until a while before the end, then killed: checkpoints, and a log behind them.
head -n 4000 edges >first
"$run" stream wcc first --trigger edges=100 --state made --max-replay 1ms --quiet
"$run" state verify made >/dev/null || { echo "FAILED: a new state verifies"; failed=1; }

for kind in manifest snap-base snap-part log; do
    rm -rf st; cp -r made st
    case $kind in
    manifest) file=$(ls st/manifest-* | tail -n 1) ;;
    snap-base) file=$(ls st/snap-*-fffff | tail -n 1) ;;
    snap-part) file=$(ls st/snap-*-00000 | tail -n 1) ;;
    log) file=$(ls st/log-* | tail -n 1) ;;
    esac
    flip "$file" -9
    expect 65 "" "$run" state verify st
    before=$(all_bytes st)
    expect 0 "damaged: .*$(basename "$file")" "$run" state repair st
    grep -q "nothing was changed" out || { echo "FAILED: $kind: not said that nothing was changed"; failed=1; }
    same "$kind: looking changes nothing" "$(all_bytes st)" "$before"
    expect 0 "set aside: .*aside-" "$run" state repair st --yes
    same "$kind: every byte is still there" "$(comm -23 <(echo "$before") <(all_bytes st))" ""
    expect 0 "intact" "$run" state verify st
    expect 0 "intact: there is nothing to repair" "$run" state repair st --yes
    expect 0 "" "$run" lineage st
done

# What the stream had and the state lost, it reads again: the file's place is part of the state.
rm -rf st; cp first file
"$run" stream wcc file --trigger edges=100 --state st --max-replay 1ms --quiet
flip "$(ls st/snap-*-fffff | tail -n 1)" -20
expect 0 "kept: batch" "$run" state repair st --yes
tail -n +4001 edges >>file
same "the stream goes on behind a repair" "$("$run" stream wcc file --trigger edges=100 --state st -o - --quiet)" "$want"

# gc
expect 0 "can go: --yes removes them" "$run" state gc st
before=$(all_bytes st)
grep -q "aside-" out || { echo "FAILED: gc does not list what was set aside"; failed=1; }
same "gc: listing removes nothing" "$(all_bytes st)" "$before"
expect 0 "are gone; 1 checkpoints stay" "$run" state gc st --yes --keep-checkpoints 1
same "one manifest is left" "$(find st -name 'manifest-*' | wc -l)" 1
same "nothing set aside is left" "$(find st -name 'aside-*' | wc -l)" 0
expect 0 "intact" "$run" state verify st
expect 2 "" "$run" state gc st --keep-checkpoints 0

# parts that are lost in memory are made again, bit for bit: results and states are those of a stream that lost none
for a in pagerank wcc; do
    "$run" stream $a edges --trigger edges=500 --max-replay 1ms --state calm -o calm.tsv --sink file:calm-out --quiet
    expect 0 "" "$run" stream $a edges --trigger edges=500 --max-replay 1ms --state lost -o lost.tsv --sink file:lost-out --quiet \
        --inject-drop 0:3,2:0,2:1,2:31,7:5,11:16 --json lost.json --progress lost.ndjson --scrub 20
    same "$a: results after parts were lost" "$(sha256sum <lost.tsv)" "$(sha256sum <calm.tsv)"
    same "$a: results of each batch" "$(cd lost-out && sha256sum ./*)" "$(cd calm-out && sha256sum ./*)"
    same "$a: parts made again" "$(jq -c '[.run.rebuiltParts, .run.scrubDamaged]' lost.json)" "[6,0]"
    same "$a: parts made again, batch by batch" "$(jq -c .scrub.rebuiltParts lost.ndjson | paste -sd ' ')" "1 1 4 4 4 4 4 5 5 5 5 6"
    checks=$((checks + 1))
    [ "$(tail -n 1 lost.ndjson | jq .scrub.parts)" -gt 0 ] || { echo "FAILED: $a: the scrub looked at nothing"; failed=1; }
    expect 0 "intact" "$run" state verify lost
    rm -rf calm lost calm-out lost-out lost.ndjson
done
expect 2 "inject-drop" "$run" stream wcc edges --state x --inject-drop 3:32
expect 2 "inject-drop" "$run" stream wcc edges --state x --inject-drop 3
expect 2 "needs a --state" "$run" stream wcc edges --inject-drop 3:1

# nobody else may write there, whatever the umask; what is there already is refused when others may
(umask 0; "$run" stream wcc first --trigger edges=1000 --state mine --quiet)
same "a folder of one's own" "$(stat -c %a mine)" 700
same "files of one's own" "$(find mine -type f -exec stat -c %a {} + | sort -u)" 600
for mode in 777 770 702; do
    rm -rf theirs; mkdir -m $mode theirs
    expect 2 "others may write in the folder" "$run" stream wcc first --state theirs
    same "nothing is put into a folder of mode $mode" "$(ls theirs)" ""
done
mkdir -m 1777 sticky
expect 0 "" "$run" stream wcc first --trigger edges=1000 --state sticky
chmod 777 mine
expect 0 "intact" "$run" state verify mine
expect 2 "others may write" "$run" state gc mine --yes
expect 2 "others may write" "$run" stream wcc first --state mine

# nothing can be proven
rm -rf st; cp -r made st
for f in st/snap-*-fffff; do flip "$f" 70; done
for f in st/log-*; do flip "$f" 50; done
expect 65 "nothing of this state can be proven" "$run" state repair st --yes
expect 66 "no state" "$run" state repair .
expect 66 "" "$run" state repair nowhere

# a state as it was written when segments and snapshots had version 2: 40 edges by the formula, in three batches
cp -r "$GX_SOURCE/tests/golden/state_v2" v2
python3 -c '
for e in sorted((i % 7, i * i % 23 + 100, 1 + i % 4) for i in range(40)): print(*e, sep="\t")' >v2.edges
same "version 2" "$("$run" state export v2)" "$(cat v2.edges)"
expect 0 "intact" "$run" state verify v2
rm v2/manifest-* # each can be made again: out of the snapshot, or out of the log's first record
expect 0 "lost: nothing" "$run" state repair v2 --yes
same "version 2 without a manifest" "$("$run" state export v2)" "$(cat v2.edges)"
rm v2/manifest-* v2/snap-*
expect 0 "lost: nothing" "$run" state repair v2 --yes
same "version 2 without manifest and checkpoint" "$("$run" state export v2)" "$(cat v2.edges)"

[ $failed = 0 ] && echo "$checks checks passed"
exit $failed
