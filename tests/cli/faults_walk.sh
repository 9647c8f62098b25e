#!/bin/sh
# usage: faults_walk.sh EMULATOR CERTPREP BUILD [STEP]
#
# A creation cut at every STEP-th byte of the exchange, TLS included, in both directions, over fresh
# and kept connections, and then every fault that the emulator has: what the task says is compared
# with the emulator's ledger of what was really done. Never a name made twice, never a wrong word.
# STEP 1 walks every byte, which takes some minutes.
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
driver=$(realpath "$3")/tests/task_driver
step=${4:-29}
ledger=$tmp/ledger

# walk NAME MODE STEP
walk() {
    run 0 "$1" "$driver" "$port" "$ca" "$ledger" "$2" "$3"
    cat "$tmp/out"
}
start() {
    rm -f "$ledger"
    start_emulator --state "$ledger" --timeout 5 "$@"
    port=${endpoint##*:}
}

start
walk "cut on the way to the service" up "$step"
walk "cut on the way back" down "$step"
walk "cut on a kept connection" multi "$step"
stop_emulator

# The reply cut within the TLS connection, at every byte of its head and of its body.
at=0 number=0
while [ $at -le 560 ]; do
    number=$((number + 1))
    echo "CreateCustomHostname reply-$number.shop.example cut-reply=$at"
    at=$((at + step / 8 + 1))
done >"$tmp/script"
start --faults "$tmp/script"
walk "the reply's text is cut" reply $number
stop_emulator

# No TLS with the service, for a while or for good: nothing was sent.
start --fault tls-close --fault tls-alert --fault 'tls-close*2'
walk "the handshake fails at first" faults 3
says out "3 DONE"
run 0 "the peer can't be verified" "$driver" "$port" "$certs/trust/all.pem" "$ledger" kept 2
says out "2 NOT_SENT"
stop_emulator

start --fault 'hang-after*2'
walk "cancelled while the service hangs" cancel 400
stop_emulator

# Each fault strikes the creation of one hostname once, and that of another one twice.
script() { # script MODE
    number=0
    for fault in $("$emulator" --list-faults | sed -n '/^$/q; s/[ =[].*//p'); do
        case $fault in
        tls-*) continue ;; # of the handshake, which the cuts walk through
        slow-request | cut-request) continue ;;
        error | error-after)
            for code in Site.ServiceBusy InternalException CustomHostname.ApplyCertFailed \
                CustomHostname.SetCertFailed CustomHostname.QueryCasCertFailed Throttling.User \
                InvalidParameter CustomHostname.ConflictWithExistingResource SignatureNonceUsed; do
                # A service that acts and then says that it refused for good can't be seen through.
                [ "$fault=$code" != error-after=InvalidParameter ] || continue
                number=$((number + 1))
                echo "CreateCustomHostname $1-$number.shop.example $fault=$code"
            done
            continue
            ;;
        cut-reply | hang-mid) fault=$fault=100 ;;
        slow) fault=$fault=1 ;;
        esac
        number=$((number + 1))
        echo "CreateCustomHostname $1-$number.shop.example $fault"
        number=$((number + 1))
        echo "CreateCustomHostname $1-$number.shop.example $fault*2"
    done
}
for mode in faults kept; do
    script $mode >"$tmp/script"
    number=$(wc -l <"$tmp/script")
    ok "every fault has its lines" [ "$number" -gt 40 ]
    start --faults "$tmp/script"
    walk "every fault of the emulator ($mode)" $mode "$number"
    stop_emulator
done

# And many of them at random, on looks and changes alike.
echo '* * random 30% reset-before reset-after html502 html502-after cut-json bad-json ok-with-code' \
    'duplicate-reply no-id wrong-hostname empty-200 xml lower-camel unknown-code cut-reply=150' \
    'error=Site.ServiceBusy error-after=InternalException error=LockFailed' >"$tmp/script"
for mode in faults kept; do
    start --faults "$tmp/script" --seed 7
    walk "faults at random ($mode)" $mode 60
    stop_emulator
done
finish
