#!/bin/sh
# usage: client.sh EMULATOR BENCH_CLIENT
#
# 200 creations, 50 ms of latency: concurrency 8 against one after the other, and our CPU time per
# call against that of the official Node SDK, all in one run against one emulator. Exit code 1: less
# than 5 times as fast, or more than a tenth of the SDK's CPU time.
set -eu
emulator=$(realpath "$1") client=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
num=200 concurrency=8 latency=50
tmp=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$tmp"' EXIT
export ALIBABA_CLOUD_ACCESS_KEY_ID=testAK ALIBABA_CLOUD_ACCESS_KEY_SECRET=testSK
"$emulator" --ca-out "$tmp/ca.pem" --ready-file "$tmp/ready" --latency "$latency" >/dev/null 2>&1 &
pid=$!
until [ -s "$tmp/ready" ]; do sleep 0.05; done
port=$(sed -n 's/^READY https:\/\/127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$tmp/ready")

ours_one=$("$client" "$port" "$tmp/ca.pem" one "$num" 1)
ours=$("$client" "$port" "$tmp/ca.pem" many "$num" "$concurrency")
sdk="- - -"
if command -v npm >/dev/null &&
    cp "$here/../cli/node_sdk/package.json" "$here/../cli/node_sdk/package-lock.json" "$here/client_sdk.mjs" "$tmp/" &&
    (cd "$tmp" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 >npm.log 2>&1); then
    sdk=$(NODE_EXTRA_CA_CERTS=$tmp/ca.pem node "$tmp/client_sdk.mjs" "$port" sdk "$num" "$concurrency")
else
    echo "SKIPPED: the Node SDK (no npm, or it can't install)"
fi
echo "$ours_one $ours $sdk" | awk -v num="$num" -v concurrency="$concurrency" -v latency="$latency" '{
    printf "%d creations, %d ms latency      wall ms   CPU us a call   with the start\n", num, latency
    printf "  certprep, one after the other %8d   %13d   %14d\n", $1, $2, $3
    printf "  certprep, %d at once           %8d   %13d   %14d\n", concurrency, $4, $5, $6
    printf "  %d at once: %.1f times as fast (want 5)\n", concurrency, $1 / $4
    bad = $1 < 5 * $4
    if ($7 != "-") {
        printf "  Node SDK, %d at once           %8d   %13d   %14d\n", concurrency, $7, $8, $9
        printf "  CPU a call: 1/%.1f of the SDK'"'"'s; 1/%.1f with the start (want 1/10)\n", $8 / $5, $9 / $6
        if ($9 < 10 * $6) bad = 1
    }
    exit bad
}'
