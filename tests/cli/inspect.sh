#!/bin/sh
# certprep inspect: facts and offsets against openssl for every good file, hostile names in both
# forms, what could not be read, and no byte of a private key.
# shellcheck disable=SC2016,SC2086  # jq's variables; $now and $pass are words
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
cd "$certs" || exit 3
now="--at 2026-06-01"
lf() { sed 's/\r$//' | tr '\r' '\n'; }
certificates() { # as PEM, out of a PKCS#7 too
    if grep -qE 'BEGIN (PKCS7|CMS)' "$1"; then
        lf <"$1" | sed 's/^\(-----.*\)CMS/\1PKCS7/' | openssl pkcs7 -print_certs
    else
        lf <"$1"
    fi
}
lower() { tr -d ':' | tr 'A-F' 'a-f'; }
esc=$(printf '\033')
no_raw() { # no control byte, no bidi or zero-width character, in the last output
    ok "$1: no escape byte" sh -c "! LC_ALL=C grep -q '$esc' '$tmp/out'"
    ok "$1: no bidi character" sh -c "! LC_ALL=C grep -qF -e '$(printf '\342\200\256')' \
        -e '$(printf '\342\200\213')' -e '$(printf '\342\201\246')' '$tmp/out'"
    ok "$1: UTF-8" iconv -f UTF-8 -t UTF-8 "$tmp/out"
}

# ---- facts and offsets against openssl ----------------------------------------------------------
: >"$tmp/seen"
# One "key value" a line, from openssl: same keys as the JSON's.
by_openssl() {
    openssl x509 -in "$1" -noout -subject -issuer -nameopt sep_comma_plus,esc_2253,utf8,sname |
        sed 's/^subject=/subject /; s/^issuer=/issuer /'
    openssl x509 -in "$1" -noout -serial | sed 's/serial=/serial /' | lower
    openssl x509 -in "$1" -noout -dates -dateopt iso_8601 |
        sed 's/notBefore=/not_before /; s/notAfter=/not_after /; s/\(....-..-..\) /\1T/'
    echo "sha256 $(openssl x509 -in "$1" -noout -fingerprint -sha256 | cut -d= -f2 | lower)"
    echo "spki_sha256 $(openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER |
        sha256sum | cut -d' ' -f1)"
    openssl x509 -in "$1" -noout -text >"$tmp/text"
    echo "signature_algorithm $(sed -n 's/.*Signature Algorithm: //p' "$tmp/text" | head -1 |
        tr '[:upper:]' '[:lower:]')"
    echo "version $(sed -n 's/.*Version: \([0-9]*\).*/\1/p' "$tmp/text")"
    echo "names $(grep -A1 'X509v3 Subject Alternative Name' "$tmp/text" | sed 1d |
        sed 's/IP Address:/IP:/g; s/^ *//; s/:0:0:0:0:0:/::/g')"
    echo "ca $(grep -c 'CA:TRUE' "$tmp/text")"
    echo "path_length $(sed -n 's/.*pathlen:\([0-9]*\).*/\1/p' "$tmp/text")"
    echo "ski $(grep -A1 'X509v3 Subject Key Identifier' "$tmp/text" | sed 1d | tr -d ' ' | lower)"
    echo "aki $(grep -A1 'X509v3 Authority Key Identifier' "$tmp/text" | sed 1d |
        sed 's/keyid://' | tr -d ' ' | lower)"
    echo "ocsp $(openssl x509 -in "$1" -noout -ocsp_uri | tr '\n' ' ')"
    echo "policies $(sed -n 's/.*Policy: //p' "$tmp/text" | tr '\n' ' ')"
    echo "usage $(grep -A1 'X509v3 Key Usage' "$tmp/text" | sed 1d | tr ',' '\n' | grep -c .)"
    echo "critical $(grep -c 'critical$' "$tmp/text")"
}
by_certprep() { # $1: number of the certificate
    jq -r --argjson n "$1" 'first(.files[0].blocks[] | select(.type == "certificate" and .number == $n)) |
        "subject \(.subject)", "issuer \(.issuer)", "serial \(.serial)",
        "not_before \(.not_before)", "not_after \(.not_after)", "sha256 \(.sha256)",
        "spki_sha256 \(.spki_sha256)", "signature_algorithm \(.signature_algorithm|ascii_downcase)",
        "version \(.version)",
        "names \([.subject_alt_names[] | "\(.type):\(.value|if test(":") then ascii_upcase else . end)"] | join(", "))",
        "ca \(if .ca then 1 else 0 end)", "path_length \(.path_length // "")",
        "ski \(.subject_key_id // "")", "aki \(.authority_key_id // "")",
        "ocsp \([.ocsp_urls[] | . + " "] | join(""))",
        "policies \([.policies[].oid | . + " "] | join(""))", "usage \(.key_usage | length)",
        "critical \([.extensions[] | select(.critical)] | length)"' "$tmp/out"
}
files=0 compared=0 keys=0
for file in good/*.pem; do
    want=0
    # A key whose curve stands in the block before it alone is one that neither tool reads.
    [ "$file" != good/ec-key-sec1-curve-only-in-parameters.pem ] || want=3
    run $want "inspect $file" "$certprep" inspect $now --offsets --format json \
        --passphrase-file good/passphrase.txt "$file"
    files=$((files + 1))
    rm -f "$tmp"/c-*.pem
    certificates "$file" | awk -v to="$tmp/c-" '/-----BEGIN CERTIFICATE-----/ { n++; on = 1 }
        on { print > (to n ".pem") } /-----END CERTIFICATE-----/ { on = 0 }'
    number=0
    while [ -f "$tmp/c-$((number + 1)).pem" ]; do
        number=$((number + 1))
        sum=$(openssl x509 -in "$tmp/c-$number.pem" -outform DER | sha256sum)
        ! grep -q "$sum" "$tmp/seen" || continue
        echo "$sum" >>"$tmp/seen"
        by_openssl "$tmp/c-$number.pem" | sed 's/ *$//' >"$tmp/theirs"
        by_certprep $number | sed 's/ *$//' >"$tmp/ours"
        diff "$tmp/theirs" "$tmp/ours" >"$tmp/diff" || sed 's/^/    /' "$tmp/diff"
        ok "$file: facts of certificate $number" diff "$tmp/theirs" "$tmp/ours"
        openssl asn1parse -in "$tmp/c-$number.pem" |
            sed -n 's/^ *\([0-9]*\):d= *\([0-9]*\) *hl= *\([0-9]*\) *l= *\([0-9]*\) .*/\1 \2 \3 \4/p' >"$tmp/theirs"
        jq -r --argjson n $number 'first(.files[0].blocks[] | select(.number == $n)) | .elements[] |
            "\(.offset) \(.depth) \(.header_length) \(.length)"' "$tmp/out" >"$tmp/ours"
        ok "$file: offsets of certificate $number" diff "$tmp/theirs" "$tmp/ours"
        compared=$((compared + 1))
    done
    ok "$file: as many certificates" test $number = \
        "$(jq '[.files[].blocks[] | select(.type == "certificate")] | length' "$tmp/out")"
    if [ $want != 0 ] || ! grep -q 'PRIVATE KEY' "$file"; then continue; fi
    # OpenSSL 3.0 does not read version 2 of PKCS#8; the same key stands in version 1 beside it.
    lf <"$(echo "$file" | sed 's/-v2//')" >"$tmp/lf.pem"
    ours=$(jq -r 'first(.files[0].blocks[] | select(.type == "private key")) | .spki_sha256' "$tmp/out")
    # A curve that is written out is shown as the named one that it is.
    case $file in
    *explicit*) as="ec -param_enc named_curve -conv_form uncompressed" ;;
    *) as=pkey ;;
    esac
    theirs=$(openssl $as -in "$tmp/lf.pem" -passin file:good/passphrase.txt -pubout -outform DER 2>"$tmp/err" |
        sha256sum | cut -d' ' -f1)
    ok "$file: SPKI of the key" test "$ours" = "$theirs"
    ok "$file: no DER tree of the key" jq -e '[.files[].blocks[] | select(.type == "private key") |
        has("elements")] | any | not' "$tmp/out"
    keys=$((keys + 1))
done
ok "files, certificates and keys were compared" test $files -gt 40 -a $compared -gt 20 -a $keys -gt 25

# The private value in no form: not as hex either.
for file in good/ec-key-pkcs8.pem good/ec-key-sec1-parameters.pem good/ed25519-key-pkcs8.pem good/rsa-key-pkcs1.pem; do
    openssl pkey -in $file -noout -text | sed -n '/^priv\|^privateExponent\|^prime\|^coefficient/,/^[a-z]/p' |
        grep '^ ' | tr -d ' ' | cut -c1-29 | lower | grep -E '^[0-9a-f]{18,}' >"$tmp/private"
    ok "$file: there is a private value" test -s "$tmp/private"
    for format in text json; do
        run 0 "key $format" "$certprep" inspect $now --offsets --format $format $file
        ok "$file $format: no private value" sh -c "! tr -d ': ' <'$tmp/out' | grep -qif '$tmp/private'"
    done
done
# Nor where its label says otherwise: INTEGERs and OCTET STRINGs are shown by their length alone.
for label in "CERTIFICATE" "CERTIFICATE REQUEST" "PUBLIC KEY" "X509 CRL" "SOMETHING"; do
    sed "s/RSA PRIVATE KEY/$label/" good/rsa-key-pkcs1.pem >"$tmp/mislabelled.pem"
    "$certprep" inspect $now --offsets "$tmp/mislabelled.pem" >"$tmp/out" 2>"$tmp/err"
    ok "RSA key as $label: no private value" sh -c "! tr -d ': ' <'$tmp/out' | grep -qif '$tmp/private'"
    no_secret "RSA key as $label"
done

# ---- relations ----------------------------------------------------------------------------------
run 0 "a chain and its key" "$certprep" inspect $now good/root-included-bundle.pem
says out "certificate 3  CN=certprep Test Root X1  self-issued, verified"
says out "key 1  belongs to certificate 1"
silent err
run 0 "roots of several files" "$certprep" inspect $now good/cross-signed-root-bundle.pem trust/all.pem
says out "(unfolded above)"
run 0 "duplicates" "$certprep" inspect $now good/ec-leaf.pem good/ec-fullchain.pem
says out "certificate 2  is certificate 1 again"
run 0 "an altered signature" "$certprep" inspect $now bad/leaf-altered-signature.pem
says out "name only: the signature is not its key's"
run 0 "no issuer" "$certprep" inspect $now good/ec-leaf.pem
says out "CN=certprep Test CA E1  (not here)"
# A circle of issuers has no root, and ends.
mkdir "$tmp/ca"
for pair in a:b b:a; do
    openssl req -new -newkey ed25519 -nodes -keyout "$tmp/ca/${pair%:*}.key" \
        -subj "/CN=circle ${pair%:*}" -out "$tmp/ca/${pair%:*}.csr" 2>/dev/null
done
for pair in a:b b:a; do
    openssl req -x509 -key "$tmp/ca/${pair#*:}.key" -subj "/CN=circle ${pair#*:}" \
        -out "$tmp/ca/issuer.pem" 2>/dev/null
    openssl x509 -req -in "$tmp/ca/${pair%:*}.csr" -CA "$tmp/ca/issuer.pem" -CAkey "$tmp/ca/${pair#*:}.key" \
        -CAcreateserial 2>/dev/null
done >"$tmp/circle.pem"
run 0 "a circle" "$certprep" inspect "$tmp/circle.pem"
says out "it issued its own issuer"

# ---- hostile names ------------------------------------------------------------------------------
openssl req -x509 -newkey ed25519 -nodes -keyout "$tmp/ca/bidi.key" -utf8 \
    -subj "/CN=$(printf 'a\342\200\256b\342\200\213c\342\201\246d')/O=\"x\\\\,y\"" \
    -addext "subjectAltName=DNS:a\"b.example" -out "$tmp/bidi.pem" 2>/dev/null
for file in bad/san-escape-sequence.pem bad/san-latin-1.pem bad/san-nul.pem "$tmp/bidi.pem"; do
    run 0 "hostile, text: $file" "$certprep" inspect $now --offsets --color never "$file"
    no_raw "hostile, text: $file"
    run 0 "hostile, JSON: $file" "$certprep" inspect $now --offsets --format json "$file"
    no_raw "hostile, JSON: $file"
    ok "hostile, JSON: $file is JSON" jq -e '.schema_version == 1' "$tmp/out"
done
ok "the bidi name is told" jq -e '.files[0].blocks[0].subject | startswith("CN=a\\u{202E}b\\u{200B}c\\u{2066}d,O=")' "$tmp/out"
cp good/ec-leaf.pem "$tmp/$(printf 'a\033[31m\342\200\256.pem')"
run 0 "hostile file name" "$certprep" inspect $now --color never "$tmp/$(printf 'a\033[31m\342\200\256.pem')"
no_raw "hostile file name"
says out 'a\x1B[31m'
run 0 "outside UTF-8" env LC_ALL=C "$certprep" inspect $now good/root-included-bundle.pem
ok "outside UTF-8: ASCII alone" sh -c "! LC_ALL=C grep -q '[^ -~]' '$tmp/out'"

# ---- what could not be read ---------------------------------------------------------------------
run 3 "a cut block" "$certprep" inspect $now bad/pem-cut.pem
says out "certificate 1"
says out "unread"
run 3 "malformed DER" "$certprep" inspect $now --offsets bad/der-indefinite-length-inside.pem
says out "this is BER, not DER"
run 3 "a file that is not there: the others are shown" "$certprep" inspect $now nowhere.pem good/ec-leaf.pem good
says out "CN=shop.acme.example"
says out "nowhere.pem: No such file"
says err "nowhere.pem: No such file"
says err "good: is a directory"
run 3 "the same in JSON" "$certprep" inspect $now --format json nowhere.pem good/ec-leaf.pem
ok "JSON has it" jq -e '.unread[0].file == "nowhere.pem" and (.files | length) == 1' "$tmp/out"
run 3 "empty file" "$certprep" inspect bad/empty.pem
run 3 "wrong pass phrase" "$certprep" inspect --passphrase-file bad/passphrase-wrong.txt good/ec-key-pkcs8-pbkdf2.pem
run 0 "an encrypted key without pass phrase" "$certprep" inspect good/ec-key-pkcs8-pbkdf2.pem
says out "encrypted private key"
run 0 "other blocks" "$certprep" inspect --offsets bad/pem-csr-and-key.pem
says out "CERTIFICATE REQUEST"
run 0 "stdin" sh -c "'$certprep' inspect $now - <good/rsa-bundle.pem"
says out "<stdin>"

# ---- every format that is read ------------------------------------------------------------------
ec=good/ec-key-pkcs8.pem
openssl x509 -in good/ec-leaf.pem -outform DER -out "$tmp/leaf.der"
openssl pkey -in $ec -outform DER -out "$tmp/key.der"
openssl crl2pkcs7 -nocrl -certfile good/ec-fullchain.pem -outform DER -out "$tmp/chain.p7b"
openssl crl2pkcs7 -nocrl -certfile good/ec-fullchain.pem -out "$tmp/chain.p7.pem"
echo canary-secret-4711 >"$tmp/pass"
openssl pkcs12 -export -in good/ec-fullchain.pem -inkey $ec -passout "file:$tmp/pass" -out "$tmp/all.p12"
openssl req -new -key $ec -subj /CN=x -outform DER -out "$tmp/request.der"
sum=$(sha256sum <"$tmp/leaf.der" | cut -d' ' -f1)
for file in leaf.der chain.p7b chain.p7.pem all.p12; do
    run 0 "$file" "$certprep" inspect --offsets --format json --passphrase-file "$tmp/pass" "$tmp/$file"
    ok "$file: the leaf is there" jq -e --arg sum "$sum" '[.files[].blocks[] |
        select(.type == "certificate") | .sha256] | index($sum) == 0' "$tmp/out"
    ok "$file: its DER from its own start on" jq -e 'first(.files[].blocks[] |
        select(.type == "certificate")) | .elements[0].offset == 0 and
        .elements[0].header_length + .elements[0].length == .length' "$tmp/out"
done
ok "PKCS#12: its key" jq -e '.relations.keys[0].certificates == [1]' "$tmp/out"
for file in good/*.p12 good/*.p7b good/*.der; do
    pass="--passphrase-file good/passphrase.txt"
    case $file in *-absent-* | *-empty-* | *-plain*) pass= ;; esac
    run 0 "$file" "$certprep" inspect --format json $pass $file
    case $file in
    *-key-*)
        want=$(openssl pkey -in "${file%.der}.pem" -passin file:good/passphrase.txt -pubout -outform DER |
            sha256sum | cut -d' ' -f1)
        ok "$file: SPKI of the key" jq -e --arg want "$want" '.files[0].blocks[] |
            select(.type == "private key") | .spki_sha256 == $want' "$tmp/out"
        ;;
    *)
        base=$(basename "${file%.*}")
        [ -f "good/$base.pem" ] && [ "${base#*-fullchain}" = "$base" ] || base=${base%%-*}-leaf
        [ "${base#*-bundle}" = "$base" ] || base=${base%%-*}-leaf
        want=$(openssl x509 -in "good/$base.pem" -outform DER | sha256sum | cut -d' ' -f1)
        ok "$file: the certificate is there" jq -e --arg want "$want" '[.files[0].blocks[] |
            select(.type == "certificate") | .sha256] | index($want) == 0' "$tmp/out"
        ;;
    esac
done
run 0 "key in DER" "$certprep" inspect --offsets "$tmp/key.der"
says out "private key 1"
run 0 "request in DER" "$certprep" inspect --offsets "$tmp/request.der"
says out "OBJECT IDENTIFIER secp256r1 (1.2.840.10045.3.1.7)"
run 3 "PKCS#12 without its pass phrase" "$certprep" inspect "$tmp/all.p12"
says out "no pass phrase was given"

# ---- options ------------------------------------------------------------------------------------
run 0 "days are counted from --at" "$certprep" inspect --at 2026-09-30 good/ec-leaf.pem
says out "days left             1"
run 0 "and back" "$certprep" inspect --at 2026-10-02 good/ec-leaf.pem
says out "days left             -1"
run 0 "colour" env -u NO_COLOR "$certprep" inspect --color always good/ec-leaf.pem
ok "colour is there" grep -q "$esc" "$tmp/out"
run 0 "no colour in a pipe" "$certprep" inspect good/ec-leaf.pem
ok "no colour is there" sh -c "! grep -q '$esc' '$tmp/out'"
run 0 "no colour in JSON" "$certprep" inspect --color always --format json good/ec-leaf.pem
ok "no colour is in JSON" sh -c "! grep -q '$esc' '$tmp/out'"
run 2 "no file" "$certprep" inspect
says err "name a file"
run 2 "format" "$certprep" inspect --format yaml good/ec-leaf.pem
run 2 "time" "$certprep" inspect --at tomorrow good/ec-leaf.pem
run 2 "stdin twice" "$certprep" inspect - -
says err "only once"
run 2 "stdin for both" "$certprep" inspect --passphrase-file - -
run 3 "no pass phrase file" "$certprep" inspect --passphrase-file nowhere good/ec-leaf.pem
if [ -w /dev/full ]; then
    run 3 "full disk" sh -c "'$certprep' inspect good/ec-leaf.pem >/dev/full"
fi
finish
