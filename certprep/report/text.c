/* text: for people. rustc's structure: level[id], message, place, notes, help; then what was looked
 * at, and the verdict as the last line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/colour.h"
#include "report/escape.h"
#include "report/tree.h"

/* Text that may hold UTF-8; outside a UTF-8 locale other bytes are shown as \xNN. */
static void put(struct cp_buf *out, const struct cp_render_options *options, const char *text) {
    for (; *text != '\0'; text++) {
        if (options->utf8 || (unsigned char)*text < 0x80)
            cp_buf_append(out, text, 1);
        else
            cp_buf_printf(out, "\\x%02X", (unsigned char)*text);
    }
}

static void put_finding(struct cp_buf *out, const struct cp_report *report,
                        const struct cp_finding *finding, const struct cp_render_options *options) {
    static const enum cp_colour level[CP_NUM_SEVERITY] = {CP_CYAN, CP_YELLOW, CP_RED};
    cp_render_colour(out, options, level[finding->severity]);
    cp_buf_printf(out, "%s[%s]", cp_severity_name(finding->severity), finding->rule->id);
    cp_render_colour(out, options, CP_BOLD);
    cp_buf_puts(out, ": ");
    put(out, options, finding->message);
    cp_render_colour(out, options, CP_PLAIN);
    cp_buf_puts(out, "\n");
    if (finding->file != NULL) {
        cp_buf_puts(out, "  --> ");
        put(out, options, finding->file);
        if (finding->line != 0)
            cp_buf_printf(out, ":%zu", finding->line);
        if (finding->column != 0)
            cp_buf_printf(out, ":%zu", finding->column);
        if (finding->certificate != 0) {
            cp_buf_printf(out, " (certificate %zu of %zu, ", finding->certificate,
                          report->bundle->num_certs);
            put(out, options, finding->subject);
            cp_buf_puts(out, ")");
        }
        cp_buf_puts(out, "\n");
    }
    for (size_t i = 0; i < finding->num_notes; i++) {
        cp_buf_puts(out, "   = ");
        put(out, options, finding->notes[i]);
        cp_buf_puts(out, "\n");
    }
    cp_buf_puts(out, "   = help: ");
    put(out, options, finding->help);
    cp_buf_puts(out, "\n");
}

/* "shop.acme.example  EC P-256  expires 2026-12-30 (36 days)" */
static void put_leaf(struct cp_buf *out, const struct cp_report *report,
                     const struct cp_render_options *options) {
    const struct cp_cert *leaf = report->leaf;
    char name[200], time[CP_TIME_TEXT], bits[16] = "";
    cp_cert_subject_text(name, sizeof(name), leaf);
    const char *shown = strncmp(name, "CN=", 3) == 0 ? name + 3 : name;
    if (leaf->key_type == CP_KEY_RSA)
        snprintf(bits, sizeof(bits), " %u", leaf->key_bits);
    put(out, options, shown);
    cp_buf_printf(out, "  %s%s", cp_key_algorithm_get(leaf->key_type)->text, bits);
    if (leaf->not_after_s == INT64_MAX) {
        cp_buf_puts(out, "  never expires\n");
        return;
    }
    cp_time_format(time, leaf->not_after_s);
    int64_t days = (leaf->not_after_s - report->at_s) / 86400;
    if (leaf->not_after_s < report->at_s)
        cp_buf_printf(out, "  expired %.10s\n", time);
    else
        cp_buf_printf(out, "  expires %.10s (%" PRId64 " day%s)\n", time, days,
                      days == 1 ? "" : "s");
}

/* "  leaf -> Example R1 -> Example Root (system store)" */
static void put_path(struct cp_buf *out, const struct cp_report *report,
                     const struct cp_render_options *options) {
    const struct cp_path *path = &report->path.path;
    cp_buf_puts(out, "  leaf");
    for (size_t i = 1; i < path->num_certs; i++) {
        char name[200];
        cp_cert_subject_text(name, sizeof(name), path->certs[i]);
        cp_buf_puts(out, " -> ");
        put(out, options, strncmp(name, "CN=", 3) == 0 ? name + 3 : name);
    }
    if (report->trust == NULL) {
        cp_buf_puts(out, report->path.valid ? " (no root judged: --trust none)" : " -> ?");
    } else if (path->anchored && report->path.valid) {
        cp_buf_puts(out, " (");
        put(out, options, report->trust->label);
        cp_buf_puts(out, ")");
    } else {
        cp_buf_puts(out, " -> ?");
    }
    cp_buf_puts(out, "\n");
}

#define MAX_HOST_LINES 20

/* "  hostname a.example: covered by *.example"; of many only those that are not. */
static void put_hosts(struct cp_buf *out, const struct cp_report *report,
                      const struct cp_render_options *options) {
    size_t num_shown = 0, num_left = 0;
    bool is_short = report->num_hosts <= MAX_HOST_LINES;
    for (size_t i = 0; i < report->num_hosts; i++) {
        const struct cp_report_host *host = &report->hosts[i];
        const char *ascii = cp_hostname_ascii(&host->hostname);
        const char *unicode = cp_hostname_unicode(&host->hostname);
        char by[512];
        if (host->covered && !is_short)
            continue;
        if (num_shown == MAX_HOST_LINES) {
            num_left++;
            continue;
        }
        num_shown++;
        cp_buf_printf(out, "  hostname %s", ascii);
        if (strcmp(ascii, unicode) != 0) {
            cp_buf_puts(out, " (");
            put(out, options, unicode);
            cp_buf_puts(out, ")");
        }
        cp_buf_puts(out, host->covered ? ": covered" : ": NOT covered");
        if (host->covered) {
            cp_coverage_by_text(by, sizeof(by), host);
            if (strcmp(by, ascii) != 0) {
                cp_buf_puts(out, " by ");
                put(out, options, by);
            }
        }
        cp_buf_puts(out, "\n");
    }
    if (num_left != 0)
        cp_buf_printf(out, "  and %zu more that are NOT covered\n", num_left);
    if (!is_short)
        cp_buf_printf(out, "  %zu of %zu hostnames are covered\n", report->coverage.num_covered,
                      report->num_hosts);
}

#define MAX_UNANSWERED 12

/* "Alibaba Cloud ESA publishes no answer to CP0101, CP0302 (where was looked, as of ...)" */
static void put_unanswered(struct cp_buf *out, const struct cp_report *report) {
    const struct cp_rule *rules[MAX_UNANSWERED];
    size_t num = cp_target_unanswered(report, rules, MAX_UNANSWERED);
    if (num == 0)
        return;
    const struct cp_target_service *service = cp_target_service(report->target);
    cp_buf_printf(out, "  %s publishes no answer to ", report->target->text);
    for (size_t i = 0; i < num && i < MAX_UNANSWERED; i++)
        cp_buf_printf(out, "%s%s", i == 0 ? "" : ", ", rules[i]->id);
    cp_buf_printf(out, "%s (%s, as of %s)\n", num > MAX_UNANSWERED ? ", ..." : "", service->source,
                  service->date);
}

static void put_count(struct cp_buf *out, size_t count, const char *what, bool *first) {
    if (count == 0)
        return;
    cp_buf_printf(out, "%s%zu %s%s", *first ? "  " : ", ", count, what, count == 1 ? "" : "s");
    *first = false;
}

/* "waived[CP0403]: the chain is out of order (until 2026-12-01: the appliance wants it so)" */
static void put_waived(struct cp_buf *out, const struct cp_report *report,
                       const struct cp_render_options *options) {
    for (size_t i = 0; options->show_waived && i < report->num_waived; i++) {
        const struct cp_finding *finding = &report->waived[i];
        char day[CP_TIME_TEXT];
        cp_buf_printf(out, "waived[%s]: ", finding->rule->id);
        put(out, options, finding->message);
        cp_buf_puts(out, "\n");
        if (finding->file != NULL) {
            cp_buf_puts(out, "  --> ");
            put(out, options, finding->file);
            if (finding->line != 0)
                cp_buf_printf(out, ":%zu", finding->line);
            cp_buf_puts(out, "\n");
        }
        cp_buf_puts(out, "   = ");
        if (!finding->waiver->is_baseline)
            cp_buf_printf(out,
                          "until %s: ", cp_day_format(day, finding->waiver->expires_s - 86400));
        put(out, options, finding->waiver->reason);
        cp_buf_puts(out, "\n");
    }
}

/* What was put apart, of one report or of all: the first day on which a waiver ends, too. */
struct apart {
    size_t num_waived, num_known;
    int64_t until_s;
};

static void count_apart(struct apart *apart, const struct cp_report *report) {
    for (size_t i = 0; i < report->num_waived; i++) {
        const struct cp_waiver *waiver = report->waived[i].waiver;
        apart->num_known += waiver->is_baseline;
        apart->num_waived += !waiver->is_baseline;
        if (apart->until_s == 0 || waiver->expires_s < apart->until_s)
            apart->until_s = waiver->expires_s;
    }
}

static void put_apart(struct cp_buf *out, const struct apart *apart, bool *first) {
    char day[CP_TIME_TEXT];
    if (apart->num_waived != 0) {
        cp_buf_printf(out, "%s%zu waived (until %s)", *first ? "  " : ", ", apart->num_waived,
                      cp_day_format(day, apart->until_s - 86400));
        *first = false;
    }
    if (apart->num_known != 0) {
        cp_buf_printf(out, "%s%zu in the baseline", *first ? "  " : ", ", apart->num_known);
        *first = false;
    }
}

static void put_report(struct cp_buf *out, const struct cp_report *report,
                       const struct cp_render_options *options) {
    enum cp_verdict verdict = cp_report_verdict(report);
    bool first = true;
    for (size_t i = 0; i < report->num_findings; i++)
        put_finding(out, report, &report->findings[i], options);
    put_waived(out, report, options);
    if (!options->quiet && report->leaf != NULL) {
        if (report->num_findings != 0)
            cp_buf_puts(out, "\n");
        put_leaf(out, report, options);
        put_path(out, report, options);
        put_hosts(out, report, options);
        cp_render_tree(out, report, options);
    }
    if (!options->quiet)
        put_unanswered(out, report);
    cp_render_colour(out, options,
                     verdict == CP_BLOCKED ? CP_RED
                     : verdict == CP_READY ? CP_GREEN
                                           : CP_YELLOW);
    cp_buf_puts(out, verdict == CP_BLOCKED ? "FAIL" : "OK");
    cp_render_colour(out, options, CP_PLAIN);
    put_count(out, report->counts[CP_ERROR], "error", &first);
    put_count(out, report->counts[CP_WARNING], "warning", &first);
    put_count(out, report->counts[CP_NOTE], "note", &first);
    struct apart apart = {.until_s = 0};
    count_apart(&apart, report);
    put_apart(out, &apart, &first);
    cp_buf_puts(out, "\n");
    size_t total = report->counts[CP_ERROR] + report->counts[CP_WARNING] + report->counts[CP_NOTE];
    if (total > report->num_findings)
        cp_buf_printf(out, "(only the first %zu of %zu findings are shown)\n", report->num_findings,
                      total);
}

/* Of many inputs: a heading each, and a last line for all. */
static void put_run(struct cp_buf *out, const struct cp_run *run,
                    const struct cp_render_options *options) {
    bool first = false;
    struct apart apart = {.until_s = 0};
    for (size_t i = 0; i < run->num_items; i++) {
        const struct cp_run_item *item = &run->items[i];
        cp_render_colour(out, options, CP_BOLD);
        cp_buf_puts(out, "== ");
        put(out, options, item->label);
        cp_render_colour(out, options, CP_PLAIN);
        cp_buf_puts(out, "\n");
        if (item->report == NULL) {
            cp_buf_puts(out, "unreadable: ");
            put(out, options, item->message);
            cp_buf_puts(out, "\n");
        } else {
            put_report(out, item->report, options);
        }
        cp_buf_puts(out, "\n");
    }
    cp_buf_printf(out, "%s  %zu input%s", cp_run_verdict(run) == CP_BLOCKED ? "FAIL" : "OK",
                  run->num_items, run->num_items == 1 ? "" : "s");
    if (run->num_unread != 0)
        cp_buf_printf(out, ", %zu unreadable", run->num_unread);
    put_count(out, cp_run_count(run, CP_ERROR), "error", &first);
    put_count(out, cp_run_count(run, CP_WARNING), "warning", &first);
    put_count(out, cp_run_count(run, CP_NOTE), "note", &first);
    for (size_t i = 0; i < run->num_items; i++)
        if (run->items[i].report != NULL)
            count_apart(&apart, run->items[i].report);
    put_apart(out, &apart, &first);
    cp_buf_puts(out, "\n");
}

void cp_render_text(struct cp_buf *out, const struct cp_run *run,
                    const struct cp_render_options *options) {
    if (run->num_items == 1 && run->items[0].report != NULL)
        put_report(out, run->items[0].report, options);
    else
        put_run(out, run, options);
    cp_render_defuse(out, 0, "\\x23", "\\x3A");
}
