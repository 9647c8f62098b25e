#!/bin/sh
# usage: emulator_sts.sh EMULATOR
#
# STS, instance metadata and the credentials URI: what they give is then good for a call, until its
# time is over. Exit 0: all as expected, 1: not, 77: skipped.
emulator=${1:?usage: emulator_sts.sh EMULATOR}
# shellcheck source=emulator_lib.sh
. "$(dirname "$0")/emulator_lib.sh"

role=acs:ram::1234567890123456:role/deploy
provider=acs:ram::1234567890123456:oidc-provider/ci
base=1773907200

at() { # at SECONDS-AFTER: sets the scripted clock and what calls take for now
    echo $((base + $1)) >"$tmp/clock"
    now=$(date -u -d "@$((base + $1))" +%Y-%m-%dT%H:%M:%SZ)
}
sts() { # sts ACTION [PARAM]...: signed by ACS3
    action=$1 version=2015-04-01 date=$now
    shift
    call "$@"
}
# The credential of the last reply: key, own_secret, token, expiration.
keep() {
    key=$(member AccessKeyId) own_secret=$(member AccessKeySecret) token=$(member SecurityToken)
    expiration=$(member Expiration)
}
as_session() { # as_session WHAT STATUS CODE: a call with that credential
    key_id=$key secret=$own_secret extra_signed=x-acs-security-token:$token action=ListSites
    method=GET date=$now
    call
    expect "$1" "$2" "$3"
}
get() { # get URL [CURL-OPTION]...: sets status and the reply
    url=$1
    shift
    status=$(curl -q -s --max-time 20 --noproxy '*' -o "$tmp/body" -w '%{http_code}' "$@" "$url")
    exit_code=$?
    [ -f "$tmp/body" ] || : >"$tmp/body"
    code=$(sed -n 's/.*"Code":"\([^"]*\)".*/\1/p' "$tmp/body")
}

at 0
start --clock-file "$tmp/clock" --metadata --sts-lifetime 3600
check "the READY line has METADATA" \
    grep -Eqx 'READY https://127\.0\.0\.1:[0-9]+ CA=[^ ]+ METADATA=http://127\.0\.0\.1:[0-9]+' "$tmp/ready"
plain=$(sed -n 's/.* METADATA=\(.*\)$/\1/p' "$tmp/ready")

#---- AssumeRole ------------------------------------------------------------------------------------
sts AssumeRole "RoleArn=$role" RoleSessionName=test
keep
is "an hour unless told" 2026-03-19T09:00:00Z "$expiration"
check "the key id" sh -c 'case "$1" in STS.*) ;; *) exit 1 ;; esac' - "$key"
is "the role's ARN" acs:ram::1234567890123456:role/deploy/test "$(member Arn)"
expect "AssumeRole" 200 ""
as_session "its credential" 200 ""
key_id=$key secret=$own_secret action=ListSites method=GET date=$now
call
expect "without its token" 400 MissingSecurityToken
key_id=$key secret=$own_secret action=ListSites method=GET date=$now extra_signed=x-acs-security-token:CAISother
call
expect "with another token" 400 InvalidSecurityToken.Malformed
key_id=$key secret=other action=ListSites method=GET date=$now extra_signed=x-acs-security-token:$token
call
expect "with another secret" 400 SignatureDoesNotMatch
key_id=STS.unknown action=ListSites method=GET date=$now
call
expect "an unknown temporary key" 404 InvalidAccessKeyId.NotFound
key_id=$key secret=$own_secret extra_signed=x-acs-security-token:$token
sts GetCallerIdentity
is "who it is" acs:ram::1234567890123456:assumed-role/deploy/test "$(member Arn)"
is "what it is" AssumedRoleUser "$(member IdentityType)"
expect "GetCallerIdentity" 200 ""
sts GetCallerIdentity
is "who the permanent key is" RAMUser "$(member IdentityType)"
expect "GetCallerIdentity" 200 ""
at 3599
as_session "a second before its end" 200 ""
at 3600
as_session "at its end" 400 InvalidSecurityToken.Expired
at 0
place=form
sts AssumeRole "RoleArn=$role" RoleSessionName=test DurationSeconds=900 ExternalId=abc 'Policy={"Version":"1"}'
is "DurationSeconds" 2026-03-19T08:15:00Z "$(member Expiration)"
expect "AssumeRole by form, with all parameters" 200 ""
while IFS='|' read -r want what params; do
    # shellcheck disable=SC2086
    sts AssumeRole $params
    expect "AssumeRole: $what" 400 "$want"
done <<ROWS
MissingRoleArn|no role|RoleSessionName=test
MissingRoleSessionName|no session name|RoleArn=$role
InvalidParameter.RoleArn|a malformed role|RoleArn=deploy RoleSessionName=test
InvalidParameter.RoleArn|a user|RoleArn=acs:ram::1:user/a RoleSessionName=test
InvalidParameter.RoleArn|a role without name|RoleArn=acs:ram::1:role/ RoleSessionName=test
InvalidParameter.RoleSessionName|a session name with a slash|RoleArn=$role RoleSessionName=a/b
InvalidParameter.RoleSessionName|a short session name|RoleArn=$role RoleSessionName=a
InvalidParameter.DurationSeconds|a short time|RoleArn=$role RoleSessionName=test DurationSeconds=899
InvalidParameter.PolicyGrammar|a policy that is no JSON|RoleArn=$role RoleSessionName=test Policy={
ROWS
version=2015-04-01 action=ListSites method=GET date=$now
call
expect "ListSites is not of STS" 404 InvalidApi.NotFound
action=AssumeRole date=$now
call "RoleArn=$role" RoleSessionName=test
expect "AssumeRole is not of ESA" 404 InvalidApi.NotFound

#---- the older signature, as the SDKs' credentials packages send it ---------------------------------
rpc_count=0
rpc() { # rpc SECRET NONCE [PARAM]...: AssumeRole by POST, half in the query, half in the form
    rpc_secret=$1 rpc_nonce=$2
    shift 2
    {
        printf 'Action=AssumeRole\nVersion=2015-04-01\nFormat=JSON\nTimestamp=%s\n' "$now"
        printf 'SignatureMethod=HMAC-SHA1\nSignatureVersion=1.0\nSignatureNonce=%s\n' "$rpc_nonce"
        printf 'AccessKeyId=%s\n' "${rpc_key:-testAK}"
    } >"$tmp/query.raw"
    printf '%s\n' "$@" >"$tmp/form.raw"
    for part in query form; do
        while IFS= read -r line; do
            printf '%s=%s\n' "${line%%=*}" "$(printf %s "${line#*=}" | encode)"
        done <"$tmp/$part.raw" >"$tmp/$part.encoded"
    done
    canonical=$(sort "$tmp/query.encoded" "$tmp/form.encoded" | tr '\n' '&' | sed 's/&$//')
    to_sign="POST&%2F&$(printf %s "$canonical" | encode)"
    rpc_signature=$(printf %s "$to_sign" | openssl dgst -sha1 -hmac "$rpc_secret&" -binary |
        openssl base64 -A | encode)
    get "https://127.0.0.1:$port/?$(tr '\n' '&' <"$tmp/query.encoded")Signature=$rpc_signature" \
        --cacert "$ca" --data-binary "$(tr '\n' '&' <"$tmp/form.encoded" | sed 's/&$//')"
}
rpc testSK n1 "RoleArn=$role" RoleSessionName=older DurationSeconds=900
keep
expect "AssumeRole, signature version 1.0" 200 ""
as_session "its credential" 200 ""
rpc testSK n1 "RoleArn=$role" RoleSessionName=older
expect "the same nonce" 400 SignatureNonceUsed
rpc other n2 "RoleArn=$role" RoleSessionName=older
expect "another secret" 400 SignatureDoesNotMatch
rpc_key=nobody
rpc testSK n3 "RoleArn=$role" RoleSessionName=older
expect "another key" 404 InvalidAccessKeyId.NotFound
rpc_key=

#---- AssumeRoleWithOIDC ----------------------------------------------------------------------------
oidc() { # oidc [NAME=VALUE]...: replaces a parameter; "" drops it
    oidc_query="Action=AssumeRoleWithOIDC&Version=2015-04-01&Format=JSON&Timestamp=$now"
    oidc_form="RoleArn=$role OIDCProviderArn=$provider OIDCToken=eyJhbGci.e30.sig RoleSessionName=ci DurationSeconds=900"
    for member in $oidc_form; do
        value=$member
        for replaced; do
            case $replaced in "${member%%=*}="*) value=$replaced ;; esac
        done
        printf '%s=%s&' "${value%%=*}" "$(printf %s "${value#*=}" | encode)"
    done >"$tmp/oidc"
    get "https://127.0.0.1:$port/?$oidc_query" --cacert "$ca" --data-binary "@$tmp/oidc"
}
oidc
keep
is "OIDC: its time" 2026-03-19T08:15:00Z "$expiration"
expect "AssumeRoleWithOIDC, unsigned" 200 ""
as_session "its credential" 200 ""
while IFS='|' read -r want pair; do
    oidc "$pair"
    expect "OIDC: $pair" 400 "$want"
done <<'ROWS'
MissingOIDCToken|OIDCToken=
MissingOIDCProviderArn|OIDCProviderArn=
MissingRoleArn|RoleArn=
MissingRoleSessionName|RoleSessionName=
InvalidParameter.OIDCProviderArn|OIDCProviderArn=acs:ram::1:role/a
ROWS
right=$now now=2020-01-01T00:00:00Z
oidc
now=$right
expect "OIDC: an old Timestamp" 400 InvalidTimeStamp.Expired
get "https://127.0.0.1:$port/?Action=AssumeRole&Version=2015-04-01&Timestamp=$now" --cacert "$ca" -X POST
expect "AssumeRole wants a signature" 400 MissingAccessKeyId
check "no secret, token or policy in the log" \
    sh -c '! grep -qF -e "$1" -e "$2" -e eyJhbGci -e CAIS "$3"' - "$own_secret" "$token" "$tmp/log"

#---- instance metadata -----------------------------------------------------------------------------
folder=/latest/meta-data/ram/security-credentials
get "$plain$folder/"
is "v1: the role" emulator-role "$(cat "$tmp/body")"
get "$plain$folder/emulator-role"
keep
is "Code" Success "$code"
is "six hours, or --sts-lifetime" 2026-03-19T09:00:00Z "$expiration"
as_session "its credential" 200 ""
get "$plain$folder/emulator-role"
is "the same as long as it is fresh" "$key" "$(member AccessKeyId)"
at 1801
get "$plain$folder/emulator-role"
check "another one then" [ "$key" != "$(member AccessKeyId)" ]
at 0
get "$plain$folder/nobody"
is "another role" 404 "$status"
get "$plain/latest/api/token" -X PUT -H 'X-aliyun-ecs-metadata-token-ttl-seconds: 60'
imds=$(cat "$tmp/body")
is "a token" 200 "$status"
get "$plain$folder/" -H "X-aliyun-ecs-metadata-token: $imds"
is "v2: the role" emulator-role "$(cat "$tmp/body")"
get "$plain$folder/" -H "X-aliyun-ecs-metadata-token: ${imds%??}xx"
is "v2: a wrong token" 401 "$status"
at 60
get "$plain$folder/" -H "X-aliyun-ecs-metadata-token: $imds"
is "v2: a token whose time is over" 401 "$status"
at 0
for ttl in 0 21601 x ''; do
    get "$plain/latest/api/token" -X PUT -H "X-aliyun-ecs-metadata-token-ttl-seconds: $ttl"
    is "a ttl of '$ttl'" 400 "$status"
done
get "$plain/latest/api/token"
is "a token by GET" 405 "$status"
get "$plain/"
is "another path" 404 "$status"
get "$plain/credentials"
keep
is "the credentials URI" Success "$code"
as_session "its credential" 200 ""
get "$plain/" --http1.0
is "HTTP/1.0" 505 "$status"
check "metadata is in the log, without secrets" grep -q ' action=MetadataCredentials .* status=404 ' "$tmp/log"

printf 'uri-token\n' >"$tmp/uri"
printf 'the.oidc.token\n' >"$tmp/oidc-token"
start --clock-file "$tmp/clock" --metadata --metadata-v2-only --metadata-role other --sts-lifetime 2 \
    --credentials-uri-token-file "$tmp/uri" --oidc-token-file "$tmp/oidc-token"
plain=$(sed -n 's/.* METADATA=\(.*\)$/\1/p' "$tmp/ready")
get "$plain$folder/"
is "--metadata-v2-only" 403 "$status"
get "$plain/latest/api/token" -X PUT -H 'X-aliyun-ecs-metadata-token-ttl-seconds: 21600'
imds=$(cat "$tmp/body")
get "$plain$folder/other" -H "X-aliyun-ecs-metadata-token: $imds"
keep
is "--metadata-role, --sts-lifetime" 2026-03-19T08:00:02Z "$expiration"
at 2
as_session "after --sts-lifetime" 400 InvalidSecurityToken.Expired
at 0
get "$plain/credentials"
is "--credentials-uri-token-file: none" 403 "$status"
get "$plain/credentials?token=uri-tokem"
is "--credentials-uri-token-file: another" 403 "$status"
get "$plain/credentials?token=uri-token"
is "--credentials-uri-token-file" 200 "$status"
oidc
expect "--oidc-token-file: another" 400 AuthenticationFail.OIDCToken.Invalid
oidc OIDCToken=the.oidc.token
keep
is "--sts-lifetime shortens it" 2026-03-19T08:00:02Z "$expiration"
expect "--oidc-token-file" 200 ""

#---- faults of the plain port; only lines that name it ---------------------------------------------
cat >"$tmp/script" <<'SCRIPT'
* * error=InternalError
MetadataToken * hang-before
MetadataToken * error=ServiceUnavailable
MetadataCredentials reset-before
MetadataCredentials bad-json
CredentialsUri html502
CredentialsUri cut-reply=30
CredentialsUri empty-200
SCRIPT
start --metadata --faults "$tmp/script"
plain=$(sed -n 's/.* METADATA=\(.*\)$/\1/p' "$tmp/ready")
ask_token() { get "$plain/latest/api/token" -X PUT -H 'X-aliyun-ecs-metadata-token-ttl-seconds: 60' --max-time 1; }
ask_token
is "hang-before" 28 "$exit_code"
ask_token
is "error: its status" 503 "$status"
ask_token
is "and then" 200 "$status"
get "$plain$folder/"
is "reset-before" 56 "$exit_code"
get "$plain$folder/emulator-role"
check "bad-json" sh -c 'grep -q "^{" "$1" && ! grep -q "}$" "$1"' - "$tmp/body"
get "$plain/credentials"
is "html502" 502 "$status"
get "$plain/credentials"
is "cut-reply" 56 "$exit_code"
get "$plain/credentials"
is "empty-200" "200 0" "$status $(wc -c <"$tmp/body" | tr -d ' ')"
get "$plain/credentials"
is "and then" Success "$code"
check "the log tells of them" grep -q ' action=CredentialsUri .* fault=cut-reply ' "$tmp/log"
action=ListSites method=GET
call
expect "a line for all is left for the service" 500 InternalError
finish
