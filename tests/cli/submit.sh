#!/bin/sh
# certprep submit against the emulator: the three certificate types, the gates, every fault.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3
ids="--site-id 1234567890123 --record-id 4042843419650112"
upload="--ssl on --cert-type upload $at"
submit() { "$certprep" submit --endpoint "$endpoint" --ca-file "$ca" "$@"; }
requests() { if [ -f "$log" ]; then grep -c action= "$log"; else echo 0; fi; }

start_emulator
run 0 "upload" submit $ids $upload --hostname shop.acme.example good/ec-bundle.pem
says out "ACCEPTED  shop.acme.example  HostnameId 9007199254740993"
run 4 "the same again" submit $ids $upload --hostname shop.acme.example good/ec-bundle.pem
says out "REFUSED  CustomHostname.ConflictWithExistingResource"
run 0 "upload out of order, root included" submit $ids $upload --hostname www.acme.example bad/order-root-first.pem
says out "root dropped: CN=certprep Test Root X1"
run 0 "upload of an encrypted RSA key" submit $ids $upload --hostname www.acme.example --dry-run \
    --passphrase-file good/passphrase.txt --cert good/rsa-fullchain.pem --key good/rsa-key-pkcs1-dek.pem
says out "private key converted from PKCS#1 to PKCS#8"
says out "nothing was sent"
run 0 "free" submit $ids --ssl on --cert-type free --hostname free.acme.example
run 0 "free, IDN" submit $ids --ssl on --cert-type free --hostname bücher.example
says out "xn--bcher-kva.example"
run 0 "free, wildcard" submit $ids --ssl on --cert-type free --hostname '*.acme.example'
says out "Enterprise plan"
run 0 "cas" submit $ids --ssl on --cert-type cas --cas-id 9007199254740993 --cas-region ap-southeast-1 --hostname cas.acme.example
run 0 "ssl off" submit $ids --ssl off --hostname off.acme.example
run 0 "json" submit $ids --ssl on --cert-type free --hostname json.acme.example --format json
ok "HostnameId is exact" grep -q '"hostname_id":[[:space:]]*9007199254[0-9]\{6\}' "$tmp/out"
ok "json is JSON" jq -e '.outcome.result == "ACCEPTED" and .sent' "$tmp/out"

# the gates: nothing is sent
before=$(requests)
run 1 "blocked: key of another certificate" submit $ids $upload --hostname shop.acme.example bad/key-of-another-certificate.pem
says out "BLOCKED  nothing was sent"
run 1 "blocked: hostname not covered" submit $ids $upload --hostname other.example good/ec-bundle.pem
run 1 "blocked: no key" submit $ids $upload --hostname shop.acme.example --cert good/ec-fullchain.pem --key good/ec-leaf.pem
run 1 "blocked: encrypted key" submit $ids $upload --hostname shop.acme.example bad/key-encrypted.pem
run 1 "blocked: expired" submit $ids --ssl on --cert-type upload --trust trust/all.pem --at 2027-01-01 --hostname shop.acme.example good/ec-bundle.pem
run 1 "blocked: missing intermediate" submit $ids $upload --hostname shop.acme.example bad/missing-intermediate.pem
for id in 12x -1 0 "" 9223372036854775808 1e3 " 1"; do
    run 2 "site id '$id'" submit --site-id "$id" --record-id 1 --ssl off --hostname a.acme.example
    says err "--site-id"
done
run 2 "cas id" submit $ids --ssl on --cert-type cas --cas-id 9223372036854775808 --cas-region cn-hangzhou --hostname a.acme.example
run 2 "cas without region" submit $ids --ssl on --cert-type cas --cas-id 1 --hostname a.acme.example
run 2 "cas with another region" submit $ids --ssl on --cert-type cas --cas-id 1 --cas-region eu-west-1 --hostname a.acme.example
run 2 "on without type" submit $ids --ssl on --hostname a.acme.example
run 2 "off with type" submit $ids --ssl off --cert-type free --hostname a.acme.example
run 2 "off with files" submit $ids --ssl off --hostname shop.acme.example good/ec-bundle.pem
run 2 "free with key" submit $ids --ssl on --cert-type free --key good/ec-key-pkcs8.pem --hostname a.acme.example
run 2 "upload without files" submit $ids --ssl on --cert-type upload --hostname a.acme.example
run 2 "no hostname" submit $ids --ssl off
run 2 "IP address" submit $ids --ssl off --hostname 192.0.2.10
run 2 "public suffix" submit $ids --ssl off --hostname co.uk
run 2 "wildcard over a public suffix" submit $ids --ssl off --hostname '*.com'
run 2 "inner wildcard" submit $ids --ssl off --hostname 'a.*.example'
run 2 "underscore" submit $ids --ssl off --hostname a_b.example
run 2 "label of 64" submit $ids --ssl off --hostname "$(printf 'a%.0s' $(seq 64)).example"
run 2 "URL as endpoint" "$certprep" submit --endpoint http://127.0.0.1 $ids --ssl off --hostname a.acme.example
run 2 "no endpoint" "$certprep" submit $ids --ssl off --hostname a.acme.example
says err "--region"
run 2 "empty region" "$certprep" submit --region "" $ids --ssl off --hostname a.acme.example
run 2 "no credential" env -u ALIBABA_CLOUD_ACCESS_KEY_SECRET "$certprep" submit --endpoint "$endpoint" $ids --ssl off --hostname a.acme.example
says err "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
run 0 "dry run" submit $ids $upload --dry-run --hostname shop.acme.example good/rsa-bundle.pem
says out "PrivateKey: [masked"
says out "Signature=[masked]"
run 0 "dry run without credential" env -u ALIBABA_CLOUD_ACCESS_KEY_ID -u ALIBABA_CLOUD_ACCESS_KEY_SECRET \
    "$certprep" submit --region cn-hangzhou $ids --ssl off --hostname a.acme.example -n
ok "none of these reached the service" test "$(requests)" = "$before"
run 3 "wrong CA" "$certprep" submit --endpoint "$endpoint" --ca-file trust/all.pem $ids --ssl off --hostname a.acme.example
run 3 "system store does not know the CA" "$certprep" submit --endpoint "$endpoint" $ids --ssl off --hostname a.acme.example
ok "a wrong CA sends nothing" test "$(requests)" = "$before"
stop_emulator
run 3 "no server" submit $ids --ssl off --hostname a.acme.example

# every documented code is REFUSED (4) or, where the service may have acted, UNKNOWN (5), for as
# long as the fault stays
fault() { # fault CODE FAULT [TEXT]
    want_code=$1 want_text=${3:-} timeout=2
    [ "$1" != 0 ] || timeout=60
    start_emulator --fault "$2*99"
    run "$want_code" "fault $2" submit $ids --ssl on --cert-type free --timeout $timeout --retry 0 --hostname fault.acme.example
    [ -z "$want_text" ] || says out "$want_text"
    stop_emulator
}
for code in InvalidParameter Instance.NotOnline Site.ServiceBusy CustomHostname.CheckQuotaFailed \
    CustomHostname.OfflineForMultiReason CustomHostname.WildcardDomainRequireEnterprisePlan \
    CustomHostname.ConflictWithExistingResource QuotaExceed.CustomHostname Throttling.User \
    CustomHostname.QueryCasCertFailed Forbidden.RAM InvalidAccessKeyId.NotFound; do
    fault 4 error=$code "REFUSED  $code"
done
for code in InternalException CustomHostname.ApplyCertFailed CustomHostname.SetCertFailed; do
    fault 5 error=$code "UNKNOWN  $code"
done
fault 4 unknown-code "REFUSED  Foo.Bar"
fault 5 reset-before UNKNOWN
fault 5 reset-after UNKNOWN
fault 5 hang-before UNKNOWN
fault 5 hang-after UNKNOWN
fault 5 html502 UNKNOWN
fault 5 html502-after UNKNOWN
fault 5 cut-json UNKNOWN
fault 5 bad-json UNKNOWN
fault 4 ok-with-code VerifyUnpassed
fault 5 ok-with-code=InternalException UNKNOWN
fault 5 wrong-hostname UNKNOWN
fault 5 no-id UNKNOWN
fault 5 float-id UNKNOWN
fault 5 empty-200 UNKNOWN
fault 0 huge-body ACCEPTED
fault 5 xml UNKNOWN
fault 5 lower-camel UNKNOWN
fault 4 throttled
fault 4 skewed-date "clock"
fault 3 tls-close
fault 0 slow

# a fault that passes is overcome, and nothing is created twice
healed() { # healed FAULT [OPTION]...
    fault=$1
    shift
    rm -f "$tmp/ledger"
    start_emulator --fault "$fault" --state "$tmp/ledger"
    run 0 "overcomes $fault" submit $ids --ssl on --cert-type free --timeout 2 "$@" --hostname heal.acme.example
    ok "says what was accepted" grep -q ACCEPTED "$tmp/out"
    ok "one creation after $fault" test "$(grep -c CreateCustomHostname "$tmp/ledger")" = 1
    stop_emulator
}
healed error=Site.ServiceBusy
healed error=InternalException
healed reset-after
healed html502-after --params-in form
healed ok-with-code --json
start_emulator --fault error=Site.ServiceBusy*99
run 4 "retries end" submit $ids --ssl off --retry 1 --hostname heal.acme.example
ok "two creations were sent" test "$(grep -c action=CreateCustomHostname "$log")" = 2
stop_emulator

# Ctrl-C and a lost standard output: what may have been done is said
start_emulator --fault hang-after
submit $ids --ssl on --cert-type free --hostname int.acme.example >"$tmp/out" 2>"$tmp/err" &
pid=$!
tries=0
until grep -q int.acme.example "$log" 2>/dev/null || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
# The function runs in a subshell: its child is the program.
pkill -TERM -P $pid certprep || kill -TERM $pid
wait $pid
ok "SIGTERM gives exit 5" test $? = 5
says out "UNKNOWN"
stop_emulator
start_emulator
run 5 "full disk after ACCEPTED" sh -c "'$certprep' submit --endpoint $endpoint --ca-file $ca $ids --ssl off --hostname full.acme.example >/dev/full"
says err "ACCEPTED full.acme.example HostnameId"
run 2 "--at against a real service" "$certprep" submit --region cn-hangzhou $ids $upload --hostname shop.acme.example good/ec-bundle.pem
says err "--at goes with --dry-run"
stop_emulator

# the service echoes what it was sent: nothing of the key may come through
start_emulator --fault echo-signature
run 4 "echoed key" submit $ids $upload --hostname shop.acme.example good/ec-bundle.pem
says out "SignatureDoesNotMatch"
ok "no key, no PEM" sh -c "! grep -qE 'PRIVATE|BEGIN|MIGH|%2B' '$tmp/out' '$tmp/err'"
stop_emulator
finish
