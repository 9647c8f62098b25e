#!/bin/sh
# Builds the release preset and prints every figure. BUILD: another build folder.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build/release}
(cd "$root" && cmake --preset release -B "$build" >/dev/null)
# Peers: the same checks in other languages.
peers=$build/bench-peers CERTPREP_BENCH_PEERS=
mkdir -p "$peers"
if command -v go >/dev/null; then
    (cd "$root/tests/bench/peer_go" && GOCACHE=$peers/cache GOFLAGS=-mod=mod CGO_ENABLED=0 go build -o "$peers/go_crypto_x509" .)
    CERTPREP_BENCH_PEERS="$peers/go_crypto_x509"
else
    echo "SKIPPED: the Go peer (apt-get install golang-go)"
fi
if pkg-config --exists gnutls 2>/dev/null; then
    # shellcheck disable=SC2046  # flags are words
    cc -std=c17 -D_POSIX_C_SOURCE=200809L -O2 "$root/tests/bench/peer_gnutls.c" \
        $(pkg-config --cflags --libs gnutls) -o "$peers/gnutls"
    CERTPREP_BENCH_PEERS="$CERTPREP_BENCH_PEERS $peers/gnutls"
else
    echo "SKIPPED: the GnuTLS peer (apt-get install libgnutls28-dev)"
fi
export CERTPREP_BENCH_PEERS
GOMAXPROCS=1
export GOMAXPROCS
exec cmake --build "$build" --target bench
