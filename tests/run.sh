#!/bin/sh
# Everything that must hold: format, static analysis, all tests under ASan and UBSan with -Werror, a
# clang build, short fuzz runs. Ends with ctest's summary. FUZZ_SECONDS=N sets the length of each
# fuzz run (default 5); FAST=1 leaves out analysis and fuzzing.
set -eu
cd "$(dirname "$0")/.."
sh tests/packages.sh test
jobs=$(nproc)
fast=${FAST:-}

step() { printf '\n== %s\n' "$*"; }

if [ -z "$fast" ]; then
    step "format"
    git ls-files '*.c' '*.h' | xargs clang-format --dry-run --Werror
fi

step "build with -Werror, ASan and UBSan"
cmake --preset asan >/dev/null
cmake --build --preset asan -j "$jobs"

if [ -z "$fast" ]; then
    step "clang-tidy and cppcheck"
    sh tests/analyse.sh build/asan "$jobs"

    step "clang build, and a short run of each fuzz target"
    cmake --preset fuzz >/dev/null
    cmake --build --preset fuzz -j "$jobs" --target certprep_cli certprep_esa_emulator
    sh tests/fuzz/run.sh "${FUZZ_SECONDS:-5}"

    step "release build and installation"
    cmake --preset release -B build/install -DCERTPREP_TESTS=OFF >/dev/null
    cmake --build build/install -j "$jobs"
    sh tests/install.sh build/install

    step "no secret gets out (not with sanitizers: their programs can be dumped)"
    sh tests/cli/secrets.sh build/install/apiclient/emulator/certprep-esa-emulator build/install/bin/certprep \
        build/install || [ $? = 77 ]
fi

step "tests"
ctest --preset asan -j "$jobs"
