#include "number.h"

__extension__ typedef unsigned __int128 uint128;

bool cp_modulus_init(struct cp_modulus *out, struct cp_span magnitude) {
    while (magnitude.len > 0 && magnitude.data[0] == 0) {
        magnitude.data++;
        magnitude.len--;
    }
    if (magnitude.len == 0 || magnitude.len > CP_MAX_RSA_BITS / 8 ||
        (magnitude.data[magnitude.len - 1] & 1) == 0 ||
        (magnitude.len == 1 && magnitude.data[0] == 1))
        return false;
    out->octets = magnitude;
    out->num_words = (magnitude.len + 7) / 8;
    for (size_t i = 0; i < out->num_words; i++)
        out->words[i] = 0;
    for (size_t i = 0; i < magnitude.len; i++)
        out->words[i / 8] |= (uint64_t)magnitude.data[magnitude.len - 1 - i] << (8 * (i % 8));
    return true;
}

uint64_t cp_modulus_rest(const struct cp_modulus *modulus, uint64_t divisor) {
    uint64_t rest = 0;
    for (size_t i = modulus->num_words; i-- > 0;)
        rest = (uint64_t)(((uint128)rest << CP_WORD_BITS | modulus->words[i]) % divisor);
    return rest;
}

/* ---- square root ----------------------------------------------------------------------------- */

#define SMALL_BITS 62

static bool small_sqrt(BIGNUM *root, BIGNUM *rest, const BIGNUM *n) {
    uint8_t octets[8];
    uint64_t value = 0;
    if (BN_bn2binpad(n, octets, sizeof(octets)) != (int)sizeof(octets))
        return false;
    for (size_t i = 0; i < sizeof(octets); i++)
        value = value << 8 | octets[i];
    if (value == 0)
        return BN_set_word(root, 0) == 1 && BN_set_word(rest, 0) == 1;
    /* Newton from above: it falls until it is there. */
    uint64_t guess = UINT64_C(1) << (SMALL_BITS / 2), next = guess;
    do {
        guess = next;
        next = (guess + value / guess) / 2;
    } while (next < guess);
    return BN_set_word(root, guess) == 1 && BN_set_word(rest, value - guess * guess) == 1;
}

/* P. Zimmermann, "Karatsuba Square Root", 1999: the root of the upper half, then one division. */
static bool combine(BIGNUM *root, BIGNUM *rest, const BIGNUM *n, int quarter, BN_CTX *ctx) {
    BIGNUM *upper = BN_CTX_get(ctx), *part = BN_CTX_get(ctx), *quotient = BN_CTX_get(ctx);
    if (quotient == NULL || BN_rshift(upper, n, 2 * quarter) != 1 ||
        !cp_number_sqrt(root, rest, upper, ctx))
        return false;
    /* quotient, upper = (rest * 2^quarter + second quarter of n from below) divided by 2 root */
    if (BN_rshift(part, n, quarter) != 1 || BN_copy(upper, part) == NULL ||
        BN_rshift(part, part, quarter) != 1 || BN_lshift(part, part, quarter) != 1 ||
        BN_sub(part, upper, part) != 1 || BN_lshift(rest, rest, quarter) != 1 ||
        BN_add(rest, rest, part) != 1 || BN_lshift1(part, root) != 1 ||
        BN_div(quotient, upper, rest, part, ctx) != 1)
        return false;
    if (BN_lshift(root, root, quarter) != 1 || BN_add(root, root, quotient) != 1)
        return false;
    /* rest = upper * 2^quarter + lowest quarter of n - quotient^2 */
    if (BN_lshift(rest, upper, quarter) != 1 || BN_rshift(part, n, quarter) != 1 ||
        BN_lshift(part, part, quarter) != 1 || BN_sub(part, n, part) != 1 ||
        BN_add(rest, rest, part) != 1 || BN_sqr(part, quotient, ctx) != 1 ||
        BN_sub(rest, rest, part) != 1)
        return false;
    while (BN_is_negative(rest)) { /* once at most */
        if (BN_add(rest, rest, root) != 1 || BN_sub_word(root, 1) != 1 ||
            BN_add(rest, rest, root) != 1)
            return false;
    }
    return true;
}

bool cp_number_sqrt(BIGNUM *root, BIGNUM *rest, const BIGNUM *n, BN_CTX *ctx) {
    if (BN_num_bits(n) <= SMALL_BITS)
        return small_sqrt(root, rest, n);
    BN_CTX_start(ctx);
    bool ok = combine(root, rest, n, BN_num_bits(n) / 4, ctx);
    BN_CTX_end(ctx);
    return ok;
}
