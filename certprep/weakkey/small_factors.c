#include "small_factors.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 uint128;

#define NUM_PRIMES 6541 /* odd ones below 2^16 */
#define PER_WORD 4
#define LANES 4 /* words that are reduced by at once: their chains of multiplications overlap */
#define NUM_WORDS ((NUM_PRIMES + PER_WORD - 1) / PER_WORD + 4) / LANES *LANES
#define DIGIT_BITS 61 /* two of them and a word fit 128 bits, 17 times added */
#define NUM_DIGITS 34 /* 2074 bits; a longer modulus goes without the powers */
#define WIDE_WORDS ((NUM_DIGITS * DIGIT_BITS) / CP_WORD_BITS)

struct word {
    uint64_t product, inverse; /* below 2^60; modulo 2^64 */
    uint64_t prime_inverses[PER_WORD];
    uint16_t primes[PER_WORD]; /* 0: there are no more */
};

struct powers {
    uint64_t digits[NUM_DIGITS]; /* 2^(61 i) modulo the word's product */
    uint64_t pairs[2];           /* the sum of digits[2i] * digits[2i + 1], low half first */
};

struct cp_small_factors {
    struct word words[NUM_WORDS];
    uint16_t primes[NUM_PRIMES];
    size_t num_keys;
    struct powers *powers; /* NUM_WORDS of them; NULL: not computed (yet) */
};

/* ---- tables ---------------------------------------------------------------------------------- */

/* Newton's iteration doubles the good bits, of which the first value has 5. */
static uint64_t inverse(uint64_t odd) {
    uint64_t x = (3 * odd) ^ 2;
    for (int bits = 5; bits < 64; bits *= 2)
        x *= 2 - odd * x;
    return x;
}

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
            word->prime_inverses[j] = inverse(word->primes[j]);
        }
        word->inverse = inverse(word->product);
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
    free(table->powers);
    free(table);
}

/* Without memory for them it goes on without. */
static void compute_powers(struct cp_small_factors *table) {
    table->powers = calloc(NUM_WORDS, sizeof(*table->powers));
    if (table->powers == NULL)
        return;
    for (size_t i = 0; i < NUM_WORDS; i++) {
        struct powers *powers = &table->powers[i];
        uint64_t product = table->words[i].product, power = 1 % product;
        uint128 pairs = 0;
        for (size_t j = 0; j < NUM_DIGITS; j++) {
            powers->digits[j] = power;
            power = (uint64_t)(((uint128)power << DIGIT_BITS) % product);
        }
        for (size_t j = 0; j < NUM_DIGITS; j += 2)
            pairs += (uint128)powers->digits[j] * powers->digits[j + 1];
        powers->pairs[0] = (uint64_t)pairs;
        powers->pairs[1] = (uint64_t)(pairs >> 64);
    }
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
    return (uint64_t)((uint128)quotient * word->product >> 64) + (n < rest);
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

static void split_digits(uint64_t digits[NUM_DIGITS], const struct cp_modulus *modulus) {
    for (size_t i = 0; i < NUM_DIGITS; i++) {
        size_t bit = i * DIGIT_BITS, at = bit / CP_WORD_BITS, shift = bit % CP_WORD_BITS;
        uint64_t low = at < modulus->num_words ? modulus->words[at] : 0;
        uint64_t high = at + 1 < modulus->num_words ? modulus->words[at + 1] : 0;
        uint128 both = (uint128)high << CP_WORD_BITS | low;
        digits[i] = (uint64_t)(both >> shift) & ((UINT64_C(1) << DIGIT_BITS) - 1);
    }
}

/* a*x + b*y = (a + y)(b + x) - a*b - x*y: the last two are the same for every word, or every key.
 */
static bool find_by_powers(const struct cp_small_factors *table, const struct cp_modulus *modulus) {
    uint64_t digits[NUM_DIGITS];
    uint128 own_pairs = 0;
    bool found = false;
    split_digits(digits, modulus);
    for (size_t j = 0; j < NUM_DIGITS; j += 2)
        own_pairs += (uint128)digits[j] * digits[j + 1];
    for (size_t i = 0; i < NUM_WORDS; i++) {
        const struct word *word = &table->words[i];
        const struct powers *powers = &table->powers[i];
        uint128 sum = 0;
        for (size_t j = 0; j < NUM_DIGITS; j += 2)
            sum +=
                (uint128)(digits[j] + powers->digits[j + 1]) * (digits[j + 1] + powers->digits[j]);
        sum -= own_pairs + ((uint128)powers->pairs[1] << 64 | powers->pairs[0]);
        /* One step of Hensel's division for the low half, from the high one. */
        uint64_t low = (uint64_t)sum, high = (uint64_t)(sum >> 64);
        uint64_t carry = (uint64_t)((uint128)(low * word->inverse) * word->product >> 64);
        found |= divides(word, high >= carry ? high - carry : high - carry + word->product);
    }
    return found;
}

uint32_t cp_small_factors_find(struct cp_small_factors *table, const struct cp_modulus *modulus) {
    bool found, fits = modulus->num_words <= WIDE_WORDS;
    if (fits && table->powers == NULL && ++table->num_keys == CP_SMALL_FACTORS_MANY)
        compute_powers(table);
    found = fits && table->powers != NULL ? find_by_powers(table, modulus)
                                          : find_by_steps(table, modulus);
    for (size_t i = 0; found && i < NUM_PRIMES; i++)
        if (cp_modulus_rest(modulus, table->primes[i]) == 0)
            return table->primes[i];
    return 0;
}
