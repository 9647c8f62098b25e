#!/bin/sh
# certprep whoami, and the whole chain of credentials, against the emulator's STS, metadata and credentials
# URI, real external commands and real files.
set -u
. "$(dirname "$0")/lib.sh"
home=$tmp/home
mkdir -p "$home/.aliyun" "$home/.alibabacloud" "$home/service"
HOME=$home
export HOME
# The machine that runs this may be an instance with a role of its own, and settings of its own.
export ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
unset ALIBABA_CLOUD_SECURITY_TOKEN ALIBABA_CLOUD_PROFILE ALIBABA_CLOUD_CONFIG_FILE \
    ALIBABA_CLOUD_CREDENTIALS_FILE ALIBABA_CLOUD_ROLE_ARN ALIBABA_CLOUD_OIDC_PROVIDER_ARN \
    ALIBABA_CLOUD_OIDC_TOKEN_FILE ALIBABA_CLOUD_CREDENTIALS_URI CREDENTIALS_DIRECTORY \
    ALIBABA_CLOUD_STS_REGION ALIBABA_CLOUD_ECS_METADATA ALIBABA_CLOUD_IMDSV1_DISABLED
echo canary-oidc-4712 >"$tmp/oidc-token"
echo canary-oidc-4712 >>"$secrets"

start_emulator --metadata --oidc-token-file "$tmp/oidc-token"
metadata=$(sed -n 's|.* METADATA=http://||p' "$tmp/ready")
sts=${endpoint#https://}
unset ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET
keys="ALIBABA_CLOUD_ACCESS_KEY_ID=canary-id ALIBABA_CLOUD_ACCESS_KEY_SECRET=canary-secret-4711"
whoami() { "$certprep" whoami --sts-endpoint "$sts" --ca-file "$ca" --metadata-endpoint "$metadata" "$@"; }
with() { # with NAME=VALUE... -- COMMAND...: functions don't go through env
    (
        while [ "$1" != -- ]; do export "${1?}"; shift; done
        shift
        "$@"
    )
}

# ---- the environment ----
# shellcheck disable=SC2086  # words
{
    run 0 "environment" with $keys -- whoami
    says out "source    environment"
    says out "key id    ca****"
    says out "account   1234567890123456"
    says out "acs:ram::1234567890123456:user/emulator (RAMUser)"
    silent err
    run 0 "json" with $keys -- whoami --json --explain
    ok "json is JSON" jq -e '.credential.source == "environment" and .credential.kind == "key" and
        .identity.account_id == "1234567890123456" and (.providers | length) == 7 and
        .providers[0].result == "answered" and .providers[6].result == "skipped"' "$tmp/out"
    run 0 "offline" with $keys -- whoami --offline
    ok "offline: nobody was asked" sh -c '! grep -q account "$1"' sh "$tmp/out"
    run 0 "proxy variables are not followed" with $keys https_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1 -- whoami
    run 3 "a proxy that is not there" with $keys -- whoami --proxy http://127.0.0.1:1
    run 2 "a proxy with a password" with $keys -- whoami --proxy http://u:canary-secret-4711@127.0.0.1:1
    run 3 "STS with another CA" with $keys -- "$certprep" whoami --sts-endpoint "$sts"
    says err "did not verify"
}
run 4 "STS refuses a wrong secret" with ALIBABA_CLOUD_ACCESS_KEY_ID=canary-id ALIBABA_CLOUD_ACCESS_KEY_SECRET=wrong -- whoami
says out "REFUSED by STS: SignatureDoesNotMatch"
run 4 "the same in JSON" with ALIBABA_CLOUD_ACCESS_KEY_ID=canary-id ALIBABA_CLOUD_ACCESS_KEY_SECRET=wrong -- whoami --json
ok "refusal in JSON" jq -e '.identity.refusal | startswith("SignatureDoesNotMatch")' "$tmp/out"
run 2 "nothing" whoami
says err "whoami --explain"
silent out
run 2 "nothing, explained" whoami --explain
says out "environment            absent   ALIBABA_CLOUD_ACCESS_KEY_ID"
says out "ecs-metadata           skipped  ALIBABA_CLOUD_ECS_METADATA_DISABLED is true"
run 2 "nothing, explained in JSON" whoami --explain --json
ok "json without a credential" jq -e '.credential == null and ([.providers[].result] | unique) == ["absent", "skipped"]' "$tmp/out"

# ---- the service manager's directory ----
printf 'canary-id\n' >"$home/service/alibaba-cloud-access-key-id"
printf 'canary-secret-4711\n' >"$home/service/alibaba-cloud-access-key-secret"
chmod 0400 "$home"/service/*
run 0 "credentials directory" with CREDENTIALS_DIRECTORY="$home/service" -- whoami
says out "source    credentials-directory"
run 0 "the environment comes first" with CREDENTIALS_DIRECTORY="$home/service" ALIBABA_CLOUD_ACCESS_KEY_ID=canary-id \
    ALIBABA_CLOUD_ACCESS_KEY_SECRET=canary-secret-4711 -- whoami
says out "source    environment"
chmod 0444 "$home/service/alibaba-cloud-access-key-secret"
run 2 "credentials directory for all to read" with CREDENTIALS_DIRECTORY="$home/service" -- whoami
says err "chmod 0600"

# ---- OIDC ----
oidc="ALIBABA_CLOUD_ROLE_ARN=acs:ram::1:role/my-role ALIBABA_CLOUD_OIDC_PROVIDER_ARN=acs:ram::1:oidc-provider/p"
# shellcheck disable=SC2086  # words
{
    run 0 "OIDC" with $oidc ALIBABA_CLOUD_OIDC_TOKEN_FILE="$tmp/oidc-token" -- whoami
    says out "source    oidc"
    says out "assumed-role/my-role/certprep-"
    says out "kind      temporary key"
    says out "minutes left)"
    run 2 "OIDC, half set" with $oidc -- whoami --explain
    says out "oidc                   failed   half set: ALIBABA_CLOUD_OIDC_TOKEN_FILE is not"
    echo canary-oidc-4712-other >"$tmp/other-token"
    run 3 "OIDC with another token" with $oidc ALIBABA_CLOUD_OIDC_TOKEN_FILE="$tmp/other-token" -- whoami
    says err "STS refused AssumeRoleWithOIDC: "
    run 2 "OIDC offline" with $oidc ALIBABA_CLOUD_OIDC_TOKEN_FILE="$tmp/oidc-token" -- whoami --offline
}

# ---- config.json ----
cat >"$home/get-keys" <<'END'
#!/bin/sh
tr '\0' '\n' </proc/self/environ >"$2"
tr '\0' '\n' </proc/$$/cmdline >>"$2"
echo "canary-secret-4711 on standard error" >&2
printf '{"mode": "AK", "access_key_id": "canary-id", "access_key_secret": "%s"}' "$(cat "$1")"
END
chmod 0700 "$home/get-keys"
write_config() {
    jq -n --arg uri "http://$metadata/credentials" --arg tokens "$tmp/oidc-token" \
        --arg command "'$home/get-keys' \"$tmp/access-key-secret\" $tmp/seen" '
        {access_key_id: "canary-id", access_key_secret: "canary-secret-4711"} as $key |
        {current: "ak", meta_path: "", profiles: [
            ($key + {name: "ak", mode: "AK", region_id: "cn-hangzhou"}),
            ($key + {name: "role", mode: "RamRoleArn", ram_role_arn: "acs:ram::1:role/r1",
                ram_session_name: "me", expired_seconds: 1800, policy: "{\"Version\": \"1\"}", external_id: "x y"}),
            {name: "chained", mode: "ChainableRamRoleArn", source_profile: "role",
                ram_role_arn: "acs:ram::1:role/r2", ram_session_name: "me"},
            {name: "external", mode: "External", process_command: $command},
            {name: "uri", mode: "CredentialsURI", credentials_uri: $uri},
            {name: "ecs", mode: "EcsRamRole"},
            {name: "ecs-named", mode: "EcsRamRole", ram_role_name: "emulator-role"},
            {name: "oidc", mode: "OIDC", ram_role_arn: "acs:ram::1:role/r3", ram_session_name: "pod",
                oidc_provider_arn: "acs:ram::1:oidc-provider/p", oidc_token_file: $tokens},
            {name: "sso", mode: "CloudSSO"}]}' >"$home/.aliyun/config.json"
    chmod 0600 "$home/.aliyun/config.json"
}
write_config
run 0 "config.json" whoami
says out "source    profile: ak (AK)"
run 0 "AssumeRole" whoami --profile role
says out "source    profile: role (RamRoleArn)"
says out "assumed-role/r1/me (AssumedRoleUser)"
run 0 "a role assumed with a role's key" whoami --credential-profile chained
says out "assumed-role/r2/me"
run 0 "External" whoami --profile external
says out "source    profile: external (External)"
ok "the command's environment and arguments hold no secret" sh -c '[ -s "$2" ] && ! grep -qFf "$1" "$2"' sh "$secrets" "$tmp/seen"
run 0 "External, where SIGCHLD came in ignored" env --ignore-signal=CHLD "$certprep" whoami --sts-endpoint "$sts" \
    --ca-file "$ca" --profile external
run 2 "External, offline" whoami --profile external --offline
run 0 "CredentialsURI" whoami --profile uri
says out "source    profile: uri (CredentialsURI)"
run 2 "EcsRamRole, switched off" whoami --profile ecs
says err "ALIBABA_CLOUD_ECS_METADATA_DISABLED is true"
run 0 "EcsRamRole" with ALIBABA_CLOUD_ECS_METADATA_DISABLED=false -- whoami --profile ecs
says out "assumed-role/emulator-role/"
run 0 "EcsRamRole, named" with ALIBABA_CLOUD_ECS_METADATA_DISABLED=false -- whoami --profile ecs-named
run 0 "OIDC by profile" whoami --profile oidc
says out "assumed-role/r3/pod"
run 2 "CloudSSO is named and refused" whoami --profile sso
says err "mode 'CloudSSO' is not supported"
run 2 "a profile that is not there" whoami --profile nobody --explain
says err "no file has the profile 'nobody'"
run 0 "ALIBABA_CLOUD_PROFILE" with ALIBABA_CLOUD_PROFILE=role -- whoami
says out "profile: role (RamRoleArn)"
run 2 "ALIBABA_CLOUD_PROFILE that is not there: no other identity" with ALIBABA_CLOUD_PROFILE=nobody \
    ALIBABA_CLOUD_CREDENTIALS_URI="http://$metadata/credentials" -- whoami
# shellcheck disable=SC2086  # words
run 0 "--profile is stronger than the environment's keys" with $keys -- whoami --profile role --explain
says out "profile                answered  role (RamRoleArn)"
chmod 0644 "$home/.aliyun/config.json"
run 2 "config.json for all to read" whoami
says err "chmod 0600"
chmod 0600 "$home/.aliyun/config.json"
run 2 "disabled" with ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true -- whoami --explain
says out "profile                skipped  ALIBABA_CLOUD_CLI_PROFILE_DISABLED is true"

# ---- Ctrl-C ends the command with all its children ----
printf '#!/bin/sh\nsleep 50 & echo $! >"%s"\nwait\n' "$tmp/child" >"$home/hang"
chmod 0700 "$home/hang"
jq --arg command "$home/hang" '.profiles[0] += {mode: "External", process_command: $command}' \
    "$home/.aliyun/config.json" >"$home/.aliyun/new" && mv "$home/.aliyun/new" "$home/.aliyun/config.json"
chmod 0600 "$home/.aliyun/config.json"
"$certprep" whoami >"$tmp/out" 2>"$tmp/err" &
pid=$! tries=0
until [ -s "$tmp/child" ] || [ $tries -gt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -TERM $pid
wait $pid
ok "interrupted: exit code 3" [ $? -eq 3 ]
name="interrupted"
says err "cancelled"
gone() { [ ! -d "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"; }
sleep 0.2
ok "interrupted: no child is left" gone "$(cat "$tmp/child")"
write_config

# ---- what they sign is taken ----
ids="--site-id 1234567890123 --record-id 4042843419650112 --ssl on --cert-type free"
for profile in ak role chained external uri ecs oidc; do
    # shellcheck disable=SC2086  # words
    run 0 "submit as $profile" with ALIBABA_CLOUD_ECS_METADATA_DISABLED=false -- "$certprep" submit --endpoint "$endpoint" --sts-endpoint "$sts" --ca-file "$ca" \
        --metadata-endpoint "$metadata" --credential-profile $profile $ids --hostname $profile.acme.example
    says out "ACCEPTED"
done
# shellcheck disable=SC2086  # words
run 0 "a dry run asks nobody for a key" "$certprep" submit --endpoint "$endpoint" --sts-endpoint 127.0.0.1:1 --ca-file "$ca" \
    --credential-profile role $ids --hostname dry.acme.example --dry-run

# ---- the ini file ----
rm "$home/.aliyun/config.json"
cat >"$home/.alibabacloud/credentials" <<'END'
[default]                 # the SDKs' shared file
type = access_key
access_key_id = canary-id
access_key_secret = canary-secret-4711
[role]
type = ram_role_arn
access_key_id = canary-id
access_key_secret = canary-secret-4711
role_arn = acs:ram::1:role/r4
role_session_name = me
[ecs]
type = ecs_ram_role
role_name = emulator-role
[rsa]
type = rsa_key_pair
END
chmod 0600 "$home/.alibabacloud/credentials"
run 0 "ini file" whoami
says out "source    credentials-file: default (access_key)"
run 0 "ini file, role" whoami --profile role
says out "assumed-role/r4/me"
run 0 "ini file, instance" with ALIBABA_CLOUD_ECS_METADATA_DISABLED=false -- whoami --profile ecs
run 2 "ini file, another type" whoami --profile rsa
says err "type 'rsa_key_pair' is not supported"
rm "$home/.alibabacloud/credentials"

# ---- metadata and URI ----
run 0 "instance" with ALIBABA_CLOUD_ECS_METADATA_DISABLED=false -- whoami
says out "source    ecs-metadata"
says out "assumed-role/emulator-role/"
run 3 "instance without that role" with ALIBABA_CLOUD_ECS_METADATA_DISABLED=false ALIBABA_CLOUD_ECS_METADATA=other -- whoami
says err "HTTP status 404"
run 0 "credentials URI" with ALIBABA_CLOUD_CREDENTIALS_URI="http://$metadata/credentials" -- whoami --explain
says out "credentials-uri        answered"
run 3 "credentials URI that is not there" with ALIBABA_CLOUD_CREDENTIALS_URI="http://$metadata/no" -- whoami
run 3 "credentials URI far away, in the clear" with ALIBABA_CLOUD_CREDENTIALS_URI="http://192.0.2.1/canary-secret-4711" -- whoami
says err "use https"
stop_emulator

start_emulator --metadata --metadata-v2-only --sts-lifetime 30
metadata=$(sed -n 's|.* METADATA=http://||p' "$tmp/ready")
sts=${endpoint#https://}
unset ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET
run 0 "instance, version 2 only" with ALIBABA_CLOUD_ECS_METADATA_DISABLED=false -- whoami
says out "(0 minutes left)"
run 0 "a key of 30 seconds is good for a call" with ALIBABA_CLOUD_ECS_METADATA_DISABLED=false -- \
    "$certprep" submit --endpoint "$endpoint" --ca-file "$ca" --metadata-endpoint "$metadata" \
    --site-id 1234567890123 --record-id 4042843419650112 --ssl off --hostname short.acme.example
stop_emulator
finish
