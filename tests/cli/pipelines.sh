#!/bin/sh
# What runs certprep in other people's pipelines: the files are linted, and their shell parts are run as
# GitHub, GitLab, Jenkins, pre-commit, docker and OSS-Fuzz would run them.
set -u
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
for tool in git jq dpkg-deb cmake ninja; do
    command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done

# ---- lint
if command -v shellcheck >/dev/null; then
    ok "shellcheck" shellcheck "$root"/packaging/*.sh "$root"/packaging/*/*.sh
else
    echo "SKIPPED in part: shellcheck is not installed"
fi
if command -v yamllint >/dev/null; then
    ok "yamllint" yamllint -s -d '{extends: default, rules: {document-start: disable, line-length: {max: 120}}}' \
        "$root/action.yml" "$root/.pre-commit-hooks.yaml" "$root"/packaging/*/*.yml "$root"/packaging/*/*.yaml
else
    echo "SKIPPED in part: yamllint is not installed"
fi
if command -v hadolint >/dev/null; then
    ok "hadolint" hadolint "$root/packaging/docker/Dockerfile"
else
    echo "SKIPPED in part: hadolint is not installed (it is not in Debian)"
fi
# block FILE START: the lines below START that are indented deeper, without that indentation
block() {
    awk -v start="$2" 'in_block { match($0, /^ */); if ($0 != "" && RLENGTH <= depth) exit; print }
        !in_block && index($0, start) { match($0, /^ */); depth = RLENGTH; in_block = 1 }' "$1" |
        awk 'NR == 1 { match($0, /^ */); cut = RLENGTH } { print substr($0, cut + 1) }'
}
ok "no expression within a script of the action" sh -c '! grep -A100 "run: |" "$1" | grep -v "^ *[A-Z_]*: \${{ inputs\.[a-z0-9-]* }}$" | grep -F "\${{"' \
    sh "$root/action.yml"

# ---- two repositories, one with a defect, and a certprep that judges them as of 2026
mkdir "$tmp/good" "$tmp/bad" "$tmp/bin" "$tmp/home"
export HOME="$tmp/home"
openssl crl2pkcs7 -nocrl -certfile "$certs/good/ec-bundle.pem" | openssl pkcs7 -print_certs 2>/dev/null |
    sed -n '/BEGIN/,/END/p' >"$tmp/good/-chain.pem" # a name like an option's
cp "$tmp/good/-chain.pem" "$tmp/bad/chain.pem"
cp "$certs/good/ec-bundle.pem" "$tmp/bad/with-key.pem"
for repository in good bad; do
    git -C "$tmp/$repository" init -q
    git -C "$tmp/$repository" add -A
done
cat >"$tmp/bin/certprep" <<C
#!/bin/sh
command=\$1
shift
exec "$certprep" "\$command" --at 2026-06-01 --trust "$certs/trust/all.pem" "\$@"
C
chmod 755 "$tmp/bin/certprep"
export PATH="$tmp/bin:$PATH"
# within REPOSITORY COMMAND...
within() {
    folder=$tmp/$1
    shift
    (cd "$folder" && "$@")
}
is_xml() { if command -v xmllint >/dev/null; then xmllint --noout "$1"; else grep -q '</testsuites>' "$1"; fi; }

# ---- GitHub: the steps of the action
export GITHUB_ACTION_PATH="$root" RUNNER_TEMP="$tmp/runner" GITHUB_OUTPUT="$tmp/output" GITHUB_PATH="$tmp/path"
mkdir "$RUNNER_TEMP"
awk '/- name: Install/,/- name: Gate/' "$root/action.yml" >"$tmp/install.yml"
awk '/- name: Gate/,0' "$root/action.yml" >"$tmp/gate.yml"
block "$tmp/install.yml" "run: |" >"$tmp/install.sh"
block "$tmp/gate.yml" "run: |" >"$tmp/gate.sh"
# every variable of the gate's script is one of the action's, and the reverse
grep -oE '^ *CERTPREP_[A-Z_]+' "$tmp/gate.yml" | tr -d ' ' | sort >"$tmp/action-variables"
sed -n 's/^#   \(CERTPREP_[A-Z_]*\) .*/\1/p' "$root/packaging/ci/gate.sh" | sort >"$tmp/script-variables"
ok "the action sets what the script reads" cmp "$tmp/action-variables" "$tmp/script-variables"
for input in $(grep -oE 'inputs\.[a-z0-9-]+' "$root/action.yml" | cut -d. -f2 | sort -u); do
    ok "input $input is declared" grep -q "^  $input:" "$root/action.yml"
done
export CERTPREP_PATHS=. CERTPREP_FORMAT=github CERTPREP_FAIL_ON=error CERTPREP_MIN_DAYS='' CERTPREP_CHANGED_SINCE='' CERTPREP_ARGS='' \
    CERTPREP_REPORTS="sarif=certprep.sarif
junit=certprep junit.xml"
: >"$GITHUB_OUTPUT"
run 0 "GitHub: a good repository" within good sh "$tmp/gate.sh"
ok "says so to later steps" grep -qx "exit-code=0" "$GITHUB_OUTPUT"
ok "writes SARIF" jq -e '.version == "2.1.0"' "$tmp/good/certprep.sarif"
ok "into a name with a blank, too" is_xml "$tmp/good/certprep junit.xml"
: >"$GITHUB_OUTPUT"
run 1 "GitHub: a bad repository" within bad sh "$tmp/gate.sh"
says out "::error"
says out "CP0901"
ok "says so to later steps" grep -qx "exit-code=1" "$GITHUB_OUTPUT"
CERTPREP_ARGS='--allow-key
with-key.pem' CERTPREP_REPORTS='' run 0 "GitHub: more arguments" within bad sh "$tmp/gate.sh"
CERTPREP_PATHS='chain.pem' run 0 "GitHub: some paths" within bad sh "$tmp/gate.sh"
# shellcheck disable=SC2016  # nobody is to expand it
CERTPREP_PATHS='$(touch pwned) *' run 3 "GitHub: a path is no script" within bad sh "$tmp/gate.sh"
ok "nothing was run" test ! -e "$tmp/bad/pwned"
CERTPREP_FAIL_ON=sometimes run 2 "GitHub: a wrong input" within bad sh "$tmp/gate.sh"
rm -f "$tmp"/good/certprep* "$tmp"/bad/certprep*
unset GITHUB_OUTPUT CERTPREP_PATHS CERTPREP_FORMAT CERTPREP_FAIL_ON CERTPREP_REPORTS

mkdir -p "$tmp/deb/usr/bin" "$tmp/deb/DEBIAN"
cp "$certprep" "$tmp/deb/usr/bin/certprep"
printf 'Package: certprep\nVersion: 0\nArchitecture: all\nMaintainer: nobody <nobody@certprep.example>\nDescription: test\n' \
    >"$tmp/deb/DEBIAN/control"
dpkg-deb -Zgzip -z1 --root-owner-group -b "$tmp/deb" "$tmp/certprep.deb" >/dev/null
digest=$(sha256sum "$tmp/certprep.deb" | cut -d' ' -f1)
export CERTPREP_DEB="$tmp/certprep.deb" CERTPREP_UNPACK_TO="$tmp/unpacked"
CERTPREP_DEB_SHA256=$(echo "$digest" | tr 0-9a-f 1-9a-f0) run 1 "GitHub: another package than was meant" sh "$tmp/install.sh"
says err "nothing was installed"
ok "nothing was installed" test ! -e "$tmp/unpacked"
CERTPREP_DEB_SHA256='' run 1 "GitHub: a package without a digest" sh "$tmp/install.sh"
CERTPREP_DEB_SHA256=$digest run 0 "GitHub: a package" sh "$tmp/install.sh"
ok "is installed" "$tmp/unpacked/usr/bin/certprep" --version
run 2 "a package by plain HTTP" sh "$root/packaging/ci/install.sh" deb http://certprep.example/certprep.deb "$digest"
CERTPREP_DEB='' CERTPREP_DEB_SHA256='' run 0 "GitHub: built from source" sh "$tmp/install.sh"
ok "its PATH" grep -qx "$RUNNER_TEMP/certprep/bin" "$GITHUB_PATH"
built=$RUNNER_TEMP/certprep/bin/certprep
ok "the one that was built" "$built" --version

# ---- GitLab
block "$root/packaging/gitlab/certprep.gitlab-ci.yml" "- >-" | tr '\n' ' ' >"$tmp/gitlab.sh"
export CERTPREP_FAIL_ON=error CERTPREP_MIN_DAYS=14 CERTPREP_PATH=.
run 0 "GitLab: a good repository" within good sh -eu "$tmp/gitlab.sh"
run 1 "GitLab: a bad repository" within bad sh -eu "$tmp/gitlab.sh"
ok "Code Quality" jq -e 'length > 0 and all(.[]; .fingerprint and .location.path)' "$tmp/bad/gl-code-quality-report.json"
ok "JUnit" is_xml "$tmp/bad/certprep-junit.xml"
for file in $(block "$root/packaging/gitlab/certprep.gitlab-ci.yml" "    paths:" | sed 's/^- //'); do
    ok "the artifact $file is there" test -s "$tmp/bad/$file"
done
rm -f "$tmp"/good/*.xml "$tmp"/good/*.json "$tmp"/bad/*.xml "$tmp"/bad/*.json
unset CERTPREP_FAIL_ON CERTPREP_MIN_DAYS

# ---- Jenkins
awk "/sh '''/ {in_script = 1; next} /'''/ {in_script = 0} in_script" "$root/packaging/jenkins/Jenkinsfile" >"$tmp/jenkins.sh"
run 0 "Jenkins: a good repository" within good sh -xe "$tmp/jenkins.sh"
run 1 "Jenkins: a bad repository" within bad sh -xe "$tmp/jenkins.sh"
ok "SARIF" jq -e '.runs[0].results | length > 0' "$tmp/bad/certprep.sarif"
ok "JUnit" is_xml "$tmp/bad/certprep-junit.xml"
rm -f "$tmp"/good/certprep* "$tmp"/bad/certprep*

# ---- pre-commit
hooks=$root/.pre-commit-hooks.yaml
entry=$(sed -n 's/^  entry: //p' "$hooks")
pattern=$(sed -n "s/^  files: '\(.*\)'$/\1/p" "$hooks")
ok "args end the options" grep -qx '  args: \["--"\]' "$hooks"
for name in a.pem A.PEM x/b.crt values.yaml secret.yml state.tfstate key.p12; do
    ok "pre-commit takes $name" sh -c 'echo "$1" | grep -qP -- "$2"' sh "$name" "$pattern"
done
for name in a.pem.txt README.md keyboard.c; do
    ok "pre-commit leaves $name" sh -c '! echo "$1" | grep -qP -- "$2"' sh "$name" "$pattern"
done
# shellcheck disable=SC2086  # words, as pre-commit splits them
run 0 "pre-commit: a good file, called like an option" within good $entry -- -chain.pem
# shellcheck disable=SC2086
run 1 "pre-commit: a bad file" within bad $entry -- chain.pem with-key.pem

# ---- docker: the image's root, with the program of a plain build
run 0 "docker: its root" sh "$root/packaging/docker/root.sh" "$built" "$tmp/image"
ok "no shell in it" test -z "$(find "$tmp/image" -name '*sh' -o -name busybox)"
ok "one program in it" test "$(find "$tmp/image/usr/bin" -type f | wc -l)" -eq 1
ok "nothing that only root may change is open to others" test -z "$(find "$tmp/image" ! -type l ! -path "$tmp/image/tmp" -perm /022)"
run 1 "docker: a root that is there" sh "$root/packaging/docker/root.sh" "$built" "$tmp/image"
for word in "USER 65532:65532" "FROM scratch" 'ENTRYPOINT \["/usr/bin/certprep"\]'; do
    ok "Dockerfile: $word" grep -qx "$word" "$root/packaging/docker/Dockerfile"
done
if [ "$(id -u)" = 0 ]; then
    cp "$tmp/bad/chain.pem" "$certs/trust/all.pem" "$tmp/image/work/"
    chmod 755 "$tmp"
    in_image() { chroot --userspec=65532:65532 "$tmp/image" /usr/bin/certprep "$@"; }
    run 0 "docker: --version" in_image --version
    run 0 "docker: gate" in_image gate --at 2026-06-01 --trust /work/all.pem /work/chain.pem
    in_image doctor --json >"$tmp/out" 2>"$tmp/err"
    for name in openssl legacy-provider libcurl sqlite c-ares trust-store; do
        ok "docker: doctor finds $name" jq -e --arg n $name '.checks[] | select(.name == $n) | .result == "ok"' "$tmp/out"
    done
else
    echo "SKIPPED in part: to enter the image's root needs root"
fi

# ---- OSS-Fuzz: one target as its build would make it
ok "OSS-Fuzz: the files agree on the system" sh -c 'grep -q "^FROM .*:ubuntu-24-04$" "$1/Dockerfile" && grep -qx "base_os_version: ubuntu-24-04" "$1/project.yaml"' \
    sh "$root/packaging/oss-fuzz"
if command -v clang >/dev/null && command -v zip >/dev/null && [ -e "$(clang -print-file-name=libclang_rt.fuzzer-x86_64.a)" ]; then
    mkdir "$tmp/src" "$tmp/fuzz" "$tmp/work"
    ln -s "$root" "$tmp/src/certprep"
    run 0 "OSS-Fuzz: build" env SRC="$tmp/src" OUT="$tmp/fuzz" WORK="$tmp/work" CC=clang FUZZ_TARGETS=hostname \
        CFLAGS="-O1 -fsanitize=address,fuzzer-no-link" bash "$root/packaging/oss-fuzz/build.sh"
    ok "seeds" unzip -tq "$tmp/fuzz/fuzz_hostname_seed_corpus.zip"
    run 0 "OSS-Fuzz: the target runs with the libraries beside it" "$tmp/fuzz/fuzz_hostname" -runs=1000
    ok "it finds them there" sh -c 'readelf -d "$1" | grep -qF "\$ORIGIN/lib"' sh "$tmp/fuzz/fuzz_hostname"
else
    echo "SKIPPED in part: OSS-Fuzz's build needs clang, its fuzzer runtime and zip"
fi
finish
