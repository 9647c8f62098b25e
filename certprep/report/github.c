/* github: workflow commands, which become annotations of a change. A line begins with nothing but a
 * command of ours, and what stands in it can't end it: https://docs.github.com/actions "Workflow
 * commands"; actions/toolkit's rules of escaping. */
#include "report/escape.h"
#include "report/facts.h"
#include "report/render.h"

/* Properties end at a comma or a colon, too. */
static void put_escaped(struct cp_buf *out, const char *text, bool is_property) {
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (is_property && (*text == ':' || *text == ',')))
            cp_buf_printf(out, "%%%02X", (unsigned)*text);
        else
            cp_buf_append(out, text, 1);
    }
}

static void put_finding(struct cp_buf *out, const struct cp_run_item *item,
                        const struct cp_finding *finding, const struct cp_render_options *options) {
    static const char *const commands[CP_NUM_SEVERITY] = {"notice", "warning", "error"};
    struct cp_region region;
    cp_region_of(&region, item, finding);
    cp_buf_printf(out, "::%s file=", commands[finding->severity]);
    put_escaped(out, cp_render_relative(region.file, options->base), true);
    cp_buf_printf(out, ",line=%zu,endLine=%zu,title=", region.start_line, region.end_line);
    put_escaped(out, finding->rule->id, true);
    cp_buf_puts(out, " ");
    put_escaped(out, finding->rule->meaning, true);
    cp_buf_puts(out, "::");
    put_escaped(out, finding->message, false);
    if (finding->certificate != 0) {
        cp_buf_printf(out, "%%0A(certificate %zu, ", finding->certificate);
        put_escaped(out, finding->subject, false);
        cp_buf_puts(out, ")");
    }
    for (size_t i = 0; i < finding->num_notes; i++) {
        cp_buf_puts(out, "%0A= ");
        put_escaped(out, finding->notes[i], false);
    }
    cp_buf_puts(out, "%0A= help: ");
    put_escaped(out, finding->help, false);
    cp_buf_puts(out, "\n");
}

void cp_render_github(struct cp_buf *out, const struct cp_run *run,
                      const struct cp_render_options *options) {
    for (size_t i = 0; i < run->num_items; i++) {
        const struct cp_run_item *item = &run->items[i];
        if (item->report == NULL) {
            cp_buf_puts(out, "::error file=");
            put_escaped(out, cp_render_relative(item->label, options->base), true);
            cp_buf_puts(out, ",line=1,endLine=1,title=unreadable::");
            put_escaped(out, item->message, false);
            cp_buf_puts(out, "\n");
            continue;
        }
        for (size_t j = 0; j < item->report->num_findings; j++)
            put_finding(out, item, &item->report->findings[j], options);
        if (cp_report_num_cut(item->report) != 0)
            cp_buf_printf(out, "::notice title=certprep::%zu more findings are not shown\n",
                          cp_report_num_cut(item->report));
    }
    cp_render_defuse(out, 0, "\\x23", NULL);
}
