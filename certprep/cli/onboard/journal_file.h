/* Between journal.c and journal_open.c. */
#ifndef CP_ONBOARD_JOURNAL_FILE_H
#define CP_ONBOARD_JOURNAL_FILE_H

#include "journal.h"
#include "sqlite.h"

#define ONBOARD_JOURNAL_STATEMENTS ((size_t)8)

struct onboard_journal {
    struct onboard_db base;
    char *name;
    int fd; /* holds the lock */
    bool for_writing;
    bool is_empty; /* a plan without a journal: nothing is found */
    int64_t run;   /* 0: none was noted */
    sqlite3_stmt *statements[ONBOARD_JOURNAL_STATEMENTS];
};

CP_MUST_USE enum cp_status onboard_journal_prepare(struct onboard_journal *journal,
                                                   struct cp_error *err);

#endif
