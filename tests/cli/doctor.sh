#!/bin/sh
# certprep doctor: what it says of this machine is so, and what is missing is a warning with a way out.
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
unset ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET
export HOME="$tmp/home" LC_ALL=C.UTF-8
mkdir "$HOME"
line() { jq -e ".checks[] | select(.name == \"$1\") | $2" "$tmp/out"; }

"$certprep" doctor --json >"$tmp/first" 2>/dev/null
run "$(jq '[.warnings, 1] | min' "$tmp/first")" "doctor in JSON" "$certprep" doctor --json
silent err
ok "one line for each" jq -e '[.checks[].name] == ["certprep", "openssl", "legacy-provider", "libcurl",
    "sqlite", "c-ares", "trust-store", "clock", "locked-memory", "core-dumps", "locale", "credential"]' "$tmp/out"
ok "warnings are counted" jq -e '([.checks[] | select(.result == "warn")] | length) == .warnings' "$tmp/out"
ok "a warning has a next step" jq -e 'all(.checks[]; .result == "ok" or (.help | length) > 10)' "$tmp/out"
ok "its version" line certprep "(.detail | startswith(\"$("$certprep" --version | cut -d' ' -f2),\"))"
ok "its number of checks" line certprep "(.detail | contains(\"$("$certprep" rules | wc -l) checks\"))"
ok "no core dumps" line core-dumps '.result == "ok"'
ok "UTF-8" line locale '.result == "ok" and .detail == "UTF-8"'
ok "no credential is no warning" line credential '.result == "ok" and .detail == "none is set up"'
store=/etc/ssl/certs/ca-certificates.crt
if [ -r $store ]; then
    ok "the store's anchors" line trust-store "(.detail | contains(\"$store: $(grep -c BEGIN $store) anchors\"))"
fi

run "$(jq '[.warnings, 1] | min' "$tmp/first")" "doctor" "$certprep" doctor
says out "OK    core-dumps"
run 2 "doctor takes no operand" "$certprep" doctor file
run 2 "doctor in another form" "$certprep" doctor --format yaml
says err "want text or json"

# the credential: where from, never what
export ALIBABA_CLOUD_ACCESS_KEY_ID=canary-id ALIBABA_CLOUD_ACCESS_KEY_SECRET=canary-secret-4711
run "$(jq '[.warnings, 1] | min' "$tmp/first")" "with a credential" "$certprep" doctor
says out "from environment, an access key"
unset ALIBABA_CLOUD_ACCESS_KEY_SECRET
run 1 "half a credential" "$certprep" doctor --json
ok "is a warning" line credential '.result == "warn" and (.detail | startswith("environment: "))'
unset ALIBABA_CLOUD_ACCESS_KEY_ID
run 1 "a profile that is nowhere" "$certprep" doctor --credential-profile nowhere
says out "WARN  credential"
run 0 "quiet" sh -c '"$1" doctor --quiet --credential-profile nowhere | grep -v "^ " | grep -vc WARN | grep -qx 0' sh "$certprep"

# a locale without UTF-8 is not a warning, but said
LC_ALL=C "$certprep" doctor --json >"$tmp/out"
ok "the C locale" line locale '.result == "ok" and (.help | contains("C.UTF-8"))'

is_asan() { nm -D "$certprep" 2>/dev/null | grep -q __asan; }
# memory that can't be locked: a right that root has whatever the limit; AddressSanitizer locks none
if ! is_asan && [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && setpriv --bounding-set -ipc_lock true 2>/dev/null; then
    run 1 "nothing may be locked" setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock prlimit --memlock=0:0 "$certprep" doctor --json
    ok "is a warning" line locked-memory '.result == "warn" and (.help | contains("LimitMEMLOCK"))'
else
    echo "SKIPPED in part: the limit of locked memory needs root, setpriv and no sanitizer"
fi
# a clock that is behind
if command -v faketime >/dev/null && ! is_asan; then
    run 1 "a clock of 2024" faketime "2024-01-01 00:00:00" "$certprep" doctor --json
    ok "is a warning" line clock '.result == "warn" and (.detail | startswith("2024-01-01T"))'
else
    echo "SKIPPED in part: faketime is not installed, or not for this build"
fi
finish
