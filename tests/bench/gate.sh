#!/bin/sh
# A tree of 10,000 files, 1,000 of them certificate chains: gate, against the script that people have,
# which asks openssl for the dates of each. Prints seconds, peak memory and the ratio.
# usage: gate.sh CERTPREP
set -eu
certprep=$(realpath "$1")
certs=$(cd "$(dirname "$0")/../../testcerts" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/tree"
cd "$tmp/tree"
i=0
while [ $i -lt 100 ]; do
    mkdir "d$i"
    for j in 0 1 2 3 4 5 6 7 8 9; do cp "$certs/good/ec-fullchain.pem" "d$i/$j.pem"; done
    i=$((i + 1))
done
# distinct leaves: a hundred that openssl makes, ten copies of each
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tmp/ca.key" -out "$tmp/ca.pem" \
    -subj '/CN=bench CA' -days 3650 2>/dev/null
i=0
while [ $i -lt 100 ]; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tmp/k" -out "$tmp/r" -subj "/CN=h$i.example" 2>/dev/null
    printf 'subjectAltName=DNS:h%d.example\n' $i >"$tmp/ext"
    openssl x509 -req -in "$tmp/r" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -CAcreateserial -days 90 -extfile "$tmp/ext" -out "d$i/0.pem" 2>/dev/null
    for j in 1 2 3 4 5 6 7 8 9; do cp "d$i/0.pem" "d$i/$j.pem"; done
    for j in $(seq 90); do printf 'int f%d(void) { return %d; }\n' "$j" "$j" >"d$i/$j.c"; done
    i=$((i + 1))
done
now() { date +%s.%N; }
a=$(now)
"$certprep" gate --trust "$tmp/ca.pem" --exit-zero -q . >"$tmp/out" 2>&1 || true
b=$(now)
# The usual script: the expiry and the public key's digest of each file that has a certificate
grep -rl -- '-----BEGIN CERTIFICATE' . | while read -r file; do
    openssl x509 -in "$file" -noout -checkend 1209600 >/dev/null || true
    openssl x509 -in "$file" -noout -pubkey | openssl sha256 >/dev/null
done
c=$(now)
files=$(find . -type f | wc -l)
echo "$a $b $c $files" | awk '{ printf "gate: %d files in %.2f s; openssl script: %.2f s; ratio %.0f\n", $4, $2 - $1, $3 - $2, ($3 - $2) / ($2 - $1) }'
if [ -x /usr/bin/time ]; then
    /usr/bin/time -f 'gate: peak memory %M KiB' "$certprep" gate --trust "$tmp/ca.pem" --exit-zero -q . 2>&1 >/dev/null | tail -1
fi
tail -1 "$tmp/out"
