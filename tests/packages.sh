#!/bin/sh
# Installs what certprep is built and tested with, from Debian 12's packages: packages.sh build|test, or
# packages.sh bench for the benchmarks' peers.
# Through sudo only where the user is not root; nothing at all if everything is there.
set -eu
build="gcc libc6-dev cmake ninja-build pkg-config libssl-dev libcurl4-openssl-dev libcjson-dev libsqlite3-dev libc-ares-dev
       libidn2-dev libpsl-dev libyaml-dev libinih-dev ca-certificates scdoc"
test="$build libcmocka-dev jq openssl curl clang clang-tidy clang-format cppcheck
      libclang-rt-14-dev ldnsutils gdb mandoc gnutls-bin procps git faketime sqlite3 strace libxml2-utils prometheus parallel
      zsh fish lintian abigail-tools yamllint shellcheck dpkg-dev zip unzip"
bench="$build golang-go libgnutls28-dev"
case ${1:-} in
build) want=$build ;;
test) want=$test ;;
bench) want=$bench ;;
*) echo "usage: packages.sh build|test|bench" >&2; exit 2 ;;
esac
missing=
for package in $want; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
export RUNLEVEL=1 # no package starts a service: promtool is wanted, not the server
# shellcheck disable=SC2086  # words on purpose
{ $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing; } >&2
