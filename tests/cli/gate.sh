#!/bin/sh
# certprep gate: 30 planted defects are found in a tree, and nothing else; pairs are found by key.
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
root=$tmp/tree
mkdir "$root"
: >"$tmp/want"
certs_of() { awk '/BEGIN CERT/ { p = 1 } p { print } /END CERT/ { p = 0 }' "$1"; }
keys_of() { awk '/BEGIN.*PRIVATE KEY/ { p = 1 } p { print } /END.*PRIVATE KEY/ { p = 0 }' "$1"; }
want() { printf '%s %s\n' "$1" "$2" >>"$tmp/want"; } # want FILE RULE
# plant RULE NAME: the certificates of bad/NAME.pem, in a folder of their own
plant() {
    mkdir -p "$root/sites/$2"
    certs_of "$certs/bad/$2.pem" >"$root/sites/$2/fullchain.pem"
    want "sites/$2/fullchain.pem" "$1"
}
# 1-20: certificates and chains
plant CP0501 der-explicit-false
plant CP0404 der-inner-algorithm
plant CP0201 expired-cross-sign-only
plant CP0413 intermediate-client-auth-only
plant CP0413 leaf-client-auth-only
plant CP0201 leaf-expired
plant CP0201 leaf-expired-one-second
plant CP0203 leaf-expires-in-10-days
plant CP0202 leaf-not-yet-valid
plant CP0415 leaf-unknown-critical
plant CP0420 leaf-usage-cert-sign
plant CP0401 missing-second-intermediate
plant CP0414 name-constraints-excluded
plant CP0302 no-san
plant CP0408 path-length
plant CP0409 foreign-certificate
plant CP0502 profile-serial-negative
plant CP0303 san-inner-wildcard
plant CP0405 self-signed-leaf
plant CP0417 signature-ecdsa-sha3
# 21: a key in clear, in the file of its certificate
mkdir -p "$root/live" "$root/deploy" "$root/src" "$root/infra" "$root/old"
cp "$certs/good/rsa-bundle.pem" "$root/live/rsa.pem"
want live/rsa.pem CP0901
# 22, 23: an encrypted key, and one of another program
cp "$certs/good/ec-key-pkcs8-pbkdf2.pem" "$root/old/backup.key"
want old/backup.key CP0902
cp "$certs/bad/pem-openssh-key-only.pem" "$root/old/deploy_key"
want old/deploy_key CP0901
openssl genpkey -algorithm ed25519 -out "$tmp/other.key" 2>/dev/null
# 24: a Secret whose key is another certificate's (the keys are findings, too: allowed by path)
secret() { # secret NAME CRT KEY
    printf 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\ntype: kubernetes.io/tls\ndata:\n' "$1"
    printf '  tls.crt: %s\n  tls.key: %s\n' "$(certs_of "$2" | base64 -w0)" "$(keys_of "$3" | base64 -w0)"
}
{
    echo '# a comment that moves the lines'
    secret sound "$certs/good/idn-bundle.pem" "$certs/good/idn-bundle.pem"
    echo ---
    secret mixed-up "$certs/good/ip-bundle.pem" "$tmp/other.key"
} >"$root/deploy/tls.yaml"
want deploy/tls.yaml CP0101
# 25: a key in a program's source, as joined strings
{
    echo 'static const char key[] ='
    keys_of "$certs/good/ec-leading-zero-bundle.pem" | sed 's/.*/    "&\\n"/'
    echo ';'
} >"$root/src/config.c"
want src/config.c CP0901
# 26: a key in Terraform's state, with escapes
keys_of "$certs/good/long-lines-bundle.pem" | jq -Rs '{resources: [{private_key_pem: .}]}' >"$root/infra/terraform.tfstate"
want infra/terraform.tfstate CP0901
# 27: a pair whose key is another's
mkdir "$root/pair"
certs_of "$certs/good/ed25519-bundle.pem" >"$root/pair/site.crt"
openssl genpkey -algorithm ed25519 -out "$root/pair/site.key" 2>/dev/null
want pair/site.crt CP0101
want pair/site.crt CP0605 # its key is of Ed25519, too
# 28, 29: text that is broken
mkdir "$root/broken"
certs_of "$certs/bad/pem-bad-character.pem" >"$root/broken/character.pem"
want broken/character.pem CP0003
certs_of "$certs/bad/pem-line-missing.pem" >"$root/broken/line.pem"
want broken/line.pem CP0004
# 30: a keystore that can't be read
cp "$certs/bad/keystore.jks" "$root/broken/keystore.jks"
want broken/keystore.jks "$(cd "$certs" && "$certprep" check -f json --at 2026-06-01 bad/keystore.jks | jq -r '.findings[0].rule')"
# What is sound, or no business of the gate.
mkdir "$root/sound" "$root/docs"
cp "$certs/good/ec-fullchain.pem" "$root/sound/"
cp "$certs/bad/pem-csr-only.pem" "$root/sound/request.csr"
cp "$certs/bad/pem-public-key-only.pem" "$root/sound/public.txt"
printf 'Paste it so:\n-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n' >"$root/docs/manual.md"
head -c 300000 /dev/urandom >"$root/docs/picture.png"

allow="--allow-key deploy/tls.yaml --allow-key ./pair/site.key"
cd "$root" || exit 3
# shellcheck disable=SC2086  # words on purpose
gate() { "$certprep" gate $at $allow "$@"; }
run 1 "gate of the tree" gate -f ndjson .
findings() { jq -r 'select(.findings) | .findings[] | select(.severity != "note") | "\(.file) \(.rule)"' "$1" |
    sed 's|^\./||' | sort; }
findings "$tmp/out" >"$tmp/got"
sort "$tmp/want" >"$tmp/sorted"
ok "30 are planted" [ "$(cut -d" " -f1 "$tmp/want" | sort -u | wc -l)" = 30 ]
ok "30 planted, all found, none extra" diff "$tmp/sorted" "$tmp/got"
diff "$tmp/sorted" "$tmp/got" | sed 's/^/    /'
line_of() { grep -n -- "$1" "$2" | sed -n "${3:-1}p" | cut -d: -f1; }
ok "the line of a key in C" [ "$(jq -r 'select(.findings) | .findings[] | select(.file | endswith("config.c")) | select(.rule == "CP0901") | .line' "$tmp/out")" = "$(line_of BEGIN src/config.c)" ]
ok "the line of a key in a Secret" [ "$(jq -r 'select(.findings) | .findings[] | select(.rule == "CP0101") | select(.file | endswith("tls.yaml")) | .line' "$tmp/out")" = "$(line_of tls.crt deploy/tls.yaml 2)" ]

# exit codes and selection
run 0 "a sound file" gate sound
run 0 "nothing to judge" gate docs
run 3 "an empty folder" sh -c 'mkdir empty; exec "$0" gate empty' "$certprep"
run 3 "a file that is not there" gate nowhere
says out "nowhere"
run 2 "no operand" "$certprep" gate
run 0 "exit-zero" gate --exit-zero live
run 1 "include" gate --include '*.tfstate' .
run 0 "exclude by folder" gate --exclude sites --exclude live --exclude 'old/*' --exclude deploy --exclude src \
    --exclude infra --exclude pair --exclude broken .
find live sound -type f -print0 >"$tmp/list0"
run 1 "files-from, NUL" gate --files-from "$tmp/list0"
find sound -type f >"$tmp/list"
run 0 "files-from, lines" gate --files-from "$tmp/list"
sh -c 'exec "$0" gate --trust none - <"$1" >"$2"' "$certprep" live/rsa.pem "$tmp/stdin" 2>/dev/null
ok "standard input" grep -q 'CP0901' "$tmp/stdin"
spki=$(keys_of live/rsa.pem | openssl pkey -pubout -outform DER 2>/dev/null | sha256sum | cut -d' ' -f1)
run 0 "allow by digest" gate --allow-key "sha256:$spki" live
run 1 "allow by another's digest" gate --allow-key "sha256:$(printf %064d 0)" live
run 0 "allow by path" gate --allow-key live/rsa.pem live
run 2 "standard input twice" gate - -
for format in json sarif junit github gitlab prometheus; do
    run 1 "format $format" gate -f $format .
done
run 1 "report" gate --report "json=$tmp/report.json" .
ok "the report is JSON" jq -e . "$tmp/report.json"

# pairs: an encrypted key is opened by the pass phrase, and fits
mkdir "$tmp/pair"
cp "$certs/good/ec-fullchain.pem" "$tmp/pair/a.pem"
cp "$certs/good/ec-key-pkcs8-pbkdf2.pem" "$tmp/pair/b.pem"
printf 'wrong\n' >"$tmp/wrong"
# shellcheck disable=SC2086
run 0 "a wrong pass phrase leaves it encrypted" "$certprep" gate $at --passphrase-file "$tmp/wrong" "$tmp/pair"
says out CP0902
finish
