#!/bin/sh
# onboard: manifests, plan, apply, journal, quota, Ctrl-C. onboard_faults.sh has the faults and the kills.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
cd "$tmp" || exit 3
ledger=$tmp/ledger limits="--timeout 5 --wait-timeout 20"
onboard() { "$certprep" onboard "$@" --endpoint "$endpoint" --ca-file "$ca" $at $limits; }
plan() { "$certprep" onboard "$@" --offline $at; }
num_created() { if [ -f "$ledger" ]; then grep -c '"action":"CreateCustomHostname"' "$ledger"; else echo 0; fi; }
none_twice() { [ -z "$(sed -n 's/.*"action":"CreateCustomHostname","hostname":"\([^"]*\)".*/\1/p' "$ledger" | sort | uniq -d)" ]; }
begin() { rm -f "$ledger" ./*.journal*; start_emulator --state "$ledger" "$@"; }
row="acme.example,4042843419650112,off" # site, record_id, cert_type
head="hostname,site,record_id,cert_type"
signal() { pkill "-$1" -P "$pid" -x certprep || kill "-$1" "$pid"; } # the function's program, or its shell
free_rows() { # free_rows FILE FIRST LAST
    { echo $head; for i in $(seq "$2" "$3"); do echo "h$i.acme.example,acme.example,4042843419650112,free"; done; } >"$1"
}

# ---- what is read ----
accepted() { # accepted NAME ROWS: $tmp/m is a manifest of as many rows
    run 0 "$1" plan m
    says out "$2 row"
}
refused() { # refused NAME TEXT: $tmp/m is refused, and the message has TEXT
    run 2 "$1" plan m
    says err "$2"
}
printf '%s\na.example,%s\nb.example,%s\n' $head $row $row >m; accepted "LF" 2
printf '%s\r\na.example,%s\r\n' $head $row >m; accepted "CRLF" 1
printf '\357\273\277%s\na.example,%s' $head $row >m; accepted "byte order mark, no line feed at the end" 1
printf '\n%s\n\n\na.example,%s\n\n' $head $row >m; accepted "empty lines" 1
printf '"hostname","site","record_id","cert_type"\n"a.example","acme.example","1","off"\n' >m; accepted "quotes" 1
printf '%s,tag\na.example,%s,"say ""hi"", twice"\n' $head $row >m; accepted "quotes in quotes" 1
says out '[say "hi", twice]'
printf ' hostname , site,record_id\t,cert_type\n a.example , acme.example ,1, off\n' >m; accepted "space around" 1
printf '%s\nB\303\274cher.Example,%s\n' $head $row >m; accepted "IDN" 1
says out "xn--bcher-kva.example"
printf '[{"hostname":"a.example","site_id":9007199254740993,"record":"o.example","cert_type":"off","tag":null}]' >m
accepted "JSON array" 1
says out "9007199254740993"
printf '{"hostname":"a.example","site":"s.example","record_id":"1","cert_type":"off","tag":"\\u00e4\\n"}' >m
refused "JSON control character" "m:1:84: tag: a control character (0x0A)"
printf '{"hostname":"a.example","site":"s","record_id":1,"cert_type":"off"}\n{"hostname":"b.example","site":"s","record_id":1,"cert_type":"free"}\n' >m
accepted "NDJSON" 2
run 0 "standard input" sh -c "'$certprep' onboard - --offline <m"
run 2 "--apply of standard input without a journal" sh -c "'$certprep' onboard - --apply --endpoint localhost <m"
says err "--journal"

# ---- what is refused, and where ----
printf '%s\na.example,%s\nb..example,%s\n' $head $row $row >m; refused "hostname" "m:3:1: "
printf 'hostnme,site,record_id,cert_type\na,b,1,off\n' >m; refused "unknown column" "m:1:1: unknown column 'hostnme'; did you mean 'hostname'?"
printf 'hostname;site;record_id\na;b;1\n' >m; refused "semicolons" "m:1:1: semicolons"
printf '%s,site\na.example,%s,b\n' $head $row >m; refused "column twice" "m:1:35: column 'site' is there twice"
printf '%s\na.example,acme.example,1\n' $head >m; refused "too few fields" "m:2:1: 3 fields, but the header has 4 columns"
printf '%s\na.example,%s,x,y\n' $head $row >m; refused "too many fields" "m:2:1: 6 fields"
printf '%s\n"a.example,%s\nb\n' $head $row >m; refused "open quote" "m:2:1: this quote is never closed"
printf '%s\n"a.example"x,%s\n' $head $row >m; refused "text after a quote" "m:2:12: text after a closing quote"
printf '%s\na"b.example,%s\n' $head $row >m; refused "quote inside" "m:2:2: a quote inside a value"
printf '%s\ra.example,%s\r' $head $row >m; refused "old Macintosh" "a carriage return without a line feed"
printf '%s\na.ex\000ample,%s\n' $head $row >m; refused "NUL" "m:2:1: hostname: a control character (0x00)"
printf '%s,tag\na.example,%s,"two\nlines"\n' $head $row >m; refused "line feed in a value" "tag: a control character (0x0A)"
printf '%s,tag\na.example,%s,\377\n' $head $row >m; refused "not UTF-8" "tag: not UTF-8"
printf '\377\376h\000' >m; refused "UTF-16" "UTF-16"
printf '%s\na.example,%s\nA.Example.,%s\n' $head $row $row >m; refused "duplicate" "m:3:1: a.example of this site is in line 2 already"
printf '%s\na.example,acme.example,1x,off\n' $head >m; refused "id" "m:2:24: record_id"
printf '%s\na.example,acme.example,1,of\n' $head >m; refused "cert_type" "did you mean 'off'?"
printf '%s\na.example,acme.example,1,\n' $head >m; refused "no cert_type" "cert_type is missing"
printf '%s\na.example,,1,off\n' $head >m; refused "no site" "site is missing, and so is site_id"
printf '%s,site_id\na.example,%s,7\n' $head $row >m; refused "site and site_id" "give site or site_id, not both"
printf '%s,cert\na.example,acme.example,1,upload,-\n' $head >m; refused "standard input as a certificate" "want a file, not standard input"
printf '%s,cert\na.example,acme.example,1,free,x.pem\n' $head >m; refused "certificate with free" "cert goes with cert_type upload"
printf '%s,cas_id\na.example,acme.example,1,cas,1\n' $head >m; refused "cas without region" "cas_region is missing"
printf '%s\n192.0.2.1,%s\n' $head $row >m; refused "IP address" "m:2:1: 192.0.2.1 is an IP address"
printf '%s\nco.uk,%s\n' $head $row >m; refused "public suffix" "m:2:1: co.uk is a public suffix"
printf '%s\n' $head >m; refused "no rows" "no row in it"
: >m; refused "empty" "no row in it"
printf '[{"hostname":"a.example","hostname":"b.example"}]' >m; refused "JSON member twice" "m:1:26: 'hostname' is there twice"
printf '[{"hostname":"a.example","site":"s","record_id":1e3,"cert_type":"off"}]' >m; refused "JSON exponent" "record_id: want digits, got 1e3"
printf '[{"hostname":["a"]}]' >m; refused "JSON list" "want a string, a number or null"
printf '[{"hostname":"a"}' >m; refused "JSON array not closed" "want ',' or ']'"
printf '[{"hostname":"a.example","site":"s","record_id":1,"cert_type":"off"}]x' >m; refused "behind the array" "something behind the array"
printf '{"hostname":"\\ud800x"}' >m; refused "lone surrogate" "surrogate"
run 2 "an unreadable manifest is wrong use or unreadable" plan m
run 3 "no manifest" plan missing.csv
{ echo $head; head -c 20000000 /dev/zero | tr '\0' a; echo ",$row"; } >m
refused "a line of 20 MB" "m:2:1: hostname: longer than 1024 bytes"
rm -f m
run 2 "no operand" "$certprep" onboard
run 2 "two manifests" "$certprep" onboard a b
run 2 "--apply --offline" "$certprep" onboard a --apply --offline
run 2 "--apply --plan" "$certprep" onboard a --apply --plan
for bad in 0 x 10/week 99999999 -1; do run 2 "--rate $bad" "$certprep" onboard a --rate=$bad; done
run 2 "--concurrency" "$certprep" onboard a --concurrency 33
run 2 "--wait" "$certprep" onboard a --wait=soon

# ---- plan, apply, report ----
cat >main.csv <<END
hostname,site,record,cert_type,cert,key,chain,tag
shop.acme.example,acme.example,origin.acme.example,upload,cert.pem,key.pem,,=1+1
www.acme.example,Acme.Example,origin.acme.example,upload,cert.pem,key.pem,,"a,b"
other.example,acme.example,origin.acme.example,upload,cert.pem,key.pem,,
free.acme.example,acme.example,origin.acme.example,free,,,,-x
off.acme.example,acme.example,nowhere.acme.example,off,,,,
site.example,nowhere.example,origin.acme.example,off,,,,
missing.acme.example,acme.example,origin.acme.example,upload,nothing.pem,,,
END
cp "$certs/good/ec-fullchain.pem" cert.pem
cp "$certs/good/ec-key-pkcs8.pem" key.pem
begin --strict
run 1 "plan" onboard main.csv
says out "covers 2 of 3 hostnames"
says out "would cover the rest: other.example"
says out "7 rows: 3 create, 4 blocked"
says out "3 creations wanted, 0 of 100 used"
says out "nothing was sent"
ok "a plan creates nothing" test "$(num_created)" = 0
ok "a plan writes no journal" test ! -e main.csv.journal
run 1 "apply" onboard main.csv --apply --report r.csv
says out "7 rows: 4 blocked, 3 created"
ok "three were created" test "$(num_created)" = 3
ok "journal is private" test "$(stat -c %a main.csv.journal)" = 600
ok "report is private" test "$(stat -c %a r.csv)" = 600
ok "no formula in the report" sh -c "grep -q \"\\\"'=1+1\\\"\" r.csv && grep -q \"\\\"'-x\\\"\" r.csv && ! grep -qE '(^|,)\"?[=+@-]' r.csv"
ok "a value with a comma" grep -q '"a,b"' r.csv
ok "lines end with CRLF" sh -c 'test "$(grep -c "$(printf "\r")\$" r.csv)" = 8'
run 1 "again" onboard main.csv --apply --report r.json
says out "7 rows: 3 unchanged, 4 blocked"
ok "three, still" test "$(num_created)" = 3
ok "JSON report" jq -e '.rows | length == 7 and .[0].outcome == "unchanged" and .[0].ownership_txt_value != null and .[0].cname_target != null' r.json
ok "ids are exact" grep -qE '"hostname_id": 90071992547409[0-9][13579]' r.json
ok "DCV record is kept" jq -e '.rows[3].dcv_txt_value != null' r.json
run 1 "JSON on standard output" onboard main.csv --json
ok "it is JSON" jq -e '.summary.counts.unchanged == 3 and .applied == false' out
run 1 "offline, by the journal" plan main.csv
says out "by the journal"
run 1 "report on standard output" onboard main.csv --report -
says out "line,hostname,site"
run 3 "report that can't be written" onboard main.csv --report "$tmp/none/r.csv"

# ---- changes ----
sed 's/origin\.acme\.example,free/origin2.acme.example,free/' main.csv >changed.csv
run 1 "different" onboard changed.csv --journal main.csv.journal
says out "1 different"
says out "--update would change it"
run 1 "different is left alone" onboard changed.csv --journal main.csv.journal --apply
ok "nothing was updated" sh -c "! grep -q UpdateCustomHostname '$ledger'"
run 1 "--update plans" onboard changed.csv --journal main.csv.journal --update
says out "1 update"
run 1 "--update" onboard changed.csv --journal main.csv.journal --update --apply
says out "1 updated"
ok "one was updated" test "$(grep -c '"action":"UpdateCustomHostname"' "$ledger")" = 1
ok "none twice" none_twice
rm -f main.csv.journal*
run 1 "without its journal nothing is created again" onboard main.csv --apply
ok "three, still" test "$(num_created)" = 3
stop_emulator

# ---- the journal ----
begin
free_rows j.csv 1 3
echo "this is no journal" >bad.journal
run 3 "not a database" onboard j.csv --apply --journal bad.journal
ok "nothing was sent" test "$(num_created)" = 0
ln -s j.csv.journal link.journal
run 3 "symbolic link" onboard j.csv --apply --journal link.journal
run 3 "a folder" onboard j.csv --apply --journal "$tmp"
run 3 "no such folder" onboard j.csv --apply --journal none/x.journal
if command -v sqlite3 >/dev/null; then
    sqlite3 other.journal 'CREATE TABLE x(y)'
    run 2 "another program's database" onboard j.csv --apply --journal other.journal
    says err "no journal of certprep"
else
    echo "  SKIPPED in part: sqlite3 is not there"
fi
ok "nothing was sent" test "$(num_created)" = 0
run 0 "apply" onboard j.csv --apply
cp j.csv.journal damaged.journal
printf '\377\377\377\377\377\377\377\377' | dd of=damaged.journal bs=1 seek=8200 conv=notrunc 2>/dev/null
printf '\377\377\377\377\377\377\377\377' | dd of=damaged.journal bs=1 seek=4096 conv=notrunc 2>/dev/null
run 3 "damaged" onboard j.csv --apply --journal damaged.journal
chmod 666 j.csv.journal
run 2 "writable by others" onboard j.csv --apply
says err "chmod 600"
chmod 600 j.csv.journal
# No room for the journal: what is not on the disk is not sent.
free_rows room.csv 100 160
run 3 "no room" sh -c "trap '' XFSZ; ulimit -f 120; '$certprep' onboard room.csv --apply --endpoint '$endpoint' --ca-file '$ca' $at"
ok "not all were sent" test "$(num_created)" -lt 64
run 0 "with room" onboard room.csv --apply
ok "all were, none twice" test "$(num_created)" = 64 -a -n "$(none_twice && echo yes)"
stop_emulator

# ---- two runs ----
begin --latency 300
free_rows two.csv 1 8
onboard two.csv --apply --concurrency 1 >one.out 2>one.err &
pid=$!
tries=0
until [ "$(num_created)" -gt 0 ] || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
run 2 "a second run" onboard two.csv --apply
says err "another run holds this journal: process"
run 0 "a plan may look on" plan two.csv
wait $pid
ok "the first one ends well" test $? = 0
ok "eight, none twice" test "$(num_created)" = 8 -a -n "$(none_twice && echo yes)"
stop_emulator

# ---- quota ----
echo 'CreateCustomHostname * throttled=200*3' >faults
begin --faults faults
free_rows q.csv 1 5
run 0 "throttled" onboard q.csv --apply
ok "five" test "$(num_created)" = 5
stop_emulator
begin
before=$(date +%s)
run 0 "2 in a second" onboard q.csv --apply --rate 2/second
ok "it took its time" test $(($(date +%s) - before)) -ge 1
run 0 "what was used is remembered" onboard q.csv --rate 100/hour
says out "5 of 100 used"
free_rows q.csv 1 9
run 0 "how long it takes" onboard q.csv --rate 7/hour
says out "4 creations wanted, 5 of 7 used in the last 1 h 00 min"
says out "about 1 h 00 min"
onboard q.csv --apply --rate 7/hour >out 2>err &
pid=$!
tries=0
until [ "$(num_created)" = 7 ] || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
sleep 0.3
signal TERM
wait $pid
ok "interrupted while it waits for the quota" test $? = 3
ok "it says what is open" grep -q "2 rows are open, 0 of them unknown" err
ok "seven and no more" test "$(num_created)" = 7
stop_emulator

# ---- Ctrl-C ----
echo 'CreateCustomHostname * hang-after' >faults
begin --faults faults
free_rows c.csv 1 3
limits="--timeout 60"
onboard c.csv --apply --concurrency 1 >out 2>err &
pid=$!
tries=0
until [ "$(num_created)" = 1 ] || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
signal TERM
sleep 0.5
ok "the first one waits for the call" kill -0 $pid
signal TERM
wait $pid
ok "the second one cuts it: unknown" test $? = 5
ok "it says so" grep -q "1 of them unknown" err
limits="--timeout 5 --wait-timeout 20"
run 0 "a rerun looks first" onboard c.csv --apply
says out "3 created"
ok "three, none twice" test "$(num_created)" = 3 -a -n "$(none_twice && echo yes)"
stop_emulator

# ---- failures ----
echo 'CreateCustomHostname * error=InvalidParameter*50' >faults
begin --faults faults
free_rows f.csv 1 9
run 4 "--stop-after" onboard f.csv --apply --stop-after 2 --concurrency 1
says err "stopped after as many failures"
says out "refused"
stop_emulator
start_emulator --state "$ledger"
run 0 "--only-failed" onboard f.csv --apply --only-failed
says out "left_out"
ok "not those that were not tried" test "$(num_created)" -lt 9
run 0 "the rest" onboard f.csv --apply
ok "nine, none twice" test "$(num_created)" = 9 -a -n "$(none_twice && echo yes)"
stop_emulator
run 3 "no service" onboard f.csv --apply
run 2 "no credential" env -u ALIBABA_CLOUD_ACCESS_KEY_SECRET "$certprep" onboard f.csv --endpoint "$endpoint" --ca-file "$ca"
start_emulator --state "$ledger" --fault 'error=InvalidAccessKeyId.NotFound*99'
run 4 "a key that is not known" onboard f.csv
stop_emulator

# ---- until it is active ----
begin --activate auto=2 --issue-after 1
free_rows w.csv 1 3
run 0 "--wait" onboard w.csv --apply --wait --report w.json
ok "all active" jq -e '[.rows[] | select(.status == "active")] | length == 3' "$tmp/w.json"
stop_emulator
begin --conflicts 'h1.*'
run 1 "conflicted" onboard w.csv --apply --wait
says out "stopped"
stop_emulator
finish
