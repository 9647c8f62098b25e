#!/bin/sh
# Runs 'certprep gate' as a CI job configures it, by environment variables; lists have one item a line.
#   CERTPREP_PATHS          files and folders (default: .)
#   CERTPREP_FORMAT         what is printed (default: github on GitHub, else text)
#   CERTPREP_REPORTS        FORMAT=FILE
#   CERTPREP_FAIL_ON        error, warning, note or never
#   CERTPREP_MIN_DAYS       warn of certificates that expire in fewer days
#   CERTPREP_CHANGED_SINCE  only what changed since this commit or branch
#   CERTPREP_ARGS           more arguments
#   CERTPREP                the program (default: certprep)
# Its exit code is the gate's: 0 clean, 1 findings, 2 wrong use, 3 something could not be judged.
set -eu
newline='
'
set -f # a list's items are taken as they are
IFS=$newline
format=${CERTPREP_FORMAT:-}
if [ -z "$format" ]; then
    format=text
    [ -z "${GITHUB_ACTIONS:-}" ] || format=github
fi
set -- "--format=$format"
for report in ${CERTPREP_REPORTS:-}; do set -- "$@" "--report=$report"; done
[ -z "${CERTPREP_FAIL_ON:-}" ] || set -- "$@" "--fail-on=$CERTPREP_FAIL_ON"
[ -z "${CERTPREP_MIN_DAYS:-}" ] || set -- "$@" "--min-days=$CERTPREP_MIN_DAYS"
[ -z "${CERTPREP_CHANGED_SINCE:-}" ] || set -- "$@" "--changed-since=$CERTPREP_CHANGED_SINCE"
for argument in ${CERTPREP_ARGS:-}; do set -- "$@" "$argument"; done
set -- "$@" --
for path in ${CERTPREP_PATHS:-.}; do set -- "$@" "$path"; done
code=0
"${CERTPREP:-certprep}" gate "$@" || code=$?
[ -z "${GITHUB_OUTPUT:-}" ] || echo "exit-code=$code" >>"$GITHUB_OUTPUT"
exit $code
