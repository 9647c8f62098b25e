#!/bin/sh
# certprep prepare: every target, every output read by openssl, certtool and node, the files' states,
# the manifest, and that nothing is written where nothing may be.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3
# Certificates are shown here (--diff), and some files with "key" in their name hold them too.
awk '/BEGIN .*PRIVATE KEY/ {k = 1; next} /-----END/ {k = 0} k && length($0) >= 32 {print substr($0, 1, 40)}' \
    keys/*.pem good/*key*.pem | sort -u >"$secrets"
out=$tmp/out.d
prepare() { "$certprep" prepare $at -o "$out" "$@"; }
has() { name=$1; shift; ok "$name" test "$(ls -A "$out" | tr '\n' ' ')" = "$*${*:+ }"; }
digest() { (cd "$out" && sha256sum -- * | sha256sum); }
anew() { rm -rf "$out"; }
printf 'p12 \303\251 pass\n' >"$tmp/p12-pass"
p12="--p12-passphrase-file $tmp/p12-pass"

# the default: three files, 0600 in a directory 0700
run 0 "default" prepare --hostname shop.acme.example bad/order-root-first.pem
says out "root dropped: CN=certprep Test Root X1"
says out "certificates put in order"
says out "WRITTEN  $out: 3 files"
has "three files" fullchain.pem prepared.json privkey.pem
ok "modes" test "$(stat -c %a "$out" "$out"/* | tr '\n' ' ')" = "700 600 600 600 "
ok "the chain as it was issued" cmp "$out/fullchain.pem" good/ec-fullchain.pem
ok "the key as it was made" cmp "$out/privkey.pem" good/ec-key-pkcs8.pem
ok "manifest: digests" sh -c "cd '$out' && jq -r '.outputs[] | .sha256 + \"  \" + .file' prepared.json | sha256sum -c"
ok "manifest: inputs" sh -c "jq -r '.inputs[] | .sha256 + \"  \" + .name' '$out/prepared.json' | sha256sum -c"
ok "manifest: facts" jq -e '.tool == "certprep" and .target == "esa" and .verdict == "READY_WITH_WARNINGS"
    and .hostnames == ["shop.acme.example"] and (.changes | length) == 2 and .certificates == 2
    and .at == "2026-06-01" and (.rules.sha256 | length) == 64 and .version != null' "$out/prepared.json"
ok "manifest: no key" sh -c "! grep -qFf '$secrets' '$out/prepared.json'"

# idempotent: from its own files, nothing is written, byte for byte and file for file
before=$(digest) inodes=$(cd "$out" && stat -c '%n %i %Y %Z' -- *)
run 0 "again" prepare --hostname shop.acme.example bad/order-root-first.pem
says out "UNCHANGED"
run 0 "its own files" prepare --cert "$out/fullchain.pem" --key "$out/privkey.pem"
says out "nothing had to be changed"
says out "UNCHANGED  $out holds this already"
run 0 "with --force too" prepare --force "$out/fullchain.pem" "$out/privkey.pem"
says out "UNCHANGED"
ok "the same bytes" test "$before" = "$(digest)"
ok "the same files" test "$inodes" = "$(cd "$out" && stat -c '%n %i %Y %Z' -- *)"
cp -r "$out" "$tmp/first"
anew
run 0 "its own files, elsewhere" prepare "$tmp/first/fullchain.pem" "$tmp/first/privkey.pem"
ok "chain: the same bytes" cmp "$tmp/first/fullchain.pem" "$out/fullchain.pem"
ok "key: the same bytes" cmp "$tmp/first/privkey.pem" "$out/privkey.pem"
ok "no change in the manifest" jq -e '.changes == []' "$out/prepared.json"
for target in esa cdn clb cloudflare acm gcp nginx haproxy java; do
    anew
    run 0 "$target" prepare --target $target $p12 good/rsa-bundle.pem
    inputs=
    for file in fullchain.pem leaf.pem chain.pem privkey.pem haproxy.pem; do
        [ ! -e "$out/$file" ] || inputs="$inputs $out/$file"
    done
    [ $target != java ] || inputs=$out/bundle.p12
    before=$(digest)
    run 0 "$target again" prepare --target $target $p12 --passphrase-file "$tmp/p12-pass" $inputs
    says out "UNCHANGED"
    ok "$target: the same bytes" test "$before" = "$(digest)"
done
# the same input gives the same bytes
anew
run 0 "one" prepare --formats fullchain,privkey,leaf,chain,p7b,der,key-der,haproxy good/rsa-bundle.pem
before=$(digest)
anew
run 0 "two" prepare --formats haproxy,key-der,der,p7b,chain,leaf,privkey,fullchain good/rsa-bundle.pem
ok "deterministic" test "$before" = "$(digest)"

# existing files are kept
anew
run 0 "first" prepare good/ec-bundle.pem
before=$(digest)
run 2 "conflict" prepare good/rsa-bundle.pem
says err "--force replaces it"
ok "kept" test "$before" = "$(digest)"
run 0 "dry run" prepare --dry-run good/rsa-bundle.pem
says out "DRY RUN  3 files would be written"
says out "privkey.pem    different (holds the key)"
run 0 "diff" prepare --diff good/rsa-bundle.pem
says out "--- fullchain.pem"
says out "+++ fullchain.pem (prepared)"
says out "not shown: there is a key in it"
ok "kept by both" test "$before" = "$(digest)"
sed -n '/^--- fullchain/,/^  privkey/p' "$tmp/out" | grep -v '^  privkey' >"$tmp/patch"
if command -v patch >/dev/null; then
    cp "$out/fullchain.pem" "$tmp/patched"
    ok "the diff is one" patch -s "$tmp/patched" "$tmp/patch"
    ok "and leads to the new file" cmp "$tmp/patched" good/rsa-fullchain.pem
else
    echo "SKIPPED in part: patch is not installed"
fi
run 0 "diff as JSON" prepare --diff --format json good/rsa-bundle.pem
ok "json" jq -e '.written == false and .target == "esa" and (.files | length) == 3
    and (.files[] | select(.output == "fullchain") | .diff | startswith("--- fullchain.pem"))
    and (.files[] | select(.output == "privkey") | .state == "different" and has("diff") == false)
    and .check.verdict == "READY"' "$tmp/out"
run 0 "force" prepare --force good/rsa-bundle.pem
ok "replaced" cmp "$out/fullchain.pem" good/rsa-fullchain.pem
ok "nothing else there" test "$(ls -A "$out" | wc -l)" = 3
cp good/ec-key-sec1.pem "$out/fullchain.pem" # a key where a chain is expected is not shown either
run 0 "diff over a key" prepare --diff good/rsa-bundle.pem
says out "not shown"
run 0 "new and same" prepare --force good/rsa-bundle.pem
chmod 644 "$out/privkey.pem"
run 0 "a key that others can read" prepare good/rsa-bundle.pem
says err "lets others read the key"
run 0 "is put right with force" prepare --force good/rsa-bundle.pem
ok "0600 again" test "$(stat -c %a "$out/privkey.pem")" = 600

# symbolic links, and what else is no file
anew
mkdir "$out"
echo precious >"$tmp/precious"
ln -s "$tmp/precious" "$out/privkey.pem"
run 3 "a link" prepare --force good/ec-bundle.pem
says err "is a symbolic link"
ok "not followed" grep -q precious "$tmp/precious"
ok "nothing written" test "$(ls -A "$out")" = privkey.pem
rm "$out/privkey.pem"
mkfifo "$out/privkey.pem"
run 3 "a pipe" prepare --force good/ec-bundle.pem
rm "$out/privkey.pem"
ln -s nowhere "$out/prepared.json"
run 3 "a dangling link" prepare good/ec-bundle.pem
anew
mkdir "$tmp/real"
ln -s "$tmp/real" "$out"
run 0 "the directory itself may be a link" prepare good/ec-bundle.pem
ok "its files are there" test -s "$tmp/real/privkey.pem"
rm "$out"
run 3 "no parent" "$certprep" prepare $at -o "$tmp/no/such" good/ec-bundle.pem
run 3 "a file in its place" "$certprep" prepare $at -o "$tmp/precious" good/ec-bundle.pem

# blocked: nothing is written, not even a directory
run 1 "blocked" prepare bad/leaf-expired.pem
says out "CP0201"
says out "BLOCKED  nothing was written"
run 1 "blocked by the target" prepare --target azure-fd good/ec-bundle.pem
says out "CP0801"
run 1 "blocked: no key" prepare good/ec-fullchain.pem
says out "CP0104"
run 1 "blocked, as JSON" prepare --format json bad/key-of-another-certificate.pem
ok "json of blocked" jq -e '.written == false and .check.verdict == "BLOCKED"' "$tmp/out"
run 1 "blocked, dry run" prepare -n bad/leaf-expired.pem
ok "no directory" test ! -e "$out"
run 0 "dry run" prepare -n good/ec-bundle.pem
ok "no directory by a dry run" test ! -e "$out"
run 2 "no pass phrase for PKCS#12" prepare --target java good/ec-bundle.pem
says err "--p12-passphrase-file"
ok "no directory by a failure" test ! -e "$out"

# wrong use
run 2 "no directory given" "$certprep" prepare $at good/ec-bundle.pem
says err "--output DIR"
run 2 "no file" prepare
run 2 "no such target" prepare --target iis good/ec-bundle.pem
says err "want esa, cdn"
run 2 "no such output" prepare --formats fullchain,pfx good/ec-bundle.pem
says err "--formats 'pfx'"
run 2 "empty output" prepare --formats fullchain, good/ec-bundle.pem
run 2 "no such format" prepare --format yaml good/ec-bundle.pem
run 3 "unreadable pass phrase" prepare --p12-passphrase-file nowhere good/ec-bundle.pem
ok "nothing of it there" test ! -e "$out"

# each target's files
files_of() { anew; run 0 "files of $1" prepare --target "$1" $p12 "$2"; shift 2; has "want $*" "$@"; }
files_of esa good/ec-bundle.pem fullchain.pem prepared.json privkey.pem
files_of acm good/ec-bundle.pem chain.pem leaf.pem prepared.json privkey.pem
ok "acm: the leaf alone" cmp "$out/leaf.pem" good/ec-leaf.pem
ok "acm: the chain without it" cmp "$out/chain.pem" good/ec-intermediate.pem
files_of haproxy good/ec-bundle.pem haproxy.pem prepared.json
ok "haproxy: chain, then key" sh -c "cat good/ec-fullchain.pem good/ec-key-pkcs8.pem | cmp - '$out/haproxy.pem'"
files_of java good/ec-bundle.pem bundle.p12 prepared.json
files_of clb good/rsa-bundle.pem fullchain.pem prepared.json privkey.pem
ok "clb: PKCS#1" cmp "$out/privkey.pem" good/rsa-key-pkcs1.pem

# every output, by readers that are not ours; a line for each certificate: its SHA-256
anew
all=fullchain,privkey,leaf,chain,p12,p7b,der,key-der,haproxy
per_pem() { # per_pem FILE: digests of the certificates in a PEM file
    awk -v d="$tmp/split" '/BEGIN CERT/ {n++} n {print >(d n)}' "$1"
    for i in 1 2 3 4; do
        [ ! -e "$tmp/split$i" ] || openssl x509 -in "$tmp/split$i" -outform der | sha256sum | cut -c1-64
        rm -f "$tmp/split$i"
    done
}
for bundle in ec rsa ed25519 two-intermediates p521; do
    for kind in "" --legacy; do
        anew
        run 0 "$bundle $kind" prepare --formats $all $p12 $kind good/$bundle-bundle.pem
        before=$(digest)
        run 0 "$bundle $kind again" prepare --formats $all $p12 $kind good/$bundle-bundle.pem
        says out "UNCHANGED"
        ok "$bundle $kind: PKCS#12 is not written anew" test "$before" = "$(digest)"
        want=$(per_pem "$out/fullchain.pem")
        ok "openssl: PKCS#12 $bundle $kind" sh -c "openssl pkcs12 -in '$out/bundle.p12' -passin 'file:$tmp/p12-pass' -nodes -out '$tmp/p12.pem'"
        ok "openssl: PKCS#12 has the chain" test "$want" = "$(per_pem "$tmp/p12.pem")"
        ok "openssl: PKCS#12 has the key" sh -c "openssl pkey -in '$tmp/p12.pem' | cmp - '$out/privkey.pem'"
        ok "openssl: PKCS#7 $bundle" sh -c "openssl pkcs7 -in '$out/bundle.p7b' -print_certs -out '$tmp/p7.pem'"
        ok "openssl: PKCS#7 has the chain" test "$want" = "$(per_pem "$tmp/p7.pem")"
        ok "openssl: DER leaf" test "$(echo "$want" | head -1)" = "$(openssl x509 -inform der -in "$out/leaf.der" -outform der | sha256sum | cut -c1-64)"
        ok "openssl: DER key" sh -c "openssl pkey -inform der -in '$out/key.der' | cmp - '$out/privkey.pem'"
        if command -v certtool >/dev/null; then
            ok "certtool: chain $bundle" sh -c "certtool -i --infile '$out/fullchain.pem'"
            ok "certtool: key $bundle" sh -c "certtool -k --infile '$out/privkey.pem'"
            ok "certtool: PKCS#7 $bundle" sh -c "certtool --p7-info --infile '$out/bundle.p7b' >'$tmp/p7.txt'"
            ok "certtool: PKCS#7 has the chain" test "$want" = "$(per_pem "$tmp/p7.txt")"
            certtool --p12-info --inder --infile "$out/bundle.p12" --password "$(cat "$tmp/p12-pass")" >"$tmp/p12.txt" 2>/dev/null
            ok "certtool: PKCS#12 has the chain $kind" test "$want" = "$(per_pem "$tmp/p12.txt")"
        fi
        if command -v node >/dev/null; then
            ok "node: $bundle $kind" node -e '
                const fs = require("fs"), tls = require("tls"), crypto = require("crypto");
                const [dir, pass] = process.argv.slice(1);
                const read = f => fs.readFileSync(dir + "/" + f);
                const passphrase = read("../p12-pass").toString().split("\n")[0];
                const cert = new crypto.X509Certificate(read("leaf.der"));
                if (cert.fingerprint256 !== new crypto.X509Certificate(read("fullchain.pem")).fingerprint256) process.exit(1);
                if (!cert.checkPrivateKey(crypto.createPrivateKey(read("privkey.pem")))) process.exit(2);
                if (!cert.checkPrivateKey(crypto.createPrivateKey({key: read("key.der"), format: "der", type: "pkcs8"}))) process.exit(3);
                tls.createSecureContext({cert: read("fullchain.pem"), key: read("privkey.pem")});
                tls.createSecureContext({cert: read("haproxy.pem"), key: read("haproxy.pem")});
                tls.createSecureContext({pfx: read("bundle.p12"), passphrase});
            ' "$out"
        fi
    done
done
command -v certtool >/dev/null || echo "SKIPPED in part: certtool is not installed (gnutls-bin)"
command -v node >/dev/null || echo "SKIPPED in part: node is not installed"
if command -v keytool >/dev/null; then
    anew
    printf 'changeit\n' >"$tmp/p12-pass"
    run 0 "java" prepare --target java $p12 good/rsa-bundle.pem
    ok "keytool: PKCS#12" sh -c "keytool -list -v -keystore '$out/bundle.p12' -storepass:file '$tmp/p12-pass' >'$tmp/keytool'"
    ok "keytool: a key with a chain of three" grep -q "chain length: 3" "$tmp/keytool"
else
    echo "SKIPPED in part: keytool is not installed"
fi
openssl pkcs12 -in "$out/bundle.p12" -info -nokeys -nocerts -passin "file:$tmp/p12-pass" >"$tmp/p12-info" 2>&1
ok "PKCS#12: MAC" grep -q "MAC: sha256, Iteration 100000" "$tmp/p12-info"
ok "PKCS#12: PBES2" grep -q "PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256" "$tmp/p12-info"
anew
run 0 "legacy" prepare --formats p12 --legacy $p12 good/rsa-bundle.pem
openssl pkcs12 -in "$out/bundle.p12" -info -nokeys -nocerts -passin "file:$tmp/p12-pass" >"$tmp/p12-info" 2>&1
ok "legacy: MAC" grep -q "MAC: sha1, Iteration 10000" "$tmp/p12-info"
ok "legacy: 3DES" grep -q "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 10000" "$tmp/p12-info"
finish
