# Shared by the CLI tests: sets emulator, certprep, certs, tmp; counts checks.
# shellcheck shell=sh disable=SC2034
emulator=$(realpath "$1") certprep=$(realpath "$2")
certs=$(cd "$(dirname "$0")/../../testcerts" && pwd)
tmp=$(mktemp -d) || exit 3
emulator_pid=
cleanup() {
    [ -z "$emulator_pid" ] || kill "$emulator_pid" 2>/dev/null
    chmod -R u+rwx "$tmp" 2>/dev/null
    rm -rf "$tmp"
}
trap cleanup EXIT
passed=0 failed=0
at="--at 2026-06-01 --trust $certs/trust/all.pem"

# run CODE NAME COMMAND...: the exit code must be CODE; output in $tmp/out and $tmp/err.
run() {
    want=$1 name=$2
    shift 2
    "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    code=$?
    if [ $code -eq "$want" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name: exit code $code, want $want"
        sed 's/^/    /' "$tmp/out" "$tmp/err" | head -20
    fi
    no_secret "$name"
}
# says WHERE TEXT: out or err of the last run has TEXT.
says() {
    if grep -qF -- "$2" "$tmp/$1"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name: $1 does not say '$2'"
        sed 's/^/    /' "$tmp/$1" | head -10
    fi
}
silent() {
    if [ -s "$tmp/$1" ]; then
        failed=$((failed + 1))
        echo "FAILED $name: want nothing in $1"
        sed 's/^/    /' "$tmp/$1" | head -5
    else
        passed=$((passed + 1))
    fi
}
ok() { # ok NAME COMMAND...: a plain check
    name=$1
    shift
    if "$@" >/dev/null 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED $name"
    fi
}
# No line of any key's base64, no secret, in what the last run printed.
[ -n "${secrets:-}" ] || secrets=$tmp/secrets
grep -h -v -- '-----' "$certs"/keys/*.pem "$certs"/good/*key*.pem | grep -E '^[A-Za-z0-9+/=]{32,}$' |
    cut -c1-40 | sort -u >"$secrets"
echo "canary-secret-4711" >>"$secrets"
no_secret() {
    if grep -qFf "$secrets" "$tmp/out" "$tmp/err"; then
        failed=$((failed + 1))
        echo "FAILED $1: key material in the output"
    fi
}
# start_emulator OPTION...: sets endpoint, ca, log.
start_emulator() {
    ca=$tmp/ca.pem log=$tmp/emulator.log
    rm -f "$tmp/ready" "$log"
    echo canary-secret-4711 >"$tmp/access-key-secret"
    "$emulator" --ca-out "$ca" --ready-file "$tmp/ready" --log "$log" --access-key-id canary-id \
        --access-key-secret-file "$tmp/access-key-secret" "$@" >"$tmp/emulator.out" 2>&1 &
    emulator_pid=$!
    tries=0
    until [ -s "$tmp/ready" ]; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { cat "$tmp/emulator.out"; echo "FAILED: no emulator"; exit 1; }
        sleep 0.05
    done
    endpoint=$(cut -d' ' -f2 "$tmp/ready")
    export ALIBABA_CLOUD_ACCESS_KEY_ID=canary-id ALIBABA_CLOUD_ACCESS_KEY_SECRET=canary-secret-4711
}
stop_emulator() {
    kill "$emulator_pid" 2>/dev/null
    wait "$emulator_pid" 2>/dev/null
    emulator_pid=
}
finish() {
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
    exit
}
