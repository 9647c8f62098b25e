#!/bin/sh
# certprep check as users run it: exit codes, stdout and stderr apart, bad input of every kind.
# shellcheck disable=SC2086  # $at is words
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3

run 0 "good bundle" "$certprep" check $at good/ec-bundle.pem
says out "OK"
silent err
run 0 "separate files" "$certprep" check $at --cert good/ec-leaf.pem --chain good/ec-intermediate.pem \
    --key good/ec-key-pkcs8.pem --hostname shop.acme.example
says out "shop.acme.example: covered"
run 0 "stdin" sh -c "'$certprep' check $at - <good/rsa-bundle.pem"
run 0 "two files in any order" "$certprep" check $at good/ec-key-sec1.pem good/ec-fullchain.pem
run 1 "findings" "$certprep" check $at bad/key-of-another-certificate.pem
says out "error[CP0101]: private key does not match the leaf certificate"
says out "bad/key-of-another-certificate.pem:1 (certificate 1 of 2, CN=shop.acme.example)"
says out "FAIL  1 error"
silent err
run 0 "exit-zero" "$certprep" check $at --exit-zero bad/leaf-expired.pem
run 0 "warnings do not fail" "$certprep" check $at bad/order-root-first.pem
run 1 "fail-on warning" "$certprep" check $at --fail-on warning bad/order-root-first.pem
run 0 "fail-on never" "$certprep" check $at --fail-on never bad/leaf-expired.pem
run 0 "quiet" "$certprep" check $at --quiet good/ec-bundle.pem
ok "quiet is one line" test "$(wc -l <"$tmp/out")" = 1
run 1 "json" "$certprep" check $at --format json --hostname acme.example good/wildcard-bundle.pem
ok "json is JSON" jq -e '.schema_version == 1 and .verdict == "BLOCKED" and .findings[0].rule == "CP0301"' "$tmp/out"
run 0 "colour" env -u NO_COLOR "$certprep" check $at --color always good/ec-bundle.pem
ok "colour is there" grep -q "$(printf '\033')" "$tmp/out"
run 0 "no colour in a pipe" "$certprep" check $at good/ec-bundle.pem
ok "no colour is there" sh -c "! grep -q '$(printf '\033')' '$tmp/out'"
run 1 "hostile names are escaped" "$certprep" check $at --color never bad/san-escape-sequence.pem
ok "no escape byte" sh -c "! LC_ALL=C grep -q '$(printf '\033')' '$tmp/out'"
run 1 "system store" "$certprep" check --at 2026-06-01 good/ec-bundle.pem
says out "CP0401"
run 0 "trust none" "$certprep" check --at 2026-06-01 --trust none good/ec-bundle.pem
says out "no root judged"
run 1 "now" "$certprep" check --trust trust/all.pem --at 2027-01-01 good/ec-bundle.pem
says out "CP0201"

# wrong use: 2, and the next step
run 2 "no command" "$certprep"
run 2 "unknown command" "$certprep" chekc
says err "did you mean 'certprep check'?"
run 2 "unknown option" "$certprep" check --hostnme x good/ec-bundle.pem
says err "did you mean '--hostname'?"
run 2 "nothing to check" "$certprep" check
says err "name a file"
run 2 "no value" "$certprep" check --key
run 2 "twice" "$certprep" check --key a --key b
run 2 "format" "$certprep" check --format yaml good/ec-bundle.pem
run 2 "time" "$certprep" check --at tomorrow good/ec-bundle.pem
says err "want YYYY-MM-DD"
run 2 "min-days" "$certprep" check --min-days -3 good/ec-bundle.pem
run 2 "hostname with scheme" "$certprep" check $at --hostname https://a.example good/ec-bundle.pem
run 2 "stdin twice" "$certprep" check --cert - --key -
says err "only once"
run 2 "flag with value" "$certprep" check --quiet=yes good/ec-bundle.pem

# unreadable: 3, with the place
run 3 "missing file" "$certprep" check $at nowhere.pem
says err "nowhere.pem: No such file"
run 3 "directory" "$certprep" check $at good
says err "is a directory"
run 3 "empty file" "$certprep" check $at bad/empty.pem
says err "the file is empty"
run 3 "empty stdin" "$certprep" check $at -
run 3 "binary" "$certprep" check $at bad/binary.bin
run 1 "zeros" "$certprep" check $at bad/zeros.bin
run 2 "key text as an argument" "$certprep" check --key "$(cat good/ec-key-sec1.pem)" good/ec-leaf.pem
says err "name a file"
run 2 "value of an unknown option" "$certprep" check --passphrase=canary-secret-4711 good/ec-leaf.pem
run 1 "--key without a key" "$certprep" check $at --cert good/ec-fullchain.pem --key good/ec-leaf.pem
says out "CP0104"
run 0 "key text in a label" sh -c "sed 's/^-----BEGIN PRIVATE KEY-----\$/-----BEGIN $(sed -n 2p good/ec-key-pkcs8.pem)-----/' good/ec-bundle.pem | '$certprep' check $at --require-key -"
cp good/ec-bundle.pem "$tmp/$(printf 'na\033[31m\377.pem')"
run 0 "hostile file name" sh -c "'$certprep' check $at --format json '$tmp'/na*.pem"
ok "json is still JSON" jq -e . "$tmp/out"
ok "and UTF-8" iconv -f utf-8 -t utf-8 "$tmp/out"
run 3 "/proc without a size" "$certprep" check $at /proc/self/status
says err "no PEM block"
dd if=/dev/zero of="$tmp/large.pem" bs=1M count=0 seek=100 2>/dev/null
run 3 "100 MiB" "$certprep" check $at "$tmp/large.pem"
says err "larger than the maximum of 1048576 bytes"
run 3 "100 MiB in a pipe" sh -c "'$certprep' check $at - <'$tmp/large.pem'"
run 3 "/dev/zero" "$certprep" check $at /dev/zero
cp good/ec-key-pkcs8.pem "$tmp/unreadable.pem"
chmod 000 "$tmp/unreadable.pem"
if [ "$(id -u)" != 0 ]; then
    run 3 "unreadable key" "$certprep" check $at --cert good/ec-fullchain.pem --key "$tmp/unreadable.pem"
elif command -v setpriv >/dev/null && chmod 711 "$tmp" && mkdir "$tmp/pub" && chmod 755 "$tmp/pub" &&
    cp good/ec-fullchain.pem trust/all.pem "$certprep" "$tmp/pub/" && chmod -R a+rX "$tmp/pub"; then
    run 3 "unreadable key" setpriv --reuid 65534 --clear-groups "$tmp/pub/certprep" check --trust "$tmp/pub/all.pem" \
        --at 2026-06-01 --cert "$tmp/pub/ec-fullchain.pem" --key "$tmp/unreadable.pem"
    says err "unreadable.pem: Permission denied"
fi
run 3 "wrong pass phrase" "$certprep" check $at --passphrase-file bad/passphrase-wrong.txt \
    --cert good/ec-fullchain.pem --key good/ec-key-pkcs8-scrypt.pem
says err "pass phrase is wrong"
run 3 "trust file without certificates" "$certprep" check --trust bad/text-only.txt good/ec-bundle.pem
run 3 "full disk" sh -c "'$certprep' check $at good/ec-bundle.pem >/dev/full"
says err "standard output"
run 3 "closed output" sh -c "'$certprep' check $at good/ec-bundle.pem >&-"

# 1,001 blocks, 70 files
i=0
: >"$tmp/many.pem"
while [ $i -lt 1001 ]; do
    printf -- '-----BEGIN X-----\nAAAA\n-----END X-----\n' >>"$tmp/many.pem"
    i=$((i + 1))
done
run 3 "too many blocks" "$certprep" check $at "$tmp/many.pem"
says err "more than 1000 PEM blocks"
files=
i=0
while [ $i -lt 70 ]; do files="$files good/ec-leaf.pem" i=$((i + 1)); done
run 3 "too many files" "$certprep" check $at $files

# help, rules, version: on stdout, 0
run 0 "help" "$certprep" check --help
says out "--passphrase-file FILE"
silent err
run 0 "version" "$certprep" --version
run 0 "rules" "$certprep" rules
says out "CP0101  error"
run 0 "one rule" "$certprep" rules CP0301
says out "RFC 9525"
run 2 "no such rule" "$certprep" rules CP9999
finish
