#!/bin/sh
# Writes certprep/rule_examples.def: for each rule the first of its failing cases, as a command line
# and what it says. usage: examples.sh > rule_examples.def
set -eu
here=$(cd "$(dirname "$0")" && pwd)
echo '/* Written by tests/cases/examples.sh from the cases; do not edit.'
echo ' * EXAMPLE(id, command, message) */'
echo '#ifdef EXAMPLE'
for dir in "$here"/CP????-fail-*; do
    name=$(basename "$dir")
    rule=${name%%-*}
    [ -s "$dir/args" ] && [ -s "$dir/expected.json" ] || continue
    [ "$rule" != "${last:-}" ] || continue
    message=$(jq -r --arg rule "$rule" '[.findings[]? | select(.rule == $rule) | .message][0] // empty' \
        "$dir/expected.json" 2>/dev/null) || continue
    [ -n "$message" ] || continue
    last=$rule
    command=$(cat "$dir/command" 2>/dev/null || echo check)
    jq -nr --arg command "$command" --arg rule "$rule" --arg args "$(tr '\n' ' ' <"$dir/args" | sed 's/ *$//')" --arg message "$message" \
        '"EXAMPLE(\($rule | tojson), \("certprep \($command) " + $args | tojson),\n        \($message | tojson))"'
done
echo '#endif'
