#!/bin/sh
# Builds the Debian packages: build.sh BUILD-DIR. The same source gives the same bytes, wherever and
# whenever it is built with the same compiler: SOURCE_DATE_EPOCH is the last commit's time, or that of
# the changelog, unless it is set.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null) ||
        SOURCE_DATE_EPOCH=$(date -ud "$(sed -n 's/^ -- .*>  //p' "$root/packaging/deb/changelog.in")" +%s)
fi
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC
umask 022
# With debug information for abi.sh, which CPack strips; without the path to libcertprep in the build,
# whose length would stay in libesaclient.
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_SKIP_RPATH=ON \
    -DCERTPREP_TESTS=OFF -DCERTPREP_ZSH_COMPLETIONS_DIR=share/zsh/vendor-completions \
    -DCMAKE_C_FLAGS="-g -ffile-prefix-map=$root=. -ffile-prefix-map=$(realpath -m "$build")=build" >/dev/null
cmake --build "$build"
(cd "$build" && cpack -G DEB -B packages)
