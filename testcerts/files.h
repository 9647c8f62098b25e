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

extern const struct tc_file_row tc_file_rows[];
extern const size_t tc_num_file_rows;

void tc_readme_write(const char *outdir);

#endif
