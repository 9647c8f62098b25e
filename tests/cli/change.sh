#!/bin/sh
# What changes a custom hostname that exists, and what follows one: submit --ensure, --wait, --records;
# update, verify, apply, delete. The emulator's ledger says what was really done.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3
site="--site acme.example" place="--site acme.example --record origin.acme.example"
free="--ssl on --cert-type free" upload="--ssl on --cert-type upload $at"
cli() { command=$1; shift; "$certprep" "$command" --endpoint "$endpoint" --ca-file "$ca" "$@"; }
json() { ok "$1" jq -e "$2" "$tmp/out"; }
done_of() { grep -c "\"action\":\"$1\"" "$tmp/ledger"; } # really carried out
changes() { grep -vc '"action":"\(Get\|List\)' "$tmp/ledger"; }
fresh() { rm -f "$tmp/ledger"; start_emulator --strict --state "$tmp/ledger" --cert-clock 1780272000 "$@"; }
with_tty() { # a terminal for stdin, stdout and stderr; the answer is the first argument
    answer=$1
    shift
    { sleep 1; printf '%s\n' "$answer"; } | script -qec "$*" /dev/null
}

# ---- --ensure: idempotent
fresh
run 0 "create" cli submit $place $free --hostname a.shop.example --ensure
says out "ACCEPTED  a.shop.example"
run 0 "the same again" cli submit $place $free --hostname a.shop.example --ensure
says out "UNCHANGED  a.shop.example"
run 4 "the same without --ensure" cli submit $place $free --hostname a.shop.example
says out "--ensure takes that for done"
run 4 "another record" cli submit $site --record origin2.acme.example $free --hostname a.shop.example --ensure
says out "DIFFERENT  a.shop.example"
says out "RecordId is 4042843419650112, want 4042843419650113"
before=$(changes)
run 4 "the same as JSON" cli submit $site --record origin2.acme.example $free --hostname a.shop.example --ensure --json
json "DIFFERENT" '.task.end == "DIFFERENT" and (.task.difference | test("RecordId")) and .task.num_creations == 0'
ok "nothing was changed" test "$(changes)" = "$before"
run 0 "--update" cli submit $site --record origin2.acme.example $free --hostname a.shop.example --update
says out "UPDATED  a.shop.example"
ok "one update" test "$(done_of UpdateCustomHostname)" = 1
run 0 "and then it is equal" cli submit $site --record origin2.acme.example $free --hostname a.shop.example --ensure
says out "UNCHANGED"
run 0 "upload" cli submit $place $upload --hostname shop.acme.example good/ec-bundle.pem --ensure
run 0 "the same upload" cli submit $place $upload --hostname shop.acme.example good/ec-bundle.pem --ensure
says out "UNCHANGED"
run 4 "another certificate" cli submit $place $upload --hostname shop.acme.example good/rsa-bundle.pem --ensure
says out "DIFFERENT"
ok "two creations in all" test "$(done_of CreateCustomHostname)" = 2

# ---- update
run 0 "update, dry run" cli update $site --hostname shop.acme.example $upload good/rsa-bundle.pem --dry-run
says out "PrivateKey: [masked"
run 1 "update, blocked" cli update $site --hostname shop.acme.example $upload bad/key-of-another-certificate.pem
says out "BLOCKED  nothing was sent"
run 1 "update, not covered" cli update $site --hostname a.shop.example $upload good/rsa-bundle.pem
ok "none of these changed it" test "$(done_of UpdateCustomHostname)" = 1
run 0 "update" cli update $site --hostname shop.acme.example $upload good/rsa-bundle.pem
says out "UPDATED  shop.acme.example"
run 0 "now that one is there" cli submit $place $upload --hostname shop.acme.example good/rsa-bundle.pem --ensure
says out "UNCHANGED"
run 0 "its id" cli status $site shop.acme.example --json
id=$(sed -n 's/.*"hostname_id":[[:space:]]*\([0-9]*\).*/\1/p' "$tmp/out")
run 0 "update by id" cli update --hostname-id "$id" $upload good/ec-bundle.pem
says out "UPDATED  shop.acme.example"
run 2 "update by another's id" cli update --hostname-id "$id" --hostname a.shop.example --ssl off
says err "is shop.acme.example, not a.shop.example"
run 4 "update of none" cli update $site --hostname none.shop.example --ssl off
says err "no such custom hostname"
run 4 "update of no id" cli update --hostname-id 4711 --ssl off
run 2 "update without a site" cli update --hostname a.shop.example --ssl off
run 0 "update, record by name" cli update $site --hostname a.shop.example --record origin.acme.example --ssl off --params-in form
ok "four updates" test "$(done_of UpdateCustomHostname)" = 4

# ---- delete
run 2 "delete without a terminal" cli delete $site a.shop.example
says err "--yes"
run 0 "delete, dry run" cli delete $site a.shop.example -n
says out "DeleteCustomHostname"
ok "nothing was deleted" test "$(done_of DeleteCustomHostname)" = 0
if command -v script >/dev/null; then
    run 3 "delete, declined" with_tty n "'$certprep' delete --endpoint $endpoint --ca-file $ca $site a.shop.example"
    says out "Delete a.shop.example (HostnameId"
    says out "left as it is"
    ok "nothing was deleted then" test "$(done_of DeleteCustomHostname)" = 0
    run 0 "delete, confirmed" with_tty y "'$certprep' delete --endpoint $endpoint --ca-file $ca $site a.shop.example"
    says out "DELETED"
else
    echo "SKIPPED in part: no script(1)"
    run 0 "delete" cli delete $site a.shop.example --yes
fi
ok "one was deleted" test "$(done_of DeleteCustomHostname)" = 1
run 3 "delete again" cli delete $site a.shop.example --yes
says out "not found"
run 0 "delete by id" cli delete --hostname-id "$id" -y --json
json "deleted" '.action == "delete" and .hostnames[0].task.end == "DONE"'
run 3 "full disk" sh -c "'$certprep' delete --endpoint $endpoint --ca-file $ca $site a.shop.example --yes >/dev/full"
stop_emulator

# ---- verify and apply
echo other.example >"$tmp/verified"
fresh --verify file="$tmp/verified" --issue-after 0 --apply-fails 'nocaa.*=1'
run 0 "create two" cli submit $place $free --hostname a.shop.example
run 0 "create two" cli submit $place $free --hostname nocaa.shop.example
run 4 "not passed" cli verify $site a.shop.example --retry 0
says out "VerifyUnpassed"
says out "_esa_custom_hostname.a.shop.example"
id=$(cli list $site --match exact:a.shop.example --json | sed -n 's/.*"hostname_id":\([0-9]*\).*/\1/p')
run 4 "not passed, by id" cli verify --hostname-id "$id" --retry 0
says out "_esa_custom_hostname.a.shop.example"
echo a.shop.example >>"$tmp/verified"
run 0 "passed" cli verify $site a.shop.example
says out "VERIFIED  a.shop.example"
run 3 "verify none" cli verify $site none.shop.example
run 0 "failed once" cli list $site
run 1 "its application failed" cli status $site nocaa.shop.example
run 0 "apply" cli apply $site nocaa.shop.example
says out "ACCEPTED  nocaa.shop.example"
run 0 "verify, dry run" cli verify --hostname-id 1 --dry-run
stop_emulator

# ---- --wait, --records
fresh --verify after=2 --issue-after 3
run 0 "wait until active" cli submit $place $free --hostname a.shop.example --wait --poll 1 --records-file "$tmp/zone" --records zone
says out "ACCEPTED  a.shop.example"
says out "status       active"
says err "a.shop.example: pending"
ok "a line for each change, no control characters" sh -c "! grep -q '$(printf '\033')' '$tmp/err'"
ok "no line twice" sh -c "test \"\$(sort '$tmp/err' | uniq -d)\" = ''"
ok "what was taken back is still in the file" grep -q '^_acme-challenge.a.shop.example. 300 IN TXT "' "$tmp/zone"
ok "ownership in the file" grep -q '^_esa_custom_hostname.a.shop.example. 300 IN TXT "verify_' "$tmp/zone"
ok "CNAME in the file" grep -q '^a.shop.example. 300 IN CNAME origin.acme.example.example-cname.net. ' "$tmp/zone"
ok "no temporary file is left" sh -c "! ls -a '$tmp' | grep -q '^\\.certprep-'"
run 0 "records as zone, alone" cli submit $place $free --hostname '*.b.shop.example' --records zone
says err "ACCEPTED  *.b.shop.example"
ok "the wildcard's CNAME" grep -q '^\*\.b\.shop\.example\. 300 IN CNAME ' "$tmp/out"
cp "$tmp/out" "$tmp/wild"
if command -v ldns-read-zone >/dev/null; then
    for file in zone wild; do
        { echo '. 3600 IN SOA ns.example. root.example. 1 3600 600 86400 300'; cat "$tmp/$file"; } >"$tmp/whole"
        ok "ldns reads $file" ldns-read-zone "$tmp/whole"
        ok "ldns sees $file's records" test "$(ldns-read-zone "$tmp/whole" 2>/dev/null | grep -cE '(TXT|CNAME)')" \
            = "$(grep -cE '^[^;].* IN (TXT|CNAME) ' "$tmp/$file")"
    done
else
    echo "SKIPPED in part: no ldns-read-zone (Debian package ldnsutils)"
fi
run 0 "records as JSON" cli submit $place --ssl off --hostname c.shop.example --records json
json "CNAME and TXT" '.hostnames[0].records | map(.type) | sort == ["CNAME", "TXT"]'
run 0 "the report as JSON has them" cli submit $place --ssl off --hostname d.shop.example --wait=records --json
json "records" '.records | length == 2'
json "the hostname" '.custom_hostname.status == "pending"'
run 5 "not active in time" cli submit $place --ssl off --hostname d.shop.example --ensure --wait --wait-timeout 1 --poll 1
says out "STOPPED  d.shop.example"
says out "to go on: 'certprep submit --ensure'"
run 0 "taken up again" cli submit $place --ssl off --hostname d.shop.example --ensure --wait --poll 1
says out "UNCHANGED  d.shop.example"
before=$(done_of CreateCustomHostname)
mkdir "$tmp/dir"
run 3 "records over a directory" cli submit $place --ssl off --hostname e.shop.example --records-file "$tmp/dir"
ln -s "$tmp/zone" "$tmp/link"
run 3 "records over a link" cli submit $place --ssl off --hostname e.shop.example --records-file "$tmp/link"
run 3 "records into nowhere" cli submit $place --ssl off --hostname e.shop.example --records-file "$tmp/no/file"
run 2 "--wait=soon" cli submit $place --ssl off --hostname e.shop.example --wait=soon
run 2 "--poll without --wait" cli submit $place --ssl off --hostname e.shop.example --poll 1
run 2 "--wait takes no next argument" cli submit $place --ssl off --hostname e.shop.example --wait active
run 2 "record that is not there" cli submit $site --record origin9.acme.example --ssl off --hostname e.shop.example
says err "near it: origin"
ok "none of these created anything" test "$(done_of CreateCustomHostname)" = "$before"
stop_emulator
fresh --conflicts 'taken.*'
run 1 "stops where waiting won't help" cli submit $place --ssl off --hostname taken.shop.example --wait --poll 1
says out "STOPPED  taken.shop.example"
says out "conflicted"
stop_emulator

# ---- progress on a terminal is one line, rewritten
if command -v script >/dev/null; then
    fresh --verify after=2
    run 0 "progress" env TERM=xterm script -qec \
        "'$certprep' submit --endpoint $endpoint --ca-file $ca $place --ssl off --hostname p.shop.example --wait --poll 1" /dev/null
    esc=$(printf '\033')
    says out "${esc}[Kp.shop.example: pending"
    says out "(again in 1 s)"
    stop_emulator
    fresh --verify after=2
    run 0 "no progress with --quiet" cli submit $place --ssl off --hostname p.shop.example --wait --poll 1 --quiet
    silent err
    stop_emulator
fi

# ---- the file can't be written once the records are seen: they are not lost
fresh
cat >"$tmp/full.sh" <<END
trap '' XFSZ
ulimit -f 0
'$certprep' submit --endpoint $endpoint --ca-file $ca $place --ssl off --hostname f.shop.example --records-file '$tmp/small' 2>&1
echo "exit code \$?"
END
run 0 "no room for the records" sh -c "sh '$tmp/full.sh' | cat"
says out "exit code 5"
says out "File too large"
says out "_esa_custom_hostname.f.shop.example"
ok "no half file" test ! -e "$tmp/small"
stop_emulator

# ---- Ctrl-C: what is open, and how to go on
interrupt() { # interrupt SIGNAL: once the emulator saw the creation
    tries=0
    until grep -q "action=$1" "$log" 2>/dev/null || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
    sleep 0.3
    pkill -INT -P $pid certprep || kill -INT $pid
    wait $pid
}
ids="--site-id 1234567890123 --record-id 4042843419650112"
fresh --fault hang-after
cli submit $ids --ssl off --hostname g.shop.example >"$tmp/out" 2>"$tmp/err" &
pid=$!
interrupt CreateCustomHostname
ok "Ctrl-C in a creation gives 5" test $? = 5
name="Ctrl-C in a creation"
says out "UNKNOWN"
says out "to go on: 'certprep submit --ensure'"
run 0 "and that goes on" cli submit $ids --ssl off --hostname g.shop.example --ensure
ok "one creation" test "$(done_of CreateCustomHostname)" = 1
stop_emulator
fresh --verify after=1000
cli submit $place --ssl off --hostname h.shop.example --wait --poll 1 >"$tmp/out" 2>"$tmp/err" &
pid=$!
interrupt VerifyCustomHostname
ok "Ctrl-C while waiting gives 5" test $? = 5
name="Ctrl-C while waiting"
says out "STOPPED  h.shop.example  HostnameId"
says out "to go on"
stop_emulator
finish
