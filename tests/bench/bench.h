/* bench: what the programs share. Each compares with OpenSSL in the same run, round by round in
 * turn, and prints medians: the ratio is the result, the absolute figures are the machine's. */
#ifndef CP_BENCH_H
#define CP_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends the program if it does not hold: a wrong result must not be timed. */
#define BENCH_NEED(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            bench_die(__FILE__, __LINE__, #condition);                                             \
    } while (0)

_Noreturn void bench_die(const char *file, int line, const char *what);

/* Monotonic. */
uint64_t bench_now_ns(void);
/* Sorts values. */
double bench_median(double *values, size_t num);
/* Peak resident set of this process. */
long bench_peak_kib(void);

#define BENCH_AT_S ((int64_t)1780272000) /* 2026-06-01 */
#define BENCH_HOST "shop.acme.example"

/* Bundles as customers send them: leaf with 5 names, intermediate and PKCS#8 key, each leaf signed
 * anew and with a key of its own, so that nothing about it can be kept from the one before. */
struct bench_bundles {
    char **pem;
    size_t *len;
    size_t num;
    char *root_pem;
    size_t root_len;
};

/* rsa: RSA-2048, else P-256. Deterministic in form, not in bytes. */
void bench_bundles_make(struct bench_bundles *out, size_t num, bool rsa);
void bench_bundles_free(struct bench_bundles *bundles);

#endif
