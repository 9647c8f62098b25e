#!/bin/sh
# Puts certprep and all that it needs into an empty folder, the root of an image:
#   root.sh PROGRAM FOLDER
# What it links, what it loads when a command needs it, OpenSSL's legacy provider, the trust anchors,
# a user without rights. Libraries stand where the system has them.
set -eu
[ $# -eq 2 ] || { echo "usage: root.sh PROGRAM FOLDER" >&2; exit 2; }
program=$(realpath "$1") to=$2
mkdir "$to" # fails if it is there
umask 022
mkdir -p "$to/usr/bin" "$to/etc/ssl/certs" "$to/work" "$to/tmp"
chmod 1777 "$to/tmp"
cp "$program" "$to/usr/bin/certprep"
[ -z "$(command -v strip)" ] || strip "$to/usr/bin/certprep"

put() { # put FILE: as the loader will look for it, and never twice
    [ -e "$to$1" ] || { mkdir -p "$to$(dirname "$1")" && cp -L "$1" "$to$1"; }
}
needs() { ldd "$1" | grep -oE '(=> )?/[^ ]+' | sed 's/^=> //'; }
path_of() { ldconfig -p | sed -n "s|^[[:space:]]*$1 .* => ||p" | head -1; }
for file in $(needs "$program"); do put "$file"; done
# Loaded at run time: the program names them.
for soname in $(strings -a "$program" | grep -xE 'lib[a-z0-9-]+\.so\.[0-9]+' | sort -u); do
    library=$(path_of "$soname")
    [ -n "$library" ] || { echo "root.sh: $soname is not installed here: left out" >&2; continue; }
    put "$library"
    for file in $(needs "$library"); do put "$file"; done
done
crypto=$(realpath "$(path_of libcrypto.so.3)")
legacy=$(dirname "$crypto")/ossl-modules/legacy.so
[ ! -f "$legacy" ] || put "$legacy"
put /etc/ssl/certs/ca-certificates.crt
echo "certprep:x:65532:65532::/work:/sbin/nologin" >"$to/etc/passwd"
echo "certprep:x:65532:" >"$to/etc/group"
echo "hosts: files dns" >"$to/etc/nsswitch.conf"
