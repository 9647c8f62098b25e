/* A service in memory that a task is walked through: it acts, or not, and answers, or not, as a
 * script says, and knows what it really did. */
#ifndef TASK_WORLD_H
#define TASK_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/esa_task.h"
#include "apiclient/outcome.h"
#include "apiclient/reply.h"
#include "apiclient/request.h"

#include "fake_prepared.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SETTLE_MS 3000

enum fault {
    NO_FAULT,
    NOT_CONNECTED,    /* nothing was sent */
    LOST,             /* not acted, no reply */
    ACTED_LOST,       /* acted, no reply */
    LATE,             /* no reply; acts some time later */
    BUSY,             /* refused, to be repeated */
    INTERNAL,         /* InternalException, not acted */
    ACTED_INTERNAL,   /* InternalException, acted */
    ACTED_SET_FAILED, /* acted, but without certificate */
    ACTED_APPLY_FAILED,
    NUM_FAULTS
};

#define MAX_WORLD_ROWS 12

struct world {
    bool is_unique;  /* refuses a second hostname of the same name, as the real one does */
    int64_t late_ms; /* of LATE */
    int64_t lag_ms;  /* before a list shows what was made */
    const enum fault *script;
    size_t num_script, at;

    struct esa_hostname rows[MAX_WORLD_ROWS];
    int64_t born_ms[MAX_WORLD_ROWS];
    size_t num_rows;
    int64_t due_ms[8]; /* creations that are still to be made */
    size_t num_due;
    unsigned acted; /* creations that were carried out, or will be */
    unsigned sent;  /* creations that came in */
    unsigned num_requests;

    struct esa_outcome outcome;
    struct esa_reply reply;
    struct esa_hostname shown[MAX_WORLD_ROWS + 2];
    bool has_reply;
};

static inline void set_text(char *out, size_t size, const char *text) {
    (void)snprintf(out, size, "%s", text == NULL ? "" : text);
}
#define SET_TEXT(field, text) set_text(field, sizeof(field), text)

/* What a request makes of a row. */
static inline void fill_row(struct esa_hostname *row, const struct esa_request *request) {
    if (esa_request_id(request, "RecordId") != 0)
        row->record_id = esa_request_id(request, "RecordId");
    SET_TEXT(row->ssl_flag, esa_request_text(request, "SslFlag"));
    SET_TEXT(row->cert_type, esa_request_text(request, "CertType"));
    SET_TEXT(row->cert_sha256, request->leaf_sha256);
    row->cas_id = esa_request_id(request, "CasId");
    row->status = ESA_STATUS_ACTIVE;
    row->cert_status = ESA_CERT_OK;
}

static inline struct esa_hostname *add_row(struct world *world, const struct esa_request *request,
                                           int64_t now_ms) {
    assert_true(world->num_rows < MAX_WORLD_ROWS);
    struct esa_hostname *row = &world->rows[world->num_rows];
    *row = (struct esa_hostname){.hostname_id = 100 + (int64_t)world->num_rows};
    SET_TEXT(row->hostname, request->hostname);
    row->site_id = esa_request_id(request, "SiteId");
    fill_row(row, request);
    world->born_ms[world->num_rows++] = now_ms;
    return row;
}

static inline void act_late(struct world *world, const struct esa_request *creation,
                            int64_t now_ms) {
    for (size_t i = 0; i < world->num_due; i++)
        if (world->due_ms[i] >= 0 && world->due_ms[i] <= now_ms) {
            if (!world->is_unique || world->num_rows == 0) {
                (void)add_row(world, creation, world->due_ms[i]);
                world->acted++;
            }
            world->due_ms[i] = -1;
        }
}

static inline struct esa_hostname *row_of(struct world *world, const struct esa_request *request) {
    for (size_t i = 0; i < world->num_rows; i++)
        if (world->rows[i].hostname_id == esa_request_id(request, "HostnameId"))
            return &world->rows[i];
    return NULL;
}

static inline void say_code(struct world *world, const char *code, int64_t retry_after_ms) {
    const struct esa_code *row = esa_code_find(code);
    assert_non_null(row);
    world->outcome.code = row;
    world->outcome.result = row->result;
    world->outcome.class_of = row->class_of;
    world->outcome.retry_after_ms = retry_after_ms;
    SET_TEXT(world->outcome.code_text, code);
    SET_TEXT(world->outcome.reason, code);
}

static inline void show(struct world *world, const struct esa_hostname *row) {
    world->shown[world->reply.num_hostnames++] = *row;
}

/* Every list has rows that must not be acted upon: another site's, another name's. */
static inline void show_list(struct world *world, const struct esa_request *request,
                             int64_t now_ms) {
    struct esa_hostname other = {.hostname_id = 7, .site_id = 999, .record_id = 2};
    SET_TEXT(other.hostname, request->values[ESA_LIST_HOSTNAME].text);
    show(world, &other);
    other.site_id = esa_request_id(request, "SiteId");
    other.hostname_id = 8;
    SET_TEXT(other.hostname, "other.example");
    show(world, &other);
    for (size_t i = 0; i < world->num_rows; i++)
        if (world->born_ms[i] + world->lag_ms <= now_ms)
            show(world, &world->rows[i]);
    world->reply.page.total_count = (int64_t)world->reply.num_hostnames;
}

static inline bool is_op(const struct esa_request *request, const char *name) {
    return strcmp(esa_request_operation(request)->name, name) == 0;
}

static inline void create(struct world *world, const struct esa_request *request, enum fault fault,
                          int64_t now_ms) {
    bool acts = fault == NO_FAULT || fault == ACTED_LOST || fault == ACTED_INTERNAL ||
                fault == ACTED_SET_FAILED || fault == ACTED_APPLY_FAILED;
    world->sent++;
    if (acts && world->is_unique && world->num_rows != 0) {
        if (fault != ACTED_LOST)
            say_code(world, "CustomHostname.ConflictWithExistingResource", -1);
        return;
    }
    if (fault == LATE) {
        assert_true(world->num_due < NUM_OF(world->due_ms));
        world->due_ms[world->num_due++] = now_ms + world->late_ms;
    }
    if (acts) {
        struct esa_hostname *row = add_row(world, request, now_ms);
        world->acted++;
        world->outcome.hostname_id = row->hostname_id;
        if (fault == ACTED_SET_FAILED) {
            row->cert_sha256[0] = '\0';
            row->cert_status = ESA_CERT_OTHER;
        }
        if (fault == ACTED_APPLY_FAILED)
            row->cert_status = ESA_CERT_APPLY_FAILED;
    }
}

static inline void answer(struct world *world, const struct esa_request *request, enum fault fault,
                          int64_t now_ms) {
    bool acts = fault == NO_FAULT || fault >= ACTED_INTERNAL || fault == ACTED_LOST;
    struct esa_hostname *row = row_of(world, request);
    if (is_op(request, "CreateCustomHostname")) {
        create(world, request, fault, now_ms);
    } else if (is_op(request, "ListCustomHostnames")) {
        show_list(world, request, now_ms);
    } else if (row == NULL) {
        if (fault == NO_FAULT)
            say_code(world, "CustomHostname.NotFound", -1);
    } else if (is_op(request, "GetCustomHostname")) {
        show(world, row);
    } else if (is_op(request, "UpdateCustomHostname")) {
        if (acts)
            fill_row(row, request);
    } else if (is_op(request, "DeleteCustomHostname")) {
        if (acts) {
            *row = world->rows[world->num_rows - 1];
            world->num_rows--;
        }
    } else if (is_op(request, "ApplyCustomHostnameCertificate")) {
        if (acts)
            row->cert_status = ESA_CERT_APPLYING;
    }
}

/* What becomes of one request. Creations that come late are of creation's parts. */
static inline enum cp_status respond(struct world *world, const struct esa_request *request,
                                     const struct esa_request *creation, int64_t now_ms) {
    enum fault fault = world->at < world->num_script ? world->script[world->at] : NO_FAULT;
    world->at++;
    world->num_requests++;
    esa_outcome_init(&world->outcome);
    world->reply = (struct esa_reply){.hostnames = world->shown, .page = {.total_count = -1}};
    world->has_reply = false;
    act_late(world, creation, now_ms);
    if (fault == NOT_CONNECTED)
        return CP_ERR_NETWORK;
    if (fault == BUSY) {
        world->sent += is_op(request, "CreateCustomHostname") ? 1 : 0;
        say_code(world, "Site.ServiceBusy", -1);
        return CP_OK;
    }
    world->outcome.result = ESA_ACCEPTED;
    answer(world, request, fault, now_ms);
    if (world->outcome.result != ESA_ACCEPTED)
        return CP_OK; /* the operation's own refusal stands */
    if (fault == LOST || fault == ACTED_LOST || fault == LATE)
        esa_outcome_init(&world->outcome);
    else if (fault == INTERNAL || fault == ACTED_INTERNAL)
        say_code(world, "InternalException", -1);
    else if (fault == ACTED_SET_FAILED)
        say_code(world, "CustomHostname.SetCertFailed", -1);
    else if (fault == ACTED_APPLY_FAILED)
        say_code(world, "CustomHostname.ApplyCertFailed", -1);
    else
        world->has_reply = true;
    if (fault == ACTED_LOST || fault == LATE || fault == LOST)
        SET_TEXT(world->outcome.reason, "no reply");
    return CP_OK;
}

/* Runs the task through the world on a clock of its own; returns the time at the end. */
static inline int64_t run_task(struct esa_task *task, struct world *world,
                               const struct esa_request *creation) {
    int64_t now_ms = 1000000;
    uint32_t random = 0;
    for (;;) {
        const struct esa_request *request = NULL;
        const struct esa_request *again = NULL;
        int64_t until_ms = 0;
        random = random * 1664525 + 1013904223;
        enum esa_step step = esa_task_next(task, &request, &until_ms, now_ms, random);
        if (step == ESA_STEP_END)
            return now_ms;
        /* Asked again it answers the same. */
        int64_t until_again_ms = 0;
        assert_int_equal(esa_task_next(task, &again, &until_again_ms, now_ms, ~random), step);
        assert_ptr_equal(again, request);
        assert_int_equal(until_again_ms, until_ms);
        if (step == ESA_STEP_WAIT) {
            assert_true(until_ms > now_ms);
            now_ms = until_ms;
            continue;
        }
        now_ms += 20;
        enum cp_status status = respond(world, request, creation, now_ms);
        const struct cp_error error = {.status = status, .message = "no connection"};
        esa_task_feed(task, status, &world->outcome, world->has_reply ? &world->reply : NULL,
                      &error, now_ms);
        assert_true(world->num_requests < 1000);
    }
}

static inline struct esa_request *new_request(bool is_other_record) {
    static const struct cp_prepared prepared = {FAKE_CHAIN, FAKE_KEY, "shop.example", FAKE_SHA256,
                                                1};
    struct cp_hostname *hostname = NULL;
    struct esa_request *request = NULL;
    assert_int_equal(cp_hostname_new(&hostname, "shop.example", NULL), CP_OK);
    assert_int_equal(
        esa_request_new_upload(&request, hostname, 1, is_other_record ? 3 : 2, &prepared, NULL),
        CP_OK);
    cp_hostname_free(hostname);
    return request;
}

#endif
