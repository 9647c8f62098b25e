/* junit: what both of the usual schemas take. A suite an input; a test for what was evaluated, and
 * one for each finding, which failed if the run fails on findings of its severity. The others pass,
 * and stand in the suite's output. */
#include "report/escape.h"
#include "report/render.h"

static void put_finding_text(struct cp_buf *out, const struct cp_finding *finding) {
    cp_buf_printf(out, "%s[%s]: ", cp_severity_name(finding->severity), finding->rule->id);
    cp_render_xml(out, finding->message);
    cp_buf_puts(out, "\n");
    if (finding->file != NULL) {
        cp_buf_puts(out, "  --> ");
        cp_render_xml(out, finding->file);
        if (finding->line != 0)
            cp_buf_printf(out, ":%zu", finding->line);
        cp_buf_puts(out, "\n");
    }
    if (finding->subject != NULL) {
        cp_buf_printf(out, "   = certificate %zu, ", finding->certificate);
        cp_render_xml(out, finding->subject);
        cp_buf_puts(out, "\n");
    }
    for (size_t i = 0; i < finding->num_notes; i++) {
        cp_buf_puts(out, "   = ");
        cp_render_xml(out, finding->notes[i]);
        cp_buf_puts(out, "\n");
    }
    cp_buf_puts(out, "   = help: ");
    cp_render_xml(out, finding->help);
    cp_buf_puts(out, "\n");
}

static void open_case(struct cp_buf *out, const char *class_name) {
    cp_buf_puts(out, "    <testcase classname=\"");
    cp_render_xml(out, class_name);
    cp_buf_puts(out, "\" time=\"0\" name=\"");
}

static void put_case(struct cp_buf *out, const char *label, const struct cp_finding *finding,
                     bool fails) {
    open_case(out, label);
    cp_buf_printf(out, "%s ", finding->rule->id);
    cp_render_xml(out, finding->message);
    if (!fails) {
        cp_buf_puts(out, "\"/>\n");
        return;
    }
    cp_buf_printf(out, "\">\n      <failure type=\"%s\" message=\"", finding->rule->id);
    cp_render_xml(out, finding->message);
    cp_buf_puts(out, "\">");
    put_finding_text(out, finding);
    cp_buf_puts(out, "</failure>\n    </testcase>\n");
}

static void open_suite(struct cp_buf *out, const struct cp_run *run, size_t index, size_t tests,
                       size_t failures, size_t errors) {
    char at[CP_TIME_TEXT];
    const struct cp_run_item *item = &run->items[index];
    cp_time_format(at, item->report == NULL ? run->at_s : item->report->at_s);
    cp_buf_puts(out, "  <testsuite name=\"");
    cp_render_xml(out, item->label);
    cp_buf_printf(out,
                  "\" package=\"certprep\" id=\"%zu\" timestamp=\"%.19s\" hostname=\"localhost\" "
                  "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"0\">\n"
                  "    <properties>\n      <property name=\"certprep\" value=\"%s\"/>\n"
                  "      <property name=\"verdict\" value=\"%s\"/>\n    </properties>\n",
                  index, at, tests, failures, errors, cp_version(),
                  item->report == NULL ? "unreadable"
                                       : cp_verdict_name(cp_report_verdict(item->report)));
}

static void put_report(struct cp_buf *out, const struct cp_run *run, size_t index,
                       const struct cp_render_options *options) {
    const struct cp_run_item *item = &run->items[index];
    const struct cp_report *report = item->report;
    size_t num_failures = 0, num_cut = cp_report_num_cut(report);
    for (size_t i = 0; i < report->num_findings; i++)
        num_failures += cp_fails_on(options->fail_on, report->findings[i].severity);
    open_suite(out, run, index, report->num_findings + 1, num_failures, 0);
    open_case(out, item->label);
    cp_buf_puts(out, "evaluated\"/>\n");
    for (size_t i = 0; i < report->num_findings; i++)
        put_case(out, item->label, &report->findings[i],
                 cp_fails_on(options->fail_on, report->findings[i].severity));
    cp_buf_puts(out, "    <system-out>");
    for (size_t i = 0; i < report->num_findings; i++)
        if (!cp_fails_on(options->fail_on, report->findings[i].severity))
            put_finding_text(out, &report->findings[i]);
    if (num_cut != 0)
        cp_buf_printf(out, "%zu more findings are not shown\n", num_cut);
    cp_buf_puts(out, "</system-out>\n    <system-err></system-err>\n  </testsuite>\n");
}

static void put_unread(struct cp_buf *out, const struct cp_run *run, size_t index) {
    const struct cp_run_item *item = &run->items[index];
    open_suite(out, run, index, 1, 0, 1);
    open_case(out, item->label);
    cp_buf_puts(out, "evaluated\">\n      <error type=\"unreadable\" message=\"");
    cp_render_xml(out, item->message);
    cp_buf_puts(out, "\"></error>\n    </testcase>\n    <system-out></system-out>\n"
                     "    <system-err></system-err>\n  </testsuite>\n");
}

void cp_render_junit(struct cp_buf *out, const struct cp_run *run,
                     const struct cp_render_options *options) {
    size_t from = out->len;
    cp_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < run->num_items; i++) {
        if (run->items[i].report == NULL)
            put_unread(out, run, i);
        else
            put_report(out, run, i, options);
    }
    cp_buf_puts(out, "</testsuites>\n");
    cp_render_defuse(out, from, "&#35;", NULL);
}
