#!/bin/sh
# certprep.ini, rule selection, waivers and the baseline, as users meet them.
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
leaf=92a720d8233f209fffb9778ceffb0a0d07b81e70e4ec6e08d05bf1047155a507
trust="--trust $certs/trust/all.pem"
soon="$trust --at 2026-09-17T00:00:01Z"
mkdir -p "$tmp/repo/.git" "$tmp/repo/sites/a"
cp "$certs/good/ec-bundle.pem" "$tmp/repo/sites/a/shop.pem"
cd "$tmp/repo/sites/a" || exit 3

# ---- where certprep.ini is found ----
# shellcheck disable=SC2086  # options are words
{
printf '[check]\nmin-days = 0\n' >"$tmp/certprep.ini"
run 0 "no file above .git is read" "$certprep" check $soon --fail-on warning --no-config --min-days 0 shop.pem
run 1 "not above .git" "$certprep" check $soon --fail-on warning shop.pem
says out "warning[CP0203]"
printf '[check]\nmin-days = 0\n' >"$tmp/repo/certprep.ini"
run 0 "found upward" "$certprep" check $soon --fail-on warning shop.pem
run 1 "an option beats it" "$certprep" check $soon --fail-on warning --min-days 14 shop.pem
run 1 "--no-config" "$certprep" check $soon --fail-on warning --no-config shop.pem
run 0 "config --show" "$certprep" config --show
says out "min-days     0  <- $tmp/repo/certprep.ini:2"
says out "fail-on      error  <- default"
run 0 "config --show with an option" "$certprep" config --show --min-days 3 --json
name="the origin is the option"
ok "$name" jq -e '.values[] | select(.key == "min-days") | .value == "3" and .origin == "option --min-days"' "$tmp/out"
printf '[check]\nmin-day = 0\n' >"$tmp/repo/certprep.ini"
run 2 "an unknown key" "$certprep" check $soon shop.pem
says err "certprep.ini:2: key 'min-day' is not known; did you mean 'min-days'?"
run 2 "config, too" "$certprep" config --show
run 2 "both of --config and --no-config" "$certprep" check $soon --no-config --config x shop.pem
run 2 "a file that is not there is wrong configuration" "$certprep" check $soon --config "$tmp/none.ini" shop.pem
run 2 "config without --show" "$certprep" config

printf '[check]\nreport = text=../x\n' >"$tmp/repo/certprep.ini"
run 2 "a report elsewhere" "$certprep" check $soon shop.pem
if [ "$(id -u)" = 0 ]; then
    mkdir "$tmp/open"
    printf '[check]\nmin-days = 0\n' >"$tmp/open/certprep.ini"
    chown 12345 "$tmp/open/certprep.ini"
    cd "$tmp/open" || exit 3
    run 0 "another user's, in a folder that is not everyone's" "$certprep" config --show
    chmod 1777 "$tmp/open"
    run 2 "another user's, where anyone can write" "$certprep" config --show
    says err "anyone can write there"
    run 0 "named, it is taken" "$certprep" config --show --config certprep.ini
    cd "$tmp/repo/sites/a" || exit 3
else
    echo "SKIPPED in part: only root can plant another user's file"
fi

# ---- what it says ----
cat >"$tmp/repo/certprep.ini" <<'EOF'
[check]
fail-on = note
report = json=report.json
[severity]
CP0203 = error
[path "sites/*/*.pem"]
hostnames = shop.acme.example, nowhere.example
EOF
run 1 "hostnames of a path, severity, report" "$certprep" check $soon shop.pem
says out "error[CP0301]: nowhere.example is not covered"
says out "error[CP0203]"
ok "the report is written" jq -e '.counts.errors == 2' report.json
cp shop.pem "$tmp/repo/other.pem"
run 1 "another path has no hostnames" "$certprep" check $soon "$tmp/repo/other.pem"
ok "so it has one error" grep -q "FAIL  1 error$" "$tmp/out"
run 0 "--severity" "$certprep" check $soon --no-config --severity CP0203=off --fail-on note shop.pem
run 0 "--ignore" "$certprep" check $soon --no-config --ignore CP02 --fail-on note shop.pem
run 0 "--select" "$certprep" check $soon --no-config --select CP01,CP03 --fail-on note shop.pem
run 1 "--select the rule" "$certprep" check $soon --no-config --select CP0203 --fail-on note shop.pem
run 2 "what stays" "$certprep" check $soon --ignore CP0001 shop.pem
run 2 "no such rule" "$certprep" check $soon --no-config --ignore XY shop.pem
run 1 "nothing judged is said in any case" "$certprep" check $soon --no-config --select CP02 "$certs/bad/key-only.pem"
says out "error[CP0001]"
run 3 "what can't be read as well" "$certprep" check $soon --no-config --select CP02 "$tmp/none.pem"
run 1 "--min-left" "$certprep" check $trust --at 2026-06-01 --no-config --min-left 99% --fail-on warning shop.pem
says out "the minimum is 99% of its"
run 0 "--min-left in place of --min-days" "$certprep" check $soon --no-config --min-left 1% --fail-on warning shop.pem
run 2 "--min-left 100%" "$certprep" check $soon --no-config --min-left 100% shop.pem
rm "$tmp/repo/certprep.ini" "$tmp/repo/other.pem"

# ---- waivers ----
run 0 "waive" "$certprep" waive CP0203 --spki $leaf --reason "renewal is booked; see the plan" \
    --expires 2026-12-01 --at 2026-09-01 --file "$tmp/repo/certprep-waivers.ini"
run 0 "what is waived does not count" "$certprep" check $soon --fail-on note shop.pem
says out "OK  1 waived (until 2026-12-01)"
run 0 "--show-waived" "$certprep" check $soon --show-waived shop.pem
says out "= until 2026-12-01: renewal is booked; see the plan"
run 0 "json" "$certprep" check $soon -f json shop.pem
name="json has it"
ok "$name" jq -e '.verdict == "READY" and (.findings | length) == 0 and .waived[0].waiver.expires == "2026-12-01"' "$tmp/out"
run 0 "sarif" "$certprep" check $soon -f sarif shop.pem
name="sarif has it suppressed"
ok "$name" jq -e '.runs[0].results[0] | .ruleId == "CP0203" and .suppressions[0].kind == "external"' "$tmp/out"
run 1 "over" "$certprep" check $trust --at 2026-12-02 shop.pem
says out "error[CP0911]: the waiver of CP0203 ended on 2026-12-01"
says out "error[CP0201]"
run 1 "not by --select" "$certprep" check $trust --at 2026-12-02 --select CP03 shop.pem
says out "CP0911"
run 0 "not needed" "$certprep" check $trust --at 2026-06-01 shop.pem
says out "note[CP0912]"
run 0 "the same file again" "$certprep" waive CP0403 --path 'sites/**' --reason x --expires 2026-12-01 --at 2026-09-01
ok "both are there" test "$(grep -c '^\[waiver\]' "$tmp/repo/certprep-waivers.ini")" = 2
cp "$tmp/repo/certprep-waivers.ini" "$tmp/before"
run 2 "a day that is over" "$certprep" waive CP0403 --path x --reason x --expires 2026-08-01 --at 2026-09-01
run 2 "no reason" "$certprep" waive CP0403 --path x --expires 2026-12-01
run 2 "for nothing" "$certprep" waive CP0403 --reason x --expires 2026-12-01 --at 2026-09-01
run 2 "no such rule" "$certprep" waive CP0499 --path x --reason x --expires 2026-12-01 --at 2026-09-01
says err "did you mean"
run 2 "a waiver of waivers" "$certprep" waive CP0911 --path x --reason x --expires 2026-12-01 --at 2026-09-01
ok "nothing was written" cmp "$tmp/before" "$tmp/repo/certprep-waivers.ini"
ok "and nothing left" test "$(ls -A "$tmp/repo" | grep -c tmp)" = 0
printf '[waiver]\nrule = CP0203\n' >"$tmp/half.ini"
run 2 "half a waiver" "$certprep" check $soon --waivers "$tmp/half.ini" shop.pem
run 2 "is not added to" "$certprep" waive CP0403 --path x --reason x --expires 2026-12-01 --at 2026-09-01 --file "$tmp/half.ini"
rm "$tmp/repo/certprep-waivers.ini"

# ---- nothing in the material waives; nothing waived is uploaded ----
printf '# certprep: ignore CP0203\n[waiver]\nrule = CP0203\n' | cat - shop.pem >mixed.pem
run 1 "a PEM file that wants to" "$certprep" check $soon --fail-on warning mixed.pem
says out "CP0203"
printf '[severity]\nCP0201 = off\n' >"$tmp/repo/certprep.ini"
run 0 "check goes by the policy" "$certprep" check $trust --at 2026-10-02 shop.pem
run 1 "prepare does not" "$certprep" prepare $trust --at 2026-10-02 -o "$tmp/out-dir" shop.pem
says out "error[CP0201]"
rm "$tmp/repo/certprep.ini" mixed.pem

# ---- baseline ----
run 0 "an earlier report" "$certprep" check $soon --report json=base.json shop.pem
run 0 "is known" "$certprep" check $soon --baseline base.json --fail-on note shop.pem
says out "OK  1 in the baseline"
run 1 "what is new counts" "$certprep" check $soon --baseline base.json --hostname nowhere.example shop.pem
run 0 "what is gone is noted" "$certprep" check $trust --at 2026-06-01 --baseline base.json shop.pem
says out "note[CP0913]: 1 of the baseline's 1 findings"
echo '{}' >not.json
run 2 "no report" "$certprep" check $soon --baseline not.json shop.pem
rm not.json base.json report.json

# ---- gate ----
key=$("$certprep" gate $soon --format json . | jq -r '[.. | .findings? // empty | .[] | select(.rule == "CP0901")][0].spki_sha256')
ok "gate names the key" test ${#key} = 64
run 0 "waive a key in the tree" "$certprep" waive CP0901 --spki "$key" --reason "a test key" --expires 2026-12-01 --at 2026-09-01 \
    --file "$tmp/repo/certprep-waivers.ini"
run 0 "gate goes by it" "$certprep" gate $soon .
says out "1 waived (until 2026-12-01)"
run 1 "gate: over" "$certprep" gate $trust --at 2026-12-02 --ignore CP02 .
says out "error[CP0911]"
printf '[path "*.pem"]\nhostnames = nowhere.example\n' >"$tmp/repo/certprep.ini"
run 1 "gate: hostnames of a path" "$certprep" gate $soon .
says out "nowhere.example is not covered"
}
finish
