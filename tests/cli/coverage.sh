#!/bin/sh
# --hostnames: each line is judged; the fewest names that are missing; places of errors; many.
# shellcheck disable=SC2086  # $at is words
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
bundle=$certs/good/ec-bundle.pem
printf '\357\273\277shop.acme.example # served\r\n\n# none\n  WWW.acme.example\n' >"$tmp/covered"
run 0 "all covered" "$certprep" check $at --hostnames "$tmp/covered" "$bundle"
says out "hostname shop.acme.example: covered"
printf 'a.co.uk\nb.co.uk\n*.co.uk\nx.acme.example\ny.acme.example\nb\303\274cher.example\nb\303\274cher.example\n192.0.2.77\n' >"$tmp/missing"
run 1 "missing" "$certprep" check $at --format json --hostnames "$tmp/missing" "$bundle"
ok "siblings take a wildcard, never over a public suffix, none twice" jq -e '.coverage
    | ([.missing[].name] | sort) == ["*.acme.example", "192.0.2.77", "a.co.uk", "b.co.uk", "xn--bcher-kva.example"]
    and .impossible == ["*.co.uk"] and .covered == 0 and .hostnames == 8' "$tmp/out"
ok "what the wildcard would cover" jq -e '.coverage.missing[] | select(.wildcard)
    | .hostnames == ["x.acme.example", "y.acme.example"]' "$tmp/out"
run 0 "by a wildcard" "$certprep" check $at --format json --hostname x.acme.example "$certs/good/wildcard-bundle.pem"
ok "which" jq -e '.hostnames[0].covered_by == "*.acme.example"' "$tmp/out"
printf 'shop.acme.example\nhttps://shop.acme.example/\n' >"$tmp/url"
run 2 "a line that is none" "$certprep" check $at --hostnames "$tmp/url" "$bundle"
says err "url:2: hostname"
: >"$tmp/none"
run 3 "an empty file" "$certprep" check $at --hostnames "$tmp/none" "$bundle"
run 3 "no file" "$certprep" check $at --hostnames "$tmp/absent" "$bundle"
run 2 "standard input twice" "$certprep" check $at --hostnames - -
seq -f 'h%.0f.acme.example' 10000 >"$tmp/many"
run 1 "10,000" timeout 20 "$certprep" check $at --format json --hostnames "$tmp/many" "$bundle"
ok "one wildcard for all, findings bounded" jq -e '(.coverage.missing | length) == 1
    and (.coverage.missing[0].hostnames | length) == 10000 and (.findings | length) < 210' "$tmp/out"
finish
