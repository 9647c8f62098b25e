/* model.h: what the service knows: sites and records (fixture.c), custom hostnames (store.c), how
 * they come along (state.c), the ledger of what was done (ledger.c), the hourly limit (rate.c). */
#ifndef ESA_EMULATOR_MODEL_H
#define ESA_EMULATOR_MODEL_H

#include "options.h"

/* ---- sites and records: read once, then never changed ---------------------------------------- */

enum { ESA_EMU_NAME_MAX = 253, ESA_EMU_WORD_MAX = 63, ESA_EMU_VALUE_MAX = 511 };

struct esa_emu_site {
    int64_t id;
    char name[ESA_EMU_NAME_MAX + 1]; /* lower case */
    char status[ESA_EMU_WORD_MAX + 1];
    char access_type[ESA_EMU_WORD_MAX + 1];
    char coverage[ESA_EMU_WORD_MAX + 1];
    char cname_zone[ESA_EMU_NAME_MAX + 1];
    char plan_name[ESA_EMU_NAME_MAX + 1];
};

struct esa_emu_record {
    int64_t id;
    size_t site; /* its place in sites */
    char name[ESA_EMU_NAME_MAX + 1];
    char type[ESA_EMU_WORD_MAX + 1];
    char cname[ESA_EMU_NAME_MAX + 1];
    char value[ESA_EMU_VALUE_MAX + 1];
    char source_type[ESA_EMU_WORD_MAX + 1];
    char auth_type[ESA_EMU_WORD_MAX + 1]; /* empty: no AuthConf */
    char auth_key[ESA_EMU_VALUE_MAX + 1];
    char auth_secret[ESA_EMU_VALUE_MAX + 1]; /* a canary: a client must not show it */
    bool proxied;
};

struct esa_emu_fixture {
    struct esa_emu_site *sites;
    size_t num_sites;
    struct esa_emu_record *records;
    size_t num_records;
};

/* path NULL: the fixture that is built in. NULL, or the reason why not. */
const char *esa_emu_fixture_init(struct esa_emu_fixture *fixture, const char *path);
/* NULL if there is none. */
const struct esa_emu_site *esa_emu_fixture_site(const struct esa_emu_fixture *fixture, int64_t id);
const struct esa_emu_record *esa_emu_fixture_record(const struct esa_emu_fixture *fixture,
                                                    int64_t id);
void esa_emu_fixture_cleanup(struct esa_emu_fixture *fixture);

/* ---- custom hostnames ------------------------------------------------------------------------ */

enum esa_emu_cert_type {
    ESA_EMU_CERT_NONE,
    ESA_EMU_CERT_FREE,
    ESA_EMU_CERT_UPLOAD,
    ESA_EMU_CERT_CAS
};

/* "", "free", "upload", "cas" */
const char *esa_emu_cert_type_name(enum esa_emu_cert_type type);

/* A certificate as a request brings it. */
struct esa_emu_cert {
    enum esa_emu_cert_type type;
    struct esa_emu_span certificate, private_key;
    char sha256[65]; /* of an uploaded leaf; else empty */
    int64_t not_after_s;
    int64_t cas_id;
    char cas_region[ESA_EMU_WORD_MAX + 1];
};

struct esa_emu_entry {
    char hostname[ESA_EMU_HOSTNAME_MAX + 1]; /* lower case */
    int64_t id, site_id, record_id;
    int64_t created_s, updated_s;
    bool deleted;
    bool ssl;
    bool verified;
    struct esa_emu_cert cert; /* its spans are this entry's own blocks, wiped on the way out */
    int64_t cert_set_s;
    /* Looks are answers of Get and List that showed this hostname; states hang on them. */
    int64_t verify_calls, looks, active_from, applied_at, num_applications;
};

struct esa_emu_changes {
    int64_t record_id; /* 0: as it is */
    bool has_ssl, ssl;
    struct esa_emu_cert cert; /* ESA_EMU_CERT_NONE: as it is */
};

/* What a look at an entry shows. */
struct esa_emu_view {
    const char *status, *conflict_with, *offline_reason;
    const char *cert_status; /* empty: no certificate is asked for */
    bool has_records;        /* the certificate's verification records */
    int64_t not_after_s;
    int64_t apply_code; /* 0: none */
    const char *apply_message;
};

void esa_emu_state_view(struct esa_emu_view *view, const struct esa_emu_entry *entry,
                        const struct esa_emu_rules *rules, int64_t now_s);

enum esa_emu_match {
    ESA_EMU_MATCH_EXACT,
    ESA_EMU_MATCH_PREFIX,
    ESA_EMU_MATCH_SUFFIX,
    ESA_EMU_MATCH_FUZZY
};

/* text empty: everything matches. Both are in lower case. */
bool esa_emu_match(const char *name, const char *text, enum esa_emu_match how);

struct esa_emu_filter {
    int64_t site_id, record_id; /* 0: any */
    char hostname[ESA_EMU_HOSTNAME_MAX + 1];
    enum esa_emu_match how;
    char status[ESA_EMU_WORD_MAX + 1];
    int64_t page_number, page_size;
};

struct esa_emu_store;

/* NULL, or the reason why not. Reads an existing ledger back. */
const char *esa_emu_store_new(struct esa_emu_store **out, struct esa_emu_options *options);
void esa_emu_store_free(struct esa_emu_store *store);

/* Each of the following is ESA_EMU_ACCEPTED or the refusal, and is in the ledger before it returns
 * if it changed anything. ids come from create. */
enum esa_emu_code esa_emu_store_create(struct esa_emu_store *store, int64_t *id,
                                       int64_t *retry_after_ms, const struct esa_emu_entry *fresh);
enum esa_emu_code esa_emu_store_update(struct esa_emu_store *store, int64_t id,
                                       const struct esa_emu_changes *changes);
enum esa_emu_code esa_emu_store_verify(struct esa_emu_store *store, int64_t id);
enum esa_emu_code esa_emu_store_apply(struct esa_emu_store *store, int64_t id);
enum esa_emu_code esa_emu_store_delete(struct esa_emu_store *store, int64_t id);

/* Called with the store locked; the entry is good until it returns. */
typedef void esa_emu_look_fn(struct esa_emu_buf *out, const struct esa_emu_entry *entry,
                             const struct esa_emu_view *view, void *context);
enum esa_emu_code esa_emu_store_get(struct esa_emu_store *store, int64_t id,
                                    struct esa_emu_buf *out, esa_emu_look_fn *look, void *context);
/* Shows the filter's page to look; *total is how many match. */
void esa_emu_store_list(struct esa_emu_store *store, int64_t *total,
                        const struct esa_emu_filter *filter, struct esa_emu_buf *out,
                        esa_emu_look_fn *look, void *context);
/* The hostname of an id; "" if there is none. */
void esa_emu_store_name(struct esa_emu_store *store, char out[ESA_EMU_HOSTNAME_MAX + 1],
                        int64_t id);

/* ---- the ledger: one line an operation that was carried out ---------------------------------- */

struct esa_emu_ledger {
    int fd;      /* -1: none, or it broke */
    bool wanted; /* false: there is none */
    int64_t line;
};

/* One operation, as a line holds it. */
struct esa_emu_deed {
    char action[ESA_EMU_WORD_MAX + 1];
    int64_t time_s;
    bool has_cert; /* ssl and cert are told */
    struct esa_emu_entry entry;
};

/* Replays path, then opens it to append; the lock on it is kept. NULL, or the reason why not; a
 * deed that does not fit what came before makes replay false, and sets the reason. */
typedef bool esa_emu_replay_fn(void *context, const char **reason, const struct esa_emu_deed *deed);
const char *esa_emu_ledger_open(struct esa_emu_ledger *ledger, const char *path,
                                esa_emu_replay_fn *replay, void *context);
/* True once the line is written whole, or if there is no ledger. */
bool esa_emu_ledger_write(struct esa_emu_ledger *ledger, const struct esa_emu_deed *deed);
void esa_emu_ledger_close(struct esa_emu_ledger *ledger);

/* ---- creations in a window of time ----------------------------------------------------------- */

struct esa_emu_rate {
    int64_t *times_ms; /* a ring of the last `max` */
    size_t max, num, first;
    int64_t window_ms;
};

bool esa_emu_rate_init(struct esa_emu_rate *rate, int64_t max, int64_t window_s);
/* False if the window is full; *retry_after_ms is how long it stays so. */
bool esa_emu_rate_take(struct esa_emu_rate *rate, int64_t *retry_after_ms, int64_t now_ms);
void esa_emu_rate_cleanup(struct esa_emu_rate *rate);

#endif
