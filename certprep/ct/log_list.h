/* log_list: the logs that browsers know, from the published list (version 3 of its JSON form):
 * operators[].logs[] and .tiled_logs[], each with key, log_id and state. */
#ifndef CP_LOG_LIST_H
#define CP_LOG_LIST_H

#include "sct.h"

enum cp_log_state {
    CP_LOG_UNSTATED, /* the list does not say */
    CP_LOG_PENDING,
    CP_LOG_QUALIFIED,
    CP_LOG_USABLE,
    CP_LOG_READONLY,
    CP_LOG_RETIRED,
    CP_LOG_REJECTED,
};

const char *cp_log_state_name(enum cp_log_state state);

#define CP_MAX_LOG_OWNERS 8

struct cp_log {
    uint8_t id[CP_LOG_ID_LEN];
    uint8_t *spki; /* owned; what key borrows from */
    struct cp_cert key;
    char *description; /* escaped */
    enum cp_log_state state;
    int64_t state_s; /* since when */
    size_t owner;    /* index of operators */
    struct {
        size_t owner;
        int64_t end_s; /* when it ceased to be */
    } previous[CP_MAX_LOG_OWNERS];
    size_t num_previous;
};

struct cp_ct_logs {
    struct cp_log *logs;
    size_t num_logs, cap_logs;
    char **operators; /* escaped, each once */
    size_t num_operators;
    char *label; /* escaped */
};

/* NULL: not in the list. */
const struct cp_log *cp_log_find(const struct cp_ct_logs *logs, struct cp_span id);
/* Whose the log was at that moment. */
size_t cp_log_operator(const struct cp_log *log, int64_t at_s);

#endif
