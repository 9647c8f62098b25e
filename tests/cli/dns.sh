#!/bin/sh
# dns, and --dns of submit, status and onboard: against dns_server (a zone, and every fault), and unbound.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
export ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
server=$3/tests/dns_server results=$(cd "$(dirname "$0")/../../certprep/cli/dns" && pwd)/results.def
server_pid='' unbound_pid=''
stop_dns() {
    for pid in $server_pid $unbound_pid; do kill "$pid" 2>/dev/null; done
    server_pid='' unbound_pid=''
}
trap 'stop_dns; cleanup' EXIT
cd "$tmp" || exit 3
wait_for() { # wait_for FILE WHAT
    tries=0
    until [ -s "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { echo "FAILED: no $2"; exit 1; }
        sleep 0.05
    done
}
start_dns() { # start_dns ZONE: sets port
    rm -f port queries
    "$server" port "$1" queries 2>dns_server.err &
    server_pid=$!
    wait_for port "DNS server"
    port=$(cat port)
}
dns() { "$certprep" dns --dns-server "127.0.0.1:$port" --dns-timeout 1 "$@"; }
# judged CODE NAME HOST RESULT...: the exit code, and the codes that the results must have among them
judged() {
    judged_code=$1 judged_name=$2 host=$3
    shift 3
    run "$judged_code" "$judged_name" dns --json $extra "$host"
    cat out >>all 2>/dev/null
    for word; do
        ok "$judged_name: $word" jq -e --arg w "$word" '.hostnames[0].results | any(.code == $w)' out
    done
}
extra=

cat >zone <<'END'
acme.example NS ns.acme.example
acme.example A 192.0.2.1
acme.example AAAA 2001:db8::1
acme.example CAA 0 issue letsencrypt.org
acme.example CAA 0 iodef mailto:admin@acme.example
shop.acme.example CNAME edge.cname.test
edge.cname.test CNAME edge2.cname.test
edge2.cname.test A 192.0.2.7
edge2.cname.test AAAA 2001:db8::7
gone.acme.example CNAME nothing.cname.test
code.acme.example A 192.0.2.2
_esa_custom_hostname.code.acme.example TXT "code-part1-" code-part2
_acme-challenge.code.acme.example TXT wanted
_acme-challenge.code.acme.example TXT "an old value"
old.acme.example A 192.0.2.3
_acme-challenge.old.acme.example TXT "an old value"
deleg.acme.example A 192.0.2.4
_acme-challenge.deleg.acme.example CNAME dcv.cname.test
own.example A 192.0.2.1
alias.acme.example CNAME caa.target.test
caa.target.test CAA 0 issue other.test
target.test CAA 0 issue wrong.test
aliasno.acme.example CNAME plain.target.test
plain.target.test A 192.0.2.1
nobody.example CAA 0 issue ;
others.example CAA 0 issue digicert.com
others.example CAA 0 issue "sectigo.com ; policy=ev"
wild.example CAA 0 issue digicert.com
wild.example CAA 0 issuewild LetsEncrypt.ORG
nowild.example CAA 0 issue letsencrypt.org
nowild.example CAA 0 issuewild ;
onlywild.example CAA 0 issuewild ;
iodef.example CAA 0 iodef mailto:a@iodef.example
critical.example CAA 128 tbs x
critical.example CAA 0 issue letsencrypt.org
critical1.example CAA 1 tbs x
tolerant.example CAA 0 tbs x
tolerant.example CAA 0 issue letsencrypt.org
known.example CAA 128 issue letsencrypt.org
bound.example CAA 0 issue "letsencrypt.org; accounturi=https://acme.test/1; validationmethods=dns-01"
malformed.example CAA 0 issue "letsencrypt.org policy=ev"
malformed.example CAA 0 issue "%%%"
empty.example CAA 0 issue ""
upper.example CAA 0 ISSUE letsencrypt.org
loop1.example CNAME loop2.example
loop2.example CNAME loop1.example
chain0.example CNAME chain1.example
chain1.example CNAME chain2.example
chain2.example CNAME chain3.example
chain3.example CNAME chain4.example
chain4.example CNAME chain5.example
chain5.example CNAME chain6.example
chain6.example CNAME chain7.example
chain7.example CNAME chain8.example
chain8.example A 192.0.2.1
long.example CNAME chain0.example
odd.example CNAME bad\004name.test
hostile.example A 192.0.2.1
_acme-challenge.hostile.example TXT "]8;;http://x"
many.example A 192.0.2.1
servfail.example FAULT servfail
refused.example FAULT refused
drop.example FAULT drop
below.drop.example A 192.0.2.1
formerr.example CAA 0 issue letsencrypt.org
formerr.example FAULT formerr
truncate.example CAA 0 issue letsencrypt.org
truncate.example A 192.0.2.1
truncate.example FAULT truncate
big.example A 192.0.2.1
wrongid.example FAULT wrongid
wrongquestion.example FAULT wrongquestion
garbage.example CAA 0 issue letsencrypt.org
garbage.example CNAME a.test
garbage.example FAULT garbage
short.example CAA 0 issue letsencrypt.org
short.example CNAME a-long-name.of-several-labels.test
short.example FAULT short
loop.example FAULT loop
lies.example CAA 0 issue letsencrypt.org
lies.example A 192.0.2.1
lies.example FAULT lies
referral.example FAULT referral
slow.example CAA 0 issue letsencrypt.org
slow.example FAULT slow
hangup.example FAULT hangup
onlycname.example CNAME caa.target.test
onlycname.example FAULT onlycname
caafail.acme.example A 192.0.2.1
caafail.acme.example FAULT servfail CAA
END
for i in $(seq 1 33); do echo "many.example CAA 0 issue ca$i.test"; done >>zone
for i in $(seq 1 20); do echo "big.example CAA 0 issue a-certification-authority-with-a-long-name-$i.test"; done >>zone
echo "big.example CAA 0 issue letsencrypt.org" >>zone
printf '_esa_custom_hostname.hostile.example TXT "red \033[31m \342\200\256 \377"\n' >>zone
start_dns zone

# ---- CAA ----
judged 0 "the parent's CAA" shop.acme.example caa-allowed cname-now ownership-clean challenge-clean
judged 3 "nothing there, and a CAA-free top" x.own.example caa-none cname-unknown
judged 1 "an alias counts with its end" alias.acme.example caa-others
judged 0 "an end without CAA: on from the alias' own parent" aliasno.acme.example caa-allowed
judged 1 "a server that leaves the alias to its client" onlycname.example caa-others cname-now
judged 1 "nobody" nobody.example caa-nobody
judged 1 "others" others.example caa-others
run 1 "in words" dns others.example
says out "digicert.com, sectigo.com"
says out 'next: add at others.example: CAA 0 issue "letsencrypt.org"'
judged 3 "wildcard: issuewild goes before" '*.wild.example' caa-allowed
judged 1 "no wildcard: issue" wild.example caa-others
judged 1 "wildcard: issuewild forbids" '*.nowild.example' caa-nobody
judged 0 "issuewild is no matter for others" nowild.example caa-allowed
judged 0 "issuewild alone" onlywild.example caa-allowed
judged 1 "below it, a wildcard" '*.onlywild.example' caa-nobody
judged 0 "iodef alone" iodef.example caa-allowed
judged 1 "critical" critical.example caa-critical
judged 1 "critical, as many write it" critical1.example caa-critical
judged 0 "unknown, not critical" tolerant.example caa-allowed
judged 0 "critical, but known" known.example caa-allowed
judged 0 "conditions" bound.example caa-bound
judged 1 "malformed is nobody" malformed.example caa-nobody
judged 0 "case" upper.example caa-allowed
judged 3 "an empty value is beyond c-ares" empty.example caa-unknown
extra="--caa-issuer DigiCert.com"
judged 0 "--caa-issuer" others.example caa-allowed
extra=--no-caa
judged 0 "--no-caa" others.example cname-absent
ok "no CAA result" jq -e '.hostnames[0].results | all(.check != "caa")' out
ok "and no CAA question" sh -c "! tail -7 queries | grep -q ' 257'"
extra=

# ---- ownership, traffic, challenge ----
extra="--verify-code code-part1-code-part2"
judged 0 "the code, in two strings" code.acme.example ownership-found challenge-stale
extra="--verify-code other"
judged 0 "another code" code.acme.example ownership-other
says out '_esa_custom_hostname.code.acme.example \"other\"'
judged 0 "no code" old.acme.example ownership-absent challenge-stale
extra=
judged 0 "a code that is not expected" code.acme.example ownership-other
judged 0 "a delegated challenge" deleg.acme.example challenge-alias
judged 0 "apex" acme.example cname-apex
says out "192.0.2.1, 2001:db8::1"
extra="--cname EDGE2.cname.test."
run 2 "a target with a final dot" dns --cname a..b x.example
extra="--cname EDGE2.cname.test"
judged 0 "the right target, further on" shop.acme.example cname-found
extra="--cname right.test"
judged 0 "another target" shop.acme.example cname-other
judged 3 "NXDOMAIN" none.acme.example cname-unknown
extra=
judged 0 "a target that does not exist" gone.acme.example cname-other
judged 3 "no such domain at all" shop.nowhere.test caa-unknown ownership-unknown cname-unknown challenge-unknown
judged 3 "a circle" loop1.example cname-unknown
judged 0 "8 CNAMEs" chain0.example cname-now
judged 3 "9 CNAMEs" long.example cname-unknown
says out "more than 8 CNAMEs"
judged 3 "a target that is no name" odd.example cname-unknown
judged 3 "33 records" many.example caa-unknown
says out "more records than are looked at"
run 0 "hostile values" env LC_ALL=C.UTF-8 "$certprep" dns --no-caa --dns-server "127.0.0.1:$port" hostile.example
ok "no escape sequence" sh -c "! grep -q '$(printf '\033')' out"
says out 'red \x1B[31m \u{202E} \xFF'

# ---- faults: a status each, never a finding ----
for fault in servfail refused drop wrongid wrongquestion garbage short loop lies referral slow hangup; do
    judged 3 "$fault" $fault.example caa-unknown cname-unknown
    ok "$fault: no finding on CAA" jq -e '.hostnames[0].results | all(.check != "caa" or .class == "status")' out
done
judged 3 "below a name that can't be looked up" below.drop.example caa-unknown cname-absent
judged 3 "only CAA fails" caafail.acme.example caa-unknown cname-absent
: >queries
judged 0 "a server without EDNS" formerr.example caa-allowed
ok "asked with EDNS, then without" sh -c "grep -q 'udp formerr.example 257 edns' queries && grep -q 'udp formerr.example 257$' queries"
judged 0 "cut by UDP" truncate.example caa-allowed
ok "asked by TCP" grep -q 'tcp truncate.example 257' queries
judged 0 "larger than a datagram" big.example caa-allowed
ok "large: by TCP" grep -q 'tcp big.example 257' queries
for code in $(sed -n 's/^RESULT([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$results" | grep -v -e challenge-found -e challenge-absent); do
    ok "$code was seen" grep -q "\"$code\"" all
done

# ---- servers, options ----
begin=$(date +%s)
run 3 "a server that is not there" "$certprep" dns --dns-server 127.0.0.1:1 --dns-timeout 2 a.example
says out "127.0.0.1:1"
run 0 "the next server answers" "$certprep" dns --dns-server 127.0.0.1:1 --dns-server "127.0.0.1:$port" --dns-timeout 1 shop.acme.example
run 3 "time-out" dns drop.example
ok "the time-outs were kept" test $(($(date +%s) - begin)) -le 12
for bad in '' 1.2.3 1.2.3.4:0 1.2.3.4:65536 1.2.3.4:x '[::1' '[::1]x' '[1.2.3.4]' localhost 1.2.3.4:53:53; do
    run 2 "--dns-server '$bad'" "$certprep" dns --dns-server "$bad" a.example
done
run 2 "no hostname" "$certprep" dns
run 2 "an address" "$certprep" dns 192.0.2.1
says err "address"
run 2 "no hostname at all" "$certprep" dns 'a b'
run 2 "--caa-issuer" "$certprep" dns --caa-issuer 'a b' a.example
run 2 "--dns-timeout" "$certprep" dns --dns-timeout 0 a.example
run 2 "--dns-server without --dns" "$certprep" status --dns-server 127.0.0.1 --site a.example b.example
says err "go with --dns"
run 1 "the worst of two" dns shop.acme.example nobody.example
run 0 "quiet" dns -q shop.acme.example
ok "quiet: one line" test "$(wc -l <out)" -eq 1
ok "c-ares is loaded when it is needed" sh -c "! ldd '$certprep' | grep -q cares"
stop_dns

# ---- with the service ----
start_emulator --strict
site="--site acme.example --record origin.acme.example" target=origin.acme.example.example-cname.net
cat >zone2 <<END
acme.example CAA 0 issue letsencrypt.org
good.shop.example CNAME $target
$target A 192.0.2.9
elsewhere.shop.example CNAME other.test
forbidden.shop.example CAA 0 issue digicert.com
fail.shop.example FAULT servfail
END
start_dns zone2
cli() { command=$1; shift; "$certprep" "$command" --endpoint "$endpoint" --ca-file "$ca" "$@"; }
ask="--dns --dns-server 127.0.0.1:$port --dns-timeout 1"
num_calls() { if [ -f "$log" ]; then grep -c "action=$1" "$log"; else echo 0; fi; }
run 1 "submit: forbidden by CAA" cli submit $site --hostname forbidden.shop.example --ssl on --cert-type free $ask
says out "digicert.com"
says out "nothing was sent"
ok "nothing was sent" test "$(num_calls CreateCustomHostname)" -eq 0
run 1 "the same as JSON" cli submit $site --hostname forbidden.shop.example --ssl on --cert-type free $ask --json
ok "JSON" jq -e '.sent == false and .dns.verdict == "findings" and (.dns.results | any(.code == "caa-others"))' out
run 0 "submit: CAA is no matter without TLS" cli submit $site --hostname forbidden.shop.example --ssl off $ask
run 0 "submit: ready" cli submit $site --hostname good.shop.example --ssl on --cert-type free $ask --json
ok "the record's target is known" jq -e '.sent and (.dns.results | any(.code == "cname-found"))' out
run 0 "submit by ids: the target is asked for" cli submit --site-id 1234567890123 --record-id 4042843419650112 \
    --hostname elsewhere.shop.example --ssl on --cert-type free $ask
says out "not to $target"
run 0 "submit: what can't be evaluated stops nothing" cli submit $site --hostname fail.shop.example --ssl on --cert-type free $ask
says out "SERVFAIL"
run 0 "status" cli status --site acme.example good.shop.example $ask --json
ok "the code is known, and missing" jq -e '.hostnames[0].dns.results | any(.code == "ownership-absent")' out
ok "and the challenge" jq -e '.hostnames[0].dns.results | any(.code == "challenge-absent")' out
jq -r '.hostnames[0].records[] | select(.type == "TXT") | "\(.name) TXT \"\(.value)\""' out >>zone2
ok "two records to publish" test "$(grep -c ' TXT ' zone2)" -eq 2
stop_dns
start_dns zone2
ask="--dns --dns-server 127.0.0.1:$port --dns-timeout 1"
run 0 "status once they are published" cli status --site acme.example good.shop.example $ask --json
ok "all found" jq -e '.hostnames[0].dns | .verdict == "ready" and ([.results[].code] | contains(["ownership-found", "challenge-found", "cname-found"]))' out
run 0 "status as text" cli status --site acme.example good.shop.example $ask
says out "ownership  ok"
run 3 "status of what can't be evaluated" cli status --site acme.example fail.shop.example $ask
{
    echo "hostname,site,record,cert_type"
    for name in new.acme.example forbidden2.shop.example fail2.shop.example; do
        echo "$name,acme.example,origin.acme.example,free"
    done
} >m
printf 'new.acme.example CNAME %s\nforbidden2.shop.example CAA 0 issue ;\nfail2.shop.example FAULT servfail\n' $target >>zone2
stop_dns
start_dns zone2
ask="--dns --dns-server 127.0.0.1:$port --dns-timeout 1"
before=$(num_calls CreateCustomHostname)
run 1 "onboard: the plan" cli onboard m $ask --json
ok "one is blocked" jq -e '[.rows[] | select(.outcome == "blocked")] | length == 1 and (.[0].reason | test("nobody issue"))' out
ok "the others are not" jq -e '[.rows[] | select(.outcome == "create")] | length == 2' out
ok "what is unknown is said" jq -e '[.rows[] | select(.hostname == "fail2.shop.example")] | .[0].reason | test("caa-unknown")' out
says err "SERVFAIL"
run 1 "onboard --apply" cli onboard m $ask --apply --json
ok "two were sent" test $(($(num_calls CreateCustomHostname) - before)) -eq 2
ok "the one is not there" jq -e '[.rows[] | select(.hostname == "forbidden2.shop.example")] | .[0] | .outcome == "blocked" and .hostname_id == null' out
stop_emulator
stop_dns

# ---- a resolver that others wrote ----
if command -v unbound >/dev/null; then
    for port in 5391 15391 25391; do
        cat >unbound.conf <<END
server:
  directory: "$tmp"
  chroot: ""
  username: ""
  pidfile: "$tmp/unbound.pid"
  use-syslog: no
  interface: 127.0.0.1@$port
  module-config: "iterator"
  root-hints: ""
  local-zone: "example." static
  local-zone: "test." static
  local-data: 'acme.example. CAA 0 issue "letsencrypt.org"'
  local-data: "acme.example. NS ns.acme.example."
  local-data: "acme.example. A 192.0.2.1"
  local-data: "shop.acme.example. CNAME edge.cname.test."
  local-data: "edge.cname.test. A 192.0.2.7"
  local-data: 'nobody.example. CAA 0 issue ";"'
  local-data: 'wild.example. CAA 0 issuewild "letsencrypt.org"'
  local-data: 'wild.example. CAA 0 issue ";"'
  local-data: '_esa_custom_hostname.shop.acme.example. TXT "the code"'
END
        for i in $(seq 1 30); do
            echo "  local-data: 'big.example. CAA 0 issue \"a-certification-authority-with-a-long-name-$i.test\"'"
        done >>unbound.conf
        unbound -d -c unbound.conf >unbound.log 2>&1 &
        unbound_pid=$!
        tries=0
        until [ -s unbound.pid ] || [ $tries -gt 60 ]; do tries=$((tries + 1)); sleep 0.05; done
        sleep 0.2
        kill -0 $unbound_pid 2>/dev/null && break
        unbound_pid=
    done
    ok "unbound runs" test -n "$unbound_pid"
    extra="--cname edge.cname.test --verify-code the"
    judged 0 "unbound: alias, CAA, TXT" shop.acme.example caa-allowed cname-found ownership-other
    extra=
    judged 0 "unbound: apex" acme.example cname-apex
    judged 1 "unbound: nobody" nobody.example caa-nobody
    judged 3 "unbound: wildcard" '*.wild.example' caa-allowed
    judged 1 "unbound: no wildcard" wild.example caa-nobody
    judged 1 "unbound: 30 records, by TCP" big.example caa-others
    judged 3 "unbound: NXDOMAIN" nothing.example caa-unknown cname-unknown
else
    echo "SKIPPED in part: unbound is not installed"
fi
finish
