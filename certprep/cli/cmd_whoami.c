/* certprep whoami: whose credential would be used, where it comes from, and why not from anywhere
 * before. */
#include <inttypes.h>
#include <string.h>

#include "credential_options.h"
#include "json.h"
#include "view.h"

#define MAX_PROVIDERS 16

struct provider_line {
    char name[32], why[ESA_REASON_MAX];
    enum esa_provider_end end;
};

struct whoami {
    struct cli_credential_options options;
    struct cli_view view;
    bool explain, offline;
    struct provider_line lines[MAX_PROVIDERS];
    size_t num_lines;
    struct esa_credential *credential;
    struct esa_identity identity;
    bool has_identity;
};

static const char about[] =
    "Shows which credential the commands that call Alibaba Cloud would use: its source, key id,\n"
    "kind and end, and the account and identity that STS says it is (GetCallerIdentity).\n"
    "No secret is shown. --explain says of every provider whether it answered, and if not, why.\n\n"
    "Exit codes: 0 known, 2 no credential, 3 nobody could be asked, 4 STS refused it.";

static void on_provider(void *context, const char *provider, enum esa_provider_end end,
                        const char *why) {
    struct whoami *w = context;
    if (w->num_lines == MAX_PROVIDERS)
        return;
    struct provider_line *line = &w->lines[w->num_lines++];
    (void)snprintf(line->name, sizeof(line->name), "%s", provider);
    (void)snprintf(line->why, sizeof(line->why), "%s", why);
    line->end = end;
}

/* The key id is no secret, but a log is not to have it whole. */
static void mask(char out[32], const char *key_id) {
    size_t len = strlen(key_id);
    if (len < 12)
        (void)snprintf(out, 32, "%.2s****", key_id);
    else
        (void)snprintf(out, 32, "%.4s****%s", key_id, key_id + len - 4);
}

static void put_left(struct cp_buf *out, int64_t expires_s) {
    int64_t now_s = 0;
    if (esa_clock_system(NULL, &now_s, NULL) == CP_OK && expires_s > now_s)
        cp_buf_printf(out, " (%" PRId64 " minutes left)", (expires_s - now_s) / 60);
}

static void put_providers(const struct whoami *w, struct cp_buf *out) {
    static const char *const heads[] = {"PROVIDER", "RESULT", "WHY"};
    const char *cells[MAX_PROVIDERS * 3];
    enum cli_colour colours[MAX_PROVIDERS];
    struct cli_table table = {.heads = heads, .num_columns = 3, .painted = 1};
    for (size_t i = 0; i < w->num_lines; i++) {
        const struct provider_line *line = &w->lines[i];
        cells[i * 3] = line->name;
        cells[i * 3 + 1] = esa_provider_end_name(line->end);
        cells[i * 3 + 2] = line->why;
        colours[i] = line->end == ESA_PROVIDER_ANSWERED ? CLI_GOOD
                     : line->end == ESA_PROVIDER_FAILED ? CLI_BAD
                                                        : CLI_PLAIN;
    }
    cli_table_put(&table, out, &w->view, cells, colours, w->num_lines);
}

static void put_text(const struct whoami *w, struct cp_buf *out) {
    char key_id[32], expires[CP_TIME_TEXT];
    if (w->explain) {
        put_providers(w, out);
        cp_buf_puts(out, w->credential != NULL ? "\n" : "");
    }
    if (w->credential == NULL)
        return;
    int64_t expires_s = esa_credential_expires_s(w->credential);
    mask(key_id, esa_credential_key_id(w->credential));
    cp_buf_printf(out, "source    %s\nkey id    %s\n", esa_credential_source(w->credential),
                  key_id);
    cp_buf_printf(out, "kind      %s\n",
                  esa_credential_is_temporary(w->credential) ? "temporary key" : "access key");
    if (expires_s != 0) {
        cp_time_format(expires, expires_s);
        cp_buf_printf(out, "expires   %s", expires);
        put_left(out, expires_s);
        cp_buf_puts(out, "\n");
    }
    if (w->has_identity && w->identity.is_refused)
        cp_buf_printf(out, "identity  %sREFUSED%s by STS: %s\n", cli_colour_on(&w->view, CLI_BAD),
                      cli_colour_off(&w->view, CLI_BAD), w->identity.refusal);
    else if (w->has_identity)
        cp_buf_printf(out, "account   %s\nidentity  %s%s%s%s\n", w->identity.account_id,
                      w->identity.arn, w->identity.type[0] != '\0' ? " (" : "", w->identity.type,
                      w->identity.type[0] != '\0' ? ")" : "");
}

static bool add_providers(cJSON *root, const struct whoami *w) {
    cJSON *array = cJSON_AddArrayToObject(root, "providers");
    bool ok = array != NULL;
    for (size_t i = 0; i < w->num_lines && ok; i++) {
        const struct provider_line *line = &w->lines[i];
        cJSON *item = cJSON_CreateObject();
        ok = item != NULL && cli_json_add_text(item, "name", line->name) &&
             cli_json_add_text(item, "result", esa_provider_end_name(line->end)) &&
             cli_json_add_text(item, "detail", line->why);
        ok = cli_json_push(array, item) && ok;
    }
    return ok;
}

static bool add_credential(cJSON *root, const struct whoami *w) {
    char key_id[32], expires[CP_TIME_TEXT] = "";
    if (w->credential == NULL)
        return cJSON_AddNullToObject(root, "credential") != NULL;
    int64_t expires_s = esa_credential_expires_s(w->credential);
    cJSON *item = cJSON_AddObjectToObject(root, "credential");
    mask(key_id, esa_credential_key_id(w->credential));
    if (expires_s != 0)
        cp_time_format(expires, expires_s);
    return item != NULL &&
           cli_json_add_text(item, "source", esa_credential_source(w->credential)) &&
           cli_json_add_text(item, "key_id", key_id) &&
           cli_json_add_text(item, "kind",
                             esa_credential_is_temporary(w->credential) ? "temporary" : "key") &&
           cli_json_add_text(item, "expires", expires);
}

static bool add_identity(cJSON *root, const struct whoami *w) {
    const struct esa_identity *identity = &w->identity;
    if (!w->has_identity)
        return cJSON_AddNullToObject(root, "identity") != NULL;
    cJSON *item = cJSON_AddObjectToObject(root, "identity");
    return item != NULL && cli_json_add_text(item, "account_id", identity->account_id) &&
           cli_json_add_text(item, "arn", identity->arn) &&
           cli_json_add_text(item, "type", identity->type) &&
           cli_json_add_text(item, "principal_id", identity->principal_id) &&
           cli_json_add_text(item, "request_id", identity->request_id) &&
           cli_json_add_text(item, "refusal", identity->refusal);
}

static bool put_json(const struct whoami *w, struct cp_buf *out) {
    cJSON *root = cJSON_CreateObject();
    bool ok = root != NULL && (!w->explain || add_providers(root, w)) && add_credential(root, w) &&
              add_identity(root, w);
    char *text = ok ? cJSON_Print(root) : NULL;
    if (text != NULL)
        cp_buf_printf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(root);
    return text != NULL;
}

/* Prints what is known, be it little. */
static int print(const struct whoami *w, int exit_code) {
    struct cp_buf out;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (w->credential == NULL && !w->explain)
        return exit_code;
    cp_buf_init(&out, CLI_MAX_VIEW);
    if (!w->view.json)
        put_text(w, &out);
    else if (!put_json(w, &out)) {
        cp_buf_cleanup(&out);
        (void)cp_fail(&err, CP_ERR_MEMORY, "out of memory");
        return cli_fail(&err);
    }
    exit_code = cli_view_write(&w->view, &out, exit_code);
    cp_buf_cleanup(&out);
    return exit_code;
}

static int run(struct whoami *w) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    enum cp_status status = cli_view_read(&w->view, &err);
    if (status != CP_OK)
        return cli_fail(&err);
    status = cli_credential_open(&w->credential, &w->options, w->offline, on_provider, w, &err);
    if (status == CP_OK && !w->offline) {
        status = esa_credential_identity(w->credential, &w->identity, &err);
        w->has_identity = status == CP_OK;
    }
    int exit_code = print(w, w->has_identity && w->identity.is_refused ? CLI_REFUSED : CLI_OK);
    if (status != CP_OK)
        exit_code = cli_fail(&err);
    esa_credential_free(w->credential);
    return exit_code;
}

int cli_whoami(int argc, char **argv) {
    static struct whoami w; /* all zero; larger than a stack frame should be */
    struct cli_option credential[CLI_MAX_CREDENTIAL_OPTIONS], view[CLI_NUM_VIEW_OPTIONS];
    const struct cli_option own[] = {
        {.name = "explain",
         .kind = CLI_FLAG,
         .flag = &w.explain,
         .help = "a line for each provider: answered, absent, skipped or failed, and why"},
        {.name = "offline",
         .kind = CLI_FLAG,
         .flag = &w.offline,
         .help = "use no network and run no command; STS is not asked who it is"},
        {.name = NULL},
    };
    cli_credential_options(credential, &w.options, true);
    cli_view_options(view, &w.view);
    const struct cli_option *const tables[] = {own, credential, view, NULL};
    const struct cli_syntax syntax = {
        .usage = "certprep whoami [OPTION]...", .about = about, .tables = tables};
    int exit_code = cli_parse(&syntax, argc, argv);
    return exit_code == -1 ? run(&w) : exit_code;
}
