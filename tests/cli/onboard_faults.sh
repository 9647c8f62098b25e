#!/bin/sh
# onboard against an emulator that fails, and killed on the way: no hostname is created twice, none is lost.
# onboard_faults.sh EMULATOR CERTPREP BUILD [long]: long takes 1,000 rows and 200 kills, else fewer.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
long=${4:-}
rows=200 kills=20 small_kills=20 per_step=1
[ -z "$long" ] || rows=1000 small_kills=200 per_step=3
cd "$tmp" || exit 3

manifest() { # manifest FILE ROWS
    {
        echo hostname,site,record_id,cert_type,cert,tag
        awk -v n="$2" -v cert="$certs/good/ec-bundle.pem" 'BEGIN {
            for (i = 1; i <= n; i++) {
                type = i % 3 == 0 ? "off" : "free"
                printf "h%d.acme.example,acme.example,4042843419650112,%s,,t%d\n", i, type, i
            }
            printf "shop.acme.example,acme.example,4042843419650112,upload,%s,\n", cert
            printf "www.acme.example,acme.example,4042843419650112,upload,%s,\n", cert
        }'
    } >"$1"
}
onboard() {
    file=$1
    shift
    "$certprep" onboard "$file" --apply --endpoint "$endpoint" --ca-file "$ca" $at --rate 10000/second \
        --stop-after 0 --timeout 3 --wait-timeout 20 "$@"
}
# What was really done: each hostname once, and as many as the manifest has.
truth() { # truth NAME LEDGER ROWS
    ok "$1: $3 creations" test "$(grep -c '"action":"CreateCustomHostname"' "$2")" -eq "$3"
    ok "$1: none twice" test -z "$(sed -n 's/.*"action":"CreateCustomHostname","hostname":"\([^"]*\)".*/\1/p' "$2" |
        sort | uniq -d)"
}
report_is_whole() { # report_is_whole NAME REPORT ROWS: every row is there, with an id
    ok "$1: report" jq -e --argjson n "$3" '(.rows | length) == $n and all(.rows[];
        .hostname_id != null and .ownership_txt_value != null and
        (.outcome == "created" or .outcome == "unchanged"))' "$2"
}
# Numbers in a row that look random and are the same in every run.
randoms() { awk -v seed="$1" -v n="$2" -v most="$3" 'BEGIN { srand(seed); for (i = 0; i < n; i++) print int(rand() * most) }'; }
# Starts onboard and kills it after so many milliseconds.
killed_after() { # killed_after MS FILE OPTION...
    ms=$1
    shift
    onboard "$@" >"$tmp/out" 2>"$tmp/err" &
    shell=$!
    sleep "$(awk -v ms="$ms" 'BEGIN { printf "%.3f", ms / 1000 }')"
    pkill -KILL -P $shell -x certprep 2>/dev/null
    wait $shell 2>/dev/null
    no_secret "killed after $ms ms"
}

# ---- mixed faults, and kills ----
cat >faults <<'END'
random 5% error=Site.ServiceBusy reset-before reset-after html502 html502-after cut-json bad-json ok-with-code=InternalException error=InternalException error-after=InternalException empty-200 no-id throttled=50 duplicate-reply cut-reply=40 wrong-hostname hang-after
END
manifest big.csv "$rows"
num=$((rows + 2))
start_emulator --state "$tmp/ledger" --faults "$tmp/faults" --seed 7
for ms in $(randoms 11 $kills $((rows * 4))); do killed_after $((ms + 30)) big.csv --concurrency 8; done
created=$(grep -c '"action":"CreateCustomHostname"' "$tmp/ledger")
echo "after $kills kills: $created of $num created"
tries=0 code=1
while [ $code -ne 0 ] && [ $tries -lt 6 ]; do
    onboard big.csv --concurrency 8 --report "$tmp/big.json" -q >"$tmp/out" 2>"$tmp/err"
    code=$?
    tries=$((tries + 1))
done
ok "all rows done within 6 runs (last exit $code)" test $code -eq 0
[ $code -eq 0 ] || { tail -5 "$tmp/out" "$tmp/err"; }
truth "faults and kills" "$tmp/ledger" "$num"
report_is_whole "faults and kills" "$tmp/big.json" "$num"
no_secret "faults and kills"
ok "no key in the journal" sh -c "! grep -qFf '$secrets' '$tmp/big.csv.journal'"
ok "no PEM in the journal" sh -c "! grep -qa -e '-----BEGIN' '$tmp/big.csv.journal'"
run 0 "a rerun changes nothing" onboard big.csv -q
truth "rerun" "$tmp/ledger" "$num"
stop_emulator

# ---- many kills of a small set, without faults ----
manifest small.csv 10
done_rounds=0
for ms in $(randoms 23 "$small_kills" 260); do
    if [ ! -e "$tmp/small.ledger" ]; then
        rm -f small.csv.journal*
        start_emulator --state "$tmp/small.ledger" --latency 5
    fi
    killed_after "$ms" small.csv --concurrency 3
    if [ "$(grep -c '"action":"CreateCustomHostname"' "$tmp/small.ledger" 2>/dev/null)" = 12 ]; then
        onboard small.csv --report "$tmp/small.json" -q >"$tmp/out" 2>"$tmp/err"
        truth "small set" "$tmp/small.ledger" 12
        report_is_whole "small set" "$tmp/small.json" 12
        stop_emulator
        rm -f "$tmp/small.ledger"
        done_rounds=$((done_rounds + 1))
    fi
done
if [ -n "$emulator_pid" ]; then
    run 0 "small set: the last run" onboard small.csv --report "$tmp/small.json" -q
    truth "small set" "$tmp/small.ledger" 12
    report_is_whole "small set" "$tmp/small.json" 12
    stop_emulator
fi

# ---- a kill at each step: every write to the journal and every send, by strace ----
if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
    manifest step.csv 2
    steps() { # steps SYSCALL: how many a whole run makes
        strace -qq -f -e trace="$1" -o "$tmp/trace" "$certprep" onboard step.csv --apply --endpoint "$endpoint" \
            --ca-file "$ca" $at --rate 10000/second --stop-after 0 -q >"$tmp/out" 2>"$tmp/err"
        grep -c "$1(" "$tmp/trace"
    }
    # The signal comes before the call is made: before each write, sync and send, and, by the reads that follow
    # them, after each send.
    for syscall in pwrite64 fdatasync sendto recvfrom; do
        rm -f step.csv.journal* "$tmp/step.ledger"
        start_emulator --state "$tmp/step.ledger"
        most=$(steps $syscall)
        stop_emulator
        ok "$syscall is called" test "$most" -gt 0
        stride=$((most / (10 * per_step) + 1))
        n=1 killed=0
        while [ $n -le "$most" ]; do
            rm -f step.csv.journal* "$tmp/step.ledger"
            start_emulator --state "$tmp/step.ledger"
            strace -qq -f -e trace=$syscall -e inject=$syscall:signal=KILL:when=$n -o "$tmp/trace" \
                "$certprep" onboard step.csv --apply --endpoint "$endpoint" --ca-file "$ca" $at \
                --rate 10000/second --stop-after 0 -q >"$tmp/out" 2>"$tmp/err"
            [ $? -eq 0 ] || killed=$((killed + 1))
            run 0 "$syscall $n: the rerun" onboard step.csv --report "$tmp/step.json" -q
            truth "$syscall $n" "$tmp/step.ledger" 4
            report_is_whole "$syscall $n" "$tmp/step.json" 4
            stop_emulator
            n=$((n + stride))
        done
        echo "  $syscall: $most calls, $killed kills"
    done
else
    echo "  SKIPPED: strace can't trace here; no kill at each system call"
fi
finish
