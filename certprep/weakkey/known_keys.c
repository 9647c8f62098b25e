#include "known_keys.h"

#include <string.h>

static const struct cp_known_key rows[] = {
#define KNOWN(digest, text) {digest, text},
#include "known_keys.def"
#undef KNOWN
};

size_t cp_num_known_keys(void) {
    return sizeof(rows) / sizeof(rows[0]);
}

const struct cp_known_key *cp_known_key_get(size_t index) {
    return &rows[index];
}

const struct cp_known_key *cp_known_key_find(const uint8_t spki_sha256[32]) {
    char hex[65];
    cp_hex(hex, spki_sha256, 32);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (memcmp(rows[i].spki_sha256, hex, 64) == 0)
            return &rows[i];
    return NULL;
}
