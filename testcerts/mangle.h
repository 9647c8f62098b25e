/* mangle: what customers' files have gone through, one defect at a time and in pairs. Writes
 * OUTDIR/mangled/. */
#ifndef TC_MANGLE_H
#define TC_MANGLE_H

#include "bytes.h"

/* What must come back when the defect is alone. */
enum tc_restored { TC_ALL, TC_NOT_FIRST, TC_NOT_LAST, TC_NOTHING };

struct tc_mangling {
    const char *name;
    const char *wrong; /* for people */
    enum tc_restored restored;
    void (*apply)(struct tc_bytes *text); /* does nothing where there is nothing for it to do */
};

extern const struct tc_mangling tc_manglings[];
extern const size_t tc_num_manglings;

/* One file for each defect, index.txt (name and SHA-256 of what must come back), and pairs.bin:
 * records of "first+second length LF bytes LF" on a smaller text. */
void tc_mangle_write(const char *outdir);
void tc_mangle_readme(struct tc_bytes *out);

#endif
