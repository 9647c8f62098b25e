/* codes: the table of codes.def. */
#include <string.h>

#include "apiclient.h"

static const struct esa_code codes[] = {
#define NORMAL false, 0
#define SLOW true, 2
#define ROW(code, is_prefix, class_of, result, ...)                                                \
    {code, is_prefix, ESA_CLASS_##class_of, ESA_##result, __VA_ARGS__},
#define CODE(code, class_of, result, pace, status, meaning, advice, source)                        \
    ROW(code, false, class_of, result, pace, status, meaning, advice, source)
#define PREFIX(code, class_of, result, pace, status, meaning, advice, source)                      \
    ROW(code, true, class_of, result, pace, status, meaning, advice, source)
#include "codes.def"
};

size_t esa_num_codes(void) {
    return sizeof(codes) / sizeof(codes[0]);
}

const struct esa_code *esa_code_get(size_t index) {
    return index < esa_num_codes() ? &codes[index] : NULL;
}

const struct esa_code *esa_code_find(const char *code) {
    const struct esa_code *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; i < esa_num_codes(); i++) {
        size_t len = strlen(codes[i].code);
        if (!codes[i].is_prefix && strcmp(codes[i].code, code) == 0)
            return &codes[i];
        if (codes[i].is_prefix && len > best_len && strncmp(codes[i].code, code, len) == 0) {
            best = &codes[i];
            best_len = len;
        }
    }
    return best;
}

const char *esa_class_name(enum esa_class class_of) {
    static const char *const names[ESA_NUM_CLASSES] = {
        [ESA_CLASS_RETRY] = "retry", [ESA_CLASS_RECONCILE] = "reconcile", [ESA_CLASS_FIX] = "fix",
        [ESA_CLASS_ASK] = "ask",     [ESA_CLASS_UNKNOWN] = "unknown",
    };
    return (unsigned)class_of < ESA_NUM_CLASSES ? names[class_of] : "unknown";
}

const char *esa_result_name(enum esa_result result) {
    static const char *const names[ESA_NUM_RESULTS] = {
        [ESA_ACCEPTED] = "ACCEPTED",
        [ESA_REFUSED] = "REFUSED",
        [ESA_UNKNOWN] = "UNKNOWN",
    };
    return (unsigned)result < ESA_NUM_RESULTS ? names[result] : "UNKNOWN";
}
