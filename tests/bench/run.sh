#!/bin/sh
# Builds the release preset and prints every figure. BUILD: another build folder.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build/release}
(cd "$root" && cmake --preset release -B "$build" >/dev/null)
exec cmake --build "$build" --target bench
