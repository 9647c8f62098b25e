#!/bin/sh
# usage: emulator_protocol.sh EMULATOR
#
# What the emulator takes and refuses: signatures, parameters, HTTP, options.
# Exit 0: all as expected, 1: not, 77: skipped.
emulator=${1:?usage: emulator_protocol.sh EMULATOR}
# shellcheck source=emulator_lib.sh
. "$(dirname "$0")/emulator_lib.sh"

make_cert one || exit 1
make_cert two || exit 1
openssl pkcs8 -topk8 -in "$tmp/one.key" -passout pass:test -out "$tmp/locked.key" || exit 1
cat "$tmp/one.pem" "$tmp/two.pem" >"$tmp/chain.pem"
cat "$tmp/one.pem" "$tmp/one.key" >"$tmp/mixed.pem"
sed '3s/^..../!!!!/' "$tmp/one.pem" >"$tmp/broken.pem"
openssl genrsa -out "$tmp/rsa.key" 2048 2>/dev/null

#---- acceptance, ids, duplicates ------------------------------------------------------------------
start
create a.shop.example SslFlag=off
first_id=$(id_in_reply)
check "the first id is 2^53+1" [ "$first_id" = 9007199254740993 ]
check "the reply names the hostname" grep -q '"Hostname":"a.shop.example"' "$tmp/body"
check "the reply has a UUID" grep -Eq '"RequestId":"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"' "$tmp/body"
check "the log has the id as text" [ "$(last_log hostname_id)" = "$first_id" ]
expect "SslFlag=off" 200 ""
create b.shop.example SslFlag=on CertType=free
check "ids differ" [ "$(id_in_reply)" != "$first_id" ]
expect "CertType=free" 200 ""
create c.shop.example SslFlag=on CertType=cas CasId=30000478 CasRegion=cn-hangzhou
expect "CertType=cas" 200 ""
create d.shop.example SslFlag=on CertType=upload "Certificate@$tmp/chain.pem" "PrivateKey@$tmp/one.key"
expect "CertType=upload in the query" 200 ""
want=$(openssl x509 -in "$tmp/one.pem" -outform DER | sha256)
check "the log has the leaf's SHA-256" [ "$(last_log cert_sha256)" = "$want" ]
place=form
create e.shop.example SslFlag=on CertType=upload "Certificate@$tmp/one.pem" "PrivateKey@$tmp/one.key"
expect "CertType=upload in the form" 200 ""
place=form extra="Expect: 100-continue"
create e2.shop.example SslFlag=on CertType=free
check "100 Continue" grep -q '^HTTP/1.1 100 ' "$tmp/headers"
expect "Expect: 100-continue" 200 ""
create '*.wild.example' SslFlag=off
expect "a wildcard" 200 ""
create a.shop.example SslFlag=off
expect "the same hostname again" 400 CustomHostname.ConflictWithExistingResource
create A.SHOP.example SslFlag=on CertType=free
expect "the same hostname in capitals" 400 CustomHostname.ConflictWithExistingResource

#---- what must be refused: parameters ------------------------------------------------------------
refuse() { # refuse CODE WHAT PARAM...
    want_code=$1
    want_what=$2
    shift 2
    call "$@"
    expect "$want_what" 400 "$want_code"
}
refuse MissingHostname "no Hostname" SiteId=1 RecordId=2 SslFlag=off
refuse MissingHostname "an empty Hostname" Hostname= SiteId=1 RecordId=2 SslFlag=off
refuse MissingSiteId "no SiteId" Hostname=f.shop.example RecordId=2 SslFlag=off
refuse MissingRecordId "no RecordId" Hostname=f.shop.example SiteId=1 SslFlag=off
refuse MissingSslFlag "no SslFlag" Hostname=f.shop.example SiteId=1 RecordId=2
bad() { # bad WHAT PARAM...: InvalidParameter, with a hostname, ids and nothing else
    bad_what=$1
    shift
    refuse InvalidParameter "$bad_what" Hostname=f.shop.example RecordId=2 "$@"
}
bad "SslFlag=maybe" SiteId=1 SslFlag=maybe
bad "SslFlag=ON" SiteId=1 SslFlag=ON
bad "SslFlag=on without CertType" SiteId=1 SslFlag=on
bad "SslFlag=on with an empty CertType" SiteId=1 SslFlag=on CertType=
bad "CertType=paid" SiteId=1 SslFlag=on CertType=paid
bad "CertType=paid with SslFlag=off" SiteId=1 SslFlag=off CertType=paid
bad "SiteId=0" SiteId=0 SslFlag=off
bad "SiteId=-1" SiteId=-1 SslFlag=off
bad "SiteId=1.5e3" SiteId=1.5e3 SslFlag=off
bad "SiteId=01" SiteId=01 SslFlag=off
bad "SiteId over int64" SiteId=9223372036854775808 SslFlag=off
bad "SiteId twice" SiteId=1 SiteId=1 SslFlag=off
bad "upload without Certificate" SiteId=1 SslFlag=on CertType=upload "PrivateKey@$tmp/one.key"
bad "upload without PrivateKey" SiteId=1 SslFlag=on CertType=upload "Certificate@$tmp/one.pem"
bad "upload needs both with SslFlag=off, too" SiteId=1 SslFlag=off CertType=upload
bad "upload of another key" SiteId=1 SslFlag=on CertType=upload \
    "Certificate@$tmp/one.pem" "PrivateKey@$tmp/two.key"
bad "upload of a key of another kind" SiteId=1 SslFlag=on CertType=upload \
    "Certificate@$tmp/one.pem" "PrivateKey@$tmp/rsa.key"
bad "upload of an encrypted key" SiteId=1 SslFlag=on CertType=upload \
    "Certificate@$tmp/one.pem" "PrivateKey@$tmp/locked.key"
bad "upload of a broken certificate" SiteId=1 SslFlag=on CertType=upload \
    "Certificate@$tmp/broken.pem" "PrivateKey@$tmp/one.key"
bad "upload of a key among the certificates" SiteId=1 SslFlag=on CertType=upload \
    "Certificate@$tmp/mixed.pem" "PrivateKey@$tmp/one.key"
bad "upload of no PEM" SiteId=1 SslFlag=on CertType=upload Certificate=x PrivateKey=y
bad "cas without CasId" SiteId=1 SslFlag=on CertType=cas CasRegion=cn-hangzhou
bad "cas without CasRegion" SiteId=1 SslFlag=on CertType=cas CasId=1
bad "cas with CasId=x" SiteId=1 SslFlag=on CertType=cas CasId=x CasRegion=cn-hangzhou
bad "cas with another region" SiteId=1 SslFlag=on CertType=cas CasId=1 CasRegion=mars-1
long=$(printf '%064d' 0 | tr 0 a)
for hostname in localhost 192.0.2.1 a..example -a.example a-.example 'a b.example' a_b.example \
    a.example. '*.example' 'x*.a.example' 'a.*.example' "$long.example" 'b%C3%BC.example' a.12; do
    refuse InvalidParameter "Hostname=$hostname" "Hostname=$hostname" SiteId=1 RecordId=2 SslFlag=off
done
create f.shop.example SslFlag=off SiteName=ignored
expect "the refused hostname is still free; an unknown parameter is ignored" 200 ""

#---- what must be refused: signatures ------------------------------------------------------------
signature=0000000000000000000000000000000000000000000000000000000000000000
create g.shop.example SslFlag=off
check "the reply quotes the server's canonical request" \
    grep -q 'server CanonicalRequest is \[POST\\n/\\nHostname=g.shop.example&' "$tmp/body"
check "and the string to sign" grep -q 'server StringToSign is \[ACS3-HMAC-SHA256\\n' "$tmp/body"
expect "a bad signature" 400 SignatureDoesNotMatch
secret=other
create g.shop.example SslFlag=off
expect "another secret" 400 SignatureDoesNotMatch
key_id=nobody
create g.shop.example SslFlag=off
expect "another key id" 404 InvalidAccessKeyId.NotFound
extra_signed=x-acs-accesskey-id:nobody
create g.shop.example SslFlag=off
expect "another key id in x-acs-accesskey-id" 404 InvalidAccessKeyId.NotFound
drop=authorization
create g.shop.example SslFlag=off
expect "no Authorization" 400 MissingAccessKeyId
body_hash=$(printf x | sha256)
create g.shop.example SslFlag=off
expect "another body hash" 400 SignatureDoesNotMatch
extra="x-acs-test: 1"
create g.shop.example SslFlag=off
expect "an unsigned x-acs header" 400 IncompleteSignature
extra="Content-Type: text/plain"
create g.shop.example SslFlag=off
expect "an unsigned content type" 400 IncompleteSignature
unsign=host
create g.shop.example SslFlag=off
expect "an unsigned host" 400 IncompleteSignature
for header in x-acs-action x-acs-version x-acs-date x-acs-signature-nonce x-acs-content-sha256; do
    drop=$header
    create g.shop.example SslFlag=off
    expect "no $header" 400 IncompleteSignature
    unsign=$header
    create g.shop.example SslFlag=off
    expect "an unsigned $header" 400 IncompleteSignature
done
extra_signed=x-acs-test:1
create g1.shop.example SslFlag=off
expect "a signed x-acs header of no meaning" 200 ""
extra_signed=x-acs-security-token:TOKEN+/=
create g2.shop.example SslFlag=off
expect "a signed token, where none is demanded" 200 ""
nonce=once
create g3.shop.example SslFlag=off
expect "a nonce" 200 ""
nonce=once
create g4.shop.example SslFlag=off
expect "the same nonce" 400 SignatureNonceUsed
for bad_date in 2026-03-19 2026-02-30T00:00:00Z 2026-03-19T08:00:00+08:00 'Thu, 19 Mar 2026 08:00:00 GMT'; do
    date=$bad_date
    create g.shop.example SslFlag=off
    expect "the date $bad_date" 400 InvalidTimeStamp.Format
done
date=2020-01-01T00:00:00Z
create g.shop.example SslFlag=off
expect "a stale date" 400 InvalidTimeStamp.Expired
version=2017-01-01
create g.shop.example SslFlag=off
expect "another version" 400 InvalidVersion
action=DeleteEverything
create g.shop.example SslFlag=off
expect "another action" 404 InvalidApi.NotFound
method=GET
create g.shop.example SslFlag=off
expect "another method" 404 InvalidApi.NotFound
path=/admin
create g.shop.example SslFlag=off
expect "another path" 404 InvalidApi.NotFound
create g.shop.example SslFlag=off
expect "after all that, the hostname is still free" 200 ""

#---- HTTP that two readers could read differently -------------------------------------------------
raw() { # raw WHAT STATUS: the request is standard input
    got=$(timeout 20 openssl s_client -quiet -verify_quiet -verify_return_error -CAfile "$ca" \
        -connect "127.0.0.1:$port" 2>/dev/null | head -c 64 | sed -n '1s/^HTTP\/1.1 \([0-9]*\) .*/\1/p')
    if [ "$got" = "$2" ]; then ok; else fail "$1: want $2, got ${got:-nothing}"; fi
}
printf 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n' |
    raw "two lengths" 400
printf 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' | raw "chunks" 411
printf 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n' | raw "another coding" 501
printf 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n' |
    raw "Content-Length twice" 400
printf 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx' | raw "Content-Length: +1" 400
printf 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n' |
    raw "a Content-Length past 64 bits" 413
printf 'POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n' | raw "Host twice" 400
printf 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n' | raw "no Host" 400
printf 'POST / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n' | raw "a folded line" 400
printf 'POST / HTTP/1.1\r\nHost : a\r\n\r\n' | raw "a blank before the colon" 400
printf 'POST / HTTP/1.1\nHost: a\n\n' | raw "bare LF" 400
printf 'POST https://a/ HTTP/1.1\r\nHost: a\r\n\r\n' | raw "an absolute target" 400
printf 'POST /?a=%%zz HTTP/1.1\r\nHost: a\r\n\r\n' | raw "a broken triplet" 400
printf 'POST / HTTP/1.0\r\nHost: a\r\n\r\n' | raw "HTTP/1.0" 505
printf 'PUT / HTTP/1.1\r\nHost: a\r\n\r\n' | raw "PUT" 501
printf 'POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n' | raw "Expect: tea" 417
printf 'POST /?%070000d HTTP/1.1\r\nHost: a\r\n\r\n' 0 | raw "a line over 64 KiB" 414
printf 'POST / HTTP/1.1\r\nHost: a\r\nX: %040000d\r\n\r\n' 0 | raw "headers over 32 KiB" 431

#---- one connection, two requests; the log; a clean end ------------------------------------------
curl_more="-K $tmp/curlrc -o $tmp/first -w %{http_code}, --next --silent --http1.1 --cacert $ca"
write_out='%{http_code},%{num_connects}'
create k.shop.example SslFlag=off
check "keep-alive: the second request is a replay over the first's connection: $status" \
    [ "$status" = "200,400,0" ]
check "the log has no query, key, certificate or signature" \
    sh -c '! grep -Eq "BEGIN|SiteId=|RecordId=|Signature=|ACS3|testSK" "$1"' - "$tmp/log"
key_line=$(sed -n 2p "$tmp/one.key")
check "the log has no line of the key" sh -c '! grep -qF -- "$2" "$1"' - "$tmp/log" "$key_line"
lines=$(wc -l <"$tmp/log")
stop
check "SIGTERM ends it with 0" [ "$ended" = 0 ]
requests=$(sed -n 's/^certprep-esa-emulator: \([0-9]*\) requests, .* created, .* refused, 0 faults$/\1/p' "$tmp/stderr")
check "the summary counts the requests, as many as the log has lines" [ "$requests" = "$lines" ]
check "stdout has the READY line, the same as the ready file" cmp -s "$tmp/stdout" "$tmp/ready"

#---- options -------------------------------------------------------------------------------------
# The signature is the official signer's, for this date, nonce and host.
start --clock 1773907200
date=2026-03-19T08:00:00Z nonce=3156853299f313e23d1673dc12e1703d host=esa.cn-hangzhou.aliyuncs.com
signature=005a449aef9edfde39c734d84f4615ec3ea190597c5d216c544feed694993527
call Hostname=custom.site.com SiteId=1234567890123 RecordId=1234567890123 SslFlag=on CertType=free
expect "the official signer's signature at its time" 200 ""
for bound in 2026-03-19T07:45:00Z 2026-03-19T08:15:00Z; do
    date=$bound
    fresh
    create "$name" SslFlag=off
    expect "exactly 15 minutes off: $bound" 200 ""
done
for bound in 2026-03-19T07:44:59Z 2026-03-19T08:15:01Z; do
    date=$bound
    create late.shop.example SslFlag=off
    expect "a second more: $bound" 400 InvalidTimeStamp.Expired
done

printf 'Secret/Of+Mine\n' >"$tmp/secret"
printf 'Token+/=\n' >"$tmp/token"
start --access-key-id Mine --access-key-secret-file "$tmp/secret" --security-token-file "$tmp/token" --quota 1
key_id=Mine secret=Secret/Of+Mine extra_signed=x-acs-security-token:Token+/=
create a.shop.example SslFlag=off
expect "another credential" 200 ""
key_id=Mine secret=Secret/Of+Mine extra_signed=x-acs-security-token:Token+/=
create b.shop.example SslFlag=off
expect "over the quota" 400 QuotaExceed.CustomHostname
key_id=Mine secret=Secret/Of+Mine
create b.shop.example SslFlag=off
expect "no token" 400 MissingSecurityToken
key_id=Mine secret=Secret/Of+Mine extra_signed=x-acs-security-token:Token
create b.shop.example SslFlag=off
expect "another token" 400 InvalidSecurityToken.Malformed
create b.shop.example SslFlag=off
expect "the default credential is not known now" 404 InvalidAccessKeyId.NotFound

stop
"$emulator" --exit-after-idle 1 >"$tmp/stdout" 2>/dev/null &
pid=$!
wait "$pid"
ended=$?
pid=
folder=$(sed -n 's/^READY .* CA=\(.*\)\/ca\.pem$/\1/p' "$tmp/stdout")
check "--exit-after-idle ends it with 0" [ "$ended" = 0 ]
check "the CA's temporary folder is gone" sh -c '[ -n "$1" ] && [ ! -e "$1" ]' - "$folder"
for usage in --port=70000 --port=x --fault=nonsense --fault=error --fault=error=Foo.Bar \
    --fault=no-id=1 '--fault=no-id*0' --clock=-1 --access-key-secret-file="$tmp/none" --unknown more; do
    "$emulator" "$usage" >/dev/null 2>&1
    check "usage error: $usage" [ $? = 2 ]
done
start
"$emulator" --port "$port" >/dev/null 2>&1
check "a port in use" [ $? = 3 ]

#---- options that are refused -----------------------------------------------------------------------
stop
echo 1773907200 >"$tmp/clock"
for usage in --verify=maybe --verify=after=x --verify=file= --activate=on --rate=0 --rate=1/0 \
    --rate=x --sts-lifetime=0 --latency=x --configuring=x --issue-after=x --apply-fails='a*=0' \
    --metadata-role='a b' --clock-file=/nowhere "--faults=$tmp/none" --seed=x --cert-clock=x; do
    "$emulator" "$usage" >/dev/null 2>&1
    is "usage error: $usage" 2 $?
done
"$emulator" --clock 1 --clock-file "$tmp/clock" >/dev/null 2>&1
is "two clocks" 2 $?
"$emulator" --state "$tmp/none/ledger" >/dev/null 2>&1
is "a ledger that can't be" 3 $?
finish
