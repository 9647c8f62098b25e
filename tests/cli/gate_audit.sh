#!/bin/sh
# certprep audit: answers in the order of the jobs, whatever a job is; shards; under GNU parallel.
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
# audit FILE OPTION...
audit() { jobs=$1; shift; sh -c 'in=$1; shift; exec "$@" <"$in"' sh "$jobs" "$certprep" audit --trust "$certs/trust/all.pem" --at 2026-06-01 "$@"; }
cd "$certs" || exit 3
jq -nc '{id: "good", files: ["good/ec-fullchain.pem", "good/ec-key-pkcs8.pem"], hostnames: ["shop.acme.example"]}' >"$tmp/good"
run 0 "one good job" audit "$tmp/good"
ok "its report" jq -e '.id == "good" and .report.verdict == "READY"' "$tmp/out"
{
    cat "$tmp/good"
    jq -nc '{id: 2, files: ["bad/leaf-expired.pem"]}'
    echo 'no json'
    echo '{"id": "x", "files": ["good/ec-fullchain.pem"], "hostname": ["typo"]}'
    echo '{"id": "y", "files": ["nowhere.pem"]}'
    echo '{"files": ["good/ec-fullchain.pem"]}'
    echo '{"id": "z", "files": ["-"]}'
    echo '{"id": "both", "files": ["good/ec-fullchain.pem"]} {"id": "two"}'
    head -c 4300000 /dev/zero | tr '\0' '{'; echo
    jq -nc --rawfile pem good/ec-bundle.pem '{id: "inline", pem: $pem, at: "2027-06-01", require_key: true}'
    jq -nc '{id: "host", files: ["good/ec-fullchain.pem"], hostnames: ["other.example"]}'
    printf '{"id": "last", "files": ["good/ec-fullchain.pem"]}'
} >"$tmp/mixed"
run 3 "all kinds of jobs" audit "$tmp/mixed" -j 4
ok "an answer a line" [ "$(wc -l <"$tmp/out")" = 12 ]
ok "in order" [ "$(jq -c .line "$tmp/out" | tr '\n' ' ')" = "1 2 3 4 5 6 7 8 9 10 11 12 " ]
ok "errors where there is one" [ "$(jq -c 'has("error")' "$tmp/out" | tr '\n' ' ')" = \
    "false false true true true true true true true false false false " ]
ok "a job's own moment" jq -se '.[9].report.findings | any(.rule == "CP0201")' "$tmp/out"
ok "a job's own hostnames" jq -se '.[10].report.findings | any(.rule == "CP0301")' "$tmp/out"
: >"$tmp/none"
run 3 "no job" audit "$tmp/none"
run 2 "shard out of range" audit "$tmp/good" --shard 2/2
run 2 "no threads" audit "$tmp/good" -j 0

# the same answers whatever the number of threads, and whichever shard they come from
seq 1 3000 | jq -c '{id: "job-\(.)", files: [if . % 3 == 0 then "bad/leaf-expired.pem" else "good/ec-bundle.pem" end]}' >"$tmp/many"
run 1 "3,000 jobs" audit "$tmp/many" -j 1
cp "$tmp/out" "$tmp/one"
run 1 "the same by 8 threads" audit "$tmp/many" -j 8
ok "the same bytes" cmp "$tmp/one" "$tmp/out"
run 0 "exit-zero" audit "$tmp/many" --exit-zero
: >"$tmp/shards"
for i in 0 1 2; do
    run 1 "shard $i" audit "$tmp/many" --shard $i/3
    ok "shard $i has its share" [ "$(wc -l <"$tmp/out")" -gt 800 ]
    cat "$tmp/out" >>"$tmp/shards"
done
ok "the shards together are all, each once" sh -c 'jq -r .id "$1" | sort >"$1.a"; jq -r .id "$2" | sort | cmp - "$1.a"' sh "$tmp/shards" "$tmp/one"

# flat memory: ten times the jobs take no more than 1.3 times the pages
if [ -x /usr/bin/time ]; then
    for i in 1 2 3 4 5 6 7 8 9 10; do cat "$tmp/many"; done >"$tmp/more"
    peak() { ASAN_OPTIONS=quarantine_size_mb=1 /usr/bin/time -f %M -o "$tmp/time" "$certprep" audit --trust "$certs/trust/all.pem" --at 2026-06-01 -j 2 <"$1" >/dev/null; tail -1 "$tmp/time"; }
    few=$(peak "$tmp/many") much=$(peak "$tmp/more")
    ok "flat memory ($few KiB for 3,000 jobs, $much for 30,000)" [ "$much" -lt $((few * 13 / 10)) ]
fi
if command -v parallel >/dev/null; then
    run 0 "GNU parallel, as in docs/scale.md" sh -c 'parallel --will-cite --pipe --keep-order --block 64k \
        "$1" audit -j 1 --exit-zero --trust trust/all.pem --at 2026-06-01 <"$2" >"$3"' sh "$certprep" "$tmp/many" "$tmp/par"
    ok "the same answers" sh -c 'jq -c "[.id, .report.verdict]" "$1" >"$1.v"; jq -c "[.id, .report.verdict]" "$2" | cmp - "$1.v"' \
        sh "$tmp/par" "$tmp/one"
else
    echo "SKIPPED in part: GNU parallel is not installed (apt-get install parallel)"
fi
finish
