#!/bin/sh
# Installs a build into a temporary prefix and uses it as others would: install.sh BUILD-DIR
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "FAILED: $*"; exit 1; }

cmake --install "$build" --prefix "$tmp/prefix" >/dev/null
libdir=$(dirname "$(find "$tmp/prefix" -name libcertprep.so.0)")
export LD_LIBRARY_PATH="$libdir" PKG_CONFIG_PATH="$libdir/pkgconfig"

cat >"$tmp/use.c" <<'C'
#include <apiclient.h>
#include <stdio.h>
int main(void) {
    struct cp_bundle *bundle = NULL;
    struct cp_error err;
    int64_t id = 0;
    if (cp_bundle_new(&bundle, &err) != CP_OK || esa_id_parse(&id, "9007199254740993", "id", &err) != CP_OK)
        return 1;
    cp_bundle_free(bundle);
    printf("%s %zu %zu\n", cp_version(), cp_num_rules(), esa_num_codes());
    return id != 9007199254740993;
}
C
# shellcheck disable=SC2046
cc -std=c17 "$tmp/use.c" -o "$tmp/use" $(pkg-config --cflags --libs esaclient)
"$tmp/use" || fail "a program built by pkg-config"

mkdir "$tmp/project"
cat >"$tmp/project/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(use C)
find_package(certprep 0.1 REQUIRED)
add_executable(use ../use.c)
target_link_libraries(use PRIVATE certprep::esaclient)
C
cmake -S "$tmp/project" -B "$tmp/project/build" -DCMAKE_PREFIX_PATH="$tmp/prefix" >/dev/null
cmake --build "$tmp/project/build" >/dev/null
"$tmp/project/build/use" || fail "a program built by find_package"

# Only what the headers declare is exported.
for lib in certprep esaclient; do
    nm -D --defined-only "$libdir/lib$lib.so.0" | awk '$2 == "T" || $2 == "D" || $2 == "B" {sub("@.*", "", $3); print $3}' |
        sort -u >"$tmp/exported"
    headers=$here/../certprep/certprep.h
    [ $lib = certprep ] || headers="$here/../apiclient/apiclient.h $here/../apiclient/esa_task.h"
    # shellcheck disable=SC2086  # words on purpose
    grep -h -A3 -E 'CP_EXPORT|ESA_EXPORT' $headers | grep -oE '\b(cp|esa)_[a-z0-9_]+\(' | grep -v '_fn(' | tr -d '(' | sort -u >"$tmp/declared"
    diff "$tmp/declared" "$tmp/exported" || fail "lib$lib.so exports something else than its header declares"
done
"$tmp/prefix/bin/certprep" --version
[ -z "$(find "$tmp/prefix" -name '*.1.gz' -o -name '*.1' | head -1)" ] && fail "no man page"
echo "install: ok"
