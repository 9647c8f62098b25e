/* rows: the manifest's rows, and what this run came to know of each, in a temporary database: it
 * holds a few pages in memory, whatever the number of rows, and has no name in the file system. */
#ifndef CP_ONBOARD_ROWS_H
#define CP_ONBOARD_ROWS_H

#include "apiclient/apiclient.h"
#include "bytes.h"

enum onboard_state {
#define STATE(name, word, exit_code, failure, meaning) ONBOARD_##name,
#include "states.def"
#undef STATE
    ONBOARD_NUM_STATES
};

const char *onboard_state_word(enum onboard_state state);
const char *onboard_state_meaning(enum onboard_state state);
int onboard_state_exit(enum onboard_state state);
bool onboard_state_is_failure(enum onboard_state state);
/* ONBOARD_NUM_STATES if the word is none. */
enum onboard_state onboard_state_find(const char *word);
/* CREATE, UPDATE, RESUME: something is still to be sent. */
bool onboard_state_is_open(enum onboard_state state);

#define ONBOARD_TAG_MAX ((size_t)257)
#define ONBOARD_REASON_MAX ((size_t)1024)

#define ONBOARD_SEEN_MAX ((size_t)128)

/* Owns nothing. "" and 0: not given, or not known. */
struct onboard_row {
    int64_t id;                  /* counts from 1 in the manifest's order */
    int64_t line;                /* in the manifest */
    int64_t material;            /* 0: none; id of a set of files */
    char hostname[ESA_NAME_MAX]; /* A-label form */
    char site[ESA_NAME_MAX], record[ESA_NAME_MAX];
    int64_t site_id, record_id;
    enum esa_create_kind kind;
    int64_t cas_id;
    char cas_region[ESA_WORD_MAX];
    char tag[ONBOARD_TAG_MAX];

    enum onboard_state state;
    char reason[ONBOARD_REASON_MAX]; /* one line, escaped */
    int64_t hostname_id;
    char request_id[ESA_ID_TEXT_MAX];
    char leaf_sha256[ESA_SHA256_HEX_MAX];
    char digest[ESA_SHA256_HEX_MAX]; /* of what is wanted: onboard_digest */
    char status[ESA_WORD_MAX], cert_status[ESA_WORD_MAX];
    char seen[ONBOARD_SEEN_MAX]; /* what a list said of it: onboard_row_see */
    /* for the customer */
    char verify_host[ESA_NAME_MAX], verify_code[ESA_VALUE_MAX];
    char cert_txt_key[ESA_NAME_MAX], cert_txt_value[ESA_VALUE_MAX];
    char cert_http_key[ESA_VALUE_MAX], cert_http_value[ESA_VALUE_MAX];
    char record_cname[ESA_NAME_MAX];
};

/* SHA-256, in hex, of everything that the row asks for: hostname, ids, kind, certificate. A rerun
 * with another manifest is noticed by it. leaf_sha256 must be set for an upload. */
CP_MUST_USE enum cp_status onboard_digest(struct onboard_row *row, struct cp_error *err);
/* Takes over what the service says of the hostname: ids, states, records. */
void onboard_row_take(struct onboard_row *row, const struct esa_hostname *found);

/* RecordId, SslFlag and CertType as they are there, and as the row wants them: equal texts say that
 * a list's row agrees as far as it goes. */
void onboard_row_see(struct onboard_row *row, const struct esa_hostname *listed);
void onboard_row_wanted(char out[ONBOARD_SEEN_MAX], const struct onboard_row *row);
/* Sets row->reason, escaped. */
void onboard_row_reason(struct onboard_row *row, const char *format, ...) CP_PRINTF(2, 3);

/* Files of one certificate: what the rows that share them are judged by. "" for none. */
struct onboard_files {
    char cert[4096], key[4096], chain[4096];
};

struct onboard_rows;

CP_MUST_USE enum cp_status onboard_rows_new(struct onboard_rows **out, struct cp_error *err);
void onboard_rows_free(struct onboard_rows *rows);

/* *first_line is 0, or the line of a row with the same hostname and site: then nothing was added.
 * Sets row->id; files may be NULL. */
CP_MUST_USE enum cp_status onboard_rows_add(struct onboard_rows *rows, struct onboard_row *row,
                                            int64_t *first_line, const struct onboard_files *files,
                                            struct cp_error *err);
/* Writes everything but id, line, hostname, site, record, kind, cas and tag. */
CP_MUST_USE enum cp_status onboard_rows_save(struct onboard_rows *rows,
                                             const struct onboard_row *row, struct cp_error *err);

enum onboard_order {
    ONBOARD_BY_LINE,
    ONBOARD_BY_MATERIAL, /* rows of one set of files together; those without come first */
};

enum onboard_filter {
    ONBOARD_ALL_ROWS,
    ONBOARD_THERE_ROWS, /* UPDATE and RESUME: they need no creation, or hardly ever one */
    ONBOARD_NEW_ROWS,   /* CREATE */
    ONBOARD_NUM_FILTERS
};

/* A place in the rows; all zero is before the first. */
struct onboard_cursor {
    enum onboard_order order;
    enum onboard_filter filter;
    int64_t material, id;
};
/* The next row; *found false at the end. Rows may be saved in between. */
CP_MUST_USE enum cp_status onboard_rows_next(struct onboard_rows *rows,
                                             struct onboard_cursor *cursor, bool *found,
                                             struct onboard_row *row, struct cp_error *err);
/* Up to max hostnames of a set of files, from row `after` on, in the order of ids: names has room
 * for max. *last is the id of the last one. */
CP_MUST_USE enum cp_status onboard_rows_hostnames(struct onboard_rows *rows,
                                                  char (*names)[ESA_NAME_MAX], int64_t *ids,
                                                  size_t *num, size_t max, int64_t material,
                                                  int64_t after, struct cp_error *err);
CP_MUST_USE enum cp_status onboard_rows_files(struct onboard_rows *rows, struct onboard_files *out,
                                              int64_t material, struct cp_error *err);
/* The row of this hostname whose site has this id; *found false if there is none. */
CP_MUST_USE enum cp_status onboard_rows_find(struct onboard_rows *rows, bool *found,
                                             struct onboard_row *row, const char *hostname,
                                             int64_t site_id, struct cp_error *err);
/* Rows in each state. */
CP_MUST_USE enum cp_status onboard_rows_count(struct onboard_rows *rows,
                                              size_t counts[ONBOARD_NUM_STATES],
                                              struct cp_error *err);
/* Several changes at once, which is quicker; not for safety: nothing here outlives the run. */
CP_MUST_USE enum cp_status onboard_rows_begin(struct onboard_rows *rows, struct cp_error *err);
CP_MUST_USE enum cp_status onboard_rows_commit(struct onboard_rows *rows, struct cp_error *err);

/* Names that are still without an id, each once: a site, or a record of a site whose id is known.
 * *found false if there is none. */
struct onboard_name {
    char site[ESA_NAME_MAX], record[ESA_NAME_MAX]; /* record "": a site is asked for */
    int64_t site_id;
};
CP_MUST_USE enum cp_status onboard_rows_unnamed(struct onboard_rows *rows, bool *found,
                                                struct onboard_name *name, struct cp_error *err);
/* Has what row->seen says of rows that are to be looked up one by one. */
#define ONBOARD_SEEN_UNKNOWN "?"
CP_MUST_USE enum cp_status onboard_rows_look_singly(struct onboard_rows *rows, int64_t site_id,
                                                    struct cp_error *err);
/* Ids of records that rows name by id, each once, without a cname yet; *record_id 0: no more. */
CP_MUST_USE enum cp_status onboard_rows_no_cname(struct onboard_rows *rows, int64_t after,
                                                 int64_t *record_id, struct cp_error *err);
CP_MUST_USE enum cp_status onboard_rows_set_cname(struct onboard_rows *rows, int64_t record_id,
                                                  const char *cname, struct cp_error *err);
/* Gives all rows of that name the id (and, for a record, its cname); or, where id is 0, blocks them
 * for the reason. */
CP_MUST_USE enum cp_status onboard_rows_resolve(struct onboard_rows *rows,
                                                const struct onboard_name *name, int64_t id,
                                                const char *cname, const char *reason,
                                                struct cp_error *err);
/* Blocks each row whose hostname and site (by id) an earlier row has, too. */
CP_MUST_USE enum cp_status onboard_rows_block_twins(struct onboard_rows *rows,
                                                    struct cp_error *err);
/* The sites of the rows that are not blocked, one after the other, and how many rows each has. */
CP_MUST_USE enum cp_status onboard_rows_site(struct onboard_rows *rows, int64_t after,
                                             int64_t *site_id, size_t *num_rows,
                                             struct cp_error *err);

#endif
