/* What submit prints: text for people, one JSON object for programs. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "submit.h"

#define MAX_OUTPUT ((size_t)16 * 1024 * 1024)
#define SKEW_SHOWN_S 60 /* less than a minute is the length of an exchange */

static void put_outcome(struct cp_buf *out, const struct esa_outcome *outcome,
                        const struct submit_format *format) {
    static const char *const colours[] = {"\x1b[1;32m", "\x1b[1;31m", "\x1b[1;33m"};
    bool color = format->render.color;
    cp_buf_printf(out, "%s%s%s", color ? colours[outcome->result] : "",
                  esa_result_name(outcome->result), color ? "\x1b[0m" : "");
    if (outcome->result == ESA_ACCEPTED) {
        cp_buf_printf(out, "  %s  HostnameId %" PRId64, outcome->hostname, outcome->hostname_id);
    } else {
        size_t code_len = strlen(outcome->code_text);
        if (code_len != 0 && strncmp(outcome->reason, outcome->code_text, code_len) != 0)
            cp_buf_printf(out, "  %s", outcome->code_text);
        cp_buf_printf(out, "  %s", outcome->reason);
    }
    cp_buf_puts(out, "\n");
    if (outcome->request_id[0] != '\0')
        cp_buf_printf(out, "  RequestId %s\n", outcome->request_id);
    if (outcome->result != ESA_ACCEPTED && outcome->message[0] != '\0')
        cp_buf_printf(out, "  the service says: %s\n", outcome->message);
    if (outcome->has_clock_skew && outcome->result != ESA_ACCEPTED &&
        (outcome->clock_skew_s > SKEW_SHOWN_S || outcome->clock_skew_s < -SKEW_SHOWN_S))
        cp_buf_printf(out, "  this machine's clock is %" PRId64 " s %s the service's\n",
                      outcome->clock_skew_s < 0 ? -outcome->clock_skew_s : outcome->clock_skew_s,
                      outcome->clock_skew_s < 0 ? "behind" : "ahead of");
    if (outcome->retry_after_ms >= 0)
        cp_buf_printf(out, "  try again after %" PRId64 " ms\n", outcome->retry_after_ms);
    if (outcome->advice[0] != '\0')
        cp_buf_printf(out, "  help: %s\n", outcome->advice);
}

static enum cp_status print_text(struct cp_buf *out, const struct submit_result *r,
                                 const struct submit_format *format, struct cp_error *err) {
    const char *ascii = cp_hostname_ascii(r->hostname), *unicode = cp_hostname_unicode(r->hostname);
    if (r->report != NULL) {
        char *text = NULL;
        size_t len = 0;
        enum cp_status status =
            cp_report_render(r->report, &text, &len, "text", &format->render, err);
        if (status != CP_OK)
            return status;
        cp_buf_append(out, text, len);
        cp_string_free(text);
    } else if (strcmp(ascii, unicode) != 0) {
        cp_buf_printf(out, "hostname %s (%s)\n", ascii, format->render.utf8 ? unicode : "IDN");
    }
    if (r->prepared != NULL && !format->render.quiet) {
        cp_buf_printf(out, "prepared: %zu certificate%s, key as PKCS#8\n",
                      cp_prepared_num_certs(r->prepared),
                      cp_prepared_num_certs(r->prepared) == 1 ? "" : "s");
        for (size_t i = 0; i < cp_prepared_num_changes(r->prepared); i++)
            cp_buf_printf(out, "  %s\n", cp_prepared_change(r->prepared, i));
    }
    if (r->request == NULL) {
        cp_buf_puts(out, "BLOCKED  nothing was sent\n");
        return CP_OK;
    }
    for (size_t i = 0; i < esa_request_num_notes(r->request); i++)
        cp_buf_printf(out, "note: %s\n", esa_request_note(r->request, i));
    if (r->description != NULL)
        cp_buf_puts(out, r->description);
    if (r->outcome != NULL)
        put_outcome(out, r->outcome, format);
    return CP_OK;
}

/* An id as its digits: a double would not hold it. */
static bool add_id(cJSON *object, const char *key, int64_t value) {
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRId64, value);
    return cJSON_AddRawToObject(object, key, digits) != NULL;
}

static bool add_text(cJSON *object, const char *key, const char *text) {
    return (text[0] == '\0' ? cJSON_AddNullToObject(object, key)
                            : cJSON_AddStringToObject(object, key, text)) != NULL;
}

static bool add_outcome(cJSON *root, const struct esa_outcome *o) {
    cJSON *item = cJSON_AddObjectToObject(root, "outcome");
    return item != NULL && add_text(item, "result", esa_result_name(o->result)) &&
           add_text(item, "code", o->code_text) &&
           add_text(item, "class", o->result == ESA_ACCEPTED ? "" : esa_class_name(o->class_of)) &&
           cJSON_AddNumberToObject(item, "http_status", o->http_status) != NULL &&
           add_text(item, "request_id", o->request_id) &&
           (o->hostname_id == 0 ? cJSON_AddNullToObject(item, "hostname_id") != NULL
                                : add_id(item, "hostname_id", o->hostname_id)) &&
           add_text(item, "hostname", o->hostname) && add_text(item, "message", o->message) &&
           add_text(item, "reason", o->reason) && add_text(item, "advice", o->advice) &&
           (o->retry_after_ms < 0 || add_id(item, "retry_after_ms", o->retry_after_ms)) &&
           (!o->has_clock_skew || add_id(item, "clock_skew_s", o->clock_skew_s));
}

static bool add_prepared(cJSON *root, const struct cp_prepared *prepared) {
    cJSON *item = cJSON_AddObjectToObject(root, "prepared"), *changes = NULL;
    bool ok = item != NULL &&
              cJSON_AddNumberToObject(item, "certificates",
                                      (double)cp_prepared_num_certs(prepared)) != NULL &&
              add_text(item, "leaf_sha256", cp_prepared_leaf_sha256(prepared)) &&
              (changes = cJSON_AddArrayToObject(item, "changes")) != NULL;
    for (size_t i = 0; ok && i < cp_prepared_num_changes(prepared); i++)
        ok = cli_json_push(changes, cJSON_CreateString(cp_prepared_change(prepared, i)));
    return ok;
}

static enum cp_status print_json(struct cp_buf *out, const struct submit_result *r,
                                 struct cp_error *err) {
    cJSON *root = cJSON_CreateObject(), *notes = NULL;
    char *text = NULL;
    bool ok = root != NULL && cJSON_AddNumberToObject(root, "schema_version", 1) != NULL &&
              add_text(root, "hostname", cp_hostname_ascii(r->hostname)) &&
              add_text(root, "unicode", cp_hostname_unicode(r->hostname)) &&
              cJSON_AddBoolToObject(root, "sent", r->outcome != NULL) != NULL &&
              (notes = cJSON_AddArrayToObject(root, "notes")) != NULL;
    for (size_t i = 0; ok && r->request != NULL && i < esa_request_num_notes(r->request); i++)
        ok = cli_json_push(notes, cJSON_CreateString(esa_request_note(r->request, i)));
    ok = ok && (r->report == NULL || cli_json_add_report(root, r->report, err)) &&
         (r->prepared == NULL || add_prepared(root, r->prepared)) &&
         (r->description == NULL || cli_json_add(root, "request", r->description)) &&
         (r->outcome == NULL || add_outcome(root, r->outcome));
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

/* For a terminal that is not UTF-8. */
static void make_ascii(struct cp_buf *buf) {
    struct cp_buf ascii;
    cp_buf_init(&ascii, MAX_OUTPUT);
    for (size_t i = 0; i < buf->len; i++) {
        if ((unsigned char)buf->data[i] < 0x80)
            cp_buf_append(&ascii, buf->data + i, 1);
        else
            cp_buf_printf(&ascii, "\\x%02X", (unsigned)(unsigned char)buf->data[i]);
    }
    ascii.failed = ascii.failed != CP_OK ? ascii.failed : buf->failed;
    cp_buf_cleanup(buf);
    *buf = ascii;
}

/* The outcome could not be printed where it belongs: it must not be lost, and the exit code must
 * not say that nothing was sent. */
static int rescue(const struct esa_outcome *outcome, int exit_code, int printed) {
    if (outcome == NULL)
        return printed;
    fprintf(stderr, "certprep: %s %s HostnameId %" PRId64 " RequestId %s\n",
            esa_result_name(outcome->result), outcome->hostname, outcome->hostname_id,
            outcome->request_id);
    return exit_code == CLI_OK ? CLI_UNKNOWN : exit_code;
}

int submit_print(const struct submit_result *result, const struct submit_format *format,
                 int exit_code) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_buf out;
    cp_buf_init(&out, MAX_OUTPUT);
    enum cp_status status =
        format->json ? print_json(&out, result, &err) : print_text(&out, result, format, &err);
    if (!format->json && !format->render.utf8)
        make_ascii(&out);
    if (status == CP_OK)
        status = cp_buf_finish(&out, &err);
    int printed = status == CP_OK ? cli_write(out.data, out.len, CLI_OK) : cli_fail(&err);
    if (printed != CLI_OK)
        exit_code = rescue(result->outcome, exit_code, printed);
    cp_buf_cleanup(&out);
    return exit_code;
}
