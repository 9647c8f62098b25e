/* Between rows.c, rows_names.c and rows_open.c. */
#ifndef CP_ONBOARD_ROWS_FILE_H
#define CP_ONBOARD_ROWS_FILE_H

#include "rows.h"
#include "sqlite.h"

enum statement {
    MATERIAL_FIND,
    MATERIAL_ADD,
    MATERIAL_GET,
    ROW_ADD,
    ROW_TWIN,
    ROW_SAVE,
    NEXT_BY_LINE, /* one for each filter, in its order */
    NEXT_THERE_BY_LINE,
    NEXT_NEW_BY_LINE,
    NEXT_BY_MATERIAL,
    NEXT_THERE_BY_MATERIAL,
    NEXT_NEW_BY_MATERIAL,
    NEXT_MATERIAL,
    NEXT_THERE_MATERIAL,
    NEXT_NEW_MATERIAL,
    HOSTNAMES,
    FIND,
    COUNT,
    UNNAMED_SITE,
    UNNAMED_RECORD,
    RESOLVE_SITE,
    RESOLVE_RECORD,
    BLOCK_SITE,
    BLOCK_RECORD,
    BLOCK_TWINS,
    NEXT_SITE,
    NO_CNAME,
    SET_CNAME,
    LOOK_SINGLY,
    NUM_STATEMENTS
};

struct onboard_rows {
    struct onboard_db base;
    sqlite3_stmt *statements[NUM_STATEMENTS];
};

#endif
