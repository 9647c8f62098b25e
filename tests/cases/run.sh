#!/bin/sh
# Runs every case: cases/NAME/args is the command line after "certprep check", in testcerts/, with
# --format json added (cases/NAME/command, where it is there, names another command than check);
# cases/NAME/expected.json is the exit code and the exact findings.
# usage: run.sh CERTPREP [NAME]...      UPDATE=1 writes what came instead of comparing.
set -u
certprep=$(realpath "$1"); shift
here=$(cd "$(dirname "$0")" && pwd)
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
all=
[ $# -gt 0 ] || all=1
[ -z "$all" ] || set -- $(cd "$here" && ls -d */ | tr -d /)
cd "$here/../../testcerts" || exit 3
for name; do
    # shellcheck disable=SC2046  # the words of args are the arguments
    command=$(cat "$here/$name/command" 2>/dev/null || echo check)
    "$certprep" "$command" --format json $(cat "$here/$name/args") >"$tmp/out" 2>"$tmp/err"
    code=$?
    if [ -s "$tmp/out" ]; then
        jq --arg code $code '{exit: ($code|tonumber), verdict,
            findings: [.findings[] | {rule, severity, message, file, line, column, certificate,
                                      hostname, notes}]}' "$tmp/out" >"$tmp/got"
    else
        jq -n --arg code $code --arg err "$(head -1 "$tmp/err")" \
            '{exit: ($code|tonumber), error: $err}' >"$tmp/got"
    fi
    if [ "${UPDATE:-}" = 1 ]; then
        cp "$tmp/got" "$here/$name/expected.json"
    elif diff -u "$here/$name/expected.json" "$tmp/got" >"$tmp/diff" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name"
        cat "$tmp/diff"
    fi
done
# Every rule has a case that fails with it, and one that passes without it.
if [ -n "$all" ]; then
    for rule in $("$certprep" rules | cut -c1-6); do
        for kind in fail pass; do
            found=
            for file in "$here/$rule-$kind-"*/expected.json; do
                [ -e "$file" ] || continue
                found=1
                if grep -q "\"$rule\"" "$file"; then got=fail; else got=pass; fi
                [ $got = $kind ] || { echo "FAILED $file: named '$kind', is a '$got'"; failed=$((failed + 1)); }
            done
            [ -n "$found" ] || { echo "FAILED $rule has no case $rule-$kind-*"; failed=$((failed + 1)); }
        done
    done
fi
echo "cases: $passed passed, $failed failed"
[ $failed -eq 0 ]
