#include "report/tree.h"
#include "report/colour.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80
#define MAX_LINE 2048  /* of one entry, before it is broken into lines */
#define MAX_PREFIX 400 /* bytes: 13 levels of 3 columns, each of at most 9 bytes */
#define MIN_COLUMNS 20 /* for text, however deep it stands */

void cp_render_colour(struct cp_buf *out, const struct cp_render_options *options,
                      enum cp_colour colour) {
    static const char *const codes[] = {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m",
                                        "\x1b[1;32m", "\x1b[1m",    "\x1b[0m"};
    if (options->color)
        cp_buf_puts(out, codes[colour]);
}

/* ---- lines of limited width ---- */

struct canvas {
    struct cp_buf *out;
    const struct cp_report *report;
    const struct cp_render_options *options;
};

/* The bytes of the character at text, and the columns it takes: at most two where it may be a wide
 * one; outside UTF-8 each byte of it is shown as \xNN. */
static size_t measure(const char *text, const struct cp_render_options *options, size_t *columns) {
    unsigned char first = (unsigned char)*text;
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4, have = 1;
    while (have < len && ((unsigned char)text[have] & 0xc0) == 0x80)
        have++;
    if (!options->utf8)
        *columns = first < 0x80 ? 1 : 4 * have;
    else
        *columns = first < 0xe1 || (first == 0xe2 && (unsigned char)text[1] < 0xba) ? 1 : 2;
    return have;
}

static void put_character(struct cp_buf *out, const struct cp_render_options *options,
                          const char *text, size_t len) {
    if (options->utf8 || len == 1) {
        cp_buf_append(out, text, len);
        return;
    }
    for (size_t i = 0; i < len; i++)
        cp_buf_printf(out, "\\x%02X", (unsigned char)text[i]);
}

/* How much of text fits: up to a space where there is one, else up to the last column. */
static size_t fit(const char *text, size_t room, const struct cp_render_options *options) {
    size_t used = 0, at = 0, space = 0, columns;
    while (text[at] != '\0') {
        size_t len = measure(text + at, options, &columns);
        if (used + columns > room)
            return space != 0 ? space : at != 0 ? at : len;
        if (text[at] == ' ' && at != 0)
            space = at;
        used += columns;
        at += len;
    }
    return at;
}

/* Writes text behind first, and what does not fit in lines of their own behind rest; both take
 * prefix_columns. */
static void put_wrapped(const struct canvas *c, const char *first, const char *rest,
                        size_t prefix_columns, enum cp_colour colour, const char *text) {
    size_t room = prefix_columns + MIN_COLUMNS > WIDTH ? MIN_COLUMNS : WIDTH - prefix_columns;
    const char *prefix = first;
    do {
        size_t len = fit(text, room, c->options);
        cp_buf_puts(c->out, prefix);
        cp_render_colour(c->out, c->options, colour);
        for (size_t i = 0, step = 0; i < len; i += step) {
            size_t columns;
            step = measure(text + i, c->options, &columns);
            put_character(c->out, c->options, text + i, step);
        }
        cp_render_colour(c->out, c->options, CP_PLAIN);
        cp_buf_puts(c->out, "\n");
        text += len;
        while (*text == ' ')
            text++;
        prefix = rest;
    } while (*text != '\0');
}

/* ---- the tree ---- */

enum stroke { FORK, CORNER, BAR, BLANK };

static const char *stroke(const struct canvas *c, enum stroke s) {
    static const char *const utf8[] = {"\u251c\u2500 ", "\u2514\u2500 ", "\u2502  ", "   "};
    static const char *const ascii[] = {"|- ", "`- ", "|  ", "   "};
    return c->options->utf8 ? utf8[s] : ascii[s];
}

static const char *without_cn(const char *subject) {
    return strncmp(subject, "CN=", 3) == 0 && subject[3] != '\0' ? subject + 3 : subject;
}

/* "fullchain.pem:14, expires 2034-01-01" */
static void describe(char out[MAX_LINE], const struct cp_branch_cert *cert, int64_t at_s) {
    char time[CP_TIME_TEXT], line[48] = "";
    const char *word = at_s > cert->not_after_s ? "expired" : "expires";
    if (cert->line != 0)
        snprintf(line, sizeof(line), ":%zu", cert->line);
    else if (cert->certificate != 0)
        snprintf(line, sizeof(line), ", certificate %zu", cert->certificate);
    cp_time_format(time, cert->not_after_s);
    if (cert->not_after_s == INT64_MAX) {
        word = "never expires";
        time[0] = '\0';
    }
    snprintf(out, MAX_LINE, "%s%s, %s%s %.10s", cert->from, line,
             cert->origin == CP_ORIGIN_ADDED ? "added, " : "", word, time);
}

/* A run of branches that have their first depth + 1 certificates in common. */
struct node {
    size_t begin, end; /* indices of branches */
    size_t depth;      /* index of the node's certificate in them */
};

static const struct cp_branch *branch_at(const struct canvas *c, size_t index) {
    return cp_report_branch(c->report, index);
}

static bool ends_at(const struct cp_branch *branch, size_t depth) {
    return branch->num_certs == depth + 1;
}

/* The next child from *at on; false at the end. */
static bool next_child(const struct canvas *c, const struct node *node, size_t *at,
                       struct node *child) {
    while (*at < node->end && ends_at(branch_at(c, *at), node->depth))
        ++*at;
    if (*at >= node->end)
        return false;
    const void *key = branch_at(c, *at)->keys[node->depth + 1];
    *child = (struct node){.begin = *at, .depth = node->depth + 1};
    for (; *at < node->end; ++*at) {
        const struct cp_branch *branch = branch_at(c, *at);
        if (ends_at(branch, node->depth) || branch->keys[node->depth + 1] != key)
            break;
    }
    child->end = *at;
    return true;
}

static void put_failure(const struct canvas *c, const struct cp_branch *branch, size_t depth,
                        const char *prefix, size_t columns) {
    char text[MAX_LINE];
    const char *who =
        branch->culprit == depth ? "" : without_cn(branch->certs[branch->culprit].subject);
    snprintf(text, sizeof(text), "fails: %s%s%s (%s, %s)", who, who[0] == '\0' ? "" : ": ",
             branch->reason, branch->rule->id, branch->rule->source);
    put_wrapped(c, prefix, prefix, columns, CP_RED, text);
}

static void put_node(const struct canvas *c, const struct node *node, const char *first,
                     const char *rest) {
    const struct cp_branch *branch = branch_at(c, node->begin);
    const struct cp_branch_cert *cert = &branch->certs[node->depth];
    bool chosen = false, is_anchor = false, leads_on;
    struct node child = {0}, next = {0};
    char text[MAX_LINE], line[MAX_LINE + 32], below[MAX_PREFIX];
    size_t at = node->begin, columns = 3 * node->depth;
    for (size_t i = node->begin; i < node->end; i++) {
        branch = branch_at(c, i);
        chosen |= branch->is_chosen;
        is_anchor |= ends_at(branch, node->depth) && branch->is_anchored;
    }
    snprintf(line, sizeof(line), "%s%s", without_cn(cert->subject), chosen ? "  [chosen]" : "");
    put_wrapped(c, first, rest, columns, chosen ? CP_GREEN : CP_BOLD, line);
    describe(text, cert, c->report->at_s);
    snprintf(line, sizeof(line), "%s%s", is_anchor ? "trust anchor: " : "", text);
    leads_on = next_child(c, node, &at, &next);
    snprintf(below, sizeof(below), "%s%s", rest, stroke(c, leads_on ? BAR : BLANK));
    put_wrapped(c, below, below, columns + 3, CP_PLAIN, line);
    for (size_t i = node->begin; i < node->end; i++) {
        branch = branch_at(c, i);
        if (ends_at(branch, node->depth) && !branch->is_valid)
            put_failure(c, branch, node->depth, below, columns + 3);
    }
    while (leads_on) {
        child = next;
        leads_on = next_child(c, node, &at, &next);
        char head[MAX_PREFIX];
        snprintf(head, sizeof(head), "%s%s", rest, stroke(c, leads_on ? FORK : CORNER));
        snprintf(below, sizeof(below), "%s%s", rest, stroke(c, leads_on ? BAR : BLANK));
        put_node(c, &child, head, below);
    }
}

void cp_render_tree(struct cp_buf *out, const struct cp_report *report,
                    const struct cp_render_options *options) {
    const struct canvas c = {out, report, options};
    const struct node root = {.begin = 0, .end = cp_report_num_branches(report)};
    const struct cp_explanation *explanation = report->explanation;
    char line[MAX_LINE];
    if (explanation == NULL)
        return;
    cp_buf_puts(out, "\n");
    if (report->outlook_text != NULL) {
        snprintf(line, sizeof(line), "outlook: %s", report->outlook_text);
        put_wrapped(&c, "", "  ", 2, CP_PLAIN, line);
    }
    snprintf(line, sizeof(line), "paths: %zu valid, %zu failed%s", explanation->num_valid,
             explanation->num_failed,
             explanation->bound_met ? "; the search met its bound, and was ended" : "");
    put_wrapped(&c, "", "  ", 2, CP_PLAIN, line);
    if (root.end != 0)
        put_node(&c, &root, "", "");
    if (cp_report_branches_are_cut(report) && !explanation->bound_met)
        cp_buf_printf(out, "(only the first %d of each are shown)\n", CP_MAX_BRANCHES);
    cp_buf_puts(out, "\n");
}
