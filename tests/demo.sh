#!/bin/sh
# The main job from a fresh machine: install what is needed, build, check good and bad bundles, submit
# an upload, a free and a cas hostname to the loopback emulator, and show one that was never sent.
# No account and no network beyond the package mirror.
set -eu
cd "$(dirname "$0")/.."
sh tests/packages.sh build
cmake --preset release -DCERTPREP_TESTS=OFF -B build/demo >/dev/null
cmake --build build/demo -j "$(nproc)" | tail -1
certprep=$PWD/build/demo/bin/certprep
emulator=$(find "$PWD/build/demo" -name certprep-esa-emulator -type f)
tmp=$(mktemp -d)
emulator_pid=
trap '[ -z "$emulator_pid" ] || kill "$emulator_pid" 2>/dev/null; rm -rf "$tmp"' EXIT
cd testcerts
wrong=0

# show CODE WORDS...: prints the command, runs it, and minds its exit code.
show() {
    want=$1
    shift
    printf '\n$ certprep'
    printf ' %s' "$@" | sed "s#$tmp#TMP#g"
    printf '\n'
    code=0
    "$certprep" "$@" || code=$?
    echo "(exit $code)"
    [ $code -eq "$want" ] || { echo "^^^ want exit $want"; wrong=1; }
}

echo "== check: testcerts/ is judged as of 2026-06-01, against its own root"
set -- --at 2026-06-01 --trust trust/all.pem
show 0 check "$@" --hostname shop.acme.example good/ec-bundle.pem
show 0 check "$@" --hostname www.acme.example --cert good/rsa-leaf.pem --chain good/rsa-intermediate.pem --key good/rsa-key-pkcs1.pem
show 0 check "$@" bad/order-root-first.pem
show 1 check "$@" bad/key-of-intermediate.pem
show 1 check "$@" --hostname acme.example --hostname a.b.acme.example good/wildcard-bundle.pem
show 1 check "$@" bad/missing-intermediate.pem
show 1 check "$@" bad/intermediate-expired.pem
show 1 check "$@" bad/pem-bad-character.pem
show 1 check "$@" bad/key-rsa-wrong-dp.pem

echo
echo "== submit: to the emulator, a real HTTPS server on loopback in a process of its own"
"$emulator" --ca-out "$tmp/ca.pem" --ready-file "$tmp/ready" --log "$tmp/log" >/dev/null 2>&1 &
emulator_pid=$!
tries=0
until [ -s "$tmp/ready" ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { echo "the emulator did not start"; exit 1; }
    sleep 0.05
done
# The emulator's own test credential.
export ALIBABA_CLOUD_ACCESS_KEY_ID=testAK ALIBABA_CLOUD_ACCESS_KEY_SECRET=testSK
to="--endpoint $(cut -d' ' -f2 "$tmp/ready") --ca-file $tmp/ca.pem --site-id 1234567890123 --record-id 4042843419650112"
# shellcheck disable=SC2086  # $to is words
{
    show 0 submit $to --ssl on --cert-type upload "$@" --hostname shop.acme.example bad/order-root-first.pem
    show 0 submit $to --ssl on --cert-type free --hostname bücher.example
    show 0 submit $to --ssl on --cert-type cas --cas-id 30000478 --cas-region cn-hangzhou --hostname cas.acme.example
    show 1 submit $to --ssl on --cert-type upload "$@" --hostname www.acme.example bad/key-of-another-certificate.pem
    show 4 submit $to --ssl on --cert-type free --hostname cas.acme.example
}
echo
echo "== what the emulator saw: the blocked one was never sent"
cut -d' ' -f2-5 "$tmp/log"
[ "$(grep -c CreateCustomHostname "$tmp/log")" = 4 ] || wrong=1
! grep -q www.acme.example "$tmp/log" || wrong=1
[ $wrong = 0 ] && echo "demo: ok" || { echo "demo: something was not as it should be"; exit 1; }
