#!/bin/sh
# Writes a bill of materials (CycloneDX 1.6, JSON) of a build on standard output: sbom.sh BUILD-DIR
# What was built, with digests; what it links, from the programs themselves; and what it loads when a
# command needs it. The system's packages give the versions. SOURCE_DATE_EPOCH dates it.
set -eu
build=$(realpath "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -n 's/^project(certprep VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
[ -n "$version" ] || { echo "sbom.sh: no version in CMakeLists.txt" >&2; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
release=$(sed -n 's/^ID=//p' /etc/os-release | tr -d '"')

# file NAME PATH KIND
file() {
    [ -f "$2" ] || { echo "sbom.sh: $2 was not built" >&2; exit 1; }
    jq -n --arg name "$1" --arg kind "$3" --arg version "$version" --arg digest "$(sha256sum "$2" | cut -d' ' -f1)" \
        '{type: $kind, "bom-ref": "certprep:\($name)", name: $name, version: $version,
          licenses: [{license: {id: "Apache-2.0"}}], hashes: [{alg: "SHA-256", content: $digest}]}'
}
# library SONAME SCOPE: the package that the file of this name is of
library() {
    path=$(ldconfig -p | sed -n "s|^[[:space:]]*$1 .* => ||p" | head -1)
    owner=
    if [ -n "$path" ] && command -v dpkg-query >/dev/null; then
        owner=$(dpkg-query -S "$(realpath "$path")" "$path" "/usr$path" 2>/dev/null | head -1 | cut -d: -f1 || true)
    fi
    if [ -n "$owner" ]; then
        found=$(dpkg-query -W -f '${Version} ${Architecture}\n' "$owner" | head -1)
        jq -n --arg soname "$1" --arg scope "$2" --arg owner "$owner" --arg version "${found% *}" \
            --arg arch "${found##* }" --arg release "$release" \
            '{type: "library", "bom-ref": "system:\($soname)", name: $owner, version: $version, scope: $scope,
              purl: "pkg:deb/\($release)/\($owner | @uri)@\($version | @uri)?arch=\($arch)",
              properties: [{name: "soname", value: $soname}]}'
    else
        jq -n --arg soname "$1" --arg scope "$2" \
            '{type: "library", "bom-ref": "system:\($soname)", name: $soname, scope: $scope,
              properties: [{name: "soname", value: $soname}]}'
    fi
}
needed() { objdump -p "$1" | sed -n 's/^ *NEEDED *//p' | grep -v -e '^libcertprep\.' -e '^libesaclient\.' || true; }

certprep=$build/bin/certprep
libcertprep=$(realpath "$build/certprep/libcertprep.so")
libesaclient=$(realpath "$build/apiclient/libesaclient.so")
file certprep "$certprep" application >"$tmp/main"
{ file libcertprep "$libcertprep" library; file libesaclient "$libesaclient" library; } >"$tmp/components"
linked=$({ needed "$certprep"; needed "$libcertprep"; needed "$libesaclient"; } | sort -u)
# What is loaded at run time is named in the program, "libcurl.so.4".
loaded=$(strings -a "$certprep" | grep -xE 'lib[a-z0-9-]+\.so\.[0-9]+' | sort -u)
for name in $linked; do library "$name" required; done >>"$tmp/components"
for name in $loaded; do
    echo "$linked" | grep -qx "$name" || library "$name" optional
done >>"$tmp/components"
depends() { # REF NAMES
    jq -n --arg ref "certprep:$1" --arg names "$2" \
        '{ref: $ref, dependsOn: [$names | split("\n")[] | select(. != "") | "system:\(.)"]}'
}
{
    depends certprep "$(printf '%s\n%s\n' "$(needed "$certprep")" "$loaded" | sort -u)"
    depends libcertprep "$(needed "$libcertprep" | sort -u)"
    depends libesaclient "$(needed "$libesaclient" | sort -u)" | jq '.dependsOn += ["certprep:libcertprep"]'
} >"$tmp/depends"
time=$(date -u ${SOURCE_DATE_EPOCH:+-d "@$SOURCE_DATE_EPOCH"} +%Y-%m-%dT%H:%M:%SZ)
jq -n --arg time "$time" --slurpfile main "$tmp/main" --slurpfile components "$tmp/components" \
    --slurpfile depends "$tmp/depends" \
    '{"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", bomFormat: "CycloneDX", specVersion: "1.6",
      version: 1, metadata: {timestamp: $time, component: $main[0]}, components: $components,
      dependencies: $depends}'
