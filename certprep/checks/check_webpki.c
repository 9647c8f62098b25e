/* CP10: the Baseline Requirements, by the tables of webpki/. */
#include "webpki/webpki.h"

#include "../ip.h"

struct rule {
    enum cp_check check;
    bool (*is_broken)(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]);
    unsigned where;
    int64_t since_s;
    const char *text;
};

static const struct rule rules[] = {
#define RULE(check, function, where, since, text)                                                  \
    {CP_CHECK_##check, cp_webpki_##function, CP_WEBPKI_##where, CP_BR_##since, text},
#include "webpki/rules.def"
#undef RULE
};

struct name_rule {
    enum cp_check check;
    bool (*is_broken)(const struct cp_webpki_name *name);
    int64_t since_s;
    const char *text;
};

static const struct name_rule name_rules[] = {
#define NAME_RULE(check, function, since, text)                                                    \
    {CP_CHECK_##check, cp_webpki_name_##function, CP_BR_##since, text},
#include "webpki/name_rules.def"
#undef NAME_RULE
};

#define NUM_NAME_RULES (sizeof(name_rules) / sizeof(name_rules[0]))

static void check_rules(struct cp_report *report, const struct cp_webpki *w) {
    char detail[CP_WEBPKI_DETAIL], label[CP_CERT_LABEL];
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule *rule = &rules[i];
        detail[0] = '\0';
        if ((rule->where & w->place) == 0 || w->cert->not_before_s < rule->since_s ||
            !rule->is_broken(w, detail))
            continue;
        cp_report_cert_label(label, report, w->cert);
        cp_report_at_cert(report,
                          cp_report_add(report, rule->check, "%s %s%s%s", label, rule->text,
                                        detail[0] == '\0' ? "" : ": ", detail),
                          w->cert);
    }
}

static void add_name(struct cp_report *report, const struct name_rule *rule,
                     const struct cp_webpki_name *name, const struct cp_cert *leaf) {
    char label[CP_CERT_LABEL], shown[CP_WEBPKI_DETAIL];
    if (name->given.kind == CP_GN_IP)
        cp_ip_format(shown, name->given.value);
    else
        (void)cp_escape(shown, sizeof(shown), name->given.value);
    cp_report_cert_label(label, report, leaf);
    cp_report_at_cert(
        report, cp_report_add(report, rule->check, "%s %s: %s", label, rule->text, shown), leaf);
}

/* So many names are judged: more than any public CA issues for. */
#define MAX_JUDGED 10000

/* A rule that was broken once is not asked again. */
static void check_names(struct cp_report *report, const struct cp_cert *leaf) {
    struct cp_span names = leaf->subject_alt_names;
    struct cp_general_name given;
    struct cp_webpki_name name;
    bool broken[NUM_NAME_RULES] = {false};
    for (size_t n = 0; n < MAX_JUDGED && cp_general_name_next(&names, &given); n++) {
        cp_webpki_name_read(&name, &given);
        for (size_t i = 0; i < NUM_NAME_RULES; i++) {
            if (broken[i] || leaf->not_before_s < name_rules[i].since_s ||
                !name_rules[i].is_broken(&name))
                continue;
            broken[i] = true;
            add_name(report, &name_rules[i], &name, leaf);
        }
    }
}

static bool is_wanted(const struct cp_report *report) {
    switch (report->profile) {
    case CP_PROFILE_WEBPKI:
        return true;
    case CP_PROFILE_AUTO: /* only those CAs are bound to the BR */
        return report->trust != NULL && report->trust->is_system && report->path.valid &&
               report->path.path.anchored;
    default:
        return false;
    }
}

enum cp_status cp_check_webpki(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_path *path = &report->path.path;
    struct cp_webpki w;
    (void)err;
    if (report->leaf == NULL || !is_wanted(report))
        return CP_OK;
    for (size_t i = 0; i < path->num_certs; i++) {
        bool is_top = i + 1 == path->num_certs;
        bool is_anchor = is_top && path->anchored;
        if (is_anchor && i > 0 && report->profile == CP_PROFILE_AUTO)
            break;
        unsigned place = i == 0 ? CP_WEBPKI_LEAF
                         : is_top && cp_cert_is_self_issued(path->certs[i])
                             ? CP_WEBPKI_ROOT
                             : CP_WEBPKI_INTERMEDIATE;
        cp_webpki_read(&w, path->certs[i], is_top ? NULL : path->certs[i + 1], place);
        w.hosts = report->hosts;
        w.num_hosts = report->num_hosts;
        check_rules(report, &w);
    }
    check_names(report, report->leaf);
    return CP_OK;
}
