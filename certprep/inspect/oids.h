/* oids: names of object identifiers, from oids.def. For showing only: nothing is decided by them.
 */
#ifndef CP_OIDS_H
#define CP_OIDS_H

#include "bytes.h"

struct cp_oid_row {
    const char *dotted;
    const char *name;
    const char *attribute; /* short form in a distinguished name; "" for what is no attribute */
};

#define CP_OID_TEXT 160 /* room for a dotted form; a longer one is cut and ends in "..." */

void cp_oid_dotted(char out[CP_OID_TEXT], struct cp_span oid);
/* NULL if it has no row. */
const struct cp_oid_row *cp_oid_find(const char *dotted);

size_t cp_oid_num_rows(void);
const struct cp_oid_row *cp_oid_row(size_t index);

#endif
