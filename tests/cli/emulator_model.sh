#!/bin/sh
# usage: emulator_model.sh EMULATOR
#
# All operations on hostnames, sites and records; how states go on; the ledger and what survives.
# Exit 0: all as expected, 1: not, 77: skipped.
emulator=${1:?usage: emulator_model.sh EMULATOR}
# shellcheck source=emulator_lib.sh
. "$(dirname "$0")/emulator_lib.sh"

make_cert one || exit 1
make_cert two || exit 1

new() { # new HOSTNAME [PARAM]...: creates; sets id
    create "$@"
    id=$(id_in_reply)
    expect "create $1" 200 ""
}
look() { # look: GetCustomHostname of $id
    op GetCustomHostname "HostnameId=$id"
}
shows() { # shows WHAT MEMBER=VALUE...: a look, and what it must show
    shows_what=$1
    shift
    look
    for pair; do
        is "$shows_what: ${pair%%=*}" "${pair#*=}" "$(member "${pair%%=*}")"
    done
    expect "$shows_what" 200 ""
}
deeds() { # deeds ACTION: how many the ledger tells of
    grep -c "\"action\":\"$1\"" "$tmp/ledger"
}

#---- the model, member by member; sites and records ------------------------------------------------
rm -f "$tmp/ledger"
start --state "$tmp/ledger"
new up.shop.example SslFlag=on CertType=upload "Certificate@$tmp/one.pem" "PrivateKey@$tmp/one.key"
up=$id
leaf=$(openssl x509 -in "$tmp/one.pem" -outform DER | sha256)
shows "an upload" HostnameId="$up" Hostname=up.shop.example SiteId=1234567890123 \
    SiteName=acme.example RecordId=4042843419650112 RecordName=origin.acme.example Status=pending \
    VerifyHost=_esa_custom_hostname.up.shop.example SslFlag=on CertType=upload CertStatus=Expiring \
    CertTxtKey= CertTxtValue= CertHttpKey= CertHttpValue= OfflineReason= ConflictWith=
look
check "VerifyCode" sh -c 'echo "$1" | grep -Eq "^verify_[0-9a-f]{32}$"' - "$(member VerifyCode)"
verify_code=$(member VerifyCode)
check "CertNotAfter is the leaf's" sh -c 'echo "$1" | grep -Eq "^20..-..-..T..:..:..Z$"' - "$(member CertNotAfter)"
key_line=$(sed -n 2p "$tmp/one.key")
check "Get returns the private key, as the service does" grep -qF -- "$key_line" "$tmp/body"
check "and the certificate" grep -qF -- "$(sed -n 2p "$tmp/one.pem")" "$tmp/body"
expect "Get" 200 ""
check "neither log nor ledger has the key" sh -c '! grep -qF -- "$1" "$2" "$3"' - "$key_line" "$tmp/log" "$tmp/ledger"
check "the ledger has the leaf's SHA-256" grep -q "\"cert_sha256\":\"$leaf\"" "$tmp/ledger"
check "and the id as text" grep -q "\"id\":\"$up\"" "$tmp/ledger"
place=form
op GetCustomHostname "HostnameId=$up"
is "Get by form" "$up" "$(member HostnameId)"
expect "Get by form" 200 ""

new cas.shop.example SslFlag=on CertType=cas CasId=9007199254740993 CasRegion=cn-hangzhou
shows "cas" CertType=cas CasId=9007199254740993 CertStatus=OK
new off.shop.example SslFlag=off
shows "off" SslFlag=off CertType= CertStatus=
new '*.wild.example' SslFlag=on CertType=free
shows "a wildcard's records" VerifyHost=_esa_custom_hostname.wild.example CertTxtKey=_acme-challenge.wild.example
op GetCustomHostname HostnameId=9007199254740991
expect "Get of none" 404 CustomHostname.NotFound
for verb in UpdateCustomHostname VerifyCustomHostname DeleteCustomHostname ApplyCustomHostnameCertificate; do
    op $verb HostnameId=1
    expect "$verb of none" 404 CustomHostname.NotFound
    op $verb
    expect "$verb without HostnameId" 400 MissingHostnameId
    op $verb HostnameId=x
    expect "$verb of x" 400 InvalidParameter
    op $verb HostnameId=1 HostnameId=2
    expect "$verb of two" 400 InvalidParameter
    method=GET
    op $verb HostnameId=1
    expect "$verb by GET" 404 InvalidApi.NotFound
done

op ListSites
is "ListSites: all of them" 2 "$(member TotalCount)"
is "PageSize" 500 "$(member PageSize)"
expect "ListSites" 200 ""
while IFS='|' read -r how name want; do
    op ListSites "SiteSearchType=$how" "SiteName=$name"
    is "ListSites $how $name" "$want" "$(member TotalCount)"
    expect "ListSites $how $name" 200 ""
done <<'ROWS'
exact|acme.example|1
exact|acme|0
prefix|acme|1
suffix|.example|2
fuzzy|cme.ex|1
fuzzy|nothing|0
ROWS
op ListSites SiteName=SHOP.example
is "ListSites is exact unless told" 1234567890125 "$(member SiteId)"
expect "ListSites" 200 ""
op ListSites PageSize=1 PageNumber=2
is "the second page" shop.example "$(member SiteName)"
is "of two" 2 "$(member TotalCount)"
expect "the second page" 200 ""
op ListSites SiteSearchType=near SiteName=a
expect "SiteSearchType=near" 400 InvalidParameter
for bad in PageSize=0 PageSize=501 PageNumber=0 PageNumber=x PageSize=-1; do
    op ListSites $bad
    expect "ListSites $bad" 400 InvalidParameter
done
method=POST
action=ListSites
call
expect "ListSites by POST" 404 InvalidApi.NotFound
op ListRecords SiteId=1234567890123
is "ListRecords: all of the site" 2 "$(member TotalCount)"
check "AuthConf has its canary" grep -q '"SecretKey":"canary-authconf-secret"' "$tmp/body"
expect "ListRecords" 200 ""
op ListRecords SiteId=1234567890125 RecordName=origin.shop.example
is "an id over 2^53" 9007199254740993 "$(member RecordId)"
is "RecordCname" origin.shop.example.example-cname.net "$(member RecordCname)"
is "RecordType" CNAME "$(member RecordType)"
expect "ListRecords exact" 200 ""
op ListRecords SiteId=1234567890123 RecordName=origin RecordMatchType=prefix Type=CNAME PageSize=1 PageNumber=2
is "ListRecords prefix, second page" 4042843419650113 "$(member RecordId)"
expect "ListRecords prefix" 200 ""
op ListRecords SiteId=1234567890123 Type=A
is "ListRecords of another type" 0 "$(member TotalCount)"
expect "ListRecords Type=A" 200 ""
op ListRecords
expect "ListRecords without SiteId" 400 MissingSiteId
op GetSite SiteId=1234567890125
is "GetSite" shop.example "$(member SiteName)"
expect "GetSite" 200 ""
op GetSite SiteId=1
expect "GetSite of none" 404 Site.NotFound
op GetRecord RecordId=4042843419650113
is "GetRecord" origin2.acme.example "$(member RecordName)"
expect "GetRecord" 200 ""
op GetRecord RecordId=1
expect "GetRecord of none" 404 Record.NotFound

#---- lists -----------------------------------------------------------------------------------------
while IFS='|' read -r what want params; do
    # shellcheck disable=SC2086
    op ListCustomHostnames SiteId=1234567890123 $params
    is "$what" "$want" "$(member TotalCount)"
    expect "$what" 200 ""
done <<'ROWS'
all|4|
exact|1|Hostname=up.shop.example NameMatchType=exact
exact unless told|0|Hostname=shop.example
exact in capitals|1|Hostname=UP.shop.example NameMatchType=exact
prefix|1|Hostname=ca NameMatchType=prefix
suffix|3|Hostname=.shop.example NameMatchType=suffix
fuzzy|1|Hostname=wild NameMatchType=fuzzy
another record|0|RecordId=4042843419650113
pending|4|Status=pending
active|0|Status=active
ROWS
op ListCustomHostnames SiteId=1234567890123 PageSize=3 PageNumber=2
is "a page's rest" 1 "$(grep -o '"HostnameId"' "$tmp/body" | wc -l | tr -d ' ')"
is "its number" 2 "$(member PageNumber)"
check "a list has no key" sh -c '! grep -q "PrivateKey\|CERTIFICATE" "$1"' - "$tmp/body"
expect "a page" 200 ""
op ListCustomHostnames SiteId=77
is "another site" 0 "$(member TotalCount)"
expect "another site" 200 ""
for bad in PageSize=501 PageNumber=0 NameMatchType=near RecordId=x; do
    op ListCustomHostnames SiteId=1234567890123 $bad
    expect "ListCustomHostnames $bad" 400 InvalidParameter
done
op ListCustomHostnames
expect "ListCustomHostnames without SiteId" 400 MissingSiteId

#---- update, verify, apply, delete; a restart ------------------------------------------------------
id=$up
op UpdateCustomHostname HostnameId="$up" RecordId=4042843419650113
expect "update of the record" 200 ""
shows "the update" RecordId=4042843419650113 RecordName=origin2.acme.example CertType=upload
op UpdateCustomHostname HostnameId="$up" SslFlag=on CertType=upload "Certificate@$tmp/two.pem" "PrivateKey@$tmp/two.key"
expect "update of the certificate" 200 ""
look
check "the new certificate" grep -qF -- "$(sed -n 2p "$tmp/two.pem")" "$tmp/body"
check "the old key is gone" sh -c '! grep -qF -- "$1" "$2"' - "$key_line" "$tmp/body"
expect "the update" 200 ""
op UpdateCustomHostname HostnameId="$up" CertType=upload "Certificate@$tmp/two.pem" "PrivateKey@$tmp/one.key"
expect "an update with another's key" 400 InvalidParameter
op UpdateCustomHostname HostnameId="$up" CertType=cas CasId=1
expect "an update without CasRegion" 400 InvalidParameter
op ListCustomHostnames SiteId=1234567890123 Hostname=off.shop.example
off=$(id_in_reply)
expect "list" 200 ""
op UpdateCustomHostname HostnameId="$off" SslFlag=on
expect "on, but with which certificate?" 400 InvalidParameter
op UpdateCustomHostname HostnameId="$off" CertType=free
expect "a certificate, but off" 400 InvalidParameter
op ApplyCustomHostnameCertificate HostnameId="$up"
expect "apply for an upload" 400 InvalidParameter
op VerifyCustomHostname HostnameId="$up"
is "Passed" true "$(member Passed)"
expect "verify" 200 ""
shows "active after that" Status=active
op VerifyCustomHostname HostnameId="$up"
expect "verify again" 200 ""
op DeleteCustomHostname HostnameId="$off"
expect "delete" 200 ""
op DeleteCustomHostname HostnameId="$off"
expect "delete again" 404 CustomHostname.NotFound
new off.shop.example SslFlag=on CertType=free
check "another id for the same name" [ "$id" != "$off" ]
off=$id
op ApplyCustomHostnameCertificate HostnameId="$off"
expect "apply" 200 ""
is "the ledger: creations" 5 "$(deeds CreateCustomHostname)"
is "updates" 2 "$(deeds UpdateCustomHostname)"
is "verifications, once each" 1 "$(deeds VerifyCustomHostname)"
is "deletions" 1 "$(deeds DeleteCustomHostname)"
is "applications" 1 "$(deeds ApplyCustomHostnameCertificate)"
"$emulator" --state "$tmp/ledger" >/dev/null 2>"$tmp/second"
is "two on one ledger exclude each other" 3 $?
check "and say so" grep -q 'another emulator has it' "$tmp/second"

kill -9 "$pid"
wait "$pid" 2>/dev/null
pid=
printf '{"time":"2026-01-01T00:00:00Z","action":"CreateCust' >>"$tmp/ledger"
start --state "$tmp/ledger"
id=$up
shows "after kill -9 and a restart" Hostname=up.shop.example RecordId=4042843419650113 Status=active \
    CertType=upload VerifyCode="$verify_code" PrivateKey=
look
check "the certificate is still there" grep -qF -- "$(sed -n 2p "$tmp/two.pem")" "$tmp/body"
expect "look" 200 ""
op ListCustomHostnames SiteId=1234567890123
is "as many as before" 4 "$(member TotalCount)"
expect "list" 200 ""
create up.shop.example SslFlag=off
expect "and still in the way" 400 CustomHostname.ConflictWithExistingResource
new next.shop.example SslFlag=off
check "ids go on" [ "$id" = $((off + 2)) ]
is "the broken line is gone" 11 "$(wc -l <"$tmp/ledger" | tr -d ' ')"
stop
sed '3s/"id":"[0-9]*"/"id":"7"/' "$tmp/ledger" >"$tmp/forged"
"$emulator" --state "$tmp/forged" >/dev/null 2>"$tmp/second"
is "a ledger that does not fit" 3 $?

#---- verification and states -----------------------------------------------------------------------
start --verify after=3 --configuring 1
new a.shop.example SslFlag=off
for try in 1 2; do
    op VerifyCustomHostname HostnameId="$id"
    expect "--verify after=3: call $try" 200 CustomHostname.VerifyUnpassed
done
shows "pending meanwhile" Status=pending
op VerifyCustomHostname HostnameId="$id"
expect "--verify after=3: call 3" 200 ""
shows "first" Status=configuring
shows "then" Status=active
op UpdateCustomHostname HostnameId="$id" RecordId=5
expect "update" 200 ""
shows "an update is configured, too" Status=configuring RecordId=5
shows "then" Status=active

echo "other.example # not ours" >"$tmp/names"
start --verify "file=$tmp/names" --conflicts 'bad*' --offline '*.gone.example'
new a.shop.example SslFlag=off
op VerifyCustomHostname HostnameId="$id"
expect "--verify file: not in it" 200 CustomHostname.VerifyUnpassed
echo "  A.shop.example" | tr -d ' ' >>"$tmp/names"
op VerifyCustomHostname HostnameId="$id"
expect "--verify file: in it" 200 ""
new bad.shop.example SslFlag=on CertType=free
shows "--conflicts" Status=conflicted ConflictWith=existing_record
op VerifyCustomHostname HostnameId="$id"
expect "no verification of it" 400 CustomHostname.ConflictWithExistingResource
new x.gone.example SslFlag=off
shows "--offline" Status=offline OfflineReason=missing_icp
op VerifyCustomHostname HostnameId="$id"
expect "no verification of it" 400 CustomHostname.OfflineForMultiReason

start --activate auto=2 --issue-after 2 --apply-fails 'f*=1'
new free.shop.example SslFlag=on CertType=free
shows "look 1" Status=pending CertStatus=Applying CertTxtKey=_acme-challenge.free.shop.example
look
check "look 2: records" grep -Eq '"CertTxtValue":"[A-Za-z0-9_-]{43}","CertHttpKey":"http://free.shop.example/.well-known/acme-challenge/[A-Za-z0-9_-]{43}","CertHttpValue":"[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}"' "$tmp/body"
expect "look 2" 200 ""
shows "look 3" Status=active CertStatus=ApplyFailed CertApplyCode=2 CertApplyMessage=canceled CertTxtKey=
op ApplyCustomHostnameCertificate HostnameId="$id"
expect "apply" 200 ""
shows "again" CertStatus=Applying
op ListCustomHostnames SiteId=1234567890123 Hostname=free.shop.example
is "a list is a look, too" Applying "$(member CertStatus)"
expect "list" 200 ""
shows "the second time it is issued" CertStatus=OK CertTxtKey= CertTxtValue= CertHttpKey= CertHttpValue=
start --activate auto
new a.shop.example SslFlag=off
shows "--activate auto: at once" Status=active

end=$(date -u -d "$(openssl x509 -in "$tmp/one.pem" -noout -enddate | cut -d = -f 2)" +%s)
for row in "-2592001 OK" "-100 Expiring" "1 Expired"; do
    start --cert-clock $((end + ${row% *}))
    new a.shop.example SslFlag=on CertType=upload "Certificate@$tmp/one.pem" "PrivateKey@$tmp/one.key"
    shows "by --cert-clock" CertStatus="${row#* }"
done

#---- strict, fixture, quota, rate, latency ---------------------------------------------------------
cat >"$tmp/fixture.json" <<'JSON'
{"sites": [{"SiteId": 7, "SiteName": "Own.example", "AccessType": "NS", "Records": [
  {"RecordId": "9007199254740995", "RecordName": "o.own.example", "RecordType": "A/AAAA",
   "Value": "192.0.2.1", "Proxied": false}]},
  {"SiteId": "8", "SiteName": "empty.example"}]}
JSON
start --fixture "$tmp/fixture.json" --strict
op ListRecords SiteId=7
is "--fixture" 9007199254740995 "$(member RecordId)"
is "Proxied" false "$(member Proxied)"
expect "--fixture" 200 ""
strict() { # strict WHAT STATUS CODE SITE RECORD
    call Hostname=a.own.example "SiteId=$4" "RecordId=$5" SslFlag=off
    expect "--strict: $1" "$2" "$3"
}
strict "another site" 400 InvalidParameter 9 9007199254740995
strict "another record" 400 InvalidParameter 7 9007199254740996
strict "a record of another site" 400 InvalidParameter 8 9007199254740995
strict "the right ones" 200 "" 7 9007199254740995
op ListCustomHostnames SiteId=9
expect "--strict: a list of another site" 400 InvalidParameter
stop
for bad in '{"sites": 1}' '{"sites": [{"SiteId": 0, "SiteName": "a"}]}' '{"sites": []} x' '[]' \
    '{"sites": [{"SiteId": 9007199254740993, "SiteName": "a"}]}' \
    '{"sites": [{"SiteId": 1, "SiteName": "a"}, {"SiteId": "1", "SiteName": "b"}]}'; do
    echo "$bad" >"$tmp/bad.json"
    "$emulator" --fixture "$tmp/bad.json" >/dev/null 2>&1
    is "a fixture like $bad" 3 $?
done

start --quota 1
new a.shop.example SslFlag=off
create b.shop.example SslFlag=off
expect "--quota" 400 QuotaExceed.CustomHostname
op DeleteCustomHostname HostnameId="$id"
expect "delete" 200 ""
new b.shop.example SslFlag=off

echo 1773907200 >"$tmp/clock"
rm -f "$tmp/ledger"
at() { # at SECONDS-AFTER: sets the scripted clock, and the next call's date
    echo $((1773907200 + $1)) >"$tmp/clock"
    date=$(date -u -d "@$((1773907200 + $1))" +%Y-%m-%dT%H:%M:%SZ)
}
start --rate 2/100 --clock-file "$tmp/clock" --state "$tmp/ledger"
at 0
create r1.shop.example SslFlag=off
expect "--rate: first" 200 ""
at 40
create r2.shop.example SslFlag=off
expect "--rate: second" 200 ""
at 60
create r3.shop.example SslFlag=off
check "it says how long" grep -q '^x-acs-retry-after: 40000' "$tmp/headers"
expect "--rate: third" 400 Throttling.User
start --rate 2/100 --clock-file "$tmp/clock" --state "$tmp/ledger"
at 99
create r3.shop.example SslFlag=off
expect "--rate survives a restart" 400 Throttling.User
at 100
create r3.shop.example SslFlag=off
expect "--rate: the first has left the window" 200 ""
at 101
create r4.shop.example SslFlag=off
check "until the second does" grep -q '^x-acs-retry-after: 39000' "$tmp/headers"
expect "--rate: and now the second" 400 Throttling.User
date=2026-03-19T08:00:00Z
op ListSites
expect "nothing else is counted" 200 ""
is "the ledger has what was done" 3 "$(wc -l <"$tmp/ledger" | tr -d ' ')"
: >"$tmp/clock"
date=2026-03-19T08:01:41Z
op ListSites
expect "an empty clock file: the last time stays" 200 ""

start --latency 400
write_out='%{http_code},%{time_total}'
op ListSites
seconds=${status#*,}
check "--latency: $seconds" sh -c 'echo "$1" | awk "{exit !(\$1 >= 0.4 && \$1 < 5)}"' - "$seconds"
write_out='%{http_code}'
began=$(date +%s%N)
others=
for other in 1 2 3 4 5; do
    curl -s --cacert "$ca" -o /dev/null "https://127.0.0.1:$port/" &
    others="$others $!"
done
# shellcheck disable=SC2086
wait $others
took=$((($(date +%s%N) - began) / 1000000))
check "five connections wait at the same time: $took ms" [ "$took" -lt 1900 ]

finish
