#!/bin/sh
# Static analysis of our own sources: analyse.sh BUILD-DIR JOBS. Any finding fails.
set -eu
build=$1 jobs=$2
cd "$(dirname "$0")/.."
git ls-files 'certprep/*.c' 'apiclient/*.c' |
    xargs -P "$jobs" -n 8 clang-tidy -p "$build" --quiet 2>/dev/null
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
    --inline-suppr --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    -j "$jobs" -D__GNUC__ -DCP_VERSION='"0"' -I. -Icertprep certprep apiclient
