#!/bin/sh
# The formats of reports: one run feeds all, exit codes are the same, names in certificates harm
# none of them.
# shellcheck disable=SC2016,SC2086  # $at is words; jq has variables, too
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3
formats="text json ndjson sarif junit github gitlab prometheus cyclonedx"
hostile="command brackets markup quotes terminal utf8 all"
esc=$(printf '\033')

for format in $formats; do
    run 0 "$format: clean" "$certprep" check $at --format $format good/ec-bundle.pem
    run 1 "$format: findings" "$certprep" check $at --format $format bad/leaf-expired.pem
    run 0 "$format: exit-zero" "$certprep" check $at --format $format --exit-zero bad/leaf-expired.pem
    run 1 "$format: fail-on" "$certprep" check $at --format $format --fail-on warning bad/order-root-first.pem
    run 3 "$format: unreadable" "$certprep" check $at --format $format nowhere.pem
    says err "nowhere.pem: No such file"
done

# --report: the same bytes as --format, and standard output beside it
reports=
for format in $formats; do reports="$reports --report $format=$tmp/all.$format"; done
run 1 "all at once" env LC_ALL=C.UTF-8 "$certprep" check $at $reports hostile/all.pem
for format in $formats; do
    "$certprep" check $at --format $format hostile/all.pem >"$tmp/one" 2>/dev/null
    [ $format != text ] || LC_ALL=C.UTF-8 "$certprep" check $at hostile/all.pem >"$tmp/one"
    ok "--report $format is --format $format" cmp "$tmp/one" "$tmp/all.$format"
done
ok "nothing is left beside them" sh -c "! ls -A '$tmp' | grep -q '^[.]certprep'"
run 3 "reports of what could not be read" "$certprep" check $at --report junit=$tmp/u.xml --report json=$tmp/u.json nowhere.pem
silent out
ok "json: unread" jq -e '.verdict == "BLOCKED" and .unreadable == 1 and .unread[0].input == "nowhere.pem" and .reports == []' "$tmp/u.json"
ok "junit: unread" grep -q '<error type="unreadable"' "$tmp/u.xml"

# wrong use
run 2 "unknown format" "$certprep" check $at --format sarfi good/ec-bundle.pem
says err "did you mean 'sarif'?"
run 2 "report to stdout" "$certprep" check $at --report json=- good/ec-bundle.pem
says err "standard output has what --format names"
run 2 "report without a file" "$certprep" check $at --report json good/ec-bundle.pem
says err "want FORMAT=FILE"
run 2 "report in an unknown format" "$certprep" check $at --report yaml=$tmp/x good/ec-bundle.pem
says err "want text, json"
run 2 "two reports into one file" "$certprep" check $at --report json=$tmp/x --report sarif=$tmp/x good/ec-bundle.pem
says err "named twice"
cp good/ec-bundle.pem "$tmp/input.pem"
ln -s input.pem "$tmp/link.pem"
run 2 "a report over the input" "$certprep" check $at --report "json=$tmp/input.pem" "$tmp/link.pem"
says err "is read in this run"
ok "the input is whole" cmp good/ec-bundle.pem "$tmp/input.pem"
run 3 "a report where none can be" "$certprep" check $at --report json=$tmp/none/x.json good/ec-bundle.pem
says err "No such file"
run 3 "a report over a directory" "$certprep" check $at --report json=$tmp good/ec-bundle.pem
: >"$tmp/old.json"
chmod 640 "$tmp/old.json"
run 0 "an old report is replaced" "$certprep" check $at --report json=$tmp/old.json good/ec-bundle.pem
ok "it keeps its mode" test "$(stat -c %a "$tmp/old.json")" = 640
ok "and is whole" jq -e '.verdict == "READY"' "$tmp/old.json"

# names that attack what shows them
for case in $hostile; do
    for format in $formats; do
        LC_ALL=C.UTF-8 "$certprep" check $at --color never --format $format hostile/$case.pem >"$tmp/$format" 2>/dev/null
        ok "$case: $format has something" test -s "$tmp/$format"
        white='\n'
        [ $format != json ] || white='\n\t' # its indentation
        ok "$case: $format has no control byte" sh -c "! LC_ALL=C tr -d '$white' <'$tmp/$format' | LC_ALL=C grep -q '[[:cntrl:]]'"
        ok "$case: $format is UTF-8" iconv -f utf-8 -t utf-8 "$tmp/$format"
        ok "$case: $format has no bidi control or C1" sh -c "! LC_ALL=C.UTF-8 grep -qP '[\x{80}-\x{9f}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]' '$tmp/$format'"
        ok "$case: $format has no ##[" sh -c "! grep -q '##' '$tmp/$format'"
        [ $format = github ] ||
            ok "$case: $format begins no line with ::" sh -c "! grep -qE '^[[:space:]]*::' '$tmp/$format'"
    done
    for format in json sarif gitlab cyclonedx; do ok "$case: $format is JSON" jq -e . "$tmp/$format"; done
    ok "$case: ndjson is JSON by lines" jq -e -s 'length == 2 and .[1].type == "summary"' "$tmp/ndjson"
    ok "$case: github has commands of ours only" sh -c "! grep -qvE '^::(error|warning|notice) file=hostile/${case}[.]pem,line=[0-9]+,endLine=[0-9]+,title=CP[0-9]{4} [^:]*::' '$tmp/github'"
    ok "$case: prometheus has metrics of ours only" sh -c "! grep -qvE '^(# (HELP|TYPE) )?certprep_[a-z_]+[ {]' '$tmp/prometheus'"
    ok "$case: prometheus has no certprep_evil" sh -c "! grep -q '^certprep_evil' '$tmp/prometheus'"
    if command -v xmllint >/dev/null; then
        ok "$case: junit is XML" xmllint --noout "$tmp/junit"
        tests=$(xmllint --xpath 'string(/testsuites/testsuite/@tests)' "$tmp/junit")
        ok "$case: junit counts its tests" test "$(xmllint --xpath 'count(//testcase)' "$tmp/junit")" = "$tests"
        ok "$case: junit has elements of ours only" test "$(xmllint --xpath 'count(//*[not(self::testsuites or self::testsuite or self::properties or self::property or self::testcase or self::failure or self::system-out or self::system-err)])' "$tmp/junit")" = 0
    fi
done
"$certprep" check $at --format json hostile/brackets.pem >"$tmp/json"
ok "JSON says the name itself" jq -e '.path.certificates[0].subject | startswith("CN=##[error]pwned")' "$tmp/json"
"$certprep" check $at --format gitlab hostile/quotes.pem >"$tmp/gitlab"
ok "no member is made" jq -e 'all(.[]; .severity != "none" and (keys == ["check_name", "description", "fingerprint", "location", "severity"]))' "$tmp/gitlab"

# places and fingerprints
"$certprep" check $at --format sarif bad/leaf-expired.pem >"$tmp/a.sarif"
ok "four coordinates and bytes" jq -e 'all(.runs[0].results[].locations[0].physicalLocation.region; .startLine >= 1 and .startColumn >= 1 and .endLine > .startLine and .endColumn >= 1 and .byteLength > 100)' "$tmp/a.sarif"
read -r offset len <<EOF
$(jq -r '.runs[0].results[0].locations[0].physicalLocation.region | "\(.byteOffset) \(.byteLength)"' "$tmp/a.sarif")
EOF
tail -c +$((offset + 1)) bad/leaf-expired.pem | head -c "$len" >"$tmp/block.pem"
ok "the bytes are a whole block" openssl x509 -in "$tmp/block.pem" -noout
ok "and end where it does" test "$(tail -c 25 "$tmp/block.pem")" = '-----END CERTIFICATE-----'
mkdir "$tmp/moved"
{ printf 'a comment\nand another\n'; cat bad/leaf-expired.pem; } >"$tmp/moved/other.pem"
(cd "$tmp/moved" && "$certprep" check $at --format sarif other.pem) >"$tmp/b.sarif"
fingerprints() { jq -S '[.runs[0].results[] | select(.ruleId == "CP0201").partialFingerprints.primaryLocationLineHash]' "$1"; }
fingerprints "$tmp/a.sarif" >"$tmp/a.prints"
fingerprints "$tmp/b.sarif" >"$tmp/b.prints"
ok "there are fingerprints, each once" jq -e 'length > 0 and length == (unique | length)' "$tmp/a.prints"
ok "they stay when lines move" cmp "$tmp/a.prints" "$tmp/b.prints"
ok "and lines are told" jq -e 'any(.runs[0].results[]; .ruleId == "CP0201" and .locations[0].physicalLocation.region.startLine == 3)' "$tmp/b.sarif"
"$certprep" check $at --format sarif "$PWD/bad/leaf-expired.pem" >"$tmp/c.sarif"
ok "names are relative to the working directory" jq -e 'all(.runs[0].results[].locations[0].physicalLocation.artifactLocation; .uri == "bad/leaf-expired.pem")' "$tmp/c.sarif"
cp bad/leaf-expired.pem "$tmp/moved/a b%?#.pem"
(cd "$tmp/moved" && "$certprep" check $at --format sarif 'a b%?#.pem') >"$tmp/d.sarif"
ok "names are URIs" jq -e '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri == "a%20b%25%3F%23.pem"' "$tmp/d.sarif"
ok "every result has its rule" jq -e '.runs[0] as $r | all($r.results[]; .ruleId == $r.tool.driver.rules[.ruleIndex].id)' "$tmp/all.sarif"
ok "rules are described" jq -e 'all(.runs[0].tool.driver.rules[]; (.help.text | length) > 20 and (.fullDescription.text | length) > 10)' "$tmp/all.sarif"

# what each says
end=$(openssl x509 -in good/ec-leaf.pem -noout -enddate | cut -d= -f2)
"$certprep" check $at --format prometheus good/ec-bundle.pem >"$tmp/prometheus"
ok "not_after is absolute" grep -qE "^certprep_certificate_not_after_timestamp_seconds.*certificate=\"1\".* $(date -u -d "$end" +%s)\$" "$tmp/prometheus"
ok "and the last run is told" grep -qx 'certprep_last_run_success 1' "$tmp/prometheus"
"$certprep" check $at --format cyclonedx good/ec-bundle.pem >"$tmp/cyclonedx"
ok "cyclonedx: certificates, keys, algorithms" jq -e '[.components[].cryptoProperties.assetType] | (map(select(. == "certificate")) | length == 2) and (map(select(. == "related-crypto-material")) | length == 3) and any(. == "algorithm")' "$tmp/cyclonedx"
ok "cyclonedx: references lead somewhere" jq -e '([.components[]."bom-ref"] | unique) as $refs | ($refs | length) == (.components | length) and all(.dependencies[]; ([.ref] + .dependsOn) - $refs == [])' "$tmp/cyclonedx"
"$certprep" check $at --format junit --fail-on warning bad/order-root-first.pem >"$tmp/junit"
ok "junit: --fail-on warning fails warnings" grep -q '<failure type="CP0403"' "$tmp/junit"
"$certprep" check $at --format junit bad/order-root-first.pem >"$tmp/junit"
ok "junit: else they pass" sh -c "! grep -q '<failure' '$tmp/junit' && grep -q 'warning.CP0403' '$tmp/junit'"
ok "no terminal byte anywhere" sh -c "! LC_ALL=C grep -q '$esc' '$tmp'/all.*"
finish
