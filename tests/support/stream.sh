# What the scripts about streams share: checks, kills, ports. To be sourced first.
run=$GRAPHX_RUN
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
checks=0 failed=0
unset "${!GRAPHX_@}" 2>/dev/null
export GRAPHX_QUIET=1

same() {
    checks=$((checks + 1))
    [ "$2" = "$3" ] || { printf 'FAILED: %s\n--- got\n%.600s\n--- expected\n%.600s\n' "$1" "$2" "$3"; failed=1; }
}
# expect CODE WORDS COMMAND...
expect() {
    local code=$1 words=$2 got
    shift 2
    timeout 60 "$@" >out 2>err </dev/null
    got=$?
    checks=$((checks + 1))
    if [ $got != "$code" ] || { [ -n "$words" ] && ! grep -qE -- "$words" out err; }; then
        echo "FAILED: $* -> exit $got, expected $code and /$words/"
        head -n 5 out err
        failed=1
    fi
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
until_ready() { for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep .05; done; }
# Run a command again and again, killed at random, until it ends by itself; at most 12 kills.
until_done() {
    python3 - "$@" <<'PY'
import random, subprocess, sys, time
r, longest, kills = random.Random(len(sys.argv)), .02, 0
while True:
    p = subprocess.Popen(sys.argv[1:], stderr=subprocess.PIPE)
    try:
        err = p.communicate(timeout=r.uniform(.01, longest) if kills < 12 else 120)[1]
        if p.returncode:
            print(err.decode())
        break
    except subprocess.TimeoutExpired:
        p.kill()
        p.communicate()
        kills, longest = kills + 1, longest * 1.3
print(kills, "kills") if kills < 3 else None
PY
}
# finish PID: SIGTERM, exit 0
finish() {
    kill -TERM "$1"
    wait "$1"
    same "SIGTERM ends well: $2" $? 0
}
