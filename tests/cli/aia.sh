#!/bin/sh
# Completing chains: a folder of intermediates, and --aia against a real HTTP server on loopback,
# with everything that can go wrong with a fetch. The certificates name the server's port, so they
# are made here, by openssl. TEST ONLY.
# shellcheck disable=SC2086  # $at is words
set -u
. "$(dirname "$0")/lib.sh"
server=$(realpath "$3")/tests/http_server
[ -x "$server" ] || { echo "FAILED: no $server"; exit 1; }
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed (apt-get install openssl)"; exit 77; }
www=$tmp/www log=$tmp/http.log
mkdir "$www"
: >"$log"
# Starts the server anew: sets port and base. lib.sh ends it.
serve() {
    [ -z "$emulator_pid" ] || stop_emulator
    rm -f "$tmp/port"
    "$server" "$www" "$tmp/port" "$log" &
    emulator_pid=$! tries=0
    until [ -s "$tmp/port" ]; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { echo "FAILED: no server"; exit 1; }
        sleep 0.05
    done
    port=$(cat "$tmp/port")
    base=http://127.0.0.1:$port
}
serve
cd "$tmp" || exit 3

# ---- certificates ----

# key NAME
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
# issue FILE KEY SUBJECT ISSUER EXTENSION...: FILE.pem, signed by ISSUER's key under ISSUER's name.
issue() {
    new=$1 new_key=$2 subject=$3 issuer=$4
    shift 4
    [ -e "$new_key.key" ] || key "$new_key"
    printf '%s\n' "$@" >"$new.ext"
    openssl req -new -key "$new_key.key" -subj "/CN=$subject" -out "$new.csr" 2>/dev/null &&
        openssl x509 -req -in "$new.csr" -CA "$issuer.pem" -CAkey "$issuer.key" -days 90 \
            -set_serial "0x$(openssl rand -hex 8 | sed 's/^./4/')" -extfile "$new.ext" \
            -out "$new.pem" 2>/dev/null || { echo "FAILED: openssl can't make $new.pem"; exit 1; }
}
ca='basicConstraints=critical,CA:TRUE'
# leaf FILE ISSUER URL...: a leaf that names each URL as its issuer's certificate.
leaf() {
    leaf_file=$1 leaf_issuer=$2 info=
    shift 2
    for url; do info="$info${info:+,}caIssuers;URI:$url"; done
    issue "$leaf_file" leaf-key shop.acme.example "$leaf_issuer" \
        'subjectAltName=DNS:shop.acme.example' ${info:+"authorityInfoAccess=OCSP;URI:http://ocsp.invalid/,$info"}
}
key root
openssl req -new -x509 -key root.key -subj /CN=root -days 90 -addext "$ca" -out root.pem 2>/dev/null
issue i1 i1 i1 root "$ca"
issue impostor impostor i1 root "$ca" # the name of i1, another key
openssl x509 -in i1.pem -outform DER -out "$www/i1.der"
cp i1.pem "$www/i1.pem"
openssl x509 -in impostor.pem -outform DER -out "$www/impostor.der"
openssl crl2pkcs7 -nocrl -certfile i1.pem -certfile impostor.pem -outform DER -out "$www/both.p7c"
openssl crl2pkcs7 -nocrl -certfile i1.pem -outform PEM -out "$www/i1.p7b"
printf '<!DOCTYPE html><html><body>Please log in</body></html>\n' >"$www/page.html"
printf 'garbage' >"$www/garbage"
cat i1.key >"$www/key.pem"

check="$certprep check --trust root.pem --min-days 0"
# asks N: the server got N requests since the last call.
asks() {
    got=$(grep -c '^GET ' "$log") was=$name
    ok "$name: $1 requests, got $got" test "$got" = "$1"
    : >"$log"
    name=$was
}

# ---- what is found ----

for file in i1.der i1.pem i1.p7b both.p7c; do
    leaf "leaf-$file" i1 "$base/$file"
    run 0 "$file is found" $check --aia --aia-allow-private "leaf-$file.pem"
    says out "warning[CP0418]"
    says out "it comes from $base/$file"
    says out "leaf -> i1 -> root (root.pem)"
    asks 1
done
says err "1 certificate dropped: not the issuer of CN=shop.acme.example"
run 0 "json" $check --aia --aia-allow-private --format json leaf-i1.der.pem
ok "json" jq -e '.verdict == "READY_WITH_WARNINGS" and .findings[0].rule == "CP0418"' "$tmp/out"
silent err
: >"$log"

# nothing is fetched that need not be
run 1 "without --aia" $check leaf-i1.der.pem
says out "CP0401"
silent err
asks 0
cat leaf-i1.der.pem i1.pem >complete.pem
run 0 "the chain is complete" $check --aia --aia-allow-private complete.pem
ok "nothing is added" sh -c "! grep -q CP0418 '$tmp/out'"
asks 0
mkdir folder
cp i1.pem folder/
run 0 "the folder has it" $check --aia --aia-allow-private --intermediates folder leaf-i1.der.pem
says out "it comes from folder/i1.pem"
asks 0
cat leaf-i1.der.pem impostor.pem >forged.pem
run 0 "an impostor in the input" $check --aia --aia-allow-private forged.pem
says out "it comes from $base/i1.der"
asks 1

# the request: plain, no credential, and neither proxy variables nor .netrc are followed
printf 'machine 127.0.0.1 login user password canary-secret-4711\n' >"$tmp/.netrc"
chmod 600 "$tmp/.netrc"
run 0 "environment" env HOME="$tmp" http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1 \
    all_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 $check --aia --aia-allow-private leaf-i1.der.pem
ok "the request line" grep -q '^GET /i1.der HTTP/1.1' "$log"
ok "no other header" sh -c "! grep -i -v -e '^GET ' -e '^Host: ' -e '^Accept: ' -e '^.\$' -e '^\$' '$log'"
asks 1

# a second one, since the first fails
leaf leaf-two i1 "$base/nowhere.der" "$base/i1.der"
run 0 "the second URL" $check --aia --aia-allow-private leaf-two.pem
says err "$base/nowhere.der: HTTP status 404"
asks 2
leaf leaf-ldap i1 "ldap:///CN=i1?cACertificate?base" "$base/i1.der"
run 0 "ldap first" $check --aia --aia-allow-private leaf-ldap.pem
says err "not fetched: ldap is not spoken"
asks 1

# several, one above the other
issue deep4 deep4 deep4 root "$ca"
issue deep3 deep3 deep3 deep4 "$ca" "authorityInfoAccess=caIssuers;URI:$base/deep4.pem"
issue deep2 deep2 deep2 deep3 "$ca" "authorityInfoAccess=caIssuers;URI:$base/deep3.pem"
issue deep1 deep1 deep1 deep2 "$ca" "authorityInfoAccess=caIssuers;URI:$base/deep2.pem"
issue deep0 deep0 deep0 deep1 "$ca" "authorityInfoAccess=caIssuers;URI:$base/deep1.pem"
cp deep?.pem "$www/"
leaf leaf-deep1 deep1 "$base/deep1.pem"
run 0 "four are fetched" $check --aia --aia-allow-private leaf-deep1.pem
says out "leaf -> deep1 -> deep2 -> deep3 -> deep4 -> root"
asks 4
leaf leaf-deep0 deep0 "$base/deep0.pem"
run 1 "five are not" $check --aia --aia-allow-private leaf-deep0.pem
says out "CP0401"
says err "$base/deep4.pem: not fetched: 4 fetches are the maximum"
asks 4
cat deep0.pem deep1.pem deep2.pem deep3.pem deep4.pem >all.pem
openssl crl2pkcs7 -nocrl -certfile all.pem -outform DER -out "$www/deep.p7c"
leaf leaf-p7 deep0 "$base/deep.p7c"
run 0 "the whole chain in one PKCS#7" $check --aia --aia-allow-private leaf-p7.pem
ok "five were added" test "$(grep -c 'warning\[CP0418\]' "$tmp/out")" = 5
asks 1

# ---- what goes wrong: a note, and CP0401 as without --aia ----

# wrong WHAT URL TEXT REQUESTS
wrong() {
    leaf leaf-wrong i1 "$2"
    run 1 "$1" $check --aia --aia-allow-private leaf-wrong.pem
    says out "error[CP0401]"
    says err "$3"
    asks "$4"
}
wrong "404" "$base/nowhere.der" "HTTP status 404" 1
wrong "too large" "$base/large/i1.der" "the reply is over 64 KiB" 1
wrong "too large, chunked" "$base/chunked/i1.pem" "the reply is over 64 KiB" 1
wrong "too many headers" "$base/headers/i1.der" "the reply is over 64 KiB" 1
wrong "redirect" "$base/redirect/i1.der" "redirects are not followed" 1
wrong "HTML" "$base/page.html" "the reply holds no certificate" 1
wrong "garbage" "$base/garbage" "the reply holds no certificate" 1
wrong "a key" "$base/key.pem" "the reply holds no certificate" 1
wrong "empty" "$base/none/i1.der" "the reply is empty" 1
wrong "cut" "$base/cut/i1.der" "the connection closed before the reply's end" 1
wrong "an impostor" "$base/impostor.der" "1 certificate dropped: not the issuer of CN=shop.acme.example" 1
wrong "https" "https://127.0.0.1:$port/i1.der" "not fetched: https would need" 0
wrong "ldap" "ldap://127.0.0.1:$port/CN=i1" "not fetched: ldap is not spoken" 0
wrong "user name" "http://user:word@127.0.0.1:$port/i1.der" "not fetched: it has a user name" 0
wrong "nobody listens" "http://127.0.0.1:1/i1.der" "the connection was refused" 0
wrong "no such host" "http://nowhere.invalid/i1.der" "the host's name has no address" 0
wrong "terminal escapes" "$base/$(printf '\033')[31m" "not fetched: it has a character that no URL has" 0
ok "no escape byte" sh -c "! LC_ALL=C grep -q '$(printf '\033')' '$tmp/err'"
start=$(date +%s)
wrong "slow" "$base/slow/i1.der" "not done within 10 seconds" 1
seconds=$(($(date +%s) - start))
ok "slow: $seconds seconds" test $seconds -ge 9 -a $seconds -le 15
serve # the first one may still be sending slowly

# round and round: a certificate that names itself, and two that name each other
issue self self self root "$ca" "authorityInfoAccess=caIssuers;URI:$base/self.pem"
issue loop-a loop-a a root "$ca" "authorityInfoAccess=caIssuers;URI:$base/loop-b.pem"
issue loop-b loop-b b loop-a "$ca" "authorityInfoAccess=caIssuers;URI:$base/loop-a.pem"
issue loop-a loop-a a loop-b "$ca" "authorityInfoAccess=caIssuers;URI:$base/loop-b.pem"
issue self self self self "$ca" "authorityInfoAccess=caIssuers;URI:$base/self.pem"
cp self.pem loop-a.pem loop-b.pem "$www/"
leaf leaf-self self "$base/self.pem"
run 1 "it names itself" $check --aia --aia-allow-private leaf-self.pem
asks 1
leaf leaf-loop loop-a "$base/loop-a.pem"
run 1 "two that name each other" $check --aia --aia-allow-private leaf-loop.pem
says out "CP0401"
asks 2

# ---- private addresses, and other ports ----

leaf leaf-private i1 "$base/i1.der"
run 1 "another port" $check --aia leaf-private.pem
says err "not fetched: its port is not 80"
says out "CP0401"
asks 0
for host in 127.0.0.1 localhost 0 0x7f000001 10.0.0.1 169.254.169.254; do
    leaf leaf-private i1 "http://$host/i1.der"
    run 1 "$host" $check --aia leaf-private.pem
    says err "http://$host/i1.der: the host's address is not a public one"
    says out "CP0401"
done
asks 0

# ---- submit takes the same options ----

leaf leaf-submit i1 "$base/i1.der"
export ALIBABA_CLOUD_ACCESS_KEY_ID=canary-id ALIBABA_CLOUD_ACCESS_KEY_SECRET=canary-secret-4711
submit="$certprep submit --dry-run --endpoint 127.0.0.1:1 --site-id 1 --record-id 1 --ssl on --cert-type upload
    --hostname shop.acme.example --trust root.pem --min-days 0 --cert leaf-submit.pem --key leaf-key.key"
run 1 "submit of a leaf alone" $submit
says out "CP0401"
run 0 "submit completes" $submit --aia --aia-allow-private
says out "prepared: 2 certificates"
run 0 "submit from a folder" $submit --intermediates folder
says out "it comes from folder/i1.pem"

# ---- the folder ----

cd "$certs" || exit 3
check="$certprep check $at"
mkdir "$tmp/mixed" "$tmp/mixed/sub"
openssl x509 -in good/ec-intermediate.pem -outform DER -out "$tmp/mixed/sub/ec.der"
cp good/ec-key-pkcs8.pem bad/text-only.txt good/rsa-intermediate.pem "$tmp/mixed/"
dd if=/dev/zero of="$tmp/mixed/large" bs=1M count=0 seek=2 2>/dev/null
ln -s nowhere "$tmp/mixed/dangling"
mkfifo "$tmp/mixed/pipe"
run 1 "only the files directly in it" $check --intermediates "$tmp/mixed" good/ec-leaf.pem
says out "CP0401"
says err "mixed/large: larger than the maximum"
says err "mixed/dangling: No such file"
cp "$tmp/mixed/sub/ec.der" "$tmp/mixed/.hidden.der"
run 1 "no hidden ones" $check --intermediates "$tmp/mixed" good/ec-leaf.pem
mv "$tmp/mixed/.hidden.der" "$tmp/mixed/ec.der"
run 0 "DER in it" $check --intermediates "$tmp/mixed/" good/ec-leaf.pem
says out "it comes from $tmp/mixed/ec.der"
run 3 "no such folder" $check --intermediates "$tmp/nowhere" good/ec-leaf.pem
says err "--intermediates $tmp/nowhere: No such file"
run 3 "a file is no folder" $check --intermediates good/ec-leaf.pem good/ec-leaf.pem
mkdir "$tmp/many"
i=0
while [ $i -lt 1001 ]; do
    : >"$tmp/many/$i"
    i=$((i + 1))
done
run 3 "too many files" $check --intermediates "$tmp/many" good/ec-leaf.pem
says err "more than 1000 files"

# ---- wrong use ----

run 2 "prefer" $check --prefer best good/ec-bundle.pem
says err "want shortest, longest-lived or most-compatible"
run 2 "private without aia" $check --aia-allow-private good/ec-bundle.pem
for prefer in shortest longest-lived most-compatible; do
    run 0 "prefer $prefer" $check --prefer $prefer good/cross-signed-root-bundle.pem
    says out "leaf -> certprep Test CA E1 -> certprep Test Root X1 ("
done
finish
