/* What submit and update print: text for people, one JSON object for programs. */
#include <string.h>

#include "hostname_output.h"
#include "submit.h"

static struct cli_task_words words_of(const struct submit *s) {
    const struct submit_options *o = s->options;
    return (struct cli_task_words){
        .hostname = cp_hostname_ascii(s->hostname),
        .done = o->is_update ? "UPDATED" : "ACCEPTED",
        .go_on = o->is_update ? "'certprep update' with the same options"
                              : "'certprep submit --ensure' with the same options",
        .was_ensured = o->ensure || o->is_update,
        .goal = o->follow.task.goal != ESA_GOAL_NONE ? o->follow.task.goal : ESA_GOAL_ACTIVE};
}

static void put_task(struct cp_buf *out, const struct submit *s) {
    const struct submit_options *o = s->options;
    const struct esa_task_result *result = esa_task_result(s->task);
    const struct cli_task_words words = words_of(s);
    struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
    cli_task_put_text(out, result, &words, &o->view);
    if (o->follow.task.goal == ESA_GOAL_NONE)
        return;
    if (result->has_found) {
        enum cli_colour colour = cli_hostname_colour(&result->found);
        cp_buf_printf(out, "  status       %s%s%s\n", cli_colour_on(&o->view, colour),
                      result->found.status_text, cli_colour_off(&o->view, colour));
        cli_hostname_put_block(out, &result->found);
    }
    if (cli_records_rows(rows, &s->followed.seen) != 0 && !cli_follow_owns_stdout(&o->follow)) {
        cp_buf_puts(out, "  records to publish\n");
        cli_records_put_text(out, &s->followed.seen, "    ");
    }
}

static enum cp_status print_text(struct cp_buf *out, const struct submit *s, struct cp_error *err) {
    const struct submit_options *o = s->options;
    const char *ascii = cp_hostname_ascii(s->hostname), *unicode = cp_hostname_unicode(s->hostname);
    if (o->material.report != NULL) {
        char *text = NULL;
        size_t len = 0;
        enum cp_status status =
            cp_report_render(o->material.report, &text, &len, "text", &o->view.render, err);
        if (status != CP_OK)
            return status;
        cp_buf_append(out, text, len);
        cp_string_free(text);
    } else if (strcmp(ascii, unicode) != 0) {
        cp_buf_printf(out, "hostname %s (%s)\n", ascii, o->view.render.utf8 ? unicode : "IDN");
    }
    if (s->prepared != NULL && !o->view.quiet) {
        cp_buf_printf(out, "prepared: %zu certificate%s, key as PKCS#8\n",
                      cp_prepared_num_certs(s->prepared),
                      cp_prepared_num_certs(s->prepared) == 1 ? "" : "s");
        for (size_t i = 0; i < cp_prepared_num_changes(s->prepared); i++)
            cp_buf_printf(out, "  %s\n", cp_prepared_change(s->prepared, i));
    }
    if (s->dns != NULL) {
        cp_buf_printf(out, "DNS: %s\n", cli_dns_verdict(s->dns));
        cli_dns_put_text(out, &o->view, s->dns, "  ");
    }
    if (s->request == NULL) {
        cp_buf_puts(out, "BLOCKED  nothing was sent\n");
        return CP_OK;
    }
    for (size_t i = 0; i < esa_request_num_notes(s->request); i++)
        cp_buf_printf(out, "note: %s\n", esa_request_note(s->request, i));
    if (s->description != NULL)
        cp_buf_puts(out, s->description);
    if (s->task != NULL)
        put_task(out, s);
    return CP_OK;
}

static bool add_prepared(cJSON *root, const struct cp_prepared *prepared) {
    cJSON *item = cJSON_AddObjectToObject(root, "prepared"), *changes = NULL;
    bool ok = item != NULL &&
              cJSON_AddNumberToObject(item, "certificates",
                                      (double)cp_prepared_num_certs(prepared)) != NULL &&
              cli_json_add_text(item, "leaf_sha256", cp_prepared_leaf_sha256(prepared)) &&
              (changes = cJSON_AddArrayToObject(item, "changes")) != NULL;
    for (size_t i = 0; ok && i < cp_prepared_num_changes(prepared); i++)
        ok = cli_json_push(changes, cJSON_CreateString(cp_prepared_change(prepared, i)));
    return ok;
}

static bool add_task(cJSON *root, const struct submit *s) {
    const struct esa_task_result *result = esa_task_result(s->task);
    const struct cli_task_words words = words_of(s);
    cJSON *found = NULL;
    /* What an update changed was last seen before it, unless it was followed. */
    bool is_stale =
        result->end == ESA_TASK_UPDATED && s->options->follow.task.goal == ESA_GOAL_NONE;
    return cli_task_add_json(root, result, &words) &&
           (!result->has_found || is_stale ||
            ((found = cJSON_AddObjectToObject(root, "custom_hostname")) != NULL &&
             cli_hostname_add_json(found, &result->found))) &&
           cli_records_add_json(root, "records", &s->followed.seen);
}

static enum cp_status print_json(struct cp_buf *out, const struct submit *s, struct cp_error *err) {
    cJSON *root = cJSON_CreateObject(), *notes = NULL;
    char *text = NULL;
    const struct cp_report *report = s->options->material.report;
    bool ok = root != NULL && cJSON_AddNumberToObject(root, "schema_version", 1) != NULL &&
              cli_json_add_text(root, "hostname", cp_hostname_ascii(s->hostname)) &&
              cli_json_add_text(root, "unicode", cp_hostname_unicode(s->hostname)) &&
              cJSON_AddBoolToObject(root, "sent", s->task != NULL) != NULL &&
              (notes = cJSON_AddArrayToObject(root, "notes")) != NULL;
    for (size_t i = 0; ok && s->request != NULL && i < esa_request_num_notes(s->request); i++)
        ok = cli_json_push(notes, cJSON_CreateString(esa_request_note(s->request, i)));
    ok = ok && (report == NULL || cli_json_add_report(root, report, err)) &&
         (s->prepared == NULL || add_prepared(root, s->prepared)) &&
         (s->dns == NULL || cli_dns_add_json(root, "dns", s->dns)) &&
         (s->description == NULL || cli_json_add(root, "request", s->description)) &&
         (s->task == NULL || add_task(root, s));
    if (ok)
        text = cJSON_Print(root);
    if (text != NULL)
        cp_buf_printf(out, "%s\n", text);
    else
        out->failed = CP_ERR_MEMORY;
    cJSON_free(text);
    cJSON_Delete(root);
    return CP_OK;
}

/* What was written, or should have been, into --records-file. */
static int tell_file(const struct submit *s, int exit_code) {
    const struct submit_options *o = s->options;
    struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
    if (s->task == NULL || o->follow.records_file == NULL)
        return exit_code;
    if (s->followed.save_error.status != CP_OK) {
        struct cp_buf out;
        (void)cli_fail(&s->followed.save_error);
        cp_buf_init(&out, CLI_MAX_VIEW); /* they are gone once they are validated */
        cli_records_put(&out, &s->followed.seen, 1, o->follow.form);
        cli_view_note(&o->view, &out);
        cp_buf_cleanup(&out);
        return exit_code == CLI_OK ? CLI_UNKNOWN : exit_code;
    }
    if (cli_records_rows(rows, &s->followed.seen) == 0)
        fprintf(stderr, "certprep: note: no record was seen; %.200s was not written\n",
                o->follow.records_file);
    return exit_code;
}

int submit_print(struct submit *s) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    const struct submit_options *o = s->options;
    struct cp_buf out, records;
    int printed = CLI_OK;
    cp_buf_init(&out, CLI_MAX_VIEW);
    cp_buf_init(&records, CLI_MAX_VIEW);
    if (s->task != NULL) {
        const struct cli_task_words words = words_of(s);
        s->exit_code = cli_task_exit(esa_task_result(s->task), &words);
    }
    enum cp_status status = o->view.json ? print_json(&out, s, &err) : print_text(&out, s, &err);
    if (status != CP_OK)
        printed = cli_fail(&err);
    if (status == CP_OK && cli_follow_owns_stdout(&o->follow) && s->task != NULL) {
        cli_view_note(&o->view, &out);
        cli_records_put(&records, &s->followed.seen, 1, o->follow.form);
        printed = cli_view_write(&o->view, &records, CLI_OK);
    } else if (status == CP_OK) {
        printed = cli_view_write(&o->view, &out, CLI_OK);
    }
    cp_buf_cleanup(&records);
    cp_buf_cleanup(&out);
    int exit_code = tell_file(s, s->exit_code);
    if (printed == CLI_OK || s->task == NULL)
        return printed == CLI_OK ? exit_code : printed;
    /* The exit code must not say that nothing was sent. */
    const struct cli_task_words words = words_of(s);
    cli_task_rescue(esa_task_result(s->task), &words);
    return exit_code == CLI_OK ? CLI_UNKNOWN : exit_code;
}
