/* square_root: of public numbers: its time depends on the value. */
#ifndef CP_WEAKKEY_SQUARE_ROOT_H
#define CP_WEAKKEY_SQUARE_ROOT_H

#include "../words.h"
#include "number.h"

/* root = floor(sqrt(n)); n has num words, CP_MAX_SQUARE_WORDS at most, root half as many, rounded
 * up. */
void cp_square_root(uint64_t *root, const uint64_t *n, size_t num);

#endif
