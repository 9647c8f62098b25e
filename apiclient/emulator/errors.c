/* The table of error codes. */
#include "faults.h"

#include <string.h>

static const struct esa_emu_error_row rows[ESA_EMU_NUM_CODES] = {
#define ERROR(name, code, status, message) [ESA_EMU_##name] = {code, status, message},
#include "errors.def"
#undef ERROR
};

const struct esa_emu_error_row *esa_emu_error_get(enum esa_emu_code code) {
    return &rows[code < ESA_EMU_NUM_CODES ? code : ESA_EMU_INTERNAL_ERROR];
}

bool esa_emu_error_find(enum esa_emu_code *out, const char *code) {
    for (int i = 0; i < ESA_EMU_NUM_CODES; i++) {
        if (strcmp(rows[i].code, code) == 0) {
            *out = (enum esa_emu_code)i;
            return true;
        }
    }
    return false;
}
