#!/bin/sh
# No secret gets out: every command runs with canaries (a private key, an access key's secret, a security
# token, a pass phrase) under strace. None of them may be in standard output and error, in any argument or in
# the environment of a child, in what is written to a file, a pipe or a socket (there only as TLS), in the
# journal, in a file that stays, or in a core dump. prepare's output is the one exception: it is the key.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || { echo "SKIPPED: no strace"; exit 77; }
strace -o /dev/null true 2>/dev/null || { echo "SKIPPED: strace may not trace here"; exit 77; }
if grep -qa __asan_init "$certprep"; then
    echo "SKIPPED: a sanitizer's program can be dumped, and its memory is not the product's"
    exit 77
fi
mkdir "$tmp/work" "$tmp/creds" "$tmp/dumps" && cd "$tmp/work" || exit 3
cp "$certs/good/ec-bundle.pem" "$certs/good/rsa-bundle.pem" "$certs/good/rsa-key-pkcs1-dek.pem" \
    "$certs/good/rsa-fullchain.pem" "$tmp/work/"
phrase=$(head -1 "$certs/good/passphrase.txt")
printf '%s\n' "$phrase" >"$tmp/phrase"
secret=canarySecretOfTheAccessKey4711 token=canarySecurityToken0815abcdefgh

# ---- the canaries: as text, as raw bytes, as strace -xx shows them
plain_key() { openssl pkey -in "$1" -passin "pass:$phrase" 2>/dev/null; }
text_of() { # windows of base64 without + / =, which an encoding would change
    for key in ec-bundle.pem rsa-bundle.pem rsa-key-pkcs1-dek.pem; do
        plain_key "$key" | grep -v -- '-----'
        openssl pkey -in "$key" -passin "pass:$phrase" -traditional 2>/dev/null | grep -v -- '-----'
        sed -n '/PRIVATE KEY/,/-----END/p' "$key" | grep -v -e '-----' -e :
    done | grep -oE '[A-Za-z0-9]{16,}' | cut -c1-16 | sort -u
    echo "$secret"
    echo "$token"
    echo "$phrase"
}
hex_of_numbers() { # d, p, q and the EC scalar: their first 12 bytes after leading zeros
    for key in ec-bundle.pem rsa-bundle.pem rsa-key-pkcs1-dek.pem; do
        plain_key "$key" | openssl pkey -text -noout 2>/dev/null |
            awk '/^(priv|privateExponent|prime1|prime2|exponent1|exponent2|coefficient):/ { on = 1; print ""; next }
                /^[^ ]/ { on = 0 } on { gsub(/[ :]/, ""); printf "%s", $0 } END { print "" }'
    done | sed 's/^\(00\)*//' | cut -c1-24 | grep -E '^[0-9a-f]{24}$' | sort -u
}
text_of >"$tmp/texts"
hex_of_numbers >"$tmp/numbers"
while read -r text; do printf '%s' "$text" | od -An -v -tx1 | tr -d ' \n'; echo; done <"$tmp/texts" >"$tmp/hex"
cat "$tmp/numbers" >>"$tmp/hex"
sed 's/\(..\)/\\x\1/g' "$tmp/hex" >"$tmp/traced"
ok "there are canaries" test "$(wc -l <"$tmp/texts")" -ge 40 -a "$(wc -l <"$tmp/numbers")" -ge 7

free_of() { # free_of NAME PATTERNS FILE...: none of the patterns is in the files
    what=$1 patterns=$2
    shift 2
    if LC_ALL=C grep -qaFf "$patterns" "$@" 2>/dev/null; then
        failed=$((failed + 1))
        echo "FAILED $what: a canary is in it"
        LC_ALL=C grep -naoFf "$patterns" "$@" | head -3
    else
        passed=$((passed + 1))
    fi
}
has_one() { ok "$1" env LC_ALL=C grep -qaFf "$2" "$3"; }

# traced CODE NAME COMMAND...: as run, and looks at all that it did.
calls=execve,write,writev,pwrite64,pwritev,sendto,sendmsg,sendmmsg,openat,open,rename,renameat,renameat2,link,linkat,unlinkat,mkdir,symlink,prctl,setsockopt
traced() {
    want=$1 name=$2
    shift 2
    strace -f -v -xx -y -s 100000 -e trace=$calls -o "$tmp/trace" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    code=$?
    if [ $code -ne "$want" ]; then
        failed=$((failed + 1))
        echo "FAILED $name: exit code $code, want $want"
        head -5 "$tmp/out" "$tmp/err"
    fi
    # The first execve is the test's own: the environment that it gave is no leak of the program's.
    sed 1d "$tmp/trace" | grep -v "${allowed:-^$}" >"$tmp/did"
    head -1 "$tmp/trace" | sed 's/\], \[.*//' >>"$tmp/did"
    free_of "$name, output" "$tmp/texts" "$tmp/out" "$tmp/err"
    free_of "$name, system calls" "$tmp/traced" "$tmp/did"
}
cli() { echo "'$certprep' $1 --endpoint $endpoint --ca-file $ca"; }

# The test can fail: what shows a key is found out.
strace -f -v -xx -y -s 100000 -e trace=$calls -o "$tmp/trace" sed '' ec-bundle.pem >"$tmp/out"
has_one "a key in the output is found" "$tmp/texts" "$tmp/out"
has_one "a key in a system call is found" "$tmp/traced" "$tmp/trace"
CANARY=$secret strace -f -v -xx -y -s 100000 -e trace=$calls -o "$tmp/trace" env true
ok "a secret in a child's environment is found" sh -c "sed 1d '$tmp/trace' | grep -qaFf '$tmp/traced' || grep -qaFf '$tmp/traced' '$tmp/trace'"
openssl pkey -in ec-bundle.pem -outform DER 2>/dev/null | od -An -v -tx1 | tr -d ' \n' >"$tmp/der"
has_one "a number in bytes is found" "$tmp/numbers" "$tmp/der"

# The program makes itself unreadable for others of its user: only root's strace still sees what it writes.
strace -f -v -xx -y -s 100000 -e trace=$calls -o "$tmp/trace" "$certprep" --version >"$tmp/out" 2>&1
if ! grep -q '^[0-9]* *write(1<.*"\\x63\\x65\\x72\\x74' "$tmp/trace"; then
    echo "SKIPPED: strace may not read the program's memory (it does as root)"
    exit 77
fi
start_emulator --cert-clock 1780272000
stop_emulator
printf '%s' "$secret" >"$tmp/access-key-secret"
printf '%s' "$token" >"$tmp/token"
start() {
    rm -f "$tmp/ready"
    "$emulator" --ca-out "$ca" --ready-file "$tmp/ready" --log "$log" --access-key-id canary-id \
        --access-key-secret-file "$tmp/access-key-secret" --security-token-file "$tmp/token" \
        --cert-clock 1780272000 "$@" >"$tmp/emulator.out" 2>&1 &
    emulator_pid=$!
    until [ -s "$tmp/ready" ]; do sleep 0.05; done
    endpoint=$(cut -d' ' -f2 "$tmp/ready")
    net="--endpoint $endpoint --ca-file $ca"
}
start
export ALIBABA_CLOUD_ACCESS_KEY_ID=canary-id ALIBABA_CLOUD_ACCESS_KEY_SECRET=$secret \
    ALIBABA_CLOUD_SECURITY_TOKEN=$token
place="--site acme.example --record origin.acme.example" site="--site acme.example"
upload="--ssl on --cert-type upload --hostname shop.acme.example $at"

traced 0 "check" "$certprep" check $at --hostname shop.acme.example ec-bundle.pem
traced 0 "check, JSON" "$certprep" check $at --format json rsa-bundle.pem
traced 0 "check of an encrypted key" "$certprep" check $at --passphrase-file "$tmp/phrase" --cert rsa-fullchain.pem --key rsa-key-pkcs1-dek.pem
traced 1 "check of a key of another certificate" "$certprep" check $at --cert rsa-fullchain.pem --key ec-bundle.pem
traced 0 "inspect" "$certprep" inspect --passphrase-file "$tmp/phrase" ec-bundle.pem rsa-key-pkcs1-dek.pem
# What prepare writes is the key, into its own directory and nowhere else.
allowed="^[0-9]* *p\?write[v64]*([0-9]*<[^>]*$(printf '%s' "$tmp/work/prepared" | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\\\x/g')"
traced 0 "prepare" "$certprep" prepare $at --target nginx -o "$tmp/work/prepared" ec-bundle.pem
unset allowed
ok "prepare did write it" sh -c "grep -qaFf '$tmp/texts' -r '$tmp/work/prepared'"
rm -rf "$tmp/work/prepared"
traced 0 "prepare, dry run with a diff" "$certprep" prepare $at --target nginx -o "$tmp/work/none" --dry-run --diff ec-bundle.pem

traced 0 "submit, dry run" "$certprep" submit $net $place $upload --dry-run ec-bundle.pem
traced 0 "submit, upload" "$certprep" submit $net $place $upload --records-file records ec-bundle.pem
traced 0 "submit, upload of RSA in the body, JSON" "$certprep" submit $net $place $upload --ensure --update --params-in form --json rsa-bundle.pem
traced 0 "submit, free" "$certprep" submit $net $place --ssl on --cert-type free --hostname free.shop.example --wait=records
traced 0 "update" "$certprep" update $net $site $upload ec-bundle.pem
traced 0 "status" "$certprep" status $net $site shop.acme.example free.shop.example
# GetCustomHostname's reply has the private key in it.
traced 0 "status of the certificate" "$certprep" status $net $site shop.acme.example --certificate --json
traced 0 "list" "$certprep" list $net $site
traced 0 "sites" "$certprep" sites $net
traced 0 "records: AuthConf has credentials" "$certprep" records $net $site --json
traced 0 "verify" "$certprep" verify $net $site shop.acme.example
traced 0 "delete" "$certprep" delete $net $site free.shop.example --yes
traced 0 "whoami" "$certprep" whoami --explain --offline
traced 0 "whoami, asked" "$certprep" whoami --explain --json --sts-endpoint "${endpoint#https://}" --ca-file "$ca"
traced 3 "no server" "$certprep" submit --endpoint 127.0.0.1:1 --site-id 1 --record-id 1 $upload --retry 0 ec-bundle.pem
traced 2 "a key where a file belongs" "$certprep" check "$(plain_key ec-bundle.pem >/dev/null; echo x)" --nosuch
if "$certprep" onboard --help >/dev/null 2>&1; then
    printf 'hostname,site,record,cert_type,cert,key\nwww.acme.example,acme.example,origin.acme.example,upload,ec-bundle.pem,ec-bundle.pem\n' >rows.csv
    traced 0 "onboard, plan" "$certprep" onboard rows.csv $net --at 2026-06-01 --trust "$certs/trust/all.pem" --journal journal
    traced 0 "onboard, apply" "$certprep" onboard rows.csv $net --at 2026-06-01 --trust "$certs/trust/all.pem" --journal journal --apply --report report.csv
    ok "onboard has a journal" test -s journal
    for file in journal*; do
        free_of "$file" "$tmp/texts" "$file"
        od -An -v -tx1 "$file" | tr -d ' \n' >"$tmp/journal.hex"
        free_of "$file, numbers" "$tmp/numbers" "$tmp/journal.hex"
    done
    free_of "report" "$tmp/texts" report.csv
fi
stop_emulator
for fault in echo-signature html502-after reset-after cut-json; do
    start --fault $fault*9
    code=5
    [ $fault != echo-signature ] || code=4
    traced $code "submit, $fault" "$certprep" submit $net --site-id 1234567890123 --record-id 4042843419650112 $upload --retry 0 ec-bundle.pem
    stop_emulator
done

# ---- a child gets no secret: the External provider's program sees neither arguments nor environment of ours
cat >"$tmp/external" <<END
#!/bin/sh
env >'$tmp/child.env'
tr '\\0' ' ' <"/proc/\$PPID/cmdline" >'$tmp/parent.cmdline'
echo '{"mode": "StsToken", "access_key_id": "canary-id", "access_key_secret": "$secret", "sts_token": "$token"}'
END
chmod 700 "$tmp/external"
cat >"$tmp/config.json" <<END
{"current": "x", "profiles": [{"name": "x", "mode": "External", "process_command": "$tmp/external"}]}
END
chmod 600 "$tmp/config.json"
start
export ALIBABA_CLOUD_CONFIG_FILE="$tmp/config.json"
# What the program itself prints, into the pipe, is no leak.
allowed='^[0-9]* *write(1<\\x70\\x69\\x70\\x65'
traced 0 "a credential of a program" "$certprep" submit $net $place $upload --credential-profile x ec-bundle.pem
unset ALIBABA_CLOUD_CONFIG_FILE allowed
ok "the program was run" test -s "$tmp/child.env"
free_of "the child's environment, the parent's command line" "$tmp/texts" "$tmp/child.env" "$tmp/parent.cmdline"

# ---- what stays behind
rm -f "$tmp/work/ec-bundle.pem" "$tmp/work/rsa-bundle.pem" "$tmp/work/rsa-key-pkcs1-dek.pem" "$tmp/work/rsa-fullchain.pem"
free_of "files that stay" "$tmp/texts" -r "$tmp/work"
cp "$certs/good/ec-bundle.pem" "$tmp/work/"

# ---- core dumps. While the request is out libcurl and TLS hold copies of the key, and the dump has none of
# the memory (coredump_filter). Between two looks at the service it was sent and is still held: then not even a
# dump of all memory has it, but for pages that are marked as not to be dumped. The credential comes from files,
# since the environment is on every process's stack.
dump() { # dump FILTER ACTION EMULATOR-OPTION...: sets core, or leaves it empty; ends the program
    filter=$1 action=$2 core=
    shift 2
    start "$@"
    rm -f "$log"
    CREDENTIALS_DIRECTORY="$tmp/creds" "$certprep" submit $net --site-id 1234567890123 --record-id 4042843419650112 \
        $upload --ensure --update --wait --poll 60 ec-bundle.pem >"$tmp/out" 2>"$tmp/err" &
    pid=$!
    tries=0
    until grep -q "action=$action" "$log" 2>/dev/null || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
    sleep 0.5
    ok "no core by itself" grep -q 'Max core file size  *0 ' "/proc/$pid/limits"
    gdb -p $pid -batch -ex "set use-coredump-filter $filter" -ex "generate-core-file $tmp/dumps/core.$action" \
        >"$tmp/gcore.out" 2>&1
    [ ! -s "$tmp/dumps/core.$action" ] || core=$tmp/dumps/core.$action
    [ -n "$core" ] || echo "SKIPPED in part: gdb may not dump here: $(tail -1 "$tmp/gcore.out")"
    kill -INT $pid
    wait $pid
    stop_emulator
}
stop_emulator
if ! command -v gdb >/dev/null; then
    echo "SKIPPED in part: no gdb"
else
    printf canary-id >"$tmp/creds/alibaba-cloud-access-key-id"
    printf '%s' "$secret" >"$tmp/creds/alibaba-cloud-access-key-secret"
    printf '%s' "$token" >"$tmp/creds/alibaba-cloud-security-token"
    chmod 600 "$tmp"/creds/*
    unset ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET ALIBABA_CLOUD_SECURITY_TOKEN
    echo 'CreateCustomHostname * hang-after' >"$tmp/script"
    dump on CreateCustomHostname --faults "$tmp/script"
    if [ -n "$core" ]; then
        free_of "core dump during the creation" "$tmp/texts" "$core"
        od -An -v -tx1 "$core" | tr -d ' \n' >"$tmp/dumps/hex"
        free_of "core dump during the creation, numbers" "$tmp/numbers" "$tmp/dumps/hex"
    fi
    dump off VerifyCustomHostname --verify after=1000
    if [ -n "$core" ]; then
        ok "the dump has the program's memory" grep -qaF '_esa_custom_hostname.shop.acme.example' "$core"
        free_of "core dump after it" "$tmp/texts" "$core"
        od -An -v -tx1 "$core" | tr -d ' \n' >"$tmp/dumps/hex"
        free_of "core dump after it, numbers" "$tmp/numbers" "$tmp/dumps/hex"
    fi
fi
finish
