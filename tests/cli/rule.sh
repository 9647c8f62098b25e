#!/bin/sh
# certprep rule and rules: every check is explained with an example, and the examples are the cases'.
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
cases=$certs/../tests/cases
ok "rule_examples.def is current (sh tests/cases/examples.sh > certprep/rule_examples.def)" \
    sh -c 'sh "$1/examples.sh" | cmp - "$1/../../certprep/rule_examples.def"' sh "$cases"
# shellcheck disable=SC2046  # one word an id
run 0 "rule of all" "$certprep" rule --format json $("$certprep" rules | cut -c1-6)
for id in $(jq -r '.rules[] | select(.example == null) | .id' "$tmp/out"); do
    ok "$id has an example" false
done
ok "as many as rules lists" [ "$(jq '.rules | length' "$tmp/out")" = "$("$certprep" rules | wc -l)" ]
run 0 "rule by id and by name" "$certprep" rule CP0301 EXPIRED
says out "CP0301 HOSTNAME_NOT_COVERED"
says out "CP0201 EXPIRED"
says out "group:    hostname"
says out "error[CP0301]: shop.acme.example is not covered"
run 2 "rule without id" "$certprep" rule
says err "name a check"
run 2 "rule unknown" "$certprep" rule CP0301 CP0O01
says err "did you mean CP0001?"
silent out
run 2 "rule far off" "$certprep" rule nonsense-of-some-length
says err "'certprep rules' lists them"
run 2 "rule format" "$certprep" rule --format xml CP0301
run 0 "rules of a group" "$certprep" rules --group key --format json
ok "only these" jq -e '.rules | length > 3 and all(.group == "key")' "$tmp/out"
run 2 "rules of no group" "$certprep" rules --group kye
finish
