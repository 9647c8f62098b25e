#!/bin/sh
# The Debian packages: built twice, elsewhere, they are the same bytes; lintian has nothing to say; what
# they install works; the libraries' binary interface is the stored one; the bill of materials is true.
set -u
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
for tool in cpack ninja dpkg-deb dpkg-shlibdeps scdoc jq; do
    command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
export SOURCE_DATE_EPOCH=1767225600
mkdir -p "$tmp/elsewhere/tree"
(cd "$root" && tar cf - --exclude=./build --exclude='./build-*' --exclude=./.git .) | tar xf - -C "$tmp/elsewhere/tree"
build() { # build NAME TREE BUILD
    run 0 "$1" sh "$2/packaging/deb/build.sh" "$3"
    [ $code -eq 0 ] || finish
}
build "the packages" "$tmp/elsewhere/tree" "$tmp/one"
mv "$tmp/elsewhere/tree" "$tmp/elsewhere/another-tree"
tree=$tmp/elsewhere/another-tree
build "the packages again, from another folder" "$tree" "$tmp/elsewhere/two"
packages="certprep libcertprep0 libesaclient0 libcertprep-dev"
ok "four packages" test "$(find "$tmp/one/packages" -maxdepth 1 -name '*.deb' | wc -l)" -eq 4
for package in $packages; do
    deb=$(find "$tmp/one/packages" -maxdepth 1 -name "${package}_*.deb")
    ok "$package is the same, byte for byte" cmp "$deb" "$tmp/elsewhere/two/packages/$(basename "$deb")"
    ok "$package unpacks" dpkg-deb -x "$deb" "$tmp/root"
    ok "$package has a copyright" grep -q "^License: Apache-2.0" "$tmp/root/usr/share/doc/$package/copyright"
    ok "$package has a changelog" gzip -t "$tmp/root/usr/share/doc/$package/changelog.Debian.gz"
done
field() { dpkg-deb -f "$tmp/one/packages/$1"_*.deb "$2"; }
ok "the tool needs no library of ours" sh -c '! echo "$1" | grep -q -e certprep -e esaclient' sh "$(field certprep Depends)"
ok "libesaclient0 needs libcertprep0" sh -c 'echo "$1" | grep -q "libcertprep0 (= "' sh "$(field libesaclient0 Depends)"
ok "a synopsis of its own" test "$(field libcertprep0 Description | head -1)" != "$(field certprep Description | head -1)"
if command -v lintian >/dev/null; then
    run 0 "lintian" lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$tmp/one/packages"/*.deb
else
    echo "SKIPPED in part: lintian is not installed"
fi

# ---- what is installed
libdir=$(dirname "$(find "$tmp/root" -name libcertprep.so.0)")
export LD_LIBRARY_PATH="$libdir"
installed=$tmp/root/usr/bin/certprep
run 0 "installed: --version" "$installed" --version
# shellcheck disable=SC2086  # words on purpose
run 0 "installed: check" "$installed" check $at --hostname shop.acme.example "$certs/good/ec-bundle.pem"
# shellcheck disable=SC2086
run 1 "installed: a finding" "$installed" check $at --hostname nowhere.example "$certs/good/ec-bundle.pem"
ok "libcertprep's soname" sh -c 'readelf -d "$1" | grep -q "SONAME.*libcertprep.so.0\]"' sh "$libdir/libcertprep.so.0"
ok "libesaclient's soname" sh -c 'readelf -d "$1" | grep -q "SONAME.*libesaclient.so.0\]"' sh "$libdir/libesaclient.so.0"
for file in share/man/man1/certprep.1.gz share/bash-completion/completions/certprep share/doc/certprep/docs/rules/CP0301.md \
    share/zsh/vendor-completions/_certprep share/fish/vendor_completions.d/certprep.fish; do
    ok "installed: $file" test -s "$tmp/root/usr/$file"
done
for shell in bash:bash-completion/completions/certprep zsh:zsh/vendor-completions/_certprep \
    fish:fish/vendor_completions.d/certprep.fish; do
    ok "the completions are the program's own" sh -c '"$1" completion "$2" | cmp - "$3"' sh "$installed" "${shell%%:*}" \
        "$tmp/root/usr/share/${shell#*:}"
done
cat >"$tmp/use.c" <<'C'
#include <apiclient.h>
#include <stdio.h>
int main(void) {
    printf("%s %zu\n", cp_version(), esa_num_codes());
    return cp_num_rules() == 0;
}
C
# Without the system's own .pc files: none of another package is needed.
flags=$(PKG_CONFIG_LIBDIR="$libdir/pkgconfig" pkg-config --cflags --libs esaclient)
# shellcheck disable=SC2086  # words on purpose
run 0 "a program with the development package" cc -std=c17 "$tmp/use.c" -o "$tmp/use" $flags
run 0 "and it runs" "$tmp/use"
unset LD_LIBRARY_PATH

# ---- binary interface
"$tree/packaging/abi.sh" check "$tmp/one" >"$tmp/out" 2>"$tmp/err"
case $? in
0) passed=$((passed + 1)) ;;
77) cat "$tmp/out" ;;
*) failed=$((failed + 1)); echo "FAILED binary interface"; head -40 "$tmp/out" ;;
esac
if ! grep -q SKIPPED "$tmp/out"; then
    sed -i 's/cp_version/cp_another_version/' "$tree/packaging/abi/libcertprep.so.0.abi"
    run 1 "a function that is gone" sh "$tree/packaging/abi.sh" check "$tmp/one"
    says out "FAILED: libcertprep.so"
fi

# ---- bill of materials
run 0 "bill of materials" sh "$root/packaging/sbom.sh" "$tmp/one"
silent err
cp "$tmp/out" "$tmp/sbom.json"
ok "CycloneDX 1.6" jq -e '.bomFormat == "CycloneDX" and .specVersion == "1.6" and .metadata.timestamp == "2026-01-01T00:00:00Z"' "$tmp/sbom.json"
ok "its program" jq -e --arg d "$(sha256sum "$tmp/one/bin/certprep" | cut -d' ' -f1)" \
    '.metadata.component.hashes[0].content == $d' "$tmp/sbom.json"
for soname in $(objdump -p "$tmp/one/bin/certprep" | sed -n 's/^ *NEEDED *//p'); do
    ok "$soname is in it" jq -e --arg s "system:$soname" 'any(.components[]; ."bom-ref" == $s and .scope == "required")' "$tmp/sbom.json"
done
ok "what is loaded later, too" jq -e 'any(.components[]; ."bom-ref" == "system:libcurl.so.4" and .scope == "optional")' "$tmp/sbom.json"
ok "no reference to nowhere" jq -e '([.components[], .metadata.component | ."bom-ref"]) as $refs
    | all(.dependencies[] | .ref, .dependsOn[]; IN($refs[]))' "$tmp/sbom.json"
ok "no reference twice" jq -e '[.components[]."bom-ref"] | length == (unique | length)' "$tmp/sbom.json"
run 0 "bill of materials again" sh "$root/packaging/sbom.sh" "$tmp/one"
ok "byte for byte" cmp "$tmp/out" "$tmp/sbom.json"
run 1 "of a folder without a build" sh "$root/packaging/sbom.sh" "$tmp/elsewhere"
finish
