#!/bin/sh
# certprep status, list, sites, records: what is there, by name and by id, page by page, in text and JSON.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3
site="--site acme.example"
cli() { command=$1; shift; "$certprep" "$command" --endpoint "$endpoint" --ca-file "$ca" "$@"; }
requests() { if [ -f "$log" ]; then grep -c action= "$log"; else echo 0; fi; }
create() { # create HOSTNAME OPTION...
    hostname=$1
    shift
    cli submit $site --record origin.acme.example --hostname "$hostname" "$@" >"$tmp/created" 2>&1 || {
        failed=$((failed + 1))
        echo "FAILED: $hostname could not be created"
        cat "$tmp/created"
    }
}
json() { ok "$1" jq -e "$2" "$tmp/out"; }

start_emulator --strict --issue-after 100 --conflicts 'taken.*' --cert-clock 1780272000
run 0 "sites" cli sites
says out "acme.example"
says out "1234567890123"
says err "2 sites"
run 0 "sites by name" cli sites --name shop.example --json
json "one site" '.sites | length == 1 and .[0].site_name == "shop.example"'
run 0 "no such site" cli sites --match fuzzy:nosuch --json
json "an empty list is an answer" '.sites == [] and .complete and .total_count == 0'
run 0 "records" cli records $site
says out "origin2.acme.example"
run 0 "records of another site" cli records --site-id 1234567890125 --format json
ok "ids beyond 2^53 are exact" grep -q '"record_id":9007199254740993[,}]' "$tmp/out"
run 0 "an empty list of hostnames" cli list $site
says err "0 custom hostnames"

create free.shop.example --ssl on --cert-type free
create shop.acme.example --ssl on --cert-type upload $at good/ec-bundle.pem
create plain.shop.example --ssl off
create taken.shop.example --ssl off
create nocaa.shop.example --ssl off
run 0 "list" cli list $site
says out "free.shop.example"
says err "5 custom hostnames"
run 0 "list in colour" cli list $site --color always
ok "a status has its colour" grep -q "$(printf '\033')\[1;3[123]m" "$tmp/out"
run 0 "list as JSON" cli list $site --json
json "JSON has all" '.complete and (.hostnames | length == 5) and .total_count == 5'
json "and what to publish" '.hostnames[] | select(.hostname == "plain.shop.example") | .records[0].type == "TXT"'
run 0 "list, fuzzy" cli list $site --match fuzzy:acme --json
json "only those" '.hostnames | length == 1 and .[0].hostname == "shop.acme.example"'
run 0 "list by status" cli list $site --status conflicted --json
json "only these" '[.hostnames[].status] | all(. == "conflicted")'
run 0 "list by record" cli list $site --record origin2.acme.example --json
json "none is bound to it" '.hostnames == []'

run 0 "status" cli status $site free.shop.example shop.acme.example
says out "_esa_custom_hostname.free.shop.example"
says out "_acme-challenge.free.shop.example"
says out "origin.acme.example.example-cname.net"
run 0 "status as JSON" cli status $site plain.shop.example --json
json "status has found it" '.hostnames[0] | .found and .progress == "waiting" and .error == null'
json "CNAME" '.hostnames[0].records | any(.type == "CNAME" and .value == "origin.acme.example.example-cname.net")'
id=$(sed -n 's/.*"hostname_id":[[:space:]]*\([0-9]*\).*/\1/p' "$tmp/out")
run 0 "status by id" cli status --hostname-id "$id"
says out "plain.shop.example  "
run 0 "status of a certificate" cli status $site shop.acme.example --certificate --json
json "its digest" '.hostnames[0].cert_sha256 | length == 64'
run 1 "conflicted" cli status $site taken.shop.example
says out "conflicted"
run 3 "not found" cli status $site nosuch.example free.shop.example
says out "nosuch.example  not found"
says out "free.shop.example"
run 3 "no such id" cli status --hostname-id 4711
run 0 "IDN" cli list $site --match prefix:xn--
run 0 "zone of two" cli status $site free.shop.example shop.acme.example --records zone
says err "free.shop.example  "
ok "only records on standard output" sh -c "! grep -qvE '^;|^[a-z0-9_.-]+ 300 IN (TXT|CNAME) ' '$tmp/out'"
run 0 "records into a file" cli status $site free.shop.example --records json --records-file "$tmp/records.json"
ok "the file is JSON" jq -e '.hostnames[0].records | length >= 3' "$tmp/records.json"
run 3 "no such directory" cli status $site free.shop.example --records-file "$tmp/none/file"

before=$(requests)
run 2 "no hostname" cli status $site
run 2 "no site" cli status free.shop.example
run 2 "name and id" cli status $site free.shop.example --hostname-id 1
run 2 "both sites" cli status $site --site-id 1 a.example
run 2 "bad hostname" cli status $site 'a b'
run 2 "bad id" cli status --hostname-id 12x
run 2 "bad match" cli list $site --match regex:x
run 2 "empty match" cli list $site --match fuzzy:
run 2 "list without a site" cli list
run 2 "two forms on one output" cli status $site a.example --json --records zone
run 2 "bad retry" cli list $site --retry -1
run 2 "json and text" cli sites --json --format text
run 2 "form of records" cli status $site a.example --records bind
ok "none of these asked anything" test "$(requests)" = "$before"
run 2 "site that is not there" cli list --site acmee.example
says err "near it: acme.example"
run 3 "full disk" sh -c "'$certprep' list --endpoint $endpoint --ca-file $ca $site >/dev/full"
stop_emulator

# what no waiting changes
start_emulator --issue-after 0 --apply-fails 'nocaa.*' --offline 'off.*'
create nocaa.shop.example --ssl on --cert-type free
create off.shop.example --ssl off
run 1 "no certificate" cli status $site nocaa.shop.example
says out "ApplyFailed"
run 1 "offline" cli status $site off.shop.example --json
json "why" '.hostnames[0] | .progress == "stopped" and .offline_reason != null'
run 3 "the worst of several" cli status $site nocaa.shop.example nosuch.example
stop_emulator

# refusals and faults: never an exit of 0, never half a list taken for a whole one
start_emulator --fault error=Forbidden.RAM*99
run 4 "refused" cli list --site-id 1234567890123
says err "Forbidden.RAM"
run 4 "refused by name" cli status $site a.example
run 4 "refused by id" cli status --hostname-id 1
run 4 "refused, JSON" cli list --site-id 1234567890123 --json
json "says that it is not whole" '.complete == false and (.error | test("Forbidden.RAM"))'
stop_emulator
start_emulator --fault reset-before*99
run 3 "no answer" cli sites --retry 1
stop_emulator
start_emulator --fault error=Throttling.User
run 0 "throttled once" cli sites
stop_emulator
for fault in html502 cut-json bad-json empty-200 reset-after; do
    start_emulator --fault $fault
    run 0 "overcomes $fault" cli sites
    stop_emulator
done

# more than a page; the service's idea of exact is not trusted
hostnames=1203
awk -v n=$hostnames 'BEGIN { for (i = 1; i <= n; i++) printf "%s\n", i }' >"$tmp/numbers"
start_emulator --state "$tmp/ledger"
create one.shop.example --ssl off
stop_emulator
line=$(head -1 "$tmp/ledger")
while read -r i; do
    echo "$line" | sed "s/one\.shop\.example/h$i.shop.example/; s/9007199254740993/$((9007199254740991 + 2 * i))/"
done <"$tmp/numbers" >"$tmp/ledger"
start_emulator --state "$tmp/ledger"
run 0 "three pages" cli list --site-id 1234567890123 --json
json "all of them, each once" "([.hostnames[].hostname] | unique | length) == $hostnames and .complete"
ok "three calls" test "$(grep -c action=ListCustomHostnames "$log")" = 3
run 0 "three pages, text" cli list --site-id 1234567890123 --quiet
ok "a line for each" test "$(wc -l <"$tmp/out")" = $hostnames
stop_emulator
finish
