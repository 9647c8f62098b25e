#!/bin/sh
# usage: emulator_faults.sh EMULATOR
#
# Every fault of the emulator, alone, in a queue, in a script.
# Exit 0: all as expected, 1: not, 77: skipped.
emulator=${1:?usage: emulator_faults.sh EMULATOR}
# shellcheck source=emulator_lib.sh
. "$(dirname "$0")/emulator_lib.sh"

"$emulator" --list-faults >"$tmp/list"
faults=$(sed -n '/^$/q;s/^\([a-z0-9-]*\).*/\1/p' "$tmp/list")
codes=$(sed -n 's/^  \([^ ]*\) \([0-9]*\)$/\1=\2/p' "$tmp/list")
tested=

strike() { # strike FAULT: a fresh emulator with it, and one call
    tested="$tested ${1%%[=\*]*}"
    start --fault "$1"
    fresh
    create "$name" SslFlag=off
}
acted() { # acted FAULT: whether the log says that the hostname was created
    check "$1 acts" [ "$(last_log hostname_id)" = 9007199254740993 ]
    check "$1 is in the log" [ "$(last_log fault)" = "$1" ]
    create "$name" SslFlag=off
    expect "after $1: the hostname exists" 400 CustomHostname.ConflictWithExistingResource
}
idle() { # idle FAULT: the opposite
    check "$1 does not act" [ "$(last_log hostname_id)" = - ]
    check "$1 is in the log" [ "$(last_log fault)" = "$1" ]
    create "$name" SslFlag=off
    expect "after $1: normal service" 200 ""
}

num_codes=0
set --
for row in $codes; do
    num_codes=$((num_codes + 1))
    set -- "$@" --fault "error=${row%=*}"
done
check "at least the twelve documented codes" [ "$num_codes" -ge 12 ]
start "$@"
tested="$tested error"
for row in $codes; do
    create h.shop.example SslFlag=off
    expect "error=${row%=*}" "${row#*=}" "${row%=*}"
done
create h.shop.example SslFlag=off
expect "after all the errors: normal service" 200 ""

strike error-after=InternalException
expect "error-after" 400 InternalException
acted error-after
strike reset-before
check "reset-before: curl says $exit_code" [ "$exit_code" = 56 ]
idle reset-before
strike reset-after
check "reset-after: curl says $exit_code" [ "$exit_code" = 56 ]
acted reset-after
max_time=2
strike hang-before
check "hang-before times out" [ "$exit_code" = 28 ]
idle hang-before
max_time=2
strike hang-after
check "hang-after times out" [ "$exit_code" = 28 ]
acted hang-after
write_out='%{http_code},%{time_total}'
strike slow=4
seconds=${status##*,}
status=${status%%,*}
check "slow takes its time: $seconds" [ "${seconds%%.*}" -ge 1 ]
expect "slow" 200 ""
acted slow
strike html502
check "html502 is a page" grep -q '^<html>' "$tmp/body"
expect "html502" 502 ""
idle html502
strike html502-after
expect "html502-after" 502 ""
acted html502-after
strike cut-json
check "cut-json: curl misses bytes" [ "$exit_code" = 18 ]
acted cut-json
strike bad-json
check "bad-json starts like JSON" grep -q '^{' "$tmp/body"
check "bad-json does not end like it" sh -c '! grep -q "}$" "$1"' - "$tmp/body"
expect "bad-json" 200 ""
acted bad-json
strike ok-with-code
expect "ok-with-code" 200 CustomHostname.VerifyUnpassed
idle ok-with-code
strike ok-with-code=InternalException
expect "ok-with-code=CODE" 200 InternalException
strike unknown-code
expect "unknown-code" 400 Foo.Bar
idle unknown-code
strike wrong-hostname
check "wrong-hostname" sh -c 'grep -q "\"Hostname\":\"unexpected.example\"" "$1"' - "$tmp/body"
expect "wrong-hostname" 200 ""
acted wrong-hostname
strike no-id
check "no-id" sh -c '! grep -q HostnameId "$1"' - "$tmp/body"
expect "no-id" 200 ""
acted no-id
strike float-id
check "float-id" grep -q '"HostnameId":1.5e3,' "$tmp/body"
expect "float-id" 200 ""
acted float-id
strike echo-signature
check "echo-signature quotes the query" grep -q "CanonicalRequest is \[POST\\\\n/\\\\nHostname=$name&" "$tmp/body"
expect "echo-signature" 400 SignatureDoesNotMatch
idle echo-signature
strike xml
check "xml" grep -q '^<Error><RequestId>.*<Code>InternalError</Code><Message>.*</Error>$' "$tmp/body"
expect "xml" 500 ""
idle xml
strike lower-camel
check "lower-camel" grep -q '"requestId":".*"message":".*"code":"InternalException"' "$tmp/body"
expect "lower-camel" 400 ""
idle lower-camel
strike throttled=250
check "throttled" grep -q '^x-acs-retry-after: 250' "$tmp/headers"
expect "throttled" 400 Throttling.User
idle throttled
strike huge-body
size=$(wc -c <"$tmp/body")
check "huge-body: $size" [ "$size" -gt 2097152 ]
check "huge-body is whole JSON" sh -c 'tail -c 60 "$1" | grep -q "\"Hostname\":\"[^\"]*\"}$"' - "$tmp/body"
code=
expect "huge-body" 200 ""
acted huge-body
start --clock 1773907200 --fault skewed-date
tested="$tested skewed-date"
date=2026-03-19T08:00:00Z
create z.shop.example SslFlag=off
check "skewed-date: an hour ahead" grep -q '^Date: Thu, 19 Mar 2026 09:00:00 GMT' "$tmp/headers"
expect "skewed-date" 400 InvalidTimeStamp.Expired
date=2026-03-19T08:00:00Z
create z.shop.example SslFlag=off
expect "after skewed-date: normal service" 200 ""
strike tls-close
check "tls-close: curl says $exit_code" [ "$exit_code" = 35 ]
idle tls-close
strike empty-200
check "empty-200" sh -c '[ ! -s "$1" ]' - "$tmp/body"
expect "empty-200" 200 ""
acted empty-200

# Faults that strike before anyone knows who asks.
strike tls-alert
check "tls-alert: curl says $exit_code" [ "$exit_code" = 35 ]
idle tls-alert
for bytes in 0 1 40 100 100000; do
    strike cut-request=$bytes
    any "cut-request=$bytes: curl" "$exit_code" 52 56
    idle cut-request
done
write_out='%{http_code},%{time_total}'
strike slow-request=2
seconds=${status##*,}
status=${status%%,*}
check "slow-request takes its time: $seconds" sh -c 'echo "$1" | awk "{exit !(\$1 >= 0.8)}"' - "$seconds"
expect "slow-request" 200 ""
acted slow-request

# At every kind of place in the reply: nothing, the status line, the header lines, the body, all.
for bytes in 0 5 60 330 100000; do
    strike cut-reply=$bytes
    any "cut-reply=$bytes: curl" "$exit_code" 56 0
    got=$(cat "$tmp/headers" "$tmp/body" | wc -c)
    check "cut-reply=$bytes: at most so many: $got" [ "$got" -le "$bytes" ]
    rm -f "$tmp/body"
    acted cut-reply
done
for bytes in 0 200; do
    max_time=2
    strike hang-mid=$bytes
    check "hang-mid=$bytes times out" [ "$exit_code" = 28 ]
    rm -f "$tmp/body"
    acted hang-mid
done
strike duplicate-reply
expect "duplicate-reply" 200 ""
acted duplicate-reply
# A replay over the same connection is 200,400,0 otherwise, as emulator_protocol.sh shows: here it
# takes the copy for its own reply, or curl has seen the copy and ended the connection.
start --fault duplicate-reply
curl_more="-K $tmp/curlrc -o $tmp/first -w %{http_code}, --next --silent --http1.1 --cacert $ca"
write_out='%{http_code},%{num_connects}'
create dup.shop.example SslFlag=off
any "duplicate-reply sends it twice" "$status" 200,200,0 200,400,1

for fault in $faults; do
    case " $tested " in
    *" $fault "*) ok ;;
    *) fail "the fault $fault has no test" ;;
    esac
done

start --fault 'error=Site.ServiceBusy*2' --fault no-id
create a.shop.example SslFlag=off
expect "a count: first" 400 Site.ServiceBusy
secret=other
create a.shop.example SslFlag=off
expect "who signs wrongly uses up no fault" 400 SignatureDoesNotMatch
create a.shop.example SslFlag=off
expect "a count: second" 400 Site.ServiceBusy
create a.shop.example SslFlag=off
check "then the next fault" sh -c '! grep -q HostnameId "$1"' - "$tmp/body"
expect "then the next fault" 200 ""

#---- a script --------------------------------------------------------------------------------------
cat >"$tmp/script" <<'SCRIPT'
# whom          which          what
CreateCustomHostname b*.example error=Site.ServiceBusy*2   # two of these

GetCustomHostname * ok-with-code
* C.shop.example error-after=InternalException
* * throttled=5
SCRIPT
start --faults "$tmp/script" --fault no-id
create a.shop.example SslFlag=off
check "--fault comes first" sh -c '! grep -q HostnameId "$1"' - "$tmp/body"
expect "--fault comes first" 200 ""
create b.example SslFlag=off
expect "a line by action and host: first" 400 Site.ServiceBusy
create c.shop.example SslFlag=off
check "a line by host alone, in any case; it acted" [ "$(last_log hostname_id)" = 9007199254740995 ]
expect "a line by host alone" 400 InternalException
create a2.shop.example SslFlag=off
expect "a line for all" 400 Throttling.User
create a2.shop.example SslFlag=off
expect "once" 200 ""
create B2.Example SslFlag=off
expect "a line by action and host: second" 400 Site.ServiceBusy
create b.example SslFlag=off
expect "no third" 200 ""
op GetCustomHostname HostnameId=9007199254740995
expect "a line by action" 200 CustomHostname.VerifyUnpassed
op GetCustomHostname HostnameId=9007199254740995
expect "and then" 200 ""

cat >"$tmp/script" <<'SCRIPT'
* named.example cut-request=10
DeleteCustomHostname named.example reset-before
* slow.example slow-request=1
* * tls-alert
SCRIPT
start --faults "$tmp/script"
create first.example SslFlag=off
is "tls-alert in a script" 35 "$exit_code"
create other.example SslFlag=off
expect "cut-request is for another" 200 ""
create named.example SslFlag=off
any "cut-request by name: curl" "$exit_code" 52 56
is "it does not act" - "$(last_log hostname_id)"
create named.example SslFlag=off
id=$(id_in_reply)
expect "then it does" 200 ""
op DeleteCustomHostname HostnameId="$id"
is "by the hostname that an id names" 56 "$exit_code"
op DeleteCustomHostname HostnameId="$id"
expect "once" 200 ""
write_out='%{http_code},%{time_total}'
create slow.example SslFlag=off
seconds=${status##*,}
check "slow-request by name: $seconds" sh -c 'echo "$1" | awk "{exit !(\$1 >= 0.3)}"' - "$seconds"

echo '* * random 50% error=Site.ServiceBusy unknown-code' >"$tmp/script"
chances() { # chances SEED: what becomes of twelve requests, as one line
    start --faults "$tmp/script" --seed "$1"
    drawn=
    for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
        create "r$((number % 6)).example" SslFlag=off
        drawn="$drawn ${code:-none}"
    done
    echo "$drawn" >"$tmp/drawn$1.$2"
}
chances 7 a
chances 7 b
chances 8 a
check "the same seed draws the same" cmp -s "$tmp/drawn7.a" "$tmp/drawn7.b"
check "another seed draws otherwise" sh -c '! cmp -s "$1" "$2"' - "$tmp/drawn7.a" "$tmp/drawn8.a"
for kind in Site.ServiceBusy Foo.Bar none; do
    check "random draws $kind, too" grep -q "$kind" "$tmp/drawn7.a" "$tmp/drawn8.a"
done
echo 'random 100% tls-close error=LockFailed' >"$tmp/script"
start --faults "$tmp/script"
seen=
for number in 1 2 3 4 5 6 7 8 9 10; do
    create r.example SslFlag=off
    seen="$seen $exit_code:$code"
done
check "random in the handshake, too: $seen" sh -c 'case "$1" in *35:*) ;; *) exit 1 ;; esac' - "$seen"
check "and in calls" sh -c 'case "$1" in *0:LockFailed*) ;; *) exit 1 ;; esac' - "$seen"
stop
for line in 'nonsense' 'a b c d' 'CreateCustomHostname * tls-close' 'random 5 no-id' 'random 0% no-id' \
    'random 101% no-id' 'random 5%' '* * random 5% nonsense' '* * cut-request' '* * cut-reply=x'; do
    printf '\n%s\n' "$line" >"$tmp/script"
    "$emulator" --faults "$tmp/script" >/dev/null 2>"$tmp/stderr"
    is "a script with $line" 2 $?
    check "the complaint names the line" grep -q ':2: ' "$tmp/stderr"
done

# A client that hangs blocks nobody: twenty of them, and one that is served at once.
start --fault 'hang-before*20' --timeout 5
count=0
hung=0
while [ "$hung" -lt 20 ] && [ "$count" -lt 100 ]; do
    count=$((count + 1)) # on a busy machine some give up before they have asked
    curl_more="--max-time 0.2"
    create hang.shop.example SslFlag=off
    hung=$(grep -c ' fault=hang-before ' "$tmp/log")
done
check "twenty hung" [ "$hung" = 20 ]
( sleep 4 ) | openssl s_client -quiet -CAfile "$ca" -connect "127.0.0.1:$port" >/dev/null 2>&1 &
idler=$!
max_time=3
create served.shop.example SslFlag=off
expect "served beside them" 200 ""
stop
check "an end with connections open" [ "$ended" = 0 ]
wait "$idler"

finish
