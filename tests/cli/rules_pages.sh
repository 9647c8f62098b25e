#!/bin/sh
# docs/rules/ is what the tables say, and its links lead somewhere.
set -u
. "$(dirname "$0")/lib.sh"
pages=$(cd "$(dirname "$0")/../../docs/rules" && pwd) || exit 1
mkdir "$tmp/rules"
run 0 "the pages are written" "$3/docs/rules_md" "$tmp/rules"
ok "docs/rules is current (cmake --build BUILD --target rules_pages)" diff -r "$tmp/rules" "$pages"
for id in $("$certprep" rules | cut -c1-6); do
    ok "$id has a page" grep -q "^# $id " "$pages/$id.md"
done
ok "no other page" test "$(find "$pages" -type f | wc -l)" -eq "$(($("$certprep" rules | wc -l) + 1))"
for target in $(cat "$pages"/*.md | grep -oE '\]\([A-Za-z0-9]+\.md\)' | tr -d '])(' | sort -u); do
    ok "link to $target" test -f "$pages/$target"
done
ok "no group twice in the index" test -z "$(grep '^## ' "$pages/README.md" | sort | uniq -d)"
run 2 "no folder" "$3/docs/rules_md"
run 1 "a folder that is not there" "$3/docs/rules_md" "$tmp/nowhere"
finish
