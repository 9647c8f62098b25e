# Shared by the emulator's tests; set $emulator first. Speaks to it with curl and signs with
# `openssl dgst`, so that neither side of the project's own code is trusted here.
# shellcheck shell=sh disable=SC2034
set -u
LC_ALL=C
export LC_ALL

for tool in curl openssl awk od; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "SKIPPED: no $tool"
        exit 77
    }
done

tmp=$(mktemp -d) || exit 1
pid=
failures=0
checks=0

stop() {
    if [ -n "$pid" ]; then
        kill "$pid" 2>/dev/null
        wait "$pid"
        ended=$?
        pid=
        [ "$ended" = 0 ] || fail "the emulator ended with $ended: $(tail -n 5 "$tmp/stderr")"
    fi
}

cleanup() {
    stop
    rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

ok() {
    checks=$((checks + 1))
}

fail() {
    failures=$((failures + 1))
    echo "FAIL: $*"
}

check() { # check WHAT COMMAND...
    what=$1
    shift
    if "$@"; then ok; else fail "$what"; fi
}

# start [OPTION]...: a fresh emulator; sets pid, port, ca.
start() {
    stop
    rm -f "$tmp/ready" "$tmp/log"
    "$emulator" --ready-file "$tmp/ready" --ca-out "$tmp/ca.pem" --log "$tmp/log" "$@" \
        >"$tmp/stdout" 2>"$tmp/stderr" &
    pid=$!
    tries=0
    while [ ! -s "$tmp/ready" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 200 ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "FAIL: the emulator did not start: $(cat "$tmp/stderr")"
            exit 1
        fi
        sleep 0.05
    done
    port=$(sed -n 's/^READY https:\/\/127\.0\.0\.1:\([0-9]*\) CA=.*/\1/p' "$tmp/ready")
    ca=$tmp/ca.pem
}

encode() { # percent-encodes standard input by RFC 3986
    od -An -v -tx1 | awk '
        BEGIN {
            for (i = 33; i < 127; i++) {
                c = sprintf("%c", i)
                if (c ~ /[A-Za-z0-9_.~-]/) plain[sprintf("%02x", i)] = c
            }
        }
        { for (i = 1; i <= NF; i++) printf "%s", ($i in plain) ? plain[$i] : "%" toupper($i) }'
}

sha256() {
    openssl dgst -sha256 -r | cut -d ' ' -f 1
}

nonce_count=0
# What the next call is made of; every call sets it back.
defaults() {
    method=POST
    action=CreateCustomHostname
    version=2024-09-10
    date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    nonce_count=$((nonce_count + 1))
    nonce="$$-$nonce_count"
    key_id=testAK
    secret=testSK
    place=query   # or form
    body_hash=    # another hash than the body's
    extra_signed= # "name:value", signed and sent
    extra=        # "name: value", sent only
    drop=         # a header that is neither sent nor signed
    unsign=       # a header that is sent, but not signed
    signature=    # another signature than the right one
    path=/
    host=
    max_time=20
    curl_more=
    write_out='%{http_code}'
}
defaults

# call [NAME=VALUE | NAME@FILE]...: sets status, code, exit_code; the reply is in $tmp/body.
call() {
    : >"$tmp/params"
    for param; do
        case $param in
        *@*) printf '%s=%s\n' "${param%%@*}" "$(encode <"${param#*@}")" >>"$tmp/params" ;;
        *) printf '%s=%s\n' "${param%%=*}" "$(printf %s "${param#*=}" | encode)" >>"$tmp/params" ;;
        esac
    done
    query=$(sort "$tmp/params" | tr '\n' '&' | sed 's/&$//')
    : >"$tmp/payload"
    if [ "$place" = form ]; then
        printf %s "$query" >"$tmp/payload"
        query=
    fi
    hash=$(sha256 <"$tmp/payload")
    [ -n "$host" ] || host=127.0.0.1:$port
    {
        printf 'host:%s\n' "$host"
        printf 'x-acs-action:%s\n' "$action"
        printf 'x-acs-content-sha256:%s\n' "${body_hash:-$hash}"
        printf 'x-acs-date:%s\n' "$date"
        printf 'x-acs-signature-nonce:%s\n' "$nonce"
        printf 'x-acs-version:%s\n' "$version"
        [ "$place" = form ] && printf 'content-type:application/x-www-form-urlencoded\n'
        [ -n "$extra_signed" ] && printf '%s\n' "$extra_signed"
    } | { if [ -n "$drop" ]; then grep -v "^$drop:"; else cat; fi; } | sort >"$tmp/sent"
    if [ -n "$unsign" ]; then grep -v "^$unsign:" "$tmp/sent"; else cat "$tmp/sent"; fi >"$tmp/signed"
    names=$(cut -d : -f 1 "$tmp/signed" | tr '\n' ';' | sed 's/;$//')
    {
        printf '%s\n/\n%s\n' "$method" "$query"
        cat "$tmp/signed"
        printf '\n%s\n%s' "$names" "$hash"
    } >"$tmp/canonical"
    printf 'ACS3-HMAC-SHA256\n%s' "$(sha256 <"$tmp/canonical")" >"$tmp/to_sign"
    if [ -z "$signature" ]; then
        signature=$(openssl dgst -sha256 -hmac "$secret" -r <"$tmp/to_sign" | cut -d ' ' -f 1)
    fi
    {
        printf 'url = "https://127.0.0.1:%s%s?%s"\n' "$port" "$path" "$query"
        printf 'request = "%s"\n' "$method"
        sed 's/^\([^:]*\):\(.*\)/header = "\1: \2"/' "$tmp/sent"
        [ -n "$extra" ] && printf 'header = "%s"\n' "$extra"
        [ "$drop" = authorization ] ||
            printf 'header = "Authorization: ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%s"\n' \
                "$key_id" "$names" "$signature"
        if [ "$place" = form ]; then
            printf 'data-binary = "@%s"\n' "$tmp/payload"
        else
            printf 'header = "Content-Length: 0"\n'
        fi
    } >"$tmp/curlrc"
    # shellcheck disable=SC2086
    status=$(curl -q --silent --http1.1 --cacert "$ca" --max-time "$max_time" --noproxy '*' \
        $curl_more -K "$tmp/curlrc" -D "$tmp/headers" -o "$tmp/body" -w "$write_out" 2>/dev/null)
    exit_code=$?
    [ -f "$tmp/body" ] || : >"$tmp/body"
    code=$(sed -n 's/.*"Code":"\([^"]*\)".*/\1/p' "$tmp/body")
    defaults
}

expect() { # expect WHAT STATUS CODE
    if [ "$exit_code" = 0 ] && [ "$status" = "$2" ] && [ "$code" = "$3" ]; then
        ok
    else
        fail "$1: want $2 ${3:-no code}, got $status ${code:-no code} (curl $exit_code)"
    fi
    rm -f "$tmp/body"
}

hosts=0
# A hostname that no call has named before, in $name.
fresh() {
    hosts=$((hosts + 1))
    name=host$hosts.shop.example
}

id_in_reply() {
    sed -n 's/.*"HostnameId":\([0-9]*\),.*/\1/p' "$tmp/body"
}

last_log() { # last_log FIELD
    tail -n 1 "$tmp/log" | sed -n "s/.* $1=\([^ ]*\).*/\1/p"
}

make_cert() { # make_cert NAME: NAME.pem and NAME.key
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj "/CN=$1" -keyout "$tmp/$1.key" -out "$tmp/$1.pem" 2>/dev/null
}

create() { # create HOSTNAME [PARAM]...: a plain call that needs only the rest
    hostname=$1
    shift
    call "Hostname=$hostname" SiteId=1234567890123 RecordId=4042843419650112 "$@"
}

# member NAME: the first value of that name in the reply, without quotes.
member() {
    grep -o "\"$1\":\(\"[^\"]*\"\|[^],}]*\)" "$tmp/body" | head -n 1 | cut -d : -f 2- | tr -d '"'
}

is() { # is WHAT WANT GOT
    if [ "$2" = "$3" ]; then ok; else fail "$1: want '$2', got '$3'"; fi
}

any() { # any WHAT GOT WANT...: one of them
    any_what=$1 any_got=$2
    shift 2
    for wanted; do
        if [ "$wanted" = "$any_got" ]; then
            ok
            return
        fi
    done
    fail "$any_what: want one of $*, got '$any_got'"
}

op() { # op ACTION [PARAM]...: any operation of the service
    action=$1
    shift
    case $action in
    ListSites | ListRecords | GetSite | GetRecord) method=GET ;;
    esac
    call "$@"
}

finish() {
    stop
    echo "$checks checks, $failures failures"
    [ "$failures" -eq 0 ]
    exit
}
