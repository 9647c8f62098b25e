/* From exec to exit: `certprep check` of a bundle against the system store, against `openssl
 * version` and the openssl commands that ask the same.
 *
 *   bench_start CERTPREP CHAIN KEY [ROUNDS, default 31]
 */
#define _GNU_SOURCE /* asprintf, environ */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define MAX_ROUNDS 501

/* $1 chain, $2 key, $3 system store. The chain's root is not in the store: both say so. */
static const char script[] =
    "openssl x509 -in \"$1\" -noout -checkend 1209600\n"
    "openssl x509 -in \"$1\" -noout -checkhost " BENCH_HOST "\n"
    "a=$(openssl x509 -in \"$1\" -noout -pubkey)\n"
    "b=$(openssl pkey -in \"$2\" -pubout)\n"
    "[ \"$a\" = \"$b\" ] || echo 'key mismatch'\n"
    "openssl verify -CAfile \"$3\" -untrusted \"$1\" -attime 1780272000 \"$1\"\n"
    "exit 0\n";

/* Milliseconds; any exit code in allowed will do. */
static double time_run(char *const argv[], unsigned allowed) {
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = 0;
    BENCH_NEED(posix_spawn_file_actions_init(&actions) == 0);
    BENCH_NEED(posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0);
    BENCH_NEED(posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0);
    uint64_t start = bench_now_ns();
    BENCH_NEED(posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0);
    BENCH_NEED(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    double ms = (double)(bench_now_ns() - start) / 1e6;
    posix_spawn_file_actions_destroy(&actions);
    BENCH_NEED(WEXITSTATUS(status) < 8 && (allowed >> WEXITSTATUS(status) & 1) != 0);
    return ms;
}

int main(int argc, char **argv) {
    static double values[4][MAX_ROUNDS];
    static const char *const names[] = {"true", "openssl version", "certprep check",
                                        "openssl script"};
    double median[4];
    if (argc < 4) {
        fprintf(stderr, "usage: bench_start CERTPREP CHAIN KEY [ROUNDS]\n");
        return 2;
    }
    size_t num_rounds = argc > 4 ? (size_t)atoi(argv[4]) : 31;
    BENCH_NEED(num_rounds >= 1 && num_rounds <= MAX_ROUNDS);
    char store[] = "/etc/ssl/certs/ca-certificates.crt";
    char *nothing[] = {(char[]){"true"}, NULL};
    char *version[] = {(char[]){"openssl"}, (char[]){"version"}, NULL};
    char *check[] = {argv[1],
                     (char[]){"check"},
                     (char[]){"--cert"},
                     argv[2],
                     (char[]){"--key"},
                     argv[3],
                     (char[]){"--hostname"},
                     (char[]){BENCH_HOST},
                     (char[]){"--at"},
                     (char[]){"2026-06-01"},
                     NULL};
    char *openssl[] = {(char[]){"sh"}, (char[]){"-c"}, strdup(script), (char[]){"sh"},
                       argv[2],        argv[3],        store,          NULL};
    if (access(store, R_OK) != 0) {
        printf("no system trust store here: start is not measured\n");
        return 0;
    }
    for (size_t round = 0; round < num_rounds; round++) {
        values[0][round] = time_run(nothing, 1U << 0);
        values[1][round] = time_run(version, 1U << 0);
        values[2][round] = time_run(check, 1U << 0 | 1U << 1); /* the root is not in the store */
        values[3][round] = time_run(openssl, 1U << 0);
    }
    printf("exec to exit\n");
    for (size_t i = 0; i < 4; i++) {
        median[i] = bench_median(values[i], num_rounds);
        printf("  %-18s %7.2f ms   %.2fx openssl version\n", names[i], median[i],
               i == 0 ? median[0] / bench_median(values[1], num_rounds) : median[i] / median[1]);
    }
    printf("  the openssl script takes %.1f times as long as certprep check\n",
           median[3] / median[2]);
    free(openssl[2]);
    return 0;
}
