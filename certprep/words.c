#include "words.h"

static uint64_t load_word(const uint8_t *octets) {
    return (uint64_t)octets[0] << 56 | (uint64_t)octets[1] << 48 | (uint64_t)octets[2] << 40 |
           (uint64_t)octets[3] << 32 | (uint64_t)octets[4] << 24 | (uint64_t)octets[5] << 16 |
           (uint64_t)octets[6] << 8 | octets[7];
}

void cp_words_load(uint64_t *out, size_t num, struct cp_span number) {
    size_t whole = number.len / 8;
    for (size_t i = 0; i < num; i++)
        out[i] = i < whole ? load_word(number.data + number.len - 8 * (i + 1)) : 0;
    for (size_t i = 0; i < number.len % 8; i++)
        out[whole] = out[whole] << 8 | number.data[i];
}

uint64_t cp_words_differ(const uint64_t *a, const uint64_t *b, size_t num) {
    uint64_t differ = 0;
    for (size_t i = 0; i < num; i++)
        differ |= a[i] ^ b[i];
    return differ;
}

uint64_t cp_words_subtract(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t num) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < num; i++) {
        cp_uint128 difference = (cp_uint128)a[i] - b[i] - borrow;
        out[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return borrow;
}

/* A column of a product: 192 bits. */
struct sum {
    cp_uint128 low;
    uint64_t high;
};

static inline void add(struct sum *sum, cp_uint128 value) {
    sum->high += (uint64_t)__builtin_add_overflow(sum->low, value, &sum->low);
}

static inline uint64_t take_word(struct sum *sum) {
    uint64_t word = (uint64_t)sum->low;
    sum->low = sum->low >> 64 | (cp_uint128)sum->high << 64;
    sum->high = 0;
    return word;
}

/* The products of a[i] and b[column - i], i from first to the one before last. */
static inline void add_products(struct sum *sum, const uint64_t *a, const uint64_t *b,
                                size_t column, size_t first, size_t last) {
    for (size_t i = first; i < last; i++)
        add(sum, (cp_uint128)a[i] * b[column - i]);
}

void cp_words_multiply(uint64_t *out, const uint64_t *a, size_t a_num, const uint64_t *b,
                       size_t b_num) {
    struct sum sum = {.low = 0};
    for (size_t i = 0; i < a_num + b_num; i++) {
        size_t first = i >= b_num ? i - b_num + 1 : 0;
        add_products(&sum, a, b, i, first, i < a_num ? i + 1 : a_num);
        out[i] = take_word(&sum);
    }
}

/* Newton's iteration doubles the good bits, of which the first value has 5. */
uint64_t cp_word_inverse(uint64_t odd) {
    uint64_t x = (3 * odd) ^ 2;
    for (int bits = 5; bits < 64; bits *= 2)
        x *= 2 - odd * x;
    return x;
}

/* Hensel's division: multiples of odd make the lowest words 0, until what is left is below twice
 * odd. It is 0 modulo odd as x is, and not 0 itself. The words of x that became 0 keep by what odd
 * was multiplied. */
bool cp_words_is_multiple(uint64_t *x, size_t x_num, const uint64_t *odd, size_t num) {
    const uint64_t inverse = 0 - cp_word_inverse(odd[0]);
    const size_t rounds = x_num - num + 1;
    struct sum sum = {.low = 0};
    uint64_t differ = 0;
    x[x_num] = 0;
    for (size_t i = 0; i < rounds; i++) {
        add(&sum, x[i]);
        add_products(&sum, x, odd, i, i >= num ? i - num + 1 : 0, i);
        x[i] = (uint64_t)sum.low * inverse;
        add(&sum, (cp_uint128)x[i] * odd[0]);
        (void)take_word(&sum);
    }
    for (size_t i = rounds; i <= x_num; i++) {
        add(&sum, x[i]);
        add_products(&sum, x, odd, i, i >= num ? i - num + 1 : 0, rounds);
        differ |= take_word(&sum) ^ odd[i - rounds];
    }
    return (differ | (uint64_t)sum.low) == 0;
}
