#!/bin/sh
# What the openssl command, certtool and certprep say on the defects of rows.txt, as a page:
#   run.sh CERTPREP > docs/comparison.md
#   run.sh CERTPREP docs/comparison.md    is the page current? (the test)
# Each tool gets all it can use: the anchors, the clock, the hostname, the intermediates. certtool
# has no option for the clock, so it runs under faketime. 77: a tool is not here.
set -u
certprep=$(realpath "$1") page=${2:+$(realpath "$2")}
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C TZ=UTC
for tool in openssl certtool faketime jq; do
    command -v $tool >/dev/null || { echo "comparison: no $tool, nothing was compared"; exit 77; }
done
# Other versions have other words.
case "$(openssl version) $(certtool --version | head -1)" in
"OpenSSL 3.0."*" certtool 3.7."*) ;;
*) echo "comparison: openssl 3.0 and certtool 3.7 are not what is here, nothing was compared"; exit 77 ;;
esac
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
cd "$here/../../testcerts" || exit 3

# One line: words joined, without file names, safe in a table.
tidy() {
    sed 's/|/\\|/g; s/[. ]*$//' | awk 'NF && !seen[$0]++ { printf "%s%s", n++ ? "; " : "", $0 }'
}
# OpenSSL's reasons only: the fifth field of a line of its error queue.
openssl_reason() {
    sed -n -e 's/^error [0-9]* at [0-9]* depth lookup: *//p' \
        -e 's/^\(Could not read [a-z ]*\) from .*/\1/p' -e 's/^Key is invalid.*/key is invalid/p' \
        -e '/DECODER\|STORE/d' -e 's/^[0-9A-F]*:error:[0-9A-F]*:[^:]*:[^:]*:\([^:]*\):.*/\1/p' "$1"
}
has_key() { grep -aq 'PRIVATE KEY' "$1"; }
has_certificate() { grep -aqi 'CERTIFICATE' "$1" || ! has_key "$1"; }

ask_openssl() { # FILE HOSTNAME CRL
    : >"$tmp/words"
    if has_certificate "$1"; then
        file=$1 crl=$3
        set -- -CAfile trust/all.pem -untrusted "$file" -purpose sslserver -attime 1780272000 \
            -x509_strict -auth_level 2 -verify_hostname "$2"
        [ "$crl" = - ] || set -- "$@" -crl_check -CRLfile "$crl"
        openssl verify "$@" "$file" >"$tmp/raw" 2>&1 || openssl_reason "$tmp/raw" >>"$tmp/words"
        openssl x509 -in "$file" -noout -pubkey >"$tmp/public" 2>"$tmp/raw" ||
            openssl_reason "$tmp/raw" >>"$tmp/words"
    else
        file=$1
        : >"$tmp/public"
    fi
    has_key "$file" || return
    openssl pkey -in "$file" -passin pass: -check -noout >"$tmp/raw" 2>&1
    openssl_reason "$tmp/raw" >>"$tmp/words"
    openssl pkey -in "$file" -passin pass: -pubout >"$tmp/public-of-key" 2>/dev/null || return
    [ ! -s "$tmp/public" ] || cmp -s "$tmp/public" "$tmp/public-of-key" ||
        echo "(-pubout: another public key than the certificate's)" >>"$tmp/words"
}

certtool_at() { faketime -f '2026-06-01 00:00:00' certtool "$@"; }
certtool_reason() {
    sed -n -e 's/^Chain verification output: Not verified\. The certificate is NOT trusted\. *//p' \
        -e 's/^error parsing [A-Za-z]*: *//p' -e 's/^import error: *//p' \
        -e 's/^\*\* \(.*[a-z]\) *\**$/\1/p' "$1"
}
ask_certtool() { # FILE HOSTNAME CRL
    : >"$tmp/words"
    : >"$tmp/public"
    file=$1 crl=$3
    if has_certificate "$file"; then
        set -- --verify --load-ca-certificate trust/all.pem --verify-hostname "$2" \
            --verify-purpose 1.3.6.1.5.5.7.3.1 --verify-profile medium --infile "$file"
        [ "$crl" = - ] || set -- "$@" --load-crl "$crl"
        certtool_at "$@" >"$tmp/raw" 2>&1 || certtool_reason "$tmp/raw" >>"$tmp/words"
        certtool_at --pubkey-info --load-certificate "$file" --no-text >"$tmp/public" 2>/dev/null
    fi
    has_key "$file" || return
    certtool_at --key-info --infile "$file" --password '' >"$tmp/raw" 2>&1
    certtool_reason "$tmp/raw" >>"$tmp/words"
    certtool_at --pubkey-info --load-privkey "$file" --password '' --no-text >"$tmp/public-of-key" 2>/dev/null ||
        return
    [ ! -s "$tmp/public" ] || cmp -s "$tmp/public" "$tmp/public-of-key" ||
        echo "(--pubkey-info: another public key than the certificate's)" >>"$tmp/words"
}

ask_certprep() { # FILE HOSTNAME CRL RULE OPTION...
    file=$1 host=$2 crl=$3 rule=$4
    shift 4
    [ "$crl" = - ] || set -- "$@" --crl "$crl"
    "$certprep" check --at 2026-06-01 --trust trust/all.pem --hostname "$host" "$@" --format json "$file" >"$tmp/raw" 2>&1
    jq -r --arg rule "$rule" '[.findings[] | select(.rule == $rule) | .rule + " " + .severity + ": " + .message][0] // empty' \
        "$tmp/raw" >"$tmp/words" 2>/dev/null || : >"$tmp/words"
}

# Nothing may be said of what is good, or the table shows nothing.
for good in good/ec-fullchain.pem good/ec-bundle.pem good/rsa-bundle.pem; do
    for tool in openssl certtool; do
        ask_$tool $good shop.acme.example -
        [ ! -s "$tmp/words" ] || { echo "comparison: $tool on $good: $(tidy <"$tmp/words")" >&2; exit 1; }
    done
    "$certprep" check --at 2026-06-01 --trust trust/all.pem --hostname shop.acme.example $good >/dev/null ||
        { echo "comparison: certprep on $good" >&2; exit 1; }
done

cell() { # NAME-OF-COUNT: the cell's text; counts what was noticed
    words=$(tidy <"$tmp/words")
    if [ -n "$words" ]; then
        eval "$1=\$(($1 + 1))"
        printf '| %s ' "$words" >>"$tmp/table"
    else
        printf '| **nothing** ' >>"$tmp/table"
    fi
}
rows=0 by_openssl=0 by_certtool=0 by_certprep=0
grep -v '^#' "$here/rows.txt" >"$tmp/rows"
while IFS='|' read -r rule file host options crl defect; do
    [ -r "$file" ] || { echo "comparison: no $file" >&2; exit 1; }
    rows=$((rows + 1))
    [ "$options" != - ] || options=
    printf '| %s<br>%s ' "$defect" "\`$file\`" >>"$tmp/table"
    ask_openssl "$file" "$host" "$crl"
    cell by_openssl
    ask_certtool "$file" "$host" "$crl"
    cell by_certtool
    # shellcheck disable=SC2086  # words on purpose
    ask_certprep "$file" "$host" "$crl" "$rule" $options
    [ -s "$tmp/words" ] || { echo "comparison: certprep does not report $rule on $file" >&2; exit 1; }
    cell by_certprep
    echo '|' >>"$tmp/table"
done <"$tmp/rows" || exit 1

cat >"$tmp/page" <<PAGE
# What openssl, certtool and certprep say

Made by \`tests/comparison/run.sh\` from \`tests/comparison/rows.txt\`, not by hand; \`ctest -R comparison\` says
whether it is current. Each file of \`testcerts/\` has the one defect that is named. Each tool was asked all that
it can be asked of:

- \`openssl verify -x509_strict -auth_level 2 -purpose sslserver -verify_hostname ... -attime ... -untrusted FILE\`
  (and \`-crl_check\` where there is a CRL), \`openssl x509 -pubkey\`, \`openssl pkey -check\`, and the two public
  keys compared;
- \`certtool --verify --verify-profile medium --verify-purpose ... --verify-hostname ... --load-ca-certificate ...\`
  (and \`--load-crl\`), \`--key-info\`, and the two public keys compared;
- \`certprep check --hostname ...\`, with \`--profile webpki\`, \`--crl\` or \`--ct-logs\` where the row is about that.

A refusal counts as noticed for openssl and certtool whatever its words are, even where they judged another
certificate of the file; for certprep only the rule that names the defect counts. Of good files none of the three
says anything. Debian 12's packages, the clock at 2026-06-01.

**Of $rows defects openssl notices $by_openssl, certtool $by_certtool, certprep $by_certprep.**

| Defect | openssl | certtool | certprep |
|---|---|---|---|
PAGE
cat "$tmp/table" >>"$tmp/page"
if [ -z "$page" ]; then
    cat "$tmp/page"
elif diff -u "$page" "$tmp/page" >"$tmp/diff"; then
    echo "$rows rows, the page is current"
else
    head -40 "$tmp/diff"
    echo "FAILED: docs/comparison.md is not what the tools say; run.sh CERTPREP > docs/comparison.md makes it"
    exit 1
fi
