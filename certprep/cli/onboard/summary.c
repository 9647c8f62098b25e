/* What people see on standard output: the material, the rows, what it comes to. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

/* Texts of the manifest may be anything: nothing of them may steer a terminal. Bytes outside ASCII
 * only where it can show them. */
static void put(const char *text) {
    static char escaped[8192];
    (void)cp_escape(escaped, sizeof(escaped), cp_span_of(text));
    cli_put(stdout, escaped);
}

static size_t num_creations(const size_t counts[ONBOARD_NUM_STATES]) {
    return counts[ONBOARD_CREATE];
}

/* An update is two calls (a look, the update), a creation one and a look at its records. */
static size_t num_calls(const struct onboard *o, const size_t counts[ONBOARD_NUM_STATES]) {
    size_t look = o->goal == ESA_GOAL_NONE ? 0 : 1;
    return counts[ONBOARD_CREATE] * (1 + look) + counts[ONBOARD_UPDATE] * (3 + look) +
           counts[ONBOARD_RESUME] * (2 + look);
}

static void put_duration(FILE *out, int64_t ms) {
    int64_t minutes = (ms + 59999) / 60000;
    if (minutes >= 60)
        fprintf(out, "%" PRId64 " h %02d min", minutes / 60, (int)(minutes % 60));
    else
        fprintf(out, "%" PRId64 " min", minutes);
}

void onboard_print_matrix(void *context, const struct onboard_matrix *m) {
    const struct onboard *o = context;
    if (o->json || o->options.quiet)
        return;
    put(m->files->cert);
    if (m->files->chain[0] != '\0') {
        put(" + ");
        put(m->files->chain);
    }
    if (m->files->key[0] != '\0') {
        put(" + ");
        put(m->files->key);
    }
    if (m->report == NULL) {
        printf("\n  not read: ");
        put(m->reason);
        printf("\n");
        return;
    }
    printf("\n  %s, %zu error%s, %zu warning%s; covers %zu of %zu hostname%s\n",
           cp_verdict_name(cp_report_verdict(m->report)), cp_report_count(m->report, CP_ERROR),
           cp_report_count(m->report, CP_ERROR) == 1 ? "" : "s",
           cp_report_count(m->report, CP_WARNING),
           cp_report_count(m->report, CP_WARNING) == 1 ? "" : "s", m->num_covered, m->num_hosts,
           m->num_hosts == 1 ? "" : "s");
    if (m->missing[0] != '\0')
        printf("  would cover the rest: %s\n", m->missing);
    for (size_t i = 0; i < cp_report_num_findings(m->report); i++) {
        const struct cp_finding *f = cp_report_finding(m->report, i);
        if (f->severity == CP_NOTE)
            continue;
        printf("  %s %s: ", cp_severity_name(f->severity), f->rule->id);
        put(f->message);
        printf("\n");
    }
}

static void put_row(const struct onboard *o, const struct onboard_row *row) {
    const char *color = !o->render.color ? ""
                        : onboard_state_is_failure(row->state) || row->state == ONBOARD_BLOCKED
                            ? "\x1b[1;31m"
                        : onboard_state_is_open(row->state) ? "\x1b[1;33m"
                                                            : "\x1b[1;32m";
    printf("%s%-10s%s %s", color, onboard_state_word(row->state), color[0] == '\0' ? "" : "\x1b[0m",
           row->hostname);
    if (row->site[0] != '\0') {
        printf("  site ");
        put(row->site);
    } else {
        printf("  site %" PRId64, row->site_id);
    }
    if (row->hostname_id != 0)
        printf("  HostnameId %" PRId64, row->hostname_id);
    if (row->tag[0] != '\0') {
        printf("  [");
        put(row->tag);
        printf("]");
    }
    if (row->reason[0] != '\0') {
        printf("\n           ");
        put(row->reason);
    }
    printf("\n");
}

static void put_counts(const size_t counts[ONBOARD_NUM_STATES], size_t num_rows) {
    printf("%zu row%s:", num_rows, num_rows == 1 ? "" : "s");
    const char *separator = " ";
    for (int i = 0; i < ONBOARD_NUM_STATES; i++) {
        if (counts[i] == 0)
            continue;
        printf("%s%zu %s", separator, counts[i], onboard_state_word((enum onboard_state)i));
        separator = ", ";
    }
    printf("\n");
}

static void put_plan(const struct onboard *o, const size_t counts[ONBOARD_NUM_STATES]) {
    size_t creations = num_creations(counts);
    printf("quota: %zu creation%s wanted, %zu of %zu used in the last ", creations,
           creations == 1 ? "" : "s", o->num_used, o->rate);
    put_duration(stdout, o->period_ms);
    printf("; about %zu calls, ", num_calls(o, counts));
    int64_t ms = onboard_duration_ms(creations, o->num_used, o->rate, o->period_ms);
    if (ms == 0) {
        printf("no wait for the quota\n");
    } else {
        printf("about ");
        put_duration(stdout, ms);
        printf("\n");
    }
    if (o->client == NULL)
        printf("planned without the service (--offline): what is there is not known\n");
    if (creations + counts[ONBOARD_UPDATE] + counts[ONBOARD_RESUME] != 0)
        printf("nothing was sent; --apply carries it out\n");
}

void onboard_json_summary(const struct onboard *o, FILE *out,
                          const size_t counts[ONBOARD_NUM_STATES]) {
    fprintf(out, "\n  ],\n  \"summary\": {\"rows\": %zu, \"counts\": {", o->num_rows);
    for (int i = 0; i < ONBOARD_NUM_STATES; i++)
        fprintf(out, "%s\"%s\": %zu", i == 0 ? "" : ", ", onboard_state_word((enum onboard_state)i),
                counts[i]);
    fprintf(out,
            "}, \"online\": %s, \"quota\": {\"rate\": %zu, \"period_s\": %" PRId64
            ", \"used\": %zu}, \"creations\": %zu, \"calls\": %zu, \"duration_s\": %" PRId64
            "}\n}\n",
            o->client != NULL ? "true" : "false", o->rate, o->period_ms / 1000, o->num_used,
            num_creations(counts), num_calls(o, counts),
            onboard_duration_ms(num_creations(counts), o->num_used, o->rate, o->period_ms) / 1000);
}

enum cp_status onboard_print(struct onboard *o, struct cp_error *err) {
    static struct onboard_row row;
    struct onboard_cursor cursor = {.order = ONBOARD_BY_LINE};
    size_t counts[ONBOARD_NUM_STATES];
    bool found = true;
    enum cp_status status = CP_OK;
    if (o->json) {
        status = onboard_write(o, stdout, true, err);
    } else {
        status = onboard_rows_count(o->rows, counts, err);
        while (status == CP_OK && found && !o->options.quiet) {
            status = onboard_rows_next(o->rows, &cursor, &found, &row, err);
            if (status == CP_OK && found)
                put_row(o, &row);
        }
        if (status == CP_OK)
            put_counts(counts, o->num_rows);
        if (status == CP_OK && !o->options.apply)
            put_plan(o, counts);
    }
    if (status == CP_OK && (fflush(stdout) != 0 || ferror(stdout) != 0))
        status = cp_fail(err, CP_ERR_IO, "standard output: %s", strerror(errno));
    return status;
}

/* From the mildest to what a caller must look at first. */
static int rank(int exit_code) {
    static const int order[] = {CLI_OK,    CLI_FINDINGS, CLI_UNREADABLE,
                                CLI_USAGE, CLI_REFUSED,  CLI_UNKNOWN};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (order[i] == exit_code)
            return (int)i;
    return 0;
}

enum cp_status onboard_exit(struct onboard *o, int *exit_code, struct cp_error *err) {
    size_t counts[ONBOARD_NUM_STATES];
    enum cp_status status = onboard_rows_count(o->rows, counts, err);
    if (status != CP_OK)
        return status;
    for (int i = 0; i < ONBOARD_NUM_STATES; i++) {
        enum onboard_state state = (enum onboard_state)i;
        int code = onboard_state_exit(state);
        if (counts[i] == 0 || (!o->options.apply && onboard_state_is_open(state)))
            continue;
        if (rank(code) > rank(*exit_code))
            *exit_code = code;
    }
    return CP_OK;
}
