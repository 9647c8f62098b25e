#include "small_factors.h"

#include <stdlib.h>

#include "../words.h"
#include "small_factors_wide.h"

#define NUM_PRIMES 6541 /* odd ones below 2^16 */
#define PER_WORD 4
#define LANES 4 /* words that are reduced by at once: their chains of multiplications overlap */
#define NUM_WORDS ((NUM_PRIMES + PER_WORD - 1) / PER_WORD + 4) / LANES *LANES

struct word {
    uint64_t product, inverse; /* below 2^60; modulo 2^64 */
    uint64_t prime_inverses[PER_WORD];
    uint16_t primes[PER_WORD]; /* 0: there are no more */
};

struct cp_small_factors {
    struct word words[NUM_WORDS];
    uint16_t primes[NUM_PRIMES];
    size_t num_keys;
    struct cp_wide_factors *wide; /* NULL: not made (yet) */
};

/* ---- tables ---------------------------------------------------------------------------------- */

static size_t sieve(uint16_t primes[NUM_PRIMES], uint8_t composite[CP_SMALL_PRIME_LIMIT / 2]) {
    size_t num = 0;
    for (uint32_t p = 3; p < CP_SMALL_PRIME_LIMIT; p += 2) {
        if (composite[p / 2] != 0)
            continue;
        for (uint32_t q = p * p; p < 256 && q < CP_SMALL_PRIME_LIMIT; q += 2 * p)
            composite[q / 2] = 1;
        if (num < NUM_PRIMES)
            primes[num] = (uint16_t)p;
        num++;
    }
    return num;
}

/* Word i has the primes 2i and 2i + 1 from below and from above: the product of one of either is
 * below 2^30. */
static void fill_words(struct cp_small_factors *table) {
    for (size_t i = 0; i < NUM_WORDS; i++) {
        struct word *word = &table->words[i];
        word->product = 1;
        for (size_t j = 0; j < PER_WORD; j++) {
            size_t pair = 2 * i + j / 2, index = j % 2 == 0 ? pair : NUM_PRIMES - 1 - pair;
            bool used = pair < NUM_PRIMES / 2 || (pair == NUM_PRIMES / 2 && j % 2 == 0);
            if (!used)
                continue;
            word->primes[j] = table->primes[index];
            word->product *= word->primes[j];
            word->prime_inverses[j] = cp_word_inverse(word->primes[j]);
        }
        word->inverse = cp_word_inverse(word->product);
    }
}

struct cp_small_factors *cp_small_factors_new(void) {
    struct cp_small_factors *table = calloc(1, sizeof(*table));
    uint8_t *composite = calloc(CP_SMALL_PRIME_LIMIT / 2, 1);
    if (table != NULL && composite != NULL && sieve(table->primes, composite) == NUM_PRIMES) {
        fill_words(table);
    } else {
        free(table);
        table = NULL;
    }
    free(composite);
    return table;
}

void cp_small_factors_free(struct cp_small_factors *table) {
    if (table == NULL)
        return;
    cp_wide_factors_free(table->wide);
    free(table);
}

/* ---- reduction ------------------------------------------------------------------------------- */

/* A rest is below 2^60 or is the product itself, so its quotient by a prime of it is below 2^59;
 * what is no multiple is rarely so small, and never passes the division. */
static bool divides(const struct word *word, uint64_t rest) {
    bool found = false;
    for (size_t j = 0; j < PER_WORD; j++)
        if (rest * word->prime_inverses[j] >> 59 == 0)
            found |= word->primes[j] != 0 && rest % word->primes[j] == 0;
    return found;
}

/* One step for one word: rest becomes (rest - n) / 2^64 up to sign, modulo the divisor. */
static inline uint64_t step(uint64_t rest, uint64_t n, const struct word *word) {
    uint64_t quotient = (n - rest) * word->inverse;
    return (uint64_t)((cp_uint128)quotient * word->product >> 64) + (n < rest);
}

static bool find_by_steps(const struct cp_small_factors *table, const struct cp_modulus *modulus) {
    bool found = false;
    for (size_t at = 0; at < NUM_WORDS; at += LANES) {
        const struct word *word = table->words + at;
        uint64_t a = 0, b = 0, c = 0, d = 0;
        for (size_t i = 0; i < modulus->num_words; i++) {
            uint64_t n = modulus->words[i];
            a = step(a, n, word);
            b = step(b, n, word + 1);
            c = step(c, n, word + 2);
            d = step(d, n, word + 3);
        }
        found |= divides(word, a) || divides(word + 1, b) || divides(word + 2, c) ||
                 divides(word + 3, d);
    }
    return found;
}

/* Without memory for the other table it goes on without. */
uint32_t cp_small_factors_find(struct cp_small_factors *table, const struct cp_modulus *modulus) {
    if (table->wide == NULL && cp_has_avx2() && ++table->num_keys == CP_SMALL_FACTORS_MANY)
        table->wide = cp_wide_factors_new(table->primes, NUM_PRIMES);
    bool found = table->wide != NULL ? cp_wide_factors_find(table->wide, modulus)
                                     : find_by_steps(table, modulus);
    for (size_t i = 0; found && i < NUM_PRIMES; i++)
        if (cp_modulus_rest(modulus, table->primes[i]) == 0)
            return table->primes[i];
    return 0;
}
