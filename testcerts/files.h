/* files: the table of files. One row makes one file and its line in the README. */
#ifndef TC_FILES_H
#define TC_FILES_H

#include "bytes.h"

struct tc_file_row {
    const char *path;
    const char *recipe;  /* recipe.h */
    const char *shape;   /* NULL: as it is */
    const char *host;    /* to ask for; NULL: shop.acme.example */
    const char *wrong;   /* NULL: nothing */
    const char *openssl; /* what OpenSSL 3.0 says at the clock; judge.h */
};

/* One table an area, listed in tables.c. A folder's rows stand in one table. */
struct tc_file_table {
    const struct tc_file_row *rows;
    const size_t *num_rows;
};

extern const struct tc_file_table tc_file_tables[];
extern const size_t tc_num_file_tables;

void tc_readme_write(const char *outdir);

#endif
