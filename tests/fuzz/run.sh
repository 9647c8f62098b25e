#!/bin/sh
# Searches for new inputs with each libFuzzer target.
#
#   sh tests/fuzz/run.sh SECONDS [TARGET...]
#
# SECONDS is for each target; without TARGET all of them run. BUILD (default build/fuzz) is where
# the fuzz preset is built; it is configured if need be. The seeds are copied: nothing is written to
# the source tree. A target that crashes, leaks, hangs (20 s) or takes over 1 GiB fails the run; its
# input stays in BUILD/tests/fuzz/found/. Put it into seeds/TARGET/ once it is fixed.
set -eu

seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${BUILD:-$root/build/fuzz}
testcerts=$root/testcerts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

if [ $# -eq 0 ]; then
    for source in "$here"/fuzz_*.c; do
        name=${source##*/fuzz_}
        set -- "$@" "${name%.c}"
    done
fi

[ -f "$build/CMakeCache.txt" ] || (cd "$root" && cmake --preset fuzz -B "$build" >/dev/null)
programs=fuzz_split
for name; do programs="$programs fuzz_$name"; done
# shellcheck disable=SC2086 # a list of words
cmake --build "$build" --target $programs >"$work/build.log" 2>&1 || {
    cat "$work/build.log"
    exit 1
}

found=$build/tests/fuzz/found
mkdir -p "$found" "$work/der"
"$build/tests/fuzz/fuzz_split" "$work/der" "$testcerts"/good/*.pem "$testcerts"/bad/*.pem \
    "$testcerts"/trust/*.pem "$testcerts"/keys/*.pem

failed=
for name; do
    corpus=$work/$name
    dict=
    max_len=16384
    mkdir -p "$corpus"
    case $name in
    pem | bundle)
        cp "$testcerts"/good/*.pem "$testcerts"/bad/*.pem "$corpus"
        dict=$here/pem.dict
        max_len=8192 # a bundle of three; longer ones only take longer
        ;;
    repair)
        cp "$testcerts"/good/ec-bundle.pem "$testcerts"/good/*dek.pem "$testcerts"/bad/pem-*.pem "$corpus"
        cp "$testcerts"/mangled/*.pem "$corpus"
        dict=$here/repair.dict
        max_len=8192
        ;;
    der_cert | cert_diff | key | key_decrypt | status | weakkey)
        cp "$work"/der/*.der "$corpus"
        dict=$here/der.dict
        ;;
    pkcs7 | format)
        cp "$testcerts"/*/*.p7b "$testcerts"/*/*.p12 "$testcerts"/*/*.der "$testcerts"/bad/*.zip \
            "$testcerts"/bad/keystore.* "$corpus"
        dict=$here/der.dict
        ;;
    *) dict=$here/$name.dict ;;
    esac
    [ "$name" != key_decrypt ] || cp "$testcerts"/good/*key*.pem "$corpus"
    [ ! -d "$here/seeds/$name" ] || cp "$here/seeds/$name"/* "$corpus"
    num=$(find "$corpus" -type f | wc -l)
    log=$work/$name.log
    state=ok
    "$build/tests/fuzz/fuzz_$name" "$corpus" -dict="$dict" -max_total_time="$seconds" \
        -max_len="$max_len" -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$found/$name-" >"$log" 2>&1 || state=FAILED
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    cover=$(sed -n 's/.*cov: \([0-9]*\) ft: \([0-9]*\).*/\1 edges, \2 features/p' "$log" | tail -n 1)
    echo "$name: $state, $num seeds, ${runs:-0} runs, ${cover:-no coverage}"
    if [ "$state" != ok ]; then
        failed="$failed $name"
        grep -E 'broken:|only OpenSSL|only we|ERROR|SUMMARY|Test unit written' "$log" || tail -n 20 "$log"
    fi
done
[ -z "$failed" ] || {
    echo "failed:$failed"
    exit 1
}
