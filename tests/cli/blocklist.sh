#!/bin/sh
# --blocklist, and the script that makes such files.
. "$(dirname "$0")/lib.sh"
make=$(cd "$(dirname "$0")/../../packaging" && pwd)/make-blocklist.sh

same() { # same NAME FILE FILE
    if cmp "$2" "$3" >"$tmp/cmp" 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED $1: $(cat "$tmp/cmp")"
    fi
}

# The generator and the script write the same file, by different means.
{ "$make" lines 1 "$certs/keys/rsa-foreign.pem" && "$make" lines 7 "$certs/keys/ec-foreign.pem"; } \
    >"$tmp/lines"
"$make" pack <"$tmp/lines" >"$tmp/blocklist.dat"
same "script and generator" "$certs/weak/blocklist.dat" "$tmp/blocklist.dat"

# Each kind of key, by its private key, and by the certificate: the same line, and found.
# The modulus of weak-factor-65521 has 2049 bits: its hex has an odd number of digits.
"$make" lines 3 "$certs/keys/weak-factor-65521.pem" >"$tmp/odd"
"$make" pack <"$tmp/odd" >"$tmp/odd.dat"
# shellcheck disable=SC2086
run 1 "an odd number of digits" "$certprep" check $at --blocklist "$tmp/odd.dat" \
    "$certs/weak/factor-65521.pem"
says out "key of the blocklist (list 3)"
for pair in rsa-leaf:rsa-bundle ec-leaf:ec-bundle ec-leaf-p384:p384-bundle ec-leaf-p521:p521-bundle \
    ec-leading-zero:ec-leading-zero-bundle ed25519-leaf:ed25519-bundle rsa-leaf-4096:rsa-4096-bundle \
    ec-leaf:compressed-point-bundle; do
    key=$certs/keys/${pair%%:*}.pem bundle=$certs/good/${pair#*:}.pem
    "$make" lines 3 "$key" >"$tmp/by-key"
    "$make" lines 3 "$bundle" >"$tmp/by-cert"
    same "$pair: key and certificate" "$tmp/by-key" "$tmp/by-cert"
    "$make" pack <"$tmp/by-key" >"$tmp/one.dat"
    # shellcheck disable=SC2086
    run 1 "$pair is found" "$certprep" check $at --blocklist "$tmp/one.dat" "$bundle"
    says out "key of the blocklist (list 3)"
done
# shellcheck disable=SC2086
run 0 "another key is not" "$certprep" check $at --blocklist "$tmp/one.dat" "$certs/good/rsa-bundle.pem"
# shellcheck disable=SC2086
run 1 "a private key alone" "$certprep" check $at --blocklist "$tmp/blocklist.dat" \
    "$certs/good/rsa-bundle.pem" --key "$certs/keys/rsa-foreign.pem"
says out "private key is a key of the blocklist (list 1)"

# The lists' names, which are others' text.
printf '{"blocklists": [{"id": 3, "name": "evil\\u001b[31m"}]}' >"$tmp/badkeysdata.json"
# shellcheck disable=SC2086
run 1 "a name with an escape" "$certprep" check $at --blocklist "$tmp/one.dat" \
    "$certs/good/compressed-point-bundle.pem"
says out 'evil\x1B[31m'

# What is no list, or is not there.
: >"$tmp/empty.dat"
for file in "$tmp/empty.dat" "$tmp/none.dat" "$tmp" "$certs/weak/blocklist-unsorted.dat"; do
    # shellcheck disable=SC2086
    run 3 "blocklist $file" "$certprep" check $at --blocklist "$file" "$certs/good/rsa-bundle.pem"
    silent out
done
# shellcheck disable=SC2086
run 1 "prepare refuses a listed key" "$certprep" prepare $at --blocklist "$certs/weak/blocklist.dat" \
    --output "$tmp/prepared" "$certs/weak/listed-rsa.pem"
finish
