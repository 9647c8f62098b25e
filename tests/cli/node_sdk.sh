#!/bin/sh
# usage: node_sdk.sh EMULATOR CERTPREP
#
# The official Node SDK, as published, against certprep-esa-emulator: what it sends is accepted, what
# is answered is understood. And the SDK's own signer on what certprep sends: the same signature for
# every operation. Exit 0: as expected, 1: not, 77: no npm, or it can't install.
set -u

emulator=${1:?usage: node_sdk.sh EMULATOR CERTPREP}
certprep=$(realpath "${2:?usage: node_sdk.sh EMULATOR CERTPREP}")
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
    "$here/node_sdk/operations.mjs" "$here/node_sdk/signer.mjs" "$tmp/" ||
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

# certprep through the SDK's signer to the emulator.
start --verify after=2 --apply-fails 'failed.*'
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$tmp/signer-key.pem" -out "$tmp/signer.pem" \
    2>/dev/null || exit 1
NODE_EXTRA_CA_CERTS=$tmp/ca.pem node "$tmp/signer.mjs" "$tmp/signer-ready" "$tmp/signer.pem" \
    "$tmp/signer-key.pem" "$port" "$tmp/signed" &
signer=$!
emulator_pid=$pid
cleanup() {
    kill "$signer" "$emulator_pid" 2>/dev/null
    wait
    rm -rf "$tmp"
}
tries=0
while [ ! -s "$tmp/signer-ready" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 200 ] || { echo "FAIL: the signer did not start"; exit 1; }
    sleep 0.05
done
export ALIBABA_CLOUD_ACCESS_KEY_ID=testAK ALIBABA_CLOUD_ACCESS_KEY_SECRET=testSK
calls() { # calls CODE COMMAND OPTION...
    want=$1 command=$2
    shift 2
    "$certprep" "$command" --endpoint "127.0.0.1:$(cat "$tmp/signer-ready")" --ca-file "$tmp/signer.pem" \
        "$@" >"$tmp/out" 2>&1 </dev/null
    code=$?
    [ "$code" = "$want" ] || { echo "FAIL: $command $*: exit code $code, want $want"; cat "$tmp/out"; exit 1; }
}
names="--site acme.example --record origin.acme.example"
for place in query form; do
    upload="$place-upload.shop.example"
    # A SAN that covers this name; self-signed, so no root is judged.
    openssl req -x509 -newkey rsa:4096 -nodes -days 30 -subj "/CN=$upload" \
        -addext "subjectAltName=DNS:$upload" -addext basicConstraints=CA:FALSE \
        -addext extendedKeyUsage=serverAuth -keyout "$tmp/upload-key.pem" -out "$tmp/upload.pem" 2>/dev/null || exit 1
    # shellcheck disable=SC2086  # words on purpose
    {
        calls 0 submit $names --params-in $place --ssl on --cert-type upload --trust "$tmp/upload.pem" \
            --hostname "$upload" --cert "$tmp/upload.pem" --key "$tmp/upload-key.pem"
        calls 0 submit $names --params-in $place --ssl on --cert-type free --hostname "bücher-$place.example"
        calls 0 submit $names --params-in $place --ssl off --hostname "*.$place.example"
        calls 0 submit $names --params-in $place --ssl on --cert-type free --hostname "failed.$place.example"
        calls 0 update --site acme.example --params-in $place --hostname "bücher-$place.example" --ssl on --cert-type cas --cas-id 9007199254740993 \
            --cas-region ap-southeast-1
        calls 0 status --site acme.example --params-in $place --certificate "$upload"
        calls 4 verify --site acme.example --params-in $place "$upload"
        calls 0 verify --site acme.example --params-in $place "$upload"
        calls 0 apply --site acme.example --params-in $place "failed.$place.example"
        calls 0 list --site acme.example --params-in $place
        calls 0 delete --site acme.example --params-in $place --yes "$upload"
        calls 0 sites --params-in $place
        calls 0 records --site acme.example --params-in $place
    }
done
if grep differs "$tmp/signed"; then
    echo "FAIL: the SDK's signer signs these otherwise"
    exit 1
fi
for operation in Create Update Verify Delete; do
    for place in query form; do
        grep -q "^${operation}CustomHostname $place same" "$tmp/signed" ||
            { echo "FAIL: no ${operation}CustomHostname with a $place"; cat "$tmp/signed"; exit 1; }
    done
done
for operation in GetCustomHostname ApplyCustomHostnameCertificate ListCustomHostnames ListSites ListRecords; do
    grep -q "^$operation .* same" "$tmp/signed" || { echo "FAIL: no $operation"; cat "$tmp/signed"; exit 1; }
done
echo "the SDK's signer: $(grep -c same "$tmp/signed") requests of certprep, the same signature"
