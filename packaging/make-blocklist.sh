#!/bin/sh
# Makes a blocklist for certprep --blocklist, in the form of badkeys' blocklist.dat, with the tools
# of POSIX and openssl. docs/blocklist.md says what is in it.
#
#   make-blocklist.sh lines LIST FILE...   a line for the key of each PEM file (certificate, request,
#                                          public or private key), as hex, on standard output;
#                                          LIST is the number of the list it belongs to, 0 to 255
#   make-blocklist.sh pack                 lines from standard input, sorted, as the binary file
set -eu
export LC_ALL=C

# Lines of hex as octal escapes for printf. openssl leaves a leading 0 out, even half an octet.
escapes() {
    awk '{ if (length($0) % 2) $0 = "0" $0
           out = ""
           for (i = 1; i < length($0); i += 2)
               out = out sprintf("\\%03o", 16 * (index(d, substr($0, i, 1)) - 1) + \
                                 index(d, substr($0, i + 1, 1)) - 1)
           print out }' d=0123456789abcdef
}

# The public key of a PEM file of any kind.
public_key() {
    openssl x509 -in "$1" -noout -pubkey 2>/dev/null ||
        openssl req -in "$1" -noout -pubkey 2>/dev/null ||
        openssl pkey -pubin -in "$1" -pubout 2>/dev/null ||
        openssl pkey -in "$1" -passin pass: -pubout 2>/dev/null
}

# The number that is hashed: RSA the modulus, EC the x coordinate, Edwards the octets.
number() {
    der=$({ openssl ec -pubin -conv_form uncompressed -outform DER -in "$1" 2>/dev/null ||
        openssl pkey -pubin -outform DER -in "$1" 2>/dev/null; } | od -An -v -tx1 | tr -d ' \n')
    case $der in
    3059301306072a8648ce3d020106082a8648ce3d03010703420004*) at=55 len=64 ;;  # P-256
    3076301006072a8648ce3d020106052b8104002203620004*) at=49 len=96 ;;       # P-384
    30819b301006072a8648ce3d020106052b810400230381860004*) at=53 len=132 ;;  # P-521
    302a300506032b6570032100*) at=25 len=64 ;;                               # Ed25519
    3043300506032b6571033a00*) at=25 len=114 ;;                              # Ed448
    *2a864886f70d010101*)
        openssl rsa -pubin -noout -modulus -in "$1" 2>/dev/null | sed 's/^Modulus=//' |
            tr 'A-F' 'a-f'
        return
        ;;
    *) return 1 ;;
    esac
    printf '%s\n' "$der" | cut -c "$at-$((at + len - 1))"
}

case ${1:-} in
lines)
    list=${2:?a number from 0 to 255}
    [ "$list" -ge 0 ] && [ "$list" -le 255 ]
    shift 2
    tmp=$(mktemp)
    trap 'rm -f "$tmp"' EXIT
    for file; do
        public_key "$file" >"$tmp" || { echo "$file: no key can be read" >&2; exit 1; }
        hex=$(number "$tmp" | sed 's/^\(00\)*//') || hex=
        [ -n "$hex" ] || { echo "$file: no key of a kind that is listed" >&2; exit 1; }
        # shellcheck disable=SC2059  # the escapes are the format
        hash=$(printf "$(printf '%s\n' "$hex" | escapes)" | openssl dgst -sha256 -r | cut -c 1-30)
        printf '%s%02x\n' "$hash" "$list"
    done
    ;;
pack)
    sort -u | escapes | while read -r line; do
        # shellcheck disable=SC2059
        printf "$line"
    done
    ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
