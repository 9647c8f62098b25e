#include "oids.h"

#include <string.h>

#include "algorithm.h"

static const struct cp_oid_row rows[] = {
#define OID(dotted, name, attribute) {dotted, name, attribute},
#include "oids.def"
#undef OID
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

/* An octet gives less than four characters ("2.47", then ".127" at most), so this many are never
 * cut. */
#define WHOLE_OCTETS ((CP_OID_TEXT - 8) / 4)

void cp_oid_dotted(char out[CP_OID_TEXT], struct cp_span oid) {
    struct cp_span shown = {oid.data, oid.len < WHOLE_OCTETS ? oid.len : WHOLE_OCTETS};
    cp_oid_format(out, CP_OID_TEXT, shown);
    if (shown.len != oid.len) {
        size_t len = strlen(out);
        memcpy(out + len, "...", 4);
    }
}

const struct cp_oid_row *cp_oid_find(const char *dotted) {
    for (size_t i = 0; i < NUM_ROWS; i++)
        if (strcmp(rows[i].dotted, dotted) == 0)
            return &rows[i];
    return NULL;
}

size_t cp_oid_num_rows(void) {
    return NUM_ROWS;
}

const struct cp_oid_row *cp_oid_row(size_t index) {
    return index < NUM_ROWS ? &rows[index] : NULL;
}
