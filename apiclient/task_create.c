/* task, a creation: sent, and reconciled where its end is not known.
 *
 *   creation -> ACCEPTED                 done
 *            -> refused, may be repeated wait, creation
 *            -> UNKNOWN                  settle, list -> found: get, compare -> equal: done
 *                                                                           -> other: update or say
 *                                                     -> absent, twice: creation
 *            -> conflict                 list -> found: get, compare; absent: refused
 *
 * The service is not known to show at once what it has just made, and after a lost reply it may
 * still be at work on it. So one absence right after an UNKNOWN proves little: the first look waits
 * for the service to settle, and only a second absence some seconds after the first one leads to
 * another creation. Should the first one come to its end later yet, the name can still not be had
 * twice: the second creation meets the conflict and is reconciled in its turn. */
#include <inttypes.h>
#include <string.h>

#include "match.h"
#include "request.h"
#include "task.h"

#define PAGE_SIZE 500

static void go_list(struct esa_task *task, int64_t page_number) {
    struct esa_request *request = NULL;
    struct cp_error error = {0};
    const struct esa_list list = {
        .site_id = esa_request_id(task->intention, "SiteId"),
        .hostname = task->intention->hostname,
        .name_match_type = "exact",
        .page_number = page_number,
        .page_size = PAGE_SIZE,
    };
    if (esa_request_new_list(&request, &list, &error) != CP_OK) {
        esa_task_stop_undecided(task, "can't look: %.200s", error.message);
        return;
    }
    if (page_number == 1)
        task->rows_seen = 0;
    task->page_number = page_number;
    esa_task_go(task, ESA_PHASE_LIST, request);
}

static void look_for(struct esa_task *task, unsigned absences_wanted) {
    task->absences = 0;
    task->absences_wanted = absences_wanted;
    go_list(task, 1);
}

void esa_task_start_create(struct esa_task *task) {
    if (task->is_open)
        look_for(task, 2);
    else if ((task->options.flags & ESA_TASK_LOOK_FIRST) != 0)
        look_for(task, 1);
    else
        esa_task_go(task, ESA_PHASE_CHANGE, NULL);
}

/* The last creation was refused, or could not be sent. Was an earlier one of ours left open, one
 * more look comes before that is said. */
static void give_up(struct esa_task *task, const struct esa_event *event) {
    if (!task->is_open) {
        esa_task_stop_by(task, event, "the creation");
        return;
    }
    task->is_final = true;
    look_for(task, 1);
    esa_task_wait(task, event->now_ms, task->options.retry.settle_ms);
}

static void reconcile(struct esa_task *task, const struct esa_event *event) {
    const char *ssl_flag = esa_request_text(task->intention, "SslFlag");
    bool has_tls = ssl_flag != NULL && strcmp(ssl_flag, "on") == 0;
    task->is_open = true;
    task->mend = ESA_MEND_NONE;
    if (has_tls && esa_event_has_code(event, "CustomHostname.ApplyCertFailed"))
        task->mend = ESA_MEND_APPLY;
    else if (has_tls && esa_event_has_code(event, "CustomHostname.SetCertFailed"))
        task->mend = ESA_MEND_UPDATE;
    look_for(task, 2);
    esa_task_wait(task, event->now_ms, task->options.retry.settle_ms);
}

void esa_task_fed_create(struct esa_task *task, const struct esa_event *event) {
    switch (event->kind) {
    case ESA_EVENT_ACCEPTED:
        task->result.hostname_id = event->outcome->hostname_id;
        esa_task_succeed(task, ESA_TASK_DONE, event->now_ms);
        break;
    case ESA_EVENT_AGAIN:
        if (esa_event_has_code(event, "SignatureNonceUsed")) {
            /* Each attempt has its own nonce: something on the way sent this one twice, and the
             * first of the two may have been carried out. */
            task->create_tries++;
            reconcile(task, event);
        } else if (!esa_task_again(task, event, &task->create_tries)) {
            give_up(task, event);
        }
        break;
    case ESA_EVENT_UNKNOWN:
        task->create_tries++;
        reconcile(task, event);
        break;
    case ESA_EVENT_REFUSED:
        if (event->outcome->class_of == ESA_CLASS_RECONCILE) {
            task->is_conflict = true;
            look_for(task, task->is_open ? 2 : 1);
        } else {
            give_up(task, event);
        }
        break;
    case ESA_EVENT_FAILED:
        esa_task_stop_by(task, event, "the creation");
        break;
    }
}

/* ---- the list ---- */

static void absent(struct esa_task *task, int64_t now_ms) {
    const struct esa_retry *retry = &task->options.retry;
    const struct esa_outcome *last = task->result.has_outcome ? &task->result.outcome : NULL;
    if (++task->absences < task->absences_wanted) {
        go_list(task, 1);
        esa_task_wait(task, now_ms, 2 * retry->settle_ms);
        return;
    }
    if (task->is_conflict && task->is_open) {
        esa_task_stop(task, ESA_TASK_UNKNOWN,
                      "something has the name, and the site does not show it: an earlier attempt, "
                      "or another owner; look again in some minutes");
        return;
    }
    if (task->is_conflict || (task->is_final && task->was_refused)) {
        esa_task_stop(task, ESA_TASK_REFUSED, "%.150s%s", task->result.outcome.reason,
                      task->is_conflict ? "; it is no custom hostname of this site" : "");
        return;
    }
    if (task->is_final || esa_task_was_last_try(task, task->create_tries, last)) {
        esa_task_stop(task, ESA_TASK_UNKNOWN,
                      "the service does not show it after %u creations; look again in some minutes "
                      "before it is sent again",
                      task->result.num_creations);
        return;
    }
    esa_task_go(task, ESA_PHASE_CHANGE, NULL);
    if (task->create_tries > 0)
        esa_task_back_off(task, now_ms, task->create_tries, last);
}

/* What is there is not what was asked for, or what we made lacks its certificate. */
static void different(struct esa_task *task, bool may_mend) {
    struct esa_request *update = NULL;
    struct cp_error error = {0};
    bool is_asked = (task->options.flags & ESA_TASK_UPDATE) != 0;
    task->was_ours = task->is_open;
    task->is_open = false;
    task->success = may_mend ? ESA_TASK_DONE : ESA_TASK_UPDATED;
    if (!may_mend && !is_asked) {
        esa_task_stop(task, ESA_TASK_DIFFERENT, "it exists, and it is different: %.200s",
                      task->result.difference);
        return;
    }
    if (esa_request_new_update_from(&update, task->intention, task->result.hostname_id, &error) !=
        CP_OK) {
        esa_task_stop_undecided(task, "can't update: %.200s", error.message);
        return;
    }
    esa_task_go(task, ESA_PHASE_UPDATE, update);
}

static void equal(struct esa_task *task, int64_t now_ms) {
    esa_task_succeed(task, task->is_open ? ESA_TASK_DONE : ESA_TASK_EQUAL, now_ms);
}

/* The service answered with a row, or a Get, of this hostname and site. */
static void compare(struct esa_task *task, const struct esa_hostname *found, bool is_whole,
                    int64_t now_ms) {
    enum esa_cert_status cert = found->cert_status;
    bool has_cert = cert == ESA_CERT_OK || cert == ESA_CERT_EXPIRING;
    enum esa_match match =
        esa_hostname_match(task->result.difference, found, is_whole, task->intention);
    esa_task_saw(task, found);
    if (task->mend == ESA_MEND_UPDATE && is_whole && !has_cert) {
        /* The creation that could not deploy its certificate: what lacks is its own to set, but all
         * that is there must be as asked for. */
        char rest[ESA_DIFFERENCE_MAX];
        if (esa_hostname_match(rest, found, false, task->intention) != ESA_MATCH_DIFFERENT) {
            different(task, true);
            return;
        }
    }
    if (match == ESA_MATCH_DIFFERENT) {
        different(task, false);
    } else if (match == ESA_MATCH_LOOK || (task->mend == ESA_MEND_UPDATE && !is_whole)) {
        (void)esa_task_look(task, ESA_PHASE_LOOK);
    } else if (task->mend == ESA_MEND_APPLY && !has_cert && cert != ESA_CERT_APPLYING) {
        task->was_ours = true;
        task->is_open = false;
        esa_task_start_apply(task);
    } else {
        equal(task, now_ms);
    }
}

/* The row of the hostname and site asked for. False: two rows claim to be it. */
static bool find_row(const struct esa_hostname **out, const struct esa_task *task,
                     const struct esa_reply *reply) {
    *out = NULL;
    for (size_t i = 0; i < esa_reply_num_hostnames(reply); i++) {
        const struct esa_hostname *row = esa_reply_hostname(reply, i);
        if (!esa_hostname_is_same(row, task->intention))
            continue;
        if (*out != NULL && (*out)->hostname_id != row->hostname_id)
            return false;
        *out = row;
    }
    return true;
}

/* More rows are said to be there, and none came: from the start again. */
static void list_is_not_whole(struct esa_task *task, const struct esa_event *event) {
    if (!esa_task_again(task, event, &task->list_tries))
        esa_task_stop_by(task, event, "the list is not whole");
    else
        go_list(task, 1);
}

/* A page without it. */
static void not_on_page(struct esa_task *task, const struct esa_event *event) {
    int64_t num_rows = event->reply == NULL ? 0 : (int64_t)esa_reply_num_hostnames(event->reply);
    struct esa_page page = {.total_count = -1};
    if (event->reply != NULL)
        page = esa_reply_page(event->reply);
    task->rows_seen += num_rows;
    bool is_whole =
        page.total_count >= 0 ? task->rows_seen >= page.total_count : num_rows < PAGE_SIZE;
    if (event->reply != NULL && is_whole)
        absent(task, event->now_ms);
    else if (num_rows > 0)
        go_list(task, task->page_number + 1);
    else
        list_is_not_whole(task, event);
}

void esa_task_fed_list(struct esa_task *task, const struct esa_event *event) {
    const struct esa_hostname *row = NULL;
    switch (event->kind) {
    case ESA_EVENT_ACCEPTED:
        if (event->reply != NULL && !find_row(&row, task, event->reply))
            esa_task_stop_undecided(task, "the service lists the hostname with two ids; look "
                                          "which is right before anything is sent");
        else if (row != NULL)
            compare(task, row, false, event->now_ms);
        else
            not_on_page(task, event);
        break;
    case ESA_EVENT_AGAIN:
    case ESA_EVENT_UNKNOWN:
        if (!esa_task_again(task, event, &task->tries))
            esa_task_stop_by(task, event, "looking for it");
        break;
    case ESA_EVENT_REFUSED:
    case ESA_EVENT_FAILED:
        esa_task_stop_by(task, event, "looking for it");
        break;
    }
}

/* ---- the get ---- */

/* The list showed it and Get does not: one of them is behind. */
static void vanished(struct esa_task *task, const struct esa_event *event) {
    task->result.has_found = false;
    if (++task->vanishings > 2) {
        esa_task_stop_by(task, event, "the list shows it, Get does not");
        return;
    }
    look_for(task, task->is_open ? 2 : 1);
    esa_task_wait(task, event->now_ms, 2 * task->options.retry.settle_ms);
}

void esa_task_fed_compare(struct esa_task *task, const struct esa_event *event) {
    const struct esa_hostname *found = esa_event_hostname(task, event);
    bool is_again = event->kind == ESA_EVENT_AGAIN || event->kind == ESA_EVENT_UNKNOWN ||
                    (event->kind == ESA_EVENT_ACCEPTED && found == NULL);
    if (event->kind == ESA_EVENT_REFUSED && esa_event_has_code(event, ESA_CODE_NOT_FOUND))
        vanished(task, event);
    else if (is_again && esa_task_again(task, event, &task->tries))
        return;
    else if (found == NULL)
        esa_task_stop_by(task, event, "comparing what exists");
    else if (!esa_hostname_is_same(found, task->intention))
        esa_task_stop_undecided(task, "the id that the list gave is another hostname's");
    else
        compare(task, found, true, event->now_ms);
}

void esa_task_fed_update(struct esa_task *task, const struct esa_event *event) {
    switch (event->kind) {
    case ESA_EVENT_ACCEPTED:
        esa_task_succeed(task, task->success, event->now_ms);
        break;
    case ESA_EVENT_AGAIN:
    case ESA_EVENT_UNKNOWN: /* twice is as good as once */
        task->is_open = task->is_open || event->kind == ESA_EVENT_UNKNOWN;
        if (!esa_task_again(task, event, &task->tries))
            esa_task_stop_by(task, event, "the update");
        break;
    case ESA_EVENT_REFUSED:
    case ESA_EVENT_FAILED:
        esa_task_stop_by(task, event, "the update");
        break;
    }
}
