/* sarif: SARIF 2.1.0, one run, for code scanning. Columns are characters; a binary file's lines and
 * columns are 1, since services want all four. helpUri must be absolute, so it is the RFC's where
 * the rule's source is one; the help's text names the command that explains the rule. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/facts.h"
#include "report/json_writer.h"
#include "report/render.h"

#define MAX_RESULTS 25000 /* of a run, by the services that take SARIF */
#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

struct sarif {
    struct cp_json json;
    const struct cp_run *run;
    const struct cp_render_options *options;
    struct cp_seen *seen;
    size_t rule_index[CP_NUM_CHECKS]; /* in rules[], plus 1; 0: not there */
    size_t num_rules, num_results, num_left;
    size_t num_cut; /* that the reports did not keep */
};

static size_t number_of(const struct cp_rule *rule) {
    return (size_t)(rule - cp_rule_get(0));
}

static void put_text(struct cp_json *json, const char *key, const char *text) {
    cp_json_open(json, key, '{');
    cp_json_string(json, "text", text);
    cp_json_close(json, '}');
}

/* "RFC 5280 4.1.2.5" as the section's address. */
static void put_help_uri(struct cp_json *json, const char *source) {
    const char *number = source + 4;
    char uri[128];
    if (strncmp(source, "RFC ", 4) != 0)
        return;
    size_t number_len = strspn(number, "0123456789");
    if (number_len == 0 || number_len > 5)
        return;
    const char *section = number + number_len + (number[number_len] == ' ' ? 1 : 0);
    size_t len = strspn(section, "0123456789.");
    if (len > 31 || section == number + number_len)
        len = 0;
    if (len != 0 && section[len - 1] == '.')
        len--;
    snprintf(uri, sizeof(uri), "https://www.rfc-editor.org/rfc/rfc%.*s%s%.*s", (int)number_len,
             number, len == 0 ? "" : "#section-", (int)len, section);
    cp_json_string(json, "helpUri", uri);
}

/* EXPIRED_SOON as ExpiredSoon: names of SARIF are in Pascal case. */
static void put_rule_name(struct cp_json *json, const char *name) {
    char pascal[64];
    size_t len = 0;
    bool upper = true;
    for (const char *at = name; *at != '\0' && len + 1 < sizeof(pascal); at++) {
        bool is_letter = *at >= 'A' && *at <= 'Z';
        if (*at != '_')
            pascal[len++] = is_letter && !upper ? (char)(*at - 'A' + 'a') : *at;
        upper = *at == '_';
    }
    pascal[len] = '\0';
    cp_json_string(json, "name", pascal);
}

static void put_rule(struct cp_json *json, const struct cp_rule *rule) {
    char sentence[512], text[1024], markdown[1024];
    snprintf(sentence, sizeof(sentence), "%s.", rule->meaning);
    snprintf(text, sizeof(text), "%s\nSource: %s. See: certprep rule %s", rule->help, rule->source,
             rule->id);
    snprintf(markdown, sizeof(markdown), "%s\n\nSource: %s. See: `certprep rule %s`", rule->help,
             rule->source, rule->id);
    cp_json_line(json);
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "id", rule->id);
    put_rule_name(json, rule->name);
    put_text(json, "shortDescription", sentence);
    put_text(json, "fullDescription", sentence);
    cp_json_open(json, "help", '{');
    cp_json_string(json, "text", text);
    cp_json_string(json, "markdown", markdown);
    cp_json_close(json, '}');
    put_help_uri(json, rule->source);
    cp_json_open(json, "defaultConfiguration", '{');
    cp_json_string(json, "level", cp_severity_name(rule->severity));
    cp_json_close(json, '}');
    cp_json_open(json, "properties", '{');
    cp_json_open(json, "tags", '[');
    cp_json_string(json, NULL, "certificate");
    cp_json_string(json, NULL, rule->group);
    cp_json_close(json, ']');
    cp_json_close(json, '}');
    cp_json_close(json, '}');
}

/* The rules that are met, in the table's order. */
static void put_rules(struct sarif *s) {
    bool met[CP_NUM_CHECKS] = {false};
    size_t left = MAX_RESULTS;
    for (size_t i = 0; i < s->run->num_items; i++) {
        const struct cp_report *report = s->run->items[i].report;
        for (size_t j = 0; report != NULL && j < report->num_findings && left > 0; j++, left--)
            met[number_of(report->findings[j].rule)] = true;
    }
    for (size_t i = 0; i < s->run->num_items; i++) {
        const struct cp_report *report = s->run->items[i].report;
        for (size_t j = 0; report != NULL && j < report->num_waived && left > 0; j++, left--)
            met[number_of(report->waived[j].rule)] = true;
    }
    cp_json_open(&s->json, "rules", '[');
    for (size_t i = 0; i < CP_NUM_CHECKS; i++) {
        if (!met[i])
            continue;
        put_rule(&s->json, cp_rule_get(i));
        s->rule_index[i] = ++s->num_rules;
    }
    cp_json_close(&s->json, ']');
}

static void put_location(struct sarif *s, const char *file) {
    struct cp_buf uri;
    cp_buf_init(&uri, (size_t)64 * 1024);
    cp_render_uri(&uri, file, s->options->base);
    if (cp_buf_finish(&uri, NULL) != CP_OK)
        s->json.out->failed = uri.failed;
    cp_json_open(&s->json, "artifactLocation", '{');
    cp_json_string(&s->json, "uri", uri.data == NULL ? "" : uri.data);
    cp_json_close(&s->json, '}');
    cp_buf_cleanup(&uri);
}

static void put_locations(struct sarif *s, const struct cp_run_item *item,
                          const struct cp_finding *finding) {
    struct cp_json *json = &s->json;
    struct cp_region region;
    cp_region_of(&region, item, finding);
    cp_json_open(json, "locations", '[');
    cp_json_open(json, NULL, '{');
    cp_json_open(json, "physicalLocation", '{');
    put_location(s, region.file);
    cp_json_open(json, "region", '{');
    cp_json_size(json, "startLine", region.start_line);
    cp_json_size(json, "startColumn", region.start_column);
    cp_json_size(json, "endLine", region.end_line);
    cp_json_size(json, "endColumn", region.end_column);
    if (region.has_bytes) {
        cp_json_size(json, "byteOffset", region.offset);
        cp_json_size(json, "byteLength", region.len);
    }
    cp_json_close(json, '}');
    cp_json_close(json, '}');
    cp_json_close(json, '}');
    cp_json_close(json, ']');
}

/* In a message "[text](0)" is a link (3.11.6), which no name is to make. */
static void put_unlinked(struct cp_buf *out, const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        cp_buf_append(out, at, 1);
        if (*at == ']' && at[1] == '(')
            cp_buf_puts(out, " ");
    }
}

/* Message, notes and help are paragraphs of one text: what shows it knows nothing of notes. */
static void put_message(struct sarif *s, const struct cp_finding *finding) {
    struct cp_buf text;
    cp_buf_init(&text, (size_t)64 * 1024);
    put_unlinked(&text, finding->message);
    for (size_t i = 0; i < finding->num_notes; i++) {
        cp_buf_puts(&text, ".\n");
        put_unlinked(&text, finding->notes[i]);
    }
    cp_buf_puts(&text, ".\nHelp: ");
    put_unlinked(&text, finding->help);
    cp_buf_puts(&text, ".");
    if (cp_buf_finish(&text, NULL) != CP_OK)
        s->json.out->failed = text.failed;
    else
        put_text(&s->json, "message", text.data);
    cp_buf_cleanup(&text);
}

/* Not in the source: what a certificate says of itself suppresses nothing. */
static void put_suppression(struct cp_json *json, const struct cp_waiver *waiver) {
    char day[CP_TIME_TEXT];
    cp_json_open(json, "suppressions", '[');
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "kind", "external");
    cp_json_string(json, "status", "accepted");
    cp_json_string(json, "justification", waiver->reason);
    if (!waiver->is_baseline) {
        cp_json_open(json, "properties", '{');
        cp_json_string(json, "expires", cp_day_format(day, waiver->expires_s - 86400));
        cp_json_close(json, '}');
    }
    cp_json_close(json, '}');
    cp_json_close(json, ']');
}

static void put_result(struct sarif *s, const struct cp_run_item *item,
                       const struct cp_finding *finding) {
    struct cp_json *json = &s->json;
    char fingerprint[CP_FINGERPRINT_TEXT];
    if (!cp_fingerprint(fingerprint, s->seen, item, finding, s->options)) {
        json->out->failed = CP_ERR_MEMORY;
        return;
    }
    cp_json_line(json);
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "ruleId", finding->rule->id);
    cp_json_size(json, "ruleIndex", s->rule_index[number_of(finding->rule)] - 1);
    cp_json_string(json, "level", cp_severity_name(finding->severity));
    put_message(s, finding);
    put_locations(s, item, finding);
    cp_json_open(json, "partialFingerprints", '{');
    cp_json_string(json, "primaryLocationLineHash", fingerprint);
    cp_json_close(json, '}');
    cp_json_open(json, "properties", '{');
    cp_json_string(json, "input", item->label);
    if (finding->certificate != 0) {
        cp_json_size(json, "certificate", finding->certificate);
        cp_json_string(json, "subject", finding->subject);
    }
    if (finding->hostname != NULL)
        cp_json_string(json, "hostname", finding->hostname);
    cp_json_close(json, '}');
    if (finding->waiver != NULL)
        put_suppression(json, finding->waiver);
    cp_json_close(json, '}');
}

static void put_results(struct sarif *s) {
    cp_json_open(&s->json, "results", '[');
    for (size_t i = 0; i < s->run->num_items; i++) {
        const struct cp_run_item *item = &s->run->items[i];
        if (item->report == NULL)
            continue;
        s->num_cut += cp_report_num_cut(item->report);
        for (size_t j = 0; j < item->report->num_findings; j++) {
            if (s->num_results == MAX_RESULTS) {
                s->num_left += item->report->num_findings - j;
                break;
            }
            put_result(s, item, &item->report->findings[j]);
            s->num_results++;
        }
    }
    for (size_t i = 0; i < s->run->num_items; i++) { /* last: what counts has the first places */
        const struct cp_run_item *item = &s->run->items[i];
        size_t num = item->report == NULL ? 0 : item->report->num_waived;
        for (size_t j = 0; j < num && s->num_results < MAX_RESULTS; j++, s->num_results++)
            put_result(s, item, &item->report->waived[j]);
    }
    cp_json_close(&s->json, ']');
}

static void put_notification(struct sarif *s, const char *level, const char *text,
                             const char *file) {
    struct cp_json *json = &s->json;
    cp_json_line(json);
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "level", level);
    put_text(json, "message", text);
    if (file != NULL) {
        cp_json_open(json, "locations", '[');
        cp_json_open(json, NULL, '{');
        cp_json_open(json, "physicalLocation", '{');
        put_location(s, file);
        cp_json_close(json, '}');
        cp_json_close(json, '}');
        cp_json_close(json, ']');
    }
    cp_json_close(json, '}');
}

/* After the results: what could not be read, and what was left out. */
static void put_invocation(struct sarif *s) {
    struct cp_json *json = &s->json;
    char at[CP_TIME_TEXT], text[256];
    cp_time_format(at, s->run->at_s);
    cp_json_open(json, "invocations", '[');
    cp_json_open(json, NULL, '{');
    cp_json_bool(json, "executionSuccessful", s->run->num_unread == 0);
    cp_json_open(json, "toolExecutionNotifications", '[');
    for (size_t i = 0; i < s->run->num_items; i++)
        if (s->run->items[i].report == NULL)
            put_notification(s, "error", s->run->items[i].message, s->run->items[i].label);
    if (s->num_left != 0) {
        snprintf(text, sizeof(text), "Only the first %d results are here; %zu more are left out.",
                 MAX_RESULTS, s->num_left);
        put_notification(s, "note", text, NULL);
    }
    if (s->num_cut != 0) {
        snprintf(text, sizeof(text), "%zu findings over the limit of %d of a bundle were not kept.",
                 s->num_cut, CP_MAX_FINDINGS);
        put_notification(s, "note", text, NULL);
    }
    cp_json_close(json, ']');
    cp_json_open(json, "properties", '{');
    cp_json_string(json, "judgedAt", at);
    cp_json_string(json, "verdict", cp_verdict_name(cp_run_verdict(s->run)));
    cp_json_close(json, '}');
    cp_json_close(json, '}');
    cp_json_close(json, ']');
}

static void put_document(struct sarif *s) {
    struct cp_json *json = &s->json;
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "$schema", SCHEMA);
    cp_json_string(json, "version", "2.1.0");
    cp_json_open(json, "runs", '[');
    cp_json_open(json, NULL, '{');
    cp_json_open(json, "tool", '{');
    cp_json_open(json, "driver", '{');
    cp_json_string(json, "name", "certprep");
    cp_json_string(json, "version", cp_version());
    cp_json_string(json, "semanticVersion", cp_version());
    put_rules(s);
    cp_json_close(json, '}');
    cp_json_close(json, '}');
    cp_json_string(json, "columnKind", "unicodeCodePoints");
    put_results(s);
    put_invocation(s);
    cp_json_close(json, '}');
    cp_json_close(json, ']');
    cp_json_close(json, '}');
    cp_buf_puts(json->out, "\n");
}

void cp_render_sarif(struct cp_buf *out, const struct cp_run *run,
                     const struct cp_render_options *options) {
    struct sarif s = {.json = {.out = out}, .run = run, .options = options};
    s.seen = cp_seen_new();
    if (s.seen == NULL)
        out->failed = CP_ERR_MEMORY;
    else
        put_document(&s);
    cp_seen_free(s.seen);
}
