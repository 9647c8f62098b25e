/* fuzz: what the targets share.
 *
 * A target is one file with LLVMFuzzerTestOneInput. It asserts what must hold for every input, so
 * that a wrong answer is found as well as a crash. Built with CERTPREP_FUZZ=ON it is a libFuzzer
 * program; otherwise replay.c stands in for libFuzzer and runs the seeds as a test.
 */
#ifndef CP_FUZZ_H
#define CP_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Holds in every build type, and names the broken promise. */
#define FUZZ_ASSERT(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* An exact copy on the heap, so that a read past its end is seen. Never NULL. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size + (size == 0));
    FUZZ_ASSERT(copy != NULL);
    if (size != 0)
        memcpy(copy, data, size);
    return copy;
}

/* An empty span lies anywhere. */
static inline bool fuzz_is_inside(struct cp_span part, struct cp_span whole) {
    return part.len == 0 || (part.data >= whole.data && part.len <= whole.len &&
                             (size_t)(part.data - whole.data) <= whole.len - part.len);
}

/* Printable ASCII or a byte of a multi-byte UTF-8 sequence; line feeds and tabs if allowed. */
static inline void fuzz_is_shown_safely(const char *text, size_t len, bool lines) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        FUZZ_ASSERT((c >= 0x20 && c != 0x7f) || (lines && (c == '\n' || c == '\t')));
    }
}

typedef void fuzz_der_fn(struct cp_span der);

/* Calls take with the input itself, and with what each PEM block in it decodes to, so that text and
 * binary files are seeds alike. */
static inline void fuzz_each_der(const uint8_t *data, size_t size, fuzz_der_fn *take) {
    uint8_t *copy = fuzz_copy(data, size);
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true;
    take((struct cp_span){copy, size});
    cp_pem_reader_init(&reader, (struct cp_span){copy, size});
    while (found) {
        if (cp_pem_next(&reader, &block, &found, NULL) != CP_OK) {
            found = true;
            continue;
        }
        if (!found)
            break;
        size_t len = 0, bad = 0;
        const char *reason = NULL;
        uint8_t *out = malloc(cp_base64_max(block.body.len));
        FUZZ_ASSERT(out != NULL);
        if (cp_base64_decode(out, &len, block.body, &bad, &reason) == CP_OK) {
            uint8_t *der = fuzz_copy(out, len);
            take((struct cp_span){der, len});
            free(der);
        }
        free(out);
    }
    free(copy);
}

#endif
