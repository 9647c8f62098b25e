#!/bin/sh
# Formats in: what the openssl command and keytool write is read, and the same leaf and key come out;
# pass phrases from a file, a descriptor and the terminal.
# shellcheck disable=SC2086  # $at is words
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3
leaf=$(openssl x509 -in good/ec-leaf.pem -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1)
rsa_leaf=$(openssl x509 -in good/rsa-leaf.pem -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1)
printf 'canary-secret-4711\nnot this line\n' >"$tmp/pass"
echo other-pass >"$tmp/other"

# same SHA256 NAME FILE...: READY or with warnings, with its key, and that leaf.
same() {
    want_leaf=$1 same_name=$2
    shift 2
    run 0 "$same_name" "$certprep" check $at --format json --require-key --passphrase-file "$tmp/pass" "$@"
    ok "$same_name: the same leaf" jq -e --arg leaf "$want_leaf" \
        '.verdict != "BLOCKED" and .path.valid and .path.certificates[0].sha256 == $leaf' "$tmp/out"
}
bad() { failed=$((failed + 1)); echo "FAILED $*"; }
for kind in ec rsa; do
    digest=$leaf traditional=
    [ $kind = ec ] || digest=$rsa_leaf traditional=-traditional
    chain=good/$kind-fullchain.pem key=good/$kind-key-pkcs8.pem ca=good/$kind-intermediate.pem
    openssl x509 -in good/$kind-leaf.pem -outform DER -out "$tmp/leaf.der"
    openssl pkey -in $key -outform DER -out "$tmp/key.der"
    same "$digest" "$kind DER" "$tmp/leaf.der" $ca "$tmp/key.der"
    openssl $kind -in $key $traditional -outform DER -out "$tmp/key-traditional.der" 2>/dev/null
    same "$digest" "$kind traditional DER" $chain "$tmp/key-traditional.der"
    openssl pkcs8 -topk8 -in $key -outform DER -scrypt -passout "file:$tmp/pass" -out "$tmp/key-enc.der"
    same "$digest" "$kind encrypted DER" $chain "$tmp/key-enc.der"
    # old schemes, by the legacy provider
    for scheme in "-v1 PBE-MD5-DES" "-v1 PBE-SHA1-DES" "-v1 PBE-MD5-RC2-64" "-v1 PBE-SHA1-RC2-64" \
        "-v1 PBE-SHA1-RC4-128" "-v1 PBE-SHA1-RC2-40" "-v1 PBE-SHA1-3DES" "-v2 rc2-cbc" "-v2 des-cbc" "-v2 des3"; do
        openssl pkcs8 -topk8 -in $key $scheme -provider legacy -provider default \
            -passout "file:$tmp/pass" -out "$tmp/key-old.pem" || bad "openssl pkcs8 $scheme"
        same "$digest" "$kind PKCS#8 with $scheme" $chain "$tmp/key-old.pem"
        run 3 "$kind PKCS#8 with $scheme, wrong pass phrase" "$certprep" check $at --passphrase-file "$tmp/other" \
            $chain "$tmp/key-old.pem"
        says err "pass phrase is wrong"
    done
    for cipher in -des -des3 -aes256; do
        openssl $kind -in $key $traditional $cipher -provider legacy -provider default \
            -passout "file:$tmp/pass" -out "$tmp/key-old.pem" 2>"$tmp/openssl.err" || bad "openssl $kind $cipher"
        same "$digest" "$kind traditional PEM with $cipher" $chain "$tmp/key-old.pem"
    done
    openssl crl2pkcs7 -nocrl -certfile $chain -outform DER -out "$tmp/chain.p7b"
    same "$digest" "$kind PKCS#7" "$tmp/chain.p7b" $key
    openssl crl2pkcs7 -nocrl -certfile $chain -out "$tmp/chain.p7b"
    same "$digest" "$kind PKCS#7 in PEM" "$tmp/chain.p7b" $key
    sed 's/PKCS7/PKCS #7 SIGNED DATA/' "$tmp/chain.p7b" >"$tmp/chain-old.p7b"
    same "$digest" "$kind PKCS#7 with the old label" "$tmp/chain-old.p7b" $key
    openssl cms -sign -nodetach -stream -in bad/text-only.txt -signer good/$kind-leaf.pem -certfile $ca \
        -inkey $key -outform DER -out "$tmp/signed.p7m" 2>"$tmp/openssl.err"
    same "$digest" "$kind CMS in BER, signed" "$tmp/signed.p7m" $key
    export_p12() { openssl pkcs12 -export -in $chain -inkey $key -out "$tmp/$1" -passout "file:$tmp/pass" $2; }
    for options in "" "-legacy" "-nomac" "-keypbe NONE -certpbe NONE" \
        "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1" "-keypbe AES-128-CBC -certpbe AES-256-CBC" \
        "-iter 100000 -macalg sha512" "-name shop.acme.example -caname one"; do
        export_p12 any.p12 "$options"
        same "$digest" "$kind PKCS#12 $options" "$tmp/any.p12"
    done
    openssl pkcs12 -export -in $chain -inkey $key -passout pass: -out "$tmp/empty.p12"
    run 0 "$kind PKCS#12, empty pass phrase, none given" "$certprep" check $at --require-key "$tmp/empty.p12"
    export_p12 keystore.p12 ""
    if command -v keytool >/dev/null; then
        run 1 "$kind PKCS#12 locked" "$certprep" check $at "$tmp/keystore.p12"
        says out "CP0068"
        rm -f "$tmp/key store.jks" "$tmp/OUT.p12"
        keytool -importkeystore -srckeystore "$tmp/keystore.p12" -srcstorepass canary-secret-4711 -noprompt \
            -destkeystore "$tmp/key store.jks" -deststoretype JKS -deststorepass canary-secret-4711 2>/dev/null
        run 1 "$kind Java keystore" "$certprep" check $at "$tmp/key store.jks"
        says out "error[CP0064]"
        # the line of the help converts it
        line=$(sed -n 's/.*help: .*: \(keytool .*\)/\1/p' "$tmp/out")
        (cd "$tmp" && eval "$line -srcstorepass canary-secret-4711 -deststorepass canary-secret-4711 -noprompt" 2>/dev/null)
        same "$digest" "$kind what keytool made of it" "$tmp/OUT.p12"
    fi
done
openssl ec -in good/ec-key-pkcs8.pem -param_enc explicit -out "$tmp/explicit.pem" 2>/dev/null
same "$leaf" "explicit parameters" good/ec-fullchain.pem "$tmp/explicit.pem"
says out CP0108

# pass phrases
p12="--cert good/ec-bundle.p12"
run 3 "wrong pass phrase" "$certprep" check $at --passphrase-file "$tmp/other" good/ec-bundle.p12
says err "good/ec-bundle.p12: PKCS#12: the pass phrase is wrong"
run 0 "descriptor" sh -c "'$certprep' check $at --passphrase-fd 7 $p12 7<good/passphrase.txt"
run 0 "descriptor, no line end" sh -c "printf 'correct horse battery staple' | '$certprep' check $at --passphrase-fd 0 $p12"
run 0 "descriptor, CRLF" sh -c "printf 'correct horse battery staple\r\nmore' | '$certprep' check $at --passphrase-fd 0 $p12"
run 3 "descriptor that is not open" sh -c "'$certprep' check $at --passphrase-fd 9 $p12 9<&-"
says err "--passphrase-fd 9: Bad file descriptor"
run 3 "descriptor with a line too long" sh -c "head -c 2000 /dev/zero | tr '\0' x | '$certprep' check $at --passphrase-fd 0 $p12"
says err "larger than the maximum of 1024 bytes"
run 2 "descriptor that is no number" "$certprep" check $at --passphrase-fd -1 $p12
run 2 "descriptor that is no number" "$certprep" check $at --passphrase-fd 1x $p12
run 2 "two ways" "$certprep" check $at --passphrase-file good/passphrase.txt --passphrase-fd 7 $p12
run 2 "standard input twice" "$certprep" check $at --passphrase-fd 0 -
says err "only once"
run 3 "no terminal" setsid "$certprep" check $at --ask-passphrase $p12
says err "--ask-passphrase needs a terminal"
run 1 "never asked without being told to" "$certprep" check $at $p12

# The terminal: the answer is typed once the prompt is there, is not shown, and echo is on again.
if command -v script >/dev/null; then
    terminal() { # terminal CODE NAME ANSWER
        rm -f "$tmp/screen" "$tmp/keys"
        mkfifo "$tmp/keys"
        cat >"$tmp/session.sh" <<END
'$certprep' check $at --ask-passphrase $p12
echo "exit code \$?"
stty -a | tr ' ;' '\n\n' | grep -x -e echo -e -echo
END
        script -qefc "sh '$tmp/session.sh'" "$tmp/screen" <"$tmp/keys" >/dev/null 2>&1 &
        session=$!
        exec 8>"$tmp/keys"
        tries=0
        until grep -q "Pass phrase: " "$tmp/screen" 2>/dev/null || [ $tries -ge 200 ]; do
            tries=$((tries + 1))
            sleep 0.05
        done
        printf "$3" >&8
        wait $session
        exec 8>&-
        tr -d '\r' <"$tmp/screen" >"$tmp/out"
        : >"$tmp/err"
        name=$2
        says out "exit code $1"
        ok "$2: echo is on again" grep -qx echo "$tmp/out"
        ok "$2: the answer is not shown" sh -c "! grep -q 'horse' '$tmp/out'"
    }
    terminal 0 "asked" 'correct horse battery staple\n'
    says out "CP0062"
    terminal 3 "asked, wrong answer" 'wrong horse\n'
    terminal 3 "asked, interrupted" '\003' # it is ignored here: this script's children run in the background
    says out "nterrupted"
else
    echo "SKIPPED in part: script (util-linux) is not installed"
fi
finish
