#!/bin/sh
# target_answers.def: for each row an input that shows what the service would answer, and that the
# finding is the row's. A row without one fails.
# shellcheck disable=SC2086  # $at is words
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
table=$(dirname "$0")/../../certprep/target_answers.def

# CHECK FILE: what has this defect.
cat >"$tmp/inputs" <<'INPUTS'
LEAF_IS_CA bad/ca-as-leaf.pem
ROOT_INCLUDED good/root-included-bundle.pem
SAN_MISSING bad/no-san.pem
KEY_MALFORMED bad/key-trailing-bytes.pem
PEM_BROKEN bad/pem-cut.pem
PEM_BASE64 bad/pem-bad-character.pem
CERT_MALFORMED bad/der-trailing-bytes.pem
TYPOGRAPHIC bad/pem-typographic-dashes.pem
LABEL_MISMATCH bad/pem-other-end.pem
DASHES bad/pem-four-dashes.pem
END_MISSING mangled/no-end.pem
BEGIN_MISSING mangled/no-begin.pem
KEY_MISMATCH bad/key-of-another-certificate.pem
KEY_STALE bad/key-stale-both-leaves.pem
NO_NAME profile/no-name.pem
HOSTNAME_NOT_COVERED webpki/san-critical.pem
ISSUER_MISSING bad/missing-intermediate.pem
INPUTS
# TARGET CHECK FILE: where it depends on the target.
cat >"$tmp/own-inputs" <<'INPUTS'
acm TARGET_KEY_SIZE webpki/rsa-2056.pem
cloudfront TARGET_KEY_SIZE webpki/rsa-2056.pem
INPUTS

sed -n 's/^ANSWER("\([a-z-]*\)", \([A-Z_0-9]*\),.*/\1 \2/p' "$table" >"$tmp/rows"
ok "the table has rows" [ -s "$tmp/rows" ]
while read -r target check; do
    file=$(awk -v c="$check" '$1 == c { print $2 }' "$tmp/inputs")
    own=$(awk -v t="$target" -v c="$check" '$1 == t && $2 == c { print $3 }' "$tmp/own-inputs")
    file=${own:-$file}
    [ -n "$file" ] || { failed=$((failed + 1)); echo "FAILED $target $check: no input shows this row"; continue; }
    "$certprep" check $at --hostname shop.acme.example --target "$target" --format json "$certs/$file" >"$tmp/out" 2>"$tmp/err"
    no_secret "$target $check"
    ok "$target $check: $file" jq -e --arg check "$check" \
        'any(.findings[]; .name == $check and any(.notes[]?; contains(" would answer"))
                          and (.target_answer | .text != "" and .source != "" and .date != ""))' "$tmp/out"
    "$certprep" check $at --hostname shop.acme.example --format json "$certs/$file" >"$tmp/out" 2>"$tmp/err"
    ok "$target $check: nothing is predicted without a target" jq -e \
        'all(.findings[]; all(.notes[]?; contains(" would answer") | not))' "$tmp/out"
done <"$tmp/rows"

# Where nothing is published, that is said: in the text and in JSON, of errors alone.
run 1 "no answer" "$certprep" check $at --hostname shop.acme.example --target esa "$certs/bad/key-of-another-certificate.pem"
says out "Alibaba Cloud ESA publishes no answer to CP0101 (Alibaba Cloud ESA, CreateCustomHostname"
run 1 "no answer, as JSON" "$certprep" check $at --hostname shop.acme.example --target esa --format json "$certs/bad/key-of-another-certificate.pem"
ok "the list" jq -e '.target.name == "esa" and .target.no_answer_published == ["CP0101"] and .target.answers_date != null
    and all(.findings[]; .target_answer == null)' "$tmp/out"
run 1 "one answer" "$certprep" check $at --hostname other.example --target cdn --format json "$certs/bad/key-of-another-certificate.pem"
ok "one is published, one is not" jq -e '.target.no_answer_published == ["CP0301"]
    and any(.findings[]; .rule == "CP0101" and .target_answer.code == "Certificate.MissMatch")' "$tmp/out"
run 1 "an answer to all" "$certprep" check $at --hostname shop.acme.example --target cdn "$certs/bad/key-of-another-certificate.pem"
says out "Alibaba Cloud CDN would answer Certificate.MissMatch: The SSLPri does not match the certificate"
ok "nothing is left" sh -c "! grep -q 'publishes no answer' '$tmp/out'"
for target in generic nginx haproxy java; do
    run 1 "$target is no service" "$certprep" check $at --hostname shop.acme.example --target $target "$certs/bad/key-of-another-certificate.pem"
    ok "$target answers nothing" sh -c "! grep -q 'publishes no answer' '$tmp/out'"
done
run 1 "no target" "$certprep" check $at --hostname shop.acme.example --format json "$certs/bad/key-of-another-certificate.pem"
ok "no target in JSON" jq -e 'has("target") and .target == null and .findings_cut == false' "$tmp/out"

# What is good gets no answer, of any target.
for target in $(sed -n 's/^TARGET("\([a-z-]*\)".*/\1/p' "$(dirname "$table")/targets.def"); do
    "$certprep" check $at --hostname shop.acme.example --target "$target" --format json \
        "$certs/good/rsa-bundle.pem" >"$tmp/out" 2>"$tmp/err"
    ok "$target: a good bundle" jq -e '.counts.errors == 0 and all(.findings[]; all(.notes[]?; contains(" would answer") | not))' "$tmp/out"
done
finish
