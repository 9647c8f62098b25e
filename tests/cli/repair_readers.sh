#!/bin/sh
# What is mended is the same to everybody: each file of testcerts/mangled/ that comes back whole is prepared, and
# OpenSSL, GnuTLS and Node must read the same DER from it as from the good bundle. Preparing it again changes
# nothing. A reader that is not installed is said to be skipped.
# shellcheck disable=SC2086  # $at is words
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3

readers=
for reader in openssl certtool node; do
    if command -v $reader >/dev/null; then
        readers="$readers $reader"
    else
        echo "SKIPPED: $reader is not installed"
    fi
done
[ -n "$readers" ] || exit 77

# split FILE PREFIX: PREFIX.1, PREFIX.2, ... each with one block
split() {
    awk -v prefix="$2" '/^-----BEGIN/ { n++ } { print > (prefix "." n) }' "$1"
}
# Hex digests of the DER of each certificate and of the key's public half, one a line.
digest() {
    sha256sum | cut -d' ' -f1
}
by_openssl() {
    split "$1/fullchain.pem" "$tmp/part"
    for part in "$tmp"/part.*; do openssl x509 -in "$part" -outform DER | digest; done
    openssl pkey -in "$1/privkey.pem" -pubout -outform DER | digest
}
by_certtool() {
    split "$1/fullchain.pem" "$tmp/part"
    for part in "$tmp"/part.*; do certtool -i --infile "$part" --outder 2>/dev/null | digest; done
    certtool --load-privkey "$1/privkey.pem" --pubkey-info --outder 2>/dev/null | digest
}
cat >"$tmp/read.js" <<'JS'
const { readFileSync } = require('fs'), crypto = require('crypto');
const dir = process.argv[2], sha = (der) => crypto.createHash('sha256').update(der).digest('hex');
const blocks = readFileSync(dir + '/fullchain.pem', 'latin1').match(/-----BEGIN[^]*?-----END [A-Z ]*-----\n/g);
for (const pem of blocks) console.log(sha(new crypto.X509Certificate(pem).raw));
const key = crypto.createPublicKey(readFileSync(dir + '/privkey.pem'));
console.log(sha(key.export({ type: 'spki', format: 'der' })));
JS
by_node() {
    node "$tmp/read.js" "$1"
}

good=$(sha256sum <good/ec-bundle.pem | cut -d' ' -f1)
run 0 "good" "$certprep" prepare $at -q -o "$tmp/good" good/ec-bundle.pem
by_openssl "$tmp/good" >"$tmp/want" 2>/dev/null
rm -f "$tmp"/part.*
ok "three digests" test "$(sort -u "$tmp/want" 2>/dev/null | wc -l)" -eq 3
whole=0
while read -r defect sum; do
    [ "$sum" = "$good" ] || continue
    whole=$((whole + 1))
    run 0 "$defect" "$certprep" prepare $at -q -o "$tmp/$defect" "mangled/$defect.pem"
    for reader in $readers; do
        by_$reader "$tmp/$defect" >"$tmp/got" 2>"$tmp/err"
        ok "$defect as $reader reads it" cmp "$tmp/want" "$tmp/got"
        rm -f "$tmp"/part.*
    done
    for file in fullchain.pem privkey.pem; do
        ok "$defect: $file is the good one" cmp "$tmp/good/$file" "$tmp/$defect/$file"
    done
    run 0 "$defect again" "$certprep" prepare $at -q -o "$tmp/again" "$tmp/$defect/fullchain.pem" \
        "$tmp/$defect/privkey.pem"
    ok "$defect: prepared material stays as it is" cmp "$tmp/$defect/fullchain.pem" "$tmp/again/fullchain.pem"
    rm -rf "$tmp/again" "${tmp:?}/$defect"
done <mangled/index.txt
ok "most defects are mended" test $whole -gt 40
# What is refused leaves nothing behind.
run 1 "refused" "$certprep" prepare $at -q -o "$tmp/refused" mangled/plus-lost.pem
ok "nothing written" test ! -e "$tmp/refused/privkey.pem"
echo "$whole defects read by$readers"
finish
