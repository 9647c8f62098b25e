#include "algorithm.h"

#include <stdio.h>

#define OID(bytes)                                                                                 \
    { (const uint8_t *)(bytes), sizeof(bytes) - 1 }

static const struct cp_key_algorithm keys[CP_NUM_KEY_TYPES] = {
    [CP_KEY_UNKNOWN] = {.text = "unknown algorithm", .kind = CP_KIND_OTHER},
#define KEY(name, text, kind, bits, oid) [CP_KEY_##name] = {text, CP_KIND_##kind, bits, OID(oid)},
#include "algorithms.def"
#undef KEY
};

static const struct cp_signature_algorithm signatures[CP_NUM_SIGNATURE_TYPES] = {
    [CP_SIGNATURE_UNKNOWN] = {.text = "unknown algorithm", .kind = CP_KIND_OTHER, .digest = ""},
#define SIGNATURE(name, text, kind, digest, weak, oid)                                             \
    [CP_SIGNATURE_##name] = {text, CP_KIND_##kind, digest, weak, OID(oid)},
#include "algorithms.def"
#undef SIGNATURE
};

const struct cp_span cp_oid_ec_public_key = OID("\x2a\x86\x48\xce\x3d\x02\x01");

const struct cp_key_algorithm *cp_key_algorithm_get(enum cp_key_type type) {
    return &keys[(unsigned)type < CP_NUM_KEY_TYPES ? type : CP_KEY_UNKNOWN];
}

const struct cp_signature_algorithm *cp_signature_algorithm_get(enum cp_signature_type type) {
    return &signatures[(unsigned)type < CP_NUM_SIGNATURE_TYPES ? type : CP_SIGNATURE_UNKNOWN];
}

enum cp_key_type cp_key_type_from_oid(struct cp_span oid) {
    for (unsigned i = 1; i < CP_NUM_KEY_TYPES; i++)
        if (cp_span_equal(keys[i].oid, oid))
            return (enum cp_key_type)i;
    return CP_KEY_UNKNOWN;
}

bool cp_key_type_is_curve(enum cp_key_type type) {
    const struct cp_key_algorithm *row = cp_key_algorithm_get(type);
    return row->kind == CP_KIND_EC || (row->kind == CP_KIND_OTHER && row->bits != 0);
}

enum cp_signature_type cp_signature_type_from_oid(struct cp_span oid) {
    for (unsigned i = 1; i < CP_NUM_SIGNATURE_TYPES; i++)
        if (cp_span_equal(signatures[i].oid, oid))
            return (enum cp_signature_type)i;
    return CP_SIGNATURE_UNKNOWN;
}

void cp_oid_format(char *out, size_t out_size, struct cp_span oid) {
    size_t used = 0;
    uint64_t arc = 0;
    bool first = true;
    out[0] = '\0';
    for (size_t i = 0; i < oid.len; i++) {
        arc = arc << 7 | (oid.data[i] & 0x7f);
        if (arc >> 56 != 0) { /* an arc that no one uses: say that it goes on */
            snprintf(out + used, out_size - used, "...");
            return;
        }
        if ((oid.data[i] & 0x80) != 0)
            continue;
        int len;
        if (first) {
            unsigned root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
            len = snprintf(out + used, out_size - used, "%u.%llu", root,
                           (unsigned long long)(arc - 40 * root));
        } else {
            len = snprintf(out + used, out_size - used, ".%llu", (unsigned long long)arc);
        }
        if (len < 0 || (size_t)len >= out_size - used)
            return;
        used += (size_t)len;
        arc = 0;
        first = false;
    }
}
