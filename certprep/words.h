/* words: numbers of a stated length, least word first, as arrays. Each function takes the same time
 * for every value of a length, so that private values may be given. */
#ifndef CP_WORDS_H
#define CP_WORDS_H

#include "bytes.h"

__extension__ typedef unsigned __int128 cp_uint128;

/* Octets to num words, whose upper ones become 0; number.len is 8 * num at most. */
void cp_words_load(uint64_t *out, size_t num, struct cp_span number);
/* 0 if they are the same. */
uint64_t cp_words_differ(const uint64_t *a, const uint64_t *b, size_t num);
/* out = a - b; the borrow. out may be a or b. */
uint64_t cp_words_subtract(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t num);
/* out = a * b, of a_num + b_num words; it is neither. */
void cp_words_multiply(uint64_t *out, const uint64_t *a, size_t a_num, const uint64_t *b,
                       size_t b_num);
/* Does an odd number, whose uppermost word is not 0, divide x? x is not 0, has x_num words, num at
 * least, and room for two more; it is overwritten. */
bool cp_words_is_multiple(uint64_t *x, size_t x_num, const uint64_t *odd, size_t num);
/* The inverse of an odd number modulo 2^64. */
uint64_t cp_word_inverse(uint64_t odd);

#endif
