#!/bin/sh
# Installs certprep on a Debian or Ubuntu runner:
#   install.sh deb FILE|https://... SHA256   a package, only with this digest
#   install.sh build FOLDER                  builds this source and installs it under FOLDER
# The digest is not optional: what judges the keys is not to be whatever a server sends today.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
usage() {
    echo "usage: install.sh deb FILE|https://... SHA256 | install.sh build FOLDER" >&2
    exit 2
}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
case ${1:-} in
deb)
    [ $# -eq 3 ] || usage
    tmp=$(mktemp -d)
    trap 'rm -rf "$tmp"' EXIT
    case $2 in
    https://*) curl -fsSL --proto '=https' --retry 3 -o "$tmp/certprep.deb" "$2" ;;
    *://*) usage ;;
    *) cp "$2" "$tmp/certprep.deb" ;;
    esac
    echo "$3  $tmp/certprep.deb" | sha256sum --check --strict --quiet - || {
        echo "install.sh: $2 is not what was expected; nothing was installed" >&2
        exit 1
    }
    if [ -n "${CERTPREP_UNPACK_TO:-}" ]; then # without root: PATH needs its usr/bin
        dpkg-deb -x "$tmp/certprep.deb" "$CERTPREP_UNPACK_TO"
    else
        chmod 755 "$tmp" # apt reads as a user of its own
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$tmp/certprep.deb"
    fi
    ;;
build)
    [ $# -eq 2 ] || usage
    sh "$root/tests/packages.sh" build
    cmake -S "$root" -B "$2/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCERTPREP_TESTS=OFF >/dev/null
    cmake --build "$2/build"
    cmake --install "$2/build" --prefix "$2" --component tool >/dev/null
    ;;
*) usage ;;
esac
