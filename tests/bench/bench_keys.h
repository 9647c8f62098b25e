/* bench_keys: many different keys in little time. */
#ifndef CP_BENCH_KEYS_H
#define CP_BENCH_KEYS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

struct bench_keys;

/* num is how many will be asked for. */
struct bench_keys *bench_keys_new(bool rsa, size_t num);
void bench_keys_free(struct bench_keys *keys);
/* Another one each time; the caller's. */
EVP_PKEY *bench_keys_next(struct bench_keys *keys);

#endif
