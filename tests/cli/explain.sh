#!/bin/sh
# certprep check --explain: the tree in both kinds of locale, within 80 columns, with hostile names
# escaped; the same as data; and that nothing of it stands in a report without it.
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3
utf8=$(locale -a 2>/dev/null | grep -i -m1 '\.utf-*8$')
[ -n "$utf8" ] || { echo "SKIPPED: no UTF-8 locale"; exit 77; }
check() {
    want=$1 what=$2 locale=$3
    shift 3
    run "$want" "$what" env LC_ALL="$locale" "$certprep" check --at 2026-06-01 --explain "$@"
}
# golden NAME: from "outlook:" on, the last output is what comes on standard input.
golden() {
    cat >"$tmp/want"
    sed -n '/^outlook:/,$p' "$tmp/out" >"$tmp/got"
    ok "$1" cmp "$tmp/want" "$tmp/got"
    diff -u "$tmp/want" "$tmp/got"
}
json() { # json NAME FILTER: holds for the last output
    if command -v jq >/dev/null; then ok "$1" jq -e "$2" "$tmp/out"; else echo "SKIPPED in part: no jq"; fi
}

check 0 "UTF-8" "$utf8" --trust trust/all.pem bad/expired-cross-sign.pem
golden "tree in UTF-8" <<'EOF'
outlook: valid now; breaks on 2026-10-01: the leaf expires
paths: 1 valid, 1 failed
shop.acme.example  [chosen]
│  bad/expired-cross-sign.pem:1, expires 2026-10-01
├─ certprep Test CA E1  [chosen]
│  │  bad/expired-cross-sign.pem:39, expires 2034-01-01
│  └─ certprep Test Root X1  [chosen]
│        trust anchor: trust/all.pem, expires 2040-01-01
└─ certprep Test CA E1
      bad/expired-cross-sign.pem:18, expired 2026-05-01
      fails: expired on 2026-05-01 (CP0201, RFC 5280 4.1.2.5)

OK  1 warning, 1 note
EOF
check 0 "C" C --trust trust/all.pem explain/first-path-ends-early.pem
golden "tree in ASCII" <<'EOF'
outlook: valid now; breaks on 2026-08-01: CN=certprep Test CA E1 (certificate
  2) expires; the other path through CN=certprep Test CA E1 (certificate 3)
  lasts to 2026-10-01
paths: 2 valid, 0 failed
shop.acme.example  [chosen]
|  explain/first-path-ends-early.pem:1, expires 2026-10-01
|- certprep Test CA E1  [chosen]
|  |  explain/first-path-ends-early.pem:18, expires 2026-08-01
|  `- certprep Test Root X1  [chosen]
|        trust anchor: trust/all.pem, expires 2040-01-01
`- certprep Test CA E1
   |  explain/first-path-ends-early.pem:35, expires 2034-01-01
   `- certprep Test Root X2
         trust anchor: trust/all.pem, expires 2040-01-01

OK  2 notes
EOF

# what completes a chain, and what can't
check 0 "completed" C --trust trust/all.pem --intermediates good good/ec-leaf.pem
says out "good/bag-attributes-bundle.pem, added, expires 2034-01-01"
check 1 "missing" C --trust trust/all.pem good/ec-leaf.pem
says out "fails: its issuer is neither in the input nor a trust anchor (CP0401,"
says out "outlook: not valid now, and no path becomes valid by waiting"
check 1 "not yet valid" C --trust trust/all.pem bad/intermediate-not-yet-valid.pem
says out "outlook: not valid now; valid from 2026-07-01 on"
check 0 "no root judged" C --trust none good/ec-bundle.pem
says out "paths: 1 valid, 0 failed"
check 1 "no leaf" C --trust trust/all.pem good/ec-key-sec1.pem
ok "nothing to draw" sh -c "! grep -q paths: '$tmp/out'"

# 80 columns, whatever the names are; no byte that a terminal would obey
long=$(printf '%0100d' 0 | sed 's/0/a./g')
cp explain/many-branches.pem "$tmp/$long.pem"
for locale in C "$utf8"; do
    for file in explain/many-branches.pem explain/hostile-name-bundle.pem bad/path-too-deep.pem "$tmp/$long.pem"; do
        env LC_ALL="$locale" "$certprep" check --at 2026-06-01 --explain --exit-zero --color never \
            --trust trust/all.pem "$file" >"$tmp/out" 2>"$tmp/err"
        sed -n '/^outlook:/,$p' "$tmp/out" >"$tmp/tree"
        ok "$file: there is a tree" grep -q 'paths: ' "$tmp/tree"
        ok "$file: 80 columns in $locale" awk -v utf8="$locale" 'BEGIN { bad = 0 }
            { gsub(/[\200-\277]/, ""); if (length($0) > 80) bad = 1 } END { exit bad }' "$tmp/tree"
    done
done
check 0 "hostile names" "$utf8" --color never --trust trust/all.pem explain/hostile-name-bundle.pem
says out '\x1B[31mCA \u{202E}杭州阿里 with a very long name'
ok "no escape byte, no override" sh -c "! LC_ALL=C grep -q \"\$(printf '\\033\\|\\342\\200\\256')\" '$tmp/out'"
check 0 "hostile names in C" C --trust trust/all.pem explain/hostile-name-bundle.pem
ok "all ASCII" sh -c "! LC_ALL=C grep -q '[^ -~]' '$tmp/out'"
cp good/ec-bundle.pem "$tmp/$(printf 'na\033[31m\377.pem')"
run 0 "hostile file name" sh -c "'$certprep' check --at 2026-06-01 --trust trust/all.pem --explain '$tmp'/na*.pem"
ok "no escape byte of the file name" sh -c "! LC_ALL=C grep -q \"\$(printf '\\033')\" '$tmp/out'"
check 0 "colour" C --color always --trust trust/all.pem good/ec-bundle.pem
ok "chosen ones are green" grep -q "$(printf '\033')\[1;32mshop.acme.example  \[chosen\]" "$tmp/out"
check 0 "quiet" C --quiet --trust trust/all.pem good/ec-bundle.pem
ok "quiet is one line" test "$(wc -l <"$tmp/out")" = 1

# the same as data
check 0 "JSON" C --format json --trust trust/all.pem explain/many-branches.pem
json "as many as in the tree" '[.paths[].valid] | (map(select(.)) | length) == 5 and length == 13'
json "one is chosen, and is the path" '(.paths | map(select(.chosen)) | length) == 1 and
    [.paths[] | select(.chosen).certificates[].subject] == [.path.certificates[].subject]'
json "valid ones have no failure, others have one" 'all(.paths[]; .valid == (.failure == null))'
json "failures name a rule, its source and a certificate" 'all(.paths[] | select(.failure); . as $p |
    (.failure.rule | test("^CP[0-9]{4}$")) and .failure.source != "" and .failure.reason != "" and
    .certificates[.failure.at].subject == .failure.subject)'
json "places" '.paths[0].certificates[0] == {subject: "CN=shop.acme.example", origin: "input",
    from: "explain/many-branches.pem", line: 1, certificate: 1, not_before: "2026-04-01T00:00:00Z",
    not_after: "2026-10-01T00:00:00Z", anchor: false}'
json "anchors" 'all(.paths[] | select(.valid).certificates[-1]; .anchor and .origin == "trust" and
    .from == "trust/all.pem" and .line == 0)'
json "outlook" '.outlook.valid and .outlook.path_breaks == "2026-08-01T00:00:01Z" and
    .outlook.changes == "2026-10-01T00:00:01Z" and (.outlook.text | test("breaks on 2026-08-01"))'
json "not cut" '.paths_cut == false'
run 0 "JSON without it" "$certprep" check --at 2026-06-01 --trust trust/all.pem --format json explain/many-branches.pem
json "no paths, but the outlook" '(has("paths") | not) and .outlook.valid and .outlook.text == null and
    .outlook.changes == "2026-10-01T00:00:01Z"'
run 0 "text without it" "$certprep" check --at 2026-06-01 --trust trust/all.pem explain/many-branches.pem
ok "no tree" sh -c "! grep -q 'paths: ' '$tmp/out'"

# prepare keeps the path that was chosen, and does not know the option
run 2 "prepare" "$certprep" prepare --explain -o "$tmp/p" good/ec-bundle.pem
finish
