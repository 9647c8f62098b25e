#!/bin/sh
# The binary interface of the two libraries against the one that is stored in abi/, by libabigail.
#   abi.sh check BUILD-DIR    0: as stored, or with more functions; 1: changed; 77: can't be said here
#   abi.sh renew BUILD-DIR    stores what this build has; say in CHANGELOG.md what changed
# The build needs debug information (RelWithDebInfo, Debug), gcc and no sanitizer.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mode=${1:-} build=${2:-}
[ -d "$build" ] || { echo "usage: abi.sh check|renew BUILD-DIR" >&2; exit 2; }
command -v abidw >/dev/null || { echo "SKIPPED: abidw is not installed (apt-get install abigail-tools)"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
code=0
for name in certprep esaclient; do
    folder=certprep
    [ $name = certprep ] || folder=apiclient
    library=$(realpath "$build/$folder/lib$name.so")
    if ! readelf -S "$library" | grep -q debug_info || readelf -d "$library" | grep -q -e asan -e ubsan ||
        ! readelf -p .comment "$library" | grep -q GCC; then
        echo "SKIPPED: $library is not gcc's with debug information and without sanitizers"
        exit 77
    fi
    mkdir -p "$tmp/include"
    cp "$root/certprep/certprep.h" "$root/apiclient/apiclient.h" "$root/apiclient/esa_models.h" \
        "$root/apiclient/esa_task.h" "$tmp/include/"
    # Only what the public headers declare; no paths and no lines, which change without meaning.
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs --drop-private-types --headers-dir "$tmp/include" \
        --out-file "$tmp/$name.abi" "$library"
    sed -i "s|'$root/|'|g" "$tmp/$name.abi"
    stored=$root/packaging/abi/lib$name.so.0.abi
    case $mode in
    renew) cp "$tmp/$name.abi" "$stored" ;;
    check)
        status=0
        abidiff --no-added-syms "$stored" "$tmp/$name.abi" || status=$?
        # 1 and 2: abidiff's own trouble; 4: changed; 8: incompatible
        if [ $status -ne 0 ]; then
            echo "FAILED: lib$name.so is not what packaging/abi has (abidiff: $status); if that is meant:" \
                "abi.sh renew BUILD-DIR, a line in CHANGELOG.md, and another SOVERSION once 1.0 is out"
            code=1
        fi
        ;;
    *) exit 2 ;;
    esac
done
[ $code -ne 0 ] || echo "abi: ok"
exit $code
