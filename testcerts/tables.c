/* The tables of certificates and of files, one of each an area. */
#include "certs.h"
#include "files.h"

#define TABLE(kind, area)                                                                          \
    extern const struct tc_##kind##_row tc_##area##_##kind##_rows[];                               \
    extern const size_t tc_num_##area##_##kind##_rows;
TABLE(cert, basic)
TABLE(file, basic)
TABLE(cert, weak)
TABLE(file, weak)
TABLE(cert, path)
TABLE(file, path)
TABLE(cert, explain)
TABLE(file, explain)
TABLE(cert, profile)
TABLE(file, profile)
TABLE(cert, webpki)
TABLE(file, webpki)
TABLE(cert, status)
TABLE(file, status)
TABLE(cert, hostile)
TABLE(file, hostile)
#undef TABLE

#define TABLE(kind, area)                                                                          \
    { tc_##area##_##kind##_rows, &tc_num_##area##_##kind##_rows }
const struct tc_cert_table tc_cert_tables[] = {
    TABLE(cert, basic),   TABLE(cert, weak),   TABLE(cert, path),   TABLE(cert, explain),
    TABLE(cert, profile), TABLE(cert, webpki), TABLE(cert, status), TABLE(cert, hostile),
};

const struct tc_file_table tc_file_tables[] = {
    TABLE(file, basic),   TABLE(file, weak),   TABLE(file, path),   TABLE(file, explain),
    TABLE(file, profile), TABLE(file, webpki), TABLE(file, status), TABLE(file, hostile),
};
#undef TABLE

const size_t tc_num_cert_tables = sizeof tc_cert_tables / sizeof tc_cert_tables[0];
const size_t tc_num_file_tables = sizeof tc_file_tables / sizeof tc_file_tables[0];
