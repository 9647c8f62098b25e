#!/bin/sh
# certprep prepare under faults: killed (SIGKILL) before every system call that changes something, each
# of them failing, short writes, a full disk, a read-only directory. Old files stay intact; no temporary
# file with a key is left; the next run puts everything in order.
# shellcheck disable=SC2086  # option lists are words
set -u
. "$(dirname "$0")/lib.sh"
cd "$certs" || exit 3
command -v flock >/dev/null || { echo "SKIPPED: flock is not installed (apt-get install util-linux)"; exit 77; }
command -v cc >/dev/null || { echo "SKIPPED: no C compiler (cc) to build the fault injector with"; exit 77; }

# The injector: FAULT_AT=n hits the n-th call with ENOSPC, or by SIGKILL: FAULT_KILL=self, the process that
# makes it; =parent, the one that waits for it, if there is one; =both, as a power cut would; FAULT_SHORT writes 7 bytes at
# a time and is interrupted in between; FAULT_NAMED knows no O_TMPFILE; FAULT_COUNT gets the number.
cat >"$tmp/fault.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
static int calls;
static pid_t first;
__attribute__((constructor)) static void start(void) { first = getpid(); }
static int hit(void) {
    const char *at = getenv("FAULT_AT"), *count = getenv("FAULT_COUNT");
    calls++;
    if (count != NULL) {
        FILE *file = fopen(count, "w");
        if (file != NULL) {
            fprintf(file, "%d\n", calls);
            fclose(file);
        }
    }
    if (at == NULL || atoi(at) != calls)
        return 0;
    const char *whom = getenv("FAULT_KILL");
    if (whom != NULL && strcmp(whom, "self") != 0 && getpid() != first) {
        kill(first, SIGKILL);
        if (strcmp(whom, "parent") == 0)
            return 0;
    }
    if (whom != NULL)
        raise(SIGKILL);
    errno = ENOSPC;
    return 1;
}
#define REAL(type, name, ...) type (*real)(__VA_ARGS__) = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)
int openat(int dir, const char *name, int flags, ...) {
    REAL(int, "openat", int, const char *, int, ...);
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (getenv("FAULT_NAMED") != NULL && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (flags & O_ACCMODE) != O_RDONLY && hit() ? -1 : real(dir, name, flags, mode);
}
ssize_t write(int fd, const void *data, size_t len) {
    static int interrupted;
    REAL(ssize_t, "write", int, const void *, size_t);
    if (fd <= 2)
        return real(fd, data, len);
    if (getenv("FAULT_SHORT") != NULL) {
        interrupted = !interrupted;
        if (interrupted) {
            errno = EINTR;
            return -1;
        }
        return real(fd, data, len > 7 ? 7 : len);
    }
    return hit() ? -1 : real(fd, data, len);
}
int fsync(int fd) {
    REAL(int, "fsync", int);
    return hit() ? -1 : real(fd);
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    return hit() ? -1 : real(path, mode);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
    REAL(int, "linkat", int, const char *, int, const char *, int);
    return hit() ? -1 : real(a, from, b, to, flags);
}
int renameat(int a, const char *from, int b, const char *to) {
    REAL(int, "renameat", int, const char *, int, const char *);
    return hit() ? -1 : real(a, from, b, to);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
    return hit() ? -1 : real(a, from, b, to, flags);
}
int unlinkat(int dir, const char *name, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    return hit() ? -1 : real(dir, name, flags);
}
C
cc -shared -fPIC -o "$tmp/fault.so" "$tmp/fault.c" -ldl || { echo "SKIPPED: the fault injector does not build"; exit 77; }

out=$tmp/out.d
# A sanitizer's runtime wants to be first, and looks for leaks by ptrace.
asan="ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
faulty() { env LD_PRELOAD="$tmp/fault.so" "$asan" "$@" "$certprep" prepare $at --force -o "$out" good/rsa-bundle.pem; }
"$certprep" prepare $at -q -o "$tmp/p384" good/p384-bundle.pem >/dev/null 2>&1
"$certprep" prepare $at -q -o "$tmp/old" good/ec-bundle.pem >/dev/null 2>&1
"$certprep" prepare $at -q -o "$tmp/new" good/rsa-bundle.pem >/dev/null 2>&1
start() { # start old|none: what stands there before
    rm -rf "$out"
    [ "$1" = none ] || cp -rp "$tmp/old" "$out"
}
same() { diff -r "$1" "$out" >/dev/null 2>&1; }
is_start() { # all as before: the old files, or none and no directory (an empty one after a kill)
    if [ "$1" = old ]; then same "$tmp/old"; else [ -z "$(ls -A "$out" 2>/dev/null)" ]; fi
}
whole() { # each file is a whole old or a whole new one
    for file in "$out"/*; do
        [ -e "$file" ] || continue
        base=$(basename "$file")
        cmp -s "$file" "$tmp/new/$base" || { [ "$1" = old ] && cmp -s "$file" "$tmp/old/$base"; } || return 1
    done
}
temps() { find "$out" -name '.certprep-*' 2>/dev/null; }
keys_in_temps() { for file in $(temps); do grep -l "PRIVATE KEY" "$file"; done; }
bad() { failed=$((failed + 1)); echo "FAILED $*"; ls -A "$out" 2>/dev/null | sed 's/^/    /'; }
good() { passed=$((passed + 1)); }

for named in "" FAULT_NAMED=1; do
    for before in none old; do
        start $before
        rm -f "$tmp/count"
        run 0 "no fault ($before $named)" faulty FAULT_COUNT="$tmp/count" $named
        ok "written" same "$tmp/new"
        num=$(cat "$tmp/count")
        ok "calls were counted" test "$num" -gt 10
        n=1 exposed=
        while [ $n -le "$num" ]; do
            what="call $n of $num, $before files before ${named:+(no O_TMPFILE)}"
            # One SIGKILL, at either process: nothing hidden stays, all is old or all is new.
            for whom in self parent; do
                start $before
                faulty FAULT_AT=$n FAULT_KILL=$whom $named >"$tmp/out" 2>"$tmp/err"
                code=$?
                [ ! -d "$out" ] || flock "$out" true # the child, if it is the one left, is done
                [ -z "$(temps)" ] && good || bad "$what: $whom killed: temporary files stay"
                case $code in
                0) same "$tmp/new" && good || bad "$what: $whom killed: says it was written" ;;
                3) is_start $before && grep -q "as it was before" "$tmp/err" && good || bad "$what: $whom killed: not as before" ;;
                137) { is_start $before || same "$tmp/new"; } && good || bad "$what: $whom killed: a mixed set" ;;
                *) bad "$what: $whom killed: exit $code" ;;
                esac
                no_secret "$what"
            done
            # Both at once, as a power cut: the next run puts it in order.
            start $before
            faulty FAULT_AT=$n FAULT_KILL=both $named >/dev/null 2>&1
            [ $? -eq 137 ] || bad "$what: was not killed"
            [ ! -d "$out" ] || flock "$out" true
            if whole $before; then good; else bad "$what: killed: a torn file"; fi
            if [ -n "$(keys_in_temps)" ]; then
                exposed=$((${exposed:-0} + 1))
                # With O_TMPFILE only files that are replaced have hidden names, and only in the switch.
                if [ $before$named = none ]; then bad "$what: killed: a key in a temporary file"; fi
            fi
            # Without a journal, no name has been touched, or all of them.
            if [ -e "$out/.certprep-journal" ]; then
                good
            elif is_start $before || [ -n "$(temps)" ] || same "$tmp/new"; then
                good
            else
                bad "$what: killed: a mixed set"
            fi
            # The next run that writes there puts it in order first; then it writes, or stops at other files.
            "$certprep" prepare $at -q -o "$out" good/p384-bundle.pem >"$tmp/o" 2>"$tmp/e"
            if same "$tmp/new" || { [ $before = old ] && same "$tmp/old"; } || { [ $before = none ] && same "$tmp/p384"; }; then
                good
            else
                bad "$what: not put in order"
            fi
            [ -z "$(temps)" ] && good || bad "$what: temporary files stay"

            start $before
            faulty FAULT_AT=$n $named >"$tmp/out" 2>"$tmp/err"
            code=$?
            if [ $code -eq 3 ]; then
                if is_start $before && [ -z "$(temps)" ]; then good; else bad "$what: failed: not as before"; fi
                [ -s "$tmp/err" ] && good || bad "$what: failed without a word"
                [ $before = old ] || [ ! -d "$out" ] && good || bad "$what: failed: the directory stays"
            elif [ $code -eq 0 ]; then
                if same "$tmp/new" || [ -n "$(temps)" ]; then good; else bad "$what: says it was written"; fi
            else
                bad "$what: exit $code"
            fi
            no_secret "$what"
            n=$((n + 1))
        done
        echo "$before files before${named:+, no O_TMPFILE}: $num calls; with both processes killed at once a key stood under a hidden name at ${exposed:-none} of them"
    done
done

start old
run 0 "short and interrupted writes" faulty FAULT_SHORT=1
ok "whole files" same "$tmp/new"
start none
run 0 "the same, nothing there" faulty FAULT_SHORT=1
ok "whole files" same "$tmp/new"

# a read-only directory; root writes there all the same, so not as root
if [ "$(id -u)" != 0 ]; then
    start old
    chmod 500 "$out"
    run 3 "read-only directory" faulty
    chmod 700 "$out"
    ok "old files" same "$tmp/old"
elif command -v setpriv >/dev/null; then
    start old
    mkdir "$tmp/pub"
    chmod 711 "$tmp"
    cp "$certprep" good/rsa-bundle.pem trust/all.pem "$tmp/pub/"
    chmod -R a+rX "$tmp/pub"
    user="setpriv --reuid 65534 --clear-groups $tmp/pub/certprep prepare --at 2026-06-01 --trust $tmp/pub/all.pem --force"
    chmod -R a+rX "$out"
    run 3 "read-only directory" $user -o "$out" "$tmp/pub/rsa-bundle.pem"
    ok "old files" same "$tmp/old"
    run 3 "read-only parent" $user -o "$tmp/pub/new" "$tmp/pub/rsa-bundle.pem"
    ok "nothing there" test ! -e "$tmp/pub/new"
    # an ordinary user can write: /proc/self/fd is open to a process that hides itself
    mkdir "$tmp/pub/home"
    chown 65534 "$tmp/pub/home"
    run 0 "as an ordinary user" $user -o "$tmp/pub/home/out" "$tmp/pub/rsa-bundle.pem"
    ok "written" diff "$tmp/new/privkey.pem" "$tmp/pub/home/out/privkey.pem"
else
    echo "SKIPPED in part: read-only directory, since root writes everywhere and setpriv is not here"
fi

# two runs at a time: one has the lock
if command -v flock >/dev/null; then
    start old
    run 3 "locked" flock "$out" "$certprep" prepare $at --force -o "$out" good/rsa-bundle.pem
    says err "another run is writing there"
    ok "old files" same "$tmp/old"
fi

# a full disk, of every size between nothing and enough
mkdir "$tmp/disk"
trap 'umount "$tmp/disk" 2>/dev/null; cleanup' EXIT
if mount -t tmpfs -o size=64k tmpfs "$tmp/disk" 2>/dev/null; then
    out=$tmp/disk/out
    for before in none old; do
        full=0 fitted=0
        for free in 0 4 8 12 16 20 24 28; do
            rm -rf "$out" "$tmp/disk/filler"
            start $before
            used=$(df --output=used -k "$tmp/disk" | tail -1)
            filler=$((64 - used - free))
            [ $filler -le 0 ] || dd if=/dev/zero of="$tmp/disk/filler" bs=1k count=$filler 2>/dev/null
            faulty >"$tmp/out" 2>"$tmp/err"
            code=$?
            [ -z "$(temps)" ] && good || bad "full disk, $free KiB free, $before: temporary files stay"
            if [ $code -eq 3 ]; then
                full=$((full + 1))
                is_start $before && good || bad "full disk, $free KiB free, $before: not as before"
                grep -q "No space left" "$tmp/err" && good || bad "full disk: says '$(cat "$tmp/err")'"
            else
                fitted=$((fitted + 1))
                same "$tmp/new" && good || bad "full disk, $free KiB free, $before: exit $code"
            fi
        done
        ok "some did not fit, some did ($before)" test $full -gt 0 -a $fitted -gt 0
    done
    umount "$tmp/disk"
else
    echo "SKIPPED in part: a full disk needs a small tmpfs, and mount is not allowed"
fi
finish
