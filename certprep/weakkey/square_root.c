/* P. Zimmermann, "Karatsuba Square Root", 1999: the root of the upper half, then one division by
 * its double for the lower half of the root. */
#include "square_root.h"

#include <string.h>

#define MAX_ROOT (CP_MAX_SQUARE_WORDS / 2)

/* a += b, of b_num words, a_num at least: what is carried on goes into the words above. */
static void add(uint64_t *a, size_t a_num, const uint64_t *b, size_t b_num) {
    uint64_t carry = 0;
    for (size_t i = 0; i < a_num && (i < b_num || carry != 0); i++) {
        cp_uint128 sum = (cp_uint128)a[i] + (i < b_num ? b[i] : 0) + carry;
        a[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
}

static void shift_right(uint64_t *a, size_t num, unsigned bits) {
    for (size_t i = 0; i < num && bits != 0; i++)
        a[i] = a[i] >> bits | (i + 1 < num ? a[i + 1] << (64 - bits) : 0);
}

static void shift_left(uint64_t *a, size_t num, unsigned bits) {
    for (size_t i = num; i-- > 0 && bits != 0;)
        a[i] = a[i] << bits | (i > 0 ? a[i - 1] >> (64 - bits) : 0);
}

/* a -= b * factor; a has a word more than b, num of them. True if that was too much. */
static bool subtract_multiple(uint64_t *a, const uint64_t *b, size_t num, uint64_t factor) {
    uint64_t carry = 0, before;
    for (size_t i = 0; i < num; i++) {
        cp_uint128 product = (cp_uint128)b[i] * factor + carry;
        before = a[i];
        a[i] = before - (uint64_t)product;
        carry = (uint64_t)(product >> 64) + (before < (uint64_t)product);
    }
    before = a[num];
    a[num] = before - carry;
    return before < carry;
}

/* a / b, below 2^64; the rest stays in a, which has a word more than b, num of them. */
static uint64_t divide_word(uint64_t *a, const uint64_t *b, size_t num) {
    uint64_t guess = UINT64_MAX;
    if (a[num] < b[num - 1])
        guess = (uint64_t)(((cp_uint128)a[num] << 64 | a[num - 1]) / b[num - 1]);
    bool below = subtract_multiple(a, b, num, guess);
    for (; below; guess--) { /* never too small, and by two too large at most */
        add(a, num + 1, b, num);
        below = a[num] != 0;
    }
    return guess;
}

/* Knuth, TAOCP 2, 4.3.1 D: a / b, whose upper bit is set; the rest stays in a, of quotient_num +
 * num + 1 words. Returns what of the quotient is over quotient_num words, which is below 2^64. */
static uint64_t divide(uint64_t *quotient, size_t quotient_num, uint64_t *a, const uint64_t *b,
                       size_t num) {
    uint64_t over = divide_word(a + quotient_num, b, num);
    for (size_t i = quotient_num; i-- > 0;)
        quotient[i] = divide_word(a + i, b, num);
    return over;
}

/* Newton from above: it falls until it is there. The upper bits of n are not both 0. */
static uint64_t root_of_two(const uint64_t n[2]) {
    cp_uint128 value = (cp_uint128)n[1] << 64 | n[0], guess, next = UINT64_MAX;
    do {
        guess = next;
        next = (guess + value / guess) / 2;
    } while (next < guess);
    return (uint64_t)guess;
}

static void subtract(uint64_t *a, const uint64_t *b, size_t num) {
    (void)cp_words_subtract(a, a, b, num);
}

/* out = 2 * a, with a word more. */
static void take_twice(uint64_t *out, const uint64_t *a, size_t num) {
    uint64_t carry = 0;
    for (size_t i = 0; i < num; i++) {
        out[i] = a[i] << 1 | carry;
        carry = a[i] >> 63;
    }
    out[num] = carry;
}

/* root has num words; n has twice as many, of whose upper two bits one is set. The rest, n -
 * root^2, which is 2 * root at most, stays in num + 1 words of n; the others become 0. */
static void find_root(uint64_t *root, uint64_t *n, size_t num) {
    uint64_t quotient[MAX_ROOT / 2], square[MAX_ROOT + 1], twice[MAX_ROOT + 1];
    size_t low = num / 2, high = num - low;
    if (num == 1) {
        root[0] = root_of_two(n);
        cp_words_multiply(square, root, 1, root, 1);
        subtract(n, square, 2);
        return;
    }
    find_root(root + low, n + 2 * low, high);
    /* The rest of the upper half and the second quarter, by 2 * root: half of them by root. */
    uint64_t odd = n[low] & 1;
    shift_right(n + low, low + high + 1, 1);
    uint64_t over = divide(quotient, low, n + low, root + low, high);
    shift_left(n + low, high + 1, 1);
    n[low] |= odd;
    if (over != 0) { /* one too large for the low half */
        take_twice(twice, root + low, high);
        memset(quotient, 0xff, low * sizeof(*quotient));
        add(n + low, low + high, twice, high + 1);
    }
    memcpy(root, quotient, low * sizeof(*root));
    cp_words_multiply(square, quotient, low, quotient, low);
    memset(square + 2 * low, 0, (num + 1 - 2 * low) * sizeof(*square));
    subtract(n, square, num + 1);
    while (n[num] >> 63 != 0) { /* below 0, once at most: n + 2 * root - 1, root - 1 */
        const uint64_t one[MAX_ROOT + 1] = {1};
        take_twice(twice, root, num);
        add(n, num + 1, twice, num + 1);
        subtract(n, one, num + 1);
        subtract(root, one, num);
    }
}

void cp_square_root(uint64_t *root, const uint64_t *n, size_t num) {
    uint64_t work[CP_MAX_SQUARE_WORDS], out[MAX_ROOT];
    size_t skip = 0, root_num = (num + 1) / 2;
    memset(root, 0, root_num * sizeof(*root));
    while (num > 0 && n[num - 1] == 0)
        num--;
    if (num == 0)
        return;
    /* Moved up by an even number of bits; the root is then moved down by half of them. */
    size_t out_num = (num + 1) / 2;
    skip = num % 2;
    unsigned bits = (unsigned)__builtin_clzll(n[num - 1]) & ~1U;
    memset(work, 0, skip * sizeof(*work));
    memcpy(work + skip, n, num * sizeof(*work));
    shift_left(work + skip, num, bits);
    find_root(out, work, out_num);
    unsigned down = (unsigned)skip * 32 + bits / 2;
    shift_right(out, out_num, down);
    memcpy(root, out, out_num * sizeof(*root));
}
