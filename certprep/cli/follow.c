/* One task: its options, its run, its records and its progress. */
#include "follow.h"

#include <stdlib.h>
#include <string.h>

#include "progress_output.h"
#include "save_file.h"

#define DEFAULT_RETRIES 4
#define MAX_RETRIES 20
#define MAX_WAIT_S 86400
#define MAX_POLL_S 3600

#define VALUE(option_name, option_argument, field, option_help)                                    \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument,                       \
        .value = &follow->field, .help = option_help                                               \
    }

void cli_retry_options(struct cli_option table[CLI_NUM_RETRY_OPTIONS], struct cli_follow *follow) {
    const struct cli_option rows[CLI_NUM_RETRY_OPTIONS] = {
        VALUE("retry", "N", retry,
              "send a request again up to N times where that is safe (default: 4)"),
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}

void cli_follow_options(struct cli_option table[CLI_NUM_FOLLOW_OPTIONS],
                        struct cli_follow *follow) {
    const struct cli_option rows[CLI_NUM_FOLLOW_OPTIONS] = {
        {.name = "wait",
         .kind = CLI_OPTIONAL,
         .argument = "records|active",
         .value = &follow->wait,
         .bare = "active",
         .help = "follow it until the customer's records are known, or until it serves"},
        VALUE("wait-timeout", "SECONDS", wait_timeout, "for --wait (default: 600)"),
        VALUE("poll", "SECONDS", poll, "between two looks while waiting (default: 5)"),
        VALUE("records", "text|json|zone", records,
              "print what the customer has to publish; goes with --wait=records at least"),
        VALUE("records-file", "FILE", records_file,
              "write it to FILE as soon as it is seen, whole or not at all"),
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}

/* Decimal digits, least to most. */
static enum cp_status read_number(int64_t *out, const char *text, int64_t least, int64_t most,
                                  const char *name, const char *unit, struct cp_error *err) {
    int64_t value = 0;
    for (const char *p = text; *p >= '0' && *p <= '9' && value <= most; p++)
        value = value * 10 + (*p - '0');
    if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text) || value < least ||
        value > most)
        return cp_fail(err, CP_ERR_USAGE, "--%s '%.20s': want %lld to %lld%s", name, text,
                       (long long)least, (long long)most, unit);
    *out = value;
    return CP_OK;
}

static enum cp_status read_goal(struct cli_follow *follow, struct cp_error *err) {
    const char *wait = follow->wait;
    follow->task.goal = ESA_GOAL_NONE;
    if (wait != NULL && strcmp(wait, "active") == 0)
        follow->task.goal = ESA_GOAL_ACTIVE;
    else if (wait != NULL && strcmp(wait, "records") == 0)
        follow->task.goal = ESA_GOAL_RECORDS;
    else if (wait != NULL)
        return cp_fail(err, CP_ERR_USAGE, "--wait=%.20s: want records or active", wait);
    if (follow->form != CLI_RECORDS_NONE && follow->task.goal == ESA_GOAL_NONE)
        follow->task.goal = ESA_GOAL_RECORDS;
    if (follow->task.goal == ESA_GOAL_NONE &&
        (follow->wait_timeout != NULL || follow->poll != NULL))
        return cp_fail(err, CP_ERR_USAGE, "--%s goes with --wait",
                       follow->poll != NULL ? "poll" : "wait-timeout");
    if (follow->task.goal == ESA_GOAL_ACTIVE)
        follow->task.flags |= ESA_TASK_VERIFY;
    return CP_OK;
}

enum cp_status cli_follow_read(struct cli_follow *follow, const struct cli_view *view,
                               struct cp_error *err) {
    int64_t retries = DEFAULT_RETRIES, wait_s = 0, poll_s = 0;
    enum cp_status status = cli_records_form_parse(&follow->form, follow->records, err);
    if (status == CP_OK && follow->form == CLI_RECORDS_NONE && follow->records_file != NULL)
        follow->form = CLI_RECORDS_TEXT;
    if (status == CP_OK && view->json && cli_follow_owns_stdout(follow))
        return cp_fail(err, CP_ERR_USAGE,
                       "JSON has the records in it; for another form of them give --records-file");
    if (status == CP_OK)
        status = read_goal(follow, err);
    if (status == CP_OK && follow->retry != NULL)
        status = read_number(&retries, follow->retry, 0, MAX_RETRIES, "retry", "", err);
    if (status == CP_OK && follow->wait_timeout != NULL)
        status = read_number(&wait_s, follow->wait_timeout, 1, MAX_WAIT_S, "wait-timeout",
                             " seconds", err);
    if (status == CP_OK && follow->poll != NULL)
        status = read_number(&poll_s, follow->poll, 1, MAX_POLL_S, "poll", " seconds", err);
    follow->task.retry.max_attempts = (unsigned)retries + 1;
    follow->task.goal_ms = wait_s * 1000; /* 0: the task's own */
    follow->task.poll_ms = poll_s * 1000;
    if (status == CP_OK && follow->records_file != NULL)
        status = cli_save_probe(follow->records_file, err);
    return status;
}

bool cli_follow_owns_stdout(const struct cli_follow *follow) {
    return follow->records_file == NULL &&
           (follow->form == CLI_RECORDS_JSON || follow->form == CLI_RECORDS_ZONE);
}

/* ---- the run --------------------------------------------------------------------------------- */

struct run {
    const struct cli_follow *follow;
    struct esa_task *task;
    struct cli_followed *followed;
    struct cli_progress progress;
    struct esa_outcome last; /* of the request before */
    bool has_last;
};

static void save(const struct cli_follow *follow, struct cli_followed *followed) {
    struct cp_buf out;
    cp_buf_init(&out, CLI_MAX_VIEW);
    cli_records_put(&out, &followed->seen, 1, follow->form);
    followed->save_error.status = CP_OK;
    enum cp_status status = cp_buf_finish(&out, &followed->save_error);
    if (status == CP_OK)
        status = cli_save(follow->records_file, out.data, out.len, &followed->save_error);
    followed->save_error.status = status;
    cp_buf_cleanup(&out);
}

static void see(struct run *run) {
    const struct esa_task_result *result = esa_task_result(run->task);
    struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
    if (result->has_found && cli_records_see(&run->followed->seen, &result->found) &&
        run->follow->records_file != NULL && cli_records_rows(rows, &run->followed->seen) != 0)
        save(run->follow, run->followed);
}

static void show_wait(struct run *run, int64_t wait_ms) {
    const struct esa_task_result *result = esa_task_result(run->task);
    char what[CLI_PROGRESS_MAX], why[ESA_REASON_MAX] = "";
    /* That it did not pass yet is no news while it is waited for: what is open says more. */
    bool is_unpassed = strcmp(run->last.code_text, "CustomHostname.VerifyUnpassed") == 0;
    if (run->has_last && run->last.result != ESA_ACCEPTED && !(is_unpassed && result->has_found)) {
        snprintf(what, sizeof(what), "%.400s", run->last.reason);
    } else if (result->has_found) {
        (void)esa_hostname_progress(why, &result->found, run->follow->task.goal);
        snprintf(what, sizeof(what), "%s%s%s; %s", result->found.status_text,
                 result->found.cert_status_text[0] != '\0' ? ", certificate " : "",
                 result->found.cert_status_text, why);
    } else {
        snprintf(what, sizeof(what), "waiting");
    }
    cli_progress_show(&run->progress, run->followed->seen.hostname, what, wait_ms);
}

static void watch(void *context, const struct esa_request *request,
                  const struct esa_outcome *outcome, const struct cp_error *error,
                  int64_t wait_ms) {
    struct run *run = context;
    if (request == NULL) {
        see(run);
        show_wait(run, wait_ms);
    } else if (outcome != NULL) {
        run->last = *outcome;
        run->has_last = true;
    } else if (error != NULL && error->status != CP_OK) {
        run->has_last = false;
        cli_progress_show(&run->progress, run->followed->seen.hostname, error->message, 0);
    } else {
        cli_progress_show(&run->progress, run->followed->seen.hostname,
                          esa_request_operation(request)->name, -1);
    }
}

void cli_follow_run(const struct cli_follow *follow, const struct cli_service *service,
                    const struct cli_view *view, struct esa_task *task,
                    struct cli_followed *followed) {
    struct run run = {.follow = follow, .task = task, .followed = followed};
    struct cli_interrupt saved;
    cli_progress_init(&run.progress, view->quiet);
    cli_interrupt_catch(&saved);
    esa_client_run(service->client, task, watch, &run);
    cli_interrupt_restore(&saved);
    see(&run);
    cli_progress_end(&run.progress);
}

void cli_follow_cname(const struct cli_follow *follow, const struct cli_service *service,
                      int64_t record_id, struct cli_records *seen) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct esa_request *request = NULL;
    struct esa_reply *reply = NULL;
    struct esa_outcome outcome;
    struct cli_interrupt saved;
    memset(&outcome, 0, sizeof(outcome));
    enum cp_status status = esa_request_new_get_record(&request, record_id, &err);
    cli_interrupt_catch(&saved);
    if (status == CP_OK)
        status =
            esa_client_read(service->client, &outcome, &reply, request, &follow->task.retry, &err);
    cli_interrupt_restore(&saved);
    if (status == CP_OK && outcome.result == ESA_ACCEPTED && reply != NULL &&
        esa_reply_num_records(reply) == 1)
        snprintf(seen->cname, sizeof(seen->cname), "%s", esa_reply_record(reply, 0)->record_cname);
    else
        fprintf(stderr,
                "certprep: note: the CNAME's target is not known (GetRecord %lld: %.300s); "
                "'certprep records' shows it\n",
                (long long)record_id, status != CP_OK ? err.message : outcome.reason);
    esa_reply_free(reply);
    esa_request_free(request);
}
