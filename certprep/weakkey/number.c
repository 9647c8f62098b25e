#include "number.h"

#include "square_root.h"

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
    cp_words_load(out->words, out->num_words, magnitude);
    return true;
}

uint64_t cp_words_rest(const uint64_t *words, size_t num, uint64_t divisor) {
    uint64_t rest = 0;
    for (size_t i = num; i-- > 0;)
        rest = (uint64_t)(((cp_uint128)rest << CP_WORD_BITS | words[i]) % divisor);
    return rest;
}

uint64_t cp_modulus_rest(const struct cp_modulus *modulus, uint64_t divisor) {
    return cp_words_rest(modulus->words, modulus->num_words, divisor);
}

bool cp_number_sqrt(BIGNUM *root, BIGNUM *rest, const BIGNUM *n, BN_CTX *ctx) {
    uint64_t words[CP_MAX_SQUARE_WORDS], root_words[CP_MAX_SQUARE_WORDS / 2];
    uint8_t octets[CP_MAX_SQUARE_WORDS * 8];
    int len = BN_num_bytes(n);
    size_t num = ((size_t)len + 7) / 8, root_num = (num + 1) / 2;
    if (num > CP_MAX_SQUARE_WORDS || BN_bn2bin(n, octets) != len)
        return false;
    cp_words_load(words, num, (struct cp_span){octets, (size_t)len});
    cp_square_root(root_words, words, num);
    for (size_t i = 0; i < 8 * root_num; i++)
        octets[8 * root_num - 1 - i] = (uint8_t)(root_words[i / 8] >> (8 * (i % 8)));
    return BN_bin2bn(octets, (int)(8 * root_num), root) != NULL && BN_sqr(rest, root, ctx) == 1 &&
           BN_sub(rest, n, rest) == 1;
}
