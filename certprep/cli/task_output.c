/* What became of a task: headline, the service's words, the next step. */
#include "task_output.h"

#include <inttypes.h>
#include <string.h>

#define SKEW_SHOWN_S 60 /* less than a minute is the length of an exchange */

/* Without --ensure a creation was asked for, and what stood there before is no creation. */
static bool is_refused(const struct esa_task_result *r, const struct cli_task_words *words) {
    return r->end == ESA_TASK_REFUSED ||
           (!words->was_ensured && (r->end == ESA_TASK_EQUAL || r->end == ESA_TASK_DIFFERENT));
}

/* It exists; does waiting help? */
static bool is_hopeless(const struct esa_task_result *r, const struct cli_task_words *words) {
    char why[ESA_REASON_MAX];
    return r->has_found &&
           esa_hostname_progress(why, &r->found, words->goal) == ESA_PROGRESS_STOPPED;
}

int cli_task_exit(const struct esa_task_result *r, const struct cli_task_words *words) {
    if (is_refused(r, words))
        return CLI_REFUSED;
    switch (r->end) {
    case ESA_TASK_DONE:
    case ESA_TASK_EQUAL:
    case ESA_TASK_UPDATED:
        return CLI_OK;
    case ESA_TASK_DIFFERENT:
        return CLI_REFUSED;
    case ESA_TASK_STOPPED:
        return is_hopeless(r, words) ? CLI_FINDINGS : CLI_UNKNOWN;
    case ESA_TASK_NOT_SENT:
        return r->error.status == CP_ERR_USAGE ? CLI_USAGE : CLI_UNREADABLE;
    case ESA_TASK_REFUSED:
    case ESA_TASK_UNKNOWN:
    case ESA_TASK_OPEN:
        break;
    }
    return CLI_UNKNOWN;
}

static void put_headline(struct cp_buf *out, const struct esa_task_result *r,
                         const struct cli_task_words *words, const struct cli_view *view) {
    bool is_good = !is_refused(r, words) && (r->end == ESA_TASK_DONE || r->end == ESA_TASK_EQUAL ||
                                             r->end == ESA_TASK_UPDATED);
    enum cli_colour colour = is_good                                  ? CLI_GOOD
                             : cli_task_exit(r, words) == CLI_UNKNOWN ? CLI_OPEN
                                                                      : CLI_BAD;
    const char *word = is_refused(r, words)           ? "REFUSED"
                       : r->end == ESA_TASK_DONE      ? words->done
                       : r->end == ESA_TASK_EQUAL     ? "UNCHANGED"
                       : r->end == ESA_TASK_UPDATED   ? "UPDATED"
                       : r->end == ESA_TASK_DIFFERENT ? "DIFFERENT"
                       : r->end == ESA_TASK_STOPPED   ? "STOPPED"
                                                      : "UNKNOWN";
    cp_buf_printf(out, "%s%s%s", cli_colour_on(view, colour), word, cli_colour_off(view, colour));
    if (is_good || r->end == ESA_TASK_STOPPED || r->end == ESA_TASK_DIFFERENT) {
        cp_buf_printf(out, "  %s", words->hostname);
        if (r->hostname_id != 0)
            cp_buf_printf(out, "  HostnameId %" PRId64, r->hostname_id);
    }
}

/* The service's last answer: code and reason on the headline, its words and the advice below. */
static void put_outcome(struct cp_buf *out, const struct esa_outcome *o, bool is_good) {
    if (!is_good) {
        size_t code_len = strlen(o->code_text);
        if (code_len != 0 && strncmp(o->reason, o->code_text, code_len) != 0)
            cp_buf_printf(out, "  %s", o->code_text);
        cp_buf_printf(out, "  %s", o->reason);
    }
    cp_buf_puts(out, "\n");
    if (o->request_id[0] != '\0')
        cp_buf_printf(out, "  RequestId %s\n", o->request_id);
    if (is_good)
        return;
    if (o->message[0] != '\0')
        cp_buf_printf(out, "  the service says: %s\n", o->message);
    if (o->has_clock_skew && (o->clock_skew_s > SKEW_SHOWN_S || o->clock_skew_s < -SKEW_SHOWN_S))
        cp_buf_printf(out, "  this machine's clock is %" PRId64 " s %s the service's\n",
                      o->clock_skew_s < 0 ? -o->clock_skew_s : o->clock_skew_s,
                      o->clock_skew_s < 0 ? "behind" : "ahead of");
    if (o->retry_after_ms >= 0)
        cp_buf_printf(out, "  try again after %" PRId64 " ms\n", o->retry_after_ms);
    if (o->advice != NULL && o->advice[0] != '\0')
        cp_buf_printf(out, "  help: %s\n", o->advice);
}

static void put_existing(struct cp_buf *out, const struct esa_task_result *r,
                         const struct cli_task_words *words) {
    if (r->end == ESA_TASK_DIFFERENT) {
        cp_buf_printf(out, "  it is there, but different: %s\n  nothing was changed\n",
                      r->difference);
        cp_buf_puts(out, "  help: --ensure --update changes it to what is wanted\n");
    } else if (r->end == ESA_TASK_EQUAL && !words->was_ensured) {
        cp_buf_puts(out, "  it is there already, as wanted\n"
                         "  help: --ensure takes that for done\n");
    } else if (r->end == ESA_TASK_UPDATED && r->difference[0] != '\0') {
        cp_buf_printf(out, "  before: %s\n", r->difference);
    }
}

void cli_task_put_text(struct cp_buf *out, const struct esa_task_result *r,
                       const struct cli_task_words *words, const struct cli_view *view) {
    bool is_good = cli_task_exit(r, words) == CLI_OK;
    put_headline(out, r, words, view);
    /* Where the last answer was a look that succeeded, it is not what decided. */
    bool shows_why = !is_good && r->end != ESA_TASK_DIFFERENT &&
                     (!r->has_outcome || r->outcome.result == ESA_ACCEPTED);
    bool is_found_different = r->end == ESA_TASK_DIFFERENT && !is_refused(r, words);
    if (!is_found_different && (shows_why || r->end == ESA_TASK_STOPPED)) {
        cp_buf_printf(out, "  %s\n", r->why);
        if (r->has_outcome && r->outcome.request_id[0] != '\0')
            cp_buf_printf(out, "  RequestId %s\n", r->outcome.request_id);
    } else if (!is_found_different && r->has_outcome) {
        put_outcome(out, &r->outcome, is_good);
        bool is_said = r->end != ESA_TASK_REFUSED && r->end != ESA_TASK_UNKNOWN;
        if (!is_good && !is_said && r->why[0] != '\0' && strstr(r->why, r->outcome.reason) == NULL)
            cp_buf_printf(out, "  %s\n", r->why);
    } else {
        cp_buf_puts(out, "\n");
    }
    put_existing(out, r, words);
    if (r->end == ESA_TASK_UNKNOWN && words->go_on != NULL)
        cp_buf_printf(out, "  to go on: %s looks what exists before it sends anything\n",
                      words->go_on);
    else if (r->end == ESA_TASK_STOPPED && !is_hopeless(r, words) && words->go_on != NULL)
        cp_buf_printf(out, "  to go on: %s takes it up where it stands\n", words->go_on);
}

static bool add_outcome(cJSON *object, const struct esa_outcome *o) {
    cJSON *item = cJSON_AddObjectToObject(object, "outcome");
    return item != NULL && cli_json_add_text(item, "result", esa_result_name(o->result)) &&
           cli_json_add_text(item, "code", o->code_text) &&
           cli_json_add_text(item, "class",
                             o->result == ESA_ACCEPTED ? "" : esa_class_name(o->class_of)) &&
           cJSON_AddNumberToObject(item, "http_status", o->http_status) != NULL &&
           cli_json_add_text(item, "request_id", o->request_id) &&
           cli_json_add_id(item, "hostname_id", o->hostname_id) &&
           cli_json_add_text(item, "hostname", o->hostname) &&
           cli_json_add_text(item, "message", o->message) &&
           cli_json_add_text(item, "reason", o->reason) &&
           cli_json_add_text(item, "advice", o->advice != NULL ? o->advice : "") &&
           (o->retry_after_ms < 0 ||
            cJSON_AddNumberToObject(item, "retry_after_ms", (double)o->retry_after_ms) != NULL) &&
           (!o->has_clock_skew ||
            cJSON_AddNumberToObject(item, "clock_skew_s", (double)o->clock_skew_s) != NULL);
}

bool cli_task_add_json(cJSON *object, const struct esa_task_result *r,
                       const struct cli_task_words *words) {
    if (r->has_outcome && !add_outcome(object, &r->outcome))
        return false;
    cJSON *item = cJSON_AddObjectToObject(object, "task");
    return item != NULL &&
           cli_json_add_text(item, "end",
                             is_refused(r, words) ? esa_task_end_name(ESA_TASK_REFUSED)
                                                  : esa_task_end_name(r->end)) &&
           cli_json_add_id(item, "hostname_id", r->hostname_id) &&
           cli_json_add_text(item, "why",
                             r->end == ESA_TASK_NOT_SENT ? r->error.message : r->why) &&
           cli_json_add_text(item, "difference", r->difference) &&
           cJSON_AddNumberToObject(item, "num_requests", r->num_requests) != NULL &&
           cJSON_AddNumberToObject(item, "num_creations", r->num_creations) != NULL;
}

void cli_task_rescue(const struct esa_task_result *r, const struct cli_task_words *words) {
    fprintf(stderr, "certprep: %s %s HostnameId %" PRId64 " RequestId %s\n",
            r->end == ESA_TASK_DONE ? words->done : esa_task_end_name(r->end), words->hostname,
            r->hostname_id, r->has_outcome ? r->outcome.request_id : "-");
}
