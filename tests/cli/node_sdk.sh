#!/bin/sh
# usage: node_sdk.sh EMULATOR
#
# The official Node SDK, as published, against certprep-esa-emulator: what it sends is accepted, what
# is answered is understood. Exit 0: as expected, 1: not, 77: no npm, or it can't install.
set -u

emulator=${1:?usage: node_sdk.sh EMULATOR}
here=$(cd "$(dirname "$0")" && pwd) || exit 1
for tool in node npm openssl; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "SKIPPED: $tool is not installed"
        exit 77
    }
done

tmp=$(mktemp -d) || exit 1
pid=
cleanup() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null
    [ -z "$pid" ] || wait "$pid"
    rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

cp "$here/node_sdk/package.json" "$here/node_sdk/package-lock.json" "$here/node_sdk/create.mjs" \
    "$here/node_sdk/operations.mjs" "$tmp/" ||
    exit 1
if ! (cd "$tmp" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 \
    --fetch-timeout=60000) >"$tmp/npm.log" 2>&1; then
    echo "SKIPPED: npm can't install the SDK:"
    tail -n 5 "$tmp/npm.log"
    exit 77
fi

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=upload.shop.example \
    -addext subjectAltName=DNS:upload.shop.example -keyout "$tmp/key.pem" -out "$tmp/cert.pem" \
    2>/dev/null || exit 1

start() { # start [OPTION]...: sets port and metadata
    rm -f "$tmp/ready" "$tmp/log"
    "$emulator" --ca-out "$tmp/ca.pem" --ready-file "$tmp/ready" --log "$tmp/log" "$@" \
        >/dev/null 2>"$tmp/stderr" &
    pid=$!
    tries=0
    while [ ! -s "$tmp/ready" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 200 ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "FAIL: the emulator did not start: $(cat "$tmp/stderr")"
            exit 1
        fi
        sleep 0.05
    done
    port=$(sed -n 's/^READY https:\/\/127\.0\.0\.1:\([0-9]*\) CA=.*/\1/p' "$tmp/ready")
    metadata=$(sed -n 's/.* METADATA=//p' "$tmp/ready")
}

play() { # play SCRIPT ARGUMENT...: the script, the log after it, the emulator's end
    script=$1
    shift
    if ! NODE_EXTRA_CA_CERTS=$tmp/ca.pem node "$tmp/$script" "$port" "$tmp/cert.pem" "$tmp/key.pem" \
        "$@"; then
        echo "FAIL: $script; the emulator's log:"
        cat "$tmp/log"
        exit 1
    fi
    if grep -qF -- "$(sed -n 2p "$tmp/key.pem")" "$tmp/log"; then
        echo "FAIL: the log holds a line of the key"
        exit 1
    fi
    kill "$pid" && wait "$pid"
    status=$?
    pid=
    [ "$status" = 0 ] || {
        echo "FAIL: the emulator ended with $status"
        exit 1
    }
}

unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy ALL_PROXY all_proxy
# wrong-hostname and its like would be noticed; slow=0 changes nothing but uses up its turn.
start --fault 'slow=0*4' --fault error=Site.ServiceBusy
play create.mjs "$tmp/log"
start --verify after=2 --issue-after 1 --metadata --strict
play operations.mjs "$metadata"
echo "the official SDK: every operation"
