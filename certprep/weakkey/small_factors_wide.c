#include "small_factors_wide.h"

#include <stdlib.h>

#if CP_AVX2
#include <immintrin.h>

#include "../words.h"

#define LANES 4
#define DIGIT_BITS 26 /* 20 of them times words below 2^30 fit 64 bits */
#define PAIRS 10
#define PART_BITS (2 * PAIRS * DIGIT_BITS)
#define GROUP 4 /* parts whose sums are computed together: one of 2048 bits has as many */
#define MAX_GROUPS ((CP_MAX_RSA_BITS + GROUP * PART_BITS - 1) / (GROUP * PART_BITS))

/* Four words. What takes 32 bits lies in the halves of 64, low half first. */
struct block {
    uint32_t powers[PAIRS][2 * LANES]; /* base^(2j + 1) and base^(2j), modulo the word */
    uint64_t crossed[LANES];           /* the sum of their products */
    uint32_t words[2 * LANES];         /* the word and the negative of its inverse modulo 2^32 */
    /* 2^(i * PART_BITS + 32) modulo the word: of the parts 1 and 2, of part 3 and the next group.
     */
    uint32_t parts[GROUP / 2][2 * LANES];
    uint32_t inverses[2 * LANES]; /* of both primes, modulo 2^32 */
    uint32_t limits[2 * LANES];   /* (2^32 - 1) / prime, of both */
};
_Static_assert(sizeof(struct block) % 32 == 0, "blocks lie on the borders that loads want");

struct cp_wide_factors {
    struct block *blocks;
    size_t num_blocks; /* even */
};

/* ---- table ----------------------------------------------------------------------------------- */

static void fill_lane(struct block *block, size_t lane, uint32_t low_prime, uint32_t high_prime) {
    const uint64_t word = (uint64_t)low_prime * high_prime;
    uint64_t power = 1;
    size_t low = 2 * lane, high = low + 1;
    for (size_t j = 0; j < PAIRS; j++) {
        uint64_t odd = (power << DIGIT_BITS) % word;
        block->powers[j][low] = (uint32_t)odd;
        block->powers[j][high] = (uint32_t)power;
        block->crossed[lane] += odd * power;
        power = (odd << DIGIT_BITS) % word;
    }
    block->words[low] = (uint32_t)word;
    block->words[high] = 0 - (uint32_t)cp_word_inverse(word);
    const uint64_t part = power;
    for (size_t i = 0; i < GROUP; i++) {
        block->parts[i / 2][low + i % 2] = (uint32_t)((power << 32) % word);
        power = power * part % word;
    }
    block->inverses[low] = (uint32_t)cp_word_inverse(low_prime);
    block->inverses[high] = (uint32_t)cp_word_inverse(high_prime);
    block->limits[low] = UINT32_MAX / low_prime;
    block->limits[high] = UINT32_MAX / high_prime;
}

/* A small prime with a large one: the product is below 2^30. What is left over gets the first pair
 * again. */
struct cp_wide_factors *cp_wide_factors_new(const uint16_t *primes, size_t num_primes) {
    size_t num_words = (num_primes + 1) / 2;
    struct cp_wide_factors *table = calloc(1, sizeof(*table));
    if (table == NULL)
        return NULL;
    table->num_blocks = (num_words + 2 * LANES - 1) / (2 * LANES) * 2;
    table->blocks = aligned_alloc(32, table->num_blocks * sizeof(*table->blocks));
    if (table->blocks == NULL) {
        free(table);
        return NULL;
    }
    for (size_t i = 0; i < table->num_blocks * LANES; i++) {
        size_t word = i < num_words ? i : 0;
        if (i % LANES == 0)
            table->blocks[i / LANES] = (struct block){.crossed = {0}};
        fill_lane(&table->blocks[i / LANES], i % LANES, primes[word],
                  primes[num_primes - 1 - word]);
    }
    return table;
}

void cp_wide_factors_free(struct cp_wide_factors *table) {
    if (table == NULL)
        return;
    free(table->blocks);
    free(table);
}

/* ---- reduction ------------------------------------------------------------------------------- */

/* Of one modulus, least part first. */
struct digits {
    size_t num_groups;
    uint64_t pairs[MAX_GROUPS * GROUP][PAIRS]; /* even digit in the low half, odd in the high one */
    uint64_t crossed[MAX_GROUPS * GROUP];      /* the sum of their products, a part */
};

static uint64_t digit_at(const struct cp_modulus *modulus, size_t index) {
    size_t bit = index * DIGIT_BITS, at = bit / CP_WORD_BITS, shift = bit % CP_WORD_BITS;
    uint64_t digit = at < modulus->num_words ? modulus->words[at] >> shift : 0;
    if (shift > CP_WORD_BITS - DIGIT_BITS && at + 1 < modulus->num_words)
        digit |= modulus->words[at + 1] << (CP_WORD_BITS - shift);
    return digit & ((UINT64_C(1) << DIGIT_BITS) - 1);
}

static void split_digits(struct digits *out, const struct cp_modulus *modulus) {
    const size_t group_bits = GROUP * PART_BITS;
    out->num_groups = (modulus->num_words * CP_WORD_BITS + group_bits - 1) / group_bits;
    for (size_t i = 0; i < out->num_groups * GROUP; i++) {
        out->crossed[i] = 0;
        for (size_t j = 0; j < PAIRS; j++) {
            size_t index = 2 * (i * PAIRS + j);
            uint64_t even = digit_at(modulus, index), odd = digit_at(modulus, index + 1);
            out->pairs[i][j] = odd << 32 | even;
            out->crossed[i] += even * odd;
        }
    }
}

CP_TARGET_AVX2 static inline __m256i load(const void *at) {
    return _mm256_load_si256((const __m256i *)at);
}

/* sum + (even digit + odd power) * (odd digit + even power) */
CP_TARGET_AVX2 static inline __m256i add_pair(__m256i sum, __m256i powers, uint64_t digits) {
    __m256i both = _mm256_add_epi32(powers, _mm256_set1_epi64x((long long)digits));
    return _mm256_add_epi64(sum, _mm256_mul_epu32(both, _mm256_srli_epi64(both, 32)));
}

/* value / 2^32 modulo the words: Hensel's division. Below 2^32 for a value below 2^63.5. */
CP_TARGET_AVX2 static inline __m256i reduce(__m256i value, __m256i words) {
    __m256i quotient = _mm256_mul_epu32(value, _mm256_srli_epi64(words, 32));
    return _mm256_srli_epi64(_mm256_add_epi64(value, _mm256_mul_epu32(quotient, words)), 32);
}

/* The sums of a group, least part first. */
struct sums {
    __m256i s0, s1, s2, s3;
};

CP_TARGET_AVX2 static inline __m256i part_of(__m256i sum, uint64_t crossed) {
    return _mm256_sub_epi64(sum, _mm256_set1_epi64x((long long)crossed));
}

/* Puts a group before those above it, whose rest is given, and divides by 2^32 as often as before.
 * Parts are below 2^60.4, and so their rests below 2^30.4; the value stays below 2^63.2. */
CP_TARGET_AVX2 static inline __m256i add_group(__m256i rest, struct sums sums,
                                               const uint64_t crossed[GROUP],
                                               const struct block *block) {
    __m256i words = load(block->words), low = load(block->parts[0]), high = load(block->parts[1]);
    __m256i r1 = reduce(part_of(sums.s1, crossed[1]), words);
    __m256i r2 = reduce(part_of(sums.s2, crossed[2]), words);
    __m256i r3 = reduce(part_of(sums.s3, crossed[3]), words);
    __m256i lower = _mm256_add_epi64(_mm256_mul_epu32(r1, low),
                                     _mm256_mul_epu32(r2, _mm256_srli_epi64(low, 32)));
    __m256i upper = _mm256_add_epi64(_mm256_mul_epu32(r3, high),
                                     _mm256_mul_epu32(rest, _mm256_srli_epi64(high, 32)));
    __m256i value = _mm256_add_epi64(part_of(sums.s0, crossed[0]), lower);
    return reduce(_mm256_add_epi64(value, upper), words);
}

CP_TARGET_AVX2 static inline __m256i start(const struct block *block) {
    return _mm256_sub_epi64(_mm256_setzero_si256(), load(block->crossed));
}

/* All bits set in the half of a prime that divides its lane's rest: the quotient modulo 2^32 of no
 * other is so small. */
CP_TARGET_AVX2 static inline __m256i divides(__m256i rest, const struct block *block) {
    __m256i inverses = load(block->inverses);
    __m256i low = _mm256_mul_epu32(rest, inverses);
    __m256i high = _mm256_mul_epu32(rest, _mm256_srli_epi64(inverses, 32));
    __m256i quotients = _mm256_blend_epi32(low, _mm256_slli_epi64(high, 32), 0xaa);
    return _mm256_cmpeq_epi32(quotients, _mm256_min_epu32(quotients, load(block->limits)));
}

/* Two blocks at once: their chains of multiplications overlap. */
CP_TARGET_AVX2 static inline __m256i try_blocks(const struct block *a, const struct block *b,
                                                const struct digits *digits) {
    __m256i a_rest = _mm256_setzero_si256(), b_rest = a_rest;
    for (size_t group = digits->num_groups; group-- > 0;) {
        const uint64_t(*pairs)[PAIRS] = &digits->pairs[group * GROUP];
        const uint64_t *crossed = &digits->crossed[group * GROUP];
        __m256i a0 = start(a), a1 = a0, a2 = a0, a3 = a0;
        __m256i b0 = start(b), b1 = b0, b2 = b0, b3 = b0;
        for (size_t j = 0; j < PAIRS; j++) {
            __m256i a_powers = load(a->powers[j]), b_powers = load(b->powers[j]);
            a0 = add_pair(a0, a_powers, pairs[0][j]);
            b0 = add_pair(b0, b_powers, pairs[0][j]);
            a1 = add_pair(a1, a_powers, pairs[1][j]);
            b1 = add_pair(b1, b_powers, pairs[1][j]);
            a2 = add_pair(a2, a_powers, pairs[2][j]);
            b2 = add_pair(b2, b_powers, pairs[2][j]);
            a3 = add_pair(a3, a_powers, pairs[3][j]);
            b3 = add_pair(b3, b_powers, pairs[3][j]);
        }
        a_rest = add_group(a_rest, (struct sums){a0, a1, a2, a3}, crossed, a);
        b_rest = add_group(b_rest, (struct sums){b0, b1, b2, b3}, crossed, b);
    }
    return _mm256_or_si256(divides(a_rest, a), divides(b_rest, b));
}

CP_TARGET_AVX2 bool cp_wide_factors_find(const struct cp_wide_factors *table,
                                         const struct cp_modulus *modulus) {
    struct digits digits;
    __m256i found = _mm256_setzero_si256();
    split_digits(&digits, modulus);
    for (size_t i = 0; i < table->num_blocks; i += 2)
        found =
            _mm256_or_si256(found, try_blocks(&table->blocks[i], &table->blocks[i + 1], &digits));
    return _mm256_movemask_epi8(found) != 0;
}
#else
/* Never called. */
struct cp_wide_factors *cp_wide_factors_new(const uint16_t *primes, size_t num_primes) {
    (void)primes, (void)num_primes;
    return NULL;
}

void cp_wide_factors_free(struct cp_wide_factors *table) {
    (void)table;
}

bool cp_wide_factors_find(const struct cp_wide_factors *table, const struct cp_modulus *modulus) {
    (void)table, (void)modulus;
    return true;
}
#endif
