#!/bin/sh
# certprep gate on hostile trees: nothing hangs, nothing of the tree is run, nothing is lost in silence.
set -u
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed (apt-get install jq)"; exit 77; }
# shellcheck disable=SC2086
gate() { timeout 60 "$certprep" gate $at "$@"; }
rules() { jq -r '.findings[]? | "\(.file) \(.rule)"' "$tmp/out" | sort; }
t=$tmp/t
mkdir "$t"

# what is no file, and links that go round or out
mkdir "$t/odd" "$t/odd/in"
mkfifo "$t/odd/pipe.pem"
ln -s . "$t/odd/loop"
ln -s ../.. "$t/odd/in/up"
ln -s "$certs/good/rsa-bundle.pem" "$t/odd/link.pem"
ln -s /dev/zero "$t/odd/zero.pem"
cp "$certs/good/ec-fullchain.pem" "$t/odd/in/chain.pem"
run 0 "pipe, loop, links" gate -f json "$t/odd"
ok "only the one file" [ "$(rules | wc -l)" = 1 ]
run 3 "a device by name" gate /dev/full
run 0 "a link by name is followed" gate "$t/odd/loop/in"

# names
mkdir "$t/names"
cp "$certs/good/ec-fullchain.pem" "$t/names/$(printf 'a\nb\033[31m\342\200\256.pem')"
run 0 "newline, escape and bidi in a name" gate "$t/names"
name="no raw control character"
ok "$name" sh -c '! LC_ALL=C grep -q "$(printf "\033")" "$1"' sh "$tmp/out"
for format in ndjson github sarif junit; do
    run 0 "the same as $format" gate -f $format "$t/names"
    ok "no escape in $format" sh -c '! LC_ALL=C grep -q "$(printf "\033")" "$1"' sh "$tmp/out"
done

# what can't be read is said
mkdir "$t/locked" "$t/locked/folder"
cp "$certs/good/ec-fullchain.pem" "$t/locked/folder/"
if [ "$(id -u)" != 0 ]; then
    chmod 000 "$t/locked/folder"
    run 3 "an unreadable folder" gate "$t/locked"
    says out locked/folder
elif command -v setpriv >/dev/null; then
    chmod 000 "$t/locked/folder"
    chmod 755 "$tmp" "$t" "$t/locked"
    cp "$certprep" "$tmp/certprep"
    run 3 "an unreadable folder" setpriv --reuid 65534 --clear-groups --no-new-privs "$tmp/certprep" gate \
        --trust none "$t/locked"
    says out locked/folder
fi
: >"$t/empty.pem"
run 3 "an empty .pem" gate "$t/empty.pem"
says out empty
{ head -c 1100000 /dev/zero | tr '\0' 'x'; cat "$certs/good/ec-fullchain.pem"; } >"$t/large.txt"
run 3 "PEM in a text over the limit" gate "$t/large.txt"
head -c 3000000 /dev/zero >"$t/large.bin"
run 0 "a large binary file" gate "$t/large.bin"
mkdir "$t/growing"
( while [ -d "$t/growing" ]; do cat "$certs/good/ec-fullchain.pem" >>"$t/growing/log.pem"; : >"$t/growing/log.pem"; done ) 2>/dev/null &
grower=$!
for i in 1 2 3 4 5 6 7 8; do
    gate "$t/growing" >"$tmp/out" 2>&1
    code=$?
    ok "a file that grows: run $i ends by contract" [ $code = 0 -o $code = 1 -o $code = 3 ]
done
kill $grower 2>/dev/null
wait $grower 2>/dev/null
rm -rf "$t/growing"
depth=$t/deep
mkdir "$depth"
(cd "$depth" && i=0 && while [ $i -lt 70 ]; do mkdir d && cd d && i=$((i + 1)); done)
run 3 "folders nested too deep" gate "$depth"
says out "too deep"

# many empty files
mkdir "$t/many"
(cd "$t/many" && seq 1 100000 | xargs touch)
start=$(date +%s)
run 0 "100,000 empty files" gate "$t/many"
ok "within 20 seconds" [ $(($(date +%s) - start)) -lt 20 ]
rm -rf "$t/many"

# YAML that is meant to cost
{ echo 'kind: Secret'; echo 'a: &a ["-----BEGIN CERTIFICATE-----"]'; p=a
  for n in b c d e f g h i j; do echo "$n: &$n [*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p]"; p=$n; done; } >"$t/bomb.yaml"
run 0 "a YAML bomb" gate "$t/bomb.yaml"
{ printf 'kind: Secret\nx: -----BEGIN CERTIFICATE-----\ny: '; head -c 500000 /dev/zero | tr '\0' '['; } >"$t/deep.yaml"
run 0 "YAML nested deep" gate "$t/deep.yaml"
for i in $(seq 1 20000); do echo '-----BEGIN CERTIFICATE-----'; done >"$t/begins.txt"
run 3 "only BEGIN lines" gate "$t/begins.txt"

# git: its list is taken, and nothing that its configuration names is run
if command -v git >/dev/null; then
    r=$t/repo
    HOME=$tmp GIT_CONFIG_GLOBAL=/dev/null
    export HOME GIT_CONFIG_GLOBAL
    git init -q "$r"
    (cd "$r" && git config user.email a@b && git config user.name n && mkdir keys old &&
        cp "$certs/good/ec-fullchain.pem" old/ && echo 'ignored/' >.gitignore && git add . && git commit -qm 1 && git branch base)
    mkdir "$r/ignored"
    cp "$certs/good/rsa-bundle.pem" "$r/ignored/"
    run 0 "what is ignored is not looked at" gate "$r"
    cp "$certs/good/rsa-bundle.pem" "$r/keys/new.pem"
    run 1 "what is not tracked is" gate "$r"
    run 1 "changed since: untracked" gate -f json --changed-since base "$r"
    ok "only the new file" sh -c '! grep -q old/ec-fullchain "$1"' sh "$tmp/out"
    (cd "$r" && git add . && git commit -qm 2)
    run 1 "changed since: committed" gate --changed-since base "$r"
    run 0 "nothing changed" gate --changed-since HEAD "$r"
    run 2 "no such revision" gate --changed-since nonsense "$r"
    run 2 "an option as revision" gate --changed-since --output=x "$r"
    run 2 "changed since, outside of git" gate --changed-since HEAD "$t/odd"
    for key in core.fsmonitor core.sshCommand core.pager diff.external core.editor diff.x.textconv filter.x.clean \
        filter.x.smudge diff.x.command core.askPass; do
        (cd "$r" && git config $key "touch $tmp/was-run-$key;")
    done
    echo '* diff=x filter=x' >"$r/.gitattributes"
    printf '#!/bin/sh\ntouch %s/was-run-hook\n' "$tmp" >"$r/.git/hooks/post-index-change"
    chmod +x "$r/.git/hooks/post-index-change"
    rm -f "$tmp"/was-run-* # by git add and git config themselves
    touch "$r/keys/new.pem" "$r/old/ec-fullchain.pem"
    run 1 "a hostile configuration" gate "$r"
    run 1 "a hostile configuration, changed since" gate --changed-since base "$r"
    ok "nothing of it was run" sh -c '! ls "$1"/was-run-*' sh "$tmp"
    ls "$tmp"/was-run-* 2>/dev/null
    run 1 "GIT_DIR of a hook" env GIT_DIR=/nonexistent GIT_INDEX_FILE=/nonexistent "$certprep" gate --trust none "$r"
    says out CP0901
else
    echo "SKIPPED in part: git is not installed"
fi
finish
