#!/bin/sh
# --online against real servers on loopback: openssl's OCSP responder, and an HTTP server for
# revocation lists. Certificates name their ports, so they are made here, by openssl. TEST ONLY.
# shellcheck disable=SC2086  # $check is words
set -u
. "$(dirname "$0")/lib.sh"
server=$(realpath "$3")/tests/http_server
[ -x "$server" ] || { echo "FAILED: no $server"; exit 1; }
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed (apt-get install openssl)"; exit 77; }
www=$tmp/www log=$tmp/http.log responder_pid=
mkdir "$www"
: >"$log"
stop() {
    [ -z "$responder_pid" ] || kill "$responder_pid" 2>/dev/null
    cleanup
}
trap stop EXIT
"$server" "$www" "$tmp/port" "$log" &
emulator_pid=$! tries=0
until [ -s "$tmp/port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { echo "FAILED: no server"; exit 1; }
    sleep 0.05
done
base=http://127.0.0.1:$(cat "$tmp/port")
cd "$tmp" || exit 3

# ---- a CA, its responder, its leaves ----

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
# issue FILE EXTENSION...: FILE.pem by the CA, and a line in its index.
issue() {
    new=$1
    shift
    printf '%s\n' "$@" >"$new.ext"
    serial=$(openssl rand -hex 8 | sed 's/^./4/' | tr a-f A-F)
    [ -e "$new.key" ] || key "$new"
    openssl req -new -key "$new.key" -subj "/CN=$new" -out "$new.csr" 2>/dev/null &&
        openssl x509 -req -in "$new.csr" -CA ca.pem -CAkey ca.key -days 90 -set_serial "0x$serial" \
            -extfile "$new.ext" -out "$new.pem" 2>/dev/null ||
        { echo "FAILED: openssl can't make $new.pem"; exit 1; }
    printf 'V\t%s\t\t%s\tunknown\t/CN=%s\n' "$(date -u -d '+90 days' +%y%m%d%H%M%SZ)" "$serial" "$new" >>index.txt
}
# revoke FILE
revoke() {
    sed -i "s|^V\t\([0-9Z]*\)\t\t\(.*/CN=$1\)\$|R\t\1\t$(date -u +%y%m%d%H%M%SZ),keyCompromise\t\2|" index.txt
}
key ca
openssl req -new -x509 -key ca.key -subj /CN=ca -days 365 -addext basicConstraints=critical,CA:TRUE \
    -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem 2>/dev/null
: >index.txt
# The responder takes a port that was free a moment ago.
start_responder() {
    for _ in 1 2 3 4 5; do
        ocsp_port=$(($(od -An -N2 -tu2 /dev/urandom) % 20000 + 30000))
        openssl ocsp -port $ocsp_port -index index.txt -CA ca.pem -rsigner responder.pem \
            -rkey responder.key -ndays 1 >"$tmp/ocsp.log" 2>&1 &
        responder_pid=$! tries=0
        while [ $tries -lt 100 ] && kill -0 $responder_pid 2>/dev/null; do
            grep -q 'waiting for OCSP' "$tmp/ocsp.log" && return 0
            tries=$((tries + 1))
            sleep 0.05
        done
    done
    echo "FAILED: no responder"
    exit 1
}
stop_responder() {
    kill $responder_pid 2>/dev/null
    wait $responder_pid 2>/dev/null
    responder_pid=
}
issue responder 'extendedKeyUsage=OCSPSigning' 'noCheck=ignored' 'keyUsage=critical,digitalSignature'
: >index.txt
start_responder
san='subjectAltName=DNS:shop.acme.example'
ocsp="authorityInfoAccess=OCSP;URI:http://127.0.0.1:$ocsp_port"
issue good "$san" "$ocsp"
issue slash "$san" "$ocsp/"
issue gone "$san" "$ocsp"
issue stranger "$san" "$ocsp"
long=$(printf '%0200d' 7) # a path with which a GET would be over 255 characters
issue long "$san" "$ocsp/$long"
issue long-gone "$san" "$ocsp/$long"
sed -i '/CN=stranger/d' index.txt
revoke gone
revoke long-gone
issue list-good "$san" "crlDistributionPoints=URI:$base/ca.crl"
issue list-gone "$san" "crlDistributionPoints=URI:$base/ca.crl"
revoke list-gone
issue second "$san" "authorityInfoAccess=OCSP;URI:http://127.0.0.1:1/" "crlDistributionPoints=URI:$base/ca.crl"
issue nobody "$san" "authorityInfoAccess=OCSP;URI:http://127.0.0.1:1/"
issue no-pointer "$san"
for fault in nowhere.crl page.html redirect/ca.crl cut/ca.crl none/ca.crl; do
    issue "fault-$(echo $fault | tr -d /.)" "$san" "crlDistributionPoints=URI:$base/$fault"
done
issue https "$san" "authorityInfoAccess=OCSP;URI:https://127.0.0.1:1/"
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=7\n' >ca.cnf
echo 01 >crlnumber
openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -out ca.crl.pem 2>/dev/null &&
    openssl crl -in ca.crl.pem -outform DER -out "$www/ca.crl" || { echo "FAILED: no CRL"; exit 1; }
printf '<html>Please log in</html>' >"$www/page.html"
stop_responder # it reads its index only once
openssl ocsp -port "$ocsp_port" -index index.txt -CA ca.pem -rsigner responder.pem \
    -rkey responder.key -ndays 1 >"$tmp/ocsp.log" 2>&1 &
responder_pid=$! tries=0
until grep -q 'waiting for OCSP' "$tmp/ocsp.log"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { cat "$tmp/ocsp.log"; echo "FAILED: no responder"; exit 1; }
    sleep 0.05
done
check="$certprep check --trust ca.pem --min-days 0"
online="$check --online --online-allow-private"
asks() {
    got=$(grep -c '^GET ' "$log") was=$name
    ok "$name: $1 requests, got $got" test "$got" = "$1"
    : >"$log"
    name=$was
}
# no RULE: the report does not name it
no() { ok "$name: no $1" sh -c "! grep -q $1 '$tmp/out'"; }

# ---- OCSP ----

run 0 "good" $online good.pem
no CP07
silent err
run 0 "a slash at the end" $online slash.pem
no CP07
# asked METHOD: how the responder was asked, by its log.
asked() {
    ok "$name: by $1" grep -q "1st line: $1 /" "$tmp/ocsp.log"
    : >"$tmp/ocsp.log"
}
asked GET
run 0 "good, a long URL" $online long.pem
no CP07
asked POST
run 1 "revoked, a long URL" $online long-gone.pem
says out "error[CP0720]"
says out "said by the OCSP response http://127.0.0.1:$ocsp_port/000000"
asked POST
run 1 "revoked" $online gone.pem
says out "error[CP0720]"
says out "keyCompromise"
says out "said by the OCSP response http://127.0.0.1:$ocsp_port"
run 0 "not known" $online stranger.pem
says out "warning[CP0721]"
run 1 "a list in a file says more" $online --crl ca.crl.pem gone.pem
says out "error[CP0720]"

# ---- lists ----

run 0 "list" $online list-good.pem
no CP07
asks 1
run 1 "revoked by list" $online list-gone.pem
says out "error[CP0720]"
says out "said by the revocation list $base/ca.crl"
asks 1
run 0 "the list where nobody answers" $online second.pem
no CP07
asks 1
run 0 "the file settles it: nothing is asked" $online --crl ca.crl.pem list-good.pem
no CP07
asks 0

# ---- a revoked intermediate, and another path ----

# The CA "middle" is certified by two roots; the first revokes it.
for n in 1 2; do
    key root-$n
    openssl req -new -x509 -key root-$n.key -subj "/CN=root-$n" -days 365 -out root-$n.pem \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
done
key middle
openssl req -new -key middle.key -subj /CN=middle -out middle.csr 2>/dev/null
for n in 1 2; do
    printf '%s\n' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign \
        "crlDistributionPoints=URI:$base/root-$n.crl" >middle.ext
    openssl x509 -req -in middle.csr -CA root-$n.pem -CAkey root-$n.key -days 90 -set_serial 0x4711$n \
        -extfile middle.ext -out middle-$n.pem 2>/dev/null
    [ $n = 2 ] || printf 'R\t%s\t%s,cACompromise\t047111\tunknown\t/CN=middle\n' \
        "$(date -u -d '+90 days' +%y%m%d%H%M%SZ)" "$(date -u +%y%m%d%H%M%SZ)" >root-$n.txt
    touch root-$n.txt
    sed "s/index.txt/root-$n.txt/" ca.cnf >root-$n.cnf
    openssl ca -config root-$n.cnf -gencrl -keyfile root-$n.key -cert root-$n.pem 2>/dev/null |
        openssl crl -outform DER -out "$www/root-$n.crl"
done
printf '%s\n' "$san" >below.ext
key below
openssl req -new -key below.key -subj /CN=below -out below.csr 2>/dev/null
openssl x509 -req -in below.csr -CA middle-1.pem -CAkey middle.key -days 30 -set_serial 0x4712 \
    -extfile below.ext -out below.pem 2>/dev/null
cat root-1.pem root-2.pem >roots.pem
across="$certprep check --trust roots.pem --min-days 0"
cat below.pem middle-1.pem middle-2.pem >two-paths.pem
cat below.pem middle-1.pem >one-path.pem
: >"$log"
run 0 "the path goes round what is revoked" $across --online --online-allow-private --explain two-paths.pem
says out "warning[CP0729]: CN=middle (certificate 2) is revoked"
says out "root-2"
says out "fails: middle: is revoked"
no error
asks 2 # each list once
run 1 "no other path" $across --online --online-allow-private one-path.pem
says out "error[CP0720]: CN=middle (certificate 2) is revoked"
asks 1
run 0 "without --online nothing is known" $across --explain two-paths.pem
no CP07
asks 0

# ---- nobody answers: a note ----

# unreachable FILE TEXT REQUESTS
unreachable() {
    run 0 "$1" $online "$1.pem"
    says out "note[CP0728]"
    says out "$2"
    no CP0721
    asks "$3"
}
unreachable nobody "the connection was refused" 0
unreachable no-pointer "it names neither a responder nor a revocation list" 0
unreachable fault-nowherecrl "HTTP status 404" 1
unreachable fault-pagehtml "no revocation list" 1
unreachable fault-redirectcacrl "redirects are not followed" 1
unreachable fault-cutcacrl "the connection closed" 1
unreachable fault-nonecacrl "the reply is empty" 1
unreachable https "not fetched: https" 0
stop_responder
run 0 "the responder is down" $online good.pem
says out "note[CP0728]"

# ---- what is not asked ----

run 0 "without --online" $check list-gone.pem
no CP07
asks 0
run 0 "private addresses" $check --online list-gone.pem
says out "note[CP0728]"
says out "not fetched: its port is not 80"
asks 0
run 2 "allow-private alone" $check --online-allow-private good.pem
says err "only with --online"
run 3 "no such file" $check --crl nowhere.pem good.pem
run 3 "a certificate is no list" $check --crl good.pem good.pem
says err "no revocation list"
run 3 "a page is no response" $check --ocsp www/page.html good.pem
run 3 "a page is no list of logs" $check --ct-logs www/page.html good.pem
says err "not JSON"
run 0 "proxies are not used" env http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 $online list-good.pem
no CP07

# ---- prepare takes the same options ----

run 1 "prepare stops at what is revoked" "$certprep" prepare -o prepared --trust ca.pem --min-days 0 \
    --crl ca.crl.pem --cert list-gone.pem --key list-gone.key
says out "CP0720"
ok "nothing is written" test ! -e prepared
# standard input is one stream, whoever names it
run 2 "two lists from standard input" "$certprep" check $at --crl - --crl - good/ec-fullchain.pem
says err "only once"
run 2 "a list and the material from standard input" "$certprep" check $at --crl - -
says err "only once"
run 2 "logs and hostnames from standard input" "$certprep" check $at --ct-logs - --hostnames - good/ec-fullchain.pem
says err "only once"
finish
