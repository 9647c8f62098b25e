/* verify, delete, apply: find, ask, send, say what became of it. */
#include "act.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct act_options {
    const struct cli_act *act;
    struct cli_service service;
    struct cli_view view;
    struct cli_follow follow;
    struct cli_targets targets;
    bool yes, dry_run;
};

/* What one hostname came to. */
struct act_row {
    char name[ESA_NAME_MAX];
    struct esa_hostname found;
    bool has_found;   /* it exists, or was named by its id */
    bool is_declined; /* the question was answered with no */
    char *description;
    struct esa_request *request;
    struct esa_task *task;
    struct cli_followed followed;
    struct cp_error error; /* status CP_OK: none */
    int exit_code;
};

static struct cli_task_words words_of(const struct act_options *o, const struct act_row *row) {
    return (struct cli_task_words){
        .hostname = row->name,
        .done = o->act->done,
        .go_on = strcmp(o->act->name, "verify") == 0   ? "'certprep verify'"
                 : strcmp(o->act->name, "delete") == 0 ? "'certprep delete'"
                                                       : "'certprep status'",
        .was_ensured = true,
        .goal = o->follow.task.goal != ESA_GOAL_NONE ? o->follow.task.goal : ESA_GOAL_ACTIVE};
}

static bool is_terminal(void) {
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

static bool asks(const struct act_options *o) {
    return o->act->question != NULL && !o->yes && !o->dry_run;
}

/* Only "y" and "yes" mean yes. */
static bool is_confirmed(const struct act_options *o, const struct act_row *row) {
    char answer[16] = "";
    fprintf(stderr, "%s ", o->act->question);
    cli_put(stderr, row->name);
    fprintf(stderr, " (HostnameId %lld", (long long)row->found.hostname_id);
    if (row->found.site_name[0] != '\0')
        fprintf(stderr, ", site %s", row->found.site_name);
    if (row->found.status_text[0] != '\0')
        fprintf(stderr, ", %s", row->found.status_text);
    fputs(")? [y/N] ", stderr);
    (void)fflush(stderr);
    if (fgets(answer, sizeof(answer), stdin) == NULL)
        return false;
    answer[strcspn(answer, "\r\n")] = '\0';
    return strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0;
}

static bool is_verify(const struct act_options *o) {
    return strcmp(o->act->name, "verify") == 0;
}

/* Named by its id, it did not pass: what has to be published for that? */
static void look_for_records(struct act_row *row, const struct act_options *o) {
    struct esa_hostname found;
    struct cp_error err = {CP_OK, 0, 0, ""};
    bool is_found = false;
    if (cli_hostname_get(&found, &is_found, row->found.hostname_id, &o->service,
                         &o->follow.task.retry, &err) == CP_OK &&
        is_found)
        (void)cli_records_see(&row->followed.seen, &found);
}

static void carry_out(struct act_row *row, struct act_options *o) {
    enum cp_status status = esa_task_new(&row->task, row->request, &o->follow.task, &row->error);
    if (status != CP_OK) {
        row->error.status = status;
        return;
    }
    (void)cli_records_see(&row->followed.seen, &row->found);
    if (o->follow.task.goal != ESA_GOAL_NONE && row->found.record_id != 0)
        cli_follow_cname(&o->follow, &o->service, row->found.record_id, &row->followed.seen);
    cli_follow_run(&o->follow, &o->service, &o->view, row->task, &row->followed);
    const struct esa_task_result *result = esa_task_result(row->task);
    const struct cli_task_words words = words_of(o, row);
    row->exit_code = cli_task_exit(result, &words);
    if (result->end == ESA_TASK_NOT_SENT)
        row->error = result->error;
    if (result->end == ESA_TASK_REFUSED && is_verify(o) && row->found.hostname[0] == '\0')
        look_for_records(row, o);
}

static void act_on(struct act_row *row, struct act_options *o, size_t index) {
    enum cli_look how = asks(o) ? CLI_LOOK_ROW : CLI_LOOK_ID;
    struct cp_error *err = &row->error;
    row->exit_code = CLI_UNREADABLE;
    enum cp_status status = cli_target_name(row->name, sizeof(row->name), &o->targets, index, err);
    if (status == CP_OK)
        status = cli_target_get(&row->found, &row->has_found, &o->targets, index, how, &o->service,
                                &o->follow.task.retry, err);
    if (status == CP_OK && !row->has_found)
        return;
    if (status == CP_OK && row->found.hostname[0] != '\0')
        snprintf(row->name, sizeof(row->name), "%s", row->found.hostname);
    if (status == CP_OK && asks(o) && !is_confirmed(o, row)) {
        row->is_declined = true;
        return;
    }
    if (status == CP_OK)
        status = o->act->make(&row->request, row->found.hostname_id, err);
    if (status == CP_OK)
        esa_request_set_params_in(row->request, o->service.params);
    if (status == CP_OK && o->dry_run) {
        status = esa_request_describe(o->service.client, &row->description, NULL, row->request,
                                      o->view.json ? ESA_DESCRIBE_JSON : ESA_DESCRIBE_TEXT, err);
        row->exit_code = status == CP_OK ? CLI_OK : CLI_UNREADABLE;
    } else if (status == CP_OK) {
        carry_out(row, o);
    }
    row->error.status = status != CP_OK ? status : row->error.status;
    if (row->error.status == CP_ERR_REFUSED)
        row->exit_code = CLI_REFUSED;
    else if (row->error.status == CP_ERR_USAGE)
        row->exit_code = CLI_USAGE;
}

static void put_text(struct cp_buf *out, const struct act_row *row, const struct act_options *o) {
    const struct cli_task_words words = words_of(o, row);
    if (row->error.status != CP_OK) {
        cp_buf_printf(out, "%s  nothing was sent: %s\n", row->name, row->error.message);
    } else if (row->is_declined) {
        cp_buf_printf(out, "%s  left as it is\n", row->name);
    } else if (!row->has_found) {
        cp_buf_printf(out, "%s  not found\n", row->name);
    } else if (row->description != NULL) {
        cp_buf_puts(out, row->description);
    } else {
        const struct esa_task_result *result = esa_task_result(row->task);
        cli_task_put_text(out, result, &words, &o->view);
        if (o->follow.form == CLI_RECORDS_TEXT || (is_verify(o) && row->exit_code == CLI_REFUSED))
            cli_records_put_text(out, &row->followed.seen, "    ");
    }
}

static bool add_json(cJSON *array, const struct act_row *row, const struct act_options *o) {
    const struct cli_task_words words = words_of(o, row);
    cJSON *item = cJSON_CreateObject();
    bool is_id_alone = strchr(row->name, ' ') != NULL; /* "HostnameId 4711" */
    bool ok =
        cli_json_push(array, item) &&
        cli_json_add_text(item, "hostname", is_id_alone ? "" : row->name) &&
        cli_json_add_id(item, "hostname_id", row->found.hostname_id) &&
        cJSON_AddBoolToObject(item, "found", row->has_found) != NULL &&
        cJSON_AddBoolToObject(item, "sent", row->task != NULL && row->error.status == CP_OK) !=
            NULL &&
        cli_json_add_text(item, "error", row->error.status != CP_OK ? row->error.message : "");
    if (ok && row->description != NULL)
        ok = cli_json_add(item, "request", row->description);
    if (ok && row->task != NULL)
        ok = cli_task_add_json(item, esa_task_result(row->task), &words) &&
             cli_records_add_json(item, "records", &row->followed.seen);
    return ok;
}

static void put_json(struct cp_buf *out, const struct act_row *rows, size_t num,
                     const struct act_options *o) {
    cJSON *root = cJSON_CreateObject(), *array = NULL;
    bool ok = root != NULL && cJSON_AddNumberToObject(root, "schema_version", 1) != NULL &&
              cli_json_add_text(root, "action", o->act->name) &&
              (array = cJSON_AddArrayToObject(root, "hostnames")) != NULL;
    for (size_t i = 0; ok && i < num; i++)
        ok = add_json(array, &rows[i], o);
    char *text = ok ? cJSON_Print(root) : NULL;
    if (text != NULL)
        cp_buf_printf(out, "%s\n", text);
    else
        out->failed = CP_ERR_MEMORY;
    cJSON_free(text);
    cJSON_Delete(root);
}

/* Text as it comes, JSON at the end. What was done must not be lost with standard output. */
static int print(struct act_row *rows, size_t num, struct act_options *o, int exit_code) {
    struct cp_buf out;
    cp_buf_init(&out, CLI_MAX_VIEW);
    if (o->view.json)
        put_json(&out, rows, num, o);
    for (size_t i = 0; i < num && !o->view.json; i++)
        put_text(&out, &rows[i], o);
    int printed = cli_view_write(&o->view, &out, CLI_OK);
    cp_buf_cleanup(&out);
    if (printed == CLI_OK)
        return exit_code;
    for (size_t i = 0; i < num; i++) {
        const struct cli_task_words words = words_of(o, &rows[i]);
        if (rows[i].task == NULL)
            continue;
        cli_task_rescue(esa_task_result(rows[i].task), &words);
        printed = exit_code == CLI_OK ? CLI_UNKNOWN : exit_code;
    }
    return printed;
}

static int act_on_all(struct act_options *o) {
    size_t num = cli_targets_num(&o->targets);
    struct act_row *rows = calloc(num, sizeof(*rows));
    int exit_code = CLI_OK;
    if (rows == NULL) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        (void)cp_fail(&err, CP_ERR_MEMORY, "out of memory");
        return cli_fail(&err);
    }
    for (size_t i = 0; i < num; i++) {
        if (cli_interrupt_count() > 0) {
            rows[i].exit_code = CLI_UNREADABLE;
            rows[i].error.status =
                cli_target_name(rows[i].name, sizeof(rows[i].name), &o->targets, i, &rows[i].error);
            if (rows[i].error.status == CP_OK)
                (void)cp_fail(&rows[i].error, CP_ERR_NETWORK, "interrupted before it");
        } else {
            act_on(&rows[i], o, i);
        }
        if (rows[i].exit_code > exit_code)
            exit_code = rows[i].exit_code;
        if (!o->view.json)
            exit_code = print(&rows[i], 1, o, exit_code);
    }
    if (o->view.json)
        exit_code = print(rows, num, o, exit_code);
    for (size_t i = 0; i < num; i++) {
        esa_task_free(rows[i].task);
        esa_request_free(rows[i].request);
        esa_string_free(rows[i].description);
    }
    free(rows);
    return exit_code;
}

static int run(struct act_options *o) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    enum cp_status status = cli_view_read(&o->view, &err);
    bool has_names = o->targets.hostnames.num_items != 0;
    if (status == CP_OK)
        status = cli_follow_read(&o->follow, &o->view, &err);
    if (status == CP_OK)
        status = cli_site_read(&o->targets.site, &err);
    if (status == CP_OK)
        status = cli_targets_read(&o->targets, &err);
    if (status == CP_OK && asks(o) && !is_terminal())
        status =
            cp_fail(&err, CP_ERR_USAGE,
                    "%s asks first, and there is no terminal to ask on: give --yes", o->act->name);
    if (status == CP_OK)
        status = cli_service_open(
            &o->service, o->dry_run && !has_names ? CLI_SERVICE_SHOW : CLI_SERVICE_CALL, &err);
    if (status == CP_OK)
        status = cli_site_find(&o->targets.site, &o->service, &o->follow.task.retry, &err);
    return status == CP_OK ? act_on_all(o) : cli_fail(&err);
}

int cli_act(int argc, char **argv, const struct cli_act *act) {
    struct act_options o = {.act = act};
    struct cli_option service[CLI_MAX_SERVICE_OPTIONS], view[CLI_NUM_VIEW_OPTIONS];
    struct cli_option retry[CLI_NUM_RETRY_OPTIONS], site[CLI_NUM_SITE_OPTIONS];
    struct cli_option target[CLI_NUM_TARGET_OPTIONS], wait[CLI_NUM_FOLLOW_OPTIONS];
    const struct cli_option dry_run[] = {
        {.name = "dry-run",
         .letter = 'n',
         .kind = CLI_FLAG,
         .flag = &o.dry_run,
         .help = "show the request, signature masked; change nothing"},
        {.name = NULL},
    };
    const struct cli_option yes[] = {
        {.name = "yes",
         .letter = 'y',
         .kind = CLI_FLAG,
         .flag = &o.yes,
         .help = "do not ask; needed where there is no terminal"},
        {.name = NULL},
    };
    cli_service_options(service, &o.service, true);
    cli_view_options(view, &o.view);
    cli_retry_options(retry, &o.follow);
    cli_site_options(site, &o.targets.site);
    cli_target_options(target, &o.targets);
    cli_follow_options(wait, &o.follow);
    const struct cli_option *tables[9] = {site, target, dry_run};
    size_t num = 3;
    if (act->question != NULL)
        tables[num++] = yes;
    if (act->can_wait)
        tables[num++] = wait;
    tables[num++] = service;
    tables[num++] = retry;
    tables[num++] = view;
    const struct cli_syntax syntax = {
        .usage = act->usage, .about = act->about, .tables = tables, .files = &o.targets.hostnames};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1)
        exit_code = run(&o);
    cli_service_cleanup(&o.service);
    cli_list_free(&o.targets.hostnames);
    cli_list_free(&o.targets.ids);
    return exit_code;
}
