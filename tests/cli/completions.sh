#!/bin/sh
# certprep completion: the scripts as bash, zsh and fish use them. bash is everywhere; the others are
# tried where they are installed (apt-get install zsh fish).
set -u
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/bin" "$tmp/zsh" "$tmp/home" "$tmp/work"
ln -s "$certprep" "$tmp/bin/certprep"
export PATH="$tmp/bin:$PATH" HOME="$tmp/home" LC_ALL=C.UTF-8
cd "$tmp/work" || exit 3
touch "a certificate.pem" other.pem
mkdir chains

run 2 "no shell" "$certprep" completion
says err "name one shell"
run 2 "two shells" "$certprep" completion bash zsh
run 2 "a shell that we don't know" "$certprep" completion tcsh
says err "want bash, zsh or fish"
for shell in bash zsh fish; do
    run 0 "the script for $shell" "$certprep" completion $shell
    silent err
    cp "$tmp/out" "$tmp/certprep.$shell"
    run 0 "the same for $shell again" "$certprep" completion $shell
    ok "byte for byte" cmp "$tmp/out" "$tmp/certprep.$shell"
done
commands=$("$certprep" --help | sed -n '/^Commands:/,/^$/p' | sed -n 's/^  \([a-z]*\) .*/\1/p')
options() { "$certprep" "$1" --help | grep -oE '^  (-., |    )--[a-z][a-z0-9-]+' | grep -oE -- '--.*' | sort -u; }
# same NAME: $tmp/want is what $tmp/got is
same() {
    name=$1
    ok "$1" cmp "$tmp/want" "$tmp/got"
    cmp -s "$tmp/want" "$tmp/got" || diff "$tmp/want" "$tmp/got" | head -5
}

# ---- bash: the function as readline calls it. offers WORD...: the last one is what is completed
if command -v bash >/dev/null; then
    cat >"$tmp/offers.bash" <<'B'
source "$1" || exit 9
shift
COMP_WORDS=(certprep "$@") COMP_CWORD=$#
_certprep certprep
printf '%s\n' "${COMPREPLY[@]}"
B
    offers() { bash --norc "$tmp/offers.bash" "$tmp/certprep.bash" "$@" 2>&1; }
    ok "bash reads it" bash -n "$tmp/certprep.bash"
    { echo "$commands"; echo; printf '%s\n' --help --version; } | grep . | sort >"$tmp/want"
    { offers ""; offers -; } | sort -u >"$tmp/got"
    same "bash: all commands"
    for command in $commands; do
        options "$command" >"$tmp/want"
        offers "$command" -- | sort -u >"$tmp/got"
        same "bash: all options of $command"
    done
    bash_offers() { # NAME WANT WORD...
        name="bash: $1"
        echo "$2" >"$tmp/want"
        shift 2
        offers "$@" | tr '\n' ' ' | sed 's/ $//' >"$tmp/got"
        echo >>"$tmp/got"
        same "$name"
    }
    bash_offers "a command" "check" chec
    bash_offers "an option" "--hostname --hostnames" check --hostn
    bash_offers "a choice" "rfc5280" check --profile rf
    bash_offers "a choice behind =" "rfc5280" check --profile = rf
    bash_offers "all choices behind =" "auto rfc5280 webpki" check --profile =
    bash_offers "files" "a certificate.pem" check "a c"
    bash_offers "files of an option" "a certificate.pem other.pem chains" check --cert ""
    bash_offers "a file or a word" "system" check --trust s
    bash_offers "folders only" "chains" check --intermediates ""
    bash_offers "no options behind --" "" check -- --form
    bash_offers "nothing for a name" "" check --hostname ""
    bash_offers "checks" "CP0301" rule CP0301
    bash_offers "shells" "bash" completion b
    bash_offers "nothing of an unknown command" "" nonsense ""
else
    echo "SKIPPED in part: bash is not installed"
fi

# ---- zsh: on a terminal of its own, since only its line editor completes
if command -v zsh >/dev/null && zsh -f -c 'zmodload zsh/zpty' 2>/dev/null; then
    cp "$tmp/certprep.zsh" "$tmp/zsh/_certprep"
    ok "zsh reads it" zsh -n "$tmp/zsh/_certprep"
    cat >"$tmp/complete.zsh" <<'Z'
# complete.zsh FOLDER LINE: types the line and TAB, and prints what the line became
zmodload zsh/zpty
zpty shell "TERM=dumb zsh -f -i"
send() { zpty -w shell "$1" }
send "PS1= PS2= RPS1=; unsetopt zle_bracketed_paste prompt_cr prompt_sp; unset zle_bracketed_paste"
send "fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' menu no"
send "report() { print -r -- \"<<\$BUFFER>>\" > $1/line; BUFFER=; zle accept-line }; zle -N report"
send "bindkey '^X' report; bindkey '^I' complete-word; setopt no_always_last_prompt; : > $1/ready"
integer tries=0
until [[ -e $1/ready ]] || (( ++tries > 200 )); do zpty -r -t shell chunk; sleep 0.05; done
sleep 0.2
zpty -w -n shell "$2"$'\t'
sleep 0.5
zpty -w -n shell $'\x18'
tries=0
until [[ -s $1/line ]] || (( ++tries > 100 )); do zpty -r -t shell chunk; sleep 0.05; done
cat $1/line
zpty -d shell
Z
    zsh_line() { # NAME WANT LINE
        name="zsh: $1"
        rm -f "$tmp/zsh/line" "$tmp/zsh/ready"
        echo "<<$2>>" >"$tmp/want"
        zsh -f "$tmp/complete.zsh" "$tmp/zsh" "$3" >"$tmp/got" 2>/dev/null
        same "$name"
    }
    zsh_line "a command" "certprep check " "certprep chec"
    zsh_line "an option" "certprep check --require-key " "certprep check --requ"
    zsh_line "a choice" "certprep check --profile rfc5280 " "certprep check --profile rf"
    zsh_line "a choice behind =" "certprep check --profile=rfc5280 " "certprep check --profile=rf"
    zsh_line "a file" 'certprep check a\ certificate.pem ' "certprep check a"
    zsh_line "folders only" "certprep check --intermediates chains/" "certprep check --intermediates "
    zsh_line "a check" "certprep rule CP0301 " "certprep rule CP0301"
else
    echo "SKIPPED in part: zsh is not installed"
fi

# ---- fish
if command -v fish >/dev/null; then
    fish_offers() { fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$tmp/certprep.fish" "$1" 2>&1 | cut -f1; }
    ok "fish reads it" fish --no-config -n "$tmp/certprep.fish"
    echo "$commands" | sort >"$tmp/want"
    fish_offers "certprep " | sort >"$tmp/got"
    same "fish: all commands"
    for command in $commands; do
        options "$command" >"$tmp/want"
        fish_offers "certprep $command --" | grep -v '=$' | sort -u >"$tmp/got" # --wait= is --wait, too
        same "fish: all options of $command"
    done
    fish_says() { # NAME WANT LINE
        echo "$2" >"$tmp/want"
        fish_offers "$3" | tr '\n' ' ' | sed 's/ $//' >"$tmp/got"
        echo >>"$tmp/got"
        same "fish: $1"
    }
    fish_says "a choice" "rfc5280" "certprep check --profile rf"
    fish_says "a choice behind =" "--profile=rfc5280" "certprep check --profile=rf"
    fish_says "files" "a certificate.pem" "certprep check a"
    fish_says "folders only" "chains/" "certprep check --intermediates "
    fish_says "a check" "CP0301" "certprep rule CP0301"
    fish_says "nothing for a name" "" "certprep check --hostname "
else
    echo "SKIPPED in part: fish is not installed"
fi
finish
