#!/bin/sh
# The man pages are in step with the programs: every option of --help stands in the page and the
# reverse, every check is listed, and mandoc has nothing to complain about.
set -u
. "$(dirname "$0")/lib.sh"
build=$3
[ -f "$build/docs/certprep.1" ] || { echo "SKIPPED: no man pages were built (scdoc)"; exit 77; }
cp "$build/docs/certprep.1" "$build/docs/certprep-esa-emulator.1" "$tmp/"
sed 's/\\-/-/g; s/\\f[BIR]//g' "$tmp/certprep.1" >"$tmp/certprep.txt"
sed 's/\\-/-/g; s/\\f[BIR]//g' "$tmp/certprep-esa-emulator.1" >"$tmp/certprep-esa-emulator.txt"
options() { grep -oE -- '(^| |,)--[a-z][a-z0-9-]+' | tr -d ' ,' | grep -v -e '--help' -e '--version' | sort -u; }
commands=$("$certprep" --help | sed -n '/^Commands:/,/^$/p' | sed -n 's/^  \([a-z]*\) .*/\1/p')
ok "--help lists the commands" test "$(echo "$commands" | wc -l)" -ge 15
for command in $commands; do
    ok "certprep.1 has $command" grep -qE "certprep ([a-z]+\|)*$command[ |]" "$tmp/certprep.txt"
    "$certprep" "$command" --help >>"$tmp/help-all"
done
grep '^  ' "$tmp/help-all" | options >"$tmp/help"
options <"$tmp/certprep.txt" >"$tmp/page"
ok "certprep.1 has the options of --help" diff "$tmp/help" "$tmp/page"
"$emulator" --help | grep '^  --' | options >"$tmp/help"
options <"$tmp/certprep-esa-emulator.txt" | grep -v -e --endpoint -e --ca-file >"$tmp/page"
ok "certprep-esa-emulator.1 has the options of --help" diff "$tmp/help" "$tmp/page"
for rule in $("$certprep" rules | cut -c1-6); do
    ok "$rule is in the page" grep -q "$rule" "$tmp/certprep.txt"
done
# what README and CHANGELOG count is what there is
root=$(cd "$(dirname "$0")/../.." && pwd)
num=$("$certprep" rules | wc -l)
ok "README counts the checks" grep -q "lists the $num checks" "$root/README.md"
ok "CHANGELOG counts the checks" grep -q "with $num checks in" "$root/CHANGELOG.md"
rows=$(sed -n 's/^\*\*Of \([0-9]*\) defects.*/\1/p' "$root/docs/comparison.md")
ok "README counts the defects of the comparison" grep -q "notice of $rows defects" "$root/README.md"
if command -v mandoc >/dev/null; then
    for page in certprep certprep-esa-emulator; do
        ok "mandoc likes $page.1" mandoc -T lint -W error "$tmp/$page.1"
    done
else
    echo "SKIPPED in part: mandoc is not installed"
fi
finish
